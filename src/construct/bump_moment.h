/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Moments of one bump in double [moments.md 1.3, 1.4]: M_k(h, eps) = h^k G_k(eps),
 *     G_k = mass + eps int_0^1 (1-u)^k (phi(p - eps u) + phi(q + eps u)) du,
 * by Gauss-Legendre with 48 nodes: no cancellation, exact to rounding for k to 60. */
#ifndef SB_CONSTRUCT_BUMP_MOMENT_H
#define SB_CONSTRUCT_BUMP_MOMENT_H

#include "construct/moments.h"

/* M_k of a bump of height h on one side, k >= 0. */
double sb_bump_moment(const struct sb_bump *bump, double h, double eps, uint32_t k);
/* dM_k/deps; at eps = 0 it is h^k (phi(p) + phi(q))/(k + 1). dM_k/dh is (k/h) M_k. */
double sb_bump_moment_by_eps(const struct sb_bump *bump, double h, double eps, uint32_t k);

/* Z_il = M_2l of bump i, l = 1 .. n, row-major [CLL22, Sec. 4.3]; by_eps: the derivatives, or
 * NULL. */
void sb_bump_matrix(const struct sb_moments *placed, const double *h, double eps, double *z,
                    double *by_eps);
/* The least singular value of Z, from its inverse in balls; 0 where it could not be computed. */
double sb_bump_sigma(const struct sb_moments *placed, const double *h, double eps);

#endif
