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
    const struct sb_space space = {
        .domain = SB_GAUSS, .dim = DIM, .n_labels = 2, .labels = signs
    };

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
    if (mixes[kind] == 0)
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

/* The ball lies within value +- half-width; of one that is wide for that (Arb, too, has a hard time where a
 * wave touches an end of a clip) at least some of it. */
static bool inside(const arb_t ball, const struct sb_estimate *got)
{
    arb_t gap, width;
    bool good;

    arb_init(gap);
    arb_init(width);
    arb_set_d(gap, got->value);
    arb_sub(gap, ball, gap, ARB_BITS);
    arb_abs(gap, gap);
    if (mag_cmp_2exp_si(arb_radref(ball), -46) > 0 ||
        mag_get_d(arb_radref(ball)) > got->half_width / 4) {
        arb_get_lbound_arf(arb_midref(width), gap, ARB_BITS);
        arb_swap(gap, width);
    }
    arb_set_d(width, got->half_width);
    good = arb_le(gap, width);
    arb_clear(gap);
    arb_clear(width);
    return good;
}

/* Queries that Arb gave up on, for all its bits: frequencies of thousands. They decide nothing. */
static int n_wide;

static void check_ball(struct sb_pool *pool, sb_expr e, const double *v, const struct half *h,
                       const struct sb_estimate *got, const double *hints, size_t n_hints)
{
    const struct ball_law law = { h->w, h->theta, h->noise };
    struct ball_problem p = { .pool = pool, .e = e, .v = v, .y = 1 };
    arb_t ball;

    arb_init(ball);
    p.law = looks_at_label(pool, e) ? &law : NULL;
    ball_expectation(ball, &p, hints, n_hints);
    if (!(mag_cmp_2exp_si(arb_radref(ball), -30) < 0)) {
        print_message("# Arb's own ball is wide (%s): %s\n", arb_get_str(ball, 20, 0),
                      text_of(pool, e));
        n_wide++;
    } else if (!inside(ball, got)) {
        fail_msg("Arb %s, quadrature %.17g +- %.3g (theta %.17g, noise %g)\n%s",
                 arb_get_str(ball, 20, 0), got->value, got->half_width, h->theta, h->noise,
                 text_of(pool, e));
    }
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

        if (sb_expr_kinks(pool, e, node, 1, signs[l], &at, &n_at) == 0)
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
    assert_true(done > n / 3);
    assert_true(n_wide <= n / 100);
}

/* The rule itself */

/* The rule itself: it is asked for its points, and each weight stands in the gap between the panel and its
 * parts when the function is 1 at that point of the panel and 0 elsewhere. */
struct probe {
    size_t at;
    double t;
};

static int probe_values(void *self, size_t n, const double *t, double *out)
{
    struct probe *p = self;

    assert_int_equal(n, 60);
    memset(out, 0, n * sizeof *out);
    out[p->at] = 1;
    p->t = t[p->at];
    return 0;
}

static void test_nodes(void **state)
{
    double ends[2] = { -1, 1 };
    const struct sb_panels panel = { ends, 1, 0 };
    arb_t x, w, density;

    (void)state;
    arb_init(x);
    arb_init(w);
    arb_init(density);
    for (size_t i = 0; i < 20; i++) {
        struct probe p = { .at = i };
        const struct sb_integrand f = { &p, NULL, 1, 1, probe_values, NULL };
        double ignored, gap;

        assert_int_equal(sb_panels_integrate(&panel, &f, &ignored, &gap), 0);
        arb_hypgeom_legendre_p_ui_root(x, w, 20, 19 - i, 128); /* Arb counts from the right */
        arb_mul(density, x, x, 128);
        arb_mul_2exp_si(density, density, -1);
        arb_neg(density, density);
        arb_exp(density, density, 128);
        arb_mul(w, w, density, 128);
        arb_const_pi(density, 128);
        arb_mul_2exp_si(density, density, 1);
        arb_rsqrt(density, density, 128);
        arb_mul(w, w, density, 128);
        assert_same(p.t, arf_get_d(arb_midref(x), ARF_RND_NEAR));
        assert_near(gap, arf_get_d(arb_midref(w), ARF_RND_NEAR), 4e-17);
    }
    arb_clear(x);
    arb_clear(w);
    arb_clear(density);
}

