/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Estimates against brute force over the cube: exact routes surely inside their half-width, Monte
 * Carlo as often as it says. */
#include "cube.h"

#include "estimate/estimate.h"
#include "estimate/points.h"
#include "estimate/public_points.h"

static struct sb_estimate_task task_of(const struct cube *c, const struct sb_law *law, sb_expr e)
{
    return (struct sb_estimate_task){ .law = law,
                                      .pool = c->pool,
                                      .expr = e,
                                      .lo = -1,
                                      .hi = 1,
                                      .tolerance = { SB_RULE_STAT, 0.1 },
                                      .share = 0.5,
                                      .delta = 0.2 };
}

static void law_of(const struct cube *c, int64_t member, struct sb_law *law)
{
    if (member == CUBE_NULL)
        c->family->null_law(c->family, law);
    else
        c->family->law(c->family, (uint64_t)member, false, law);
}

static void assert_contains(const struct cube *c, int64_t member, sb_expr e,
                            const struct sb_estimate *got, cube_wide truth)
{
    const cube_wide gap = truth > got->value ? truth - got->value : got->value - truth;
    struct sb_buf text;

    if (gap <= (cube_wide)got->half_width + (cube_wide)0x1p-105 && got->half_width < 1e-10)
        return;
    sb_buf_init(&text);
    sb_expr_print(c->pool, e, NULL, &text);
    print_error("%s d=%u k=%u noise=%g member %lld: %s\nby %s: %.17g +- %.3g, off by %.3g\n",
                c->parity ? "parity" : "conjunction", c->dim, c->k, c->noise, (long long)member,
                sb_buf_str(&text), sb_method_name(got->method), got->value, got->half_width,
                (double)gap);
    sb_buf_fini(&text);
    fail();
}

/* Both exact routes, where they apply; how many did. */
static int check_exact(const struct cube *c, int64_t member, sb_expr e)
{
    const cube_wide truth = cube_mean(c, member, e, 1);
    struct sb_estimate closed, enumerated;
    struct sb_estimate_task task;
    struct sb_law law;
    int status;

    law_of(c, member, &law);
    task = task_of(c, &law, e);
    assert_int_equal(sb_estimate_enumeration(&task, &enumerated), 0);
    assert_contains(c, member, e, &enumerated, truth);
    status = sb_estimate_closed_form(&task, &closed);
    assert_in_range(status, 0, 1);
    if (!status)
        assert_contains(c, member, e, &closed, truth);
    return status == 0;
}

static void test_exact_routes(void **state)
{
    struct rng r = { 20221 };
    int n_closed = 0;

    (void)state;
    for (int trial = 0; trial < 700; trial++) {
        struct cube c = cube_random_family(&r, trial % 10 ? 6 : 9);
        sb_expr e;

        cube_open(&c);
        e = cube_query(&c, &r, -1);
        n_closed += check_exact(&c, (int64_t)(rng_next(&r) % c.n), e);
        n_closed += check_exact(&c, CUBE_NULL, e);
        cube_close(&c);
    }
    assert_true(n_closed > 700);
}

static sb_expr parsed(const struct cube *c, const char *text)
{
    const sb_expr e = sb_expr_parse(c->pool, text, NULL);

    assert_int_not_equal(e, 0);
    return e;
}

/* Products and sums of numbers that are not dyadic; parts that are huge, cancel, overflow in
 * another order, or are divided by next to nothing: all proven in [-1,1]. */
static void test_hard_arithmetic(void **state)
{
    static const char *const text[] = {
        "0.1*y*chi(0,1)",
        "(x0+0.3)/0.7/2",
        "(0.1*y+0.2)*(0.3*x0+0.1*x1)*(0.7-0.2*y)",
        "0.1*(0.1*(0.1*(0.1*(0.1*y))))*chi(1)",
        "(relu(0.1*x0+0.2)+relu(0.3*x0))*(relu(0.7*x0+0.1)*relu(0.9-0.3*x0))",
        "0.1*x0+1e15-1e15-0.1",
        "y*chi(0,1)*1e15-y*chi(0,1)*1e15",
        "y*chi(0,1)*1125899906842624-y*chi(0,1)*1125899906842624",
        "x0/1e-308*1e-308",
        "relu(x0/5e-324)*5e-324*0.5",
        "(relu(1e-200*x0)*((relu(1e-200*x0)*((relu(1e-200*x0)*relu(1e200*x0))*"
        "relu(1e200*x0)))*relu(1e200*x0)))",
        "414951556888099295851240786369116115101244623224243689999565732969065281141290814639970704"
        "8"
        "947103794288197886611300789182395151075411775307886874834113963687061181803401509523685376"
        "*x0*0.5/"
        "414951556888099295851240786369116115101244623224243689999565732969065281141290814639970704"
        "8"
        "94710379428819788661130078918239515107541177530788687483411396368706118180340150952368537"
        "6",
    };
    static const double noise[] = { 0, 0.1 };

    (void)state;
    for (size_t i = 0; i < SB_COUNT(text); i++)
        for (size_t n = 0; n < 2; n++) {
            struct cube c = cube_new(true, 2, 0, noise[n], false, false);
            struct sb_interval range;
            const double ends[2] = { -1, 1 };
            sb_expr e;

            cube_open(&c);
            e = parsed(&c, text[i]);
            range = sb_expr_range(c.pool, e);
            if (range.lo < -1 || range.hi > 1)
                e = sb_pool_op(c.pool, SB_CLIP, ends, 2, &e, 1);
            for (int64_t m = CUBE_NULL; m < 4; m++)
                check_exact(&c, m, e);
            cube_close(&c);
        }
}

