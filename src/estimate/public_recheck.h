/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Random points that a callback is asked about twice: two values at one point are no function. Who only
 * passes this is assumed to be pure. */
#ifndef SB_ESTIMATE_PUBLIC_RECHECK_H
#define SB_ESTIMATE_PUBLIC_RECHECK_H

#include "estimate/public_exchange.h"

enum { SB_RECHECKED = 64 }; /* points asked twice */

struct sb_recheck {
    struct sb_key key;           /* chooses ... */
    uint64_t kept[SB_RECHECKED]; /* the points to be asked again, ... */
    double *values;              /* ... and what was written: SB_RECHECKED x n_slots */
};
/* For points of the exchange's task: its null law, key and stream. 0 or -ENOMEM; fini either way. */
int sb_recheck_init(struct sb_recheck *recheck, const struct sb_exchange *ex);
void sb_recheck_fini(struct sb_recheck *recheck);
/* Of block b, full, that came back as points n .. n + SB_BLOCK - 1; n is a multiple of SB_BLOCK. */
void sb_recheck_keep(struct sb_recheck *recheck, const struct sb_exchange *ex, size_t b,
                     uint64_t n);
/* Asks again, after n points. As sb_exchange_run; SB_REFUSED with the message for what is no function. */
int sb_recheck_run(struct sb_recheck *recheck, struct sb_exchange *ex, uint64_t n);

#endif
