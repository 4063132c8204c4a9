/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Callbacks, labels, examples and predictors that are callbacks, from the learner's process to the
 * rows: the plugin checks what it is given, this what is on record of it. */
#include "harness.h"
#include "isolations.h"
#include "runner/replay.h"
#include "store/table.h"

#include <math.h>
#include <string.h>

static uint32_t apart(void)
{
    return unit_in_process_only() ? SB_ISOLATION_NONE : SB_ISOLATION_SECCOMP;
}

static struct sb_store *run(uint32_t isolation, uint32_t dimension, const char *mode,
                            const char *more)
{
    struct sb_store *store = harness_store(NULL);
    struct harness_experiment e;
    struct sb_run_outcome outcome;

    harness_read(&e,
                 "name: reaches\nseed: 11\n"
                 "family: { type: parity, dimension: %u }\n"
                 "learner: { type: %s, mode: %s }\n%s",
                 dimension, harness_plugin("reaches"), mode, more);
    harness_run(&e, isolation, store, &outcome);
    harness_drop(&e);
    return store;
}

#define EXACT "oracle: { type: stat, tolerance: 0.05, policy: exact }\n"
#define ELIMINATE "oracle: { type: stat, tolerance: 0.05, policy: eliminate, finish: worst }\n"
#define GOAL "goal: { type: predict, max: 0.1 }\n"
#define GRANTS "grant: [label, sample]\n"

static void is_text(struct sb_store *store, const char *select, const char *expected)
{
    struct sb_buf out;

    sb_buf_init(&out);
    assert_int_equal(sb_table_print(store, select, SB_TABLE_CSV, &out, NULL), 0);
    assert_string_equal(strstr(sb_buf_str(&out), "\r\n") + 2, expected);
    sb_buf_fini(&out);
}

static void assert_replays(struct sb_store *a, struct sb_store *b)
{
    struct sb_replay_outcome outcome = { 0 };
    struct sb_buf differences;

    sb_buf_init(&differences);
    assert_int_equal(sb_replay_compare(a, b, SB_REPLAY_BEST, 0, &differences, &outcome, NULL), 0);
    assert_int_equal(outcome.n_compared[SB_REPLAY_DIGEST], 1);
    assert_int_equal(differences.n, 0);
    sb_buf_fini(&differences);
    assert_int_equal(harness_count(a, "SELECT transcript IS NOT NULL FROM run"), 1);
}

/* Four queries, then labels, then examples, each with a second call that is one budget too large. */
static void every_call_is_a_row(void **state)
{
    static const char more[] = EXACT GOAL GRANTS "budget: { labels: 9, samples: 30 }\n";
    struct sb_store *stores[2];

    (void)state;
    for (size_t i = 0; i < SB_COUNT(stores); i++) {
        stores[i] = run(i ? apart() : SB_ISOLATION_NONE, 6, "all", more);
        is_text(
            stores[i], "SELECT status, detail, message FROM run",
            "finished,0,\"2 of 8 calls were refused, the first: callback 'too large' wrote 2 at "
            "x = (1, 0, 1, 0, 0, 0), label -1; a query must lie in [-1,1] at every point\"\r\n");
        is_text(stores[i],
                "SELECT seq, oracle, iif(length(expression) > 22, "
                "substr(expression, 1, length(expression) - 16) || '#', expression) AS e, "
                "status, method, cost, clipped FROM transcript ORDER BY seq",
                "1,stat,\"y*chi(1, 2)\",answered,closed-form,1,0\r\n"
                "2,stat,callback correlation #,answered,public-domain,1,0\r\n"
                "3,stat,callback too large,range,,0,0\r\n"
                "4,stat,callback,tolerance,,0,0\r\n"
                "5,label,labels #,answered,,6,0\r\n"
                "6,label,,budget,,0,0\r\n"
                "7,sample,examples #,answered,,20,0\r\n"
                "8,sample,,budget,,0,0\r\n");
        is_text(stores[i],
                "SELECT grants, budget_labels, budget_samples, n_queries, n_answered, n_labels, "
                "n_examples, equivalent_samples, success, loss, loss_half_width, hypothesis "
                "FROM run",
                "\"label,sample\",9,30,4,2,6,20,,1,0,0,callback\r\n");
        assert_int_equal(harness_count(stores[i], "SELECT max(applies) FROM bound"), 0);
    }
    assert_replays(stores[0], stores[1]);
    harness_close(stores[0]);
    harness_close(stores[1]);
}

/* Too many coordinates for the whole domain: random points for the query and for the score. */
static void random_points_where_the_cube_is_large(void **state)
{
    struct sb_store *stores[2];

    (void)state;
    for (size_t i = 0; i < SB_COUNT(stores); i++) {
        stores[i] = run(i ? apart() : SB_ISOLATION_NONE, 30, "all", EXACT GOAL GRANTS);
        is_text(stores[i], "SELECT status, detail, success, hypothesis FROM run",
                "finished,0,1,callback\r\n");
        is_text(stores[i],
                "SELECT status, method, samples > 0 FROM query WHERE id & 4294967295 = 2",
                "answered,public-points,1\r\n");
        assert_true(harness_count(stores[i], "SELECT loss = 0 AND loss_half_width > 0 AND "
                                             "loss_half_width <= 0.002 FROM run"));
    }
    assert_replays(stores[0], stores[1]);
    harness_close(stores[0]);
    harness_close(stores[1]);
}

/* One predictor in both forms has one loss, whatever the policy and the goal's loss are; under
 * eliminate the loss of every member decides who is hidden, and `played`. */
