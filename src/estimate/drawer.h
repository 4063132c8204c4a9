/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Examples of a sample, and the power sums of several queries over them: what a thread does for Monte
 * Carlo, block by block, whichever block it is given. */
#ifndef SB_ESTIMATE_DRAWER_H
#define SB_ESTIMATE_DRAWER_H

#include "estimate/betting.h"

#include <stdatomic.h>

/* A query as it is sampled: z = (f - middle) / radius. */
struct sb_sampled {
    sb_expr expr;
    double middle, radius;
    atomic_bool done; /* its sums are not wanted any more */
};

/* Queries that are evaluated together. They do not change, and threads share them. */
struct sb_sheet;
/* Of n queries those that are not done, at least one; `queries` stays borrowed. NULL: out of memory. */
struct sb_sheet *sb_sheet_new(const struct sb_pool *pool, struct sb_sampled *queries, size_t n);
void sb_sheet_free(struct sb_sheet *sheet);
/* How many it has, and the place of query i among the n. */
size_t sb_sheet_n(const struct sb_sheet *sheet);
size_t sb_sheet_place(const struct sb_sheet *sheet, size_t i);

/* Who draws: room and programs of its own. It starts as { .law, .space, .key, .stream } of the sample,
 * and is to be freed by fini. */
struct sb_drawer {
    const struct sb_law *law;     /* borrowed */
    const struct sb_space *space; /* borrowed */
    struct sb_key key;
    uint64_t stream;

    const struct sb_sheet *sheet; /* what the programs are of */
    struct sb_program **programs;
    struct sb_point_room *room; /* NULL: nothing is there yet */
    struct sb_key examples;     /* the sample's where labels are real */
    double *values, *weights, **columns;
};
/* powers[i] of query i of the sheet over examples start .. start+n-1, n <= SB_BLOCK; of those that are
 * done anything. 0 or -ENOMEM. */
int sb_drawer_draw(struct sb_drawer *drawer, const struct sb_sheet *sheet, uint64_t start,
                   uint64_t n, struct sb_powers *powers);
void sb_drawer_fini(struct sb_drawer *drawer);

#endif
