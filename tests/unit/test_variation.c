/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Total variation along a hidden direction: the bins, distances of densities whose own are known in closed form,
 * and the certificate. Laws are mixtures of two or three Gaussians, their numbers by the C library's erfc. */
#include "unit.h"

#include "base/memory.h"
#include "base/threads.h"
#include "estimate/ngca.h"
#include "estimate/points.h"
#include "estimate/variation.h"

#include <math.h>

enum { DIM = 3, N_MEMBERS = 3, FEW = 1 << 13 };

/* Under valgrind, fewer. */
static bool few(void)
{
    return getenv("STATBED_TEST_VALGRIND") != NULL;
}

/* Pr[N(m, s^2) <= x] */
static double normal_cdf(double x, double m, double s)
{
    return erfc((m - x) / (s * sqrt(2))) / 2;
}

static const double node[3] = { -1.7, 0, 1.7 }, weight[3] = { .25, .5, .25 };
#define WIDTH 0.3

/* Pr[t X + sqrt(1 - t^2) g <= x] */
static double cdf(double t, double x)
{
    double sum = 0;

    for (int i = 0; i < 3; i++)
        sum += weight[i] * normal_cdf(x, t * node[i], sqrt(1 - t * t * (1 - WIDTH * WIDTH)));
    return sum;
}

/* The density of X over that of N(0,1). */
static double ratio(double x)
{
    double sum = 0;

    for (int i = 0; i < 3; i++)
        sum += weight[i] * exp(x * x / 2 - (x - node[i]) * (x - node[i]) / (2 * WIDTH * WIDTH)) /
               WIDTH;
    return sum;
}

struct setting {
    struct sb_line *line;
    double v[N_MEMBERS * DIM];
    struct sb_ngca ngca;
    struct sb_family family;
    struct sb_stated_density h;
};

/* Members: e_0; at an inner product of 0.6 with it; at right angles. */
static void open_setting(struct setting *s, uint64_t n)
{
    static const double v[N_MEMBERS * DIM] = { 1, 0, 0, .6, .8, 0, 0, 0, 1 };
    struct sb_line_piece piece[3];

    *s = (struct setting){ 0 };
    for (int i = 0; i < 3; i++)
        piece[i] = (struct sb_line_piece){
            .lo = -INFINITY, .hi = INFINITY, .offset = node[i], .weight = weight[i]
        };
    assert_int_equal(sb_line_mixture(3, piece, WIDTH, 0, NULL, 0, &s->line, NULL), 0);
    memcpy(s->v, v, sizeof v);
    s->ngca = (struct sb_ngca){ .line = s->line, .dim = DIM, .directions = s->v, .overlap_ub = 1 };
    s->family.n_members = N_MEMBERS;
    sb_ngca_init(&s->ngca, &s->family);
    s->h = (struct sb_stated_density){ .key = { { 8, 2 } }, .n = n, .most = s->line->ratio_ub };
    s->h.h = SB_NEW_ARRAY(double, n);
    assert_non_null(s->h.h);
}

static void close_setting(struct setting *s)
{
    free(s->h.h);
    sb_line_free(s->line);
}

/* h(x) = factor f(<u,x>) at the public points. */
static void set_h(struct setting *s, const double *u, double (*f)(double), double factor)
{
    struct sb_point_room room;
    struct sb_law null;

    s->family.null_law(&s->family, &null);
    assert_int_equal(sb_point_room_init(&room, &s->family.space), 0);
    for (uint64_t start = 0; start < s->h.n; start += SB_BLOCK) {
        sb_point_room_draw(&room, &null, s->h.key, 0, start, SB_BLOCK);
        for (int i = 0; i < SB_BLOCK; i++) {
            double along = 0;

            for (int j = 0; j < DIM; j++)
                along += u[j] * room.block.x[j][i];
            along = factor * f(along);
            s->h.h[start + (uint64_t)i] = along < s->h.most ? along : s->h.most;
        }
    }
    sb_point_room_fini(&room);
}

static double one(double x)
{
    (void)x;
    return 1;
}

/* What is exact of two laws along v is so on the bins: (1/2) sum |Q(b) - A(b)|, Q of t X + sqrt(1 - t^2) g. */
static double on_bins(const struct sb_variation_bins *bins, double t)
{
    double sum = 0, below_q = 0, below_a = 0;

    for (size_t b = 0; b < bins->n; b++) {
        const double q = b + 1 < bins->n ? cdf(t, bins->edge[b]) : 1;
        const double a = b + 1 < bins->n ? cdf(1, bins->edge[b]) : 1;

        sum += fabs((q - below_q) - (a - below_a)) / 2;
        below_q = q;
        below_a = a;
    }
    return sum;
}

/* Total variation of X and N(0,1): by the midpoint rule on a fine grid. */
static double to_null(void)
{
    double sum = 0;

    for (int i = 0; i < 200000; i++) {
        const double x = -10 + (i + .5) * 1e-4;

        sum += fabs(ratio(x) - 1) * exp(-x * x / 2);
    }
    return sum * 1e-4 / sqrt(2 * acos(-1)) / 2;
}

