/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Gaussian queries of reduction lift. phi(z, y), asked at tau, becomes the callback
 *     phi'(x, v) = mean over K draws of z given thres(z) = x of phi(z, label of z where f(x) = v),
 * which the inner oracle is asked at tau/2 [CGKM22, Theorem 3.2]. Draws are keyed by the query's number, x, and
 * which of the K it is. Under csq phi(z, y) = y g(z), and the label is v times that for v = 1. */
#include "base/memory.h"
#include "oracles/reductions/lift_internal.h"
#include "query/reason.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>

struct sb_lift_query {
    struct sb_lift_reduction *r;
    uint64_t number;                    /* among all Gaussian queries, from 1 */
    const struct sb_callback *callback; /* the learner's; NULL: an expression */
    const struct sb_pool *pool;
    sb_expr expr;               /* in the oracle's range */
    struct sb_program *program; /* of it, while it is asked; owned */
    struct sb_callback as;      /* what the inner oracle is asked */
    struct sb_digest digest;    /* of the expression as asked */
    bool clipped;
    int32_t status;    /* why the inner oracle is asked nothing; 0: it is asked */
    char message[640]; /* of that, or where the learner's callback left its range */
};

void sb_lift_forget_queries(struct sb_lift_reduction *r)
{
    for (size_t i = 0; i < r->n_queries; i++)
        sb_program_free(r->queries[i].program);
    free(r->queries);
    r->queries = NULL;
    r->n_queries = 0;
}

/* ---- values at points z ---- */

/* Draws on their way: rooms are filled with z's one after the other, whichever points x they are of, and
 * evaluated together when all are full; so that all are full but the last. */
struct filling {
    struct sb_lift_query *q;
    size_t n_slots, n_pieces, n_rooms; /* rooms begun; the last has `used` points */
    uint64_t used;
};

/* Makes n labelled points of the cells from..: draw number k of points x number start.. */
static void draw(const struct filling *f, uint64_t k, uint64_t start, uint64_t from, uint64_t n)
{
    struct sb_lift_reduction *r = f->q->r;
    const uint32_t dim = r->reduction->outer->space.dim, d = r->lift->setup.dim;
    const struct sb_lift_stream stream = { r->lift, dim, r->query_key,
                                           f->q->number * r->n_draws + k };
    const struct sb_lift_cells_room cells = { r->at_cells };

    for (uint32_t j = 0; j < d; j++)
        r->at_cells[j] = r->cells.column[j] + from;
    for (uint32_t j = 0; j < dim; j++)
        r->at_z[j] = r->room[f->n_rooms - 1].x[j] + f->used;
    sb_lift_points(&stream, start + from, n, &cells, r->at_z);
}

/* label of z where f(thres(z)) = v, the same at all points */
static void lift_label(const struct sb_lift_reduction *r, const struct sb_block *z, double v,
                       double *out)
{
    for (uint64_t i = 0; i < z->n; i++)
        out[i] = v;
    sb_lift_rule(r->lift, z, out, out);
}

static void out_of_range(struct sb_lift_query *q, const struct sb_block *z, uint64_t i, double y,
                         double v)
{
    char point[400];

    if (q->message[0])
        return;
    sb_point_print(z, i, point, sizeof point);
    snprintf(
        q->message, sizeof q->message,
        "the callback wrote %g at z = %s, label %g; a query must lie in [%g,%g] at every point", v,
        point, y, q->r->access->lo, q->r->access->hi);
}

/* What leaves the range becomes infinite, which the inner oracle refuses at this x. */
static void check(struct sb_lift_query *q, const struct sb_block *z, const double *y, double *v)
{
    const struct sb_access_class *access = q->r->access;

    for (uint64_t i = 0; i < z->n; i++) {
        if (v[i] >= access->lo && v[i] <= access->hi) {
            v[i] = access->without_label ? y[i] * v[i] : v[i];
            continue;
        }
        out_of_range(q, z, i, y[i], v[i]);
        v[i] = INFINITY;
    }
}

static void run_expr(struct sb_lift_query *q, const struct sb_block *z, const double *y,
                     double *out)
{
    struct sb_block labelled = *z;

    labelled.y = q->r->access->without_label ? NULL : y;
    sb_program_run(q->program, &labelled, out);
}

