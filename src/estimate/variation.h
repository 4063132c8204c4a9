/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How far a density that somebody states is from a law with a hidden direction, in total variation along that
 * direction: with h >= 0 the density against N(0,I), q = h / E_N[h], and bins that cut the line,
 *     TV_v = (1/2) sum over bins b of |Q(<v,x> in b) - A(b)|,
 * which is no more than the distance of the laws themselves in R^d: it is that of their images under a function of
 * x, and images are no farther apart. Two densities that agree along v may differ elsewhere: a loss of 0 does not mean
 * that the law was found. The bins are public, made from A alone, and so are the points.
 *
 * From n public points, h in [0,W]: TV_v = max over sets S of bins of E[h (1_S - A(S))] / E[h]. Each of these is
 * the mean of a variable of size at most W and of variance at most E[h^2]; Bernstein's inequality and a union bound
 * over the 2^B sets, of which the complement takes care of the other sign, give
 *     |D - D_n| <= (2 V L / n)^{1/2} + W L / (3 n),   L = B ln 2 + ln(1/delta),
 * and in the same way of E[h]; V >= E[h^2] by the lower tail of non-negative variables, which needs no
 * variance: mean >= y - (2 W^2 y L / n)^{1/2} with y = E[h^2] [BLM13]. Members share the failure
 * probability evenly (docs/certificates.md, Densities). */
#ifndef SB_ESTIMATE_VARIATION_H
#define SB_ESTIMATE_VARIATION_H

#include "base/fuse.h"
#include "estimate/family.h"
#include "numeric/line.h"

enum { SB_VARIATION_QUANTILES = 16, SB_VARIATION_CROSSINGS = 24 };
enum { SB_VARIATION_BINS = SB_VARIATION_QUANTILES + SB_VARIATION_CROSSINGS };

/* The line in n bins, from one edge up to the next; cut where A's mass is shared evenly and where A is as dense as
 * N(0,1), so that little is lost of how far these two are apart. */
struct sb_variation_bins {
    size_t n;
    double edge[SB_VARIATION_BINS - 1]; /* n - 1, increasing */
    double mass[SB_VARIATION_BINS];     /* A(bin) */
};
/* line: with a density. */
void sb_variation_bins(const struct sb_line *line, struct sb_variation_bins *out);

/* h at public points 0 .. n-1 of this key, of stream 0 of the null's marginal; in [0, most]. */
struct sb_stated_density {
    struct sb_key key;
    uint64_t n; /* a multiple of SB_BLOCK */
    double *h;  /* n, owned by whoever made it */
    double most;
};

struct sb_variation {
    double value,
        half_width; /* 1 by convention where h is 0 at all points; [0,1] is known where it nearly is */
};
/* Along the directions of members first .. first + n_members - 1, from the first n_points <= h->n points (a multiple of
 * SB_BLOCK); all of them but for probability `failure`. 0, -ENOMEM, -ETIME. Only where family->ngca has a density. */
int sb_variation_along(const struct sb_family *family, const struct sb_stated_density *h,
                       uint64_t n_points, uint64_t first, uint64_t n_members, double failure,
                       const struct sb_fuse *fuse, struct sb_variation *out);

#endif
