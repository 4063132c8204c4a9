/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Examples drawn i.i.d.: no statistical query oracle is granted. Other accesses may grant examples as
 * well. [FGR17] */
#include "oracles/access/accesses.h"

static struct sb_tolerance granted(const struct sb_values *oracle)
{
    (void)oracle;
    return (struct sb_tolerance){ SB_RULE_NONE, 0 };
}

static const struct sb_param params[] = { { NULL, 0, 0, NULL, NULL, NULL } };

const struct sb_access_class sb_access_sample = {
    .name = "sample",
    .summary = "i.i.d. examples; no statistical queries",
    .source = "[FGR17]",
    .bit = SB_SAMPLE,
    .kind = SB_ACCESS_EXAMPLES,
    .params = params,
    .granted = granted,
};
