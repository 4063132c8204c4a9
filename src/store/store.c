/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Opening and closing a results database, its transactions, and its errors as one line each. */
#include "store/internal.h"

#include "base/memory.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

sqlite3 *sb_store_handle(struct sb_store *store)
{
    return store->db;
}

/* Rolls back, forgets the ids that went with it, and cuts the run. */
static void cut(struct sb_store *store)
{
    for (size_t i = 0; i < SB_SQL_COUNT; i++)
        sqlite3_reset(store->stmt[i]);
    if (store->db && !sqlite3_get_autocommit(store->db))
        sqlite3_exec(store->db, "ROLLBACK", NULL, NULL, NULL);
    if (store->cache)
        memset(store->cache, 0, SB_STORE_CACHE * sizeof *store->cache);
    store->writing = false;
    store->pending = 0;
    store->cut = true;
}

static int explain(const char *path, const char *what, int code, const char *text,
                   struct sb_diag *diag)
{
    switch (code & 0xff) {
    case SQLITE_FULL:
        return sb_diag_fail(diag, -EIO,
                            "%s: disk full while writing %s; finished cells are kept: make room "
                            "and run again to do the rest",
                            path, what);
    case SQLITE_NOTADB:
        return sb_diag_fail(diag, -EINVAL,
                            "%s is not a database: name a results database of statbed's", path);
    case SQLITE_CORRUPT:
        return sb_diag_fail(diag, -EIO, "%s is damaged (%s): name another database", path, text);
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return sb_diag_fail(diag, -EIO,
                            "%s is locked by another program: close what has it open and try again",
                            path);
    case SQLITE_READONLY:
        return sb_diag_fail(diag, -EINVAL,
                            "%s cannot be written (read-only): change its permissions or name "
                            "another database",
                            path);
    case SQLITE_NOMEM:
        return sb_diag_fail(diag, -ENOMEM, "out of memory while writing %s to %s", what, path);
    default:
        return sb_diag_fail(diag, -EIO, "%s: %s: %s", path, what, text);
    }
}

int sb_store_fail(struct sb_store *store, const char *what, struct sb_diag *diag)
{
    const int code = sqlite3_extended_errcode(store->db);
    char *text SB_FREE = sb_strdup(sqlite3_errmsg(store->db)); /* rolling back replaces it */

    cut(store);
    return explain(store->path, what, code, text ? text : "", diag);
}

sqlite3_stmt *sb_store_statement(struct sb_store *store, enum sb_sql sql, struct sb_diag *diag)
{
    sqlite3_stmt **stmt = &store->stmt[sql];

    if (!*stmt && sqlite3_prepare_v3(store->db, sb_store_sql[sql], -1, SQLITE_PREPARE_PERSISTENT,
                                     stmt, NULL) != SQLITE_OK)
        sb_store_fail(store, "a statement", diag);
    return *stmt;
}

static int step_alone(struct sb_store *store, enum sb_sql sql, const char *what,
                      struct sb_diag *diag)
{
    sqlite3_stmt *stmt = sb_store_statement(store, sql, diag);

    if (!stmt)
        return -EIO;
    if (sqlite3_step(stmt) != SQLITE_DONE)
        return sb_store_fail(store, what, diag);
    sqlite3_reset(stmt);
    return 0;
}

int sb_store_begin(struct sb_store *store, struct sb_diag *diag)
{
    int error;

    if (store->writing)
        return 0;
    if (store->cut)
        return sb_diag_fail(diag, -EIO, "%s: an earlier write failed; this run is cut short",
                            store->path);
    error = step_alone(store, SB_SQL_BEGIN, "a transaction", diag);
    if (error)
        return error;
    store->writing = true;
    store->pending = 0;
    return 0;
}

int sb_store_commit(struct sb_store *store, struct sb_diag *diag)
{
    int error;

    if (!store->writing)
        return 0;
    error = step_alone(store, SB_SQL_COMMIT, "a transaction", diag);
    if (error)
        return error;
    store->writing = false;
    store->pending = 0;
    return 0;
}

int sb_store_wrote(struct sb_store *store, struct sb_diag *diag)
{
    return ++store->pending < SB_STORE_BATCH ? 0 : sb_store_commit(store, diag);
}

/* Fails early, and in words, where SQLite would make a file or say "unable to open". */
static int check_path(const char *path, enum sb_store_mode mode, struct sb_diag *diag)
{
    struct stat s;

    if (!path || !*path)
        return sb_diag_fail(diag, -EINVAL, "no database named");
    if (stat(path, &s)) {
        if (errno == ENOENT && mode == SB_STORE_WRITE)
            return 0;
        if (errno == ENOENT)
            return sb_diag_fail(diag, -ENOENT,
                                "%s: no such database: run an experiment first, or name another",
                                path);
        return sb_diag_fail(diag, -EINVAL, "%s: %s", path, strerror(errno));
    }
    if (S_ISDIR(s.st_mode))
        return sb_diag_fail(diag, -EINVAL, "%s is a directory: name a database file in it", path);
    if (!S_ISREG(s.st_mode))
        return sb_diag_fail(diag, -EINVAL, "%s is not a regular file", path);
    if (access(path, R_OK) || (mode == SB_STORE_WRITE && access(path, W_OK)))
        return sb_diag_fail(diag, -EINVAL, "%s cannot be %s: %s", path,
                            mode == SB_STORE_WRITE ? "written" : "read", strerror(errno));
    return 0;
}

