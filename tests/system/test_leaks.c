/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a learner can find out beside the answers, which is nothing: a hidden parity is looked for in
 * errors, statuses and messages, inside callbacks, by callbacks that fail or remember, and in the
 * learner's own random numbers. 20 secrets each under `reference`, whose answers here are the null's:
 * a learner that was lucky once had a chance of 20 / 2^d.
 *
 * Runs with STATBED_TEST_ISOLATION=none, too, but for what ends the process, with fewer secrets. */
#include "harness.h"
#include "numeric/random.h"
#include "runner/cell.h"

static uint32_t isolation(void)
{
    return harness_is_slow() ? SB_ISOLATION_NONE : SB_ISOLATION_SECCOMP;
}

/* Fewer where sanitizers make each take longer. */
static int n_secrets(void)
{
    return isolation() == SB_ISOLATION_NONE ? 2 : 20;
}

#define REFERENCE "type: stat, tolerance: 0.9, policy: reference"
#define FINE "type: stat, tolerance: 0.1, policy: reference"

static struct sb_store *look(const char *how, int dim, const char *oracle)
{
    const char *grant = strcmp(how, "samples") == 0 ? "grant: [sample]\n" : "";
    char *yaml SB_FREE = sb_printf("name: leaks\n"
                                   "claim: none\n"
                                   "seed: 77\n"
                                   "repeat: %d\n"
                                   "family: { type: parity, dimension: %d }\n"
                                   "oracle: { %s }\n"
                                   "%s"
                                   "learner: { type: %s, how: %s }\n"
                                   "budget: { queries: 1000, seconds: 100 }\n"
                                   "goal: { type: recover }\n",
                                   n_secrets(), dim, oracle, grant, harness_plugin("leak"), how);

    return harness_results(isolation(), yaml);
}

static int64_t wins(struct sb_store *store)
{
    return harness_count(store, "SELECT count(*) FROM run WHERE success = 1");
}

static int64_t ended(struct sb_store *store, const char *status)
{
    char *sql SB_FREE = sb_printf("SELECT count(*) FROM run WHERE status = '%s'", status);

    return harness_count(store, sql);
}

static int64_t kinds(struct sb_store *store, const char *what)
{
    char *sql SB_FREE = sb_printf("SELECT count(DISTINCT %s) FROM run", what);

    return harness_count(store, sql);
}

/* d = 40, tolerance 0.9 and 40 queries break every secret, if blocks hold real examples. */
static void test_elimination_in_a_block(void **state)
{
    static const int dims[] = { 40, 16 }; /* random points; the whole domain */

    (void)state;
    for (size_t i = 0; i < SB_COUNT(dims); i++) {
        struct sb_store *store = look("eliminate", dims[i], REFERENCE);

        assert_int_equal(ended(store, "finished"), n_secrets());
        assert_int_equal(kinds(store, "hidden"), n_secrets());
        assert_int_equal(harness_count(store, "SELECT min(n_queries) FROM run"), dims[i]);
        assert_int_equal(wins(store), 0);
        harness_close(store);
    }
}

/* The same elimination on examples that the experiment grants. */
static void test_elimination_works_on_examples(void **state)
{
    struct sb_store *store = look("samples", 40, REFERENCE);

    (void)state;
    assert_int_equal(wins(store), n_secrets());
    harness_close(store);
}

/* Points recognised by value, and a memory that outlives block and query. */
static void test_callbacks_that_remember(void **state)
{
    static const int dims[] = { 40, 12 };

    (void)state;
    for (size_t i = 0; i < SB_COUNT(dims); i++) {
        struct sb_store *store = look("remember", dims[i], REFERENCE);

        assert_int_equal(ended(store, "finished"), n_secrets());
        assert_int_equal(wins(store), 0);
        harness_close(store);
    }
}

/* NaN, a crash, an endless loop as the message. */
static void test_callbacks_that_fail(void **state)
{
    struct sb_store *store = look("fail", 40, REFERENCE);

    (void)state;
    assert_int_equal(ended(store, "finished"), n_secrets());
    assert_true(harness_count(store, "SELECT count(*) FROM query WHERE status = 'range'") > 0);
    assert_int_equal(wins(store), 0);
    harness_close(store);
    if (isolation() == SB_ISOLATION_NONE)
        return; /* the others end the process */
    store = look("die", 40, REFERENCE);
    assert_true(ended(store, "crashed") > 0);
    assert_int_equal(ended(store, "crashed") + ended(store, "finished"), n_secrets());
    assert_int_equal(wins(store), 0);
    harness_close(store);
}