/* Queries that see x through few linear forms, where one point stands for many: as sums of forms the
 * member's parity and the query's character are seen, or not, or only together. */
static void test_few_forms(void **state)
{
    static const char *const text[] = {
        "max(chi(0,1,2),0.3*y)*chi(0,1)",  "eq(y,candidate(13))",
        "eq(candidate(5),candidate(9))*y", "abs(chi(0,1)+0.5*chi(1,2))*y*chi(3)/2",
        "min(y,chi(0,1)*x4)*chi(0,1,4)",   "clip(chi(0,2,4)+chi(0,2)+0.3*y,-0.7,1)*chi(2)*chi(0,4)",
    };

    (void)state;
    for (size_t i = 0; i < SB_COUNT(text); i++) {
        struct cube c = cube_new(true, 5, 0, 0.1, i % 2, false);

        cube_open(&c);
        for (int64_t m = CUBE_NULL; m < 32; m++)
            check_exact(&c, m, parsed(&c, text[i]));
        cube_close(&c);
    }
}

/* Which route applies, and what is refused, must be the same for every member: a status that
 * depends on the secret is a bit of it. */
static void test_route_is_public(void **state)
{
    struct rng r = { 77 };

    (void)state;
    for (int trial = 0; trial < 150; trial++) {
        struct cube c = cube_random_family(&r, 5);
        int first = -1;
        sb_expr e;

        cube_open(&c);
        e = cube_query(&c, &r, -1);
        for (int64_t m = CUBE_NULL; m < (int64_t)c.n; m++) {
            struct sb_estimate out;
            struct sb_estimate_task task;
            struct sb_law law;
            int status;

            law_of(&c, m, &law);
            task = task_of(&c, &law, e);
            status = sb_estimate_closed_form(&task, &out);
            if (first < 0)
                first = status;
            assert_int_equal(status, first);
        }
        cube_close(&c);
    }
}

/* E[y chi_T] = (1 - 2 eta) [S = T]; E[y bent chi_T] = (1 - 2 eta) * the Walsh coefficient of the
 * bent function at S + T, known in closed form: +-2^-pairs inside its variables, else 0. */
static void test_dimension_63(void **state)
{
    static const double noise[] = { 0, 0.25 };
    struct rng r = { 63 };
    enum { PAIRS = 5 };

    (void)state;
    for (int n = 0; n < 2; n++) {
        struct cube c = cube_new(true, 63, 0, noise[n], n, false);
        const double signal = 1 - 2 * noise[n], sign = n ? -0.5 : 1, shift = n ? 0.5 : 0;

        cube_open(&c);
        for (int trial = 0; trial < 60; trial++) {
            const uint64_t S = rng_next(&r) >> 1;
            const uint64_t inside = (UINT64_C(1) << 2 * PAIRS) - 1;
            const uint64_t T = trial % 3 == 0   ? S
                               : trial % 3 == 1 ? S ^ (rng_next(&r) & inside)
                                                : S ^ 1u << rng_below(&r, 20);
            const sb_expr y = sb_pool_op(c.pool, SB_Y, NULL, 0, NULL, 0);
            const sb_expr chi = cube_op(&c, SB_MUL, y, cube_chi(&c, T));
            const sb_expr bent = cube_op(&c, SB_MUL, cube_bent(&c, PAIRS), chi);
            double coefficient = 1, mean_bent = 1;
            struct sb_estimate out;
            struct sb_estimate_task task;
            struct sb_law law;

            law_of(&c, (int64_t)S, &law);
            for (uint32_t i = 0; i < PAIRS; i++) {
                coefficient *= ((S ^ T) >> 2 * i & 3) == 3 ? -0.5 : 0.5;
                mean_bent *= (T >> 2 * i & 3) == 3 ? -0.5 : 0.5;
            }
            if ((S ^ T) & ~inside)
                coefficient = 0;
            if (T & ~inside)
                mean_bent = 0;
            task = task_of(&c, &law, chi);
            assert_int_equal(sb_estimate(&task, &out), 0);
            assert_same(out.value, sign * signal * (S == T) + shift * (T == 0));
            assert_same(out.half_width, 0);
            task = task_of(&c, &law, bent);
            assert_int_equal(sb_estimate(&task, &out), 0);
            assert_int_equal(out.method, SB_CLOSED_FORM);
            assert_same(out.value, sign * signal * coefficient + shift * mean_bent);
            assert_same(out.half_width, 0);
        }
        cube_close(&c);
    }
}

