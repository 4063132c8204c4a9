/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Worker processes: the record is the same whatever their number; one that dies, an error, a full
 * database or a signal leaves a record that says what happened, and no process. In the sanitizer
 * stage learners run inside the workers. */
#include "harness.h"

#include "isolations.h"
#include "rows.h"
#include "runner/interrupt.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

static uint32_t isolation(void)
{
    return unit_in_process_only() ? SB_ISOLATION_NONE : SB_ISOLATION_SECCOMP;
}

/* What a run is to do, and what came of it. */
struct attempt {
    struct sb_run_options options;
    struct sb_run_outcome outcome;
    struct sb_diag diag;
    int result;
};

static void attempt(struct attempt *a, const struct harness_experiment *e, struct sb_store *store)
{
    sb_diag_init(&a->diag);
    a->result = sb_experiment_run(e->experiment, store, &a->options, &a->outcome, &a->diag);
    assert_int_equal(a->outcome.n_under_way, 0);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1); /* no child, not even a dead one */
    assert_int_equal(errno, ECHILD);
}

static void assert_line(struct attempt *a, int result, const char *words)
{
    assert_int_equal(a->result, result);
    assert_int_equal(a->diag.n_items, 1);
    if (!strstr(a->diag.items[0].text, words) || strchr(a->diag.items[0].text, '\n'))
        fail_msg("'%s' does not say '%s' in one line", a->diag.items[0].text, words);
    sb_diag_fini(&a->diag);
}

/* The record. */

/* All that is stored but when and how long, and but the ids of expressions: those are in the order in
 * which they came. */
static void print_record(struct sb_store *store, struct sb_buf *out)
{
    static const char columns[] =
        "SELECT group_concat(name) FROM pragma_table_xinfo('%s') WHERE name "
        "NOT IN ('seconds', 'created', 'expression'%s)";
    static const struct {
        const char *table, *rest, *left_out;
    } tables[] = {
        { "experiment", "ORDER BY id", "" },
        { "run", "ORDER BY id", "" },
        { "query", "ORDER BY id", "" },
        { "expression", "ORDER BY digest", ", 'id'" },
        { "vector", "ORDER BY digest", ", 'id'" },
        { "bound", "ORDER BY run, name, at_tolerance", ", 'id'" },
    };

    sb_buf_init(out);
    for (size_t i = 0; i < SB_COUNT(tables); i++) {
        char *list SB_FREE = sb_printf(columns, tables[i].table, tables[i].left_out);
        sqlite3_stmt *stmt = harness_select(store, list);
        char *sql SB_FREE = NULL;

        assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
        sql = sb_printf("SELECT %s%s FROM %s %s", (const char *)sqlite3_column_text(stmt, 0),
                        strcmp(tables[i].table, "query") != 0
                            ? ""
                            : ", (SELECT text FROM expression e WHERE e.id = expression) AS asked",
                        tables[i].table, tables[i].rest);
        sqlite3_finalize(stmt);
        rows_print(sb_store_handle(store), sql, out);
    }
}

/* Queries of every kind, refused ones, labels, examples, learners that fail and print. */
static void read_mixture(struct harness_experiment *out)
{
    char *wayward SB_FREE = sb_strdup(harness_plugin("wayward"));

    harness_read(out,
                 "name: jobs\n"
                 "claim: none\n"
                 "seed: 7\n"
                 "repeat: 2\n"
                 "family: { type: parity, dimension: 8 }\n"
                 "oracle: { type: stat }\n"
                 "learner: { type: parity-bent }\n"
                 "budget: { queries: 3000, labels: 100000, samples: 1000, seconds: 60 }\n"
                 "goal: { type: predict, loss: zero-one, max: 0.1 }\n"
                 "grid:\n"
                 "  case:\n"
                 "    - oracle: { type: stat, tolerance: 0.1, policy: reference }\n"
                 "      learner: { type: %s }\n"
                 "    - oracle: { type: stat, tolerance: 0.3, policy: eliminate }\n"
                 "      learner: { type: parity-bent }\n"
                 "    - oracle: { type: stat, tolerance: 0.1, policy: random }\n"
                 "      learner: { type: %s, how: fail }\n"
                 "    - oracle: { type: stat, tolerance: 0.1, policy: reference }\n"
                 "      learner: { type: %s, how: %s }\n"
                 "    - oracle: { type: sample }\n"
                 "      learner: { type: parity-elimination }\n"
                 "    - oracle: { type: label }\n"
                 "      learner: { type: kushilevitz-mansour }\n"
                 "    - oracle: { type: stat, tolerance: 0.1, policy: reference }\n"
                 "      learner: { type: parity-correlation }\n",
                 harness_plugin("asks"), wayward, wayward,
                 unit_in_process_only() ? "well" : "crash");
}

