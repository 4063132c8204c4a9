/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A user's own SELECT. SQLite's authorizer is asked about all that a statement would do, while it is
 * compiled: what does more than read is refused before anything runs. */
#include "store/rows.h"

#include "base/memory.h"
#include "base/text.h"
#include "store/internal.h"

#include <errno.h>
#include <string.h>

/* A table-valued function (json_each, pragma_table_info) declares its columns as if it changed the
 * schema in memory; a statement that would change it is refused by SQLite itself. */
static bool declares_columns(int action, const char *table)
{
    return action == SQLITE_UPDATE && table && strcmp(table, "sqlite_master") == 0;
}

static int only_reads(void *refused, int action, const char *a, const char *b, const char *c,
                      const char *d)
{
    const bool loads = action == SQLITE_FUNCTION && b && sqlite3_stricmp(b, "load_extension") == 0;

    (void)c, (void)d;
    if (!loads && (action == SQLITE_SELECT || action == SQLITE_READ || action == SQLITE_FUNCTION ||
                   action == SQLITE_RECURSIVE || declares_columns(action, a)))
        return SQLITE_OK;
    *(bool *)refused = true;
    return SQLITE_DENY;
}

/* --- the nearest name --- */

/* What SQLite says of a name that it does not know, and the names that it could have been. */
static const struct {
    const char *says, *names;
} unknowns[] = {
    { "no such table: ",
      "SELECT name FROM sqlite_schema WHERE type IN ('table', 'view') AND name NOT GLOB "
      "'sqlite_*'" },
    { "no such column: ",
      "SELECT DISTINCT x.name FROM sqlite_schema s, pragma_table_xinfo(s.name) x WHERE s.type IN "
      "('table', 'view')" },
    { "no such function: ", "SELECT DISTINCT name FROM pragma_function_list" },
};

struct names {
    char **items; /* owned, and what they point to */
    size_t n, cap;
};

static void add_name(struct names *names, const char *name)
{
    if (names->n == names->cap) {
        const size_t cap = names->cap ? 2 * names->cap : 64;
        char **items = realloc(names->items, cap * sizeof *items);

        if (!items)
            return;
        names->items = items;
        names->cap = cap;
    }
    names->items[names->n] = sb_strdup(name);
    names->n += names->items[names->n] != NULL;
}

static void gather(sqlite3 *db, const char *select, struct names *out)
{
    sqlite3_stmt *stmt = NULL;

    if (sqlite3_prepare_v2(db, select, -1, &stmt, NULL) == SQLITE_OK)
        while (sqlite3_step(stmt) == SQLITE_ROW)
            add_name(out, (const char *)sqlite3_column_text(stmt, 0));
    sqlite3_finalize(stmt);
}

/* The name that `message` is about, as it may have been meant; malloc'd, or NULL. A qualifier stays
 * out: "r.nam" is like "name". */
static char *meant(sqlite3 *db, const char *message)
{
    struct names names = { 0 };
    char *near = NULL;

    for (size_t i = 0; i < SB_COUNT(unknowns) && !near; i++) {
        const size_t n = strlen(unknowns[i].says);
        const char *found = message + n, *dot;

        if (strncmp(message, unknowns[i].says, n) != 0)
            continue;
        dot = strrchr(found, '.');
        gather(db, unknowns[i].names, &names);
        near =
            sb_strdup(sb_nearest(dot ? dot + 1 : found, (const char *const *)names.items, names.n));
    }
    for (size_t i = 0; i < names.n; i++)
        free(names.items[i]);
    free(names.items);
    return near;
}

/* --- messages --- */

/* Blanks and empty statements before the one that counts. */
static const char *begin(const char *sql)
{
    return sql + strspn(sql, " \t\r\n;");
}

/* Adds SQLite's message at the place that it speaks of. */
static int explain(sqlite3 *db, const char *name, const char *sql, struct sb_diag *diag)
{
    const int offset = sqlite3_error_offset(db);
    char *message SB_FREE = sb_strdup(sqlite3_errmsg(db));
    char *near SB_FREE = message ? meant(db, message) : NULL;
    uint32_t line = 1, column = 1;

    for (const char *p = sql; offset >= 0 && p < begin(sql) + offset; p++) {
        column = *p == '\n' ? 1 : column + (((unsigned char)*p & 0xc0) != 0x80);
        line += *p == '\n';
    }
    return sb_diag_fail_at(diag, -EINVAL, name, offset < 0 ? 0 : line, column, "%s%s%s%s",
                           message ? message : "out of memory", near ? ", did you mean '" : "",
                           near ? near : "", near ? "'?" : "");
}

static int refuse(const char *name, const char *found, struct sb_diag *diag)
{
    const size_t n = strcspn(found, "\n");
    const bool cut = n > 60 || found[n];

    return sb_diag_fail(diag, -EINVAL,
                        "%s: expected one SELECT (or WITH, VALUES, EXPLAIN), which only reads; "
                        "found: %.*s%s",
                        name, (int)(n > 60 ? 60 : n), found, cut ? " ..." : "");
}

/* Behind the statement only blanks, semicolons and comments may stand. */
static bool nothing_follows(sqlite3 *db, const char *tail)
{
    while (*tail) {
        sqlite3_stmt *stmt = NULL;
        const int code = sqlite3_prepare_v2(db, tail, -1, &stmt, &tail);

        if (code != SQLITE_OK || stmt) {
            sqlite3_finalize(stmt);
            return false;
        }
    }
    return true;
}

/* What is to be refused, or NULL. SQLITE_OK, or SQLite's error. */
static int compile(sqlite3 *db, const char *sql, sqlite3_stmt **out, const char **found_out)
{
    const char *tail;
    const int code = sqlite3_prepare_v2(db, begin(sql), -1, out, &tail);

    *found_out = NULL;
    if (code != SQLITE_OK)
        return code;
    if (!*out || !sqlite3_stmt_readonly(*out) || sqlite3_column_count(*out) == 0)
        *found_out = *begin(sql) ? begin(sql) : "nothing";
    else if (!nothing_follows(db, tail))
        *found_out = begin(tail);
    return SQLITE_OK;
}

int sb_rows_of_sql(struct sb_store *store, const char *name, const char *sql, struct sb_rows *out,
                   struct sb_diag *diag)
{
    sqlite3_stmt *stmt = NULL;
    const char *found;
    bool refused = false;
    int code;

    sqlite3_set_authorizer(store->db, only_reads, &refused);
    code = compile(store->db, sql, &stmt, &found);
    sqlite3_set_authorizer(store->db, NULL, NULL);
    if (code == SQLITE_OK && !found) {
        *out = (struct sb_rows){ .stmt = stmt };
        return 0;
    }
    sqlite3_finalize(stmt);
    if (code != SQLITE_OK && !refused)
        return explain(store->db, name, sql, diag);
    return refuse(name, found ? found : begin(sql), diag);
}
