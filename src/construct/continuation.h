/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Heights along eps in double: Newton continuation of r_l(h, eps) = E he_2l(f(g)) = 0, l = 1 ..
 * n, he_k the orthonormal Hermite polynomials [moments.md 1.6]. Made of + - * / sqrt and SLEEF's
 * exp in a fixed order: the same bits everywhere, since the horizon is decided here. */
#ifndef SB_CONSTRUCT_CONTINUATION_H
#define SB_CONSTRUCT_CONTINUATION_H

#include "construct/moments.h"

/* Where the solution is at eps. */
struct sb_heights {
    double eps;
    double h[SB_MOMENTS_BUMPS];
    double residual; /* the largest |r_l| */
};

/* r_l, and the Jacobians against h (n x n, row l) and eps; NULL: not wanted. */
void sb_heights_residual(const struct sb_moments *placed, const struct sb_heights *at, double *r,
                         double *jacobian, double *by_eps);
/* jacobian (n x n, destroyed) x = b; b becomes x. The sign of the determinant, 0 where there is
 * no solution. */
int sb_heights_solve(uint32_t n, double *jacobian, double *b);

/* From eps = 0, where heights are the nodes, to `target`, at most placed->collision. 0; 1: the
 * branch folds on the way, at out->eps (the Jacobian is singular there), to a relative 1e-6. */
int sb_heights_follow(const struct sb_moments *placed, double target, struct sb_heights *out);

#endif
