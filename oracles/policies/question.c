/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What policies are given of a question: the truth, the null's value, every member's value. */
#include "oracles/policies/policy.h"

#include "base/memory.h"

#include <errno.h>

static struct sb_estimate_task task_of(const struct sb_question *q, const struct sb_law *law,
                                       struct sb_key key, double part)
{
    return (struct sb_estimate_task){ .law = law,
                                      .pool = q->pool,
                                      .expr = q->expr,
                                      .lo = q->lo,
                                      .hi = q->hi,
                                      .tolerance = q->tolerance,
                                      .share = q->slack * part,
                                      .delta = q->delta * part,
                                      .key = key,
                                      .stream = q->stream,
                                      .fuse = q->fuse };
}

/* One kind of estimate of all questions: of the truth, or of the null. */
struct sweep {
    struct sb_estimate_task *tasks; /* n each */
    struct sb_estimate *estimates;
    int *status;
};

static int sweep(const struct sweep *s, struct sb_question *questions, size_t n, bool null,
                 double part, int *status)
{
    struct sb_law law;
    int error;

    if (part == 0)
        return 0;
    sb_family_law(questions->family, null ? (struct sb_hidden){ 0 } : questions->hidden, false,
                  &law);
    for (size_t i = 0; i < n; i++)
        s->tasks[i] = task_of(&questions[i], &law,
                              null ? questions[i].null_key : questions[i].truth_key, part);
    error = sb_estimate_many(s->tasks, n, s->estimates, s->status);
    for (size_t i = 0; i < n && !error; i++) {
        *(null ? &questions[i].null : &questions[i].truth) = s->estimates[i];
        status[i] = status[i] ? status[i] : s->status[i];
    }
    return error;
}

int sb_questions_estimate(const struct sb_policy_class *policy, struct sb_question *questions,
                          size_t n, int *status)
{
    const struct sweep s = { SB_NEW_ARRAY(struct sb_estimate_task, n),
                             SB_NEW_ARRAY(struct sb_estimate, n), SB_NEW_ARRAY(int, n) };
    int error = s.tasks && s.estimates && s.status ? 0 : -ENOMEM;

    for (size_t i = 0; i < n; i++)
        status[i] = 0;
    if (!error)
        error = sweep(&s, questions, n, true, policy->null_part, status);
    if (!error)
        error = sweep(&s, questions, n, false, policy->truth_part, status);
    free(s.tasks);
    free(s.estimates);
    free(s.status);
    return error;
}

/* Both estimates come from one pass, and each may fail with the probability that it is made with. */
int sb_question_call(const struct sb_policy_class *policy, struct sb_question *q)
{
    const double part = policy->truth_part > 0 ? policy->truth_part : policy->null_part;
    const bool null_alone = policy->truth_part == 0 && sb_public_whole_domain(&q->family->space);
    struct sb_law hidden, null;
    const struct sb_public_task task = { .space = &q->family->space,
                                         .callback = q->callback,
                                         .law = { null_alone ? NULL : &hidden, &null },
                                         .lo = q->lo,
                                         .hi = q->hi,
                                         .without_label = q->without_label,
                                         .lipschitz = q->lipschitz,
                                         .keep = q->keep_table ? q->profile->scratch : NULL,
                                         .tolerance = q->tolerance,
                                         .share = q->slack * part,
                                         .delta = q->delta * part,
                                         .key = q->null_key,
                                         .stream = q->stream,
                                         .fuse = q->fuse };
    int status;

    sb_family_law(q->family, q->hidden, false, &hidden);
    q->family->null_law(q->family, &null);
    status = sb_public_points(&task, q->pass);
    q->truth = q->pass->estimate[SB_PUBLIC_HIDDEN];
    q->null = q->pass->estimate[SB_PUBLIC_NULL];
    return status;
}

struct sb_digest sb_question_digest(const struct sb_question *q)
{
    return q->callback ? q->pass->digest : q->digest;
}

int sb_question_profile(const struct sb_question *q, double part)
{
    const struct sb_profile_task task = { .family = q->family,
                                          .pool = q->pool,
                                          .expr = q->expr,
                                          .callback = q->callback,
                                          .without_label = q->without_label,
                                          .lipschitz = q->lipschitz,
                                          .lo = q->lo,
                                          .hi = q->hi,
                                          .squares = q->tolerance.rule == SB_RULE_VARIANCE,
                                          .most_bits = q->profile_bits,
                                          .half_width = q->slack * part * q->least,
                                          .delta = q->delta * part,
                                          .key = q->null_key,
                                          .stream = q->stream,
                                          .fuse = q->fuse };

    if (q->callback && sb_public_whole_domain(&q->family->space) && !q->keep_table)
        return SB_REFUSED;
    return sb_profile_of(&task, q->profile);
}
