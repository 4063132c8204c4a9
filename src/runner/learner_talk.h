/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The runner's side of the conversation with a learner, frame by frame, whether the frames come
 * over a socket or from this process. Every frame is untrusted. learner_talk.c holds its states,
 * learner_describe.c the descriptor, learner_ask.c batches of queries, learner_callback.c what a
 * callback says of points, learner_examples.c labels and samples. */
#ifndef SB_RUNNER_LEARNER_TALK_H
#define SB_RUNNER_LEARNER_TALK_H

#include "runner/learner.h"
#include "wire/board.h"
#include "wire/points.h"

/* What is expected next; CLOSING: END is to be sent, and then nothing but the process's end. */
enum sb_talk_state { SB_TALK_READY, SB_TALK_ASK, SB_TALK_CLOSING, SB_TALK_OVER };

/* How a learner that waits for an answer is reached: sends POINTS, waits for what comes back. 0 with
 * *reply, valid until the next frame; a negative errno where nothing came, after ending the talk
 * where that is the learner's doing. */
struct sb_reach {
    void *self;
    int (*exchange)(void *self, const struct sb_buf *points, struct sb_frame *reply);
};

/* A callback of the batch that is being asked, or the predictor. */
struct sb_talk_callback {
    struct sb_callback callback; /* its self is this struct */
    struct sb_talk *talk;
    uint64_t place;
};

struct sb_talk {
    const struct sb_task *task;
    const struct sb_server *server;
    struct sb_learner_end *end; /* filled when the state becomes SB_TALK_OVER */
    struct sb_reach reach;
    uint64_t seconds; /* the fuse's length; 0: none */
    struct sb_fuse fuse;
    enum sb_talk_state state;
    struct sb_space space;
    struct sb_board board;
    struct sb_buf reply;  /* the frame to send */
    struct sb_buf points; /* POINTS, while a batch is being answered */
    char refusal[320];    /* the last message on what was not answered, for the record */
    struct sb_wire_query *query;
    double *answer;
    int32_t *status;
    struct sb_talk_callback *callback; /* of the batch, n_callback */
    size_t n_callback;
    size_t cap_query, cap_answer, cap_status, cap_callback;
};

void sb_talk_fini(struct sb_talk *talk);
/* Reads DESCRIBE, or FAIL in its place: 0, or -EINVAL with one line. */
int sb_talk_describe(const struct sb_frame *frame, const char *path, uint32_t *isolation_out,
                     struct sb_descriptor *out, struct sb_diag *diag);
void sb_talk_descriptor_fini(struct sb_descriptor *descriptor);
/* CONFIG, in talk->reply, and the fuse is lit. board: the memory of the board, SB_BOARD_BYTES, or
 * what the space needs of it. 0, or a negative errno. */
int sb_talk_begin(struct sb_talk *talk, void *board);
/* The next frame. Afterwards either the state is SB_TALK_OVER, or the answer is in talk->reply. */
void sb_talk_handle(struct sb_talk *talk, const struct sb_frame *frame);
/* Ends the run; the first end counts. `text`: one line, copied, NULL: none. */
void sb_talk_end(struct sb_talk *talk, uint32_t end, int32_t detail, const char *text);

/* Among the files of the talk. */

/* A learner's text may end on a terminal: one line of printable bytes. Owned; NULL out of memory or
 * past the end. */
char *sb_talk_read_line(struct sb_reader *r);
void sb_talk_protocol(struct sb_talk *talk, const char *text);
/* An error of the server's; its fuse is the run's. */
void sb_talk_server_error(struct sb_talk *talk, int error);
void sb_talk_fail(struct sb_talk *talk, struct sb_reader r);
/* Closes a reply of answers or examples with the message on what was not answered; NULL: none. */
void sb_talk_put_message(struct sb_talk *talk, const char *message);
/* What a tap sees; and a whole frame for the learner, as it leaves. */
void sb_talk_tap(struct sb_talk *talk, bool to_learner, uint32_t type, const void *payload,
                 size_t n);
int sb_talk_close(struct sb_talk *talk, struct sb_buf *frame, uint32_t type);
void sb_talk_ask(struct sb_talk *talk, struct sb_reader r);
void sb_talk_labels(struct sb_talk *talk, struct sb_reader r);
void sb_talk_samples(struct sb_talk *talk, struct sb_reader r);
/* name: borrowed. Not to be moved afterwards. */
void sb_talk_callback_init(struct sb_talk_callback *callback, struct sb_talk *talk, uint64_t place,
                           const char *name);

#endif