/* Conjunctions of 62 dimensions: y times a literal of it, of another variable, and a character. */
static void test_dimension_62_conjunction(void **state)
{
    struct cube c = cube_new(false, 62, 3, 0, false, false);
    struct sb_estimate out;
    struct sb_estimate_task task;
    struct sb_law law;

    (void)state;
    cube_open(&c);
    law_of(&c, 0, &law); /* x0 and x1 and x2 */
    task = task_of(&c, &law, parsed(&c, "y*x2"));
    assert_int_equal(sb_estimate(&task, &out), 0);
    assert_same(out.value, 1.0 / 8);
    task.expr = parsed(&c, "y*x61");
    assert_int_equal(sb_estimate(&task, &out), 0);
    assert_same(out.value, 1.0 / 16);
    task.expr = parsed(&c, "y*chi(0,1)/2-y*chi(0,1,2)/4+y*chi(60)/8");
    assert_int_equal(sb_estimate(&task, &out), 0);
    assert_same(out.value, 1.0 / 16 + 1.0 / 32);
    assert_same(out.half_width, 0);
    cube_close(&c);
}

/* Coverage and stopping of Monte Carlo at known means. delta = 0.2: misses of 200 runs are at most
 * Binomial(200, 0.2), so more than 40 + 6 sqrt(32) = 74 of them have probability below 1e-8 a line.
 * The sum of the errors over their true deviations is near N(0, 200): beyond 6 sqrt(200) is a bias
 * (below 2e-9, stopping aside); where the query is rare the middle of the interval leans to the side
 * of the tail, by half a deviation or so. */
static void monte_carlo_case(const char *text, uint32_t rule, double value, double share, bool rare)
{
    struct cube c = cube_new(true, 6, 0, 0.25, false, false);
    struct sb_estimate out;
    struct sb_estimate_task task;
    struct sb_law law;
    cube_wide mean, second;
    int misses = 0, variance_misses = 0;
    double drift = 0;
    sb_expr e;

    cube_open(&c);
    e = parsed(&c, text);
    mean = cube_mean(&c, 21, e, 1);
    second = cube_mean(&c, 21, e, 2);
    law_of(&c, 21, &law);
    task = task_of(&c, &law, e);
    task.tolerance = (struct sb_tolerance){ rule, value };
    task.lo = rule == SB_RULE_STAT ? -1 : 0;
    task.share = share;
    for (int i = 0; i < 200; i++) {
        const double p = (double)mean, variance = (double)(second - mean * mean);
        const double root = sqrt((rule == SB_RULE_VARIANCE ? variance : p * (1 - p)) / value);
        const double tolerance = rule == SB_RULE_STAT ? value : root > 1 / value ? root : 1 / value;
        double gap;

        task.key = sb_key_derive("test", &i, sizeof i);
        assert_int_equal(sb_estimate_monte_carlo(&task, &out), 0);
        assert_int_equal(out.method, SB_MONTE_CARLO);
        gap = fabs(out.value - p);
        misses += gap > out.half_width;
        variance_misses += out.variance_lb > variance;
        if (gap <= out.half_width && out.variance_lb <= variance)
            assert_true(out.half_width <= share * tolerance * (1 + 1e-12));
        if (variance > 1e-9)
            drift += (out.value - p) / sqrt(variance / (double)out.samples);
    }
    assert_true(misses <= 74 && variance_misses <= 74);
    assert_true(fabs(drift) <= (rare ? 200 : 6 * sqrt(200)));
    cube_close(&c);
}

static void test_monte_carlo(void **state)
{
    (void)state;
    monte_carlo_case("chi(0)", SB_RULE_STAT, 0.2, 0.5, false); /* two points, both edges */
    monte_carlo_case("1+0*x0", SB_RULE_STAT, 0.1, 0.1, false); /* no variance, at the edge */
    monte_carlo_case("x0*x1*x2*x3*x4*x5", SB_RULE_BERNOULLI, 40, 0.5, true); /* rare */
    monte_carlo_case("1-x0*x1*x2*x3*x4*x5", SB_RULE_BERNOULLI, 40, 0.9, true);
    monte_carlo_case("2*x0*x1*x2*x3-1", SB_RULE_STAT, 0.2, 0.3, false);
    monte_carlo_case("(1+y*chi(0,2,4))/2", SB_RULE_VARIANCE, 50, 0.5, false);
    monte_carlo_case("0.4+0.1*x1", SB_RULE_VARIANCE, 50, 0.5, false);
    monte_carlo_case("x0*x1*x2", SB_RULE_VARIANCE, 30, 0.5, false);
    monte_carlo_case("0.1*y*chi(0,2,4)+0.3*x0", SB_RULE_STAT, 0.05, 0.5, false);
}

/* A query of mean 2^-13 that most first looks do not see at all: their variance is 0, and only the
 * bound's term for the unseen covers the mean. delta = 0.2: more than 74 misses of 200 have probability
 * below 1e-8; without that term about 120 are expected. */
