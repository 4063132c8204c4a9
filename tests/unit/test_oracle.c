/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The oracle's door: numbers, budgets, refusals, clipping, failure probabilities, and policies that
 * break their promise. */
#include "called.h"

#include <errno.h>

/* A policy of the tests: answers 0.1 beyond a share of its room, and notes what it was told. */
static struct {
    double excess, delta_sum, least_delta;
    uint64_t n;
    int status;
} fake;

static int fake_answer(void *state, const struct sb_question *q, struct sb_reply *reply,
                       struct sb_diag *diag)
{
    (void)state;
    (void)diag;
    fake.n++;
    fake.delta_sum += q->delta;
    fake.least_delta = q->delta;
    reply->truth = q->truth;
    reply->room = sb_room(q, &q->truth);
    reply->answer = q->truth.value + reply->room + fake.excess;
    return fake.status;
}

static const struct sb_policy_class fake_policy = {
    .name = "fake", .summary = "", .source = "", SB_POINTWISE, .answer = fake_answer
};

static struct cube small(void)
{
    return cube_new(true, 4, 0, 0.1, false, false);
}

static void test_broken_policy_is_caught(void **state)
{
    static const double excess[] = { 0, -0.05, 1e-12, -0.2001, 1, NAN, INFINITY };
    struct cube c = small();

    (void)state;
    cube_open(&c);
    for (size_t i = 0; i < SB_COUNT(excess); i++) {
        struct sb_asked asked;
        struct rig rig;

        memset(&fake, 0, sizeof fake);
        fake.excess = excess[i];
        rig_open(&rig, &c, &fake_policy, "stat", 0.1, NULL, false, 1);
        rig_hide(&rig, 3);
        assert_int_equal(rig_try(&rig, &c, cube_chi(&c, 1), NULL, 0, 0, &asked),
                         i < 2 ? 0 : -EFAULT);
        if (i >= 2) { /* on record all the same */
            assert_non_null(strstr(rig.diag.items[0].text, "a fault of statbed's"));
            assert_int_equal(asked.status, SB_STOP);
            assert_int_equal(asked.seq, 1);
            assert_int_equal(sb_oracle_totals(rig.oracle)->n_answered, 0);
        }
        rig_close(&rig);
    }
    cube_close(&c);
}

/* What is asked when the run is over has its number, and no answer. */
static void test_stop(void **state)
{
    struct cube c = small();
    struct sb_asked asked;
    struct rig rig;

    (void)state;
    cube_open(&c);
    rig_open(&rig, &c, rig_policy("exact"), "stat", 0.1, NULL, false, 1);
    rig_hide(&rig, 3);
    for (uint64_t seq = 1; seq <= 4; seq++) {
        assert_int_equal(rig_try(&rig, &c, cube_chi(&c, 1), NULL, 0, 0, &asked), 0);
        assert_int_equal(asked.seq, seq);
        assert_int_equal(asked.status, seq <= 2 ? SB_OK : SB_STOP);
        if (seq == 2)
            sb_oracle_stop(rig.oracle);
    }
    assert_int_equal(sb_oracle_totals(rig.oracle)->n_queries, 4);
    assert_int_equal(sb_oracle_totals(rig.oracle)->n_answered, 2);
    rig_close(&rig);
    cube_close(&c);
}

/* A batch of good and bad queries, a callback among them, against a budget that is used up half-way:
 * numbers, statuses, messages and answers are those of the same queries asked one by one. */
