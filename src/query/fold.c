/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Queries of a point whose coordinates are copies of fewer, as queries of these [CLL22, Remark 3.4]. */
#include "base/memory.h"
#include "query/expr.h"

/* What meets the same coordinate is added up, in order. */
static sb_expr fold_dot(const struct sb_node *node, struct sb_pool *into)
{
    const uint32_t dim = sb_pool_space(into)->dim;
    double *u SB_FREE = SB_NEW_ARRAY(double, dim);

    for (uint32_t j = 0; u && j < node->n_num; j++)
        u[j % dim] += node->num[j];
    return u ? sb_pool_op(into, SB_DOT, u, dim, NULL, 0) : 0;
}

static sb_expr fold_node(const struct sb_visit *visit, const sb_expr *folded, struct sb_pool *into)
{
    const struct sb_node *node = visit->node;
    const uint32_t dim = sb_pool_space(into)->dim;
    sb_expr arg[2] = { 0 };

    if (node->op == SB_DOT)
        return fold_dot(node, into);
    if (node->op == SB_X)
        return sb_pool_op(into, SB_X, &(double){ (double)((uint32_t)node->num[0] % dim) }, 1, NULL,
                          0);
    for (uint32_t k = 0; k < node->n_arg; k++)
        arg[k] = folded[visit->arg[k]];
    return sb_pool_op(into, node->op, node->num, node->n_num, arg, node->n_arg);
}

sb_expr sb_expr_fold(const struct sb_pool *from, sb_expr e, struct sb_pool *into)
{
    uint32_t n;
    const struct sb_visit *visits = sb_pool_walk(from, e, &n);
    sb_expr *folded SB_FREE = visits ? SB_NEW_ARRAY(sb_expr, n) : NULL;

    if (!folded)
        return 0;
    for (uint32_t i = 0; i < n; i++) {
        folded[i] = fold_node(&visits[i], folded, into);
        if (!folded[i])
            return 0;
    }
    return folded[n - 1];
}
