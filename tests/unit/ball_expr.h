/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Expectations of expressions of one projection of a Gaussian, as balls: every operator anew in Arb, the
 * integral by acb_calc_integrate, which finds by itself where a function is not analytic. */
#ifndef SB_TESTS_BALL_EXPR_H
#define SB_TESTS_BALL_EXPR_H

#include "query/expr.h"
#include "unit.h"

#include <acb.h>
#include <acb_calc.h>
#include <acb_hypgeom.h>
#include <arb_hypgeom.h>
#include <math.h>

enum { ARB_BITS = 64 };

/* A label that is sign(<w,x>/|w| - theta), flipped with probability noise; labels -1 and 1. */
struct ball_law {
    const double *w; /* dim */
    double theta, noise;
};

struct ball_problem {
    const struct sb_pool *pool;
    sb_expr e;
    const double *v;            /* dim: <v,x> = |v| t is what e looks at */
    const struct ball_law *law; /* NULL: the label, if any, is y */
    bool *used;                 /* by node: is it below e? */
    arb_t norm;                 /* |v| */
    arb_t rho, s;               /* of w and v: <w,x>/|w| = rho t + s g */
    bool same;                  /* s = 0 */
    double y;
};

static inline void ball_dot_double(arb_t out, const double *a, const double *b, uint32_t n)
{
    arb_t x, y;

    arb_init(x);
    arb_init(y);
    arb_zero(out);
    for (uint32_t j = 0; j < n; j++) {
        arb_set_d(x, a[j]);
        arb_set_d(y, b[j]);
        arb_addmul(out, x, y, 4 * ARB_BITS);
    }
    arb_clear(x);
    arb_clear(y);
}

/* a >= 0, and what it is where a is 0 all along */
static inline void ball_step(acb_t out, const acb_t a, int at_zero, int analytic)
{
    if (acb_is_zero(a))
        acb_set_si(out, at_zero);
    else
        acb_real_heaviside(out, a, analytic, ARB_BITS);
}

/* Of two that are the same number all along, such as max(0, 0) beside a kink, Arb would say that they
 * meet. */
static inline void ball_max(acb_t out, const acb_t a, const acb_t b, int analytic)
{
    if (acb_is_exact(a) && acb_equal(a, b))
        acb_set(out, a);
    else
        acb_real_max(out, a, b, analytic, ARB_BITS);
}

static inline void ball_min(acb_t out, const acb_t a, const acb_t b, int analytic)
{
    if (acb_is_exact(a) && acb_equal(a, b))
        acb_set(out, a);
    else
        acb_real_min(out, a, b, analytic, ARB_BITS);
}

static inline void ball_constant_max(acb_t out, const acb_t a, double c, int analytic)
{
    acb_t b;

    acb_init(b);
    acb_set_d(b, c);
    ball_max(out, a, b, analytic);
    acb_clear(b);
}

static inline void ball_constant_min(acb_t out, const acb_t a, double c, int analytic)
{
    acb_t b;

    acb_init(b);
    acb_set_d(b, c);
    ball_min(out, a, b, analytic);
    acb_clear(b);
}

static inline void ball_hermite(acb_t out, const acb_t a, uint32_t degree)
{
    acb_t before, h, next;
    arb_t root;

    acb_init(before);
    acb_init(h);
    acb_init(next);
    arb_init(root);
    acb_one(h);
    for (uint32_t k = 0; k < degree; k++) {
        acb_mul(next, a, h, 2 * ARB_BITS);
        arb_sqrt_ui(root, k, 2 * ARB_BITS);
        acb_mul_arb(before, before, root, 2 * ARB_BITS);
        acb_sub(next, next, before, 2 * ARB_BITS);
        arb_sqrt_ui(root, k + 1, 2 * ARB_BITS);
        acb_div_arb(next, next, root, 2 * ARB_BITS);
        acb_swap(before, h);
        acb_swap(h, next);
    }
    acb_set(out, h);
    acb_clear(before);
    acb_clear(h);
    acb_clear(next);
    arb_clear(root);
}

