/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Statistical dimension with average correlation, over subsets: SDA(F, g) is the supremum of the
 * d such that every set of at least N/d members has an average of |K| over S x S of at most g; N
 * over the size of the largest set that has more. Every subset of up to 20 members is tried, and
 * that size then bounds what a query rules out. The largest set is hard to find in general:
 * beyond, a greedy search finds a large one, so that the dimension is at most what is stated; no
 * bound is made of it. [FGR17; docs/theorems.md C4] */
#include "bounds/bounds.h"

#include "base/memory.h"

#include <math.h>
#include <stdio.h>

enum { MOST_TRIED = 20 };

static double entry(const struct sb_correlations *k, size_t i, size_t j)
{
    return fabs(k->matrix[i * (size_t)k->n + j]) + k->matrix_error;
}

struct trial {
    const struct sb_correlations *k;
    double g; /* sums round: a set counts when its sum is above g |S|^2 but for 2^-40 of it */
    size_t n, best;
};

/* Decides on member i and on all after it. sum: of the members chosen so far; beside[j]: of
 * |K_ij| over them, j >= i. */
static void choose(struct trial *t, size_t i, size_t size, double sum, const double *beside)
{
    double next[MOST_TRIED];

    if (sum * (1 + 0x1p-40) > t->g * (double)(size * size) && size > t->best)
        t->best = size;
    if (i == t->n || size + t->n - i <= t->best)
        return;
    for (size_t j = i + 1; j < t->n; j++)
        next[j] = beside[j] + entry(t->k, i, j);
    choose(t, i + 1, size + 1, sum + 2 * beside[i] + entry(t->k, i, i), next);
    choose(t, i + 1, size, sum, beside);
}

static double largest(const struct sb_correlations *k, double g)
{
    const double nothing[MOST_TRIED] = { 0 };
    struct trial t = { k, g, (size_t)k->n, 0 };

    choose(&t, 0, 0, 0, nothing);
    return (double)t.best;
}

/* Takes away the member that adds least, until what is left averages more than g. beside[i]: the
 * sum of |K_ij| over those left, j = i by half; -1: taken away. */
static double peel(const struct sb_correlations *k, double g, double *beside)
{
    const size_t n = (size_t)k->n;
    double sum = 0;

    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < n; j++)
            beside[i] += entry(k, i, j) * (i == j ? 0.5 : 1);
        sum += beside[i] + entry(k, i, i) / 2;
    }
    for (size_t size = n; size > 0; size--) {
        size_t least = n;

        if (sum > g * (double)(size * size) * (1 + 0x1p-20)) /* whatever was rounded on the way */
            return (double)size;
        for (size_t i = 0; i < n; i++)
            if (beside[i] >= 0 && (least == n || beside[i] < beside[least]))
                least = i;
        sum -= 2 * beside[least];
        for (size_t i = 0; i < n; i++)
            beside[i] = i == least || beside[i] < 0 ? -1 : fmax(0, beside[i] - entry(k, least, i));
    }
    return 0;
}

static void measure(const struct sb_bound_setting *s, double g, struct sb_measure *out)
{
    const struct sb_correlations *k = s->k;
    const double alone = fmin(1, k->diagonal_ub / g); /* where no set has more than g */
    double *beside SB_FREE = NULL, size;

    if (k->orthogonal) {
        size = k->diagonal_ub / g * (1 + 0x1p-40);
        snprintf(out->constants, sizeof out->constants, "K = %g I: sets of less than %g members",
                 sb_bound_shown(k->diagonal_ub), sb_bound_shown(size));
    } else if (!k->matrix || !(beside = SB_NEW_ARRAY(double, (size_t)k->n))) {
        snprintf(out->unmet, sizeof out->unmet, "%s",
                 k->matrix ? "memory is short" : "the matrix of all K_ij is not known");
        return;
    } else if (k->n <= MOST_TRIED) {
        size = largest(k, g);
        snprintf(out->constants, sizeof out->constants,
                 "every subset was tried: the largest whose |K| averages more has %g members",
                 size);
    } else {
        out->estimate = true;
        size = peel(k, g, beside);
        snprintf(out->constants, sizeof out->constants,
                 "a set of %g members whose |K| averages more was found by greedy search: the "
                 "dimension is at most this",
                 size);
    }
    out->kill = fmax(size, alone);
    out->value = k->n / out->kill;
}

const struct sb_bound_class sb_bound_subset = {
    .name = "subset",
    .summary = "SDA over subsets: exact for up to 20 members, else an estimate from above",
    .theorem = "[FGR17] SDA, docs/theorems.md C4",
    .value_name = "SDA",
    .definition =
        "the supremum of the d such that |K| averages at most g over every set of at least "
        "N/d members",
    .regime = "any finite family of up to 20 members, or an orthogonal one; beyond an estimate",
    .measure = measure,
};
