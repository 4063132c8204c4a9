/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Ranges by interval arithmetic. Rounding to nearest and saturation are monotone, and the ends go
 * through the functions of arith.h that evaluation is made of: so for an operator that is monotone
 * in each argument the values at the ends enclose every computed value, rounding included. */
#include "query/arith.h"
#include "query/op.h"
#include "query/pool.h"

#include "base/memory.h"

#include <sleef.h>
#include <string.h>

static const struct sb_interval everything = { -DBL_MAX, DBL_MAX };
static const struct sb_interval zero = { 0, 0 };
static const struct sb_interval unit = { 0, 1 };

static struct sb_interval interval(double lo, double hi)
{
    return (struct sb_interval){ lo, hi };
}

static struct sb_interval point(double v)
{
    return interval(v, v);
}

static bool contains(struct sb_interval a, double v)
{
    return a.lo <= v && v <= a.hi;
}

static struct sb_interval hull4(double a, double b, double c, double d)
{
    return interval(sb_least(sb_least(a, b), sb_least(c, d)),
                    sb_most(sb_most(a, b), sb_most(c, d)));
}

/* 1 where it is certain, 0 where it is impossible. */
static struct sb_interval truth(bool certain, bool possible)
{
    return interval(certain ? 1 : 0, possible ? 1 : 0);
}

static struct sb_interval labels(const struct sb_space *space)
{
    double lo, hi;

    return sb_space_label_range(space, &lo, &hi) ? interval(lo, hi) : everything;
}

static struct sb_interval coordinate(const struct sb_space *space)
{
    switch (space->domain) {
    case SB_CUBE:
        return unit;
    case SB_ZQ:
        return interval(0, space->modulus ? space->modulus - 1.0 : 0);
    default:
        return everything;
    }
}

struct sb_interval sb_range_const(const struct sb_bounds *in)
{
    return point(in->node->num[0]);
}

struct sb_interval sb_range_y(const struct sb_bounds *in)
{
    return labels(in->space);
}

struct sb_interval sb_range_x(const struct sb_bounds *in)
{
    return coordinate(in->space);
}

struct sb_interval sb_range_dot(const struct sb_bounds *in)
{
    const struct sb_interval x = coordinate(in->space);
    struct sb_interval sum = zero;

    for (uint32_t j = 0; j < in->node->n_num; j++) {
        const double at_lo = sb_times(in->node->num[j], x.lo);
        const double at_hi = sb_times(in->node->num[j], x.hi);

        sum.lo = sb_plus(sum.lo, sb_least(at_lo, at_hi));
        sum.hi = sb_plus(sum.hi, sb_most(at_lo, at_hi));
    }
    return sum;
}

struct sb_interval sb_range_chi(const struct sb_bounds *in)
{
    return in->node->n_num ? interval(-1, 1) : point(1);
}

/* A label; of examples that have none, a likelihood ratio. */
struct sb_interval sb_range_candidate(const struct sb_bounds *in)
{
    const double most = in->space->candidate_ub;

    if (sb_space_is_unlabelled(in->space))
        return interval(0, most > 0 ? sb_least(most, DBL_MAX) : DBL_MAX);
    return labels(in->space);
}

struct sb_interval sb_range_candidate_bit(const struct sb_bounds *in)
{
    (void)in;
    return unit;
}

struct sb_interval sb_range_add(const struct sb_bounds *in)
{
    return interval(sb_plus(in->a.lo, in->b.lo), sb_plus(in->a.hi, in->b.hi));
}

struct sb_interval sb_range_sub(const struct sb_bounds *in)
{
    if (in->same)
        return zero;
    return interval(sb_minus(in->a.lo, in->b.hi), sb_minus(in->a.hi, in->b.lo));
}

static struct sb_interval product(struct sb_interval a, struct sb_interval b)
{
    return hull4(sb_times(a.lo, b.lo), sb_times(a.lo, b.hi), sb_times(a.hi, b.lo),
                 sb_times(a.hi, b.hi));
}

struct sb_interval sb_range_mul(const struct sb_bounds *in)
{
    const double lo_sq = sb_times(in->a.lo, in->a.lo), hi_sq = sb_times(in->a.hi, in->a.hi);

