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

/* Sums at one label. */
struct sums {
    struct sb_sum plain, with_g;
};

static void add_block(struct sums *sums, const struct sb_law *g, uint64_t character,
                      const uint64_t *bits, const double *value, uint64_t n)
{
    for (uint64_t i = 0; i < n; i++) {
        const double v = __builtin_popcountll(bits[i] & character) & 1 ? -value[i] : value[i];

        sb_sum_add(&sums->plain, v);
        sb_sum_add(&sums->with_g, v * sb_law_g(g, bits[i]));
    }
}

/* Sums at both labels over the points whose bits are among `walk`. */
static int add_points(const struct sb_estimate_task *task, sb_expr e, uint64_t walk,
                      uint64_t character, const struct sb_law *g, struct sums sums[2])
{
    const uint64_t size = UINT64_C(1) << __builtin_popcountll(walk);
    struct sb_program *program = sb_program_new(task->pool, e);
    uint64_t bits[SB_BLOCK], x = 0;
    double value[2][SB_BLOCK];
    int error = program ? 0 : -ENOMEM;

    for (int l = 0; l < 2; l++) {
        sb_sum_init(&sums[l].plain);
        sb_sum_init(&sums[l].with_g);
    }
    for (uint64_t start = 0; start < size && !error; start += SB_BLOCK) {
        const uint64_t n = size - start < SB_BLOCK ? size - start : SB_BLOCK;
        const struct sb_block block = { .n = n, .bits = bits };

        for (uint64_t i = 0; i < n; i++) {
            bits[i] = x;
            x = (x - walk) & walk; /* the next subset */
        }
        sb_program_run_labels(program, &block, task->law->label, 2,
                              (double *const[2]){ value[0], value[1] });
        for (int l = 0; l < 2; l++)
            add_block(&sums[l], g, character, bits, value[l], n);
        if (sb_fuse_blown(task->fuse))
            error = -ETIME;
    }
    sb_program_free(program);
    return error;
}

/* The points that stand for all: where g is a character, one for each value of the linear forms through
 * which e sees x. Each stands for as many points, and a character is the same at all of these if it is
 * that of a sum of forms; else it averages out over them. Other g have literals, which want every point. */
static int find_walk(const struct sb_estimate_task *task, sb_expr e, uint64_t mask,
                     struct sb_forms *out)
{
    if (!(task->law->pos | task->law->neg))
        return sb_expr_forms(task->pool, e, out);
    sb_forms_of_coordinates(mask, out);
    return 0;
}

static bool is_sum_of(const struct sb_forms *forms, uint64_t character)
{
    for (uint32_t j = 0; j < forms->n; j++)
        if (character >> (63 - __builtin_clzll(forms->form[j])) & 1) /* its pivot */
            character ^= forms->form[j];
    return character == 0;
}

int sb_group_means(const struct sb_estimate_task *task, sb_expr e, uint64_t mask,
                   uint64_t character, struct sb_ball plain[2], struct sb_ball with_g[2])
{
    const struct sb_law g = { .chi = task->law->chi & mask,
                              .pos = task->law->pos & mask,
                              .neg = task->law->neg & mask };
    struct sums sums[2];
    struct sb_forms forms;
    int error = find_walk(task, e, mask, &forms);

    if (!error)
        error = add_points(task, e, forms.pivots, character, &g, sums);
    for (int l = 0; l < 2 && !error; l++) {
        plain[l] =
            is_sum_of(&forms, character & mask) ? mean(&sums[l].plain, forms.n) : sb_ball_of(0);
        with_g[l] = is_sum_of(&forms, (character & mask) ^ g.chi) ? mean(&sums[l].with_g, forms.n)
                                                                  : sb_ball_of(0);
    }
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
