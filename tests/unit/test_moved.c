/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Laws that move x, and examples without labels: every route to an expectation against integrals and sums of the
 * tests' own, half-widths against the inequalities that they are of, and that nothing public hangs on who is hidden. */
#include "favoured.h"

#include "bounds/correlate.h"
#include "estimate/loss.h"
#include "estimate/public_bets.h"

#include <errno.h>

enum { PUBLIC_MEMBERS = 3 };

static double step0(double x)
{
    return x >= 0;
}

static double clip0(double x)
{
    return x < -1 ? -1 : x > 1 ? 1 : x;
}

static double shelf(double x)
{
    return 0.5 + 0.25 * (x >= 1);
}

static const struct {
    favoured_query *g;
    const char *text;
    double lo, hi;
} queries[] = { { step0, "step(x0)", 0, 1 },
                { clip0, "clip(x0, -1, 1)", -1, 1 },
                { shelf, "0.5 + 0.25 * step(x0 - 1)", 0, 1 } };

static sb_expr parse(const struct favoured *f, const char *text)
{
    struct sb_diag diag;
    sb_expr e;

    sb_diag_init(&diag);
    e = sb_expr_parse(f->c.pool, text, &diag);
    if (!e)
        fail_msg("%s: %s", text, diag.items[0].text);
    sb_diag_fini(&diag);
    return e;
}

static void any_law(const struct favoured *f, int64_t member, struct sb_law *out)
{
    if (member == CUBE_NULL)
        f->family.null_law(&f->family, out);
    else
        f->family.law(&f->family, (uint64_t)member, false, out);
}

/* ---- what is public of such laws ---- */

/* Weights and values on 8 points, at random. */
struct discrete {
    double p[8], w[8], f[8];
    double square, most;
};

static struct discrete draw_discrete(struct rng *r)
{
    struct discrete d = { .square = 0 };
    double mass = 0, mean = 0;

    for (int i = 0; i < 8; i++) {
        d.p[i] = rng_uniform(r) * rng_uniform(r) + 1e-3;
        d.w[i] = rng_below(r, 3) ? rng_uniform(r) : 20 * rng_uniform(r);
        d.f[i] = rng_below(r, 3) ? (rng_below(r, 2) ? 0.75 : -0.5) : 1.25 * rng_uniform(r) - 0.5;
        mass += d.p[i];
    }
    for (int i = 0; i < 8; i++)
        mean += d.p[i] / mass * d.w[i];
    for (int i = 0; i < 8; i++) {
        d.p[i] /= mass;
        d.w[i] /= mean;
        d.square += d.p[i] * d.w[i] * d.w[i];
        d.most = d.w[i] > d.most ? d.w[i] : d.most;
    }
    return d;
}

static void test_bounds(void **state)
{
    struct rng r = { 11 };

    (void)state;
    for (int trial = 0; trial < 2000; trial++) {
        const struct discrete d = draw_discrete(&r);
        const struct sb_law law = { .moves_x = true,
                                    .most_weight = d.most,
                                    .weight_square = trial % 2 ? d.square : 0 };
        const struct sb_moved m = sb_moved_bounds(&law, -0.5, 0.75);
        double mean = 0, plain = 0, variance = 0;

        for (int i = 0; i < 8; i++) {
            plain += d.p[i] * d.f[i];
            mean += d.p[i] * (m.centre + d.w[i] * (d.f[i] - m.centre));
        }
        for (int i = 0; i < 8; i++) {
            const double v = m.centre + d.w[i] * (d.f[i] - m.centre);

            variance += d.p[i] * (v - mean) * (v - mean);
            assert_true(fabs(v - mean) <= m.deviation);
        }
        assert_true(variance <= m.variance);
        assert_true(fabs(mean - plain) <=
                    sb_moved_shift(&law, -0.5, 0.75, plain - 0.01, plain + 0.01));
    }
}

/* The half-width is where the supermartingale of Bennett's inequality, in long doubles, has shown enough: whatever bets
 * there were, for numbers of any law whose variance is at most what it is told. */
