/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every member's value of a query on a small cube, by the weights of the members' laws: for families
 * that know no faster way. */
#include "estimate/profile.h"

#include "numeric/sum.h"

enum {
    MOST_TABLE_BITS = 12,
    MOST_WORK_BITS = 24, /* of members times points */
};

bool sb_family_has_profile_by_law(const struct sb_family *family)
{
    const struct sb_space *space = &family->space;

    return space->domain == SB_CUBE && space->n_labels == 2 && space->dim <= MOST_TABLE_BITS &&
           family->n_members <= UINT64_C(1) << (MOST_WORK_BITS - space->dim);
}

/* E[f] under one law: sum over x and l of Pr[l|x] f[l][x], over 2^dim. */
static double mean(const struct sb_law *law, double *const f[2], double *error_out)
{
    const uint64_t size = UINT64_C(1) << law->dim;
    uint64_t bits[SB_BLOCK];
    double weight[SB_BLOCK], error, value;
    bool rounded = false;
    struct sb_sum sum;

    sb_sum_init(&sum);
    for (uint64_t start = 0; start < size; start += SB_BLOCK) {
        const uint64_t n = size - start < SB_BLOCK ? size - start : SB_BLOCK;
        const struct sb_block block = { sizeof block, law->dim, n, NULL, bits, NULL };

        for (uint64_t i = 0; i < n; i++)
            bits[i] = start + i;
        for (uint32_t l = 0; l < 2; l++) {
            sb_law_weights(law, &block, l, weight);
            for (uint64_t i = 0; i < n; i++) {
                rounded |= weight[i] != 0 && weight[i] != 0.5 && weight[i] != 1;
                sb_sum_add(&sum, weight[i] * f[l][start + i]);
            }
        }
    }
    value = sb_sum_value(&sum, &error);
    /* a weight and a product round by 2^-53 each; |f| <= 1 and the weights of a point sum to 1 */
    *error_out = error / (double)size + (rounded ? 0x1p-51 : 0);
    return value / (double)size;
}

int sb_family_profile_by_law(const struct sb_family *family, bool clean, double *const f[2],
                             struct sb_profile *out)
{
    out->half_width = 0;
    for (uint64_t i = 0; i < family->n_members; i++) {
        struct sb_law law;
        double error;

        family->law(family, i, clean, &law);
        out->value[i] = mean(&law, f, &error);
        if (error > out->half_width)
            out->half_width = error;
    }
    return 0;
}
