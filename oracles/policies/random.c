/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Policy random: uniform in what is left of the tolerance around the truth (theorems.md B3). A query
 * asked again gets another answer, so a learner that repeats recovers digits: it carries no bound.
 */
#include "base/memory.h"
#include "oracles/policies/policies.h"

static double pick(void *state, const struct sb_question *q, double truth, double room)
{
    const struct sb_key *key = state;
    double u;

    sb_random_uniform(*key, 0, q->seq, 1, &u);
    return truth + (2 * u - 1) * room;
}

static int answer(void *state, const struct sb_question *q, struct sb_reply *reply,
                  struct sb_diag *diag)
{
    (void)diag;
    return sb_pointwise_answer(state, q, pick, reply);
}

const struct sb_policy_class sb_policy_random = {
    .name = "random",
    .summary = "uniform within the tolerance around the truth",
    .source = "[docs/theorems.md B3]",
    SB_POINTWISE,
    .create = sb_keyed_create,
    .answer = answer,
    .destroy = free,
};
