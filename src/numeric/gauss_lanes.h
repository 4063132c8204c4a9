/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two words to two Gaussians, in lanes: the polar form of Box and Muller [BM58], of + - * / sqrt in
 * fixed order and own polynomials, without a branch.
 *
 * Rounding error of the results g', against g of the same words without rounding; h = 2^-53, first
 * order in h (the second is below 1e-30), r = sqrt L the radius, L = -2 ln u:
 *   radius  e = 0: w has a relative error of h, which -ln(1 + w) takes over 1.2-fold; 2 + f and
 *           the quotient s: 1.6 h; the polynomial: h, its product with s: h. L: 5 h relative.
 *           e < 0: u is within h relative of the exact one (w > 0), or within h absolutely (w < 0),
 *           so that L moves by 2 h or 4 h, by 2.2 h where m > 1.4; m - 1 is exact; s and its
 *           product with the polynomial: 4.1 h of |2 ln m|, 2.85 h at most; e 2 ln 2: 2.4 h |e|;
 *           the difference: h L. With L >= 1.38 |e| - 0.7: 12 h relative where e = -1, and
 *           elsewhere (4.85 + 2.4 |e|) h + h L absolutely, which is at most (6.05 + 2.72 L) h.
 *           r: half of L's relative error, and h for the root.
 *   angle   cosine: 2 h absolutely (t: 0.6, its square and the sums: 0.7, the last sum: 0.5, the
 *           polynomial: 0.2); sine: 3.3 h relative. The product with r: h relative.
 * Together at most 16 h r = 2^-49 r; and where e < -1, r >= 1.44, at most (3.1/r + 2.4 r + 3 r) h,
 * which is at most 51 h as r <= 9.42. So |g' - g| <= 2^-49 r and <= 64 h = 2^-47. */
#ifndef SB_NUMERIC_GAUSS_LANES_H
#define SB_NUMERIC_GAUSS_LANES_H

#include "numeric/gauss_constants.h"
#include "numeric/lanes.h"

/* Vectors that are worked on side by side, so that one fills the other's waiting. */
enum { SB_WAYS = 4 };

/* c[0] + z (c[1] + z (...)). */
static inline void sb_polynomial_lanes(const double *c, int degree, const sb_doubles z[SB_WAYS],
                                       sb_doubles out[SB_WAYS])
{
    for (int w = 0; w < SB_WAYS; w++)
        out[w] = sb_splat_double(c[degree]);
#pragma GCC unroll 8
    while (degree--)
        for (int w = 0; w < SB_WAYS; w++)
            out[w] = out[w] * z[w] + c[degree];
}

/* sqrt(-2 ln u), u = w mod 1, w = s 2^-64, s the word as a signed number made odd: so u is as fine
 * as doubles can be near 0 (w > 0) and near 1 (w < 0). u = 2^e m with sqrt(1/2) <= m < sqrt 2;
 * where e = 0, u - 1 is w. With s = (m - 1)/(m + 1), ln m = 2 artanh s. */
static inline void sb_radius_lanes(const sb_words word[SB_WAYS], sb_doubles out[SB_WAYS])
{
    const sb_words one = sb_splat(0x3ff0000000000000), root_half = sb_splat(SB_GAUSS_ROOT_HALF);
    sb_doubles e[SB_WAYS], s[SB_WAYS], z[SB_WAYS], p[SB_WAYS];

    for (int v = 0; v < SB_WAYS; v++) {
        const sb_doubles w = sb_to_double(word[v] | 1) * 0x1p-64;
        const sb_doubles u = w + (sb_doubles)(sb_sign_mask(word[v]) & one);
        const sb_words bits = (sb_words)u + (one - root_half);
        const sb_doubles m = (sb_doubles)((bits & UINT64_C(0x000fffffffffffff)) + root_half);
        sb_words near_1;
        sb_doubles f;

        /* 2^52 + the exponent, as a double's mantissa */
        e[v] = (sb_doubles)((bits >> 52) | UINT64_C(0x4330000000000000)) - (0x1p52 + 1023);
        near_1 = (sb_words)(e[v] == 0);
        f = (sb_doubles)sb_choose(near_1, (sb_words)w, (sb_words)(m - 1));
        s[v] = f / (2 + f);
        z[v] = s[v] * s[v];
    }
    sb_polynomial_lanes(SB_GAUSS_LOG, 7, z, p);
    for (int v = 0; v < SB_WAYS; v++)
        out[v] = sb_sqrt(e[v] * -SB_GAUSS_2LN2 - s[v] * p[v]);
}

/* The polar form of Box and Muller [BM58]. The angle: t, the lower 62 bits of the odd word as a
 * number of [-1, 1] amid its cell, gives pi t/4 about the first axis; the upper two turn this
 * quarter into the others. */
static inline void sb_gauss_lanes(sb_words even[SB_WAYS], sb_words odd[SB_WAYS])
{
    sb_doubles r[SB_WAYS], t[SB_WAYS], z[SB_WAYS], sine[SB_WAYS], cosine[SB_WAYS];

    sb_radius_lanes(even, r);
    for (int v = 0; v < SB_WAYS; v++) {
        t[v] = sb_to_double(odd[v] << 2 | 2) * 0x1p-63;
        z[v] = t[v] * t[v];
    }
    sb_polynomial_lanes(SB_GAUSS_SIN, 6, z, sine);
    sb_polynomial_lanes(SB_GAUSS_COS, 7, z, cosine);
    for (int v = 0; v < SB_WAYS; v++) {
        const sb_words swap = sb_sign_mask(odd[v] << 1);
        const sb_words sign = odd[v] & (UINT64_C(1) << 63);
        const sb_words second = (sb_words)(r[v] * (t[v] * sine[v]));
        const sb_words first = (sb_words)(r[v] * cosine[v]) ^ sign;
        const sb_words change = (first ^ second) & swap;

        even[v] = first ^ change;
        odd[v] = second ^ change;
    }
}

#endif
