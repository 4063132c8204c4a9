/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The kernels of this layer, each in a variant for every instruction set (base/isa.h). */
#ifndef SB_ESTIMATE_KERNELS_H
#define SB_ESTIMATE_KERNELS_H

#include "base/isa.h"
#include "estimate/table_pair.h"

#include <stdint.h>

#define SB_ESTIMATE_KERNELS(isa)                                                                   \
    void SB_ISA_PASTE(sb_power_sums, isa)(uint64_t n, const double *f, const double *weight,       \
                                          double middle, double scale, double *sums);              \
    struct sb_table_pair SB_ISA_PASTE(sb_table_pair, isa)(                                         \
        const double *a, const double *b, uint32_t n, bool both, double *difference);              \
    void SB_ISA_PASTE(sb_table_sum_add, isa)(struct sb_table_sum * sum, const double *f,           \
                                             uint64_t n);                                          \
    bool SB_ISA_PASTE(sb_values_look, isa)(const double *f, const uint64_t *key, uint64_t n,       \
                                           double lo, double hi, uint64_t *hash_out);              \
    void SB_ISA_PASTE(sb_ngca_project, isa)(uint32_t dim, const double *v, const double *const *x, \
                                            uint64_t n, double *out);                              \
    void SB_ISA_PASTE(sb_ngca_move, isa)(double v, const double *by, uint64_t n, double *x);

SB_ESTIMATE_KERNELS(baseline)
SB_ESTIMATE_KERNELS(avx2)
SB_ESTIMATE_KERNELS(avx512)

#endif
