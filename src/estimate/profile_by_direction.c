/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every member's value of a query where a direction is hidden (estimate/ngca.h), from the inner products of the query's
 * own directions with the members'. A query is opened once (estimate/opener.h); then
 *
 *   a ridge g(<u,x>)       is a power series in t_i = <u,v_i> (estimate/ridge_series.h), and where |t_i| is too near 1
 *                          for it the integral that a single expectation is (sb_line_integrate);
 *   a product of Hermite polynomials, perhaps clipped, is c + s T(v_i), T a product of coordinates of v_i
 *                          (estimate/ngca_terms.h).
 *
 * The inner products, members times coordinates, are what takes time; a part of the members is one thread's, from its
 * products to its values, so that these do not depend on how many threads there are. */
#include "estimate/ngca_terms.h"

#include "base/memory.h"
#include "base/threads.h"
#include "estimate/opener.h"
#include "estimate/profile_ways.h"
#include "estimate/ridge.h"
#include "estimate/ridge_series.h"

#include <errno.h>
#include <math.h>
#include <string.h>

/* Members of one part; those that may be integrated one by one, about half a millisecond each. */
enum { PART = 1024, FEW = 8, MOST_DIRECT = 1 << 13, LANES = SB_SERIES_LANES };

/* What series may miss, of the half-width that is wanted; and of a query's size, less than which it is never asked. */
static const double missed_share = 0x1p-7, least_missed = 1e-13;
static const double most_size = 0x1p20;

struct profiler {
    const struct sb_profile_task *task;
    const struct sb_ngca *ngca;
    uint64_t n_terms;  /* of the query */
    double *sum;       /* of its terms, n_members and a few: rounded up to lanes */
    double half_width; /* of each sum */
    bool estimated;    /* by panels */
    /* of one term */
    const double *unit;
    const struct sb_ridge_series *series;
    const struct sb_ngca_product *product;
    double coef;
    double *t;
};

/* ---- inner products ---- */

static double inner_product(uint32_t dim, const double *u, const double *v)
{
    double lane[LANES] = { 0 };
    uint32_t j = 0;

    for (; j + LANES <= dim; j += LANES)
        for (uint32_t k = 0; k < LANES; k++)
            lane[k] += u[j + k] * v[j + k];
    for (uint32_t k = 0; j < dim; j++, k++)
        lane[k] += u[j] * v[j];
    return ((lane[0] + lane[4]) + (lane[2] + lane[6])) +
           ((lane[1] + lane[5]) + (lane[3] + lane[7]));
}

/* [Higham02, (3.5)]: of unit vectors, and u is one but for a rounding of each coordinate */
static double product_error(uint32_t dim)
{
    return (dim + 16) * 0x1p-53;
}

static void find_products(const struct profiler *p, uint64_t from, uint64_t n)
{
    const struct sb_ngca *ngca = p->ngca;
    double v[SB_NGCA_DIM], t;

    for (uint64_t i = from; i < from + n; i++) {
        if (!ngca->directions)
            sb_ngca_direction(ngca, i, v);
        t = inner_product(ngca->dim, p->unit,
                          ngca->directions ? ngca->directions + i * ngca->dim : v);
        p->t[i] = t > 1 ? 1 : t < -1 ? -1 : t;
    }
}

static uint64_t part_of(const struct profiler *p, size_t part, uint64_t *from_out)
{
    const uint64_t n_members = p->task->family->n_members;

    *from_out = (uint64_t)part * PART;
    return n_members - *from_out < PART ? n_members - *from_out : PART;
}

static void products_of_part(void *context, size_t part)
{
    const struct profiler *p = context;
    uint64_t from;
    const uint64_t n = part_of(p, part, &from);

    if (!sb_fuse_blown(p->task->fuse))
        find_products(p, from, n);
}

/* Does f for all parts. */
static int do_parts(struct profiler *p, sb_part *f)
{
    const size_t n_parts = (size_t)((p->task->family->n_members + PART - 1) / PART);

    /* a law whose directions are made one by one may be a plugin's */
    sb_threads_run(p->ngca->directions ? sb_threads_count() : 1, n_parts, f, p);
    return sb_fuse_blown(p->task->fuse) ? -ETIME : 0;
}

/* Which |t| a series is to reach: of all members' but the FEW largest, which take less time one by one. */
static double most_product(const struct profiler *p)
{
    double largest[FEW + 1] = { 0 };

    for (uint64_t i = 0; i < p->task->family->n_members; i++) {
        double t = fabs(p->t[i]);

        for (int k = 0; k <= FEW && t > largest[FEW]; k++)
            if (t > largest[k]) {
                const double less = largest[k];

                largest[k] = t;
                t = less;
            }
    }
    return largest[FEW];
}

/* ---- a ridge ---- */

