/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The learner of bench/start.c: returns at once. */
#include <statbed/learner.h>

static int32_t run(const struct sb_host *h, void *self)
{
    (void)h;
    (void)self;
    return 0;
}

SB_LEARNER(SB_STAT, 0, "idle", "returns at once", "a benchmark", NULL, NULL, run, NULL);