static void test_the_unseen_is_covered(void **state)
{
    struct cube c = cube_new(true, 14, 0, 0, false, false);
    struct sb_law law;
    struct sb_estimate_task task;
    int misses = 0;
    sb_expr e;

    (void)state;
    cube_open(&c);
    e = parsed(&c, "x0*x1*x2*x3*x4*x5*x6*x7*x8*x9*x10*x11*x12");
    law_of(&c, 1, &law);
    task = task_of(&c, &law, e);
    task.tolerance = (struct sb_tolerance){ SB_RULE_STAT, 0.01 };
    for (int i = 0; i < 200; i++) {
        struct sb_estimate out;

        task.key = sb_key_derive("unseen", &i, sizeof i);
        assert_int_equal(sb_estimate_monte_carlo(&task, &out), 0);
        misses += fabs(out.value - 0x1p-13) > out.half_width;
    }
    assert_true(misses <= 74);
    cube_close(&c);
}

/* A member that a query does not tell from the null takes as many examples as the null does, though
 * its labels are certain and the null's are coins: who reads a clock learns next to nothing from them.
 * Key fixed. */
static void test_samples_tell_nothing(void **state)
{
    static const double tau[] = { 0.2, 0.05, 0.02, 0.01 };
    struct cube c = cube_new(true, 6, 0, 0, false, false);
    sb_expr e;

    (void)state;
    cube_open(&c);
    e = parsed(&c, "max(0,y)*x0");
    for (size_t i = 0; i < SB_COUNT(tau); i++) {
        struct sb_estimate member, null;
        struct sb_estimate_task task;
        struct sb_law law;

        law_of(&c, 63, &law);
        task = task_of(&c, &law, e);
        task.lo = -1;
        task.hi = 1;
        task.tolerance = (struct sb_tolerance){ SB_RULE_STAT, tau[i] };
        assert_int_equal(sb_estimate_monte_carlo(&task, &member), 0);
        c.family->null_law(c.family, &law);
        assert_int_equal(sb_estimate_monte_carlo(&task, &null), 0);
        assert_near((double)member.samples, (double)null.samples,
                    256 + 0.06 * (double)null.samples);
    }
    cube_close(&c);
}

/* Two estimates of Binomial(30, 1/2) tails, which only sampling reaches: within the half-width,
 * delta = 1e-9 each. Majorities with a parity on all coordinates alternate in sign. */
static void test_dimension_30(void **state)
{
    struct cube c = cube_new(true, 30, 0, 0, false, false);
    double tail = 0, signed_tail = 0, ones[30];
    const double all = (double)(1 << 30);
    uint64_t choose = 1;
    struct sb_estimate out;
    struct sb_estimate_task task;
    struct sb_law law;
    sb_expr e;

    (void)state;
    cube_open(&c);
    for (uint64_t j = 0; j <= 30; j++) {
        if (j >= 17)
            tail += (double)choose / all;
        if (j >= 17)
            signed_tail += (j & 1 ? -1 : 1) * (double)choose / all;
        choose = choose * (30 - j) / (j + 1);
    }
    for (int j = 0; j < 30; j++)
        ones[j] = 1;
    e = sb_pool_op(c.pool, SB_DOT, ones, 30, NULL, 0);
    e = cube_op(&c, SB_STEP, cube_op(&c, SB_SUB, e, cube_const(&c, 17)), 0);
    law_of(&c, (1 << 30) - 1, &law);
    task = task_of(&c, &law, e);
    task.delta = 1e-9;
    assert_int_equal(sb_estimate(&task, &out), 0);
    assert_int_equal(out.method, SB_MONTE_CARLO);
    assert_near(out.value, tail, out.half_width);
    assert_true(out.half_width <= 0.05);
    task.expr = cube_op(&c, SB_MUL, e, sb_pool_op(c.pool, SB_Y, NULL, 0, NULL, 0));
    assert_int_equal(sb_estimate(&task, &out), 0);
    assert_near(out.value, signed_tail, out.half_width);
    task.tolerance.value = 1e-6; /* more than SB_SAMPLES_MAX: refused, for every law */
    for (uint64_t m = 0; m < 4; m++) {
        c.family->law(c.family, m * 12345, false, &law);
        assert_int_equal(sb_estimate(&task, &out), SB_REFUSED);
    }
    c.family->null_law(c.family, &law);
    assert_int_equal(sb_estimate(&task, &out), SB_REFUSED);
    cube_close(&c);
}

/* variance_lb by the exact routes: never above the variance, and near it. */
static void test_exact_variance(void **state)
{
    struct rng r = { 5 };

    (void)state;
    for (int trial = 0; trial < 150; trial++) {
        struct cube c = cube_random_family(&r, 5);
        struct sb_estimate_task task;
        struct sb_estimate out;
        struct sb_law law;
        cube_wide mean, variance;
        int64_t m;

        cube_open(&c);
        m = (int64_t)(rng_next(&r) % c.n);
        law_of(&c, m, &law);
        task = task_of(&c, &law, cube_query(&c, &r, 0));
        task.tolerance = (struct sb_tolerance){ SB_RULE_VARIANCE, 100 };
        assert_int_equal(sb_estimate(&task, &out), 0);
        mean = cube_mean(&c, m, task.expr, 1);
        variance = cube_mean(&c, m, task.expr, 2) - mean * mean;
        assert_true(out.variance_lb <= variance || out.variance_lb == 0);
        if (out.method != SB_MONTE_CARLO)
            assert_near(out.variance_lb, (double)variance, 1e-12);
        cube_close(&c);
    }
}

