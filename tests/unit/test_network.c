/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ReLU networks: evaluation against loops over units, for each instruction set; the builder against the
 * formulas that it is to write down. */
#include "unit.h"

#include "base/isa.h"
#include "numeric/network.h"
#include "numeric/network_build.h"
#include "rng.h"

#include <errno.h>
#include <math.h>

enum { DIM = 5, POINTS = 77 };

static void fill(struct rng *r, uint64_t n, double *a)
{
    for (uint64_t i = 0; i < n; i++)
        a[i] = rng_below(r, 3) ? 4 * rng_uniform(r) - 2 : 0;
}

static struct sb_network *some_network(struct rng *r, uint32_t n_layers, const uint32_t *sizes)
{
    struct sb_network *network = NULL;

    assert_int_equal(sb_network_new(DIM, n_layers, sizes, &network, NULL), 0);
    for (uint32_t l = 0; l < n_layers; l++) {
        struct sb_layer *layer = &network->layer[l];

        fill(r, (uint64_t)layer->n_in * layer->n_out, layer->weight);
        fill(r, layer->n_out, layer->bias);
    }
    return network;
}

/* By the definition. */
static double value_at(const struct sb_network *network, const double *x)
{
    double in[64], out[64];

    memcpy(in, x, network->dim * sizeof *in);
    for (uint32_t l = 0; l < network->n_layers; l++) {
        const struct sb_layer *layer = &network->layer[l];

        for (uint32_t u = 0; u < layer->n_out; u++) {
            out[u] = layer->bias[u];
            for (uint32_t k = 0; k < layer->n_in; k++)
                out[u] += layer->weight[u * layer->n_in + k] * in[k];
            if (l + 1 < network->n_layers)
                out[u] = fmax(out[u], 0);
        }
        memcpy(in, out, layer->n_out * sizeof *in);
    }
    return in[0];
}

/* Calls network on points and gives them back. */
static void run(const struct sb_network *network, double x[][POINTS], double *out)
{
    const double *columns[8];

    for (uint32_t j = 0; j < network->dim; j++)
        columns[j] = x[j];
    assert_int_equal(
        sb_network_run(network,
                       &(struct sb_block){ .dim = network->dim, .n = POINTS, .x = columns }, out),
        0);
}

static void test_evaluation(void **state)
{
    static const uint32_t sizes[] = { 9, 40, 3, 1 };
    struct rng r = { 1 };

    (void)state;
    for (uint32_t n = 1; n <= 4; n++) {
        struct sb_network *network = some_network(&r, n, sizes + 4 - n);
        double x[DIM][POINTS], out[POINTS];

        fill(&r, DIM * POINTS, x[0]);
        for (int isa = 0; isa < SB_ISAS; isa++) {
            sb_isa_limit((enum sb_isa)isa);
            run(network, x, out);
            for (int i = 0; i < POINTS; i++) {
                double point[DIM];

                for (int j = 0; j < DIM; j++)
                    point[j] = x[j][i];
                assert_same(out[i], value_at(network, point));
            }
        }
        sb_network_free(network);
    }
    sb_isa_limit(SB_ISAS - 1);
}

static void test_evaluation_on_the_cube(void **state)
{
    static const uint32_t sizes[] = { 7, 1 };
    struct rng r = { 2 };
    struct sb_network *network = some_network(&r, 2, sizes);
    uint64_t bits[1 << DIM];
    double out[1 << DIM];

    (void)state;
    for (uint64_t b = 0; b < 1 << DIM; b++)
        bits[b] = b;
    assert_int_equal(
        sb_network_run(network, &(struct sb_block){ .dim = DIM, .n = 1 << DIM, .bits = bits }, out),
        0);
    for (uint64_t b = 0; b < 1 << DIM; b++) {
        double point[DIM];

        for (int j = 0; j < DIM; j++)
            point[j] = (double)(b >> j & 1);
        assert_same(out[b], value_at(network, point));
    }
    sb_network_free(network);
}