static void test_batch(void **state)
{
    enum { N = 9 };
    struct cube c = small();
    struct called f;
    struct sb_ask ask[N];
    struct sb_asked together[N];
    struct rig rig[2];

    (void)state;
    cube_open(&c);
    called_init(&f, &c, 7, 3, -1);
    for (int i = 0; i < N; i++)
        ask[i] = (struct sb_ask){ .pool = c.pool, .expr = cube_chi(&c, (uint64_t)i) };
    ask[1] = (struct sb_ask){ .pool = c.pool, .cause = "no such thing" };
    ask[2].tolerance = 0.01;
    ask[3] = (struct sb_ask){ .pool = c.pool, .callback = &f.callback };
    ask[4].access = SB_VSTAT;
    for (int r = 0; r < 2; r++) {
        const struct sb_given given = { .name = "tolerance", .text = "0.1" };

        rig_set(&rig[r], &c, rig_policy("reference"), "stat", &given, 1, 1);
        rig[r].setup.budget = 7;
        assert_int_equal(rig_make(&rig[r]), 0);
        rig_hide(&rig[r], 3);
    }
    assert_int_equal(sb_oracle_ask_many(rig[0].oracle, ask, N, together, &rig[0].diag), 0);
    for (int i = 0; i < N; i++) {
        struct sb_asked one;

        assert_int_equal(sb_oracle_ask(rig[1].oracle, &ask[i], &one, &rig[1].diag), 0);
        assert_int_equal(together[i].seq, i + 1);
        assert_int_equal(together[i].seq, one.seq);
        assert_int_equal(together[i].status, one.status);
        assert_int_equal(together[i].cost, one.cost);
        assert_memory_equal(&together[i].digest, &one.digest, sizeof one.digest);
        if (one.status)
            assert_string_equal(together[i].message, one.message);
        else
            assert_true(together[i].reply.answer == one.reply.answer);
    }
    assert_int_equal(together[6].status, SB_OK);
    assert_int_equal(together[7].status, SB_BUDGET);
    assert_int_equal(sb_oracle_totals(rig[0].oracle)->n_queries, N);
    assert_int_equal(sb_oracle_totals(rig[0].oracle)->n_answered,
                     sb_oracle_totals(rig[1].oracle)->n_answered);
    rig_close(&rig[0]);
    rig_close(&rig[1]);
    cube_close(&c);
}

/* Queries of one batch share a sample, and no sample serves two batches: the same sampled query has
 * one value within a batch, but for what the failure probability of its number moves it, and another in
 * the next. */
static void test_batches_draw_anew(void **state)
{
    enum { DIM = 30, N = 2 };
    const struct sb_given given = { .name = "tolerance", .text = "0.1" };
    struct cube c = cube_new(true, DIM, 0, 0, false, false);
    struct sb_asked first[N], second[N];
    struct sb_ask ask[N];
    struct rig rig;
    double u[DIM], half_width;
    sb_expr e;

    (void)state;
    cube_open(&c);
    for (int j = 0; j < DIM; j++)
        u[j] = 0.1 + j / 64.0;
    e = sb_pool_op(c.pool, SB_DOT, u, DIM, NULL, 0);
    e = sb_pool_op(c.pool, SB_SIN, NULL, 0, &e, 1);
    for (int i = 0; i < N; i++)
        ask[i] = (struct sb_ask){ .pool = c.pool, .expr = e };
    rig_set(&rig, &c, rig_policy("exact"), "stat", &given, 1, 1);
    assert_int_equal(rig_make(&rig), 0);
    rig_hide(&rig, 3);
    assert_int_equal(sb_oracle_ask_many(rig.oracle, ask, N, first, &rig.diag), 0);
    assert_int_equal(sb_oracle_ask_many(rig.oracle, ask, N, second, &rig.diag), 0);
    for (int i = 0; i < N; i++)
        assert_int_equal(second[i].reply.truth.method, SB_MONTE_CARLO);
    half_width = second[0].reply.truth.half_width;
    assert_true(fabs(first[1].reply.truth.value - second[0].reply.truth.value) > half_width / 10);
    assert_true(fabs(second[0].reply.truth.value - second[1].reply.truth.value) < half_width / 100);
    rig_close(&rig);
    cube_close(&c);
}

