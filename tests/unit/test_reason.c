/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reasoning: ranges against evaluated values, support against changed coordinates, kinks by hand
 * and against differences, label-Lipschitz constants against changed labels. */
#include "query/eval.h"
#include "query/op.h"
#include "query/reason.h"
#include "random_expr.h"

#include "query/poly.h"

static sb_expr parse(struct sb_pool *pool, const char *text)
{
    const sb_expr e = sb_expr_parse(pool, text, NULL);

    if (!e)
        fail_msg("'%s': %s", text, sb_pool_error(pool));
    return e;
}

static void evaluate(const struct sb_pool *pool, sb_expr e, const struct sb_block *block,
                     double *out)
{
    struct sb_program *p = sb_program_new(pool, e);

    assert_non_null(p);
    sb_program_run(p, block, out);
    sb_program_free(p);
}

static struct points points;

/* Under valgrind, where memory alone is looked at, a tenth. */
static int trials(int n)
{
    return getenv("STATBED_TEST_VALGRIND") ? n / 10 : n;
}

/* Ranges */

static void test_ranges_enclose_values(void **state)
{
    double out[SB_BLOCK];
    int n_proper = 0;

    (void)state;
    for (uint32_t s = 0; s < N_SPACES; s++) {
        struct sb_pool *pool = sb_pool_new(random_space(s));
        struct rng r = { 500 + s };

        for (int i = 0; i < trials(4000); i++) {
            const sb_expr e = random_expr(pool, &r, 1 + rng_below(&r, 5));
            const struct sb_interval range = sb_expr_range(pool, e);

            random_points(&r, sb_pool_space(pool), 60, &points);
            evaluate(pool, e, &points.block, out);
            for (int k = 0; k < 60; k++)
                if (!(range.lo <= out[k] && out[k] <= range.hi))
                    fail_msg("%.17g is outside [%.17g, %.17g]: %s", out[k], range.lo, range.hi,
                             text_of(pool, e));
            assert_true(range.lo >= -DBL_MAX && range.hi <= DBL_MAX);
            n_proper += range.lo > -10 && range.hi < 10;
            sb_pool_forget(pool, 0);
        }
        sb_pool_free(pool);
    }
    assert_true(n_proper > trials(3000)); /* and they say something */
}

/* Degrees one by one, where the argument is confined: the recurrence's own rounding at its zeros
 * and ends. */
static void test_hermite_ranges(void **state)
{
    struct sb_pool *pool = sb_pool_new(random_space(2));
    struct rng r = { 17 };
    double out[SB_BLOCK];

    (void)state;
    for (int k = 0; k <= 64; k++) {
        const double lo = rng_uniform(&r) * 8 - 6, hi = lo + rng_uniform(&r) * 6;
        char text[128];
        struct sb_interval range;
        sb_expr e;

        snprintf(text, sizeof text, "hermite(%d, clip(y, %.17g, %.17g))", k, lo, hi);
        e = parse(pool, text);
        range = sb_expr_range(pool, e);
        random_points(&r, sb_pool_space(pool), SB_BLOCK, &points);
        for (int i = 0; i < SB_BLOCK; i++)
            points.y[i] = i == 0 ? lo : i == 1 ? hi : lo + (hi - lo) * rng_uniform(&r);
        evaluate(pool, e, &points.block, out);
        for (int i = 0; i < SB_BLOCK; i++)
            assert_true(range.lo <= out[i] && out[i] <= range.hi);
    }
    sb_pool_free(pool);
}

