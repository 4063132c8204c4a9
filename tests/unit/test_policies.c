/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Policies: every answer within tolerance of the true value, by brute force; what each one promises
 * beyond that; and the adversary that hides nothing, move by move. */
#include "asked.h"

#include <errno.h>

static const char *const rules[] = { "stat", "bernoulli", "variance" };

/* exact arithmetic meets ties: 113-bit brute force is itself off by 2^-105 */
static const double tiny = 0x1p-100;

static double tolerance_for(struct rng *r, const char *rule)
{
    static const double tau[] = { 0.5, 0.25, 0.1, 0.001, 1e-6, 1e-9, 1, 0.3 };
    static const double t[] = { 1, 4, 10, 16, 49, 1e4, 1e6, 1e9 };

    return strcmp(rule, "stat") == 0 ? tau[rng_below(r, 8)] : t[rng_below(r, 8)];
}

/* 113-bit brute force of all policies that answer about one hidden law. */
static void test_answers_are_valid(void **state)
{
    struct rng r = { 1 };

    (void)state;
    for (int trial = 0; trial < (getenv("STATBED_TEST_VALGRIND") ? 100 : 400); trial++) {
        static const char *const names[] = { "exact", "random", "round", "extreme", "reference" };
        const char *rule = rules[rng_below(&r, 3)];
        const double tolerance = tolerance_for(&r, rule);
        struct cube c = cube_random_family(&r, 5);
        struct rig rig;
        int64_t member;

        cube_open(&c);
        member = rng_below(&r, 8) ? (int64_t)(rng_next(&r) % c.n) : CUBE_NULL;
        assert_int_equal(rig_open(&rig, &c, rig_policy(names[trial % 5]), rule, tolerance, NULL,
                                  false, (uint64_t)trial),
                         0);
        rig_hide(&rig, member);
        for (int i = 0; i < 6; i++) {
            const sb_expr e = cube_query(&c, &r, strcmp(rule, "stat") == 0 ? -1 : 0);
            const struct sb_asked asked = rig_ask(&rig, &c, e);

            assert_int_equal(asked.status, SB_OK);
            if (rig_excess(&c, rule, tolerance, member, e, asked.reply.answer) > tiny)
                fail_msg("%s, %s %g: %.17g is not within tolerance of %.17g", names[trial % 5],
                         rule, tolerance, asked.reply.answer, (double)cube_mean(&c, member, e, 1));
        }
        rig_close(&rig);
        cube_close(&c);
    }
}

/* reference: the null's value if and only if it is within tolerance, ties included: Walsh
 * coefficients of bent functions are 1/2 and 1/4 exactly. */
static void test_reference_decides(void **state)
{
    struct cube c = cube_new(true, 4, 0, 0, false, false);
    int n_ties = 0;

    (void)state;
    cube_open(&c);
    for (int pairs = 1; pairs <= 2; pairs++)
        for (int tau = 0; tau < 3; tau++)
            for (int64_t m = 0; m < 16; m++) {
                const double tolerance = tau == 0 ? 0.5 : tau == 1 ? 0.25 : 0.25 - 0x1p-40;
                const sb_expr y = sb_pool_op(c.pool, SB_Y, NULL, 0, NULL, 0);
                const sb_expr e = cube_op(&c, SB_MUL, y, cube_bent(&c, (uint32_t)pairs));
                const double p = (double)cube_mean(&c, m, e, 1);
                struct sb_asked asked;
                struct rig rig;

                assert_int_equal(
                    rig_open(&rig, &c, rig_policy("reference"), "stat", tolerance, NULL, false, 1),
                    0);
                rig_hide(&rig, m);
                asked = rig_ask(&rig, &c, e);
                n_ties += fabs(p) == tolerance;
                assert_int_equal(asked.reply.from_null, fabs(p) <= tolerance);
                assert_same(asked.reply.answer, fabs(p) <= tolerance ? 0 : p);
                rig_close(&rig);
            }
    assert_true(n_ties >= 20);
    cube_close(&c);
}

/* Two members, queries of every kind (sampled ones too): all that is not an answer is equal, and so
 * are all answers that came from the null. */
