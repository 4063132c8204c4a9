/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Digests: SHA-256 (nettle's), as bytes and as hexadecimal text. */
#ifndef SB_BASE_DIGEST_H
#define SB_BASE_DIGEST_H

#include <nettle/sha2.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sb_digest {
    uint8_t byte[32];
};

struct sb_digest sb_digest_of(const void *p, size_t n);
/* The digest of a file's content; returns 0 or a negative errno. */
int sb_digest_file(const char *path, struct sb_digest *out);
bool sb_digest_equal(const struct sb_digest *a, const struct sb_digest *b);
/* 64 hexadecimal digits and a terminator. */
void sb_digest_hex(const struct sb_digest *d, char out[65]);
/* The digest that such digits (of either case) are of; false: they are not 64 digits. */
bool sb_digest_parse(const char *hex, struct sb_digest *out);

/* A running digest. */
struct sb_hash {
    struct sha256_ctx ctx;
};
void sb_hash_init(struct sb_hash *h);
void sb_hash_bytes(struct sb_hash *h, const void *p, size_t n);
struct sb_digest sb_hash_final(struct sb_hash *h); /* resets h */

#endif
