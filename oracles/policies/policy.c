/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What policies ask of a question: the truth, the null's value, every member's value. */
#include "oracles/policies/policy.h"

#include "base/memory.h"
#include "query/eval.h"

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

int sb_question_truth(const struct sb_question *q, double share, double delta,
                      struct sb_estimate *out)
{
    struct sb_law law;

    if (q->hidden.planted)
        q->family->law(q->family, q->hidden.member, false, &law);
    else
        q->family->null_law(q->family, &law);
    return estimate(q, &law, q->truth_key, share, delta, out);
}

int sb_question_null(const struct sb_question *q, double share, double delta,
                     struct sb_estimate *out)
{
    struct sb_law law;

    q->family->null_law(q->family, &law);
    return estimate(q, &law, q->null_key, share, delta, out);
}

/* f[l][x]: the query at every point of the cube, with every label */
static int tabulate(const struct sb_question *q, double *const f[2])
{
    const struct sb_space *space = &q->family->space;
    const uint64_t size = UINT64_C(1) << space->dim;
    struct sb_program *program = sb_program_new(q->pool, q->expr);
    uint64_t bits[SB_BLOCK];
    double y[SB_BLOCK];

    if (!program)
        return -ENOMEM;
    for (int l = 0; l < 2; l++) {
        for (uint64_t i = 0; i < SB_BLOCK; i++)
            y[i] = space->labels[l];
        for (uint64_t start = 0; start < size; start += SB_BLOCK) {
            const uint64_t n = size - start < SB_BLOCK ? size - start : SB_BLOCK;
            const struct sb_block block = { .n = n, .bits = bits, .y = y };

            for (uint64_t i = 0; i < n; i++)
                bits[i] = start + i;
            sb_program_run(program, &block, f[l] + start);
        }
    }
    sb_program_free(program);
    return 0;
}

static void square(double *f, uint64_t n)
{
    for (uint64_t i = 0; i < n; i++)
        f[i] *= f[i];
}

int sb_question_values(const struct sb_question *q, double *out, double *second,
                       double *half_width_out)
{
    const uint64_t size = UINT64_C(1) << q->family->space.dim;
    double *table = SB_NEW_ARRAY(double, 2 * size);
    double *const f[2] = { table, table + size };
    const double *const values[2] = { table, table + size };
    double second_half_width = 0;
    int error;

    if (!table)
        return -ENOMEM;
    error = tabulate(q, f);
    if (!error)
        error = q->family->values(q->family, false, values, out, half_width_out);
    if (!error && second) {
        square(table, 2 * size);
        error = q->family->values(q->family, false, values, second, &second_half_width);
        second_half_width += 0x1p-53; /* squaring rounds; |f| <= 1 */
        if (second_half_width > *half_width_out)
            *half_width_out = second_half_width;
    }
    free(table);
    return error;
}

int sb_pointwise_answer(void *state, const struct sb_question *q, sb_pick *pick,
                        struct sb_reply *reply)
{
    const int status = sb_question_truth(q, q->slack, q->delta, &reply->truth);
    const struct sb_estimate *t = &reply->truth;

    if (status)
        return status;
    reply->room = sb_tolerance_lb(q->tolerance, t->value - t->half_width, t->value + t->half_width,
                                  t->variance_lb) -
                  t->half_width;
    reply->answer = pick(state, q, t->value, reply->room);
    return 0;
}