static void test_ranges_by_hand(void **state)
{
    static const struct {
        uint32_t space;
        const char *text;
        double lo, hi;
    } cases[] = {
        { 0, "1 - 2*x0*x1", -1, 1 },
        { 0, "y*chi(0, 3)", -1, 1 },
        { 0, "chi()", 1, 1 },
        { 0, "(1 + y*chi(1))/2", 0, 1 },
        { 0, "x0*x0 - 1", -1, 0 },
        { 0, "dot(1, -2, 3, 0, 0, -4)", -6, 4 },
        { 0, "candidate(2)*y", -1, 1 },
        { 0, "candidate_bit(2)*2", 0, 2 },
        { 0, "x0/0", 0, 0 },
        { 0, "1/(x0 + 1)", 0.5, 1 },
        { 0, "clip(1/x0, -1, 2)", 0, 2 },
        { 0, "sin(x0*100)", -1, 1 },
        { 0, "le(y, 1)", 1, 1 },
        { 0, "lt(y, -1)", 0, 0 },
        { 0, "eq(y, 2)", 0, 0 },
        { 0, "near(y, 0, 1)", 1, 1 },
        { 0, "near(y, 3, 1)", 0, 0 },
        { 0, "y - y", 0, 0 },
        { 0, "abs(y)", 0, 1 },
        { 1, "x0", 0, 6 },
        { 1, "y", 0, 6 },
        { 1, "mod(x0, 7)", 0, 6 },
        { 1, "mod(x0 + x1, 7)", 0, 6.9999999999999991 },
        { 1, "dot(1, 0, -1)", -6, 6 },
        { 2, "x0*x0", 0, DBL_MAX },
        { 2, "step(x0)", 0, 1 },
        { 2, "x0", -DBL_MAX, DBL_MAX },
        { 2, "hermite(2, clip(x0, -1, 1))*0", 0, 0 },
        { 2, "relu(clip(x0, -3, 2))", 0, 2 },
        { 2, "max(min(x0, 1), -1)", -1, 1 },
    };

    (void)state;
    for (size_t i = 0; i < SB_COUNT(cases); i++) {
        struct sb_pool *pool = sb_pool_new(random_space(cases[i].space));
        const struct sb_interval range = sb_expr_range(pool, parse(pool, cases[i].text));

        if (range.lo != cases[i].lo || range.hi != cases[i].hi)
            fail_msg("%s: [%.17g, %.17g]", cases[i].text, range.lo, range.hi);
        sb_pool_free(pool);
    }
}

/* h_2 on [-3, 3] is (t^2 - 1)/sqrt 2: in [-0.7071, 5.657]; the pieces come close. */
static void test_hermite_range_is_useful(void **state)
{
    struct sb_pool *pool = sb_pool_new(random_space(2));
    const struct sb_interval range =
        sb_expr_range(pool, parse(pool, "hermite(2, clip(x0, -3, 3))"));

    (void)state;
    assert_true(range.lo <= -1 / sqrt(2) && range.lo > -0.75);
    assert_true(range.hi >= 8 / sqrt(2) && range.hi < 5.7);
    sb_pool_free(pool);
}

/* Support */

static void change_outside(struct rng *r, const struct sb_space *space,
                           const struct sb_support *support, struct points *p)
{
    for (uint64_t i = 0; i < p->block.n; i++) {
        for (uint32_t j = 0; j < space->dim; j++) {
            if (support->mask >> j & 1)
                continue;
            p->x[j][i] = random_coordinate(r, space);
            if (space->domain == SB_CUBE && rng_below(r, 2))
                p->bits[i] ^= UINT64_C(1) << j;
        }
        if (!support->label)
            p->y[i] = space->n_labels ? space->labels[rng_below(r, (uint32_t)space->n_labels)]
                                      : rng_number(r);
    }
}

static void test_support_is_all_that_counts(void **state)
{
    double before[64], after[64];
    int n_listed = 0;

    (void)state;
    for (uint32_t s = 0; s < N_SPACES; s++) {
        struct sb_pool *pool = sb_pool_new(random_space(s));
        struct rng r = { 600 + s };

        for (int i = 0; i < trials(2000); i++) {
            const sb_expr e = random_expr(pool, &r, 1 + rng_below(&r, 4));
            struct sb_support support;

            assert_int_equal(sb_expr_support(pool, e, &support), 0);
            if (!support.everything && !support.n_dots) {
                n_listed++;
                random_points(&r, sb_pool_space(pool), 64, &points);
                evaluate(pool, e, &points.block, before);
                change_outside(&r, sb_pool_space(pool), &support, &points);
                evaluate(pool, e, &points.block, after);
                for (int k = 0; k < 64; k++)
                    if (before[k] != after[k])
                        fail_msg("not in the support, yet it counts: %s", text_of(pool, e));
            }
            sb_support_fini(&support);
            sb_pool_forget(pool, 0);
        }
        sb_pool_free(pool);
    }
    assert_true(n_listed > trials(1000));
}

