/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Means over the lifted label: atoms, and quadrature over its density, in the manner of estimate/quadrature.c.
 *
 * With v the base's label and S the sum of the ramps, y = v g(S) has, in each branch of g, the density that S has at
 * g^-1(y / v), times |dS/dy|. A dozen patterns are integrated at once, on panels that all their kinks cut. */
#include "estimate/lift_line.h"

#include "base/memory.h"
#include "estimate/lift_slice.h"
#include "numeric/lift_sum.h"
#include "numeric/panels.h"

#include <errno.h>
#include <math.h>
#include <string.h>

enum { AT_ONCE = SB_LIFT_LINES, MOST_KINKS = 1 << 10 };

/* Of what was looked for and should not be there, in parts of the size: more, and the query is sampled. */
static const double most_error = 1e-9;

struct batch {
    const struct sb_lift_query *query;
    const struct sb_lift_sum *sum;
    double v; /* the base's label in turn */
    double s; /* S is s + S', S' as `sum` says */
    struct sb_lift_slice line[AT_ONCE];
    uint32_t n;
    double kinks[MOST_KINKS];
    size_t n_kinks;
};

/* ---- the density of y ---- */

static bool is_edge(const struct sb_lift *lift)
{
    return lift->setup.kind == SB_LIFT_COMPRESSED && lift->setup.profile == SB_LIFT_EDGE;
}

/* S' = start + slope * y, branch by branch; returns how many. */
static int branches(const struct batch *b, double start[2], double slope[2])
{
    const struct sb_lift *lift = b->query->lifting->lift;

    if (lift->setup.kind == SB_LIFT_DV) {
        start[0] = b->v - b->s;
        slope[0] = -1;
        return 1;
    }
    start[0] = (is_edge(lift) ? 0 : 1) - b->s;
    slope[0] = (is_edge(lift) ? 1 : -1) / b->v;
    start[1] = 1 - b->s;
    slope[1] = -(double)(lift->setup.dim - 1) / b->v;
    return is_edge(lift) ? 2 : 1;
}

static double density(const void *self, double y)
{
    const struct batch *b = self;
    double start[2], slope[2], total = 0;
    const int n = branches(b, start, slope);

    for (int i = 0; i < n; i++) {
        const double s = start[i] + slope[i] * y;

        total += s >= 0 ? fabs(slope[i]) * sb_lift_sum_density(b->sum, s) : 0;
    }
    return total;
}

static double on_disc(const void *self, double centre, double radius)
{
    const struct batch *b = self;
    double start[2], slope[2], total = 0;
    const int n = branches(b, start, slope);

    for (int i = 0; i < n; i++)
        total += fabs(slope[i]) *
                 sb_lift_sum_on_disc(b->sum, start[i] + slope[i] * centre, fabs(slope[i]) * radius);
    return total;
}

/* ---- one pattern ---- */

static int merge_kinks(struct batch *b, const double *more, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        size_t at = b->n_kinks;

        if (!(more[i] > 0 && more[i] < 1)) /* where no label lies */
            continue;
        while (at && b->kinks[at - 1] > more[i])
            at--;
        if (at && b->kinks[at - 1] == more[i])
            continue;
        if (b->n_kinks == MOST_KINKS)
            return 1;
        memmove(b->kinks + at + 1, b->kinks + at, (b->n_kinks++ - at) * sizeof *b->kinks);
        b->kinks[at] = more[i];
    }
    return 0;
}

static int open_line(struct batch *b, const struct sb_signs *signs, const double *column)
{
    struct sb_lift_slice *line = &b->line[b->n++];
    double *kinks SB_FREE = NULL;
    size_t n = 0;
    int r;

    *line =
        (struct sb_lift_slice){ .column = column, .free_column = SB_LIFT_NO_COLUMN, .y = { 0, 1 } };
    r = sb_lift_slice_open(line, signs);
    if (!r)
        r = sb_lift_slice_kinks(line, &kinks, &n);
    return r ? r : merge_kinks(b, kinks, n);
}

static void close_lines(struct batch *b)
{
    for (uint32_t k = 0; k < b->n; k++)
        sb_lift_slice_fini(&b->line[k]);
    b->n = 0;
    b->n_kinks = 0;
}

/* ---- integrals ---- */

/* The patterns' values; and 1, for the mass. */
static int values(void *self, size_t n, const double *y, double *out)
{
    const struct batch *b = self;

    for (uint32_t k = 0; k < b->n; k++)
        sb_lift_slice_values(&b->line[k], n, y, out + k * n);
    for (size_t i = 0; i < n; i++)
        out[b->n * n + i] = 1;
    return sb_fuse_blown(b->query->fuse) ? -ETIME : 0;
}

