/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the store's own files share: the open database, its statements, its transaction. */
#ifndef SB_STORE_INTERNAL_H
#define SB_STORE_INTERNAL_H

#include "store/lock.h"
#include "store/store.h"
#include "store/table.h"
#include "store/watch.h"

enum {
    SB_STORE_APPLICATION = 0x73746264, /* "stbd": how a database is known to be ours */
    SB_STORE_VERSION = 5,              /* of the schema, in user_version */
    SB_STORE_BATCH = 10000,            /* rows a transaction */
    SB_STORE_ROW_BYTES = 256,          /* of text or vector that count as a further row */
    SB_STORE_LOG_PAGES = 1000,         /* in the log before they are moved into the database */
    SB_STORE_CACHE = 1 << 16,          /* expressions remembered; a power of two */
    SB_STORE_WAIT_MS = 5000            /* for a reader that blocks a write */
};

/* How a run that did not end by itself is left: the next run of its cell takes its place. */
#define SB_STORE_CUT "('running', 'interrupted', 'killed')"

/* Statements, prepared at first use and kept. */
enum sb_sql {
    SB_SQL_BEGIN,
    SB_SQL_BEGIN_DEFERRED,
    SB_SQL_COMMIT,
    SB_SQL_EXPERIMENT_FIND,
    SB_SQL_EXPERIMENT_ADD,
    SB_SQL_EXPERIMENT_SEED,
    SB_SQL_RUN_CUT,
    SB_SQL_RUN_REMOVE_QUERIES,
    SB_SQL_RUN_REMOVE_BOUNDS,
    SB_SQL_RUN_REMOVE_FACTS,
    SB_SQL_RUN_REMOVE,
    SB_SQL_RUN_STALE,
    SB_SQL_RUN_REBUILT,
    SB_SQL_RUN_FAMILY_REBUILT,
    SB_SQL_RUN_ADD,
    SB_SQL_CELL_STATE,
    SB_SQL_RUN_END,
    SB_SQL_RUN_NEXT,
    SB_SQL_RUN_INTERRUPT,
    SB_SQL_EXPRESSION_FIND,
    SB_SQL_EXPRESSION_ADD,
    SB_SQL_VECTOR_ADD,
    SB_SQL_QUERY_ADD,
    SB_SQL_BOUND_ADD,
    SB_SQL_FACT_ADD,
    SB_SQL_COUNT
};
extern const char *const sb_store_sql[SB_SQL_COUNT];

struct sb_store_cached {
    struct sb_digest digest;
    int64_t id; /* 0: empty */
};

struct sb_store {
    sqlite3 *db;
    char *path; /* for messages */
    struct sb_lock lock;
    sqlite3_stmt *stmt[SB_SQL_COUNT];
    struct sb_store_cached *cache; /* SB_STORE_CACHE entries; NULL: nothing asked for yet */
    struct sb_buf scratch;
    struct sb_watch watch;
    size_t pending;  /* rows in the open transaction */
    int log_pages;   /* in the write-ahead log at the last commit */
    uint64_t synced; /* sb_now_ns of when the log was last known to be on disk */
    bool immutable;  /* only readable as a file that nobody writes */
    bool writing;    /* a transaction is open */
    bool cut;        /* a write failed: nothing more until the next run begins */
    bool keep_stale; /* no run becomes stale */
};

/* SQLite's last error, or what became of its files, as one line; rolls back what is open and cuts
 * the run. `what`: "a query". */
int sb_store_fail(struct sb_store *store, const char *what, struct sb_diag *diag);
/* The statement, reset; NULL with a message. */
sqlite3_stmt *sb_store_statement(struct sb_store *store, enum sb_sql sql, struct sb_diag *diag);
/* Opens a transaction where none is. */
int sb_store_begin(struct sb_store *store, struct sb_diag *diag);
/* The same where other databases are attached, which are then only read: their writers go on. */
int sb_store_begin_attached(struct sb_store *store, struct sb_diag *diag);
/* -EIO with a line also where the files are not what they were: what was committed is then in the
 * database file wherever that is. */
int sb_store_commit(struct sb_store *store, struct sb_diag *diag);
/* Counts a row that was written, with so many bytes of text or vector; commits where the batch is
 * full. */
int sb_store_wrote(struct sb_store *store, size_t bytes, struct sb_diag *diag);
/* Has what was committed survive a power cut; where it can be had again at little cost, no more often
 * than once a second. */
int sb_store_secure(struct sb_store *store, bool cheap, struct sb_diag *diag);

/* record.c: removes what runs of the cell of this key (64 hexadecimal digits) left that were cut
 * short. In the caller's transaction. */
int sb_store_remove_cut(struct sb_store *store, const char *key, struct sb_diag *diag);

/* Attaches another database of ours for reading, under the rules of SB_STORE_READ. */
int sb_store_attach(struct sb_store *store, const char *path, const char *name,
                    struct sb_diag *diag);

/* schema.c: is it ours, of our version, or new? Makes tables and views where `writable`. */
int sb_store_schema(struct sb_store *store, bool writable, struct sb_diag *diag);

#endif
