/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The cells that one `run` has to do, and what is told of each as it ends: what the two ways of
 * doing them share. */
#ifndef SB_RUNNER_BATCH_H
#define SB_RUNNER_BATCH_H

#include "runner/cell.h"
#include "runner/plan.h"

struct sb_batch {
    const struct sb_experiment *experiment;
    struct sb_plan plan;
    struct sb_store *store;
    int64_t experiment_id;
    const struct sb_run_options *options;
    struct sb_run_outcome *out;
    struct sb_diag *diag;
};

/* Cell i of the plan, as sb_cell_run takes it. */
struct sb_cell sb_batch_cell(const struct sb_batch *batch, size_t i);
/* Cell i is on record: counts it and tells of it. */
void sb_batch_ended(struct sb_batch *batch, size_t i, const struct sb_cell_outcome *outcome);
/* Is no further cell to be begun? */
bool sb_batch_stops(const struct sb_batch *batch);

/* All cells of the plan that are to be done, in this process, one after the other. */
int sb_batch_here(struct sb_batch *batch);

#endif
