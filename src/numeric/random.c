/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Random streams by Philox4x32-10: word i of a stream is half of the block with counter i/2. */
#include "numeric/random.h"

#include <Random123/philox.h>
#include <string.h>

struct sb_key sb_key_derive(const char *purpose, const void *material, size_t n)
{
    struct sb_hash hash;
    struct sb_digest digest;
    struct sb_key key;

    sb_hash_init(&hash);
    sb_hash_bytes(&hash, purpose, strlen(purpose) + 1);
    sb_hash_bytes(&hash, material, n);
    digest = sb_hash_final(&hash);
    memcpy(key.v, digest.byte, sizeof key.v);
    return key;
}

static void block(struct sb_key key, uint64_t stream, uint64_t i, uint64_t out[2])
{
    const philox4x32_ctr_t counter = { { (uint32_t)i, (uint32_t)(i >> 32), (uint32_t)stream,
                                         (uint32_t)(stream >> 32) } };
    const philox4x32_key_t k = { { key.v[0], key.v[1] } };
    const philox4x32_ctr_t r = philox4x32(counter, k);

    out[0] = (uint64_t)r.v[1] << 32 | r.v[0];
    out[1] = (uint64_t)r.v[3] << 32 | r.v[2];
}

void sb_random_words(struct sb_key key, uint64_t stream, uint64_t start, uint64_t n, uint64_t *out)
{
    uint64_t pair[2];
    uint64_t i = 0;

    if (n && (start & 1)) {
        block(key, stream, start / 2, pair);
        out[i++] = pair[1];
    }
    for (; i + 2 <= n; i += 2)
        block(key, stream, (start + i) / 2, out + i);
    if (i < n) {
        block(key, stream, (start + i) / 2, pair);
        out[i] = pair[0];
    }
}

void sb_random_uniform(struct sb_key key, uint64_t stream, uint64_t start, uint64_t n, double *out)
{
    enum { CHUNK = 256 };
    uint64_t word[CHUNK];

    for (uint64_t i = 0; i < n; i += CHUNK) {
        const uint64_t m = n - i < CHUNK ? n - i : CHUNK;

        sb_random_words(key, stream, start + i, m, word);
        for (uint64_t j = 0; j < m; j++)
            out[i + j] = (double)(word[j] >> 11) * 0x1p-53;
    }
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
