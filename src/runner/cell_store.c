/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A run's rows: its beginning, its queries, its end. */
#include "runner/cell_run.h"

#include "base/memory.h"

#include <errno.h>
#include <math.h>
#include <string.h>

static const char *rule_of(const struct sb_access_class *access, struct sb_tolerance granted)
{
    if (access->kind == SB_ACCESS_EXAMPLES)
        return NULL;
    return access->kind == SB_ACCESS_FRESH ? "fresh" : sb_tolerance_name(granted.rule);
}

int sb_cell_store_facts(struct sb_cell_run *run, const struct sb_fact *facts, size_t n)
{
    int error = 0;

    for (size_t i = 0; i < n && !error; i++) {
        const struct sb_store_fact row = { facts[i].name, facts[i].value, facts[i].help };

        error = run->sink->fact(run->sink->self, &row, run->diag);
    }
    return error;
}

static int store_family_facts(struct sb_cell_run *run)
{
    struct sb_fact *facts SB_FREE = SB_NEW_ARRAY(struct sb_fact, SB_FACTS_MAX);

    if (!facts)
        return -ENOMEM;
    return sb_cell_store_facts(run, facts, sb_family_facts(run->family, facts));
}

int sb_cell_begin(struct sb_cell_run *run)
{
    const struct sb_point *p = run->point;
    const struct sb_tolerance granted = p->access->granted(&p->oracle_values);
    const struct sb_digest *binary = p->family->binary;
    struct sb_buf family, oracle, learner, goal;
    char hex[65];
    int error = -ENOMEM;

    if (binary)
        sb_digest_hex(binary, hex);
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
            .id = run->cell->run_id,
            .experiment = run->cell->experiment_id,
            .cell = run->cell->number,
            .cell_key = run->cell->key,
            .learner_digest = run->cell->learner,
            .repeat = run->cell->repeat,
            .label = p->label,
            .family = p->family->name,
            .family_params = sb_buf_str(&family),
            .family_digest = binary ? hex : NULL,
            .dimension = run->family->space.dim,
            .log2_members = log2((double)run->family->n_members),
            .oracle = p->access->name,
            .rule = rule_of(p->access, granted),
            .policy = p->policy->name,
            .oracle_params = sb_buf_str(&oracle),
            .tolerance = p->access->kind == SB_ACCESS_EXAMPLES ? NAN : granted.value,
            .grants = p->grants_text,
            .budget_labels = p->n_labels,
            .budget_samples = p->n_samples,
            .reduction = p->reduction ? p->reduction->name : NULL,
            .learner = p->learner_type,
            .learner_params = sb_buf_str(&learner),
            .coins = p->coins,
            .goal = p->goal->name,
            .goal_params = sb_buf_str(&goal),
            .success_wanted = sb_values_real(&p->goal_values, "success"),
            .budget_queries = (uint64_t)sb_values_int(&p->budget_values, "queries"),
            .isolation = sb_isolation_name(run->cell->isolation),
            .summary = run->cell->experiment->summary,
        };

        error = run->sink->begin(run->sink->self, &row, run->diag);
    }
    sb_buf_fini(&family);
    sb_buf_fini(&oracle);
    sb_buf_fini(&learner);
    sb_buf_fini(&goal);
    return error ? error : store_family_facts(run);
}

/* Has it a digest? Callbacks that were never evaluated have none. */
static bool is_named(const struct sb_asked *asked)
{
    static const struct sb_digest none;

    return !sb_digest_equal(&asked->digest, &none);
}

/* What stands for a query as text. */
struct print_job {
    const struct sb_cell_run *run;
    const struct sb_cell_query *query;
    const struct sb_asked *asked;
};

static void keep_vector(void *self, const struct sb_digest *digest, const double *u, size_t n)
{
    const struct sb_cell_run *run = self;

    run->sink->vector(run->sink->self, digest, u, n, run->diag);
}

/* "callback ridge 0123456789abcdef", "labels 0123456789abcdef": the digest tells two calls apart
 * that the name does not. */
static void print_call(const struct print_job *job, struct sb_buf *text)
{
    const struct sb_asked *asked = job->asked;
    const char *what = asked->has_callback         ? "callback"
                       : asked->access == SB_LABEL ? "labels"
                                                   : "examples";
    const char *name = asked->has_callback ? job->query->callback : "";
    char hex[65];

    sb_digest_hex(&asked->digest, hex);
    sb_buf_printf(text, "%s%s%s", what, *name ? " " : "", name);
    if (is_named(asked))
        sb_buf_printf(text, " %.16s", hex);
}

