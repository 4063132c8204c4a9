/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The learner of bench/callbacks.c: asks for the mean of a clipped ridge, as a callback, until the
 * budget ends. The callback is exported, too: the bench evaluates the same machine code. */
#include <statbed/learner.h>

static double clip(double v)
{
    return v < -1 ? -1 : v > 1 ? 1 : v;
}

/* clip(y sum_j u_j x_j), with u = 1/2, -1/2, 1/2, ... */
SB_EXPORT sb_phi bench_ridge;
void bench_ridge(void *user, const struct sb_block *block, double *out)
{
    (void)user;
    for (uint64_t i = 0; i < block->n; i++)
        out[i] = 0;
    for (uint32_t j = 0; j < block->dim; j++) {
        const double u = j % 2 ? -0.5 : 0.5;
        const double *x = block->x[j];

        for (uint64_t i = 0; i < block->n; i++)
            out[i] += u * x[i];
    }
    for (uint64_t i = 0; i < block->n; i++)
        out[i] = clip(block->y[i] * out[i]);
}

static int32_t run(const struct sb_host *h, void *self)
{
    double answer;

    (void)self;
    while (sb_ask_phi(h, bench_ridge, NULL, "ridge", &answer) == SB_OK)
        continue;
    return 0;
}

SB_LEARNER(SB_STAT, 0, "ridge", "asks for a clipped ridge's mean until the budget ends",
           "a benchmark", NULL, NULL, run, NULL);