/* Inputs that nothing depends on. */
static void test_widened(void **state)
{
    static const uint32_t sizes[] = { 7, 1 };
    struct rng r = { 6 };
    struct sb_network *network = some_network(&r, 2, sizes);
    double x[DIM + 2][POINTS], out[POINTS], wide[POINTS];

    (void)state;
    fill(&r, (DIM + 2) * POINTS, x[0]);
    run(network, x, out);
    assert_int_equal(sb_network_widen(network, DIM + 2, NULL), 0);
    assert_int_equal(network->dim, DIM + 2);
    run(network, x, wide);
    assert_memory_equal(out, wide, sizeof out);
    sb_network_free(network);
}

static void test_sizes(void **state)
{
    static const uint32_t sizes[] = { 7, 3, 1 }, units[] = { 1 << 16, 1, 1 },
                          weights[] = { 1 << 13, (1 << 13) + 1, 1 };
    struct sb_network *network;
    struct sb_diag diag;

    (void)state;
    sb_diag_init(&diag);
    assert_int_equal(sb_network_new(DIM, 3, sizes, &network, &diag), 0);
    assert_int_equal(sb_network_units(network), 10);
    assert_same(sb_network_weight_bound(network), 0);
    network->layer[1].bias[2] = -3;
    network->layer[2].weight[1] = 2;
    assert_same(sb_network_weight_bound(network), 3);
    sb_network_free(network);
    assert_int_equal(sb_network_new(DIM, 3, units, &network, &diag), -EINVAL);
    assert_string_equal(diag.items[0].text, "a ReLU network of 65537 hidden units or more is not "
                                            "made: at most 65536; make the instance smaller");
    assert_int_equal(sb_network_new(DIM, 3, weights, &network, &diag), -EINVAL);
    assert_int_equal(diag.n_items, 2);
    sb_diag_fini(&diag);
}

/* x_0 + 2 x_1 - 1 clipped, plus R(x_2): a layer, a carried value, a sum above. */
static void test_builder(void **state)
{
    struct sb_build b;
    struct sb_network *network;
    struct rng r = { 3 };
    double x[3][POINTS], out[POINTS];
    uint32_t sum;

    (void)state;
    sb_build_init(&b, 3, NULL);
    sum = sb_build_sum(&b, -1);
    sb_build_sum_of(&b, 1, 0);
    sb_build_sum_of(&b, 2, 1);
    assert_int_equal(sb_build_clip(&b, sum), 0);
    assert_int_equal(sb_build_carry(&b, 2), 1);
    sb_build_layer(&b);
    sum = sb_build_sum(&b, 0);
    sb_build_sum_of(&b, 1, 0);
    sb_build_sum_of(&b, 1, 1);
    assert_int_equal(sb_build_network(&b, sum, &network), 0);
    sb_build_fini(&b);
    assert_int_equal(sb_network_units(network), 3);
    fill(&r, 3 * POINTS, x[0]);
    run(network, x, out);
    for (int i = 0; i < POINTS; i++)
        assert_near(out[i], fmin(fmax(x[0][i] + 2 * x[1][i] - 1, 0), 1) + fmax(x[2][i], 0), 1e-14);
    sb_network_free(network);
}

/* S0-R2.2, at the integers exactly, with the stated number of units; between them, linear. */
static void test_tables(void **state)
{
    enum { MOST = 33 };
    struct rng r = { 4 };
    double sigma[MOST], x[1][POINTS], out[POINTS];

    (void)state;
    for (uint32_t n_t = 1; n_t <= MOST; n_t++) {
        struct sb_build b;
        struct sb_network *network;

        for (uint32_t t = 0; t < n_t; t++)
            sigma[t] = (double)rng_below(&r, 17) / 16;
        sb_build_init(&b, 1, NULL);
        sb_build_table(&b, 0, n_t, sigma);
        sb_build_layer(&b);
        assert_int_equal(sb_build_network(&b, 0, &network), 0);
        sb_build_fini(&b);
        assert_in_range(sb_network_units(network), 1, n_t > 1 ? n_t - 1 : 1);
        for (int i = 0; i < POINTS; i++)
            x[0][i] = (double)(i % (2 * (int)n_t - 1)) / 2;
        run(network, x, out);
        for (int i = 0; i < POINTS; i++) {
            const int t = i % (2 * (int)n_t - 1) / 2;

            assert_same(out[i], x[0][i] == t ? sigma[t] : (sigma[t] + sigma[t + 1]) / 2);
        }
        sb_network_free(network);
    }
}

