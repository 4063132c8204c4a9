/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Moment-matching step functions against figures that were computed elsewhere in 60 digits
 * (tests/data/moments.json and the tables below), and each lemma of [CLL22, Section 4] by another
 * route. */
#include "unit.h"

#include "construct/bump_moment.h"
#include "construct/continuation.h"
#include "construct/flow.h"
#include "construct/lemmas.h"
#include "construct/moments.h"
#include "moments_golden.h"
#include "rng.h"

#include <errno.h>
#include <gsl/gsl_errno.h>
#include <gsl/gsl_linalg.h>
#include <math.h>

enum { BUMPS = SB_MOMENTS_BUMPS };

/* Larger m: the fold (0: none before the collision), where ramps collide, the horizon, the
 * largest weight there, the condition of Z at 0 and at the horizon, to the digits given. Of an
 * implementation in 60 digits; conditions from m = 25 on by mpmath in 80. */
static const struct stated {
    uint32_t m;
    double fold, collision, horizon, weight, cond[2];
} table[] = {
    { 9, 0, .228, .11, 1.92e2, { 2.0e3, 560 } },
    { 11, 6.195e-3, .205, 3.0e-3, 8.09e3, { 8.5e4, 1.5e5 } },
    { 13, 2.912e-2, .171, 1.4e-2, 2.64e3, { 4.9e6, 7.1e5 } },
    { 15, 2.148e-4, .147, 1.0e-4, 3.80e5, { 3.5e8, 6.2e8 } },
    { 17, 1.498e-3, .128, 7.4e-4, 7.03e4, { 3e10, 2e9 } },
    { 21, 7.095e-5, .103, 3.5e-5, 1.92e6, { 4e14, 2e13 } },
    { 25, 2.9e-6, .086, 1.4e-6, 5.9e7, { 7.3e18, 2.5e17 } },
    { 31, 1.4e-10, .068, 7e-11, 1.3e12, { 4.1e25, 7.7e25 } },
};

static bool in_study(void)
{
    return getenv("STATBED_TEST_TRIALS");
}

/* The largest m to look at. */
static uint32_t most_m(void)
{
    return getenv("STATBED_TEST_VALGRIND") ? 5 : in_study() ? 31 : 17;
}

static struct sb_moments *kept[SB_MOMENTS_MOST + 1];

static struct sb_moments *made(uint32_t m)
{
    if (!kept[m])
        assert_int_equal(sb_moments_new(m, 0, &kept[m], NULL), 0);
    return kept[m];
}

static int forget(void **state)
{
    (void)state;
    for (uint32_t m = 0; m <= SB_MOMENTS_MOST; m++)
        sb_moments_free(kept[m]);
    return 0;
}

static void assert_close(double a, double b, double relative)
{
    assert_near(a, b, relative * fabs(b));
}

static double gauss_moment(uint32_t k)
{
    double v = k % 2 ? 0 : 1;

    for (uint32_t j = 3; v > 0 && j < k; j += 2)
        v *= j;
    return v;
}

static double upper_tail(double x)
{
    return erfc(x / sqrt(2)) / 2;
}

/* he_k(x), orthonormal */
static double hermite(uint32_t k, double x)
{
    double before = 0, h = 1;

    for (uint32_t j = 0; j < k; j++) {
        const double next = (x * h - sqrt(j) * before) / sqrt(j + 1.0);

        before = h;
        h = next;
    }
    return h;
}

/* Singular values in double, decreasing. */
static void singular_values(uint32_t n, const double *matrix, double *s)
{
    double a[BUMPS * BUMPS], v[BUMPS * BUMPS];
    gsl_matrix_view av = gsl_matrix_view_array(a, n, n), vv = gsl_matrix_view_array(v, n, n);
    gsl_vector_view sv = gsl_vector_view_array(s, n);

    memcpy(a, matrix, sizeof *a * n * n);
    assert_int_equal(gsl_linalg_SV_decomp_jacobi(&av.matrix, &vv.matrix, &sv.vector), 0);
}

static void heights_of(const struct sb_moments *m, double *nodes, double *heights)
{
    for (uint32_t i = 0; i < m->n; i++) {
        nodes[i] = m->bump[i].node;
        heights[i] = m->bump[i].height;
    }
}

