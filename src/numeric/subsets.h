/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Subsets of {0..d-1}, d <= 63, as bit masks: binomials, and the k-subsets in colexicographic order
 * (by increasing mask), ranked from 0. */
#ifndef SB_NUMERIC_SUBSETS_H
#define SB_NUMERIC_SUBSETS_H

#include <stdint.h>

/* C(n, k) for n <= 63; 0 for k > n. Exact. */
uint64_t sb_binomial(uint32_t n, uint32_t k);
/* Subset number rank of those with k elements: rank < C(d, k) for the caller's d. */
uint64_t sb_subset_unrank(uint32_t k, uint64_t rank);
uint64_t sb_subset_rank(uint64_t mask);

#endif
