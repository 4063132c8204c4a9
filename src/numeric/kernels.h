/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The kernels of this layer, each in a variant for every instruction set (base/isa.h). */
#ifndef SB_NUMERIC_KERNELS_H
#define SB_NUMERIC_KERNELS_H

#include "base/isa.h"

#include <stdint.h>

/* sb_walsh_hadamard_top: the top three levels of 2^n numbers, n >= 6, those of columns from .. to-1
 * of the 2^(n-3); both multiples of 8. */
#define SB_NUMERIC_KERNELS(isa)                                                                    \
    void SB_ISA_PASTE(sb_walsh_hadamard, isa)(uint32_t n, double *a);                              \
    void SB_ISA_PASTE(sb_walsh_hadamard_top, isa)(uint32_t n, double *a, uint64_t from,            \
                                                  uint64_t to);

SB_NUMERIC_KERNELS(baseline)
SB_NUMERIC_KERNELS(avx2)
SB_NUMERIC_KERNELS(avx512)

#endif
