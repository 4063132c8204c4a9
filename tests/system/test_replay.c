/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Shipped experiments replay bit for bit: run again, under every isolation, and in a process whose
 * libm has no FMA and no AVX2, they give equal digests of answers and of certificates in every
 * cell; and those that results/reference/ has.
 *
 *     test_replay EXPERIMENT.yaml REFERENCE.json [QUERIES]
 *     test_replay --hidden DATABASE EXPERIMENT.yaml REFERENCE.json [QUERIES]     (the child, itself)
 *
 * QUERIES: only a share of the cells, any of them, that asked so many on record together. */
#include "base/file.h"
#include "harness.h"
#include "runner/replay.h"
#include "store/reference.h"
#include "store/table.h"

#include <math.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *program;    /* this one, for the child */
static const char *yaml;       /* of the experiment */
static const char *reference;  /* its JSON */
static const char *queries;    /* that the share asks; NULL: all cells are run */
static struct sb_store *held;  /* the reference */
static sqlite3_stmt *in_share; /* is there a cell of this key in the share? */
static struct sb_store *first; /* the record, under seccomp, by two workers */
static struct sb_store *here;  /* once more, in this process */
static const char tunable[] = "GLIBC_TUNABLES=glibc.cpu.hwcaps=-AVX2,-FMA";

static void execute(struct sb_store *store, const char *sql)
{
    char *message = NULL;

    if (sqlite3_exec(sb_store_handle(store), sql, NULL, NULL, &message) != SQLITE_OK)
        fail_msg("%s: %s", sql, message);
}

static struct sb_store *shipped(void)
{
    struct sb_store *store = NULL;

    assert_int_equal(sb_store_reference(reference, &store, NULL), 0);
    return store;
}

/* In the order of their keys, which are digests, so that all kinds of cells are among them; but none that
 * would take a quarter of the share. */
static void choose_share(void)
{
    char *sql SB_FREE =
        sb_printf("CREATE TEMP TABLE share AS SELECT cell_key FROM ("
                  "  SELECT cell_key, sum(n_queries) OVER (ORDER BY cell_key) AS total FROM run"
                  "  WHERE n_queries <= %s / 4) WHERE total <= %s",
                  queries, queries);

    execute(held, sql);
    assert_true(harness_count(held, "SELECT count(*) FROM share") > 1);
    in_share = harness_select(held, "SELECT 1 FROM share WHERE cell_key = ?1");
}

static bool wanted(void *self, const struct sb_digest *key)
{
    char hex[65];
    bool found;

    (void)self;
    sb_digest_hex(key, hex);
    sqlite3_bind_text(in_share, 1, hex, -1, SQLITE_STATIC);
    found = sqlite3_step(in_share) == SQLITE_ROW;
    sqlite3_reset(in_share);
    return found;
}

static void run_into(uint32_t isolation, uint64_t jobs, struct sb_store *store)
{
    const struct sb_run_options options = { .isolation = isolation,
                                            .jobs = jobs,
                                            .wanted = queries ? wanted : NULL };
    struct harness_experiment e;
    struct sb_run_outcome outcome;

    harness_read_file(yaml, &e);
    assert_int_equal(sb_experiment_run(e.experiment, store, &options, &outcome, NULL), 0);
    assert_int_equal(outcome.n_done, outcome.n_cells);
    assert_int_equal(outcome.n_ended_badly, 0);
    harness_drop(&e);
}

static struct sb_store *recorded(uint32_t isolation, uint64_t jobs)
{
    struct sb_store *store = harness_store(NULL);

    run_into(isolation, jobs, store);
    return store;
}

/* n runs are equal by digest; what differs is printed. */
static void assert_compared(struct sb_store *a, struct sb_store *b, size_t n)
{
    struct sb_replay_outcome outcome = { 0 };
    struct sb_buf differences;

    sb_buf_init(&differences);
    if (sb_replay_compare(a, b, SB_REPLAY_DIGEST, 0, &differences, &outcome, NULL))
        fail_msg("%s", sb_buf_str(&differences));
    assert_int_equal(outcome.n_compared[SB_REPLAY_DIGEST], n);
    assert_int_equal(differences.n, 0);
    sb_buf_fini(&differences);
}

