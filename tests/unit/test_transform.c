/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Transforms: against the definition, and bit for bit against the textbook's loop, for each
 * instruction set that this CPU has, each number of threads and any alignment. */
#include "unit.h"

#include "base/isa.h"
#include "numeric/random.h"
#include "numeric/table.h"
#include "numeric/transform.h"

#include <errno.h>
#include <sys/resource.h>

enum { MOST_BITS = 18, OFFSETS = 8 };

static void fill(uint32_t n, double *a)
{
    const uint64_t size = UINT64_C(1) << n;

    sb_random_uniform(sb_key_derive("test", "transform", 9), n, 0, size, a);
    for (uint64_t i = 0; i < size; i++)
        a[i] -= 0.5;
}

static void textbook(uint32_t n, double *a)
{
    const uint64_t size = UINT64_C(1) << n;

    for (uint64_t half = 1; half < size; half *= 2)
        for (uint64_t start = 0; start < size; start += 2 * half)
            for (uint64_t i = start; i < start + half; i++) {
                const double u = a[i], v = a[i + half];

                a[i] = u + v;
                a[i + half] = u - v;
            }
}

static void test_definition(void **state)
{
    enum { MOST = 9 };
    double a[1 << MOST], b[1 << MOST];

    (void)state;
    for (uint32_t n = 0; n <= MOST; n++) {
        const uint64_t size = UINT64_C(1) << n;

        fill(n, a);
        memcpy(b, a, size * sizeof *a);
        sb_walsh_hadamard(n, b);
        for (uint64_t s = 0; s < size; s++) {
            double walsh = 0;

            for (uint64_t x = 0; x < size; x++)
                walsh += __builtin_popcountll(s & x) & 1 ? -a[x] : a[x];
            assert_near(b[s], walsh, 1e-12); /* 2^9 additions of numbers below 1/2 */
        }
    }
}

/* The expected bits, in a table each for 2^n, n <= MOST_BITS. */
static double *expected(uint32_t n)
{
    double *table;

    assert_int_equal(sb_table_new(n, &table, NULL), 0);
    fill(n, table);
    textbook(n, table);
    return table;
}

static void assert_bits(uint32_t n, const double *numbers, const double *want, double *room,
                        size_t offset, size_t n_threads)
{
    const size_t bytes = sizeof(double) << n;
    double *a = room + offset;

    memcpy(a, numbers, bytes);
    room[offset + (UINT64_C(1) << n)] = 17;
    sb_walsh_hadamard_threads(n, a, n_threads);
    assert_same(room[offset + (UINT64_C(1) << n)], 17);
    if (memcmp(a, want, bytes) != 0)
        fail_msg("%s, n = %u, offset %zu, %zu threads", sb_isa_name(sb_isa()), n, offset,
                 n_threads);
}

static void assert_textbook(uint32_t n, double *room, double *numbers)
{
    double *want = expected(n);

    fill(n, numbers);
    for (size_t offset = 0; offset < OFFSETS; offset += n < 13 ? 1 : 5)
        for (size_t n_threads = 1; n_threads <= (n < 18 ? 1 : 3); n_threads++)
            assert_bits(n, numbers, want, room, offset, n_threads);
    free(want);
}

static void assert_all_sizes(void)
{
    double *room = SB_NEW_ARRAY(double, (1 << MOST_BITS) + OFFSETS + 1);
    double *numbers = SB_NEW_ARRAY(double, 1 << MOST_BITS);

    assert_non_null(room);
    assert_non_null(numbers);
    for (uint32_t n = 0; n <= MOST_BITS; n++)
        assert_textbook(n, room, numbers);
    free(numbers);
    free(room);
}

/* By every instruction set that the CPU has. */
static void test_bits(void **state)
{
    (void)state;
    for (int isa = 0; isa < SB_ISAS; isa++) {
        if (!sb_isa_has((enum sb_isa)isa))
            continue;
        sb_isa_limit((enum sb_isa)isa);
        assert_all_sizes();
    }
    sb_isa_limit(SB_ISA_AVX512);
}

/* Twice is 2^n times; whole numbers are exact. */
static void test_involution(void **state)
{
    enum { N = 18, SIZE = 1 << N };
    double *a;

    (void)state;
    assert_int_equal(sb_table_new(N, &a, NULL), 0);
    for (int64_t i = 0; i < SIZE; i++)
        a[i] = (double)(i * 7919 % 1009);
    sb_walsh_hadamard_threads(N, a, 2);
    sb_walsh_hadamard(N, a);
    for (int64_t i = 0; i < SIZE; i++)
        assert_same(a[i], SIZE * (double)(i * 7919 % 1009));
    free(a);
}

static void refused(uint32_t n, const char *why)
{
    struct sb_diag diag;
    double *table = NULL;

    sb_diag_init(&diag);
    assert_int_equal(sb_table_new(n, &table, &diag), -ENOMEM);
    assert_null(table);
    assert_int_equal(diag.n_items, 1);
    assert_non_null(strstr(diag.items[0].text, why));
    sb_diag_fini(&diag);
}

/* The line says how much is missing, here by a limit on the address space. The address sanitizer
 * takes more than any limit by itself. */
static void test_no_room(void **state)
{
    (void)state;
    refused(SB_TABLE_MOST_BITS + 1, "a table of 2^31 numbers is too large: at most 2^30");
#ifndef __SANITIZE_ADDRESS__
    {
        struct rlimit before, less;

        assert_int_equal(getrlimit(RLIMIT_AS, &before), 0);
        less = before;
        less.rlim_cur = 1 << 30;
        assert_int_equal(setrlimit(RLIMIT_AS, &less), 0);
        refused(SB_TABLE_MOST_BITS,
                "2^30 numbers needs 8589934592 bytes of memory, and 1073741824 ");
        assert_int_equal(setrlimit(RLIMIT_AS, &before), 0);
    }
#endif
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_definition),
        cmocka_unit_test(test_bits),
        cmocka_unit_test(test_involution),
        cmocka_unit_test(test_no_room),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
