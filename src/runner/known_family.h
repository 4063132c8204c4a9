/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A family as runs and predictions take it: made, with what is known of its correlations. */
#ifndef SB_RUNNER_KNOWN_FAMILY_H
#define SB_RUNNER_KNOWN_FAMILY_H

#include "bounds/correlate.h"
#include "oracles/reductions/reduction.h"

/* The correlations of the family that was made last: the next cell tends to be of the same grid point, and
 * those of a family that is known by its laws alone take many milliseconds. Starts as zeros. */
struct sb_kept_correlations {
    const struct sb_values *of; /* the family's parameters; NULL: nothing is kept */
    struct sb_correlations k;
};
void sb_kept_correlations_fini(struct sb_kept_correlations *kept);

struct sb_known_family {
    struct sb_family *family;
    const struct sb_family *inner; /* that the oracle is over: that family, but under a reduction */
    const struct sb_correlations
        *k; /* of the inner one, as far as a cell needs them (SB_EFFORT_RUN) */
    struct sb_kept_correlations own; /* where nothing is kept */
};
/* family->lambda_max_ub, which caps what a query can eliminate, is the least that is surely known. kept:
 * outlives *out; may be NULL. 0; a negative errno with a message, and then *out is empty. */
int sb_known_family_init(const struct sb_family_class *class, const struct sb_values *params,
                         const struct sb_reduction_class *reduction,
                         struct sb_kept_correlations *kept, struct sb_known_family *out,
                         struct sb_diag *diag);
void sb_known_family_fini(struct sb_known_family *known);

#endif
