/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How large an expression can be on a complex disc: what the error of a quadrature rule hangs on.
 *
 * An expression of one number t is piecewise analytic. Around a point t, with every relu, clip, step,
 * ... on the branch that it takes at t, it is one analytic function, of which each node v is followed
 * as a pair: v(t), and r with |v(t + w) - v(t)| <= r for all complex |w| <= R. From leaf to root:
 *   sums       r_a + r_b
 *   products   |a| r_b + |b| r_a + r_a r_b
 *   quotients  (r_a + |a/b| r_b) / (|b| - r_b), where |b| > r_b
 *   e^a        e^a (e^r - 1); sin and cos: e^r - 1, by their series around a, whose derivatives
 *              are at most 1
 *   h_k(a)     sum_{j >= 1} r^j/j! sqrt(k!/(k-j)!) |h_{k-j}(a)|, Taylor, h_k' = sqrt(k) h_{k-1}.
 * Plain arithmetic: the bounds hold up to rounding, and their use has room for far more. */
#include "base/memory.h"
#include "query/arith.h"
#include "query/eval.h"
#include "query/op.h"
#include "query/pool.h"

#include <errno.h>
#include <sleef.h>

enum { WIDTH = 32 }; /* discs at a time */

static double growth(double r)
{
    return Sleef_cinz_expd1_u10purec(r) - 1;
}

double sb_disc_fixed(const struct sb_disc *d)
{
    (void)d;
    return 0;
}

double sb_disc_first(const struct sb_disc *d)
{
    return d->ra;
}

double sb_disc_sum(const struct sb_disc *d)
{
    return d->ra + d->rb;
}

double sb_disc_mul(const struct sb_disc *d)
{
    return fabs(d->a) * d->rb + fabs(d->b) * d->ra + d->ra * d->rb;
}

double sb_disc_div(const struct sb_disc *d)
{
    const double room = fabs(d->b) - d->rb;

    if (d->b == 0 && d->rb == 0)
        return 0; /* x/0 = 0 */
    return room > 0 ? (d->ra + fabs(d->a / d->b) * d->rb) / room : INFINITY;
}

double sb_disc_exp(const struct sb_disc *d)
{
    /* far from 0 the one is nothing and the other infinite */
    return d->ra < 1 ? d->v * growth(d->ra) : Sleef_cinz_expd1_u10purec(d->a + d->ra);
}

double sb_disc_wave(const struct sb_disc *d)
{
    return growth(d->ra);
}

double sb_disc_hermite(const struct sb_disc *d)
{
    const uint32_t degree = (uint32_t)d->num[0];
    double h[SB_HERMITE_MAX + 1] = { 1 }, term = 1, sum = 0;

    for (uint32_t k = 0; k < degree; k++)
        h[k + 1] =
            sb_hermite_next(d->a, h[k], k ? h[k - 1] : 0, sb_hermite_up(k), sb_hermite_back(k));
    for (uint32_t j = 1; j <= degree; j++) {
        term *= d->ra / j * sqrt(degree - j + 1.0);
        sum += term * fabs(h[degree - j]);
    }
    return sum;
}

/* Where a switch is just at the point, either branch */

double sb_disc_relu(const struct sb_disc *d)
{
    return d->a < 0 ? 0 : d->ra;
}

double sb_disc_min(const struct sb_disc *d)
{
    if (d->a < d->b)
        return d->ra;
    return d->b < d->a ? d->rb : sb_most(d->ra, d->rb);
}

double sb_disc_max(const struct sb_disc *d)
{
    const struct sb_disc turned = { .a = -d->a, .b = -d->b, .ra = d->ra, .rb = d->rb };

    return sb_disc_min(&turned);
}

double sb_disc_clip(const struct sb_disc *d)
{
    return d->a < d->num[0] || d->a > d->num[1] ? 0 : d->ra;
}

double sb_disc_mod(const struct sb_disc *d)
{
    if (d->rb != 0)
        return INFINITY;
    return d->b > 0 ? d->ra : 0;
}

/* A node as it is needed here, its value's row in `values` being its own number. */
struct item {
    double (*disc)(const struct sb_disc *in);
    const double *num; /* the pool's */
    uint32_t arg[2];
    bool is_x;
};

