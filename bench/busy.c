/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The learner of bench/jobs.c: so many turns of a loop of its own, and so many queries that the oracle
 * has to enumerate 2^20 points for. */
#include <statbed/learner.h>

enum { QUERIES = 3, TURNS = 400000000 };

static int32_t run(const struct sb_host *h, void *self)
{
    volatile uint64_t kept = 0;
    uint64_t z = 1;
    double answer;

    (void)self;
    for (uint64_t i = 0; i < TURNS; i++)
        z = z * 6364136223846793005u + i;
    kept += z;
    for (uint32_t i = 0; i < QUERIES; i++) {
        sb_expr sum = sb_x(h, i);

        for (uint32_t j = 0; j < 20; j++)
            sum = sb_add(h, sum, sb_x(h, j));
        sb_ask1(h, sb_step(h, sb_sub(h, sum, sb_num(h, 10))), &answer);
    }
    return h->predict_expr(h->self, sb_num(h, 1)) == SB_OK && kept ? 0 : 1;
}

SB_LEARNER(SB_STAT, 0, "busy", "computes for a second", "a benchmark", NULL, NULL, run, NULL);
