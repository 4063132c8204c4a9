/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Packings: finite sets of directions, unit vectors of R^dim, that families draw a hidden one from. They are
 * public and the same bits everywhere: random ones are made of a fixed key. A kind is one line of packing.c's list. */
#ifndef SB_FAMILIES_PACKING_H
#define SB_FAMILIES_PACKING_H

#include "base/diag.h"
#include "numeric/random.h"

#include <stdbool.h>
#include <stdint.h>

enum {
    SB_PACKING_MOST_COORDINATES = 4096,
    SB_PACKING_LISTED = 1 << 23, /* numbers of all directions that are kept in memory, at most */
};

/* The words of parameter `packing`. */
#define SB_PACKING_KINDS "sphere|greedy|basis|binary|kerdock"

struct sb_packing;

struct sb_packing_class {
    const char *name;
    /* How many directions there may be in dim dimensions (0: none, and `why` says why), and how many there are
     * unless asked for. */
    uint64_t (*most)(uint32_t dim);
    uint64_t usual;
    const char *why;
    /* Fills in what is its own, n and dim being set; n is what was asked for, or 0: as many as it likes. NULL: nothing
     * to do. 0, -ENOMEM, or -EINVAL with a line that begins with `where`. */
    int (*make)(struct sb_packing *packing, const char *where, struct sb_diag *diag);
    void (*direction)(const struct sb_packing *packing, uint64_t i, double *v);
};

struct sb_packing {
    const struct sb_packing_class *class;
    uint32_t dim;
    uint64_t n;
    double *list; /* n rows of dim numbers; NULL: too many, they are made one by one */
    /* |<v_i,v_j>|, i != j, are at most this, and it is attained but for rounding of 2^-40; NaN: nobody knows */
    double overlap;
    double allowed; /* greedy: |<v_i,v_j>| is at most this */
    struct sb_key key;
    uint64_t *mask;   /* binary: the code */
    uint32_t *square; /* kerdock: rows of the quadratic forms' bilinear forms */
};

/* What is asked for. `direction` (n_direction numbers, borrowed) is the only one where it is given: its kind, number
 * and overlap are none of anybody's business. members 0: as many as the kind has. */
struct sb_packing_wish {
    const char *where; /* "family pushforward" */
    const char *kind;
    uint32_t dim;
    uint64_t members;
    double overlap;
    const double *direction;
    uint64_t n_direction;
};

/* 0, -ENOMEM, or -EINVAL with a line: too many members for the kind, overlaps that cannot be had, a direction that
 * is no unit vector of dim numbers. */
int sb_packing_init(struct sb_packing *out, const struct sb_packing_wish *wish,
                    struct sb_diag *diag);
void sb_packing_fini(struct sb_packing *packing);

/* v: dim numbers. */
void sb_packing_direction(const struct sb_packing *packing, uint64_t i, double *v);
/* The greatest |<v_i,v_j>|, i != j, by going through the pairs of a list where that takes `work` products of numbers or
 * fewer; NaN where it is neither known nor to be had. */
double sb_packing_overlap(const struct sb_packing *packing, double work);

/* Directions number i of those that `sphere` has: independent and uniform. */
void sb_packing_uniform(struct sb_key key, uint32_t dim, uint64_t i, double *v);

extern const struct sb_packing_class sb_packing_binary, sb_packing_kerdock;

#endif