/* A room's values with slot l, added where they belong. */
static size_t scatter(const struct filling *f, size_t first, size_t room, size_t l, const double *v)
{
    const struct sb_lift_piece *piece = f->q->r->piece;
    size_t p = first;

    for (; p < f->n_pieces && piece[p].room == room; p++)
        for (uint64_t i = 0; i < piece[p].n; i++)
            piece[p].to[l * SB_BLOCK + i] += v[piece[p].at + i];
    return p;
}

/* All that is filled, added to where it belongs; then all rooms are empty. */
static int evaluate(struct filling *f)
{
    struct sb_lift_query *q = f->q;
    struct sb_lift_reduction *r = q->r;
    const bool labels = !r->access->without_label;
    struct sb_block z[SB_CALL_BLOCKS];
    size_t first = 0, next = 0;
    double y[SB_BLOCK];
    int error = 0;

    for (size_t b = 0; b < f->n_rooms; b++) {
        z[b] = r->room[b].block;
        z[b].n = b + 1 < f->n_rooms ? SB_BLOCK : f->used;
    }
    if (q->callback && f->n_rooms)
        error = q->callback->values(q->callback->self, z, f->n_rooms, labels, r->values);
    for (size_t b = 0; b < f->n_rooms && !error; b++, first = next) {
        for (size_t l = 0; l < f->n_slots; l++) {
            double *v = r->values + (b * f->n_slots + l) * SB_BLOCK;

            lift_label(r, &z[b], labels ? r->reduction->inner->space.labels[l] : 1, y);
            if (!q->callback)
                run_expr(q, &z[b], y, v);
            check(q, &z[b], y, v);
            next = scatter(f, first, b, l, v);
        }
    }
    f->n_pieces = f->n_rooms = 0;
    f->used = 0;
    return error;
}

/* Draw number k of a block whose first point is x number start, n of them; values go to `to`. */
static int add_draw(struct filling *f, uint64_t k, uint64_t start, uint64_t n, double *to)
{
    int error = 0;

    for (uint64_t from = 0, m; from < n && !error; from += m) {
        if (f->used == SB_BLOCK || !f->n_rooms) {
            if (f->n_rooms == SB_CALL_BLOCKS)
                error = evaluate(f);
            f->n_rooms++;
            f->used = 0;
        }
        m = n - from < SB_BLOCK - f->used ? n - from : SB_BLOCK - f->used;
        draw(f, k, start, from, m);
        f->q->r->piece[f->n_pieces++] =
            (struct sb_lift_piece){ to + from, m, f->used, f->n_rooms - 1 };
        f->used += m;
    }
    return error;
}

static int make_program(struct sb_lift_query *q)
{
    if (q->callback || q->program)
        return 0;
    q->program = sb_program_new(q->pool, q->expr);
    return q->program ? 0 : -ENOMEM;
}

/* struct sb_callback, values: over the base's domain, whose blocks have consecutive points. */
static int values(void *self, const struct sb_block *blocks, size_t n_blocks, bool labels,
                  double *out)
{
    struct sb_lift_query *q = self;
    struct sb_lift_reduction *r = q->r;
    const struct sb_space *inner = &r->reduction->inner->space;
    struct filling f = { .q = q, .n_slots = labels ? inner->n_labels : 1 };
    const size_t n = n_blocks * f.n_slots * SB_BLOCK;
    int error = make_program(q);

    for (size_t i = 0; i < n; i++)
        out[i] = 0;
    for (size_t b = 0; b < n_blocks && !error; b++) {
        const uint64_t start = sb_point_number(inner, &blocks[b], 0);

        sb_lift_cells_of(&r->cells, &blocks[b]);
        for (uint64_t k = 0; k < r->n_draws && !error; k++) {
            error = add_draw(&f, k, start, blocks[b].n, out + b * f.n_slots * SB_BLOCK);
            if (!error && k % 64 == 0 && sb_fuse_blown(r->fuse))
                error = -ETIME;
        }
    }
    if (!error)
        error = evaluate(&f);
    for (size_t i = 0; i < n; i++)
        out[i] /= (double)r->n_draws;
    return error;
}

/* ---- from what is asked to what the inner oracle is asked ---- */

__attribute__((format(printf, 2, 3))) static void refuse(struct sb_lift_query *q, const char *fmt,
                                                         ...)
{
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(q->message, sizeof q->message, fmt, ap);
    va_end(ap);
    q->status = SB_REFUSED;
}

