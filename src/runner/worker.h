/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A worker: a process forked from this one that runs cells one after the other and sends their rows
 * back (relay.h). It never touches the database, and dies with its parent. */
#ifndef SB_RUNNER_WORKER_H
#define SB_RUNNER_WORKER_H

#include "runner/batch.h"

#include <sys/types.h>

struct sb_worker {
    pid_t pid; /* 0: none */
    int fd;    /* our end of its channel */
};

/* Slot i of n: with more than one slot the CPUs that this process may use are shared out, so that
 * two workers never stand on one while there are enough. -EIO with a line. */
int sb_worker_start(const struct sb_batch *batch, size_t i, size_t n, struct sb_worker *out,
                    struct sb_diag *diag);
/* Hands it a cell of the batch's plan. 0, or -EPIPE: it is dead. */
int sb_worker_give(const struct sb_worker *worker, size_t cell, int64_t run);
/* Closes its channel and waits for its end, which is at once where it has nothing to do; `with_force`
 * makes it so in any case. Its learner dies with it. What waitpid says; 0 where there is none. */
int sb_worker_end(struct sb_worker *worker, bool with_force);

#endif
