/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Products of Hermite polynomials, read off an expression.
 *
 * Rounding. Evaluation computes h_{k+1} = (t h_k up - back h_{k-1}), 4 roundings a step, so that the error of h_k is
 * at most 4 k u H_k(|t|), to first order, u = 2^-53, H_k(|t|) = |h_k(i t)| the polynomial with all signs +: it obeys
 * the recurrence of the errors. E H_k(g)^2 is the central trinomial coefficient of k, at most 3^k, by Mehler's kernel
 *     sum_k r^k E H_k(g)^2 = ((1 + r)(1 - 3 r))^(-1/2),
 * so that in the mean square a product of degree K in all is within u (4 K + n) 3^(K/2) of what it should be. */
#include "estimate/hermite_product.h"

#include <math.h>

static bool is_finite_number(double v)
{
    return v == v && fabs(v) < 0x1p500;
}

/* All that changes shift and scale passes here. */
static bool affine(struct sb_hermite_product *p, double factor, double summand)
{
    p->scale *= factor;
    p->shift = p->shift * factor + summand;
    p->n_roundings += 4;
    return p->scale != 0 && is_finite_number(p->scale) && is_finite_number(p->shift) &&
           fabs(p->scale) > 0x1p-500;
}

static const struct sb_node *constant(const struct sb_pool *pool, sb_expr e)
{
    const struct sb_node *node = sb_pool_node(pool, e);

    return node->op == SB_CONST ? node : NULL;
}

/* A factor h_k(x_j), of a coordinate that is not yet there. */
static bool add_factor(struct sb_hermite_product *p, uint32_t coordinate, uint32_t degree)
{
    if (degree == 0)
        return true;
    for (uint32_t i = 0; i < p->n; i++)
        if (p->coordinate[i] == coordinate)
            return false;
    if (p->n == SB_HERMITE_FACTORS)
        return false;
    p->coordinate[p->n] = coordinate;
    p->degree[p->n++] = degree;
    p->total += degree;
    p->n_roundings++;
    return true;
}

/* What is multiplied: factors and constants alone. */
static bool find_factors(const struct sb_pool *pool, sb_expr e, struct sb_hermite_product *p)
{
    const struct sb_node *node = sb_pool_node(pool, e), *x;

    switch (node->op) {
    case SB_CONST:
        return affine(p, node->num[0], 0);
    case SB_NEG:
        return find_factors(pool, node->arg[0], p) && affine(p, -1, 0);
    case SB_DIV:
        x = constant(pool, node->arg[1]);
        return x && x->num[0] != 0 && find_factors(pool, node->arg[0], p) &&
               affine(p, 1 / x->num[0], 0);
    case SB_MUL:
        return find_factors(pool, node->arg[0], p) && find_factors(pool, node->arg[1], p);
    case SB_X:
        return add_factor(p, (uint32_t)node->num[0], 1);
    case SB_HERMITE:
        x = sb_pool_node(pool, node->arg[0]);
        return x->op == SB_X && add_factor(p, (uint32_t)x->num[0], (uint32_t)node->num[0]);
    default:
        return false;
    }
}

/* A sum or difference of a product and a number, or what is made of one by constants. */
static bool find_affine(const struct sb_pool *pool, sb_expr e, struct sb_hermite_product *p)
{
    const struct sb_node *node = sb_pool_node(pool, e), *a, *b;
    const double sign = node->op == SB_SUB ? -1 : 1;

    switch (node->op) {
    case SB_ADD:
    case SB_SUB:
        a = constant(pool, node->arg[0]);
        b = constant(pool, node->arg[1]);
        if (a)
            return find_affine(pool, node->arg[1], p) && affine(p, sign, a->num[0]);
        return b && find_affine(pool, node->arg[0], p) && affine(p, 1, sign * b->num[0]);
    case SB_MUL:
        a = constant(pool, node->arg[0]);
        b = constant(pool, node->arg[1]);
        if (a)
            return find_affine(pool, node->arg[1], p) && affine(p, a->num[0], 0);
        if (b)
            return find_affine(pool, node->arg[0], p) && affine(p, b->num[0], 0);
        return find_factors(pool, e, p);
    case SB_DIV:
        b = constant(pool, node->arg[1]);
        return b && b->num[0] != 0 && find_affine(pool, node->arg[0], p) &&
               affine(p, 1 / b->num[0], 0);
    case SB_NEG:
        return find_affine(pool, node->arg[0], p) && affine(p, -1, 0);
    default:
        return find_factors(pool, e, p);
    }
}

bool sb_hermite_product_find(const struct sb_pool *pool, sb_expr e, struct sb_hermite_product *out)
{
    const struct sb_node *node = sb_pool_node(pool, e);
    struct sb_hermite_product p = { .scale = 1 };

    if (node->op == SB_CLIP) {
        p.clipped = true;
        p.lo = node->num[0];
        p.hi = node->num[1];
        e = node->arg[0];
    }
    if (!find_affine(pool, e, &p) || p.n == 0)
        return false;
    *out = p;
    return true;
}

double sb_hermite_product_rounding(const struct sb_hermite_product *p)
{
    double growth = 1;

    for (uint32_t k = 0; k < p->total; k++)
        growth *= 1.7320508075688774;
    return 0x1.01p-53 * (4 * p->total + p->n_roundings) * growth * fabs(p->scale);
}