/* What ends the run in the middle of a batch: what was answered stands, the rest has its number. */
static void test_batch_cut_short(void **state)
{
    enum { N = 4 };
    struct cube c = small();
    struct called f;
    struct sb_ask ask[N];
    struct sb_asked asked[N];
    struct rig rig;

    (void)state;
    cube_open(&c);
    called_init(&f, &c, 7, 3, -1);
    f.fail_at = 1;
    f.fail_with = -ECONNABORTED;
    for (int i = 0; i < N; i++)
        ask[i] = (struct sb_ask){ .pool = c.pool, .expr = cube_chi(&c, (uint64_t)i) };
    ask[2] = (struct sb_ask){ .pool = c.pool, .callback = &f.callback };
    rig_open(&rig, &c, rig_policy("exact"), "stat", 0.1, NULL, false, 1);
    rig_hide(&rig, 3);
    assert_int_equal(sb_oracle_ask_many(rig.oracle, ask, N, asked, &rig.diag), -ECONNABORTED);
    for (int i = 0; i < N; i++) {
        assert_int_equal(asked[i].seq, i + 1);
        assert_int_equal(asked[i].status, i < 2 ? SB_OK : SB_STOP);
        assert_int_equal(asked[i].cost, i < 2);
    }
    assert_int_equal(sb_oracle_totals(rig.oracle)->n_answered, 2);
    rig_close(&rig);
    cube_close(&c);
}

/* Time that runs out in a batch ends it before the next answer, whatever the policy does for one. */
static void test_batch_out_of_time(void **state)
{
    enum { N = 3 };
    const struct sb_fuse blown = { .deadline_ns = 1 };
    const struct sb_given given = { .name = "tolerance", .text = "0.1" };
    struct cube c = small();
    struct sb_ask ask[N];
    struct sb_asked asked[N];
    struct rig rig;

    (void)state;
    cube_open(&c);
    for (int i = 0; i < N; i++)
        ask[i] = (struct sb_ask){ .pool = c.pool, .expr = cube_chi(&c, (uint64_t)i) };
    rig_set(&rig, &c, rig_policy("eliminate"), "stat", &given, 1, 1);
    rig.setup.fuse = &blown;
    assert_int_equal(rig_make(&rig), 0);
    rig_hide(&rig, 3);
    assert_int_equal(sb_oracle_ask_many(rig.oracle, ask, N, asked, &rig.diag), -ETIME);
    for (int i = 0; i < N; i++) {
        assert_int_equal(asked[i].seq, i + 1);
        assert_int_equal(asked[i].status, SB_STOP);
    }
    rig_close(&rig);
    cube_close(&c);
}

/* Everything is numbered first; what is refused costs its number and nothing else. */
static void test_refusals(void **state)
{
    static const struct {
        double tolerance;
        int32_t status;
    } line[] = {
        { 0, SB_OK },
        { -0.0, SB_OK },
        { 0.1, SB_OK },
        { 1, SB_OK },
        { 0.0999999, SB_TOLERANCE },
        { -0.1, SB_TOLERANCE },
        { NAN, SB_TOLERANCE },
        { 1.0001, SB_TOLERANCE },
        { INFINITY, SB_TOLERANCE },
        { 5e-324, SB_TOLERANCE },
        { -INFINITY, SB_TOLERANCE },
    };
    struct cube c = small();
    struct sb_asked asked;
    struct rig rig;
    uint64_t seq = 0;

    (void)state;
    cube_open(&c);
    rig_open(&rig, &c, rig_policy("exact"), "stat", 0.1, NULL, false, 1);
    rig_hide(&rig, 3);
    for (size_t i = 0; i < SB_COUNT(line); i++) {
        assert_int_equal(
            rig_try(&rig, &c, cube_chi(&c, 1), NULL, SB_STAT, line[i].tolerance, &asked), 0);
        assert_int_equal(asked.status, line[i].status);
        assert_int_equal(asked.seq, ++seq);
        assert_int_equal(asked.message != NULL, asked.status != SB_OK);
    }
    rig_try(&rig, &c, cube_chi(&c, 1), NULL, SB_VSTAT, 0, &asked);
    assert_int_equal(asked.status, SB_REFUSED);
    assert_int_equal(asked.seq, ++seq);
    rig_try(&rig, &c, 0, "x9: there is no coordinate 9", 0, 0, &asked);
    assert_int_equal(asked.status, SB_SYNTAX);
    assert_false(asked.has_expr);
    assert_string_equal(asked.message, "x9: there is no coordinate 9");
    rig_try(&rig, &c, 0, NULL, 0, 0, &asked);
    assert_int_equal(asked.status, SB_SYNTAX);
    seq += 2;
    assert_int_equal(sb_oracle_totals(rig.oracle)->n_queries, seq);
    assert_int_equal(sb_oracle_totals(rig.oracle)->n_answered, 4);
    rig_close(&rig);
    cube_close(&c);
}

