/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Room for one block of points. */
#include "estimate/points.h"

#include "base/memory.h"

#include <errno.h>
#include <stdio.h>

uint64_t sb_space_size(const struct sb_space *space)
{
    const uint64_t n_labels = space->n_labels ? space->n_labels : 1;
    const uint64_t q = space->domain == SB_CUBE ? 2 : space->modulus;
    uint64_t size = 1;

    if (space->domain != SB_CUBE && !(space->domain == SB_ZQ && space->uniform && q))
        return 0;
    for (uint32_t j = 0; j < space->dim; j++) {
        size *= q;
        if (size > UINT64_C(1) << SB_WHOLE_DOMAIN_BITS)
            return 0;
    }
    return n_labels <= (UINT64_C(1) << SB_WHOLE_LABELS_BITS) / size ? size : 0;
}

int sb_point_room_init(struct sb_point_room *room, const struct sb_space *space)
{
    *room =
        (struct sb_point_room){ .modulus = space->domain == SB_CUBE ? 2 : space->modulus,
                                .block = { .struct_size = sizeof room->block, .dim = space->dim } };
    if (space->domain == SB_CUBE) {
        room->points.bits = SB_NEW_ARRAY(uint64_t, SB_BLOCK);
        room->block.bits = room->points.bits;
        return room->points.bits ? 0 : -ENOMEM;
    }
    room->x = SB_NEW_ARRAY(double *, space->dim);
    if (!room->x)
        return -ENOMEM;
    room->x[0] = SB_NEW_ARRAY(double, (size_t)space->dim *SB_BLOCK);
    if (!room->x[0])
        return -ENOMEM;
    for (uint32_t j = 1; j < space->dim; j++)
        room->x[j] = room->x[0] + (size_t)j * SB_BLOCK;
    room->points.x = room->x;
    room->block.x = (const double *const *)room->x;
    return 0;
}

void sb_point_room_fini(struct sb_point_room *room)
{
    free(room->points.bits);
    if (room->x)
        free(room->x[0]);
    free(room->x);
}

void sb_point_room_domain(struct sb_point_room *room, uint64_t start, uint64_t n)
{
    uint64_t period = 1; /* of the coordinates before: what the digit of this one counts */

    room->block.n = n;
    for (uint64_t i = 0; room->points.bits && i < n; i++)
        room->points.bits[i] = start + i;
    for (uint32_t j = 0; room->x && j < room->block.dim; j++, period *= room->modulus) {
        uint64_t rest = start % period, digit = start / period % room->modulus;

        for (uint64_t i = 0; i < n; i++) {
            room->x[j][i] = (double)digit;
            if (++rest < period)
                continue;
            rest = 0;
            digit = digit + 1 == room->modulus ? 0 : digit + 1;
        }
    }
}

uint64_t sb_point_number(const struct sb_space *space, const struct sb_block *block, uint64_t i)
{
    uint64_t number = 0;

    if (space->domain == SB_CUBE)
        return block->bits[i];
    for (uint32_t j = space->dim; j--;)
        number = number * space->modulus + (uint64_t)block->x[j][i];
    return number;
}

void sb_point_room_draw(struct sb_point_room *room, const struct sb_law *law, struct sb_key key,
                        uint64_t stream, uint64_t start, uint64_t n)
{
    sb_law_points(law, key, stream, start, n, &room->points);
    room->block.n = n;
}

void sb_point_print(const struct sb_block *block, uint64_t i, char *out, size_t n_out)
{
    enum { MOST_SHOWN = 16 };
    const uint32_t shown = block->dim < MOST_SHOWN ? block->dim : MOST_SHOWN;
    size_t used = (size_t)snprintf(out, n_out, "(");

    for (uint32_t j = 0; j < shown && used < n_out; j++) {
        const double x = block->bits ? (double)(block->bits[i] >> j & 1) : block->x[j][i];

        used += (size_t)snprintf(out + used, n_out - used, j ? ", %.6g" : "%.6g", x);
    }
    if (used < n_out)
        snprintf(out + used, n_out - used, shown < block->dim ? ", ...)" : ")");
}
