/* SPDX-License-Identifier: GPL-3.0-or-later */
/* No learner beats the bound: over repeats no success rate is above the bound's at its at_tolerance
 * beyond a binomial test at 1e-6, and under `eliminate` with the worst survivor whoever succeeds
 * has asked at least the bound (docs/theorems.md K2).
 *
 *     test_honesty [REPEATS]     (the study asks for thousands) */
#include "honesty.h"

#include <math.h>

static const char *repeats = "100";

/* Budgets from far below N tau^2 = 256 0.04 = 10 to above it. */
static const char stat_grid[] = "  family.dimension: [6, 8]\n"
                                "  oracle.tolerance: [0.2, 0.45]\n"
                                "  oracle.policy: [reference, eliminate]\n"
                                "  budget.queries: [1, 6, 30]\n";
static const char vstat_grid[] = "  oracle.t: [5, 20]\n"
                                 "  oracle.rule: [bernoulli, variance]\n"
                                 "  oracle.policy: [reference, eliminate]\n"
                                 "  budget.queries: [1, 10]\n";

static struct sb_store *results(const char *family, const char *oracle, const char *goal,
                                const char *grid)
{
    char *yaml SB_FREE =
        sb_printf("name: honesty\n"
                  "claim: none\n"
                  "seed: 271828\n"
                  "repeat: %s\n"
                  "family: { type: parity, dimension: 6, %s }\n"
                  "oracle: { %s }\n"
                  "learner: { type: parity-bent }\n"
                  "budget: { queries: 1000000, seconds: 60 }\n"
                  "goal: { %s }\n"
                  "grid:\n"
                  "%s"
                  "  learner: [ { type: parity-correlation }, { type: parity-bent } ]\n",
                  repeats, family, oracle, goal, grid);

    assert_non_null(yaml);
    return harness_results(SB_ISOLATION_NONE, yaml);
}

/* The least tail is above 1e-6 with probability 1 - 1e-6 a point: 1e-4 for 100 points, and the seed
 * is fixed. */
static void assert_honest(struct sb_store *store, size_t n_points)
{
    struct honesty_point worst;

    assert_int_equal(honesty_rates(store, &worst), n_points);
    print_message("# worst of %zu: %lld of %lld, bound %.4f, tail %.2g: %s\n", n_points,
                  (long long)worst.n_success, (long long)worst.n_runs, worst.success_ub, worst.tail,
                  worst.label);
    assert_true(worst.tail >= 1e-6);
    /* budgets are met, and none is exceeded */
    assert_int_equal(harness_count(store, "SELECT count(*) FROM run WHERE n_answered > "
                                          "budget_queries OR n_answered > n_queries"),
                     0);
    assert_true(harness_count(store, "SELECT count(*) FROM run WHERE success = 0") > 0);
    assert_true(harness_count(store, "SELECT count(*) FROM run WHERE success = 1") > 0);
}

static void rates_stat(void **state)
{
    struct sb_store *store = results("noise: 0", "type: stat, tolerance: 0.2, policy: reference",
                                     "type: predict, loss: zero-one, max: 0.1", stat_grid);

    (void)state;
    assert_honest(store, 2 * 2 * 2 * 3 * 2);
    harness_close(store);
}

static void rates_vstat(void **state)
{
    struct sb_store *store = results("labels: \"01\"", "type: vstat, t: 5, policy: reference",
                                     "type: recover", vstat_grid);

    (void)state;
    assert_honest(store, 2 * 2 * 2 * 2 * 2);
    harness_close(store);
}

static void rates_of_a_decision(void **state)
{
    struct sb_store *store = results("noise: 0.1", "type: stat, tolerance: 0.2, policy: reference",
                                     "type: distinguish", stat_grid);

    (void)state;
    assert_honest(store, 2 * 2 * 2 * 3 * 2);
    harness_close(store);
}