static void test_support_by_hand(void **state)
{
    const struct sb_space wide = { .domain = SB_GAUSS, .dim = 100 };
    struct sb_pool *cube = sb_pool_new(random_space(0)), *gauss = sb_pool_new(random_space(2));
    struct sb_pool *large = sb_pool_new(&wide);
    struct sb_support s;

    (void)state;
    assert_int_equal(sb_expr_support(cube, parse(cube, "y*chi(1,4) + dot(0,0,1,0,0,0)"), &s), 0);
    assert_true(s.label && !s.everything && s.mask == 0x16 && s.n_dots == 0);
    sb_support_fini(&s);
    assert_int_equal(sb_expr_support(cube, parse(cube, "candidate(1)"), &s), 0);
    assert_true(!s.label && s.everything);
    sb_support_fini(&s);
    assert_int_equal(sb_expr_support(cube, parse(cube, "candidate_bit(1)"), &s), 0);
    assert_true(s.label && s.everything);
    sb_support_fini(&s);
    assert_int_equal(
        sb_expr_support(gauss, parse(gauss, "dot(1,0,0,0)*dot(0,1,0,0)*dot(1,0,0,0)*x3"), &s), 0);
    assert_true(!s.label && !s.everything && s.mask == 8 && s.n_dots == 2);
    assert_int_equal(s.dots[0], parse(gauss, "dot(1,0,0,0)"));
    assert_int_equal(s.dots[1], parse(gauss, "dot(0,1,0,0)"));
    sb_support_fini(&s);
    assert_int_equal(sb_expr_support(large, parse(large, "x0 + x70*x99*x70 + x64"), &s), 0);
    assert_true(s.everything && s.mask == 1 && s.n_wide == 3);
    sb_support_fini(&s);
    sb_pool_free(cube);
    sb_pool_free(gauss);
    sb_pool_free(large);
}

/* Kinks */

static void assert_kinks(struct sb_pool *pool, const char *text, double y, const double *expected,
                         size_t n)
{
    const sb_expr t = parse(pool, "x0");
    double *at = NULL;
    size_t n_at = 0;

    if (sb_expr_kinks(pool, parse(pool, text), t, 1, y, &at, &n_at))
        fail_msg("%s: unknown", text);
    if (n_at != n)
        fail_msg("%s: %zu kinks, expected %zu; the first is %.17g", text, n_at, n, n_at ? *at : 0);
    for (size_t i = 0; i < n; i++)
        if (fabs(at[i] - expected[i]) > 1e-13)
            fail_msg("%s: a kink at %.17g, expected %.17g", text, at[i], expected[i]);
    free(at);
}