/* S2-L4.1 S2-L4.11: nodes, edges, heights, moments, coefficients */
static void test_golden(void **state)
{
    (void)state;
    for (size_t k = 0; k < SB_COUNT(moments_cases) && moments_cases[k].m <= most_m(); k++) {
        const struct moments_case *c = &moments_cases[k];
        const struct sb_moments *m = made(c->m);

        assert_same(m->eps, c->eps);
        assert_same(m->horizon, c->eps);
        assert_true(isinf(m->fold));
        assert_close(m->kappa, c->kappa, 1e-15);
        assert_close(m->collision, c->collision, 1e-14);
        assert_close(m->lambda0, c->zero_weight, 1e-15);
        assert_close(sb_moments_weight(m), c->weight_bound, 1e-14);
        for (uint32_t i = 0; i < m->n; i++) {
            assert_close(m->bump[i].node, c->node[i], 4e-16);
            assert_close(m->bump[i].weight, c->weight[i], 4e-16);
            assert_close(m->bump[i].p, c->p[i], 4e-16);
            assert_close(m->bump[i].q, c->q[i], 4e-16);
            assert_close(m->bump[i].height, c->height[i], 4e-15);
        }
        for (uint32_t l = 1; l <= c->m; l++)
            assert_close(m->moment[2 * l], c->moment[l - 1], 1e-14);
        for (uint32_t j = 0; j <= 30; j++)
            assert_near(m->coefficient[2 * j], c->c[j], 1e-14);
    }
}

/* S2-L4.11: horizons, folds and weights of larger m; what heights as doubles leave */
static void test_table(void **state)
{
    (void)state;
    for (size_t k = 0; k < SB_COUNT(table) && table[k].m <= most_m(); k++) {
        const struct stated *t = &table[k];
        const struct sb_moments *m = made(t->m);

        assert_same(m->horizon, t->horizon);
        assert_close(m->collision, t->collision, 6e-3);
        assert_close(sb_moments_weight(m), t->weight, t->m < 25 ? 4e-3 : 5e-2);
        if (t->fold > 0)
            assert_close(m->fold, t->fold, t->m < 25 ? 4e-4 : 3e-2);
        else
            assert_true(isinf(m->fold));
        assert_true(m->residual < 1e-14);
        assert_true(m->radius < 1e-30);
        for (uint32_t j = 0; j <= t->m; j++) {
            assert_close(m->moment[j], gauss_moment(j), 1e-15);
            assert_same(m->coefficient[j], j == 0);
        }
    }
}

/* E he_k(f) by Gauss-Legendre in double, with the heights as they are */
static double coefficient_by_rule(const struct sb_moments *m, uint32_t k)
{
    enum { NODES = 4000 };
    const double at_zero = hermite(k, 0);
    double sum = at_zero;

    for (uint32_t i = 0; i < m->n; i++) {
        const struct sb_bump *b = &m->bump[i];

        sum += 2 * b->mass * (hermite(k, b->height) - at_zero);
        for (int j = 0; j < NODES; j++) { /* midpoints */
            const double u = (j + 0.5) / NODES, left = b->p - m->eps * u;
            const double right = b->q + m->eps * u;
            const double phi = (exp(-left * left / 2) + exp(-right * right / 2)) / sqrt(2 * M_PI);

            sum += 2 * m->eps * phi / NODES * (hermite(k, b->height * (1 - u)) - at_zero);
        }
    }
    return sum;
}

/* Coefficients beyond the golden ones, by the definition. */
static void test_coefficients(void **state)
{
    static const uint32_t degrees[] = { 2, 4, 8, 10, 12, 18, 60, 100, 150 };
    const struct sb_moments *m = made(most_m() < 9 ? 5 : 9);

    (void)state;
    for (size_t k = 0; k < (most_m() < 9 ? 3 : SB_COUNT(degrees)); k++) {
        assert_near(m->coefficient[degrees[k]], coefficient_by_rule(m, degrees[k]), 3e-5);
    }
}

/* Heights that were enclosed, those of the continuation, and those of the flow. S2-E1-E3 S2-E4/E5
 * S2-L4.9 S2-L4.10 */
