/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Means over one coordinate that a lifted query sees in full, and over the label.
 *
 * Given its sign, z_j has twice its density on a half-line, and s_j = N2(z_j) is known: 0 beyond S_1, 1 on R_1, where
 * the label is 0, and linear between. S is s_j + S', S' of the other d - 1 coordinates, of which m, or m - 1 where
 * s_j > 0, may be in ramps (numeric/lift_sum.h). So the mean of the query at z_j is one over the label alone
 * (lift_line.h), and those are integrated over z_j. */
#ifndef SB_ESTIMATE_LIFT_FULL_H
#define SB_ESTIMATE_LIFT_FULL_H

#include "estimate/lift_table.h"

/* As sb_lift_line_means, where signs->n_full is 1; 1 also where it would take too long. */
int sb_lift_full_means(const struct sb_lift_query *query, const struct sb_signs *signs, double *out,
                       double *half_width_inout);

#endif
