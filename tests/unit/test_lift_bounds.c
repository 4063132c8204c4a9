/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bounds of lifted families: correlations by the rule for labels, what labels beyond it take off the tolerance,
 * padding. */
#include "made.h"
#include "unit.h"

#include "bounds/bounds.h"
#include "bounds/correlate.h"
#include "numeric/lift.h"

#include <math.h>

/* Pr[N2(z) <= s, 0 < N2(z) < 1] / 2 of one ramp, by the distribution function: N2 falls from 1 at rh to 0 at sh. */
static double ramp_below(const struct sb_lift *lift, double s)
{
    const struct sb_lift_boundary *b = &lift->boundary[0];
    double (*const cdf)(double) = lift->setup.marginal->cdf;

    return s <= 0 ? 0 : cdf(b->sh) - cdf(b->sh - (b->sh - b->rh) * fmin(s, 1));
}

/* Pr[s_1 + s_2 < 1], both in ramps: of the density of s_1, Simpson's rule in |z_1|. */
static double two_ramps(const struct sb_lift *lift)
{
    enum { STEPS = 2000 };
    const struct sb_lift_boundary *b = &lift->boundary[0];
    const double h = (b->sh - b->rh) / STEPS;
    double sum = 0;

    for (int i = 0; i <= STEPS; i++) {
        const double z = b->rh + i * h, s = (b->sh - z) / (b->sh - b->rh);
        const double weight = i == 0 || i == STEPS ? 1 : i % 2 ? 4 : 2;

        sum += weight * lift->setup.marginal->density(z) * ramp_below(lift, 1 - s);
    }
    return 4 * sum * h / 3; /* two sides of each coordinate */
}

/* Pr[the label of value 1 is not 0] at d = 3, m = 2. */
static double support(const struct sb_lift *lift, bool edge)
{
    const double delta = lift->setup.delta, none = 1 - delta, ramp = delta / 2;

    return (edge ? 0 : none * none * none) + 3 * none * none * ramp + 3 * none * two_ramps(lift);
}

/* E[f g], +-1 coded, over {0,1}^3. */
static double agreement(const struct sb_family *base, uint64_t i, uint64_t j)
{
    const struct sb_candidates *c = base->space.candidates;
    double sum = 0;

    for (uint64_t x = 0; x < 8; x++) {
        const struct sb_block block = { .struct_size = sizeof block, .dim = 3, .n = 1, .bits = &x };
        double f, g;

        c->label(c->self, i, &block, &f);
        c->label(c->self, j, &block, &g);
        sum += (2 * f - 1) * (2 * g - 1);
    }
    return sum / 8;
}

/* S0-gram: K = rho_0 E[f g] at q = 2. */
static void test_gram(void **state)
{
    static const char *const lines[] = {
        "dimension=3 m=2 delta=0.3",
        "dimension=3 m=2 delta=0.3 profile=edge",
        "dimension=3 m=2 delta=0.05 marginal=laplace",
    };

    (void)state;
    for (size_t i = 0; i < SB_COUNT(lines); i++) {
        struct made made = make("lifted", lines[i]);
        const struct sb_lifting *lifting = made.family->lifting;
        const double rho_0 = support(lifting->lift, lifting->lift->setup.profile == SB_LIFT_EDGE);
        struct sb_correlations k;

        assert_int_equal(sb_correlations_of(made.family, SB_EFFORT_FULL, &k, NULL), 0);
        assert_null(k.unknown);
        assert_true(k.orthogonal);
        assert_near(k.diagonal_ub, rho_0 * agreement(lifting->base, 5, 5), 1e-9);
        assert_near(k.lambda_ub, rho_0, 1e-9);
        assert_true(k.lambda_lb <= rho_0 && k.lambda_lb >= rho_0 - 1e-9 &&
                    k.lambda_ub >= rho_0 - 1e-12);
        assert_near(k.off_abs_ub, rho_0 * fabs(agreement(lifting->base, 5, 3)), 1e-9);
        sb_correlations_fini(&k);
        unmake(&made);
    }
}

/* Of conjunctions, which are not orthogonal: every entry and eigenvalue is the base's times one number. Three
 * coordinates are in ramps with probability 1e-9 here. */
