/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The flow of heights of [CLL22, Section 4.3] in double, by GSL's Runge-Kutta method of Prince
 * and Dormand (rk8pd): the paper's way to the heights, beside which Newton continuation is held.
 * Families do not use it.
 *
 * With Z_il = M_2l of bump i, A = diag(1/h_i), B = diag(2l), b_l = -sum_i dM_2l of bump i/deps,
 * the even moments stay where B Z^T A h' = b, so h' = A^-1 Z^-T B^-1 b (the paper prints another
 * order, which does not keep them). */
#ifndef SB_CONSTRUCT_FLOW_H
#define SB_CONSTRUCT_FLOW_H

#include "construct/moments.h"

struct sb_flow {
    double h[SB_MOMENTS_BUMPS]; /* at the end */
    double drift;               /* along the way: the largest |E f^2l / (2l-1)!! - 1|, l = 1 .. n */
    double unsolved;    /* the largest residual of the linear equations, of |b_l| and the terms */
    double speed;       /* the largest |h'| */
    double speed_share; /* the largest |h'| / (max|h| |(b_l/2l)|_2 / sigma_min(Z)), at most 1 */
    uint64_t steps;
};

/* h' at (h, eps). *unsolved_out as above, of this point; NULL: not wanted. False: Z is singular. */
bool sb_flow_speed(const struct sb_moments *placed, const double *h, double eps, double *speed,
                   double *unsolved_out);

/* From eps = 0, where heights are the nodes. fixed_steps: so many equal ones, or 0: by relative
 * errors of 1e-12 a step. 0, -ENOMEM, or -EINVAL with a line: it got stuck (past the fold). */
int sb_flow_run(const struct sb_moments *placed, double eps, uint64_t fixed_steps,
                struct sb_flow *out, struct sb_diag *diag);

#endif