/* max(1/t, sqrt(p(1-p)/t)) over an interval, against its least over 100 points; ties are exact. */
static void test_tolerances(void **state)
{
    struct rng r = { 6 };

    (void)state;
    for (int trial = 0; trial < 3000; trial++) {
        const double t = 1 + floor(rng_uniform(&r) * 50);
        const double lo = rng_uniform(&r) * 1.2 - 0.1, hi = lo + rng_uniform(&r) * 0.1;
        const double got =
            sb_tolerance_lb((struct sb_tolerance){ SB_RULE_BERNOULLI, t }, lo, hi, 0);

        assert_true((cube_wide)got * t >= 1 - (cube_wide)0x1p-50);
        for (int i = 0; i <= 100; i++) {
            const double p = fmin(1, fmax(0, lo + (hi - lo) * i / 100));
            const cube_wide g = got, var = (cube_wide)p * (1 - (cube_wide)p);

            assert_true(g * t <= 1 || g * g * t <= var || (hi > 1 || lo < 0));
        }
    }
    assert_same(sb_tolerance_lb((struct sb_tolerance){ SB_RULE_BERNOULLI, 4 }, 0, 0, 0), 0.25);
    assert_same(sb_tolerance_lb((struct sb_tolerance){ SB_RULE_STAT, 0.3 }, 0, 0, 0), 0.3);
}

/* S2-D2: with the variance under the root VSTAT's tolerance is that with p(1-p) where a query is 0 or 1, and never above
 * it, for Var f = E f^2 - p^2 <= p - p^2. Means over 16 values that are eighths: without any rounding. */
static void test_two_vstats(void **state)
{
    struct rng r = { 16 };

    (void)state;
    for (int trial = 0; trial < 2000; trial++) {
        const double t = 1 + floor(rng_uniform(&r) * 1000);
        const bool boolean = trial % 2;
        double p = 0, second = 0, by_variance, by_mean;

        for (int i = 0; i < 16; i++) {
            const double v = boolean ? floor(rng_uniform(&r) * 2) : floor(rng_uniform(&r) * 9) / 8;

            p += v / 16;
            second += v * v / 16;
        }
        by_variance =
            sb_tolerance_lb((struct sb_tolerance){ SB_RULE_VARIANCE, t }, p, p, second - p * p);
        by_mean = sb_tolerance_lb((struct sb_tolerance){ SB_RULE_BERNOULLI, t }, p, p, 0);
        assert_true(by_variance <= by_mean * (1 + 0x1p-50) && by_variance > 0.999 / t);
        if (boolean)
            assert_near(by_variance, by_mean, 0x1p-50); /* rounded inward, either */
    }
}

/* The sampler against its declared chances: over all (x, y) of d = 4, 40,000 draws, chi-squared
 * with at most 31 degrees of freedom: Pr[> 100] < 1e-8; nothing where the chance is 0. */
static void test_sampler(void **state)
{
    enum { N = 40000 };
    static uint64_t bits[N];
    static double y[N];
    const struct sb_points points = { .bits = bits };
    struct rng r = { 8 };

    (void)state;
    for (int trial = 0; trial < 24; trial++) {
        struct cube c = cube_random_family(&r, 4);
        const int64_t m = trial % 4 ? (int64_t)(rng_next(&r) % c.n) : CUBE_NULL;
        double count[16][2] = { { 0 } }, chi_squared = 0;
        struct sb_law law;

        cube_open(&c);
        law_of(&c, m, &law);
        sb_law_sample(&law, sb_key_derive("test", &trial, sizeof trial), 7, N, &points, y);
        for (int i = 0; i < N; i++) {
            assert_true(bits[i] >> c.dim == 0);
            assert_true(y[i] == cube_label_set(&c, 0) || y[i] == 1);
            count[bits[i]][y[i] == 1]++;
        }
        for (uint64_t x = 0; x < UINT64_C(1) << c.dim; x++)
            for (int l = 0; l < 2; l++) {
                const double chance = (double)cube_chance(&c, m, x, cube_label_set(&c, l));
                const double want = N * chance / (1 << c.dim);

                if (chance == 0)
                    assert_same(count[x][l], 0);
                else
                    chi_squared += (count[x][l] - want) * (count[x][l] - want) / want;
            }
        assert_true(chi_squared < 100);
        cube_close(&c);
    }
}

/* A law of product form behind a class's functions: nothing is known of it but those. */
static struct sb_law wrapped;

static void wrapped_points(const struct sb_law *law, struct sb_key key, uint64_t stream,
                           uint64_t start, uint64_t n, const struct sb_points *out)
{
    (void)law;
    sb_law_points(&wrapped, key, stream, start, n, out);
}

static void wrapped_weights(const struct sb_law *law, const struct sb_block *block, uint32_t l,
                            double *out)
{
    (void)law;
    sb_law_weights(&wrapped, block, l, out);
}

