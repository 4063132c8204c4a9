/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Policy null: the null's value to every query, whatever the members say. Nothing is hidden until the end
 * (theorems.md B4, B5): what each answer is wrong for is counted over the whole family, so that the
 * most that a query ruled out, kappa, says what every learner needs whose queries rule out no more
 * each. At the finish one is taken to whom all answers were right, as under `eliminate`; where there is
 * none, the null. */
#include "oracles/policies/policies.h"
#include "oracles/policies/version_space.h"

static int create(const struct sb_policy_setup *setup, void **state_out, struct sb_diag *diag)
{
    return sb_version_space_create(setup, "null", state_out, diag);
}

static int answer(void *state, const struct sb_question *q, struct sb_reply *reply,
                  struct sb_diag *diag)
{
    struct sb_view view = sb_view_of(q);

    reply->answer = q->null.value;
    reply->from_null = true;
    sb_version_space_certify(q, reply);
    return sb_version_space_answer(state, &view, SB_OF_ALL, reply, diag);
}

static const struct sb_param params[] = { SB_SLACK("0.1"),
                                          SB_FINISH,
                                          { NULL, 0, 0, NULL, NULL, NULL } };

const struct sb_policy_class sb_policy_null = {
    .name = "null",
    .summary = "the null's value throughout, counting the members that each answer rules out",
    .source = "[docs/theorems.md B4, B5, C3]",
    .params = params,
    SB_VERSION_SPACE,
    .create = create,
    .answer = answer,
};