static void test_routes(void **state)
{
    (void)state;
    for (uint32_t j = 3; j <= most_m(); j += 2) {
        const struct sb_moments *m = made(j);
        struct sb_heights newton;
        struct sb_flow flow;

        assert_int_equal(sb_heights_follow(m, m->eps, &newton), 0);
        assert_int_equal(sb_flow_run(m, m->eps, 0, &flow, NULL), 0);
        for (uint32_t i = 0; i < m->n; i++) {
            assert_near(newton.h[i], m->bump[i].height, j <= 25 ? 1e-9 : 1e-4);
            assert_near(flow.h[i], m->bump[i].height, j <= 25 ? 1e-9 : 1e-4);
        }
        assert_true(flow.drift < 1e-9);
        assert_true(flow.unsolved < 1e-12);
        assert_true(flow.speed_share <= 1 + 1e-9);
        assert_true(flow.speed_share > 0);
        assert_true(newton.residual < 1e-15);
    }
}

/* S2-L4.9: the field is smooth: a method of order 8 with half of the step has a 256th of the
 * error */
static void test_flow_order(void **state)
{
    const struct sb_moments *m = made(most_m() < 7 ? 5 : 7);
    double error[3];

    (void)state;
    for (uint64_t k = 0; k < 3; k++) {
        struct sb_flow flow;

        assert_int_equal(sb_flow_run(m, m->eps, UINT64_C(1) << k, &flow, NULL), 0);
        assert_int_equal(flow.steps, 1 << k);
        error[k] = 0;
        for (uint32_t i = 0; i < m->n; i++)
            error[k] = fmax(error[k], fabs(flow.h[i] - m->bump[i].height));
        if (k > 0)
            assert_true(error[k] < error[k - 1] / 64);
    }
}

/* Orders of the factors of h' = A^-1 Z^-T B^-1 b, the first one right. */
enum order { RIGHT, SWAPPED, NOT_TRANSPOSED, LEFT_OUT };

static void speed_in_order(const struct sb_moments *m, const double *h, double eps,
                           enum order order, double *speed)
{
    const uint32_t n = m->n;
    double z[BUMPS * BUMPS], by_eps[BUMPS * BUMPS], matrix[BUMPS * BUMPS];

    sb_bump_matrix(m, h, eps, z, by_eps);
    for (uint32_t l = 0; l < n; l++) {
        speed[l] = 0;
        for (uint32_t i = 0; i < n; i++) {
            speed[l] -= by_eps[i * n + l];
            matrix[l * n + i] = order == NOT_TRANSPOSED ? z[l * n + i] : z[i * n + l];
        }
        speed[l] *= order == SWAPPED ? h[l] : 1.0 / (2 * l + 2);
        speed[l] *= order == LEFT_OUT ? h[l] : 1;
    }
    assert_int_not_equal(sb_heights_solve(n, matrix, speed), 0);
    for (uint32_t l = 0; l < n && order != LEFT_OUT; l++)
        speed[l] *= order == SWAPPED ? 1.0 / (2 * l + 2) : h[l];
}

/* Largest relative error of an even moment below m at the horizon; midpoints. */
static double drift_in_order(const struct sb_moments *m, enum order order)
{
    const int steps = most_m() < 7 ? 50 : 200;
    const double step = m->eps / steps;
    double h[BUMPS], half[BUMPS], speed[BUMPS], heights[BUMPS], most = 0;

    heights_of(m, h, heights);
    for (int k = 0; k < steps; k++) {
        speed_in_order(m, h, k * step, order, speed);
        for (uint32_t i = 0; i < m->n; i++)
            half[i] = h[i] + step / 2 * speed[i];
        speed_in_order(m, half, (k + 0.5) * step, order, speed);
        for (uint32_t i = 0; i < m->n; i++)
            h[i] += step * speed[i];
    }
    for (uint32_t l = 1; l <= m->n; l++) {
        double moment = 0;

        for (uint32_t i = 0; i < m->n; i++)
            moment += 2 * sb_bump_moment(&m->bump[i], h[i], m->eps, 2 * l);
        most = fmax(most, fabs(moment / gauss_moment(2 * l) - 1));
    }
    return most;
}

/* S2-E4/E5: other orders of the factors than the right one do not keep the moments */
static void test_wrong_orders(void **state)
{
    (void)state;
    for (uint32_t j = 5; j <= most_m() && j <= 7; j += 2)
        assert_true(drift_in_order(made(j), RIGHT) < 1e-5);
    for (enum order order = SWAPPED; order <= LEFT_OUT; order++) {
        const double drift = drift_in_order(made(5), order);

        assert_true(drift > 0.04 && drift < 0.7);
    }
    if (most_m() >= 7)
        assert_true(drift_in_order(made(7), SWAPPED) > 0.04);
}

