/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Opening and closing a results database, its transactions, and its errors as one line each. */
#include "store/internal.h"

#include "base/fuse.h"
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

/* What SQLite could not do for a reason of the system's: `cause`, an errno. */
static int explain_system(const char *path, const char *what, const char *text, int cause,
                          struct sb_diag *diag)
{
    if (cause == EFBIG)
        return sb_diag_fail(diag, -EIO,
                            "%s would grow beyond the limit on files; finished cells are kept: "
                            "raise ulimit -f and run again to do the rest",
                            path);
    if (cause == EMFILE || cause == ENFILE)
        return sb_diag_fail(diag, -EIO, "%s: too many open files: raise ulimit -n and run again",
                            path);
    return sb_diag_fail(diag, -EIO, "%s: %s: %s%s%s", path, what, text, cause ? ": " : "",
                        cause ? strerror(cause) : "");
}

static int explain(const char *path, const char *what, int code, const char *text, int cause,
                   struct sb_diag *diag)
{
    if (cause == ENOSPC || cause == EDQUOT)
        code = SQLITE_FULL;
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
        return sb_diag_fail(diag, -EIO,
                            "%s is damaged (%s): move it away and run again, or name another "
                            "database",
                            path, text);
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return sb_diag_fail(diag, -EIO,
                            "%s is locked by another program: close what has it open and run "
                            "again; finished cells are kept",
                            path);
    case SQLITE_READONLY:
        return sb_diag_fail(diag, -EINVAL,
                            "%s cannot be written (read-only): change its permissions or name "
                            "another database",
                            path);
    case SQLITE_NOMEM:
        return sb_diag_fail(diag, -ENOMEM, "out of memory while writing %s to %s", what, path);
    default:
        return explain_system(path, what, text, cause, diag);
    }
}

/* The errno behind an error of input or output, 0 where there is none: SQLite notes it of a
 * statement, and where a commit failed only of the file. */
static int find_cause(sqlite3 *db, int code)
{
    int cause = sqlite3_system_errno(db);
    sqlite3_file *log = NULL;

    if ((code & 0xff) != SQLITE_IOERR && (code & 0xff) != SQLITE_CANTOPEN)
        return 0;
    if (!cause)
        sqlite3_file_control(db, "main", SQLITE_FCNTL_LAST_ERRNO, &cause);
    if (!cause && !sqlite3_file_control(db, "main", SQLITE_FCNTL_JOURNAL_POINTER, &log) && log &&
        log->pMethods)
        log->pMethods->xFileControl(log, SQLITE_FCNTL_LAST_ERRNO, &cause);
    return cause;
}

