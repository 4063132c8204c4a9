/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bounds on the largest eigenvalue of a symmetric matrix. */
#ifndef SB_BOUNDS_EIGENVALUE_H
#define SB_BOUNDS_EIGENVALUE_H

#include <stdbool.h>
#include <stddef.h>

/* Around lambda_max of every symmetric matrix whose entries are within `error` of those of K (n x n,
 * n >= 1). The lower bound is a Rayleigh quotient. The upper one is a number s of which a Cholesky
 * factorisation has shown that s I - K is positive semidefinite, its rounding counted in [Rump06;
 * Higham02, Thm 10.3], or Gershgorin's largest row sum, whichever is less. 0 or -ENOMEM. */
int sb_largest_eigenvalue(const double *K, size_t n, double error, double *lb_out, double *ub_out);

/* Does the factorisation of the n x n matrix a (its lower part, overwritten) run to its end? */
bool sb_cholesky(double *a, size_t n, double *panel);
/* Doubles in `panel`. */
size_t sb_cholesky_room(size_t n);

#endif