static void test_kinks_by_hand(void **state)
{
    static const struct {
        const char *text;
        double y;
        size_t n;
        double at[6];
    } cases[] = {
        { "x0*x0 + 3", 0, 0, { 0 } },
        { "sin(x0)*exp(x0/3)", 0, 0, { 0 } },
        { "relu(x0 - 1)", 0, 1, { 1 } },
        { "clip(relu(x0), 0, 2)", 0, 2, { 0, 2 } },
        { "abs(2*x0 + 1)", 0, 1, { -0.5 } },
        { "near(x0, 1, 0.25)", 0, 2, { 0.75, 1.25 } },
        { "near(x0, y, 0.25)", -1, 2, { -1.25, -0.75 } },
        { "lt(x0, y)", 3, 1, { 3 } },
        { "eq(x0, 2)", 0, 1, { 2 } },
        { "step(hermite(2, x0))", 0, 2, { -1, 1 } },
        { "le(hermite(3, x0), 0)", 0, 3, { -1.7320508075688772, 0, 1.7320508075688772 } },
        /* t^3 - 3t = 2: a double root at -1, and 2; = 1: 2 cos(20, 140, 260 degrees) */
        { "step(x0*x0*x0 - 3*x0 - 2)", 0, 2, { -1, 2 } },
        { "step(hermite(3, x0)*2.449489742783178 - 1)",
          0,
          3,
          { -1.5320888862379561, -0.34729635533386069, 1.8793852415718169 } },
        { "min(x0*x0, 4)", 0, 2, { -2, 2 } },
        { "max(x0, -x0)", 0, 1, { 0 } },
        { "relu(x0*x0 + 1)", 0, 0, { 0 } },
        { "mod(clip(x0, -1, 2), 1)", 0, 4, { -1, 0, 1, 2 } },
        { "mod(x0, 0)", 0, 0, { 0 } },
        { "mod(relu(x0)*0 + y, 3)", 7, 1, { 0 } },
        { "1/x0", 0, 1, { 0 } },
        { "1/(x0*x0 + 1)", 0, 0, { 0 } },
        { "x0/(y - 1)", 3, 0, { 0 } },
        { "x0/(y - 1)", 1, 0, { 0 } },
        { "relu(2 + sin(x0))", 0, 0, { 0 } },
        { "step(exp(x0))", 0, 0, { 0 } },
        { "relu(x0 + y) - relu(x0 - y)", 0.5, 2, { -0.5, 0.5 } },
        { "clip(1 - abs(x0), 0, 1)", 0, 3, { -1, 0, 1 } },
        { "y", 1, 0, { 0 } },
    };
    struct sb_pool *pool = sb_pool_new(random_space(2));

    (void)state;
    for (size_t i = 0; i < SB_COUNT(cases); i++)
        assert_kinks(pool, cases[i].text, cases[i].y, cases[i].at, cases[i].n);
    sb_pool_free(pool);
}

static void test_kinks_unknown(void **state)
{
    static const char *const unknown[] = {
        "x0*x1",
        "x0 + candidate(0)",
        "x0 + candidate_bit(0)",
        "relu(dot(1,0,0,0))",
        "step(sin(x0))",
        "mod(x0, 1)",
        "1/sin(x0)",
        "exp(exp(x0))", /* saturates */
        "lt(sin(x0), 1)",
        "mod(sin(x0), 1)",
        "mod(x0, x0)",
        "clip(x0, 0, 1e9)*0 + mod(clip(x0, 0, 1e9), 1)",
        /* below 0 on an interval of 2e-5; the coefficients, off by more, have no root */
        "step(1e12*((x0-0.3)*(x0-0.3)-1e-10) - 999999999999*((x0-0.3)*(x0-0.3)-1e-10))",
    };
    struct sb_pool *pool = sb_pool_new(random_space(2));
    const sb_expr t = parse(pool, "x0");
    double *at = NULL;
    size_t n = 0;

    (void)state;
    for (size_t i = 0; i < SB_COUNT(unknown); i++)
        if (sb_expr_kinks(pool, parse(pool, unknown[i]), t, 1, 0, &at, &n) != 1)
            fail_msg("%s: not unknown", unknown[i]);
    assert_null(at);
    assert_true(sb_expr_kinks(pool, t, parse(pool, "y"), 1, 0, &at, &n) < 0);
    assert_true(sb_expr_kinks(pool, 0, t, 1, 0, &at, &n) < 0);
    sb_pool_free(pool);
}

static void test_kinks_along_a_dot(void **state)
{
    struct sb_pool *pool = sb_pool_new(random_space(2));
    const sb_expr t = parse(pool, "dot(0.6,0.8,0,0)");
    double *at = NULL;
    size_t n = 0;

    (void)state;
    assert_int_equal(
        sb_expr_kinks(pool, parse(pool, "y*clip(relu(dot(0.6,0.8,0,0)), 0, 3)"), t, 1, 2, &at, &n),
        0);
    assert_int_equal(n, 2);
    assert_near(at[0], 0, 0);
    assert_near(at[1], 3, 1e-15);
    free(at);
    assert_int_equal(sb_expr_kinks(pool, parse(pool, "dot(0.6,0.8,0,0)*x0"), t, 1, 2, &at, &n), 1);
    sb_pool_free(pool);
}

