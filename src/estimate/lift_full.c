/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Means over one coordinate in full: the half-line in parts on each of which the label's law is smooth in it.
 *
 * Where the mean over the label has its kinks in z_j those of the query show that enter or leave the label's range: on
 * slices with the label at an end of it. Panels are cut for these slices, by their sizes on discs, and
 * halved where the mean itself is not smooth enough between. */
#include "estimate/lift_full.h"

#include "base/memory.h"
#include "estimate/lift_line.h"
#include "estimate/lift_slice.h"
#include "numeric/lift_sum.h"
#include "numeric/panels.h"

#include <errno.h>
#include <math.h>
#include <string.h>

enum {
    SLICES = 4,
    MOST_PARTS = 4,
    LEAST_LINES = 1 << 7, /* that any table takes, about: not begun with fewer */
    MOST_HALVINGS = 40,
};

/* What panels and their parts may differ by, and then the whole, in parts of the size. */
static const double panel_gap = 1e-14, most_error = 1e-9;

enum law { NO_LABEL, APART, IN_RAMP }; /* y = 0; s_j = 0; s_j between 0 and 1 */

struct part {
    enum law law;
    double from, to; /* of |z_j| */
};

struct full {
    const struct sb_lift_query *query;
    const struct sb_signs *signs;
    const struct sb_lift *lift;
    struct sb_lift_sum apart, beside; /* of the others: where s_j = 0, and in the ramp */
    bool padding;                     /* no label depends on z_j */
    double end;                       /* of the half-line, for all that counts */
    double column[SB_SIGN_COLUMNS + 1];
    double v; /* the base's label in turn */
    double sign;
    const struct part *part;
    struct sb_lift_slice slice[SLICES];
    uint32_t n_slices;
    double *kinks; /* of all slices, increasing */
    size_t n_kinks, cap_kinks;
    uint32_t n_lines;
    double error;
};

/* ---- slices ---- */

static double ramp_at(const struct full *f, double z)
{
    const struct sb_lift_boundary *b = f->lift->boundary;
    const double s = (b->sh - fabs(z)) / (b->sh - b->rh);

    return s < 0 ? 0 : s > 1 ? 1 : s;
}

static double from_of(const struct full *f)
{
    return f->sign > 0 ? f->part->from : -f->part->to;
}

static double to_of(const struct full *f)
{
    return f->sign > 0 ? f->part->to : -f->part->from;
}

static int merge_kinks(struct full *f, const double *more, size_t n)
{
    double *all = sb_grow(f->kinks, &f->cap_kinks, f->n_kinks + n + 1, sizeof *all);

    if (!all)
        return -ENOMEM;
    f->kinks = all;
    for (size_t i = 0; i < n; i++) {
        size_t at = f->n_kinks;

        while (at && all[at - 1] > more[i])
            at--;
        if (at && all[at - 1] == more[i])
            continue;
        memmove(all + at + 1, all + at, (f->n_kinks++ - at) * sizeof *all);
        all[at] = more[i];
    }
    return 0;
}

/* With the label y0 + y1 z_j. */
static int add_slice(struct full *f, double y0, double y1)
{
    struct sb_lift_slice *slice = &f->slice[f->n_slices++];
    double *kinks SB_FREE = NULL;
    size_t n = 0;
    int r;

    *slice = (struct sb_lift_slice){ .column = f->column,
                                     .free_column = f->signs->n_leaves,
                                     .y = { y0, y1 } };
    r = sb_lift_slice_open(slice, f->signs);
    if (!r)
        r = sb_lift_slice_kinks(slice, &kinks, &n);
    return r ? r : merge_kinks(f, kinks, n);
}

static void close_slices(struct full *f)
{
    for (uint32_t k = 0; k < f->n_slices; k++)
        sb_lift_slice_fini(&f->slice[k]);
    f->n_slices = 0;
    f->n_kinks = 0;
}

/* The label 0; that of S' = 0; the largest, and half of it. */
static int open_slices(struct full *f)
{
    const double from = from_of(f), to = to_of(f), top = f->v * f->lift->top;
    const bool ramp = f->part->law == IN_RAMP;
    const double y_from = sb_lift_of(f->lift, f->v, ramp ? ramp_at(f, from) : 0);
    const double y_to = sb_lift_of(f->lift, f->v, ramp ? ramp_at(f, to) : 0);
    const double slope = (y_to - y_from) / (to - from);
    int r = add_slice(f, 0, 0);

    if (f->part->law == NO_LABEL)
        return r;
    if (!r)
        r = add_slice(f, y_from - slope * from, slope);
    if (!r)
        r = add_slice(f, top, 0);
    return r ? r : add_slice(f, top / 2, 0);
}

