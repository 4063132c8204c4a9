/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Policy exact: the certified value itself (docs/theorems.md B1). Carries no bound. */
#include "oracles/policies/policies.h"

static double pick(void *state, const struct sb_question *q, double truth, double room)
{
    (void)state;
    (void)q;
    (void)room;
    return truth;
}

static int answer(void *state, const struct sb_question *q, struct sb_reply *reply,
                  struct sb_diag *diag)
{
    (void)diag;
    return sb_pointwise_answer(state, q, pick, reply);
}

const struct sb_policy_class sb_policy_exact = {
    .name = "exact",
    .summary = "the certified value itself",
    .source = "[docs/theorems.md B1]",
    SB_POINTWISE,
    .answer = answer,
};
