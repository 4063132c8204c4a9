/* SPDX-License-Identifier: GPL-3.0-or-later */
/* CSQ(tau): for a query g: X -> [-1,1] of x alone, any v with |v - E_D[y g(x)]| <= tau [BF02]. For
 * labels in [-1,1]. */
#include "oracles/access/accesses.h"

static const struct sb_param params[] = { { "tolerance", SB_REAL, 0, NULL, "[1e-9,1]",
                                            "tau: the least tolerance granted" },
                                          { NULL, 0, 0, NULL, NULL, NULL } };

static sb_expr times_label(struct sb_pool *pool, sb_expr g)
{
    const sb_expr pair[2] = { sb_pool_op(pool, SB_Y, NULL, 0, NULL, 0), g };

    return sb_pool_op(pool, SB_MUL, NULL, 0, pair, 2);
}

const struct sb_access_class sb_access_csq = {
    .name = "csq",
    .summary = "CSQ(tau): g of x alone, to [-1,1]; E[y g(x)] answered within tau",
    .source = "[BF02]",
    .bit = SB_CSQ,
    .lo = -1,
    .hi = 1,
    .params = params,
    .granted = sb_tau_granted,
    .refuse = sb_tau_refuse,
    .least = sb_tau_least,
    .estimated = times_label,
    .without_label = true,
};