static void test_reference_is_blind(void **state)
{
    struct cube c = cube_new(true, 30, 0, 0.1, false, false);
    double ones[30], skew[30];
    const double tolerance = getenv("STATBED_TEST_VALGRIND") ? 0.2 : 0.1;
    struct rig rig[2];
    sb_expr query[6];
    int n_sampled = 0;

    (void)state;
    cube_open(&c);
    for (int j = 0; j < 30; j++) {
        ones[j] = 1;
        skew[j] = 0.1 * j;
    }
    query[0] = sb_pool_op(c.pool, SB_DOT, ones, 30, NULL, 0);
    query[1] = sb_pool_op(c.pool, SB_DOT, skew, 30, NULL, 0);
    query[2] = cube_op(&c, SB_MUL, sb_pool_op(c.pool, SB_Y, NULL, 0, NULL, 0),
                       cube_op(&c, SB_STEP, cube_op(&c, SB_SUB, query[0], cube_const(&c, 15)), 0));
    query[3] = cube_op(&c, SB_SUB, query[1], cube_const(&c, 21)); /* not proven in range */
    query[4] = cube_op(&c, SB_MUL, sb_pool_op(c.pool, SB_Y, NULL, 0, NULL, 0), cube_chi(&c, 5));
    query[5] = cube_op(&c, SB_LT, query[1], cube_op(&c, SB_ADD, query[0], query[4]));
    for (int i = 0; i < 2; i++) {
        assert_int_equal(
            rig_open(&rig[i], &c, rig_policy("reference"), "stat", tolerance, NULL, false, 3), 0);
        rig_hide(&rig[i], i ? 5 : 0x2aaaaaaa);
    }
    for (int i = 0; i < 6; i++) {
        const struct sb_asked a = rig_ask(&rig[0], &c, query[i]),
                              b = rig_ask(&rig[1], &c, query[i]);

        assert_int_equal(a.status, b.status);
        assert_int_equal(a.seq, b.seq);
        assert_int_equal(a.clipped, b.clipped);
        assert_true(sb_digest_equal(&a.digest, &b.digest));
        assert_int_equal(a.reply.truth.method, b.reply.truth.method);
        assert_same(a.reply.null_half_width, b.reply.null_half_width);
        if (a.reply.from_null && b.reply.from_null)
            assert_same(a.reply.answer, b.reply.answer);
        assert_int_equal(b.reply.from_null, i != 4);
        n_sampled += a.reply.truth.samples > 0;
    }
    assert_int_equal(n_sampled, 5);
    assert_true(sb_oracle_totals(rig[0].oracle)->at_tolerance < tolerance);
    assert_true(sb_oracle_totals(rig[0].oracle)->at_tolerance >= 0.8 * tolerance * (1 - 1e-9));
    rig_close(&rig[0]);
    rig_close(&rig[1]);
    cube_close(&c);
}

/* Equal keys give equal answers, other keys others; extreme repeats itself; round answers points of
 * one grid. */
static void test_determinism(void **state)
{
    static const char *const names[] = { "random", "round", "extreme" };
    struct cube c = cube_new(true, 6, 0, 0.1, false, false);
    struct rng r = { 9 };
    sb_expr query[20];

    (void)state;
    cube_open(&c);
    for (int i = 0; i < 20; i++)
        query[i] = cube_query(&c, &r, -1);
    for (int p = 0; p < 3; p++) {
        double answer[3][20], first = 0;
        int n_equal = 0;

        for (int run = 0; run < 3; run++) {
            struct rig rig;

            rig_open(&rig, &c, rig_policy(names[p]), "stat", 0.01, NULL, false, run == 2);
            rig_hide(&rig, 11);
            for (int i = 0; i < 20; i++)
                answer[run][i] = rig_ask(&rig, &c, query[i]).reply.answer;
            first = rig_ask(&rig, &c, query[0]).reply.answer;
            if (p)
                assert_same(first, answer[run][0]);
            else
                assert_true(first != answer[run][0]);
            rig_close(&rig);
        }
        assert_memory_equal(answer[0], answer[1], sizeof answer[0]);
        for (int i = 0; i < 20; i++) {
            n_equal += answer[0][i] == answer[2][i];
            if (p == 1)
                assert_near(remainder(answer[0][i] - answer[0][0], 0.01), 0, 1e-12);
        }
        assert_true(n_equal < 18);
    }
    cube_close(&c);
}

/* random: 4,000 answers to one query, 10 bins, chi-squared with 9 degrees: Pr[> 56] < 1e-8. */
static void test_random_is_uniform(void **state)
{
    struct cube c = cube_new(true, 3, 0, 0, false, false);
    double count[10] = { 0 }, chi_squared = 0;
    struct rig rig;

    (void)state;
    cube_open(&c);
    rig_open(&rig, &c, rig_policy("random"), "stat", 0.25, NULL, false, 4);
    rig_hide(&rig, 2);
    for (int i = 0; i < 4000; i++) {
        const double v = rig_ask(&rig, &c, cube_chi(&c, 1)).reply.answer;

        count[(int)fmin(9, (v + 0.25) * 20)]++;
    }
    for (int i = 0; i < 10; i++)
        chi_squared += (count[i] - 400) * (count[i] - 400) / 400;
    assert_true(chi_squared < 56);
    rig_close(&rig);
    cube_close(&c);
}

