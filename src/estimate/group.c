/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sums of an expression over all values of the few coordinates that it depends on. */
#include "estimate/group.h"

#include "numeric/sum.h"
#include "query/eval.h"
#include "query/reason.h"

#include <errno.h>

static struct sb_ball mean(const struct sb_sum *sum, uint32_t n_bits)
{
    const double scale = 1.0 / (double)(UINT64_C(1) << n_bits); /* a power of two: exact */
    double error;
    const double value = sb_sum_value(sum, &error);

    return (struct sb_ball){ value * scale, error * scale };
}

int sb_group_means(const struct sb_estimate_task *task, sb_expr e, uint64_t mask,
                   uint64_t character, double y, struct sb_ball *plain, struct sb_ball *with_g)
{
    const uint32_t n_bits = (uint32_t)__builtin_popcountll(mask);
    const uint64_t size = UINT64_C(1) << n_bits;
    const struct sb_law g = { .chi = task->law->chi & mask,
                              .pos = task->law->pos & mask,
                              .neg = task->law->neg & mask };
    struct sb_program *program = sb_program_new(task->pool, e);
    uint64_t bits[SB_BLOCK], x = 0;
    double label[SB_BLOCK], value[SB_BLOCK];
    struct sb_sum sum, sum_g;
    int error = 0;

    if (!program)
        return -ENOMEM;
    sb_sum_init(&sum);
    sb_sum_init(&sum_g);
    for (uint64_t i = 0; i < (size < SB_BLOCK ? size : SB_BLOCK); i++)
        label[i] = y;
    for (uint64_t start = 0; start < size && !error; start += SB_BLOCK) {
        const uint64_t n = size - start < SB_BLOCK ? size - start : SB_BLOCK;
        const struct sb_block block = { .n = n, .bits = bits, .y = label };

        for (uint64_t i = 0; i < n; i++) {
            bits[i] = x;
            x = (x - mask) & mask; /* the next subset of mask */
        }
        sb_program_run(program, &block, value);
        for (uint64_t i = 0; i < n; i++) {
            const double v = __builtin_popcountll(bits[i] & character) & 1 ? -value[i] : value[i];

            sb_sum_add(&sum, v);
            sb_sum_add(&sum_g, v * sb_law_g(&g, bits[i]));
        }
        if (sb_fuse_blown(task->fuse))
            error = -ETIME;
    }
    sb_program_free(program);
    *plain = mean(&sum, n_bits);
    *with_g = mean(&sum_g, n_bits);
    return error;
}

double sb_group_outside(const struct sb_law *law, uint64_t outside, uint64_t character)
{
    const uint64_t fixed = law->pos | law->neg;
    const uint64_t literals = fixed & outside;
    double value = 1;

    /* a character over a free coordinate averages out */
    if ((character ^ law->chi) & outside & ~fixed)
        return 0;
    /* a literal leaves half of the points: x_j = 1, where the character is -1, or x_j = 0 */
    for (int i = __builtin_popcountll(literals); i > 0; i--)
        value *= 0.5;
    return __builtin_popcountll(character & law->pos & outside) & 1 ? -value : value;
}

int sb_group_mask(const struct sb_estimate_task *task, sb_expr e, uint64_t *mask_out,
                  bool *label_out)
{
    struct sb_support support;

    if (sb_expr_support(task->pool, e, &support) < 0)
        return -ENOMEM;
    *mask_out = support.everything ? (UINT64_C(1) << task->law->dim) - 1 : support.mask;
    *label_out = support.label;
    sb_support_fini(&support);
    return 0;
}
