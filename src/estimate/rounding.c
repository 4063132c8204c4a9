/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How far the computed value of an expression can be from its exact value: a running error analysis
 * that knows when arithmetic on multiples of a power of two is exact. */
#include "estimate/rounding.h"

#include "numeric/ball.h"
#include "query/reason.h"

enum { MOST_DEPTH = 64, NOT_DYADIC = INT32_MIN, ANY = 2000 };

/* |value| <= mag; a multiple of 2^lsb (ANY: it is 0); |computed - exact| <= err. */
struct rounding {
    double mag, err;
    int lsb;
};

bool sb_divides_exactly(const struct sb_pool *pool, const struct sb_node *division)
{
    const struct sb_node *c = sb_pool_node(pool, division->arg[1]);

    return c->op == SB_CONST && sb_significant_bits(c->num[0]) == 1 && c->num[0] < 0x1p500 &&
           c->num[0] > -0x1p500 && (c->num[0] > 0x1p-500 || c->num[0] < -0x1p-500);
}

static int lsb_of(double v)
{
    return v == 0 ? ANY : sb_lowest_bit(v);
}

/* One operation whose exact result has this mag and lsb: no rounding where the result has at most
 * 53 bits above its lowest one. */
static struct rounding rounded(double mag, double err, int lsb)
{
    const bool exact =
        err == 0 && (mag == 0 || (lsb > -900 && mag <= 0x1p900 && sb_highest_bit(mag) < lsb + 53));

    if (!exact)
        return (struct rounding){ mag * (1 + 0x1p-50),
                                  (err + 0x1p-53 * mag + 0x1p-1000) * (1 + 0x1p-48), NOT_DYADIC };
    return (struct rounding){ mag, 0, lsb };
}

static int labels_lsb(const struct sb_space *space)
{
    int lsb = ANY;

    if (!space->n_labels)
        return NOT_DYADIC;
    for (uint64_t i = 0; i < space->n_labels; i++)
        if (lsb_of(space->labels[i]) < lsb)
            lsb = lsb_of(space->labels[i]);
    return lsb;
}

/* Anything that the closed form does not open: exactly what it computes, by definition. */
static struct rounding leaf(const struct sb_pool *pool, sb_expr e, const struct sb_node *node)
{
    const struct sb_interval range = sb_expr_range(pool, e);
    struct rounding r = { range.hi > -range.lo ? range.hi : -range.lo, 0, NOT_DYADIC };

    switch (node->op) {
    case SB_CONST:
        r.lsb = lsb_of(node->num[0]);
        break;
    case SB_Y:
        r.lsb = labels_lsb(sb_pool_space(pool));
        break;
    case SB_CANDIDATE:
        if (!sb_space_is_unlabelled(sb_pool_space(pool)))
            r.lsb = labels_lsb(sb_pool_space(pool));
        break;
    case SB_X:
        r.lsb = sb_pool_space(pool)->domain == SB_GAUSS ? NOT_DYADIC : 0;
        break;
    case SB_CHI:
    case SB_STEP:
    case SB_LT:
    case SB_LE:
    case SB_EQ:
    case SB_NEAR:
    case SB_CANDIDATE_BIT:
        r.lsb = 0;
        break;
    default:
        break;
    }
    return r;
}

static struct rounding sum(struct rounding a, struct rounding b)
{
    return rounded(a.mag + b.mag, a.err + b.err, a.lsb < b.lsb ? a.lsb : b.lsb);
}

static struct rounding product(struct rounding a, struct rounding b)
{
    const bool dyadic = a.lsb != NOT_DYADIC && b.lsb != NOT_DYADIC;

    return rounded(a.mag * b.mag, a.err * b.mag + b.err * a.mag + a.err * b.err,
                   dyadic ? a.lsb + b.lsb : NOT_DYADIC);
}

/* Parts that are large and cancel would make the certificate wide, and their products overflow in
 * another order; beyond this size, which depends on the query alone, other routes are better. */
static const double LARGEST = 0x1p10;

static bool analyse(const struct sb_pool *pool, sb_expr e, int depth, struct rounding *out);

static bool analyse_node(const struct sb_pool *pool, sb_expr e, int depth, struct rounding *out)
{
    const struct sb_node *node = sb_pool_node(pool, e);
    struct rounding a, b;

    if (depth == MOST_DEPTH)
        return false;
    switch (node->op) {
    case SB_NEG:
        return analyse(pool, node->arg[0], depth + 1, out);
    case SB_ADD:
    case SB_SUB:
    case SB_MUL:
        if (!analyse(pool, node->arg[0], depth + 1, &a) ||
            !analyse(pool, node->arg[1], depth + 1, &b))
            return false;
        *out = node->op == SB_MUL ? product(a, b) : sum(a, b);
        return true;
    case SB_DIV:
        if (sb_divides_exactly(pool, node)) {
            const double factor = 1 / sb_pool_node(pool, node->arg[1])->num[0];

            b = (struct rounding){ factor < 0 ? -factor : factor, 0, lsb_of(factor) };
            if (!analyse(pool, node->arg[0], depth + 1, &a))
                return false;
            *out = product(a, b);
            return true;
        }
        break;
    default:
        break;
    }
    *out = leaf(pool, e, node);
    return true;
}

static bool analyse(const struct sb_pool *pool, sb_expr e, int depth, struct rounding *out)
{
    return analyse_node(pool, e, depth, out) && out->mag <= LARGEST;
}

bool sb_expr_rounding(const struct sb_pool *pool, sb_expr e, double *error_out)
{
    struct rounding r;

    if (!analyse(pool, e, 0, &r))
        return false;
    *error_out = r.err;
    return true;
}
