/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The arithmetic of queries on single numbers: total, finite, rounded to nearest. Evaluation and
 * interval arithmetic are made of the same functions, so that the second bounds the first. All are
 * branch-free, for vector code. */
#ifndef SB_QUERY_ARITH_H
#define SB_QUERY_ARITH_H

#include <float.h>
#include <math.h>
#include <stdint.h>

/* DBL_MAX, hidden from compilers: of comparisons with a constant they make more than the minimum
 * and the maximum that this is. */
extern const double sb_largest;

/* v not NaN */
static inline double sb_saturate(double v)
{
    v = v < sb_largest ? v : sb_largest;
    return v > -sb_largest ? v : -sb_largest;
}

static inline double sb_plus(double a, double b)
{
    return sb_saturate(a + b);
}

static inline double sb_minus(double a, double b)
{
    return sb_saturate(a - b);
}

static inline double sb_times(double a, double b)
{
    return sb_saturate(a * b);
}

/* 0 where b = 0 */
static inline double sb_over(double a, double b)
{
    const double quotient = a / (b == 0 ? 1 : b);

    return b == 0 ? 0 : sb_saturate(quotient);
}

static inline double sb_least(double a, double b)
{
    return a < b ? a : b;
}

static inline double sb_most(double a, double b)
{
    return a > b ? a : b;
}

/* floor without a call: beyond 2^52 every double is whole; below, adding and taking away 2^52
 * rounds |v| to an integer exactly */
static inline double sb_floor(double v)
{
    const double whole = 4503599627370496.0;
    const double size = fabs(v);
    const double rounded = copysign((size + whole) - whole, v);
    const double below = rounded - (rounded > v ? 1 : 0);

    return size < whole ? below : v;
}

/* a - b floor(a/b) as computed; where rounding carries that out of [0,b), and for b <= 0, it is 0:
 * mod(-1e-20, 1), which is 1 to the nearest double, is 0. */
static inline double sb_mod(double a, double b)
{
    const double rest = sb_minus(a, sb_times(b, sb_floor(sb_over(a, b))));

    return ((rest >= 0) & (rest < b)) ? rest : 0;
}

/* One step of h_{k+1} = up t h_k - back h_{k-1}, up = 1/sqrt(k+1), back = sqrt(k/(k+1)): the three-term
 * recurrence of the orthonormal Hermite polynomials, without a division. */
static inline double sb_hermite_up(uint32_t k)
{
    return 1 / sqrt(k + 1.0);
}

static inline double sb_hermite_back(uint32_t k)
{
    return sqrt(k / (k + 1.0));
}

static inline double sb_hermite_next(double t, double h, double before, double up, double back)
{
    return sb_minus(sb_times(sb_times(t, h), up), sb_times(back, before));
}

#endif
