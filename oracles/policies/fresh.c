/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Policy fresh: the mean over examples that no other answer uses, in the order of their drawing
 * (theorems.md A3, A5). No adversary and no certificate: the error is that of sampling. For accesses
 * that draw fresh examples, and only for them; it carries no bound. */
#include "base/memory.h"
#include "estimate/points.h"
#include "numeric/sum.h"
#include "oracles/policies/policies.h"
#include "query/eval.h"

#include <errno.h>

static void add_block(const struct sb_question *q, const struct sb_law *law,
                      struct sb_program *program, struct sb_point_room *room, uint64_t start,
                      struct sb_sum *sum)
{
    const uint64_t left = q->fresh.n - start, n = left < SB_BLOCK ? left : SB_BLOCK;
    double y[SB_BLOCK], f[SB_BLOCK];

    sb_law_sample(law, q->fresh.key, q->fresh.start + start, n, &room->points, y);
    room->block.n = n;
    room->block.y = y;
    sb_program_run(program, &room->block, f);
    for (uint64_t i = 0; i < n; i++)
        sb_sum_add(sum, f[i]);
}

static int answer(void *state, const struct sb_question *q, struct sb_reply *reply,
                  struct sb_diag *diag)
{
    struct sb_program *program = sb_program_new(q->pool, q->expr);
    struct sb_point_room room;
    struct sb_sum sum;
    struct sb_law law;
    double rounding;
    int error = sb_point_room_init(&room, &q->family->space);

    (void)state;
    (void)diag;
    if (!program)
        error = -ENOMEM;
    sb_family_law(q->family, q->hidden, false, &law);
    sb_sum_init(&sum);
    for (uint64_t start = 0; start < q->fresh.n && !error; start += SB_BLOCK) {
        add_block(q, &law, program, &room, start, &sum);
        if (sb_fuse_blown(q->fuse))
            error = -ETIME;
    }
    sb_program_free(program);
    sb_point_room_fini(&room);
    reply->answer = sb_sum_value(&sum, &rounding) / (double)q->fresh.n;
    reply->truth = (struct sb_estimate){ .value = __builtin_nan(""),
                                         .half_width = __builtin_nan(""),
                                         .method = SB_FRESH_EXAMPLES };
    return error;
}

const struct sb_policy_class sb_policy_fresh = {
    .name = "fresh",
    .summary = "the mean over fresh examples (oracles one-stat and honest)",
    .source = "[docs/theorems.md A3, A5]",
    .fresh = true,
    .answer = answer,
};
