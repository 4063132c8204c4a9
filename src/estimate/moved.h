/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is public of laws that move x (estimate/law.h), and how far means under them are known from it.
 *
 * f takes values in [lo, hi], c is the middle and r half the length; w >= 0 is the density of x under some law of the
 * family against the public marginal, at most W, E w = 1. At a public point such a law's value of a query is taken to be
 *     v = c + sum_l w_l (f(x, l) - c),  w = sum_l w_l,
 * whose mean is the query's, for E w = 1. Then |v - E v| <= (W + 1) r, since |v - c| <= W r and |E v - c| <= r; and
 * Var v <= r^2 E w^2. Of a density that is 1 everywhere, the null's, v is f's mean over the labels.
 *
 * And for g of x alone in [lo, hi], by Cauchy and Schwarz, E w g is within sqrt((E w^2 - 1) Var g) of E g, where Var g
 * <= (hi - E g)(E g - lo) [BD00, Theorem 1]: the means that a hidden law can give, from public numbers. */
#ifndef SB_ESTIMATE_MOVED_H
#define SB_ESTIMATE_MOVED_H

#include "estimate/law.h"

struct sb_moved {
    double centre;    /* c */
    double deviation; /* at least |v - E v| */
    double variance;  /* at least Var v */
};
/* Of queries to [lo, hi]; rounded up, infinite where the law has no density. */
struct sb_moved sb_moved_bounds(const struct sb_law *law, double lo, double hi);

/* How far E w g can be from E g, which is in [mean_lo, mean_hi]; g in [lo, hi]. Rounded up. */
double sb_moved_shift(const struct sb_law *law, double lo, double hi, double mean_lo,
                      double mean_hi);

/* So many i.i.d. points of a mean are within h of its expectation but for probability 2 exp(-log_needed), by
 * Bernstein's inequality [BLM13, Theorem 2.10]: 2 (variance + deviation h / 3) log_needed / h^2, rounded up. */
double sb_moved_points(const struct sb_moved *m, double h, double log_needed);

#endif
