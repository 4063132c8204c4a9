/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Replay: recorded runs are done again, into a temporary store, and compared with their record. */
#ifndef SB_RUNNER_REPLAY_H
#define SB_RUNNER_REPLAY_H

#include "runner/runner.h"

/* How closely two runs of a cell are looked at. */
enum sb_replay_level {
    SB_REPLAY_BEST,    /* digest where both have one, else counts */
    SB_REPLAY_DIGEST,  /* transcripts and certificates, byte for byte */
    SB_REPLAY_ANSWERS, /* what was asked, tolerance, status, answer; under whatever certificate */
    SB_REPLAY_COUNTS,  /* queries, answered ones, labels, examples; status, success */
    SB_REPLAY_LEVELS
};
extern const char *const sb_replay_level_names[SB_REPLAY_LEVELS];

struct sb_replay_outcome {
    size_t n_compared[SB_REPLAY_LEVELS]; /* by the level that it was done at; none at BEST */
    size_t n_differ;                     /* of the compared */
    size_t n_unnamed; /* whose first differing query is not known: there are digests alone */
    size_t n_rebuilt; /* of the compared, by another binary of the learner */
    size_t n_ended;   /* not compared: ended by the fuse or cut short, then or now */
    size_t n_undone;  /* not compared: not done again, because of fail_fast */
    size_t n_lost;    /* not compared: under a fresh seed that was never written */
    size_t n_lacking; /* cells without a run on record */
    size_t n_gone;    /* recorded cells that the experiment does not have any more */
    struct sb_run_outcome ran; /* of what was done again last, under one seed */
};
size_t sb_replay_n_compared(const struct sb_replay_outcome *outcome);

struct sb_replay_options {
    const struct sb_run_options *run; /* how the runs are done again; `wanted` is set here */
    enum sb_replay_level level;
    int64_t only; /* this run of the record alone, stale or not; 0: all that are not stale */
};

/* Replays what `recorded` has of the experiment, each run under its recorded seed. Fills `out` with
 * what differs, a few lines a run; *outcome is added to. 0: equal (or nothing to compare: see the
 * outcome); 1: not; what sb_experiment_run returns where it was ended; -EINVAL with a line: `level`
 * cannot be had, or the run `only` cannot be replayed. Sets the experiment's seed and `summary`. */
int sb_replay(struct sb_experiment *experiment, struct sb_store *recorded,
              const struct sb_replay_options *options, struct sb_buf *out,
              struct sb_replay_outcome *outcome, struct sb_diag *diag);

/* Compares the runs of `replayed` with those of the same cells in `recorded` (`only`: with that run).
 * As above, without running anything. */
int sb_replay_compare(struct sb_store *recorded, struct sb_store *replayed,
                      enum sb_replay_level level, int64_t only, struct sb_buf *out,
                      struct sb_replay_outcome *outcome, struct sb_diag *diag);

#endif
