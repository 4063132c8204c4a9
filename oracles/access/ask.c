/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One query before it is answered: it is numbered, checked from public facts alone, and clipped where
 * it is not proven to be in range. */
#include "oracles/access/internal.h"

#include "query/reason.h"

#include <errno.h>

/* The access and the budgets. */
static bool admit(struct sb_oracle *oracle, struct sb_asked *asked)
{
    const struct sb_access_class *access = oracle->access;

    if (oracle->stopped)
        sb_oracle_refuse(oracle, asked, SB_STOP, "the run is over");
    else if (oracle->totals.n_queries > oracle->budget)
        sb_oracle_refuse(oracle, asked, SB_BUDGET, "the budget of %llu queries is used up",
                         (unsigned long long)oracle->budget);
    else if (access->kind == SB_ACCESS_EXAMPLES)
        sb_oracle_refuse(oracle, asked, SB_REFUSED,
                         "no query oracle is granted; the experiment grants %s", access->name);
    else if (asked->access != access->bit)
        sb_oracle_refuse(oracle, asked, SB_REFUSED,
                         "this oracle is not granted; the experiment grants %s", access->name);
    return asked->status == SB_OK;
}

/* The tolerance, and the examples that it may stand for. */
static bool check_tolerance(struct sb_oracle *oracle, double tolerance, struct sb_asked *asked)
{
    const char *expected = oracle->access->refuse(oracle->granted, asked->tolerance);

    if (expected) {
        sb_oracle_refuse(oracle, asked, SB_TOLERANCE, "%g was asked for, expected %s (%g)",
                         tolerance, expected, oracle->granted.value);
        return false;
    }
    return oracle->access->kind != SB_ACCESS_FRESH ||
           sb_oracle_has_examples(oracle, (uint64_t)asked->tolerance, asked);
}

/* Can callbacks be evaluated at all? */
static bool check_callback(struct sb_oracle *oracle, struct sb_asked *asked)
{
    const struct sb_family *family = oracle->family;

    if (oracle->access->kind == SB_ACCESS_FRESH)
        sb_oracle_refuse(oracle, asked, SB_REFUSED,
                         "%s draws fresh examples, which a callback never sees; use an expression",
                         oracle->access->name);
    else if (family->no_public_points || !sb_space_n_slots(&family->space))
        sb_oracle_refuse(oracle, asked, SB_REFUSED, "%s; use an expression",
                         family->no_public_points ? family->no_public_points
                                                  : "labels are real numbers");
    else if (oracle->lipschitz < __builtin_inf() && !sb_public_whole_domain(&family->space))
        sb_oracle_refuse(oracle, asked, SB_REFUSED,
                         "a callback's label-Lipschitz constant cannot be seen where it is not "
                         "called at every point of the domain; use an expression");
    return asked->status == SB_OK;
}

/* Everything that can be said from public facts alone. */
static bool check(struct sb_oracle *oracle, const struct sb_ask *ask, struct sb_asked *asked)
{
    if (!admit(oracle, asked) || !check_tolerance(oracle, ask->tolerance, asked))
        return false;
    if (asked->has_callback)
        return check_callback(oracle, asked);
    if (!asked->has_expr)
        sb_oracle_refuse(oracle, asked, SB_SYNTAX, "%s",
                         ask->cause && *ask->cause ? ask->cause : "no expression was given");
    return asked->status == SB_OK;
}

sb_expr sb_access_clip(const struct sb_access_class *access, struct sb_pool *pool, sb_expr expr,
                       bool *clipped_out)
{
    const struct sb_interval range = sb_expr_range(pool, expr);
    const double ends[2] = { access->lo, access->hi };

    *clipped_out = range.lo < access->lo || range.hi > access->hi;
    return *clipped_out ? sb_pool_op(pool, SB_CLIP, ends, 2, &expr, 1) : expr;
}

/* 0, or -ENOMEM */
static int check_label(struct sb_oracle *oracle, struct sb_pool *pool, sb_expr expr,
                       struct sb_asked *asked)
{
    struct sb_support support;

    if (sb_expr_support(pool, expr, &support))
        return -ENOMEM;
    if (support.label)
        sb_oracle_refuse(oracle, asked, SB_REFUSED,
                         "%s takes functions g of x alone, and this one depends on the label; "
                         "leave y out: E[y g(x)] is what is answered",
                         oracle->access->name);
    sb_support_fini(&support);
    return 0;
}

static void check_lipschitz(struct sb_oracle *oracle, struct sb_pool *pool, sb_expr expr,
                            struct sb_asked *asked)
{
    double constant;

    if (oracle->lipschitz >= __builtin_inf())
        return;
    constant = sb_expr_label_lipschitz(pool, expr);
    if (!(constant <= oracle->lipschitz))
        sb_oracle_refuse(oracle, asked, SB_REFUSED,
                         "a label-Lipschitz constant of at most %.9g is proven for this query, and "
                         "the experiment grants %.9g",
                         constant, oracle->lipschitz);
}

/* What is to be estimated: the query clipped, and made into what the access asks for. *out is 0
 * where the query was refused. 0, or -ENOMEM. */
static int prepare(struct sb_oracle *oracle, const struct sb_ask *ask, struct sb_asked *asked,
                   sb_expr *out)
{
    const struct sb_access_class *access = oracle->access;
    sb_expr expr = sb_access_clip(access, ask->pool, ask->expr, &asked->clipped);
    int error = 0;

    if (expr)
        check_lipschitz(oracle, ask->pool, expr, asked);
    if (expr && access->without_label)
        error = check_label(oracle, ask->pool, expr, asked);
    if (expr && access->estimated)
        expr = access->estimated(ask->pool, expr);
    if (!expr && !asked->status)
        sb_oracle_refuse(oracle, asked, SB_REFUSED, "the expression is too large to be clipped");
    *out = asked->status ? 0 : expr;
    return error;
}

/* The expression's own digest; a callback's is known when it was evaluated. */
static int name_query(struct sb_oracle *oracle, const struct sb_ask *ask, struct sb_asked *asked)
{
    if (!asked->has_expr)
        return 0;
    sb_buf_clear(&oracle->bytes);
    sb_expr_encode(ask->pool, ask->expr, &oracle->bytes);
    if (oracle->bytes.failed)
        return -ENOMEM;
    asked->digest = sb_digest_of(oracle->bytes.data, oracle->bytes.n);
    return 0;
}

void sb_oracle_number(struct sb_oracle *oracle, const struct sb_ask *ask, struct sb_asked *out)
{
    oracle->totals.n_queries++;
    *out = (struct sb_asked){ .seq = ++oracle->totals.n_asked,
                              .access = ask->access ? ask->access : oracle->access->bit,
                              .tolerance =
                                  ask->tolerance == 0 ? oracle->granted.value : ask->tolerance,
                              .has_expr = ask->expr != 0,
                              .has_callback = ask->callback && !ask->expr,
                              .reply = { .n_eliminated = -1, .n_dropped = -1, .n_live = -1 } };
}

int sb_oracle_take(struct sb_oracle *oracle, const struct sb_ask *ask, struct sb_asked *asked,
                   sb_expr *expr_out)
{
    int error = name_query(oracle, ask, asked);

    *expr_out = 0;
    if (error || !check(oracle, ask, asked))
        return error;
    asked->cost = oracle->access->kind == SB_ACCESS_FRESH ? (uint64_t)asked->tolerance : 1;
    if (asked->has_expr)
        error = prepare(oracle, ask, asked, expr_out);
    if (asked->status)
        asked->cost = 0;
    return error;
}
