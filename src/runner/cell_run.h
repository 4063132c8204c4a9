/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One run of a cell, while it lasts: what the files that make it up share. */
#ifndef SB_RUNNER_CELL_RUN_H
#define SB_RUNNER_CELL_RUN_H

#include "runner/cell.h"
#include "runner/transcript.h"
#include "runner/verdict.h"

/* All that lives as long as one run. */
struct sb_cell_run {
    const struct sb_cell *cell;
    const struct sb_point *point;
    const struct sb_sink *sink; /* the record */
    struct sb_diag *diag;
    struct sb_known_family known;
    const struct sb_family *family; /* that of known: what the learner is told of */
    struct sb_reduction through;    /* the oracle, and what stands before it */
    struct sb_oracle *oracle;       /* that one */
    struct sb_pool *pool;
    struct sb_fuse fuse;
    struct sb_key secret;
    struct sb_hidden hidden;
    struct sb_transcript transcript;
    struct sb_callback_score called; /* a predictor that is a callback: scored during the run */
    uint64_t n_over;                 /* calls that met a budget that was used up */
    uint64_t n_refused;              /* not answered for another reason; the first of them */
    char refused[640];
    bool not_bitwise;      /* the learner or the family says so of itself */
    const char *isolation; /* what the learner got; NULL: it did not start */
    char message[640];     /* public, on the first of a call that was not answered */
};

/* cell.c: budget.seconds from now; the key of what the scorer draws. */
void sb_cell_light_fuse(struct sb_cell_run *run);
struct sb_key sb_cell_score_key(const struct sb_cell_run *run);

/* What the learner is told to do: under a reduction that tests predictors, to predict. */
uint32_t sb_cell_goal(const struct sb_cell_run *run);
/* cell_server.c: has the learner run, and answers what it asks. */
int sb_cell_serve(struct sb_cell_run *run, struct sb_learner_process *process,
                  struct sb_learner_end *end);
/* 0, or the run's end for a learner that does not hear that its budget is used up. */
int sb_cell_patience(const struct sb_cell_run *run);
/* Onto the record, whatever became of it. */
struct sb_cell_query;
int sb_cell_keep(struct sb_cell_run *run, const struct sb_asked *asked,
                 const struct sb_cell_query *query);

/* cell_reduced.c: before the verdict, and after it: what is hidden is known then. */
int sb_cell_look_through(struct sb_cell_run *run, struct sb_learner_end *end);
int sb_cell_store_reduction(struct sb_cell_run *run, struct sb_hidden hidden);

/* cell_ask.c: sb_server.ask. */
int sb_cell_ask(void *self, const struct sb_wire_query *q, uint64_t n, double *answers,
                int32_t *status, const char **message_out);

/* cell_store.c: the run's row, a row a query, the run's end. */
int sb_cell_begin(struct sb_cell_run *run);
int sb_cell_store_facts(struct sb_cell_run *run, const struct sb_fact *facts, size_t n);
/* Of what was asked: the expression, or the name of the callback; neither of labels and examples. */
struct sb_cell_query {
    sb_expr expr;
    const char *callback;
};
int sb_cell_store_query(struct sb_cell_run *run, const struct sb_asked *asked,
                        const struct sb_cell_query *query);
/* why: in place of what the learner's end says, where that says nothing. */
int sb_cell_store_end(struct sb_cell_run *run, const struct sb_learner_end *end,
                      const struct sb_hypothesis *h, const struct sb_verdict *verdict,
                      const char *why, double seconds);

#endif
