/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sums of an expression over all values of the few coordinates that it depends on: what both exact
 * routes are made of. */
#ifndef SB_ESTIMATE_GROUP_H
#define SB_ESTIMATE_GROUP_H

#include "estimate/estimate.h"
#include "numeric/ball.h"

/* Means over x uniform on the coordinates in `mask`, at a fixed label y, of
 *   plain: chi_C(x) e(x, y)          with C = character & mask
 *   with_g: chi_C(x) e(x, y) g(x)    g restricted to the coordinates in mask
 * Returns 0, -ENOMEM or -ETIME. */
int sb_group_means(const struct sb_estimate_task *task, sb_expr e, uint64_t mask,
                   uint64_t character, double y, struct sb_ball *plain, struct sb_ball *with_g);

/* E[chi_C(x) g(x)] over the coordinates in `outside` alone: 0 or +-2^-m, exact. */
double sb_group_outside(const struct sb_law *law, uint64_t outside, uint64_t character);

/* The coordinates that e depends on, all of them where that is not known; -ENOMEM. */
int sb_group_mask(const struct sb_estimate_task *task, sb_expr e, uint64_t *mask_out,
                  bool *label_out);

#endif
