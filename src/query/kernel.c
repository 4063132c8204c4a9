/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which variant of the kernels runs; and the kernels that only look elsewhere: at a column of the
 * block, at the candidates of a family. */
#include "query/arith.h"
#include "query/kernels.h"

const double sb_largest = DBL_MAX;

const struct sb_kernels *sb_kernels(void)
{
#ifdef SB_WITH_X86_ISAS
    static const struct sb_kernels *const variant[SB_ISAS] = { &sb_kernels_baseline,
                                                               &sb_kernels_avx2,
                                                               &sb_kernels_avx512 };

    return variant[sb_isa()];
#else
    return &sb_kernels_baseline;
#endif
}

#define IGNORE(p) (void)(p)

const double *sb_eval_y(struct sb_lane *lane, const double *num, uint32_t n_num,
                        const double *const *in, double *restrict out)
{
    IGNORE(num), IGNORE(n_num), IGNORE(in), IGNORE(out);
    return lane->block->y;
}

const double *sb_eval_column(struct sb_lane *lane, const double *num, uint32_t n_num,
                             const double *const *in, double *restrict out)
{
    IGNORE(n_num), IGNORE(in), IGNORE(out);
    return lane->block->x[(uint32_t)num[0]];
}

const double *sb_eval_candidate(struct sb_lane *lane, const double *num, uint32_t n_num,
                                const double *const *in, double *restrict out)
{
    const struct sb_candidates *c = lane->space->candidates;

    IGNORE(n_num), IGNORE(in);
    c->label(c->self, (uint64_t)num[0], lane->block, out);
    return out;
}

const double *sb_eval_candidate_bit(struct sb_lane *lane, const double *num, uint32_t n_num,
                                    const double *const *in, double *restrict out)
{
    const struct sb_candidates *c = lane->space->candidates;
    const uint32_t bit = (uint32_t)num[0];

    IGNORE(n_num), IGNORE(in);
    if (!lane->agreed)
        c->agreeing(c->self, lane->block, lane->agreeing);
    lane->agreed = true;
    for (uint64_t i = 0; i < lane->n; i++) {
        const uint64_t index = lane->agreeing[i];

        out[i] = index != UINT64_MAX && (index >> bit & 1) ? 1 : 0;
    }
    return out;
}
