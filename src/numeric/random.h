/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Random streams: a number is a function of (key, stream, index) alone, so that every draw can be
 * addressed and nothing depends on the order of calls. Philox4x32-10 [SMDS11], by Random123. */
#ifndef SB_NUMERIC_RANDOM_H
#define SB_NUMERIC_RANDOM_H

#include "base/digest.h"

#include <stdint.h>

struct sb_key {
    uint32_t v[2];
};

/* The key for one purpose ("secret", "policy", "coins") under some material: the first 64 bits of
 * SHA-256(purpose, 0, material). Different purposes never share a stream. */
struct sb_key sb_key_derive(const char *purpose, const void *material, size_t n);

/* out[i] = word number (start + i) of the stream, 64 random bits each. */
void sb_random_words(struct sb_key key, uint64_t stream, uint64_t start, uint64_t n, uint64_t *out);
/* The same, as uniforms k/2^53 in [0,1), k the top 53 bits. */
void sb_random_uniform(struct sb_key key, uint64_t stream, uint64_t start, uint64_t n, double *out);
/* The same, as standard Gaussians: numbers 2k and 2k + 1 are made of words 2k and 2k + 1. Largest
 * absolute value: 9.42. */
void sb_random_gauss(struct sb_key key, uint64_t stream, uint64_t start, uint64_t n, double *out);
/* Uniform in {0..bound-1}, bound >= 1, without bias: rejection over words 0, 1, ... of the stream.
 */
uint64_t sb_random_below(struct sb_key key, uint64_t stream, uint64_t bound);

#endif
