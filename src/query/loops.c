/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The operators on a block: one loop each over the examples; compiled once for each instruction
 * set. Every example's value is the same whatever stands beside it, and whatever the instruction
 * set. */
#include "query/arith.h"
#include "query/kernels.h"
#include "query/op.h"

#include <sleef.h>
#include <string.h>
#ifdef SB_WITH_X86_ISAS
#include <immintrin.h>
#endif

/* The widest vectors of the instruction set, and SLEEF's functions on them: all of its `cinz`
 * functions give the same bits (tests/unit/test_eval.c). */
#if defined(__AVX512F__)
enum { WIDTH = 8 };
typedef __m512d sleef_vector;
#define SLEEF(f) Sleef_cinz_##f##d8_u10avx512fnofma
#elif defined(__AVX__)
enum { WIDTH = 4 };
typedef __m256d sleef_vector;
#define SLEEF(f) Sleef_cinz_##f##d4_u10avx
#elif defined(__SSE2__)
enum { WIDTH = 2 };
typedef __m128d sleef_vector;
#define SLEEF(f) Sleef_cinz_##f##d2_u10sse2
#else
enum { WIDTH = 2 };
typedef double sleef_vector;
#define SLEEF(f) Sleef_cinz_##f##d1_u10purec
#endif
typedef double vector __attribute__((vector_size(WIDTH * 8)));
typedef int64_t words __attribute__((vector_size(WIDTH * 8)));

#define KERNEL(name)                                                                               \
    static const double *name(struct sb_lane *lane, const double *num, uint32_t n_num,             \
                              const double *const *in, double *restrict out)
#define IGNORE(p) (void)(p)

/* One operator on one example: of a and b; e: a further number. A clip has its numbers in b and
 * e. */
#define ADD_total(a, b, e) sb_plus(a, b)
#define SUB_total(a, b, e) sb_minus(a, b)
#define MUL_total(a, b, e) sb_times(a, b)
#define DIV_total(a, b, e) sb_over(a, b)
#define ADD_plain(a, b, e) ((a) + (b))
#define SUB_plain(a, b, e) ((a) - (b))
#define MUL_plain(a, b, e) ((a) * (b))
#define DIV_plain(a, b, e) ((a) / (b))
#define MIN_total(a, b, e) sb_least(a, b)
#define MAX_total(a, b, e) sb_most(a, b)
#define MOD_total(a, b, e) sb_mod(a, b)
#define LT_total(a, b, e) ((a) < (b) ? 1 : 0)
#define LE_total(a, b, e) ((a) <= (b) ? 1 : 0)
#define EQ_total(a, b, e) ((a) == (b) ? 1 : 0)
#define NEAR_total(a, b, e) (fabs(sb_minus(a, b)) <= (e) ? 1 : 0)
#define NEG_total(a, b, e) (-(a))
#define ABS_total(a, b, e) fabs(a)
#define RELU_total(a, b, e) sb_most(a, 0)
#define RELU_plain RELU_total
#define STEP_total(a, b, e) ((a) >= 0 ? 1 : 0)
#define STEP_plain STEP_total
#define CLIP_total(a, b, e) sb_least(sb_most(a, b), e)
#define CLIP_plain CLIP_total

/* Columns and numbers of a kind. */
#define A_VV a[i]
#define B_VV b[i]
#define A_VC a[i]
#define B_VC b0
#define A_CV a0
#define B_CV b[i]
#define NUMBERS_VV IGNORE(b)
#define NUMBERS_VC const double b0 = b[0]
#define NUMBERS_CV const double a0 = a[0]
/* Where the further number of an operator stands, the operand's own numbers being q. */
#define FURTHER(op, q) FURTHER_##op(q)
#define FURTHER_ADD(q) 0
#define FURTHER_SUB(q) 0
#define FURTHER_MUL(q) 0
#define FURTHER_DIV(q) 0
#define FURTHER_MIN(q) 0
#define FURTHER_MAX(q) 0
#define FURTHER_MOD(q) 0
#define FURTHER_LT(q) 0
#define FURTHER_LE(q) 0
#define FURTHER_EQ(q) 0
#define FURTHER_NEAR(q) in[2][0]
#define FURTHER_NEG(q) 0
#define FURTHER_ABS(q) 0
#define FURTHER_RELU(q) 0
#define FURTHER_STEP(q) 0
#define FURTHER_CLIP(q) (q)[1]

