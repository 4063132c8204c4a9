/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Numeric: subsets, sums, each against an independent computation. */
#include "unit.h"

#include "numeric/random.h"
#include "numeric/subsets.h"
#include "numeric/sum.h"

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
        cmocka_unit_test(test_subsets),
        cmocka_unit_test(test_sum_bounds_its_error),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
