/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A seed as the root of an experiment's random keys. Public points and answers are functions of it,
 * so that a learner could try small seeds one by one until what it saw comes out, and then compute the
 * hidden member. Each try is made to cost SB_SEED_ROUNDS rounds of PBKDF2-HMAC-SHA256, tens of
 * milliseconds. Against who knows the seed there is no help. */
#ifndef SB_EXPERIMENT_SEED_H
#define SB_EXPERIMENT_SEED_H

#include "base/digest.h"

enum { SB_SEED_ROUNDS = 1 << 16 };

struct sb_seed;
/* NULL: out of memory. */
struct sb_seed *sb_seed_new(const char *text);
void sb_seed_free(struct sb_seed *seed);
/* Computed when first asked for. */
const struct sb_digest *sb_seed_root(struct sb_seed *seed);

#endif
