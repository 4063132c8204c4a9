/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A seed as the root of an experiment's random keys. Public points and answers are functions of it,
 * so that a learner could try small seeds one by one until what it saw comes out, and then compute the
 * hidden member. Each try is made to cost SB_SEED_ROUNDS rounds of PBKDF2-HMAC-SHA256, tens of
 * milliseconds. Against who knows the seed there is no help. */
#ifndef SB_EXPERIMENT_SEED_H
#define SB_EXPERIMENT_SEED_H

#include "base/digest.h"

#include <stdbool.h>

enum { SB_SEED_ROUNDS = 1 << 16 };

#define SB_SEED_FORMS "an integer in [0,18446744073709551615], 32 hexadecimal digits, or fresh"
enum { SB_SEED_TEXT = 33 }; /* bytes of a seed as text */
/* A seed as it may be written: an integer in [0, 2^64 - 1], 128 bits as 32 hexadecimal digits, or
 * "fresh": 128 bits from the system. *out is canonical. 0; -EINVAL: none of these; what getrandom(2)
 * says. */
int sb_seed_parse(const char *text, char out[SB_SEED_TEXT], bool *fresh_out);

struct sb_seed;
/* NULL: out of memory. */
struct sb_seed *sb_seed_new(const char *text);
void sb_seed_free(struct sb_seed *seed);
/* Computed when first asked for. */
const struct sb_digest *sb_seed_root(struct sb_seed *seed);

#endif
