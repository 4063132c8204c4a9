/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A lift, and room for a block of points to look at it on, as tests of lifts share them. */
#ifndef SB_TESTS_LIFT_BLOCK_H
#define SB_TESTS_LIFT_BLOCK_H

#include "lifted.h"
#include "unit.h"

enum { MOST_D = 8, POINTS = 1024 };

/* Points of up to MOST_D coordinates as a block. */
static double columns[MOST_D][POINTS];
static double *const z[MOST_D] = { columns[0], columns[1], columns[2], columns[3],
                                   columns[4], columns[5], columns[6], columns[7] };

static struct sb_block block_of(uint32_t dim, uint64_t n)
{
    return (struct sb_block){
        .struct_size = sizeof(struct sb_block), .dim = dim, .n = n, .x = (const double *const *)z
    };
}

static struct sb_lift lift_of(const struct sb_lift_setup *setup)
{
    struct sb_lift lift;

    assert_int_equal(sb_lift_init(&lift, setup, NULL), 0);
    return lift;
}

#endif
