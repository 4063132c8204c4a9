/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where the bumps stand: rule "prop" [moments.md 1.2]. The m - 1 nonzero nodes of the
 * Gauss-Hermite rule become plateaus of their weights' mass; the mass of the node 0 is shared out
 * to the gaps, kappa lambda_1 in the centre, kappa sqrt(lambda_i lambda_{i+1}) between
 * neighbours, kappa lambda_n in a tail. */
#ifndef SB_CONSTRUCT_PLACEMENT_H
#define SB_CONSTRUCT_PLACEMENT_H

#include "construct/moments.h"

/* Fills m, n, lambda0, kappa, collision, and of the bumps p, q, centre, half_width, mass, node,
 * weight. 0, or -EFAULT: a ball was too wide to be rounded. m odd, 3 <= m <= SB_MOMENTS_MOST. */
int sb_placement(uint32_t m, struct sb_moments *out);

#endif
