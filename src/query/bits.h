/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Functions of an example on the cube that are a bit: b(x) = parity of x & linear, plus parity of x
 * & x >> shift & product. Coordinates, characters and products of two coordinates are of this form,
 * and sums of them modulo 2 where the shifts agree: so are a parity and a bent function. */
#ifndef SB_QUERY_BITS_H
#define SB_QUERY_BITS_H

#include <stdbool.h>
#include <stdint.h>

struct sb_bits {
    uint64_t linear, product;
    uint32_t shift; /* 0 without a product */
};

bool sb_bits_equal(const struct sb_bits *a, const struct sb_bits *b);
/* *out = a + b modulo 2; false where that is not of this form. */
bool sb_bits_sum(const struct sb_bits *a, const struct sb_bits *b, struct sb_bits *out);
/* *out = a b, of two different single coordinates; false where they are not. */
bool sb_bits_product(const struct sb_bits *a, const struct sb_bits *b, struct sb_bits *out);
/* Is it one coordinate? */
bool sb_bits_single(const struct sb_bits *b);
/* How far the highest bit of the masks is below bit 63, and the least f such that they span at most
 * 2^f bits. */
void sb_bits_span(const struct sb_bits *b, uint32_t *up_out, uint32_t *folds_out);

#endif
