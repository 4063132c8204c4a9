/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Means over the lifted label: atoms, and quadrature over its density, in the manner of estimate/quadrature.c.
 *
 * With v the base's label and S the sum of the ramps, y = v g(S) has, in each branch of g, the density that S has at
 * g^-1(y / v), times |dS/dy|. A dozen patterns are integrated at once, on panels that all their kinks cut. */
#include "estimate/lift_line.h"

#include "base/memory.h"
#include "numeric/lift_sum.h"
#include "numeric/panels.h"
#include "query/eval.h"

#include <errno.h>
#include <math.h>
#include <string.h>

enum { AT_ONCE = 16, MOST_KINKS = 1 << 10 };

/* Of what was looked for and should not be there, in parts of the size: more, and the query is sampled. */
static const double most_error = 1e-9;

/* One pattern: the query as a function of y. */
struct line {
    struct sb_pool *pool;
    sb_expr e;
    struct sb_program *program;
    struct sb_discs *discs;
};

struct batch {
    const struct sb_lift_query *query;
    const struct sb_lift_sum *sum;
    double v; /* the base's label in turn */
    struct line line[AT_ONCE];
    uint32_t n;
    double kinks[MOST_KINKS];
    size_t n_kinks;
};

/* ---- the density of y ---- */

static bool is_edge(const struct sb_lift *lift)
{
    return lift->setup.kind == SB_LIFT_COMPRESSED && lift->setup.profile == SB_LIFT_EDGE;
}

/* S = start + slope * y, branch by branch; returns how many. */
static int branches(const struct batch *b, double start[2], double slope[2])
{
    const struct sb_lift *lift = b->query->lifting->lift;

    if (lift->setup.kind == SB_LIFT_DV) {
        start[0] = b->v;
        slope[0] = -1;
        return 1;
    }
    start[0] = is_edge(lift) ? 0 : 1;
    slope[0] = (is_edge(lift) ? 1 : -1) / b->v;
    start[1] = 1;
    slope[1] = -(double)(lift->setup.dim - 1) / b->v;
    return is_edge(lift) ? 2 : 1;
}

static double density(const void *self, double y)
{
    const struct batch *b = self;
    double start[2], slope[2], total = 0;
    const int n = branches(b, start, slope);

    for (int i = 0; i < n; i++)
        total += fabs(slope[i]) * sb_lift_sum_density(b->sum, start[i] + slope[i] * y);
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

/* The query with numbers in the place of its leaves and x0 in that of the label. */
static int substitute(const struct sb_signs *signs, const double *leaf, struct line *out)
{
    struct sb_space space = *sb_pool_space(signs->rest);
    sb_expr *map SB_FREE = SB_NEW_ARRAY(sb_expr, (size_t)signs->e + 1);
    const double zero = 0;

    space.dim = 1;
    space.labelling = NULL;
    out->pool = sb_pool_new(&space);
    if (!map || !out->pool)
        return -ENOMEM;
    for (sb_expr i = 1; i <= signs->e; i++) { /* the rest holds nothing else */
        const struct sb_node *node = sb_pool_node(signs->rest, i);
        sb_expr arg[2] = { 0, 0 };

        for (uint32_t k = 0; k < node->n_arg; k++)
            arg[k] = map[node->arg[k]];
        map[i] = node->op == SB_X
                     ? sb_pool_op(out->pool, SB_CONST, &leaf[(uint32_t)node->num[0]], 1, NULL, 0)
                 : node->op == SB_Y
                     ? sb_pool_op(out->pool, SB_X, &zero, 1, NULL, 0)
                     : sb_pool_op(out->pool, node->op, node->num, node->n_num, arg, node->n_arg);
        if (!map[i])
            return *sb_pool_error(out->pool) ? 1 : -ENOMEM;
    }
    out->e = map[signs->e];
    return 0;
}

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

static int open_line(struct batch *b, const struct sb_signs *signs, const double *leaf)
{
    struct line *line = &b->line[b->n++];
    const double zero = 0;
    double *kinks SB_FREE = NULL;
    size_t n = 0;
    sb_expr x;
    int r = substitute(signs, leaf, line);

    if (r)
        return r;
    x = sb_pool_op(line->pool, SB_X, &zero, 1, NULL, 0);
    r = x ? sb_expr_kinks(line->pool, line->e, x, 1, 0, &kinks, &n) : -ENOMEM;
    if (!r)
        r = merge_kinks(b, kinks, n);
    if (!r)
        r = sb_discs_new(line->pool, line->e, &line->discs);
    if (r)
        return r;
    line->program = sb_program_new(line->pool, line->e);
    return line->program ? 0 : -ENOMEM;
}

static void close_lines(struct batch *b)
{
    for (uint32_t k = 0; k < b->n; k++) {
        sb_program_free(b->line[k].program);
        sb_discs_free(b->line[k].discs);
        sb_pool_free(b->line[k].pool);
    }
    memset(b->line, 0, sizeof b->line);
    b->n = 0;
    b->n_kinks = 0;
}

/* ---- integrals ---- */

static void run(const struct line *line, size_t n, const double *y, double *out)
{
    const struct sb_block block = { .n = n, .dim = 1, .x = &y };

    sb_program_run(line->program, &block, out);
}

/* The patterns' values; and 1, for the mass. */
static int values(void *self, size_t n, const double *y, double *out)
{
    const struct batch *b = self;

    for (uint32_t k = 0; k < b->n; k++)
        run(&b->line[k], n, y, out + k * n);
    for (size_t i = 0; i < n; i++)
        out[b->n * n + i] = 1;
    return sb_fuse_blown(b->query->fuse) ? -ETIME : 0;
}

static int discs(void *self, size_t n, const double *y, const double *radius, double *out)
{
    const struct batch *b = self;
    double found[SB_PANEL_POINTS];

    for (size_t i = 0; i < n; i++)
        out[i] = 1;
    for (uint32_t k = 0; k < b->n; k++) {
        sb_discs_run(b->line[k].discs, 0, n, y, radius, found);
        for (size_t i = 0; i < n; i++)
            out[i] = found[i] > out[i] ? found[i] : out[i];
    }
    return sb_fuse_blown(b->query->fuse) ? -ETIME : 0;
}

static int integrate(struct batch *b, double to, double *integrals, double *error_inout)
{
    const struct sb_measure measure = { b, 0, to, density, on_disc };
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

/* The means of all lines of the batch at the label v: out[k]. */
static int means(struct batch *b, double *out, double *error_inout)
{
    const struct sb_lift *lift = b->query->lifting->lift;
    const double zero = 0, at_none = sb_lift_of(lift, b->v, 0);
    double integrals[AT_ONCE + 1] = { 0 };
    int r = 0;

    if (b->v > 0)
        r = integrate(b, b->v * lift->top, integrals, error_inout);
    for (uint32_t k = 0; k < b->n && !r; k++) {
        double e_zero, e_none;

        run(&b->line[k], 1, &zero, &e_zero);
        run(&b->line[k], 1, &at_none, &e_none);
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
