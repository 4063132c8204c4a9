/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Pseudorandom function candidates against their definitions, bit by bit, and as networks
 * [theorems.md S0-PRF, S0-PRFw, S0-LA.3, S0-AppB]. */
#include "opened.h"
#include "rng.h"

#include "estimate/points.h"
#include "numeric/network.h"

#include <errno.h>
#include <math.h>

enum { MOST = 1 << 12 };

/* All labels of a member: by its candidates' function. */
static void labels_of(const struct sb_family *f, uint64_t member, double *out)
{
    struct sb_point_room room;
    const uint64_t size = sb_space_size(&f->space);

    assert_true(size <= MOST);
    assert_int_equal(sb_point_room_init(&room, &f->space), 0);
    for (uint64_t start = 0; start < size; start += SB_BLOCK) {
        sb_point_room_domain(&room, start, size - start < SB_BLOCK ? size - start : SB_BLOCK);
        f->space.candidates->label(f->space.candidates->self, member, &room.block, out + start);
    }
    sb_point_room_fini(&room);
}

/* F_K(x) of an entry function, in the order of the definition. */
static uint32_t alternating(uint32_t n, uint32_t m, const uint8_t *K, uint64_t x)
{
    uint32_t sum = 0;

    for (uint32_t i = 0; i < m; i++) {
        uint32_t inner = 0;

        for (uint32_t j = 0; j < n; j++)
            inner += K[i * n + j] * (uint32_t)(x >> j & 1);
        sum += inner % 2;
    }
    return sum % 3;
}

static void key_matrix(uint32_t n, uint32_t m, bool toeplitz, uint64_t key, uint8_t *K)
{
    for (uint32_t i = 0; i < m; i++)
        for (uint32_t j = 0; j < n; j++)
            K[i * n + j] = (uint8_t)(key >> (toeplitz ? (n - 1) + i - j : n * i + j) & 1);
}

/* Rank over F_3 of a table, which is lost. */
static uint32_t rank(uint8_t *a, uint32_t rows, uint32_t columns)
{
    uint32_t r = 0;

    for (uint32_t c = 0; c < columns && r < rows; c++) {
        uint32_t pivot = r;

        while (pivot < rows && !a[pivot * columns + c])
            pivot++;
        if (pivot == rows)
            continue;
        for (uint32_t k = 0; k < columns; k++) {
            const uint8_t swap = a[r * columns + k];

            a[r * columns + k] = a[pivot * columns + k];
            a[pivot * columns + k] = swap;
        }
        for (uint32_t i = r + 1; i < rows; i++) {
            const int times = a[i * columns + c] * a[r * columns + c] % 3; /* 1/a = a */

            for (uint32_t k = 0; k < columns && times; k++)
                a[i * columns + k] =
                    (uint8_t)((a[i * columns + k] + (3 - times) * a[r * columns + k]) % 3);
        }
        r++;
    }
    return r;
}

static const struct {
    const char *text;
    uint32_t n, m;
    bool toeplitz;
} weak[] = { { "dimension=5", 5, 5, true },
             { "dimension=7 rows=4", 7, 4, true },
             { "dimension=4 rows=3 keys=full", 4, 3, false },
             { "dimension=12 rows=15", 12, 15, true } };

static void test_weak_prf(void **state)
{
    double y[MOST];
    struct rng r = { 3 };

    (void)state;
    for (size_t s = 0; s < SB_COUNT(weak); s++) {
        const uint32_t n = weak[s].n, m = weak[s].m;
        struct opened o;

        opened_new(&o, "weak-prf", weak[s].text);
        assert_int_equal(o.family->n_members, UINT64_C(1)
                                                  << (weak[s].toeplitz ? n + m - 1 : n * m));
        for (int trial = 0; trial < 20; trial++) {
            const uint64_t member = rng_below(&r, (uint32_t)o.family->n_members);
            uint8_t K[256];
            double value[256], other[256];

            key_matrix(n, m, weak[s].toeplitz, member, K);
            labels_of(o.family, member, y);
            for (uint64_t x = 0; x < UINT64_C(1) << n; x++)
                assert_same(y[x], alternating(n, m, K, x) != 0);
            for (uint32_t k = 0; k < n * m; k++) {
                value[k] = K[k];
                other[(k + n) % (n * m)] = K[k]; /* rows in another order */
            }
            assert_true(o.family->recovered(o.family, member, value, n * m));
            assert_true(o.family->recovered(o.family, member, other, n * m));
            value[0] = 1 - value[0];
            assert_false(o.family->recovered(o.family, member, value, n * m) &&
                         o.family->n_recovered(o.family) < 2);
            assert_false(o.family->recovered(o.family, member, value, n * m - 1));
        }
        opened_close(&o);
    }
}

