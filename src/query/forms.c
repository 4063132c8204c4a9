/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Through which linear forms an expression sees a point of the cube: those of its leaves, reduced to
 * an independent set by Gaussian elimination over GF(2). Read off the text of the expression: what
 * cancels is not found. */
#include "query/op.h"
#include "query/pool.h"

#include <errno.h>

static uint64_t whole(const struct sb_space *space)
{
    return (UINT64_C(1) << space->dim) - 1;
}

static void add_coordinates(struct sb_echelon *echelon, uint64_t mask)
{
    for (; mask; mask &= mask - 1)
        sb_echelon_add(echelon, mask & -mask);
}

void sb_echelon_add(struct sb_echelon *echelon, uint64_t form)
{
    while (form) {
        const int highest = 63 - __builtin_clzll(form);

        if (!echelon->row[highest]) {
            echelon->row[highest] = form;
            return;
        }
        form ^= echelon->row[highest];
    }
}

void sb_see_x(const struct sb_space *space, const struct sb_node *node, struct sb_echelon *out)
{
    (void)space;
    sb_echelon_add(out, UINT64_C(1) << (uint32_t)node->num[0]);
}

void sb_see_dot(const struct sb_space *space, const struct sb_node *node, struct sb_echelon *out)
{
    (void)space;
    for (uint32_t j = 0; j < node->n_num; j++)
        if (node->num[j] != 0)
            sb_echelon_add(out, UINT64_C(1) << j);
}

void sb_see_chi(const struct sb_space *space, const struct sb_node *node, struct sb_echelon *out)
{
    uint64_t mask = 0;

    (void)space;
    for (uint32_t i = 0; i < node->n_num; i++)
        mask |= UINT64_C(1) << (uint32_t)node->num[i];
    sb_echelon_add(out, mask);
}

void sb_see_candidate(const struct sb_space *space, const struct sb_node *node,
                      struct sb_echelon *out)
{
    const struct sb_candidates *c = space->candidates;
    uint64_t mask;

    if (c && c->form && c->form(c->self, (uint64_t)node->num[0], &mask))
        sb_echelon_add(out, mask);
    else
        add_coordinates(out, whole(space));
}

void sb_see_candidate_bit(const struct sb_space *space, const struct sb_node *node,
                          struct sb_echelon *out)
{
    (void)node;
    add_coordinates(out, whole(space));
}

/* Clears the highest bit of every row in those above it: rows below are cleared already. */
void sb_echelon_reduce(struct sb_echelon *echelon, struct sb_forms *out)
{
    *out = (struct sb_forms){ 0 };
    for (uint32_t j = 0; j < 64; j++) {
        uint64_t *row = &echelon->row[j];

        if (!*row)
            continue;
        for (uint64_t below = *row & out->pivots; below; below &= below - 1)
            *row ^= echelon->row[__builtin_ctzll(below)];
        out->form[out->n++] = *row;
        out->pivots |= UINT64_C(1) << j;
    }
}

int sb_expr_forms(const struct sb_pool *pool, sb_expr e, struct sb_forms *out)
{
    const struct sb_space *space = sb_pool_space(pool);
    struct sb_echelon echelon = { { 0 } };
    const struct sb_visit *visits;
    uint32_t n;

    if (space->domain != SB_CUBE || !sb_pool_node(pool, e))
        return -EINVAL;
    visits = sb_pool_walk(pool, e, &n);
    if (!visits)
        return -ENOMEM;
    for (uint32_t i = 0; i < n; i++) {
        const struct sb_op_row *row = sb_op_row(visits[i].node->op);

        if (row->see)
            row->see(space, visits[i].node, &echelon);
    }
    sb_echelon_reduce(&echelon, out);
    return 0;
}

void sb_forms_of_coordinates(uint64_t mask, struct sb_forms *out)
{
    *out = (struct sb_forms){ .pivots = mask };
    for (; mask; mask &= mask - 1)
        out->form[out->n++] = mask & -mask;
}
