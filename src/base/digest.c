/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Digests: SHA-256, as bytes and as hexadecimal text. */
#include "base/digest.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

void sb_hash_init(struct sb_hash *h)
{
    sha256_init(&h->ctx);
}

void sb_hash_bytes(struct sb_hash *h, const void *p, size_t n)
{
    if (n)
        sha256_update(&h->ctx, n, p);
}

struct sb_digest sb_hash_final(struct sb_hash *h)
{
    struct sb_digest d;

    sha256_digest(&h->ctx, sizeof d.byte, d.byte);
    return d;
}

struct sb_digest sb_digest_of(const void *p, size_t n)
{
    struct sb_hash h;

    sb_hash_init(&h);
    sb_hash_bytes(&h, p, n);
    return sb_hash_final(&h);
}

int sb_digest_file(const char *path, struct sb_digest *out)
{
    uint8_t block[16384];
    struct sb_hash h;
    size_t n;
    int error;
    FILE *f = fopen(path, "rbe");

    if (!f)
        return -errno;
    sb_hash_init(&h);
    while ((n = fread(block, 1, sizeof block, f)) > 0)
        sb_hash_bytes(&h, block, n);
    error = ferror(f) ? -errno : 0;
    fclose(f);
    if (!error)
        *out = sb_hash_final(&h);
    return error;
}

bool sb_digest_equal(const struct sb_digest *a, const struct sb_digest *b)
{
    return memcmp(a->byte, b->byte, sizeof a->byte) == 0;
}

void sb_digest_hex(const struct sb_digest *d, char out[65])
{
    static const char digit[] = "0123456789abcdef";

    for (size_t i = 0; i < sizeof d->byte; i++) {
        out[2 * i] = digit[d->byte[i] >> 4];
        out[2 * i + 1] = digit[d->byte[i] & 15];
    }
    out[64] = '\0';
}

static int digit_of(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool sb_digest_parse(const char *hex, struct sb_digest *out)
{
    for (size_t i = 0; i < 2 * sizeof out->byte; i++) {
        const int digit = digit_of(hex[i]);

        if (digit < 0)
            return false;
        out->byte[i / 2] = (uint8_t)(i % 2 ? out->byte[i / 2] | digit : digit << 4);
    }
    return !hex[2 * sizeof out->byte];
}
