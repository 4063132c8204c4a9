/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who leaks digits below the tolerance: `random`, `round` and `extreme` do, to a learner that repeats
 * a query or adds constants to it (tests/plugins/conformance.c); `reference` and `eliminate`, which
 * carry bounds, do not. And what the digits are worth: under `round` a parity falls to d + 1 queries
 * (tests/plugins/ditherer.c). */
#include "harness.h"

#include <math.h>

enum { REPEATS = 12 };

static const double coarse = 0.2, fine = 0.01; /* tolerances */

/* What came of the runs of one policy. */
struct leak {
    int64_t n, n_won, n_transcripts, n_hidden;
    double worst; /* error of the estimates of p */
};

/* p of the hidden set, as the plugin's head says. */
static double truth(const char *hidden, double tolerance)
{
    uint64_t set = 0;

    for (const char *c = hidden; *c; c++)
        if (*c >= '0' && *c <= '9')
            set |= UINT64_C(1) << (*c - '0');
    return ((double)set - 7.5) * tolerance / 32;
}

static void look_for(const char *policy, const char *how, double tolerance, struct leak *out)
{
    char *yaml SB_FREE = sb_printf("name: conformance\n"
                                   "seed: 40\n"
                                   "repeat: %d\n"
                                   "family: { type: parity, dimension: 4 }\n"
                                   "oracle: { type: stat, tolerance: %g, policy: %s }\n"
                                   "learner: { type: %s, how: %s, times: %d }\n"
                                   "goal: { type: recover }\n",
                                   REPEATS, tolerance, policy, harness_plugin("conformance"), how,
                                   strcmp(policy, "random") == 0 ? 2000 : 200);
    struct sb_store *store = harness_results(SB_ISOLATION_PROCESS, yaml);
    sqlite3_stmt *stmt = harness_select(store, "SELECT hidden, CAST(output AS TEXT) FROM run");

    *out = (struct leak){ 0 };
    for (; sqlite3_step(stmt) == SQLITE_ROW; out->n++) {
        const char *output = (const char *)sqlite3_column_text(stmt, 1);
        const double p = truth((const char *)sqlite3_column_text(stmt, 0), tolerance);
        double estimate, error;

        assert_int_equal(sscanf(output, "p = %lf", &estimate), 1);
        error = fabs(estimate - p);
        out->worst = error > out->worst ? error : out->worst;
    }
    sqlite3_finalize(stmt);
    assert_int_equal(harness_count(store, "SELECT count(*) FROM query WHERE status <> 'answered' "
                                          "OR clipped OR abs(answer - truth) > tolerance * (1 + "
                                          "1e-12) + half_width"),
                     0);
    out->n_won = harness_count(store, "SELECT count(*) FROM run WHERE success = 1");
    out->n_transcripts = harness_count(store, "SELECT count(DISTINCT transcript) FROM run");
    out->n_hidden = harness_count(store, "SELECT count(DISTINCT hidden) FROM run");
    harness_close(store);
}

/* Digits below the tolerance are all that tells these parities apart: values lie tau/32 apart. 12
 * secrets are two or fewer different ones with probability 2e-9. */
static void assert_leaks(const char *policy, const char *how, double tolerance, double error)
{
    struct leak leak;

    look_for(policy, how, tolerance, &leak);
    print_message("# %s, %s at %g: errors up to %g tau\n", policy, how, tolerance,
                  leak.worst / tolerance);
    assert_int_equal(leak.n, REPEATS);
    assert_true(leak.n_hidden > 2);
    assert_true(leak.worst <= error * tolerance);
    assert_int_equal(leak.n_won, REPEATS);
    assert_true(leak.n_transcripts > 2);
}

/* 2000 answers each: all REPEATS runs of both tolerances but for probability 2 REPEATS 4e-9 = 1e-7. */
static void random_leaks_to_repetition(void **state)
{
    (void)state;
    assert_leaks("random", "repeat", coarse, 0.01);
    assert_leaks("random", "repeat", fine, 0.01);
}