/* The comparison says 1, and `expected` stands in what it says. */
static void assert_differ(struct sb_store *a, struct sb_store *b, const char *expected)
{
    struct sb_replay_outcome outcome = { 0 };
    struct sb_buf differences;

    sb_buf_init(&differences);
    assert_int_equal(sb_replay_compare(a, b, SB_REPLAY_BEST, 0, &differences, &outcome, NULL), 1);
    if (!strstr(sb_buf_str(&differences), expected))
        fail_msg("expected: %s\nfound: %s", expected, sb_buf_str(&differences));
    sb_buf_fini(&differences);
}

/* Every cell of one is a cell of the other, with both digests equal; counted apart from
 * sb_replay_compare, which must say the same. */
static void assert_equal_runs(struct sb_store *a, struct sb_store *b)
{
    static const char sql[] = "SELECT cell_key, transcript, certificates, n_queries, success FROM "
                              "run ORDER BY cell_key";
    sqlite3_stmt *left = harness_select(a, sql), *right = harness_select(b, sql);
    size_t n = 0;

    while (sqlite3_step(left) == SQLITE_ROW) {
        assert_int_equal(sqlite3_step(right), SQLITE_ROW);
        for (int i = 0; i < 5; i++) {
            const char *l = (const char *)sqlite3_column_text(left, i);
            const char *r = (const char *)sqlite3_column_text(right, i);

            assert_true(l || i == 4); /* success alone may be undecided */
            assert_string_equal(l ? l : "NULL", r ? r : "NULL");
        }
        n++;
    }
    assert_int_equal(sqlite3_step(right), SQLITE_DONE);
    sqlite3_finalize(left);
    sqlite3_finalize(right);
    assert_compared(a, b, n);
}

static void open_reference(void)
{
    held = shipped();
    if (queries)
        choose_share();
}

static int record_first(void **state)
{
    (void)state;
    open_reference();
    first = recorded(SB_ISOLATION_SECCOMP, 2);
    here = recorded(SB_ISOLATION_NONE, 0);
    return 0;
}

static int close_first(void **state)
{
    (void)state;
    sqlite3_finalize(in_share);
    harness_close(held);
    harness_close(first);
    harness_close(here);
    return 0;
}

static void isolations(void **state)
{
    struct sb_store *process = recorded(SB_ISOLATION_PROCESS, 0);

    (void)state;
    assert_true(harness_count(first, "SELECT count(*) FROM run") > 0);
    assert_equal_runs(first, process);
    assert_equal_runs(first, here);
    harness_close(process);
}

/* What libm makes of many arguments, as a number that shows which of its kernels was taken. */
static uint64_t libm_print(void)
{
    uint64_t hash = 0, bits;

    for (int i = 0; i < 200000; i++) {
        const volatile double x = -20 + i * 2e-4;
        const double v = exp(x) + sin(x);

        memcpy(&bits, &v, sizeof bits);
        hash = hash * 31 + bits;
    }
    return hash;
}

