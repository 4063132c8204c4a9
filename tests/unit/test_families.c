/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Families against their pages: members, candidates, values of all members, correlations, and how
 * many members one hypothesis can satisfy; all by trying everything. */
#include "cube.h"
#include "numeric/network.h"
#include "profiled.h"
#include "rng.h"

/* every family with d <= most: all sparsities, numbers of literals, label sets */
static void each_family(uint32_t most, double noise, void (*check)(struct cube *c))
{
    for (uint32_t d = 1; d <= most; d++)
        for (uint32_t k = 0; k <= d; k++)
            for (int other = 0; other < 2; other++) {
                struct cube c = cube_new(true, d, k, noise, other, false);

                cube_open(&c);
                check(&c);
                cube_close(&c);
                if (k == 0)
                    continue;
                c = cube_new(false, d, k, 0, false, other);
                cube_open(&c);
                check(&c);
                cube_close(&c);
            }
}

/* Index and member, through the law, recovered() and describe(). */
static void check_members(struct cube *c)
{
    for (uint64_t i = 0; i < c->n; i++) {
        struct sb_law law;
        double value[64] = { 0 };
        char text[256] = "";
        char *told SB_FREE = c->family->describe(c->family, i);

        for (int clean = 0; clean < 2; clean++) {
            c->family->law(c->family, i, clean, &law);
            assert_int_equal(law.dim, c->dim);
            assert_true(law.label[0] == cube_label_set(c, 0) && law.label[1] == 1);
            for (uint64_t x = 0; x < UINT64_C(1) << c->dim; x++)
                for (int l = 0; l < 2; l++) {
                    const double got = law.alpha[l] + law.beta[l] * sb_law_g(&law, x);
                    const double sure = cube_label(c, i, x) == law.label[l];

                    assert_near(got,
                                clean ? sure : (double)cube_chance(c, (int64_t)i, x, law.label[l]),
                                1e-16);
                }
        }
        for (uint32_t j = 0; j < c->dim; j++)
            if (c->set[i] >> j & 1) {
                value[j] = c->neg[i] >> j & 1 ? -1 : 1;
                snprintf(text + strlen(text), 32,
                         c->parity      ? "%s%s%u"
                         : value[j] < 0 ? "%s%snot x%u"
                                        : "%s%sx%u",
                         *text ? (c->parity ? "," : " and ") : "", "", j);
            }
        if (c->parity) {
            assert_int_equal(strncmp(told, "chi(", 4), 0);
            assert_int_equal(strncmp(told + 4, text, strlen(text)), 0);
            assert_string_equal(told + 4 + strlen(text), ")");
        } else {
            assert_string_equal(told, text);
        }
        for (uint64_t other = 0; other < c->n; other++)
            assert_int_equal(c->family->recovered(c->family, other, value, c->dim), other == i);
        assert_false(c->family->recovered(c->family, i, value, c->dim - 1));
        value[0] = NAN;
        assert_false(c->family->recovered(c->family, i, value, c->dim));
    }
}

static void test_members(void **state)
{
    (void)state;
    each_family(4, 0.1, check_members);
}

/* candidate(i) and the index of the only member that agrees with (x, y) */
static void check_candidates(struct cube *c)
{
    const struct sb_candidates *candidates = c->family->space.candidates;
    const uint64_t size = UINT64_C(1) << c->dim;
    uint64_t bits[64], agreeing[64];
    double y[64], out[64];

    assert_int_equal(c->family->space.n_candidates, c->n);
    for (uint64_t x = 0; x < size; x++)
        bits[x] = x;
    for (uint64_t i = 0; i < c->n; i++) {
        const struct sb_block block = { .n = size, .bits = bits };

        candidates->label(candidates->self, i, &block, out);
        for (uint64_t x = 0; x < size; x++)
            assert_same(out[x], cube_label(c, i, x));
    }
    for (int l = 0; l < 2; l++) {
        const struct sb_block block = { .n = size, .bits = bits, .y = y };

        for (uint64_t x = 0; x < size; x++)
            y[x] = cube_label_set(c, l);
        candidates->agreeing(candidates->self, &block, agreeing);
        for (uint64_t x = 0; x < size; x++)
            if (agreeing[x] != cube_agreeing(c, x, y[x]))
                fail_msg("parity %d, d=%u k=%u negations %d: x=%llu y=%g", c->parity, c->dim, c->k,
                         c->negations, (unsigned long long)x, y[x]);
    }
}

