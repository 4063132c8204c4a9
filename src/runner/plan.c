/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The cells of an experiment, and what a database has of each. */
#include "runner/plan.h"

#include "base/memory.h"

#include <errno.h>
#include <string.h>

/* The digests of the learners' files, by point: each file is read once, however many cells it has. */
struct learners {
    const struct sb_experiment *experiment;
    struct sb_digest *digests; /* owned */
    size_t *first;             /* owned; the first point of each learner */
    size_t n_first;
};

/* The place in `first` of the point's learner; n_first where it is new. The latest is looked at
 * first: neighbours tend to have the same. */
static size_t place_of(const struct learners *l, size_t point)
{
    const struct sb_point *points = l->experiment->points;
    size_t i = l->n_first;

    while (i > 0 && strcmp(points[l->first[i - 1]].learner_path, points[point].learner_path) != 0)
        i--;
    return i ? i - 1 : l->n_first;
}

static int digest_learner(struct learners *l, size_t point, struct sb_diag *diag)
{
    const char *path = l->experiment->points[point].learner_path;
    const size_t place = place_of(l, point);
    int error;

    if (place < l->n_first) {
        l->digests[point] = l->digests[l->first[place]];
        return 0;
    }
    error = sb_digest_file(path, &l->digests[point]);
    if (error)
        return sb_diag_fail(diag, error, "%s: cannot be read: %s", path, strerror(-error));
    l->first[l->n_first++] = point;
    return 0;
}

static int digest_learners(struct learners *l, struct sb_diag *diag)
{
    const size_t n = l->experiment->n_points;
    int error = 0;

    l->digests = SB_NEW_ARRAY(struct sb_digest, n);
    l->first = SB_NEW_ARRAY(size_t, n);
    if (!l->digests || !l->first)
        return sb_diag_fail(diag, -ENOMEM, "out of memory");
    for (size_t i = 0; i < n && !error; i++)
        error = digest_learner(l, i, diag);
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

static int add_cell(struct sb_plan *plan, const struct learners *l, struct sb_store *store,
                    const struct sb_run_options *options, size_t point, uint64_t repeat,
                    struct sb_diag *diag)
{
    const struct sb_experiment *e = l->experiment;
    struct sb_planned *cell = &plan->cells[plan->n];
    int error = 0;

    cell->point = point;
    cell->repeat = repeat;
    cell->number = number_of(e, point, repeat);
    cell->key = sb_cell_key(e, &e->points[point], repeat);
    cell->learner = l->digests[point];
    cell->state = SB_CELL_MISSING;
    if (options->wanted && !options->wanted(options->wanted_self, &cell->key))
        return 0;
    if (store)
        error = sb_store_cell(store, &cell->key, &cell->learner, &cell->state, diag);
    plan->n++;
    plan->n_todo += !error && sb_planned_todo(cell, options);
    return error;
}

static int add_cells(struct sb_plan *plan, const struct learners *l, struct sb_store *store,
                     const struct sb_run_options *options, struct sb_diag *diag)
{
    const struct sb_experiment *e = l->experiment;
    int error = 0;

    for (size_t i = 0; i < e->n_points && !error; i++)
        for (uint64_t repeat = 1; repeat <= e->repeat && !error; repeat++)
            if (in_shard(number_of(e, i, repeat), options))
                error = add_cell(plan, l, store, options, i, repeat, diag);
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
    free(learners.first);
    return error;
}

void sb_plan_fini(struct sb_plan *plan)
{
    free(plan->cells);
}
