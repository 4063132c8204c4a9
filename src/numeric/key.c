/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Keys of random streams, by SHA-256. */
#include "base/digest.h"
#include "numeric/random.h"

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