static double tail(double t) /* Pr[g > t] */
{
    return erfc(t / sqrt(2)) / 2;
}

/* Of x alone */
static void test_closed_forms(void **state)
{
    const double root = 0.39894228040143267794; /* 1/sqrt(2 pi) */
    const struct {
        const char *text;
        double truth;
    } line[] = {
        { "clip(relu(x0), 0, 100)", root },
        { "clip(hermite(5, x0), -1000000, 1000000)/1000000", 0 },
        { "clip(hermite(4, x0)*hermite(4, x0), 0, 1e9)/1000000000", 1e-9 },
        { "clip(x0*clip(x0, -1, 1), -100, 100)", 1 - 2 * tail(1) }, /* Stein: Pr[|x| < 1] */
        { "step(x2 - 8)", tail(8) },
        { "near(dot(3,4,0,0,0), 5, 1)", tail(0.8) - tail(1.2) },
        { "cos(x0)", exp(-0.5) },
        { "sin(40*x0)", 0 },
        { "cos(100*x0)", 0 },
        { "exp(-(x0*x0))", 1 / sqrt(3) },
        { "exp(-1000000*((x0 - 0.123)*(x0 - 0.123)))", /* a bell of width 1e-3 */
          exp(-0.123 * 0.123 / 2 * (1 - 1 / 2000001.0)) / sqrt(2000001) },
        { "1/(1 + x0*x0)", sqrt(3.14159265358979323846 / 2) * exp(0.5) * erfc(sqrt(0.5)) },
        { "cos(dot(0.003,0.004,0,0,0))", exp(-0.000025 / 2) },
        { "step(dot(1000,0,0,300,-7))", 0.5 },
        { "mod(2*step(x0) + 1, 1.25)", 0.75 }, /* 1 and 0.5 */
        { "eq(x0, x0)", 1 },
        { "1/4", 0.25 },
        { "(cos(x0) + cos(x1) - 2*cos(dot(1,1,0,0,0)))/4", (exp(-0.5) - exp(-1)) / 2 },
        { "-(cos(x0) - cos(x1)*3)/7", 2 * exp(-0.5) / 7 },
        { "clip(dot(1,1,0,0,0), 0, 9)*step(dot(2,2,0,0,0))/9", root * sqrt(2) / 9 },
        { "clip(x1, -9, 9)*clip(dot(0,0.5,0,0,0), -9, 9)/81", 0.5 / 81 },
    };
    struct sb_pool *pool = gauss_pool();
    struct half h = { .w = { 1 } };

    (void)state;
    half_open(&h);
    for (size_t i = 0; i < SB_COUNT(line); i++) {
        const bool rough = strstr(line[i].text, " 9)"); /* clipped where next to nothing is */
        struct sb_estimate got;

        if (estimate(&h, pool, parsed(pool, line[i].text), &got))
            fail_msg("%s: not by quadrature", line[i].text);
        if (!(fabs(got.value - line[i].truth) <= got.half_width + (rough ? 1e-9 : 0)))
            fail_msg("%s: %.17g +- %.3g, not %.17g", line[i].text, got.value, got.half_width,
                     line[i].truth);
        if (!(got.half_width <= 2e-10))
            fail_msg("%s: half-width %.3g", line[i].text, got.half_width);
        assert_int_equal(got.method, SB_QUADRATURE);
        assert_int_equal(got.samples, 0);
    }
    sb_pool_free(pool);
}

/* Two half-spaces at an angle alpha agree with probability 1 - alpha/pi: at all angles, down to where the
 * label's law is all but a jump, and beyond. */
static void test_angles(void **state)
{
    static const double angles[] = { 0,    1e-14, 1e-12,    1e-9, 1e-7,
                                     1e-6, 1e-5,  1e-4,     1e-3, 0.01,
                                     0.1,  0.5,   1,        1.5,  1.5707963267948966,
                                     1.6,  3,     3.1415926 };
    struct half h = { .noise = 0.125 };

    (void)state;
    half_open(&h);
    for (size_t i = 0; i < SB_COUNT(angles); i++) {
        struct sb_pool *pool = gauss_pool();
        struct sb_estimate got;

        memset(h.w, 0, sizeof h.w);
        h.w[0] = cos(angles[i]);
        h.w[1] = sin(angles[i]);
        assert_int_equal(estimate(&h, pool, parsed(pool, "y*(2*step(x0) - 1)"), &got), 0);
        assert_near(got.value, 0.75 * (1 - 2 * angles[i] / 3.14159265358979323846), got.half_width);
        /* terms of two projections, and one of none */
        assert_int_equal(estimate(&h, pool, parsed(pool, "y*(step(x0) - step(x1) + 3)/6"), &got),
                         0);
        assert_near(got.value,
                    0.75 / 6 *
                        (1 - 2 * angles[i] / 3.14159265358979323846 -
                         (1 - 2 * fabs(1.5707963267948966 - angles[i]) / 3.14159265358979323846)) /
                        2,
                    got.half_width);
        assert_true(got.half_width < 4e-12);
        sb_pool_free(pool);
    }
}

