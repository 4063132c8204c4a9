/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lifts as explicit networks: points computed elsewhere (tests/data/lift.json), the fast evaluators, unit
 * counts, weights. */
#include "unit.h"

#include "lift_block.h"
#include "lift_golden.h"
#include "numeric/network_build.h"
#include "numeric/network_lift.h"

#include <errno.h>
#include <math.h>

static struct sb_lift gauss_lift(bool edge, uint32_t d, uint32_t q, uint32_t m, double delta)
{
    return lift_of(&(struct sb_lift_setup){ m ? SB_LIFT_COMPRESSED : SB_LIFT_DV,
                                            edge ? SB_LIFT_EDGE : SB_LIFT_BULK, d, q, m, delta,
                                            sb_marginal_find("gauss") });
}

static void run(const struct sb_network *network, uint64_t n, double *out)
{
    const struct sb_block block = block_of(network->dim, n);

    assert_int_equal(sb_network_run(network, &block, out), 0);
}

/* sigma of a parity, or of LWR: round-half-up(p (t mod q)/q) mod p, over p. */
static double sigma_of(uint32_t q, uint32_t p, uint32_t t)
{
    return p ? (double)((2 * p * (t % q) + q) / (2 * q) % p) / p : t % 2;
}

static void check_golden_gadgets(const struct lift_case *c, const struct sb_lift *lift)
{
    struct sb_network *n1, *n2, *n3;
    double out[8];

    assert_int_equal(sb_network_n1(lift, &n1, NULL), 0);
    assert_int_equal(sb_network_n2(lift, &n2, NULL), 0);
    assert_int_equal(sb_network_n3(lift, &n3, NULL), 0);
    assert_int_equal(sb_network_units(n1), c->n1_units);
    assert_int_equal(sb_network_units(n2), c->n2_units);
    assert_int_equal(sb_network_units(n3), c->n3_units);
    assert_int_equal(sb_network_n3_units(lift), c->n3_units);
    for (uint32_t i = 0; i < c->n_points; i++) {
        memcpy(z[0], c->points[i].z, sizeof c->points[i].z);
        run(n1, c->d, out);
        for (uint32_t j = 0; j < c->d; j++)
            assert_near(out[j], c->points[i].n1[j], 1e-9);
        run(n2, c->d, out);
        for (uint32_t j = 0; j < c->d; j++)
            assert_near(out[j], c->points[i].n2[j], 1e-9);
    }
    sb_network_free(n1);
    sb_network_free(n2);
    sb_network_free(n3);
}

static void check_golden_labels(const struct lift_case *c, const struct sb_network *network,
                                bool dv)
{
    double out[16];

    for (uint32_t i = 0; i < c->n_points; i++)
        for (uint32_t j = 0; j < c->d; j++)
            z[j][i] = c->points[i].z[j];
    run(network, c->n_points, out);
    for (uint32_t i = 0; i < c->n_points; i++)
        if (!dv || c->points[i].has_dv)
            assert_near(out[i], dv ? c->points[i].dv : c->points[i].label, 1e-9);
}

/* S0-E4/E5, S0-AppB at the golden points; hidden layers and units as counted there. */
static void test_golden(void **state)
{
    (void)state;
    for (size_t i = 0; i < SB_COUNT(lift_cases); i++) {
        const struct lift_case *c = &lift_cases[i];
        struct sb_lift lift = gauss_lift(c->edge, c->d, c->q, c->m, c->delta);
        struct sb_network *network, *f, *dv;
        double sigma[64];
        uint32_t nonzero = 0;

        for (uint32_t t = 0; t < c->n_t; t++) {
            sigma[t] = sigma_of(c->q, c->p, t);
            nonzero += sigma[t] != 0;
        }
        check_golden_gadgets(c, &lift);
        assert_int_equal(sb_network_compressed(&lift, c->w, c->n_t, sigma, &network, NULL), 0);
        assert_int_equal(network->n_layers, 3);
        assert_same(sb_network_compressed_units(&lift, c->n_t, sigma),
                    (double)sb_network_units(network));
        assert_int_equal(sb_network_units(network),
                         c->d * (c->n1_units + c->n2_units) + nonzero * c->n3_units);
        check_golden_labels(c, network, false);
        assert_int_equal(sb_network_of_table(c->d, c->w, c->n_t, sigma, &f, NULL), 0);
        assert_int_equal(sb_network_dv(&lift, f, &dv, NULL), 0);
        assert_int_equal(dv->n_layers, f->n_layers + 2);
        check_golden_labels(c, dv, true);
        sb_network_free(network);
        sb_network_free(f);
        sb_network_free(dv);
        sb_lift_fini(&lift);
    }
}

/* A function sigma(<w,x>) on Z_q^d, w <= 2, and its values at a block's points. */
struct base {
    double w[MOST_D], sigma[2 * 6 * MOST_D + 1];
    uint32_t n_t;
    double value[POINTS];
};