/* One node of one or two arguments. */
static inline void ball_operator(acb_t out, const struct sb_node *node, const acb_t a,
                                 const acb_t b, int analytic)
{
    acb_t d;

    acb_init(d);
    if (node->n_arg == 2)
        acb_sub(d, a, b, ARB_BITS);
    switch (node->op) {
    case SB_ADD:
        acb_add(out, a, b, ARB_BITS);
        break;
    case SB_SUB:
        acb_set(out, d);
        break;
    case SB_MUL:
        acb_mul(out, a, b, ARB_BITS);
        break;
    case SB_DIV:
        acb_div(out, a, b, ARB_BITS);
        break;
    case SB_NEG:
        acb_neg(out, a);
        break;
    case SB_ABS:
        acb_real_abs(out, a, analytic, ARB_BITS);
        break;
    case SB_MIN:
        ball_min(out, a, b, analytic);
        break;
    case SB_MAX:
        ball_max(out, a, b, analytic);
        break;
    case SB_MOD: /* b > 0 constant */
        acb_div(d, a, b, ARB_BITS);
        acb_real_floor(d, d, analytic, ARB_BITS);
        acb_mul(d, d, b, ARB_BITS);
        acb_sub(out, a, d, ARB_BITS);
        break;
    case SB_RELU:
        ball_constant_max(out, a, 0, analytic);
        break;
    case SB_STEP:
        ball_step(out, a, 1, analytic);
        break;
    case SB_LT:
        acb_neg(d, d);
        ball_step(out, d, 0, analytic);
        break;
    case SB_LE:
        acb_neg(d, d);
        ball_step(out, d, 1, analytic);
        break;
    case SB_NEAR: /* eps - |a - b| >= 0 */
        acb_real_abs(d, d, analytic, ARB_BITS);
        {
            arb_t eps;

            arb_init(eps);
            arb_set_d(eps, node->num[0]);
            acb_sub_arb(d, d, eps, ARB_BITS);
            arb_clear(eps);
        }
        acb_neg(d, d);
        ball_step(out, d, 1, analytic);
        break;
    case SB_CLIP:
        ball_constant_max(out, a, node->num[0], analytic);
        ball_constant_min(out, out, node->num[1], analytic);
        break;
    case SB_SIN:
        acb_sin(out, a, ARB_BITS);
        break;
    case SB_COS:
        acb_cos(out, a, ARB_BITS);
        break;
    case SB_EXP:
        acb_exp(out, a, ARB_BITS);
        break;
    case SB_HERMITE:
        ball_hermite(out, a, (uint32_t)node->num[0]);
        break;
    default:
        fail_msg("operator %u is not in this test", node->op);
    }
    acb_clear(d);
}

/* <u,x> = c |v| t, u = c v: c from the largest entry of v. */
static inline void ball_leaf(acb_t out, const struct ball_problem *p, const struct sb_node *node,
                             const acb_t t)
{
    const uint32_t dim = sb_pool_space(p->pool)->dim;
    uint32_t at = 0;
    arb_t u, c;

    arb_init(u);
    arb_init(c);
    for (uint32_t j = 1; j < dim; j++)
        at = fabs(p->v[j]) > fabs(p->v[at]) ? j : at;
    if (node->op == SB_X)
        arb_set_d(u, node->num[0] == at ? 1 : 0);
    else
        arb_set_d(u, node->num[at]);
    arb_set_d(c, p->v[at]);
    arb_div(u, u, c, ARB_BITS);
    arb_mul(u, u, p->norm, ARB_BITS);
    acb_mul_arb(out, t, u, ARB_BITS);
    arb_clear(u);
    arb_clear(c);
}

static inline void ball_evaluate(acb_t out, const struct ball_problem *p, const acb_t t, double y,
                                 int analytic)
{
    acb_ptr v = _acb_vec_init((slong)p->e + 1);

    for (sb_expr i = 1; i <= p->e; i++) {
        const struct sb_node *node = sb_pool_node(p->pool, i);

        if (!p->used[i])
            continue;
        if (node->op == SB_CONST)
            acb_set_d(v + i, node->num[0]);
        else if (node->op == SB_Y)
            acb_set_d(v + i, y);
        else if (node->op == SB_X || node->op == SB_DOT)
            ball_leaf(v + i, p, node, t);
        else
            ball_operator(v + i, node, v + node->arg[0], v + node->arg[node->n_arg - 1], analytic);
    }
    acb_set(out, v + p->e);
    _acb_vec_clear(v, (slong)p->e + 1);
}

/* Pr[label 1 | t] */
static inline void ball_given(acb_t out, const struct ball_problem *p, const acb_t t, int analytic)
{
    acb_t z;
    arb_t c;

    acb_init(z);
    arb_init(c);
    acb_mul_arb(z, t, p->rho, ARB_BITS);
    arb_set_d(c, p->law->theta);
    acb_sub_arb(z, z, c, ARB_BITS);
    if (p->same) {
        acb_real_heaviside(out, z, analytic, ARB_BITS);
    } else {
        acb_div_arb(z, z, p->s, ARB_BITS);
        arb_set_ui(c, 2);
        arb_sqrt(c, c, ARB_BITS);
        acb_div_arb(z, z, c, ARB_BITS);
        acb_neg(z, z);
        acb_hypgeom_erfc(out, z, ARB_BITS);
        acb_mul_2exp_si(out, out, -1);
    }
    arb_set_d(c, 1 - 2 * p->law->noise); /* the tests' noises are dyadic */
    acb_mul_arb(out, out, c, ARB_BITS);
    arb_set_d(c, p->law->noise);
    acb_add_arb(out, out, c, ARB_BITS);
    acb_clear(z);
    arb_clear(c);
}

