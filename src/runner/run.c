/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Runs the cells of an experiment that are missing, one after the other, into a store. */
#include "base/memory.h"
#include "runner/cell.h"
#include "runner/machine.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

struct job {
    const struct sb_experiment *experiment;
    struct sb_store *store;
    const struct sb_run_options *options;
    struct sb_run_outcome *out;
    struct sb_diag *diag;
    int64_t experiment_id;
};

static int record_experiment(struct job *job)
{
    const struct sb_experiment *e = job->experiment;
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
        .isolation = sb_isolation_name(job->options->isolation),
    };

    return cpu ? sb_store_experiment(job->store, &row, &job->experiment_id, job->diag) : -ENOMEM;
}

static void report(const struct job *job, const struct sb_cell *cell, const char *line)
{
    const struct sb_run_outcome *out = job->out;
    char *text SB_FREE = NULL;

    if (!job->options->progress)
        return;
    text = sb_printf("%s%srepeat %llu: %s", cell->point->label, cell->point->label[0] ? " " : "",
                     (unsigned long long)cell->repeat, line);
    job->options->progress(job->options->self, out->n_done + out->n_skipped, out->n_cells,
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

static int run_cell(struct job *job, const struct sb_cell *cell)
{
    struct sb_cell_outcome outcome;
    char *line SB_FREE = NULL;
    const int error = sb_cell_run(cell, job->store, &outcome, job->diag);

    if (error) {
        job->out->fault = error == -EFAULT;
        return error;
    }
    job->out->n_done++;
    job->out->n_success += outcome.success == 1;
    job->out->n_ended_badly += strcmp(outcome.end, "finished") != 0;
    line = describe(&outcome);
    report(job, cell, line ? line : "");
    return 0;
}

static int digest_learner(const struct job *job, const struct sb_point *point,
                          struct sb_digest *out)
{
    const int error = sb_digest_file(point->learner_path, out);

    return error ? sb_diag_fail(job->diag, error, "%s: cannot be read: %s", point->learner_path,
                                strerror(-error))
                 : 0;
}

static int do_cell(struct job *job, const struct sb_point *point, uint64_t repeat)
{
    struct sb_cell cell = {
        .experiment = job->experiment,
        .point = point,
        .repeat = repeat,
        .experiment_id = job->experiment_id,
        .key = sb_cell_key(job->experiment, point, repeat),
        .isolation = job->options->isolation,
    };
    bool exists;
    int error = digest_learner(job, point, &cell.learner);

    cell.material = sb_cell_material(job->experiment, &cell.key);
    if (error)
        return error;
    error = sb_store_run_exists(job->store, &cell.key, &cell.learner, &exists, job->diag);
    if (error)
        return error;
    if (!exists)
        return run_cell(job, &cell);
    job->out->n_skipped++;
    report(job, &cell, "already there");
    return 0;
}

/* The first of the points that have this one's learner? */
static bool is_first(const struct sb_experiment *e, size_t i)
{
    size_t j = 0;

    while (strcmp(e->points[j].learner_type, e->points[i].learner_type) != 0)
        j++;
    return j == i;
}

/* A success rate is that of one binary: what others did is stale, also where the experiment has no
 * such cell any more. */
static int record_learners(struct job *job)
{
    const struct sb_experiment *e = job->experiment;
    struct sb_digest digest;
    int error = 0;

    for (size_t i = 0; i < e->n_points && !error; i++) {
        if (!is_first(e, i))
            continue;
        error = digest_learner(job, &e->points[i], &digest);
        if (!error)
            error = sb_store_learner(job->store, job->experiment_id, e->points[i].learner_type,
                                     &digest, job->diag);
    }
    return error;
}

int sb_experiment_run(const struct sb_experiment *experiment, struct sb_store *store,
                      const struct sb_run_options *options, struct sb_run_outcome *out,
                      struct sb_diag *diag)
{
    struct job job = { experiment, store, options, out, diag, 0 };
    int error;

    *out = (struct sb_run_outcome){ .n_cells = experiment->n_points * experiment->repeat };
    error = record_experiment(&job);
    if (!error)
        error = record_learners(&job);
    for (size_t i = 0; i < experiment->n_points && !error; i++)
        for (uint64_t repeat = 1; repeat <= experiment->repeat && !error; repeat++)
            error = do_cell(&job, &experiment->points[i], repeat);
    return error;
}
