/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The law of S = N2(z_1) + .. + N2(z_n), the coordinates z_j independent of the lift's marginal, as far as labels
 * depend on it (numeric/lift.h): where no z_j lies in an R_k, at most `most` lie in the S_k, and S < 1. There it
 * has an atom at 0 and a density on (0,1),
 *     sum over r = 1 .. most of C(n,r) (1 - 2 rho)^(n-r) p^(*r)(s),
 * p the density of one N2(z_j) on (0,1), of mass rho, and p^(*r) its r-fold convolution, which on (0,1) is
 * s^(r-1) times a smooth function. At q = 2 it is the same given any cells of the z_j [theorems.md S0-gram].
 * + - * / and SLEEF's cinz functions, in a fixed order: the same bits everywhere. */
#ifndef SB_NUMERIC_LIFT_SUM_H
#define SB_NUMERIC_LIFT_SUM_H

#include "numeric/lift.h"

enum { SB_LIFT_SUM_TERMS = 32 };

struct sb_lift_sum {
    double none;                    /* Pr[S = 0] */
    double coef[SB_LIFT_SUM_TERMS]; /* the density's Chebyshev coefficients on [0,1] */
};

/* Of n <= 63 coordinates, of which at most `most` are nonzero. */
void sb_lift_sum_init(const struct sb_lift *lift, uint32_t n, uint32_t most,
                      struct sb_lift_sum *out);
bool sb_lift_sum_has_density(const struct sb_lift_sum *sum);
/* The density at s in [0,1], to 1e-13 of its largest value. */
double sb_lift_sum_density(const struct sb_lift_sum *sum, double s);
/* At least its size on the complex disc. */
double sb_lift_sum_on_disc(const struct sb_lift_sum *sum, double centre, double radius);

/* The label number that a function's value v in [0,1] is lifted to, where no coordinate is in an R_k and at most m
 * in the S_k: v g(s), or R(v - s) of the dv lift. */
double sb_lift_of(const struct sb_lift *lift, double v, double s);
/* E y^2 of y, v lifted, with S as `sum` says. */
double sb_lift_square(const struct sb_lift *lift, const struct sb_lift_sum *sum, double v);
/* Pr[y != 0] at v = 1. */
double sb_lift_support(const struct sb_lift *lift, const struct sb_lift_sum *sum);

#endif