static void test_candidates(void **state)
{
    (void)state;
    each_family(6, 0, check_candidates);
}

/* E_i f for all i, on dyadic tables (exact without noise) and on others */
static void check_values(struct cube *c)
{
    struct rng r = { c->dim * 100 + c->k };
    const uint64_t size = UINT64_C(1) << c->dim;
    double *table = calloc(2 * size + c->n, sizeof *table), *out = table + 2 * size;

    for (int dyadic = 0; dyadic < 2; dyadic++)
        for (int clean = 0; clean < 2; clean++) {
            double half_width;

            for (uint64_t z = 0; z < 2 * size; z++)
                table[z] = dyadic ? rng_below(&r, 9) / 4.0 - 1 : 2 * rng_uniform(&r) - 1;
            assert_int_equal(profiled(c->family, clean, table, out, &half_width), 0);
            assert_true(half_width < 1e-11);
            if (dyadic && (clean || c->noise == 0))
                assert_same(half_width, 0);
            for (uint64_t i = 0; i < c->n; i++) {
                cube_wide mean = 0, gap;

                for (uint64_t x = 0; x < size; x++)
                    for (int l = 0; l < 2; l++) {
                        const double y = cube_label_set(c, l);

                        mean += (clean ? (cube_wide)(cube_label(c, i, x) == y)
                                       : cube_chance(c, (int64_t)i, x, y)) *
                                table[(uint64_t)l * size + x];
                    }
                mean /= size;
                gap = mean > out[i] ? mean - out[i] : out[i] - mean;
                assert_true(gap <= half_width + (cube_wide)0x1p-105);
            }
        }
    free(table);
}

static void test_values(void **state)
{
    (void)state;
    each_family(5, 0, check_values);
    each_family(3, 0.1, check_values);
}

/* By power iteration. */
static double largest_eigenvalue(const double *K, uint64_t n)
{
    double *v = calloc(2 * n, sizeof *v), *w = v + n, lambda = 0;
    struct rng r = { n };

    for (uint64_t i = 0; i < n; i++)
        v[i] = rng_uniform(&r) + 0.1; /* all eigenvectors take part */
    for (int step = 0; step < 400; step++) {
        double norm = 0;

        for (uint64_t i = 0; i < n; i++) {
            w[i] = 0;
            for (uint64_t j = 0; j < n; j++)
                w[i] += K[i * n + j] * v[j];
            norm += w[i] * w[i];
        }
        lambda = sqrt(norm);
        for (uint64_t i = 0; i < n; i++)
            v[i] = lambda > 0 ? w[i] / lambda : 0;
    }
    free(v);
    return lambda;
}

static void check_correlations(struct cube *c)
{
    double *K = calloc(c->n * c->n, sizeof *K), lambda;
    struct sb_correlations k = { .n = (double)c->n };
    bool diagonal = true;

    assert_int_equal(c->family->correlations(c->family, &k), 0);
    for (uint64_t i = 0; i < c->n; i++)
        for (uint64_t j = 0; j < c->n; j++) {
            K[i * c->n + j] = cube_correlation(c, i, j);
            if (c->parity)
                assert_near(K[i * c->n + j], i == j ? k.diagonal_ub : 0, 1e-12);
            diagonal &= i == j || fabs(K[i * c->n + j]) < 1e-15;
        }
    assert_int_equal(k.orthogonal, diagonal);
    lambda = largest_eigenvalue(K, c->n);
    if (!(c->family->lambda_max_ub >= lambda * (1 - 1e-12)) ||
        !(c->family->lambda_max_ub <= lambda + 1e-9 * (1 + lambda)))
        fail_msg("parity %d, d=%u k=%u negations %d: lambda_max %.17g, said at most %.17g",
                 c->parity, c->dim, c->k, c->negations, lambda, c->family->lambda_max_ub);
    sb_correlations_fini(&k);
    free(K);
}

static void test_correlations(void **state)
{
    (void)state;
    each_family(5, 0, check_correlations);
    each_family(3, 0.1, check_correlations);
}

/* n_good is at least what any of the 2^8 functions to the label set reaches, and for the squared
 * loss what any of some thousand real ones does. */
