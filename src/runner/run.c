/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Runs the cells of an experiment that are missing into a store. */
#include "base/memory.h"
#include "runner/batch.h"
#include "runner/changes.h"
#include "runner/interrupt.h"
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
        .seed = e->fresh ? NULL : e->seed, /* told when no learner runs any more */
        .statbed_version = sb_machine_version(),
        .git_state = sb_machine_git(),
        .compiler = sb_machine_compiler(),
        .cpu = cpu,
        .isolation = sb_isolation_name(batch->options->isolation),
    };

    return cpu ? sb_store_experiment(batch->store, &row, &batch->experiment_id, batch->diag)
               : -ENOMEM;
}

static void tell(const struct sb_batch *batch, const char *line)
{
    const struct sb_run_outcome *out = batch->out;
    const struct sb_progress progress = { .n_done = out->n_done + out->n_skipped,
                                          .n_cells = out->n_cells,
                                          .n_under_way = out->n_under_way,
                                          .line = line };

    if (batch->options->progress)
        batch->options->progress(batch->options->self, &progress);
}

/* "dimension=8 repeat 2: finished"; NULL: no memory. */
static char *of_cell(const struct sb_batch *batch, size_t i, const char *line)
{
    const struct sb_planned *cell = &batch->plan.cells[i];
    const char *label = batch->experiment->points[cell->point].label;

    return sb_printf("%s%srepeat %llu: %s", label, label[0] ? " " : "",
                     (unsigned long long)cell->repeat, line);
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

struct sb_cell sb_batch_cell(const struct sb_batch *batch, size_t i, int64_t run)
{
    const struct sb_planned *planned = &batch->plan.cells[i];
    const struct sb_point *point = &batch->experiment->points[planned->point];

    return (struct sb_cell){
        .experiment = batch->experiment,
        .point = point,
        .number = planned->number,
        .repeat = planned->repeat,
        .experiment_id = batch->experiment_id,
        .run_id = run,
        .key = planned->key,
        .learner = planned->learner,
        .material = sb_cell_material(batch->experiment, point, planned->repeat),
        .isolation = batch->options->isolation,
    };
}

void sb_batch_ended(struct sb_batch *batch, size_t i, const struct sb_cell_outcome *outcome)
{
    char *line SB_FREE = describe(outcome);
    char *text SB_FREE = of_cell(batch, i, line ? line : "");

    batch->out->n_done++;
    batch->out->n_success += outcome->success == 1;
    batch->out->n_ended_badly += strcmp(outcome->end, "finished") != 0;
    tell(batch, text ? text : "");
}

int sb_batch_cut(struct sb_batch *batch, size_t i, int64_t run, const char *how)
{
    char *why SB_FREE = sb_printf("cut short: %s", how);
    char *text SB_FREE = of_cell(batch, i, how);

    if (!batch->out->n_cut++)
        snprintf(batch->out->cut, sizeof batch->out->cut, "%s", text ? text : how);
    tell(batch, text ? text : how);
    return sb_store_run_interrupt(batch->store, run, why ? why : how, batch->diag);
}

void sb_batch_discarded(struct sb_batch *batch, int64_t run, const char *why)
{
    batch->out->n_discarded++;
    sb_store_run_interrupt(batch->store, run, why, NULL); /* else the next run marks it */
}

void sb_batch_tick(const struct sb_batch *batch)
{
    tell(batch, NULL);
}

const char *sb_batch_last_line(const struct sb_batch *batch)
{
    const struct sb_diag *diag = batch->diag;

    return diag && diag->n_items ? diag->items[diag->n_items - 1].text : "cut short";
}

bool sb_batch_stops(const struct sb_batch *batch)
{
    const struct sb_run_outcome *out = batch->out;

    return sb_interrupt_signal() ||
           (batch->options->fail_fast && out->n_ended_badly + out->n_cut > 0);
}

int sb_batch_here(struct sb_batch *batch)
{
    struct sb_store_writer writer = { .store = batch->store };
    const struct sb_sink sink = sb_store_sink(&writer);
    struct sb_kept_correlations kept = { 0 };
    int error = 0;

    for (size_t i = 0; i < batch->plan.n && !error && !sb_batch_stops(batch); i++) {
        struct sb_cell_outcome outcome;
        struct sb_cell cell;

        if (!sb_planned_todo(&batch->plan.cells[i], batch->options))
            continue;
        cell = sb_batch_cell(batch, i, batch->next_run++);
        cell.kept = &kept;
        batch->out->n_under_way = 1;
        error = sb_cell_run(&cell, &sink, &outcome, batch->diag);
        batch->out->n_under_way = 0;
        if (error)
            sb_batch_discarded(batch, cell.run_id, sb_batch_last_line(batch));
        else
            sb_batch_ended(batch, i, &outcome);
    }
    sb_kept_correlations_fini(&kept);
    return error;
}

static int tell_rebuilt(const struct sb_batch *batch, const char *learner, uint64_t n)
{
    const struct sb_run_options *options = batch->options;
    char *line SB_FREE =
        sb_printf("%s: %s was rebuilt: %llu runs by an earlier build are stale from now on, and "
                  "tables leave them out",
                  batch->experiment->name, learner, (unsigned long long)n);

    if (!line)
        return sb_diag_fail(batch->diag, -ENOMEM, "out of memory");
    if (options->note)
        options->note(options->self, line);
    return 0;
}

/* A success rate is that of one binary: what others did is stale, also where the experiment has no
 * such cell any more. */
static int record_learners(const struct sb_batch *batch)
{
    const struct sb_plan *plan = &batch->plan;
    int error = 0;

    for (size_t i = 0; i < plan->n_learners && !error; i++) {
        const char *learner = plan->learners[i].type;
        uint64_t n = 0;

        error = sb_store_learner(batch->store, batch->experiment->name, learner,
                                 &plan->learners[i].digest, &n, batch->diag);
        if (!error && n)
            error = tell_rebuilt(batch, learner, n);
    }
    return error;
}

/* The digests of all family plugins of the experiment as a JSON array. */
static void list_families(const struct sb_experiment *e, struct sb_buf *out)
{
    const struct sb_digest *last = NULL;
    char hex[65];

    sb_buf_puts(out, "[");
    for (size_t i = 0; i < e->n_points; i++) {
        const struct sb_digest *binary = e->points[i].family->binary;

        if (!binary || binary == last)
            continue;
        sb_digest_hex(binary, hex);
        sb_buf_printf(out, "%s\"%s\"", last ? "," : "", hex);
        last = binary;
    }
    sb_buf_puts(out, "]");
}

/* So is it with families: a rate over two builds of a plugin is one of neither. */
static int record_families(const struct sb_batch *batch)
{
    const struct sb_experiment *e = batch->experiment;
    const struct sb_family_class *last = NULL;
    struct sb_buf digests;
    int error;

    sb_buf_init(&digests);
    list_families(e, &digests);
    error = sb_buf_str(&digests) ? 0 : -ENOMEM;
    for (size_t i = 0; i < e->n_points && !error; i++) {
        const struct sb_family_class *family = e->points[i].family;

        if (!family->binary || family == last)
            continue;
        error =
            sb_store_family(batch->store, e->name, family->name, sb_buf_str(&digests), batch->diag);
        last = family;
    }
    sb_buf_fini(&digests);
    return error;
}

/* Before the first cell: what an earlier process left, and where this one's runs begin. */
static int prepare(struct sb_batch *batch)
{
    int error = record_learners(batch);

    if (!error)
        error = record_families(batch);
    if (!error)
        error = sb_changes_tell(batch->experiment, batch->store, batch->options, batch->diag);
    /* another fresh seed only where there is something to do */
    if (!error && (batch->plan.n_todo || !batch->experiment->fresh))
        error = record_experiment(batch);
    if (!error)
        error = sb_store_interrupt_left(batch->store, batch->diag);
    if (!error)
        error = sb_store_next_run(batch->store, &batch->next_run, batch->diag);
    return error;
}

/* On every way out, after the last learner has ended: a seed that was drawn goes on record. */
static int tell_seed(struct sb_batch *batch, int error)
{
    const char *seed = batch->experiment->seed;
    int told;

    if (!batch->experiment->fresh || !batch->experiment_id)
        return error;
    snprintf(batch->out->seed, sizeof batch->out->seed, "%s", seed);
    told = sb_store_experiment_seed(batch->store, batch->experiment_id, seed,
                                    error ? NULL : batch->diag);
    if (told)
        sb_diag_fail(batch->diag, told,
                     "the seed of this run is not on record: keep it, without it the run cannot be "
                     "replayed: %s",
                     seed);
    return error ? error : told;
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
        error = prepare(&batch);
    if (!error) {
        tell(&batch, "");
        error = options->jobs ? sb_batch_jobs(&batch) : sb_batch_here(&batch);
    }
    error = tell_seed(&batch, error);
    out->fault = error == -EFAULT;
    sb_plan_fini(&batch.plan);
    if (!error && sb_interrupt_signal())
        return 128 + sb_interrupt_signal();
    return error;
}