/* S2-E6: along the path of solutions moments 2 .. m - 1 do not move */
static void test_moments_stand_still(void **state)
{
    const struct sb_moments *m = made(5);

    (void)state;
    for (double eps = 0.01; eps < m->eps; eps += 0.02)
        for (uint32_t l = 1; l <= m->n; l++) {
            const double d = 1e-3;
            double moment[2] = { 0 };

            for (int side = 0; side < 2; side++) {
                struct sb_heights at;

                assert_int_equal(sb_heights_follow(m, eps + (side ? d : -d), &at), 0);
                for (uint32_t i = 0; i < m->n; i++)
                    moment[side] += sb_bump_moment(&m->bump[i], at.h[i], at.eps, 2 * l);
            }
            assert_near((moment[1] - moment[0]) / d / gauss_moment(2 * l), 0, 1e-8);
        }
}

/* mpmath, 40 digits: bumps on dyadic edges, the k-th moment and its derivative by eps */
static const struct {
    double p, q, h, eps;
    uint32_t k;
    double mass, moment, by_eps;
} bumps[] = {
    { 0.25, 1.0, 0.9, 0.11, 2, 0.24263842038561922, 0.21508257233111038438,
      0.16739960409931384728 },
    { 0.25, 1.0, 0.9, 0.11, 7, 0.24263842038561922, 0.12017550113189687802,
      0.037363470041005593196 },
    { 1.5, 2.25, 2.125, 0.25, 8, 0.054582728613813365, 24.594626031838772023,
      7.7558871415922758458 },
    { 4.5, 4.625, 5.0, 0.125, 18, 1.524681119173351e-06, 6449307.9909911905246,
      5110117.5006350325593 },
    { 0.5, 0.75, 1.25, 0.5, 1, 0.0819101863491187, 0.30141418358356556448, 0.38304719866573072683 },
    { 7.0, 7.5, 8.75, 0.0009765625, 60, 1.247903627156726e-12, 4.1372949322159724829e+44,
      5.0975472470532073226e+43 },
    { 2.0, 3.0, 3.0, 0.0, 4, 0.021400233916549112, 1.7334189472404781266, 0.94644960178704215784 },
};

/* S2-M S2-L4.6 */
static void test_bump_moments(void **state)
{
    (void)state;
    for (size_t j = 0; j < SB_COUNT(bumps); j++) {
        const struct sb_bump bump = { .p = bumps[j].p, .q = bumps[j].q, .mass = bumps[j].mass };
        const double h = bumps[j].h, eps = bumps[j].eps;

        assert_close(sb_bump_moment(&bump, h, eps, bumps[j].k), bumps[j].moment, 2e-14);
        assert_close(sb_bump_moment_by_eps(&bump, h, eps, bumps[j].k), bumps[j].by_eps, 2e-14);
    }
}

/* S2-M: a trapezoid at Gaussian points. By Hoeffding's inequality the mean of n values in [0,
 * h^k] is off by more than h^k sqrt(ln(2/1e-6)/(2n)) with probability at most 1e-6. */
static void test_bump_by_points(void **state)
{
    const uint64_t n = getenv("STATBED_TEST_VALGRIND") ? 2000 : 200000;
    const struct sb_bump bump = { .p = 0.25, .q = 1, .mass = upper_tail(0.25) - upper_tail(1) };
    const double h = 1.5, eps = 0.25;
    struct rng rng = { 11 };
    double sum = 0;

    (void)state;
    for (uint64_t i = 0; i < n; i++) {
        const double r = sqrt(-2 * log(1 - rng_uniform(&rng)));
        const double z = r * cos(2 * M_PI * rng_uniform(&rng));
        const double up = (z - (bump.p - eps)) / eps, down = (bump.q + eps - z) / eps;
        const double f = h * fmax(0, fmin(1, fmin(up, down)));

        sum += f * f * f * f;
    }
    assert_near(sum / (double)n, sb_bump_moment(&bump, h, eps, 4),
                pow(h, 4) * sqrt(log(2e6) / (2 * (double)n)));
}

struct draw {
    struct sb_bump bump;
    double h[2], eps[2];
    uint32_t k; /* even */
};

static struct draw some_bump(struct rng *rng)
{
    struct draw d;
    const double p = 0.01 + 5 * rng_uniform(rng), q = p + rng_uniform(rng);