/* The control: rates above the bound are seen. */
static void fabricated_rates_are_seen(void **state)
{
    const char *asked_for = repeats;
    struct honesty_point worst;
    struct sb_store *store;

    (void)state;
    repeats = "100"; /* of fewer a third would not stand out */
    store = results("noise: 0", "type: stat, tolerance: 0.4, policy: reference", "type: recover",
                    "  family.dimension: [8]\n  budget.queries: [3]\n");
    repeats = asked_for;
    assert_int_equal(honesty_rates(store, &worst), 2);
    assert_true(worst.tail >= 1e-6);
    assert_int_equal(sqlite3_exec(sb_store_handle(store), "UPDATE run SET success = id % 3 = 0",
                                  NULL, NULL, NULL),
                     SQLITE_OK);
    honesty_rates(store, &worst);
    assert_true(worst.tail < 1e-6);
    harness_close(store);
}

static void worst_survivors(void **state)
{
    static const char *const oracles[] = { "type: stat, tolerance: 0.2", "type: vstat, t: 5",
                                           "type: vstat, t: 20, rule: variance" };
    static const char *const grids[] = {
        "  family.dimension: [4, 5, 6, 7, 8]\n"
        "  oracle.tolerance: [0.49, 0.3, 0.24, 0.12, 0.06]\n"
        "  budget.queries: [2, 17, 100000]\n",
        "  family.dimension: [4, 6, 8]\n  oracle.t: [5, 17, 65]\n  budget.queries: [2, 100000]\n",
        "  family.dimension: [4, 6, 8]\n  oracle.t: [5, 17, 65]\n  budget.queries: [2, 100000]\n"
    };
    size_t n_succeeded;

    (void)state;
    for (size_t i = 0; i < SB_COUNT(oracles); i++) {
        char *oracle SB_FREE = sb_printf("%s, policy: eliminate, finish: worst", oracles[i]);
        const char *const kept = repeats;
        struct sb_store *store;

        repeats = "1"; /* nothing is random but the coins, which are the same */
        store = results("noise: 0", oracle, "type: recover", grids[i]);
        repeats = kept;
        assert_int_equal(honesty_played(store, &n_succeeded), 0);
        assert_true(n_succeeded > 0);
        assert_true(harness_count(store, "SELECT count(*) FROM run WHERE success = 0") > 0);
        harness_close(store);
    }
}

/* The control: a record of a learner that asked too little is seen. */
static void fabricated_counts_are_seen(void **state)
{
    struct sb_store *store =
        results("noise: 0", "type: stat, tolerance: 0.24, policy: eliminate, finish: worst",
                "type: recover", "  family.dimension: [8]\n");
    size_t n_succeeded;

    (void)state;
    assert_int_equal(honesty_played(store, &n_succeeded), 0);
    assert_true(n_succeeded > 0);
    assert_int_equal(
        sqlite3_exec(sb_store_handle(store), "UPDATE run SET n_answered = 14", NULL, NULL, NULL),
        SQLITE_OK);
    assert_int_equal(honesty_played(store, &n_succeeded), n_succeeded);
    harness_close(store);
}

/* Every policy that counts members, under every rule; a budget that stops the learner and one that does
 * not; coins that give other games. */
#define GAMES(finish)                                                                              \
    "  oracle:\n"                                                                                  \
    "    - { type: stat, tolerance: 0.24, policy: eliminate, " finish " }\n"                       \
    "    - { type: stat, tolerance: 0.11, policy: null, " finish " }\n"                            \
    "    - { type: stat, tolerance: 0.3, policy: reference, count: all }\n"                        \
    "    - { type: vstat, t: 9, policy: eliminate, " finish " }\n"                                 \
    "    - { type: vstat, t: 30, policy: null, " finish " }\n"                                     \
    "    - { type: vstat, t: 9, policy: reference, count: all }\n"                                 \
    "    - { type: vstat, t: 9, rule: variance, policy: eliminate, " finish " }\n"                 \
    "    - { type: vstat, t: 20, rule: variance, policy: null, " finish " }\n"
