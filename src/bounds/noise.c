/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Correlations under flipped labels: all of them times one factor. */
#include "bounds/noise.h"

#include <math.h>

void sb_correlations_noise(struct sb_correlations *k, double eta)
{
    const double factor = (1 - 2 * eta) * (1 - 2 * eta);
    const double up = factor * (1 + 0x1p-50), down = factor * (1 - 0x1p-50);
    const size_t n = k->matrix ? (size_t)k->n : 0;

    k->lambda_ub *= up;
    k->lambda_lb *= k->lambda_lb > 0 ? down : up;
    k->diagonal_ub *= up;
    k->off_abs_ub *= up;
    k->off_ub *= up;
    for (size_t i = 0; i < k->n_levels; i++)
        k->level[i].size *= up;
    for (size_t i = 0; i < n * n; i++)
        k->matrix[i] *= factor;
    k->matrix_error = k->matrix_error * up + fmax(k->diagonal_ub, k->off_abs_ub) * 0x1p-50;
}
