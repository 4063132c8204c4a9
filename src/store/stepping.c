/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reading rows: statements with errors as one line. */
#include "store/stepping.h"

#include <errno.h>

static int fail(struct sb_store *store, struct sb_diag *diag)
{
    return sb_diag_fail(diag, -EIO, "the results database cannot be read: %s",
                        sqlite3_errmsg(sb_store_handle(store)));
}

int sb_step_prepare(struct sb_store *store, const char *sql, sqlite3_stmt **out,
                    struct sb_diag *diag)
{
    if (sqlite3_prepare_v2(sb_store_handle(store), sql, -1, out, NULL) == SQLITE_OK)
        return 0;
    return fail(store, diag);
}

int sb_step_next(struct sb_store *store, sqlite3_stmt *stmt, bool *more_out, struct sb_diag *diag)
{
    const int code = sqlite3_step(stmt);

    *more_out = code == SQLITE_ROW;
    return code == SQLITE_ROW || code == SQLITE_DONE ? 0 : fail(store, diag);
}

const char *sb_step_text(sqlite3_stmt *stmt, int column)
{
    const char *text = (const char *)sqlite3_column_text(stmt, column);

    return text ? text : "";
}
