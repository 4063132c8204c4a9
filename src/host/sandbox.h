/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a learner's process gives up before the learner runs: rights, limits, system calls. */
#ifndef SB_HOST_SANDBOX_H
#define SB_HOST_SANDBOX_H

#include <stdint.h>
#include <sys/types.h>

/* 0 to 2 are /dev/null and the log; then the socket to the runner, and the board's memory. */
enum { SB_CHANNEL_FD = 3, SB_BOARD_FD = 4 };

struct sb_sandbox_limits {
    uint64_t memory;     /* bytes of data; 0: no limit */
    uint64_t file_bytes; /* the longest file, which is the log */
    pid_t parent;        /* the runner */
};

/* Step 3. Returns 0, or a negative errno: -ESRCH where the runner is already gone. */
int sb_sandbox_restrict(const struct sb_sandbox_limits *limits);
/* Before step 4: no file can be opened but the plugin, libraries beside it and the system's. A
 * negative errno, and nothing done, where the kernel has no Landlock. */
int sb_sandbox_close_files(const char *plugin);
/* Maps the board and closes its descriptor; before step 4, for no filter allows a shared mapping.
 * NULL: there is none. */
void *sb_sandbox_map_board(void);
/* Step 4. 0; a negative errno where the kernel has no such filters. */
int sb_sandbox_filter_loading(void);
/* Step 5: closes every descriptor from `first` on. */
int sb_sandbox_close_from(unsigned first);
/* Step 6. */
int sb_sandbox_filter_running(void);

#endif
