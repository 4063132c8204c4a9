/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The empirical-Bernstein bound at a fixed number of draws. */
#include "estimate/bernstein.h"

#include "estimate/betting.h"

#include <math.h>

/* Sums of blocks of at most SB_BLOCK terms, each at most R in size: a block's rounding is at most
 * SB_BLOCK 2^-53 relative, and so is the mean's; charged at eight times that, relative to R. */
#define ROUNDING 0x1p-40

static double block_sum(const double *v, uint64_t n)
{
    double s = 0;

    for (uint64_t i = 0; i < n; i++)
        s += v[i];
    return s;
}

void sb_moments_add(struct sb_moments *m, const double *v, const double *squared, uint64_t n)
{
    sb_sum_add(&m->sum, block_sum(v, n));
    sb_sum_add(&m->sum_of_squares, block_sum(squared, n));
}

void sb_moments_bound(const struct sb_moments *m, uint64_t n, double lo, double range, double delta,
                      double *mean_out, double *half_width_out)
{
    const double count = (double)n, l = sb_bets_log(4 / delta);
    double error;
    const double s = sb_sum_value(&m->sum, &error);
    const double s2 = sb_sum_value(&m->sum_of_squares, &error);
    const double v = (s2 - s * (s / count)) / (count - 1) + ROUNDING * range * range;

    *mean_out = lo + s / count;
    *half_width_out = (sqrt(2 * (v > 0 ? v : 0) * l / count) + 7 * range * l / (3 * (count - 1)) +
                       ROUNDING * range) *
                      (1 + 0x1p-40);
}
