/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Policy eliminate: nothing is hidden until the end (theorems.md B5). Every answer is the point within
 * tolerance of most members that are still live (in mass; ties go to the point nearest the null's
 * value); the others are dropped. What is hidden is chosen among the survivors at the finish: at
 * random by the seed, or the worst for what the learner returned. Under goal `distinguish` the null
 * is a candidate with the mass of all members together.
 *
 * The null's value would drop no more live members than C3 allows (oracles/policies/version_space.h),
 * and the answer chosen drops no more than that. */
#include "oracles/policies/coverage.h"
#include "oracles/policies/policies.h"

#include <errno.h>

static int create(const struct sb_policy_setup *setup, void **state_out, struct sb_diag *diag)
{
    return sb_version_space_create(setup, "eliminate", state_out, diag);
}

static int answer(void *state, const struct sb_question *q, struct sb_reply *reply,
                  struct sb_diag *diag)
{
    struct sb_version_space *space = state;
    struct sb_view view = sb_view_of(q);
    int error = sb_profile_room(q->profile, 2 * q->profile->n, diag);

    if (error)
        return error;
    reply->answer = sb_most_covered(space, &view, q->profile->scratch);
    reply->from_null = reply->answer == q->null.value;
    sb_version_space_certify(q, reply);
    error = sb_version_space_answer(space, &view, SB_OF_LIVE, reply, diag);
    if (!error && !space->n_live && !space->null_live)
        error = sb_diag_fail(
            diag, -EFAULT, "a fault of statbed's: query %llu left no member live; please report it",
            (unsigned long long)q->seq);
    return error;
}

static const struct sb_param params[] = { SB_SLACK("0.1"),
                                          SB_FINISH,
                                          { NULL, 0, 0, NULL, NULL, NULL } };

const struct sb_policy_class sb_policy_eliminate = {
    .name = "eliminate",
    .summary = "keeps every member still consistent; what is hidden is chosen at the end",
    .source = "[docs/theorems.md B5, C3]",
    .params = params,
    SB_VERSION_SPACE,
    .create = create,
    .answer = answer,
};
