/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Laws A on the line: what is hidden along a direction [DKS17]. Two kinds:
 *
 *   mixture   X = offset_i + slope_i z + noise g, z standard Gaussian in [lo_i, hi_i] of piece i, g another one.
 *             A plateau of a bump has slope 0, a ramp another slope, a Gaussian component all of the line; with
 *             noise = 0 plateaus are atoms. Densities in closed form [moments.md 3].
 *   stated    a user's: a density and a sampler, functions.
 *
 * What is asked for is the law of <u,x>, x ~ P_v^A, |u| = 1, rho = <u,v>: that of rho X + sqrt(1 - rho^2) g.
 * Made of + - * / sqrt and SLEEF's cinz functions: the same bits everywhere. */
#ifndef SB_NUMERIC_LINE_H
#define SB_NUMERIC_LINE_H

#include "base/diag.h"
#include "numeric/panels.h"
#include "numeric/random.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    SB_LINE_PIECES = 512,       /* of a mixture, at most */
    SB_LINE_COEFFICIENTS = 257, /* E h_k(X), k = 0 .. 256 */
};

/* The pieces of one component stand together, in increasing order of z, from -inf to +inf, and have one weight: where
 * X is 0, too, there is a piece. With a slope other than 0 a piece is all of the line, or its ends are finite. */
struct sb_line_piece {
    double lo, hi; /* ends of z */
    double offset, slope;
    double weight; /* of the component that it is of */
    double mass;   /* weight (Phi(hi) - Phi(lo)); the masses sum to 1 */
};

/* A user's law. Density against dt, at n <= SB_PANEL_POINTS points; nothing of it is outside [from, to], and it is
 * smooth but at the cuts (increasing). draw: numbers start .. start+n-1 of a stream, n <= 1024. */
struct sb_line_stated {
    void *self;
    void (*density)(void *self, size_t n, const double *t, double *out);
    void (*draw)(void *self, struct sb_key key, uint64_t stream, uint64_t start, uint64_t n,
                 double *out);
    double from, to;
    const double *cut; /* borrowed */
    size_t n_cuts;
};

struct sb_line {
    size_t n_pieces;
    struct sb_line_piece *piece;  /* owned, n_pieces */
    double noise;                 /* >= 0 */
    struct sb_line_stated stated; /* density NULL: a mixture */

    /* What densities and draws go through, owned: pieces that are one law, as the plateaus at one height, become
     * one term; components by the sum of the weights up to each, and the first piece of it. */
    size_t n_terms, n_components;
    struct sb_line_piece *term;
    double *weight_up_to; /* n_components */
    size_t *first;        /* n_components + 1 */

    uint32_t
        matched;    /* E h_k(X) = 0 for k = 1 .. matched: said by the maker, and then exact here */
    bool symmetric; /* X and -X have one law */
    double coefficient[SB_LINE_COEFFICIENTS]; /* c_k = E h_k(X), h_k orthonormal; c_0 = 1 */
    double coefficient_error;                 /* of each, at most */
    double chi2;     /* chi^2(A, N(0,1)), at least; infinity where there is none */
    double tail2;    /* at least the sum of c_k^2, k >= SB_LINE_COEFFICIENTS; infinity with chi2 */
    double ratio_ub; /* A/phi is at most this; infinity: no density, or it is unbounded */
};

/* A mixture of n pieces (copied; masses are worked out where they are 0). coefficients: SB_LINE_COEFFICIENTS numbers that
 * are known better, to `error`, or NULL: they are integrated. 0, -ENOMEM, or -EINVAL with a line: pieces that are not
 * as above, weights that do not sum to 1 to 1e-9, a matched degree whose coefficient is above 1e-9 (which, and by how
 * much). With noise 0 a law is taken to have a density where all pieces are whole Gaussians, and not else. */
int sb_line_mixture(size_t n, const struct sb_line_piece *piece, double noise, uint32_t matched,
                    const double *coefficients, double error, struct sb_line **out,
                    struct sb_diag *diag);
