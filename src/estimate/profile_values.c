/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Values of a query at random public points. The points are those of a stream of their own, so that a callback has
 * not seen them before. Where its values over the whole domain are there already, they are looked up. */
#include "estimate/profile_values.h"

#include "base/memory.h"
#include "estimate/public_points.h"

#include <errno.h>
#include <string.h>

double sb_profile_missed(const struct sb_profile_task *task)
{
    const double range = task->hi - task->lo;

    return sb_space_miss(&task->family->space) * (task->squares ? 2 * range : range);
}

/* A key of its own, as public as the task's. */
static struct sb_key sample_key(const struct sb_profile_task *task)
{
    const uint64_t material[2] = { (uint64_t)task->key.v[1] << 32 | task->key.v[0], task->stream };

    return sb_key_derive("profile", material, sizeof material);
}

int sb_profile_values_open(struct sb_profile_values *v, const struct sb_profile_task *task,
                           const double *table)
{
    const struct sb_family *family = task->family;
    int error;

    *v = (struct sb_profile_values){ .task = task, .table = table };
    family->null_law(family, &v->null);
    v->n_labels = sb_space_n_slots(&family->space);
    v->public = (struct sb_public_task){ .space = &family->space,
                                         .callback = table || task->expr ? NULL : task->callback,
                                         .law = { &v->null, &v->null },
                                         .lo = task->lo,
                                         .hi = task->hi,
                                         .without_label = task->without_label,
                                         .lipschitz = task->lipschitz,
                                         .key = sample_key(task),
                                         .fuse = task->fuse };
    error = sb_exchange_init(&v->ex, &v->public, &v->result);
    if (!error && v->public.callback)
        error = sb_recheck_init(&v->recheck, &v->ex);
    if (!error && task->expr)
        error = (v->program = sb_program_new(task->pool, task->expr)) ? 0 : -ENOMEM;
    v->columns = SB_NEW_ARRAY(double *, v->n_labels);
    v->label = SB_NEW_ARRAY(double, SB_BLOCK);
    return error || !v->columns || !v->label ? -ENOMEM : 0;
}

void sb_profile_values_close(struct sb_profile_values *v)
{
    sb_exchange_fini(&v->ex);
    sb_recheck_fini(&v->recheck);
    sb_program_free(v->program);
    free(v->columns);
    free(v->label);
}

static void evaluate(struct sb_profile_values *v, size_t b, double *out)
{
    const struct sb_space *space = &v->task->family->space;
    struct sb_block block = v->ex.room[b].block;

    for (uint32_t l = 0; l < v->n_labels; l++)
        v->columns[l] = out + l * SB_BLOCK;
    if (space->n_labels)
        sb_program_run_labels(v->program, &block, space->labels, v->n_labels, v->columns);
    block.y = v->label;
    for (uint32_t l = 0; l < v->n_labels && !space->n_labels; l++) {
        sb_space_label(space, l, &v->ex.room[b].block, v->label);
        sb_program_run_labels(v->program, &block, NULL, 1, &v->columns[l]);
    }
}

static void look_up(struct sb_profile_values *v, size_t b, double *out)
{
    const struct sb_space *space = &v->task->family->space;
    const struct sb_block *block = &v->ex.room[b].block;
    const uint64_t size = sb_space_size(space);

    for (uint64_t i = 0; i < SB_BLOCK; i++) {
        const uint64_t x = sb_point_number(space, block, i);

        for (uint32_t l = 0; l < v->n_labels; l++)
            out[l * SB_BLOCK + i] = v->table[l * size + x];
    }
}

static void take_called(struct sb_profile_values *v, size_t b, uint64_t start, double *out)
{
    sb_recheck_keep(&v->recheck, &v->ex, b, start + b * SB_BLOCK);
    for (uint32_t l = 0; l < v->n_labels; l++)
        memcpy(out + l * SB_BLOCK, sb_exchange_values(&v->ex, b, l), SB_BLOCK * sizeof *out);
}

int sb_profile_values_draw(struct sb_profile_values *v, uint64_t start, size_t n_blocks,
                           double *out)
{
    int status = 0;

    for (size_t b = 0; b < n_blocks; b++)
        sb_point_room_draw(&v->ex.room[b], &v->null, v->public.key, v->public.stream,
                           start + b * SB_BLOCK, SB_BLOCK);
    if (v->public.callback)
        status = sb_exchange_run(&v->ex, n_blocks);
    for (size_t b = 0; b < n_blocks && !status; b++) {
        double *at = out + b * v->n_labels * SB_BLOCK;

        if (v->program)
            evaluate(v, b, at);
        else if (v->table)
            look_up(v, b, at);
        else
            take_called(v, b, start, at);
    }
    return status;
}

int sb_profile_values_end(struct sb_profile_values *v, uint64_t n)
{
    return v->public.callback ? sb_recheck_run(&v->recheck, &v->ex, n) : 0;
}