/* What it leaves to sampling. */
static void test_not_applicable(void **state)
{
    static const char *const others[] = {
        "clip(x0*x1, -1, 1)",
        "clip(x0 + x1, -1, 1)",
        "clip(dot(1,1,0,0,0), -1, 1)*step(dot(0.3,0.3,0,0,0))", /* rounded each in its own way */
        "clip(sin(x0)*2, -1, 1)",                               /* kinks that are not found */
        "sin(1000000*x0)",                                      /* too many panels */
        "clip(1/x0, -1, 1)",
        "clip((x0 + 4503599627370496) - 4503599627370496, -1, 1)", /* a staircase, as computed */
        "cos((100000000*x0 + 10000000000000000) - 10000000000000000)",
        "y*step(x0)*step(x1)",
    };
    struct sb_pool *pool = gauss_pool();
    struct half h = { .w = { 1 } };
    struct sb_estimate got;

    (void)state;
    half_open(&h);
    for (size_t i = 0; i < SB_COUNT(others); i++)
        if (estimate(&h, pool, parsed(pool, others[i]), &got) != 1)
            fail_msg("%s: %.17g +- %.3g", others[i], got.value, got.half_width);
    h.class.given = NULL;
    assert_int_equal(estimate(&h, pool, parsed(pool, "y*step(x0)"), &got), 1);
    assert_int_equal(estimate(&h, pool, parsed(pool, "step(x0)"), &got), 0);
    h.class.gaussian = false;
    assert_int_equal(estimate(&h, pool, parsed(pool, "step(x0)"), &got), 1);
    sb_pool_free(pool);
}

/* Kinks that drown in rounding are where they should be, or the query is sampled. */
static void test_drowning_kinks(void **state)
{
    struct half h = { .w = { 1 } };
    struct rng r = { 8 };
    int n_done = 0;

    (void)state;
    half_open(&h);
    for (int i = 0; i < 600; i++) {
        struct sb_pool *pool = gauss_pool();
        const double at = small(&r), one = 1, x = 0;
        const sb_expr factor =
            binary(pool, SB_SUB, sb_pool_op(pool, SB_X, &x, 1, NULL, 0), number(pool, at));
        sb_expr e = factor;
        struct sb_estimate got;

        for (uint32_t k = 2 * rng_below(&r, 4); k > 0; k--)
            e = binary(pool, SB_MUL, e, factor);
        e = binary(pool, SB_LE, number(pool, 0), e);
        e = binary(pool, SB_MUL, number(pool, one), e);
        if (estimate(&h, pool, e, &got) == 0) {
            assert_near(got.value, tail(at), got.half_width);
            n_done++;
        }
        sb_pool_free(pool);
    }
    assert_true(n_done > 20);
}

/* A jump that is not where it was said to be: what is reported covers what it does, or is enough for the
 * query to be sampled. */
struct jump {
    double at;
};

static int jump_values(void *self, size_t n, const double *t, double *out)
{
    const struct jump *j = self;

    for (size_t i = 0; i < n; i++)
        out[i] = t[i] >= j->at;
    return 0;
}

static int jump_discs(void *self, size_t n, const double *t, const double *radius, double *out)
{
    (void)self;
    (void)t;
    (void)radius;
    for (size_t i = 0; i < n; i++)
        out[i] = 1;
    return 0;
}

