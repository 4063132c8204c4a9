/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A learner that asks ten million tiny queries, `batch` at a time, whatever it is told. */
#include <statbed/learner.h>

#include <stdlib.h>

enum { ASKS = 10000000 };

static int32_t run(const struct sb_host *h, void *self)
{
    const uint64_t batch = (uint64_t)h->param_int(h->self, "batch");
    struct sb_query *q = calloc(batch, sizeof *q);
    double *answer = calloc(batch, sizeof *answer);
    int32_t *status = calloc(batch, sizeof *status);

    (void)self;
    for (uint64_t i = 0; q && i < batch; i++)
        q[i].expr = sb_y(h);
    for (uint64_t i = 0; q && answer && status && i < ASKS; i += batch)
        h->ask(h->self, q, batch, sizeof *q, answer, status);
    free(q);
    free(answer);
    free(status);
    return 0;
}

static const struct sb_param params[] = {
    { "batch", SB_INT, 0, NULL, "[1,1000000]", "queries at a time" },
    { NULL, 0, 0, NULL, NULL, NULL },
};

SB_LEARNER(SB_STAT, 0, "greedy", "asks and asks", "a test", params, NULL, run, NULL);
