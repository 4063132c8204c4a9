/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A trial: the learner under check, run once on a small task, and what was seen of it. A task is a
 * family, the oracle that is granted and a goal; behind it stands a real oracle. */
#ifndef SB_CHECK_TRIAL_H
#define SB_CHECK_TRIAL_H

#include "check/check.h"
#include "oracles/access/oracle.h"
#include "runner/family_plugin.h"
#include "runner/learner.h"

enum { SB_TASKS_MAX = 64 };

struct sb_trial_task {
    const struct sb_family_class *family;
    struct sb_values family_values; /* owned */
    const struct sb_access_class *access;
    const struct sb_policy_class *policy;
    struct sb_values oracle_values; /* owned */
    uint32_t goal;                  /* enum sb_goal */
    char *name;                     /* "parity, stat, predict"; owned */
};

/* The tasks that a learner of this access may be given: `large` ones under the policy `reference`,
 * too large for it to find the member, or small ones under `exact`; the same families, oracles and
 * goals at the same places. */
struct sb_trial_tasks {
    struct sb_trial_task items[SB_TASKS_MAX];
    size_t n;
    struct sb_family_so *plugin; /* behind --family; NULL: none */
};
/* -EINVAL: --family or a family.KEY=VALUE is wrong. fini in either case. */
int sb_trial_tasks_init(struct sb_trial_tasks *tasks, const struct sb_check_context *context,
                        uint32_t access, bool large, struct sb_diag *diag);
void sb_trial_tasks_fini(struct sb_trial_tasks *tasks);

/* How it is run. Zero is: this run's isolation, ample budget and memory, coins and secret of the
 * seed. */
struct sb_trial_setup {
    const struct sb_check_context *context;
    const struct sb_trial_task *task;
    const struct sb_values *learner; /* its parameters */
    uint32_t isolation;
    uint64_t coins, secret;
    uint64_t budget;     /* of queries, labels and examples each; 0: ample */
    uint64_t stop_at;    /* this call is answered SB_STOP; 0: none */
    uint64_t memory_mib; /* 0: 1024 */
    uint64_t seconds;    /* the fuse; 0: a quarter of what the check has */
    /* Called with each callback before the oracle is, and with a predictor; NULL: none. Returns as
     * struct sb_server's functions. */
    int (*look)(void *self, const struct sb_callback *callback, const struct sb_family *family,
                bool labels);
    void *self;
};

/* What was seen. */
struct sb_trial {
    struct sb_learner_end end;
    const char *why; /* what it returned does not fit; a literal, or NULL */
    bool returned;   /* something that fits the goal */
    bool misused;    /* the interface; end.text says how */
    bool endless;    /* it went on asking after its budget was used up, and was cut off */
    uint64_t n_calls, n_queries, n_answered, n_from_truth;
    uint64_t cost;        /* of what was answered: queries, labels, examples */
    uint64_t n_over;      /* calls of which nothing was answered for the budget's sake */
    uint64_t n_clipped;   /* queries */
    uint64_t n_range;     /* callbacks out of range */
    char *clipped;        /* the first one's text; owned; NULL: none */
    char *range;          /* the first one's message; owned; NULL: none */
    struct sb_buf frames; /* of each frame: u32 type, u64 of its digest */
};
/* 0 with *out filled, whatever the learner did; -EINVAL where the plugin does not load (diag says
 * why); another negative errno: statbed's own trouble. fini in any case. */
int sb_trial_run(const struct sb_trial_setup *setup, struct sb_trial *out, struct sb_diag *diag);
void sb_trial_fini(struct sb_trial *trial);

/* Did it come to an end by itself, whatever it returned: no crash, exit, fuse or misuse? */
bool sb_trial_polite(const struct sb_trial *trial);
/* The same conversation? Otherwise *frame_out is the first frame that differs, from 1. */
bool sb_trial_same(const struct sb_trial *a, const struct sb_trial *b, uint64_t *frame_out);

/* The learner's parameters from the command line. -EINVAL: a mistake there. */
int sb_trial_values(const struct sb_check_context *context, const struct sb_param *params,
                    struct sb_values *out, struct sb_diag *diag);

#endif