/* 200 constants: tau/400, and rounding */
static void round_leaks_to_dither(void **state)
{
    (void)state;
    assert_leaks("round", "dither", coarse, 1.0 / 399);
    assert_leaks("round", "dither", fine, 1.0 / 399);
}

/* 200 signs are equal with probability 2^-199. What is left is rounding. */
static void extreme_leaks_to_dither(void **state)
{
    (void)state;
    assert_leaks("extreme", "sides", coarse, 1e-9);
    assert_leaks("extreme", "sides", fine, 1e-9);
}

/* Repeating one query of theirs tells nothing more, the control for the two above: 12 errors of
 * rounding are all below tau/10 with probability 0.2^12; extreme's are tau. */
static void round_and_extreme_repeat_themselves(void **state)
{
    static const char *const policies[] = { "round", "extreme" };
    struct leak leak;

    (void)state;
    for (size_t i = 0; i < SB_COUNT(policies); i++) {
        look_for(policies[i], "repeat", coarse, &leak);
        assert_true(leak.worst > 0.1 * coarse);
    }
}

/* The same conversation whatever is hidden, so one estimate for all: it is right where p happens to be
 * there, and off by the spread of p elsewhere, as without asking. 12 members of 16 are two or fewer
 * different ones by chance 2e-9, all within 2.5 tau/32 of the middle 8e-6, nine of them a constant guess
 * 3e-9; six times each. */
static void reference_and_eliminate_tell_nothing(void **state)
{
    static const char *const policies[] = { "reference", "eliminate" };
    static const char *const ways[] = { "repeat", "dither", "sides" };
    struct leak leak;

    (void)state;
    for (size_t i = 0; i < SB_COUNT(policies); i++)
        for (size_t j = 0; j < SB_COUNT(ways); j++) {
            look_for(policies[i], ways[j], coarse, &leak);
            assert_int_equal(leak.n_transcripts, 1);
            assert_true(leak.n_hidden > 2);
            assert_true(leak.worst >= 3 * coarse / 32); /* p is spread over +-7.5 tau/32 */
            assert_true(leak.n_won <= 8);
        }
    look_for("eliminate, finish: worst", "dither", coarse, &leak);
    assert_int_equal(leak.n_won, 0);
}

/* d = 14: the bound for 0.66 is (0.66 2^14 - 1) 0.3^2 = 973 queries. */
static void a_parity_falls_between_the_grid_points(void **state)
{
    char *yaml SB_FREE = sb_printf("name: ditherer\n"
                                   "seed: 41\n"
                                   "repeat: 8\n"
                                   "family: { type: parity, dimension: 14 }\n"
                                   "oracle: { type: stat, tolerance: 0.3, policy: round }\n"
                                   "learner: { type: %s }\n"
                                   "goal: { type: recover, success: 0.66 }\n"
                                   "grid: { oracle.policy: [round, reference] }\n",
                                   harness_plugin("ditherer"));
    struct sb_store *store = harness_results(SB_ISOLATION_NONE, yaml);

    (void)state;
    assert_int_equal(harness_count(store, "SELECT won FROM run_summary WHERE policy = 'round'"), 8);
    assert_int_equal(harness_count(store, "SELECT max(n_queries) FROM run"), 15);
    assert_int_equal(
        harness_count(store, "SELECT bound FROM run_summary WHERE policy = 'reference'"), 973);
    assert_int_equal(harness_count(store, "SELECT applies FROM run_summary WHERE policy = 'round'"),
                     0);
    assert_int_equal(harness_count(store, "SELECT won FROM run_summary WHERE policy = 'reference'"),
                     0);
    assert_int_equal(harness_count(store, "SELECT count(DISTINCT transcript) FROM run WHERE policy "
                                          "= 'reference'"),
                     1);
    harness_close(store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_leaks_to_repetition),
        cmocka_unit_test(round_leaks_to_dither),
        cmocka_unit_test(extreme_leaks_to_dither),
        cmocka_unit_test(round_and_extreme_repeat_themselves),
        cmocka_unit_test(reference_and_eliminate_tell_nothing),
        cmocka_unit_test(a_parity_falls_between_the_grid_points),
    };

    return cmocka_run_group_tests_name("conformance", tests, NULL, NULL);
}