static void same_for_any_number(void **state)
{
    struct sb_buf first = { 0 };
    struct harness_experiment e;

    (void)state;
    read_mixture(&e);
    for (uint64_t jobs = 0; jobs < 4; jobs++) {
        struct sb_store *store = harness_store(NULL);
        struct attempt a = { .options = { .isolation = isolation(), .jobs = jobs } };
        struct sb_buf record;

        /* what is there already moves the ids on, and is not touched */
        a.options.shard = 2;
        a.options.n_shards = 3;
        attempt(&a, &e, store);
        assert_int_equal(a.result, 0);
        sb_diag_fini(&a.diag);
        a.options.n_shards = 0;
        attempt(&a, &e, store);
        assert_int_equal(a.result, 0);
        assert_int_equal(a.outcome.n_done + a.outcome.n_skipped, 14);
        assert_int_equal(a.outcome.n_ended_badly + a.outcome.n_cut, unit_in_process_only() ? 2 : 3);
        sb_diag_fini(&a.diag);
        print_record(store, jobs ? &record : &first);
        if (jobs) {
            rows_equal(&first, &record);
            sb_buf_fini(&record);
        }
        harness_close(store);
    }
    harness_drop(&e);
    assert_true(first.n > 100000);
    sb_buf_fini(&first);
}

/* Death. */

static const char *victim(void)
{
    return unit_in_process_only() ? "self" : "runner";
}

static void read_deadly(struct harness_experiment *out, const char *victims)
{
    harness_read(out,
                 "name: deadly\n"
                 "claim: none\n"
                 "seed: 5\n"
                 "repeat: 3\n"
                 "family: { type: parity, dimension: 8 }\n"
                 "oracle: { type: stat, tolerance: 0.1, policy: reference }\n"
                 "learner: { type: %s }\n"
                 "goal: { type: predict, loss: zero-one, max: 0.1 }\n"
                 "grid:\n"
                 "  learner.victim: [%s]\n",
                 harness_plugin("deadly"), victims);
}

static uint32_t unfiltered(void)
{
    return unit_in_process_only() ? SB_ISOLATION_NONE : SB_ISOLATION_PROCESS;
}

static void a_dead_worker_costs_its_cell(void **state)
{
    for (uint64_t jobs = 1; jobs <= 2; jobs++) {
        char *victims SB_FREE = sb_printf("none, %s", victim());
        struct sb_store *store = harness_store(NULL);
        struct attempt a = { .options = { .isolation = unfiltered(), .jobs = jobs } };
        struct harness_experiment e;

        (void)state;
        read_deadly(&e, victims);
        attempt(&a, &e, store);
        assert_int_equal(a.result, 0);
        sb_diag_fini(&a.diag);
        assert_int_equal(a.outcome.n_cut, 3);
        assert_int_equal(a.outcome.n_discarded, 0);
        assert_int_equal(a.outcome.n_done, 3);
        assert_non_null(strstr(a.outcome.cut, ": its worker process was ended by signal 9"));
        assert_int_equal(harness_count(store, "SELECT count(*) FROM run WHERE status = 'running'"),
                         0);
        assert_int_equal(harness_count(store,
                                       "SELECT count(*) FROM run WHERE status = 'interrupted' "
                                       "AND message LIKE 'cut short: its worker process was "
                                       "ended by signal 9 %'"),
                         3);
        /* once more: what was cut is what is missing */
        attempt(&a, &e, store);
        sb_diag_fini(&a.diag);
        assert_int_equal(a.outcome.n_cut, 3);
        assert_int_equal(a.outcome.n_skipped, 3);
        assert_int_equal(
            harness_count(store, "SELECT count(*) FROM run WHERE status = 'interrupted'"), 3);
        harness_drop(&e);
        harness_close(store);
    }
}