/* A network of one hidden layer: one kink a unit. */
static void test_kinks_of_a_network(void **state)
{
    enum { UNITS = 200 };
    struct sb_pool *pool = sb_pool_new(random_space(2));
    struct sb_buf text;
    double expected[UNITS];

    (void)state;
    sb_buf_init(&text);
    for (int i = 0; i < UNITS; i++) {
        expected[i] = i * 0.25 - 20;
        sb_buf_printf(&text, "%s%d*relu(x0 - %g)", i ? " + " : "", i % 7 - 3, expected[i]);
    }
    assert_kinks(pool, sb_buf_str(&text), 0, expected, UNITS);
    sb_buf_fini(&text);
    sb_pool_free(pool);
}

/* Random polynomials from their roots. */
static void test_roots(void **state)
{
    struct rng r = { 31 };

    (void)state;
    for (int i = 0; i < trials(3000); i++) {
        const uint32_t degree = 1 + rng_below(&r, 8);
        struct sb_poly p = sb_poly_constant(rng_uniform(&r) + 0.5);
        double roots[8], found[SB_POLY_ROOTS];
        bool repeated = false;
        size_t n;

        for (uint32_t k = 0; k < degree; k++) {
            struct sb_poly factor = { .degree = 1, .c = { 0, 1 }, .size = { 0, 1 } };

            roots[k] = (double)rng_below(&r, 17) / 2 - 4; /* some of them twice or more */
            for (uint32_t m = 0; m < k; m++)
                repeated = repeated || roots[m] == roots[k];
            factor.c[0] = -roots[k];
            factor.size[0] = fabs(roots[k]);
            p = sb_poly_mul(&p, &factor);
        }
        n = sb_poly_roots(&p, 64, found);
        if (n > SB_POLY_ROOTS && repeated) /* where exactly drowns in the rounding */
            continue;
        assert_true(n <= SB_POLY_ROOTS);
        for (uint32_t k = 0; k < degree; k++) {
            double gap = 100;

            for (size_t m = 0; m < n; m++)
                gap = fmin(gap, fabs(found[m] - roots[k]));
            /* a root of multiplicity m moves by the m-th root of the rounding */
            if (gap > 0.1)
                fail_msg("degree %u: the root %g was missed by %g", degree, roots[k], gap);
        }
    }
}

/* Random expressions in one number: away from the listed kinks the function is smooth. Differences
 * at step h of a kink of slope 1 or a jump are >= h; those of a smooth function shrink with h. */
static double gap_at(const struct sb_pool *pool, sb_expr e, double t, double h, double y)
{
    const double x[5] = { t - 2 * h, t - h, t, t + h, t + 2 * h };
    const double ys[5] = { y, y, y, y, y };
    const double *columns[RANDOM_DIM] = { x, x, x, x, x, x };
    const struct sb_block block = { .n = 5, .x = columns, .y = ys };
    double f[5];

    evaluate(pool, e, &block, f);
    return fabs(f[0] - 4 * f[1] + 6 * f[2] - 4 * f[3] + f[4]);
}

static sb_expr random_line(struct sb_pool *pool, struct rng *r, uint32_t depth)
{
    static const uint32_t ops[] = { SB_HERMITE, SB_ADD,  SB_SUB,  SB_MUL,  SB_NEG, SB_ABS,
                                    SB_MIN,     SB_MAX,  SB_RELU, SB_STEP, SB_LT,  SB_LE,
                                    SB_NEAR,    SB_CLIP, SB_SIN,  SB_COS,  SB_MOD };
    double num[2] = { (double)rng_below(r, 33) / 8 - 2, 0 };
    const uint32_t leaf = rng_below(r, 4), op = ops[rng_below(r, SB_COUNT(ops))];
    sb_expr arg[2] = { 0, 0 };

    if (!depth && leaf == 0)
        return sb_pool_op(pool, SB_CONST, num, 1, NULL, 0);
    if (!depth)
        return leaf == 1 ? parse(pool, "y") : parse(pool, "x0");
    for (uint32_t k = 0; k < n_arguments(op); k++)
        arg[k] = random_line(pool, r, depth - 1);
    if (op == SB_HERMITE)
        num[0] = rng_below(r, 4);
    if (op == SB_NEAR)
        num[0] = fabs(num[0]) + 0.25;
    num[1] = num[0] + 1;
    return sb_pool_op(pool, op, num, op == SB_CLIP ? 2 : op == SB_NEAR || op == SB_HERMITE, arg,
                      n_arguments(op));
}

