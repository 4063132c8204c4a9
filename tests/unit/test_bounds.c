/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bounds: against their formulas in 113 bits, and against learners that do the best they can. */
#include "asked.h"

#include "bounds/bounds.h"

static const struct sb_bound_class *spectral(void)
{
    for (size_t i = 0; sb_bounds[i]; i++)
        if (strcmp(sb_bounds[i]->name, "spectral") == 0)
            return sb_bounds[i];
    return NULL;
}

/* K = c I */
static struct sb_correlations orthogonal(double n, double c)
{
    return (struct sb_correlations){ .n = n,
                                     .how = "closed form",
                                     .lambda_ub = c,
                                     .lambda_lb = c,
                                     .diagonal_ub = c,
                                     .orthogonal = true };
}

static struct sb_bound_setting setting_of(const struct sb_correlations *k, double tau)
{
    return (struct sb_bound_setting){ .k = k,
                                      .convention = SB_CONVENTION_STAT,
                                      .at_tolerance = tau,
                                      .policy = "reference",
                                      .policy_carries_bound = true,
                                      .n_good = 1,
                                      .success = 1,
                                      .n_queries = 10 };
}

/* kill = c/tau^2, 3 t c, c t^2 / 4; success <= (q kill + B)/N or 1/2 + q kill/2N: at least that in
 * 113 bits, and no more than 1e-9 above; queries likewise at most and near. */
static void test_formulas(void **state)
{
    struct rng r = { 5 };

    (void)state;
    for (int trial = 0; trial < 3000; trial++) {
        struct sb_correlations k =
            orthogonal(floor(exp2(1 + 62 * rng_uniform(&r))), rng_uniform(&r));
        struct sb_bound_setting s = setting_of(&k, 0);
        struct sb_bound out;
        cube_wide kill, queries, success;
        double at;

        s.convention = (uint32_t)trial % 3;
        at = s.at_tolerance = s.convention ? exp2(20 * rng_uniform(&r)) : rng_uniform(&r);
        s.n_queries = floor(exp2(40 * rng_uniform(&r)));
        s.success = 0.5 + 0.5 * rng_uniform(&r);
        s.n_good = floor(k.n * rng_uniform(&r) * 0.9);
        s.null_is_hidden_half = rng_below(&r, 2);
        s.failure = rng_below(&r, 2) ? 0 : 1e-6;
        kill = s.convention == SB_CONVENTION_STAT        ? k.diagonal_ub / ((cube_wide)at * at)
               : s.convention == SB_CONVENTION_BERNOULLI ? 3 * (cube_wide)at * k.diagonal_ub
                                                         : (cube_wide)at * at * k.diagonal_ub / 4;
        sb_bound_compute(spectral(), &s, &out);
        assert_true(out.applies);
        success = s.null_is_hidden_half ? (cube_wide)0.5 + s.n_queries * kill / k.n / 2
                                        : (s.n_queries * kill + s.n_good) / k.n;
        success += s.failure;
        queries = s.null_is_hidden_half
                      ? (2 * ((cube_wide)s.success - s.failure) - 1) * k.n / kill
                      : (((cube_wide)s.success - s.failure) * k.n - s.n_good) / kill;
        assert_string_equal(out.problem, s.null_is_hidden_half ? "decision" : "search");
        success = success > 1 ? 1 : success;
        assert_true(out.success_ub >= success && out.success_ub <= success * (1 + 1e-9));
        if (queries <= 0) {
            assert_true(isnan(out.log2_queries));
            continue;
        }
        if (!isnan(out.log2_queries))
            assert_true(out.log2_queries <= log2((double)queries) + 1e-13);
        if (queries * kill > k.n * 1e-6)
            assert_near(out.log2_queries, log2((double)queries), 1e-8);
    }
}

