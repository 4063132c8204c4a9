/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A learner's session: everything that its struct sb_host does, written once over a channel. In
 * statbed-host the channel is a socket; with isolation none it is a call into the runner's frame
 * handler in the same process. The session holds public data only. */
#ifndef SB_HOST_SESSION_H
#define SB_HOST_SESSION_H

#include "host/plugin.h"
#include "wire/board.h"
#include "wire/wire.h"

/* How a runner in the same process reaches the session's callbacks while the session waits for an
 * answer: what a POINTS frame asks is done, and VALUES is made. 0, or a negative errno. */
struct sb_listener {
    void *self;
    int (*points)(void *self, const struct sb_frame *points, struct sb_buf *values);
};

/* The way to the runner. Both return 0, or a negative errno: the run is over, nobody listens. */
struct sb_channel {
    void *self;
    /* Sends a frame and waits for the answer, which stays valid until the next call. */
    int (*exchange)(void *self, const struct sb_buf *frame, struct sb_frame *reply);
    int (*send)(void *self, const struct sb_buf *frame); /* the last frame: no answer */
    void *board;                  /* the board's memory, shared with the runner */
    struct sb_listener *listener; /* filled by the session; NULL: POINTS come by exchange() */
};

/* Runs the learner from the CONFIG frame to its last frame, DONE or FAIL, and destroys it. Returns
 * 0 where that frame was sent. */
int sb_session_run(const struct sb_plugin *plugin, const struct sb_frame *config,
                   const struct sb_channel *channel);
/* Sends FAIL with one line. */
int sb_session_fail(const struct sb_channel *channel, const char *line);

#endif
