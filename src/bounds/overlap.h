/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Hidden directions as numbers: chi, the correlation of two of them as a function of their overlap t = <u,v>, and the
 * law of t for directions that are independent and uniform on the sphere of R^dim:
 *     t^2 ~ Beta(1/2, (dim-1)/2),  density of t: (1 - t^2)^((dim-3)/2) / B(1/2, (dim-1)/2). */
#ifndef SB_BOUNDS_OVERLAP_H
#define SB_BOUNDS_OVERLAP_H

#include "numeric/line.h"

/* sum_{k>=1} c_k^2 |t|^k <= sum_{k<n} square[k] |t|^k + rest |t|^n, from above: at least |chi(t)|, increasing in |t|, and
 * chi(|t|) itself but for rounding and the rest. */
struct sb_chi {
    double *square; /* n, owned; square[0] = 0 */
    size_t n;
    double rest;
};
enum { SB_CHI_TERMS = 4096 };
/* Of a line that has a density. many: not only the line's own coefficients but SB_CHI_TERMS, where they can be had (of
 * mixtures): what is close to |t| = 1 needs them. Takes some 10 ms then. 0 or -ENOMEM. */
int sb_chi_init(struct sb_chi *chi, const struct sb_line *line, bool many);
void sb_chi_fini(struct sb_chi *chi);
/* At least |chi(t)|, |t| <= 1. */
double sb_chi_at(const struct sb_chi *chi, double t);

/* Pairs of directions with |t| >= tau, where tau^2 = 1 - u. */
struct sb_overlap {
    uint32_t dim;
    double u, tau;
    double share;    /* Pr[|t| >= tau]; at least */
    double share_lb; /* and at most */
    double edge;     /* of the recurrence, below */
    double outward;  /* what it computes is within this factor, 1 + a little */
};
enum { SB_OVERLAP_DIM = 1 << 20 }; /* dim at most, and at least 2 */
/* 0 < u <= sb_overlap_most(dim); share is at least 2^-1021 where u >= sb_overlap_least(dim). */
void sb_overlap_init(struct sb_overlap *o, uint32_t dim, double u);
double sb_overlap_most(uint32_t dim);
double sb_overlap_least(uint32_t dim);
/* At least E[chi(|t|) given |t| >= tau]; decreasing in u but for rounding. *rest_out (may be NULL): what of that is the
 * rest's. */
double sb_overlap_mean(const struct sb_overlap *o, const struct sb_chi *chi, double *rest_out);

/* The least overlap beyond which the mean of chi is at most g > 0: NULL, or a line that says why there is none. */
const char *sb_overlap_solve(const struct sb_line *line, uint32_t dim, double g,
                             struct sb_overlap *out);

#endif
