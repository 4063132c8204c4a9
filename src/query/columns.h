/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Examples of the cube as the columns that a callback is shown. */
#ifndef SB_QUERY_COLUMNS_H
#define SB_QUERY_COLUMNS_H

#include "base/isa.h"

#include "query/space.h"

/* Coordinate j of bits[i], as 0.0 or 1.0, at out[j * SB_BLOCK + i]; j < dim <= 64, all
 * i < SB_BLOCK. */
void sb_columns_of_bits(const uint64_t *bits, uint32_t dim, double *out);

#define SB_COLUMN_KERNELS(isa)                                                                     \
    void SB_ISA_PASTE(sb_columns_of_bits, isa)(const uint64_t *bits, uint32_t dim, double *out);

SB_COLUMN_KERNELS(baseline)
SB_COLUMN_KERNELS(avx2)
SB_COLUMN_KERNELS(avx512)

#endif
