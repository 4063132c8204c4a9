/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One cell, run to its end and stored: what it is made of, and what becomes of it. */
#include "runner/cell_run.h"

#include "base/memory.h"

#include <errno.h>
#include <math.h>
#include <string.h>

static void run_fini(struct sb_cell_run *run)
{
    sb_callback_score_fini(&run->called);
    sb_pool_free(run->pool);
    sb_reduction_fini(&run->through);
    sb_known_family_fini(&run->known);
}

void sb_cell_light_fuse(struct sb_cell_run *run)
{
    const uint64_t seconds = (uint64_t)sb_values_int(&run->point->budget_values, "seconds");

    run->fuse.deadline_ns = seconds ? sb_now_ns() + seconds * 1000000000u : 0;
}

struct sb_key sb_cell_score_key(const struct sb_cell_run *run)
{
    return sb_key_derive("score", &run->cell->material, sizeof run->cell->material);
}

static int run_init(struct sb_cell_run *run, const struct sb_cell *cell, const struct sb_sink *sink,
                    struct sb_diag *diag)
{
    const struct sb_point *point = cell->point;
    const struct sb_digest secret = sb_secret_material(cell->experiment, point, cell->repeat);
    struct sb_oracle_setup oracle = {
        .access = point->access,
        .policy = point->policy,
        .values = &point->oracle_values,
        .null_is_candidate = point->goal->goal == SB_DISTINGUISH,
        .public_material = cell->material,
        .secret_material = cell->material,
        .budget = (uint64_t)sb_values_int(&point->budget_values, "queries"),
        .grants = point->grants,
        .label_budget = point->n_labels,
        .sample_budget = point->n_samples,
        .fuse = &run->fuse,
    };
    struct sb_reduction_setup setup = { .oracle = &oracle,
                                        .goal = point->goal->goal,
                                        .gap = point->gap };
    int error;

    *run = (struct sb_cell_run){ .cell = cell, .point = point, .sink = sink, .diag = diag };
    sb_cell_light_fuse(run);
    run->secret = sb_key_derive("secret", &secret, sizeof secret);
    sb_transcript_init(&run->transcript);
    error = sb_known_family_init(point->family, &point->family_values, point->reduction, cell->kept,
                                 &run->known, diag);
    setup.family = run->family = run->known.family;
    if (!error)
        error = sb_reduction_init(point->reduction, &setup, &run->through, diag);
    run->oracle = run->through.oracle;
    if (!error) {
        run->pool = sb_pool_new(&run->family->space);
        error = run->pool ? 0 : -ENOMEM;
    }
    return error;
}

/* A learner that goes on without an answer may say nothing of it: the record does. NULL: none. */
static char *refusals(const struct sb_cell_run *run)
{
    const unsigned long long n_asked = sb_oracle_totals(run->oracle)->n_asked;

    if (!run->n_refused)
        return NULL;
    return sb_printf("%llu of %llu calls were refused, the first: %s",
                     (unsigned long long)run->n_refused, n_asked, run->refused);
}

/* Why the goal is not decided. */
static const char *why_open(const struct sb_cell_run *run, const struct sb_verdict *verdict)
{
    if (run->point->goal->goal != SB_DISTINGUISH && !verdict->hidden.planted)
        return "no member is left that every answer was right for: there is nobody to be right on";
    if (sb_fuse_blown(&run->fuse))
        return "the predictor could not be scored within budget.seconds";
    return "the predictor could not be scored under every member: that takes too many sampled "
           "points "
           "(docs/adversary.md, What can be played)";
}

/* After the learner's end: score, bounds, the row. */
static int conclude(struct sb_cell_run *run, const struct sb_learner_end *end, double seconds,
                    struct sb_cell_outcome *out)
{
    const struct sb_value *max = sb_values_find(&run->point->goal_values, "max");
    const struct sb_oracle_totals *totals = sb_oracle_totals(run->oracle);
    struct sb_hypothesis hypothesis;
    struct sb_verdict verdict;
    struct sb_verdict_setup setup = { .point = run->point,
                                      .score = { &hypothesis, run->family, run->pool,
                                                 sb_cell_score_key(run), &run->fuse },
                                      .k = run->known.k,
                                      .oracle = run->oracle,
                                      .hidden = run->hidden };
    char *refused SB_FREE = refusals(run);
    const char *why;
    int error;

    sb_hypothesis_init(&hypothesis,
                       &(struct sb_hypothesis_setup){
                           run->point->goal->goal, run->family,
                           sb_goal_loss(run->point->goal->goal, &run->point->goal_values),
                           max ? max->r : 0 },
                       run->pool, end, &why);
    if (end->returned == SB_RETURNED_CALLBACK)
        why = sb_hypothesis_call(&hypothesis, &run->called);
    /* a predictor can be as slow as it likes: scoring it has the budget of seconds once more */
    sb_cell_light_fuse(run);
    error = sb_verdict(&setup, &verdict);
    if (!error && isnan(verdict.score.loss) && !why)
        why = why_open(run, &verdict);
    if (!error)
        error = sb_verdict_bounds(&setup, &verdict, run->sink, run->diag);
    if (!error)
        error = sb_cell_store_reduction(run, verdict.hidden);
    if (!error)
        error = sb_cell_store_end(run, end, &hypothesis, &verdict, why ? why : refused, seconds);
    if (!error)
        *out = (struct sb_cell_outcome){ .end = sb_end_name(end->end),
                                         .success = verdict.score.success,
                                         .n_queries = totals->n_queries,
                                         .n_labels = totals->n_labels,
                                         .n_examples = totals->n_examples };
    return error;
}

