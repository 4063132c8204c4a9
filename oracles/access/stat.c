/* SPDX-License-Identifier: GPL-3.0-or-later */
/* STAT(tau): for a query f: X -> [-1,1], any v with |v - E_D f| <= tau [Kearns98; CLL22, Def. 2].
 */
#include "oracles/access/accesses.h"

static struct sb_tolerance granted(const struct sb_values *oracle)
{
    return (struct sb_tolerance){ SB_RULE_STAT, sb_values_real(oracle, "tolerance") };
}

static const char *refuse(struct sb_tolerance least, double value)
{
    if (!(value > 0 && value <= 1))
        return "a tolerance tau in (0,1]";
    return value < least.value ? "a tolerance of at least what the experiment grants" : NULL;
}

static double least_width(struct sb_tolerance tolerance)
{
    return tolerance.value;
}

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
    .granted = granted,
    .refuse = refuse,
    .least = least_width,
};
