/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Profiles where a direction is hidden, and the policy that plays by them: every member's value at once, against closed forms of mixtures of Gaussians in
 * the C library's erfc and cos; the tail bound of the power series, attacked where it is tight. */
#include "asked.h"

#include "rng.h"

#include "base/memory.h"
#include "base/threads.h"
#include "estimate/ngca.h"
#include "estimate/profile_ways.h"
#include "estimate/ridge_series.h"

#include <math.h>

/* Under valgrind, of a kind of case fewer. */
static bool few(void)
{
    return getenv("STATBED_TEST_VALGRIND") != NULL;
}

/* ---- laws ---- */

struct atom {
    double at, weight;
};
/* sum of N(at, s^2) over the atoms; s = 0: they are atoms */
struct law {
    const char *name;
    size_t n;
    struct atom atom[4];
    double s;
    uint32_t matched;
};
static const struct law laws[] = {
    /* the Gauss-Hermite rule of three nodes, scaled by sqrt(1 - s^2) */
    { "pancakes",
      3,
      { { -1.7320508075688772, 1. / 6 }, { 0, 2. / 3 }, { 1.7320508075688772, 1. / 6 } },
      .25,
      5 },
    { "thin",
      3,
      { { -1.7320508075688772, 1. / 6 }, { 0, 2. / 3 }, { 1.7320508075688772, 1. / 6 } },
      .02,
      5 },
    { "skew", 2, { { -.4, .75 }, { 1.2, .25 } }, .5, 0 },
    { "atoms",
      3,
      { { -1.7320508075688772, 1. / 6 }, { 0, 2. / 3 }, { 1.7320508075688772, 1. / 6 } },
      0,
      5 },
};

static double at(const struct law *law, size_t i)
{
    return law->matched ? law->atom[i].at * sqrt(1 - law->s * law->s) : law->atom[i].at;
}

static struct sb_line *line_of(const struct law *law)
{
    struct sb_line_piece piece[4];
    struct sb_line *line = NULL;
    struct sb_diag diag;

    sb_diag_init(&diag);
    for (size_t i = 0; i < law->n; i++)
        piece[i] = (struct sb_line_piece){
            .lo = -INFINITY, .hi = INFINITY, .offset = at(law, i), .weight = law->atom[i].weight
        };
    if (sb_line_mixture(law->n, piece, law->s, law->matched, NULL, 0, &line, &diag))
        fail_msg("%s: %s", law->name, diag.n_items ? diag.items[0].text : "no memory");
    sb_diag_fini(&diag);
    return line;
}

/* ---- ridges with closed forms ---- */

enum kind { STEP, COSINE, CLIP, KINDS };

static double below(double v) /* Phi */
{
    return erfc(-v / sqrt(2)) / 2;
}

/* E min(max(z, -1), 1) of z ~ N(m, b^2) */
static double clipped_mean(double m, double b)
{
    const double lo = (-1 - m) / b, hi = (1 - m) / b, root = sqrt(2 * 3.14159265358979323846);

    if (b < 1e-12)
        return m < -1 ? -1 : m > 1 ? 1 : m;
    return -below(lo) + (1 - below(hi)) + m * (below(hi) - below(lo)) +
           b * (exp(-lo * lo / 2) - exp(-hi * hi / 2)) / root;
}

/* E g(t X + sqrt(1 - t^2) z); p: the threshold, the frequency */
static double truth(const struct law *law, enum kind kind, double p, double t)
{
    const double own = sqrt(1 - t * t + t * t * law->s * law->s);
    double sum = 0;

    for (size_t i = 0; i < law->n; i++) {
        const double m = t * at(law, i), w = law->atom[i].weight;

        if (kind == STEP)
            sum += w * (own > 0 ? below((m - p) / own) : m >= p);
        else if (kind == COSINE)
            sum += w * cos(p * m) * exp(-p * p * own * own / 2);
        else
            sum += w * clipped_mean(m, own);
    }
    return sum;
}

/* Orthonormal Hermite polynomials at x, number 0 .. n - 1, in wider precision. */
static void hermite(double x, int n, long double *out)
{
    out[0] = 1;
    out[1] = x;
    for (int k = 1; k + 1 < n; k++)
        out[k + 1] = (x * out[k] - sqrtl(k) * out[k - 1]) / sqrtl(k + 1);
}

/* ---- families ---- */

enum { DIM = 11, MEMBERS = 203 };

struct setting {
    struct sb_line *line;
    double v[MEMBERS * DIM], u[DIM];
    struct sb_ngca ngca;
    struct sb_family family;
    struct sb_pool *pool;
};