static void test_errors_tell_nothing(void **state)
{
    struct sb_store *store = look("errors", 10, FINE);

    (void)state;
    assert_int_equal(ended(store, "finished"), n_secrets());
    assert_int_equal(wins(store), 0);
    if (isolation() != SB_ISOLATION_NONE)
        assert_int_equal(harness_count(store, "SELECT count(*) FROM run WHERE CAST(output AS TEXT) "
                                              "= '# 0 differ\n'"),
                         n_secrets());
    harness_close(store);
}

/* The same queries do show the member where answers are exact: it is looked for in the right place. */
static void test_exact_answers_tell_it(void **state)
{
    struct sb_store *store = look("errors", 10, "type: stat, tolerance: 0.1, policy: exact");

    (void)state;
    assert_int_equal(wins(store), n_secrets());
    harness_close(store);
}

/* A learner's own numbers come from its coins alone: the same under another seed, and no stream of any
 * key that a seed gives. Each seed costs a try of SB_SEED_ROUNDS rounds, so that a few stand for all. */
static void test_coins_tell_no_seed(void **state)
{
    enum { SEEDS = 16 };
    static const char yaml[] = "name: leaks\n"
                               "claim: none\n"
                               "seed: %d\n"
                               "repeat: 1\n"
                               "family: { type: parity, dimension: 20 }\n"
                               "oracle: { " FINE " }\n"
                               "learner: { type: %s, how: coins, coins: 5 }\n"
                               "goal: { type: recover }\n";
    static const char *const purposes[] = { "secret", "policy", "truth", "null",
                                            "labels", "score",  "coins", "examples" };
    const uint64_t coins = 5;
    double own[4], other[4];

    (void)state;
    sb_random_uniform(sb_key_derive("coins", &coins, sizeof coins), 0, 0, 4, own);
    for (int seed = 1; seed <= SEEDS; seed++) {
        char *text SB_FREE = sb_printf(yaml, seed, harness_plugin("leak"));
        char *sql SB_FREE = sb_printf("SELECT CAST(output AS TEXT) = '%a %a %a %a' || char(10) "
                                      "FROM run",
                                      own[0], own[1], own[2], own[3]);
        struct harness_experiment e;
        struct sb_digest material[2];

        harness_read(&e, "%s", text);
        material[1] = sb_cell_material(e.experiment, &e.experiment->points[0], 1);
        material[0] = sb_secret_material(e.experiment, &e.experiment->points[0], 1);
        for (size_t p = 0; p < 2 * SB_COUNT(purposes); p++) {
            sb_random_uniform(sb_key_derive(purposes[p / 2], &material[p % 2], sizeof *material), 0,
                              0, 4, other);
            assert_memory_not_equal(own, other, sizeof own);
        }
        harness_drop(&e);
        if (isolation() != SB_ISOLATION_NONE && seed <= 2) {
            struct sb_store *store = harness_results(isolation(), text);

            assert_int_equal(harness_count(store, sql), 1);
            harness_close(store);
        }
    }
}

/* Ten million tiny queries: the budget stops them, and after so many refusals the run. */
static void test_ten_million_queries(void **state)
{
    static const int batches[] = { 20000, 1 };

    (void)state;
    for (size_t i = 0; i < SB_COUNT(batches); i++) {
        char *yaml SB_FREE =
            sb_printf("name: greedy\n"
                      "claim: none\n"
                      "seed: 1\n"
                      "repeat: 1\n"
                      "family: { type: parity, dimension: 10 }\n"
                      "oracle: { " FINE " }\n"
                      "learner: { type: %s, batch: %d }\n"
                      "budget: { queries: %d, seconds: 0 }\n"
                      "goal: { type: predict, max: 0.1 }\n",
                      harness_plugin("greedy"), batches[i], batches[i] > 1 ? 100000 : 100);
        struct sb_store *store = harness_results(isolation(), yaml);
        const int64_t n = harness_count(store, "SELECT n_queries FROM run");

        assert_int_equal(ended(store, "failed"), 1);
        assert_int_equal(harness_count(store, "SELECT n_answered FROM run"),
                         batches[i] > 1 ? 100000 : 100);
        assert_true(n <= 200000 + batches[i]);
        assert_int_equal(harness_count(store, "SELECT count(*) FROM query"), n);
        harness_close(store);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_elimination_in_a_block),
        cmocka_unit_test(test_elimination_works_on_examples),
        cmocka_unit_test(test_callbacks_that_remember),
        cmocka_unit_test(test_callbacks_that_fail),
        cmocka_unit_test(test_errors_tell_nothing),
        cmocka_unit_test(test_exact_answers_tell_it),
        cmocka_unit_test(test_coins_tell_no_seed),
        cmocka_unit_test(test_ten_million_queries),
    };

    return cmocka_run_group_tests_name("leaks", tests, NULL, NULL);
}