static bool far_from(const double *at, size_t n, double t, double distance)
{
    for (size_t i = 0; i < n; i++)
        if (fabs(at[i] - t) < distance)
            return false;
    return true;
}

static void test_smooth_between_kinks(void **state)
{
    const double h = 1e-3;
    struct sb_pool *pool = sb_pool_new(random_space(2));
    const sb_expr t = parse(pool, "x0");
    const uint32_t mark = sb_pool_mark(pool);
    struct rng r = { 77 };
    int n_known = 0;

    (void)state;
    for (int i = 0; i < trials(3000); i++) {
        const sb_expr e = random_line(pool, &r, 1 + rng_below(&r, 4));
        double *at = NULL;
        size_t n = 0;

        if (sb_expr_kinks(pool, e, t, 1, 0.5, &at, &n) == 0) {
            n_known++;
            for (size_t k = 1; k < n; k++)
                assert_true(at[k - 1] < at[k]);
            for (double s = -2; s < 2; s += 0.0401) {
                const double wide = gap_at(pool, e, s, 2 * h, 0.5);
                const double narrow = gap_at(pool, e, s, h, 0.5);

                /* smooth: a factor of 16 between the two; a kink inside: up to a factor of 2 */
                if (far_from(at, n, s, 5 * h) && narrow > 1e-4 && narrow > wide / 8)
                    fail_msg("not smooth at %.17g (%g, %g): %s", s, wide, narrow, text_of(pool, e));
            }
        }
        free(at);
        sb_pool_forget(pool, mark);
    }
    assert_true(n_known > trials(1000));
    sb_pool_free(pool);
}

/* Label-Lipschitz constants */

static void test_steepness_by_hand(void **state)
{
    static const struct {
        uint32_t space; /* 0: the cube, labels -1 and 1; 1: Z_7, labels 0 to 6; 2: real labels */
        const char *text;
        double constant;
    } line[] = {
        { 0, "y", 1 },
        { 0, "x0*chi(0,1)", 0 },
        { 0, "candidate(3)", 0 },
        { 0, "-y*chi(0)", 1 },
        { 0, "lt(y,0)", 0.5 },
        { 0, "step(y)", 0.5 },
        { 0, "eq(y,1)", 0.5 },
        { 0, "near(y,1,0.5)", 0.5 },
        { 0, "candidate_bit(2)", 0.5 },
        { 0, "candidate_bit(2)-y", 1.5 },
        { 0, "2*lt(y,0)-1", 1 },
        { 0, "y*y", 0.5 },
        { 0, "abs(y)", 0.5 },
        { 0, "relu(y)", 0.5 },
        { 0, "y-y", 0 },
        { 0, "(y+x0)/2", 0.5 },
        { 0, "3*y", 3 },
        { 0, "clip(3*y,-1,1)", 1 },
        { 0, "min(y,2*x0)", 1 },
        { 0, "le(x0,0)*y", 1 },
        { 1, "y", 1 },
        { 1, "y/4", 0.25 },
        { 1, "lt(y,3)", 1 },
        { 1, "mod(y,7)", 1 },
        { 1, "mod(y+x0,13)", 1 },
        { 1, "sin(y/8)", 0.125 },
        { 2, "y", 1 },
        { 2, "lt(y,0)", INFINITY },
        { 2, "lt(x0,0)", 0 },
        { 2, "mod(y,1)", INFINITY },
        { 2, "candidate_bit(0)", INFINITY },
        { 2, "clip(y,-1,1)*clip(x0,-2,2)", 2 },
        { 2, "clip(y,-1,1)*clip(y,-1,1)", 2 },
        { 2, "y/(2+clip(x0,-1,1))", 1 },
        { 2, "y/x0", INFINITY },
        { 2, "1/(2+clip(y,-1,1))", 1 },
        { 2, "cos(3*y)", 3 },
        { 2, "0*y", 0 },
    };

    (void)state;
    for (size_t i = 0; i < SB_COUNT(line); i++) {
        struct sb_pool *pool = sb_pool_new(random_space(line[i].space));
        const double got = sb_expr_label_lipschitz(pool, parse(pool, line[i].text));

        if (got != line[i].constant)
            fail_msg("%s: %.17g, expected %.17g", line[i].text, got, line[i].constant);
        sb_pool_free(pool);
    }
}