static void wrapped_sample(const struct sb_law *law, struct sb_key key, uint64_t start, uint64_t n,
                           const struct sb_points *out, double *y)
{
    (void)law;
    sb_law_sample(&wrapped, key, start, n, out, y);
}

static const struct sb_law_class wrapper = { .points = wrapped_points,
                                             .weights = wrapped_weights,
                                             .sample = wrapped_sample };

/* The general routes give what the product's give: enumeration the same value within both radii, Monte
 * Carlo the same number from the same draws. */
static void test_general_laws(void **state)
{
    struct rng r = { 51 };
    int n_closed = 0;

    (void)state;
    for (int trial = 0; trial < 60; trial++) {
        struct cube c = cube_random_family(&r, 6);
        const struct sb_law general = { .class = &wrapper, .dim = c.dim };
        struct sb_estimate_task product, task;
        struct sb_estimate a, b;
        int64_t m;
        sb_expr e;

        cube_open(&c);
        m = trial % 5 ? (int64_t)(rng_next(&r) % c.n) : CUBE_NULL;
        law_of(&c, m, &wrapped);
        e = cube_query(&c, &r, -1);
        product = task_of(&c, &wrapped, e);
        task = task_of(&c, &general, e);
        assert_int_equal(sb_estimate_closed_form(&task, &b), 1);
        assert_int_equal(sb_estimate_enumeration(&task, &b), 0);
        assert_contains(&c, m, e, &b, cube_mean(&c, m, e, 1));
        n_closed += b.half_width == 0;
        assert_int_equal(sb_estimate(&task, &a), 0);
        assert_int_equal(a.method, SB_ENUMERATION);
        assert_int_equal(sb_estimate_monte_carlo(&product, &a), 0);
        assert_int_equal(sb_estimate_monte_carlo(&task, &b), 0);
        assert_same(a.value, b.value);
        assert_same(a.half_width, b.half_width);
        assert_int_equal(a.samples, b.samples);
        task.tolerance = (struct sb_tolerance){ SB_RULE_VARIANCE, 9 };
        assert_int_equal(sb_estimate(&task, &b), 0);
        assert_true((cube_wide)b.variance_lb <=
                    cube_mean(&c, m, e, 2) - cube_mean(&c, m, e, 1) * cube_mean(&c, m, e, 1) +
                        (cube_wide)0x1p-100);
        cube_close(&c);
    }
    assert_true(n_closed > 10); /* exact where every weight is 0, 1/2 or 1 */
}

/* Beyond 24 coordinates a general law is sampled. */
static void test_general_laws_of_dimension_30(void **state)
{
    struct cube c = cube_new(true, 30, 0, 0, false, false);
    const struct sb_law general = { .class = &wrapper, .dim = 30 };
    struct sb_estimate_task task;
    struct sb_estimate got;

    (void)state;
    cube_open(&c);
    law_of(&c, 77, &wrapped);
    task =
        task_of(&c, &general,
                cube_op(&c, SB_MUL, sb_pool_op(c.pool, SB_Y, NULL, 0, NULL, 0), cube_chi(&c, 77)));
    assert_int_equal(sb_estimate(&task, &got), 0);
    assert_int_equal(got.method, SB_MONTE_CARLO);
    assert_near(got.value, 1, got.half_width);
    cube_close(&c);
}

/* A law over columns: x uniform over {0..4}^3, a label of three by a table of chances, or real ones. */
static const double three[] = { -0.5, 0.25, 1 };

static uint64_t place_of(const struct sb_points *p, uint64_t i)
{
    return (uint64_t)p->x[0][i] * 25 + (uint64_t)p->x[1][i] * 5 + (uint64_t)p->x[2][i];
}

static double chance_of(uint64_t place, uint32_t l)
{
    const double first = (double)(place % 7) / 8, second = (1 - first) * (double)(place % 3) / 4;

    return l == 0 ? first : l == 1 ? second : 1 - first - second;
}

static void column_points(const struct sb_law *law, struct sb_key key, uint64_t stream,
                          uint64_t start, uint64_t n, const struct sb_points *out)
{
    (void)law;
    for (uint64_t i = 0; i < n; i++) {
        uint64_t word;

        sb_random_words(key, stream, start + i, 1, &word);
        out->x[0][i] = (double)(word % 5);
        out->x[1][i] = (double)(word / 5 % 5);
        out->x[2][i] = (double)(word / 25 % 5);
    }
}

static void column_weights(const struct sb_law *law, const struct sb_block *block, uint32_t l,
                           double *out)
{
    (void)law;
    for (uint64_t i = 0; i < block->n; i++)
        out[i] = chance_of((uint64_t)block->x[0][i] * 25 + (uint64_t)block->x[1][i] * 5 +
                               (uint64_t)block->x[2][i],
                           l);
}

/* real labels: place/125, and a uniform in [0,1) on top */
static void column_sample(const struct sb_law *law, struct sb_key key, uint64_t start, uint64_t n,
                          const struct sb_points *out, double *y)
{
    column_points(law, key, 0, start, n, out);
    sb_random_uniform(key, 1, start, n, y);
    for (uint64_t i = 0; i < n; i++)
        y[i] += (double)place_of(out, i) / 125;
}

