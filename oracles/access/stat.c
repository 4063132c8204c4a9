/* SPDX-License-Identifier: GPL-3.0-or-later */
/* STAT(tau): for a query f: X -> [-1,1], any v with |v - E_D f| <= tau [Kearns98; CLL22, Def. 2].
 */
#include "oracles/access/accesses.h"

const struct sb_access_class sb_access_stat = {
    .name = "stat",
    .summary = "STAT(tau): f to [-1,1], answered within tau of E f",
    .source = "[Kearns98]",
    .bit = SB_STAT,
    .params = sb_tau_params,
    SB_TAU_ACCESS,
};