static int discs(void *self, size_t n, const double *y, const double *radius, double *out)
{
    const struct batch *b = self;

    for (size_t i = 0; i < n; i++)
        out[i] = 1;
    for (uint32_t k = 0; k < b->n; k++)
        sb_lift_slice_discs(&b->line[k], n, y, radius, out);
    return sb_fuse_blown(b->query->fuse) ? -ETIME : 0;
}

static int integrate(struct batch *b, double to, double *integrals, double *error_inout)
{
    const struct sb_panel_measure measure = {
        .self = b, .from = 0, .to = to, .density = density, .on_disc = on_disc
    };
    const double size = b->query->size > 1 ? b->query->size : 1;
    const struct sb_integrand f = { .self = b,
                                    .measure = &measure,
                                    .n_values = b->n + 1,
                                    .size = size,
                                    .values = values,
                                    .discs = discs };
    struct sb_panels panels = { 0 };
    double gap = 0, off = 0, error;
    int r = sb_panels_cut(&f, b->kinks, b->n_kinks, &panels);

    if (!r)
        r = sb_panels_integrate(&panels, &f, integrals, &gap);
    if (!r)
        r = sb_panels_kinks(&panels, &f, b->kinks, b->n_kinks, &off);
    error = panels.error + gap + off;
    sb_panels_fini(&panels);
    if (r)
        return r;
    *error_inout = error > *error_inout ? error : *error_inout;
    return error <= most_error * size ? 0 : 1;
}

/* The largest label; and where that of S' = 0 is less, its place is a kink of the density. */
static int largest(struct batch *b, double *out)
{
    const struct sb_lift *lift = b->query->lifting->lift;
    const double at_none = sb_lift_of(lift, b->v, b->s);
    const bool rises = is_edge(lift) && b->s * lift->setup.dim < 1;

    *out = rises ? b->v * lift->top : at_none;
    return rises ? merge_kinks(b, &at_none, 1) : 0;
}

/* The means of all lines of the batch at the label v: out[k]. */
static int means(struct batch *b, double *out, double *error_inout)
{
    const struct sb_lift *lift = b->query->lifting->lift;
    const double zero = 0, at_none = sb_lift_of(lift, b->v, b->s);
    double integrals[AT_ONCE + 1] = { 0 }, to;
    int r = largest(b, &to);

    if (to > 0 && sb_lift_sum_has_density(b->sum) && !r)
        r = integrate(b, to, integrals, error_inout);
    for (uint32_t k = 0; k < b->n && !r; k++) {
        double e_zero, e_none;

        sb_lift_slice_values(&b->line[k], 1, &zero, &e_zero);
        sb_lift_slice_values(&b->line[k], 1, &at_none, &e_none);
        out[k] =
            b->sum->none * e_none + integrals[k] + (1 - b->sum->none - integrals[b->n]) * e_zero;
    }
    return r;
}

/* Patterns start, start + 1, ... of a batch, at every label. */
static int run_batch(struct batch *b, const struct sb_signs *signs, uint64_t start, uint64_t size,
                     double *out, double *error_inout)
{
    const struct sb_space *base = &b->query->lifting->base->space;
    double leaf[SB_SIGN_COLUMNS + 1] = { 0 };
    int r = 0;

    for (uint64_t a = start; a < size && b->n < AT_ONCE && !r; a++) {
        sb_signs_leaves(signs, a, leaf);
        r = open_line(b, signs, leaf);
    }
    for (uint32_t l = 0; l < base->n_labels && !r; l++) {
        b->v = base->labels[l];
        r = means(b, out + l * size + start, error_inout);
    }
    close_lines(b);
    return r;
}

int sb_lift_line_means(const struct sb_lift_query *query, const struct sb_signs *signs, double *out,
                       double *half_width_inout)
{
    const uint64_t size = UINT64_C(1) << signs->forms.n;
    struct batch *b SB_FREE = SB_NEW(struct batch);
    double error = 0;
    int r = 0;

    if (!b)
        return -ENOMEM;
    b->query = query;
    b->sum = query->lifting->sum;
    for (uint64_t start = 0; start < size && !r; start += AT_ONCE)
        r = run_batch(b, signs, start, size, out, &error);
    *half_width_inout += error + 1e-12 * query->size;
    return r;
}

int sb_lift_lines_means(const struct sb_lift_lines *lines, uint32_t n, uint32_t stride,
                        const double *column, double *out, double *error_inout)
{
    struct batch *b SB_FREE = SB_NEW(struct batch);
    int r = 0;

    if (!b)
        return -ENOMEM;
    b->query = lines->query;
    b->sum = lines->sum;
    b->v = lines->v;
    b->s = lines->s;
    for (uint32_t k = 0; k < n && !r; k++)
        r = open_line(b, lines->signs, column + (size_t)k * stride);
    if (!r)
        r = means(b, out, error_inout);
    close_lines(b);
    return r;
}
