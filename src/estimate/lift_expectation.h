/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Route: the lift. Queries of a lifted family that see z through its signs, by their tables (lift_table.h): the
 * quadrature is over the label alone, and what is left is a mean under a law of the base. Tagged "estimated", as
 * all quadrature is. The labels are the rule's: a member's half-width is larger by Pr[n > m] times the query's
 * range. Whether it applies is decided by the query alone. */
#ifndef SB_ESTIMATE_LIFT_EXPECTATION_H
#define SB_ESTIMATE_LIFT_EXPECTATION_H

#include "estimate/estimate.h"
#include "estimate/family.h"

/* A law class's own route (estimate/law.h); base: the law of the base that task->law is lifted from. */
int sb_lift_expectation(const struct sb_estimate_task *task, const struct sb_lifting *lifting,
                        const struct sb_law *base, struct sb_estimate *out);

#endif
