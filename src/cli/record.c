/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The record that a replay compares with: a results database, or a reference. */
#include "cli/record.h"

#include "base/file.h"
#include "base/memory.h"
#include "base/program.h"
#include "cli/catalog.h"
#include "config.h"
#include "store/reference.h"

#include <errno.h>
#include <unistd.h>

/* NAME.json in a folder, which is freed; NULL where it is not there. */
static char *in_folder(char *folder, const char *name)
{
    char *path = folder ? sb_printf("%s/%s.json", folder, name) : NULL;

    free(folder);
    if (path && sb_file_is(path))
        return path;
    free(path);
    return NULL;
}

static char *find_reference(const char *name)
{
    char *path = in_folder(sb_strdup("results/reference"), name);

    path = path ? path : in_folder(sb_program_path("results/reference"), name);
    return path ? path : in_folder(sb_program_path(SB_REFERENCEDIR), name);
}

static int find(const char *name, char **out, struct sb_diag *diag)
{
    char *database = sb_printf("results/%s.db", name);
    char *path = NULL;
    int error = 0;

    if (!database)
        return sb_diag_fail(diag, -ENOMEM, "out of memory");
    if (access(database, F_OK) == 0) {
        *out = database;
        return 0;
    }
    path = find_reference(name);
    if (path)
        *out = path;
    else
        error = sb_diag_fail(diag, -ENOENT,
                             "replay: there is no %s, and no reference results/reference/%s.json: "
                             "run an experiment first, or name its record with --db=FILE",
                             database, name);
    free(database);
    return error;
}

int sb_record_open(const char *given, const char *name, struct sb_record *out, struct sb_diag *diag)
{
    char *path = NULL;
    int error = 0;

    if (!given)
        error = find(name, &path, diag);
    else if (!(path = sb_strdup(given)))
        error = sb_diag_fail(diag, -ENOMEM, "out of memory");
    if (!error)
        error = sb_name_ends(path, ".json") ? sb_store_reference(path, &out->store, diag)
                                            : sb_store_open(path, SB_STORE_READ, &out->store, diag);
    if (error)
        free(path);
    else
        out->path = path;
    return error;
}

void sb_record_close(struct sb_record *record)
{
    sb_store_close(record->store, NULL);
    free(record->path);
}

int sb_no_such_run(struct sb_store *store, int64_t run, const char *path, struct sb_diag *diag)
{
    sqlite3_stmt *stmt = NULL;
    int64_t last = 0;

    if (sqlite3_prepare_v2(sb_store_handle(store), "SELECT max(id) FROM run", -1, &stmt, NULL) ==
            SQLITE_OK &&
        sqlite3_step(stmt) == SQLITE_ROW)
        last = sqlite3_column_int64(stmt, 0);
    sqlite3_finalize(stmt);
    if (!last)
        return sb_diag_fail(diag, -ENOENT, "%s holds no run", path);
    return sb_diag_fail(diag, -ENOENT, "%s holds no run %lld; its last is %lld", path,
                        (long long)run, (long long)last);
}
