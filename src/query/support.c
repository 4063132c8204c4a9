/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What an expression depends on: the union over its nodes, read off the text of the expression (a
 * coordinate times 0 counts). */
#include "base/memory.h"
#include "query/op.h"
#include "query/pool.h"

#include <errno.h>
#include <string.h>

enum { LISTED = 64 }; /* coordinates that the mask holds */

static void add_coordinate(struct sb_support *out, uint32_t j)
{
    if (j < LISTED) {
        out->mask |= UINT64_C(1) << j;
        return;
    }
    out->everything = true;
    out->n_wide++; /* equal nodes are one node: each coordinate comes once */
}

int sb_depend_label(const struct sb_space *space, sb_expr e, const struct sb_node *node,
                    struct sb_support *out)
{
    (void)space;
    (void)e;
    (void)node;
    out->label = true;
    return 0;
}

int sb_depend_x(const struct sb_space *space, sb_expr e, const struct sb_node *node,
                struct sb_support *out)
{
    (void)space;
    (void)e;
    add_coordinate(out, (uint32_t)node->num[0]);
    return 0;
}

int sb_depend_dot(const struct sb_space *space, sb_expr e, const struct sb_node *node,
                  struct sb_support *out)
{
    sb_expr *dots;

    if (space->domain == SB_CUBE) {
        for (uint32_t j = 0; j < node->n_num; j++)
            if (node->num[j] != 0)
                add_coordinate(out, j);
        return 0;
    }
    /* the capacity is a power of two that n_dots has not passed */
    dots = (sb_expr *)out->dots;
    if ((out->n_dots & (out->n_dots - 1)) == 0) {
        dots = realloc(dots, (out->n_dots ? 2 * out->n_dots : 1) * sizeof *dots);
        if (!dots)
            return -ENOMEM;
        out->dots = dots;
    }
    dots[out->n_dots++] = e;
    return 0;
}

int sb_depend_chi(const struct sb_space *space, sb_expr e, const struct sb_node *node,
                  struct sb_support *out)
{
    (void)space;
    (void)e;
    for (uint32_t i = 0; i < node->n_num; i++)
        add_coordinate(out, (uint32_t)node->num[i]);
    return 0;
}

int sb_depend_candidate(const struct sb_space *space, sb_expr e, const struct sb_node *node,
                        struct sb_support *out)
{
    (void)space;
    (void)e;
    (void)node;
    out->everything = true;
    return 0;
}

int sb_depend_candidate_bit(const struct sb_space *space, sb_expr e, const struct sb_node *node,
                            struct sb_support *out)
{
    out->label = true;
    return sb_depend_candidate(space, e, node, out);
}

int sb_expr_support(const struct sb_pool *pool, sb_expr e, struct sb_support *out)
{
    uint32_t n;
    const struct sb_visit *visits = sb_pool_walk(pool, e, &n);
    struct sb_support found = { 0 };

    if (!visits)
        return sb_pool_node(pool, e) ? -ENOMEM : -EINVAL;
    for (uint32_t i = 0; i < n; i++) {
        const struct sb_op_row *row = sb_op_row(visits[i].node->op);

        if (row->depend && row->depend(sb_pool_space(pool), visits[i].e, visits[i].node, &found)) {
            sb_support_fini(&found);
            return -ENOMEM;
        }
    }
    *out = found;
    return 0;
}

void sb_support_fini(struct sb_support *support)
{
    free((sb_expr *)support->dots);
    memset(support, 0, sizeof *support);
}
