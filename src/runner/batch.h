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
    int64_t next_run; /* the id of the next run: given in the order of the plan */
    const struct sb_run_options *options;
    struct sb_run_outcome *out;
    struct sb_diag *diag;
};

/* Cell i of the plan, as sb_cell_run takes it, to become this run. */
struct sb_cell sb_batch_cell(const struct sb_batch *batch, size_t i, int64_t run);
/* Cell i is on record: counts it and tells of it. */
void sb_batch_ended(struct sb_batch *batch, size_t i, const struct sb_cell_outcome *outcome);
/* Cell i was cut short by the death of its worker: marks its run where it was begun, counts it and
 * tells of it. */
int sb_batch_cut(struct sb_batch *batch, size_t i, int64_t run, const char *how);
/* A run was given up because the experiment stops: marks it, as far as that can be done, and counts
 * it. */
void sb_batch_discarded(struct sb_batch *batch, int64_t run, const char *why);
/* Time has passed: tells of it. */
void sb_batch_tick(const struct sb_batch *batch);
/* The last line of the diagnostics, or "cut short". */
const char *sb_batch_last_line(const struct sb_batch *batch);
/* Is no further cell to be begun? */
bool sb_batch_stops(const struct sb_batch *batch);

/* All cells of the plan that are to be done, in this process, one after the other. */
int sb_batch_here(struct sb_batch *batch);
/* The same in worker processes, options->jobs of them at most. */
int sb_batch_jobs(struct sb_batch *batch);

#endif
