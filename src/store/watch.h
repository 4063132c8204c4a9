/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A database under way is a file, its log (-wal), the log's index (-shm) and the writer's lock. SQLite
 * goes on writing to files that were removed or moved away, and notices other damage only where it
 * happens to read; here is looked, at every commit, whether all are still what they were. */
#ifndef SB_STORE_WATCH_H
#define SB_STORE_WATCH_H

#include "base/diag.h"

#include <sqlite3.h>
#include <stdbool.h>
#include <sys/types.h>

enum { SB_WATCH_HEAD = 100 }; /* bytes of a database file's header */

struct sb_watched {
    char *path; /* owned; NULL: there is no such file */
    dev_t dev;
    ino_t ino;
};
struct sb_watch {
    sqlite3 *db; /* borrowed; NULL: nothing is watched */
    struct sb_watched database, log, index, lock;
    int anchor; /* the database file under whatever name */
    unsigned char head[SB_WATCH_HEAD];
    sqlite3_int64 size;
};

/* Remembers the files as they are now. 0, -ENOMEM, or a negative errno; fini in any case. */
int sb_watch_start(struct sb_watch *watch, sqlite3 *db, const char *lock);
/* The database file was written to by ourselves. */
void sb_watch_wrote(struct sb_watch *watch);

enum sb_watch_found {
    SB_WATCH_FINE,
    SB_WATCH_GONE,   /* removed, moved or replaced: the line is in diag */
    SB_WATCH_TOUCHED /* the database file was written to by others: sound or not, ask SQLite */
};
enum sb_watch_found sb_watch_look(const struct sb_watch *watch, struct sb_diag *diag);
/* Is the database file one by its header, and as long as that says? What SQLite reads may come from
 * the log, which is about to be overwritten. */
bool sb_watch_is_whole(const struct sb_watch *watch);

/* After the connection was closed: removes log and index where the database is gone from beside
 * them. */
void sb_watch_fini(struct sb_watch *watch);

#endif
