/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The answer that is surely right for most of who is left. */
#ifndef SB_POLICIES_COVERAGE_H
#define SB_POLICIES_COVERAGE_H

#include "oracles/policies/version_space.h"

/* The point inside most live members' inner windows: each has mass 1, and the null, where it is live,
 * as much as all members of the family together. Of several the point nearest the null's value, and of two
 * that are as near (their distances as rounded) the left one. The null's value where all windows are
 * empty. room: 2 view->profile->n numbers, written to. */
double sb_most_covered(const struct sb_version_space *space, struct sb_view *view, double *room);

#endif
