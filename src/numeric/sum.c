/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sums with a proven error. */
#include "numeric/sum.h"

double sb_sum_value(const struct sb_sum *s, double *error_out)
{
    const double u = 0x1p-53;
    const double value = s->high + s->low;
    double g;

    if (!s->inexact) {
        *error_out = 0;
        return s->high;
    }
    /* twice the proven bound pays for rounding in the bound itself; n < 2^50 keeps g < 1/8 */
    g = 2 * (double)s->n * u;
    *error_out = 2 * u * (value < 0 ? -value : value) + 2 * g * g * s->absolute;
    return value;
}
