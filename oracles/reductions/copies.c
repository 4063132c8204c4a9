/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reduction copies [CLL22, Remark 3.4]: a learner for hidden directions padded to d' > d coordinates, unchanged, works
 * against an oracle over the directions in d. Its query phi'(x') becomes phi(x) = phi'(copies of x): the same value, by the
 * same oracle at the same tolerance, one for one. Expressions are folded (query/expr.h), callbacks are called at the
 * copies of public points, examples are copied. */
#include "base/memory.h"
#include "oracles/reductions/reduction.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

struct copies {
    uint32_t d, dim;       /* inner and outer dimension */
    struct sb_pool *pool;  /* inner; owned */
    const double **column; /* SB_CALL_BLOCKS x dim: where columns are; owned */
    uint64_t n_asked;      /* outer queries so far */
    char message[256];     /* why an expression was not folded; until the next call */
};

struct copied_query {
    struct copies *r;
    const struct sb_callback *callback; /* the learner's */
    struct sb_callback as;              /* what the inner oracle is asked */
    struct sb_digest digest;            /* of the expression as asked */
};

static const struct sb_family *inner(const struct sb_family *family)
{
    return family->copied;
}

static int create(const struct sb_reduction_setup *setup, struct sb_reduction *reduction,
                  struct sb_diag *diag)
{
    struct copies *r = SB_NEW(struct copies);

    if (!r)
        return -ENOMEM;
    reduction->self = r;
    r->d = reduction->inner->space.dim;
    r->dim = reduction->outer->space.dim;
    r->pool = sb_pool_new(&reduction->inner->space);
    r->column = SB_NEW_ARRAY(const double *, (size_t)SB_CALL_BLOCKS * r->dim);
    if (!r->pool || !r->column)
        return -ENOMEM;
    if (setup->gap > 0)
        return sb_diag_fail(diag, -EINVAL,
                            "reduction copies: a gap is of predictors, and there are no labels to "
                            "predict; leave gap out");
    return 0;
}

static void destroy(struct sb_reduction *reduction)
{
    struct copies *r = reduction->self;

    sb_pool_free(r->pool);
    free(r->column);
    free(r);
}

/* struct sb_callback, values: the columns of x once more, nothing moves. */
static int values(void *self, const struct sb_block *blocks, size_t n_blocks, bool labels,
                  double *out)
{
    const struct copied_query *q = self;
    const struct copies *r = q->r;
    struct sb_block copied[SB_CALL_BLOCKS];

    for (size_t b = 0; b < n_blocks; b++) {
        const double **column = r->column + b * r->dim;

        for (uint32_t j = 0; j < r->dim; j++)
            column[j] = blocks[b].x[j % r->d];
        copied[b] = blocks[b];
        copied[b].dim = r->dim;
        copied[b].x = column;
    }
    return q->callback->values(q->callback->self, copied, n_blocks, labels, out);
}

/* 0 or -ENOMEM */
static int take_expr(struct copies *r, const struct sb_ask *ask, struct copied_query *q,
                     struct sb_ask *out)
{
    struct sb_buf bytes;
    int error;

    sb_buf_init(&bytes);
    sb_expr_encode(ask->pool, ask->expr, &bytes);
    error = bytes.failed ? -ENOMEM : 0;
    if (!error)
        q->digest = sb_digest_of(bytes.data, bytes.n);
    sb_buf_fini(&bytes);
    if (error)
        return error;
    out->expr = sb_expr_fold(ask->pool, ask->expr, r->pool);
    if (!out->expr && !*sb_pool_error(r->pool))
        return -ENOMEM;
    if (!out->expr) { /* added up, numbers of a dot can be infinite */
        snprintf(r->message, sizeof r->message, "over fewer coordinates: %s",
                 sb_pool_error(r->pool));
        sb_pool_clear_error(r->pool);
        out->cause = r->message;
    }
    return 0;
}

