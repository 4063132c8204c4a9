/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The loops that programs are made of, each in a variant for every instruction set (base/isa.h):
 * all variants give the same bits. An operand is a column (V), or one number for all examples
 * (C). */
#ifndef SB_QUERY_KERNELS_H
#define SB_QUERY_KERNELS_H

#include "base/isa.h"
#include "query/space.h"

/* What a kernel sees: n lanes of a piece of a block, and the agreeing candidates once some kernel
 * asked. Where a kernel is run on a single number (n = 1) or on two, it does not look at the
 * block. */
struct sb_lane {
    const struct sb_space *space;
    const struct sb_block *block;
    uint64_t n;
    uint64_t *agreeing;
    bool agreed;
};

/* out[i] for i < lane->n, of operands in[0], in[1] and further numbers in[2]; num: the numbers of a
 * node that has an arithmetic of its own. Returns where the values are: out, or a column of the
 * block. */
typedef const double *sb_kernel(struct sb_lane *lane, const double *num, uint32_t n_num,
                                const double *const *in, double *restrict out);

enum sb_kind { SB_VV, SB_VC, SB_CV, SB_KINDS };

/* Of operator op: `total` saturates where a result leaves the doubles, and x/0 = 0; `plain` is the
 * same where no value can come there, and no divisor is 0. NULL where there is no such kernel. */
struct sb_op_kernels {
    sb_kernel *total[SB_KINDS], *plain[SB_KINDS]; /* of one operand: the first */
};

enum { SB_OPS = 32, SB_FOLDS = 7 };

/* Pairs of operators in one pass: second(first(in[0], in[1]), in[2]), both plain. */
#define SB_FIRSTS(X, ...)                                                                          \
    X(ADD, VV, __VA_ARGS__)                                                                        \
    X(ADD, VC, __VA_ARGS__)                                                                        \
    X(SUB, VV, __VA_ARGS__)                                                                        \
    X(SUB, VC, __VA_ARGS__)                                                                        \
    X(SUB, CV, __VA_ARGS__)                                                                        \
    X(MUL, VV, __VA_ARGS__)                                                                        \
    X(MUL, VC, __VA_ARGS__)                                                                        \
    X(CLIP, VC, __VA_ARGS__)                                                                       \
    X(RELU, VV, __VA_ARGS__)
#define SB_SECONDS(X, ...)                                                                         \
    X(ADD, VC, __VA_ARGS__)                                                                        \
    X(SUB, VC, __VA_ARGS__)                                                                        \
    X(SUB, CV, __VA_ARGS__)                                                                        \
    X(MUL, VC, __VA_ARGS__)                                                                        \
    X(DIV, VC, __VA_ARGS__)                                                                        \
    X(CLIP, VC, __VA_ARGS__)                                                                       \
    X(RELU, VV, __VA_ARGS__)                                                                       \
    X(STEP, VV, __VA_ARGS__)

struct sb_fused {
    uint32_t first, second; /* operators */
    enum sb_kind first_kind, second_kind;
    sb_kernel *kernel;
};

struct sb_kernels {
    struct sb_op_kernels op[SB_OPS];
    const struct sb_fused *fused; /* n_fused */
    uint32_t n_fused;
    /* Functions of the bits x of an example with two values. num: a mask L, a mask M, two shifts k
     * and up, as uint64_t: the parity of x & L, and of x & x >> k & M where `product`, becomes the
     * sign of out[i]; `up` brings the masks' highest bit to bit 63, and they span 2^f bits. */
    sb_kernel *parity[SB_FOLDS], *product_parity[SB_FOLDS];
    /* out[i] = in[1][1] where in[0][i] has its sign bit set, else in[1][0]; the other: where the
     * bits of the example have the one in num[0], as uint64_t. */
    sb_kernel *choose, *choose_bit;
};

extern const struct sb_kernels sb_kernels_baseline, sb_kernels_avx2, sb_kernels_avx512;
/* Those of sb_isa(). */
const struct sb_kernels *sb_kernels(void);

/* kernel.c: what is no loop of this layer, the same on every machine */
sb_kernel sb_eval_y, sb_eval_column, sb_eval_candidate, sb_eval_candidate_bit;

#endif
