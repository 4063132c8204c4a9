/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Correlations of a family whose labels are flipped. */
#ifndef SB_BOUNDS_NOISE_H
#define SB_BOUNDS_NOISE_H

#include "estimate/correlations.h"

/* K of the same members and null where every label, of two, is flipped with probability eta in [0,1/2):
 * K times (1 - 2 eta)^2 where the null's label is a fair coin that does not depend on x. With Pr[l] = r
 * under the null, K_ij = E[(p_i - r)(p_j - r)] / (r (1-r)) for p_i = Pr[l | x]; flips take p_i - r times
 * 1 - 2 eta, and r (1-r) never down: elsewhere K is at most that, in size, and `lambda_lb` is not to be
 * used. Rounded outward. [docs/theorems.md C3] */
void sb_correlations_noise(struct sb_correlations *k, double eta);

#endif
