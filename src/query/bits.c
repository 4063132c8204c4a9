/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Functions of an example on the cube that are a bit. */
#include "query/bits.h"

bool sb_bits_equal(const struct sb_bits *a, const struct sb_bits *b)
{
    return a->linear == b->linear && a->product == b->product && a->shift == b->shift;
}

bool sb_bits_sum(const struct sb_bits *a, const struct sb_bits *b, struct sb_bits *out)
{
    if (a->shift && b->shift && a->shift != b->shift)
        return false;
    out->linear = a->linear ^ b->linear;
    out->product = a->product ^ b->product;
    out->shift = out->product ? a->shift | b->shift : 0;
    return true;
}

bool sb_bits_single(const struct sb_bits *b)
{
    return b->linear && !(b->linear & (b->linear - 1)) && !b->product;
}

bool sb_bits_product(const struct sb_bits *a, const struct sb_bits *b, struct sb_bits *out)
{
    const uint64_t low = a->linear < b->linear ? a->linear : b->linear;
    const uint64_t high = a->linear < b->linear ? b->linear : a->linear;

    if (!sb_bits_single(a) || !sb_bits_single(b) || low == high)
        return false;
    *out = (struct sb_bits){ 0, low, (uint32_t)(__builtin_ctzll(high) - __builtin_ctzll(low)) };
    return true;
}

void sb_bits_span(const struct sb_bits *b, uint32_t *up_out, uint32_t *folds_out)
{
    const uint64_t all = b->linear | b->product;
    uint32_t span;

    *up_out = all ? (uint32_t)__builtin_clzll(all) : 0;
    *folds_out = 0;
    span = all ? 64 - *up_out - (uint32_t)__builtin_ctzll(all) : 1;
    while (1u << *folds_out < span)
        (*folds_out)++;
}
