/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lower-bound calculators. Each is one file here and one name in meson.build; each takes numbers only (a
 * family's correlations, the oracle's convention) and says how many members one query can rule out at
 * most. bound.c makes of that, the same way for all, what it proves of any learner in that setting, or
 * why it proves nothing. Rounded outward.
 *
 * All of them speak of the set S of members whose truth lies further from the null's value than the
 * tolerance. For every query f and signs e_i
 *     sum_S |E_i f - E_0 f| = <f, sum_S e_i (D_i/D_0 - 1)> <= |f| sqrt(sum_(S x S) e_i e_j K_ij),
 * where |f|^2 may be replaced by Var_0 f, so that the average of |K| over S x S exceeds a threshold g that
 * hangs on the oracle alone:
 *     tau^2       STAT(tau), f to [-1,1]: Var <= 1
 *     4 tau^2     STAT(tau), f to [0,1]: Var <= 1/4
 *     1/(3t)      VSTAT(t), rule bernoulli: beyond sqrt(p0/3t) for p0 <= 1/2, and |f|^2 <= p0
 *     4/t^2       VSTAT(t), rule variance: the tolerance is at least 1/t, Var <= 1/4
 * Of bernoulli, with p = E_i f: were 1/t < |p - p0| <= sqrt(p0/3t), then 1/t < p0/3 and
 * |p - p0| < p0/3, so that p(1-p) >= 4 p0/9 (p0 <= 1/2; least at an end of that interval) and the
 * tolerance at p, at least sqrt(4 p0/9t), would not be exceeded. For p0 > 1/2 the same is said of
 * 1 - f, whose K is the same [FGR17]. (In the same way it lies beyond sqrt(p0(1-p0)/2t), so that
 * 1/(2t) would do, by Var_0 f <= p0(1-p0); the published 3 is kept.) The tolerance under rule
 * variance hangs on Var_i f, of which the null knows nothing: there VSTAT(1/(3g)) of the published
 * theorems is not granted. [docs/theorems.md C2 to C6] */
#ifndef SB_BOUNDS_BOUNDS_H
#define SB_BOUNDS_BOUNDS_H

#include "estimate/correlations.h"

enum sb_convention {
    SB_CONVENTION_STAT,
    SB_CONVENTION_BERNOULLI,
    SB_CONVENTION_VARIANCE,
    SB_CONVENTION_STAT01
};
const char *sb_convention_name(uint32_t convention); /* "stat", "bernoulli", "variance", "stat01" */

struct sb_bound_setting {
    const struct sb_correlations *k;
    uint32_t convention; /* of the oracle */
    double at_tolerance; /* tau or t */
    double miss; /* a member's law is within this, in total variation, of the one that k is of */
    /* Of a compressed lift: coordinates d of the base, m of the rule, coordinates D with padding; 0 elsewhere. */
    uint32_t lift_dim, lift_m;
    double padded_dim;
    /* Of a hidden direction (estimate/ngca.h): the law along it, coordinates, and the radius within which a direction
     * recovers it, in radians (NaN: unknown); NULL elsewhere. */
    const struct sb_line *line;
    uint32_t hidden_dim;
    double angle;
    const char *policy;
    bool policy_carries_bound, null_is_hidden_half; /* the latter: goal distinguish */
    bool recovers;                                  /* goal recover */
    bool examples;    /* the learner gets labels or examples, or answers that are drawn from them */
    double n_good;    /* members that one hypothesis can satisfy; n: no use */
    const char *task; /* what success is: "names the hidden member"; NULL: unsaid */
    double success;   /* the success probability asked about */
    double n_queries; /* asked */
    double failure;   /* probability that some certificate fails: delta where answers rest on
                         samples, 0 where all are exact */
};

struct sb_line;
struct sb_family;
/* What of it is the family's, but k and n_good. */
void sb_bound_setting_family(struct sb_bound_setting *setting, const struct sb_family *family);

/* The threshold g, rounded down, for what is left of the tolerance without `miss`, which moves a mean by at most
 * the query's range times it: beyond max(1/t, sqrt(p0/3t)) of the member's law is beyond (1 - miss t) times that of
 * the one that k is of; 0 or less: nothing is left of the tolerance. */
double sb_bound_threshold(const struct sb_bound_setting *setting);

/* How g follows from the convention, and which published constants that voids: a line. */
const char *sb_convention_note(uint32_t convention);

/* A set S of members whose average of K over S x S exceeds g, with K_ii <= beta and K_ij <= gamma,
 * has at most so many: from |S|^2 g < |S| beta + |S|(|S|-1) gamma. Infinity unless g > gamma.
 * Rounded up. */
double sb_bound_set_size(double beta, double gamma, double g);

/* v >= 0 as the six digits of %g show it, not below it (but for 2^-36 of it). */
double sb_bound_shown(double v);

/* What one calculator finds. */
struct sb_measure {
    double value;     /* the dimension, in its own terms (name in the class); NaN: none */
    double kill;      /* members that one query rules out at most; infinity: nothing is proven */
    double n_targets; /* the prior is uniform over so many members: n, or a subset's size */
    bool
        elsewhere; /* these are other targets than the family's members: nothing is said of a run */
    bool shares;   /* n_targets is 1, all of the sphere; `kill` and `n_good` are shares of it */
    double n_good; /* targets that one hypothesis can satisfy; NaN: the setting's */
    const char *prior;   /* in words, that of a decision too; NULL: uniform over all members */
    bool estimate;       /* `value` is an estimate: stated, but no bound is made of it */
    char unmet[440];     /* the condition that is not met, or "" */
    char constants[240]; /* what it was computed from, in a few words */
};

struct sb_bound {
    const char *name, *theorem, *prior, *problem;
    const char *convention, *convention_note; /* sb_convention_name, sb_convention_note */
    double threshold;                         /* g */
    bool applies;
    char why[480];
    char meaning[520]; /* what it says of any learner, or why it says nothing: one sentence */
    struct sb_measure measure;
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
    const char *value_name; /* of measure.value: "lambda_max(K)"; NULL: there is none */
    bool value_is_ub;       /* it is rounded up, as an eigenvalue is; a dimension is rounded down */
    const char *definition; /* what measure.value is, in a sentence */
    const char *regime;     /* what the theorem assumes, in a few words */
    bool quick;             /* made for every run; the others for `statbed bound` alone */
    bool (*concerns)(const struct sb_bound_setting *setting); /* NULL: every setting */
    /* Fills *out, zeroed but for value = NaN, kill = infinity, n_targets = n and n_good = NaN. g > 0. */
    void (*measure)(const struct sb_bound_setting *setting, double g, struct sb_measure *out);
};
extern const struct sb_bound_class *const sb_bounds[]; /* NULL-ended; generated */

/* What follows where a query rules out at most `kill` of n targets, but for a probability `failure`:
 * log2_queries, success_ub, success_at_zero and success_per_query of *out. */
void sb_bound_line(const struct sb_bound_setting *setting, double kill, double n, double failure,
                   struct sb_bound *out);

/* Is the setting of a kind that the class speaks of? */
bool sb_bound_concerns(const struct sb_bound_class *class, const struct sb_bound_setting *setting);
/* Is the bound's prior that of a run: all members? */
bool sb_bound_is_of_all(const struct sb_bound *bound, const struct sb_bound_setting *setting);
/* What the class states of the setting. */
void sb_bound_compute(const struct sb_bound_class *class, const struct sb_bound_setting *setting,
                      struct sb_bound *out);

#endif
