/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The shipped learners through the whole chain: right wherever their tolerance is adequate, for
 * every goal, oracle, label set, noise and policy; parity-bent within its count of queries. */
#include "harness.h"

#include <math.h>

static const char policies[] = "[ { policy: exact }, { policy: random }, { policy: round }, "
                               "{ policy: extreme }, { policy: reference }, "
                               "{ policy: eliminate, finish: random }, "
                               "{ policy: eliminate, finish: worst } ]";
enum { POLICIES = 7 };

/* The parts of an experiment that these tests vary; NULL: left out. */
struct setting {
    const char *family, *oracle, *learner, *goal;
    const char *grid; /* further lines, two blanks before each */
    uint64_t queries, repeat;
};

static uint64_t repeat_of(const struct setting *s)
{
    return harness_is_slow() ? 1 : s->repeat;
}

static struct sb_store *results(const struct setting *s)
{
    char *yaml SB_FREE =
        sb_printf("name: learning\n"
                  "claim: none\n"
                  "seed: 17\n"
                  "repeat: %llu\n"
                  "family: { %s }\n"
                  "oracle: { %s, policy: exact }\n"
                  "learner: { %s }\n"
                  "budget: { queries: %llu, seconds: 60 }\n"
                  "goal: { %s }\n"
                  "grid:\n"
                  "%s"
                  "  oracle: %s\n",
                  (unsigned long long)repeat_of(s), s->family, s->oracle, s->learner,
                  (unsigned long long)s->queries, s->goal, s->grid, policies);

    assert_non_null(yaml);
    return harness_results(SB_ISOLATION_NONE, yaml);
}

static void print_failures(struct sb_store *store)
{
    sqlite3_stmt *stmt = harness_select(
        store, "SELECT label, oracle, oracle_params, status, message, hidden, "
               "hypothesis, loss, n_queries FROM run WHERE success IS NOT 1 LIMIT 8");

    while (sqlite3_step(stmt) == SQLITE_ROW) {
        for (int i = 0; i < sqlite3_column_count(stmt); i++)
            print_error("%s | ", sqlite3_column_text(stmt, i)
                                     ? (const char *)sqlite3_column_text(stmt, i)
                                     : "NULL");
        print_error("\n");
    }
    sqlite3_finalize(stmt);
}

/* Every run succeeds, and its rows are its queries, all answered. */
static void assert_all_succeed(const struct setting *s, int64_t n_points)
{
    struct sb_store *store = results(s);
    const int64_t n = harness_count(store, "SELECT count(*) FROM run");

    assert_int_equal(n, n_points * POLICIES * (int64_t)repeat_of(s));
    if (harness_count(store, "SELECT count(*) FROM run WHERE success = 1") != n) {
        print_failures(store);
        fail_msg("%s: some runs failed", s->learner);
    }
    assert_int_equal(harness_count(store, "SELECT count(*) FROM run WHERE status <> 'finished'"),
                     0);
    assert_int_equal(harness_count(store, "SELECT count(*) FROM run WHERE n_queries <> (SELECT "
                                          "count(*) FROM query WHERE query.id >> 32 = run.id)"),
                     0);
    assert_int_equal(harness_count(store, "SELECT count(*) FROM query WHERE status <> 'answered'"),
                     0);
    harness_close(store);
}

static const char *const oracles[] = { "type: stat, tolerance: 0.15", "type: vstat, t: 150",
                                       "type: vstat, t: 150, rule: variance" };
static const char *const goals[] = { "type: predict, loss: zero-one, max: 0.01",
                                     "type: predict, loss: squared, max: 0.01", "type: distinguish",
                                     "type: recover" };