static void make_unit(struct rng *r, double *v)
{
    double norm = 0;

    for (int j = 0; j < DIM; j++)
        v[j] = rng_uniform(r) + rng_uniform(r) + rng_uniform(r) - 1.5;
    for (int j = 0; j < DIM; j++)
        norm += v[j] * v[j];
    for (int j = 0; j < DIM; j++)
        v[j] /= sqrt(norm);
}

/* v := t u + sqrt(1 - t^2) of what of v is across u */
static void tilt(const double *u, double t, double *v)
{
    double along = 0, norm = 0;

    for (int j = 0; j < DIM; j++)
        along += u[j] * v[j];
    for (int j = 0; j < DIM; j++)
        v[j] -= along * u[j];
    for (int j = 0; j < DIM; j++)
        norm += v[j] * v[j];
    for (int j = 0; j < DIM; j++)
        v[j] = t * u[j] + sqrt(1 - t * t) * v[j] / sqrt(norm);
}

static const struct sb_family_class class = { .name = "directions" };

/* Random members, and some at inner products with u that are hard. */
static void open_setting(struct setting *s, const struct law *law, uint64_t seed)
{
    static const double special[] = { 0, 1, -1, .99, -.99, .999, .9, .5, 1e-3, -.7 };
    struct rng r = { seed };

    *s = (struct setting){ .line = line_of(law) };
    make_unit(&r, s->u);
    for (int i = 0; i < MEMBERS; i++)
        make_unit(&r, s->v + i * DIM);
    for (size_t i = 0; i < SB_COUNT(special); i++)
        tilt(s->u, special[i], s->v + 19 * i * DIM);
    s->ngca = (struct sb_ngca){ .line = s->line, .dim = DIM, .directions = s->v, .overlap_ub = 1 };
    s->family.class = &class;
    s->family.n_members = MEMBERS;
    sb_ngca_init(&s->ngca, &s->family);
    s->pool = sb_pool_new(&s->family.space);
    assert_non_null(s->pool);
}

static void close_setting(struct setting *s)
{
    sb_pool_free(s->pool);
    sb_line_free(s->line);
}

static double product(const double *u, const double *v)
{
    long double sum = 0;

    for (int j = 0; j < DIM; j++)
        sum += (long double)u[j] * v[j];
    return sum > 1 ? 1 : sum < -1 ? -1 : (double)sum;
}

static sb_expr op2(struct setting *s, uint32_t op, sb_expr a, sb_expr b)
{
    const sb_expr arg[2] = { a, b };

    return sb_pool_op(s->pool, op, NULL, 0, arg, 2);
}

static sb_expr number(struct setting *s, double v)
{
    return sb_pool_op(s->pool, SB_CONST, &v, 1, NULL, 0);
}

static sb_expr ridge(struct setting *s, const double *u, enum kind kind, double p)
{
    static const double range[2] = { -1, 1 };
    sb_expr e = sb_pool_op(s->pool, SB_DOT, u, DIM, NULL, 0);

    if (kind == STEP) {
        e = op2(s, SB_SUB, e, number(s, p));
        return sb_pool_op(s->pool, SB_STEP, NULL, 0, &e, 1);
    }
    if (kind == COSINE) {
        e = op2(s, SB_MUL, number(s, p), e);
        return sb_pool_op(s->pool, SB_COS, NULL, 0, &e, 1);
    }
    return sb_pool_op(s->pool, SB_CLIP, range, 2, &e, 1);
}

static struct sb_profile_task task_of(const struct setting *s, sb_expr e, double half_width)
{
    assert_true(e != 0);
    return (struct sb_profile_task){ .family = &s->family,
                                     .pool = s->pool,
                                     .expr = e,
                                     .lo = -1,
                                     .hi = 1,
                                     .half_width = half_width,
                                     .delta = 1e-6 };
}

/* A profile by this way, which must apply. */
static void profile(const struct sb_profile_task *task, struct sb_profile *out)
{
    sb_profile_init(out);
    assert_int_equal(sb_profile_by_direction(task, out), 0);
    assert_int_equal(out->n, MEMBERS);
    assert_true(out->half_width <= task->half_width);
}

/* The closed forms are good to this. */
#define OWN_ERROR 1e-14

