/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sums with a proven error. Knuth's two-sum gives the rounding error of each addition exactly, so a
 * sum whose errors were all zero is exact, and any other is compensated [ORO05, Sum2].
 * [ORO05, Prop. 4.5]: |result - sum| <= u |sum| + g^2 sum|a|, g = (n-1)u/(1-(n-1)u), u = 2^-53. */
#ifndef SB_NUMERIC_SUM_H
#define SB_NUMERIC_SUM_H

#include <stdbool.h>
#include <stdint.h>

struct sb_sum {
    double high;     /* the running sum */
    double low;      /* the sum of its rounding errors */
    double absolute; /* at least sum |a|, up to (n-1)u relative */
    uint64_t n;
    bool inexact; /* some rounding error was not 0 */
};

static inline void sb_sum_init(struct sb_sum *s)
{
    *s = (struct sb_sum){ 0 };
}

static inline void sb_sum_add(struct sb_sum *s, double a)
{
    const double t = s->high + a;
    const double b = t - s->high;
    const double error = (s->high - (t - b)) + (a - b);

    s->high = t;
    s->low += error;
    s->absolute += a < 0 ? -a : a;
    s->inexact |= error != 0;
    s->n++;
}

/* The sum, and in *error_out a bound of |result - true sum|: 0 when every addition was exact. */
double sb_sum_value(const struct sb_sum *s, double *error_out);

#endif
