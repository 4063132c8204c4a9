/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The operators on a block: one loop each over the examples. Every example's value is the same
 * whatever stands beside it. */
#include "query/arith.h"
#include "query/op.h"

#include <sleef.h>
#include <string.h>

/* A loop over the block with the value of one example as an expression of a[i] and b[i]. */
#define KERNEL(name, value)                                                                        \
    const double *name(struct sb_lane *lane, const double *num, uint32_t n_num,                    \
                       const double *restrict a, const double *restrict b, double *restrict out)   \
    {                                                                                              \
        const uint64_t n = lane->block->n;                                                         \
                                                                                                   \
        (void)num;                                                                                 \
        (void)n_num;                                                                               \
        (void)a;                                                                                   \
        (void)b;                                                                                   \
        for (uint64_t i = 0; i < n; i++)                                                           \
            out[i] = (value);                                                                      \
        return out;                                                                                \
    }

KERNEL(sb_eval_const, num[0])
KERNEL(sb_eval_add, sb_plus(a[i], b[i]))
KERNEL(sb_eval_sub, sb_minus(a[i], b[i]))
KERNEL(sb_eval_mul, sb_times(a[i], b[i]))
KERNEL(sb_eval_div, sb_over(a[i], b[i]))
KERNEL(sb_eval_neg, -a[i])
KERNEL(sb_eval_abs, fabs(a[i]))
KERNEL(sb_eval_min, sb_least(a[i], b[i]))
KERNEL(sb_eval_max, sb_most(a[i], b[i]))
KERNEL(sb_eval_mod, sb_mod(a[i], b[i]))
KERNEL(sb_eval_relu, sb_most(a[i], 0))
KERNEL(sb_eval_step, a[i] >= 0 ? 1 : 0)
KERNEL(sb_eval_lt, a[i] < b[i] ? 1 : 0)
KERNEL(sb_eval_le, a[i] <= b[i] ? 1 : 0)
KERNEL(sb_eval_eq, a[i] == b[i] ? 1 : 0)
KERNEL(sb_eval_near, fabs(sb_minus(a[i], b[i])) <= num[0] ? 1 : 0)
KERNEL(sb_eval_clip, sb_least(sb_most(a[i], num[0]), num[1]))
/* the one function for every example and every machine: SLEEF's for plain C */
KERNEL(sb_eval_sin, sb_least(sb_most(Sleef_cinz_sind1_u10purec(a[i]), -1), 1))
KERNEL(sb_eval_cos, sb_least(sb_most(Sleef_cinz_cosd1_u10purec(a[i]), -1), 1))
KERNEL(sb_eval_exp, sb_least(sb_most(Sleef_cinz_expd1_u10purec(a[i]), 0), DBL_MAX))

#define IGNORE(p) (void)(p)

const double *sb_eval_y(struct sb_lane *lane, const double *num, uint32_t n_num,
                        const double *restrict a, const double *restrict b, double *restrict out)
{
    IGNORE(num), IGNORE(n_num), IGNORE(a), IGNORE(b), IGNORE(out);
    return lane->block->y;
}

/* out[i] += u where coordinate j of example i is 1: a mask, so that the loop is vector code */
static void add_bit(const struct sb_block *block, uint32_t j, double u, double *restrict out)
{
    uint64_t u_bits;

    memcpy(&u_bits, &u, sizeof u);
    for (uint64_t i = 0; i < block->n; i++) {
        const uint64_t masked = u_bits & (0 - (block->bits[i] >> j & 1));
        double term;

        memcpy(&term, &masked, sizeof term);
        out[i] = sb_plus(out[i], term);
    }
}

static void add_column(const struct sb_block *block, uint32_t j, double u, double *restrict out)
{
    const double *x = block->x[j];

    for (uint64_t i = 0; i < block->n; i++)
        out[i] = sb_plus(out[i], sb_times(u, x[i]));
}