static void test_ridges(void **state)
{
    static const double wanted[] = { 1e-2, 1e-5, 1e-10 };
    struct setting s;

    (void)state;
    for (size_t l = 0; l < SB_COUNT(laws); l += few() ? 3 : 1) {
        open_setting(&s, &laws[l], 7 + l);
        for (int trial = 0; trial < 9; trial += few() ? 4 : 1) {
            const enum kind kind = (enum kind)(trial % KINDS);
            const double p = kind == COSINE ? 1.5 + trial : .3 * trial - 1;
            const struct sb_profile_task task =
                task_of(&s, ridge(&s, s.u, kind, p), wanted[trial / 3]);
            struct sb_profile found;

            profile(&task, &found);
            for (int i = 0; i < MEMBERS; i++)
                assert_near(found.value[i], truth(&laws[l], kind, p, product(s.u, s.v + i * DIM)),
                            found.half_width + OWN_ERROR);
            sb_profile_fini(&found);
        }
        close_setting(&s);
    }
}

/* c_1 g_1(<u,x>) + c_2 g_2(<w,x>) + c_3, and its square where that is a ridge, too. */
static void test_sums(void **state)
{
    struct setting s;

    (void)state;
    for (size_t l = 0; l < SB_COUNT(laws); l += few() ? 3 : 1) {
        struct sb_profile found;
        struct sb_profile_task task;
        sb_expr e;

        open_setting(&s, &laws[l], 70 + l);
        e = op2(&s, SB_SUB, op2(&s, SB_MUL, number(&s, .5), ridge(&s, s.u, STEP, .4)),
                op2(&s, SB_DIV, ridge(&s, s.v + 5 * DIM, COSINE, 2), number(&s, 4)));
        task = task_of(&s, op2(&s, SB_SUB, e, number(&s, .125)), 1e-4);
        profile(&task, &found);
        for (int i = 0; i < MEMBERS; i++)
            assert_near(
                found.value[i],
                .5 * truth(&laws[l], STEP, .4, product(s.u, s.v + i * DIM)) -
                    .25 * truth(&laws[l], COSINE, 2, product(s.v + 5 * DIM, s.v + i * DIM)) - .125,
                found.half_width + OWN_ERROR);
        sb_profile_fini(&found);
        close_setting(&s);
    }
}

/* E[f^2] of f = cos: (1 + cos of twice as much)/2. */
static void test_squares(void **state)
{
    struct setting s;
    struct sb_profile found;
    struct sb_profile_task task;

    (void)state;
    open_setting(&s, &laws[2], 99);
    task = task_of(&s, ridge(&s, s.u, COSINE, 1.25), 1e-6);
    task.squares = true;
    profile(&task, &found);
    for (int i = 0; i < MEMBERS; i++) {
        const double t = product(s.u, s.v + i * DIM);

        assert_near(found.value[i], truth(&laws[2], COSINE, 1.25, t), found.half_width + OWN_ERROR);
        assert_near(found.second[i], .5 + .5 * truth(&laws[2], COSINE, 2.5, t),
                    found.half_width + OWN_ERROR);
    }
    sb_profile_fini(&found);
    close_setting(&s);
}

static sb_expr parsed(struct setting *s, const char *text)
{
    const sb_expr e = sb_expr_parse(s->pool, text, NULL);

    if (!e)
        fail_msg("%s: %s", text, sb_pool_error(s->pool));
    return e;
}

/* E h_k(X): of N(m, s^2) it is (1 - s^2)^{k/2} h_k(m / (1 - s^2)^{1/2}). */
static double coefficient(const struct law *law, int k)
{
    const double c = sqrt(1 - law->s * law->s);
    double sum = 0;

    for (size_t i = 0; i < law->n; i++) {
        long double h[64];

        hermite(at(law, i) / c, 64, h);
        sum += law->atom[i].weight * pow(c, k) * (double)h[k];
    }
    return sum;
}

/* c_k sqrt(k!/prod k_j!) prod v_j^{k_j} at k = (1, 2, 3) and (0, 4, 2), on coordinates 0, 3 and 7; clipped so far out
 * that next to nothing is cut off. */
static void test_products(void **state)
{
    static const char query[] = "clip(hermite(1,x0)*hermite(2,x3)*hermite(3,x7), -4096, 4096)/8192"
                                " - clip(hermite(4,x3)*hermite(2,x7), -4096, 4096)/16384";
    struct setting s;
    struct sb_profile found;

    (void)state;
    for (size_t l = 0; laws[l].s > .1; l += few() ? 3 : 1) {
        struct sb_profile_task task;

        open_setting(&s, &laws[l], 17 + l);
        task = task_of(&s, parsed(&s, query), 1e-3 / 8192);
        profile(&task, &found);
        for (int i = 0; i < MEMBERS; i++) {
            const double *v = s.v + i * DIM;
            const double sum = sqrt(60) * v[0] * v[3] * v[3] * pow(v[7], 3) -
                               .5 * sqrt(15) * pow(v[3], 4) * v[7] * v[7];

            assert_near(found.value[i], coefficient(&laws[l], 6) * sum / 8192,
                        found.half_width + OWN_ERROR);
        }
        sb_profile_fini(&found);
        close_setting(&s);
    }
}

