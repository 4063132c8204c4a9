/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Honest SQ: for a query f: X -> [-1,1] and a number M, the mean of f over M fresh examples, at the
 * cost of M [Yang05]. The M of a query stands where others have their tolerance. */
#include "oracles/access/accesses.h"

static struct sb_tolerance granted(const struct sb_values *oracle)
{
    return (struct sb_tolerance){ SB_RULE_NONE, (double)sb_values_int(oracle, "m") };
}

static const char *refuse(struct sb_tolerance most, double value)
{
    if (!(value >= 1 && value <= 0x1p53 && value == (double)(uint64_t)value))
        return "a whole number M of examples, at least 1";
    return value > most.value ? "an M of at most what the experiment grants" : NULL;
}

static const struct sb_param params[] = { { "m", SB_INT, 0, NULL, "[1,1000000000]",
                                            "M: the most examples that one answer may draw" },
                                          { NULL, 0, 0, NULL, NULL, NULL } };

const struct sb_access_class sb_access_honest = {
    .name = "honest",
    .summary = "honest SQ: the mean of f to [-1,1] over M fresh examples, at the cost of M",
    .source = "[Yang05]",
    .bit = SB_HONEST,
    .kind = SB_ACCESS_FRESH,
    .lo = -1,
    .hi = 1,
    .params = params,
    .granted = granted,
    .refuse = refuse,
};
