/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Balls and sums: containment and exactness, against 113-bit and integer arithmetic. */
#include "unit.h"

#include "rng.h"

#include "numeric/ball.h"
#include "numeric/sum.h"

#include <math.h>

__extension__ typedef __float128 wide;

/* Under valgrind only memory is looked at. */
static int trials(int n)
{
    return getenv("STATBED_TEST_VALGRIND") ? n / 20 : n;
}

static struct rng source = { 1 };

static uint64_t next(void)
{
    return rng_next(&source);
}

/* corners, small dyadics, everything between 2^-700 and 2^400 */
static double number(void)
{
    static const double corner[] = {
        0,         1,           -1,          0.1,    0.3,        1e-300,    5e-324,
        0x1p-1022, 1 + 0x1p-52, 1 - 0x1p-53, 0x1p53, 0x1p53 + 2, -0x1p-600, 3
    };
    const double u = (double)(next() >> 11) * 0x1p-53;

    switch (next() % 4) {
    case 0:
        return corner[next() % SB_COUNT(corner)];
    case 1:
        return (double)(next() % 64) / 16 - 2;
    case 2:
        return ldexp(u - 0.5, (int)(next() % 1100) - 700);
    default:
        return 2 * u - 1;
    }
}

static struct sb_ball ball(void)
{
    return (struct sb_ball){ number(), next() % 2 ? 0 : fabs(number()) };
}

/* the extreme points of a ball and its middle, times one */
static wide point(struct sb_ball b, int side)
{
    return (wide)b.mid + side * (wide)b.rad;
}

static wide size(wide v)
{
    return v < 0 ? -v : v;
}

/* Whatever points two balls hold, the result's ball holds their sum and their product. */
static void test_containment(void **state)
{
    (void)state;
    for (int trial = 0; trial < trials(200000); trial++) {
        const struct sb_ball a = ball(), b = ball();
        const struct sb_ball sum = sb_ball_add(a, b), product = sb_ball_mul(a, b);

        for (int i = -1; i <= 1; i++)
            for (int j = -1; j <= 1; j++) {
                const wide p = point(a, i), q = point(b, j);
                const wide gap_sum = size(p + q - sum.mid), gap = size(p * q - product.mid);

                /* 113 bits: its own error is below 2^-110 of the terms */
                if (gap_sum > sum.rad + 0x1p-110 * (size(p) + size(q)) ||
                    gap > product.rad + 0x1p-110 * size(p * q))
                    fail_msg("%a +- %a and %a +- %a: sum %a +- %a, product %a +- %a", a.mid, a.rad,
                             b.mid, b.rad, sum.mid, sum.rad, product.mid, product.rad);
            }
    }
}

/* Multiples of 2^-20 below 2^5 add and multiply exactly: radius 0. */
static void test_dyadic_is_exact(void **state)
{
    (void)state;
    for (int trial = 0; trial < trials(100000); trial++) {
        const int64_t m = (int64_t)(next() % (1 << 26)) - (1 << 25);
        const int64_t n = (int64_t)(next() % (1 << 26)) - (1 << 25);
        const struct sb_ball a = sb_ball_of(ldexp((double)m, -20));
        const struct sb_ball b = sb_ball_of(ldexp((double)n, -20));
        const struct sb_ball sum = sb_ball_add(a, b), product = sb_ball_mul(a, b);

        assert_same(sum.rad, 0);
        assert_same(product.rad, 0);
        assert_true(ldexp(sum.mid, 20) == (double)(m + n));
        assert_true(ldexp(product.mid, 40) == (double)(m * n));
    }
}

/* A radius whose product underflows must not vanish. */
static void test_tiny_radii_stay(void **state)
{
    const struct sb_ball zero = { 0, 0x1p-600 };

    (void)state;
    assert_true(sb_ball_mul(zero, zero).rad > 0);
    assert_true(sb_ball_mul(zero, sb_ball_of(0x1p-600)).rad > 0);
}

static void test_bits(void **state)
{
    (void)state;
    assert_int_equal(sb_significant_bits(0), 0);
    assert_int_equal(sb_significant_bits(1), 1);
    assert_int_equal(sb_significant_bits(-6), 2);
    assert_int_equal(sb_significant_bits(1 + 0x1p-52), 53);
    assert_int_equal(sb_significant_bits(5e-324), 1);
    for (int trial = 0; trial < 10000; trial++) {
        const double v = number();
        int high, low;

        if (v == 0)
            continue;
        high = sb_highest_bit(v);
        low = sb_lowest_bit(v);
        assert_true(fabs(v) >= ldexp(1, high) && fabs(v) / 2 < ldexp(1, high));
        assert_true(fmod(v, ldexp(1, low)) == 0);
        assert_true(low < -1073 || fmod(v, ldexp(1, low) * 2) != 0);
    }
}

/* Sums of 2^20 numbers of every size with cancellation, against 113 bits; exact ones say so. */
static void test_sums(void **state)
{
    (void)state;
    for (int trial = 0; trial < 300; trial++) {
        const int n = 1 + (int)(next() % 3000), kind = trial % 3;
        struct sb_sum s;
        wide truth = 0, absolute = 0;
        double error, value;

        sb_sum_init(&s);
        for (int i = 0; i < n; i++) {
            const double u = (double)(next() >> 11) * 0x1p-52 - 1;
            const double v = kind == 0   ? ldexp(u, (int)(next() % 60) - 30)
                             : kind == 1 ? ldexp((double)(next() % 1024), -10) - 0.5
                             : i % 2     ? -0.1
                                         : 0.1 + u * 0x1p-50;

            sb_sum_add(&s, v);
            truth += v;
            absolute += size(v);
        }
        value = sb_sum_value(&s, &error);
        assert_true(size(truth - value) <= error + 0x1p-100 * absolute);
        assert_true(error <= 0x1p-51 * fabs(value) + 0x1p-75 * (double)absolute);
        if (kind == 1)
            assert_same(error, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_containment),
        cmocka_unit_test(test_dyadic_is_exact),
        cmocka_unit_test(test_tiny_radii_stay),
        cmocka_unit_test(test_bits),
        cmocka_unit_test(test_sums),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