/* What a member's value is to the one who asks for it alone. */
static void test_single(void **state)
{
    static const char *const text[] = {
        "clip(hermite(1,x0)*hermite(2,x3)*hermite(3,x7), -40, 40)/40",
        "clip(2*hermite(3,x1)*hermite(3,x2), -90, 90)/90 + 0.1*cos(x4 - 2*x4)",
        "clip(hermite(6,x2), -1, 1)",
        "0.5*step(x0 - 0.25) + 0.25*sin(x1) - 0.125",
        "clip(hermite(6,x5), -1000, 1000)/1000",
    };
    struct setting s;
    int compared = 0;

    (void)state;
    for (size_t l = 0; l < SB_COUNT(laws); l += few() ? 3 : 1) {
        open_setting(&s, &laws[l], 170 + l);
        for (size_t q = 0; q < SB_COUNT(text); q++) {
            const struct sb_profile_task task = task_of(&s, parsed(&s, text[q]), .5);
            struct sb_profile found;
            bool known;

            sb_profile_init(&found);
            known = sb_profile_by_direction(&task, &found) == 0;
            for (uint64_t i = q; known && i < MEMBERS; i += 20) {
                struct sb_law law;
                struct sb_estimate alone;
                const struct sb_estimate_task single = {
                    .law = &law, .pool = s.pool, .expr = task.expr, .lo = -1, .hi = 1
                };

                s.family.law(&s.family, i, false, &law);
                assert_int_equal(law.class->expectation(&single, &alone), 0);
                assert_near(found.value[i], alone.value, found.half_width + alone.half_width);
                compared++;
            }
            sb_profile_fini(&found);
        }
        close_setting(&s);
    }
    assert_true(compared > (few() ? 20 : 150));
}

/* Products of two projections, and callbacks, are none of this way's. */
static void test_others(void **state)
{
    struct setting s;
    struct sb_profile found;
    struct sb_profile_task task;

    (void)state;
    open_setting(&s, &laws[0], 5);
    sb_profile_init(&found);
    task = task_of(&s, op2(&s, SB_MUL, ridge(&s, s.u, STEP, 0), ridge(&s, s.v + 5 * DIM, CLIP, 0)),
                   1e-2);
    assert_int_equal(sb_profile_by_direction(&task, &found), 1);
    task.expr = 0;
    assert_int_equal(sb_profile_by_direction(&task, &found), 1);
    sb_profile_fini(&found);
    close_setting(&s);
}

static void test_threads(void **state)
{
    struct setting s;
    struct sb_profile one, three;
    struct sb_profile_task task;

    (void)state;
    open_setting(&s, &laws[1], 31);
    task = task_of(&s, ridge(&s, s.u, STEP, .2), 1e-5);
    sb_threads_force(1);
    profile(&task, &one);
    sb_threads_force(3);
    profile(&task, &three);
    assert_memory_equal(one.value, three.value, MEMBERS * sizeof *one.value);
    assert_memory_equal(&one.half_width, &three.half_width, sizeof one.half_width);
    sb_profile_fini(&one);
    sb_profile_fini(&three);
    close_setting(&s);
}

/* Policy eliminate plays the packing: whom it keeps is consistent with every answer by the closed forms, and whom it
 * dropped is not, but for the slack of a tenth that certificates have. */
