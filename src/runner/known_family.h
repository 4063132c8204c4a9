/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A family as runs and predictions take it: made, with what is known of its correlations. */
#ifndef SB_RUNNER_KNOWN_FAMILY_H
#define SB_RUNNER_KNOWN_FAMILY_H

#include "bounds/correlate.h"

struct sb_known_family {
    struct sb_family *family;
    struct sb_correlations k; /* as far as a cell needs them (SB_EFFORT_RUN) */
};
/* family->lambda_max_ub, which caps what a query can eliminate, is the least that is surely known.
 * 0; a negative errno with a message, and then *out is empty. */
int sb_known_family_init(const struct sb_family_class *class, const struct sb_values *params,
                         struct sb_known_family *out, struct sb_diag *diag);
void sb_known_family_fini(struct sb_known_family *known);

#endif