static const struct sb_law_class columns = { .points = column_points, .weights = column_weights };
static const struct sb_law_class real_columns = { .points = column_points,
                                                  .sample = column_sample };

/* E of an expression by going through x, and through 200 places of [0,1) where labels are real. */
static double column_mean(const struct sb_pool *pool, sb_expr e)
{
    const bool real = sb_pool_space(pool)->n_labels == 0;
    const uint64_t n = real ? 200 : 3;
    struct sb_program *program = sb_program_new(pool, e);
    double mean = 0, x[3][200], y[200], v[200];
    const double *const column[3] = { x[0], x[1], x[2] };
    const struct sb_block block = { .n = n, .x = column, .y = y };

    for (uint64_t place = 0; place < 125; place++) {
        for (uint64_t l = 0; l < n; l++) {
            x[0][l] = (double)(place / 25);
            x[1][l] = (double)(place / 5 % 5);
            x[2][l] = (double)(place % 5);
            y[l] = real ? (double)place / 125 + ((double)l + 0.5) / 200 : three[l];
        }
        sb_program_run(program, &block, v);
        for (uint64_t l = 0; l < n; l++)
            mean += v[l] * (real ? 1.0 / 200 : chance_of(place, (uint32_t)l)) / 125;
    }
    sb_program_free(program);
    return mean;
}

static const char *const column_text[] = { "y*lt(x0,2)", "clip(y+x1/8,-1,1)", "sin(x2)*y",
                                           "near(x0,x1,1)*y" };

static const struct sb_space column_spaces[2] = {
    { .domain = SB_ZQ, .dim = 3, .modulus = 5, .n_labels = 3, .labels = three },
    { .domain = SB_ZQ, .dim = 3, .modulus = 5 },
};

static sb_expr column_query(struct sb_pool *pool, int which)
{
    const double ends[2] = { -1, 1 };
    const sb_expr inner = sb_expr_parse(pool, column_text[which], NULL);

    return sb_pool_op(pool, SB_CLIP, ends, 2, &inner, 1);
}

/* Off by more than the half-width with probability 1e-6; by a third of it, about as rarely, because the
 * bound is that coarse at these sizes. */
static void test_columns(void **state)
{
    (void)state;
    for (int real = 0; real < 2; real++) {
        struct sb_pool *pool = sb_pool_new(&column_spaces[real]);
        const struct sb_law law = { .class = real ? &real_columns : &columns, .dim = 3 };

        for (int k = 0; k < 4; k++) {
            const sb_expr e = column_query(pool, k);
            const struct sb_estimate_task task = { .law = &law,
                                                   .pool = pool,
                                                   .expr = e,
                                                   .lo = -1,
                                                   .hi = 1,
                                                   .tolerance = { SB_RULE_STAT, 0.05 },
                                                   .share = 0.5,
                                                   .delta = 1e-6,
                                                   .key = { { 1, 2 } },
                                                   .stream = (uint64_t)k };
            struct sb_estimate got;

            assert_int_equal(sb_estimate(&task, &got), 0);
            assert_int_equal(got.method, SB_MONTE_CARLO);
            assert_true(got.half_width <= 0.025);
            assert_near(got.value, column_mean(pool, e), got.half_width / 3 + 1e-4);
        }
        sb_pool_free(pool);
    }
}

/* A callback that evaluates an expression over columns, every label in turn. */
struct evaluated {
    struct sb_program *program;
    const struct sb_space *space;
};

static int evaluated_values(void *self, const struct sb_block *blocks, size_t n_blocks, bool labels,
                            double *out)
{
    const struct evaluated *f = self;
    double y[SB_BLOCK];

    assert_true(labels);
    for (size_t b = 0; b < n_blocks; b++)
        for (uint64_t l = 0; l < f->space->n_labels; l++) {
            struct sb_block block = blocks[b];

            for (uint64_t i = 0; i < block.n; i++)
                y[i] = f->space->labels[l];
            block.y = y;
            sb_program_run(f->program, &block, out + (b * f->space->n_labels + l) * SB_BLOCK);
        }
    return 0;
}

/* Public points over columns, three labels: as the law says (1e-6), and as Monte Carlo has it. */
static void test_callbacks_over_columns(void **state)
{
    const struct sb_law law = { .class = &columns, .dim = 3 };
    struct sb_pool *pool = sb_pool_new(&column_spaces[0]);

    (void)state;
    for (int k = 0; k < 4; k++) {
        const sb_expr e = column_query(pool, k);
        struct evaluated f = { sb_program_new(pool, e), &column_spaces[0] };
        const struct sb_callback callback = { &f, "", evaluated_values };
        const struct sb_public_task task = { .space = &column_spaces[0],
                                             .callback = &callback,
                                             .law = { &law, &law },
                                             .lo = -1,
                                             .hi = 1,
                                             .lipschitz = INFINITY,
                                             .tolerance = { SB_RULE_STAT, 0.05 },
                                             .share = 0.5,
                                             .delta = 1e-6 };
        struct sb_public_result result;

        assert_int_equal(sb_public_points(&task, &result), 0);
        assert_int_equal(result.estimate[0].method, SB_PUBLIC_POINTS);
        assert_true(result.estimate[0].half_width <= 0.025);
        assert_near(result.estimate[0].value, column_mean(pool, e), result.estimate[0].half_width);
        assert_same(result.estimate[0].value, result.estimate[1].value);
        sb_program_free(f.program);
    }
    sb_pool_free(pool);
}