static const uint8_t *live_of(struct rig *rig, bool *null_out)
{
    return rig->setup.policy->live(sb_oracle_policy_state(rig->oracle), null_out);
}

/* Members that `answer` is wrong for by more than `margin` beyond their tolerance. */
static bool outside(const struct cube *c, const char *rule, double tolerance, int64_t member,
                    sb_expr e, double answer, double margin)
{
    const cube_wide p = cube_mean(c, member, e, 1);

    return rig_excess(c, rule, tolerance, member, e, answer + (answer < p ? margin : -margin)) >
               0 &&
           fabs((double)(answer - p)) > margin;
}

/* The most members that one answer can be within tolerance of, among `live`: the best answers stand
 * at an end of some member's window (STAT, dyadic values). */
static uint64_t best_cover(const double *p, const uint8_t *live, uint64_t n, double tau)
{
    uint64_t best = 0;

    for (uint64_t i = 0; i < n; i++) {
        uint64_t count = 0;

        for (uint64_t j = 0; j < n && live[i]; j++)
            count += live[j] && p[j] >= p[i] && p[j] <= p[i] + 2 * tau;
        best = count > best ? count : best;
    }
    return best;
}

/* Every query: the answer covers as many live members as any can (and, with the null a candidate,
 * the null too); survivors had only valid answers; the counts and the cap of C3 hold. */
static void test_eliminate(void **state)
{
    struct rng r = { 3 };

    (void)state;
    for (int trial = 0; trial < (getenv("STATBED_TEST_VALGRIND") ? 45 : 150); trial++) {
        const char *rule = rules[trial % 3];
        const bool distinguish = rng_below(&r, 2);
        double tolerance = tolerance_for(&r, rule);
        struct cube c = cube_random_family(&r, 4);
        sb_expr asked_e[5];
        double answer[5];
        uint8_t *before = malloc(c.n);
        double *p = calloc(c.n, sizeof *p);
        struct rig rig;

        cube_open(&c);
        if (tolerance < 1e-5)
            tolerance = 0.125;
        assert_int_equal(rig_open(&rig, &c, rig_policy("eliminate"), rule, tolerance, "random",
                                  distinguish, (uint64_t)trial),
                         0);
        for (int i = 0; i < 5; i++) {
            const sb_expr e = asked_e[i] = cube_query(&c, &r, trial % 3 ? 0 : -1);
            const double t = tolerance, lambda = c.family->lambda_max_ub;
            const double cap = trial % 3 == 0   ? lambda / (t * t)
                               : trial % 3 == 1 ? 3 * t * lambda
                                                : lambda * t * t / 4;
            int64_t surely = 0, perhaps = 0, n_live = 0;
            struct sb_asked asked;
            const uint8_t *live;
            bool null_live, dyadic = true;

            memcpy(before, live_of(&rig, &null_live), c.n);
            assert_int_equal(null_live, distinguish);
            asked = rig_ask(&rig, &c, e);
            assert_int_equal(asked.status, SB_OK);
            answer[i] = asked.reply.answer;
            live = live_of(&rig, &null_live);
            assert_int_equal(null_live, distinguish);
            for (uint64_t m = 0; m < c.n; m++) {
                const cube_wide mean = cube_mean(&c, (int64_t)m, e, 1);

                p[m] = (double)mean;
                dyadic = dyadic && p[m] * 1024 == floor(p[m] * 1024) && mean == p[m];
                n_live += live[m];
                if (!before[m]) {
                    assert_false(live[m]);
                    continue;
                }
                surely += outside(&c, rule, tolerance, (int64_t)m, e, answer[i], 1e-9);
                perhaps += rig_excess(&c, rule, tolerance, (int64_t)m, e, answer[i]) > tiny;
            }
            assert_in_range(asked.reply.n_eliminated, surely, perhaps);
            assert_true((double)asked.reply.n_eliminated <= cap);
            assert_int_equal(asked.reply.n_live, n_live);
            if (trial % 3 == 0 && !distinguish && dyadic && asked.reply.truth.half_width == 0 &&
                tolerance * 64 == floor(tolerance * 64))
                assert_int_equal(n_live, best_cover(p, before, c.n, tolerance));
            /* the null's value, where nothing covers more */
            if (distinguish)
                assert_true(rig_excess(&c, rule, tolerance, CUBE_NULL, e, answer[i]) <= tiny);
        }
        for (uint64_t m = 0; m < c.n; m++)
            for (int i = 0; i < 5; i++) {
                bool null_live;

                if (live_of(&rig, &null_live)[m])
                    assert_true(
                        rig_excess(&c, rule, tolerance, (int64_t)m, asked_e[i], answer[i]) <= tiny);
            }
        rig_close(&rig);
        free(before);
        free(p);
        cube_close(&c);
    }
}