static void test_eliminate(void **state)
{
    enum { QUERIES = 40 };
    const double tolerance = .02;
    double answer[QUERIES], p[QUERIES];
    const double *u[QUERIES];
    struct setting s;
    struct cube c = { 0 };
    struct rig rig;
    const uint8_t *live;
    bool null_live;
    int n_live = 0;

    (void)state;
    open_setting(&s, &laws[0], 2026);
    s.family.lambda_max_ub = INFINITY;
    s.family.unambiguous_ub = 1;
    c.family = &s.family;
    c.pool = s.pool;
    assert_int_equal(rig_open(&rig, &c, rig_policy("eliminate"), "stat", tolerance, NULL, false, 3),
                     0);
    for (int q = 0; q < QUERIES; q++) {
        struct sb_asked asked;

        u[q] = s.v + q * 5 * DIM;
        p[q] = q % 3 ? 2.5 : .5;
        asked = rig_ask(&rig, &c, ridge(&s, u[q], q % 3 ? COSINE : STEP, p[q]));
        assert_int_equal(asked.status, SB_OK);
        answer[q] = asked.reply.answer;
    }
    live = rig.setup.policy->live(sb_oracle_policy_state(rig.oracle), &null_live);
    for (int i = 0; i < MEMBERS; i++) {
        double most = 0;

        for (int q = 0; q < QUERIES; q++) {
            const double t = product(u[q], s.v + i * DIM);
            const double off = fabs(answer[q] - truth(&laws[0], q % 3 ? COSINE : STEP, p[q], t));

            most = off > most ? off : most;
        }
        assert_true(live[i] ? most <= tolerance + OWN_ERROR : most > .9 * tolerance - OWN_ERROR);
        n_live += live[i];
    }
    assert_true(n_live > 0 && n_live < MEMBERS - 10);
    rig_close(&rig);
    close_setting(&s);
}

/* ---- the series alone ---- */

struct step_at {
    double p;
};

static int step_values(void *self, size_t n, const double *t, double *out)
{
    for (size_t i = 0; i < n; i++)
        out[i] = t[i] >= ((const struct step_at *)self)->p;
    return 0;
}

static int step_discs(void *self, size_t n, const double *t, const double *radius, double *out)
{
    (void)self;
    (void)t;
    (void)radius;
    for (size_t i = 0; i < n; i++)
        out[i] = 1;
    return 0;
}

/* G_k = h_{k-1}(p) phi(p) / sqrt(k); what is behind degree K in norm from the whole of it, Phi(-p). The bound is
 * attacked: it holds at every |t| that the series is said to reach, and is met up to a small factor somewhere. */
static void test_tails(void **state)
{
    static const double missed[] = { .1, 1e-2, 1e-3, 1e-6 };
    double nearest = 0;

    (void)state;
    for (size_t l = 0; l < SB_COUNT(laws); l += few() ? 3 : 1) {
        struct sb_line *line = line_of(&laws[l]);

        for (int trial = 0; trial < 12; trial += few() ? 7 : 1) {
            struct step_at at = { trial % 3 * .7 - .35 };
            const struct sb_integrand g = {
                .self = &at, .n_values = 1, .size = 1, .values = step_values, .discs = step_discs
            };
            struct sb_ridge_series s;
            long double h[256], rest = erfcl(at.p / sqrtl(2)) / 2;

            assert_int_equal(sb_ridge_series_init(line, &g, &at.p, 1, missed[trial / 3], 1, &s), 0);
            hermite(at.p, 256, h);
            for (uint32_t k = 0; k < s.n; k++) {
                const long double phi = expl(-at.p * at.p / 2) / sqrtl(2 * acosl(-1));
                const long double of = k ? h[k - 1] * phi / sqrtl(k) : erfcl(at.p / sqrtl(2)) / 2;

                assert_near(s.g[k], (double)of, s.g_error);
                rest -= of * of;
                if (k == 4)
                    assert_true(s.rest[0] >= sqrtl(rest) && s.rest[0] <= 1.0001L * sqrtl(rest));
                if (k == 62)
                    assert_true(s.rest[4] >= sqrtl(rest) && s.rest[4] <= 1.0001L * sqrtl(rest));
            }
            for (int i = -64; i <= 64; i++) {
                const double reach = sb_ridge_series_reach(&s), t = reach * i / 64;
                double in[SB_SERIES_LANES] = { t, -t, t }, out[SB_SERIES_LANES], off;

                sb_ridge_series_at(&s, SB_SERIES_LANES, in, out);
                off = fabs(out[0] - truth(&laws[l], STEP, at.p, t));
                assert_true(off <= sb_ridge_series_error(&s, fabs(t), 0) + OWN_ERROR);
                nearest = off / s.missed > nearest ? off / s.missed : nearest;
            }
        }
        sb_line_free(line);
    }
    assert_true(nearest > .2 || few()); /* the bound is not idle */
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_ridges),    cmocka_unit_test(test_sums),
    cmocka_unit_test(test_squares),   cmocka_unit_test(test_others),
    cmocka_unit_test(test_products),  cmocka_unit_test(test_single),
    cmocka_unit_test(test_eliminate), cmocka_unit_test(test_threads),
    cmocka_unit_test(test_tails),
};

int main(void)
{
    return cmocka_run_group_tests(tests, NULL, NULL);
}
