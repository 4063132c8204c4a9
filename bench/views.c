/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Each view over a database with a million query rows, in 1000 runs with their bounds, against a
 * plain scan of the query table that reads every column: at most 3 times as long. */
#include "bench.h"

#include "store/rows.h"

#include <string.h>
#include <unistd.h>

enum { POINTS = 100, REPEATS = 10, QUERIES = 1000, EXPRESSIONS = 50000, TURNS = 3 };

static void give_up(const char *what)
{
    fprintf(stderr, "views: %s\n", what);
    exit(2);
}

static void print_number(void *self, struct sb_buf *out)
{
    sb_buf_printf(out, "y*chi(%d, %d)", *(const int *)self % 251, *(const int *)self / 251);
}

static void add_queries(struct sb_store *store, int64_t run, int n_before)
{
    struct sb_store_query q = { .oracle = "stat",
                                .tolerance = 0.1,
                                .answered = true,
                                .half_width = 1e-12,
                                .method = "enumeration",
                                .cost = 1,
                                .eliminated = -1,
                                .dropped = -1 };

    for (int i = 1; i <= QUERIES; i++) {
        int number = (n_before + i * 7) % EXPRESSIONS;
        const struct sb_store_text text = { sb_digest_of(&number, sizeof number), print_number,
                                            &number };

        q.seq = (uint64_t)i;
        q.answer = q.truth = (double)number / EXPRESSIONS;
        if (sb_store_expression(store, &text, &q.expression, NULL) ||
            sb_store_query(store, run, &q, NULL))
            give_up("cannot write a query");
    }
}

static void add_run(struct sb_store *store, int64_t experiment, int point, int repeat)
{
    const int d = 6 + point % 10, at = point / 10;
    const uint64_t cell = (uint64_t)(point * REPEATS + repeat);
    char params[64], label[128];
    struct sb_store_run run = { .experiment = experiment,
                                .cell = cell,
                                .cell_key = sb_digest_of(&cell, sizeof cell),
                                .repeat = (uint64_t)repeat,
                                .label = label,
                                .family = "parity",
                                .family_params = params,
                                .dimension = d,
                                .oracle = "stat",
                                .rule = "stat",
                                .policy = "reference",
                                .oracle_params = "{}",
                                .tolerance = 1.0 / (2 << at),
                                .grants = "",
                                .learner = "parity-bent",
                                .learner_params = "{}",
                                .goal = "predict",
                                .goal_params = "{}",
                                .success_wanted = 0.66 };
    const struct sb_store_end end = { .status = "finished",
                                      .n_queries = QUERIES,
                                      .n_answered = (uint64_t)(QUERIES - repeat),
                                      .success = repeat % 3 > 0,
                                      .equivalent_samples = 1e5 };
    struct sb_store_bound bound = { .name = "spectral",
                                    .applies = true,
                                    .log2_queries = d - 2,
                                    .success_ub = 0.5,
                                    .success_at_zero = 0.01,
                                    .success_per_query = 0.0005 };
    int64_t id;

    snprintf(params, sizeof params, "{\"dimension\":%d,\"noise\":0}", d);
    snprintf(label, sizeof label, "family.dimension=%d oracle.tolerance=%.15g", d, run.tolerance);
    if (sb_store_run_begin(store, &run, &id, NULL))
        give_up("cannot begin a run");
    add_queries(store, id, (int)cell * QUERIES);
    for (int i = 0; i < 3; i++, bound.log2_queries--)
        if (sb_store_bound(store, id, &bound, NULL))
            give_up("cannot write a bound");
    if (sb_store_run_end(store, id, &end, NULL))
        give_up("cannot end a run");
}

static void fill(const char *path)
{
    const struct sb_store_experiment e = { .name = "bench", .yaml = "" };
    struct sb_store *store = NULL;
    int64_t experiment;

    if (sb_store_open(path, SB_STORE_WRITE, &store, NULL) ||
        sb_store_experiment(store, &e, &experiment, NULL))
        give_up("cannot open");
    for (int repeat = 1; repeat <= REPEATS; repeat++)
        for (int point = 0; point < POINTS; point++)
            add_run(store, experiment, point, repeat);
    if (sb_store_close(store, NULL))
        give_up("cannot close");
}

static volatile size_t sum; /* keeps the reading from being left out */

static void read_column(sqlite3_stmt *stmt, int i)
{
    switch (sqlite3_column_type(stmt, i)) {
    case SQLITE_INTEGER:
        sum += (size_t)sqlite3_column_int64(stmt, i);
        break;
    case SQLITE_FLOAT:
        sum += sqlite3_column_double(stmt, i) > 0;
        break;
    case SQLITE_NULL:
        break;
    default:
        sum += sqlite3_column_text(stmt, i)[0];
    }
}

/* Seconds that all rows and columns take. */
static double scan(sqlite3 *db, const char *sql)
{
    const double start = bench_now();
    sqlite3_stmt *stmt;

    if (sqlite3_prepare_v2(db, sql, -1, &stmt, NULL))
        give_up(sqlite3_errmsg(db));
    while (sqlite3_step(stmt) == SQLITE_ROW)
        for (int i = 0, n = sqlite3_column_count(stmt); i < n; i++)
            read_column(stmt, i);
    if (sqlite3_finalize(stmt))
        give_up(sqlite3_errmsg(db));
    return bench_now() - start;
}

/* Rates, as bench_compare wants them, of the view and of the scan; turn about. */
static int compare(sqlite3 *db, const struct sb_view *view)
{
    double ours[TURNS], plain[TURNS];

    for (int i = 0; i < TURNS; i++) {
        plain[i] = 1 / scan(db, "SELECT * FROM query");
        ours[i] = 1 / scan(db, view->sql);
    }
    return bench_compare(view->name, bench_median(ours, TURNS), bench_median(plain, TURNS),
                         1.0 / 3);
}

int main(void)
{
    char folder[] = "/tmp/statbed-bench-XXXXXX", path[64];
    struct sb_store *store = NULL;
    int result = 0;

    if (!mkdtemp(folder))
        give_up("no temporary folder");
    snprintf(path, sizeof path, "%s/r.db", folder);
    fill(path);
    if (sb_store_open(path, SB_STORE_READ, &store, NULL))
        give_up("cannot read");
    for (const struct sb_view *view = sb_views; view->name; view++)
        result |= compare(sb_store_handle(store), view);
    sb_store_close(store, NULL);
    unlink(path);
    snprintf(path, sizeof path, "%s/r.db.lock", folder);
    unlink(path);
    rmdir(folder);
    return result;
}
