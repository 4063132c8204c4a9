/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The empirical-Bernstein bound with stopping. */
#include "estimate/bernstein.h"

#include <math.h>
#include <sleef.h>

double sb_bernstein_log(double delta, uint32_t k)
{
    return Sleef_cinz_logd1_u10purec(4 * (k + 1.0) * (k + 2.0) / delta) * (1 + 0x1p-50);
}

double sb_bernstein(double variance, uint64_t n, double range, double log_term)
{
    const double count = (double)n;

    return (sqrt(2 * (variance > 0 ? variance : 0) * log_term / count) +
            7 * range * log_term / (3 * (count - 1)) + SB_BERNSTEIN_ROUNDING * range) *
           (1 + 0x1p-40);
}

double sb_bernstein_worst(struct sb_tolerance tolerance, double range, double share, double delta)
{
    const double value = tolerance.value, log_last = sb_bernstein_log(delta, 80);
    double need;

    if (tolerance.rule == SB_RULE_STAT)
        need = range * range * log_last / (2 * share * share * value * value) +
               5 * range * log_last / (share * value);
    else
        need = 2 * value * log_last / (share * share) + 5 * value * log_last / share;
    return 3 * need;
}

double sb_block_sum(const double *v, uint64_t n)
{
    double s = 0;

    for (uint64_t i = 0; i < n; i++)
        s += v[i];
    return s;
}

void sb_moments_add(struct sb_moments *m, const double *v, const double *squared, uint64_t n)
{
    sb_sum_add(&m->sum, sb_block_sum(v, n));
    sb_sum_add(&m->sum_of_squares, sb_block_sum(squared, n));
}

void sb_moments_bound(const struct sb_moments *m, uint64_t n, double lo, double range,
                      double log_term, double *mean_out, double *half_width_out)
{
    const double count = (double)n;
    double error;
    const double s = sb_sum_value(&m->sum, &error);
    const double s2 = sb_sum_value(&m->sum_of_squares, &error);
    const double variance =
        (s2 - s * (s / count)) / (count - 1) + SB_BERNSTEIN_ROUNDING * range * range;

    *mean_out = lo + s / count;
    *half_width_out = sb_bernstein(variance, n, range, log_term);
}
