/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Runs the cells of an experiment that are missing into a store. */
#include "base/memory.h"
#include "runner/batch.h"
#include "runner/changes.h"
#include "runner/machine.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static int record_experiment(struct sb_batch *batch)
{
    const struct sb_experiment *e = batch->experiment;
    char *cpu SB_FREE = sb_machine_cpu();
    const struct sb_store_experiment row = {
        .name = e->name,
        .claim = e->claim,
        .file = e->file,
        .yaml = e->text,
        .yaml_digest = e->text_digest,
        .seed = e->seed,
        .statbed_version = sb_machine_version(),
        .git_state = sb_machine_git(),
        .compiler = sb_machine_compiler(),
        .cpu = cpu,
        .isolation = sb_isolation_name(batch->options->isolation),
    };

    return cpu ? sb_store_experiment(batch->store, &row, &batch->experiment_id, batch->diag)
               : -ENOMEM;
}

static void report(const struct sb_batch *batch, size_t i, const char *line)
{
    const struct sb_planned *cell = &batch->plan.cells[i];
    const char *label = batch->experiment->points[cell->point].label;
    const struct sb_run_outcome *out = batch->out;
    char *text SB_FREE = NULL;

    if (!batch->options->progress)
        return;
    text = sb_printf("%s%srepeat %llu: %s", label, label[0] ? " " : "",
                     (unsigned long long)cell->repeat, line);
    batch->options->progress(batch->options->self, out->n_done + out->n_skipped, out->n_cells,
                             text ? text : line);
}

/* "finished, 12 queries, success"; labels and examples where there were any. */
static char *describe(const struct sb_cell_outcome *outcome)
{
    static const char *const word[] = { "not decided", "no success", "success" };
    struct sb_buf line;
    char *text;

    sb_buf_init(&line);
    sb_buf_printf(&line, "%s, %llu queries", outcome->end, (unsigned long long)outcome->n_queries);
    if (outcome->n_labels)
        sb_buf_printf(&line, ", %llu labels", (unsigned long long)outcome->n_labels);
    if (outcome->n_examples)
        sb_buf_printf(&line, ", %llu examples", (unsigned long long)outcome->n_examples);
    sb_buf_printf(&line, ", %s", word[outcome->success + 1]);
    text = sb_buf_str(&line) ? sb_strdup(sb_buf_str(&line)) : NULL;
    sb_buf_fini(&line);
    return text;
}

struct sb_cell sb_batch_cell(const struct sb_batch *batch, size_t i)
{
    const struct sb_planned *planned = &batch->plan.cells[i];
    const struct sb_point *point = &batch->experiment->points[planned->point];

    return (struct sb_cell){
        .experiment = batch->experiment,
        .point = point,
        .number = planned->number,
        .repeat = planned->repeat,
        .experiment_id = batch->experiment_id,
        .key = planned->key,
        .learner = planned->learner,
        .material = sb_cell_material(batch->experiment, point, planned->repeat),
        .isolation = batch->options->isolation,
    };
}

void sb_batch_ended(struct sb_batch *batch, size_t i, const struct sb_cell_outcome *outcome)
{
    char *line SB_FREE = describe(outcome);

    batch->out->n_done++;
    batch->out->n_success += outcome->success == 1;
    batch->out->n_ended_badly += strcmp(outcome->end, "finished") != 0;
    report(batch, i, line ? line : "");
}

bool sb_batch_stops(const struct sb_batch *batch)
{
    return batch->options->fail_fast && batch->out->n_ended_badly > 0;
}

int sb_batch_here(struct sb_batch *batch)
{
    struct sb_store_writer writer = { .store = batch->store };
    const struct sb_sink sink = sb_store_sink(&writer);
    int error = 0;

    for (size_t i = 0; i < batch->plan.n && !error && !sb_batch_stops(batch); i++) {
        struct sb_cell_outcome outcome;
        struct sb_cell cell;

        if (!sb_planned_todo(&batch->plan.cells[i], batch->options))
            continue;
        cell = sb_batch_cell(batch, i);
        error = sb_cell_run(&cell, &sink, &outcome, batch->diag);
        if (error)
            batch->out->fault = error == -EFAULT;
        else
            sb_batch_ended(batch, i, &outcome);
    }
    return error;
}

/* A success rate is that of one binary: what others did is stale, also where the experiment has no
 * such cell any more. */
static int record_learners(const struct sb_batch *batch)
{
    const struct sb_planned *last = NULL;
    int error = 0;

    for (size_t i = 0; i < batch->plan.n && !error; i++) {
        const struct sb_planned *cell = &batch->plan.cells[i];

        if (!last || !sb_digest_equal(&last->learner, &cell->learner))
            error = sb_store_learner(batch->store, batch->experiment->name,
                                     batch->experiment->points[cell->point].learner_type,
                                     &cell->learner, batch->diag);
        last = cell;
    }
    return error;
}

int sb_experiment_run(const struct sb_experiment *experiment, struct sb_store *store,
                      const struct sb_run_options *options, struct sb_run_outcome *out,
                      struct sb_diag *diag)
{
    struct sb_batch batch = {
        .experiment = experiment, .store = store, .options = options, .out = out, .diag = diag
    };
    int error;

    *out = (struct sb_run_outcome){ 0 };
    if (options->keep_stale)
        sb_store_keep_stale(store);
    error = sb_plan_init(experiment, store, options, &batch.plan, diag);
    out->n_cells = batch.plan.n;
    out->n_skipped = batch.plan.n - batch.plan.n_todo;
    if (!error)
        error = record_learners(&batch);
    if (!error)
        error = sb_changes_tell(experiment, store, options, diag);
    if (!error)
        error = record_experiment(&batch);
    if (!error && options->progress)
        options->progress(options->self, out->n_skipped, out->n_cells, "");
    if (!error)
        error = sb_batch_here(&batch);
    sb_plan_fini(&batch.plan);
    return error;
}