/* Z_5^3 as a finite domain: points by number, expressions by enumeration, callbacks at every point. */
static const struct sb_space whole_columns = {
    .domain = SB_ZQ, .dim = 3, .modulus = 5, .uniform = true, .n_labels = 3, .labels = three
};

static void test_numbered_points(void **state)
{
    const struct sb_space large = { .domain = SB_ZQ, .dim = 11, .modulus = 5, .uniform = true };
    struct sb_space space = whole_columns;
    struct sb_point_room room;

    (void)state;
    assert_int_equal(sb_space_size(&space), 125);
    space.uniform = false;
    assert_int_equal(sb_space_size(&space), 0);
    assert_int_equal(sb_space_size(&large), 0); /* 5^11 > 2^24 */
    assert_int_equal(sb_point_room_init(&room, &whole_columns), 0);
    for (uint64_t start = 0; start < 125; start += 31) {
        const uint64_t n = 125 - start < 31 ? 125 - start : 31;

        sb_point_room_domain(&room, start, n);
        assert_int_equal(room.block.n, n);
        for (uint64_t i = 0; i < n; i++) {
            assert_same(room.x[0][i], (double)((start + i) % 5));
            assert_same(room.x[1][i], (double)((start + i) / 5 % 5));
            assert_same(room.x[2][i], (double)((start + i) / 25));
            assert_int_equal(sb_point_number(&whole_columns, &room.block, i), start + i);
        }
    }
    sb_point_room_fini(&room);
}

static void test_all_columns(void **state)
{
    const struct sb_law law = { .class = &columns, .dim = 3 };
    struct sb_pool *pool = sb_pool_new(&whole_columns);

    (void)state;
    for (int k = 0; k < 4; k++) {
        const sb_expr e = column_query(pool, k);
        struct evaluated f = { sb_program_new(pool, e), &whole_columns };
        const struct sb_callback callback = { &f, "", evaluated_values };
        double keep[3 * 125];
        const struct sb_public_task call = { .space = &whole_columns,
                                             .callback = &callback,
                                             .law = { &law, &law },
                                             .lo = -1,
                                             .hi = 1,
                                             .lipschitz = INFINITY,
                                             .keep = keep,
                                             .tolerance = { SB_RULE_STAT, 0.05 },
                                             .share = 0.5,
                                             .delta = 1e-6 };
        const struct sb_estimate_task task = { .law = &law,
                                               .pool = pool,
                                               .expr = e,
                                               .lo = -1,
                                               .hi = 1,
                                               .tolerance = { SB_RULE_STAT, 0.05 },
                                               .share = 0.5,
                                               .delta = 1e-6 };
        const double truth = column_mean(pool, e);
        struct sb_public_result result;
        struct sb_estimate got;
        double kept = 0;

        assert_int_equal(sb_estimate(&task, &got), 0);
        assert_int_equal(got.method, SB_ENUMERATION);
        assert_true(got.half_width > 0 && got.half_width < 1e-14);
        assert_near(got.value, truth, 1e-13);
        assert_int_equal(sb_public_points(&call, &result), 0);
        assert_int_equal(result.estimate[0].method, SB_PUBLIC_DOMAIN);
        assert_int_equal(result.n_points, 125);
        assert_near(result.estimate[0].value, truth, 1e-13);
        for (uint64_t x = 0; x < 125;
             x++) /* chance_of numbers points from the last coordinate on */
            for (uint32_t l = 0; l < 3; l++)
                kept += keep[l * 125 + x] * chance_of(x % 5 * 25 + x / 5 % 5 * 5 + x / 25, l) / 125;
        assert_near(kept, truth, 1e-13);
        sb_program_free(f.program);
    }
    sb_pool_free(pool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_general_laws),
        cmocka_unit_test(test_general_laws_of_dimension_30),
        cmocka_unit_test(test_columns),
        cmocka_unit_test(test_callbacks_over_columns),
        cmocka_unit_test(test_numbered_points),
        cmocka_unit_test(test_all_columns),
        cmocka_unit_test(test_exact_routes),
        cmocka_unit_test(test_hard_arithmetic),
        cmocka_unit_test(test_few_forms),
        cmocka_unit_test(test_route_is_public),
        cmocka_unit_test(test_dimension_63),
        cmocka_unit_test(test_monte_carlo),
        cmocka_unit_test(test_the_unseen_is_covered),
        cmocka_unit_test(test_samples_tell_nothing),
        cmocka_unit_test(test_dimension_62_conjunction),
        cmocka_unit_test(test_dimension_30),
        cmocka_unit_test(test_exact_variance),
        cmocka_unit_test(test_tolerances),
        cmocka_unit_test(test_two_vstats),
        cmocka_unit_test(test_sampler),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
