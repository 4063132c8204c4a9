/* SPDX-License-Identifier: GPL-3.0-or-later */
/* References are read by SQLite's own JSON functions. */
#include "store/reference.h"

#include "base/file.h"
#include "base/memory.h"

#include <errno.h>
#include <string.h>

enum { REFERENCE_MAX = 1 << 26 }; /* bytes */

/* One object a run; what it lacks is NULL, which the columns that matter refuse. ?1: the file. */
static const char load_experiments[] =
    "INSERT INTO experiment (name, yaml, yaml_digest, seed)"
    " SELECT DISTINCT value ->> 'experiment', '', '', value ->> 'seed' FROM json_each(?1)";

static const char load_runs[] =
    "INSERT INTO run (experiment, cell, cell_key, repeat, label, status, transcript, certificates,"
    " n_queries, n_answered, n_labels, n_examples, success, summary,"
    " learner_digest, family, family_params, dimension, oracle, policy, oracle_params, grants,"
    " reduction, learner, learner_params, coins, goal, goal_params)"
    " SELECT e.id, j.key + 1, j.value ->> 'cell_key', j.value ->> 'repeat', j.value ->> 'label',"
    " j.value ->> 'status', j.value ->> 'transcript', j.value ->> 'certificates',"
    " j.value ->> 'n_queries', j.value ->> 'n_answered', j.value ->> 'n_labels',"
    " j.value ->> 'n_examples', j.value ->> 'success', 1,"
    " '', '', '', 0, '', '', '', '', '', '', '', 0, '', ''"
    " FROM json_each(?1) j JOIN experiment e ON e.name = j.value ->> 'experiment'"
    " AND e.seed IS j.value ->> 'seed'";

static int read_whole(const char *path, char **text_out, size_t *n_out, struct sb_diag *diag)
{
    const int error = sb_file_text(path, REFERENCE_MAX, text_out, n_out);

    if (!error)
        return 0;
    return sb_diag_fail(diag, error == -ENOENT || error == -ENOMEM ? error : -EINVAL,
                        "%s: cannot be read: %s", path, strerror(-error));
}

static int insert(struct sb_store *store, const char *path, const char *sql, const char *json,
                  size_t n, struct sb_diag *diag)
{
    sqlite3 *const db = sb_store_handle(store);
    sqlite3_stmt *stmt = NULL;
    int error = 0;

    if (sqlite3_prepare_v2(db, sql, -1, &stmt, NULL) != SQLITE_OK ||
        sqlite3_bind_text64(stmt, 1, json, n, SQLITE_STATIC, SQLITE_UTF8) != SQLITE_OK ||
        sqlite3_step(stmt) != SQLITE_DONE)
        error = sb_diag_fail(diag, -EINVAL,
                             "%s is no reference (%s): name a results database, or a file that "
                             "statbed table digests --format=json wrote",
                             path, sqlite3_errmsg(db));
    sqlite3_finalize(stmt);
    return error;
}

int sb_store_reference(const char *path, struct sb_store **out, struct sb_diag *diag)
{
    struct sb_store *store = NULL;
    char *json SB_FREE = NULL;
    size_t n = 0;
    int error = read_whole(path, &json, &n, diag);

    if (!error)
        error = sb_store_open(NULL, SB_STORE_MEMORY, &store, diag);
    if (!error)
        error = insert(store, path, load_experiments, json, n, diag);
    if (!error)
        error = insert(store, path, load_runs, json, n, diag);
    if (error)
        sb_store_close(store, NULL);
    else
        *out = store;
    return error;
}
