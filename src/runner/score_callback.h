/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Scoring a predictor, or a density, that is a callback, while the learner's process still lives: its loss at every
 * point of the domain, or at random public ones, with every label in turn, is what the oracle's
 * estimates are made of, too (estimate/public_points.h). */
#ifndef SB_RUNNER_SCORE_CALLBACK_H
#define SB_RUNNER_SCORE_CALLBACK_H

#include "estimate/profile.h"
#include "estimate/public_points.h"
#include "runner/score_density.h"

/* Of the largest loss: how near random points come; and where that is too many points for all members
 * together, which public numbers decide. */
#define SB_SCORE_WIDTH 0.002
#define SB_COARSE_WIDTH 0.02
/* As sb_profile_of, of a loss in [0,1]: to of->half_width, else to the coarse one. */
int sb_profile_to_score(struct sb_profile_task *of, struct sb_profile *out);

struct sb_callback_score {
    bool returned; /* a predictor was there to be scored */
    bool tabled;   /* the table is there, or the density: not where it would take too many points */
    bool worthless;          /* it is none: not finite at a point, or not pure; `why` says so */
    double loss, half_width; /* NaN: the fuse ended the scoring */
    struct sb_profile
        table; /* where asked for: the loss, over the largest there is, under every member */
    struct sb_stated_density density; /* goal learn: what it wrote; in place of the table */
    char why[640];
};
void sb_callback_score_fini(struct sb_callback_score *score);

struct sb_callback_task {
    const struct sb_family *family;
    const struct sb_callback *predictor;
    enum sb_loss loss;
    struct sb_hidden hidden; /* not looked at where the table is kept */
    bool keep_table;         /* instead of the loss: no member is hidden yet */
    struct sb_key key;
    const struct sb_fuse *fuse;
};
/* 0 with *out to be freed by fini; -ETIME, with the loss left open; -ECONNABORTED where the
 * learner's process ended, with nothing returned; -ENOMEM. */
int sb_score_callback(const struct sb_callback_task *task, struct sb_callback_score *out);

#endif
