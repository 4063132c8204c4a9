/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The kernels of this layer, each in a variant for every instruction set (base/isa.h). */
#ifndef SB_NUMERIC_KERNELS_H
#define SB_NUMERIC_KERNELS_H

#include "base/isa.h"
#include "numeric/lift.h"
#include "numeric/line.h"
#include "numeric/network.h"
#include "numeric/random.h"

#include <stdint.h>

/* Blocks first .. first+n-1 of a stream; a block is words 2i and 2i + 1. */
struct sb_random_blocks {
    struct sb_key key;
    uint64_t stream, first, n;
};

enum { SB_NETWORK_POINTS = 32 }; /* that a layer is evaluated at in one go */

/* A column of n numbers, and intervals around boundaries. */
struct sb_lift_column {
    const struct sb_lift_boundary *boundary;
    uint32_t n_boundaries;
    uint64_t n;
    const double *t;
};

/* The law of rho X + sqrt(variance) g', X without its noise, at n points. */
struct sb_line_points {
    const struct sb_line_piece *term;
    size_t n_terms;
    double rho, variance;
    size_t n;
    const double *t;
};

/* The same as phi(t) (1 + sum a_k h_k(t)), k = 1 .. n_a - 1; n_a >= 2. ratio: without phi(t). */
struct sb_line_series {
    const double *a;
    size_t n_a;
    size_t n;
    const double *t;
    bool ratio;
};

/* sb_lift_*: as numeric/lift.h says; _inside: out[i] |= all ones where t[i] is inside an S_k; _bit: out[i]
 * |= bit where t[i] > b_1.
 * sb_walsh_hadamard_top: the top three levels of 2^n numbers, n >= 6, those of columns from .. to-1
 * of the 2^(n-3); both multiples of 8. sb_random_*: 2n numbers. sb_network_layer: in and out are
 * n_in and n_out rows of SB_NETWORK_POINTS numbers; hidden: with R. */
#define SB_NUMERIC_KERNELS(isa)                                                                    \
    void SB_ISA_PASTE(sb_lift_cells, isa)(const struct sb_lift_column *column, double *out);       \
    void SB_ISA_PASTE(sb_lift_n1, isa)(const struct sb_lift_column *column, double *out);          \
    void SB_ISA_PASTE(sb_lift_n2, isa)(const struct sb_lift_column *column, double *out);          \
    void SB_ISA_PASTE(sb_lift_inside, isa)(const struct sb_lift_column *column, uint64_t *out);    \
    void SB_ISA_PASTE(sb_lift_bit, isa)(const struct sb_lift_column *column, uint64_t bit,         \
                                        uint64_t *out);                                            \
    void SB_ISA_PASTE(sb_gauss_densities, isa)(size_t n, const double *t, double *out);            \
    void SB_ISA_PASTE(sb_line_terms, isa)(const struct sb_line_points *at, double *out);           \
    void SB_ISA_PASTE(sb_line_sum, isa)(const struct sb_line_series *at, double *out);             \
    void SB_ISA_PASTE(sb_walsh_hadamard, isa)(uint32_t n, double *a);                              \
    void SB_ISA_PASTE(sb_walsh_hadamard_top, isa)(uint32_t n, double *a, uint64_t from,            \
                                                  uint64_t to);                                    \
    void SB_ISA_PASTE(sb_random_words, isa)(const struct sb_random_blocks *at, void *out);         \
    void SB_ISA_PASTE(sb_random_uniform, isa)(const struct sb_random_blocks *at, void *out);       \
    void SB_ISA_PASTE(sb_random_gauss, isa)(const struct sb_random_blocks *at, void *out);         \
    void SB_ISA_PASTE(sb_network_layer, isa)(const struct sb_layer *layer, int hidden,             \
                                             const double *in, double *out);

SB_NUMERIC_KERNELS(baseline)
SB_NUMERIC_KERNELS(avx2)
SB_NUMERIC_KERNELS(avx512)

#endif