#define PARITIES                                                                                   \
    "  family: [ { type: parity, dimension: 5 }, { type: parity, dimension: 6, noise: 0.05 } ]\n"  \
    "  learner: [ { type: parity-correlation }, { type: parity-bent } ]\n"                         \
    "  learner.coins: [1, 2]\n"                                                                    \
    "  budget.queries: [7, 1000]\n"

static void chains_hold_in(const char *goal, const char *grid)
{
    struct sb_store *store;
    struct honesty_chain chain;
    size_t n_violated;
    char *yaml SB_FREE = sb_printf("name: chains\nclaim: none\nseed: 314\n"
                                   "family: { type: parity, dimension: 5 }\n"
                                   "oracle: { policy: eliminate }\n"
                                   "learner: { type: parity-bent }\n"
                                   "budget: { queries: 1000, seconds: 60 }\n"
                                   "goal: { %s }\ngrid:\n%s",
                                   goal, grid);

    assert_non_null(yaml);
    store = harness_results(SB_ISOLATION_NONE, yaml);
    n_violated = honesty_chains(store, &chain);
    print_message("# %zu games, %zu right on every survivor\n", chain.n_runs, chain.n_right);
    assert_int_equal(n_violated, 0);
    assert_true(chain.n_right > 0);
    assert_true(chain.n_runs > chain.n_right);
    assert_int_equal(harness_count(store, "SELECT count(*) FROM adversary WHERE chain = 0"), 0);
    /* the control: records of another game are seen */
    assert_int_equal(sqlite3_exec(sb_store_handle(store),
                                  "UPDATE run SET n_answered = 1;"
                                  "UPDATE bound SET success_ub = success_ub * 0.99 WHERE name = "
                                  "'played'",
                                  NULL, NULL, NULL),
                     SQLITE_OK);
    assert_int_equal(honesty_chains(store, &chain), chain.n_runs);
    assert_true(harness_count(store, "SELECT count(*) FROM adversary WHERE chain = 0") > 0);
    harness_close(store);
}

static void chains_hold(void **state)
{
    (void)state;
    chains_hold_in("type: recover", PARITIES GAMES("finish: worst"));
    chains_hold_in("type: distinguish", PARITIES GAMES("finish: random"));
    chains_hold_in("type: predict, loss: zero-one, max: 0.1", PARITIES GAMES("finish: worst"));
    chains_hold_in(
        "type: predict, loss: squared, max: 0.3",
        "  learner: [ { type: hypothesis-selection } ]\n"
        "  learner.coins: [1, 2, 3]\n  budget.queries: [7, 1000]\n" GAMES("finish: random"));
    chains_hold_in("type: predict, loss: zero-one, max: 0.01",
                   "  family: [ { type: conjunction, dimension: 5, literals: 2 },\n"
                   "    { type: conjunction, dimension: 4, literals: 2, negations: true } ]\n"
                   "  learner: [ { type: conjunction }, { type: hypothesis-selection } ]\n"
                   "  budget.queries: [7, 1000]\n"
                   "  oracle:\n"
                   "    - { type: stat, tolerance: 0.03, policy: eliminate, finish: worst }\n"
                   "    - { type: stat, tolerance: 0.03, policy: null, finish: worst }\n"
                   "    - { type: vstat, t: 300, policy: eliminate, finish: worst }\n");
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rates_stat),          cmocka_unit_test(rates_vstat),
        cmocka_unit_test(rates_of_a_decision), cmocka_unit_test(fabricated_rates_are_seen),
        cmocka_unit_test(worst_survivors),     cmocka_unit_test(fabricated_counts_are_seen),
        cmocka_unit_test(chains_hold),
    };

    if (argc == 2)
        repeats = argv[1];
    else if (harness_is_slow())
        repeats = "20";
    return cmocka_run_group_tests_name("honesty", tests, NULL, NULL);
}
