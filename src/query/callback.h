/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A query, or a predictor, that is a C function of the learner's: evaluated in the learner's
 * process at public points. Nothing of the hidden member goes in, and what comes out is public. */
#ifndef SB_QUERY_CALLBACK_H
#define SB_QUERY_CALLBACK_H

#include "query/space.h"

enum { SB_CALL_BLOCKS = 8 }; /* at most so many blocks in one call: they share a round trip */

struct sb_callback {
    void *self;
    const char *name; /* as the learner calls it; "" */
    /* Evaluates at the points of n_blocks blocks, all full but the last; their y is not looked at.
     * labels: with every label of the space in turn, n_slots = sb_space_n_slots(); else once, without a
     * label, n_slots = 1. out[(b * n_slots + l) * SB_BLOCK + i]: label l, point i of block b; copied out of
     * what the learner can write before it is returned, and not checked: any bits of a double.
     * 0; -ECONNABORTED where the learner's process ended or misbehaved instead (the caller returns
     * it as it is: the run is over); -ETIME. */
    int (*values)(void *self, const struct sb_block *blocks, size_t n_blocks, bool labels,
                  double *out);
};

#endif