/* Parities of dimension d at tau: (2^d - 1) tau^2. */
static void test_parity_numbers(void **state)
{
    struct sb_bound out;
    const struct sb_correlations k = orthogonal(256, 1);
    struct sb_bound_setting s = setting_of(&k, 0.25);

    (void)state;
    sb_bound_compute(spectral(), &s, &out);
    assert_near(exp2(out.log2_queries), 255.0 / 16, 1e-9);
    assert_near(out.success_ub, (10 * 16 + 1) / 256.0, 1e-9);
    s.null_is_hidden_half = true;
    sb_bound_compute(spectral(), &s, &out);
    assert_near(exp2(out.log2_queries), 16, 1e-9);
    assert_near(out.success_ub, 0.5 + 10 * 16 / 512.0, 1e-9);
    s.success = 0.5;
    sb_bound_compute(spectral(), &s, &out);
    assert_true(out.applies && isnan(out.log2_queries));
}

/* Each condition, alone unmet, takes the bound away and says so. */
static void test_conditions(void **state)
{
    (void)state;
    for (int i = 0; i < 8; i++) {
        struct sb_correlations k = orthogonal(256, 1);
        struct sb_bound_setting s = setting_of(&k, 0.25);
        struct sb_bound out;

        if (i == 1)
            s.policy_carries_bound = false;
        if (i == 2)
            k.lambda_ub = INFINITY;
        if (i == 3)
            s.n_good = 256;
        if (i >= 4 && i < 7)
            s.at_tolerance = i == 4 ? 0 : i == 5 ? INFINITY : NAN;
        s.examples = i == 7;
        sb_bound_compute(spectral(), &s, &out);
        assert_int_equal(out.applies, i == 0);
        assert_int_equal(isnan(out.success_ub), i != 0);
        assert_int_equal(isnan(out.log2_queries), i != 0);
        assert_true(strlen(out.why) > 10);
    }
}

static void ask_bound(struct rig *rig, const struct cube *c, uint32_t convention, double q,
                      struct sb_bound *out)
{
    struct sb_correlations k = orthogonal((double)c->n, c->family->lambda_max_ub);
    const struct sb_bound_setting s = { .k = &k,
                                        .convention = convention,
                                        .at_tolerance = sb_oracle_totals(rig->oracle)->at_tolerance,
                                        .policy = "reference",
                                        .policy_carries_bound = true,
                                        .n_good = (double)c->family->n_good(c->family,
                                                                            SB_LOSS_ZERO_ONE, 0.1),
                                        .success = 1,
                                        .n_queries = q };

    sb_bound_compute(spectral(), &s, out);
    assert_true(out->applies);
}

/* Pr[Binomial(n, p) >= k] */
static double tail(int n, double p, int k)
{
    double sum = 0;

    for (int i = k; i <= n; i++)
        sum += exp(lgamma(n + 1.0) - lgamma(i + 1.0) - lgamma(n - i + 1.0) + i * log(p) +
                   (n - i) * log1p(-p));
    return sum;
}

/* A learner that asks cosets of 4^k parities at once by y * bent * chi_T (coefficients +-2^-k), in
 * random order, then guesses among what is consistent. 300 members; its rate exceeds success_ub
 * with probability below 1e-6 a line. */
