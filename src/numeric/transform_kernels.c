/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The Walsh-Hadamard transform; compiled once for each instruction set.
 *
 * The levels are those of the textbook's loop, bit 0 first, so that each result is the same tree of
 * additions and the same bits; only the order in which independent butterflies are done differs.
 * Three levels are done for each time that a number is loaded and stored:
 *   leaf    the levels within a vector by shuffles, and three more between eight vectors;
 *   pass    three levels (or what is left of them) between eight numbers of a stride;
 *   base    a block that fits in the first cache: a leaf, then passes;
 *   above   depth first: eight blocks, each done to its end, then one pass over all of them, so that
 *           a block is still in the cache that it fits in.
 * Eight streams at a stride of a power of two meet in one set of a cache; sixteen would not fit. */
#include "numeric/kernels.h"

#if defined __AVX512F__
enum { LANE_BITS = 3 };
#elif defined __AVX2__
enum { LANE_BITS = 2 };
#else
enum { LANE_BITS = 1 };
#endif
enum {
    LANES = 1 << LANE_BITS,
    LEAF_BITS = LANE_BITS + 3,
    BASE_BITS = 12, /* 32 KiB */
    AHEAD = 64      /* numbers; strides from a page on are beyond what caches fetch by themselves */
};

typedef double vec __attribute__((vector_size(8 * LANES)));
typedef int64_t ivec __attribute__((vector_size(8 * LANES)));
/* in memory: aligned as a double is */
typedef double vec_stored __attribute__((vector_size(8 * LANES), aligned(8), may_alias));

static inline vec load(const double *p)
{
    return *(const vec_stored *)p;
}

static inline void store(double *p, vec v)
{
    *(vec_stored *)p = v;
}

static inline void butterfly(vec *a, vec *b)
{
    const vec u = *a, v = *b;

    *a = u + v;
    *b = u - v;
}

static inline void two(vec v[2])
{
    butterfly(&v[0], &v[1]);
}

static inline void four(vec v[4])
{
    two(&v[0]);
    two(&v[2]);
    butterfly(&v[0], &v[2]);
    butterfly(&v[1], &v[3]);
}

static inline void eight(vec v[8])
{
    four(&v[0]);
    four(&v[4]);
    butterfly(&v[0], &v[4]);
    butterfly(&v[1], &v[5]);
    butterfly(&v[2], &v[6]);
    butterfly(&v[3], &v[7]);
}

/* Lane i of the result: partner[i] - v[i] where sign[i] is the sign bit, else partner[i] + v[i]. */
static inline vec combine(vec partner, vec v, ivec sign)
{
    return partner + (vec)((ivec)v ^ sign);
}

#define MINUS INT64_MIN

/* The levels between the lanes of a vector. */
static inline vec lanes(vec v)
{
#if defined __AVX512F__
    v = combine(__builtin_shufflevector(v, v, 1, 0, 3, 2, 5, 4, 7, 6), v,
                (ivec){ 0, MINUS, 0, MINUS, 0, MINUS, 0, MINUS });
    v = combine(__builtin_shufflevector(v, v, 2, 3, 0, 1, 6, 7, 4, 5), v,
                (ivec){ 0, 0, MINUS, MINUS, 0, 0, MINUS, MINUS });
    return combine(__builtin_shufflevector(v, v, 4, 5, 6, 7, 0, 1, 2, 3), v,
                   (ivec){ 0, 0, 0, 0, MINUS, MINUS, MINUS, MINUS });
#elif defined __AVX2__
    v = combine(__builtin_shufflevector(v, v, 1, 0, 3, 2), v, (ivec){ 0, MINUS, 0, MINUS });
    return combine(__builtin_shufflevector(v, v, 2, 3, 0, 1), v, (ivec){ 0, 0, MINUS, MINUS });
#else
    return combine(__builtin_shufflevector(v, v, 1, 0), v, (ivec){ 0, MINUS });
#endif
}

static inline void leaf(double *a)
{
    vec v[8];

    for (int j = 0; j < 8; j++)
        v[j] = lanes(load(a + j * LANES));
    eight(v);
    for (int j = 0; j < 8; j++)
        store(a + j * LANES, v[j]);
}

/* 1, 2 or 3 levels between the `1 << bits` numbers a[i], a[i + stride], ... for i < n. */
static inline void pass(uint32_t bits, double *a, uint64_t stride, uint64_t n)
{
    for (uint64_t i = 0; i < n; i += LANES) {
        vec v[8];

        for (int j = 0; j < 1 << bits; j++) {
            v[j] = load(a + (uint64_t)j * stride + i);
            if (stride >= UINT64_C(1) << (BASE_BITS - 2))
                __builtin_prefetch(a + (uint64_t)j * stride + i + AHEAD, 1);
        }
        if (bits == 3)
            eight(v);
        else if (bits == 2)
            four(v);
        else
            two(v);
        for (int j = 0; j < 1 << bits; j++)
            store(a + (uint64_t)j * stride + i, v[j]);
    }
}

static void textbook(uint32_t n, double *a)
{
    const uint64_t size = UINT64_C(1) << n;

    for (uint64_t half = 1; half < size; half *= 2)
        for (uint64_t start = 0; start < size; start += 2 * half)
            for (uint64_t i = start; i < start + half; i++) {
                const double u = a[i], v = a[i + half];

                a[i] = u + v;
                a[i + half] = u - v;
            }
}

static void base(uint32_t n, double *a)
{
    const uint64_t size = UINT64_C(1) << n;
    uint32_t done = LEAF_BITS;

    for (uint64_t start = 0; start < size; start += UINT64_C(1) << LEAF_BITS)
        leaf(a + start);
    for (; done + 3 <= n; done += 3)
        for (uint64_t start = 0; start < size; start += UINT64_C(8) << done)
            pass(3, a + start, UINT64_C(1) << done, UINT64_C(1) << done);
    if (done + 2 == n)
        pass(2, a, size / 4, size / 4);
    else if (done + 1 == n)
        pass(1, a, size / 2, size / 2);
}

void SB_ISA_NAME(sb_walsh_hadamard)(uint32_t n, double *a)
{
    if (n < LEAF_BITS) {
        textbook(n, a);
    } else if (n <= BASE_BITS) {
        base(n, a);
    } else {
        for (uint64_t j = 0; j < 8; j++)
            SB_ISA_NAME(sb_walsh_hadamard)(n - 3, a + (j << (n - 3)));
        SB_ISA_NAME(sb_walsh_hadamard_top)(n, a, 0, UINT64_C(1) << (n - 3));
    }
}

void SB_ISA_NAME(sb_walsh_hadamard_top)(uint32_t n, double *a, uint64_t from, uint64_t to)
{
    pass(3, a + from, UINT64_C(1) << (n - 3), to - from);
}
