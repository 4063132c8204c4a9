/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Policy reference: the null's value whenever that is within tolerance of the truth, else the truth
 * (theorems.md B4): the adversary of the distinguishing bounds. Slack and failure probability are halved
 * between the two estimates, and the null's is drawn from a stream that the hidden member does not
 * change. The null is left only where |truth - null| > tolerance - the truth's half-width, so at a
 * true gap above tolerance (1 - 2 slack); bounds are evaluated there. */
#include "numeric/ball.h"
#include "oracles/policies/policies.h"

static int answer(void *state, const struct sb_question *q, struct sb_reply *reply,
                  struct sb_diag *diag)
{
    struct sb_ball gap = sb_ball_add(sb_ball_of(q->null.value), sb_ball_of(-q->truth.value));

    (void)state;
    (void)diag;
    if (gap.mid < 0)
        gap.mid = -gap.mid;
    reply->truth = q->truth;
    reply->room = sb_room(q, &q->truth);
    reply->from_null = gap.mid + gap.rad <= reply->room;
    reply->answer = reply->from_null ? q->null.value : q->truth.value;
    reply->null_half_width = q->null.half_width;
    return 0;
}

static const struct sb_param params[] = { SB_SLACK("0.1"), { NULL, 0, 0, NULL, NULL, NULL } };

const struct sb_policy_class sb_policy_reference = {
    .name = "reference",
    .summary = "the null's value while it is within tolerance of the truth",
    .source = "[docs/theorems.md B4; FGR17]",
    .params = params,
    .carries_bound = true,
    .truth_part = 0.5,
    .null_part = 0.5,
    .answer = answer,
};