static void test_budget(void **state)
{
    struct cube c = small();
    struct sb_asked asked;
    struct rig rig;

    (void)state;
    cube_open(&c);
    rig_open(&rig, &c, rig_policy("exact"), "bernoulli", 100, NULL, false, 1);
    sb_oracle_free(rig.oracle);
    rig.setup.budget = 3;
    assert_int_equal(sb_oracle_new(&rig.setup, &rig.oracle, &rig.diag), 0);
    rig_hide(&rig, 0);
    for (uint64_t i = 1; i <= 6; i++) {
        /* the second is refused for its tolerance, and spends its number all the same */
        rig_try(&rig, &c, cube_x(&c, 1), NULL, 0, i == 2 ? 101 : 100, &asked);
        assert_int_equal(asked.status, i == 2 ? SB_TOLERANCE : i <= 3 ? SB_OK : SB_BUDGET);
        assert_int_equal(asked.seq, i);
    }
    assert_int_equal(sb_oracle_totals(rig.oracle)->n_answered, 2);
    rig_close(&rig);
    cube_close(&c);
}

/* Clipped where, and only where, the range is not proven; the answer is the clipped one's. */
static void test_clipping(void **state)
{
    static const struct {
        const char *text;
        bool clipped;
        double value; /* of the clipped query, under the null */
    } line[] = {
        { "y", false, 0 },
        { "2*y", true, 0 },
        { "x0+x1-1", false, 0 },
        { "x0+x1", true, 0.75 },
        { "x0+x1+x2-2", true, -0.375 }, /* -2, -1, 0, 1 by 1/8, 3/8, 3/8, 1/8 */
        { "(x0+x1)/2", false, 0.5 },
        { "x0-x0+2", true, 1 },
    };
    struct cube c = small();
    struct rig rig;

    (void)state;
    cube_open(&c);
    rig_open(&rig, &c, rig_policy("exact"), "stat", 0.1, NULL, false, 1);
    rig_hide(&rig, CUBE_NULL);
    for (size_t i = 0; i < SB_COUNT(line); i++) {
        const struct sb_asked asked =
            rig_ask(&rig, &c, sb_expr_parse(c.pool, line[i].text, &rig.diag));

        assert_int_equal(asked.status, SB_OK);
        assert_int_equal(asked.clipped, line[i].clipped);
        assert_same(asked.reply.answer, line[i].value);
    }
    rig_close(&rig);
    cube_close(&c);
}

/* The failure probabilities of all queries sum to at most the run's, 1e-6, and to nearly it. */
static void test_delta_is_split(void **state)
{
    struct cube c = small();
    struct rig rig;

    (void)state;
    cube_open(&c);
    memset(&fake, 0, sizeof fake);
    fake.excess = -0.05;
    rig_open(&rig, &c, &fake_policy, "stat", 0.1, NULL, false, 1);
    rig_hide(&rig, 3);
    for (int i = 0; i < 2000; i++)
        rig_ask(&rig, &c, cube_chi(&c, (uint64_t)i & 15));
    assert_true(fake.delta_sum <= 1e-6);
    assert_true(fake.delta_sum >= 0.999e-6);
    assert_true(fake.least_delta > 0);
    /* a policy's refusal is a status with a message, and ends nothing */
    fake.status = SB_REFUSED;
    assert_int_equal(rig_ask(&rig, &c, cube_chi(&c, 1)).status, SB_REFUSED);
    assert_int_equal(sb_oracle_totals(rig.oracle)->n_answered, 2000);
    rig_close(&rig);
    cube_close(&c);
}