static void print_query(void *self, struct sb_buf *text)
{
    const struct print_job *job = self;
    const struct sb_vector_sink vectors = { (void *)job->run, keep_vector };

    if (job->asked->has_expr)
        sb_expr_print(job->run->pool, job->query->expr, &vectors, text);
    else
        print_call(job, text);
}

/* The access that was asked, or "other" where there is none such. */
static const char *name_of(const struct sb_cell_run *run, uint32_t bit)
{
    if (bit == run->point->access->bit)
        return run->point->access->name;
    for (size_t i = 0; sb_shipped_catalog.accesses[i]; i++)
        if (sb_shipped_catalog.accesses[i]->bit == bit)
            return sb_shipped_catalog.accesses[i]->name;
    return "other";
}

/* Where there is none, that of the callback's name stands in. */
static struct sb_digest digest_of(const struct sb_asked *asked, const struct sb_cell_query *query)
{
    return is_named(asked) || !asked->has_callback
               ? asked->digest
               : sb_digest_of(query->callback, strlen(query->callback));
}

/* Nothing could be built, and no labels or examples were handed out. */
static bool has_text(const struct sb_asked *asked)
{
    return asked->has_expr || asked->has_callback || asked->status == SB_OK;
}

int sb_cell_store_query(struct sb_cell_run *run, const struct sb_asked *asked,
                        const struct sb_cell_query *query)
{
    const struct sb_reply *reply = &asked->reply;
    const bool answered = asked->status == SB_OK;
    const bool estimated = answered && reply->truth.method; /* not labels, not examples */
    struct print_job job = { run, query, asked };
    const struct sb_store_text text = { digest_of(asked, query), print_query, &job };
    const struct sb_store_query row = {
        .seq = asked->seq,
        .oracle = name_of(run, asked->access),
        .tolerance = estimated || asked->tolerance != 0 ? asked->tolerance : NAN,
        .answered = answered,
        .answer = estimated ? reply->answer : NAN,
        .truth = estimated ? reply->truth.value : NAN,
        .half_width = estimated ? reply->truth.half_width : NAN,
        .status = asked->status,
        .method = estimated ? sb_method_name(reply->truth.method) : NULL,
        .samples = reply->truth.samples,
        .cost = asked->cost,
        .clipped = asked->clipped,
        .from_null = reply->from_null,
        .eliminated = answered ? reply->n_eliminated : -1,
        .dropped = answered ? reply->n_dropped : -1,
    };

    if (run->cell->experiment->summary)
        return 0;
    return run->sink->query(run->sink->self, &row, has_text(asked) ? &text : NULL, run->diag);
}

/* Not where another machine, or another day, would do something else. */
static bool comparable(const struct sb_cell_run *run, uint32_t end)
{
    return !run->not_bitwise && end != SB_END_SECONDS && end != SB_END_KILLED &&
           end != SB_END_SERVER;
}

/* What is known where the policy kept count of members, else -1. */
static int64_t counted(const struct sb_verdict *verdict, uint64_t n)
{
    return verdict->counted ? (int64_t)n : -1;
}

int sb_cell_store_end(struct sb_cell_run *run, const struct sb_learner_end *end,
                      const struct sb_hypothesis *h, const struct sb_verdict *verdict,
                      const char *why, double seconds)
{
    const struct sb_oracle_totals *totals = sb_oracle_totals(run->oracle);
    const struct sb_survivors *alive = &verdict->survivors;
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
        .n_labels = totals->n_labels,
        .n_examples = totals->n_examples,
        .equivalent_samples = totals->equivalent_samples,
        .max_eliminated = counted(verdict, totals->max_eliminated),
        .max_dropped = counted(verdict, totals->max_dropped),
        .n_left_null = run->point->policy->null_part > 0 ? (int64_t)totals->n_left_null : -1,
        .n_live = counted(verdict, alive->n_live + alive->null_live),
        .n_right = verdict->scored ? (int64_t)(alive->n_right + alive->null_right) : -1,
        .at_tolerance = run->point->access->kind == SB_ACCESS_QUERY ? totals->at_tolerance : NAN,
        .success = verdict->score.success,
        .loss = h->returned ? verdict->score.loss : NAN,
        .loss_half_width = h->returned ? verdict->score.half_width : NAN,
        .hidden = hidden,
        .output = end->output,
        .n_output = end->n_output,
        .output_cut = end->output_cut,
        .isolation = run->isolation,
        .seconds = seconds,
    };
    int error;

    sb_buf_init(&text);
    sb_hypothesis_print(h, run->pool, &text);
    row.hypothesis = text.n ? sb_buf_str(&text) : NULL;
    error = run->sink->end(run->sink->self, &row, run->diag);
    sb_buf_fini(&text);
    return error;
}