static int conclude_ended(struct sb_cell_run *run, struct sb_learner_end *end, double seconds,
                          struct sb_cell_outcome *out)
{
    const int error = sb_cell_look_through(run, end);

    return error ? error : conclude(run, end, seconds, out);
}

/* statbed itself broke a promise: the run is kept as evidence, and states nothing. */
static int conclude_fault(struct sb_cell_run *run, struct sb_learner_end *end)
{
    const struct sb_hypothesis none = { 0 };
    const struct sb_verdict verdict = { .hidden = run->hidden,
                                        .score = { .loss = NAN, .half_width = NAN } };
    const struct sb_diag *diag = run->diag;
    const char *why = diag && diag->n_items ? diag->items[diag->n_items - 1].text : NULL;
    const int error = sb_cell_store_end(run, end, &none, &verdict, why, NAN);

    return error ? error : end->detail;
}

/* The row names the learner by its digest: nothing else may run under that name. */
static int check_learner(struct sb_cell_run *run, const struct sb_learner_process *process)
{
    if (sb_digest_equal(&sb_learner_descriptor(process)->so, &run->cell->learner))
        return 0;
    return sb_diag_fail(run->diag, -EINVAL,
                        "%s was rebuilt while the experiment ran: run it again for the rest",
                        run->point->learner_path);
}

/* The plugin did not start, though it did when the experiment was read: that is its cell's end, and no
 * other's. Not where it is another file by now. */
static int conclude_unstarted(struct sb_cell_run *run, int why, const struct sb_diag *told,
                              struct sb_cell_outcome *out)
{
    const char *line = told->n_items ? told->items[0].text : "";
    struct sb_learner_end end = { .end = why == -ECANCELED ? SB_END_KILLED : SB_END_FAILED,
                                  .text = sb_strdup(line) };
    struct sb_digest now;
    int error;

    if (sb_digest_file(run->point->learner_path, &now) ||
        !sb_digest_equal(&now, &run->cell->learner))
        error = sb_diag_fail(run->diag, -EINVAL, "%s", line);
    else
        error = conclude(run, &end, NAN, out);
    sb_learner_end_fini(&end);
    return error;
}

static int start_learner(struct sb_cell_run *run, struct sb_learner_process **process_out,
                         struct sb_diag *diag)
{
    const struct sb_point *p = run->point;
    const struct sb_limits limits = {
        .memory_mib = (uint64_t)sb_values_int(&p->budget_values, "memory_mib"),
        .output_kib = (uint64_t)sb_values_int(&p->budget_values, "output_kib"),
        .seconds = (uint64_t)sb_values_int(&p->budget_values, "seconds"),
    };

    return sb_learner_start(p->learner_path, run->cell->isolation, &limits, process_out, diag);
}

/* From a learner that has started, and is ended here, to its row. */
static int run_started(struct sb_cell_run *run, struct sb_learner_process *process, uint64_t start,
                       struct sb_cell_outcome *out)
{
    struct sb_learner_end end = { 0 };
    int error;

    run->not_bitwise =
        ((sb_learner_descriptor(process)->flags | run->family->class->flags) & SB_NOT_BITWISE) != 0;
    run->isolation = sb_isolation_name(sb_learner_isolation(process));
    error = check_learner(run, process);
    if (!error)
        error = sb_cell_serve(run, process, &end);
    if (!error && end.end == SB_END_SERVER)
        error = end.detail == -EFAULT ? conclude_fault(run, &end) : end.detail;
    else if (!error)
        error = conclude_ended(run, &end, (double)(sb_now_ns() - start) * 1e-9, out);
    sb_learner_end_fini(&end);
    sb_learner_close(process);
    return error;
}

static int run_learner(struct sb_cell_run *run, struct sb_cell_outcome *out)
{
    const uint64_t start = sb_now_ns();
    struct sb_learner_process *process;
    struct sb_diag told;
    int error;

    sb_diag_init(&told);
    error = start_learner(run, &process, &told);
    if (error == -EINVAL || error == -ECANCELED)
        error = conclude_unstarted(run, error, &told, out);
    else if (error)
        sb_diag_fail(run->diag, error, "%s", told.n_items ? told.items[0].text : strerror(-error));
    else
        error = run_started(run, process, start, out);
    sb_diag_fini(&told);
    return error;
}

int sb_cell_run(const struct sb_cell *cell, const struct sb_sink *sink, struct sb_cell_outcome *out,
                struct sb_diag *diag)
{
    struct sb_cell_run run;
    int error = run_init(&run, cell, sink, diag);

    if (!error)
        error = sb_cell_begin(&run);
    if (!error)
        error = run_learner(&run, out);
    run_fini(&run);
    return error;
}
