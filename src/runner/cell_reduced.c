/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a learner returned under a reduction: what it says of the inner problem, and of what is hidden where
 * that is tested. */
#include "query/reason.h"
#include "runner/cell_run.h"

#include <errno.h>

/* The predictor; 0: none, or not one of x alone. */
static sb_expr decode(struct sb_cell_run *run, const struct sb_learner_end *end)
{
    struct sb_support support;
    sb_expr expr;

    sb_pool_clear_error(run->pool);
    expr = sb_expr_decode(run->pool, end->expr.data, end->expr.n);
    if (!expr || sb_expr_support(run->pool, expr, &support))
        return 0;
    if (support.label)
        expr = 0;
    sb_support_fini(&support);
    return expr;
}

int sb_cell_look_through(struct sb_cell_run *run, struct sb_learner_end *end)
{
    const sb_expr expr =
        run->through.class && end->returned == SB_RETURNED_EXPR && sb_cell_goal(run) == SB_PREDICT
            ? decode(run, end)
            : 0;
    int error = 0;

    sb_cell_light_fuse(run);
    if (expr)
        error = sb_reduction_predictor_expr(&run->through, run->pool, expr, run->hidden);
    if (run->through.tested) {
        end->returned = SB_RETURNED_VERDICT;
        end->verdict = run->through.verdict;
    }
    return error == -ETIME ? 0 : error;
}

int sb_cell_store_reduction(struct sb_cell_run *run, struct sb_hidden hidden)
{
    struct sb_fact facts[SB_FACTS_MAX];

    return sb_cell_store_facts(run, facts, sb_reduction_facts(&run->through, hidden, facts));
}
