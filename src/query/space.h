/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The space that a query lives on: the domain of x, the label set, the public candidates. */
#ifndef SB_QUERY_SPACE_H
#define SB_QUERY_SPACE_H

#include "statbed/learner.h"

#include <stdbool.h>
#include <stdint.h>

/* Within statbed, blocks (statbed/query.h) have x == NULL on the cube, where bits say it all; only
 * the learner's host makes both. */
enum { SB_BLOCK = 1024 };

/* Evaluates the public candidates; offered by a family, absent in the learner's process. */
struct sb_candidates {
    void *self;
    /* out[i] = f_index(x_i), without noise; of examples without labels the likelihood ratio of member `index`
     * against the null */
    void (*label)(void *self, uint64_t index, const struct sb_block *block, double *out);
    /* out[i] = index of the one candidate f with f(x_i) = y_i, UINT64_MAX where none or several;
     * NULL where there are too many to look through */
    void (*agreeing)(void *self, const struct sb_block *block, uint64_t *out);
    bool one_thread; /* they may be called from one thread only */
    /* On the cube: is candidate `index` a function of |x & *mask_out| mod 2? NULL: none is known to be. */
    bool (*form)(void *self, uint64_t index, uint64_t *mask_out);
};

/* Labels that are real numbers, of which only finitely many are possible at any one point, and which
 * these are is public: of a lifted function [CGKM22], 0 or a known function of |z|. */
struct sb_labelling {
    void *self;
    uint32_t n; /* 1..64 */
    /* out[i] = label number l < n at x_i; different numbers may have the same label there */
    void (*at)(void *self, uint32_t l, const struct sb_block *block, double *out);
    double lo, hi; /* they all lie in here */
    /* A member's label is none of them with at most this probability; the null's always is one. Whoever
     * counts on them adds it to a certificate, times the range of the query. */
    double miss;
};

struct sb_space {
    uint32_t domain; /* enum sb_domain */
    uint32_t dim, modulus;
    bool uniform;                         /* over Z_q: x is known to be; on the cube it always is */
    uint64_t n_labels;                    /* 0: real labels; 1: none, {0} */
    const double *labels;                 /* increasing, borrowed */
    const struct sb_labelling *labelling; /* of real labels, borrowed; NULL: nothing is known */
    uint64_t n_candidates;
    const struct sb_candidates *candidates; /* NULL where expressions are built only */
    double
        candidate_ub; /* of examples without labels candidates are in [0, candidate_ub]; 0: in [0, inf) */
};

/* How many labels are possible at a point, to be gone through one after the other: those of the set, or
 * of the labelling; 0: they are real numbers, and nothing is known. */
static inline uint32_t sb_space_n_slots(const struct sb_space *space)
{
    if (space->n_labels)
        return (uint32_t)space->n_labels;
    return space->labelling ? space->labelling->n : 0;
}
/* Have examples no labels, but the one of a set of one, which says nothing? */
static inline bool sb_space_is_unlabelled(const struct sb_space *space)
{
    return space->n_labels == 1;
}
/* out[i] = label number l < sb_space_n_slots() at x_i. */
void sb_space_label(const struct sb_space *space, uint32_t l, const struct sb_block *block,
                    double *out);
/* All labels lie in [*lo_out, *hi_out]; false: real labels, of which that is not certain. */
bool sb_space_label_range(const struct sb_space *space, double *lo_out, double *hi_out);
/* With at most this probability a member's label is none of those: what counts on them is wrong by no
 * more than this times the range of the query. */
static inline double sb_space_miss(const struct sb_space *space)
{
    return !space->n_labels && space->labelling ? space->labelling->miss : 0;
}

#endif
