/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One round trip with a callback: up to SB_CALL_BLOCKS blocks of public points go out, the values
 * come back and are checked; and what the query's digest is of. */
#ifndef SB_ESTIMATE_PUBLIC_EXCHANGE_H
#define SB_ESTIMATE_PUBLIC_EXCHANGE_H

#include "estimate/points.h"
#include "estimate/public_points.h"
#include "numeric/random.h"

struct sb_exchange {
    const struct sb_public_task *task;
    struct sb_public_result *result;
    uint32_t n_labels, n_slots; /* what the callback writes a point: n_labels numbers, or one */
    struct sb_point_room room[SB_CALL_BLOCKS];
    struct sb_block block[SB_CALL_BLOCKS];
    double *slots;        /* what came back, as query/callback.h lays it out */
    uint64_t *block_hash; /* of each slot of each block */
    uint64_t *hash;       /* of each slot, all blocks counted so far */
    double *labels;       /* n_labels columns: of the block that was looked at last */
    uint64_t hash_key[SB_BLOCK];
    double scratch[SB_BLOCK];
};

/* 0 or -ENOMEM; to be freed by fini either way. */
int sb_exchange_init(struct sb_exchange *ex, const struct sb_public_task *task,
                     struct sb_public_result *result);
void sb_exchange_fini(struct sb_exchange *ex);

/* Has the callback evaluate the first n_blocks rooms and checks the values: as sb_public_points. */
int sb_exchange_run(struct sb_exchange *ex, size_t n_blocks);
/* Slot l of block b as it came back. */
const double *sb_exchange_slot(const struct sb_exchange *ex, size_t b, uint32_t l);
/* The query at the points of block b with label l; valid until the next call. */
const double *sb_exchange_values(struct sb_exchange *ex, size_t b, uint32_t l);
/* Counts block b into the digest. */
void sb_exchange_count(struct sb_exchange *ex, size_t b);
struct sb_digest sb_exchange_digest(const struct sb_exchange *ex);

#endif
