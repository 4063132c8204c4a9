/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Blocks of a Philox4x32-10 stream [SMDS11], as words, uniforms and Gaussians; compiled once for
 * each instruction set. A lane holds one block's counter: its words c0..c3, each in the lower half
 * of a 64-bit lane, whatever the upper half holds. */
#include "numeric/gauss_lanes.h"
#include "numeric/kernels.h"

enum { ROUNDS = 10 };

struct philox {
    sb_words key[ROUNDS][2];
    sb_words c2, c3; /* the stream */
};

static struct philox philox_of(struct sb_key key, uint64_t stream)
{
    struct philox p;

    for (uint32_t i = 0; i < ROUNDS; i++) {
        p.key[i][0] = sb_splat(key.v[0] + i * UINT32_C(0x9e3779b9));
        p.key[i][1] = sb_splat(key.v[1] + i * UINT32_C(0xbb67ae85));
    }
    p.c2 = sb_splat(stream & UINT32_MAX);
    p.c3 = sb_splat(stream >> 32);
    return p;
}

enum { WAYS = SB_WAYS, BATCH = WAYS * SB_LANES };

/* What the blocks of these counters hold: their even and their odd words. */
static inline void philox(const struct philox *p, uint64_t first, sb_words even[WAYS],
                          sb_words odd[WAYS])
{
    const sb_words m0 = sb_splat(0xd2511f53), m1 = sb_splat(0xcd9e8d57);
    sb_words c0[WAYS], c1[WAYS], c2[WAYS], c3[WAYS];

    for (int w = 0; w < WAYS; w++) {
        c0[w] = sb_pair_numbers() + (first + (uint64_t)w * SB_LANES);
        c1[w] = c0[w] >> 32;
        c2[w] = p->c2;
        c3[w] = p->c3;
    }
#pragma GCC unroll 10
    for (int i = 0; i < ROUNDS; i++)
        for (int w = 0; w < WAYS; w++) {
            const sb_words a = sb_multiply_32(c0[w], m0), b = sb_multiply_32(c2[w], m1);

            c0[w] = sb_xor3(b >> 32, c1[w], p->key[i][0]);
            c2[w] = sb_xor3(a >> 32, c3[w], p->key[i][1]);
            c1[w] = b;
            c3[w] = a;
        }
    for (int w = 0; w < WAYS; w++) {
        even[w] = sb_join_32(c0[w], c1[w]);
        odd[w] = sb_join_32(c2[w], c3[w]);
    }
}

/* What is made of the blocks' words, in place. */
typedef void transform(sb_words even[WAYS], sb_words odd[WAYS]);

static inline void as_words(sb_words even[WAYS], sb_words odd[WAYS])
{
    (void)even;
    (void)odd;
}

static inline void as_uniforms(sb_words even[WAYS], sb_words odd[WAYS])
{
    for (int w = 0; w < WAYS; w++) {
        even[w] = (sb_words)(sb_to_double(even[w] >> 11) * 0x1p-53);
        odd[w] = (sb_words)(sb_to_double(odd[w] >> 11) * 0x1p-53);
    }
}

/* BATCH blocks: 2 BATCH numbers. */
static inline __attribute__((always_inline)) void batch(transform *as, const struct philox *p,
                                                        uint64_t first, uint64_t *out)
{
    sb_words even[WAYS], odd[WAYS];

    philox(p, first, even, odd);
    as(even, odd);
    for (int w = 0; w < WAYS; w++)
        sb_store_pairs(even[w], odd[w], out + 2 * w * SB_LANES);
}

/* Blocks first .. first+n-1: 2 n numbers. */
static inline __attribute__((always_inline)) void blocks(transform *as,
                                                         const struct sb_random_blocks *at,
                                                         uint64_t *out)
{
    const struct philox p = philox_of(at->key, at->stream);
    uint64_t tail[2 * BATCH], i = 0;

    for (; i + BATCH <= at->n; i += BATCH)
        batch(as, &p, at->first + i, out + 2 * i);
    if (i < at->n) {
        batch(as, &p, at->first + i, tail);
        memcpy(out + 2 * i, tail, (at->n - i) * 16);
    }
}

void SB_ISA_NAME(sb_random_words)(const struct sb_random_blocks *at, void *out)
{
    blocks(as_words, at, out);
}

void SB_ISA_NAME(sb_random_uniform)(const struct sb_random_blocks *at, void *out)
{
    blocks(as_uniforms, at, out);
}

void SB_ISA_NAME(sb_random_gauss)(const struct sb_random_blocks *at, void *out)
{
    blocks(sb_gauss_lanes, at, out);
}
