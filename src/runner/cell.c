/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One cell, run to its end and stored: the server that a learner's queries reach. */
#include "runner/cell.h"

#include "base/memory.h"
#include "runner/transcript.h"
#include "runner/verdict.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>

/* All that lives as long as one run. */
struct run {
    const struct sb_cell *cell;
    const struct sb_point *point;
    struct sb_store *store;
    struct sb_diag *diag;
    int64_t id; /* in the store */
    struct sb_family *family;
    struct sb_oracle *oracle;
    struct sb_pool *pool;
    struct sb_fuse fuse;
    struct sb_key secret;
    struct sb_hidden hidden;
    struct sb_transcript transcript;
    bool not_bitwise;  /* the learner says so of itself */
    char message[256]; /* public, on the first query of a batch that was not answered */
};

static void run_fini(struct run *run)
{
    sb_pool_free(run->pool);
    sb_oracle_free(run->oracle);
    sb_family_free(run->family);
}

static void light_fuse(struct run *run)
{
    const uint64_t seconds = (uint64_t)sb_values_int(&run->point->budget_values, "seconds");

    run->fuse.deadline_ns = seconds ? sb_now_ns() + seconds * 1000000000u : 0;
}

static int run_init(struct run *run, const struct sb_cell *cell, struct sb_store *store,
                    struct sb_diag *diag)
{
    const struct sb_point *point = cell->point;
    const struct sb_digest material = sb_secret_material(cell->experiment, point, cell->repeat);
    struct sb_oracle_setup setup = {
        .access = point->access,
        .policy = point->policy,
        .values = &point->oracle_values,
        .null_is_candidate = point->goal->goal == SB_DISTINGUISH,
        .public_material = cell->key,
        .secret_material = cell->key,
        .budget = (uint64_t)sb_values_int(&point->budget_values, "queries"),
        .fuse = &run->fuse,
    };
    int error;

    *run = (struct run){ .cell = cell, .point = point, .store = store, .diag = diag };
    light_fuse(run);
    run->secret = sb_key_derive("secret", &material, sizeof material);
    sb_transcript_init(&run->transcript);
    error = sb_family_new(point->family, &point->family_values, &run->family, diag);
    setup.family = run->family;
    if (!error)
        error = sb_oracle_new(&setup, &run->oracle, diag);
    if (!error) {
        run->pool = sb_pool_new(&run->family->space);
        error = run->pool ? 0 : -ENOMEM;
    }
    return error;
}

/* The learner is ready, and cannot reach this process any more: draw what is hidden. The null is
 * hidden with probability 1/2 where the goal is to tell. */
static int ready(void *self)
{
    struct run *run = self;

    run->hidden.planted =
        run->point->goal->goal != SB_DISTINGUISH || sb_random_below(run->secret, 1, 2) == 0;
    run->hidden.member = sb_random_below(run->secret, 0, run->family->n_members);
    if (!run->point->policy->lazy)
        sb_oracle_hide(run->oracle, run->hidden);
    return 0;
}

struct print_job {
    const struct run *run;
    sb_expr expr;
};

static void keep_vector(void *self, const struct sb_digest *digest, const double *u, size_t n)
{
    const struct run *run = self;

    sb_store_vector(run->store, digest, u, n, run->diag);
}

static void print_query(void *self, struct sb_buf *text)
{
    const struct print_job *job = self;
    const struct sb_vector_sink vectors = { (void *)job->run, keep_vector };

    sb_expr_print(job->run->pool, job->expr, &vectors, text);
}

static int store_query(struct run *run, const struct sb_asked *asked, sb_expr expr)
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

/* Errors of the oracle's that end the run, but leave the query on record. */
static bool ends_run(int error)
{
    return error == -ETIME || error == -EFAULT;
}

