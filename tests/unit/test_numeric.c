/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Numeric: random streams, subsets, sums, each against an independent computation. */
#include "unit.h"

#include "numeric/random.h"
#include "numeric/subsets.h"
#include "numeric/sum.h"

/* The published known answer for philox4x32-10 with counter and key 0 [SMDS11, kat_vectors]. */
static void test_philox_vectors(void **state)
{
    uint64_t word[2];

    (void)state;
    sb_random_words((struct sb_key){ { 0, 0 } }, 0, 0, 2, word);
    assert_int_equal(word[0], UINT64_C(0xe169c58d6627e8d5));
    assert_int_equal(word[1], UINT64_C(0x9b00dbd8bc57ac4c));
}

static void test_random_is_addressable(void **state)
{
    const struct sb_key key = sb_key_derive("test", "material", 8);
    uint64_t all[33], part[33];

    (void)state;
    sb_random_words(key, 5, 0, 33, all);
    for (uint64_t start = 0; start < 33; start++)
        for (uint64_t n = 0; start + n <= 33; n++) {
            sb_random_words(key, 5, start, n, part);
            assert_memory_equal(part, all + start, n * sizeof *all);
        }
    sb_random_words(key, 6, 0, 1, part);
    assert_int_not_equal(part[0], all[0]);
}

/* 60,000 draws below 6: chi-squared with 5 degrees of freedom; Pr[> 40.8] = 1e-7. */
static void test_random_below_is_uniform(void **state)
{
    const struct sb_key key = sb_key_derive("test", "below", 5);
    double count[6] = { 0 }, chi_squared = 0;

    (void)state;
    for (uint64_t i = 0; i < 60000; i++)
        count[sb_random_below(key, i, 6)]++;
    for (int i = 0; i < 6; i++)
        chi_squared += (count[i] - 10000) * (count[i] - 10000) / 10000;
    assert_true(chi_squared < 40.8);
}

/* Pascal's triangle, and every subset of 12 in order of its mask. */
static void test_subsets(void **state)
{
    uint64_t seen[13] = { 0 };

    (void)state;
    for (uint32_t n = 1; n <= 63; n++)
        for (uint32_t k = 1; k <= n; k++)
            assert_int_equal(sb_binomial(n, k), sb_binomial(n - 1, k) + sb_binomial(n - 1, k - 1));
    for (uint64_t mask = 0; mask < 4096; mask++) {
        const uint32_t k = (uint32_t)__builtin_popcountll(mask);

        assert_int_equal(sb_subset_rank(mask), seen[k]);
        assert_int_equal(sb_subset_unrank(k, seen[k]), mask);
        seen[k]++;
    }
    assert_int_equal(sb_subset_unrank(31, sb_binomial(63, 31) - 1), UINT64_C(0x7fffffff) << 32);
}

/* Against 128-bit integers: terms k 2^-40 with |k| < 2^60. */
static void test_sum_bounds_its_error(void **state)
{
    __extension__ typedef __int128 wide;
    struct sb_sum sum;
    wide exact = 0;
    double error, value;

    (void)state;
    sb_sum_init(&sum);
    for (uint64_t i = 0; i < 10000; i++) {
        uint64_t word;
        double term;

        sb_random_words(sb_key_derive("test", "sum", 3), 0, i, 1, &word);
        term = (double)((int64_t)word >> 4);
        exact += (wide)term;
        sb_sum_add(&sum, term * 0x1p-40);
    }
    value = sb_sum_value(&sum, &error);
    assert_true(sum.inexact);
    assert_true(error > 0);
    assert_near(value, (double)exact * 0x1p-40, error);
    sb_sum_init(&sum);
    for (int i = 0; i < 1000; i++)
        sb_sum_add(&sum, i % 3 ? 0.25 : -1);
    assert_same(sb_sum_value(&sum, &error), 666 * 0.25 - 334);
    assert_same(error, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_philox_vectors),
        cmocka_unit_test(test_random_is_addressable),
        cmocka_unit_test(test_random_below_is_uniform),
        cmocka_unit_test(test_subsets),
        cmocka_unit_test(test_sum_bounds_its_error),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
