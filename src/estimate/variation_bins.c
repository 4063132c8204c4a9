/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bins of the line for comparing laws with a given one. */
#include "estimate/variation.h"

#include <math.h>
#include <string.h>

/* The grid that crossings are looked for on: what is narrower than its step may be missed, and the bins are
 * a little worse for it. */
enum { STEPS = 1 << 13, AT_ONCE = 1024, MOST_FOUND = 512 };
#define END 10.0

static double ratio_at(const struct sb_line *line, double t)
{
    double ratio;

    sb_line_ratio(line, 1, &t, &ratio);
    return ratio;
}

/* Where the ratio passes 1 between lo and hi, which are on different sides of it. */
static double crossing(const struct sb_line *line, double lo, double hi)
{
    const bool above = ratio_at(line, lo) >= 1;

    for (int i = 0; i < 40; i++) {
        const double middle = lo + (hi - lo) / 2;

        if ((ratio_at(line, middle) >= 1) == above)
            lo = middle;
        else
            hi = middle;
    }
    return hi;
}

/* Where A is as dense as N(0,1). */
static size_t find_crossings(const struct sb_line *line, double out[MOST_FOUND])
{
    double t[AT_ONCE], ratio[AT_ONCE], last = -END;
    bool was = ratio_at(line, -END) >= 1;
    size_t n = 0;

    for (int i = 0; i < STEPS; i += AT_ONCE) {
        for (int k = 0; k < AT_ONCE; k++)
            t[k] = -END + 2 * END * (i + k + 1) / STEPS;
        sb_line_ratio(line, AT_ONCE, t, ratio);
        for (int k = 0; k < AT_ONCE && n < MOST_FOUND; k++) {
            if ((ratio[k] >= 1) != was)
                out[n++] = crossing(line, last, t[k]);
            was = ratio[k] >= 1;
            last = t[k];
        }
    }
    return n;
}

/* |A - N| of what lies between two edges; before the first and behind the last one it reaches on. */
static double gap(const struct sb_line *line, const double *edge, size_t n, size_t i)
{
    double a = 1, normal = 1;

    if (i < n) {
        a = sb_line_cdf(line, 1, edge[i]);
        normal = sb_line_cdf(line, 0, edge[i]);
    }
    if (i > 0) {
        a -= sb_line_cdf(line, 1, edge[i - 1]);
        normal -= sb_line_cdf(line, 0, edge[i - 1]);
    }
    return fabs(a - normal);
}

static void drop(double *edge, size_t *n, size_t i)
{
    memmove(edge + i, edge + i + 1, (*n - i - 1) * sizeof *edge);
    --*n;
}

/* Gives up the stretches where least would be seen, until few enough are left. */
static size_t merge(const struct sb_line *line, double *edge, size_t n)
{
    while (n > SB_VARIATION_CROSSINGS) {
        double least = INFINITY;
        size_t which = 0;

        for (size_t i = 0; i <= n; i++) {
            const double here = gap(line, edge, n, i);

            which = here < least ? i : which;
            least = here < least ? here : least;
        }
        if (which < n)
            drop(edge, &n, which);
        if (which > 0)
            drop(edge, &n, which - 1);
    }
    return n;
}

static double quantile(const struct sb_line *line, double p)
{
    double lo = -64, hi = 64;

    for (int i = 0; i < 60; i++) {
        const double middle = lo + (hi - lo) / 2;

        if (sb_line_cdf(line, 1, middle) < p)
            lo = middle;
        else
            hi = middle;
    }
    return hi;
}

/* Into the increasing list, unless it is there. */
static void insert(struct sb_variation_bins *bins, double edge)
{
    size_t i = bins->n - 1;

    while (i > 0 && bins->edge[i - 1] >= edge)
        i--;
    if (i < bins->n - 1 && bins->edge[i] == edge)
        return;
    memmove(bins->edge + i + 1, bins->edge + i, (bins->n - 1 - i) * sizeof *bins->edge);
    bins->edge[i] = edge;
    bins->n++;
}

void sb_variation_bins(const struct sb_line *line, struct sb_variation_bins *out)
{
    double found[MOST_FOUND], below = 0;
    const size_t n = merge(line, found, find_crossings(line, found));

    *out = (struct sb_variation_bins){ .n = 1 };
    for (size_t i = 0; i < n; i++)
        insert(out, found[i]);
    for (int i = 1; i < SB_VARIATION_QUANTILES; i++)
        insert(out, quantile(line, (double)i / SB_VARIATION_QUANTILES));
    for (size_t i = 0; i < out->n; i++) {
        const double up_to = i + 1 < out->n ? sb_line_cdf(line, 1, out->edge[i]) : 1;

        out->mass[i] = up_to > below ? up_to - below : 0;
        below = up_to > below ? up_to : below;
    }
}
