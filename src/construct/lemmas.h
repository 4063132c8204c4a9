/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The lemmas of [CLL22, Section 4] as numbers: what they say is at least or at most some power of
 * m is measured on one construction. In double; nothing is decided by it. */
#ifndef SB_CONSTRUCT_LEMMAS_H
#define SB_CONSTRUCT_LEMMAS_H

#include "construct/moments.h"

struct sb_lemmas {
    /* Lemma 4.1, of the nodes but 0 */
    double node_span;   /* max |h| / sqrt(m) */
    double node_gap;    /* least distance times sqrt(m) */
    double weight_rate; /* -ln(least weight) / m */
    double zero_weight; /* lambda_0 sqrt(m) */
    /* Lemma 4.4, of the placement */
    double bump_gap;   /* the least gap times m^(3/2), at eps = 0 */
    double height_gap; /* the least distance of heights at eps */
    double mass_rate;  /* -ln(least mass) / m */
    double endpoint;   /* where the last plateau ends */
    /* Lemmas 4.7 and 4.8, of Z */
    double sigma_start; /* least singular value of Z at eps = 0 */
    double sigma_rate;  /* -ln of it / (m ln m) */
    double sigma_lb;    /* what Fact 2.1 proves of it, by the Vandermonde matrix of h^2 */
    double sigma_end;   /* at eps */
    double
        half_radius; /* |h' - h|, eps' <= this at eps = 0: Z keeps half its least singular value */
    /* Theorem 2.2 (Peano): the flow lasts to radius / speed, where the speed on that
     * neighbourhood is */
    double peano_proven;   /* as Lemma 4.10 bounds it */
    double peano_measured; /* the largest at points in it */
};

/* false: a singular value could not be computed. */
bool sb_moments_lemmas(const struct sb_moments *moments, struct sb_lemmas *out);

/* [CLL22, Fact 2.1], as it holds for nodes of any size: the least singular value of the
 * Vandermonde matrix z_j^(i-1), i, j = 1 .. n, is at least 1/(sqrt(n) max_i prod_{j != i} (1 +
 * |z_j|)/|z_i - z_j|): the products bound the rows of its inverse, the coefficients of Lagrange's
 * polynomials, in the 1-norm. */
double sb_vandermonde_sigma_lb(uint32_t n, const double *z);

/* [CLL22, Fact 4.3]: the largest weight of the network for f, (h/eps) max(1, q + eps) of any
 * bump. */
double sb_moments_weight(const struct sb_moments *moments);

#endif