static int connect(struct sb_store *store, const char *name, int flags)
{
    sqlite3_close(store->db);
    store->db = NULL;
    if (sqlite3_open_v2(name, &store->db, flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE,
                        NULL))
        return sqlite3_extended_errcode(store->db);
    sqlite3_busy_timeout(store->db, SB_STORE_WAIT_MS);
    return sqlite3_exec(store->db, "SELECT count(*) FROM sqlite_schema", NULL, NULL, NULL);
}

/* A file: URI of a path, everything unusual escaped. */
static void immutable_uri(const char *path, struct sb_buf *out)
{
    sb_buf_puts(out, "file:");
    for (const char *p = path; *p; p++) {
        if (strchr("?#%", *p) || (unsigned char)*p <= ' ')
            sb_buf_printf(out, "%%%02x", (unsigned char)*p);
        else
            sb_buf_bytes(out, p, 1);
    }
    sb_buf_puts(out, "?immutable=1");
}

/* In a folder that we may not write, SQLite cannot make the -shm file that a write-ahead log needs;
 * without a log beside it the file is complete and can be read as it is. */
static int connect_immutable(struct sb_store *store, struct sb_diag *diag)
{
    char *wal SB_FREE = sb_printf("%s-wal", store->path);
    const char *uri;
    struct stat s;

    if (!wal)
        return sb_diag_fail(diag, -ENOMEM, "out of memory");
    if (stat(wal, &s) == 0 && s.st_size > 0)
        return sb_diag_fail(diag, -EINVAL,
                            "%s is still being written (%s) and its folder cannot be: wait, or "
                            "copy both files to a folder of yours",
                            store->path, wal);
    sb_buf_clear(&store->scratch);
    immutable_uri(store->path, &store->scratch);
    uri = sb_buf_str(&store->scratch);
    if (!uri)
        return sb_diag_fail(diag, -ENOMEM, "out of memory");
    if (connect(store, uri, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI))
        return sb_store_fail(store, "opening", diag);
    return 0;
}

/* Opened for writing where that is allowed, though nothing is written: a connection that may not
 * write leaves the -wal and -shm files, which its reading made, behind. */
static int open_read(struct sb_store *store, struct sb_diag *diag)
{
    int code = connect(store, store->path, SQLITE_OPEN_READWRITE);

    if (!code)
        code = sqlite3_exec(store->db, "PRAGMA query_only = 1", NULL, NULL, NULL);
    if ((code & 0xff) == SQLITE_CANTOPEN || (code & 0xff) == SQLITE_READONLY) {
        const int error = connect_immutable(store, diag);

        if (error)
            return error;
    } else if (code) {
        return sb_store_fail(store, "opening", diag);
    }
    return sb_store_schema(store, false, diag);
}

static int open_write(struct sb_store *store, const char *name, struct sb_diag *diag)
{
    if (connect(store, name, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE))
        return sb_store_fail(store, "opening", diag);
    if (sqlite3_db_readonly(store->db, "main") == 1)
        return explain(store->path, "", SQLITE_READONLY, "", diag);
    return sb_store_schema(store, true, diag);
}

static int open_mode(struct sb_store *store, const char *path, enum sb_store_mode mode,
                     struct sb_diag *diag)
{
    int error;

    if (mode == SB_STORE_MEMORY)
        return open_write(store, "", diag); /* "": a nameless file that spills out of memory */
    error = check_path(path, mode, diag);
    if (!error && mode == SB_STORE_READ)
        return open_read(store, diag);
    if (!error)
        error = sb_lock_take(&store->lock, path, diag);
    return error ? error : open_write(store, path, diag);
}

static void store_free(struct sb_store *store)
{
    for (size_t i = 0; i < SB_SQL_COUNT; i++)
        sqlite3_finalize(store->stmt[i]);
    sqlite3_close(store->db);
    sb_lock_drop(&store->lock);
    sb_buf_fini(&store->scratch);
    free(store->cache);
    free(store->path);
    free(store);
}

int sb_store_open(const char *path, enum sb_store_mode mode, struct sb_store **out,
                  struct sb_diag *diag)
{
    struct sb_store *store = SB_NEW(struct sb_store);
    int error;

    if (!store)
        return sb_diag_fail(diag, -ENOMEM, "out of memory");
    store->lock.fd = -1;
    sb_buf_init(&store->scratch);
    store->path = sb_strdup(mode == SB_STORE_MEMORY ? "temporary database" : path ? path : "");
    error = store->path ? open_mode(store, path, mode, diag)
                        : sb_diag_fail(diag, -ENOMEM, "out of memory");
    if (error) {
        store_free(store);
        return error;
    }
    *out = store;
    return 0;
}

int sb_store_close(struct sb_store *store, struct sb_diag *diag)
{
    int error;

    if (!store)
        return 0;
    error = sb_store_commit(store, diag);
    store_free(store);
    return error;
}