static void test_half_widths(void **state)
{
    struct rng r = { 12 };

    (void)state;
    for (int trial = 0; trial < 200; trial++) {
        const double delta = 1e-3, b = 0.5 + 10 * rng_uniform(&r);
        const struct sb_moved moved = { 0, b, b * b * rng_uniform(&r) * rng_uniform(&r) + 1e-3 };
        struct sb_public_bets bets;
        long double total = 0, lost = 0, half;
        double h;

        sb_public_bets_init_moved(&bets, &moved, delta, 0.1);
        for (int k = 0; k < 12; k++) {
            const double bet = sb_public_bets_weight(&bets);
            const long double u = bet; /* l b */

            total += 400 * bet;
            lost += 400 * (long double)moved.variance / ((long double)b * b) * (expl(u) - 1 - u);
            sb_public_bets_add(&bets, 400, 1e9);
            sb_public_bets_aim(&bets, 0.5 * rng_uniform(&r) * rng_uniform(&r) + 0.005);
        }
        assert_near((double)total, sb_public_bets_total(&bets), 1e-9);
        half = b * (logl(2 / (long double)delta) + lost) / total;
        h = sb_public_bets_half_width(&bets, 1);
        assert_true(h >= half && h <= half * 1.6L); /* 3/(3 - u) at most above Bennett's */
    }
}

/* ---- routes ---- */

static void test_monte_carlo(void **state)
{
    const double tolerance = getenv("STATBED_TEST_VALGRIND") ? 0.1 : 0.03;
    struct favoured f;

    (void)state;
    favoured_open(&f, false);
    for (int64_t member = CUBE_NULL; member < PUBLIC_MEMBERS; member++)
        for (size_t q = 0; q < 2; q++) {
            struct sb_law law;
            struct sb_estimate e;
            const struct sb_estimate_task task = { .law = &law,
                                                   .pool = f.c.pool,
                                                   .expr = parse(&f, queries[q].text),
                                                   .lo = queries[q].lo,
                                                   .hi = queries[q].hi,
                                                   .tolerance = { SB_RULE_STAT, tolerance },
                                                   .share = 1,
                                                   .delta = 1e-7 };

            any_law(&f, member, &law);
            assert_int_equal(sb_estimate(&task, &e), 0);
            assert_int_equal(e.method, SB_MONTE_CARLO);
            assert_true(e.half_width <= tolerance);
            assert_near(e.value, favoured_mean(&f, member, queries[q].g, 1), e.half_width);
        }
    favoured_close(&f);
}

/* As a callback: g(x_0); and all that it is shown. */
struct shown {
    struct sb_callback callback;
    favoured_query *g;
    bool cube;
    const struct favoured *f;
    sb_expr e;
    struct sb_hash seen;
};

static int shown_values(void *self, const struct sb_block *blocks, size_t n_blocks, bool labels,
                        double *out)
{
    struct shown *s = self;

    assert_true(labels);
    for (size_t b = 0; b < n_blocks; b++)
        for (uint64_t i = 0; i < blocks[b].n; i++) {
            double *to = &out[b * SB_BLOCK + i];

            if (s->f) {
                *to = cube_eval(&s->f->c, s->e, blocks[b].bits[i], 0);
                continue;
            }
            *to = s->g(blocks[b].x[0][i]);
            sb_hash_bytes(&s->seen, &blocks[b].x[0][i], sizeof(double));
        }
    return 0;
}

/* At most so far may an answer be, where the mean is p and the second moment s. */
static double tolerance(struct sb_tolerance t, double p, double s)
{
    const double spread = t.rule == SB_RULE_VARIANCE ? s - p * p : p * (1 - p);

    return t.rule == SB_RULE_STAT ? t.value : fmax(1 / t.value, sqrt(fmax(spread, 0) / t.value));
}