static void test_misplaced_kinks(void **state)
{
    struct rng r = { 5 };

    (void)state;
    for (int i = 0; i < 400; i++) {
        const double kink = 2 * small(&r), by = pow(10, -1 - 14 * rng_uniform(&r));
        struct jump j = { kink + (i % 2 ? by : -by) };
        const struct sb_integrand f = { &j, NULL, 1, 1, jump_values, jump_discs };
        struct sb_panels panels;
        double value, gap, off;

        assert_int_equal(sb_panels_cut(&f, &kink, 1, &panels), 0);
        assert_int_equal(sb_panels_integrate(&panels, &f, &value, &gap), 0);
        assert_int_equal(sb_panels_kinks(&panels, &f, &kink, 1, &off), 0);
        if (gap + off < 1e-12 && !(fabs(value - tail(j.at)) <= gap + off + 1e-15))
            fail_msg("a jump at %.17g for %.17g: off by %.3g, reported %.3g + %.3g", j.at, kink,
                     value - tail(j.at), gap, off);
        sb_panels_fini(&panels);
    }
}

/* Exactly n more panels, wherever the cuts are, and the same integral. */
static void test_cuts_of_a_law(void **state)
{
    static const double cuts[] = { -INFINITY, -10, -3, 0.25, 0.25, 0.5, 10, 700, INFINITY };
    struct jump j = { 0.25 };
    const struct sb_integrand f = { &j, NULL, 1, 1, jump_values, jump_discs };
    struct sb_panels panels;
    double value, gap;
    size_t n;

    (void)state;
    assert_int_equal(sb_panels_cut(&f, &j.at, 1, &panels), 0);
    n = panels.n;
    assert_int_equal(sb_panels_add(&panels, cuts, SB_COUNT(cuts)), 0);
    assert_int_equal(panels.n, n + SB_COUNT(cuts));
    assert_same(panels.ends[0], -SB_PANEL_END);
    assert_same(panels.ends[panels.n], SB_PANEL_END);
    for (size_t i = 0; i < panels.n; i++)
        assert_true(panels.ends[i] <= panels.ends[i + 1]);
    assert_int_equal(sb_panels_integrate(&panels, &f, &value, &gap), 0);
    assert_near(value, tail(0.25), 1e-15);
    sb_panels_fini(&panels);
}

/* The variance rule squares the query and asks again. */
static void test_variance(void **state)
{
    struct sb_pool *pool = gauss_pool();
    struct half h = { .w = { 1 } };
    struct sb_estimate_task task = { .law = &h.law,
                                     .pool = pool,
                                     .expr = parsed(pool, "cos(x0)"),
                                     .lo = -1,
                                     .hi = 1,
                                     .tolerance = { SB_RULE_VARIANCE, 100 },
                                     .share = 0.5,
                                     .delta = 1e-6 };
    struct sb_estimate got;

    (void)state;
    half_open(&h);
    assert_int_equal(sb_estimate(&task, &got), 0);
    assert_int_equal(got.method, SB_QUADRATURE);
    assert_near(got.variance_lb, (1 + exp(-2)) / 2 - exp(-1), 1e-11);
    assert_true(got.variance_lb <= (1 + exp(-2)) / 2 - exp(-1));
    sb_pool_free(pool);
}

/* The same bits on every instruction set. */
static void test_instruction_sets(void **state)
{
    static const char *const texts[] = { "y*clip(x0, -3, 3)/3", "cos(dot(1,2,3,4,5))*y",
                                         "clip(hermite(7, x1), -1, 1)",
                                         "mod(clip(dot(1,1,1,0,0), -4, 4), 0.3)",
                                         "exp(-abs(x0))*(y + sin(9*x0))/2" };
    struct half h = { .w = { 1, 2, 0, 0, 1 }, .theta = 0.3, .noise = 0.125 };

    (void)state;
    half_open(&h);
    for (size_t i = 0; i < SB_COUNT(texts); i++) {
        struct sb_estimate got, first = { 0 };

        for (int isa = SB_ISA_BASELINE; isa < SB_ISAS; isa++) {
            struct sb_pool *pool = gauss_pool();

            if (sb_isa_has((enum sb_isa)isa)) {
                sb_isa_limit((enum sb_isa)isa);
                assert_int_equal(estimate(&h, pool, parsed(pool, texts[i]), &got), 0);
                first = isa == SB_ISA_BASELINE ? got : first;
                assert_memory_equal(&got.value, &first.value, sizeof got.value);
                assert_memory_equal(&got.half_width, &first.half_width, sizeof got.value);
            }
            sb_pool_free(pool);
        }
    }
    sb_isa_limit(SB_ISAS - 1);
}