/* Not a power of two in sight: the constants are rounded up, and hardly. */
static void test_steepness_is_rounded_up(void **state)
{
    struct sb_pool *pool = sb_pool_new(random_space(2));
    const double third = sb_expr_label_lipschitz(pool, parse(pool, "y/3"));
    const double e = sb_expr_label_lipschitz(pool, parse(pool, "exp(clip(y,-2,1))"));
    const double h = sb_expr_label_lipschitz(pool, parse(pool, "hermite(2,clip(y,-1,1))"));

    (void)state;
    assert_true((long double)third * 3 >= 1 && third < 1 / 3.0 + 1e-15);
    assert_true(e >= 2.718281828459045235L && e < 2.71828182845906);
    assert_true((long double)h * h >= 2 && h < 1.4142135623730956);
    sb_pool_free(pool);
}

/* Far from 0 rounding is a staircase: what is steep by it alone is no less steep. */
static void test_rounding_is_steep(void **state)
{
    static const char *const stairs[] = {
        "(y/100+0.5+4503599627370496)-4503599627370496",
        "(chi(0,3)*y/100+0.5+4503599627370496)-4503599627370496",
        "4503599627370496*((y/100+0.5)/4503599627370496+1)-4503599627370496",
        "step((y/100+0.5+4503599627370496)-4503599627370497)",
        "(relu(y/100+0.5+4503599627370496)-4503599627370496)/1",
    };
    struct sb_pool *pool = sb_pool_new(random_space(0)), *real = sb_pool_new(random_space(2));

    (void)state;
    for (size_t i = 0; i < SB_COUNT(stairs); i++)
        assert_true(sb_expr_label_lipschitz(pool, parse(pool, stairs[i])) >= 0.5);
    assert_true(sb_expr_label_lipschitz(pool, parse(pool, "y/100+4503599627370496*x0")) > 0.5);
    assert_true(sb_expr_label_lipschitz(pool, parse(pool, "y/100+1024*x0")) < 0.0101);
    assert_true(isinf(sb_expr_label_lipschitz(real, parse(real, "(y+1e16)-1e16"))));
    assert_true(
        isinf(sb_expr_label_lipschitz(real, parse(real, "(y+dot(1e16,0,0,0))-dot(1e16,0,0,0)"))));
    sb_pool_free(pool);
    sb_pool_free(real);
}

static sb_expr tame_expr(struct sb_pool *pool, struct rng *r, uint32_t depth)
{
    static const uint32_t ops[] = { SB_ADD, SB_SUB, SB_MUL,  SB_MUL,  SB_DIV, SB_NEG,  SB_ABS,
                                    SB_MIN, SB_MAX, SB_MOD,  SB_RELU, SB_LT,  SB_STEP, SB_EQ,
                                    SB_SIN, SB_COS, SB_CLIP, SB_EXP,  SB_NEAR };
    const double value = (double)rng_below(r, 13) / 4 - 1.5, j = rng_below(r, 3);
    const double num[2] = { -fabs(value), 1 }, degree = rng_below(r, 5);
    const uint32_t op = ops[rng_below(r, SB_COUNT(ops))];
    sb_expr arg[2];

    if (!depth)
        switch (rng_below(r, 3)) {
        case 0:
            return sb_pool_op(pool, SB_CONST, &value, 1, NULL, 0);
        case 1:
            return sb_pool_op(pool, SB_X, &j, 1, NULL, 0);
        default:
            return sb_pool_op(pool, SB_Y, NULL, 0, NULL, 0);
        }
    arg[0] = tame_expr(pool, r, depth - 1);
    arg[1] = tame_expr(pool, r, depth - 1);
    if (rng_below(r, 12) == 0)
        return sb_pool_op(pool, SB_HERMITE, &degree, 1, arg, 1);
    return sb_pool_op(pool, op, op == SB_NEAR ? num + 1 : num, sb_op_row(op)->n_num, arg,
                      sb_op_row(op)->n_arg);
}

