/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Policies: how an oracle answers inside its tolerance. A class is one file here and one name in
 * meson.build. A policy asks a question for the values it needs (the truth, the null's value, every
 * member's) and returns an answer; the oracle checks that it stayed in its room. */
#ifndef SB_POLICIES_POLICY_H
#define SB_POLICIES_POLICY_H

#include "estimate/estimate.h"
#include "estimate/profile.h"
#include "estimate/public_points.h"

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
    struct sb_public_result *pass;      /* the callback's one pass over the public points */
    bool without_label; /* the callback is g(x), and y g(x) is asked for; expressions have the y */
    double lipschitz;   /* the callback's limit (estimate/public_points.h) */
    double lo, hi;
    struct sb_digest digest; /* of the expression as asked; of a callback: sb_question_digest */
    uint64_t seq;            /* from 1 */
    struct sb_tolerance tolerance;
    double slack; /* share of the tolerance for certificates */
    double delta; /* failure probability for this query's estimates, together */
    struct sb_key truth_key, null_key; /* null_key is the same for every hidden member */
    uint64_t stream;                   /* of both: the same for all queries that share a sample */
    struct sb_fresh fresh;             /* policy fresh only */
    const struct sb_fuse *fuse;
    double least; /* the least tolerance of any mean: tau, 1/t */
    /* Under the hidden law, under the null, and under every member: before the policy's turn, where it
     * needs them. profile: NULL where it does not, and otherwise filled in by then or to be asked for
     * (profiled); its scratch and values are the policy's to write to. */
    struct sb_estimate truth, null;
    struct sb_profile *profile;
    uint32_t profile_bits; /* struct sb_profile_task, most_bits */
    bool keep_table;       /* of a callback: its pass leaves its values in profile->scratch */
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
    int64_t n_dropped;        /* members that it is not surely right for, those among them; -1 */
    int64_t n_live;           /* members left; -1: not counted */
};

/* What names the query, the same for every hidden member: a callback's is known after its pass. */
struct sb_digest sb_question_digest(const struct sb_question *q);

/* What a policy is made from; borrowed for its life. */
struct sb_policy_setup {
    const struct sb_family *family;
    const struct sb_values *oracle; /* the oracle section */
    bool null_is_candidate;         /* goal distinguish: the null is hidden with probability 1/2 */
    struct sb_key key;
    double grid; /* the least tolerance granted: tau, or 1/t */
};

/* Cheap ones: where no table of more than 2^SB_CHEAP_BITS numbers is needed. */
enum sb_profiled { SB_PROFILED_NONE, SB_PROFILED_CHEAP, SB_PROFILED_ALL };
#define SB_CHEAP_BITS 13

/* What every policy declares, each with a default of its own: it is given the truth, and perhaps the
 * null, to half-widths of this share of the tolerance, and moves in the rest. */
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
    /* Which estimates answer() is given: each with this part of the slack and of the failure
     * probability. They sum to at most 1; 0: not needed. */
    double truth_part, null_part, profile_part;
    /* Which queries' profiles are wanted, enum sb_profiled; NULL: none. With a profile_part every
     * query has one, or is refused. Without one the policy asks for it itself (sb_question_profile), and no
     * example is drawn for it. */
    uint32_t (*profiled)(const void *state);
    int (*create)(const struct sb_policy_setup *setup, void **state_out, struct sb_diag *diag);
    /* 0, a positive enum sb_status (public), or a negative errno. */
    int (*answer)(void *state, const struct sb_question *q, struct sb_reply *reply,
                  struct sb_diag *diag);
    /* The members still consistent (n_members bytes, borrowed), and whether the null is, where it is a
     * candidate. NULL, or returns NULL: they are not counted. Not so under a lazy policy, which has
     * the choice among them, too. */
    const uint8_t *(*live)(void *state, bool *null_out);
    /* lazy only. loss: of what the learner returned, under each member (NULL: it returned nothing);
     * null_loss: under the null. */
    struct sb_hidden (*finish)(void *state, const double *loss, double null_loss);
    void (*destroy)(void *state); /* NULL ok */
};

/* Fills truth and null of n questions, all of them expressions fixed before anything is drawn, with
 * one law, pool, stream and fuse: one sample serves them. status[i]: 0, or SB_REFUSED (sb_estimate).
 * Returns 0 or a negative errno, and then none is answered. */
int sb_questions_estimate(const struct sb_policy_class *policy, struct sb_question *questions,
                          size_t n, int *status);
/* The same of one question that is a callback, by its pass. Returns as sb_public_points. */
int sb_question_call(const struct sb_policy_class *policy, struct sb_question *q);
/* Fills q->profile, of a callback after its pass, with this part of the slack and of the failure
 * probability; 0: no example is drawn. Returns as sb_profile_of; SB_REFUSED, too, where it takes more than
 * q allows. */
int sb_question_profile(const struct sb_question *q, double part);

/* What a certificate leaves of the tolerance: an answer this near to truth->value is surely within
 * tolerance of the true value. */
double sb_room(const struct sb_question *q, const struct sb_estimate *truth);

/* SB_SLACK("0.5") alone: the parameters of the policies below. */
extern const struct sb_param sb_pointwise_params[];
#define SB_POINTWISE .params = sb_pointwise_params, .truth_part = 1

/* The common case: the truth, moved within what is left of the tolerance. pick returns truth, or a sum
 * truth + m with |m| <= room: room is a little less than sb_room, so that the rounding of the sum
 * stays inside too. */
typedef double sb_pick(void *state, const struct sb_question *q, double truth, double room);
int sb_pointwise_answer(void *state, const struct sb_question *q, sb_pick *pick,
                        struct sb_reply *reply);

/* create() of a policy whose state is its key, a struct sb_key to be freed by free(). */
int sb_keyed_create(const struct sb_policy_setup *setup, void **state_out, struct sb_diag *diag);

#endif