/* [S0-PRFw] the Hankel matrix of F_K over F_3 has rank m + 1 for characters that are distinct on both halves, and
 * the label's at most (m + 1)^2: few chosen labels give a function of many bits away. */
static void test_hankel_rank(void **state)
{
    enum { N = 10, M = 4, HALF = 1 << (N / 2) };
    struct opened o;
    struct rng r = { 8 };
    uint32_t full = 0;
    double y[MOST];

    (void)state;
    opened_new(&o, "weak-prf", "dimension=10 rows=4 keys=full");
    for (int trial = 0; trial < 20; trial++) {
        const uint64_t member = (uint64_t)rng_below(&r, 1 << 20) << 20 | rng_below(&r, 1 << 20);
        uint8_t K[N * M], value[HALF * HALF], label[HALF * HALF];
        uint32_t got;

        key_matrix(N, M, false, member, K);
        labels_of(o.family, member, y);
        for (uint32_t x = 0; x < HALF * HALF; x++) {
            value[x] = (uint8_t)alternating(N, M, K, x);
            label[x] = (uint8_t)y[x];
            assert_int_equal(label[x], value[x] * value[x] % 3);
        }
        got = rank(value, HALF, HALF);
        assert_true(got <= M + 1);
        full += got == M + 1;
        assert_true(rank(label, HALF, HALF) <= (M + 1) * (M + 1));
    }
    assert_true(full >= 5); /* rows' halves are distinct and nonzero most of the time */
    opened_close(&o);
}

/* The null's labels are those of keys of full rank. */
static void test_weak_null(void **state)
{
    struct opened o;
    struct sb_law null;
    double y[MOST], w[SB_BLOCK], ones = 0;
    uint64_t bits[1] = { 5 };
    const struct sb_block block = { .n = 1, .bits = bits };

    (void)state;
    opened_new(&o, "weak-prf", "dimension=7 rows=4");
    labels_of(o.family, UINT64_C(1) << 6, y); /* K_ii = 1: the sum of the first four coordinates */
    for (int x = 0; x < 128; x++)
        ones += y[x] / 128;
    o.family->null_law(o.family, &null);
    sb_law_weights(&null, &block, 1, w);
    assert_same(w[0], ones);
    sb_law_weights(&null, &block, 0, w);
    assert_same(w[0], 1 - ones);
    assert_same(ones, 11.0 / 16); /* 1 - (C(4,0) + C(4,3))/16 */
    opened_close(&o);
}

/* [S0-PRF] the specification, step by step, from the tuples that the network and the family do not share:
 * they are read off the generator of a tree of one level, by its labels at single keys. */
struct gates {
    uint32_t k;
    uint8_t tuple[2][5]; /* of the first bits of l and r */
};

static uint32_t first_bit(const struct sb_family *f, uint64_t key, int right)
{
    double y[2];

    labels_of(f, key, y);
    return y[right] > 0;
}

/* Of a bit s_a + s_b + s_c + s_d s_e: the singles are 1 at one bit, the product shows at two. */
static void find_gate(const struct sb_family *f, struct gates *g, int right)
{
    uint32_t n = 0;

    for (uint32_t j = 0; j < g->k; j++)
        if (first_bit(f, UINT64_C(1) << j, right))
            g->tuple[right][n++] = (uint8_t)j;
    assert_int_equal(n, 3);
    for (uint32_t d = 0; d < g->k; d++)
        for (uint32_t e = d + 1; e < g->k; e++)
            if (first_bit(f, UINT64_C(1) << d | UINT64_C(1) << e, right) !=
                (first_bit(f, UINT64_C(1) << d, right) ^ first_bit(f, UINT64_C(1) << e, right))) {
                g->tuple[right][n++] = (uint8_t)d;
                g->tuple[right][n++] = (uint8_t)e;
                assert_int_equal(n, 5);
            }
    assert_int_equal(n, 5); /* distinct places, since each showed alone */
}

static void test_generator(void **state)
{
    struct opened o;
    struct rng r = { 21 };
    struct gates g = { .k = 16 };

    (void)state;
    opened_new(&o, "strong-prf", "dimension=1 key=16");
    for (int right = 0; right < 2; right++)
        find_gate(o.family, &g, right);
    for (int trial = 0; trial < 200; trial++) {
        const uint64_t s = rng_below(&r, 1 << 16);

        for (int right = 0; right < 2; right++) {
            const uint8_t *t = g.tuple[right];
            const uint64_t bit = (s >> t[0] ^ s >> t[1] ^ s >> t[2] ^ (s >> t[3] & s >> t[4])) & 1;

            assert_int_equal(first_bit(o.family, s, right), bit);
        }
    }
    opened_close(&o);
}

