/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Messages between the runner and the learner's process: frames of u32 length, u32 type, payload
 * (little-endian, base/buffer.h) over a stream socket. The runner never trusts what it reads: every
 * length is checked, every expression is decoded node by node.
 *
 *   runner -> host                          host -> runner
 *   (starts it; the path is argv[1])        DESCRIBE  descriptor, after dlopen under filter 1
 *   CONFIG    facts, parameters, coins      READY     after create(); no payload
 *   START     (the member is drawn now)     ASK       a batch
 *   ANSWERS   statuses, answers, message    ASK ...
 *                                           DONE      run()'s return code, the hypothesis
 *   In place of any of its messages the host may send FAIL: one line for the user.
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
    SB_FRAME_FAIL = 8
};
#define SB_FRAME_MAX (UINT32_C(1) << 26) /* bytes of payload */

#endif
