/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What policies ask of a question: the truth, the null's value, every member's value. */
#include "oracles/policies/policy.h"

#include "base/memory.h"

#include <errno.h>

static int estimate(const struct sb_question *q, const struct sb_law *law, struct sb_key key,
                    double share, double delta, struct sb_estimate *out)
{
    const struct sb_estimate_task task = { .law = law,
                                           .pool = q->pool,
                                           .expr = q->expr,
                                           .lo = q->lo,
                                           .hi = q->hi,
                                           .tolerance = q->tolerance,
                                           .share = share,
                                           .delta = delta,
                                           .key = key,
                                           .stream = q->seq,
                                           .fuse = q->fuse };

    return sb_estimate(&task, out);
}

static int pass_over_points(const struct sb_question *q, double share, double delta)
{
    struct sb_law hidden, null;
    const struct sb_public_task task = { .space = &q->family->space,
                                         .callback = q->callback,
                                         .law = { &hidden, &null },
                                         .lo = q->lo,
                                         .hi = q->hi,
                                         .without_label = q->without_label,
                                         .lipschitz = q->lipschitz,
                                         .keep_values = q->family->values != NULL,
                                         .tolerance = q->tolerance,
                                         .share = share,
                                         .delta = delta,
                                         .key = q->null_key,
                                         .stream = q->seq,
                                         .fuse = q->fuse };

    sb_family_law(q->family, q->hidden, false, &hidden);
    q->family->null_law(q->family, &null);
    return sb_public_points(&task, &q->pass->result);
}

/* Both estimates come from one pass: each fails with probability delta at most, so a policy that
 * uses both asks with half of what it has. */
static int from_callback(const struct sb_question *q, int which, double share, double delta,
                         struct sb_estimate *out)
{
    if (!q->pass->made) {
        q->pass->made = true;
        q->pass->status = pass_over_points(q, share, delta);
    }
    if (!q->pass->status)
        *out = q->pass->result.estimate[which];
    return q->pass->status;
}

struct sb_digest sb_question_digest(const struct sb_question *q)
{
    return q->callback ? q->pass->result.digest : q->digest;
}

int sb_question_truth(const struct sb_question *q, double share, double delta,
                      struct sb_estimate *out)
{
    struct sb_law law;

    if (q->callback)
        return from_callback(q, SB_PUBLIC_HIDDEN, share, delta, out);
    sb_family_law(q->family, q->hidden, false, &law);
    return estimate(q, &law, q->truth_key, share, delta, out);
}

int sb_question_null(const struct sb_question *q, double share, double delta,
                     struct sb_estimate *out)
{
    struct sb_law law;

    if (q->callback)
        return from_callback(q, SB_PUBLIC_NULL, share, delta, out);
    q->family->null_law(q->family, &law);
    return estimate(q, &law, q->null_key, share, delta, out);
}

int sb_question_values(const struct sb_question *q, double *out, double *second,
                       double *half_width_out)
{
    if (q->callback)
        return sb_family_values_of(q->family, q->pass->result.values, false, out, second,
                                   half_width_out);
    return sb_family_values(q->family, q->pool, q->expr, false, out, second, half_width_out);
}

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
    const int status = sb_question_truth(q, q->slack, q->delta, &reply->truth);
    double inner;

    if (status)
        return status;
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