/* The whole specification, a bit at a time; the public tuples by a shuffle that is stopped after five. */
static uint32_t tree(uint32_t n, uint32_t k, uint64_t key, uint64_t x)
{
    const struct sb_key public = sb_key_derive("strong-prf tuples", "", 0);
    uint8_t s[64], g[128];

    for (uint32_t j = 0; j < k; j++)
        s[j] = key >> j & 1;
    for (uint32_t i = 0; i < n; i++) {
        for (uint32_t gate = 0; gate < 2 * k; gate++) {
            uint8_t place[64], swap;

            for (uint8_t j = 0; j < k; j++)
                place[j] = j;
            for (uint32_t p = 0; p < 5; p++) {
                const uint64_t at =
                    p + sb_random_below(public, ((uint64_t)k << 32) + gate * 5 + p, k - p);

                swap = place[p];
                place[p] = place[at];
                place[at] = swap;
            }
            g[gate] =
                (uint8_t)((s[place[0]] + s[place[1]] + s[place[2]] + s[place[3]] * s[place[4]]) %
                          2);
        }
        memcpy(s, x >> i & 1 ? g + k : g, k);
    }
    return s[0];
}

static void test_tree(void **state)
{
    struct opened o;
    double y[MOST];

    (void)state;
    opened_new(&o, "strong-prf", "dimension=7 key=9");
    for (uint64_t member = 3; member < 512; member += 101) {
        labels_of(o.family, member, y);
        for (uint64_t x = 0; x < 128; x++)
            assert_same(y[x], tree(7, 9, member, x));
    }
    opened_close(&o);
}

static void check_network(const char *name, const char *text, uint64_t member, uint32_t n_hidden,
                          struct sb_network **out)
{
    struct opened o;
    struct sb_point_room room;
    double y[MOST], got[SB_BLOCK];
    uint64_t size;

    opened_new(&o, name, text);
    size = sb_space_size(&o.family->space);
    labels_of(o.family, member, y);
    assert_int_equal(o.family->network(o.family, member, out, NULL), 0);
    assert_int_equal((*out)->n_layers, n_hidden + 1);
    assert_int_equal((*out)->dim, o.family->space.dim);
    assert_int_equal(sb_point_room_init(&room, &o.family->space), 0);
    for (uint64_t start = 0; start < size; start += SB_BLOCK) {
        sb_point_room_domain(&room, start, size - start < SB_BLOCK ? size - start : SB_BLOCK);
        assert_int_equal(sb_network_run(*out, &room.block, got), 0);
        for (uint64_t i = 0; i < room.block.n; i++)
            assert_near(got[i], y[start + i], 1e-12);
    }
    sb_point_room_fini(&room);
    opened_close(&o);
}

/* In [0,1] on the box around the cube: what the lift without a clip asks for [S0-AppB]. */
static void check_range(const struct sb_network *network, uint32_t n_points, struct rng *r)
{
    double x[16][SB_BLOCK], out[SB_BLOCK];
    const double *column[16];
    struct sb_block block = { .dim = network->dim, .n = SB_BLOCK, .x = column };

    assert_true(network->dim <= 16);
    for (uint32_t j = 0; j < network->dim; j++)
        column[j] = x[j];
    for (uint32_t start = 0; start < n_points; start += SB_BLOCK) {
        for (uint32_t j = 0; j < network->dim; j++)
            for (int i = 0; i < SB_BLOCK; i++)
                x[j][i] = rng_below(r, 3) ? rng_uniform(r) : rng_below(r, 2);
        assert_int_equal(sb_network_run(network, &block, out), 0);
        for (int i = 0; i < SB_BLOCK; i++)
            assert_true(out[i] >= -1e-12 && out[i] <= 1 + 1e-12);
    }
}

static double largest_weight(const struct sb_network *network)
{
    double most = 0;

    for (uint32_t l = 0; l < network->n_layers; l++)
        for (size_t i = 0; i < (size_t)network->layer[l].n_in * network->layer[l].n_out; i++)
            most = fmax(most, fabs(network->layer[l].weight[i]));
    return most;
}

/* [S0-PRF] n = 6, k = 16: the network is the function on the whole cube, 13 k + 3 n units a level at most, weights of
 * at most 2. */
