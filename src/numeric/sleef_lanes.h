/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SLEEF's functions on lanes (numeric/lanes.h): its `cinz` ones, which give the same bits on every
 * instruction set. */
#ifndef SB_NUMERIC_SLEEF_LANES_H
#define SB_NUMERIC_SLEEF_LANES_H

#include "numeric/lanes.h"

#include <sleef.h>

#if SB_LANES == 8
#define SB_SLEEF_LANES(f, v) (sb_doubles) Sleef_cinz_##f##avx512fnofma((__m512d)(v))
#elif SB_LANES == 4
#define SB_SLEEF_LANES(f, v) (sb_doubles) Sleef_cinz_##f##avx((__m256d)(v))
#elif defined __SSE2__
#define SB_SLEEF_LANES(f, v) (sb_doubles) Sleef_cinz_##f##sse2((__m128d)(v))
#endif

static inline sb_doubles sb_exp_lanes(sb_doubles a)
{
#if SB_LANES == 8
    return SB_SLEEF_LANES(expd8_u10, a);
#elif SB_LANES == 4
    return SB_SLEEF_LANES(expd4_u10, a);
#elif defined __SSE2__
    return SB_SLEEF_LANES(expd2_u10, a);
#else
    for (int i = 0; i < SB_LANES; i++)
        a[i] = Sleef_cinz_expd1_u10purec(a[i]);
    return a;
#endif
}

static inline sb_doubles sb_erfc_lanes(sb_doubles a)
{
#if SB_LANES == 8
    return SB_SLEEF_LANES(erfcd8_u15, a);
#elif SB_LANES == 4
    return SB_SLEEF_LANES(erfcd4_u15, a);
#elif defined __SSE2__
    return SB_SLEEF_LANES(erfcd2_u15, a);
#else
    for (int i = 0; i < SB_LANES; i++)
        a[i] = Sleef_cinz_erfcd1_u15purec(a[i]);
    return a;
#endif
}

#endif
