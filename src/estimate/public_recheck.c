/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Random points that a callback is asked about twice. */
#include "estimate/public_recheck.h"

#include "base/memory.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* A key of its own for what is asked again: public, too. */
static struct sb_key recheck_key(const struct sb_public_task *task)
{
    const uint64_t material[2] = { (uint64_t)task->key.v[1] << 32 | task->key.v[0], task->stream };

    return sb_key_derive("recheck", material, sizeof material);
}

int sb_recheck_init(struct sb_recheck *recheck, const struct sb_exchange *ex)
{
    recheck->key = recheck_key(ex->task);
    recheck->values = SB_NEW_ARRAY(double, (size_t)SB_RECHECKED * ex->n_slots);
    return recheck->values ? 0 : -ENOMEM;
}

void sb_recheck_fini(struct sb_recheck *recheck)
{
    free(recheck->values);
}

/* Each place holds a uniform choice among all points so far: block number b takes it over with
 * probability 1/(b+1). */
void sb_recheck_keep(struct sb_recheck *recheck, const struct sb_exchange *ex, size_t b, uint64_t n)
{
    const uint64_t block = n / SB_BLOCK, n_after = n + SB_BLOCK;
    uint64_t word[SB_RECHECKED];

    sb_random_words(recheck->key, 0, block * SB_RECHECKED, SB_RECHECKED, word);
    for (uint64_t r = 0; r < SB_RECHECKED; r++) {
        const uint64_t i = word[r] % n_after; /* as good as uniform: it is far below 2^64 */

        if (i >= SB_BLOCK)
            continue;
        recheck->kept[r] = n + i;
        for (uint32_t l = 0; l < ex->n_slots; l++)
            recheck->values[r * ex->n_slots + l] = sb_exchange_slot(ex, b, l)[i];
    }
}

/* A block of new points, with those to be asked again at places that only the key tells. */
static void mix(const struct sb_recheck *recheck, struct sb_exchange *ex, uint64_t n,
                uint64_t place_of[SB_RECHECKED])
{
    const struct sb_public_task *task = ex->task;
    struct sb_point_room *block = &ex->room[0], *one = &ex->room[1];
    uint64_t order[SB_BLOCK];

    sb_point_room_draw(block, task->law[SB_PUBLIC_NULL], task->key, task->stream, n, SB_BLOCK);
    for (uint64_t i = 0; i < SB_BLOCK; i++)
        order[i] = i;
    for (uint64_t r = 0; r < SB_RECHECKED; r++) {
        const uint64_t other = r + sb_random_below(recheck->key, 1 + r, SB_BLOCK - r);
        const uint64_t place = order[other];

        order[other] = order[r];
        place_of[r] = place;
        sb_point_room_draw(one, task->law[SB_PUBLIC_NULL], task->key, task->stream,
                           recheck->kept[r], 1);
        if (block->points.bits)
            block->points.bits[place] = one->points.bits[0];
        for (uint32_t j = 0; block->x && j < task->space->dim; j++)
            block->x[j][place] = one->x[j][0];
    }
}

static int not_pure(const struct sb_exchange *ex, uint64_t place, double before, double now)
{
    char point[320];

    sb_point_print(&ex->block[0], place, point, sizeof point);
    snprintf(ex->result->message, sizeof ex->result->message,
             "the callback is not a pure function: at x = %s it wrote %.17g, and later %.17g",
             point, before, now);
    return SB_REFUSED;
}

int sb_recheck_run(struct sb_recheck *recheck, struct sb_exchange *ex, uint64_t n)
{
    uint64_t place_of[SB_RECHECKED];
    int status;

    mix(recheck, ex, n, place_of);
    status = sb_exchange_run(ex, 1);
    for (uint64_t r = 0; r < SB_RECHECKED && !status; r++)
        for (uint32_t l = 0; l < ex->n_slots && !status; l++) {
            const double before = recheck->values[r * ex->n_slots + l];
            const double now = sb_exchange_slot(ex, 0, l)[place_of[r]];

            if (memcmp(&before, &now, sizeof now) != 0)
                status = not_pure(ex, place_of[r], before, now);
        }
    return status;
}
