/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The Walsh-Hadamard transform in place beside the textbook's loop, compiled with the same flags, and
 * a streaming copy of the same array: n = 16, 20, 24 on one thread and two. Goals on one thread with
 * AVX-512: 4 times the textbook at n = 20, 6 times at n = 24; with AVX2 (STATBED_ISA=avx2) 2 and 3. */
#include "numeric/transform.h"
#include "base/isa.h"
#include "bench.h"
#include "numeric/random.h"
#include "numeric/table.h"

#include <string.h>

enum { TEXTBOOK, COPY, ONE, TWO, SIDES, MOST_ROUNDS = 101 };

typedef void transform(uint32_t n, double *a);
transform bench_textbook_baseline, bench_textbook_avx2, bench_textbook_avx512;

static void textbook(uint32_t n, double *a)
{
    static transform *const variant[SB_ISAS] = SB_ISA_TABLE(bench_textbook);

    variant[sb_isa()](n, a);
}

static void side(int which, uint32_t n, double *a, double *copy)
{
    if (which == TEXTBOOK)
        textbook(n, a);
    else if (which == COPY)
        memcpy(copy, a, sizeof *a << n);
    else
        sb_walsh_hadamard_threads(n, a, which == ONE ? 1 : 2);
}

/* Values stay small: each transform is of the same numbers. */
static double timed(int which, uint32_t n, double *a, double *copy, const double *numbers)
{
    double start;

    memcpy(a, numbers, sizeof *a << n);
    start = bench_now();
    side(which, n, a, copy);
    return bench_now() - start;
}

static int compare(uint32_t n, size_t n_rounds, double goal, double *const table[3])
{
    static const char *const name[SIDES] = { "textbook", "copy", "1 thread", "2 threads" };
    static double seconds[SIDES][MOST_ROUNDS];
    double median[SIDES];
    const double *numbers = table[2];

    for (size_t round = 0; round < n_rounds; round++)
        for (int which = 0; which < SIDES; which++)
            seconds[which][round] = timed(which, n, table[0], table[1], numbers);
    for (int which = 0; which < SIDES; which++)
        median[which] = bench_median(seconds[which], n_rounds);
    printf("n = %u:", n);
    for (int which = 0; which < SIDES; which++)
        printf(" %s %.4g ms (%.1f GB/s),", name[which], 1e3 * median[which],
               0x1p-30 * 16 * (double)(UINT64_C(1) << n) / median[which]);
    printf(" 2 threads / 1: %.2f\n", median[ONE] / median[TWO]);
    return bench_compare("  1 thread against the textbook", 1 / median[ONE], 1 / median[TEXTBOOK],
                         goal);
}

int main(void)
{
    enum { MOST_BITS = 24 };
    const bool wide = sb_isa() == SB_ISA_AVX512, narrow = sb_isa() == SB_ISA_BASELINE;
    double *table[3];
    int missed = 0;

    for (int i = 0; i < 3; i++)
        if (sb_table_new(MOST_BITS, &table[i], NULL))
            return 1;
    sb_random_uniform(sb_key_derive("bench", "transform", 9), 0, 0, UINT64_C(1) << MOST_BITS,
                      table[2]);
    printf("variant %s\n", sb_isa_name(sb_isa()));
    missed += compare(16, 101, narrow ? 1 : wide ? 4 : 2, table);
    missed += compare(20, 51, narrow ? 1 : wide ? 4 : 2, table);
    missed += compare(24, 11, narrow ? 1 : wide ? 6 : 3, table);
    for (int i = 0; i < 3; i++)
        free(table[i]);
    return missed != 0;
}