static void check_pass(const struct favoured *f, size_t q, int64_t member,
                       struct sb_tolerance granted, const struct sb_public_result *got)
{
    const double p[2] = { favoured_mean(f, member, queries[q].g, 1),
                          favoured_mean(f, CUBE_NULL, queries[q].g, 1) };
    const double s[2] = { favoured_mean(f, member, queries[q].g, 2),
                          favoured_mean(f, CUBE_NULL, queries[q].g, 2) };

    for (int a = 0; a < SB_PUBLIC_LAWS; a++) {
        const struct sb_estimate *e = &got->estimate[a];

        assert_near(e->value, p[a], e->half_width);
        assert_true(e->half_width <= tolerance(granted, p[a], s[a]));
        assert_true(e->variance_lb <= s[a] - p[a] * p[a]);
        assert_int_equal(e->method, SB_PUBLIC_POINTS);
    }
    /* the means of all members could be where the null's is, to the half-width of anybody */
    for (uint64_t i = 0; i < f->family.n_members; i++)
        assert_true(got->estimate[0].half_width <=
                    tolerance(granted, favoured_mean(f, (int64_t)i, queries[q].g, 1),
                              favoured_mean(f, (int64_t)i, queries[q].g, 2)));
}

/* One pass is the same for all of them, but for the value of whoever is hidden. */
static void test_public_points(void **state)
{
    static const struct sb_tolerance granted[] = { { SB_RULE_STAT, 0.1 },
                                                   { SB_RULE_BERNOULLI, 100 },
                                                   { SB_RULE_VARIANCE, 20 } };
    struct favoured f;

    (void)state;
    favoured_open(&f, false);
    for (size_t k = 0; k < 6; k += getenv("STATBED_TEST_VALGRIND") ? 2 : 1) {
        const size_t q = k < 3 ? 0 : k == 3 ? 1 : 2;
        const struct sb_tolerance t = granted[k % 3];
        struct sb_public_result first = { .n_points = 0 };
        struct sb_digest seen = { { 0 } }, now;

        for (int64_t member = CUBE_NULL; member < PUBLIC_MEMBERS; member++) {
            struct shown s = { .g = queries[q].g };
            struct sb_law law[2];
            struct sb_public_result got;
            const struct sb_public_task task = { .space = &f.family.space,
                                                 .callback = &s.callback,
                                                 .law = { &law[0], &law[1] },
                                                 .lo = queries[q].lo,
                                                 .hi = queries[q].hi,
                                                 .lipschitz = INFINITY,
                                                 .tolerance = t,
                                                 .share = 1,
                                                 .delta = 1e-7,
                                                 .stream = k };

            s.callback = (struct sb_callback){ &s, "g", shown_values };
            sb_hash_init(&s.seen);
            any_law(&f, member, &law[0]);
            any_law(&f, CUBE_NULL, &law[1]);
            assert_int_equal(sb_public_points(&task, &got), 0);
            check_pass(&f, q, member, t, &got);
            now = sb_hash_final(&s.seen);
            if (member == CUBE_NULL) {
                first = got;
                seen = now;
                continue;
            }
            assert_int_equal(first.n_points, got.n_points);
            assert_same(first.estimate[0].half_width, got.estimate[0].half_width);
            assert_same(first.estimate[1].value, got.estimate[1].value);
            assert_memory_equal(&first.digest, &got.digest, sizeof got.digest);
            assert_memory_equal(&seen, &now, sizeof now);
        }
    }
    favoured_close(&f);
}

/* Half-widths by the mean square of the weights, not by their range: some hundred times fewer points. */
static void test_how_many(void **state)
{
    const struct sb_law law = { .moves_x = true, .most_weight = 50, .weight_square = 2.5 };
    const struct sb_moved m = sb_moved_bounds(&law, -1, 1);
    const double n = sb_moved_points(&m, 0.01, log(2e6)), range = 100;

    (void)state;
    assert_near(n, 2 * (2.5 + 51 * 0.01 / 3) * log(2e6) / 1e-4, n * 1e-9);
    assert_true(n * 500 < range * range * log(2e6) / 2e-4);
}