#define LOOP(op, form, kind)                                                                       \
    KERNEL(op##_##form##_##kind)                                                                   \
    {                                                                                              \
        const double *a = in[0], *b = in[1];                                                       \
        const double e = FURTHER(op, b);                                                           \
        const uint64_t n = lane->n;                                                                \
        NUMBERS_##kind;                                                                            \
                                                                                                   \
        IGNORE(num), IGNORE(n_num), IGNORE(e);                                                     \
        for (uint64_t i = 0; i < n; i++)                                                           \
            out[i] = op##_##form(A_##kind, B_##kind, e);                                           \
        return out;                                                                                \
    }
#define LOOPS(op, form) LOOP(op, form, VV) LOOP(op, form, VC) LOOP(op, form, CV)

LOOPS(ADD, total)
LOOPS(SUB, total)
LOOPS(MUL, total)
LOOPS(DIV, total)
LOOPS(ADD, plain)
LOOPS(SUB, plain)
LOOPS(MUL, plain)
LOOPS(DIV, plain)
LOOPS(MIN, total)
LOOPS(MAX, total)
LOOPS(MOD, total)
LOOPS(LT, total)
LOOPS(LE, total)
LOOPS(EQ, total)
LOOPS(NEAR, total)
LOOP(NEG, total, VV)
LOOP(ABS, total, VV)
LOOP(RELU, total, VV)
LOOP(STEP, total, VV)
LOOP(CLIP, total, VC)

/* Two operators in one pass. */
#define SECOND_VV(op, v) op##_plain(v, 0, 0)
#define SECOND_VC(op, v) op##_plain(v, c, d)
#define SECOND_CV(op, v) op##_plain(c, v, d)
#define NUMBER_VV 0
#define NUMBER_VC in[2][0]
#define NUMBER_CV in[2][0]

#define FUSED(op2, kind2, op1, kind1)                                                              \
    KERNEL(op1##_##kind1##_##op2##_##kind2)                                                        \
    {                                                                                              \
        const double *a = in[0], *b = in[1];                                                       \
        const double e = FURTHER(op1, b), c = NUMBER_##kind2, d = FURTHER(op2, in[2]);             \
        const uint64_t n = lane->n;                                                                \
        NUMBERS_##kind1;                                                                           \
                                                                                                   \
        IGNORE(num), IGNORE(n_num), IGNORE(c), IGNORE(d), IGNORE(e);                               \
        for (uint64_t i = 0; i < n; i++) {                                                         \
            const double v = op1##_plain(A_##kind1, B_##kind1, e);                                 \
                                                                                                   \
            out[i] = SECOND_##kind2(op2, v);                                                       \
        }                                                                                          \
        return out;                                                                                \
    }
#define FUSED_ROW(op2, kind2, op1, kind1)                                                          \
    { SB_##op1, SB_##op2, SB_##kind1, SB_##kind2, op1##_##kind1##_##op2##_##kind2 },
#define WITH_SECONDS(op1, kind1, each) SB_SECONDS(each, op1, kind1)

SB_FIRSTS(WITH_SECONDS, FUSED)
static const struct sb_fused fused[] = { SB_FIRSTS(WITH_SECONDS, FUSED_ROW) };

/* SLEEF's functions, on as many examples at once as the instruction set has room for. */
#define TRANSCENDENTAL(f, lo, hi)                                                                  \
    KERNEL(f##_total)                                                                              \
    {                                                                                              \
        const uint64_t n = lane->n;                                                                \
        uint64_t i = 0;                                                                            \
                                                                                                   \
        IGNORE(num), IGNORE(n_num);                                                                \
        for (; i + sizeof(sleef_vector) / 8 <= n; i += sizeof(sleef_vector) / 8) {                 \
            sleef_vector v;                                                                        \
                                                                                                   \
            memcpy(&v, in[0] + i, sizeof v);                                                       \
            v = SLEEF(f)(v);                                                                       \
            memcpy(out + i, &v, sizeof v);                                                         \
        }                                                                                          \
        for (; i < n; i++)                                                                         \
            out[i] = Sleef_cinz_##f##d1_u10purec(in[0][i]);                                        \
        for (i = 0; i < n; i++)                                                                    \
            out[i] = sb_least(sb_most(out[i], lo), hi);                                            \
        return out;                                                                                \
    }
TRANSCENDENTAL(sin, -1, 1)
TRANSCENDENTAL(cos, -1, 1)
TRANSCENDENTAL(exp, 0, DBL_MAX)

/* Sums and recurrences are computed without saturation first, on UNROLLED vectors at once that stay
 * in the CPU's registers. Where an operation leaves the doubles, what follows is infinite or no
 * number to the end: a last value that is finite proves that saturation would have changed nothing;
 * if one is not, the piece is computed again with it. */
enum {
    UNROLLED = 8,
    STRIDE = UNROLLED * WIDTH,
    THREE_FIT = 4, /* so many vectors, where each needs three */
    HERMITE_STRIDE = THREE_FIT * WIDTH
};
#define UNROLL _Pragma("GCC unroll 8")

#define ALWAYS static inline __attribute__((always_inline))

/* *bad: 0 until one of the values is not finite, then no number. */
ALWAYS void note_overflow(const vector *v, int n, vector *bad)
{
    UNROLL for (int k = 0; k < n; k++) *bad += v[k] - v[k];
}

static bool is_zero(const vector *v)
{
    double sum = 0;

    for (int k = 0; k < WIDTH; k++)
        sum += (*v)[k];
    return sum == 0;
}

/* out[i] += u where coordinate j of example i is 1 */
static void add_bit(const uint64_t *bits, uint32_t j, double u, uint64_t n, double *restrict out)
{
    uint64_t u_bits;

    memcpy(&u_bits, &u, sizeof u);
    for (uint64_t i = 0; i < n; i++) {
        const uint64_t masked = u_bits & (0 - (bits[i] >> j & 1));
        double term;

        memcpy(&term, &masked, sizeof term);
        out[i] = sb_plus(out[i], term);
    }
}

static void add_column(const double *x, double u, uint64_t n, double *restrict out)
{
    for (uint64_t i = 0; i < n; i++)
        out[i] = sb_plus(out[i], sb_times(u, x[i]));
}

/* In the order of the coordinates; a zero weight adds nothing. */
static void dot_total(const struct sb_block *block, const double *num, uint32_t n_num,
                      uint64_t from, uint64_t to, double *restrict out)
{
    memset(out + from, 0, (to - from) * sizeof *out);
    for (uint32_t j = 0; j < n_num; j++) {
        if (num[j] == 0)
            continue;
        if (block->x)
            add_column(block->x[j] + from, num[j], to - from, out + from);
        else
            add_bit(block->bits + from, j, num[j], to - from, out + from);
    }
}

static inline vector column_term(const struct sb_block *block, uint32_t j, double u, uint64_t i)
{
    vector x;

    memcpy(&x, block->x[j] + i, sizeof x);
    return u * x;
}

static inline vector bit_term(const struct sb_block *block, uint32_t j, double u, uint64_t i)
{
    const vector all = u - (vector){ 0 };
    words bits, chosen;
    vector term;

    memcpy(&bits, block->bits + i, sizeof bits);
    memcpy(&chosen, &all, sizeof all);
    chosen &= (bits << (63 - j)) >> 63;
    memcpy(&term, &chosen, sizeof term);
    return term;
}

#define DOT_PLAIN(name, term)                                                                      \
    ALWAYS void name(const struct sb_block *block, const double *num, uint32_t n_num,              \
                     uint64_t from, double *restrict out, vector *bad)                             \
    {                                                                                              \
        vector sum[UNROLLED] = { { 0 } };                                                          \
                                                                                                   \
        for (uint32_t j = 0; j < n_num; j++) {                                                     \
            if (num[j] == 0)                                                                       \
                continue;                                                                          \
            UNROLL for (uint64_t k = 0; k < UNROLLED; k++) sum[k] +=                               \
                term(block, j, num[j], from + k * WIDTH);                                          \
        }                                                                                          \
        note_overflow(sum, UNROLLED, bad);                                                         \
        memcpy(out + from, sum, sizeof sum);                                                       \
    }
DOT_PLAIN(dot_columns, column_term)
DOT_PLAIN(dot_bits, bit_term)

KERNEL(dot)
{
    const struct sb_block *block = lane->block;
    const bool columns = block->x;
    vector bad = { 0 };
    uint64_t i = 0;

    IGNORE(in);
    for (; columns && i + STRIDE <= lane->n; i += STRIDE)
        dot_columns(block, num, n_num, i, out, &bad);
    for (; !columns && i + STRIDE <= lane->n; i += STRIDE)
        dot_bits(block, num, n_num, i, out, &bad);
    dot_total(block, num, n_num, is_zero(&bad) ? i : 0, lane->n, out);
    return out;
}

/* The recurrence's factors at k = 0, 1, ... (arith.h). */
struct hermite_steps {
    double up[SB_HERMITE_MAX], back[SB_HERMITE_MAX];
};

/* Some lanes at a time, so that h_{k-1} and h_k stay near. */
static void hermite_total(uint32_t degree, const struct hermite_steps *s, const double *t,
                          uint64_t n, double *restrict out)
{
    double before[STRIDE] = { 0 };

    for (uint64_t i = 0; i < n; i++)
        out[i] = 1;
    for (uint32_t k = 0; k < degree; k++)
        for (uint64_t i = 0; i < n; i++) {
            const double next = sb_hermite_next(t[i], out[i], before[i], s->up[k], s->back[k]);

            before[i] = out[i];
            out[i] = next;
        }
}

/* The same for degree >= 1 and THREE_FIT vectors: h_0 = 1, h_1 = t. */
ALWAYS void hermite_plain(uint32_t degree, const struct hermite_steps *s, const double *from,
                          double *restrict out, vector *bad)
{
    vector t[THREE_FIT], h[THREE_FIT], before[THREE_FIT];

    UNROLL for (int i = 0; i < THREE_FIT; i++)
    {
        memcpy(&t[i], from + i * WIDTH, sizeof *t);
        before[i] = 1 - (vector){ 0 };
        h[i] = t[i];
    }
    for (uint32_t k = 1; k < degree; k++)
        UNROLL for (int i = 0; i < THREE_FIT; i++)
        {
            const vector next = t[i] * h[i] * s->up[k] - s->back[k] * before[i];

            before[i] = h[i];
            h[i] = next;
        }
    note_overflow(h, THREE_FIT, bad);
    UNROLL for (int i = 0; i < THREE_FIT; i++) memcpy(out + i * WIDTH, &h[i], sizeof *h);
}

KERNEL(hermite)
{
    const uint32_t degree = (uint32_t)num[0];
    const uint64_t n = lane->n;
    struct hermite_steps steps;
    vector bad = { 0 };
    uint64_t i = 0;

    IGNORE(n_num);
    for (uint32_t k = 0; k < degree; k++) {
        steps.up[k] = sb_hermite_up(k);
        steps.back[k] = sb_hermite_back(k);
    }
    for (; degree && i + HERMITE_STRIDE <= n; i += HERMITE_STRIDE)
        hermite_plain(degree, &steps, in[0] + i, out + i, &bad);
    for (i = is_zero(&bad) ? i : 0; i < n; i += STRIDE)
        hermite_total(degree, &steps, in[0] + i, n - i < STRIDE ? n - i : STRIDE, out + i);
    return out;
}

/* Functions of the bits of an example that take two values. */

/* The parity of the highest 2^folds bits of t as its sign. */
ALWAYS uint64_t folded(uint64_t t, int folds)
{
    t ^= folds > 5 ? t << 32 : 0;
    t ^= folds > 4 ? t << 16 : 0;
    t ^= folds > 3 ? t << 8 : 0;
    t ^= folds > 2 ? t << 4 : 0;
    t ^= folds > 1 ? t << 2 : 0;
    return t ^ (folds > 0 ? t << 1 : 0);
}

/* num: masks and shifts (kernels.h) */
ALWAYS void parities(const uint64_t *restrict x, const double *num, uint64_t n, int folds,
                     bool product, double *restrict out)
{
    uint64_t p[4];

    memcpy(p, num, sizeof p);
    for (uint64_t i = 0; i < n; i++) {
        uint64_t t = x[i] & p[0];

        t ^= product ? x[i] & x[i] >> p[2] & p[1] : 0;
        t = folded(t << p[3], folds);
        memcpy(&out[i], &t, sizeof t);
    }
}

#define PARITY(folds)                                                                              \
    KERNEL(parity##folds)                                                                          \
    {                                                                                              \
        IGNORE(n_num), IGNORE(in);                                                                 \
        parities(lane->block->bits, num, lane->n, folds, false, out);                              \
        return out;                                                                                \
    }                                                                                              \
    KERNEL(product_parity##folds)                                                                  \
    {                                                                                              \
        IGNORE(n_num), IGNORE(in);                                                                 \
        parities(lane->block->bits, num, lane->n, folds, true, out);                               \
        return out;                                                                                \
    }
PARITY(0)
PARITY(1)
PARITY(2)
PARITY(3)
PARITY(4)
PARITY(5)
PARITY(6)

/* By the sign bit of t. */
static inline double chosen(uint64_t t, uint64_t zero, uint64_t one)
{
    const uint64_t bits = zero ^ ((zero ^ one) & (0 - (t >> 63)));
    double v;

    memcpy(&v, &bits, sizeof v);
    return v;
}

KERNEL(choose)
{
    const double *a = in[0];
    const uint64_t n = lane->n;
    uint64_t value[2], t;

    IGNORE(num), IGNORE(n_num);
    memcpy(value, in[1], sizeof value);
    for (uint64_t i = 0; i < n; i++) {
        memcpy(&t, &a[i], sizeof t);
        out[i] = chosen(t, value[0], value[1]);
    }
    return out;
}

KERNEL(choose_bit)
{
    const uint64_t *x = lane->block->bits;
    const uint64_t n = lane->n;
    const double zero = in[1][0], one = in[1][1];
    uint64_t value[2], bit, up;

    IGNORE(n_num);
    memcpy(value, in[1], sizeof value);
    memcpy(&bit, num, sizeof bit);
    up = (uint64_t)__builtin_clzll(bit);
    /* the same; SSE2 does not compare such words */
    for (uint64_t i = 0; i < n && WIDTH == 2; i++)
        out[i] = chosen(x[i] << up, value[0], value[1]);
    for (uint64_t i = 0; i < n && WIDTH > 2; i++)
        out[i] = x[i] & bit ? one : zero;
    return out;
}

#define TOTAL(op)                                                                                  \
    {                                                                                              \
        .total = { op##_total_VV, op##_total_VC, op##_total_CV }                                   \
    }
#define ARITHMETIC(op)                                                                             \
    {                                                                                              \
        .total = { op##_total_VV, op##_total_VC, op##_total_CV }, .plain = {                       \
            op##_plain_VV,                                                                         \
            op##_plain_VC,                                                                         \
            op##_plain_CV                                                                          \
        }                                                                                          \
    }

const struct sb_kernels SB_ISA_NAME(sb_kernels) = {
    .op = {
        [SB_DOT] = { .total = { dot } },
        [SB_HERMITE] = { .total = { hermite } },
        [SB_CANDIDATE] = { .total = { sb_eval_candidate } },
        [SB_CANDIDATE_BIT] = { .total = { sb_eval_candidate_bit } },
        [SB_Y] = { .total = { sb_eval_y } },
        [SB_X] = { .total = { sb_eval_column } },
        [SB_ADD] = ARITHMETIC(ADD),
        [SB_SUB] = ARITHMETIC(SUB),
        [SB_MUL] = ARITHMETIC(MUL),
        [SB_DIV] = ARITHMETIC(DIV),
        [SB_NEG] = { .total = { NEG_total_VV } },
        [SB_ABS] = { .total = { ABS_total_VV } },
        [SB_MIN] = TOTAL(MIN),
        [SB_MAX] = TOTAL(MAX),
        [SB_MOD] = TOTAL(MOD),
        [SB_RELU] = { .total = { RELU_total_VV } },
        [SB_STEP] = { .total = { STEP_total_VV } },
        [SB_LT] = TOTAL(LT),
        [SB_LE] = TOTAL(LE),
        [SB_EQ] = TOTAL(EQ),
        [SB_NEAR] = TOTAL(NEAR),
        [SB_CLIP] = { .total = { CLIP_total_VC, CLIP_total_VC } },
        [SB_SIN] = { .total = { sin_total } },
        [SB_COS] = { .total = { cos_total } },
        [SB_EXP] = { .total = { exp_total } },
    },
    .fused = fused,
    .n_fused = sizeof fused / sizeof *fused,
    .parity = { parity0, parity1, parity2, parity3, parity4, parity5, parity6 },
    .product_parity = { product_parity0, product_parity1, product_parity2, product_parity3,
                        product_parity4, product_parity5, product_parity6 },
    .choose = choose,
    .choose_bit = choose_bit,
};