    d.bump = (struct sb_bump){ .p = p, .q = q, .mass = upper_tail(p) - upper_tail(q) };
    d.k = 2 + 2 * rng_below(rng, 12);
    for (int i = 0; i < 2; i++) {
        d.h[i] = 0.1 + 6 * rng_uniform(rng);
        d.eps[i] = p * rng_uniform(rng) * (rng_below(rng, 2) ? 1 : 1e-3);
    }
    return d;
}

/* S2-L4.5: dM/dh = (k/h) M, and dM/deps by differences */
static void test_derivatives(void **state)
{
    struct rng rng = { 12 };

    (void)state;
    for (int trial = 0; trial < 50; trial++) {
        const struct draw d = some_bump(&rng);
        const double h = d.h[0], eps = d.eps[0], step = 1e-5;
        const double m = sb_bump_moment(&d.bump, h, eps, d.k), scale = pow(h, d.k);
        double by_h = sb_bump_moment(&d.bump, h * (1 + step), eps, d.k), by_eps;

        by_h = (by_h - sb_bump_moment(&d.bump, h * (1 - step), eps, d.k)) / (2 * step * h);
        assert_near(by_h, d.k / h * m, 1e-7 * d.k / h * m);
        by_eps = sb_bump_moment(&d.bump, h, eps + step * d.bump.p, d.k);
        by_eps -= sb_bump_moment(&d.bump, h, eps, d.k);
        by_eps /= step * d.bump.p;
        assert_near(by_eps, sb_bump_moment_by_eps(&d.bump, h, eps + step / 2 * d.bump.p, d.k),
                    1e-7 * scale);
    }
}

/* S2-L4.6: how far a moment moves, and the sharper bound of its derivative */
static void test_lipschitz(void **state)
{
    const int trials = getenv("STATBED_TEST_VALGRIND") ? 100 : 10000;
    struct rng rng = { 13 };

    (void)state;
    for (int trial = 0; trial < trials; trial++) {
        const struct draw d = some_bump(&rng);
        const double scale = pow(d.h[0], d.k), ratio = pow(d.h[1] / d.h[0], d.k);
        const double gap = sb_bump_moment(&d.bump, d.h[1], d.eps[1], d.k) -
                           sb_bump_moment(&d.bump, d.h[0], d.eps[0], d.k);
        const double room = fabs(ratio - 1) + fabs(d.eps[1] - d.eps[0]);
        const double slope = sb_bump_moment_by_eps(&d.bump, d.h[0], d.eps[0], d.k);

        assert_true(fabs(gap) <= scale * room * (1 + 1e-12));
        assert_true(slope >= 0);
        assert_true(slope <= scale * 2 / sqrt(2 * M_PI) / (d.k + 1) * (1 + 1e-12));
    }
}

/* S2-L4.1, S2-C4.2: m atoms have the moments up to 2m - 1 of N(0,1), and no density */
static void test_atoms(void **state)
{
    (void)state;
    for (uint32_t m = 1; m <= most_m() - 2; m += m < 6 ? 1 : 5) {
        struct sb_line *line = NULL, *noisy = NULL;

        assert_int_equal(sb_moments_atoms(m, 0, &line, NULL), 0);
        assert_int_equal(line->n_pieces, m);
        assert_int_equal(line->matched, 2 * m - 1);
        assert_true(isinf(line->chi2));
        assert_false(sb_line_has_density(line));
        assert_true(line->symmetric);
        for (uint32_t k = 0; k < 2 * m; k++) {
            double moment = 0;

            for (uint32_t i = 0; i < m; i++)
                moment += line->piece[i].mass * pow(line->piece[i].offset, k);
            assert_near(moment, gauss_moment(k), 1e-13 * fmax(1, gauss_moment(k + k % 2)));
            assert_same(line->coefficient[k], k == 0);
        }
        for (uint32_t k = 2 * m; k < 2 * m + 20; k++) {
            double c = 0;

            for (uint32_t i = 0; i < m; i++)
                c += line->piece[i].mass * hermite(k, line->piece[i].offset);
            assert_near(line->coefficient[k], c, 1e-13);
        }
        assert_int_equal(sb_moments_atoms(m, 0.6, &noisy, NULL), 0);
        assert_true(isfinite(noisy->chi2));
        assert_near(noisy->coefficient[2 * m], pow(0.8, 2 * m) * line->coefficient[2 * m], 1e-15);
        sb_line_free(line);
        sb_line_free(noisy);
    }
}

