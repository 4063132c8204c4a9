/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the parts of a merge share. Databases are numbered: 0 is the one merged into, which is the
 * open store, and i is in[i - 1], attached as `shard` while it is read. */
#ifndef SB_STORE_MERGE_WORK_H
#define SB_STORE_MERGE_WORK_H

#include "store/internal.h"
#include "store/merge.h"

struct sb_merge {
    struct sb_store *store; /* merged into; or a temporary one, to look at the others only */
    const char *out;
    const char *const *in;
    size_t n_in;
    struct sb_merge_outcome *outcome;
};

/* Runs statements without results. `what`: "the runs of shard.db", for the message. */
int sb_merge_execute(struct sb_merge *m, const char *sql, const char *what, struct sb_diag *diag);
/* Database i, from 1, as `shard`. */
int sb_merge_attach(struct sb_merge *m, size_t i, struct sb_diag *diag);
int sb_merge_detach(struct sb_merge *m, struct sb_diag *diag);
const char *sb_merge_name(const struct sb_merge *m, int64_t i); /* its path */

/* merge_check.c: fills temp.candidate, a row a run that ended and is not stale, of all databases, and
 * counts what is left out. */
int sb_merge_collect(struct sb_merge *m, struct sb_diag *diag);
/* 0; 1 with a line for each contradiction among the candidates. */
int sb_merge_check(struct sb_merge *m, struct sb_diag *diag);

/* merge_copy.c: copies the candidates that database 0 does not have. */
int sb_merge_copy(struct sb_merge *m, struct sb_diag *diag);

#endif
