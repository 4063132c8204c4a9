/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Vectors of 64-bit lanes for kernel files, as wide as the instruction set that the file is
 * compiled for (base/isa.h): GCC's vector types, which take + - * / & | ^ << >>, and what these
 * lack. Every function gives the same bits on every instruction set. */
#ifndef SB_NUMERIC_LANES_H
#define SB_NUMERIC_LANES_H

#include <stdint.h>
#include <string.h>

#ifdef __SSE2__
#include <immintrin.h>
#endif
#ifdef __aarch64__
#include <arm_neon.h>
#endif

#if defined __AVX512F__ && defined __AVX512DQ__
#define SB_LANES 8
#elif defined __AVX2__
#define SB_LANES 4
#else
#define SB_LANES 2
#endif

typedef uint64_t sb_words __attribute__((vector_size(8 * SB_LANES)));
typedef int64_t sb_signed __attribute__((vector_size(8 * SB_LANES)));
typedef double sb_doubles __attribute__((vector_size(8 * SB_LANES)));

static inline sb_words sb_splat(uint64_t w)
{
    return w - (sb_words){ 0 };
}

static inline sb_doubles sb_splat_double(double a)
{
    return a - (sb_doubles){ 0 };
}

/* The lower 32 bits of the lanes, multiplied. */
static inline sb_words sb_multiply_32(sb_words a, sb_words b)
{
#if SB_LANES == 8
    return (sb_words)_mm512_mul_epu32((__m512i)a, (__m512i)b);
#elif SB_LANES == 4
    return (sb_words)_mm256_mul_epu32((__m256i)a, (__m256i)b);
#elif defined __SSE2__
    return (sb_words)_mm_mul_epu32((__m128i)a, (__m128i)b);
#elif defined __aarch64__
    return (sb_words)vmull_u32(vmovn_u64((uint64x2_t)a), vmovn_u64((uint64x2_t)b));
#else
    return (a & UINT32_MAX) * (b & UINT32_MAX);
#endif
}

/* The lower 32 bits of `low`, and above them those of `high`. */
static inline sb_words sb_join_32(sb_words low, sb_words high)
{
#if SB_LANES == 8
    return (sb_words)_mm512_mask_shuffle_epi32((__m512i)low, 0xaaaa, (__m512i)high, _MM_PERM_CCAA);
#else
    return (low & UINT32_MAX) | high << 32;
#endif
}

static inline sb_words sb_xor3(sb_words a, sb_words b, sb_words c)
{
#if SB_LANES == 8
    return (sb_words)_mm512_ternarylogic_epi64((__m512i)a, (__m512i)b, (__m512i)c, 0x96);
#else
    return a ^ b ^ c;
#endif
}

/* All bits of a lane as its highest one. */
static inline sb_words sb_sign_mask(sb_words a)
{
    return (sb_words)((sb_signed)a >> 63);
}

/* mask ? a : b, bit by bit. */
static inline sb_words sb_choose(sb_words mask, sb_words a, sb_words b)
{
#if SB_LANES == 8
    return (sb_words)_mm512_ternarylogic_epi64((__m512i)mask, (__m512i)a, (__m512i)b, 0xca);
#elif SB_LANES == 4
    return (sb_words)_mm256_blendv_epi8((__m256i)b, (__m256i)a, (__m256i)mask);
#else
    return (mask & a) | (~mask & b);
#endif
}

static inline sb_doubles sb_sqrt(sb_doubles a)
{
#if SB_LANES == 8
    return (sb_doubles)_mm512_sqrt_pd((__m512d)a);
#elif SB_LANES == 4
    return (sb_doubles)_mm256_sqrt_pd((__m256d)a);
#elif defined __SSE2__
    return (sb_doubles)_mm_sqrt_pd((__m128d)a);
#else
    for (int i = 0; i < SB_LANES; i++)
        a[i] = __builtin_sqrt(a[i]);
    return a;
#endif
}

/* Signed integers to doubles, rounded to nearest. Without an instruction for it: the halves, put
 * into the mantissas of 2^84 + 2^63 and of 2^52, become doubles exactly; their sum is rounded once.
 * */
static inline sb_doubles sb_to_double(sb_words a)
{
#if SB_LANES == 8 || defined __aarch64__
    return __builtin_convertvector((sb_signed)a, sb_doubles);
#else
    const sb_doubles low = (sb_doubles)((a & UINT32_MAX) | UINT64_C(0x4330000000000000));
    const sb_doubles high = (sb_doubles)((a >> 32) ^ UINT64_C(0x4530000080000000));

    return (high - (0x1p84 + 0x1p63 + 0x1p52)) + low;
#endif
}

/* Writes pairs (a[i], b[i]). Lane i is pair number sb_pair(i), so that no pair crosses 128 bits. */
static inline void sb_store_pairs(sb_words a, sb_words b, void *out)
{
#if SB_LANES == 8
    const sb_words low = __builtin_shufflevector(a, b, 0, 8, 2, 10, 4, 12, 6, 14);
    const sb_words high = __builtin_shufflevector(a, b, 1, 9, 3, 11, 5, 13, 7, 15);
#elif SB_LANES == 4
    const sb_words low = __builtin_shufflevector(a, b, 0, 4, 2, 6);
    const sb_words high = __builtin_shufflevector(a, b, 1, 5, 3, 7);
#else
    const sb_words low = __builtin_shufflevector(a, b, 0, 2);
    const sb_words high = __builtin_shufflevector(a, b, 1, 3);
#endif

    memcpy(out, &low, sizeof low);
    memcpy((char *)out + sizeof low, &high, sizeof high);
}

static inline sb_words sb_pair_numbers(void)
{
#if SB_LANES == 8
    return (sb_words){ 0, 4, 1, 5, 2, 6, 3, 7 };
#elif SB_LANES == 4
    return (sb_words){ 0, 2, 1, 3 };
#else
    return (sb_words){ 0, 1 };
#endif
}

#endif
