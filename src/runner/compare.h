/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a replay needs to know of a stored run, and the comparison of two runs of one cell. */
#ifndef SB_RUNNER_COMPARE_H
#define SB_RUNNER_COMPARE_H

#include "runner/replay.h"

/* The columns of a statement that reads runs, and the conditions of those that count. */
#define SB_COMPARE_RUNS                                                                            \
    "SELECT r.id, r.cell_key, r.label, r.repeat, r.status, r.transcript IS NOT NULL,"              \
    " NOT r.summary, r.learner_digest, e.seed"                                                     \
    " FROM run r JOIN experiment e ON e.id = r.experiment "
#define SB_COMPARE_BY_KEY                                                                          \
    "WHERE r.cell_key = ?1 AND r.stale = 0 "                                                       \
    "ORDER BY r.status IN ('running', 'interrupted', 'killed'), r.id LIMIT 1"
#define SB_COMPARE_BY_ID "WHERE r.id = ?1"
enum sb_compare_column {
    SB_COMPARE_ID,
    SB_COMPARE_KEY,
    SB_COMPARE_LABEL,
    SB_COMPARE_REPEAT,
    SB_COMPARE_STATUS,
    SB_COMPARE_HAS_DIGEST,
    SB_COMPARE_HAS_ROWS,
    SB_COMPARE_LEARNER,
    SB_COMPARE_SEED
};

/* Where it ended depends on the machine and on the day. */
bool sb_compare_by_luck(sqlite3_stmt *run);
/* -EINVAL with a line where the run has not what the level compares. `when`: "recorded". */
int sb_compare_possible(sqlite3_stmt *run, enum sb_replay_level level, const char *when,
                        struct sb_diag *diag);

/* Two runs of one cell. */
struct sb_compare_pair {
    struct sb_store *recorded, *replayed;
    int64_t a, b;     /* their runs */
    const char *name; /* of the run, as the lines begin */
    bool rows;        /* have both rows of their queries? */
};
/* Once for each of the stores, before the first pair. */
int sb_compare_prepare(struct sb_store *store, struct sb_diag *diag);
/* Writes what differs: a line on what it is, and one each on both sides. */
int sb_compare_pair(const struct sb_compare_pair *pair, enum sb_replay_level level,
                    struct sb_buf *out, struct sb_diag *diag);

#endif