static void test_success_rates(void **state)
{
    static const struct {
        double tau;
        uint32_t d, k, q;
    } line[] = { { 0.9, 6, 0, 30 }, { 0.45, 6, 1, 6 },  { 0.24, 7, 2, 4 },
                 { 0.3, 8, 1, 10 }, { 0.45, 7, 1, 12 }, { 0.12, 8, 3, 2 } };
    const int n_runs = getenv("STATBED_TEST_VALGRIND") ? 60 : 300;
    struct rng r = { 2022 };

    (void)state;
    for (size_t n = 0; n < SB_COUNT(line); n++) {
        struct cube c = cube_new(true, line[n].d, 0, 0, false, false);
        const uint64_t inside = (UINT64_C(1) << 2 * line[n].k) - 1;
        struct sb_bound bound = { 0 };
        int n_right = 0;
        sb_expr yb;

        cube_open(&c);
        yb = cube_op(&c, SB_MUL, sb_pool_op(c.pool, SB_Y, NULL, 0, NULL, 0),
                     cube_bent(&c, line[n].k));
        for (int run = 0; run < n_runs; run++) {
            const uint64_t secret = rng_next(&r) % c.n, shift = rng_next(&r);
            uint8_t possible[256];
            uint64_t n_possible = 0, guess;
            struct rig rig;

            memset(possible, 1, sizeof possible);
            rig_open(&rig, &c, rig_policy("reference"), "stat", line[n].tau, NULL, false,
                     (uint64_t)run);
            rig_hide(&rig, (int64_t)secret);
            for (uint64_t q = 0; q < line[n].q; q++) {
                const uint64_t T = ((q * (inside + 1)) ^ (shift & ~inside)) & (c.n - 1);
                const sb_expr e = cube_op(&c, SB_MUL, yb, cube_chi(&c, T));
                const double v = rig_ask(&rig, &c, e).reply.answer;

                for (uint64_t i = 0; i < c.n; i++) {
                    const double p = (i ^ T) & ~inside ? 0 : ldexp(1, -(int)line[n].k);

                    possible[i] &= fabs(fabs(v) - p) <= line[n].tau;
                }
            }
            for (uint64_t i = 0; i < c.n; i++)
                n_possible += possible[i];
            guess = rng_next(&r) % n_possible;
            for (uint64_t i = 0; i < c.n; i++)
                if (possible[i] && guess-- == 0)
                    n_right += i == secret;
            assert_true(possible[secret]);
            ask_bound(&rig, &c, SB_CONVENTION_STAT, line[n].q, &bound);
            rig_close(&rig);
        }
        assert_true(bound.success_ub < 1);
        assert_true(n_right > 0);
        assert_true(tail(n_runs, bound.success_ub, n_right) > 1e-6);
        cube_close(&c);
    }
}

/* What a deterministic learner knows: all members that its answers left possible. Asks y bent_k
 * chi_T for all cosets T; returns the queries until one member is left, or all were asked. */
static uint64_t narrow(struct rig *rig, const struct cube *c, const char *rule, uint32_t k,
                       uint8_t *possible, uint64_t *left)
{
    const uint64_t inside = (UINT64_C(1) << 2 * k) - 1;
    const bool stat = strcmp(rule, "stat") == 0;
    const sb_expr half = cube_const(c, 0.5);
    uint64_t asked = 0;
    sb_expr yb = cube_op(c, SB_MUL, sb_pool_op(c->pool, SB_Y, NULL, 0, NULL, 0), cube_bent(c, k));

    for (uint64_t T = 0; T<c->n && * left> 1; T += inside + 1) {
        const sb_expr g = cube_op(c, SB_MUL, yb, cube_chi(c, T));
        const sb_expr e = stat ? g : cube_op(c, SB_ADD, half, cube_op(c, SB_MUL, half, g));
        const double granted = sb_values_real(&rig->values, stat ? "tolerance" : "t");
        const double v = rig_ask(rig, c, e).reply.answer;

        asked++;
        *left = 0;
        for (uint64_t i = 0; i < c->n; i++) {
            possible[i] = possible[i] && rig_excess(c, rule, granted, (int64_t)i, e, v) <= 0x1p-100;
            *left += possible[i];
        }
    }
    return asked;
}