static void test_tags(void **state)
{
    (void)state;
    assert_string_equal(sb_method_tag(SB_QUADRATURE), "estimated");
    assert_string_equal(sb_method_tag(SB_FRESH_EXAMPLES), "none");
    assert_string_equal(sb_method_tag(SB_MONTE_CARLO), "certified");
    assert_string_equal(sb_method_tag(12345), "none");
}

/* Narrow features that no node of a panel meets: whoever does not know of them must not answer. */
static void test_nothing_narrow_is_missed(void **state)
{
    static const char *const narrow[] = {
        /* 0 on an interval of 2e-5; the coefficients cancel to less than their rounding */
        "step(1e12*((x0-0.3)*(x0-0.3)-1e-10) - 999999999999*((x0-0.3)*(x0-0.3)-1e-10))",
        /* 1 on an interval of 1.4e-7 in t, at a value of the dot that no coordinate alone has */
        "near(exp(dot(100,100,0,0,0)), 1e40, 1e35)",
        "step((x0-0.3)*(x0-0.3)-1e-17)",
        /* 0 on an interval of 3e-5, where the square's multiple is rounded to 0 */
        "step(1e-10*x0 - 1e-10*x0 - ((x0-0.3)*(x0-0.3)*1e-157)*1e-157*1e10)",
        "step(((x0-0.3)*(x0-0.3)-1e-10)*1e-310)",
    };
    /* 0 on an interval of 2e-5, however large the polynomial is */
    static const char *const scales[] = { "1", "1e200", "1e-200", "1e290", "1e-280" };
    struct sb_pool *pool = gauss_pool();
    struct half h = { .w = { 1 } };

    (void)state;
    half_open(&h);
    for (size_t i = 0; i < SB_COUNT(scales); i++) {
        struct sb_estimate got;
        char text[120];

        snprintf(text, sizeof text, "step(((x0-0.3)*(x0-0.3)-1e-10)*(x0+20)*%s)", scales[i]);
        if (estimate(&h, pool, parsed(pool, text), &got) == 0)
            assert_near(got.value, 1 - tail(0.3 - 1e-5) + tail(0.3 + 1e-5), got.half_width);
    }
    for (size_t i = 0; i < SB_COUNT(narrow); i++) {
        struct sb_estimate got;

        if (estimate(&h, pool, parsed(pool, narrow[i]), &got) != 1)
            fail_msg("%s: %.17g +- %.3g", narrow[i], got.value, got.half_width);
    }
    sb_pool_free(pool);
}

/* Terms of size 1e5 cannot be told to 1e-12: where that is too coarse the query is sampled, or refused. */
static void test_large_terms(void **state)
{
    struct sb_pool *pool = gauss_pool();
    struct half h = { .w = { 1 } };
    struct sb_estimate_task task = { .law = &h.law,
                                     .pool = pool,
                                     .lo = -1,
                                     .hi = 1,
                                     .tolerance = { SB_RULE_STAT, 1e-5 },
                                     .share = 0.5,
                                     .delta = 1e-6 };
    struct sb_estimate got;

    (void)state;
    half_open(&h);
    task.expr = parsed(pool, "clip(x0, 1e5, 100000.5) - clip(x1, 1e5, 100000.5)");
    assert_int_equal(sb_estimate(&task, &got), 0);
    assert_int_equal(got.method, SB_QUADRATURE);
    assert_true(got.half_width > 1e-9);
    task.tolerance.value = 1e-9;
    assert_int_equal(sb_estimate(&task, &got), SB_REFUSED);
    sb_pool_free(pool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nodes),
        cmocka_unit_test(test_closed_forms),
        cmocka_unit_test(test_angles),
        cmocka_unit_test(test_not_applicable),
        cmocka_unit_test(test_drowning_kinks),
        cmocka_unit_test(test_misplaced_kinks),
        cmocka_unit_test(test_cuts_of_a_law),
        cmocka_unit_test(test_variance),
        cmocka_unit_test(test_instruction_sets),
        cmocka_unit_test(test_tags),
        cmocka_unit_test(test_nothing_narrow_is_missed),
        cmocka_unit_test(test_large_terms),
        cmocka_unit_test(test_balls),
    };
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);

    flint_cleanup();
    return failed;
}