/* Bins: increasing, masses A's, and what is seen on them of the distance to the null is all of it. */
static void test_bins(void **state)
{
    struct setting s;
    struct sb_variation_bins bins;

    (void)state;
    open_setting(&s, SB_BLOCK);
    sb_variation_bins(s.line, &bins);
    assert_true(bins.n > SB_VARIATION_QUANTILES && bins.n <= SB_VARIATION_BINS);
    for (size_t b = 0; b + 1 < bins.n; b++) {
        const double below = b ? cdf(1, bins.edge[b - 1]) : 0;

        assert_true(b == 0 || bins.edge[b] > bins.edge[b - 1]);
        assert_near(bins.mass[b], cdf(1, bins.edge[b]) - below, 1e-12);
        assert_true(bins.mass[b] <= 1. / SB_VARIATION_QUANTILES + 1e-9);
    }
    assert_near(on_bins(&bins, 0), to_null(), 1e-4);
    close_setting(&s);
}

/* The truth along e_0, from which member 0 has no distance, and the others that of inner products 0.6 and 0; the null,
 * h = 1; all up to a factor. Each interval fails with probability 1e-9. */
static void test_known(void **state)
{
    static const double factor[] = { 1, .125 };
    const uint64_t n = few() ? FEW : 1 << 17;
    struct setting s;
    struct sb_variation_bins bins;
    struct sb_variation found[N_MEMBERS];

    (void)state;
    open_setting(&s, n);
    sb_variation_bins(s.line, &bins);
    for (size_t k = 0; k < SB_COUNT(factor); k++) {
        const double truth[N_MEMBERS] = { 0, on_bins(&bins, .6), on_bins(&bins, 0) };

        set_h(&s, s.v, ratio, factor[k]);
        assert_int_equal(sb_variation_along(&s.family, &s.h, n, 0, N_MEMBERS, 1e-9, NULL, found),
                         0);
        for (int i = 0; i < N_MEMBERS; i++) {
            assert_near(found[i].value, truth[i], found[i].half_width);
            assert_true(few() || found[i].half_width < .1 / factor[k]);
        }
        set_h(&s, s.v, one, factor[k]);
        assert_int_equal(sb_variation_along(&s.family, &s.h, n, 1, 1, 1e-9, NULL, found), 0);
        assert_near(found[0].value, on_bins(&bins, 0), found[0].half_width);
    }
    close_setting(&s);
}

/* A wrong density of small samples: the interval holds, and is not much wider than errors are. 60 keys at 1e-9. */
static void test_covers(void **state)
{
    const uint64_t keys = few() ? 3 : 60;
    struct setting s;
    struct sb_variation_bins bins;
    double largest = 0;

    (void)state;
    open_setting(&s, FEW);
    sb_variation_bins(s.line, &bins);
    for (uint64_t key = 0; key < keys; key++) {
        struct sb_variation found;
        double off;

        s.h.key = (struct sb_key){ { (uint32_t)key, 5 } };
        set_h(&s, s.v + DIM, ratio, 1);
        assert_int_equal(sb_variation_along(&s.family, &s.h, FEW, 0, 1, 1e-9, NULL, &found), 0);
        off = fabs(found.value - on_bins(&bins, .6)) / found.half_width;
        assert_true(off <= 1);
        largest = off > largest ? off : largest;
    }
    assert_true(largest > .05 || few());
    close_setting(&s);
}

static void test_edges(void **state)
{
    struct setting s;
    struct sb_variation found;

    (void)state;
    open_setting(&s, FEW);
    assert_int_equal(sb_variation_along(&s.family, &s.h, FEW, 0, 1, 1e-9, NULL, &found), 0);
    assert_same(found.value, 1); /* h = 0 everywhere */
    assert_same(found.half_width, 0);
    s.h.h[5] = 1;
    assert_int_equal(sb_variation_along(&s.family, &s.h, FEW, 0, 1, 1e-9, NULL, &found), 0);
    assert_true(found.value - found.half_width <= 0 && found.value + found.half_width >= 1);
    close_setting(&s);
}

static void test_threads(void **state)
{
    struct setting s;
    struct sb_variation alone[N_MEMBERS], together[N_MEMBERS];

    (void)state;
    open_setting(&s, FEW);
    set_h(&s, s.v, ratio, 1);
    sb_threads_force(1);
    assert_int_equal(sb_variation_along(&s.family, &s.h, FEW, 0, N_MEMBERS, 1e-9, NULL, alone), 0);
    sb_threads_force(3);
    assert_int_equal(sb_variation_along(&s.family, &s.h, FEW, 0, N_MEMBERS, 1e-9, NULL, together),
                     0);
    assert_memory_equal(alone, together, sizeof alone);
    close_setting(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bins),  cmocka_unit_test(test_known),   cmocka_unit_test(test_covers),
        cmocka_unit_test(test_edges), cmocka_unit_test(test_threads),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