/* S2-L4.1: spans, gaps and weights stay between constants for m up to 31 */
static void test_nodes(void **state)
{
    (void)state;
    for (uint32_t j = 3; j <= most_m(); j += 2) {
        struct sb_lemmas l;

        assert_true(sb_moments_lemmas(made(j), &l));
        assert_true(l.node_span >= 1 && l.node_span <= 2);
        assert_true(l.node_gap > 3 &&
                    l.node_gap < 6.01); /* pi in the limit, and none but +-h at 3 */
        assert_true(l.weight_rate > 0.5 && l.weight_rate < 2);
        assert_true(l.zero_weight > 1.15 && l.zero_weight < sqrt(M_PI / 2));
        for (uint32_t i = 1; i < made(j)->n; i++)
            assert_true(made(j)->bump[i].weight < made(j)->bump[i - 1].weight);
    }
}

/* S2-L4.4: the placement by its rule, with libm's erfc; matched degrees at eps = 0 */
static void test_placement(void **state)
{
    (void)state;
    for (uint32_t j = 3; j <= most_m(); j += 2) {
        const struct sb_moments *m = made(j);
        struct sb_lemmas l;
        double covered = 0;

        for (uint32_t i = m->n; i-- > 0;) {
            const struct sb_bump *b = &m->bump[i];
            const double gap =
                m->kappa * (i + 1 < m->n ? sqrt(b->weight * b[1].weight) : b->weight);

            covered += gap;
            assert_close(upper_tail(b->q), covered, 1e-13);
            covered += b->weight;
            assert_close(upper_tail(b->p), covered, 1e-13);
            assert_close(b->mass, b->weight, 1e-12);
            assert_close(b->centre - b->half_width, b->p, 1e-15);
        }
        assert_near(covered + m->kappa * m->bump[0].weight / 2, 0.5, 1e-14);
        for (uint32_t k = 2; k < 2 * j; k += 2) {
            double moment = 0;

            for (uint32_t i = 0; i < m->n; i++)
                moment += 2 * m->bump[i].mass * pow(m->bump[i].node, k);
            assert_close(moment, gauss_moment(k), 1e-13);
        }
        assert_true(sb_moments_lemmas(m, &l));
        assert_true(l.bump_gap > 1 && l.height_gap > 0.1 && l.mass_rate < 2);
        assert_true(l.endpoint < 2 * sqrt(j));
    }
}

/* S2-F2.1: random nodes, and squares of Gauss-Hermite nodes; far from 0 the separation alone is
 * not enough */
static void test_vandermonde(void **state)
{
    struct rng rng = { 14 };

    (void)state;
    for (int trial = 0; trial < 200; trial++) {
        const uint32_t n = 1 + rng_below(&rng, 6);
        double z[6], v[36], s[6];

        for (uint32_t j = 0; j < n; j++) {
            z[j] = 8 * rng_uniform(&rng) - 4;
            for (uint32_t i = 0; i < n; i++)
                v[i * n + j] = pow(z[j], i);
        }
        singular_values(n, v, s);
        assert_true(s[n - 1] >= sb_vandermonde_sigma_lb(n, z) * (1 - 1e-9) - 1e-13 * s[0]);
    }
    for (double r = 10; r <= 1e4; r *= 10) {
        double s[2];

        singular_values(2, (double[]){ 1, 1, r, r + 1 }, s);
        assert_near(s[1] * r, 1 / sqrt(2), 0.1);
        assert_true(s[1] >= sb_vandermonde_sigma_lb(2, (double[]){ r, r + 1 }));
    }
}

