/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A fuse: a wall-clock limit that long computations look at. It only ever ends a run; nothing that
 * is compared or answered depends on it. */
#ifndef SB_BASE_FUSE_H
#define SB_BASE_FUSE_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

struct sb_fuse {
    uint64_t deadline_ns; /* of CLOCK_MONOTONIC; 0: never */
};

static inline uint64_t sb_now_ns(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static inline bool sb_fuse_blown(const struct sb_fuse *fuse)
{
    return fuse && fuse->deadline_ns && sb_now_ns() >= fuse->deadline_ns;
}

#endif
