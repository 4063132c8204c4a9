/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Statistical dimension over events of pairs: the average of |K| over any set of j ordered pairs
 * is at most that of the j largest, which falls with j. Let it meet g at j*: a set S of members
 * whose average over S x S exceeds g has |S|^2 < j*, and SDA(F, m) at m = 1/g, the largest q
 * such that all events of probability 1/q^2 or more have an average of at most 1/m, is
 * N/sqrt(j*). Never more than the dimension over subsets, of which it is the case A = S x S; for
 * orthogonal families it loses a square root, sqrt(N g) for N g. [BBHLS21; docs/theorems.md C6] */
#include "bounds/bounds.h"

#include <math.h>
#include <stdio.h>

/* Where the mean of the largest meets g, rounded up; infinity where it never does. With size h of
 * the level where it does: sum over larger ones of pairs (size - h) = j (g - h). */
static double crossing(const struct sb_correlation_level *level, size_t n_levels, double g)
{
    const double rounding = 1 + ((double)n_levels + 8) * 0x1p-51;
    double before = 0, above = 0; /* pairs of larger levels; sum of pairs (size - this size) */

    for (size_t l = 0; l < n_levels; l++) {
        const double size = level[l].size;
        double at;

        if (l > 0)
            above += before * (level[l - 1].size - size);
        at = size < g ? above / (g - size) * rounding : INFINITY;
        if (at <= before + level[l].pairs)
            return at;
        before += level[l].pairs;
    }
    return INFINITY;
}

static void measure(const struct sb_bound_setting *s, double g, struct sb_measure *out)
{
    const struct sb_correlations *k = s->k;
    const double n = k->n, all = n * n, beta = k->diagonal_ub;
    const double gamma = k->orthogonal ? 0 : k->off_abs_ub;
    const struct sb_correlation_level two[] = { { fmax(beta, gamma), n }, { gamma, all - n } };
    const bool levels = k->level && k->n_levels;
    double at;

    if (!levels && (!(beta < INFINITY) || !(gamma < INFINITY))) {
        snprintf(out->unmet, sizeof out->unmet, "the law of |K_ij| over pairs is not known");
        return;
    }
    at = levels ? crossing(k->level, k->n_levels, g) : crossing(two, 2, g);
    if (!(at < INFINITY)) {
        snprintf(
            out->unmet, sizeof out->unmet,
            "|K_ij| averages more than g = %g over all pairs: a query may rule out every member",
            g);
        return;
    }
    out->kill = fmax(sqrt(at) * (1 + 0x1p-40), fmin(1, beta / g));
    out->value = n / out->kill * (1 - 0x1p-50);
    snprintf(out->constants, sizeof out->constants,
             "the mean of the largest |K_ij| meets g at j* = %g of %g ordered pairs%s",
             sb_bound_shown(at), all, levels ? "" : " (diagonal beta, all others gamma)");
}

const struct sb_bound_class sb_bound_pair_event = {
    .name = "pair-event",
    .summary = "a query rules out at most sqrt(j*) members, j* from the sorted |K_ij|",
    .theorem = "[BBHLS21] SDA over events of pairs, docs/theorems.md C6",
    .value_name = "SDA over pairs",
    .definition =
        "the largest q such that |K| averages at most g = 1/m over every event of pairs of "
        "probability at least 1/q^2",
    .regime = "g above the average of |K| over all pairs",
    .quick = true,
    .measure = measure,
};
