/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The search for the one candidate that agrees. */
#include "estimate/agreeing.h"

#include <math.h>

/* Ends when every example has had two. */
void sb_agreeing_look(const struct sb_candidates *candidates, uint64_t n, double apart,
                      const struct sb_block *block, uint64_t *out)
{
    bool several[SB_BLOCK] = { false };
    uint64_t n_open = block->n;
    double label[SB_BLOCK];

    for (uint64_t i = 0; i < block->n; i++)
        out[i] = UINT64_MAX;
    for (uint64_t member = 0; member < n && n_open; member++) {
        candidates->label(candidates->self, member, block, label);
        for (uint64_t i = 0; i < block->n; i++) {
            if (several[i] || !(fabs(label[i] - block->y[i]) <= apart))
                continue;
            several[i] = out[i] != UINT64_MAX;
            n_open -= several[i];
            out[i] = several[i] ? UINT64_MAX : member;
        }
    }
}
