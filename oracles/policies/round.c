/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Policy round: the nearest point of a grid of the least tolerance's width, shifted by an offset
 * drawn once a run (theorems.md B2), so that a learner cannot count on 0 being a grid point. Adding
 * constants to a query (dither) recovers digits: it carries no bound. */
#include "base/memory.h"
#include "oracles/policies/policies.h"

#include <errno.h>
#include <math.h>

struct grid {
    double width, offset;
};

static int create(const struct sb_policy_setup *setup, void **state_out, struct sb_diag *diag)
{
    struct grid *grid = SB_NEW(struct grid);
    double u;

    (void)diag;
    if (!grid)
        return -ENOMEM;
    sb_random_uniform(setup->key, 0, 0, 1, &u);
    grid->width = setup->grid;
    grid->offset = u * grid->width;
    *state_out = grid;
    return 0;
}

/* At most half a width away; the truth's half-width takes at most half of the tolerance (slack), so
 * that fits, but for a coarser slack or a last bit: never beyond the room. */
static double pick(void *state, const struct sb_question *q, double truth, double room)
{
    const struct grid *grid = state;
    const double point =
        floor((truth - grid->offset) / grid->width + 0.5) * grid->width + grid->offset;

    (void)q;
    if (point > truth + room)
        return truth + room;
    return point < truth - room ? truth - room : point;
}

static int answer(void *state, const struct sb_question *q, struct sb_reply *reply,
                  struct sb_diag *diag)
{
    (void)diag;
    return sb_pointwise_answer(state, q, pick, reply);
}

const struct sb_policy_class sb_policy_round = {
    .name = "round",
    .summary = "the nearest point of a grid with a per-run offset",
    .source = "[docs/theorems.md B2]",
    SB_POINTWISE,
    .create = create,
    .answer = answer,
    .destroy = free,
};
