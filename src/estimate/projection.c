/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Expressions of one projection: which one, and the expression as a function of one number. */
#include "estimate/projection.h"

#include "base/memory.h"

#include <errno.h>
#include <math.h>
#include <string.h>

enum { MOST_NODES = 4096 };

/* The one coordinate that v looks at; dim where it is none or several. */
static uint32_t only_coordinate(const double *v, uint32_t dim)
{
    uint32_t at = dim;

    for (uint32_t j = 0; j < dim; j++) {
        if (v[j] == 0)
            continue;
        if (at < dim)
            return dim;
        at = j;
    }
    return at;
}

static bool is_power_of_two(double v)
{
    uint64_t bits;

    memcpy(&bits, &v, sizeof v);
    return v != 0 && (bits & ((UINT64_C(1) << 52) - 1)) == 0 && fabs(v) > 0x1p-500 &&
           fabs(v) < 0x1p500;
}

/* The c with u = c v, where evaluation computes c <v,x> for <u,x>; NaN where there is none. */
static double multiple(const double *u, const double *v, uint32_t dim)
{
    const uint32_t j = only_coordinate(v, dim);
    double c = NAN;

    if (j < dim && v[j] == 1)
        c = u[j];
    else
        for (uint32_t i = 0; i < dim && !(c == c); i++)
            if (v[i] != 0)
                c = u[i] / v[i];
    if (c != 0 && !(j < dim && v[j] == 1) && !is_power_of_two(c))
        return NAN;
    for (uint32_t i = 0; i < dim; i++)
        if (u[i] != c * v[i])
            return NAN;
    return c;
}

/* A node's vector: of a coordinate, or of a dot. */
static void vector_of(const struct sb_node *node, uint32_t dim, double *u)
{
    memset(u, 0, dim * sizeof *u);
    if (node->op == SB_X)
        u[(uint32_t)node->num[0]] = 1;
    else
        memcpy(u, node->num, dim * sizeof *u);
}

/* |v|, scaled by a power of two so that squares neither over- nor underflow. */
static double norm_of(const double *v, uint32_t dim)
{
    double most = 0, sum = 0, scale = 1;

    for (uint32_t j = 0; j < dim; j++)
        most = fabs(v[j]) > most ? fabs(v[j]) : most;
    for (; most * scale > 0x1p100; scale /= 0x1p100)
        ;
    for (; most > 0 && most * scale < 0x1p-100; scale *= 0x1p100)
        ;
    for (uint32_t j = 0; j < dim; j++)
        sum += (v[j] * scale) * (v[j] * scale);
    return sqrt(sum) / scale;
}

/* u joins v: false where they are two projections. */
static bool join(struct sb_projection *p, const double *u, uint32_t dim)
{
    const uint32_t j = only_coordinate(u, dim);

    if (norm_of(u, dim) == 0)
        return true;
    if (!p->x && j < dim) { /* a coordinate itself, of which all its multiples are computed */
        p->v[j] = 1;
        p->x = true;
        return true;
    }
    if (!p->x) {
        memcpy(p->v, u, dim * sizeof *u);
        p->x = true;
    }
    return multiple(u, p->v, dim) == multiple(u, p->v, dim);
}

static int look_at(struct sb_projection *p, const struct sb_node *node, uint32_t dim, double *u)
{
    switch (node->op) {
    case SB_X:
    case SB_DOT:
        vector_of(node, dim, u);
        return join(p, u, dim) ? 0 : 1;
    case SB_CANDIDATE:
    case SB_CANDIDATE_BIT:
    case SB_CHI:
        return 1;
    case SB_Y:
        p->label = true;
        return 0;
    default:
        return 0;
    }
}

int sb_projection_find(const struct sb_pool *pool, sb_expr e, struct sb_projection *out)
{
    const uint32_t dim = sb_pool_space(pool)->dim;
    struct sb_projection p = { .v = SB_NEW_ARRAY(double, dim) };
    double *u SB_FREE = SB_NEW_ARRAY(double, dim);
    uint32_t n = 0;
    const struct sb_visit *visits = sb_pool_walk(pool, e, &n);
    int r = p.v && u && visits ? 0 : -ENOMEM;

    for (uint32_t i = 0; i < n && !r; i++)
        r = look_at(&p, visits[i].node, dim, u);
    if (!r && !p.x)
        p.v[0] = 1;
    if (!r) {
        p.norm = norm_of(p.v, dim);
        r = p.norm > 0x1p-300 && p.norm < 0x1p300 ? 0 : 1;
    }
    if (r)
        sb_projection_fini(&p);
    else
        *out = p;
    return r;
}

void sb_projection_fini(struct sb_projection *projection)
{
    free(projection->v);
    projection->v = NULL;
}

/* A coordinate or dot as a multiple of the new pool's coordinate. */
static sb_expr rewrite_leaf(struct sb_pool *pool, const struct sb_node *node,
                            const struct sb_projection *p, uint32_t dim, double *u)
{
    const double zero = 0;
    const sb_expr x = sb_pool_op(pool, SB_X, &zero, 1, NULL, 0);
    sb_expr pair[2] = { 0, x };
    double c;

    vector_of(node, dim, u);
    c = multiple(u, p->v, dim);
    if (c == 1)
        return x;
    pair[0] = sb_pool_op(pool, SB_CONST, &c, 1, NULL, 0);
    return c == 0 ? pair[0] : sb_pool_op(pool, SB_MUL, NULL, 0, pair, 2);
}

static sb_expr rewrite_all(const struct sb_visit *visits, uint32_t n, const struct sb_projection *p,
                           uint32_t dim, struct sb_pool *to, sb_expr *map)
{
    double *u SB_FREE = SB_NEW_ARRAY(double, dim);

    for (uint32_t i = 0; i < n && u; i++) {
        const struct sb_node *node = visits[i].node;
        sb_expr arg[2] = { 0, 0 };

        for (uint32_t k = 0; k < node->n_arg; k++)
            arg[k] = map[visits[i].arg[k]];
        map[i] = node->op == SB_X || node->op == SB_DOT
                     ? rewrite_leaf(to, node, p, dim, u)
                     : sb_pool_op(to, node->op, node->num, node->n_num, arg, node->n_arg);
        if (!map[i])
            return 0;
    }
    return u ? map[n - 1] : 0;
}

int sb_projection_rewrite(const struct sb_pool *pool, sb_expr e,
                          const struct sb_projection *projection, struct sb_pool **pool_out,
                          sb_expr *e_out)
{
    struct sb_space line = *sb_pool_space(pool);
    uint32_t n = 0;
    const struct sb_visit *visits = sb_pool_walk(pool, e, &n);
    sb_expr *map SB_FREE = visits ? SB_NEW_ARRAY(sb_expr, n) : NULL;
    struct sb_pool *to;
    sb_expr found;

    if (!map)
        return -ENOMEM;
    if (n > MOST_NODES)
        return 1;
    line.dim = 1;
    line.n_candidates = 0;
    line.candidates = NULL;
    to = sb_pool_new(&line);
    found = to ? rewrite_all(visits, n, projection, sb_pool_space(pool)->dim, to, map) : 0;
    if (!found) {
        const bool refused = to && *sb_pool_error(to); /* multiples take more nodes than dots */

        sb_pool_free(to);
        return refused ? 1 : -ENOMEM;
    }
    *pool_out = to;
    *e_out = found;
    return 0;
}
