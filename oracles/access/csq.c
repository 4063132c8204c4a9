/* SPDX-License-Identifier: GPL-3.0-or-later */
/* CSQ(tau): for a query g: X -> [-1,1] of x alone, any v with |v - E_D[y g(x)]| <= tau [BF02]. For
 * labels in [-1,1]; real ones are clipped to it, for of no others could a mean be certified. */
#include "oracles/access/accesses.h"

static sb_expr times_label(struct sb_pool *pool, sb_expr g)
{
    static const double unit[2] = { -1, 1 };
    sb_expr pair[2] = { sb_pool_op(pool, SB_Y, NULL, 0, NULL, 0), g };
    double lo, hi;

    if (!sb_space_label_range(sb_pool_space(pool), &lo, &hi) || lo < -1 || hi > 1)
        pair[0] = sb_pool_op(pool, SB_CLIP, unit, 2, pair, 1);
    return sb_pool_op(pool, SB_MUL, NULL, 0, pair, 2);
}

const struct sb_access_class sb_access_csq = {
    .name = "csq",
    .summary = "CSQ(tau): g of x alone, to [-1,1]; E[y g(x)] answered within tau",
    .source = "[BF02]",
    .bit = SB_CSQ,
    .params = sb_tau_params,
    SB_TAU_ACCESS,
    .estimated = times_label,
    .without_label = true,
};