/* 0 or -ENOMEM */
static int check_label(struct sb_lift_query *q, const struct sb_ask *ask)
{
    struct sb_support support;

    if (!q->r->access->without_label)
        return 0;
    if (sb_expr_support(ask->pool, ask->expr, &support))
        return -ENOMEM;
    if (support.label)
        refuse(q,
               "%s takes functions g of x alone, and this one depends on the label; leave y out: "
               "E[y g(x)] is what is answered",
               q->r->access->name);
    sb_support_fini(&support);
    return 0;
}

static int take_expr(struct sb_lift_query *q, const struct sb_ask *ask)
{
    const struct sb_access_class *access = q->r->access;
    struct sb_buf bytes;
    int error;

    sb_buf_init(&bytes);
    sb_expr_encode(ask->pool, ask->expr, &bytes);
    error = bytes.failed ? -ENOMEM : check_label(q, ask);
    if (!error)
        q->digest = sb_digest_of(bytes.data, bytes.n);
    sb_buf_fini(&bytes);
    q->pool = ask->pool;
    q->expr = error ? 0 : sb_access_clip(access, ask->pool, ask->expr, &q->clipped);
    if (!error && !q->expr)
        refuse(q, "the expression is too large to be clipped");
    return error;
}

static int take(struct sb_lift_reduction *r, const struct sb_ask *ask, struct sb_lift_query *q,
                struct sb_ask *inner)
{
    int error = 0;

    *q = (struct sb_lift_query){ .r = r, .number = ++r->n_asked };
    *inner =
        (struct sb_ask){ .cause = ask->cause,
                         .access = ask->access,
                         .tolerance = sb_reduction_tolerance(r->reduction->class, ask->tolerance) };
    if (ask->expr)
        error = take_expr(q, ask);
    else
        q->callback = ask->callback;
    q->as = (struct sb_callback){ q, q->callback ? q->callback->name : "", values };
    if (q->status)
        inner->cause = q->message;
    else if (q->expr || q->callback)
        inner->callback = &q->as;
    return error;
}

/* As the learner was told its tolerance. */
static void tell_tolerance(struct sb_lift_query *q, const struct sb_ask *ask,
                           const struct sb_asked *asked)
{
    const struct sb_tolerance granted = q->r->granted;
    const char *expected = q->r->access->refuse(granted, asked->tolerance);

    snprintf(q->message, sizeof q->message, "%g was asked for, expected %s (%g)", ask->tolerance,
             expected ? expected : "another", granted.value);
}

/* The record speaks of what the learner asked; the message outlives the inner oracle's. */
static void give(struct sb_lift_query *q, const struct sb_ask *ask, struct sb_asked *asked)
{
    const struct sb_lift_reduction *r = q->r;

    asked->tolerance = ask->tolerance == 0 ? r->granted.value : ask->tolerance;
    asked->has_expr = ask->expr != 0;
    asked->has_callback = ask->callback && !ask->expr;
    asked->clipped = q->clipped;
    if (asked->has_expr)
        asked->digest = q->digest;
    if (!asked->status)
        return;
    if (asked->status == SB_SYNTAX && q->status)
        asked->status = q->status; /* and the message is there */
    else if (asked->status == SB_TOLERANCE)
        tell_tolerance(q, ask, asked);
    else if (asked->status != SB_RANGE || !q->message[0])
        snprintf(q->message, sizeof q->message, "%s", asked->message ? asked->message : "");
    asked->message = q->message;
}

int sb_lift_ask_many(struct sb_reduction *reduction, const struct sb_ask *asks, size_t n,
                     struct sb_asked *out, struct sb_diag *diag)
{
    struct sb_lift_reduction *r = reduction->self;
    struct sb_ask *inner SB_FREE = SB_NEW_ARRAY(struct sb_ask, n);
    int error = inner ? 0 : -ENOMEM;

    sb_lift_forget_queries(r);
    r->queries = SB_NEW_ARRAY(struct sb_lift_query, n);
    if (!r->queries)
        return -ENOMEM;
    r->n_queries = n;
    for (size_t i = 0; i < n && !error; i++)
        error = take(r, &asks[i], &r->queries[i], &inner[i]);
    /* one after the other: a program lives as long as its query is asked */
    for (size_t i = 0; i < n && error != -ENOMEM; i++) {
        struct sb_lift_query *q = &r->queries[i];
        int one;

        if (error)
            sb_oracle_stop(reduction->oracle);
        one = sb_oracle_ask(reduction->oracle, &inner[i], &out[i], diag);
        sb_program_free(q->program);
        q->program = NULL;
        give(q, &asks[i], &out[i]);
        error = error ? error : one;
    }
    return error;
}
