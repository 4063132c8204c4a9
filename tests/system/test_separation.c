/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Parities under statistical queries, examples and labels, in one experiment and one table: who finds
 * them, and what it takes.
 *
 *     test_separation experiments/parity-separation.yaml */
#include "harness.h"

static const char *path; /* of the experiment */
static struct sb_store *store;

static int run_all(void **state)
{
    struct harness_experiment e;
    struct sb_run_outcome outcome;

    (void)state;
    store = harness_store(NULL);
    harness_read_file(path, &e);
    harness_run(&e, SB_ISOLATION_NONE, store, &outcome);
    assert_int_equal(outcome.n_ended_badly, 0);
    harness_drop(&e);
    return 0;
}

static int close_all(void **state)
{
    (void)state;
    harness_close(store);
    return 0;
}

static void assert_no_run(const char *where)
{
    char *sql SB_FREE = sb_printf("SELECT count(*) FROM run WHERE %s", where);

    assert_int_equal(harness_count(store, sql), 0);
}

#define NOISE "family_params ->> 'noise'"

/* With noise all d + 20 labels of a run of elimination are right with probability 0.002 or less: in 2
 * of its 9 runs with 1e-4. */
static void noise_takes_elimination_away_and_nothing_else(void **state)
{
    (void)state;
    assert_no_run(NOISE " = 0 AND success IS NOT 1");
    assert_no_run(NOISE " > 0 AND learner <> 'parity-elimination' AND success IS NOT 1");
    assert_true(harness_count(store, "SELECT count(*) FROM run WHERE " NOISE " > 0 AND success = 1 "
                                     "AND learner = 'parity-elimination'") <= 1);
    assert_int_equal(harness_count(store, "SELECT count(DISTINCT learner) FROM run"), 5);
}

/* d + 20 and d + 1; under noise a majority is 2 ln(100 (d + 1)) / 0.6^2 labels, up to the next multiple
 * of ln 2 = 0.7 and the next odd number */
static void examples_and_labels_are_what_theory_says(void **state)
{
    (void)state;
    assert_no_run("oracle = 'sample' AND " NOISE " = 0 AND n_examples <> dimension + 20");
    assert_no_run("learner = 'parity-membership' AND " NOISE " = 0 AND n_labels <> dimension + 1");
    assert_no_run(
        "learner = 'parity-membership' AND " NOISE " > 0 AND n_labels / (dimension + 1) NOT "
        "BETWEEN 5.555 * ln(100 * (dimension + 1)) AND 5.556 * (ln(100 * (dimension + 1)) + 0.7) "
        "+ 2");
    assert_no_run("oracle NOT IN ('stat', 'sample', 'label')");
    assert_no_run("(oracle = 'stat') <> (n_answered > 0)");
    assert_no_run("(oracle = 'sample') <> (n_examples > 0)");
    assert_no_run("(oracle = 'label') <> (n_labels > 0)");
}

/* The mean place of a secret in exhaustion's order is 2^(d-1): all 3 runs of d = 12 with noise and
 * without find it within the first 2^9 with probability 2^-18. */
static void queries_grow_with_the_number_of_parities(void **state)
{
    (void)state;
    assert_true(harness_count(store, "SELECT max(n_queries) FROM run WHERE dimension = 12 AND "
                                     "learner = 'parity-correlation'") > 512);
    /* the bound holds for runs by statistical queries, and for no other */
    assert_int_equal(harness_count(store, "SELECT count(*) FROM run JOIN bound ON bound.run = "
                                          "run.id WHERE applies AND oracle <> 'stat'"),
                     0);
    assert_int_equal(harness_count(store, "SELECT count(DISTINCT run) FROM bound WHERE applies"),
                     harness_count(store, "SELECT count(*) FROM run WHERE oracle = 'stat'"));
}

static void one_table_shows_all(void **state)
{
    (void)state;
    assert_int_equal(harness_count(store, "SELECT count(*) FROM separation"), 3 * 2 * 5);
    assert_int_equal(harness_count(store, "SELECT count(*) FROM separation WHERE (oracle = 'stat' "
                                          "AND queries > 0) + (oracle = 'sample' AND samples > 0) "
                                          "+ (oracle = 'label' AND labels > 0) <> 1"),
                     0);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(noise_takes_elimination_away_and_nothing_else),
        cmocka_unit_test(examples_and_labels_are_what_theory_says),
        cmocka_unit_test(queries_grow_with_the_number_of_parities),
        cmocka_unit_test(one_table_shows_all),
    };

    if (argc != 2)
        return 2;
    path = argv[1];
    return cmocka_run_group_tests_name("separation", tests, run_all, close_all);
}
