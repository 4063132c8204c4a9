/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bounds of means under laws that move x. */
#include "estimate/moved.h"

#include <math.h>

#define UP (1 + 0x1p-48)

struct sb_moved sb_moved_bounds(const struct sb_law *law, double lo, double hi)
{
    const double r = (hi - lo) / 2 * UP;

    return (struct sb_moved){ .centre = lo + (hi - lo) / 2,
                              .deviation = (law->most_weight + 1) * r * UP,
                              .variance = sb_law_weight_square(law) * r * r * UP };
}

/* At least (hi - m)(m - lo) for every m in [from, to]: largest in the middle of [lo, hi]. */
static double most_variance(double lo, double hi, double from, double to)
{
    const double middle = lo + (hi - lo) / 2;
    const double m = from > middle ? from : to < middle ? to : middle;
    const double v = (hi - m) * (m - lo);

    return v > 0 ? v * UP + 0x1p-50 * (hi - lo) * (hi - lo) : 0x1p-50 * (hi - lo) * (hi - lo);
}

double sb_moved_shift(const struct sb_law *law, double lo, double hi, double mean_lo,
                      double mean_hi)
{
    const double chi2 = sb_law_weight_square(law) * UP - 1;

    return chi2 > 0 ? sqrt(chi2 * most_variance(lo, hi, mean_lo, mean_hi)) * UP : 0;
}

double sb_moved_points(const struct sb_moved *m, double h, double log_needed)
{
    return 2 * (m->variance + m->deviation * h / 3) * log_needed / (h * h) * UP;
}
