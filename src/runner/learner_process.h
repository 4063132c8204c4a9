/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A learner in a process of its own: statbed-host, started, talked to, reaped. */
#ifndef SB_RUNNER_LEARNER_PROCESS_H
#define SB_RUNNER_LEARNER_PROCESS_H

#include "runner/learner_talk.h"

#include <sys/types.h>

struct sb_host_process {
    pid_t pid;       /* 0: none, or reaped */
    int wait_status; /* of waitpid, once reaped */
    int fd;          /* our end of the socket; -1: none */
    int log;         /* the memfd behind its standard output and error; -1: none */
    uint64_t log_cap;
    int filters; /* system-call filters that it is to have put on by READY; -1: not looked at */
    void *board; /* the memory shared with it, SB_BOARD_BYTES; NULL: none */
    struct sb_link line;
    struct sb_link aside; /* the same socket, for what is said while a frame is being answered */
};

/* Starts statbed-host on a plugin, with its socket, board and log: -EINVAL or -EIO with one line. */
int sb_host_spawn(struct sb_host_process *host, const char *path, uint32_t isolation,
                  const struct sb_limits *limits, struct sb_diag *diag);
/* The same, and reads its first frame (valid until the next). `isolation` is
 * SB_ISOLATION_PROCESS or _SECCOMP. -EINVAL, -EIO or -ECANCELED with one line. */
int sb_host_start(struct sb_host_process *host, const char *path, uint32_t isolation,
                  const struct sb_limits *limits, struct sb_frame *first, struct sb_diag *diag);
/* From CONFIG, which is in talk->reply, to the end of the run. 0, or a negative errno of ours. */
int sb_host_converse(struct sb_host_process *host, struct sb_talk *talk);
/* Kills and reaps it, then moves its log to *end. */
void sb_host_collect(struct sb_host_process *host, struct sb_learner_end *end);
void sb_host_close(struct sb_host_process *host);

#endif