static void test_profile_by_sample(void **state)
{
    struct favoured f;
    struct sb_profile profile;

    (void)state;
    favoured_open(&f, false);
    sb_profile_init(&profile);
    for (size_t q = 0; q < SB_COUNT(queries); q++) {
        struct shown s = { .g = queries[q].g };
        const struct sb_profile_task task = { .family = &f.family,
                                              .pool = f.c.pool,
                                              .expr = q < 2 ? parse(&f, queries[q].text) : 0,
                                              .callback = &s.callback,
                                              .lipschitz = INFINITY,
                                              .lo = queries[q].lo,
                                              .hi = queries[q].hi,
                                              .squares = q != 1,
                                              .half_width = 0.1,
                                              .delta = 1e-7 };

        s.callback = (struct sb_callback){ &s, "g", shown_values };
        assert_int_equal(sb_profile_of(&task, &profile), 0);
        assert_true(profile.samples > 0 && profile.samples < 30000);
        assert_true(profile.half_width <= 0.1);
        for (uint64_t i = 0; i < FAVOURED_MEMBERS; i++) {
            assert_near(sb_profile_value(&profile, i),
                        favoured_mean(&f, (int64_t)i, queries[q].g, 1), 0.1);
            if (task.squares)
                assert_near(sb_profile_second(&profile, i),
                            favoured_mean(&f, (int64_t)i, queries[q].g, 2), 0.1);
        }
    }
    sb_profile_fini(&profile);
    favoured_close(&f);
}

/* Parities and coordinates, weighed and clipped. */
static sb_expr small_query(const struct favoured *f, struct rng *r)
{
    const double ends[2] = { -1, 1 };
    sb_expr e = cube_const(&f->c, rng_uniform(r) - 0.5);

    for (int k = 0; k < 5; k++) {
        const sb_expr term = k % 2 ? cube_x(&f->c, rng_below(r, FAVOURED_BITS))
                                   : cube_chi(&f->c, 1 + rng_below(r, FAVOURED_SETS));
        const sb_expr c = cube_const(&f->c, 2 * rng_uniform(r) - 1);

        e = cube_op(&f->c, SB_ADD, e, cube_op(&f->c, SB_MUL, c, term));
    }
    return sb_pool_op(f->c.pool, SB_CLIP, ends, 2, &e, 1);
}

/* On a small domain everything is exact: enumeration, public-domain, profiles by weights. */
static void test_small_domain(void **state)
{
    struct favoured f;
    struct sb_profile profile;
    struct rng r = { 13 };

    (void)state;
    favoured_open(&f, true);
    sb_profile_init(&profile);
    for (int trial = 0; trial < 20; trial++) {
        const sb_expr e = small_query(&f, &r);
        const int64_t member = (int64_t)rng_below(&r, FAVOURED_SETS + 1) - 1;
        struct shown s = { .f = &f, .e = e };
        struct sb_law law, null;
        struct sb_estimate got;
        struct sb_public_result pass;
        const struct sb_estimate_task task = { .law = &law,
                                               .pool = f.c.pool,
                                               .expr = e,
                                               .lo = -1,
                                               .hi = 1,
                                               .tolerance = { SB_RULE_STAT, 1e-6 },
                                               .share = 1,
                                               .delta = 1e-6 };
        const struct sb_public_task public = { .space = &f.family.space,
                                               .callback = &s.callback,
                                               .law = { &law, &null },
                                               .lo = -1,
                                               .hi = 1,
                                               .lipschitz = INFINITY,
                                               .tolerance = { SB_RULE_STAT, 1e-6 },
                                               .share = 1,
                                               .delta = 1e-6 };
        const struct sb_profile_task all = {
            .family = &f.family, .pool = f.c.pool, .expr = e, .lo = -1, .hi = 1, .squares = true
        };

        s.callback = (struct sb_callback){ &s, "e", shown_values };
        any_law(&f, member, &law);
        any_law(&f, CUBE_NULL, &null);
        assert_int_equal(sb_estimate(&task, &got), 0);
        assert_int_equal(got.method, SB_ENUMERATION);
        assert_near(got.value, favoured_sum(&f, member, e, 1), 1e-14);
        assert_int_equal(sb_public_points(&public, &pass), 0);
        assert_near(pass.estimate[0].value, got.value, 1e-14);
        assert_near(pass.estimate[1].value, favoured_sum(&f, CUBE_NULL, e, 1), 1e-14);
        assert_int_equal(sb_profile_of(&all, &profile), 0);
        assert_int_equal(profile.method, SB_TRANSFORM);
        for (uint64_t i = 0; i < FAVOURED_SETS; i++) {
            assert_near(sb_profile_value(&profile, i), favoured_sum(&f, (int64_t)i, e, 1), 1e-14);
            assert_near(sb_profile_second(&profile, i), favoured_sum(&f, (int64_t)i, e, 2), 1e-14);
        }
    }
    sb_profile_fini(&profile);
    favoured_close(&f);
}

