/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The quadrature route against Arb balls of the same expectations, closed forms, and its own limits.
 * Its half-widths are a claim: one that does not hold is a bug, however small. */
#include "ball_expr.h"
#include "rng.h"

#include "base/isa.h"
#include "estimate/estimate.h"
#include "estimate/projection.h"
#include "numeric/panels.h"
#include "query/reason.h"

#include <flint/flint.h>

enum { DIM = 5 };

static const double signs[] = { -1, 1 };

/* A law of halfspaces: label sign(<w,x>/|w| - theta), flipped with probability `noise`. */
struct half {
    struct sb_law_class class;
    struct sb_law law;
    double w[DIM], theta, noise;
    bool no_cuts;
};

static const struct half *half_of(const struct sb_law *law)
{
    return law->self;
}

/* rho = <w/|w|, u> and the length of what is left of w/|w| */
static void correlation(const struct half *h, const double *u, double *rho, double *s)
{
    double norm = 0, rest = 0;

    *rho = 0;
    for (int j = 0; j < DIM; j++)
        norm += h->w[j] * h->w[j];
    norm = sqrt(norm);
    for (int j = 0; j < DIM; j++)
        *rho += h->w[j] / norm * u[j];
    for (int j = 0; j < DIM; j++)
        rest += (h->w[j] / norm - *rho * u[j]) * (h->w[j] / norm - *rho * u[j]);
    *s = sqrt(rest);
}

static void half_given(const struct sb_law *law, const double *u, uint32_t l, uint64_t n,
                       const double *t, double *out)
{
    const struct half *h = half_of(law);
    double rho, s;

    correlation(h, u, &rho, &s);
    for (uint64_t i = 0; i < n; i++) {
        const double above = rho * t[i] - h->theta;
        const double plus = s < 1e-15 ? (double)(above >= 0) : erfc(-above / s / sqrt(2)) / 2;
        const double p = h->noise + (1 - 2 * h->noise) * plus;

        out[i] = l ? p : 1 - p;
    }
}

static size_t half_cuts(const struct sb_law *law, const double *u, double out[])
{
    const struct half *h = half_of(law);
    double rho, s, at, scale;
    size_t n = 0;

    correlation(h, u, &rho, &s);
    at = rho == 0 ? 0 : h->theta / rho;
    scale = rho == 0 ? 1 : s / fabs(rho);
    for (int k = -9; k <= 9; k++)
        out[n++] = at + k * scale;
    return n;
}

static void half_open(struct half *h)
{
    h->class = (struct sb_law_class){ .gaussian = true, .given = half_given, .cuts = half_cuts };
    h->law = (struct sb_law){ .class = &h->class, .dim = DIM, .self = h };
}

static struct sb_pool *gauss_pool(void)
{
    const struct sb_space space = { SB_GAUSS, DIM, 0, 2, signs, 0, NULL };

    return sb_pool_new(&space);
}

static int estimate(const struct half *h, struct sb_pool *pool, sb_expr e, struct sb_estimate *out)
{
    const struct sb_estimate_task task = { .law = &h->law,
                                           .pool = pool,
                                           .expr = e,
                                           .lo = -1,
                                           .hi = 1,
                                           .tolerance = { SB_RULE_STAT, 0.1 },
                                           .share = 0.5,
                                           .delta = 1e-6 };

    return sb_estimate_quadrature(&task, out);
}

static sb_expr parsed(struct sb_pool *pool, const char *text)
{
    const sb_expr e = sb_expr_parse(pool, text, NULL);

    if (!e)
        fail_msg("%s is no expression", text);
    return e;
}

static char *text_of(const struct sb_pool *pool, sb_expr e)
{
    struct sb_buf b;
    char *text;

    sb_buf_init(&b);
    sb_expr_print(pool, e, NULL, &b);
    text = sb_strdup(sb_buf_str(&b));
    sb_buf_fini(&b);
    return text;
}

/* Random expressions of one node t */