/* Under eliminate with the worst survivor: who is right has asked at least the bound. */
static void test_deterministic_learners(void **state)
{
    static const struct {
        const char *rule;
        double tolerance;
        uint32_t convention, k;
    } line[] = {
        { "stat", 0.1, SB_CONVENTION_STAT, 2 },
        { "stat", 0.2, SB_CONVENTION_STAT, 2 },
        { "stat", 0.24, SB_CONVENTION_STAT, 2 },
        { "stat", 0.3, SB_CONVENTION_STAT, 1 },
        { "stat", 0.45, SB_CONVENTION_STAT, 1 },
        { "stat", 0.49, SB_CONVENTION_STAT, 1 },
        { "bernoulli", 17, SB_CONVENTION_BERNOULLI, 1 },
        { "bernoulli", 6, SB_CONVENTION_BERNOULLI, 0 },
        { "bernoulli", 17, SB_CONVENTION_BERNOULLI, 2 },
        { "variance", 5, SB_CONVENTION_VARIANCE, 1 },
        { "variance", 17, SB_CONVENTION_VARIANCE, 2 },
    };

    (void)state;
    /* under valgrind a line or two of each rule */
    for (size_t n = 0; n < SB_COUNT(line); n += getenv("STATBED_TEST_VALGRIND") ? 3 : 1) {
        struct cube c = cube_new(true, 6, 0, 0, false, false);
        uint64_t asked = 0, left;
        uint8_t possible[64];
        struct sb_hidden hidden;
        struct sb_bound bound;
        double loss[64];
        struct rig rig;

        cube_open(&c);
        left = c.n;
        memset(possible, 1, sizeof possible);
        rig_open(&rig, &c, rig_policy("eliminate"), line[n].rule, line[n].tolerance, "worst", false,
                 1);
        for (int k = (int)line[n].k; k >= 0; k--)
            asked += narrow(&rig, &c, line[n].rule, (uint32_t)k, possible, &left);
        assert_int_equal(left, 1);
        for (uint64_t i = 0; i < c.n; i++)
            loss[i] = possible[i] ? 0 : 0.5;
        hidden = rig.setup.policy->finish(sb_oracle_policy_state(rig.oracle), loss, 0.5);
        assert_true(hidden.planted && possible[hidden.member]); /* it succeeded */
        ask_bound(&rig, &c, line[n].convention, (double)asked, &bound);
        assert_true((double)asked >= exp2(bound.log2_queries));
        /* and all that was ruled out was within what one query can do, times the queries */
        assert_true((double)sb_oracle_totals(rig.oracle)->sum_eliminated <=
                    (double)(c.n - 1) / exp2(bound.log2_queries) * (double)asked * (1 + 1e-9));
        rig_close(&rig);
        cube_close(&c);
    }
}

/* A learner that stops once it has hit is always right, with fewer queries than N on average: its
 * rate, 1, is above success_ub at its mean number of queries, and not above it at the largest. */
static void test_early_stops(void **state)
{
    struct cube c = cube_new(true, 6, 0, 0, false, false);
    const sb_expr y = (cube_open(&c), sb_pool_op(c.pool, SB_Y, NULL, 0, NULL, 0));
    struct sb_bound at_mean, at_most;
    double sum = 0, most = 0;
    struct rig rig;

    (void)state;
    for (uint64_t secret = 0; secret < c.n; secret++) {
        double asked = 0, v = 0;

        rig_open(&rig, &c, rig_policy("reference"), "stat", 0.9, NULL, false, 1);
        rig_hide(&rig, (int64_t)secret);
        for (uint64_t s = 0; s < c.n && v == 0; s++, asked++)
            v = rig_ask(&rig, &c, cube_op(&c, SB_MUL, y, cube_chi(&c, s))).reply.answer;
        assert_same(v, 1);
        sum += asked;
        most = fmax(most, asked);
        rig_close(&rig);
    }
    rig_open(&rig, &c, rig_policy("reference"), "stat", 0.9, NULL, false, 1);
    ask_bound(&rig, &c, SB_CONVENTION_STAT, sum / (double)c.n, &at_mean);
    ask_bound(&rig, &c, SB_CONVENTION_STAT, most, &at_most);
    assert_true(at_mean.success_ub < 0.7);
    assert_same(at_most.success_ub, 1);
    rig_close(&rig);
    cube_close(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_formulas),
        cmocka_unit_test(test_parity_numbers),
        cmocka_unit_test(test_conditions),
        cmocka_unit_test(test_success_rates),
        cmocka_unit_test(test_deterministic_learners),
        cmocka_unit_test(test_early_stops),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