/* ---- correlations ---- */

static void test_correlations(void **state)
{
    const double range = 5, each = favour - rest;
    struct favoured f;
    struct sb_correlations k;
    struct sb_diag diag;

    (void)state;
    sb_diag_init(&diag);
    favoured_open(&f, true);
    assert_int_equal(sb_correlations_of(&f.family, SB_EFFORT_FULL, &k, &diag), 0);
    assert_null(k.unknown);
    for (uint64_t i = 0; i < FAVOURED_SETS; i++)
        for (uint64_t j = 0; j < FAVOURED_SETS; j++)
            assert_near(k.matrix[i * FAVOURED_SETS + j], i == j ? 0.25 : 0, k.matrix_error + 1e-15);
    sb_correlations_fini(&k);
    favoured_close(&f);
    favoured_open(&f, false);
    f.family.n_members = 4;
    assert_int_equal(sb_correlations_of(&f.family, SB_EFFORT_FULL, &k, &diag), 0);
    assert_null(k.unknown);
    assert_true(k.samples > 0 && k.matrix_error < range);
    for (uint64_t i = 0; i < 4; i++)
        for (uint64_t j = 0; j < 4; j++)
            assert_near(k.matrix[i * 4 + j], each * each * (favoured_both(&f, i, j) - 0.01),
                        k.matrix_error);
    sb_correlations_fini(&k);
    favoured_close(&f);
    sb_diag_fini(&diag);
}

/* ---- candidates ---- */

/* They are likelihood ratios: the set where one is above another shows their distance, which is no less. */
static void test_candidates(void **state)
{
    struct favoured f;
    struct sb_interval range;
    double value[2];

    (void)state;
    favoured_open(&f, false);
    range = sb_expr_range(f.c.pool, parse(&f, "candidate(7)"));
    assert_same(range.lo, 0);
    assert_same(range.hi, favour);
    range = sb_expr_range(f.c.pool, parse(&f, "y"));
    assert_true(range.lo >= 0 && range.hi <= 0);
    for (int64_t member = 0; member < 2; member++) {
        struct sb_law law;
        struct sb_estimate e;
        const struct sb_estimate_task task = { .law = &law,
                                               .pool = f.c.pool,
                                               .expr =
                                                   parse(&f, "step(candidate(0) - candidate(1))"),
                                               .lo = 0,
                                               .hi = 1,
                                               .tolerance = { SB_RULE_STAT, 0.03 },
                                               .share = 1,
                                               .delta = 1e-7 };

        any_law(&f, member, &law);
        assert_int_equal(sb_estimate(&task, &e), 0);
        value[member] = e.value;
    }
    assert_near(value[0] - value[1], (favour - rest) * (0.1 - favoured_both(&f, 0, 1)), 0.06);
    favoured_close(&f);
}

/* ---- oracles ---- */