static void add_part(void *context, size_t part)
{
    const struct profiler *p = context;
    const double reach = sb_ridge_series_reach(p->series);
    double value[PART];
    uint64_t from;
    const uint64_t n = part_of(p, part, &from);

    if (sb_fuse_blown(p->task->fuse))
        return;
    sb_ridge_series_at(p->series, (n + LANES - 1) / LANES * LANES, p->t + from, value);
    for (uint64_t i = 0; i < n; i++)
        if (fabs(p->t[from + i]) <= reach)
            p->sum[from + i] += p->coef * value[i];
}

/* Better than p->t[i], near 1. */
static struct sb_tilt overlap_of(const struct profiler *p, uint64_t i)
{
    double v[SB_NGCA_DIM];

    sb_ngca_direction(p->ngca, i, v);
    return sb_direction_overlap(p->ngca->dim, p->unit, v);
}

/* Members whose |t| is beyond the series' reach, one by one. *error_out: of the values, at most. */
static int add_direct(const struct profiler *p, const struct sb_ridge *ridge,
                      const struct sb_integrand *g, double *error_out)
{
    const double reach = sb_ridge_series_reach(p->series);
    double value, error, most = 0;
    uint64_t n = 0;
    int r = 0;

    for (uint64_t i = 0; i < p->task->family->n_members; i++)
        n += fabs(p->t[i]) > reach;
    if (n > MOST_DIRECT || (n && !sb_profile_is_cheap(p->task, n << 10)))
        return 1;
    for (uint64_t i = 0; n && i < p->task->family->n_members && !r; i++) {
        if (fabs(p->t[i]) <= reach)
            continue;
        r = sb_line_integrate_at(p->ngca->line, overlap_of(p, i), g, ridge->kinks, ridge->n_kinks,
                                 &value, &error);
        if (r == 1 && error < INFINITY)
            r = 0; /* less sharp, and said to be */
        p->sum[i] += r ? 0 : p->coef * value;
        most = !r && error > most ? error : most;
    }
    *error_out = most;
    return r;
}

static double series_error(const struct profiler *p)
{
    const double reach = sb_ridge_series_reach(p->series);
    double most = 0;

    for (uint64_t i = 0; i < p->task->family->n_members; i++)
        most = fabs(p->t[i]) <= reach && fabs(p->t[i]) > most ? fabs(p->t[i]) : most;
    return reach < 0 ? 0 : sb_ridge_series_error(p->series, most, product_error(p->ngca->dim));
}

static int add_members(struct profiler *p, const struct sb_ridge *ridge,
                       const struct sb_integrand *g, double *error_out)
{
    double of_direct = 0, of_series;
    int r = do_parts(p, add_part);

    if (!r)
        r = add_direct(p, ridge, g, &of_direct);
    of_series = series_error(p);
    *error_out = of_direct > of_series ? of_direct : of_series;
    return r;
}

static double missed_for(const struct profiler *p, double coef, double size)
{
    const double share = p->task->half_width * missed_share / (double)p->n_terms;
    const double least = size * least_missed;

    return fabs(coef) > 0 && share / fabs(coef) > least ? share / fabs(coef) : least;
}

static int add_ridge(struct profiler *p, struct sb_ball coef, struct sb_ridge *ridge, double size)
{
    const struct sb_integrand g = { .self = ridge,
                                    .n_values = 1,
                                    .size = size,
                                    .values = sb_ridge_values,
                                    .discs = sb_ridge_discs };
    struct sb_ridge_series *series SB_FREE = SB_NEW(struct sb_ridge_series);
    double error = 0;
    int r = series ? 0 : -ENOMEM;

    p->unit = ridge->unit;
    p->series = series;
    p->coef = coef.mid;
    if (!r)
        r = do_parts(p, products_of_part);
    if (!r)
        r = sb_ridge_series_init(p->ngca->line, &g, ridge->kinks, ridge->n_kinks,
                                 missed_for(p, coef.mid, size), most_product(p), series);
    if (!r)
        r = add_members(p, ridge, &g, &error);
    p->series = NULL;
    /* two operations on a sum of at most n_terms terms like this one */
    p->half_width += fabs(coef.mid) * error + coef.rad * size +
                     2 * (double)p->n_terms * 0x1p-53 * fabs(coef.mid) * size;
    return r;
}

/* ---- a product ---- */

static void add_products_of_part(void *context, size_t part)
{
    const struct profiler *p = context;
    const struct sb_ngca *ngca = p->ngca;
    double v[SB_NGCA_DIM];
    uint64_t from;
    const uint64_t n = part_of(p, part, &from);

    if (sb_fuse_blown(p->task->fuse))
        return;
    for (uint64_t i = from; i < from + n; i++) {
        if (!ngca->directions)
            sb_ngca_direction(ngca, i, v);
        p->sum[i] +=
            p->coef * sb_ngca_product_mean(p->product,
                                           ngca->directions ? ngca->directions + i * ngca->dim : v);
    }
}

