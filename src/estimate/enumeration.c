/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Route: enumeration of the coordinates that the query depends on, up to 24 of them; what the law
 * asks of the others is integrated out exactly. */
#include "estimate/group.h"

enum { MOST_BITS = 24 };

int sb_estimate_enumeration(const struct sb_estimate_task *task, struct sb_estimate *out)
{
    const struct sb_law *law = task->law;
    struct sb_ball total = { 0, 0 };
    uint64_t mask;
    double outside;
    bool label;
    int error;

    error = sb_group_mask(task, task->expr, &mask, &label);
    if (error)
        return error;
    if (__builtin_popcountll(mask) > MOST_BITS)
        return 1;
    outside = sb_group_outside(law, ~mask & ((UINT64_C(1) << law->dim) - 1), 0);
    for (int l = 0; l < 2 && !error; l++) {
        struct sb_ball plain, with_g;

        error = sb_group_means(task, task->expr, mask, 0, law->label[l], &plain, &with_g);
        total = sb_ball_add(total, sb_ball_mul(sb_ball_of(law->alpha[l]), plain));
        total = sb_ball_add(total, sb_ball_mul(sb_ball_of(law->beta[l] * outside), with_g));
    }
    *out = (struct sb_estimate){ .value = total.mid,
                                 .half_width = total.rad,
                                 .method = SB_ENUMERATION };
    return error;
}
