/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A point of the grid as lower-bound calculators see it, and what they say of it before anything is
 * asked. */
#ifndef SB_RUNNER_SETTING_H
#define SB_RUNNER_SETTING_H

#include "bounds/bounds.h"
#include "experiment/experiment.h"

uint32_t sb_convention_of(struct sb_tolerance granted); /* enum sb_convention */

/* B: at most so many members meet the goal with one answer. loss, max: of goal predict. Under goal
 * distinguish 1, which nobody asks for. */
double sb_most_good(const struct sb_family *family, uint32_t goal, enum sb_loss loss, double max);

/* Under a reduction k is of the inner family, and so is the tolerance. At the tolerance that is granted (NaN: there is none), all answers exact, no query asked: what a run
 * changes of it is at_tolerance, n_queries and failure. */
struct sb_bound_setting sb_setting_of(const struct sb_point *point, const struct sb_family *family,
                                      const struct sb_correlations *k);

/* The strongest bound that applies to such a setting. */
struct sb_prediction {
    const struct sb_bound_class *bound; /* NULL: none applies */
    double log2_queries;                /* needed for goal.success; NaN: guessing may do */
    char why[480];                      /* none applies: why the first does not */
};
/* Sets the family up for it. 0, or a negative errno with a message. */
int sb_predict(const struct sb_point *point, struct sb_prediction *out, struct sb_diag *diag);

#endif