static void test_other_bases(void **state)
{
    struct made made =
        make("lifted", "base=conjunction lift=dv dimension=3 literals=2 delta=0.002");
    const double rho_0 = support(made.family->lifting->lift, false);
    struct sb_correlations k, base;

    (void)state;
    assert_int_equal(sb_correlations_of(made.family, SB_EFFORT_FULL, &k, NULL), 0);
    assert_int_equal(sb_correlations_of(made.family->lifting->base, SB_EFFORT_FULL, &base, NULL),
                     0);
    assert_near(k.lambda_ub, rho_0 * base.lambda_ub, 1e-9);
    assert_near(k.off_abs_ub, rho_0 * base.off_abs_ub, 1e-9);
    assert_int_equal(k.matrix != NULL, base.matrix != NULL);
    for (size_t i = 0; k.matrix && i < 9; i++)
        assert_near(k.matrix[i], rho_0 * base.matrix[i], 1e-9);
    sb_correlations_fini(&k);
    sb_correlations_fini(&base);
    unmake(&made);
}

/* Of LWR, q = 3, d = 2, m = 1: K_ij by going through x, each with the probability that at most one coordinate
 * is in a ramp and none in an R_k; the middle cell has two ramps. */
static double by_cells(const struct sb_family *lifted, uint64_t i, uint64_t j)
{
    const struct sb_family *base = lifted->lifting->base;
    const double delta = lifted->lifting->lift->setup.delta;
    double sum = 0;

    for (int x = 0; x < 9; x++) {
        const double at[2] = { x % 3, x / 3 };
        const double a = at[0] == 1 ? delta : delta / 2, b = at[1] == 1 ? delta : delta / 2;
        const double rho = (1 - 2 * a) * (1 - 2 * b) + a * (1 - 2 * b) + b * (1 - 2 * a);
        const double *const columns[2] = { &at[0], &at[1] };
        const struct sb_block block = {
            .struct_size = sizeof block, .dim = 2, .n = 1, .x = columns
        };

        for (uint32_t l = 0; l < base->space.n_labels; l++) {
            struct sb_law f, g, null;
            double wf, wg, w0;

            base->law(base, i, true, &f);
            base->law(base, j, true, &g);
            base->null_law(base, &null);
            sb_law_weights(&f, &block, l, &wf);
            sb_law_weights(&g, &block, l, &wg);
            sb_law_weights(&null, &block, l, &w0);
            sum += rho * (wf - w0) * (wg - w0) / w0 / 9;
        }
    }
    return sum;
}

static void test_cells(void **state)
{
    enum { MOST = 16 };
    struct made made = make("lifted", "base=lwr dimension=2 q=3 p=2 m=1 delta=0.2");
    const uint64_t n = made.family->n_members;
    double v[MOST], next[MOST], lambda = 0;
    struct sb_correlations k;

    (void)state;
    assert_true(n <= MOST);
    assert_int_equal(sb_correlations_of(made.family, SB_EFFORT_FULL, &k, NULL), 0);
    assert_null(k.unknown);
    for (uint64_t i = 0; i < n; i++)
        v[i] = 1 + (double)i / 7;
    for (int step = 0; step < 40; step++) {
        double square = 0;

        for (uint64_t i = 0; i < n; i++) {
            next[i] = 0;
            for (uint64_t j = 0; j < n; j++)
                next[i] += by_cells(made.family, i, j) * v[j];
            square += next[i] * next[i];
        }
        lambda = sqrt(square);
        for (uint64_t i = 0; i < n; i++)
            v[i] = next[i] / lambda;
    }
    assert_true(lambda <= k.lambda_ub && lambda >= k.lambda_lb);
    assert_true(k.lambda_ub <= 1.5 * lambda);
    for (uint64_t i = 0; i < n; i++)
        for (uint64_t j = 0; j < n; j++) {
            const double exact = by_cells(made.family, i, j);

            assert_true(fabs(exact) <= (i == j ? k.diagonal_ub : k.off_abs_ub));
            assert_true(i == j || exact <= k.off_ub);
            if (k.matrix)
                assert_near(exact, k.matrix[i * n + j], k.matrix_error);
        }
    sb_correlations_fini(&k);
    unmake(&made);
}

