/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rows to be read, one after the other: of a view, with filters, or of a user's own SELECT. */
#ifndef SB_STORE_ROWS_H
#define SB_STORE_ROWS_H

#include "store/store.h"

/* The views that `statbed table` offers, with a line each; NULL-named end. The first is the
 * default. */
struct sb_view {
    const char *name, *summary, *sql; /* sql: the SELECT that defines it */
    size_t n_setting; /* its first columns say what was run, the others what came out */
};
extern const struct sb_view sb_views[];
/* The view of this name; NULL: the default. -ENOENT with the nearest name. */
int sb_rows_view(const char *name, const struct sb_view **out, struct sb_diag *diag);

struct sb_rows {
    sqlite3_stmt *stmt; /* owned; every value is bound */
    uint64_t setting;   /* bit i: column i says what was run */
};
void sb_rows_fini(struct sb_rows *rows);

/* What is read of a view. Texts borrowed. A filter is COLUMN=VALUE, or with one of != < <= > >= ~
 * in place of =. Numbers compare with numbers, texts with texts; behind = != and ~ stand several
 * values with commas between them: one of them, none of them; "\," is a comma; no value is NULL.
 * ~: the column's text contains the value. */
struct sb_select {
    const struct sb_view *view;
    const char *const *filters; /* all must hold */
    size_t n_filters;
    const char *columns; /* "a,b": these, in this order; NULL: all */
    const char *sort;    /* "a,-b": by a, then by b downwards, NULLs last; NULL: the view's order */
    const uint64_t *limit; /* rows at most; NULL: all */
};
/* Does this word look like a filter? */
bool sb_is_filter(const char *word);
/* -EINVAL with a line: an unknown column (with the nearest name), a filter without a value, ... */
int sb_rows_of_view(struct sb_store *store, const struct sb_select *select, struct sb_rows *out,
                    struct sb_diag *diag);

/* One SELECT (WITH, VALUES, EXPLAIN) that only reads. Errors are -EINVAL with SQLite's words, at the
 * place in `sql`; `name`: of its file. */
int sb_rows_of_sql(struct sb_store *store, const char *name, const char *sql, struct sb_rows *out,
                   struct sb_diag *diag);

#endif
