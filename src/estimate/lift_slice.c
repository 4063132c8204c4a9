/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Slices of lifted queries. */
#include "estimate/lift_slice.h"

#include "base/memory.h"
#include "numeric/panels.h"
#include "query/eval.h"
#include "query/reason.h"

#include <errno.h>
#include <string.h>

static sb_expr constant(struct sb_pool *pool, double c)
{
    return sb_pool_op(pool, SB_CONST, &c, 1, NULL, 0);
}

static sb_expr coordinate(struct sb_pool *pool)
{
    const double zero = 0;

    return sb_pool_op(pool, SB_X, &zero, 1, NULL, 0);
}

/* y[0] + y[1] t, as one that is within [0,1]: what is seen of it then stays in bounds off the line's part that
 * counts, where a clip or a step of it must not count as a kink that cannot be found. */
static sb_expr label(struct sb_pool *pool, const double y[2])
{
    const double unit[2] = { 0, 1 };
    sb_expr pair[2];

    if (y[1] == 0)
        return constant(pool, y[0]);
    pair[0] = coordinate(pool);
    pair[1] = constant(pool, y[1]);
    if (y[1] != 1)
        pair[0] = sb_pool_op(pool, SB_MUL, NULL, 0, pair, 2);
    pair[1] = constant(pool, y[0]);
    if (y[0] != 0)
        pair[0] = sb_pool_op(pool, SB_ADD, NULL, 0, pair, 2);
    return sb_pool_op(pool, SB_CLIP, unit, 2, pair, 1);
}

static sb_expr rewrite(const struct sb_lift_slice *slice, const struct sb_node *node,
                       const sb_expr *map)
{
    sb_expr arg[2] = { 0, 0 };

    for (uint32_t k = 0; k < node->n_arg; k++)
        arg[k] = map[node->arg[k]];
    if (node->op == SB_Y)
        return label(slice->pool, slice->y);
    if (node->op != SB_X)
        return sb_pool_op(slice->pool, node->op, node->num, node->n_num, arg, node->n_arg);
    if ((uint32_t)node->num[0] == slice->free_column)
        return coordinate(slice->pool);
    return constant(slice->pool, slice->column[(uint32_t)node->num[0]]);
}

int sb_lift_slice_open(struct sb_lift_slice *slice, const struct sb_signs *signs)
{
    struct sb_space space = *sb_pool_space(signs->rest);
    sb_expr *map SB_FREE = SB_NEW_ARRAY(sb_expr, (size_t)signs->e + 1);
    int r;

    space.dim = 1;
    space.labelling = NULL;
    slice->pool = sb_pool_new(&space);
    if (!map || !slice->pool)
        return -ENOMEM;
    for (sb_expr i = 1; i <= signs->e; i++) { /* the rest holds nothing else */
        map[i] = rewrite(slice, sb_pool_node(signs->rest, i), map);
        if (!map[i])
            return *sb_pool_error(slice->pool) ? 1 : -ENOMEM;
    }
    slice->e = map[signs->e];
    r = sb_discs_new(slice->pool, slice->e, &slice->discs);
    if (r)
        return r;
    slice->program = sb_program_new(slice->pool, slice->e);
    return slice->program ? 0 : -ENOMEM;
}

void sb_lift_slice_fini(struct sb_lift_slice *slice)
{
    sb_program_free(slice->program);
    sb_discs_free(slice->discs);
    sb_pool_free(slice->pool);
    memset(slice, 0, sizeof *slice);
}

int sb_lift_slice_kinks(const struct sb_lift_slice *slice, double **out, size_t *n_out)
{
    const sb_expr t = coordinate(slice->pool);

    return t ? sb_expr_kinks(slice->pool, slice->e, t, 1, 0, out, n_out) : -ENOMEM;
}

void sb_lift_slice_values(const struct sb_lift_slice *slice, size_t n, const double *t, double *out)
{
    const struct sb_block block = { .n = n, .dim = 1, .x = &t };

    sb_program_run(slice->program, &block, out);
}

void sb_lift_slice_discs(const struct sb_lift_slice *slice, size_t n, const double *t,
                         const double *radius, double *out)
{
    double found[SB_PANEL_POINTS];

    sb_discs_run(slice->discs, 0, n, t, radius, found);
    for (size_t i = 0; i < n; i++)
        out[i] = found[i] > out[i] ? found[i] : out[i];
}