static int slice_values(void *self, size_t n, const double *z, double *out)
{
    const struct full *f = self;

    for (uint32_t k = 0; k < f->n_slices; k++)
        sb_lift_slice_values(&f->slice[k], n, z, out + k * n);
    return sb_fuse_blown(f->query->fuse) ? -ETIME : 0;
}

static int slice_discs(void *self, size_t n, const double *z, const double *radius, double *out)
{
    const struct full *f = self;

    memset(out, 0, n * sizeof *out);
    for (uint32_t k = 0; k < f->n_slices; k++)
        sb_lift_slice_discs(&f->slice[k], n, z, radius, out);
    return sb_fuse_blown(f->query->fuse) ? -ETIME : 0;
}

/* ---- the mean at z_j ---- */

static const struct sb_lift_sum *sum_of(const struct full *f)
{
    return f->part->law == APART ? &f->apart : &f->beside;
}

/* Where S' is 0 or the label is: from two slices. */
static void without_density(struct full *f, size_t n, const double *z, double *out)
{
    double at_none[SB_PANEL_POINTS];

    sb_lift_slice_values(&f->slice[0], n, z, out);
    if (f->part->law == NO_LABEL)
        return;
    sb_lift_slice_values(&f->slice[1], n, z, at_none);
    for (size_t i = 0; i < n; i++)
        out[i] = sum_of(f)->none * at_none[i] + (1 - sum_of(f)->none) * out[i];
}

/* The means at n points with the same s_j. */
static int line_means(struct full *f, double s, uint32_t n, const double *z, double *out)
{
    const struct sb_lift_lines lines = {
        .query = f->query, .signs = f->signs, .sum = sum_of(f), .v = f->v, .s = s
    };
    const uint32_t n_leaves = f->signs->n_leaves, stride = n_leaves + 1;
    double *column SB_FREE = SB_NEW_ARRAY(double, n *(size_t)stride);

    if (!column)
        return -ENOMEM;
    if ((f->n_lines += n) > f->query->most_lines)
        return 1;
    for (uint32_t i = 0; i < n; i++) {
        memcpy(column + i * (size_t)stride, f->column, n_leaves * sizeof *column);
        column[i * (size_t)stride + n_leaves] = z[i];
    }
    return sb_lift_lines_means(&lines, n, stride, column, out, &f->error);
}

static int mean_values(void *self, size_t n, const double *z, double *out)
{
    struct full *f = self;
    const bool ramp = f->part->law == IN_RAMP;
    const uint32_t at_once = ramp ? 1 : SB_LIFT_LINES;
    int r = 0;

    if (f->part->law == NO_LABEL || !sb_lift_sum_has_density(sum_of(f)))
        without_density(f, n, z, out);
    else
        for (size_t i = 0; i < n && !r; i += at_once)
            r = line_means(f, ramp ? ramp_at(f, z[i]) : 0,
                           n - i < at_once ? (uint32_t)(n - i) : at_once, z + i, out + i);
    return !r && sb_fuse_blown(f->query->fuse) ? -ETIME : r;
}

/* ---- integrals over z_j ---- */

static double density(const void *self, double z)
{
    const struct full *f = self;

    return 2 * f->lift->setup.marginal->density(z);
}

/* On discs of radius at most 1.0625 each marginal's density is at most e^1.07 times its largest. */
static double on_disc(const void *self, double centre, double radius)
{
    const struct full *f = self;

    (void)centre;
    (void)radius;
    return 6 * f->lift->setup.marginal->density_ub;
}

/* One panel; in halves where it does not agree with its parts. */
static int integrate_panel(const struct sb_integrand *means, double from, double to, int depth,
                           double *sum_inout, double *error_inout)
{
    double ends[2] = { from, to }, integral, gap;
    const struct sb_panels panel = { .ends = ends, .n = 1 };
    const double middle = from + (to - from) / 2;
    int r = sb_panels_integrate(&panel, means, &integral, &gap);

    if (r)
        return r;
    if (gap > panel_gap * means->size && depth < MOST_HALVINGS) {
        r = integrate_panel(means, from, middle, depth + 1, sum_inout, error_inout);
        return r ? r : integrate_panel(means, middle, to, depth + 1, sum_inout, error_inout);
    }
    *sum_inout += integral;
    *error_inout += gap;
    return 0;
}