static void a_callback_scores_as_its_expression(void **state)
{
    static const char *const settings[] = {
        EXACT GOAL, EXACT "goal: { type: predict, loss: squared, max: 0.3 }\n", ELIMINATE GOAL,
        ELIMINATE "goal: { type: predict, loss: squared, max: 0.3 }\n"
    };
    static const char *const modes[][2] = { { "sign", "sign-expr" },
                                            { "half", "half-expr" },
                                            { "tie", "tie-expr" } };
    static const char select[] =
        "SELECT success, n_live, round(loss, 9), loss_half_width < 1e-9, "
        "(SELECT max(success_ub) FROM bound WHERE name = 'played') FROM run";

    (void)state;
    for (size_t s = 0; s < SB_COUNT(settings); s++) {
        for (size_t m = 0; m < SB_COUNT(modes); m++) {
            struct sb_store *called = run(SB_ISOLATION_NONE, 5, modes[m][0], settings[s]);
            struct sb_store *built = run(SB_ISOLATION_NONE, 5, modes[m][1], settings[s]);
            struct sb_buf expected;

            sb_buf_init(&expected);
            assert_int_equal(sb_table_print(built, select, SB_TABLE_CSV, &expected, NULL), 0);
            is_text(called, select, strstr(sb_buf_str(&expected), "\r\n") + 2);
            is_text(called, "SELECT hypothesis FROM run", "callback\r\n");
            sb_buf_fini(&expected);
            harness_close(called);
            harness_close(built);
        }
    }
}

/* Of two labels equally near the larger is predicted: +1, which a conjunction of two literals is at a
 * quarter of the points, and 0 everywhere else. */
static void a_tie_goes_to_the_larger_label(void **state)
{
    struct sb_store *store = harness_store(NULL);
    struct harness_experiment e;
    struct sb_run_outcome outcome;

    (void)state;
    harness_read(&e,
                 "name: tie\nseed: 3\nfamily: { type: conjunction, dimension: 6, literals: 2 }\n"
                 "learner: { type: %s, mode: half-label }\n" EXACT GOAL,
                 harness_plugin("reaches"));
    harness_run(&e, SB_ISOLATION_NONE, store, &outcome);
    harness_drop(&e);
    is_text(store, "SELECT success, loss FROM run", "0,0.75\r\n");
    harness_close(store);
}

/* By hand: 6 = {1,2} is right on one parity of 32, and at half of the points on every other. */
static void the_loss_is_that_against_clean_labels(void **state)
{
    struct sb_store *store = run(SB_ISOLATION_NONE, 5, "half",
                                 EXACT "goal: { type: predict, loss: squared, max: 0.3 }\n");

    (void)state;
    /* (h - f)^2 is (1/2)^2 or (3/2)^2, half of the points each: 1.25 */
    is_text(store, "SELECT success, loss FROM run WHERE hidden <> 'chi(1,2)'", "0,1.25\r\n");
    harness_close(store);
}

static void a_predictor_that_is_none(void **state)
{
    struct sb_store *store = run(SB_ISOLATION_NONE, 6, "nan", EXACT GOAL);

    (void)state;
    is_text(store, "SELECT status, success, loss, hypothesis, message FROM run",
            "finished,0,1,callback,\"the predictor wrote inf at x = (1, 0, 1, 0, 0, 0)\"\r\n");
    harness_close(store);
    store = run(SB_ISOLATION_NONE, 6, "nan", ELIMINATE "goal: { type: predict, max: 1 }\n");
    is_text(store, "SELECT success, loss, n_live FROM run", "0,1,64\r\n");
    harness_close(store);
    store = run(SB_ISOLATION_NONE, 30, "impure", EXACT "goal: { type: predict, max: 1 }\n");
    is_text(store, "SELECT status, success, loss, message FROM run",
            "finished,0,1,\"the predictor is not a pure function: asked twice at one point, it "
            "predicted differently\"\r\n");
    harness_close(store);
}

static void a_callback_that_crashes(void **state)
{
    struct sb_store *store;

    (void)state;
    if (unit_in_process_only())
        return; /* it would take this process along */
    store = run(SB_ISOLATION_SECCOMP, 6, "ask-crash", EXACT GOAL);
    is_text(store, "SELECT status, success, n_queries, n_answered, hypothesis FROM run",
            "crashed,0,1,0,\r\n");
    is_text(store, "SELECT seq, status, answer, cost FROM transcript", "1,stopped,,0\r\n");
    harness_close(store);
    store = run(SB_ISOLATION_SECCOMP, 6, "crash", EXACT GOAL);
    is_text(store, "SELECT status, success, loss, hypothesis FROM run", "crashed,0,,\r\n");
    harness_close(store);
}

static void what_is_not_granted_is_refused(void **state)
{
    struct sb_store *store = run(SB_ISOLATION_NONE, 6, "all", EXACT GOAL);

    (void)state;
    is_text(store, "SELECT status, detail FROM run", "failed,4\r\n"); /* SB_REFUSED */
    is_text(store, "SELECT oracle, status, cost FROM query ORDER BY id DESC LIMIT 1",
            "label,refused,0\r\n");
    harness_close(store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_call_is_a_row),
        cmocka_unit_test(random_points_where_the_cube_is_large),
        cmocka_unit_test(a_callback_scores_as_its_expression),
        cmocka_unit_test(a_tie_goes_to_the_larger_label),
        cmocka_unit_test(the_loss_is_that_against_clean_labels),
        cmocka_unit_test(a_predictor_that_is_none),
        cmocka_unit_test(a_callback_that_crashes),
        cmocka_unit_test(what_is_not_granted_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