/* noise 0.1 leaves a signal of 0.8 > 2 0.15, and under VSTAT an error of 1/sqrt(150) < 0.4 */
static void parity_learners(void **state)
{
    static const char grid[] =
        "  family.labels: [pm1, \"01\"]\n"
        "  family.noise: [0, 0.1]\n"
        "  learner: [ { type: parity-correlation }, { type: parity-bent } ]\n";

    (void)state;
    for (size_t i = 0; i < SB_COUNT(oracles); i++)
        for (size_t j = 0; j < SB_COUNT(goals); j++) {
            const struct setting s = { .family = "type: parity, dimension: 5",
                                       .oracle = oracles[i],
                                       .learner = "type: parity-bent",
                                       .goal = goals[j],
                                       .grid = grid,
                                       .queries = 1000,
                                       .repeat = 2 };

            assert_all_succeed(&s, 8);
        }
}

/* k = 3 literals: 2^-5 > 0.03, and t = 100 > 2.62 2^4; by exhaustion 0.03 < 2^-4 too */
static void conjunction_learners(void **state)
{
    static const char *const fine[] = { "type: stat, tolerance: 0.03", "type: vstat, t: 100",
                                        "type: vstat, t: 100, rule: variance" };
    static const char grid[] = "  family.negations: [false, true]\n"
                               "  learner: [ { type: conjunction } ]\n";

    (void)state;
    for (size_t i = 0; i < SB_COUNT(fine); i++)
        for (size_t j = 0; j < SB_COUNT(goals); j++) {
            const struct setting s = {
                .family = "type: conjunction, dimension: 6, literals: 3",
                .oracle = fine[i],
                .learner = "type: conjunction",
                .goal = goals[j],
                .grid = grid,
                .queries = 1000,
                .repeat = 3,
            };

            assert_all_succeed(&s, 2);
        }
}

/* Any finite family: at least p* - 2 tau is agreed with, and only the hidden member does so. */
static void hypothesis_selection(void **state)
{
    static const char *const families[] = {
        "type: conjunction, dimension: 6, literals: 3",
        "type: conjunction, dimension: 4, literals: 2, negations: true",
        "type: parity, dimension: 5, labels: \"01\"",
        "type: parity, dimension: 6, sparsity: 3, noise: 0.1"
    };
    static const char *const fine[] = { "type: stat, tolerance: 0.03", "type: vstat, t: 400",
                                        "type: vstat, t: 400, rule: variance" };

    (void)state;
    for (size_t i = 0; i < SB_COUNT(families); i++)
        for (size_t j = 0; j < SB_COUNT(fine); j++) {
            const struct setting s = { .family = families[i],
                                       .oracle = fine[j],
                                       .learner = "type: hypothesis-selection",
                                       .goal = goals[j % 2],
                                       .grid = "",
                                       .queries = 1000,
                                       .repeat = 3 };

            assert_all_succeed(&s, 1);
        }
}

/* Parities of two coordinates lie in the degrees asked, M = 1 + 8 + 28 = 37: error at most M tau^2
 * = 0.0333 for tau = 0.03, and M max(4/t^2, 1/t) for VSTAT. */
static void low_degree_learner(void **state)
{
    static const char *const fine[] = { "type: stat, tolerance: 0.03", "type: vstat, t: 1200" };

    (void)state;
    for (size_t i = 0; i < SB_COUNT(fine); i++) {
        const struct setting s = { .family = "type: parity, dimension: 8, sparsity: 2",
                                   .oracle = fine[i],
                                   .learner = "type: low-degree, degree: 2",
                                   .goal = "type: predict, loss: zero-one, max: 0.034",
                                   .grid = "  family.labels: [pm1, \"01\"]\n",
                                   .queries = 1000,
                                   .repeat = 3 };

        assert_all_succeed(&s, 2);
    }
}

/* The largest even k up to d with 2^(-k/2) > 2 tau. */
static int64_t block_of(int64_t dim, double tau)
{
    int64_t k = 0;

    while (k + 2 <= dim && pow(2, (double)-(k + 2) / 2) > 2 * tau)
        k += 2;
    return k;
}

