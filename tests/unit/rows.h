/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rows of a database as text that differs where a single bit of them does. */
#ifndef SB_TESTS_ROWS_H
#define SB_TESTS_ROWS_H

#include "base/buffer.h"
#include "unit.h"

#include <sqlite3.h>

static inline void rows_value(sqlite3_stmt *stmt, int i, struct sb_buf *out)
{
    static const char digit[] = "0123456789abcdef";
    const uint8_t *blob;

    switch (sqlite3_column_type(stmt, i)) {
    case SQLITE_INTEGER:
        sb_buf_printf(out, "%lld", (long long)sqlite3_column_int64(stmt, i));
        break;
    case SQLITE_FLOAT:
        sb_buf_printf(out, "%a", sqlite3_column_double(stmt, i));
        break;
    case SQLITE_TEXT:
        sb_buf_printf(out, "'%s'", (const char *)sqlite3_column_text(stmt, i));
        break;
    case SQLITE_BLOB:
        blob = sqlite3_column_blob(stmt, i);
        sb_buf_puts(out, "x");
        for (int j = 0; j < sqlite3_column_bytes(stmt, i); j++) {
            sb_buf_bytes(out, &digit[blob[j] >> 4], 1);
            sb_buf_bytes(out, &digit[blob[j] & 15], 1);
        }
        break;
    default:
        sb_buf_puts(out, "NULL");
    }
}

/* Appends what a SELECT gives: a line a row, `column=value` where it has a name. */
static inline void rows_print(sqlite3 *db, const char *select, struct sb_buf *out)
{
    sqlite3_stmt *stmt = NULL;

    if (sqlite3_prepare_v2(db, select, -1, &stmt, NULL) != SQLITE_OK)
        fail_msg("%s: %s", select, sqlite3_errmsg(db));
    while (sqlite3_step(stmt) == SQLITE_ROW) {
        for (int i = 0; i < sqlite3_column_count(stmt); i++) {
            sb_buf_printf(out, "%s%s=", i ? " " : "", sqlite3_column_name(stmt, i));
            rows_value(stmt, i, out);
        }
        sb_buf_puts(out, "\n");
    }
    sqlite3_finalize(stmt);
}

/* Fails with the first line that differs. */
static inline void rows_equal(struct sb_buf *a, struct sb_buf *b)
{
    const char *x = sb_buf_str(a), *y = sb_buf_str(b);

    assert_non_null(x);
    assert_non_null(y);
    while (*x && strcspn(x, "\n") == strcspn(y, "\n") && strncmp(x, y, strcspn(x, "\n")) == 0) {
        x += strcspn(x, "\n") + 1;
        y += strcspn(y, "\n") + 1;
    }
    if (*x || *y)
        fail_msg("first: %.*s\nsecond: %.*s", (int)strcspn(x, "\n"), x, (int)strcspn(y, "\n"), y);
}

#endif