/* Is every part of moderate size, so that rounding is no matter? */
static bool is_moderate(const struct sb_pool *pool, sb_expr e)
{
    for (sb_expr part = 1; part <= e; part++) {
        const struct sb_interval range = sb_expr_range(pool, part);

        if (sb_pool_node(pool, part)->op != SB_X && sb_pool_node(pool, part)->op != SB_Y &&
            !(range.lo > -1e6 && range.hi < 1e6))
            return false;
    }
    return true;
}

/* |e(x,y) - e(x,y')| <= L |y - y'|, tried on all sorts of expressions, x, y and y'. */
static void test_steepness_holds(void **state)
{
    static const double thirds[] = { -1, -1.0 / 3, 0.5, 1 };
    int n_useful = 0;

    (void)state;
    for (uint32_t s = 0; s < 4; s++) {
        struct sb_space space = *random_space(s < 3 ? s : 0);
        struct sb_pool *pool;
        struct rng r = { 900 + s };

        if (s == 3) {
            space.labels = thirds;
            space.n_labels = 4;
        }
        pool = sb_pool_new(&space);
        for (int i = 0; i < trials(2000); i++) {
            const sb_expr e = tame_expr(pool, &r, 1 + rng_below(&r, 4));
            const double constant = sb_expr_label_lipschitz(pool, e);
            double first[40], second[40], y[40];

            n_useful += constant > 0 && constant < 100;
            random_points(&r, &space, 40, &points);
            for (int k = 0; s == 2 && k < 40; k++)
                for (uint32_t j = 0; j < 4; j++)
                    points.x[j][k] = rng_uniform(&r) * 4 - 2;
            for (int k = 0; s == 2 && k < 40; k++)
                points.y[k] = rng_uniform(&r) * 4 - 2;
            if (constant < INFINITY && (s == 2 || is_moderate(pool, e))) {
                evaluate(pool, e, &points.block, first);
                for (int k = 0; k < 40; k++) {
                    y[k] = points.y[k];
                    points.y[k] = s != 2 ? space.labels[rng_below(&r, (uint32_t)space.n_labels)]
                                  : rng_below(&r, 2) ? y[k] + rng_uniform(&r) * 1e-3
                                                     : rng_uniform(&r) * 4 - 2;
                }
                evaluate(pool, e, &points.block, second);
                for (int k = 0; k < 40; k++) {
                    const double size = fabs(first[k]) + fabs(second[k]);

                    if (size < 1e6 && fabs(first[k] - second[k]) >
                                          constant * fabs(points.y[k] - y[k]) + 1e-9 * (1 + size))
                        fail_msg(
                            "from %.17g to %.17g for y from %.17g to %.17g, constant %.17g: %s",
                            first[k], second[k], y[k], points.y[k], constant, text_of(pool, e));
                }
            }
            sb_pool_forget(pool, 0);
        }
        sb_pool_free(pool);
    }
    assert_true(n_useful > trials(1000));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_steepness_by_hand),
        cmocka_unit_test(test_steepness_is_rounded_up),
        cmocka_unit_test(test_rounding_is_steep),
        cmocka_unit_test(test_steepness_holds),
        cmocka_unit_test(test_ranges_enclose_values),
        cmocka_unit_test(test_hermite_ranges),
        cmocka_unit_test(test_ranges_by_hand),
        cmocka_unit_test(test_hermite_range_is_useful),
        cmocka_unit_test(test_support_is_all_that_counts),
        cmocka_unit_test(test_support_by_hand),
        cmocka_unit_test(test_kinks_by_hand),
        cmocka_unit_test(test_kinks_unknown),
        cmocka_unit_test(test_kinks_along_a_dot),
        cmocka_unit_test(test_kinks_of_a_network),
        cmocka_unit_test(test_roots),
        cmocka_unit_test(test_smooth_between_kinks),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