/* y chi_S at any tau < 1/2 rules out S alone and answers 0; at the tie tau = 1/2 with a bent query,
 * whose coefficients are +-1/2 for four members, 0 is right for all of them. */
static void test_eliminate_parities(void **state)
{
    struct cube c = cube_new(true, 4, 0, 0, false, false);
    const sb_expr y = (cube_open(&c), sb_pool_op(c.pool, SB_Y, NULL, 0, NULL, 0));
    struct rig rig;

    (void)state;
    rig_open(&rig, &c, rig_policy("eliminate"), "stat", 0.45, "worst", false, 1);
    for (uint64_t s = 0; s < 15; s++) {
        const struct sb_asked a = rig_ask(&rig, &c, cube_op(&c, SB_MUL, y, cube_chi(&c, s)));

        assert_same(a.reply.answer, 0);
        assert_true(a.reply.from_null);
        assert_int_equal(a.reply.n_eliminated, 1);
        assert_int_equal(a.reply.n_live, 15 - s);
    }
    rig_close(&rig);
    rig_open(&rig, &c, rig_policy("eliminate"), "stat", 0.5, "worst", false, 1);
    assert_int_equal(rig_ask(&rig, &c, cube_op(&c, SB_MUL, y, cube_bent(&c, 1))).reply.n_live, 16);
    rig_close(&rig);
    rig_open(&rig, &c, rig_policy("eliminate"), "stat", 0.5 - 0x1p-30, "worst", false, 1);
    /* 12 parities have 0, three have 1/2, one has -1/2: an answer just above 0 keeps 15 */
    assert_int_equal(rig_ask(&rig, &c, cube_op(&c, SB_MUL, y, cube_bent(&c, 1))).reply.n_live, 15);
    rig_close(&rig);
    cube_close(&c);
}

/* The finish: uniform over survivors, or half the null (distinguish, weighted by what is left):
 * 3,000 runs. 12 survivors: chi-squared with 11 degrees, Pr[> 60] < 1e-8. With the null: N = 16
 * against 12 survivors, so Binomial(3000, 16/28), within 6 deviations: 2e-9. */
static void test_finish(void **state)
{
    struct cube c = cube_new(true, 4, 0, 0, false, false);
    const sb_expr y = (cube_open(&c), sb_pool_op(c.pool, SB_Y, NULL, 0, NULL, 0));
    const uint64_t n_runs = getenv("STATBED_TEST_VALGRIND") ? 300 : 3000;

    (void)state;
    for (int distinguish = 0; distinguish < 2; distinguish++) {
        double count[17] = { 0 }, chi_squared = 0, members = 0;

        for (uint64_t run = 0; run < n_runs; run++) {
            struct sb_hidden hidden;
            struct rig rig;

            rig_open(&rig, &c, rig_policy("eliminate"), "stat", 0.25, "random", distinguish, run);
            for (uint64_t s = 3; s < 7; s++)
                rig_ask(&rig, &c, cube_op(&c, SB_MUL, y, cube_chi(&c, s)));
            hidden = rig.setup.policy->finish(sb_oracle_policy_state(rig.oracle), NULL, 0);
            count[hidden.planted ? hidden.member : 16]++;
            rig_close(&rig);
        }
        for (int s = 0; s < 16; s++)
            members += count[s];
        for (int s = 0; s < 16; s++) {
            const double want = s >= 3 && s < 7 ? 0 : members / 12;

            if (want == 0)
                assert_same(count[s], 0);
            else
                chi_squared += (count[s] - want) * (count[s] - want) / want;
        }
        assert_true(chi_squared < 60);
        assert_near(count[16], distinguish ? (double)n_runs * 16.0 / 28 : 0,
                    6 * sqrt((double)n_runs * 12.0 / 49));
        if (!distinguish)
            assert_same(count[16], 0);
    }
    cube_close(&c);
}

