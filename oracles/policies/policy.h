/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Policies: how an oracle answers inside its tolerance. A class is one file here and one name in
 * meson.build. A policy asks a question for the values it needs (the truth, the null's value, every
 * member's) and returns an answer; the oracle checks that it stayed in its room. */
#ifndef SB_POLICIES_POLICY_H
#define SB_POLICIES_POLICY_H

#include "estimate/estimate.h"
#include "estimate/family.h"
#include "estimate/public_points.h"

/* A callback's one pass over the public points. It is made where a policy first asks for an
 * estimate, with that share and that failure probability for each of its two estimates, and kept. */
struct sb_public_pass {
    bool made;
    int status;
    struct sb_public_result result;
};

/* Examples drawn for one answer: number start, start+1, ... of the run's, n of them. */
struct sb_fresh {
    struct sb_key key;
    uint64_t start, n;
};

/* One query as a policy sees it. */
struct sb_question {
    const struct sb_family *family;
    struct sb_hidden hidden; /* unset under a lazy policy */
    struct sb_pool *pool;
    sb_expr expr; /* clipped to [lo, hi] where that was not proven; 0: a callback */
    const struct sb_callback *callback; /* NULL: an expression */
    struct sb_public_pass *pass;        /* the callback's */
    bool without_label; /* the callback is g(x), and y g(x) is asked for; expressions have the y */
    double lipschitz;   /* the callback's limit (estimate/public_points.h) */
    double lo, hi;
    struct sb_digest digest; /* of the expression as asked; of a callback: sb_question_digest */
    uint64_t seq;            /* from 1 */
    struct sb_tolerance tolerance;
    double slack; /* share of the tolerance for certificates */
    double delta; /* failure probability for this query's estimates, together */
    struct sb_key truth_key, null_key; /* null_key is the same for every hidden member */
    struct sb_fresh fresh;             /* policy fresh only */
    const struct sb_fuse *fuse;
};

/* What came of it. */
struct sb_reply {
    double answer;
    struct sb_estimate truth; /* the certificate; for a lazy policy method and half-width only */
    double room;              /* |answer - truth.value| <= room was promised */
    bool from_null;           /* the answer is the null's value */
    double null_half_width;   /* of the null's value, where it was asked for */
    int64_t n_eliminated;     /* members that this answer is provably out of tolerance for; -1: not
                                 counted */
    int64_t n_live;           /* members left, under a lazy policy; -1: not counted */
};

/* What names the query, the same for every hidden member: a callback's is known after an estimate. */
struct sb_digest sb_question_digest(const struct sb_question *q);
/* Estimates under the hidden law and under the null, to half-widths of `share` of the tolerance
 * with failure probability delta. Returns as sb_estimate. */
int sb_question_truth(const struct sb_question *q, double share, double delta,
                      struct sb_estimate *out);
int sb_question_null(const struct sb_question *q, double share, double delta,
                     struct sb_estimate *out);
/* Every member's value, and of the square of the query where `second` is not NULL: n_members each.
 * Where the family has values; of a callback, after an estimate. */
int sb_question_values(const struct sb_question *q, double *out, double *second,
                       double *half_width_out);

/* What a policy is made from; borrowed for its life. */
struct sb_policy_setup {
    const struct sb_family *family;
    const struct sb_values *oracle; /* the oracle section */
    bool null_is_candidate;         /* goal distinguish: the null is hidden with probability 1/2 */
    struct sb_key key;
    double grid; /* the least tolerance granted: tau, or 1/t */
};

/* What every policy declares, each with a default of its own: it asks for the truth, and perhaps for
 * the null, to half-widths of this share of the tolerance, and moves in the rest. */
#define SB_SLACK(fallback)                                                                         \
    {                                                                                              \
        "slack", SB_REAL, 0, fallback, "(0,0.9]",                                                  \
            "share of the tolerance that a sampled certificate may use"                            \
    }

struct sb_policy_class {
    const char *name, *summary, *source;
    const struct sb_param *params; /* further keys of the oracle section: SB_SLACK and its own */
    bool carries_bound;            /* lower bounds hold against it (docs/theorems.md B) */
    bool lazy;                     /* no hidden member until finish() */
    bool fresh;                    /* answers from fresh examples: for such accesses only */
    int (*create)(const struct sb_policy_setup *setup, void **state_out, struct sb_diag *diag);
    /* 0, a positive enum sb_status (public), or a negative errno. */
    int (*answer)(void *state, const struct sb_question *q, struct sb_reply *reply,
                  struct sb_diag *diag);
    /* lazy only: the members still consistent (n_members bytes, borrowed), and whether the null is;
     */
    const uint8_t *(*live)(void *state, bool *null_out);
    /* and the choice among them. loss: of what the learner returned, under each member (NULL: it
     * returned nothing); null_loss: under the null. */
    struct sb_hidden (*finish)(void *state, const double *loss, double null_loss);
    void (*destroy)(void *state); /* NULL ok */
};

/* What a certificate leaves of the tolerance: an answer this near to truth->value is surely within
 * tolerance of the true value. */
double sb_room(const struct sb_question *q, const struct sb_estimate *truth);

/* SB_SLACK("0.5") alone: the parameters of the policies below. */
extern const struct sb_param sb_pointwise_params[];

/* The common case: the truth is estimated and moved within what is left of the tolerance. pick
 * returns truth, or a sum truth + m with |m| <= room: room is a little less than sb_room, so that
 * the rounding of the sum stays inside too. */
typedef double sb_pick(void *state, const struct sb_question *q, double truth, double room);
int sb_pointwise_answer(void *state, const struct sb_question *q, sb_pick *pick,
                        struct sb_reply *reply);

/* create() of a policy whose state is its key, a struct sb_key to be freed by free(). */
int sb_keyed_create(const struct sb_policy_setup *setup, void **state_out, struct sb_diag *diag);

#endif