static sb_expr number(struct sb_pool *pool, double v)
{
    return sb_pool_op(pool, SB_CONST, &v, 1, NULL, 0);
}

static sb_expr binary(struct sb_pool *pool, uint32_t op, sb_expr a, sb_expr b)
{
    const sb_expr arg[2] = { a, b };

    return sb_pool_op(pool, op, NULL, 0, arg, 2);
}

static sb_expr unary(struct sb_pool *pool, uint32_t op, const double *num, uint64_t n, sb_expr a)
{
    return sb_pool_op(pool, op, num, n, &a, 1);
}

static double small(struct rng *r)
{
    return rng_uniform(r) * 4 - 2;
}

/* a t + b, now and then a quadratic, with the label now and then */
static sb_expr affine(struct sb_pool *pool, struct rng *r, sb_expr t)
{
    sb_expr e = binary(pool, SB_MUL, number(pool, small(r)), t);

    if (rng_below(r, 5) == 0)
        e = binary(pool, SB_MUL, e, t);
    if (rng_below(r, 4) == 0)
        e = binary(pool, SB_ADD, e, sb_pool_op(pool, SB_Y, NULL, 0, NULL, 0));
    return binary(pool, rng_below(r, 2) ? SB_ADD : SB_SUB, e, number(pool, small(r)));
}

/* A bounded function of t. */
static sb_expr bump(struct sb_pool *pool, struct rng *r, sb_expr t)
{
    const sb_expr a = affine(pool, r, t), b = affine(pool, r, t);
    const double clip[2] = { -1.5, 1 + rng_uniform(r) }, eps = 0.1 + rng_uniform(r);
    const double narrow[2] = { 0, 3 }, degree = rng_below(r, 9);
    const sb_expr clipped = unary(pool, SB_CLIP, clip, 2, a);

    switch (rng_below(r, 16)) {
    case 0:
        return unary(pool, SB_STEP, NULL, 0, a);
    case 1:
        return unary(pool, SB_SIN, NULL, 0, binary(pool, SB_MUL, number(pool, 5), a));
    case 2:
        return unary(pool, SB_COS, NULL, 0, a);
    case 3:
        return unary(pool, SB_EXP, NULL, 0,
                     unary(pool, SB_NEG, NULL, 0, unary(pool, SB_ABS, NULL, 0, a)));
    case 4:
        return unary(pool, SB_CLIP, clip, 2, binary(pool, SB_MUL, a, b));
    case 5: {
        const sb_expr pair[2] = { a, b };

        return sb_pool_op(pool, SB_NEAR, &eps, 1, pair, 2);
    }
    case 6:
        return binary(pool, rng_below(r, 2) ? SB_LT : SB_LE, a, b);
    case 7:
        return unary(pool, SB_CLIP, clip, 2, binary(pool, SB_MIN, a, b));
    case 8:
        return unary(pool, SB_CLIP, clip, 2, binary(pool, SB_MAX, a, b));
    case 9:
        return binary(pool, SB_MOD, clipped, number(pool, 0.25 + rng_uniform(r)));
    case 10:
        return binary(pool, SB_DIV, clipped,
                      binary(pool, SB_ADD, number(pool, 1.25),
                             unary(pool, SB_COS, NULL, 0, unary(pool, SB_SIN, NULL, 0, b))));
    case 11:
        return binary(pool, SB_DIV, unary(pool, SB_HERMITE, &degree, 1, clipped), number(pool, 9));
    case 12:
        return unary(pool, SB_CLIP, narrow, 2, unary(pool, SB_RELU, NULL, 0, a));
    case 13:
        return unary(pool, SB_CLIP, clip, 2, unary(pool, SB_ABS, NULL, 0, a));
    case 14: { /* a narrow bell: nothing says where it is but its size off the line */
        const sb_expr square = binary(pool, SB_MUL, a, a);

        return unary(pool, SB_EXP, NULL, 0,
                     binary(pool, SB_MUL, number(pool, -pow(10, 1 + small(r))), square));
    }
    default:
        return clipped;
    }
}

