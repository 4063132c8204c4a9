/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Numbers of a random stream, whole or part: the kernels make blocks of two. */
#include "numeric/kernels.h"

#include <string.h>

typedef void kernel(const struct sb_random_blocks *at, void *out);

/* Numbers start .. start+n-1, 8 bytes each. A kernel writes whole blocks: an odd end is cut off. */
static void numbers(kernel *const variant[SB_ISAS], struct sb_key key, uint64_t stream,
                    uint64_t start, uint64_t n, void *out)
{
    kernel *const write = variant[sb_isa()];
    const uint64_t head = n && (start & 1), tail = (n - head) & 1;
    struct sb_random_blocks at = { key, stream, start / 2, 1 };
    uint64_t pair[2];
    char *const to = out; /* of words or doubles */

    if (head) {
        write(&at, pair);
        memcpy(to, &pair[1], 8);
        at.first++;
    }
    at.n = (n - head) / 2;
    write(&at, to + 8 * head);
    if (tail) {
        at.first += at.n;
        at.n = 1;
        write(&at, pair);
        memcpy(to + 8 * (n - 1), &pair[0], 8);
    }
}

void sb_random_words(struct sb_key key, uint64_t stream, uint64_t start, uint64_t n, uint64_t *out)
{
    static kernel *const variant[SB_ISAS] = SB_ISA_TABLE(sb_random_words);

    numbers(variant, key, stream, start, n, out);
}

void sb_random_uniform(struct sb_key key, uint64_t stream, uint64_t start, uint64_t n, double *out)
{
    static kernel *const variant[SB_ISAS] = SB_ISA_TABLE(sb_random_uniform);

    numbers(variant, key, stream, start, n, out);
}

void sb_random_gauss(struct sb_key key, uint64_t stream, uint64_t start, uint64_t n, double *out)
{
    static kernel *const variant[SB_ISAS] = SB_ISA_TABLE(sb_random_gauss);

    numbers(variant, key, stream, start, n, out);
}

uint64_t sb_random_below(struct sb_key key, uint64_t stream, uint64_t bound)
{
    const uint64_t excess = (UINT64_MAX % bound + 1) % bound; /* 2^64 mod bound */
    uint64_t word, i = 0;

    do
        sb_random_words(key, stream, i++, 1, &word);
    while (word > UINT64_MAX - excess);
    return word % bound;
}
