/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a finished run states: the hidden member, the score, the bounds. */
#ifndef SB_RUNNER_VERDICT_H
#define SB_RUNNER_VERDICT_H

#include "runner/played.h"
#include "store/sink.h"

struct sb_verdict_setup {
    const struct sb_point *point;
    struct sb_score_task score;      /* the family and the hypothesis */
    const struct sb_correlations *k; /* of the family */
    struct sb_oracle *oracle;
    struct sb_hidden hidden; /* chosen here under a lazy policy */
};

struct sb_verdict {
    struct sb_hidden hidden;
    struct sb_score score;
    bool counted; /* the policy kept count of members: */
    bool scored;  /* and it was asked on whom of them the hypothesis is right */
    struct sb_survivors survivors;
};

/* Scores the hypothesis. Under a lazy policy the hidden member is chosen first. */
int sb_verdict(const struct sb_verdict_setup *setup, struct sb_verdict *out);

/* All bounds for this run onto the record: the calculators', and `played`. */
int sb_verdict_bounds(const struct sb_verdict_setup *setup, const struct sb_verdict *verdict,
                      const struct sb_sink *sink, struct sb_diag *diag);

#endif
