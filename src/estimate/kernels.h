/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The kernels of this layer, each in a variant for every instruction set (base/isa.h). */
#ifndef SB_ESTIMATE_KERNELS_H
#define SB_ESTIMATE_KERNELS_H

#include "base/isa.h"

#include <stdint.h>

#define SB_ESTIMATE_KERNELS(isa)                                                                   \
    void SB_ISA_PASTE(sb_power_sums, isa)(uint64_t n, const double *f, const double *weight,       \
                                          double middle, double scale, double *sums);

SB_ESTIMATE_KERNELS(baseline)
SB_ESTIMATE_KERNELS(avx2)
SB_ESTIMATE_KERNELS(avx512)

#endif