int sb_store_fail(struct sb_store *store, const char *what, struct sb_diag *diag)
{
    const int code = sqlite3_extended_errcode(store->db), cause = find_cause(store->db, code);
    char *text SB_FREE = sb_strdup(sqlite3_errmsg(store->db)); /* rolling back replaces it */

    cut(store);
    if (sb_watch_look(&store->watch, diag) == SB_WATCH_GONE)
        return -EIO;
    return explain(store->path, what, code, text ? text : "", cause, diag);
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

static int begin(struct sb_store *store, enum sb_sql sql, struct sb_diag *diag)
{
    int error;

    if (store->writing)
        return 0;
    if (store->cut)
        return sb_diag_fail(diag, -EIO, "%s: an earlier write failed; this run is cut short",
                            store->path);
    error = step_alone(store, sql, "a transaction", diag);
    if (error)
        return error;
    store->writing = true;
    store->pending = 0;
    return 0;
}

int sb_store_begin(struct sb_store *store, struct sb_diag *diag)
{
    return begin(store, SB_SQL_BEGIN, diag);
}

int sb_store_begin_attached(struct sb_store *store, struct sb_diag *diag)
{
    return begin(store, SB_SQL_BEGIN_DEFERRED, diag);
}

/* Moves what was committed from the log into the database file. Failing is no error: the log keeps
 * it, and grows. */
static void empty_log(struct sb_store *store, int how)
{
    sqlite3_wal_checkpoint_v2(store->db, "main", how, NULL, NULL);
    sb_watch_wrote(&store->watch);
    store->log_pages = 0;
}

/* Another program wrote to the database file. One that moves the log into it, as we do, leaves it
 * sound; what we remember of its pages says nothing of that, and is forgotten. */
static int check_sound(struct sb_store *store, struct sb_diag *diag)
{
    sqlite3_stmt *stmt = NULL;
    bool sound;

    sqlite3_db_release_memory(store->db);
    sound = sb_watch_is_whole(&store->watch) &&
            sqlite3_prepare_v2(store->db, "PRAGMA quick_check(1)", -1, &stmt, NULL) == SQLITE_OK &&
            sqlite3_step(stmt) == SQLITE_ROW &&
            strcmp((const char *)sqlite3_column_text(stmt, 0), "ok") == 0;
    sqlite3_finalize(stmt);
    if (sound) {
        sb_watch_wrote(&store->watch);
        return 0;
    }
    cut(store);
    return sb_diag_fail(diag, -EIO,
                        "%s was damaged by another program while it was being written: the run "
                        "stops; move it away and run again",
                        store->path);
}

/* Are the files what they were? Where they are gone, what was committed goes into the database file,
 * wherever that is, for its log is no longer found beside it. */
static int check_files(struct sb_store *store, struct sb_diag *diag)
{
    switch (sb_watch_look(&store->watch, diag)) {
    case SB_WATCH_GONE:
        cut(store);
        empty_log(store, SQLITE_CHECKPOINT_TRUNCATE);
        return -EIO;
    case SB_WATCH_TOUCHED:
        return check_sound(store, diag);
    default:
        return 0;
    }
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
    error = check_files(store, diag);
    if (!error && store->log_pages >= SB_STORE_LOG_PAGES)
        empty_log(store, SQLITE_CHECKPOINT_PASSIVE);
    return error;
}

int sb_store_wrote(struct sb_store *store, size_t bytes, struct sb_diag *diag)
{
    store->pending += 1 + bytes / SB_STORE_ROW_BYTES;
    return store->pending < SB_STORE_BATCH ? 0 : sb_store_commit(store, diag);
}

int sb_store_secure(struct sb_store *store, bool cheap, struct sb_diag *diag)
{
    const uint64_t now = sb_now_ns();
    sqlite3_file *log = NULL;

    if ((cheap && now - store->synced < 1000000000u) || !store->watch.db)
        return 0;
    store->synced = now;
    if (sqlite3_file_control(store->db, "main", SQLITE_FCNTL_JOURNAL_POINTER, &log) || !log ||
        !log->pMethods || log->pMethods->xSync(log, SQLITE_SYNC_NORMAL) == SQLITE_OK)
        return 0;
    cut(store);
    return sb_diag_fail(diag, -EIO,
                        "%s cannot be brought to the disk: look at the disk and run again; cells "
                        "that ended may have to be done again",
                        store->path);
}

/* Fails early, and in words, where SQLite would make a file or say "unable to open". */
static int check_path(const char *path, enum sb_store_mode mode, struct sb_diag *diag)
{
    struct stat s;

    if (!path || !*path)
        return sb_diag_fail(diag, -EINVAL, "no database named");
    if (stat(path, &s)) {
        if (errno == ENOENT && lstat(path, &s) == 0)
            return sb_diag_fail(
                diag, -EINVAL,
                "%s is a symbolic link to a file that is not there: make that file, "
                "or remove the link",
                path);
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
    /* the log and the locks go by the name */
    if (mode == SB_STORE_WRITE && s.st_nlink > 1)
        return sb_diag_fail(diag, -EINVAL,
                            "%s has other names (hard links), under which it could be written at "
                            "the same time: remove those, or name a copy",
                            path);
    return 0;
}

/* name: "" or a file: URI. */
static int connect(struct sb_store *store, const char *name, int flags)
{
    sqlite3_close(store->db);
    store->db = NULL;
    flags |= SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
    if (sqlite3_open_v2(name, &store->db, flags, NULL))
        return sqlite3_extended_errcode(store->db);
    sqlite3_busy_timeout(store->db, SB_STORE_WAIT_MS);
    return sqlite3_exec(store->db, "SELECT count(*) FROM sqlite_schema", NULL, NULL, NULL);
}

/* A file: URI of a path, everything unusual escaped: so that ":memory:", "file:x" and "//x" are names
 * of files, as they are for the lock. */
static void file_uri(const char *path, const char *parameter, struct sb_buf *out)
{
    sb_buf_clear(out);
    sb_buf_puts(out, *path == '/' ? "file://" : "file:./");
    for (const char *p = path; *p; p++) {
        if (strchr("?#%", *p) || (unsigned char)*p <= ' ')
            sb_buf_printf(out, "%%%02x", (unsigned char)*p);
        else
            sb_buf_bytes(out, p, 1);
    }
    sb_buf_printf(out, "?%s", parameter);
}

/* The store's file; `parameter` says how, as in a URI. */
static int connect_file(struct sb_store *store, const char *parameter, int flags)
{
    const char *uri;

    file_uri(store->path, parameter, &store->scratch);
    uri = sb_buf_str(&store->scratch);
    return uri ? connect(store, uri, flags) : SQLITE_NOMEM;
}

/* In a folder that we may not write, SQLite cannot make the -shm file that a write-ahead log needs;
 * without a log beside it the file is complete and can be read as it is. */
static int connect_immutable(struct sb_store *store, struct sb_diag *diag)
{
    char *wal SB_FREE = sb_printf("%s-wal", store->path);
    struct stat s;

    if (!wal)
        return sb_diag_fail(diag, -ENOMEM, "out of memory");
    if (stat(wal, &s) == 0 && s.st_size > 0)
        return sb_diag_fail(diag, -EINVAL,
                            "%s is still being written (%s) and its folder cannot be: wait, or "
                            "copy both files to a folder of yours",
                            store->path, wal);
    store->immutable = true;
    if (connect_file(store, "immutable=1", SQLITE_OPEN_READONLY))
        return sb_store_fail(store, "opening", diag);
    return 0;
}

/* Opened for writing where that is allowed, though nothing is written: a connection that may not
 * write leaves the -wal and -shm files, which its reading made, behind. */
static int open_read(struct sb_store *store, struct sb_diag *diag)
{
    int code = connect_file(store, "mode=rw", SQLITE_OPEN_READWRITE);

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

/* Called after a commit, with the length of the log. */
static int note_log(void *self, sqlite3 *db, const char *name, int pages)
{
    struct sb_store *store = self;

    (void)db;
    (void)name;
    store->log_pages = pages;
    return SQLITE_OK;
}

/* code: what connecting gave. */
static int open_write(struct sb_store *store, int code, struct sb_diag *diag)
{
    if (code)
        return sb_store_fail(store, "opening", diag);
    if (sqlite3_db_readonly(store->db, "main") == 1)
        return explain(store->path, "", SQLITE_READONLY, "", 0, diag);
    sqlite3_wal_hook(store->db, note_log, store);
    return sb_store_schema(store, true, diag);
}

static const int create = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;

static int open_locked(struct sb_store *store, const char *path, struct sb_diag *diag)
{
    int error = sb_lock_take(&store->lock, path, diag);

    if (!error)
        error = open_write(store, connect_file(store, "mode=rwc", create), diag);
    if (error)
        return error;
    error = sb_watch_start(&store->watch, store->db, store->lock.path);
    return error ? sb_diag_fail(diag, -EIO, "%s: %s", path, strerror(-error)) : 0;
}

static int open_mode(struct sb_store *store, const char *path, enum sb_store_mode mode,
                     struct sb_diag *diag)
{
    int error;

    if (mode == SB_STORE_MEMORY) /* "": a nameless file that spills out of memory */
        return open_write(store, connect(store, "", create), diag);
    error = check_path(path, mode, diag);
    if (error)
        return error;
    return mode == SB_STORE_READ ? open_read(store, diag) : open_locked(store, path, diag);
}

static void store_free(struct sb_store *store)
{
    for (size_t i = 0; i < SB_SQL_COUNT; i++)
        sqlite3_finalize(store->stmt[i]);
    sqlite3_close(store->db);
    sb_watch_fini(&store->watch);
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
    store->lock.fd = store->watch.anchor = -1;
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

/* Opened by itself first: what is wrong with it is then said of it. */
int sb_store_attach(struct sb_store *store, const char *path, const char *name,
                    struct sb_diag *diag)
{
    struct sb_store *reader = NULL;
    sqlite3_stmt *stmt = NULL;
    int code, error = sb_store_open(path, SB_STORE_READ, &reader, diag);

    if (error)
        return error;
    file_uri(path, reader->immutable ? "immutable=1" : "mode=rw", &store->scratch);
    sb_store_close(reader, NULL);
    if (!sb_buf_str(&store->scratch))
        return sb_diag_fail(diag, -ENOMEM, "out of memory");
    code = sqlite3_prepare_v2(store->db, "ATTACH ? AS ?", -1, &stmt, NULL);
    if (code == SQLITE_OK) {
        sqlite3_bind_text(stmt, 1, sb_buf_str(&store->scratch), -1, SQLITE_STATIC);
        sqlite3_bind_text(stmt, 2, name, -1, SQLITE_STATIC);
        code = sqlite3_step(stmt);
    }
    sqlite3_finalize(stmt);
    return code == SQLITE_DONE ? 0 : sb_store_fail(store, path, diag);
}
