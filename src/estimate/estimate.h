/* SPDX-License-Identifier: GPL-3.0-or-later */
/* E_D[query] with a certificate. Routes, tried in order: closed form, enumeration of the
 * coordinates that matter, quadrature along projections of a Gaussian, Monte Carlo with a stopping
 * rule that bets. */
#ifndef SB_ESTIMATE_ESTIMATE_H
#define SB_ESTIMATE_ESTIMATE_H

#include "base/fuse.h"
#include "estimate/law.h"
#include "query/expr.h"

enum sb_method {
    SB_CLOSED_FORM = 1, /* sums of products over disjoint coordinates, each enumerated */
    SB_ENUMERATION = 2, /* all values of the coordinates that matter */
    SB_MONTE_CARLO = 3,
    SB_TRANSFORM = 4,      /* every member's value by one transform (policy eliminate) */
    SB_PUBLIC_DOMAIN = 5,  /* a callback at all points of the domain */
    SB_PUBLIC_POINTS = 6,  /* a callback at random public points; it is assumed to be pure */
    SB_FRESH_EXAMPLES = 7, /* no certificate: a mean over fresh examples (policy fresh) */
    SB_QUADRATURE = 8      /* one projection of a Gaussian, integrated numerically */
};
const char *sb_method_name(uint32_t method);
/* How far its half-width is to be trusted: "certified", it is proven; "estimated", it is what a
 * numerical integration found, by a rule without a proof for every step; "none", there is no half-width. */
const char *sb_method_tag(uint32_t method);

/* A value and its radius. The half-width holds surely for the exact methods (it is the rounding
 * error, 0 where every operation was exact) and with probability 1 - delta for Monte Carlo. */
struct sb_estimate {
    double value, half_width;
    double variance_lb; /* at most Var_D(query), under the same certificate */
    uint32_t method;
    uint64_t samples; /* examples drawn; 0 for the exact methods */
    /* Of an exact route whose half-width depends on the law: what it is at most under a law of the family, 0
     * elsewhere. By this it is decided, at the least tolerance there can be, whether the query is sampled, so that
     * this, and a refusal to sample, does not tell who is hidden. */
    double widest;
};

/* How an oracle measures its tolerance. */
enum sb_rule { SB_RULE_STAT = 1, SB_RULE_BERNOULLI = 2, SB_RULE_VARIANCE = 3, SB_RULE_NONE = 4 };
const char *sb_tolerance_name(uint32_t rule); /* "stat", "bernoulli", "variance", "none" */
struct sb_tolerance {
    uint32_t rule;
    double value; /* tau for SB_RULE_STAT, t for the next two; a number of examples for none */
};
/* The least tolerance that any mean in [lo, hi] (and variance >= variance_lb) allows:
 * tau; max(1/t, sqrt(p(1-p)/t)) [FGR17]; max(1/t, sqrt(Var/t)) [CLL22, Def. 2]. */
double sb_tolerance_lb(struct sb_tolerance tolerance, double lo, double hi, double variance_lb);

struct sb_estimate_task {
    const struct sb_law *law;
    struct sb_pool *pool;
    sb_expr expr; /* proven to lie in [lo, hi] */
    double lo, hi;
    struct sb_tolerance tolerance;
    double share;               /* of the tolerance that the half-width may use, in (0,1] */
    double delta;               /* failure probability that Monte Carlo may use */
    struct sb_key key;          /* of its sample: the words of ... */
    uint64_t stream;            /* ... this stream */
    const struct sb_fuse *fuse; /* borrowed, may be NULL */
};

/* 0; SB_REFUSED where Monte Carlo would need more than SB_SAMPLES_MAX examples (decided from public
 * numbers before anything is drawn); -ETIME where the fuse blew; -ENOMEM. */
#define SB_SAMPLES_MAX (UINT64_C(1) << 34)
int sb_estimate(const struct sb_estimate_task *task, struct sb_estimate *out);
/* n queries that were fixed before anything was drawn: they share law, pool, key, stream and fuse, and
 * where they are sampled one sample serves them all. status[i]: 0 or SB_REFUSED, as above. Returns 0, or
 * -ETIME, -ENOMEM, and then nothing is estimated. */
int sb_estimate_many(const struct sb_estimate_task *tasks, size_t n, struct sb_estimate *out,
                     int *status);

/* As sb_estimate_many, of those with status[i] = 1 alone, by Monte Carlo; at most 1024 share a sample. */
int sb_estimate_monte_carlo_many(const struct sb_estimate_task *tasks, size_t n,
                                 struct sb_estimate *out, int *status);

/* The routes. Each returns 1 where it does not apply. */
int sb_estimate_closed_form(const struct sb_estimate_task *task, struct sb_estimate *out);
int sb_estimate_enumeration(const struct sb_estimate_task *task, struct sb_estimate *out);
int sb_estimate_quadrature(const struct sb_estimate_task *task, struct sb_estimate *out);
int sb_estimate_monte_carlo(const struct sb_estimate_task *task, struct sb_estimate *out);

#endif