/* A network of another's values, with a number carried past it: f(A x + a) + 3 R(x_4). */
static void test_stack(void **state)
{
    static const uint32_t sizes[] = { 4, 6, 1 };
    struct rng r = { 5 };

    (void)state;
    for (uint32_t n = 1; n <= 3; n++) {
        struct sb_network *inner = some_network(&r, n, sizes + 3 - n), *outer;
        double map[DIM][DIM + 1], x[DIM][POINTS], out[POINTS];
        uint32_t value[DIM], four;
        struct sb_build b;

        fill(&r, DIM * (DIM + 1), map[0]);
        fill(&r, DIM * POINTS, x[0]);
        sb_build_init(&b, DIM, NULL);
        for (int k = 0; k < DIM; k++) {
            value[k] = sb_build_sum(&b, map[k][DIM]);
            for (uint32_t j = 0; j < DIM; j++)
                sb_build_sum_of(&b, map[k][j], j);
        }
        four = sb_build_next(&b, 0); /* all of them through a layer, as R(v) - R(-v) */
        sb_build_next_of(&b, 1, sb_build_relu(&b, 0, 1, &(struct sb_term){ 4, 1 }));
        for (int k = 0; k < DIM; k++) {
            const uint32_t plus = sb_build_relu(&b, 0, 1, &(struct sb_term){ value[k], 1 });
            const uint32_t minus = sb_build_relu(&b, 0, 1, &(struct sb_term){ value[k], -1 });

            value[k] = sb_build_next(&b, 0);
            sb_build_next_of(&b, 1, plus);
            sb_build_next_of(&b, -1, minus);
        }
        sb_build_layer(&b);
        value[0] = sb_build_stack(&b, inner, value, 1, &four);
        value[1] = sb_build_sum(&b, 0);
        sb_build_sum_of(&b, 1, value[0]);
        sb_build_sum_of(&b, 3, value[0] + 1);
        assert_int_equal(sb_build_network(&b, value[1], &outer), 0);
        sb_build_fini(&b);
        run(outer, x, out);
        for (int i = 0; i < POINTS; i++) {
            double at[DIM];

            for (int k = 0; k < DIM; k++) {
                at[k] = map[k][DIM];
                for (int j = 0; j < DIM; j++)
                    at[k] += map[k][j] * x[j][i];
            }
            assert_near(out[i], value_at(inner, at) + 3 * fmax(x[4][i], 0), 1e-11);
        }
        sb_network_free(inner);
        sb_network_free(outer);
    }
}

static void test_too_many_units(void **state)
{
    struct sb_diag diag;
    struct sb_build b;
    struct sb_network *network;

    (void)state;
    sb_diag_init(&diag);
    sb_build_init(&b, 1, &diag);
    for (int i = 0; i <= SB_NETWORK_MOST_UNITS + 5; i++)
        sb_build_relu(&b, 0, 1, &(struct sb_term){ 0, 1 });
    sb_build_layer(&b);
    assert_int_equal(sb_build_network(&b, 0, &network), -EINVAL);
    assert_int_equal(diag.n_items, 1);
    assert_non_null(strstr(diag.items[0].text, "more than 65536 hidden units"));
    sb_build_fini(&b);
    sb_diag_fini(&diag);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_evaluation), cmocka_unit_test(test_evaluation_on_the_cube),
        cmocka_unit_test(test_widened),    cmocka_unit_test(test_sizes),
        cmocka_unit_test(test_builder),    cmocka_unit_test(test_tables),
        cmocka_unit_test(test_stack),      cmocka_unit_test(test_too_many_units),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
