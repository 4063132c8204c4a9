/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reading rows: statements with errors as one line. */
#ifndef SB_STORE_STEPPING_H
#define SB_STORE_STEPPING_H

#include "store/store.h"

/* -EIO with a line where the database cannot be read. *out is to be finalized. */
int sb_step_prepare(struct sb_store *store, const char *sql, sqlite3_stmt **out,
                    struct sb_diag *diag);
/* The next row; *more_out: there is one. A database that cannot be read is not an empty one. */
int sb_step_next(struct sb_store *store, sqlite3_stmt *stmt, bool *more_out, struct sb_diag *diag);
/* The column as text; "" where it is NULL. Borrowed, until the next row. */
const char *sb_step_text(sqlite3_stmt *stmt, int column);

#endif