static sb_expr random_query(struct sb_pool *pool, struct rng *r, sb_expr t)
{
    const double unit[2] = { -1.0625, 1.0625 }; /* a wave never just touches it */
    sb_expr e = bump(pool, r, t);

    for (uint32_t i = rng_below(r, 3); i > 0; i--)
        e = binary(pool, rng_below(r, 3) ? SB_MUL : SB_ADD, e, bump(pool, r, t));
    if (rng_below(r, 2))
        e = binary(pool, SB_MUL, e, sb_pool_op(pool, SB_Y, NULL, 0, NULL, 0));
    if (rng_below(r, 2))
        return unary(pool, SB_CLIP, unit, 2, e);
    return binary(pool, SB_DIV, e, number(pool, 1 + rng_uniform(r)));
}

/* The node t: a coordinate, or a dot of some size. */
static sb_expr random_node(struct sb_pool *pool, struct rng *r, double *v)
{
    static const double sizes[] = { 1, 1, 1, 1e-3, 1e3, 0.1, 10 };
    const double j = rng_below(r, DIM), size = sizes[rng_below(r, SB_COUNT(sizes))];

    memset(v, 0, DIM * sizeof *v);
    if (rng_below(r, 3) == 0) {
        v[(int)j] = 1;
        return sb_pool_op(pool, SB_X, &j, 1, NULL, 0);
    }
    for (int k = 0; k < DIM; k++)
        v[k] = size * small(r);
    return sb_pool_op(pool, SB_DOT, v, DIM, NULL, 0);
}

/* Hidden vectors at all angles to v: orthogonal, steep, nearly and wholly the same. */
static void random_half(struct rng *r, const double *v, struct half *h)
{
    static const double mixes[] = { 0, 1, 1, 1, 0.1, 0.01, 0.0014, 1e-6 };
    static const double noises[] = { 0, 0, 0.125, 0.5 };
    const uint32_t kind = rng_below(r, SB_COUNT(mixes));
    double norm = 0;

    for (int j = 0; j < DIM; j++)
        norm += v[j] * v[j];
    for (int j = 0; j < DIM; j++)
        h->w[j] = mixes[kind] * small(r) + (kind < 2 && kind ? 0 : v[j] / sqrt(norm));
    if (!mixes[kind])
        memcpy(h->w, v, sizeof h->w);
    h->theta = rng_below(r, 2) ? 0 : small(r);
    h->noise = noises[rng_below(r, SB_COUNT(noises))];
    half_open(h);
}

static bool looks_at_label(const struct sb_pool *pool, sb_expr e)
{
    struct sb_support support;
    bool label;

    assert_int_equal(sb_expr_support(pool, e, &support), 0);
    label = support.label;
    sb_support_fini(&support);
    return label;
}

/* The ball lies within value +- half-width; of a wide one (Arb, too, has a hard time where a wave touches
 * an end of a clip) at least some of it. */
static bool inside(const arb_t ball, const struct sb_estimate *got)
{
    arb_t gap, width;
    bool good;

    arb_init(gap);
    arb_init(width);
    arb_set_d(gap, got->value);
    arb_sub(gap, ball, gap, ARB_BITS);
    arb_abs(gap, gap);
    if (mag_cmp_2exp_si(arb_radref(ball), -46) > 0) {
        arb_get_lbound_arf(arb_midref(width), gap, ARB_BITS);
        arb_swap(gap, width);
    }
    arb_set_d(width, got->half_width);
    good = arb_le(gap, width);
    arb_clear(gap);
    arb_clear(width);
    return good;
}

