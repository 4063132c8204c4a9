/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sums of an expression over all values of the few coordinates that it depends on: what both exact
 * routes are made of. */
#ifndef SB_ESTIMATE_GROUP_H
#define SB_ESTIMATE_GROUP_H

#include "estimate/estimate.h"
#include "numeric/ball.h"

/* Means over x uniform on the coordinates in `mask`, at each of the law's two labels y, of
 *   plain[label]: chi_C(x) e(x, y)          with C = character & mask
 *   with_g[label]: chi_C(x) e(x, y) g(x)    g restricted to the coordinates in mask
 * Returns 0, -ENOMEM or -ETIME. */
int sb_group_means(const struct sb_estimate_task *task, sb_expr e, uint64_t mask,
                   uint64_t character, struct sb_ball plain[2], struct sb_ball with_g[2]);

/* E[chi_C(x) g(x)] over the coordinates in `outside` alone: 0 or +-2^-m, exact. */
double sb_group_outside(const struct sb_law *law, uint64_t outside, uint64_t character);

/* The coordinates that e depends on, all of them where that is not known; -ENOMEM. */
int sb_group_mask(const struct sb_estimate_task *task, sb_expr e, uint64_t *mask_out,
                  bool *label_out);

#endif
