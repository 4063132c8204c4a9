/* SPDX-License-Identifier: GPL-3.0-or-later */
/* STAT(tau): for a query f: X -> [-1,1], any v with |v - E_D f| <= tau [Kearns98; CLL22, Def. 2].
 */
#include "oracles/access/accesses.h"

static const struct sb_param params[] = { { "tolerance", SB_REAL, 0, NULL, "[1e-9,1]",
                                            "tau: the least tolerance granted" },
                                          { NULL, 0, 0, NULL, NULL, NULL } };

const struct sb_access_class sb_access_stat = {
    .name = "stat",
    .summary = "STAT(tau): f to [-1,1], answered within tau of E f",
    .source = "[Kearns98]",
    .bit = SB_STAT,
    .lo = -1,
    .hi = 1,
    .params = params,
    .granted = sb_tau_granted,
    .refuse = sb_tau_refuse,
    .least = sb_tau_least,
};