static inline int ball_integrand(acb_ptr out, const acb_t t, void *param, slong order, slong prec)
{
    const struct ball_problem *p = param;
    const int analytic = order > 0;
    acb_t plus, minus, q, z;

    (void)prec;
    acb_init(plus);
    acb_init(minus);
    acb_init(q);
    acb_init(z);
    if (p->law) {
        ball_evaluate(plus, p, t, 1, analytic);
        ball_evaluate(minus, p, t, -1, analytic);
        ball_given(q, p, t, analytic);
        acb_sub(plus, plus, minus, ARB_BITS);
        acb_mul(plus, plus, q, ARB_BITS);
        acb_add(out, plus, minus, ARB_BITS);
    } else {
        ball_evaluate(out, p, t, p->y, analytic);
    }
    acb_mul(z, t, t, ARB_BITS);
    acb_mul_2exp_si(z, z, -1);
    acb_neg(z, z);
    acb_exp(z, z, ARB_BITS);
    acb_mul(out, out, z, ARB_BITS);
    acb_clear(plus);
    acb_clear(minus);
    acb_clear(q);
    acb_clear(z);
    return 0;
}

/* The integral over [-12, 12], which is all but 4e-33 of the mass, in pieces: hints[] (any points, in t)
 * only save time. */
static inline void ball_expectation(arb_t out, struct ball_problem *p, const double *hints,
                                    size_t n)
{
    const uint32_t dim = sb_pool_space(p->pool)->dim;
    acb_calc_integrate_opt_t options;
    acb_t from, to, part, sum;
    mag_t tolerance;
    arb_t c;

    p->used = test_calloc((size_t)p->e + 1, sizeof *p->used);
    p->used[p->e] = true;
    for (sb_expr i = p->e; i > 0; i--)
        for (uint32_t k = 0; p->used[i] && k < sb_pool_node(p->pool, i)->n_arg; k++)
            p->used[sb_pool_node(p->pool, i)->arg[k]] = true;
    acb_init(from);
    acb_init(to);
    acb_init(part);
    acb_init(sum);
    mag_init(tolerance);
    arb_init(c);
    arb_init(p->norm);
    arb_init(p->rho);
    arb_init(p->s);
    ball_dot_double(p->norm, p->v, p->v, dim);
    arb_sqrt(p->norm, p->norm, 4 * ARB_BITS);
    if (p->law) {
        ball_dot_double(p->rho, p->v, p->law->w, dim);
        arb_div(p->rho, p->rho, p->norm, 4 * ARB_BITS);
        ball_dot_double(c, p->law->w, p->law->w, dim);
        arb_sqrt(c, c, 4 * ARB_BITS);
        arb_div(p->rho, p->rho, c, 4 * ARB_BITS);
        arb_one(p->s);
        arb_submul(p->s, p->rho, p->rho, 4 * ARB_BITS);
        p->same = arb_contains_zero(p->s);
        arb_sqrtpos(p->s, p->s, 4 * ARB_BITS);
        if (p->same)
            arb_set_si(p->rho, arf_sgn(arb_midref(p->rho)));
    }
    acb_calc_integrate_opt_init(options);
    options->eval_limit = 200000;
    options->depth_limit = 400;
    mag_set_ui_2exp_si(tolerance, 1, -50);
    acb_set_d(from, -12);
    for (size_t i = 0; i <= n; i++) {
        const double at = i < n ? hints[i] : 12;

        if (i < n && !(at > -12 && at < 12))
            continue;
        acb_set_d(to, at);
        acb_calc_integrate(part, ball_integrand, p, from, to, ARB_BITS, tolerance, options,
                           ARB_BITS);
        acb_add(sum, sum, part, ARB_BITS);
        acb_swap(from, to);
    }
    arb_const_pi(c, ARB_BITS);
    arb_mul_2exp_si(c, c, 1);
    arb_rsqrt(c, c, ARB_BITS);
    arb_mul(out, acb_realref(sum), c, ARB_BITS);
    test_free(p->used);
    acb_clear(from);
    acb_clear(to);
    acb_clear(part);
    acb_clear(sum);
    mag_clear(tolerance);
    arb_clear(c);
    arb_clear(p->norm);
    arb_clear(p->rho);
    arb_clear(p->s);
}

#endif
