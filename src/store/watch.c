/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Are the files of an open database still there, and still the same? Files are told apart by device and
 * inode, and an inode is not given to another file while it is open.
 *
 * The database file itself is never opened to be read here: closing any descriptor of it would drop the
 * locks that SQLite has on it. O_PATH descriptors are the exception, and SQLite's own serves for the
 * header. */
#include "store/watch.h"

#include "base/memory.h"
#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static int note(struct sb_watched *file, const char *path)
{
    struct stat s;

    if (stat(path, &s))
        return errno == ENOENT ? 0 : -errno;
    file->path = sb_strdup(path);
    file->dev = s.st_dev;
    file->ino = s.st_ino;
    return file->path ? 0 : -ENOMEM;
}

static bool is_there(const struct sb_watched *file)
{
    struct stat s;

    return !file->path ||
           (stat(file->path, &s) == 0 && s.st_dev == file->dev && s.st_ino == file->ino);
}

/* Through SQLite's own descriptor; a file that is shorter reads as zeros. */
static void read_head(sqlite3 *db, unsigned char *head, sqlite3_int64 *size)
{
    sqlite3_file *file = NULL;

    memset(head, 0, SB_WATCH_HEAD);
    *size = 0;
    if (sqlite3_file_control(db, "main", SQLITE_FCNTL_FILE_POINTER, &file) || !file ||
        !file->pMethods)
        return;
    file->pMethods->xRead(file, head, SB_WATCH_HEAD, 0);
    file->pMethods->xFileSize(file, size);
}

void sb_watch_wrote(struct sb_watch *watch)
{
    if (watch->db)
        read_head(watch->db, watch->head, &watch->size);
}

static int note_beside(struct sb_watched *file, const char *database, const char *suffix)
{
    char *path SB_FREE = sb_printf("%s%s", database, suffix);

    return path ? note(file, path) : -ENOMEM;
}

int sb_watch_start(struct sb_watch *watch, sqlite3 *db, const char *lock)
{
    const char *path = sqlite3_db_filename(db, "main"); /* absolute, links resolved */
    int error;

    watch->anchor = open(path, O_PATH | O_CLOEXEC);
    error = watch->anchor < 0 ? -errno : note(&watch->database, path);
    if (!error)
        error = note_beside(&watch->log, path, "-wal");
    if (!error)
        error = note_beside(&watch->index, path, "-shm");
    if (!error)
        error = note(&watch->lock, lock);
    if (error)
        return error;
    watch->db = db;
    sb_watch_wrote(watch);
    return 0;
}

/* The name that the database file has now; NULL where it has none that we can see. */
static char *find_moved(const struct sb_watch *watch)
{
    char name[40];
    char *found;
    ssize_t n;

    found = malloc(4096);
    snprintf(name, sizeof name, "/proc/self/fd/%d", watch->anchor);
    n = found ? readlink(name, found, 4095) : -1;
    if (n <= 0) {
        free(found);
        return NULL;
    }
    found[n] = '\0';
    return found;
}

static void tell_gone(const struct sb_watch *watch, struct sb_diag *diag)
{
    const char *path = watch->database.path;
    char *moved SB_FREE = find_moved(watch);
    struct stat s;

    if (fstat(watch->anchor, &s) || s.st_nlink == 0)
        sb_diag_fail(diag, -EIO,
                     "%s was removed while it was being written, and its cells with it: the run "
                     "stops; run again to do them all",
                     path);
    else
        sb_diag_fail(diag, -EIO,
                     "%s was moved away while it was being written: the run stops; finished cells "
                     "are kept in %s: move it back and run again to do the rest",
                     path, moved && strcmp(moved, path) != 0 ? moved : "that file");
}

enum sb_watch_found sb_watch_look(const struct sb_watch *watch, struct sb_diag *diag)
{
    const struct sb_watched *const beside[] = { &watch->log, &watch->index, &watch->lock };
    unsigned char head[SB_WATCH_HEAD];
    sqlite3_int64 size;

    if (!watch->db)
        return SB_WATCH_FINE;
    if (!is_there(&watch->database)) {
        tell_gone(watch, diag);
        return SB_WATCH_GONE;
    }
    for (size_t i = 0; i < SB_COUNT(beside); i++) {
        if (is_there(beside[i]))
            continue;
        sb_diag_fail(diag, -EIO,
                     "%s was removed or replaced while %s was being written: the run stops; "
                     "finished cells are kept: run again to do the rest, and leave that file alone",
                     beside[i]->path, watch->database.path);
        return SB_WATCH_GONE;
    }
    read_head(watch->db, head, &size);
    return size < watch->size || memcmp(head, watch->head, sizeof head) != 0 ? SB_WATCH_TOUCHED
                                                                             : SB_WATCH_FINE;
}

/* [SQLite, file format, 1.3]: page size at 16 (1: 65536), pages at 28, both big-endian. */
static bool is_whole(sqlite3 *db)
{
    unsigned char head[SB_WATCH_HEAD];
    sqlite3_int64 size, page, pages;

    read_head(db, head, &size);
    page = head[16] << 8 | head[17];
    pages = (sqlite3_int64)head[28] << 24 | head[29] << 16 | head[30] << 8 | head[31];
    return memcmp(head, "SQLite format 3", 16) == 0 && size >= (page == 1 ? 65536 : page) * pages;
}

/* Whoever moves the log into the file writes the header first: that is waited for. */
bool sb_watch_is_whole(const struct sb_watch *watch)
{
    const struct timespec rest = { 0, 20000000 };

    for (int i = 0; i < 20; i++) {
        if (is_whole(watch->db))
            return true;
        nanosleep(&rest, NULL);
    }
    return false;
}

static void fini(struct sb_watched *file, bool remove)
{
    if (remove && file->path && is_there(file))
        unlink(file->path);
    free(file->path);
    file->path = NULL;
}

void sb_watch_fini(struct sb_watch *watch)
{
    const bool gone =
        watch->db && access(watch->database.path, F_OK) && (errno == ENOENT || errno == ENOTDIR);

    fini(&watch->log, gone);
    fini(&watch->index, gone);
    fini(&watch->lock, false);
    fini(&watch->database, false);
    if (watch->anchor >= 0)
        close(watch->anchor);
    watch->anchor = -1;
    watch->db = NULL;
}
