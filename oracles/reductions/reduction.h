/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A reduction puts a learner for one problem, the outer one, to work against an oracle for another, the inner
 * one. It is an oracle around an oracle: what is asked of it becomes something that the inner oracle is asked,
 * and the answer goes back as it is. The learner is told of the outer problem alone and need not know. What is
 * hidden is a member of the inner family; the outer one's members have the same numbers. A kind of reduction
 * is one file here and one name in meson.build. */
#ifndef SB_REDUCTIONS_REDUCTION_H
#define SB_REDUCTIONS_REDUCTION_H

#include "oracles/access/oracle.h"

struct sb_reduction;

struct sb_reduction_setup {
    const struct sb_family *family; /* the outer one, which outlives the reduction */
    /* What the learner is told that it has; its family is not looked at. */
    const struct sb_oracle_setup *oracle;
    uint32_t goal; /* enum sb_goal */
    /* Under goal distinguish, where it is not 0: the learner is told to predict, and a test of its predictor
     * on fresh examples says whether a member is hidden: it is to have this advantage over the best constant. */
    double gap;
};

struct sb_reduction_class {
    const char *name, *summary, *source; /* one line each */
    double tolerance_part; /* of what the learner is granted: what the inner oracle grants */
    /* The inner family, of the outer one's making; NULL: `family` is no outer problem of this kind. */
    const struct sb_family *(*inner)(const struct sb_family *family);
    const char *outer; /* what is one, for messages */
    /* Does all go together? 0, -ENOMEM, or -EINVAL with one line. Fills reduction->self; the family and the
     * oracle of the reduction are there. */
    int (*create)(const struct sb_reduction_setup *setup, struct sb_reduction *reduction,
                  struct sb_diag *diag);
    void (*destroy)(struct sb_reduction *reduction); /* self may be NULL */
    /* As sb_oracle_ask_many, sb_oracle_labels, sb_oracle_samples, of the outer problem. */
    int (*ask_many)(struct sb_reduction *reduction, const struct sb_ask *asks, size_t n,
                    struct sb_asked *out, struct sb_diag *diag);
    int (*labels)(struct sb_reduction *reduction, uint64_t n, const struct sb_points *points,
                  double *y_out, struct sb_asked *out);
    int (*samples)(struct sb_reduction *reduction, uint64_t n, const struct sb_points *points_out,
                   double *y_out, struct sb_asked *out);
    /* What the learner returned, a predictor of the outer problem, can be looked at now; keeps what the facts
     * and the test need. 0; -ETIME, -ECONNABORTED, -ENOMEM. */
    int (*predictor)(struct sb_reduction *reduction, const struct sb_callback *predictor,
                     struct sb_hidden hidden);
    /* At most SB_FACTS_MAX, now that all is known; what is hidden may have been chosen at the end. */
    size_t (*facts)(const struct sb_reduction *reduction, struct sb_hidden hidden,
                    struct sb_fact out[SB_FACTS_MAX]);
};
extern const struct sb_reduction_class *const sb_reductions[]; /* NULL-ended; generated */

/* An oracle, and what stands before it. */
struct sb_reduction {
    const struct sb_reduction_class *class; /* NULL: nothing; the learner meets the oracle itself */
    const struct sb_family *outer, *inner;
    struct sb_oracle *oracle; /* the inner one: hiding, stopping and totals are its own */
    struct sb_values values;  /* its parameters, where they are not the outer ones; owned */
    void *self;               /* the class's own, owned */
    /* Set by create where the learner's predictor is tested (setup.gap): the loss that it is to reach. */
    bool tests;
    double told_max;
    int32_t verdict; /* of the test, once `tested`: 1, a member is hidden; 0, the null */
    bool tested;
};

/* class NULL: the oracle itself. 0, or a negative errno with a message; *out is to be finished either way. */
int sb_reduction_init(const struct sb_reduction_class *class,
                      const struct sb_reduction_setup *setup, struct sb_reduction *out,
                      struct sb_diag *diag);
void sb_reduction_fini(struct sb_reduction *reduction);

/* By name; NULL: there is none of them. */
const struct sb_reduction_class *sb_reduction_find(const struct sb_reduction_class *const *classes,
                                                   const char *name);
/* The tolerance that bounds are evaluated at where `granted` is what the learner is granted. */
double sb_reduction_tolerance(const struct sb_reduction_class *class, double granted);
/* The family that the oracle is over. */
const struct sb_family *sb_reduction_inner(const struct sb_reduction_class *class,
                                           const struct sb_family *family);

int sb_reduction_ask_many(struct sb_reduction *reduction, const struct sb_ask *asks, size_t n,
                          struct sb_asked *out, struct sb_diag *diag);
int sb_reduction_labels(struct sb_reduction *reduction, uint64_t n, const struct sb_points *points,
                        double *y_out, struct sb_asked *out);
int sb_reduction_samples(struct sb_reduction *reduction, uint64_t n,
                         const struct sb_points *points_out, double *y_out, struct sb_asked *out);
/* For classes: the digest of the examples that the learner has now, made as the oracle's own. 0 or -ENOMEM. */
int sb_reduction_name_examples(uint32_t dim, uint64_t n, const struct sb_points *points,
                               const double *y, struct sb_asked *out);
int sb_reduction_predictor(struct sb_reduction *reduction, const struct sb_callback *predictor,
                           struct sb_hidden hidden);
/* The same of a predictor that is an expression in the pool. */
int sb_reduction_predictor_expr(struct sb_reduction *reduction, const struct sb_pool *pool,
                                sb_expr predictor, struct sb_hidden hidden);
size_t sb_reduction_facts(const struct sb_reduction *reduction, struct sb_hidden hidden,
                          struct sb_fact out[SB_FACTS_MAX]);

#endif
