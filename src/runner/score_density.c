/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Scoring a density. How many points there are depends on nothing hidden. */
#include "runner/score_density.h"

#include "base/memory.h"
#include "estimate/public_recheck.h"
#include "query/eval.h"

#include <errno.h>
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static void put(struct sb_stated_density *density, uint64_t start, const double *h)
{
    double *to = density->h + start;

    for (int i = 0; i < SB_BLOCK; i++) {
        const double above = h[i] > 0 ? h[i] : 0;

        to[i] = above < density->most ? above : density->most;
    }
}

/* ---- an expression ---- */

static int read_expr(const struct sb_density_task *task, const struct sb_law *null,
                     struct sb_stated_density *out)
{
    struct sb_program *program = sb_program_new(task->pool, task->expr);
    struct sb_point_room room;
    double h[SB_BLOCK];
    int error = sb_point_room_init(&room, &task->family->space);

    if (!program)
        error = -ENOMEM;
    for (uint64_t start = 0; start < out->n && !error; start += SB_BLOCK) {
        sb_point_room_draw(&room, null, task->key, 0, start, SB_BLOCK);
        sb_program_run(program, &room.block, h);
        put(out, start, h);
        error = sb_fuse_blown(task->fuse) ? -ETIME : 0;
    }
    sb_point_room_fini(&room);
    sb_program_free(program);
    return error;
}

/* ---- a callback ---- */

struct called {
    const struct sb_density_task *task;
    const struct sb_law *null;
    struct sb_exchange ex;
    struct sb_recheck recheck;
};

static int draw(struct called *c, struct sb_stated_density *out)
{
    int status = 0;

    for (uint64_t start = 0; start < out->n && !status; start += SB_CALL_BLOCKS * SB_BLOCK) {
        for (size_t b = 0; b < SB_CALL_BLOCKS; b++)
            sb_point_room_draw(&c->ex.room[b], c->null, c->task->key, 0, start + b * SB_BLOCK,
                               SB_BLOCK);
        status = sb_fuse_blown(c->task->fuse) ? -ETIME : sb_exchange_run(&c->ex, SB_CALL_BLOCKS);
        for (size_t b = 0; b < SB_CALL_BLOCKS && !status; b++) {
            put(out, start + b * SB_BLOCK, sb_exchange_slot(&c->ex, b, 0));
            sb_recheck_keep(&c->recheck, &c->ex, b, start + b * SB_BLOCK);
        }
    }
    return status ? status : sb_recheck_run(&c->recheck, &c->ex, out->n);
}

static int read_callback(const struct sb_density_task *task, const struct sb_law *null,
                         struct sb_stated_density *out, char why[640])
{
    struct sb_public_result result = { 0 };
    const struct sb_public_task points = { .space = &task->family->space,
                                           .callback = task->callback,
                                           .law = { null, null },
                                           .lo = -DBL_MAX,
                                           .hi = DBL_MAX,
                                           .without_label = true,
                                           .lipschitz = INFINITY,
                                           .key = task->key,
                                           .fuse = task->fuse };
    struct called c = { .task = task, .null = null };
    int status = sb_exchange_init(&c.ex, &points, &result);

    if (!status)
        status = sb_recheck_init(&c.recheck, &c.ex);
    if (!status)
        status = draw(&c, out);
    if (status > 0) { /* of what is out of range all is said in front of what a query may be */
        result.message[strcspn(result.message, ";")] = '\0';
        snprintf(why, 640, "the density returned cannot be scored: %s", result.message);
    }
    sb_exchange_fini(&c.ex);
    sb_recheck_fini(&c.recheck);
    return status;
}

int sb_density_read(const struct sb_density_task *task, struct sb_stated_density *out,
                    char why[640])
{
    struct sb_law null;
    int status;

    task->family->null_law(task->family, &null);
    *out = (struct sb_stated_density){ .key = task->key,
                                       .n = SB_DENSITY_POINTS,
                                       .h = SB_NEW_ARRAY(double, SB_DENSITY_POINTS),
                                       .most = null.most_weight };
    if (!out->h)
        return -ENOMEM;
    status = task->expr ? read_expr(task, &null, out) : read_callback(task, &null, out, why);
    if (status)
        sb_density_fini(out);
    return status;
}

void sb_density_fini(struct sb_stated_density *density)
{
    free(density->h);
    *density = (struct sb_stated_density){ 0 };
}

/* ---- distances ---- */

int sb_density_loss(const struct sb_density_task *task, const struct sb_stated_density *density,
                    uint64_t member, struct sb_variation *out)
{
    return sb_variation_along(task->family, density, density->n, member, 1, SB_DENSITY_FAILURE,
                              task->fuse, out);
}

int sb_density_losses(const struct sb_density_task *task, const struct sb_stated_density *density,
                      struct sb_variation *out)
{
    const struct sb_family *family = task->family;
    const double most = (double)(UINT64_C(1) << SB_DENSITY_WORK_BITS);
    const double each = (double)family->n_members * (double)family->space.dim;
    const uint64_t n = each * (double)density->n <= most ? density->n : (uint64_t)SB_DENSITY_FEWER;

    if (each * (double)n > most)
        return 1;
    return sb_variation_along(family, density, n, 0, family->n_members, SB_DENSITY_FAILURE,
                              task->fuse, out);
}
