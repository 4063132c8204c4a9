/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Examples of the cube as columns; compiled once for each instruction set. A callback is shown them
 * at every point of the domain: they cost about as much as a simple callback does. */
#include "query/columns.h"

#include <string.h>

enum { LANES = 8 };

typedef uint64_t words __attribute__((vector_size(8 * LANES)));

/* Coordinate j, as 0.0 or 1.0. */
static void expand(const uint64_t *bits, uint32_t j, double *out)
{
    const double one = 1;
    words bit = { 0 }, ones = { 0 };
    uint64_t pattern;

    memcpy(&pattern, &one, sizeof pattern);
    bit += UINT64_C(1) << j;
    ones += pattern;
    for (int i = 0; i < SB_BLOCK; i += LANES) {
        words v;

        memcpy(&v, bits + i, sizeof v);
        v = (words)((v & bit) != 0) & ones;
        memcpy(out + i, &v, sizeof v);
    }
}

void SB_ISA_NAME(sb_columns_of_bits)(const uint64_t *bits, uint32_t dim, double *out)
{
    for (uint32_t j = 0; j < dim; j++)
        expand(bits, j, out + (size_t)j * SB_BLOCK);
}