static void spawn_hidden(const char *database)
{
    int status;
    const pid_t pid = fork();

    assert_true(pid >= 0);
    if (pid == 0) {
        putenv((char *)(uintptr_t)tunable);
        execl(program, program, "--hidden", database, yaml, reference, queries, (char *)NULL);
        _exit(127);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
}

/* The learner too is in the process without FMA and AVX2: isolation none. */
static void hidden_features(void **state)
{
    char folder[] = "/tmp/statbed-replay-XXXXXX";
    struct sb_store *again = NULL;
    char *database SB_FREE = NULL;

    (void)state;
    assert_non_null(mkdtemp(folder));
    database = sb_printf("%s/hidden.db", folder);
    spawn_hidden(database);
    assert_int_equal(sb_store_open(database, SB_STORE_READ, &again, NULL), 0);
    if (harness_count(again, "SELECT v FROM libm") == (int64_t)libm_print())
        print_message("# this CPU has no FMA to hide: the run shows nothing new\n");
    assert_equal_runs(first, again);
    harness_close(again);
    unlink(database);
    rmdir(folder);
}

static int in_the_child(const char *database)
{
    struct sb_store *store = harness_store(database);
    char *sql SB_FREE = sb_printf("CREATE TABLE libm (v INTEGER); INSERT INTO libm VALUES (%lld)",
                                  (long long)libm_print());

    open_reference();
    run_into(SB_ISOLATION_NONE, 0, store);
    if (sqlite3_exec(sb_store_handle(store), sql, NULL, NULL, NULL) != SQLITE_OK)
        return 1;
    harness_close(store);
    return 0;
}

/* The digests that come with the sources are a promise: this machine finds the same, cell by cell. */
static void reference_holds(void **state)
{
    const int64_t n =
        harness_count(held, queries ? "SELECT count(*) FROM share" : "SELECT count(*) FROM run");

    (void)state;
    print_message("# %lld of %lld cells\n", (long long)n,
                  (long long)harness_count(held, "SELECT count(*) FROM run"));
    assert_int_equal(harness_count(first, "SELECT count(*) FROM run"), n);
    assert_compared(held, first, (size_t)n);
}

/* The tables beside it are what the views give. */
static void tables_hold(void **state)
{
    const int stem = (int)(strrchr(reference, '.') - reference);
    size_t n_tables = 0, n;

    (void)state;
    for (const struct sb_view *view = sb_views; view->name; view++) {
        char *path SB_FREE = sb_printf("%.*s.%s.csv", stem, reference, view->name);
        char *select SB_FREE = sb_printf("SELECT * FROM %s", view->name);
        char *kept SB_FREE = NULL;
        struct sb_buf table;

        if (sb_file_text(path, 1 << 20, &kept, &n))
            continue;
        n_tables++;
        sb_buf_init(&table);
        assert_int_equal(sb_table_print(first, select, SB_TABLE_CSV, &table, NULL), 0);
        if (strcmp(sb_buf_str(&table), kept) != 0)
            fail_msg("%s is not what the view gives: tools/reference writes it", path);
        sb_buf_fini(&table);
    }
    assert_true(n_tables >= 1);
}

/* One digit of a digest, one count, of every run. */
static void changed_reference_is_seen(void **state)
{
    static const char *const changes[][2] = {
        { "UPDATE run SET transcript = substr(transcript, 1, 63) || 'x'",
          "digest of the transcript" },
        { "UPDATE run SET certificates = 'x' || substr(certificates, 2)",
          "the same answers under different certificates" },
        { "UPDATE run SET n_answered = n_answered + 1", "outcome" },
        { "UPDATE run SET success = 1 - success", "outcome" },
    };

    (void)state;
    for (size_t i = 0; i < SB_COUNT(changes); i++) {
        struct sb_store *store = shipped();

        execute(store, changes[i][0]);
        assert_differ(store, first, changes[i][1]);
        harness_close(store);
    }
}

/* The control, last: an answer and a digest that changed are seen; of a summary, the digest. */
static void tampering_is_seen(void **state)
{
    const bool rows = harness_count(first, "SELECT count(*) FROM query") > 0;

    (void)state;
    execute(first, "UPDATE query SET answer = answer + 1e-15 WHERE seq = 1;"
                   "UPDATE run SET transcript = certificates WHERE id = 1");
    assert_differ(first, here, rows ? "query 1" : "digest of the transcript");
}

#define OF_ALL_CELLS                                                                               \
    cmocka_unit_test(reference_holds), cmocka_unit_test(changed_reference_is_seen),                \
        cmocka_unit_test(isolations), cmocka_unit_test(hidden_features)

int main(int argc, char **argv)
{
    const struct CMUnitTest whole[] = { cmocka_unit_test(tables_hold), OF_ALL_CELLS,
                                        cmocka_unit_test(tampering_is_seen) };
    const struct CMUnitTest share[] = { OF_ALL_CELLS, cmocka_unit_test(tampering_is_seen) };
    const bool child = argc > 2 && strcmp(argv[1], "--hidden") == 0;
    char **operands = argv + (child ? 3 : 1);

    if (argc - (child ? 2 : 0) != 3 && argc - (child ? 2 : 0) != 4)
        return 2;
    yaml = operands[0];
    reference = operands[1];
    queries = operands[2];
    if (child)
        return in_the_child(argv[2]);
    program = argv[0];
    return queries ? cmocka_run_group_tests_name(yaml, share, record_first, close_first)
                   : cmocka_run_group_tests_name(yaml, whole, record_first, close_first);
}