static int add_product(struct profiler *p, struct sb_ball coef, const struct sb_hermite_product *of)
{
    struct sb_ngca_product product;
    double size;
    int r = sb_ngca_product_open(p->ngca, of, &product);

    if (r)
        return r;
    size = fabs(product.constant) + fabs(product.slope);
    p->product = &product;
    p->coef = coef.mid;
    r = do_parts(p, add_products_of_part);
    p->half_width += fabs(coef.mid) * product.error + coef.rad * size +
                     2 * (double)p->n_terms * 0x1p-53 * fabs(coef.mid) * size;
    return r;
}

/* What does not look at x is the same for all. */
static int add_constant(struct profiler *p, struct sb_ball coef, struct sb_ridge *ridge,
                        double size)
{
    const double zero = 0;
    double value;
    const int error = sb_ridge_values(ridge, 1, &zero, &value);

    for (uint64_t i = 0; i < p->task->family->n_members && !error; i++)
        p->sum[i] += coef.mid * value;
    p->half_width += coef.rad * size + 2 * (double)p->n_terms * 0x1p-53 * fabs(coef.mid) * size;
    return error;
}

/* ---- terms ---- */

static int is_term(void *self, sb_expr e)
{
    const struct profiler *p = self;
    struct sb_hermite_product product;
    struct sb_projection projection;
    int r;

    if (sb_hermite_product_find(p->task->pool, e, &product))
        return 0;
    r = sb_projection_find(p->task->pool, e, &projection);
    if (!r)
        sb_projection_fini(&projection);
    return r;
}

static int add_function(struct profiler *p, struct sb_ball coef, sb_expr e)
{
    const double size = sb_expr_magnitude(p->task->pool, e);
    struct sb_ridge ridge;
    int r = size <= most_size ? 0 : 1;

    if (r)
        return r;
    r = sb_ridge_open(p->task->pool, e, p->task->fuse, &ridge);
    if (!r)
        r = ridge.projection.x ? add_ridge(p, coef, &ridge, size)
                               : add_constant(p, coef, &ridge, size);
    sb_ridge_fini(&ridge);
    return r;
}

/* A clipped polynomial of one coordinate is a ridge, too, and better known as such. */
static int add_term(void *self, struct sb_ball coef, sb_expr e)
{
    struct profiler *p = self;
    struct sb_hermite_product product;

    if (sb_hermite_product_find(p->task->pool, e, &product) && !(product.clipped && product.n == 1))
        return add_product(p, coef, &product);
    p->estimated = true;
    return add_function(p, coef, e);
}

static int count_term(void *self, struct sb_ball coef, sb_expr e)
{
    (void)coef;
    (void)e;
    ((struct profiler *)self)->n_terms++;
    return 0;
}

/* ---- a query ---- */

static int run(struct profiler *p, sb_expr e, double *out)
{
    const uint64_t n = p->task->family->n_members;
    struct sb_term_opener opener = { p->task->pool, p, is_term, count_term };
    double rounding;
    int r;

    memset(p->sum, 0, n * sizeof *p->sum);
    p->n_terms = 0;
    p->half_width = 0;
    r = sb_opener_terms(&opener, e, &rounding);
    opener.term = add_term;
    if (!r)
        r = sb_opener_terms(&opener, e, &rounding);
    if (r)
        return r;
    p->half_width = (p->half_width + rounding) * (1 + 0x1p-40);
    memcpy(out, p->sum, n * sizeof *out);
    return 0;
}

/* The values, and their squares' as those of another query. */
static int run_all(struct profiler *p, struct sb_profile *out)
{
    const struct sb_profile_task *task = p->task;
    const sb_expr pair[2] = { task->expr, task->expr };
    sb_expr square = 0;
    int r = run(p, task->expr, out->value);

    out->half_width = p->half_width;
    if (r || !task->squares)
        return r;
    square = sb_pool_op(task->pool, SB_MUL, NULL, 0, pair, 2);
    r = square ? run(p, square, out->second) : 1;
    if (!r && p->half_width > out->half_width)
        out->half_width = p->half_width;
    return r;
}

int sb_profile_by_direction(const struct sb_profile_task *task, struct sb_profile *out)
{
    const struct sb_family *family = task->family;
    struct profiler p = { .task = task, .ngca = family->ngca };
    const uint64_t padded = (family->n_members / LANES + 1) * LANES;
    int r;

    if (!family->ngca || !task->expr ||
        !sb_profile_is_cheap(task, family->n_members * family->ngca->dim))
        return 1;
    r = sb_profile_list(out, family->n_members, false, task->squares);
    p.sum = SB_NEW_ARRAY(double, padded);
    p.t = SB_NEW_ARRAY(double, padded);
    if (!r)
        r = p.sum && p.t ? run_all(&p, out) : -ENOMEM;
    free(p.sum);
    free(p.t);
    if (r)
        return r;
    out->method = p.estimated ? SB_QUADRATURE : SB_CLOSED_FORM;
    return out->half_width <= task->half_width ? 0 : 1; /* by a sample, which says why not */
}
