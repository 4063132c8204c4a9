/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Passes over a query's values, and the columns that a callback is shown: each against its
 * definition, one number after the other, and with the same bits by every instruction set that this
 * CPU has. */
#include "unit.h"

#include "base/isa.h"
#include "estimate/table_pair.h"
#include "numeric/random.h"
#include "query/columns.h"

#include <math.h>

enum { BITS = 9, SIZE = 1 << BITS };

static double a[SIZE], b[SIZE];

/* Numbers in [-1,1): multiples of 2^-40 where `on_grid`. */
static void fill(bool on_grid)
{
    const struct sb_key key = sb_key_derive("test", "table_pair", 3);
    const double grid = 0x1p40;

    sb_random_uniform(key, 0, 0, SIZE, a);
    sb_random_uniform(key, 1, 0, SIZE, b);
    for (int i = 0; i < SIZE; i++) {
        a[i] = 2 * a[i] - 1;
        b[i] = 1 - 2 * b[i];
        if (on_grid) {
            a[i] = floor(a[i] * grid) / grid;
            b[i] = floor(b[i] * grid) / grid;
        }
    }
}

static void for_each_isa(void (*check)(bool first))
{
    bool first = true;

    for (int isa = SB_ISA_BASELINE; isa < SB_ISAS; isa++) {
        if (!sb_isa_has((enum sb_isa)isa))
            continue;
        sb_isa_limit((enum sb_isa)isa);
        check(first);
        first = false;
    }
    sb_isa_limit(SB_ISA_AVX512);
}

static void check_pair(uint32_t n, bool both, bool on_grid, bool first)
{
    static struct sb_table_pair of_first[BITS + 1][2][2];
    struct sb_table_pair *before = &of_first[n][both][on_grid], pair;
    double difference[SIZE], largest = 0;
    long double sum = 0;

    pair = sb_table_pair(a, b, n, both, difference);
    for (int i = 0; i < 1 << n; i++) {
        const double gap = a[i] - b[i];

        assert_memory_equal(&difference[i], &gap, sizeof gap);
        sum += b[i] + (both ? (long double)a[i] : 0);
        largest = fmax(largest, fmax(fabs(a[i]), fabs(b[i])));
    }
    assert_true(pair.exact == on_grid);
    assert_true(pair.largest == largest);
    assert_true(fabsl(pair.sum - sum) <= pair.error + (on_grid ? 0 : 1e-16L * SIZE));
    if (first)
        *before = pair;
    assert_memory_equal(&pair.sum, &before->sum, sizeof pair.sum);
    assert_memory_equal(&pair.error, &before->error, sizeof pair.error);
}

static void check_pairs(bool first)
{
    for (int on_grid = 0; on_grid < 2; on_grid++) {
        fill(on_grid);
        for (uint32_t n = 0; n <= BITS; n += n < 3 ? 1 : 3)
            for (int both = 0; both < 2; both++)
                check_pair(n, both, on_grid, first);
    }
}

static void test_pairs(void **state)
{
    (void)state;
    for_each_isa(check_pairs);
}

/* In calls of lengths that are no multiple of anything. */
static void check_sums(bool first)
{
    static struct sb_ball of_first[2];

    for (int on_grid = 0; on_grid < 2; on_grid++) {
        struct sb_table_sum sum;
        struct sb_ball value;
        long double expected = 0;

        fill(on_grid);
        sb_table_sum_init(&sum, BITS);
        for (int i = 0, n = 1; i < SIZE; i += n, n = i + 2 * n < SIZE ? 2 * n + 1 : SIZE - i)
            sb_table_sum_add(&sum, a + i, (uint64_t)n);
        for (int i = 0; i < SIZE; i++)
            expected += a[i];
        value = sb_table_sum_value(&sum);
        assert_true(!on_grid || value.rad == 0);
        assert_true(fabsl(value.mid - expected) <= value.rad + (on_grid ? 0 : 1e-16L * SIZE));
        if (first)
            of_first[on_grid] = value;
        assert_memory_equal(&value, &of_first[on_grid], sizeof value);
    }
}

static void test_sums(void **state)
{
    (void)state;
    for_each_isa(check_sums);
}

static uint64_t hash_of(const double *f, const uint64_t *key, uint64_t n)
{
    uint64_t hash = 0;

    for (uint64_t i = 0; i < n; i++) {
        uint64_t v;

        memcpy(&v, &f[i], sizeof v);
        hash += ((v + key[i]) & UINT32_MAX) * (((v >> 32) + (key[i] >> 32)) & UINT32_MAX);
    }
    return hash;
}

/* A number out of range at any one place is seen, and any bit counts. */
static void check_look(bool first)
{
    const double wrong[] = { NAN, -INFINITY, INFINITY, nextafter(1, 2), nextafter(-1, -2) };
    uint64_t key[SIZE], hash;

    (void)first;
    fill(false);
    sb_random_words(sb_key_derive("test", "look", 1), 0, 0, SIZE, key);
    for (uint64_t n = 0; n <= 67; n++) {
        assert_true(sb_values_look(a, key, n, -1, 1, &hash));
        assert_true(hash == hash_of(a, key, n));
    }
    for (int i = 0; i < 67; i++) {
        const double kept = a[i];

        a[i] = wrong[i % 5];
        assert_false(sb_values_look(a, key, 67, -1, 1, &hash));
        assert_true(hash == hash_of(a, key, 67));
        a[i] = i % 2 ? 1 : -1;
        assert_true(sb_values_look(a, key, 67, -1, 1, &hash));
        a[i] = kept;
    }
}

static void test_look(void **state)
{
    (void)state;
    for_each_isa(check_look);
}

static void check_columns(bool first)
{
    static uint64_t bits[SB_BLOCK];
    static double out[64 * SB_BLOCK];

    (void)first;
    sb_random_words(sb_key_derive("test", "columns", 1), 0, 0, SB_BLOCK, bits);
    for (size_t i = 0; i < 64 * SB_BLOCK; i++)
        out[i] = NAN;
    sb_columns_of_bits(bits, 64, out);
    for (int j = 0; j < 64; j++)
        for (int i = 0; i < SB_BLOCK; i++) {
            const double x = bits[i] >> j & 1 ? 1 : 0;

            if (memcmp(&out[j * SB_BLOCK + i], &x, sizeof x) != 0)
                fail_msg("coordinate %d of point %d is %g", j, i, out[j * SB_BLOCK + i]);
        }
}

static void test_columns(void **state)
{
    (void)state;
    for_each_isa(check_columns);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pairs),
        cmocka_unit_test(test_sums),
        cmocka_unit_test(test_look),
        cmocka_unit_test(test_columns),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
