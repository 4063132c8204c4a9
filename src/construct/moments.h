/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The moment-matching step function with ramps of Chen, Li and Li [CLL22, Section 4]: f = sum of
 * m - 1 trapezoids, odd in z, whose output f(g) has the moments of N(0,1) up to m. Only bumps z >
 * 0 are kept, i = 1 .. n, innermost first; the other half is (-c, w, -h). Constants are enclosed
 * by ball arithmetic (Arb) and rounded once, so that they are the same bits everywhere; the
 * double-precision routes here are compared with them by tests. */
#ifndef SB_CONSTRUCT_MOMENTS_H
#define SB_CONSTRUCT_MOMENTS_H

#include "base/diag.h"
#include "numeric/line.h"

#include <stdint.h>

enum { SB_MOMENTS_MOST = 41, SB_MOMENTS_BUMPS = (SB_MOMENTS_MOST - 1) / 2 };

/* Ramps end at p - eps and q + eps: the plateau of bump i is [p, q], of height h. */
struct sb_bump {
    double p, q, centre, half_width;
    double mass;   /* Pr[g in [p,q]], of the rounded edges */
    double height; /* at eps */
    double node;   /* at eps = 0: of the m-point Gauss-Hermite rule */
    double weight; /* of that node */
};

struct sb_moments {
    uint32_t m, n; /* n = (m - 1)/2 */
    double eps;
    double collision; /* half of the least gap: where ramps meet */
    double fold;      /* where the branch of solutions ends; infinity: not before the collision */
    double horizon;   /* half of the lesser one, two digits, rounded down */
    double lambda0, kappa;
    struct sb_bump bump[SB_MOMENTS_BUMPS];
    double moment[2 * SB_MOMENTS_MOST + 1];   /* E f(g)^k, k <= 2m */
    double coefficient[SB_LINE_COEFFICIENTS]; /* E h_k(f(g)): 0 for k = 1 .. m and odd k, exactly */
    double residual; /* of the rounded heights: the largest of |E h_k(f(g))|, 1 <= k <= m */
    double radius;   /* all balls that were rounded had at most this relative radius */
};

/* eps: 0 takes the horizon. 0, -ENOMEM, or -EINVAL with a line: m even or out of [3,
 * SB_MOMENTS_MOST], eps negative or past the fold or the collision, or one that cannot be
 * polished in double (with the residual): some m beyond 31, and ramps so narrow that double
 * hardly sees them. */
int sb_moments_new(uint32_t m, double eps, struct sb_moments **out, struct sb_diag *diag);
void sb_moments_free(struct sb_moments *moments);

/* D' = the law of sqrt(1 - sigma^2) f(z1) + sigma z2, 0 < sigma < 1, as a mixture of plateaus and
 * ramps. */
int sb_moments_line(const struct sb_moments *moments, double sigma, struct sb_line **out,
                    struct sb_diag *diag);
/* The law of the step function at eps = 0 that has the m nodes as heights on intervals of their
 * weights' mass (zero node included): the Gauss-Hermite rule itself, m atoms [CLL22, Cor. 4.2];
 * matched 2m - 1; with noise sigma >= 0 scaled as above (the pancakes of [DKS17]). m in [1,
 * SB_MOMENTS_MOST], any parity. */
int sb_moments_atoms(uint32_t m, double sigma, struct sb_line **out, struct sb_diag *diag);

#endif