static void draw_base(const struct sb_lift *lift, struct rng *rng, uint64_t n, struct base *f)
{
    f->n_t = 1;
    for (uint32_t j = 0; j < lift->setup.dim; j++) {
        f->w[j] = rng_below(rng, 3);
        f->n_t += (lift->setup.q - 1) * (uint32_t)f->w[j];
    }
    for (uint32_t t = 0; t < f->n_t; t++)
        f->sigma[t] = (double)rng_below(rng, 4) / 3;
    for (uint64_t i = 0; i < n; i++) {
        uint32_t h = 0;

        for (uint32_t j = 0; j < lift->setup.dim; j++) {
            double cell;

            sb_lift_cells(lift, 1, &z[j][i], &cell);
            h += (uint32_t)(f->w[j] * cell);
        }
        f->value[i] = f->sigma[h];
    }
}

/* The network and the evaluator on one block; how many points have n > m. */
static uint64_t check_compressed(const struct sb_lift *lift, struct rng *rng, uint64_t n)
{
    const struct sb_block block = block_of(lift->setup.dim, n);
    struct sb_network *network;
    struct base f;
    double label[POINTS], out[POINTS];
    uint8_t beyond[POINTS];
    uint64_t n_beyond = 0;

    lifted_points(lift, rng, n, z);
    draw_base(lift, rng, n, &f);
    assert_int_equal(sb_network_compressed(lift, f.w, f.n_t, f.sigma, &network, NULL), 0);
    run(network, n, out);
    sb_lift_label(lift, f.w, f.n_t, f.sigma, &block, f.value, label);
    sb_lift_beyond(lift, &block, beyond);
    for (uint64_t i = 0; i < n; i++) {
        assert_near(out[i], label[i], 1e-9);
        n_beyond += beyond[i];
    }
    sb_network_free(network);
    return n_beyond;
}

/* S0-E4/E5 */
static void test_compressed(void **state)
{
    const uint64_t n = getenv("STATBED_TEST_VALGRIND") ? 16 : 64;
    struct rng rng = { 45 };
    uint64_t n_beyond = 0;

    (void)state;
    for (uint32_t q = 2; q <= 7; q++)
        for (uint32_t m = 1; m <= 3; m++)
            for (int edge = 0; edge <= 1; edge++) {
                struct sb_lift lift = gauss_lift(edge, m + 2, q, m, 0.02 * q);

                n_beyond += check_compressed(&lift, &rng, n);
                sb_lift_fini(&lift);
            }
    assert_true(n_beyond > 2 * n);
}

/* N3 alone at any s and t, n > m included. */
static void test_n3(void **state)
{
    struct rng rng = { 26 };

    (void)state;
    for (uint32_t d = 3; d < MOST_D; d++)
        for (uint32_t m = 1; m <= 3 && m < d; m++)
            for (int edge = 0; edge <= 1; edge++) {
                struct sb_lift lift = gauss_lift(edge, d, 2, m, 0.1);
                struct sb_network *network;
                double out[32], s[MOST_D];

                for (uint32_t j = 0; j < d; j++)
                    for (int i = 0; i < 32; i++)
                        z[j][i] = rng_below(&rng, 3) ? rng_uniform(&rng) : rng_below(&rng, 2);
                for (int i = 0; i < 32; i++)
                    z[d][i] = i % 4 ? 4 * rng_uniform(&rng) - 2 : i / 4 - 4;
                assert_int_equal(sb_network_n3(&lift, &network, NULL), 0);
                run(network, 32, out);
                for (int i = 0; i < 32; i++) {
                    for (uint32_t j = 0; j < d; j++)
                        s[j] = z[j][i];
                    assert_near(out[i], lifted_n3(&lift, s, z[d][i]), 1e-9);
                }
                sb_network_free(network);
                sb_lift_fini(&lift);
            }
}

/* S0-L2.6(c): 3 u sum_r C(d,r)(m-r+1) units, at most d^2m where the second says so, and only there; far below
 * the 2^d of an ideal gadget [S0-E2/E3/AppD]. */
static void test_unit_counts(void **state)
{
    (void)state;
    for (int edge = 0; edge <= 1; edge++)
        for (uint32_t m = 1; m <= 3; m++)
            for (uint32_t d = m + 1; d <= 30; d++) {
                struct sb_lift lift = gauss_lift(edge, d, 2, m, 0.1);
                const uint64_t units = sb_network_n3_units(&lift);
                const bool small = m == 3 || (edge ? d >= (m == 1 ? 11 : 4) : m == 2 || d >= 5);
                double expected = 0;

                for (uint32_t r = 0; r <= m; r++)
                    expected += (edge ? 9 : 3) * lifted_choose((int)d, (int)r) * (m - r + 1);
                assert_same((double)units, expected);
                assert_int_equal((double)units <= pow(d, 2 * m), small);
                assert_true(d < 18 || (double)units < ldexp(1, (int)d));
                sb_lift_fini(&lift);
            }
}