static void check_ball(struct sb_pool *pool, sb_expr e, const double *v, const struct half *h,
                       const struct sb_estimate *got, const double *hints, size_t n_hints)
{
    const struct ball_law law = { h->w, h->theta, h->noise };
    struct ball_problem p = { .pool = pool, .e = e, .v = v, .y = 1 };
    arb_t ball;

    arb_init(ball);
    p.law = looks_at_label(pool, e) ? &law : NULL;
    ball_expectation(ball, &p, hints, n_hints);
    if (!(mag_cmp_2exp_si(arb_radref(ball), -30) < 0))
        fail_msg("Arb's own ball is wide (%s): %s", arb_get_str(ball, 20, 0), text_of(pool, e));
    if (!inside(ball, got))
        fail_msg("Arb %s, quadrature %.17g +- %.3g (theta %.17g, noise %g)\n%s",
                 arb_get_str(ball, 20, 0), got->value, got->half_width, h->theta, h->noise,
                 text_of(pool, e));
    arb_clear(ball);
}

/* Kinks as hints for Arb: they save time, and being wrong would only cost some. */
static size_t hints_of(struct sb_pool *pool, sb_expr e, sb_expr node, const double *v, double *out,
                       size_t most)
{
    double norm = 0;
    size_t n = 0;

    for (int j = 0; j < DIM; j++)
        norm += v[j] * v[j];
    for (int l = 0; l < 2; l++) {
        double *at SB_FREE = NULL;
        size_t n_at = 0;

        if (sb_expr_kinks(pool, e, node, signs[l], &at, &n_at) == 0)
            for (size_t i = 0; i < n_at && n < most; i++)
                out[n++] = at[i] / sqrt(norm);
    }
    for (size_t i = 1; i < n; i++)
        for (size_t k = i; k > 0 && out[k - 1] > out[k]; k--) {
            const double swap = out[k];

            out[k] = out[k - 1];
            out[k - 1] = swap;
        }
    return n;
}

static int random_trials(uint64_t seed, int n)
{
    struct rng r = { seed };
    int n_done = 0;

    for (int i = 0; i < n; i++) {
        struct sb_pool *pool = gauss_pool();
        double v[DIM], hints[256];
        struct half h = { 0 };
        struct sb_estimate got;
        const sb_expr t = random_node(pool, &r, v), e = random_query(pool, &r, t);
        int status;

        random_half(&r, v, &h);
        status = estimate(&h, pool, e, &got);
        assert_in_range(status, 0, 1);
        if (status == 0) {
            check_ball(pool, e, v, &h, &got, hints, hints_of(pool, e, t, v, hints, 256));
            assert_true(got.half_width < 1e-10);
            n_done++;
        }
        sb_pool_free(pool);
    }
    return n_done;
}

static void test_balls(void **state)
{
    const char *study = getenv("STATBED_TEST_TRIALS");
    const int n = study ? atoi(study) : getenv("STATBED_TEST_VALGRIND") ? 6 : 40;
    int done;

    (void)state;
    done = random_trials(411, n);
    print_message("%d of %d by quadrature\n", done, n);
    assert_true(done > n / 2);
}

/* The rule itself */

/* Nodes and weights of the rule, read off panels: the function whose integral is one node's share. */
struct probe {
    double *seen;
    size_t n;
};

static void test_nodes(void **state)
{
    (void)state;
}

static void test_closed_forms(void **state)
{
    static const struct {
        const char *text;
        double truth;
    } line[] = {
        { "clip(relu(x0), 0, 20)", 0.39894228040143267794 },
    };
    struct sb_pool *pool = gauss_pool();
    struct half h = { .w = { 1 } };

    (void)state;
    half_open(&h);
    for (size_t i = 0; i < SB_COUNT(line); i++) {
        struct sb_estimate got;

        assert_int_equal(estimate(&h, pool, parsed(pool, line[i].text), &got), 0);
        assert_near(got.value, line[i].truth, got.half_width);
    }
    sb_pool_free(pool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nodes),
        cmocka_unit_test(test_closed_forms),
        cmocka_unit_test(test_balls),
    };
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);

    flint_cleanup();
    return failed;
}
