/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The cells of an experiment, and what a database has of each. */
#include "runner/plan.h"

#include "base/memory.h"

#include <errno.h>
#include <string.h>

/* The place of the point's learner; n_learners where it is new. The latest is looked at first:
 * neighbours tend to have the same. */
static size_t place_of(const struct sb_plan *plan, const struct sb_point *point)
{
    size_t i = plan->n_learners;

    while (i > 0 && strcmp(plan->learners[i - 1].type, point->learner_type) != 0)
        i--;
    return i ? i - 1 : plan->n_learners;
}

static int add_learner(struct sb_plan *plan, const struct sb_point *point, struct sb_diag *diag)
{
    struct sb_plan_learner *learner = &plan->learners[plan->n_learners];
    const int error = sb_digest_file(point->learner_path, &learner->digest);

    if (error)
        return sb_diag_fail(diag, error, "%s: cannot be read: %s", point->learner_path,
                            strerror(-error));
    learner->type = point->learner_type;
    plan->n_learners++;
    return 0;
}

/* Each file is read once, however many cells it has. */
static int add_learners(struct sb_plan *plan, const struct sb_experiment *e, struct sb_diag *diag)
{
    int error = 0;

    for (size_t i = 0; i < e->n_points && !error; i++) {
        if (place_of(plan, &e->points[i]) == plan->n_learners)
            error = add_learner(plan, &e->points[i], diag);
    }
    return error;
}

bool sb_planned_todo(const struct sb_planned *cell, const struct sb_run_options *options)
{
    if (cell->state == SB_CELL_STALE)
        return !options->keep_stale;
    return cell->state != SB_CELL_DONE;
}

/* Is the cell in this shard? Neighbours go to different ones: they cost about the same. */
static bool in_shard(uint64_t number, const struct sb_run_options *options)
{
    return !options->n_shards || (number - 1) % options->n_shards == options->shard - 1;
}

/* From 1, whatever the shard. */
static uint64_t number_of(const struct sb_experiment *e, size_t point, uint64_t repeat)
{
    return point * e->repeat + repeat;
}

static int add_cell(struct sb_plan *plan, const struct sb_experiment *e, struct sb_store *store,
                    const struct sb_run_options *options, size_t point, uint64_t repeat,
                    struct sb_diag *diag)
{
    struct sb_planned *cell = &plan->cells[plan->n];
    int error = 0;

    cell->point = point;
    cell->repeat = repeat;
    cell->number = number_of(e, point, repeat);
    cell->key = sb_cell_key(e, &e->points[point], repeat);
    cell->learner = plan->learners[place_of(plan, &e->points[point])].digest;
    cell->state = SB_CELL_MISSING;
    if (options->wanted && !options->wanted(options->wanted_self, &cell->key))
        return 0;
    if (store)
        error = sb_store_cell(store, &cell->key, &cell->learner, &cell->state, diag);
    plan->n++;
    plan->n_todo += !error && sb_planned_todo(cell, options);
    return error;
}

static int add_cells(struct sb_plan *plan, const struct sb_experiment *e, struct sb_store *store,
                     const struct sb_run_options *options, struct sb_diag *diag)
{
    int error = 0;

    for (size_t i = 0; i < e->n_points && !error; i++)
        for (uint64_t repeat = 1; repeat <= e->repeat && !error; repeat++)
            if (in_shard(number_of(e, i, repeat), options))
                error = add_cell(plan, e, store, options, i, repeat, diag);
    return error;
}

int sb_plan_init(const struct sb_experiment *experiment, struct sb_store *store,
                 const struct sb_run_options *options, struct sb_plan *out, struct sb_diag *diag)
{
    int error;

    *out = (struct sb_plan){ 0 };
    out->learners = SB_NEW_ARRAY(struct sb_plan_learner, experiment->n_points);
    out->cells = SB_NEW_ARRAY(struct sb_planned, experiment->n_points * experiment->repeat);
    if (!out->learners || !out->cells)
        return sb_diag_fail(diag, -ENOMEM, "out of memory");
    error = add_learners(out, experiment, diag);
    return error ? error : add_cells(out, experiment, store, options, diag);
}

void sb_plan_fini(struct sb_plan *plan)
{
    free(plan->learners);
    free(plan->cells);
}