/* The threshold, of what `miss` leaves; nothing is proven at tau = 2 miss. */
static void test_miss(void **state)
{
    struct sb_bound_setting s = { .at_tolerance = 0.1, .miss = 0.01 };

    (void)state;
    s.convention = SB_CONVENTION_STAT;
    assert_near(sb_bound_threshold(&s), 0.08 * 0.08, 1e-12);
    s.convention = SB_CONVENTION_STAT01;
    assert_near(sb_bound_threshold(&s), 4 * 0.09 * 0.09, 1e-12);
    s.at_tolerance = 20;
    s.convention = SB_CONVENTION_BERNOULLI;
    assert_near(sb_bound_threshold(&s), 0.8 * 0.8 / 60, 1e-12);
    s.convention = SB_CONVENTION_VARIANCE;
    assert_near(sb_bound_threshold(&s), 4 * 0.04 * 0.04, 1e-12);
    s.convention = SB_CONVENTION_STAT;
    s.at_tolerance = 0.02;
    assert_same(sb_bound_threshold(&s), 0);
    s.miss = 0;
    assert_near(sb_bound_threshold(&s), 0.0004, 1e-15);
}

static struct sb_bound bound_of(const struct sb_family *family, struct sb_correlations *k,
                                double tau, const char *name)
{
    struct sb_bound_setting s = { .k = k,
                                  .convention = SB_CONVENTION_STAT,
                                  .at_tolerance = tau,
                                  .policy = "null",
                                  .policy_carries_bound = true,
                                  .n_good = 1,
                                  .success = 0.9 };
    struct sb_bound bound;
    size_t i = 0;

    sb_bound_setting_family(&s, family);
    while (strcmp(sb_bounds[i]->name, name) != 0)
        i++;
    sb_bound_compute(sb_bounds[i], &s, &bound);
    return bound;
}

/* S0-CC.6, S0-T3.1, S0-R4.2: the same bound before and after padding; what Theorem 3.1 says is vacuous here. */
static void test_padding(void **state)
{
    static const char *const lines[] = { "dimension=10 m=2", "dimension=10 m=2 padding=100" };
    double log2_queries[2];

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct made made = make("lifted", lines[i]);
        struct sb_correlations k;
        struct sb_bound bound;

        assert_int_equal(sb_correlations_of(made.family, SB_EFFORT_RUN, &k, NULL), 0);
        bound = bound_of(made.family, &k, 0.2, "spectral");
        assert_true(bound.applies);
        log2_queries[i] = bound.log2_queries;
        assert_near(exp2(bound.log2_queries),
                    (0.9 * 1024 - 1) * pow(0.2 - 2 * made.family->miss, 2) / k.lambda_ub, 1e-6);
        bound = bound_of(made.family, &k, made.family->miss, "spectral");
        assert_false(bound.applies);
        bound = bound_of(made.family, &k, 0.2, "padded");
        assert_false(bound.applies);
        assert_non_null(strstr(bound.why, "D = 100 < 1e6: vacuous"));
        assert_non_null(strstr(bound.why, "a = 0.634: met")); /* 1 / (1 + ln 2 / ln log2 10) */
        bound = bound_of(made.family, &k, 0.2, "padding-time");
        assert_non_null(strstr(bound.why, "d^m = 2^6.644;"));
        assert_non_null(strstr(bound.why, "2^3.322, 2^6.644, 2^9.966, 2^11.04"));
        sb_correlations_fini(&k);
        unmake(&made);
    }
    assert_same(log2_queries[0], log2_queries[1]);
}

/* Theorem 3.1 counts 2^d functions: it says nothing of sparse parities or of LWR. */
static void test_others_are_not_padded(void **state)
{
    static const char *const lines[] = { "dimension=10 m=2 sparsity=2",
                                         "base=lwr dimension=2 q=5 p=2" };

    (void)state;
    for (size_t i = 0; i < SB_COUNT(lines); i++) {
        struct made made = make("lifted", lines[i]);
        struct sb_correlations k;
        struct sb_bound bound;

        assert_int_equal(sb_correlations_of(made.family, SB_EFFORT_RUN, &k, NULL), 0);
        bound = bound_of(made.family, &k, 0.5, "padded");
        assert_false(bound.applies);
        assert_string_equal(bound.why, "it is of other families");
        sb_correlations_fini(&k);
        unmake(&made);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_gram),    cmocka_unit_test(test_other_bases),
        cmocka_unit_test(test_cells),   cmocka_unit_test(test_miss),
        cmocka_unit_test(test_padding), cmocka_unit_test(test_others_are_not_padded),
    };

    return cmocka_run_group_tests_name("lift_bounds", tests, NULL, NULL);
}
