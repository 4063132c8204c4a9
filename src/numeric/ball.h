/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A double and a radius that travel together: |mid - true value| <= rad. An operation whose
 * rounding was exact adds nothing, so that dyadic arithmetic stays exact with radius 0. */
#ifndef SB_NUMERIC_BALL_H
#define SB_NUMERIC_BALL_H

struct sb_ball {
    double mid, rad;
};

static inline struct sb_ball sb_ball_of(double v)
{
    return (struct sb_ball){ v, 0 };
}
struct sb_ball sb_ball_add(struct sb_ball a, struct sb_ball b);
struct sb_ball sb_ball_mul(struct sb_ball a, struct sb_ball b);
/* How many bits lie between the first and the last 1 of a finite double's significand, both with;
 * 0 for 0. A product of two is exact when their counts sum to at most 53 (and neither under- nor
 * overflows). */
int sb_significant_bits(double v);
/* The exponents of the first and of the last 1 of |v|: |v| is a multiple of 2^lowest, and
 * 2^highest <= |v| < 2^(highest + 1). v finite and not 0. */
int sb_highest_bit(double v);
int sb_lowest_bit(double v);

#endif
