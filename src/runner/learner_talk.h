/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The runner's side of the conversation with a learner, frame by frame, whether the frames come
 * over a socket or from this process. Every frame is untrusted. */
#ifndef SB_RUNNER_LEARNER_TALK_H
#define SB_RUNNER_LEARNER_TALK_H

#include "runner/learner.h"
#include "wire/wire.h"

enum sb_talk_state { SB_TALK_READY, SB_TALK_ASK, SB_TALK_OVER }; /* what is expected next */

struct sb_talk {
    const struct sb_task *task;
    const struct sb_server *server;
    struct sb_learner_end *end; /* filled when the state becomes SB_TALK_OVER */
    struct sb_fuse fuse;
    enum sb_talk_state state;
    struct sb_buf reply; /* the frame to send */
    struct sb_wire_query *query;
    double *answer;
    int32_t *status;
    size_t cap_query, cap_answer, cap_status;
};

void sb_talk_fini(struct sb_talk *talk);
/* Reads DESCRIBE, or FAIL in its place: 0, or -EINVAL with one line. */
int sb_talk_describe(const struct sb_frame *frame, const char *path, uint32_t *isolation_out,
                     struct sb_descriptor *out, struct sb_diag *diag);
void sb_talk_descriptor_fini(struct sb_descriptor *descriptor);
/* CONFIG, in talk->reply. 0, or a negative errno. */
int sb_talk_begin(struct sb_talk *talk);
/* The next frame. Afterwards either the state is SB_TALK_OVER, or the answer is in talk->reply. */
void sb_talk_handle(struct sb_talk *talk, const struct sb_frame *frame);
/* Ends the run; the first end counts. `text`: one line, copied, NULL: none. */
void sb_talk_end(struct sb_talk *talk, uint32_t end, int32_t detail, const char *text);

#endif
