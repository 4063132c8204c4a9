/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Scoring what a learner returned, under one member or under all of them. */
#ifndef SB_RUNNER_SCORE_H
#define SB_RUNNER_SCORE_H

#include "estimate/loss.h"
#include "experiment/experiment.h"
#include "oracles/policies/policy.h"
#include "runner/learner.h"
#include "runner/score_callback.h"

/* What was returned, made ready for scoring. */
struct sb_hypothesis {
    uint32_t goal;     /* enum sb_goal */
    enum sb_loss loss; /* for goals that have one (sb_goal_has_loss), and so is ... */
    struct sb_loss_scale scale;
    double max;        /* the loss to reach; 0 for the other goals, whose loss is 0 or 1 */
    bool returned;     /* something that fits the goal */
    sb_expr predictor; /* or density, in the pool */
    sb_expr loss_expr; /* goal predict: the loss at an example */
    struct sb_callback_score *called; /* what is a callback; borrowed; NULL: none */
    int32_t planted;
    const double *value; /* borrowed */
    uint64_t n_value;
};

/* What is to be returned. */
struct sb_hypothesis_setup {
    uint32_t goal; /* enum sb_goal */
    const struct sb_family *family;
    enum sb_loss loss; /* of goals that have one */
    double max;
};
/* From the end of a run. A predictor that depends on the label, or cannot be decoded, counts as
 * nothing returned, and *why_out says so (a literal), else NULL. */
void sb_hypothesis_init(struct sb_hypothesis *h, const struct sb_hypothesis_setup *setup,
                        struct sb_pool *pool, const struct sb_learner_end *end,
                        const char **why_out);
/* A predictor that is a callback, scored already, is what was returned. Says what is wrong with it,
 * or NULL. */
const char *sb_hypothesis_call(struct sb_hypothesis *h, struct sb_callback_score *called);

/* What was returned, in words; nothing is added where nothing was. */
void sb_hypothesis_print(const struct sb_hypothesis *h, const struct sb_pool *pool,
                         struct sb_buf *out);

struct sb_score {
    double loss, half_width; /* as goal.loss says, or 1 - [right] */
    int success;             /* 1, 0; -1: the certificate leaves both possible */
};
/* What it is scored with. */
struct sb_score_task {
    const struct sb_hypothesis *hypothesis;
    const struct sb_family *family;
    struct sb_pool *pool;
    struct sb_key key; /* of the scorer's samples */
    const struct sb_fuse *fuse;
};
/* The loss under what is hidden. 0 or a negative errno. Nothing returned: loss 1, no success. Where
 * the fuse ends the scoring the goal is not decided, and the loss is NaN or a coarse one. */
int sb_score(const struct sb_score_task *task, struct sb_hidden hidden, struct sb_score *out);
/* The loss under every member, and under the null. */
struct sb_scores {
    double *loss; /* owned, n_members; NULL: not to be had, see below */
    double null_loss, half_width;
    double failure; /* probability that some loss is not within its half-width */
};
/* 0, with *out to be freed by fini, or a negative errno. No losses where the fuse ends the scoring, where
 * it would take too many samples, and of a callback whose table was not kept. Only where the family
 * has profiles. */
int sb_score_all(const struct sb_score_task *task, struct sb_scores *out);
void sb_scores_fini(struct sb_scores *scores);
/* What a loss with its half-width means for the goal. */
int sb_success(const struct sb_hypothesis *h, double loss, double half_width);

#endif