/* [D2'] at most 2^(d-k) + 2^k queries, and under `eliminate` with the worst survivor nearly so. */
static void bent_counts(void **state)
{
    const struct setting s = {
        .family = "type: parity, dimension: 4",
        .oracle = "type: stat, tolerance: 0.1",
        .learner = "type: parity-bent",
        .goal = "type: predict, loss: zero-one, max: 0.1",
        .grid = "  family.dimension: [4, 5, 6, 7, 8, 9, 10]\n"
                "  oracle.tolerance: [0.49, 0.3, 0.2499, 0.2, 0.12, 0.1, 0.0624, 0.04, 0.03]\n",
        .queries = 1000000,
        .repeat = 2,
    };
    struct sb_store *store = results(&s);
    sqlite3_stmt *stmt = harness_select(store, "SELECT dimension, tolerance, n_queries, success, "
                                               "policy, oracle_params LIKE '%worst%' FROM run");
    int64_t n = 0, n_worst = 0;

    (void)state;
    for (; sqlite3_step(stmt) == SQLITE_ROW; n++) {
        const int64_t dim = sqlite3_column_int64(stmt, 0), asked = sqlite3_column_int64(stmt, 2);
        const int64_t k = block_of(dim, sqlite3_column_double(stmt, 1));
        const int64_t most = (INT64_C(1) << (dim - k)) + (INT64_C(1) << k);

        assert_true(asked <= most);
        assert_int_equal(sqlite3_column_int64(stmt, 3), 1);
        if (strcmp((const char *)sqlite3_column_text(stmt, 4), "eliminate") == 0 &&
            sqlite3_column_int64(stmt, 5)) {
            assert_true(asked >= (INT64_C(1) << (dim - k)) - 1);
            n_worst++;
        }
    }
    sqlite3_finalize(stmt);
    assert_int_equal(n, 7 * 9 * POLICIES * (int64_t)repeat_of(&s));
    assert_int_equal(n_worst, 7 * 9 * (int64_t)repeat_of(&s));
    harness_close(store);
}

/* 15914 coefficients are 63655 nodes of the 65536 that an expression may have. */
static void a_large_predictor_is_scored(void **state)
{
    struct sb_store *store = harness_results(
        SB_ISOLATION_NONE, "name: large\n"
                           "seed: 5\n"
                           "family: { type: parity, dimension: 14 }\n"
                           "oracle: { type: stat, tolerance: 0.0001, policy: random }\n"
                           "learner: { type: low-degree, degree: 10 }\n"
                           "goal: { type: predict, max: 0.2 }\n");

    (void)state;
    assert_int_equal(harness_count(store, "SELECT n_answered FROM run"), 15914);
    assert_int_equal(harness_count(store, "SELECT message IS NULL AND loss IS NOT NULL FROM run"),
                     1);
    harness_close(store);
}

/* E4: d + 1 labels at chosen points say which parity was lifted, under every lift and profile. */
static void lifted_parities_fall_to_labels(void **state)
{
    struct sb_store *store = harness_results(
        SB_ISOLATION_NONE,
        "name: lifted\n"
        "claim: none\n"
        "seed: 5\n"
        "repeat: 3\n"
        "family: { type: lifted, dimension: 6, delta: 0.05 }\n"
        "oracle: { type: label }\n"
        "learner: { type: lifted-parity-membership }\n"
        "budget: { labels: 7, seconds: 60 }\n"
        "goal: { type: recover }\n"
        "grid:\n"
        "  goal: [ { type: recover }, { type: predict, loss: relative, max: 0.25 } ]\n"
        "  family: [ { profile: bulk }, { profile: edge }, { lift: dv }, { padding: 9 } ]\n");

    (void)state;
    assert_int_equal(harness_count(store, "SELECT count(*) FROM run WHERE success = 1"), 24);
    assert_int_equal(harness_count(store, "SELECT count(*) FROM run WHERE n_labels <> 7"), 0);
    harness_close(store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lifted_parities_fall_to_labels),
        cmocka_unit_test(parity_learners),
        cmocka_unit_test(conjunction_learners),
        cmocka_unit_test(hypothesis_selection),
        cmocka_unit_test(low_degree_learner),
        cmocka_unit_test(a_large_predictor_is_scored),
        cmocka_unit_test(bent_counts),
    };

    return cmocka_run_group_tests_name("learning", tests, NULL, NULL);
}