static void fail_fast(void **state)
{
    char *victims SB_FREE = sb_printf("%s, none", victim());

    (void)state;
    for (uint64_t jobs = 1; jobs <= 2; jobs++) {
        struct sb_store *store = harness_store(NULL);
        struct attempt a = { .options = {
                                 .isolation = unfiltered(), .jobs = jobs, .fail_fast = true } };
        struct harness_experiment e;

        read_deadly(&e, victims);
        attempt(&a, &e, store);
        assert_int_equal(a.result, 0);
        sb_diag_fini(&a.diag);
        assert_true(a.outcome.n_cut >= 1 && a.outcome.n_cut <= jobs);
        assert_true(a.outcome.n_cut + a.outcome.n_done <= jobs);
        harness_drop(&e);
        harness_close(store);
    }
}

/* Errors. */

static void read_plain(struct harness_experiment *out, const char *learner)
{
    harness_read(out,
                 "name: plain\n"
                 "claim: none\n"
                 "seed: 5\n"
                 "repeat: 6\n"
                 "family: { type: parity, dimension: 10 }\n"
                 "oracle: { type: stat, tolerance: 0.1, policy: reference }\n"
                 "learner: { type: %s }\n"
                 "goal: { type: predict, loss: zero-one, max: 0.1 }\n",
                 learner);
}

/* A byte behind its end makes a plugin another one. */
static void rebuild(void *self, const struct sb_progress *progress)
{
    if (progress->line && *progress->line) {
        const int fd = open(self, O_WRONLY | O_APPEND);

        assert_true(fd >= 0);
        assert_int_equal(write(fd, "", 1), 1);
        close(fd);
    }
}

static void copy_plugin(const char *name, char *path_out)
{
    char *command SB_FREE = NULL;

    assert_true(close(mkstemps(path_out, 3)) == 0);
    command = sb_printf("cp '%s' '%s'", harness_plugin(name), path_out);
    assert_int_equal(system(command), 0);
}

static void a_rebuilt_learner_stops_the_run(void **state)
{
    char path[] = "/tmp/statbed-jobs-XXXXXX.so";
    struct sb_store *store = harness_store(NULL);
    struct attempt a = {
        .options = { .isolation = isolation(), .jobs = 2, .progress = rebuild, .self = path }
    };
    struct harness_experiment e;

    (void)state;
    copy_plugin("deadly", path);
    read_plain(&e, path);
    attempt(&a, &e, store);
    assert_line(&a, -EINVAL, "was rebuilt while the experiment ran");
    assert_true(a.outcome.n_done >= 1 && a.outcome.n_done < 6);
    assert_false(a.outcome.fault);
    assert_int_equal(harness_count(store, "SELECT count(*) FROM run WHERE status = 'running'"), 0);
    assert_int_equal(harness_count(store,
                                   "SELECT count(*) FROM run WHERE status = 'interrupted' AND "
                                   "message LIKE '%was rebuilt%'"),
                     a.outcome.n_discarded);
    harness_drop(&e);
    harness_close(store);
    unlink(path);
}

/* A worker that has lost its mind: here by its learner, which runs inside it. */
static void what_is_no_row_stops_the_run(void **state)
{
    struct sb_store *store = harness_store(NULL);
    struct attempt a = { .options = { .isolation = SB_ISOLATION_NONE, .jobs = 2 } };
    struct harness_experiment e;

    (void)state;
    read_deadly(&e, "none, channel");
    attempt(&a, &e, store);
    assert_line(&a, -EFAULT, "a worker process sent what is not a row of its cell");
    assert_true(a.outcome.fault);
    assert_int_equal(harness_count(store, "SELECT count(*) FROM run WHERE status = 'running'"), 0);
    assert_true(harness_count(store, "SELECT count(*) FROM run WHERE status = 'interrupted' AND "
                                     "message = 'cut short: the experiment was stopped'") >= 1);
    harness_drop(&e);
    harness_close(store);
}

