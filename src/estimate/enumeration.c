/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Route: enumeration, up to 24 coordinates. Of a product law the coordinates that the query depends
 * on; what the law asks of the others is integrated out exactly. Of any other law on a
 * finite domain of up to 2^24 points all of them, with every label, weighed; of one that moves x by its
 * density against the uniform x. */
#include "base/memory.h"
#include "estimate/group.h"
#include "estimate/points.h"
#include "estimate/weighted.h"
#include "query/eval.h"

#include <errno.h>

static int product(const struct sb_estimate_task *task, struct sb_estimate *out)
{
    const struct sb_law *law = task->law;
    struct sb_ball total = { 0, 0 }, plain[2], with_g[2];
    uint64_t mask;
    double outside;
    bool label;
    int error;

    error = sb_group_mask(task, task->expr, &mask, &label);
    if (error)
        return error;
    if (__builtin_popcountll(mask) > SB_WHOLE_DOMAIN_BITS)
        return 1;
    outside = sb_group_outside(law, ~mask & ((UINT64_C(1) << law->dim) - 1), 0);
    error = sb_group_means(task, task->expr, mask, 0, plain, with_g);
    for (int l = 0; l < 2 && !error; l++) {
        total = sb_ball_add(total, sb_ball_mul(sb_ball_of(law->alpha[l]), plain[l]));
        total = sb_ball_add(total, sb_ball_mul(sb_ball_of(law->beta[l] * outside), with_g[l]));
    }
    *out = (struct sb_estimate){ .value = total.mid,
                                 .half_width = total.rad,
                                 .method = SB_ENUMERATION };
    return error;
}

/* One block of the domain, with every label in turn; f: a column of SB_BLOCK a label. */
static void add_block(const struct sb_estimate_task *task, struct sb_program *program,
                      struct sb_point_room *room, double *const *f, struct sb_weighted *sum)
{
    const struct sb_space *space = sb_pool_space(task->pool);
    const uint32_t n_labels = (uint32_t)space->n_labels;
    double w[SB_BLOCK];

    sb_program_run_labels(program, &room->block, space->labels, n_labels, f);
    for (uint32_t l = 0; l < n_labels; l++) {
        sb_law_weights(task->law, &room->block, l, w);
        for (uint64_t i = 0; i < room->block.n; i++)
            sb_weighted_add(sum, w[i], f[l][i]);
    }
}

/* A column of SB_BLOCK for each of n labels; free() frees all. NULL: out of memory. */
static double **new_columns(uint64_t n)
{
    double **columns = malloc(n * (sizeof *columns + SB_BLOCK * sizeof **columns));

    for (uint64_t l = 0; columns && l < n; l++)
        columns[l] = (double *)(columns + n) + l * SB_BLOCK;
    return columns;
}

static int general(const struct sb_estimate_task *task, struct sb_estimate *out)
{
    const struct sb_space *space = sb_pool_space(task->pool);
    const uint64_t size = sb_space_size(space);
    struct sb_program *program;
    struct sb_point_room room;
    struct sb_weighted sum = { 0 };
    struct sb_ball mean;
    double **f SB_FREE = NULL;
    int error;

    if (!size || !space->n_labels || !task->law->class->weights)
        return 1;
    program = sb_program_new(task->pool, task->expr);
    error = sb_point_room_init(&room, space);
    f = new_columns(space->n_labels);
    if (!program || !f)
        error = -ENOMEM;
    for (uint64_t start = 0; start < size && !error; start += SB_BLOCK) {
        sb_point_room_domain(&room, start, size - start < SB_BLOCK ? size - start : SB_BLOCK);
        add_block(task, program, &room, f, &sum);
        if (sb_fuse_blown(task->fuse))
            error = -ETIME;
    }
    sb_program_free(program);
    sb_point_room_fini(&room);
    mean = sb_weighted_mean(&sum, task->law, size);
    *out =
        (struct sb_estimate){ .value = mean.mid, .half_width = mean.rad, .method = SB_ENUMERATION };
    return error;
}

int sb_estimate_enumeration(const struct sb_estimate_task *task, struct sb_estimate *out)
{
    return task->law->class ? general(task, out) : product(task, out);
}
