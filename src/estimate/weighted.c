/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sums of weight * value with a proven error. */
#include "estimate/weighted.h"

#include <stdbool.h>

/* How far a weight of the product form can be from alpha + beta g. */
static double weight_error(const struct sb_law *law)
{
    double most = 0;

    if (law->class)
        return 0;
    for (int l = 0; l < 2; l++)
        for (int sign = -1; sign <= 1; sign += 2) {
            const struct sb_ball w =
                sb_ball_add(sb_ball_of(law->alpha[l]), sb_ball_of(sign * law->beta[l]));

            most = w.rad > most ? w.rad : most;
        }
    return most;
}

struct sb_ball sb_weighted_mean(const struct sb_weighted *w, const struct sb_law *law, uint64_t n)
{
    const bool exact = (n & (n - 1)) == 0; /* a division by a power of two is */
    double error, mean;
    const double value = sb_sum_value(&w->sum, &error);

    /* the plain sums of at most 2^31 terms each are within 2^-22 relative */
    error += (w->rounded * 0x1p-53 + weight_error(law) * w->absolute) * (1 + 0x1p-20);
    mean = value / (double)n;
    if (exact)
        return (struct sb_ball){ mean, error / (double)n };
    return (struct sb_ball){ mean, error / (double)n * (1 + 0x1p-40) +
                                       (mean < 0 ? -mean : mean) * 0x1p-52 };
}