static void test_worst_finish(void **state)
{
    struct cube c = cube_new(true, 3, 0, 0, false, false);
    const sb_expr y = (cube_open(&c), sb_pool_op(c.pool, SB_Y, NULL, 0, NULL, 0));
    const double loss[8] = { 0.5, 0.9, 0.2, 1, 0.1, 0.3, 0.95, 0 };

    (void)state;
    for (int distinguish = 0; distinguish < 2; distinguish++) {
        struct sb_hidden hidden;
        struct rig rig;
        void *policy;

        rig_open(&rig, &c, rig_policy("eliminate"), "stat", 0.25, "worst", distinguish, 1);
        rig_ask(&rig, &c, cube_op(&c, SB_MUL, y, cube_chi(&c, 3)));
        policy = sb_oracle_policy_state(rig.oracle);
        hidden = rig.setup.policy->finish(policy, loss, 0.4);
        assert_true(hidden.planted && hidden.member == 6); /* 3 is gone */
        hidden = rig.setup.policy->finish(policy, loss, 0.99);
        assert_int_equal(hidden.planted, !distinguish);
        rig_close(&rig);
    }
    cube_close(&c);
}

/* eliminate is refused, with the reason, where not all values can be had. */
static void test_eliminate_refused(void **state)
{
    struct cube c = cube_new(true, 25, 0, 0, false, false);
    struct rig rig;

    (void)state;
    cube_open(&c);
    assert_int_equal(rig_open(&rig, &c, rig_policy("eliminate"), "stat", 0.1, "random", false, 1),
                     -EINVAL);
    assert_non_null(strstr(rig.diag.items[0].text, "2^24 members"));
    rig_close(&rig);
    cube_close(&c);
}

/* [theorems.md C3] by search: members that VSTAT `bernoulli` rules out against the null's value are at
 * most 3 t lambda, `variance` ones lambda Var t^2: random functions to [0,1], of every bias. */
static void test_vstat_kills(void **state)
{
    struct rng r = { 12 };
    double worst = 0;

    (void)state;
    for (int trial = 0; trial < 1500; trial++) {
        struct cube c = cube_random_family(&r, 5);
        const uint64_t size = UINT64_C(1) << c.dim;
        const double bias = pow(rng_uniform(&r), 3), t = exp(rng_uniform(&r) * 7);
        const bool flip = rng_below(&r, 2), boolean = rng_below(&r, 2);
        double f[32][2], p0 = 0, second = 0, n_bernoulli = 0, n_variance = 0;
        const uint64_t target = rng_next(&r) % c.n;

        cube_open(&c);
        for (uint64_t x = 0; x < size; x++)
            for (int l = 0; l < 2; l++) {
                const double y = cube_label_set(&c, l);
                const double near = trial % 3 ? bias : cube_label(&c, target, x) == y;
                const double v = boolean ? rng_uniform(&r) < near : rng_uniform(&r) * near;
                const double q = (double)cube_chance(&c, CUBE_NULL, x, y) / (double)size;

                f[x][l] = flip ? 1 - v : v;
                p0 += q * f[x][l];
                second += q * f[x][l] * f[x][l];
            }
        for (uint64_t m = 0; m < c.n; m++) {
            double p = 0, p2 = 0, gap;

            for (uint64_t x = 0; x < size; x++)
                for (int l = 0; l < 2; l++) {
                    const double q = (double)cube_chance(&c, (int64_t)m, x, cube_label_set(&c, l)) /
                                     (double)size;

                    p += q * f[x][l];
                    p2 += q * f[x][l] * f[x][l];
                }
            gap = fabs(p - p0);
            n_bernoulli += gap > fmax(1 / t, sqrt(fmax(0, p * (1 - p)) / t)) + 1e-12;
            n_variance += gap > fmax(1 / t, sqrt(fmax(0, p2 - p * p) / t)) + 1e-12;
        }
        assert_true(n_bernoulli <= 3 * t * c.family->lambda_max_ub);
        assert_true(n_variance <=
                    t * t * c.family->lambda_max_ub * (second - p0 * p0) * (1 + 1e-9) + 1e-9);
        worst = fmax(worst, n_bernoulli / (3 * t * c.family->lambda_max_ub));
        cube_close(&c);
    }
    assert_true(worst > 0.05); /* the search reaches something */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_answers_are_valid),  cmocka_unit_test(test_reference_decides),
        cmocka_unit_test(test_reference_is_blind), cmocka_unit_test(test_determinism),
        cmocka_unit_test(test_random_is_uniform),  cmocka_unit_test(test_eliminate),
        cmocka_unit_test(test_eliminate_parities), cmocka_unit_test(test_finish),
        cmocka_unit_test(test_worst_finish),       cmocka_unit_test(test_eliminate_refused),
        cmocka_unit_test(test_vstat_kills),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
