/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Merging: the runs of several databases, shards of one experiment first of all, into one. */
#ifndef SB_STORE_MERGE_H
#define SB_STORE_MERGE_H

#include "base/diag.h"

#include <stddef.h>
#include <stdint.h>

struct sb_merge_outcome {
    uint64_t n_copied; /* runs */
    uint64_t n_there;  /* equal to one that `out` had, or that was copied */
    uint64_t n_cut;    /* left out: under way, or cut short */
    uint64_t n_stale;  /* left out: the learner was rebuilt since */
};

/* Copies into `out` (made where it does not exist; takes the writer's lock) the runs of `in` that
 * ended and are not stale, each once, and each whole or not at all. What `out` has of them already
 * is left as it is; what stands there as cut short is replaced.
 * 0; 1: the databases contradict each other, a line each (ten at most), and nothing was written;
 * -EINVAL, -ENOENT, -EIO, -ENOMEM with a message. A new `out` exists afterwards only where there
 * were no contradictions. */
int sb_store_merge(const char *out, const char *const *in, size_t n_in,
                   struct sb_merge_outcome *outcome, struct sb_diag *diag);

#endif
