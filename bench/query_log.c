/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The query log's rate: rows a second through sb_store_query against a bare loop of one prepared
 * INSERT into a table of the same schema, on the same disk, with the same settings and 10,000 rows
 * a transaction. */
#include "bench.h"

#include "store/store.h"
#include "store/table.h"

#include <string.h>
#include <unistd.h>

enum { ROWS = 200000, BATCH = 10000, REPEATS = 7 };

static const char insert[] =
    "INSERT INTO query (id, oracle, expression, tolerance, answer, truth, half_width, status, "
    "method, samples, cost, clipped, from_null, eliminated, dropped) VALUES "
    "(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)";

static void give_up(const char *what)
{
    fprintf(stderr, "query_log: %s\n", what);
    exit(2);
}

static void print_nothing(void *self, struct sb_buf *out)
{
    (void)self;
    sb_buf_puts(out, "y");
}

/* A database with one run and one expression; both sides begin with it. */
static struct sb_store *prepared(const char *path, int64_t *run_out)
{
    const struct sb_store_experiment e = { .name = "bench", .yaml = "" };
    struct sb_store_run run = { .repeat = 1,
                                .label = "",
                                .family = "parity",
                                .family_params = "{}",
                                .dimension = 8,
                                .oracle = "stat",
                                .policy = "exact",
                                .oracle_params = "{}",
                                .tolerance = 0.1,
                                .learner = "none",
                                .learner_params = "{}",
                                .goal = "predict",
                                .goal_params = "{}" };
    const struct sb_store_text text = { sb_digest_of("y", 1), print_nothing, NULL };
    struct sb_store *store = NULL;
    int64_t id;

    if (sb_store_open(path, SB_STORE_WRITE, &store, NULL) ||
        sb_store_experiment(store, &e, &run.experiment, NULL) ||
        sb_store_run_begin(store, &run, run_out, NULL) ||
        sb_store_expression(store, &text, &id, NULL))
        give_up("cannot open");
    return store;
}

static double answer_of(int64_t i)
{
    return (double)i / 3;
}

static double through_store(const char *path)
{
    struct sb_store_query q = { .oracle = "stat",
                                .expression = 1,
                                .tolerance = 0.1,
                                .answered = true,
                                .truth = 0.125,
                                .half_width = 1e-12,
                                .method = "enumeration",
                                .cost = 1,
                                .eliminated = -1,
                                .dropped = -1 };
    int64_t run;
    struct sb_store *store = prepared(path, &run);
    double start = bench_now(), seconds;

    for (int64_t i = 1; i <= ROWS; i++) {
        q.seq = (uint64_t)i;
        q.answer = answer_of(i);
        if (sb_store_query(store, run, &q, NULL))
            give_up("cannot write");
    }
    seconds = bench_now() - start;
    sb_store_close(store, NULL);
    return ROWS / seconds;
}

static void bare_row(sqlite3_stmt *stmt, int64_t id, int64_t i)
{
    sqlite3_bind_int64(stmt, 1, id);
    sqlite3_bind_text(stmt, 2, "stat", -1, SQLITE_STATIC);
    sqlite3_bind_int64(stmt, 3, 1);
    sqlite3_bind_double(stmt, 4, 0.1);
    sqlite3_bind_double(stmt, 5, answer_of(i));
    sqlite3_bind_double(stmt, 6, 0.125);
    sqlite3_bind_double(stmt, 7, 1e-12);
    sqlite3_bind_text(stmt, 8, "answered", -1, SQLITE_STATIC);
    sqlite3_bind_text(stmt, 9, "enumeration", -1, SQLITE_STATIC);
    sqlite3_bind_int64(stmt, 10, 0);
    sqlite3_bind_int64(stmt, 11, 1);
    sqlite3_bind_int64(stmt, 12, 0);
    sqlite3_bind_int64(stmt, 13, 0);
    sqlite3_bind_null(stmt, 14);
    sqlite3_bind_null(stmt, 15);
    if (sqlite3_step(stmt) != SQLITE_DONE)
        give_up("cannot insert");
    sqlite3_reset(stmt);
}

static double bare(const char *path)
{
    sqlite3_stmt *stmt;
    sqlite3 *db;
    int64_t run;
    double start, seconds;

    sb_store_close(prepared(path, &run), NULL);
    if (sqlite3_open(path, &db) ||
        sqlite3_exec(db,
                     "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;"
                     "PRAGMA foreign_keys = ON; PRAGMA cache_size = -32768",
                     NULL, NULL, NULL) ||
        sqlite3_prepare_v2(db, insert, -1, &stmt, NULL))
        give_up("cannot open bare");
    start = bench_now();
    for (int64_t i = 1; i <= ROWS; i++) {
        if (i % BATCH == 1)
            sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL);
        bare_row(stmt, run << 32 | i, i);
        if (i % BATCH == 0)
            sqlite3_exec(db, "COMMIT", NULL, NULL, NULL);
    }
    seconds = bench_now() - start;
    sqlite3_finalize(stmt);
    sqlite3_close(db);
    return ROWS / seconds;
}

int main(void)
{
    char folder[] = "/tmp/statbed-bench-XXXXXX", path[64];
    double ours[REPEATS], theirs[REPEATS];

    if (!mkdtemp(folder))
        give_up("no temporary folder");
    snprintf(path, sizeof path, "%s/r.db", folder);
    for (int i = 0; i < REPEATS; i++) {
        ours[i] = through_store(path);
        unlink(path);
        theirs[i] = bare(path);
        unlink(path);
    }
    rmdir(folder);
    return bench_compare("query log, rows", bench_median(ours, REPEATS),
                         bench_median(theirs, REPEATS), 0.8);
}
