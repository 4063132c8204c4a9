/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A learner that asks small expressions, each another one, until its budget ends: in batches, and
 * forgetting each batch. */
#include <statbed/learner.h>

enum { BATCH = 500 };

static int32_t ask_batch(const struct sb_host *h, uint64_t first)
{
    const uint32_t mark = h->mark(h->self);
    struct sb_query q[BATCH] = { { .expr = 0 } };
    double answer[BATCH];
    int32_t status[BATCH], end;

    for (uint64_t i = 0; i < BATCH; i++)
        q[i].expr = sb_mul(h, sb_y(h), sb_chi_mask(h, first + i));
    end = h->ask(h->self, q, BATCH, sizeof *q, answer, status);
    h->forget(h->self, mark);
    return end;
}

static int32_t run(const struct sb_host *h, void *self)
{
    int32_t end = SB_OK;

    (void)self;
    for (uint64_t i = 1; end == SB_OK; i += BATCH)
        end = ask_batch(h, i);
    return end == SB_BUDGET ? 0 : 1;
}

SB_LEARNER(SB_STAT, 0, "million", "asks distinct small expressions until the budget ends", "a test",
           NULL, NULL, run, NULL);
