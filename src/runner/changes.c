/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Runs by another statbed, and runs of cells that the experiment's file has no more: tables show both
 * beside the new ones. */
#include "runner/changes.h"

#include "base/memory.h"
#include "runner/machine.h"

#include <errno.h>
#include <string.h>

enum { HEX = 65 }; /* bytes of a digest as text */

struct changes {
    const struct sb_experiment *experiment;
    sqlite3 *db;
    const struct sb_run_options *options;
    struct sb_diag *diag;
};

/* What tables show of an experiment by this name. */
#define SHOWN                                                                                      \
    " FROM run r JOIN experiment e ON e.id = r.experiment WHERE e.name = ?1 AND r.stale = 0 AND "  \
    "r.status NOT IN ('running', 'interrupted', 'killed')"

static int fail(const struct changes *c, sqlite3_stmt *stmt)
{
    sqlite3_finalize(stmt);
    return sb_diag_fail(c->diag, -EIO, "the runs on record cannot be read: %s",
                        sqlite3_errmsg(c->db));
}

/* A SELECT with the experiment's name as its first parameter; NULL after a message. */
static sqlite3_stmt *prepare(const struct changes *c, const char *select)
{
    sqlite3_stmt *stmt = NULL;

    if (sqlite3_prepare_v2(c->db, select, -1, &stmt, NULL) != SQLITE_OK) {
        fail(c, stmt);
        return NULL;
    }
    sqlite3_bind_text(stmt, 1, c->experiment->name, -1, SQLITE_STATIC);
    return stmt;
}

static void note(const struct changes *c, char *text)
{
    if (text)
        c->options->note(c->options->self, text);
    free(text);
}

/* "0.1.0 (git 0123456789ab)"; NULL: no memory. */
static char *statbed_of(const char *version, const char *git)
{
    return sb_printf("statbed %s%s%s%s", version ? version : "(unknown)",
                     git && *git ? " (git " : "", git ? git : "", git && *git ? ")" : "");
}

/* The latest of the others stands for all of them. */
static int tell_statbed(const struct changes *c)
{
    sqlite3_stmt *stmt =
        prepare(c, "SELECT e.statbed_version, e.git_state, count(*)" SHOWN
                   " AND (e.statbed_version IS NOT ?2 OR e.git_state IS NOT ?3) GROUP BY 1, 2 "
                   "ORDER BY max(r.id) DESC");
    char *now SB_FREE = statbed_of(sb_machine_version(), sb_machine_git());
    char *then SB_FREE = NULL;
    long long n_runs = 0, n_others = -1;
    int code;

    if (!stmt)
        return -EIO;
    sqlite3_bind_text(stmt, 2, sb_machine_version(), -1, SQLITE_STATIC);
    sqlite3_bind_text(stmt, 3, sb_machine_git(), -1, SQLITE_STATIC);
    while ((code = sqlite3_step(stmt)) == SQLITE_ROW) {
        if (!then)
            then = statbed_of((const char *)sqlite3_column_text(stmt, 0),
                              (const char *)sqlite3_column_text(stmt, 1));
        n_runs += sqlite3_column_int64(stmt, 2);
        n_others++;
    }
    if (code != SQLITE_DONE)
        return fail(c, stmt);
    sqlite3_finalize(stmt);
    if (n_runs && then && now)
        note(c,
             sb_printf("%s: %lld runs in the database are by %s%s, this is %s: they count as done; "
                       "statbed replay tells whether it does the same",
                       c->experiment->name, n_runs, then, n_others ? " and others" : "", now));
    return 0;
}

static int compare(const void *a, const void *b)
{
    return strcmp(a, b);
}

/* The keys of all cells of the file, whatever the shard, sorted; NULL: no memory. */
static char (*keys_of(const struct sb_experiment *e))[HEX]
{
    const size_t n = e->n_points * e->repeat;
    char(*keys)[HEX] = calloc(n, HEX);

    for (size_t i = 0; keys && i < n; i++) {
        const struct sb_digest key = sb_cell_key(e, &e->points[i / e->repeat], i % e->repeat + 1);

        sb_digest_hex(&key, keys[i]);
    }
    if (keys)
        qsort(keys, n, HEX, compare);
    return keys;
}

/* Steps through keys of cells; counts those that the file has not. */
static int count_orphans(const struct changes *c, sqlite3_stmt *stmt, size_t *out)
{
    const size_t n = c->experiment->n_points * c->experiment->repeat;
    int code = sqlite3_step(stmt);
    char(*keys)[HEX] = code == SQLITE_ROW ? keys_of(c->experiment) : NULL;

    if (code == SQLITE_ROW && !keys)
        return sb_diag_fail(c->diag, -ENOMEM, "out of memory");
    for (*out = 0; code == SQLITE_ROW; code = sqlite3_step(stmt)) {
        const char *key = (const char *)sqlite3_column_text(stmt, 0);

        *out += !key || !bsearch(key, keys, n, HEX, compare);
    }
    free(keys);
    return code == SQLITE_DONE ? 0 : -EIO;
}

/* Is there a run of this name by another text, and by this one none? */
static int is_new_text(const struct changes *c, bool *out)
{
    sqlite3_stmt *stmt = prepare(c, "SELECT EXISTS (SELECT 1" SHOWN
                                    " AND e.yaml_digest <> ?2) AND NOT EXISTS (SELECT 1 "
                                    "FROM experiment WHERE name = ?1 AND yaml_digest = ?2)");
    char hex[HEX];

    if (!stmt)
        return -EIO;
    sb_digest_hex(&c->experiment->text_digest, hex);
    sqlite3_bind_text(stmt, 2, hex, -1, SQLITE_STATIC);
    if (sqlite3_step(stmt) != SQLITE_ROW)
        return fail(c, stmt);
    *out = sqlite3_column_int(stmt, 0);
    sqlite3_finalize(stmt);
    return 0;
}

static int tell_file(const struct changes *c)
{
    sqlite3_stmt *stmt = prepare(c, "SELECT DISTINCT r.cell_key" SHOWN);
    size_t n_orphans = 0;
    bool new_text = false;
    int error = stmt ? count_orphans(c, stmt, &n_orphans) : -EIO;

    if (error == -EIO && stmt)
        return fail(c, stmt);
    sqlite3_finalize(stmt);
    if (!error && !n_orphans)
        error = is_new_text(c, &new_text);
    if (error)
        return error;
    if (n_orphans)
        note(c, sb_printf("%s: %zu finished cells in the database belong to no cell of %s any more "
                          "(it, or a family plugin, has changed): tables show them, too; name "
                          "another database with --db for tables of the file as it is",
                          c->experiment->name, n_orphans, c->experiment->file));
    else if (new_text)
        note(c,
             sb_printf("%s: %s has changed since the runs in the database; all are of cells that "
                       "it still has",
                       c->experiment->name, c->experiment->file));
    return 0;
}

int sb_changes_tell(const struct sb_experiment *experiment, struct sb_store *store,
                    const struct sb_run_options *options, struct sb_diag *diag)
{
    const struct changes changes = { experiment, sb_store_handle(store), options, diag };
    int error;

    if (!options->note)
        return 0;
    error = tell_statbed(&changes);
    return error ? error : tell_file(&changes);
}