static void a_full_database_stops_the_run(void **state)
{
    struct sb_store *store = harness_store(NULL);
    struct attempt a = { .options = { .isolation = isolation(), .jobs = 2 } };
    struct harness_experiment e;

    (void)state;
    read_plain(&e, "parity-correlation");
    sqlite3_exec(sb_store_handle(store), "PRAGMA max_page_count = 40", NULL, NULL, NULL);
    attempt(&a, &e, store);
    assert_line(&a, -EIO, "disk full");
    assert_true(a.outcome.n_done < 6);
    /* with room again the rest is done */
    sqlite3_exec(sb_store_handle(store), "PRAGMA max_page_count = 1000000", NULL, NULL, NULL);
    attempt(&a, &e, store);
    assert_int_equal(a.result, 0);
    sb_diag_fini(&a.diag);
    assert_int_equal(harness_count(store, "SELECT count(*) FROM run WHERE status = 'finished'"), 6);
    assert_int_equal(harness_count(store, "SELECT count(*) FROM run"), 6);
    harness_drop(&e);
    harness_close(store);
}

/* Signals. */

/* As soon as a cell is done, so many signals; two of one kind would be one while they are held. */
static void interrupt(void *self, const struct sb_progress *progress)
{
    unsigned *n = self;

    if (progress->line && *progress->line && *n) {
        raise(SIGTERM);
        if (*n == 2)
            raise(SIGINT);
        *n = 0;
    }
}

static void stop(uint64_t jobs, unsigned n_given, bool held)
{
    unsigned n_signals = n_given;
    struct sb_store *store = harness_store(NULL);
    struct attempt a = { .options = { .isolation = isolation(),
                                      .jobs = jobs,
                                      .progress = interrupt,
                                      .self = &n_signals } };
    struct harness_experiment e;
    size_t before;

    read_plain(&e, "parity-correlation");
    sb_interrupt_catch(held);
    attempt(&a, &e, store);
    sb_interrupt_release();
    assert_true(a.result == 128 + SIGTERM || (n_given == 2 && a.result == 128 + SIGINT));
    assert_int_equal(a.diag.n_items, 0);
    sb_diag_fini(&a.diag);
    before = a.outcome.n_done;
    assert_true(before >= 1 && before + a.outcome.n_discarded <= 2 * jobs + !jobs);
    assert_true(n_given == 2 || !a.outcome.n_discarded);
    assert_int_equal(harness_count(store, "SELECT count(*) FROM run WHERE status = 'finished'"),
                     before);
    assert_int_equal(harness_count(store, "SELECT count(*) FROM run WHERE status = 'running'"), 0);
    /* the rest, as if nothing had been */
    sb_interrupt_catch(held);
    attempt(&a, &e, store);
    sb_interrupt_release();
    assert_int_equal(a.result, 0);
    sb_diag_fini(&a.diag);
    assert_int_equal(a.outcome.n_skipped, before);
    assert_int_equal(a.outcome.n_done, 6 - before);
    harness_drop(&e);
    harness_close(store);
}

static void a_signal_lets_cells_finish(void **state)
{
    (void)state;
    stop(0, 1, false);
    stop(1, 1, true);
    stop(2, 1, true);
}

static void two_signals_do_not(void **state)
{
    (void)state;
    stop(2, 2, true);
}

static void dead_processes_runs_are_marked(void **state)
{
    struct sb_store *store = harness_store(NULL);
    struct attempt a = { .options = { .isolation = isolation(), .jobs = 2 } };
    struct harness_experiment e, other;

    (void)state;
    read_plain(&e, "parity-correlation");
    attempt(&a, &e, store);
    sb_diag_fini(&a.diag);
    sqlite3_exec(sb_store_handle(store), "UPDATE run SET status = 'running' WHERE id < 3", NULL,
                 NULL, NULL);
    read_plain(&other, "parity-bent");
    attempt(&a, &other, store);
    sb_diag_fini(&a.diag);
    assert_int_equal(a.outcome.n_done, 6);
    assert_int_equal(harness_count(store,
                                   "SELECT count(*) FROM run WHERE status = 'interrupted' AND "
                                   "message = 'cut short: its process was ended'"),
                     2);
    harness_drop(&e);
    harness_drop(&other);
    harness_close(store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(same_for_any_number),
        cmocka_unit_test(a_dead_worker_costs_its_cell),
        cmocka_unit_test(fail_fast),
        cmocka_unit_test(a_rebuilt_learner_stops_the_run),
        cmocka_unit_test(what_is_no_row_stops_the_run),
        cmocka_unit_test(a_full_database_stops_the_run),
        cmocka_unit_test(a_signal_lets_cells_finish),
        cmocka_unit_test(two_signals_do_not),
        cmocka_unit_test(dead_processes_runs_are_marked),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
