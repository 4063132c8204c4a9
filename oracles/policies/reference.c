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
    struct sb_estimate null, *truth = &reply->truth;
    struct sb_ball gap;
    int status;

    (void)state;
    (void)diag;
    status = sb_question_null(q, q->slack / 2, q->delta / 2, &null);
    if (status)
        return status;
    status = sb_question_truth(q, q->slack / 2, q->delta / 2, truth);
    if (status)
        return status;
    gap = sb_ball_add(sb_ball_of(null.value), sb_ball_of(-truth->value));
    if (gap.mid < 0)
        gap.mid = -gap.mid;
    reply->room = sb_room(q, truth);
    reply->from_null = gap.mid + gap.rad <= reply->room;
    reply->answer = reply->from_null ? null.value : truth->value;
    reply->null_half_width = null.half_width;
    return 0;
}

static const struct sb_param params[] = { SB_SLACK("0.1"), { NULL, 0, 0, NULL, NULL, NULL } };

const struct sb_policy_class sb_policy_reference = {
    .name = "reference",
    .summary = "the null's value while it is within tolerance of the truth",
    .source = "[docs/theorems.md B4; FGR17]",
    .params = params,
    .carries_bound = true,
    .answer = answer,
};
