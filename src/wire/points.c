/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Points in messages: sizes and checks. */
#include "wire/points.h"

#include <math.h>

enum { TEXT_ROOM = 4096 }; /* for a message beside the points */

struct sb_space sb_space_of(const struct sb_facts *facts)
{
    const struct sb_space space = { .domain = facts->domain,
                                    .dim = facts->dim,
                                    .modulus = facts->modulus,
                                    .n_labels = facts->n_labels,
                                    .labels = facts->label_set,
                                    .n_candidates = facts->n_candidates };

    return space;
}

size_t sb_point_bytes(const struct sb_space *space)
{
    return space->domain == SB_CUBE ? sizeof(uint64_t) : (size_t)space->dim * sizeof(double);
}

uint64_t sb_points_max(const struct sb_space *space)
{
    return (SB_FRAME_MAX - TEXT_ROOM) / (sb_point_bytes(space) + sizeof(double));
}

bool sb_coordinate_fits(const struct sb_space *space, double v)
{
    switch (space->domain) {
    case SB_CUBE:
        return v == 0 || v == 1;
    case SB_ZQ:
        return v >= 0 && v < space->modulus && v == (double)(uint32_t)v;
    default:
        return isfinite(v);
    }
}

bool sb_bits_fit(const struct sb_space *space, uint64_t bits)
{
    return space->dim >= 64 || bits >> space->dim == 0;
}
