/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Gaussians by the polar form of Box and Muller [BM58]: of words 2k, 2k + 1 of a stream, numbers 2k,
 * 2k + 1. Of + - * / sqrt in fixed order and own polynomials, without a branch. */
#include "numeric/random.h"

#include "numeric/gauss_constants.h"

#include <math.h>
#include <string.h>

static double polynomial(const double *c, int degree, double z)
{
    double p = c[degree];

    while (degree--)
        p = p * z + c[degree];
    return p;
}

/* sqrt(-2 ln u), u = w mod 1 with w = s 2^-64, s the word as a signed number made odd: both near 0
 * (w > 0) and near 1 (w < 0) u is as fine as a double can tell. u = 2^e m, sqrt(1/2) <= m < sqrt 2. */
static double radius(uint64_t word)
{
    const double w = (double)(int64_t)(word | 1) * 0x1p-64;
    const double u = w + (word >> 63 ? 1.0 : 0.0);
    uint64_t bits, m_bits;
    double e, m, f, s;

    memcpy(&bits, &u, 8);
    bits += UINT64_C(0x3ff0000000000000) - SB_GAUSS_ROOT_HALF;
    m_bits = (bits & UINT64_C(0x000fffffffffffff)) + SB_GAUSS_ROOT_HALF;
    memcpy(&m, &m_bits, 8);
    e = (double)(bits >> 52) - 1023;
    f = e == 0 ? w : m - 1;
    s = f / (2 + f);
    return sqrt(-e * SB_GAUSS_2LN2 - s * polynomial(SB_GAUSS_LOG, 7, s * s));
}

/* The angle: t = the lower 62 bits, odd, on [-1, 1] gives pi t/4 about the first axis; two more bits
 * turn that quarter into the other three. */
static void pair(const uint64_t word[2], double out[2])
{
    const double r = radius(word[0]);
    const double t = (double)(int64_t)(word[1] << 2 | 2) * 0x1p-63;
    const double sine = t * polynomial(SB_GAUSS_SIN, 6, t * t);
    const double cosine = polynomial(SB_GAUSS_COS, 7, t * t) * (word[1] >> 63 ? -1.0 : 1.0);
    const unsigned swap = word[1] >> 62 & 1;

    out[swap] = r * cosine;
    out[!swap] = r * sine;
}

void sb_random_gauss(struct sb_key key, uint64_t stream, uint64_t start, uint64_t n, double *out)
{
    uint64_t word[2];
    double two[2];

    for (uint64_t i = 0; i < n; i++) {
        sb_random_words(key, stream, (start + i) & ~UINT64_C(1), 2, word);
        pair(word, two);
        out[i] = two[(start + i) & 1];
    }
}
