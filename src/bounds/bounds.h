/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lower-bound calculators. Each is one file here and one name in meson.build; each takes numbers
 * only (a family's size and correlations, the oracle's convention, the goal) and says what it
 * proves of any learner in that setting, or why it proves nothing. Rounded outward. */
#ifndef SB_BOUNDS_BOUNDS_H
#define SB_BOUNDS_BOUNDS_H

#include <stdbool.h>
#include <stdint.h>

enum sb_convention { SB_CONVENTION_STAT, SB_CONVENTION_BERNOULLI, SB_CONVENTION_VARIANCE };

struct sb_bound_setting {
    double n_members;
    bool orthogonal; /* K = diagonal * I with respect to the null */
    double diagonal, lambda_max_ub;
    const char *no_correlations; /* why the two are not known; NULL: they are */
    uint32_t convention;         /* of the oracle; STAT's queries map to [-1,1], VSTAT's to [0,1] */
    double at_tolerance;         /* tau or t */
    const char *policy;
    bool policy_carries_bound, null_is_hidden_half; /* the latter: goal distinguish */
    bool examples;    /* the learner gets labels or examples, or answers that are drawn from them */
    double n_good;    /* members that one hypothesis can satisfy; n_members: no use */
    double success;   /* the success probability asked about */
    double n_queries; /* asked */
    double failure;   /* probability that some certificate fails: delta where answers rest on
                         samples, 0 where all are exact */
};

struct sb_bound {
    const char *name, *theorem, *prior, *problem;
    bool applies;
    char why[256];
    double log2_queries; /* needed for `success`; NaN: no statement (none needed, or it does not
                            apply) */
    /* The probability, over what is hidden, that any learner succeeds AND has asked at most
     * n_queries; NaN where it does not apply. A learner that stops at a hit succeeds more often than
     * its mean number of queries allows: compare a rate over repeats with the bound at the largest
     * number among them. */
    double success_ub;
    /* The same after q queries, before it is capped at 1: success_at_zero + q * success_per_query;
     * NaN where it is not such a line. */
    double success_at_zero, success_per_query;
};

struct sb_bound_class {
    const char *name, *summary, *theorem;
    void (*compute)(const struct sb_bound_setting *setting, struct sb_bound *out);
};
extern const struct sb_bound_class *const sb_bounds[]; /* NULL-ended; generated */

#endif