const double *sb_eval_dot(struct sb_lane *lane, const double *num, uint32_t n_num,
                          const double *restrict a, const double *restrict b, double *restrict out)
{
    const bool cube = lane->space->domain == SB_CUBE;

    IGNORE(a), IGNORE(b);
    memset(out, 0, lane->block->n * sizeof *out);
    /* in the order of the coordinates; a zero weight adds nothing */
    for (uint32_t j = 0; j < n_num; j++) {
        if (num[j] == 0)
            continue;
        (cube ? add_bit : add_column)(lane->block, j, num[j], out);
    }
    return out;
}

const double *sb_eval_x(struct sb_lane *lane, const double *num, uint32_t n_num,
                        const double *restrict a, const double *restrict b, double *restrict out)
{
    const uint32_t j = (uint32_t)num[0];

    IGNORE(n_num), IGNORE(a), IGNORE(b);
    if (lane->space->domain != SB_CUBE)
        return lane->block->x[j];
    memset(out, 0, lane->block->n * sizeof *out);
    add_bit(lane->block, j, 1, out);
    return out;
}

const double *sb_eval_chi(struct sb_lane *lane, const double *num, uint32_t n_num,
                          const double *restrict a, const double *restrict b, double *restrict out)
{
    const uint64_t *bits = lane->block->bits, n = lane->block->n;
    uint64_t mask = 0;

    IGNORE(a), IGNORE(b);
    for (uint32_t k = 0; k < n_num; k++)
        mask |= UINT64_C(1) << (uint32_t)num[k];
    for (uint64_t i = 0; i < n; i++) {
        uint64_t t = bits[i] & mask;
        uint64_t one = 0x3ff0000000000000; /* the bits of 1.0; the parity becomes its sign */

        t ^= t >> 32;
        t ^= t >> 16;
        t ^= t >> 8;
        t ^= t >> 4;
        t ^= t >> 2;
        t ^= t >> 1;
        one |= t << 63;
        memcpy(&out[i], &one, sizeof one);
    }
    return out;
}

/* Some lanes at a time, so that h_{k-1} and h_k stay in registers or near them. */
enum { LANES = 32 };

static void hermite_lanes(uint32_t degree, const double *restrict t, uint64_t n,
                          double *restrict out)
{
    double before[LANES] = { 0 };

    for (uint64_t i = 0; i < n; i++)
        out[i] = 1;
    for (uint32_t k = 0; k < degree; k++) {
        const double root0 = sqrt(k), root1 = sqrt(k + 1.0);

        for (uint64_t i = 0; i < n; i++) {
            const double next = sb_hermite_next(t[i], out[i], before[i], root0, root1);

            before[i] = out[i];
            out[i] = next;
        }
    }
}

const double *sb_eval_hermite(struct sb_lane *lane, const double *num, uint32_t n_num,
                              const double *restrict a, const double *restrict b,
                              double *restrict out)
{
    const uint64_t n = lane->block->n;

    IGNORE(n_num), IGNORE(b);
    for (uint64_t i = 0; i < n; i += LANES)
        hermite_lanes((uint32_t)num[0], a + i, n - i < LANES ? n - i : LANES, out + i);
    return out;
}

const double *sb_eval_candidate(struct sb_lane *lane, const double *num, uint32_t n_num,
                                const double *restrict a, const double *restrict b,
                                double *restrict out)
{
    const struct sb_candidates *c = lane->space->candidates;

    IGNORE(n_num), IGNORE(a), IGNORE(b);
    c->label(c->self, (uint64_t)num[0], lane->block, out);
    return out;
}

const double *sb_eval_candidate_bit(struct sb_lane *lane, const double *num, uint32_t n_num,
                                    const double *restrict a, const double *restrict b,
                                    double *restrict out)
{
    const struct sb_candidates *c = lane->space->candidates;
    const uint32_t bit = (uint32_t)num[0];

    IGNORE(n_num), IGNORE(a), IGNORE(b);
    if (!lane->agreed)
        c->agreeing(c->self, lane->block, lane->agreeing);
    lane->agreed = true;
    for (uint64_t i = 0; i < lane->block->n; i++) {
        const uint64_t index = lane->agreeing[i];

        out[i] = index != UINT64_MAX && (index >> bit & 1) ? 1 : 0;
    }
    return out;
}
