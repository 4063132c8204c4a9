/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The cells of an experiment, and what a database has of each. */
#include "runner/plan.h"

#include "base/memory.h"

#include <errno.h>
#include <string.h>

/* The digests of the learners' files: each is read once, however many cells it has. */
struct learners {
    const struct sb_experiment *experiment;
    struct sb_digest *digests; /* owned; by point */
};

/* The first of the points that have this one's learner. */
static size_t first_with(const struct sb_experiment *e, size_t i)
{
    size_t j = 0;

    while (strcmp(e->points[j].learner_path, e->points[i].learner_path) != 0)
        j++;
    return j;
}

static int digest_learners(struct learners *l, struct sb_diag *diag)
{
    const struct sb_experiment *e = l->experiment;

    l->digests = SB_NEW_ARRAY(struct sb_digest, e->n_points);
    if (!l->digests)
        return sb_diag_fail(diag, -ENOMEM, "out of memory");
    for (size_t i = 0; i < e->n_points; i++) {
        const size_t first = first_with(e, i);
        const int error =
            first == i ? sb_digest_file(e->points[i].learner_path, &l->digests[i]) : 0;

        if (error)
            return sb_diag_fail(diag, error, "%s: cannot be read: %s", e->points[i].learner_path,
                                strerror(-error));
        l->digests[i] = l->digests[first];
    }
    return 0;
}

bool sb_planned_todo(const struct sb_planned *cell, const struct sb_run_options *options)
{
    return cell->state == SB_CELL_MISSING || (cell->state == SB_CELL_STALE && !options->keep_stale);
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

static int look_up(struct sb_store *store, struct sb_planned *cell, struct sb_diag *diag)
{
    bool exists = false;
    int error = 0;

    if (store)
        error = sb_store_run_exists(store, &cell->key, &cell->learner, &exists, diag);
    cell->state = exists ? SB_CELL_DONE : SB_CELL_MISSING;
    return error;
}

static int add_cell(struct sb_plan *plan, const struct learners *l, struct sb_store *store,
                    size_t point, uint64_t repeat, struct sb_diag *diag)
{
    const struct sb_experiment *e = l->experiment;
    struct sb_planned *cell = &plan->cells[plan->n++];

    cell->point = point;
    cell->repeat = repeat;
    cell->number = number_of(e, point, repeat);
    cell->key = sb_cell_key(e, &e->points[point], repeat);
    cell->learner = l->digests[point];
    return look_up(store, cell, diag);
}

static int add_cells(struct sb_plan *plan, const struct learners *l, struct sb_store *store,
                     const struct sb_run_options *options, struct sb_diag *diag)
{
    const struct sb_experiment *e = l->experiment;
    int error = 0;

    for (size_t i = 0; i < e->n_points && !error; i++) {
        for (uint64_t repeat = 1; repeat <= e->repeat && !error; repeat++) {
            if (!in_shard(number_of(e, i, repeat), options))
                continue;
            error = add_cell(plan, l, store, i, repeat, diag);
            plan->n_todo += !error && sb_planned_todo(&plan->cells[plan->n - 1], options);
        }
    }
    return error;
}

int sb_plan_init(const struct sb_experiment *experiment, struct sb_store *store,
                 const struct sb_run_options *options, struct sb_plan *out, struct sb_diag *diag)
{
    struct learners learners = { .experiment = experiment };
    int error;

    *out = (struct sb_plan){ 0 };
    out->cells = SB_NEW_ARRAY(struct sb_planned, experiment->n_points * experiment->repeat);
    if (!out->cells)
        return sb_diag_fail(diag, -ENOMEM, "out of memory");
    error = digest_learners(&learners, diag);
    if (!error)
        error = add_cells(out, &learners, store, options, diag);
    free(learners.digests);
    return error;
}

void sb_plan_fini(struct sb_plan *plan)
{
    free(plan->cells);
}
