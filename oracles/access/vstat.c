/* SPDX-License-Identifier: GPL-3.0-or-later */
/* VSTAT(t): for a query f: X -> [0,1] of mean p, any v with |v - p| <= max(1/t, sqrt(p(1-p)/t))
 * [FGR17], the default rule `bernoulli`; by rule `variance` with Var_D f in place of p(1-p) [CLL22,
 * Def. 2]. Var f <= p(1-p), so the second oracle is at least as accurate. */
#include "oracles/access/accesses.h"

#include <float.h>
#include <string.h>

static struct sb_tolerance granted(const struct sb_values *oracle)
{
    const bool variance = strcmp(sb_values_text(oracle, "rule"), "variance") == 0;

    return (struct sb_tolerance){ variance ? SB_RULE_VARIANCE : SB_RULE_BERNOULLI,
                                  sb_values_real(oracle, "t") };
}

static const char *refuse(struct sb_tolerance least, double value)
{
    if (!(value >= 1 && value <= DBL_MAX))
        return "a number t of at least 1";
    return value > least.value ? "a t of at most what the experiment grants" : NULL;
}

static double least_width(struct sb_tolerance tolerance)
{
    return 1 / tolerance.value;
}

static const struct sb_param params[] = {
    { "t", SB_REAL, 0, NULL, "[1,1e9]",
      "t: the largest granted; tolerance max(1/t, sqrt(p(1-p)/t))" },
    { "rule", SB_TEXT, 0, "bernoulli", "bernoulli|variance",
      "p(1-p) [FGR17] or the query's variance [CLL22] under the root" },
    { NULL, 0, 0, NULL, NULL, NULL }
};

const struct sb_access_class sb_access_vstat = {
    .name = "vstat",
    .summary = "VSTAT(t): f to [0,1], answered within max(1/t, sqrt(p(1-p)/t)) of p = E f",
    .source = "[FGR17; CLL22, Def. 2]",
    .bit = SB_VSTAT,
    .lo = 0,
    .hi = 1,
    .params = params,
    .granted = granted,
    .refuse = refuse,
    .least = least_width,
};
