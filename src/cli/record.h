/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The record that a replay compares with: a results database, or a reference. */
#ifndef SB_CLI_RECORD_H
#define SB_CLI_RECORD_H

#include "base/diag.h"
#include "store/store.h"

struct sb_record {
    char *path; /* owned */
    struct sb_store *store;
};
/* `given`: a database, or a reference where it ends in .json. NULL: results/NAME.db; where that is
 * not there, NAME.json of results/reference/ under the current folder, beside the program (in a
 * build folder), or installed. -ENOENT/-EINVAL with one line; to be closed on success only. */
int sb_record_open(const char *given, const char *name, struct sb_record *out,
                   struct sb_diag *diag);
void sb_record_close(struct sb_record *record);

/* -ENOENT with a line that says which runs the database of that path has. */
int sb_no_such_run(struct sb_store *store, int64_t run, const char *path, struct sb_diag *diag);

#endif