static int take(struct copies *r, const struct sb_ask *ask, struct copied_query *q,
                struct sb_ask *out)
{
    *q = (struct copied_query){ .r = r, .callback = ask->callback };
    *out = *ask;
    out->pool = r->pool;
    out->callback = NULL;
    r->n_asked++;
    if (ask->expr)
        return take_expr(r, ask, q, out);
    if (ask->callback) {
        q->as = (struct sb_callback){ q, ask->callback->name, values };
        out->callback = &q->as;
    }
    return 0;
}

static int ask_taken(struct sb_reduction *reduction, const struct sb_ask *asks, size_t n,
                     struct copied_query *queries, struct sb_ask *taken, struct sb_asked *out,
                     struct sb_diag *diag)
{
    struct copies *r = reduction->self;
    const uint32_t mark = sb_pool_mark(r->pool);
    int error = 0;

    for (size_t i = 0; i < n && !error; i++)
        error = take(r, &asks[i], &queries[i], &taken[i]);
    if (!error)
        error = sb_oracle_ask_many(reduction->oracle, taken, n, out, diag);
    sb_pool_forget(r->pool, mark);
    for (size_t i = 0; i < n && error != -ENOMEM; i++) {
        if (!asks[i].expr)
            continue;
        out[i].has_expr = true; /* the record is of what the learner asked */
        out[i].digest = queries[i].digest;
    }
    return error;
}

static int ask_many(struct sb_reduction *reduction, const struct sb_ask *asks, size_t n,
                    struct sb_asked *out, struct sb_diag *diag)
{
    struct copied_query *queries SB_FREE = SB_NEW_ARRAY(struct copied_query, n);
    struct sb_ask *taken SB_FREE = SB_NEW_ARRAY(struct sb_ask, n);

    return queries && taken ? ask_taken(reduction, asks, n, queries, taken, out, diag) : -ENOMEM;
}

/* Of x without labels none are granted, which the inner oracle says. */
static int labels(struct sb_reduction *reduction, uint64_t n, const struct sb_points *points,
                  double *y_out, struct sb_asked *out)
{
    return sb_oracle_labels(reduction->oracle, n, points, y_out, out);
}

static int samples(struct sb_reduction *reduction, uint64_t n, const struct sb_points *points_out,
                   double *y_out, struct sb_asked *out)
{
    const struct copies *r = reduction->self;
    int error = sb_oracle_samples(reduction->oracle, n, points_out, y_out, out);

    if (error || out->status != SB_OK)
        return error;
    for (uint32_t j = r->d; j < r->dim; j++)
        memcpy(points_out->x[j], points_out->x[j % r->d], n * sizeof(double));
    return sb_reduction_name_examples(r->dim, n, points_out, y_out, out);
}

static int predictor(struct sb_reduction *reduction, const struct sb_callback *callback,
                     struct sb_hidden hidden)
{
    (void)reduction;
    (void)callback;
    (void)hidden;
    return 0;
}

static size_t facts(const struct sb_reduction *reduction, struct sb_hidden hidden,
                    struct sb_fact out[SB_FACTS_MAX])
{
    const struct copies *r = reduction->self;

    (void)hidden;
    out[0] = (struct sb_fact){ "padded_queries", (double)r->n_asked,
                               "queries of the learner, over all coordinates" };
    out[1] =
        (struct sb_fact){ "base_queries", (double)sb_oracle_totals(reduction->oracle)->n_queries,
                          "queries that the inner oracle was asked, over those that are copied" };
    return 2;
}

const struct sb_reduction_class sb_reduction_copies = {
    .name = "copies",
    .summary = "a learner for padded hidden directions finds those that are copied: the same "
               "queries and tolerance",
    .source = "[CLL22, Remark 3.4]",
    .tolerance_part = 1,
    .inner = inner,
    .outer = "a padded one (family: { type: padded, ... })",
    .create = create,
    .destroy = destroy,
    .ask_many = ask_many,
    .labels = labels,
    .samples = samples,
    .predictor = predictor,
    .facts = facts,
};
