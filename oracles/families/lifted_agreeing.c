/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which lifted function has a given label: where the rule for labels holds, the base function that has the one
 * label of the base which is lifted to it; elsewhere by going through all. */
#include "estimate/agreeing.h"
#include "oracles/families/lifted.h"

#include <math.h>

/* The base's label that is lifted to y_i, by the rule, and how many there are. */
struct preimage {
    double y[SB_LIFTED_PIECE];
    uint32_t n[SB_LIFTED_PIECE];
};

static void find_preimages(struct sb_lifted *f, const struct sb_block *z, struct preimage *out)
{
    double lifted[SB_LIFTED_PIECE];

    for (uint64_t i = 0; i < z->n; i++) {
        out->y[i] = f->base->space.labels[0];
        out->n[i] = 0;
    }
    for (uint32_t l = 0; l < f->base->space.n_labels; l++) {
        sb_lifted_number(f, l, z, lifted);
        for (uint64_t i = 0; i < z->n; i++)
            if (fabs(lifted[i] - z->y[i]) <= SB_AGREE) {
                out->y[i] = f->base->space.labels[l];
                out->n[i]++;
            }
    }
}

static void by_base(const struct sb_lifted *f, const struct sb_block *x, uint64_t *out)
{
    const struct sb_candidates *c = f->base->space.candidates;

    if (c->agreeing)
        c->agreeing(c->self, x, out);
    else
        sb_agreeing_look(c, f->base->n_members, 0, x, out);
}

/* The points of the piece that are marked. */
static void by_looking(struct sb_lifted *f, const struct sb_block *z, const uint8_t *marked,
                       uint64_t *out)
{
    static const uint32_t most = SB_LIFTED_COORDINATES;
    double column[SB_LIFTED_COORDINATES][SB_LIFTED_PIECE], y[SB_LIFTED_PIECE];
    const double *x[SB_LIFTED_COORDINATES];
    uint64_t found[SB_LIFTED_PIECE], n = 0;
    struct sb_block some = *z;

    for (uint64_t i = 0; i < z->n; i++) {
        if (!marked[i])
            continue;
        for (uint32_t j = 0; j < z->dim && j < most; j++)
            column[j][n] = z->x[j][i];
        y[n++] = z->y[i];
    }
    if (n == 0)
        return;
    for (uint32_t j = 0; j < z->dim && j < most; j++)
        x[j] = column[j];
    some.n = n;
    some.x = x;
    some.y = y;
    sb_agreeing_look(&f->candidates, f->base->n_members, SB_AGREE, &some, found);
    n = 0;
    for (uint64_t i = 0; i < z->n; i++)
        if (marked[i])
            out[i] = found[n++];
}

static void in_piece(struct sb_lifted *f, struct sb_lifted_piece *p, uint64_t *out)
{
    const uint64_t n_labels = f->base->space.n_labels;
    uint8_t marked[SB_LIFTED_PIECE];
    struct preimage pre;

    find_preimages(f, &p->z, &pre);
    p->x.y = pre.y;
    by_base(f, &p->x, out);
    sb_lift_beyond(&f->lift, &p->z, marked);
    for (uint64_t i = 0; i < p->z.n; i++) {
        if (pre.n[i] != 1 && f->base->n_members > 1)
            out[i] = UINT64_MAX;
        marked[i] |= pre.n[i] > 1 && pre.n[i] < n_labels;
    }
    by_looking(f, &p->z, marked, out);
}

void sb_lifted_agreeing(void *self, const struct sb_block *block, uint64_t *out)
{
    struct sb_lifted *f = self;
    struct sb_lifted_piece p;

    for (uint64_t start = 0; start < block->n; start += SB_LIFTED_PIECE) {
        sb_lifted_cut(f, block, start, &p);
        p.z.y = block->y + start;
        in_piece(f, &p, out + start);
    }
}
