/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The oracle that a learner meets: numbers every query, checks it, clips what is not proven to be
 * in range, has the policy answer, and checks the policy. Labels and examples, where granted, come
 * from here too, each with a budget of its own. One file a kind of access (stat.c, vstat.c, ...). */
#ifndef SB_ACCESS_ORACLE_H
#define SB_ACCESS_ORACLE_H

#include "oracles/policies/policy.h"

/* How an access answers. */
enum sb_access_kind {
    SB_ACCESS_QUERY = 0, /* within a tolerance, by a policy */
    SB_ACCESS_FRESH,     /* from fresh examples: policy fresh, no tolerance, no bound */
    SB_ACCESS_EXAMPLES   /* is no oracle for queries: labels, samples */
};

/* A kind of access. */
struct sb_access_class {
    const char *name, *summary, *source;
    uint32_t bit;                  /* enum sb_access */
    uint32_t kind;                 /* enum sb_access_kind */
    double lo, hi;                 /* queries are functions to [lo, hi] */
    const struct sb_param *params; /* of the oracle section: the tolerance and the like */
    struct sb_tolerance (*granted)(const struct sb_values *oracle);
    /* Is `value` a tolerance at all, and at least as coarse as granted? What was expected
     * otherwise. Not asked of SB_ACCESS_EXAMPLES. */
    const char *(*refuse)(struct sb_tolerance granted, double value);
    double (*least)(struct sb_tolerance granted); /* the least half-width of any answer: tau, 1/t;
                                                     SB_ACCESS_QUERY only */
    bool without_label; /* queries are functions g of x alone, and y g(x) is what is estimated */
    /* What is estimated, from an expression in range; 0: too large. NULL: the expression itself. */
    sb_expr (*estimated)(struct sb_pool *pool, sb_expr e);
    double (*lipschitz)(const struct sb_values *oracle); /* of queries, in the label; NULL: any */
};

extern const struct sb_param sb_oracle_params[]; /* delta: of every oracle */

struct sb_oracle_setup {
    const struct sb_access_class *access;
    const struct sb_policy_class *policy;
    const struct sb_values *values; /* the oracle section: access, policy and sb_oracle_params */
    const struct sb_family *family;
    bool null_is_candidate;               /* goal distinguish */
    struct sb_digest public_material;     /* keys what the hidden member must not change */
    struct sb_digest secret_material;     /* keys the policy's and the truth's randomness */
    uint64_t budget;                      /* queries */
    uint32_t grants;                      /* further access: SB_LABEL, SB_SAMPLE */
    uint64_t label_budget, sample_budget; /* points; examples, fresh ones included */
    const struct sb_fuse *fuse;
};

/* What is asked: an expression, a callback, or neither, and `cause` says why. */
struct sb_ask {
    struct sb_pool *pool;
    sb_expr expr;
    const struct sb_callback *callback;
    const char *cause;
    uint32_t access;  /* 0: the query oracle that is granted */
    double tolerance; /* 0: what is granted */
};

/* The record of one query, or of one call for labels or examples, whatever became of it. */
struct sb_asked {
    uint64_t seq;            /* from 1; counted before anything else happened */
    uint32_t access;         /* enum sb_access */
    int32_t status;          /* enum sb_status */
    double tolerance;        /* as asked for; 0 if it was none */
    uint64_t cost;           /* of what was answered, in the access's own unit: 1 query, examples,
                                points; 0 otherwise */
    struct sb_digest digest; /* of the expression; of a callback's name, points and values; of the
                                points and labels handed out; zero where there is none */
    bool has_expr, has_callback, clipped;
    struct sb_reply reply; /* where status is SB_OK */
    const char *message;   /* public, one line, where it is not; borrowed until the next ask */
};

struct sb_oracle;
int sb_oracle_new(const struct sb_oracle_setup *setup, struct sb_oracle **out,
                  struct sb_diag *diag);
void sb_oracle_free(struct sb_oracle *oracle);
/* Fix what is hidden: a member, or the null. Not called for lazy policies. */
void sb_oracle_hide(struct sb_oracle *oracle, struct sb_hidden hidden);
/* Ask n queries, fixed before any of them is answered; the expressions among them share a pool, and a
 * sample where they are sampled. Returns 0 with out (n) filled, or a negative errno: -ETIME (fuse),
 * -ECONNABORTED (the learner's process ended in a callback), -EFAULT (a broken certificate or policy;
 * diag says which). These end the run with out filled all the same, and status SB_STOP where nothing was
 * answered: each query has its number, and is to be recorded. -ENOMEM leaves out as it may be. */
int sb_oracle_ask_many(struct sb_oracle *oracle, const struct sb_ask *asks, size_t n,
                       struct sb_asked *out, struct sb_diag *diag);
/* The same of one query. */
int sb_oracle_ask(struct sb_oracle *oracle, const struct sb_ask *ask, struct sb_asked *out,
                  struct sb_diag *diag);
/* The labels at n points, drawn anew at each call; n examples. All or nothing: *out says which, and
 * y_out and points_out are written only where its status is SB_OK. 0, -ENOMEM. */
int sb_oracle_labels(struct sb_oracle *oracle, uint64_t n, const struct sb_points *points,
                     double *y_out, struct sb_asked *out);
int sb_oracle_samples(struct sb_oracle *oracle, uint64_t n, const struct sb_points *points_out,
                      double *y_out, struct sb_asked *out);

/* What it needs of labels, and the space has not, for "it needs ..."; NULL: nothing. y g(x) is a query where labels
 * are in [-1,1]. */
const char *sb_access_takes(const struct sb_access_class *access, const struct sb_space *space);

/* A query that is not proven to lie in the access's range, clipped to it; 0: too large an expression. */
sb_expr sb_access_clip(const struct sb_access_class *access, struct sb_pool *pool, sb_expr expr,
                       bool *clipped_out);

/* Does a learner with this access get labels or examples, or answers drawn from them? No lower bound on
 * queries then. grants: bits of enum sb_access. */
bool sb_access_gives_examples(const struct sb_access_class *access, uint32_t grants);

/* The run is over: queries are numbered all the same, and get SB_STOP. */
void sb_oracle_stop(struct sb_oracle *oracle);

/* What the whole run saw. */
struct sb_oracle_totals {
    uint64_t n_asked;   /* numbered: queries, calls for labels, calls for examples */
    uint64_t n_queries; /* statistical queries among them, answered or not */
    uint64_t n_answered;
    uint64_t n_labels,
        n_examples; /* points labelled; examples handed out or drawn for one answer */
    /* examples that would have simulated the answered queries, failure delta for all together
     * (docs/theorems.md A), and those handed out: NaN with labels at chosen points */
    double equivalent_samples;
    uint64_t n_sampled; /* answers whose certificate rests on samples */
    uint64_t samples;   /* examples drawn for them */
    uint64_t max_eliminated, sum_eliminated;
    uint64_t max_dropped; /* most members that one answer was not surely right for */
    uint64_t n_left_null; /* answers of a policy that knows the null, but not the null's value */
    uint64_t n_uncounted; /* answers of a policy that counts members, but did not for these */
    double at_tolerance;  /* where bounds are to be evaluated: tau or t (design.md, Policies) */
};
const struct sb_oracle_totals *sb_oracle_totals(const struct sb_oracle *oracle);
void *sb_oracle_policy_state(struct sb_oracle *oracle);

#endif
