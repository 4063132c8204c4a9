/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Room for one block of points. */
#include "estimate/points.h"

#include "base/memory.h"

#include <errno.h>
#include <stdio.h>

int sb_point_room_init(struct sb_point_room *room, const struct sb_space *space)
{
    *room =
        (struct sb_point_room){ .block = { .struct_size = sizeof room->block, .dim = space->dim } };
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
    for (uint64_t i = 0; i < n; i++)
        room->points.bits[i] = start + i;
    room->block.n = n;
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
