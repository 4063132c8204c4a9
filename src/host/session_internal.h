/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files of the session share: its state, and the ways out of it. One file a subject:
 * session.c the life of a run, session_facts.c what is told, session_ask.c expressions and queries,
 * session_points.c callbacks at work, session_examples.c labels and samples, session_returns.c what
 * is returned. */
#ifndef SB_HOST_SESSION_INTERNAL_H
#define SB_HOST_SESSION_INTERNAL_H

#include "host/session.h"
#include "host/told.h"
#include "numeric/random.h"
#include "query/expr.h"
#include "wire/points.h"

/* EVALUATING: a callback is at work, in run() or after it. */
enum sb_phase { SB_CREATING, SB_RUNNING, SB_EVALUATING, SB_OVER };
/* As enum sb_returned of the runner. */
enum sb_gives {
    SB_GIVES_NOTHING,
    SB_GIVES_EXPR,
    SB_GIVES_VERDICT,
    SB_GIVES_VALUE,
    SB_GIVES_CALLBACK
};

/* A callback of the learner's: phi NULL: none. */
struct sb_called {
    sb_phi *phi;
    void *user;
};

/* What a callback is shown beside the board. */
struct sb_scratch {
    double *memory; /* owned: a column of labels, on the cube dim of points; NULL: not yet needed */
    double **x;     /* owned: the columns of the points, there or on the board */
};

struct sb_session {
    const struct sb_channel *channel;
    struct sb_told told;
    struct sb_space space;
    struct sb_pool *pool;
    struct sb_host host;
    enum sb_phase phase;
    bool ended; /* the last frame is sent, or nobody listens */
    struct sb_key coins;
    uint64_t n_coins;         /* numbers drawn from the stream */
    struct sb_buf out;        /* the frame being built */
    struct sb_buf cause;      /* why the first expression since the last ask() failed; "" none */
    struct sb_buf message;    /* of message() */
    struct sb_called *called; /* by place in the batch that is being asked; owned; NULL: none */
    uint64_t n_called;
    struct sb_board board;
    struct sb_scratch scratch;
    enum sb_gives gives; /* what the learner returns */
    struct sb_buf expr;
    int32_t verdict;
    double *value;
    uint64_t n_value;
    struct sb_called predictor;
};

/* The learner did what the interface forbids: says so at once, for it may not survive what we
 * return, and ends the run. */
void sb_session_misuse(struct sb_session *s, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* Nobody listens any more: SB_STOP. */
int32_t sb_session_stop(struct sb_session *s);
/* Says so, and ends the run: SB_STOP. */
int32_t sb_session_no_memory(struct sb_session *s);
/* Most calls are for run() alone; false: return the failure value. */
bool sb_session_running(struct sb_session *s, const char *call);
/* A callback may not call the host: true, and misuse, where one does. */
bool sb_session_in_callback(struct sb_session *s, const char *call);
/* message() from now on; returns `status`. */
int32_t sb_session_say(struct sb_session *s, int32_t status, const char *text);
/* message() from the text of a frame, "" leaves it; then `status`, below 0 the end of run(). */
int32_t sb_session_told(struct sb_session *s, int32_t status, struct sb_reader *r);
/* Why expression e cannot be used; "" never. */
const char *sb_session_cause(struct sb_session *s, sb_expr e);
/* Sends s->out, and POINTS are answered until another frame comes. 0, or a negative errno. */
int sb_session_exchange(struct sb_session *s, struct sb_frame *reply);

/* Calls the callback that a POINTS frame names, and makes VALUES of it. */
int sb_session_points(void *self, const struct sb_frame *points, struct sb_buf *values);
void sb_scratch_fini(struct sb_scratch *scratch);

/* Each subject's functions of struct sb_host. */
void sb_session_offer_facts(struct sb_host *host);
void sb_session_offer_asking(struct sb_host *host);
void sb_session_offer_examples(struct sb_host *host);
void sb_session_offer_returns(struct sb_host *host);

#endif
