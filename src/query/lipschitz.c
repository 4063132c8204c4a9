/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Label-Lipschitz constants [SVWX17]: how steep an expression can be in the label y, proven from the
 * range and the constant of each argument, operator by operator. Where the label set is finite a node
 * of range [lo, hi] is no steeper than (hi - lo) / (least gap of labels), whatever it is made of. Every
 * operation here is exact or rounded up.
 *
 * Evaluation rounds, and far from 0 that is a staircase: (y/100 + 2^52) - 2^52 jumps. So a jump goes
 * along with every constant, |e(x,y) - e(x,y')| <= steepness |y - y'| + jump as computed, and grows as
 * the constant does. */
#include "query/arith.h"
#include "query/op.h"
#include "query/pool.h"

#include "base/memory.h"
#include "numeric/ball.h"

#include <string.h>

static const double infinite = __builtin_inf();

/* A jump that no answer shows: the least tolerance that an experiment may grant. */
#define HARMLESS 1e-9
#define USUAL 0x1p16

/* The next double above v >= 0. */
static double above(double v)
{
    uint64_t bits;

    if (!(v < DBL_MAX))
        return infinite;
    memcpy(&bits, &v, sizeof v);
    bits++;
    memcpy(&v, &bits, sizeof v);
    return v;
}

/* a + b, a and b >= 0 */
static double sum(double a, double b)
{
    const struct sb_ball s = sb_ball_add(sb_ball_of(a), sb_ball_of(b));

    if (!(a + b < DBL_MAX))
        return infinite;
    return s.rad == 0 ? s.mid : above(s.mid);
}

/* a * b, a and b >= 0; nothing is nothing, however steep the other is */
static double times(double a, double b)
{
    struct sb_ball p;

    if (a == 0 || b == 0)
        return 0;
    if (!(a * b < DBL_MAX))
        return infinite;
    p = sb_ball_mul(sb_ball_of(a), sb_ball_of(b));
    return p.rad == 0 ? p.mid : above(p.mid);
}

/* a / b, a >= 0, b > 0 */
static double over(double a, double b)
{
    const double quotient = a / b;

    if (a == 0 || !(quotient < DBL_MAX))
        return a == 0 ? 0 : infinite;
    /* exact by a power of two */
    return sb_significant_bits(b) == 1 && quotient > 0x1p-900 ? quotient : above(quotient);
}

static double largest(struct sb_interval a)
{
    return sb_most(fabs(a.lo), fabs(a.hi));
}

double sb_lipschitz_label(const struct sb_steepness *in)
{
    (void)in;
    return 1;
}

/* Of an operator that jumps: unless neither argument moves. */
double sb_lipschitz_jump(const struct sb_steepness *in)
{
    return in->a == 0 && in->b == 0 ? 0 : infinite;
}

double sb_lipschitz_candidate_bit(const struct sb_steepness *in)
{
    (void)in;
    return infinite;
}

double sb_lipschitz_add(const struct sb_steepness *in)
{
    return sum(in->a, in->b);
}

double sb_lipschitz_sub(const struct sb_steepness *in)
{
    return in->bounds->same ? 0 : sum(in->a, in->b);
}

double sb_lipschitz_mul(const struct sb_steepness *in)
{
    return sum(times(largest(in->bounds->b), in->a), times(largest(in->bounds->a), in->b));
}

/* (a/b)' = a'/b - a b'/b^2 */
double sb_lipschitz_div(const struct sb_steepness *in)
{
    const struct sb_interval b = in->bounds->b;
    const double least = b.lo > 0 ? b.lo : -b.hi;

    if (in->a == 0 && in->b == 0)
        return 0;
    if (!(least > 0))
        return infinite;
    return sum(over(in->a, least), over(over(times(largest(in->bounds->a), in->b), least), least));
}

double sb_lipschitz_one(const struct sb_steepness *in)
{
    return in->a;
}

double sb_lipschitz_either(const struct sb_steepness *in)
{
    return sb_most(in->a, in->b);
}

/* For 0 <= a < b it is a itself. */
double sb_lipschitz_mod(const struct sb_steepness *in)
{
    const struct sb_interval a = in->bounds->a, b = in->bounds->b;

    return a.lo >= 0 && a.hi < b.lo ? in->a : sb_lipschitz_jump(in);
}

double sb_lipschitz_exp(const struct sb_steepness *in)
{
    return times(in->out.hi, in->a);
}

/* h_k' = sqrt(k) h_{k-1} */
double sb_lipschitz_hermite(const struct sb_steepness *in)
{
    const double degree = in->bounds->node->num[0], below = degree - 1;
    struct sb_node node = *in->bounds->node;
    struct sb_bounds bounds = *in->bounds;

    if (degree == 0 || in->a == 0)
        return 0;
    node.num = &below;
    bounds.node = &node;
    return times(times(above(sqrt(degree)), largest(sb_range_hermite(&bounds))), in->a);
}

/* The least gap between labels; 0 where they are real. */
static double least_gap(const struct sb_space *space)
{
    double gap = infinite;

    if (!space->n_labels)
        return 0;
    for (uint64_t l = 0; l + 1 < space->n_labels; l++)
        gap = sb_least(gap, space->labels[l + 1] - space->labels[l]);
    return gap;
}

static double by_range(struct sb_interval range, double gap)
{
    double width;

    if (gap == 0)
        return infinite;
    if (gap >= infinite)
        return 0;
    width = range.hi > range.lo ? range.hi - range.lo : 0;
    if (sb_ball_add(sb_ball_of(range.hi), sb_ball_of(-range.lo)).rad != 0)
        width = above(width);
    return over(width, gap);
}

struct node_facts {
    struct sb_interval range;
    struct sb_interval usual; /* the same where real labels and coordinates are USUAL at most */
    double steepness, jump;
};

static const struct node_facts nothing;

/* Of real numbers no range is known, and a rounding is a share of their size. */
static struct sb_interval usual_leaf(const struct sb_bounds *in, struct sb_interval range)
{
    double size = in->node->op == SB_DOT ? 0 : 1;

    if (range.lo > -DBL_MAX && range.hi < DBL_MAX)
        return range;
    for (uint64_t i = 0; in->node->op == SB_DOT && i < in->node->n_num; i++)
        size = sum(size, fabs(in->node->num[i]));
    size = times(size, USUAL);
    return (struct sb_interval){ -size, size };
}

static struct sb_interval usual_range(const struct sb_op_row *row, const struct sb_bounds *in,
                                      const struct node_facts *a, const struct node_facts *b)
{
    const struct sb_bounds usual = { in->space, in->node, a->usual, b->usual, in->same };

    return row->n_arg > 0 ? row->range(&usual) : usual_leaf(in, row->range(in));
}

/* A node's own part of the jump: two values of it are each rounded, a recurrence in every step. */
static double rounding(const struct sb_node *node, struct sb_interval usual)
{
    const double steps = node->op == SB_HERMITE ? 4 * (node->num[0] + 1) : 2;

    return times(steps * 0x1p-52, largest(usual));
}

/* The range bounds what is computed, roundings and all: it is taken where it is no worse. */
static void use_range(struct node_facts *node, double gap)
{
    const double whole = by_range(node->range, gap);
    const bool jumps = node->jump > HARMLESS && gap > 0;

    if (whole > node->steepness && !(jumps && whole <= sum(node->steepness, over(node->jump, gap))))
        return;
    node->steepness = whole;
    node->jump = 0;
}

static struct node_facts facts_of(const struct sb_op_row *row, const struct sb_bounds *in,
                                  const struct node_facts *a, const struct node_facts *b,
                                  double gap)
{
    struct node_facts node = { row->range(in), usual_range(row, in, a, b), 0, 0 };
    const struct sb_steepness steepness = { in, node.range, a->steepness, b->steepness };
    const struct sb_steepness jump = { in, node.range, a->jump, b->jump };

    if (!row->lipschitz)
        return node;
    node.steepness = row->lipschitz(&steepness);
    /* what is the same for every label is computed the same */
    if (row->n_arg > 0 && (node.steepness > 0 || a->jump > 0 || b->jump > 0))
        node.jump = sum(row->lipschitz(&jump), rounding(in->node, node.usual));
    use_range(&node, gap);
    return node;
}

double sb_expr_label_lipschitz(const struct sb_pool *pool, sb_expr e)
{
    const struct sb_space *space = sb_pool_space(pool);
    const double gap = least_gap(space);
    struct node_facts *facts SB_FREE = NULL, last = nothing;
    uint32_t n;
    const struct sb_visit *visits = sb_pool_walk(pool, e, &n);

    if (visits)
        facts = SB_NEW_ARRAY(struct node_facts, n);
    if (!facts)
        return infinite; /* true, if of no use */
    for (uint32_t i = 0; i < n; i++) {
        const struct sb_op_row *row = sb_op_row(visits[i].node->op);
        const uint32_t a = visits[i].arg[0], b = visits[i].arg[1];
        const struct sb_bounds bounds = { space, visits[i].node, facts[a].range, facts[b].range,
                                          a == b };

        facts[i] = last = facts_of(row, &bounds, row->n_arg > 0 ? &facts[a] : &nothing,
                                   row->n_arg > 1 ? &facts[b] : &nothing, gap);
    }
    if (last.jump <= HARMLESS)
        return last.steepness;
    return gap > 0 ? sum(last.steepness, over(last.jump, gap)) : infinite;
}
