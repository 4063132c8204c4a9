/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The cells of an experiment in the order in which they are done (points of the grid, then repeats),
 * and what a database has of each. */
#ifndef SB_RUNNER_PLAN_H
#define SB_RUNNER_PLAN_H

#include "runner/runner.h"

struct sb_planned {
    size_t point;                  /* of experiment->points */
    uint64_t repeat;               /* from 1 */
    uint64_t number;               /* among all cells of the experiment, from 1 */
    struct sb_digest key, learner; /* of the cell; of the learner's shared object */
    enum sb_cell_state state;
};

struct sb_plan_learner {
    const char *type; /* borrowed from the experiment */
    struct sb_digest digest;
};

struct sb_plan {
    struct sb_plan_learner *learners; /* owned; of the whole experiment, each once */
    size_t n_learners;
    struct sb_planned *cells; /* owned */
    size_t n;                 /* of this shard */
    size_t n_todo;            /* those that sb_planned_todo says */
};

/* store NULL: nothing is done yet. 0; a negative errno with a message. fini in any case. */
int sb_plan_init(const struct sb_experiment *experiment, struct sb_store *store,
                 const struct sb_run_options *options, struct sb_plan *out, struct sb_diag *diag);
void sb_plan_fini(struct sb_plan *plan);
/* Is this cell to be run? What is missing or was cut short; what another build of the learner did,
 * unless keep_stale. */
bool sb_planned_todo(const struct sb_planned *cell, const struct sb_run_options *options);

#endif