static int integrate_part(struct full *f, double *sum_inout, double *error_inout)
{
    const struct sb_panel_measure measure = {
        .self = f, .from = from_of(f), .to = to_of(f), .density = density, .on_disc = on_disc
    };
    const double size = f->query->size > 1 ? f->query->size : 1;
    const struct sb_integrand slices = {
        f, &measure, f->n_slices, size, slice_values, slice_discs
    };
    const struct sb_integrand means = { f, &measure, 1, size, mean_values, NULL };
    struct sb_panels panels = { 0 };
    double off = 0;
    int r = sb_panels_cut(&slices, f->kinks, f->n_kinks, &panels);

    if (!r)
        r = sb_panels_kinks(&panels, &slices, f->kinks, f->n_kinks, &off);
    *error_inout += panels.error + off;
    for (size_t i = 0; i < panels.n && !r; i++)
        r = integrate_panel(&means, panels.ends[i], panels.ends[i + 1], 0, sum_inout, error_inout);
    sb_panels_fini(&panels);
    return r;
}

/* ---- parts ---- */

/* Where y of S' = 0 has a kink in the ramp: the s_j there; 0: nowhere. */
static double corner(const struct full *f)
{
    if (f->lift->setup.kind == SB_LIFT_DV)
        return f->v;
    return f->lift->setup.profile == SB_LIFT_EDGE ? 1 / (double)f->lift->setup.dim : 0;
}

static uint32_t parts_of(const struct full *f, struct part out[MOST_PARTS])
{
    const struct sb_lift_boundary *b = f->lift->boundary;
    const double at = b->sh - corner(f) * (b->sh - b->rh);
    uint32_t n = 0;

    if (!f->signs->label || f->v <= 0 || f->padding) {
        out[0] = (struct part){ f->signs->label && f->v > 0 ? APART : NO_LABEL, 0, f->end };
        return 1;
    }
    out[n++] = (struct part){ NO_LABEL, 0, b->rh };
    if (at > b->rh && at < b->sh)
        out[n++] = (struct part){ IN_RAMP, b->rh, at };
    out[n] = (struct part){ IN_RAMP, n > 1 ? at : b->rh, b->sh };
    out[n + 1] = (struct part){ APART, b->sh, f->end };
    return n + 2;
}

/* One pattern of signs at one label. */
static int mean(struct full *f, double *out, double *error_inout)
{
    struct part parts[MOST_PARTS];
    const uint32_t n = parts_of(f, parts);
    double error = 0;
    int r = 0;

    *out = 0;
    for (uint32_t i = 0; i < n && !r; i++) {
        f->part = &parts[i];
        r = open_slices(f);
        if (!r)
            r = integrate_part(f, out, &error);
        close_slices(f);
    }
    *error_inout = error > *error_inout ? error : *error_inout;
    return r;
}

static void init(struct full *f, const struct sb_lift_query *query, const struct sb_signs *signs)
{
    const struct sb_lift *lift = query->lifting->lift;
    const uint32_t dim = lift->setup.dim;
    const uint32_t most = lift->setup.kind == SB_LIFT_DV ? dim : lift->setup.m;
    double tail = 0x1p-70;

    f->query = query;
    f->signs = signs;
    f->lift = lift;
    f->padding = signs->full[0] >= dim;
    lift->setup.marginal->quantile(1, &tail, &f->end);
    f->end = -f->end;
    if (f->padding)
        f->apart = *query->lifting->sum;
    else
        sb_lift_sum_init(lift, dim - 1, most, &f->apart);
    sb_lift_sum_init(lift, dim - 1, most - 1, &f->beside);
}

/* The sign of z_j in pattern a: its form is z_j alone, since it is among the forms, which are reduced. */
static double sign_in(const struct sb_signs *signs, uint64_t a)
{
    uint32_t k = 0;

    while (signs->forms.form[k] != UINT64_C(1) << signs->full[0])
        k++;
    return a >> k & 1 ? 1 : -1;
}

int sb_lift_full_means(const struct sb_lift_query *query, const struct sb_signs *signs, double *out,
                       double *half_width_inout)
{
    const struct sb_space *base = &query->lifting->base->space;
    const uint64_t size = UINT64_C(1) << signs->forms.n;
    struct full *f SB_FREE = SB_NEW(struct full);
    double error = 0;
    int r = 0;

    if (!f)
        return -ENOMEM;
    if (query->most_lines < LEAST_LINES)
        return 1;
    init(f, query, signs);
    for (uint64_t a = 0; a < size && !r; a++) {
        f->sign = sign_in(signs, a);
        sb_signs_leaves(signs, a, f->column);
        for (uint32_t l = 0; l < base->n_labels && !r; l++) {
            f->v = base->labels[l];
            if (l && !signs->label)
                out[l * size + a] = out[a];
            else
                r = mean(f, &out[l * size + a], &error);
        }
    }
    free(f->kinks);
    error += f->error;
    *half_width_inout += error + 1e-12 * query->size;
    return !r && !(error <= most_error * (query->size > 1 ? query->size : 1)) ? 1 : r;
}
