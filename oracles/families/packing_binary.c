/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Packing `binary`: directions of signs over sqrt(dim), the words of a linear code. Of n = 2^k members (or more than
 * half as many), coordinate 0 of member i has sign +, coordinates 1 .. k the bits of i, and coordinate j > k a sum mod 2 of
 * bits of i, which ones was drawn once and for all; so no two are equal or opposite, and as the code is random its words
 * are about as far apart as those of any [Gilbert and Varshamov].
 *
 * <v_i,v_j> = 1 - 2 w(i ^ j)/dim, w the number of minus signs of a member; and i ^ j takes every value from 1 to 2^k - 1:
 * the greatest overlap is found in going through the words once. */
#include "base/memory.h"
#include "oracles/families/packing.h"

#include <errno.h>
#include <math.h>

enum {
    MOST_WORDS = 1 << 26, /* of 64 bits, that are gone through for the overlap */
    WORDS = SB_PACKING_MOST_COORDINATES / 64
};

static uint64_t binary_most(uint32_t dim)
{
    return UINT64_C(1) << (dim > 53 ? 53 : dim - 1);
}

/* Bits of member numbers. */
static uint32_t bits_of(uint64_t n)
{
    uint32_t k = 0;

    while (UINT64_C(1) << k < n)
        k++;
    return k;
}

/* |1 - 2 w/dim| at its greatest, over all words but 0, in Gray's order: one row of the code at a time. */
static double code_overlap(const uint64_t *mask, uint32_t dim, uint32_t k)
{
    uint64_t row[53][WORDS] = { { 0 } }, word[WORDS] = { 0 };
    const uint32_t n_words = (dim + 63) / 64;
    uint32_t most = 0;

    for (uint32_t j = 0; j < dim; j++)
        for (uint32_t b = 0; b < k; b++)
            row[b][j / 64] |= (mask[j] >> b & 1) << j % 64;
    for (uint64_t c = 1; c < UINT64_C(1) << k; c++) {
        const uint64_t *next = row[__builtin_ctzll(c)];
        uint32_t weight = 0, off;

        for (uint32_t w = 0; w < n_words; w++) {
            word[w] ^= next[w];
            weight += (uint32_t)__builtin_popcountll(word[w]);
        }
        off = 2 * weight > dim ? 2 * weight - dim : dim - 2 * weight;
        most = off > most ? off : most;
    }
    return (double)most / dim;
}

static int binary_make(struct sb_packing *p, const char *where, struct sb_diag *diag)
{
    const uint32_t k = bits_of(p->n);

    (void)where;
    (void)diag;
    p->mask = SB_NEW_ARRAY(uint64_t, p->dim);
    if (!p->mask)
        return -ENOMEM;
    sb_random_words(sb_key_derive("packing code", "", 0), 0, 0, p->dim, p->mask);
    for (uint32_t j = 0; j <= k; j++)
        p->mask[j] = j ? UINT64_C(1) << (j - 1) : 0;
    if (k < 40 && ((p->dim + 63) / 64) * (UINT64_C(1) << k) <= MOST_WORDS)
        p->overlap = code_overlap(p->mask, p->dim, k);
    return 0;
}

static void binary_direction(const struct sb_packing *p, uint64_t i, double *v)
{
    const double size = 1 / sqrt(p->dim);

    for (uint32_t j = 0; j < p->dim; j++)
        v[j] = __builtin_parityll(i & p->mask[j]) ? -size : size;
}

const struct sb_packing_class sb_packing_binary = { "binary", binary_most, UINT64_C(1) << 32,
                                                    NULL,     binary_make, binary_direction };