static int ask_one(struct run *run, const struct sb_wire_query *q, double *answer, int32_t *status)
{
    const uint32_t mark = sb_pool_mark(run->pool);
    struct sb_ask ask = {
        .pool = run->pool, .cause = q->cause, .access = q->access, .tolerance = q->tolerance
    };
    struct sb_asked asked;
    int error;

    if (q->expr) {
        sb_pool_clear_error(run->pool);
        ask.expr = sb_expr_decode(run->pool, q->expr, q->n_expr);
        ask.cause = sb_pool_error(run->pool);
    }
    error = sb_oracle_ask(run->oracle, &ask, &asked, run->diag);
    if (!error || ends_run(error)) {
        int unstored;

        sb_transcript_add(&run->transcript, &asked);
        unstored = store_query(run, &asked, ask.expr);
        error = unstored ? unstored : error;
        *status = asked.status;
        *answer = asked.status == SB_OK ? asked.reply.answer : 0;
        if (asked.status != SB_OK && !run->message[0])
            snprintf(run->message, sizeof run->message, "%s", asked.message);
    }
    sb_pool_forget(run->pool, mark);
    return error;
}

/* A batch is asked as a whole: where the run ends in the middle of it, the rest has its rows, too. */
static int ask(void *self, const struct sb_wire_query *q, uint64_t n, double *answers,
               int32_t *status, const char **message_out)
{
    struct run *run = self;
    int ended = 0;

    run->message[0] = '\0';
    for (uint64_t i = 0; i < n; i++) {
        int error;

        if (!ended && sb_fuse_blown(&run->fuse))
            ended = -ETIME;
        if (ended)
            sb_oracle_stop(run->oracle);
        error = ask_one(run, &q[i], &answers[i], &status[i]);
        if (error && !ends_run(error))
            return error;
        ended = ended ? ended : error;
    }
    *message_out = run->message[0] ? run->message : NULL;
    return ended;
}

static void traffic(void *self, bool to_learner, uint32_t type, const void *payload, size_t n)
{
    const struct run *run = self;

    run->cell->traffic(run->cell->traffic_self, to_learner, type, payload, n);
}

static int begin(struct run *run)
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

/* What is granted, by the bit of its access. */
static void tell_tolerance(const struct sb_access_class *access, double granted,
                           double tolerance[SB_ACCESS_KINDS])
{
    for (int bit = 0; bit < SB_ACCESS_KINDS; bit++)
        tolerance[bit] = access->bit >> bit & 1 ? granted : NAN;
}

static int talk(struct run *run, struct sb_learner_process *process, struct sb_learner_end *end)
{
    const struct sb_point *p = run->point;
    const struct sb_space *space = &run->family->space;
    const struct sb_tolerance granted = p->access->granted(&p->oracle_values);
    const struct sb_value *max = sb_values_find(&p->goal_values, "max");
    const struct sb_facts facts = {
        .struct_size = sizeof facts,
        .domain = space->domain,
        .dim = space->dim,
        .modulus = space->modulus,
        .goal = p->goal->goal,
        .access = p->access->bit,
        .n_queries = (uint64_t)sb_values_int(&p->budget_values, "queries"),
        .n_candidates = space->n_candidates,
        .n_labels = space->n_labels,
        .label_set = space->labels,
        .goal_max = max ? max->r : 0,
        .family = p->family->name,
    };
    struct sb_task task = {
        .facts = &facts,
        .learner = &p->learner_values,
        .family = &p->family_values,
        .coins = p->coins,
    };
    const struct sb_server server = {
        .self = run, .ready = ready, .ask = ask, .traffic = run->cell->traffic ? traffic : NULL
    };

    tell_tolerance(p->access, granted.value, task.tolerance);
    return sb_learner_run(process, &task, &server, end, run->diag);
}

/* Not where another machine, or another day, would do something else. */
static bool comparable(const struct run *run, uint32_t end)
{
    return !run->not_bitwise && end != SB_END_SECONDS && end != SB_END_MEMORY &&
           end != SB_END_SERVER;
}

