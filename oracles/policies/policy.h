/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Policies: how an oracle answers inside its tolerance. A class is one file here and one name in
 * meson.build. A policy asks a question for the values it needs (the truth, the null's value, every
 * member's) and returns an answer; the oracle checks that it stayed in its room. */
#ifndef SB_POLICIES_POLICY_H
#define SB_POLICIES_POLICY_H

#include "estimate/estimate.h"
#include "estimate/family.h"

/* One query as a policy sees it. */
struct sb_question {
    const struct sb_family *family;
    uint64_t member; /* the hidden one; unset under a lazy policy */
    bool planted;    /* false: the null itself is hidden (goal distinguish) */
    struct sb_pool *pool;
    sb_expr expr; /* clipped to [lo, hi] where that was not proven */
    double lo, hi;
    struct sb_digest digest; /* of the query as asked */
    uint64_t seq;            /* from 1 */
    struct sb_tolerance tolerance;
    double slack; /* share of the tolerance for certificates */
    double delta; /* failure probability for this query's estimates, together */
    struct sb_key truth_key, null_key; /* null_key is the same for every hidden member */
    const struct sb_fuse *fuse;
};

/* What came of it. */
struct sb_reply {
    double answer;
    struct sb_estimate truth; /* the certificate; for a lazy policy method and half-width only */
    double room;              /* |answer - truth.value| <= room was promised */
    bool from_null;           /* the answer is the null's value */
    uint64_t n_eliminated;    /* members provably outside of the answer's tolerance, this query */
    uint64_t n_live;          /* members left, for a lazy policy */
};

int sb_question_truth(const struct sb_question *q, double share, double delta,
                      struct sb_estimate *out);
int sb_question_null(const struct sb_question *q, double share, double delta,
                     struct sb_estimate *out);
/* Every member's value: out: n_members. */
int sb_question_values(const struct sb_question *q, double *out, double *half_width_out);

/* What the learner returned, for a lazy policy that picks the hidden member at the end:
 * loss[i] of the hypothesis under member i, or NULL where there is none. */
struct sb_policy_class {
    const char *name, *summary, *source;
    const struct sb_param *params; /* further keys of the oracle section, or NULL */
    bool carries_bound;            /* lower bounds hold against it (sq.md B) */
    bool lazy;                     /* no hidden member until finish() */
    double slack;                  /* default */
    int (*create)(const struct sb_family *family, const struct sb_values *oracle, struct sb_key key,
                  void **state_out, struct sb_diag *diag);
    /* 0, a positive enum sb_status (public), or a negative errno. */
    int (*answer)(void *state, const struct sb_question *q, struct sb_reply *reply);
    /* lazy only: which members are live (borrowed, n_members bytes), and the choice among them */
    const uint8_t *(*live)(void *state);
    uint64_t (*finish)(void *state, const double *loss);
    void (*destroy)(void *state); /* NULL ok */
};

#endif
