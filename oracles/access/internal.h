/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The oracle's own: shared by the files that make it up. */
#ifndef SB_ACCESS_INTERNAL_H
#define SB_ACCESS_INTERNAL_H

#include "oracles/access/oracle.h"

/* The questions of a batch, in order, and where each stands in it. */
struct sb_oracle_batch {
    struct sb_question *question; /* n */
    size_t *place;                /* n, increasing */
    int *status;                  /* n: of their estimates */
    size_t n, cap_question, cap_place, cap_status;
};

struct sb_oracle {
    const struct sb_access_class *access;
    const struct sb_policy_class *policy;
    const struct sb_family *family;
    const struct sb_fuse *fuse;
    void *state; /* the policy's */
    struct sb_hidden hidden;
    struct sb_tolerance granted;
    double slack, delta;
    double lipschitz;  /* infinity: no limit */
    double kept;       /* least share of the tolerance that certificates left, so far */
    double conversion; /* sum of what answers cost in examples, but for the logarithm */
    bool stopped;
    struct sb_key truth_key, null_key, label_key, example_key;
    uint64_t budget, label_budget, sample_budget;
    uint32_t grants;     /* all accesses, as bits */
    struct sb_buf bytes; /* of the expression, or of what is handed out */
    char **messages;     /* of what was refused in this call */
    size_t n_messages, cap_messages;
    struct sb_oracle_batch batch;
    uint32_t profiled;         /* enum sb_profiled; profiles are ... */
    struct sb_profile profile; /* ... here, one after the other */
    bool keeps_tables;         /* of callbacks */
    struct sb_oracle_totals totals;
};

/* *asked gets a status and one public line. */
__attribute__((format(printf, 4, 5))) void sb_oracle_refuse(struct sb_oracle *oracle,
                                                            struct sb_asked *asked, int32_t status,
                                                            const char *fmt, ...);
void sb_oracle_forget_messages(struct sb_oracle *oracle);
/* Can so many more examples be drawn? Refuses otherwise. */
bool sb_oracle_has_examples(struct sb_oracle *oracle, uint64_t n, struct sb_asked *asked);

/* ask.c: a query gets its number; and everything that can be said of it from public facts: *asked has its
 * digest, and the status and message of what was refused; else *expr_out is what is to be estimated (0: a
 * callback). 0, or -ENOMEM. */
void sb_oracle_number(struct sb_oracle *oracle, const struct sb_ask *ask, struct sb_asked *out);
int sb_oracle_take(struct sb_oracle *oracle, const struct sb_ask *ask, struct sb_asked *asked,
                   sb_expr *expr_out);

/* totals.c: count an answer; keep totals.equivalent_samples. */
void sb_oracle_count(struct sb_oracle *oracle, const struct sb_asked *asked);
void sb_oracle_convert(struct sb_oracle *oracle);

#endif