struct sb_discs {
    struct sb_program *program; /* of all nodes */
    struct item *items;         /* n */
    uint32_t n;
    double *values, *radii; /* n x WIDTH each */
    double **rows;          /* n: of values */
};

static int fill(struct sb_discs *d, const struct sb_pool *pool, sb_expr e)
{
    const struct sb_visit *visits = sb_pool_walk(pool, e, &d->n);
    sb_expr *nodes SB_FREE = visits ? SB_NEW_ARRAY(sb_expr, d->n) : NULL;

    d->items = visits ? SB_NEW_ARRAY(struct item, d->n) : NULL;
    if (!nodes || !d->items)
        return -ENOMEM;
    for (uint32_t i = 0; i < d->n; i++) {
        const struct sb_visit *v = &visits[i];

        nodes[i] = v->e;
        d->items[i] = (struct item){ sb_op_row(v->node->op)->disc,
                                     v->node->num,
                                     { v->arg[0], v->arg[1] },
                                     v->node->op == SB_X };
    }
    d->program = sb_program_new_batch(pool, nodes, d->n);
    d->values = SB_NEW_ARRAY(double, (size_t)d->n *WIDTH);
    d->radii = SB_NEW_ARRAY(double, (size_t)d->n *WIDTH);
    d->rows = SB_NEW_ARRAY(double *, d->n);
    if (!d->program || !d->values || !d->radii || !d->rows)
        return -ENOMEM;
    for (uint32_t i = 0; i < d->n; i++)
        d->rows[i] = d->values + (size_t)i * WIDTH;
    return 0;
}

int sb_discs_new(const struct sb_pool *pool, sb_expr e, struct sb_discs **out)
{
    struct sb_discs *d;
    int error;

    if (!sb_pool_node(pool, e) || sb_pool_space(pool)->domain != SB_GAUSS ||
        sb_pool_space(pool)->dim != 1)
        return -EINVAL;
    d = SB_NEW(struct sb_discs);
    if (!d)
        return -ENOMEM;
    error = fill(d, pool, e);
    if (error)
        sb_discs_free(d);
    else
        *out = d;
    return error;
}

void sb_discs_free(struct sb_discs *discs)
{
    if (!discs)
        return;
    sb_program_free(discs->program);
    free(discs->items);
    free(discs->values);
    free(discs->radii);
    free(discs->rows);
    free(discs);
}

/* How far node i moves on n discs. */
static void move(const struct sb_discs *d, uint32_t i, size_t n, const double *radius)
{
    const struct item *item = &d->items[i];
    const uint32_t *arg = item->arg;
    double *out = d->radii + (size_t)i * WIDTH;

    for (size_t k = 0; k < n; k++) {
        const struct sb_disc disc = { item->num,
                                      d->rows[i][k],
                                      d->rows[arg[0]][k],
                                      d->rows[arg[1]][k],
                                      d->radii[(size_t)arg[0] * WIDTH + k],
                                      d->radii[(size_t)arg[1] * WIDTH + k] };
        double reach = item->is_x ? radius[k] : INFINITY;

        if (item->disc)
            reach = item->disc(&disc);
        /* not so of NaN, too: infinite parts times 0 */
        out[k] = reach + fabs(disc.v) < 1e300 ? reach : INFINITY;
    }
}

void sb_discs_run(struct sb_discs *d, double y, size_t n, const double *t, const double *radius,
                  double *out)
{
    for (size_t start = 0; start < n; start += WIDTH) {
        const size_t most = n - start < WIDTH ? n - start : WIDTH;
        const double *column = t + start;
        const struct sb_block block = { .n = most, .dim = 1, .x = &column };
        const double *value = d->values + (size_t)(d->n - 1) * WIDTH;
        const double *moved = d->radii + (size_t)(d->n - 1) * WIDTH;

        sb_program_run_labels(d->program, &block, &y, 1, d->rows);
        for (uint32_t i = 0; i < d->n; i++)
            move(d, i, most, radius + start);
        for (size_t k = 0; k < most; k++)
            out[start + k] = fabs(value[k]) + moved[k];
    }
}