/* S0-L2.4, S0-L2.5: the largest weights of the two gadgets. */
static void test_weights(void **state)
{
    (void)state;
    for (uint32_t q = 2; q <= 7; q++)
        for (double delta = 0.4; delta > 1e-3; delta /= 4) {
            struct sb_lift lift = gauss_lift(false, 2, q, 1, delta);
            const double most = q / delta / 2.5066282746310002;
            struct sb_network *network;

            assert_int_equal(sb_network_n1(&lift, &network, NULL), 0);
            assert_in_range(sb_network_weight_bound(network) / most * 1e6, 2e5, 1e6);
            sb_network_free(network);
            assert_int_equal(sb_network_n2(&lift, &network, NULL), 0);
            assert_in_range(sb_network_weight_bound(network) / most * 1e6, 4e5, 2e6);
            sb_network_free(network);
            sb_lift_fini(&lift);
        }
}

/* R(f(thres(z)) - sum_j N2(z_j)) as it is printed, at the points in z. */
static void check_dv(const struct sb_lift *lift, const double *value, const struct sb_network *dv,
                     bool holds)
{
    double out[POINTS], off = 0;

    run(dv, POINTS, out);
    for (int i = 0; i < POINTS; i++) {
        double left = value[i];

        for (uint32_t j = 0; j < lift->setup.dim; j++)
            left -= lifted_n2(lift, z[j][i]);
        off = fmax(off, fabs(out[i] - fmax(left, 0)));
    }
    assert_true(holds ? off < 1e-9 : off > 0.5);
}

/* S0-AppB: 6 x 16 x 1024 points. */
static void test_dv(void **state)
{
    const int n_blocks = getenv("STATBED_TEST_VALGRIND") ? 1 : 16;
    struct rng rng = { 19 };

    (void)state;
    for (uint32_t q = 2; q <= 7; q++) {
        struct sb_lift lift = gauss_lift(false, 6, q, 0, 0.3);
        struct sb_network *f, *dv;
        struct base base;

        for (int b = 0; b < n_blocks; b++) {
            lifted_points(&lift, &rng, POINTS, z);
            draw_base(&lift, &rng, POINTS, &base);
            assert_int_equal(sb_network_of_table(6, base.w, base.n_t, base.sigma, &f, NULL), 0);
            assert_int_equal(sb_network_dv(&lift, f, &dv, NULL), 0);
            check_dv(&lift, base.value, dv, true);
            sb_network_free(f);
            sb_network_free(dv);
        }
        sb_lift_fini(&lift);
    }
}

/* 0 on {0,1}, and 3 between them; with or without R(f) - R(f - 1). */
static struct sb_network *tent(bool clipped)
{
    static const double slope[] = { 6, -12, 6 };
    struct sb_network *network;
    struct sb_build b;
    uint32_t value;

    sb_build_init(&b, 1, NULL);
    value = sb_build_next(&b, 0);
    for (int k = 0; k < 3; k++)
        sb_build_next_of(&b, slope[k], sb_build_relu(&b, -k / 2.0, 1, &(struct sb_term){ 0, 1 }));
    sb_build_layer(&b);
    if (clipped) {
        value = sb_build_clip(&b, value);
        sb_build_layer(&b);
    }
    assert_int_equal(sb_build_network(&b, value, &network), 0);
    sb_build_fini(&b);
    return network;
}

/* S0-AppB: a network of more than 1 between bits is not lifted as promised, and clipping mends it. */
static void test_dv_needs_f_at_most_1(void **state)
{
    struct sb_lift lift = gauss_lift(false, 1, 2, 0, 0.3);
    const double zeros[POINTS] = { 0 };
    struct rng rng = { 20 };

    (void)state;
    lifted_points(&lift, &rng, POINTS, z);
    for (int clipped = 0; clipped <= 1; clipped++) {
        struct sb_network *f = tent(clipped), *dv;

        assert_int_equal(sb_network_dv(&lift, f, &dv, NULL), 0);
        check_dv(&lift, zeros, dv, clipped);
        sb_network_free(f);
        sb_network_free(dv);
    }
    sb_lift_fini(&lift);
}

static void test_too_large(void **state)
{
    const double w[40] = { 1, 1, 1 }, sigma[] = { 0, 1, 0, 1 };
    struct sb_lift lift = gauss_lift(false, 40, 2, 4, 0.001);
    struct sb_network *network;
    struct sb_diag diag;

    (void)state;
    sb_diag_init(&diag);
    assert_int_equal(sb_network_compressed(&lift, w, 4, sigma, &network, &diag), -EINVAL);
    assert_string_equal(
        diag.items[0].text,
        "the lifted network of dimension 40 with m = 4 would have 682170 hidden units "
        "(340965 in each copy of N3); at most 65536 are made: take a "
        "smaller m or dimension");
    sb_diag_fini(&diag);
    sb_lift_fini(&lift);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_golden),
        cmocka_unit_test(test_compressed),
        cmocka_unit_test(test_n3),
        cmocka_unit_test(test_unit_counts),
        cmocka_unit_test(test_weights),
        cmocka_unit_test(test_dv),
        cmocka_unit_test(test_dv_needs_f_at_most_1),
        cmocka_unit_test(test_too_large),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
