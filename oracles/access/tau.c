/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What accesses share that answer within a tolerance tau. */
#include "oracles/access/accesses.h"

const struct sb_param sb_tau_params[] = { SB_TAU_PARAM, { NULL, 0, 0, NULL, NULL, NULL } };

struct sb_tolerance sb_tau_granted(const struct sb_values *oracle)
{
    return (struct sb_tolerance){ SB_RULE_STAT, sb_values_real(oracle, "tolerance") };
}

const char *sb_tau_refuse(struct sb_tolerance least, double value)
{
    if (!(value > 0 && value <= 1))
        return "a tolerance tau in (0,1]";
    return value < least.value ? "a tolerance of at least what the experiment grants" : NULL;
}

double sb_tau_least(struct sb_tolerance tolerance)
{
    return tolerance.value;
}
