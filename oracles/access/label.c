/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Labels at points that the learner chooses, noise included (membership queries): no statistical
 * query oracle is granted. Other accesses may grant labels as well. [KM93] */
#include "oracles/access/accesses.h"

static struct sb_tolerance granted(const struct sb_values *oracle)
{
    (void)oracle;
    return (struct sb_tolerance){ SB_RULE_NONE, 0 };
}

static const struct sb_param params[] = { { NULL, 0, 0, NULL, NULL, NULL } };

const struct sb_access_class sb_access_label = {
    .name = "label",
    .summary = "labels at chosen points; no statistical queries",
    .source = "[KM93]",
    .bit = SB_LABEL,
    .kind = SB_ACCESS_EXAMPLES,
    .params = params,
    .granted = granted,
};
