/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One cell: a point of the grid, one repeat, run to its end and stored. */
#ifndef SB_RUNNER_CELL_H
#define SB_RUNNER_CELL_H

#include "runner/known_family.h"
#include "runner/runner.h"
#include "store/sink.h"

struct sb_cell {
    const struct sb_experiment *experiment;
    const struct sb_point *point;
    uint64_t number;               /* in the experiment's plan, from 1 */
    uint64_t repeat;               /* from 1 */
    int64_t experiment_id, run_id; /* in the database; of the run 0: the next */
    struct sb_digest key, learner; /* of the cell; of the learner's shared object */
    struct sb_digest material;     /* sb_cell_material: keys all that is random but the secret */
    uint32_t isolation;
    struct sb_kept_correlations *kept; /* from cell to cell; NULL: nothing is kept */
    /* A tap on all that the learner is sent and sends (runner/learner.h); NULL: none. */
    void (*traffic)(void *self, bool to_learner, uint32_t type, const void *payload, size_t n);
    void *traffic_self;
};

struct sb_cell_outcome {
    const char *end; /* "finished", ... */
    int success;     /* 1, 0, -1: not decided */
    uint64_t n_queries, n_labels, n_examples;
};

/* 0 with the cell on record, however its learner ended; a negative errno where statbed itself could
 * not go on (-EFAULT: a fault of statbed's, stored as status 'fault'). */
int sb_cell_run(const struct sb_cell *cell, const struct sb_sink *sink, struct sb_cell_outcome *out,
                struct sb_diag *diag);

#endif