    if (!in->same)
        return product(in->a, in->b);
    return interval(contains(in->a, 0) ? 0 : sb_least(lo_sq, hi_sq), sb_most(lo_sq, hi_sq));
}

struct sb_interval sb_range_div(const struct sb_bounds *in)
{
    const struct sb_interval a = in->a, b = in->b;

    if ((a.lo == 0 && a.hi == 0) || (b.lo == 0 && b.hi == 0))
        return zero;
    /* next to 0 a quotient is as large as doubles get, and at 0 it is 0, whatever a is */
    if (contains(b, 0))
        return interval(a.lo >= 0 && b.lo >= 0 ? 0 : -DBL_MAX,
                        a.hi <= 0 && b.lo >= 0 ? 0 : DBL_MAX);
    return hull4(sb_over(a.lo, b.lo), sb_over(a.lo, b.hi), sb_over(a.hi, b.lo),
                 sb_over(a.hi, b.hi));
}

struct sb_interval sb_range_neg(const struct sb_bounds *in)
{
    return interval(-in->a.hi, -in->a.lo);
}

struct sb_interval sb_range_abs(const struct sb_bounds *in)
{
    const double lo = fabs(in->a.lo), hi = fabs(in->a.hi);

    return interval(contains(in->a, 0) ? 0 : sb_least(lo, hi), sb_most(lo, hi));
}

struct sb_interval sb_range_min(const struct sb_bounds *in)
{
    return interval(sb_least(in->a.lo, in->b.lo), sb_least(in->a.hi, in->b.hi));
}

struct sb_interval sb_range_max(const struct sb_bounds *in)
{
    return interval(sb_most(in->a.lo, in->b.lo), sb_most(in->a.hi, in->b.hi));
}

/* The next double below v > 0. */
static double below(double v)
{
    uint64_t bits;

    memcpy(&bits, &v, sizeof v);
    bits--;
    memcpy(&v, &bits, sizeof v);
    return v;
}

/* In [0, b), and for a >= 0 not above a: there floor(a/b) and its product with b are >= 0. For
 * 0 <= a < b it is a itself: a/b is at most 1 - 2^-53, which is a double, so the floor is 0. */
struct sb_interval sb_range_mod(const struct sb_bounds *in)
{
    const struct sb_interval a = in->a, b = in->b;
    double hi;

    if (b.hi <= 0)
        return zero;
    if (a.lo >= 0 && a.hi < b.lo)
        return a;
    hi = below(b.hi);
    return interval(0, a.lo >= 0 ? sb_least(hi, a.hi) : hi);
}

struct sb_interval sb_range_relu(const struct sb_bounds *in)
{
    return interval(sb_most(in->a.lo, 0), sb_most(in->a.hi, 0));
}

struct sb_interval sb_range_step(const struct sb_bounds *in)
{
    return truth(in->a.lo >= 0, in->a.hi >= 0);
}

struct sb_interval sb_range_lt(const struct sb_bounds *in)
{
    if (in->same)
        return zero;
    return truth(in->a.hi < in->b.lo, in->a.lo < in->b.hi);
}

struct sb_interval sb_range_le(const struct sb_bounds *in)
{
    if (in->same)
        return point(1);
    return truth(in->a.hi <= in->b.lo, in->a.lo <= in->b.hi);
}

struct sb_interval sb_range_eq(const struct sb_bounds *in)
{
    const bool certain = in->a.lo == in->a.hi && in->b.lo == in->b.hi && in->a.lo == in->b.lo;

    if (in->same)
        return point(1);
    return truth(certain, in->a.lo <= in->b.hi && in->b.lo <= in->a.hi);
}

struct sb_interval sb_range_near(const struct sb_bounds *in)
{
    const struct sb_interval d = sb_range_sub(in);
    const double eps = in->node->num[0];

    return truth(-d.lo <= eps && d.hi <= eps, -d.hi <= eps && d.lo <= eps);
}

struct sb_interval sb_range_clip(const struct sb_bounds *in)
{
    const double lo = in->node->num[0], hi = in->node->num[1];

    return interval(sb_least(sb_most(in->a.lo, lo), hi), sb_least(sb_most(in->a.hi, lo), hi));
}

