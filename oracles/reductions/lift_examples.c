/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Examples and labels of reduction lift. An example (x, v) of the base becomes (z, the label of z where f(x) = v),
 * z drawn given thres(z) = x [CGKM22, Theorem 2.3]; a label asked at z becomes one at thres(z) [CGKM22,
 * Theorem 5.1], which is the lifted function's own for the DV lift everywhere. */
#include "base/memory.h"
#include "oracles/reductions/lift_internal.h"

#include <errno.h>

/* Points of the base, as the inner oracle takes them. */
struct base_points {
    struct sb_points points;
    double **x;
    uint32_t dim;
};

static void base_points_fini(struct base_points *p)
{
    if (p->x)
        free(p->x[0]);
    free(p->x);
    free(p->points.bits);
}

static int base_points_init(struct base_points *p, const struct sb_space *space, uint64_t n)
{
    *p = (struct base_points){ .dim = space->dim };
    if (space->domain == SB_CUBE) {
        p->points.bits = SB_NEW_ARRAY(uint64_t, n);
        return p->points.bits ? 0 : -ENOMEM;
    }
    p->x = SB_NEW_ARRAY(double *, space->dim);
    if (!p->x || n > SIZE_MAX / sizeof(double) / space->dim)
        return -ENOMEM;
    p->x[0] = SB_NEW_ARRAY(double, n * space->dim);
    if (!p->x[0])
        return -ENOMEM;
    for (uint32_t j = 1; j < space->dim; j++)
        p->x[j] = p->x[0] + j * n;
    p->points.x = p->x;
    return 0;
}

/* Columns of points z from number `from` on, at most a block. */
struct z_piece {
    double **x; /* owned */
    struct sb_block block;
};

static void cut(const struct sb_points *points, uint64_t from, uint64_t n, struct z_piece *z)
{
    for (uint32_t j = 0; j < z->block.dim; j++)
        z->x[j] = points->x[j] + from;
    z->block.x = (const double *const *)z->x;
    z->block.n = n - from < SB_BLOCK ? n - from : SB_BLOCK;
}

static int z_piece_init(struct z_piece *z, uint32_t dim)
{
    *z = (struct z_piece){ SB_NEW_ARRAY(double *, dim),
                           { .struct_size = sizeof z->block, .dim = dim } };
    return z->x ? 0 : -ENOMEM;
}

/* A block of base points from number `from` on. */
static struct sb_block base_block(const struct base_points *p, uint64_t from, uint64_t n,
                                  const double **columns)
{
    for (uint32_t j = 0; p->x && j < p->dim; j++)
        columns[j] = p->x[j] + from;
    return (struct sb_block){ .struct_size = sizeof(struct sb_block),
                              .dim = p->dim,
                              .n = n,
                              .x = p->x ? columns : NULL,
                              .bits = p->points.bits ? p->points.bits + from : NULL };
}

/* z and labels of n examples of the base, the first of which is number `start` of the run. */
static int lift_examples(struct sb_lift_reduction *r, const struct base_points *base,
                         uint64_t start, uint64_t n, const struct sb_points *points_out, double *y)
{
    const uint32_t dim = r->reduction->outer->space.dim;
    const struct sb_lift_stream stream = { r->lift, dim, r->example_key, 0 };
    const double **columns SB_FREE = SB_NEW_ARRAY(const double *, base->dim);
    struct z_piece z;
    int error = z_piece_init(&z, dim) || !columns ? -ENOMEM : 0;

    for (uint64_t from = 0; from < n && !error; from += z.block.n) {
        struct sb_block x;

        cut(points_out, from, n, &z);
        x = base_block(base, from, z.block.n, columns);
        sb_lift_cells_of(&r->cells, &x);
        sb_lift_points(&stream, start + from, z.block.n, &r->cells, z.x);
        sb_lift_rule(r->lift, &z.block, y + from, y + from);
    }
    free(z.x);
    return error;
}

int sb_lift_samples(struct sb_reduction *reduction, uint64_t n, const struct sb_points *points_out,
                    double *y_out, struct sb_asked *out)
{
    struct sb_lift_reduction *r = reduction->self;
    const uint64_t start = sb_oracle_totals(reduction->oracle)->n_examples;
    struct base_points base;
    int error = base_points_init(&base, &reduction->inner->space, n);

    if (!error)
        error = sb_oracle_samples(reduction->oracle, n, &base.points, y_out, out);
    if (!error && out->status == SB_OK)
        error = lift_examples(r, &base, start, n, points_out, y_out);
    if (!error && out->status == SB_OK)
        error = sb_reduction_name_examples(reduction->outer->space.dim, n, points_out, y_out, out);
    base_points_fini(&base);
    return error;
}

static bool is_finite(const struct sb_block *z, uint64_t i)
{
    for (uint32_t j = 0; j < z->dim; j++)
        if (!(z->x[j][i] - z->x[j][i] == 0))
            return false;
    return true;
}

/* thres(z); outside of the domain where z is no point, which the inner oracle refuses. */
static void find_cells(const struct sb_lift *lift, const struct sb_block *z, uint64_t from,
                       struct base_points *base)
{
    double cell[SB_BLOCK];

    for (uint32_t j = 0; j < lift->setup.dim; j++) {
        sb_lift_cells(lift, z->n, z->x[j], cell);
        for (uint64_t i = 0; i < z->n; i++) {
            if (base->x)
                base->x[j][from + i] = cell[i];
            else
                base->points.bits[from + i] |= (uint64_t)cell[i] << j;
        }
    }
    for (uint64_t i = 0; i < z->n; i++) {
        if (is_finite(z, i))
            continue;
        if (base->x)
            base->x[0][from + i] = -1;
        else
            base->points.bits[from + i] = UINT64_MAX;
    }
}

int sb_lift_labels(struct sb_reduction *reduction, uint64_t n, const struct sb_points *points,
                   double *y_out, struct sb_asked *out)
{
    struct sb_lift_reduction *r = reduction->self;
    struct base_points base;
    struct z_piece z = { 0 };
    int error = base_points_init(&base, &reduction->inner->space, n);

    if (!error)
        error = z_piece_init(&z, reduction->outer->space.dim);
    for (uint64_t from = 0; from < n && !error; from += z.block.n) {
        cut(points, from, n, &z);
        find_cells(r->lift, &z.block, from, &base);
    }
    if (!error)
        error = sb_oracle_labels(reduction->oracle, n, &base.points, y_out, out);
    for (uint64_t from = 0; from < n && !error && out->status == SB_OK; from += z.block.n) {
        cut(points, from, n, &z);
        sb_lift_rule(r->lift, &z.block, y_out + from, y_out + from);
    }
    if (!error && out->status == SB_OK)
        error = sb_reduction_name_examples(reduction->outer->space.dim, n, points, y_out, out);
    free(z.x);
    base_points_fini(&base);
    return error;
}
