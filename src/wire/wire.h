/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Messages between the runner and the learner's process: frames of u32 length, u32 type, payload
 * (little-endian, base/buffer.h) over a stream socket. The runner never trusts what it reads: every
 * length is checked, every expression is decoded node by node.
 *
 *   runner -> host                          host -> runner
 *   (starts it; the path is argv[1])        DESCRIBE  descriptor, after dlopen under filter 1
 *   CONFIG    facts, parameters, coins      READY     after create(); no payload
 *   START     (the member is drawn now)     ASK       a batch
 *   POINTS    for a callback of the batch   VALUES    it has written on the board
 *   ANSWERS   statuses, answers, message    ASK ...
 *                                           LABELS    at chosen points
 *   EXAMPLES  their labels                  SAMPLES   how many
 *   EXAMPLES  points with labels            DONE      run()'s return code, the hypothesis
 *   POINTS    for a predictor callback      VALUES    ...
 *   END       destroy() and exit            (none)    after DONE with a callback only
 *   In place of any of its messages the host may send FAIL: one line for the user.
 *
 * Payloads, in order; a text is u32 length and bytes, a maybe-text is u8 present, then a text:
 *   DESCRIBE u32 isolation, abi_minor, access, flags; text name, summary, source; u32 n and n times
 *            (text name, u32 type, maybe-text fallback, range, help)
 *   CONFIG   u32 domain, dim, modulus, goal, access; u64 n_queries, n_candidates, n_labels and that
 *            many f64; f64 goal_max; text family; u64 n_label_queries, n_samples; f64
 *            tolerance[SB_ACCESS_KINDS], by bit number; u64 coins; u32 real labels that are possible
 *            at a point and are shown on the board, 0: none; values of the learner and of the
 *            family: u32 n and n times (text name, u32 type, u64 i, f64 r, text, u32 n and n times
 *            f64); the family's vectors: u32 n and n times (text name, u64 n and n times f64)
 *   ASK      u64 n, then n times (u32 access, f64 tolerance, u32 enum sb_asked_kind, and a text: why
 *            there is none, the encoded expression, or the callback's name)
 *   POINTS   u64 place of the callback in the batch, SB_POINTS_PREDICTOR for the predictor; u32 1:
 *            with every label in turn, 0: once, without; u64 n points, which lie on the board, with
 *            their labels where these are shown there
 *   VALUES   nothing; they lie on the board
 *   LABELS   u64 n, then n points: u64 bits on the cube, dim f64 elsewhere
 *   SAMPLES  u64 n
 *   EXAMPLES u32 status; u64 n (0 where the status is not SB_OK); n points (for SAMPLES only), n f64
 *            labels; text message
 *   ANSWERS  u64 n, then n times (u32 status, f64 answer); text message ("": none)
 *   DONE     u32 code, u32 returned, u32 length and an encoded expression, u32 verdict, u32 n and n
 *            times f64
 *   FAIL     text
 */
#ifndef SB_WIRE_WIRE_H
#define SB_WIRE_WIRE_H

#include "base/buffer.h"

enum sb_frame_type {
    SB_FRAME_DESCRIBE = 1,
    SB_FRAME_CONFIG = 2,
    SB_FRAME_READY = 3,
    SB_FRAME_START = 4,
    SB_FRAME_ASK = 5,
    SB_FRAME_ANSWERS = 6,
    SB_FRAME_DONE = 7,
    SB_FRAME_FAIL = 8,
    SB_FRAME_LABELS = 9,
    SB_FRAME_SAMPLES = 10,
    SB_FRAME_EXAMPLES = 11,
    SB_FRAME_POINTS = 12,
    SB_FRAME_VALUES = 13,
    SB_FRAME_END = 14
};
enum sb_asked_kind { SB_ASKED_NOTHING = 0, SB_ASKED_EXPR = 1, SB_ASKED_CALLBACK = 2 };
#define SB_POINTS_PREDICTOR UINT64_MAX
enum { SB_ACCESS_KINDS = 7 };            /* bits of enum sb_access */
#define SB_FRAME_MAX (UINT32_C(1) << 26) /* bytes of payload */
enum { SB_FRAME_HEAD = 8 };              /* bytes before the payload */

/* A frame is built in one buffer, so that it leaves in one system call: begin, payload, end. end
 * returns 0, -ENOMEM, or -EMSGSIZE beyond SB_FRAME_MAX. */
void sb_frame_begin(struct sb_buf *b, uint32_t type);
int sb_frame_end(struct sb_buf *b);
/* A maybe-text: NULL and "" stay two things. */
void sb_frame_maybe_text(struct sb_buf *b, const char *s);

/* A frame that was received; the payload is borrowed until the next one. */
struct sb_frame {
    uint32_t type;
    struct sb_reader body;
};
/* Opens a whole frame in memory: 0, or -EPROTO. */
int sb_frame_open(const void *bytes, size_t n, struct sb_frame *out);

/* One end of a stream socket. The two sides take turns, so a second frame behind the first is an
 * error, and one read is usually one frame. */
struct sb_link {
    int fd;
    bool quiet; /* write without SIGPIPE (send, not write: the learner's filter has only write) */
    /* Asked whenever the other side makes us wait (needs a timeout on the socket): non-zero gives
     * up with that error. NULL: waits for ever. */
    int (*waiting)(void *self);
    void *self;
    uint8_t *in; /* owned; kept from frame to frame */
    size_t cap;
};
void sb_link_init(struct sb_link *line, int fd);
void sb_link_fini(struct sb_link *line); /* leaves the descriptor open */
/* 0; -EPIPE: the other side is gone; else what waiting() said, or another negative errno. */
int sb_link_write(struct sb_link *line, const struct sb_buf *frame);
/* A payload beyond `max` or a second frame is -EPROTO. */
int sb_link_read(struct sb_link *line, size_t max, struct sb_frame *out);

#endif