static void check_n_good(struct cube *c)
{
    static const double max[] = {
        0, 0.05, 0.1, 0.125, 0.2, 0.24, 0.25, 0.3, 0.375, 0.45, 0.5, 0.75
    };
    const uint64_t size = UINT64_C(1) << c->dim;

    for (uint64_t h = 0; h < 1500; h++)
        for (size_t m = 0; m < SB_COUNT(max); m++) {
            uint64_t good = 0, good_squared = 0;
            struct rng value = { h };

            for (uint64_t i = 0; i < c->n; i++) {
                double loss = 0, squared = 0;
                struct rng same = value;

                for (uint64_t x = 0; x < size; x++) {
                    const double label = cube_label(c, i, x);
                    const double sign = cube_label_set(c, h >> x & 1);
                    const double real =
                        h < 256 ? sign : cube_label_set(c, 0) / 2 + 1.5 * rng_uniform(&same);

                    loss += (sign != label) / (double)size;
                    squared += (real - label) * (real - label) / (double)size;
                }
                good += loss <= max[m];
                good_squared += squared <= max[m];
            }
            if (h < 256)
                assert_true(good <= c->family->n_good(c->family, SB_LOSS_ZERO_ONE, max[m]));
            assert_true(good_squared <= c->family->n_good(c->family, SB_LOSS_SQUARED, max[m]));
        }
}

static void test_n_good(void **state)
{
    struct cube c = cube_new(true, 8, 0, 0, false, false);

    (void)state;
    each_family(3, 0, check_n_good);
    cube_open(&c);
    /* two parities are 1/2 apart, so below 1/4 a hypothesis has one; a bent function of two bits
     * is at 1/4 from four */
    assert_int_equal(c.family->n_good(c.family, SB_LOSS_ZERO_ONE, 0.2), 1);
    assert_int_equal(c.family->n_good(c.family, SB_LOSS_ZERO_ONE, 0.25), 4);
    cube_close(&c);
}

/* Networks on the whole cube, and on the box around it, where a base's is to be at most 1 [DV21]; sigma(<w,x>)
 * where the family says so. */
static void check_network(struct cube *c)
{
    enum { MOST = 16 };
    const uint64_t size = UINT64_C(1) << c->dim;
    struct rng r = { 7 };
    uint64_t x[MOST];
    double inside[4][MOST], out[MOST], w[4];
    const double *columns[] = { inside[0], inside[1], inside[2], inside[3] };
    const struct sb_block cube = { .dim = c->dim, .n = size, .bits = x };
    const struct sb_block box = { .dim = c->dim, .n = size, .x = columns };

    for (uint64_t i = 0; i < size; i++)
        x[i] = i;
    for (uint32_t j = 0; j < c->dim; j++)
        for (uint64_t i = 0; i < size; i++)
            inside[j][i] = rng_uniform(&r);
    for (uint64_t i = 0; i < c->n; i++) {
        struct sb_network *network;
        struct sb_compressed f = { 0 };

        assert_int_equal(c->family->network(c->family, i, &network, NULL), 0);
        assert_int_equal(sb_network_run(network, &cube, out), 0);
        if (c->family->compress)
            c->family->compress(c->family, i, w, &f);
        for (uint64_t k = 0; k < size; k++) {
            double h = 0;

            assert_same(out[k], cube_label(c, i, k));
            for (uint32_t j = 0; f.w && j < c->dim; j++)
                h += f.w[j] * (double)(k >> j & 1);
            if (f.w) {
                assert_true(h < f.n_t);
                assert_same(f.sigma[(int)h], cube_label(c, i, k));
            }
        }
        assert_int_equal(sb_network_run(network, &box, out), 0);
        for (uint64_t k = 0; k < size; k++)
            assert_true(out[k] >= c->family->space.labels[0] - 1e-15 && out[k] <= 1 + 1e-15);
        sb_network_free(network);
    }
}

/* S0-D2.1 for parities, and conjunctions as one unit. */
static void test_networks(void **state)
{
    (void)state;
    each_family(4, 0.1, check_network);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_members), cmocka_unit_test(test_candidates),
        cmocka_unit_test(test_values),  cmocka_unit_test(test_correlations),
        cmocka_unit_test(test_n_good),  cmocka_unit_test(test_networks),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