/* A policy that uses both estimates has the slack and the failure probability in the parts that it says:
 * the estimates are those of such tasks, bit for bit. */
static int parts_answer(void *state, const struct sb_question *q, struct sb_reply *reply,
                        struct sb_diag *diag)
{
    const double parts[2] = { 0.5, 0.25 };

    (void)state;
    (void)diag;
    for (int null = 0; null < 2; null++) {
        const struct sb_hidden hidden = null ? (struct sb_hidden){ 0 } : q->hidden;
        const struct sb_estimate *given = null ? &q->null : &q->truth;
        struct sb_law law;
        const struct sb_estimate_task task = { .law = &law,
                                               .pool = q->pool,
                                               .expr = q->expr,
                                               .lo = q->lo,
                                               .hi = q->hi,
                                               .tolerance = q->tolerance,
                                               .share = q->slack * parts[null],
                                               .delta = q->delta * parts[null],
                                               .key = null ? q->null_key : q->truth_key,
                                               .stream = q->stream };
        struct sb_estimate e;

        sb_family_law(q->family, hidden, false, &law);
        assert_int_equal(sb_estimate(&task, &e), 0);
        assert_int_equal(e.method, SB_MONTE_CARLO);
        assert_memory_equal(&e.value, &given->value, sizeof e.value);
        assert_memory_equal(&e.half_width, &given->half_width, sizeof e.half_width);
        assert_int_equal(e.samples, given->samples);
    }
    fake.n++;
    *reply = (struct sb_reply){
        .truth = q->truth, .room = INFINITY, .n_eliminated = -1, .n_dropped = -1, .n_live = -1
    };
    return 0;
}

static void test_estimates_have_their_parts(void **state)
{
    static const struct sb_policy_class parts = { .name = "parts",
                                                  .summary = "",
                                                  .source = "",
                                                  .params = sb_pointwise_params,
                                                  .truth_part = 0.5,
                                                  .null_part = 0.25,
                                                  .answer = parts_answer };
    struct cube c = cube_new(true, 26, 1, 0.1, false, false);
    struct rig rig;

    (void)state;
    cube_open(&c);
    memset(&fake, 0, sizeof fake);
    rig_open(&rig, &c, &parts, "stat", 0.1, NULL, false, 1);
    rig_hide(&rig, 3);
    rig_ask(&rig, &c,
            sb_expr_parse(c.pool,
                          "y*step(dot(1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1) - 13)",
                          &rig.diag));
    assert_int_equal(fake.n, 1);
    rig_close(&rig);
    cube_close(&c);
}

/* At the edge of the tolerance truth + room rounds; neither a fault nor an answer outside. */
static void test_extreme_at_fine_tolerances(void **state)
{
    static const double tau[] = { 0.001, 1e-4, 1e-7, 1e-9, 0.3 };
    struct cube c = small();
    struct rng r = { 4 };

    (void)state;
    cube_open(&c);
    for (size_t i = 0; i < SB_COUNT(tau); i++) {
        struct rig rig;

        rig_open(&rig, &c, rig_policy("extreme"), "stat", tau[i], NULL, false, 1);
        rig_hide(&rig, 9);
        for (int n = 0; n < 60; n++) {
            const sb_expr e = cube_query(&c, &r, -1);
            const struct sb_asked asked = rig_ask(&rig, &c, e);
            const double gap = fabs(asked.reply.answer - asked.reply.truth.value);

            assert_true(rig_excess(&c, "stat", tau[i], 9, e, asked.reply.answer) <= 0x1p-100);
            assert_true(gap > 0.9 * tau[i]);
        }
        rig_close(&rig);
    }
    cube_close(&c);
}

/* Two members, the same queries, malformed and unprovable ones among them: all that a learner sees
 * but the answers is the same. */
