/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sums, opened. */
#include "estimate/opener.h"

#include "estimate/projection.h"
#include "query/reason.h"

#include <errno.h>
#include <math.h>

enum { MOST_STEPS = 256 };

double sb_expr_magnitude(const struct sb_pool *pool, sb_expr e)
{
    const struct sb_interval range = sb_expr_range(pool, e);

    return range.hi > -range.lo ? range.hi : -range.lo;
}

/* The sum so far, and the part of the expression that is being opened: coef * label * part. */
struct opening {
    const struct sb_term_opener *opener;
    struct sb_pool *pool;
    double rounding;
    int steps;
};
struct part {
    struct sb_ball coef;
    sb_expr label; /* a function of the label alone; 0: 1 */
    double size;   /* of coef * label, at most */
    sb_expr e;
};

static int open_part(struct opening *o, struct part part);

/* An operation that was rounded and is exact in the sum. */
static void charge(struct opening *o, const struct part *part)
{
    o->rounding += 1.0001 * 0x1p-53 * part->size * sb_expr_magnitude(o->pool, part->e) + 0x1p-1000;
}

static int close_part(struct opening *o, const struct part *part)
{
    const sb_expr pair[2] = { part->label, part->e };
    sb_expr e = part->e;

    if (part->label) {
        charge(o, part);
        e = sb_pool_op(o->pool, SB_MUL, NULL, 0, pair, 2);
    }
    return e ? o->opener->term(o->opener->self, part->coef, e) : 1;
}

static struct part scaled(struct part part, double c, sb_expr e)
{
    part.coef = sb_ball_mul(part.coef, sb_ball_of(c));
    part.size *= fabs(c);
    part.e = e;
    return part;
}

static int open_product(struct opening *o, struct part part, const sb_expr *arg, int k)
{
    const struct sb_node *c = sb_pool_node(o->pool, arg[k]);
    struct sb_projection p;
    int r;

    if (c->op == SB_CONST)
        return open_part(o, scaled(part, c->num[0], arg[1 - k]));
    r = sb_projection_find(o->pool, arg[k], &p);
    if (r)
        return r;
    sb_projection_fini(&p);
    if (p.x)
        return 1;
    part.size *= sb_expr_magnitude(o->pool, arg[k]);
    if (part.label) {
        const sb_expr pair[2] = { part.label, arg[k] };

        part.label = sb_pool_op(o->pool, SB_MUL, NULL, 0, pair, 2);
        o->rounding += 1.0001 * 0x1p-53 * part.size * sb_expr_magnitude(o->pool, arg[1 - k]);
    } else {
        part.label = arg[k];
    }
    part.e = arg[1 - k];
    return part.label ? open_part(o, part) : 1;
}

static int open_quotient(struct opening *o, struct part part, const struct sb_node *node)
{
    const struct sb_node *c = sb_pool_node(o->pool, node->arg[1]);

    if (c->op != SB_CONST || !(fabs(c->num[0]) > 0x1p-500 && fabs(c->num[0]) < 0x1p500))
        return 1;
    part.coef =
        sb_ball_mul(part.coef, (struct sb_ball){ 1 / c->num[0], 0x1p-53 * fabs(1 / c->num[0]) });
    part.size *= fabs(1 / c->num[0]) * (1 + 0x1p-50);
    part.e = node->arg[0];
    return open_part(o, part);
}

static int open_node(struct opening *o, const struct part *part)
{
    const struct sb_node *node = sb_pool_node(o->pool, part->e);
    const uint32_t op = node->op;
    const sb_expr arg[2] = { node->n_arg > 0 ? node->arg[0] : 0,
                             node->n_arg > 1 ? node->arg[1] : 0 };
    int r;

    if (op == SB_NEG)
        return open_part(o, scaled(*part, -1, arg[0]));
    if (op == SB_DIV) {
        charge(o, part);
        return open_quotient(o, *part, node);
    }
    if (op != SB_ADD && op != SB_SUB && op != SB_MUL)
        return 1;
    charge(o, part);
    if (op != SB_MUL) {
        r = open_part(o, scaled(*part, 1, arg[0]));
        return r ? r : open_part(o, scaled(*part, op == SB_SUB ? -1 : 1, arg[1]));
    }
    r = open_product(o, *part, arg, 0);
    return r == 1 ? open_product(o, *part, arg, 1) : r;
}

static int open_part(struct opening *o, struct part part)
{
    int r;

    if (++o->steps > MOST_STEPS)
        return 1;
    r = o->opener->whole(o->opener->self, part.e);
    if (r)
        return r == 1 ? open_node(o, &part) : r;
    return close_part(o, &part);
}

int sb_opener_terms(const struct sb_term_opener *opener, sb_expr e, double *rounding_out)
{
    struct opening o = { .opener = opener, .pool = opener->pool };
    const struct part all = { .coef = { 1, 0 }, .size = 1, .e = e };
    const int r = open_part(&o, all);

    *rounding_out = o.rounding;
    return r;
}

/* Their means, added up. */
struct means {
    const struct sb_opener *opener;
    struct sb_ball sum;
};

static int whole(void *self, sb_expr e)
{
    const struct means *m = self;

    return m->opener->whole(m->opener->self, e);
}

static int add_mean(void *self, struct sb_ball coef, sb_expr e)
{
    struct means *m = self;
    struct sb_ball mean;
    const int r = m->opener->mean(m->opener->self, e, &mean);

    if (!r)
        m->sum = sb_ball_add(m->sum, sb_ball_mul(coef, mean));
    return r;
}

int sb_opener_mean(const struct sb_opener *opener, sb_expr e, struct sb_ball *out,
                   double *rounding_out)
{
    struct means m = { .opener = opener };
    const struct sb_term_opener terms = { opener->pool, &m, whole, add_mean };
    const int r = sb_opener_terms(&terms, e, rounding_out);

    *out = m.sum;
    return r;
}
