/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Balls become doubles: once, to nearest. How wide the widest was is kept. */
#ifndef SB_CONSTRUCT_ROUND_H
#define SB_CONSTRUCT_ROUND_H

#include <arb.h>

/* The double nearest to the centre of a ball. *radius is raised to its relative radius; infinity
 * for a ball that holds 0 and is not just 0. */
static inline double sb_round_ball(const arb_t x, double *radius)
{
    mag_t relative;
    double r;

    mag_init(relative);
    arb_get_mag_lower(relative, x);
    if (!mag_is_zero(arb_radref(x)))
        mag_div(relative, arb_radref(x), relative);
    else
        mag_zero(relative);
    r = mag_get_d(relative);
    *radius = r > *radius ? r : *radius;
    mag_clear(relative);
    return arf_get_d(arb_midref(x), ARF_RND_NEAR);
}

#endif