struct sb_interval sb_range_wave(const struct sb_bounds *in)
{
    (void)in;
    return interval(-1, 1);
}

static double computed_exp(double v)
{
    return sb_least(sb_most(Sleef_cinz_expd1_u10purec(v), 0), DBL_MAX);
}

/* SLEEF's u10 functions are within 1.0 ulp of the truth, at most 2^-52 relative for normal numbers,
 * and the true exp is monotone: the computed value anywhere is at most (1 + 2^-52)/(1 - 2^-52)
 * < 1 + 2^-50 times the computed value at the upper end, and likewise below. Under 1e-300 nothing
 * is asked of its precision but that it stays under. */
struct sb_interval sb_range_exp(const struct sb_bounds *in)
{
    const double slight = 0x1p-50, tiny = 1e-300;
    const double lo = computed_exp(in->a.lo), hi = computed_exp(in->a.hi);

    return interval(lo > tiny ? lo * (1 - slight) : 0,
                    sb_saturate(sb_most(hi, tiny) * (1 + slight)));
}

/* h_k over one piece [t.lo, t.hi]: the recurrence on intervals. */
static struct sb_interval hermite_piece(uint32_t degree, struct sb_interval t)
{
    struct sb_interval before = zero, h = point(1);

    for (uint32_t k = 0; k < degree; k++) {
        const double up = sb_hermite_up(k), back = sb_hermite_back(k);
        const struct sb_interval grown = product(t, h);
        const struct sb_interval next = {
            sb_minus(sb_times(grown.lo, up), sb_times(back, before.hi)),
            sb_minus(sb_times(grown.hi, up), sb_times(back, before.lo)),
        };

        before = h;
        h = next;
    }
    return h;
}

/* Every operation of the recurrence is monotone in each argument, so its interval form encloses the
 * computed values as they are, without widening. It forgets that h_k and h_{k-1} belong to one t;
 * the pieces, each computed alone, win most of that back. */
struct sb_interval sb_range_hermite(const struct sb_bounds *in)
{
    enum { PIECES = 64 };
    const uint32_t degree = (uint32_t)in->node->num[0];
    const double width = sb_minus(in->a.hi, in->a.lo) / PIECES;
    struct sb_interval hull;
    double from = in->a.lo;

    if (degree < 2 || in->a.lo == in->a.hi || sb_minus(in->a.hi, in->a.lo) >= 1e6)
        return hermite_piece(degree, in->a);
    hull = point(hermite_piece(degree, point(from)).lo);
    for (uint32_t i = 1; i <= PIECES; i++) {
        /* neighbours share their end, so nothing falls between them */
        const double to = i == PIECES ? in->a.hi : sb_least(in->a.lo + i * width, in->a.hi);
        const struct sb_interval piece = hermite_piece(degree, interval(from, to));

        hull = interval(sb_least(hull.lo, piece.lo), sb_most(hull.hi, piece.hi));
        from = to;
    }
    return hull;
}

/* The one of `visits` with the ranges of its arguments. */
static struct sb_bounds bounds_of(const struct sb_space *space, const struct sb_visit *visit,
                                  const struct sb_interval *ranges)
{
    return (struct sb_bounds){ space, visit->node, ranges[visit->arg[0]], ranges[visit->arg[1]],
                               visit->arg[0] == visit->arg[1] };
}

struct sb_interval sb_expr_range(const struct sb_pool *pool, sb_expr e)
{
    enum { USUAL = 64 };
    struct sb_interval usual[USUAL], *ranges = usual, result = everything;
    struct sb_interval *many SB_FREE = NULL;
    uint32_t n;
    const struct sb_visit *visits = sb_pool_walk(pool, e, &n);

    if (!visits)
        return everything;
    if (n > USUAL)
        ranges = many = SB_NEW_ARRAY(struct sb_interval, n);
    if (!ranges)
        return everything; /* true, if not sharp */
    ranges[0] = zero;
    for (uint32_t i = 0; i < n; i++) {
        const struct sb_bounds in = bounds_of(sb_pool_space(pool), &visits[i], ranges);

        result = ranges[i] = sb_op_row(visits[i].node->op)->range(&in);
    }
    return result;
}