static void test_strong_network(void **state)
{
    const uint32_t n_points = getenv("STATBED_TEST_VALGRIND") ? 1024 : 20000;
    struct rng r = { 4 };

    (void)state;
    for (uint64_t member = 1; member < 1 << 16; member += 40011) {
        struct sb_network *network;

        check_network("strong-prf", "dimension=6 key=16", member, 18, &network);
        for (uint32_t level = 0; level < 6; level++) {
            const struct sb_layer *a = &network->layer[3 * level];

            assert_true(a[0].n_out + a[1].n_out + a[2].n_out <= 13 * 16 + 3 * 6);
        }
        assert_true(largest_weight(network) <= 2);
        assert_true(sb_network_weight_bound(network) <= 3); /* biases */
        if (member == 1)
            check_range(network, n_points, &r);
        sb_network_free(network);
    }
}

static void test_weak_network(void **state)
{
    struct rng r = { 5 };

    (void)state;
    for (uint64_t member = 0; member < 1 << 14; member += 4099) {
        struct sb_network *network;

        check_network("weak-prf", "dimension=9 rows=6", member, 2, &network);
        check_range(network, 4096, &r);
        sb_network_free(network);
    }
}

static void test_names(void **state)
{
    struct opened o;
    double value[6] = { 0, 1, 0, 1, 1, 0 };
    char *told;

    (void)state;
    opened_new(&o, "strong-prf", "dimension=3 key=6");
    told = o.family->describe(o.family, 26);
    assert_string_equal(told, "key 010110");
    free(told);
    for (uint64_t i = 0; i < 64; i++)
        assert_int_equal(o.family->recovered(o.family, i, value, 6), i == 26);
    assert_false(o.family->recovered(o.family, 26, value, 5));
    opened_close(&o);
    opened_new(&o, "weak-prf", "dimension=3 rows=2 keys=full");
    told = o.family->describe(o.family, 26); /* rows 010 and 110 from bit 0 on */
    assert_string_equal(told, "K = 010,110");
    free(told);
    opened_close(&o);
}

/* [S0-LA.3] against a truly random function on {0,1}^n a learner that has seen Q labels and predicts 1/2 elsewhere
 * has expected loss (1 - Q/2^n)/4, and none has less: any value v for an unseen point loses (v^2 + (1-v)^2)/2. The
 * same learner on the PRF: the gap between the two is what it tells them apart by. Means over 4000 tables. */
static void test_random_tables(void **state)
{
    enum { N_TABLES = 4000 };
    const uint32_t most = getenv("STATBED_TEST_VALGRIND") ? 2 : 6;
    struct rng r = { 77 };

    (void)state;
    for (uint32_t n = 2; n <= most; n += 2)
        for (uint32_t asked = 0; asked <= 1U << n; asked += 1 + (1U << n) / 5) {
            const uint32_t size = 1U << n;
            const double bound = 0.25 * (1 - (double)asked / size);
            double mean[3] = { 0 };

            for (int table = 0; table < N_TABLES; table++)
                for (uint32_t x = 0; x < size; x++) {
                    const bool seen = x < asked;
                    const double f = rng_below(&r, 2);
                    const double guess[3] = { 0.5, 0.3, 1 };

                    for (int g = 0; g < 3; g++)
                        mean[g] +=
                            seen ? 0 : (guess[g] - f) * (guess[g] - f) / ((double)size * N_TABLES);
                }
            assert_near(mean[0], bound, 1e-10);
            /* others' losses are at most 1 a point: within 0.04 of a mean no less (Hoeffding, 5e-6) */
            for (int g = 1; g < 3; g++)
                assert_true(mean[g] >= bound - 0.04);
        }
}

static void test_refused(void **state)
{
    struct opened o;
    char message[512];

    (void)state;
    assert_int_equal(opened_try(&o, "weak-prf", "dimension=32", message, sizeof message), 0);
    opened_close(&o);
    assert_int_equal(opened_try(&o, "weak-prf", "dimension=33", message, sizeof message), -EINVAL);
    assert_non_null(strstr(message, "have 65 bits"));
    sb_values_fini(&o.values);
    assert_int_equal(opened_try(&o, "weak-prf", "dimension=8 keys=full", message, sizeof message),
                     -EINVAL);
    assert_non_null(strstr(message, "take keys = toeplitz"));
    sb_values_fini(&o.values);
    assert_int_equal(opened_try(&o, "strong-prf", "dimension=8 key=4", message, sizeof message),
                     -EINVAL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_weak_prf),      cmocka_unit_test(test_hankel_rank),
        cmocka_unit_test(test_weak_null),     cmocka_unit_test(test_generator),
        cmocka_unit_test(test_tree),          cmocka_unit_test(test_strong_network),
        cmocka_unit_test(test_weak_network),  cmocka_unit_test(test_names),
        cmocka_unit_test(test_random_tables), cmocka_unit_test(test_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
