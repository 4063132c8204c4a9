/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A double and a radius that travel together. */
#include "numeric/ball.h"

#include <stdint.h>
#include <string.h>

static const double u = 0x1p-53;
/* radii are sums and products of a few roundings each: this pays for theirs */
static const double outward = 1 + 0x1p-48;

static double magnitude(double v)
{
    return v < 0 ? -v : v;
}

/* |v| = significand * 2^*exponent_out, the significand whole */
static uint64_t take_apart(double v, int *exponent_out)
{
    uint64_t bits;
    int biased;

    memcpy(&bits, &v, sizeof bits);
    biased = (int)(bits >> 52 & 0x7ff);
    bits &= (UINT64_C(1) << 52) - 1;
    *exponent_out = (biased ? biased : 1) - 1075;
    return biased ? bits | UINT64_C(1) << 52 : bits;
}

int sb_highest_bit(double v)
{
    int exponent;
    const uint64_t significand = take_apart(v, &exponent);

    return exponent + 63 - __builtin_clzll(significand);
}

int sb_lowest_bit(double v)
{
    int exponent;
    const uint64_t significand = take_apart(v, &exponent);

    return exponent + __builtin_ctzll(significand);
}

int sb_significant_bits(double v)
{
    return v == 0 ? 0 : sb_highest_bit(v) - sb_lowest_bit(v) + 1;
}

struct sb_ball sb_ball_add(struct sb_ball a, struct sb_ball b)
{
    const double mid = a.mid + b.mid;
    const double back = mid - a.mid;
    const double error = (a.mid - (mid - back)) + (b.mid - back); /* Knuth: exact */

    return (struct sb_ball){ mid, (a.rad + b.rad + magnitude(error)) * outward };
}

struct sb_ball sb_ball_mul(struct sb_ball a, struct sb_ball b)
{
    const double mid = a.mid * b.mid;
    const double m = magnitude(mid);
    double rad = magnitude(a.mid) * b.rad + magnitude(b.mid) * a.rad + a.rad * b.rad;

    /* tiny results may have lost bits to underflow, and so may tiny radii */
    if (a.rad != 0 || b.rad != 0)
        rad += 0x1p-1000;
    if (mid != 0 && (m < 0x1p-900 || sb_significant_bits(a.mid) + sb_significant_bits(b.mid) > 53))
        rad += u * m + 0x1p-1000;
    if (mid == 0 && a.mid != 0 && b.mid != 0)
        rad += 0x1p-1000;
    return (struct sb_ball){ mid, rad * outward };
}
