/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A learner that crashes, loops, exits, aborts, eats memory or fails ends its own cell and no
 * other: each is stored with how it ended, what it printed, and a row for every query asked. */
#include "harness.h"

#include <signal.h>

static struct sb_store *results(const char *hows, uint32_t isolation, struct sb_run_outcome *out)
{
    struct sb_store *store = harness_store(NULL);
    struct harness_experiment e;

    harness_read(&e,
                 "name: wayward\n"
                 "claim: none\n"
                 "seed: 5\n"
                 "repeat: 2\n"
                 "family: { type: parity, dimension: 10 }\n"
                 "oracle: { type: stat, tolerance: 0.1, policy: reference }\n"
                 "learner: { type: %s, how: well }\n"
                 "budget: { queries: 25, seconds: 1, memory_mib: 64 }\n"
                 "goal: { type: predict, loss: zero-one, max: 0.1 }\n"
                 "grid:\n"
                 "  learner.how: [%s]\n"
                 "  learner.asks: [0, 20, 31]\n",
                 harness_plugin("wayward"), hows);
    harness_run(&e, isolation, store, out);
    harness_drop(&e);
    return store;
}

/* Every run of `how` ended so; its queries are rows numbered from 1, also those over the budget and
 * those that were none; its line is kept. */
static void assert_ended(struct sb_store *store, const char *how, const char *status, int detail)
{
    char *sql SB_FREE = sb_printf(
        "SELECT status, detail, CAST(output AS TEXT), n_queries, n_answered, "
        "json_extract(learner_params, '$.asks'), "
        "(SELECT count(*) FROM query WHERE query.run = run.id), "
        "(SELECT max(seq) FROM query WHERE query.run = run.id), "
        "(SELECT count(*) FROM query WHERE query.run = run.id AND status = 'answered'), success "
        "FROM run WHERE json_extract(learner_params, '$.how') = '%s'",
        how);
    sqlite3_stmt *stmt = harness_select(store, sql);
    size_t n = 0;

    for (; sqlite3_step(stmt) == SQLITE_ROW; n++) {
        const int asks = sqlite3_column_int(stmt, 5);
        char line[32];

        snprintf(line, sizeof line, "# asked %d\n", asks);
        assert_string_equal((const char *)sqlite3_column_text(stmt, 0), status);
        assert_int_equal(sqlite3_column_int(stmt, 1), detail);
        assert_non_null(sqlite3_column_text(stmt, 2));
        assert_string_equal((const char *)sqlite3_column_text(stmt, 2), line);
        assert_int_equal(sqlite3_column_int(stmt, 3), asks);
        assert_int_equal(sqlite3_column_int(stmt, 6), asks);
        assert_int_equal(sqlite3_column_int(stmt, 7), asks);
        /* a third are no queries; 25 are in the budget */
        assert_int_equal(sqlite3_column_int(stmt, 4), asks == 0 ? 0 : asks == 20 ? 14 : 17);
        assert_int_equal(sqlite3_column_int(stmt, 8), sqlite3_column_int(stmt, 4));
        assert_int_equal(sqlite3_column_int(stmt, 9), 0);
    }
    assert_int_equal(n, 3 * 2);
    sqlite3_finalize(stmt);
}

static void ends(uint32_t isolation)
{
    struct sb_run_outcome out;
    struct sb_store *store =
        results("well, crash, loop, exit, abort, hungry, fail", isolation, &out);

    assert_int_equal(out.n_done, 7 * 3 * 2);
    assert_int_equal(out.n_ended_badly, 6 * 3 * 2);
    assert_false(out.fault);
    assert_ended(store, "well", "finished", 0);
    assert_ended(store, "crash", "crashed", SIGSEGV);
    assert_ended(store, "exit", "exited", 3);
    assert_ended(store, "abort", "crashed", SIGABRT);
    assert_ended(store, "fail", "failed", 7);
    assert_ended(store, "loop", "seconds", 0);
    assert_ended(store, "hungry", "crashed", SIGABRT);
    /* the fuse is luck: such a run has no digest; the others have both */
    assert_int_equal(harness_count(store, "SELECT count(*) FROM run WHERE (transcript IS NULL) <> "
                                          "(status = 'seconds')"),
                     0);
    harness_close(store);
}

static void under_seccomp(void **state)
{
    (void)state;
    ends(SB_ISOLATION_SECCOMP);
}

/* What ends the process cannot be tried here. */
static void in_process(void **state)
{
    struct sb_run_outcome out;
    struct sb_store *store = results("well, fail", SB_ISOLATION_NONE, &out);

    (void)state;
    assert_int_equal(out.n_done, 2 * 3 * 2);
    assert_int_equal(harness_count(store, "SELECT count(*) FROM run WHERE status = 'failed'"), 6);
    assert_int_equal(harness_count(store, "SELECT sum(n_queries) FROM run"),
                     harness_count(store, "SELECT count(*) FROM query"));
    harness_close(store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(under_seccomp),
        cmocka_unit_test(in_process),
    };

    return cmocka_run_group_tests_name("wayward", tests, NULL, NULL);
}