static void test_statuses_are_public(void **state)
{
    struct cube c = cube_new(true, 5, 0, 0.1, false, false);
    struct rng r = { 15 };

    (void)state;
    cube_open(&c);
    for (size_t p = 0; sb_policies[p]; p++) {
        struct rig rig[2];

        if (sb_policies[p]->lazy || sb_policies[p]->fresh)
            continue;
        for (int i = 0; i < 2; i++) {
            rig_open(&rig[i], &c, sb_policies[p], "stat", 1e-6, NULL, false, 1);
            rig_hide(&rig[i], i ? 17 : CUBE_NULL);
        }
        for (int n = 0; n < 200; n++) {
            const sb_expr e = n % 7 ? cube_random(&c, &r, 5) : 0;
            const double tolerance = n % 5 ? 0 : rng_uniform(&r) * 4e-6 - 1e-6;
            struct sb_asked a, b;

            rig_try(&rig[0], &c, e, "", 0, tolerance, &a);
            rig_try(&rig[1], &c, e, "", 0, tolerance, &b);
            assert_int_equal(a.status, b.status);
            assert_int_equal(a.seq, b.seq);
            assert_int_equal(a.clipped, b.clipped);
            assert_same(a.tolerance, b.tolerance);
            assert_int_equal(a.message != NULL, b.message != NULL);
            if (a.message)
                assert_string_equal(a.message, b.message);
            if (!a.status)
                assert_int_equal(a.reply.truth.method, b.reply.truth.method);
        }
        for (int i = 0; i < 2; i++) {
            assert_int_equal(rig[i].diag.n_items, 0);
            rig_close(&rig[i]);
        }
    }
    cube_close(&c);
}

/* at_tolerance: what the worst certificate left. Exact and dyadic: all of it. */
static void test_at_tolerance(void **state)
{
    static const char *const rule[] = { "stat", "bernoulli", "variance" };
    struct cube c = cube_new(true, 30, 0, 0, false, false);
    double ones[30];

    (void)state;
    cube_open(&c);
    for (int j = 0; j < 30; j++)
        ones[j] = 1.0 / 32;
    for (int k = 0; k < 3; k++) {
        const double granted = k ? 30 : 0.1;
        struct sb_asked asked;
        struct rig rig;
        double at, left;

        rig_open(&rig, &c, rig_policy("reference"), rule[k], granted, NULL, false, 2);
        rig_hide(&rig, 77);
        rig_ask(&rig, &c, cube_x(&c, 3));
        assert_same(sb_oracle_totals(rig.oracle)->at_tolerance, granted);
        asked = rig_ask(&rig, &c, sb_pool_op(c.pool, SB_DOT, ones, 30, NULL, 0));
        assert_true(asked.reply.truth.samples > 0);
        at = sb_oracle_totals(rig.oracle)->at_tolerance;
        left = k ? sqrt(granted / at) : at / granted;
        assert_true(left >= 1 - (k == 1 ? 0.25 : 0.2) - 1e-9 && left < 1);
        /* at a true gap of that share the null was not left for certain: 2 hw + hw_null fit */
        assert_true(2 * asked.reply.truth.half_width + asked.reply.null_half_width <=
                    (1 - left) * (asked.reply.room + asked.reply.truth.half_width) + 1e-12);
        assert_int_equal(sb_oracle_totals(rig.oracle)->n_sampled, 1);
        rig_close(&rig);
    }
    cube_close(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_broken_policy_is_caught),
        cmocka_unit_test(test_stop),
        cmocka_unit_test(test_batch),
        cmocka_unit_test(test_batches_draw_anew),
        cmocka_unit_test(test_batch_cut_short),
        cmocka_unit_test(test_batch_out_of_time),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_budget),
        cmocka_unit_test(test_clipping),
        cmocka_unit_test(test_delta_is_split),
        cmocka_unit_test(test_estimates_have_their_parts),
        cmocka_unit_test(test_extreme_at_fine_tolerances),
        cmocka_unit_test(test_statuses_are_public),
        cmocka_unit_test(test_at_tolerance),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
