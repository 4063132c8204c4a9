/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a learner's process is told in CONFIG: facts, granted tolerances, parameter values, coins.
 * All of it is public. */
#ifndef SB_HOST_TOLD_H
#define SB_HOST_TOLD_H

#include "statbed/learner.h"
#include "wire/wire.h"

struct sb_told_value {
    char *name;
    uint32_t type; /* enum sb_type */
    int64_t i;
    double r;
    char *text;
    double *vector;
    uint32_t n_vector;
};
struct sb_told_values {
    struct sb_told_value *items;
    uint32_t n;
};

struct sb_told_vector {
    char *name;
    double *value;
    uint64_t n;
};

struct sb_told {
    struct sb_facts facts; /* label_set and family point to the two below */
    double *labels;
    char *family_name;
    double tolerance[SB_ACCESS_KINDS]; /* by bit number */
    uint64_t coins;
    uint32_t n_shown; /* columns of labels on the board (wire/board.h) */
    struct sb_told_values learner, family;
    struct sb_told_vector *vectors; /* the family's; owned */
    uint32_t n_vectors;
};

/* 0, or -EPROTO; to be freed by fini in both cases. */
int sb_told_read(struct sb_told *told, const struct sb_frame *config);
void sb_told_fini(struct sb_told *told);
/* By name; NULL where there is none. */
const struct sb_told_value *sb_told_find(const struct sb_told_values *values, const char *name);
const struct sb_told_vector *sb_told_find_vector(const struct sb_told *told, const char *name);

#endif
