/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A query's values at random public points with every label in turn: what profiles by samples are made of. */
#ifndef SB_ESTIMATE_PROFILE_VALUES_H
#define SB_ESTIMATE_PROFILE_VALUES_H

#include "estimate/profile.h"
#include "estimate/public_recheck.h"
#include "query/eval.h"

/* Of a mean of such values: a block's sums round by less than 400 2^-53 of values of at most 2. */
#define SB_PROFILE_ROUNDING 0x1p-40

struct sb_profile_values {
    const struct sb_profile_task *task;
    const double *table; /* a callback's values over the whole domain; NULL: not there */
    struct sb_public_task public;
    struct sb_public_result result;
    struct sb_exchange ex; /* rooms for points, and what a callback writes there */
    struct sb_recheck recheck;
    struct sb_program *program; /* of an expression */
    struct sb_law null;
    uint32_t n_labels; /* the space's slots */
    double **columns;  /* n_labels */
    double *label;     /* of a labelling, a block of it, as the program's label column */
};
/* 0 or -ENOMEM; to be closed either way. */
int sb_profile_values_open(struct sb_profile_values *v, const struct sb_profile_task *task,
                           const double *table);
void sb_profile_values_close(struct sb_profile_values *v);
/* Points start, start + 1, ..., n_blocks <= SB_CALL_BLOCKS full blocks, into the rooms; out[(b * n_labels + l) *
 * SB_BLOCK + i]. As sb_profile_of, with the line in v->result.message. */
int sb_profile_values_draw(struct sb_profile_values *v, uint64_t start, size_t n_blocks,
                           double *out);
/* After n points: is the callback a function? */
int sb_profile_values_end(struct sb_profile_values *v, uint64_t n);

/* How far labels that are not listed (query/space.h) may move a mean or, where squares are asked for, a second
 * moment. */
double sb_profile_missed(const struct sb_profile_task *task);

#endif