/* A stated law (cuts are copied, self is borrowed): looked at on panels of length 1/8 between its cuts. ratio_ub is the
 * largest ratio found there and 1% more, and 1 + chi2, tail2 and coefficients are sums over the panels. Errors: matched
 * degrees as above; a density that is negative, does not integrate to 1 to 1e-9, or is not smooth where it has no cut;
 * a sampler whose draws contradict it at failure probability 1e-6. */
int sb_line_of_density(const struct sb_line_stated *stated, uint32_t matched, struct sb_line **out,
                       struct sb_diag *diag);
void sb_line_free(struct sb_line *line);

/* Has it a density against N(0,1), square integrable? */
static inline bool sb_line_has_density(const struct sb_line *line)
{
    return line->chi2 < 1e300;
}

/* out[i] = the density of rho X + sqrt(1 - rho^2) g at t[i], |rho| <= 1, n <= SB_PANEL_POINTS; relative error 1e-13 or
 * 1e-300. Not where rho^2 = 1 and the law has atoms. */
void sb_line_density(const struct sb_line *line, double rho, size_t n, const double *t,
                     double *out);
/* out[i] = the density of X over that of N(0,1), at t[i]; at most ratio_ub. n <= 1024. Where the line has a density. */
void sb_line_ratio(const struct sb_line *line, size_t n, const double *t, double *out);
/* out[i] = 1 + sum_{k=1}^{n_a-1} a[k] h_k(t[i]), n_a >= 2: with a[k] = c_k rho^k the density of rho X + sqrt(1 - rho^2) g
 * over that of N(0,1), but for the terms left out. */
void sb_line_ratio_sum(size_t n_a, const double *a, size_t n, const double *t, double *out);
/* Pr[rho X + sqrt(1 - rho^2) g <= t], to 1e-13. */
double sb_line_cdf(const struct sb_line *line, double rho, double t);
/* Draws of X, number start .. start+n-1 of the stream; n <= 1024. Draw i is made of the Gaussians number 2i and
 * 2i + 1, z and g; where there are several components, by the uniform number 2^60 + i. */
void sb_line_draw(const struct sb_line *line, struct sb_key key, uint64_t stream, uint64_t start,
                  uint64_t n, double *out);

/* rho, and 1 - rho^2 beside it: where |rho| is near 1 it is not known from rho. */
struct sb_tilt {
    double rho, across2;
};
static inline struct sb_tilt sb_tilt_of(double rho)
{
    return (struct sb_tilt){ rho, (1 - rho) * (1 + rho) };
}

/* The law of rho X + sqrt(1 - rho^2) g as what panels are cut for (numeric/panels.h); borrows `room`, whose size is
 * public. Atoms that remain at |rho| = 1 are none of its business: false then. */
struct sb_line_measure {
    const struct sb_line *line;
    struct sb_tilt at;
    double narrowest; /* variance of the narrowest Gaussian in it */
    size_t n_series;  /* 0: by the terms */
    double series[SB_LINE_COEFFICIENTS];
    struct sb_panel_measure measure;
};
bool sb_line_measure(const struct sb_line *line, struct sb_tilt at, struct sb_line_measure *room);

/* E[f(rho X + sqrt(1 - rho^2) g)] of the functions of f, which has no measure yet, kinks increasing; atoms included.
 * Half-width in *error_out, of each. 0; 1: not to be had to 1e-12 of f->size, or, *error_out being infinite, not at all:
 * too many panels; a negative errno. */
int sb_line_integrate_at(const struct sb_line *line, struct sb_tilt at,
                         const struct sb_integrand *f, const double *kinks, size_t n_kinks,
                         double *out, double *error_out);
/* The same, of rho alone. */
int sb_line_integrate(const struct sb_line *line, double rho, const struct sb_integrand *f,
                      const double *kinks, size_t n_kinks, double *out, double *error_out);

/* chi_rho = sum_{k>=1} c_k^2 rho^k = chi_N(P_v, P_v'), rho = <v,v'> [moments.md 3; sq.md C0], to *error_out. Where the
 * line has a density; rho = 1: chi^2. */
double sb_line_chi(const struct sb_line *line, double rho, double *error_out);

#endif
