/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What policies share: the room that a certificate leaves, and moving the truth within it. */
#include "oracles/policies/policy.h"

#include "base/memory.h"

#include <errno.h>

double sb_room(const struct sb_question *q, const struct sb_estimate *truth)
{
    const double lo = truth->value - truth->half_width, hi = truth->value + truth->half_width;
    const double tolerance = sb_tolerance_lb(q->tolerance, lo, hi, truth->variance_lb);

    /* the difference rounds, but for a half-width of 0 */
    return truth->half_width == 0 ? tolerance : (tolerance - truth->half_width) * (1 - 0x1p-52);
}

const struct sb_param sb_pointwise_params[] = { SB_SLACK("0.5"), { NULL, 0, 0, NULL, NULL, NULL } };

int sb_pointwise_answer(void *state, const struct sb_question *q, sb_pick *pick,
                        struct sb_reply *reply)
{
    double inner;

    reply->truth = q->truth;
    reply->room = sb_room(q, &reply->truth);
    /* truth + room rounds, at most by 2^-53: both are at most 1 in size */
    inner = reply->room > 0x1p-52 ? reply->room - 0x1p-52 : 0;
    reply->answer = pick(state, q, reply->truth.value, inner);
    return 0;
}

int sb_keyed_create(const struct sb_policy_setup *setup, void **state_out, struct sb_diag *diag)
{
    struct sb_key *key = SB_NEW(struct sb_key);

    (void)diag;
    if (!key)
        return -ENOMEM;
    *key = setup->key;
    *state_out = key;
    return 0;
}
