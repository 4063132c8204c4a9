/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Subsets as bit masks: binomials and the colexicographic order. */
#include "numeric/subsets.h"

uint64_t sb_binomial(uint32_t n, uint32_t k)
{
    __extension__ typedef unsigned __int128 wide;
    uint64_t c = 1;

    if (k > n)
        return 0;
    if (k > n - k)
        k = n - k;
    /* C(n,i) = C(n,i-1)(n-i+1)/i is whole; the product needs 128 bits on the way */
    for (uint32_t i = 1; i <= k; i++)
        c = (uint64_t)((wide)c * (n - i + 1) / i);
    return c;
}

uint64_t sb_subset_unrank(uint32_t k, uint64_t rank)
{
    uint64_t mask = 0;

    for (; k > 0; k--) {
        uint32_t j = k - 1; /* the largest element: the last j with C(j,k) <= rank */

        while (j < 62 && sb_binomial(j + 1, k) <= rank)
            j++;
        mask |= UINT64_C(1) << j;
        rank -= sb_binomial(j, k);
    }
    return mask;
}

uint64_t sb_subset_rank(uint64_t mask)
{
    uint64_t rank = 0;

    for (uint32_t k = 1; mask; k++, mask &= mask - 1)
        rank += sb_binomial((uint32_t)__builtin_ctzll(mask), k);
    return rank;
}