static void refused(const struct favoured *f, const char *access, uint32_t grants,
                    const char *policy, const char *line)
{
    struct rig rig;
    struct sb_given given = { .name = "tolerance", .text = "0.1" };

    rig_set(&rig, &f->c, rig_policy(policy), access, &given, strcmp(access, "label") == 0 ? 0 : 1,
            1);
    rig.setup.grants = grants;
    assert_int_equal(rig_make(&rig), -EINVAL);
    assert_non_null(strstr(rig.diag.items[0].text, line));
    rig_close(&rig);
}

static void test_refusals(void **state)
{
    struct favoured f;
    struct sb_loss_scale scale;

    (void)state;
    favoured_open(&f, false);
    refused(&f, "csq", 0, "exact", "csq does not fit family favoured: it needs labels");
    refused(&f, "label", 0, "fresh", "label does not fit family favoured: it needs labels");
    refused(&f, "stat", SB_LABEL, "exact", "have no labels that could be granted");
    assert_non_null(
        strstr(sb_loss_scale(&f.family, SB_LOSS_SQUARED, &scale), "nothing to predict"));
    favoured_close(&f);
}

/* Examples are of the member's own law, y = 0; answers are within tau. */
static void test_oracle(void **state)
{
    enum { N = 4096 };
    static double x[FAVOURED_DIM][N], y[N];
    double *column[FAVOURED_DIM] = { x[0], x[1], x[2] };
    const struct sb_points points = { NULL, column };
    struct favoured f;
    struct rig rig;
    struct sb_asked asked;
    uint64_t above = 0;

    (void)state;
    favoured_open(&f, false);
    rig_open(&rig, &f.c, rig_policy("exact"), "stat", 0.1, NULL, false, 3);
    sb_oracle_free(rig.oracle);
    rig.setup.grants = SB_SAMPLE;
    assert_int_equal(rig_make(&rig), 0);
    rig_hide(&rig, 2);
    asked = rig_ask(&rig, &f.c, parse(&f, "step(x0)"));
    assert_int_equal(asked.status, SB_OK);
    assert_near(asked.reply.answer, favoured_mean(&f, 2, step0, 1), 0.1);
    assert_int_equal(sb_oracle_samples(rig.oracle, N, &points, y, &asked), 0);
    assert_int_equal(asked.status, SB_OK);
    for (int i = 0; i < N; i++) {
        const double at[FAVOURED_DIM] = { x[0][i], x[1][i], x[2][i] };

        above += favoured_along(&f, 2, at) >= FAVOURED_CAP;
        assert_same(y[i], 0);
    }
    /* Pr[it is in the cap] = 6/10; Hoeffding at 1e-6 */
    assert_near((double)above / N, 0.6, sqrt(log(2e6) / (2.0 * N)));
    rig_close(&rig);
    favoured_close(&f);
}

static void test_fresh(void **state)
{
    struct sb_given given = { .name = "m", .text = "4096" };
    struct favoured f;
    struct rig rig;
    struct sb_asked asked;

    (void)state;
    favoured_open(&f, false);
    rig_set(&rig, &f.c, rig_policy("fresh"), "honest", &given, 1, 4);
    assert_int_equal(rig_make(&rig), 0);
    rig_hide(&rig, 1);
    asked = rig_ask(&rig, &f.c, parse(&f, "step(x0)"));
    assert_int_equal(asked.status, SB_OK);
    assert_near(asked.reply.answer, favoured_mean(&f, 1, step0, 1), sqrt(log(2e6) / 8192));
    rig_close(&rig);
    favoured_close(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bounds),       cmocka_unit_test(test_half_widths),
        cmocka_unit_test(test_monte_carlo),  cmocka_unit_test(test_public_points),
        cmocka_unit_test(test_how_many),     cmocka_unit_test(test_profile_by_sample),
        cmocka_unit_test(test_small_domain), cmocka_unit_test(test_correlations),
        cmocka_unit_test(test_candidates),   cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_oracle),       cmocka_unit_test(test_fresh),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
