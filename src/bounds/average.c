/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Average correlation by SD(gamma, beta): with |K_ii| <= beta, |K_ij| <= gamma a set whose
 * average of |K| exceeds g has at most (beta - gamma)/(g - gamma) members, both signs at once.
 * This is SDA(gamma + g') >= N g'/(beta - gamma) at the g' that the oracle leaves, g - gamma: a
 * scan over g' asks about other tolerances. With the matrix itself the rows say more. Let R(k)
 * be the most, over rows, of K_ii and the k - 1 largest |K_ij| beside it: a set of k members
 * whose average exceeds g has k g < R(k), so that the largest such k bounds it. [FGR17; DKS17;
 * docs/theorems.md C5] */
#include "bounds/bounds.h"

#include "base/memory.h"

#include <math.h>
#include <stdio.h>

static int larger_first(const void *x, const void *y)
{
    const double a = *(const double *)x, b = *(const double *)y;

    return (a < b) - (a > b);
}

/* Raises most[k - 1] to row i's sum of k, for all k; row: n, scratch. */
static void add_row(const struct sb_correlations *k, size_t i, double *row, double *most)
{
    const size_t n = (size_t)k->n;
    double sum = 0;

    for (size_t j = 0; j < n; j++)
        row[j] = fabs(k->matrix[i * n + j]) + k->matrix_error;
    row[i] = row[0];
    row[0] = fabs(k->matrix[i * n + i]) + k->matrix_error;
    qsort(row + 1, n - 1, sizeof *row, larger_first);
    for (size_t j = 0; j < n; j++) {
        sum += row[j];
        most[j] = fmax(most[j], sum);
    }
}

/* The largest k with R(k) > k g, or 1 where there is none; infinity where that is n, which says
 * nothing, or where memory is short. */
static double by_rows(const struct sb_correlations *k, double g)
{
    const size_t n = (size_t)k->n;
    const double rounding = 1 + (double)(n + 2) * 0x1p-52; /* of a sum, and of its comparison */
    double *row SB_FREE = SB_NEW_ARRAY(double, n), *most SB_FREE = SB_NEW_ARRAY(double, n);

    if (!row || !most)
        return INFINITY;
    for (size_t i = 0; i < n; i++)
        add_row(k, i, row, most);
    for (size_t size = n; size > 0; size--)
        if (most[size - 1] * rounding > (double)size * g)
            return size < n ? (double)size : INFINITY;
    return 1;
}

static void measure(const struct sb_bound_setting *s, double g, struct sb_measure *out)
{
    const struct sb_correlations *k = s->k;
    const double beta = k->diagonal_ub, gamma = k->orthogonal ? 0 : k->off_abs_ub;
    const double by_largest = sb_bound_set_size(beta, gamma, g);
    const double rows = k->matrix ? by_rows(k, g) : INFINITY;

    if (!(beta < INFINITY) || !(gamma < INFINITY)) {
        snprintf(out->unmet, sizeof out->unmet, "no upper bound on all |K_ij| is known");
        return;
    }
    out->kill = fmin(by_largest, rows);
    if (!(out->kill < INFINITY)) {
        snprintf(out->unmet, sizeof out->unmet,
                 "g = %g is not above gamma = max |K_ij| = %g, i != j", g, gamma);
        return;
    }
    out->value = k->n / out->kill * (1 - 0x1p-50);
    snprintf(out->constants, sizeof out->constants, "K_ii <= beta = %g, |K_ij| <= gamma = %g%s",
             beta, gamma,
             rows < by_largest ? ": by the largest |K_ij| of each row"
                               : ": (beta - gamma)/(g - gamma)");
}

const struct sb_bound_class sb_bound_average = {
    .name = "average",
    .summary = "SD(gamma, beta): at most (beta - gamma)/(g - gamma) members of both sides together",
    .theorem = "[FGR17; DKS17] SDA(gamma + g') >= N g'/(beta - gamma), docs/theorems.md C5",
    .value_name = "SDA",
    .definition = "N over the most members that a set can have whose average |K| exceeds g, by "
                  "bounds on single |K_ij|",
    .regime = "g > gamma, or the matrix is known",
    .quick = true,
    .measure = measure,
};
