/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A run's rows: its beginning, its queries, its end. */
#include "runner/cell_run.h"

#include "base/memory.h"

#include <errno.h>
#include <math.h>

int sb_cell_begin(struct sb_cell_run *run)
{
    const struct sb_point *p = run->point;
    const struct sb_tolerance granted = p->access->granted(&p->oracle_values);
    struct sb_buf family, oracle, learner, goal;
    int error = -ENOMEM;

    sb_buf_init(&family);
    sb_buf_init(&oracle);
    sb_buf_init(&learner);
    sb_buf_init(&goal);
    sb_values_json(&p->family_values, &family);
    sb_values_json(&p->oracle_values, &oracle);
    sb_values_json(&p->learner_values, &learner);
    sb_values_json(&p->goal_values, &goal);
    if (sb_buf_str(&family) && sb_buf_str(&oracle) && sb_buf_str(&learner) && sb_buf_str(&goal)) {
        const struct sb_store_run row = {
            .experiment = run->cell->experiment_id,
            .cell_key = run->cell->key,
            .learner_digest = run->cell->learner,
            .repeat = run->cell->repeat,
            .label = p->label,
            .family = p->family->name,
            .family_params = sb_buf_str(&family),
            .dimension = run->family->space.dim,
            .log2_members = log2((double)run->family->n_members),
            .oracle = p->access->name,
            .rule = sb_tolerance_name(granted.rule),
            .policy = p->policy->name,
            .oracle_params = sb_buf_str(&oracle),
            .tolerance = granted.value,
            .learner = p->learner_type,
            .learner_params = sb_buf_str(&learner),
            .coins = p->coins,
            .goal = p->goal->name,
            .goal_params = sb_buf_str(&goal),
            .success_wanted = sb_values_real(&p->goal_values, "success"),
            .budget_queries = (uint64_t)sb_values_int(&p->budget_values, "queries"),
            .isolation = sb_isolation_name(run->cell->isolation),
        };

        error = sb_store_run_begin(run->store, &row, &run->id, run->diag);
    }
    sb_buf_fini(&family);
    sb_buf_fini(&oracle);
    sb_buf_fini(&learner);
    sb_buf_fini(&goal);
    return error;
}

struct print_job {
    const struct sb_cell_run *run;
    sb_expr expr;
};

static void keep_vector(void *self, const struct sb_digest *digest, const double *u, size_t n)
{
    const struct sb_cell_run *run = self;

    sb_store_vector(run->store, digest, u, n, run->diag);
}

static void print_query(void *self, struct sb_buf *text)
{
    const struct print_job *job = self;
    const struct sb_vector_sink vectors = { (void *)job->run, keep_vector };

    sb_expr_print(job->run->pool, job->expr, &vectors, text);
}

int sb_cell_store_query(struct sb_cell_run *run, const struct sb_asked *asked, sb_expr expr)
{
    const struct sb_reply *reply = &asked->reply;
    const bool answered = asked->status == SB_OK;
    struct print_job job = { run, expr };
    struct sb_store_query row = {
        .seq = asked->seq,
        .oracle = asked->access == run->point->access->bit ? run->point->access->name : "other",
        .tolerance = asked->tolerance,
        .answered = answered,
        .answer = reply->answer,
        .truth = reply->truth.value,
        .half_width = reply->truth.half_width,
        .status = asked->status,
        .method = answered ? sb_method_name(reply->truth.method) : NULL,
        .samples = reply->truth.samples,
        .clipped = asked->clipped,
        .from_null = reply->from_null,
        .eliminated = answered ? reply->n_eliminated : -1,
    };
    int error = 0;

    if (asked->has_expr)
        error = sb_store_expression(run->store, &asked->digest, print_query, &job, &row.expression,
                                    run->diag);
    return error ? error : sb_store_query(run->store, run->id, &row, run->diag);
}

/* Not where another machine, or another day, would do something else. */
static bool comparable(const struct sb_cell_run *run, uint32_t end)
{
    return !run->not_bitwise && end != SB_END_SECONDS && end != SB_END_MEMORY &&
           end != SB_END_SERVER;
}

int sb_cell_store_end(struct sb_cell_run *run, const struct sb_learner_end *end,
                      const struct sb_hypothesis *h, const struct sb_verdict *verdict,
                      const char *why, double seconds)
{
    const struct sb_oracle_totals *totals = sb_oracle_totals(run->oracle);
    const bool fault = end->end == SB_END_SERVER;
    char *hidden SB_FREE = verdict->hidden.planted
                               ? run->family->describe(run->family, verdict->hidden.member)
                               : sb_strdup("null");
    struct sb_buf text;
    struct sb_store_end row = {
        .status = fault ? "fault" : sb_end_name(end->end),
        .detail = end->detail,
        .text = end->text ? end->text : why,
        .compared = comparable(run, end->end),
        .transcript = sb_hash_final(&run->transcript.queries),
        .certificates = sb_hash_final(&run->transcript.certificates),
        .n_queries = totals->n_queries,
        .n_answered = totals->n_answered,
        .n_sampled = totals->n_sampled,
        .samples = totals->samples,
        .max_eliminated = run->point->policy->lazy ? (int64_t)totals->max_eliminated : -1,
        .n_live = verdict->n_live,
        .at_tolerance = totals->at_tolerance,
        .success = verdict->score.success,
        .loss = h->returned ? verdict->score.loss : NAN,
        .loss_half_width = h->returned ? verdict->score.half_width : NAN,
        .hidden = hidden,
        .output = end->output,
        .n_output = end->n_output,
        .output_cut = end->output_cut,
        .seconds = seconds,
    };
    int error;

    sb_buf_init(&text);
    sb_hypothesis_print(h, run->pool, &text);
    row.hypothesis = text.n ? sb_buf_str(&text) : NULL;
    error = sb_store_run_end(run->store, run->id, &row, run->diag);
    sb_buf_fini(&text);
    return error;
}