/* S2-L4.7: conditions of Z, and Fact 2.1 */
static void test_sigma(void **state)
{
    (void)state;
    for (uint32_t j = 3; j <= most_m() && j <= 21; j += 2) {
        const struct sb_moments *m = made(j);
        struct sb_lemmas l;

        assert_true(sb_moments_lemmas(m, &l));
        assert_close(l.sigma_rate, -log(l.sigma_start) / (j * log(j)), 1e-12);
        assert_true(l.sigma_rate > 0.15 && l.sigma_rate < 0.25);
        assert_true(l.sigma_start >= l.sigma_lb && l.sigma_lb > 0);
    }
    for (uint32_t j = 3; j <= most_m(); j += 2) {
        const struct sb_moments *m = made(j);
        double nodes[BUMPS], heights[BUMPS], z[BUMPS * BUMPS], s[BUMPS];

        heights_of(m, nodes, heights);
        for (int at = 0; at < 2; at++) {
            const double *h = at ? heights : nodes, eps = at ? m->eps : 0;
            double cond;

            sb_bump_matrix(m, h, eps, z, NULL);
            singular_values(m->n, z, s);
            cond = s[0] / sb_bump_sigma(m, h, eps);
            for (size_t k = 0; k < SB_COUNT(moments_cases); k++)
                if (moments_cases[k].m == j)
                    assert_close(cond, moments_cases[k].cond[at], 1e-12);
            for (size_t k = 0; k < SB_COUNT(table); k++)
                if (table[k].m == j && table[k].cond[at] > 0)
                    assert_close(cond, table[k].cond[at], j < 17 ? 3e-2 : 0.3);
        }
    }
}

/* S2-L4.8: Z keeps half of its least singular value in the neighbourhood that is stated, and
 * Weyl's inequality with Lemma 4.6 holds beyond it. S2-T2.2: heights do stay in it as long as
 * Peano's theorem says */
static void test_neighbourhood(void **state)
{
    struct rng rng = { 15 };

    (void)state;
    for (uint32_t j = 3; j <= most_m() && j <= 7; j += 2) {
        const struct sb_moments *m = made(j);
        double nodes[BUMPS], heights[BUMPS], other[BUMPS], sigma;
        struct sb_heights at;
        struct sb_lemmas l;

        heights_of(m, nodes, heights);
        assert_true(sb_moments_lemmas(m, &l));
        sigma = sb_bump_sigma(m, nodes, 0);
        assert_true(l.half_radius > 0 && l.half_radius < fmin(m->fold, m->collision));
        for (int trial = 0; trial < 20; trial++) {
            const double r = l.half_radius * (trial < 10 ? 1 : pow(10, rng_uniform(&rng)));
            const double eps = fmin(r, m->collision) * (trial ? rng_uniform(&rng) : 1);
            double square = 0, now;

            for (uint32_t i = 0; i < m->n; i++) {
                const double move = trial ? r * (2 * rng_uniform(&rng) - 1) : r;

                other[i] = nodes[i] + move;
                for (uint32_t k = 1; k <= m->n; k++) {
                    const double was = pow(nodes[i], 2 * k);
                    const double most = fabs(pow(other[i], 2 * k) - was) + was * eps;

                    square += most * most;
                }
            }
            if (trial == 0) /* the corner that decides the radius */
                assert_close(sqrt(square), sigma / 2, 1e-6);
            now = sb_bump_sigma(m, other, eps);
            assert_true(now >= sigma - sqrt(square));
            assert_true(trial >= 10 || now >= sigma / 2);
        }
        assert_true(l.peano_proven > 0 && l.peano_proven <= l.peano_measured);
        assert_true(l.peano_measured < m->horizon);
        assert_int_equal(sb_heights_follow(m, l.peano_measured, &at), 0);
        for (uint32_t i = 0; i < m->n; i++)
            assert_true(fabs(at.h[i] - nodes[i]) <= l.half_radius);
    }
}

/* The law with noise: coefficients, chi^2 and pairs; pieces cover the line once. */
static void test_line(void **state)
{
    (void)state;
    for (size_t k = 0; k < SB_COUNT(moments_cases) && moments_cases[k].m <= most_m(); k++)
        for (size_t s = most_m() < 7 ? 2 : 0; s < SB_COUNT(moments_cases[k].noisy); s++) {
            const struct moments_case *c = &moments_cases[k];
            const struct sb_moments *m = made(c->m);
            const double sigma = c->noisy[s].sigma;
            struct sb_line *line = NULL;
            double mass = 0, error;

            assert_int_equal(sb_moments_line(m, sigma, &line, NULL), 0);
            assert_int_equal(line->n_pieces, 4 * c->m - 3);
            assert_int_equal(line->matched, c->m);
            assert_same(line->noise, sigma);
            assert_close(line->chi2, c->noisy[s].chi2, 1e-11);
            for (uint32_t j = 0; j <= 30; j++)
                assert_near(line->coefficient[2 * j], c->noisy[s].c[j], 1e-14);
            for (size_t t = 0; t < SB_COUNT(c->noisy[s].t); t++)
                assert_close(sb_line_chi(line, c->noisy[s].t[t], &error), c->noisy[s].chi[t],
                             1e-10);
            for (size_t i = 0; i < line->n_pieces; i++) {
                const struct sb_line_piece *p = &line->piece[i];

                mass += p->mass;
                assert_close(p->mass,
                             i < line->n_pieces / 2 ? upper_tail(-p->hi) - upper_tail(-p->lo)
                                                    : upper_tail(p->lo) - upper_tail(p->hi),
                             1e-13);
                if (i > 0) { /* f is continuous */
                    assert_same(p->lo, p[-1].hi);
                    assert_near(p->offset + p->slope * p->lo, p[-1].offset + p[-1].slope * p->lo,
                                1e-13);
                }
            }
            assert_near(mass, 1, 1e-15);
            sb_line_free(line);
        }
}

