/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Signals that ask for the end: SIGINT, SIGTERM, SIGHUP. While they are caught, a run ends in good
 * order: what it has begun is finished or marked, and the database is closed. One that was ignored
 * when the program started (nohup) stays ignored. */
#ifndef SB_RUNNER_INTERRUPT_H
#define SB_RUNNER_INTERRUPT_H

#include <poll.h>
#include <stdbool.h>

/* held: signals come in sb_interrupt_poll alone, so that nothing else is ever cut short. Otherwise
 * they come at any time, and a second of the same kind ends the process as usual. SIGPIPE is
 * ignored, so that a closed pipe is an error to be told. Not to be nested. */
void sb_interrupt_catch(bool held);
/* As it was. */
void sb_interrupt_release(void);
/* The first signal that came since the catch, 0: none; and how many came. Until the release. */
int sb_interrupt_signal(void);
unsigned sb_interrupt_count(void);
/* As poll(2), but for signals that are held: one that comes ends it, with 0. */
int sb_interrupt_poll(struct pollfd *fds, nfds_t n, int timeout_ms);
/* In a child that is to leave such signals to its parent. */
void sb_interrupt_ignore(void);

#endif
