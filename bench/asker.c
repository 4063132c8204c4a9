/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The learner of bench/round_trip.c: asks one trivial query after another until the budget ends. */
#include <statbed/learner.h>

static int32_t run(const struct sb_host *h, void *self)
{
    double answer;

    (void)self;
    while (sb_ask1(h, sb_y(h), &answer) == SB_OK)
        continue;
    return 0;
}

SB_LEARNER(SB_STAT, 0, "asker", "asks for the label's mean until the budget ends", "a benchmark",
           NULL, NULL, run, NULL);
