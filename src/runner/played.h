/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a finished game proves of the learner that played it: the elimination certificate
 * [docs/theorems.md B4, B5]. Every member that is left had valid answers throughout that do not depend
 * on the member, so that the learner returned the same to all of them. */
#ifndef SB_RUNNER_PLAYED_H
#define SB_RUNNER_PLAYED_H

#include "bounds/bounds.h"
#include "experiment/experiment.h"
#include "oracles/access/oracle.h"
#include "runner/score.h"

/* Who is left, and on whom what was returned is right. */
struct sb_survivors {
    uint64_t n_live;  /* members; at most n_right of them ... */
    uint64_t n_right; /* ... have a loss that surely meets the goal */
    uint64_t n_open;  /* at most so many may meet it: it was not certified to fail on these */
    /* the null, where it is a candidate (goal distinguish) */
    bool null_live, null_right, null_open;
    double failure; /* that a certificate of these losses fails */
};

/* live: n_members bytes. At most n_good members meet the goal (but distinguish), whatever losses leave
 * open, and without losses (scores->loss NULL). */
void sb_survivors_count(const struct sb_score_task *task, const uint8_t *live, bool null_live,
                        const struct sb_scores *scores, double n_good, struct sb_survivors *out);

/* The row `played`: of this run, for the policies that keep count of members. The line and log2_queries
 * take kappa, the most members that one answer of this run was not surely right for, in place of a
 * proven number. setting: as for the calculators. */
void sb_played(const struct sb_point *point, const struct sb_survivors *survivors,
               const struct sb_oracle_totals *totals, const struct sb_bound_setting *setting,
               struct sb_bound *out);

#endif