static void assert_refused(uint32_t m, double eps, const char *words)
{
    struct sb_moments *out = NULL;
    struct sb_diag diag;

    sb_diag_init(&diag);
    assert_int_equal(sb_moments_new(m, eps, &out, &diag), -EINVAL);
    assert_null(out);
    assert_int_equal(diag.n_items, 1);
    assert_non_null(strstr(diag.items[0].text, words));
    sb_diag_fini(&diag);
}

static void test_refusals(void **state)
{
    struct sb_line *line = NULL;

    (void)state;
    assert_refused(0, 0, "m is 0: expected an odd number");
    assert_refused(6, 0, "m is 6: expected an odd number");
    assert_refused(SB_MOMENTS_MOST + 2, 0, "expected an odd number");
    assert_refused(5, -1, "eps is -1: expected a number > 0");
    assert_refused(5, NAN, "eps is nan: expected a number > 0");
    assert_refused(5, 0.33, "ramps of neighbours collide");
    assert_refused(5, 1e-15, "double leaves a residual of");
    if (most_m() >= 11)
        assert_refused(11, 0.0062, "past the fold at 0.006195");
    if (in_study())
        assert_refused(39, 0, "double leaves a residual of");
    assert_int_equal(sb_moments_line(made(3), 0, &line, NULL), -EINVAL);
    assert_int_equal(sb_moments_line(made(3), 1, &line, NULL), -EINVAL);
    assert_int_equal(sb_moments_atoms(0, 0, &line, NULL), -EINVAL);
    assert_int_equal(sb_moments_atoms(3, 1, &line, NULL), -EINVAL);
    assert_int_equal(sb_moments_atoms(3, -0.1, &line, NULL), -EINVAL);
}

/* eps that was asked for; just before the fold, too */
static void test_eps(void **state)
{
    struct sb_moments *m = NULL;

    (void)state;
    assert_int_equal(sb_moments_new(5, 0.01, &m, NULL), 0);
    assert_same(m->eps, 0.01);
    assert_same(m->horizon, 0.16);
    assert_true(m->residual < 1e-14);
    assert_near(m->bump[0].height, m->bump[0].node, 0.02);
    sb_moments_free(m);
    if (most_m() < 11)
        return;
    assert_int_equal(sb_moments_new(11, 0.006195, &m, NULL), 0);
    assert_true(m->residual < 1e-14);
    assert_close(m->bump[4].height, m->bump[3].height,
                 0.03); /* the last two heights fall together */
    sb_moments_free(m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_golden),
        cmocka_unit_test(test_table),
        cmocka_unit_test(test_coefficients),
        cmocka_unit_test(test_routes),
        cmocka_unit_test(test_flow_order),
        cmocka_unit_test(test_wrong_orders),
        cmocka_unit_test(test_moments_stand_still),
        cmocka_unit_test(test_bump_moments),
        cmocka_unit_test(test_bump_by_points),
        cmocka_unit_test(test_derivatives),
        cmocka_unit_test(test_lipschitz),
        cmocka_unit_test(test_atoms),
        cmocka_unit_test(test_nodes),
        cmocka_unit_test(test_placement),
        cmocka_unit_test(test_vandermonde),
        cmocka_unit_test(test_sigma),
        cmocka_unit_test(test_neighbourhood),
        cmocka_unit_test(test_line),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_eps),
    };

    gsl_set_error_handler_off();
    return cmocka_run_group_tests(tests, NULL, forget);
}
