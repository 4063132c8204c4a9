/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A learner of bench/adversary.c: asks for y x_0 as a callback, the least that a query can cost, until
 * the budget ends. */
#include <statbed/learner.h>

SB_EXPORT sb_phi bench_phi;
void bench_phi(void *user, const struct sb_block *block, double *out)
{
    (void)user;
    for (uint64_t i = 0; i < block->n; i++)
        out[i] = block->y[i] * block->x[0][i];
}

static int32_t run(const struct sb_host *h, void *self)
{
    double answer;

    (void)self;
    while (sb_ask_phi(h, bench_phi, NULL, "sign", &answer) == SB_OK)
        continue;
    return 0;
}

SB_LEARNER(SB_STAT, 0, "sign", "asks for y x_0 until the budget ends", "a benchmark", NULL, NULL,
           run, NULL);
