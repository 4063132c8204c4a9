/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Runs the cells of an experiment into a store. */
#ifndef SB_RUNNER_RUNNER_H
#define SB_RUNNER_RUNNER_H

#include "experiment/experiment.h"
#include "runner/learner.h"
#include "store/store.h"

/* How far a run is. */
struct sb_progress {
    size_t n_done, n_cells; /* done: those that were skipped, too */
    size_t n_under_way;
    const char *line; /* on the cell that was the last to end; "": none yet; NULL: no news of one */
};

enum { SB_JOBS_MAX = 1024 };
struct sb_run_options {
    uint64_t jobs;            /* worker processes at most; 0: the cells are run in this process */
    uint32_t isolation;       /* enum sb_isolation */
    bool keep_stale;          /* what another build of a learner did counts as done */
    bool fail_fast;           /* no further cell once one did not end as it should */
    uint64_t shard, n_shards; /* cells number shard - 1 modulo n_shards only; n_shards 0: all */
    /* Is there a cell of this key at all, for this run? NULL: all are. */
    bool (*wanted)(void *self, const struct sb_digest *key);
    void *wanted_self;
    /* Called at the beginning, after each cell, and with workers about once a second; may be NULL.
     */
    void (*progress)(void *self, const struct sb_progress *progress);
    /* Called before the first cell with a line on each thing that has changed since the runs on
     * record were done; may be NULL. */
    void (*note)(void *self, const char *line);
    void *self;
};
struct sb_run_outcome {
    size_t n_cells, n_done, n_skipped, n_success, n_ended_badly; /* badly: not 'finished' */
    size_t n_cut;       /* cells whose worker died: not done */
    size_t n_discarded; /* cells that were ended before they were done, because the run stopped */
    size_t n_under_way; /* while it lasts */
    char cut[320];      /* one line on the first that was cut */
    bool fault;         /* a fault of statbed's own stopped the experiment */
    char seed[SB_SEED_TEXT]; /* that was drawn for the cells that were run (seed: fresh), else "" */
};
/* Runs what is missing. 0; 128 + a signal that was caught (runner/interrupt.h) and ended it early;
 * or a negative errno with a message (-EFAULT: a fault of statbed's). */
int sb_experiment_run(const struct sb_experiment *experiment, struct sb_store *store,
                      const struct sb_run_options *options, struct sb_run_outcome *out,
                      struct sb_diag *diag);

/* The shipped families, oracles and policies. */
extern const struct sb_catalog sb_shipped_catalog;

/* A resolver (experiment.h) that starts each plugin once and keeps its descriptor. */
struct sb_plugins;
struct sb_plugins *sb_plugins_new(uint32_t isolation);
void sb_plugins_free(struct sb_plugins *plugins);
struct sb_learner_resolver sb_plugins_resolver(struct sb_plugins *plugins);
/* What the learners got of the isolation that was asked for: the kernel's doing, and so the same for
 * all. */
uint32_t sb_plugins_isolation(const struct sb_plugins *plugins);
/* The descriptor of a path already resolved; NULL otherwise. */
const struct sb_descriptor *sb_plugins_find(const struct sb_plugins *plugins, const char *path);

#endif
