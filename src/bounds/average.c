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

/* a[0 .. *more) > pivot, a[*more .. *less) = pivot, a[*less .. n) < pivot; returns the sum of g
 * - a over the first. */
static double part(double *a, size_t n, double pivot, double g, size_t *more, size_t *less)
{
    double cost = 0;
    size_t i = 0;

    *more = 0;
    *less = n;
    while (i < *less) {
        const double v = a[i];

        if (v > pivot) {
            cost += g - v;
            a[i++] = a[*more];
            a[(*more)++] = v;
        } else if (v < pivot) {
            a[i] = a[--*less];
            a[*less] = v;
        } else {
            i++;
        }
    }
    return cost;
}

/* How many of a, all at most g, largest first, before the sum of g - a reaches `room`; a is
 * reordered, not sorted. */
static size_t take(double *a, size_t n, double g, double room)
{
    size_t taken = 0, more, less;

    while (n > 0) {
        const double pivot = a[n / 2], each = g - pivot;
        const double cost = part(a, n, pivot, g, &more, &less);

        if (cost >= room) {
            n = more;
            continue;
        }
        taken += more;
        room -= cost;
        if (each * (double)(less - more) >= room)
            return taken + (size_t)fmin((double)(less - more), room / each);
        taken += less - more;
        room -= each * (double)(less - more);
        a += less;
        n -= less;
    }
    return taken;
}

/* The largest k such that K_ii and the k - 1 largest |K_ij| of row i sum to more than k g: what
 * is above g pays for what is below. 0: there is none. rest: n, scratch. */
static size_t by_row(const struct sb_correlations *k, size_t i, double g, double *rest)
{
    const size_t n = (size_t)k->n;
    double room = fabs(k->matrix[i * (n + 1)]) + k->matrix_error - g, sum = fabs(room) + g;
    size_t n_above = 1, n_rest = 0;

    for (size_t j = 0; j < n; j++) {
        const double v = fabs(k->matrix[i * n + j]) + k->matrix_error;

        if (j == i)
            continue;
        sum += v + g;
        if (v > g) {
            room += v - g;
            n_above++;
        } else {
            rest[n_rest++] = v;
        }
    }
    room += sum * (double)(n + 4) * 0x1p-52; /* whatever was rounded */
    return room > 0 ? n_above + take(rest, n_rest, g, room) : 0;
}

/* The most members by any row, or 1 where there is none; infinity where that is n, which says
 * nothing, or where memory is short. */
static double by_rows(const struct sb_correlations *k, double g)
{
    const size_t n = (size_t)k->n;
    double *rest SB_FREE = SB_NEW_ARRAY(double, n);
    size_t most = 1;

    for (size_t i = 0; rest && i < n; i++) {
        const size_t size = by_row(k, i, g, rest);

        most = size > most ? size : most;
    }
    return rest && most < n ? (double)most : INFINITY;
}

static void measure(const struct sb_bound_setting *s, double g, struct sb_measure *out)
{
    const struct sb_correlations *k = s->k;
    const double beta = k->diagonal_ub, gamma = k->orthogonal ? 0 : k->off_abs_ub;
    const double by_largest = sb_bound_set_size(beta, gamma, g);
    const double rows = k->matrix && !k->orthogonal ? by_rows(k, g) : INFINITY;

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
             sb_bound_shown(beta), sb_bound_shown(gamma),
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