static int store_end(struct run *run, const struct sb_learner_end *end,
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

/* After the learner's end: score, bounds, the row. */
static int conclude(struct run *run, const struct sb_learner_end *end, double seconds,
                    struct sb_cell_outcome *out)
{
    const struct sb_value *max = sb_values_find(&run->point->goal_values, "max");
    struct sb_hypothesis hypothesis;
    struct sb_verdict verdict;
    struct sb_verdict_setup setup = { .point = run->point,
                                      .family = run->family,
                                      .oracle = run->oracle,
                                      .pool = run->pool,
                                      .hypothesis = &hypothesis,
                                      .hidden = run->hidden,
                                      .fuse = &run->fuse,
                                      .key = sb_key_derive("score", &run->cell->key,
                                                           sizeof run->cell->key) };
    const char *why;
    int error;

    sb_hypothesis_init(&hypothesis, run->point->goal->goal, sb_goal_loss(run->point),
                       max ? max->r : 0, run->pool, end, &why);
    /* a predictor can be as slow as it likes: scoring it has the budget of seconds once more */
    light_fuse(run);
    error = sb_verdict(&setup, &verdict);
    if (!error && isnan(verdict.score.loss) && !why)
        why = "the predictor could not be scored within budget.seconds";
    if (!error)
        error = sb_verdict_bounds(&setup, &verdict, run->store, run->id, run->diag);
    if (!error)
        error = store_end(run, end, &hypothesis, &verdict, why, seconds);
    if (!error)
        *out = (struct sb_cell_outcome){ .end = sb_end_name(end->end),
                                         .success = verdict.score.success,
                                         .n_queries = sb_oracle_totals(run->oracle)->n_queries };
    return error;
}

/* statbed itself broke a promise: the run is kept as evidence, and states nothing. */
static int conclude_fault(struct run *run, struct sb_learner_end *end)
{
    const struct sb_hypothesis none = { 0 };
    const struct sb_verdict verdict = { .hidden = run->hidden,
                                        .n_live = -1,
                                        .score = { .loss = NAN, .half_width = NAN } };
    const struct sb_diag *diag = run->diag;
    const char *why = diag && diag->n_items ? diag->items[diag->n_items - 1].text : NULL;
    const int error = store_end(run, end, &none, &verdict, why, NAN);

    return error ? error : end->detail;
}

/* The row names the learner by its digest: nothing else may run under that name. */
static int check_learner(struct run *run, const struct sb_learner_process *process)
{
    if (sb_digest_equal(&sb_learner_descriptor(process)->so, &run->cell->learner))
        return 0;
    return sb_diag_fail(run->diag, -EINVAL,
                        "%s was rebuilt while the experiment ran: run it again for the rest",
                        run->point->learner_path);
}

static int run_learner(struct run *run, struct sb_cell_outcome *out)
{
    const struct sb_point *p = run->point;
    const struct sb_limits limits = {
        .memory_mib = (uint64_t)sb_values_int(&p->budget_values, "memory_mib"),
        .output_kib = (uint64_t)sb_values_int(&p->budget_values, "output_kib"),
        .seconds = (uint64_t)sb_values_int(&p->budget_values, "seconds"),
    };
    const uint64_t start = sb_now_ns();
    struct sb_learner_process *process;
    struct sb_learner_end end = { 0 };
    int error =
        sb_learner_start(p->learner_path, run->cell->isolation, &limits, &process, run->diag);

    if (error)
        return error;
    run->not_bitwise = (sb_learner_descriptor(process)->flags & SB_NOT_BITWISE) != 0;
    error = check_learner(run, process);
    if (!error)
        error = talk(run, process, &end);
    if (!error && end.end == SB_END_SERVER)
        error = end.detail == -EFAULT ? conclude_fault(run, &end) : end.detail;
    else if (!error)
        error = conclude(run, &end, (double)(sb_now_ns() - start) * 1e-9, out);
    sb_learner_end_fini(&end);
    sb_learner_close(process);
    return error;
}

int sb_cell_run(const struct sb_cell *cell, struct sb_store *store, struct sb_cell_outcome *out,
                struct sb_diag *diag)
{
    struct run run;
    int error = run_init(&run, cell, store, diag);

    if (!error)
        error = begin(&run);
    if (!error)
        error = run_learner(&run, out);
    run_fini(&run);
    return error;
}
