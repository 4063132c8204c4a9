/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The textbook's Walsh-Hadamard transform; compiled once for each instruction set, as our kernels are,
 * with the same flags. */
#include "base/isa.h"

#include <stdint.h>

void SB_ISA_NAME(bench_textbook)(uint32_t n, double *a);

void SB_ISA_NAME(bench_textbook)(uint32_t n, double *a)
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
