/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A learner whose queries are a megabyte of text each, every one another, until its budget ends: for
 * databases of gigabytes. The tolerance is finer than any that is granted: they are numbered, written down
 * and refused, and nothing is evaluated. */
#include <statbed/learner.h>

enum { TERMS = 10000 }; /* of some 110 bytes in 40 dimensions */

/* A sum of characters of nearly all coordinates, times a number that no other query has. */
static sb_expr make(const struct sb_host *h, uint64_t i)
{
    const uint32_t dim = h->facts(h->self)->dim;
    const uint64_t all = dim < 64 ? (UINT64_C(1) << dim) - 1 : UINT64_MAX;
    sb_expr sum = sb_y(h);

    for (uint64_t k = 0; k < TERMS; k++) {
        const uint64_t mask = all & ~(UINT64_C(1) << (k % dim)) & ~(UINT64_C(1) << (k / dim % dim));

        sum = sb_add(h, sum, sb_chi_mask(h, mask));
    }
    return sb_mul(h, sb_num(h, 1 / (2.0 * TERMS + (double)i)), sum);
}

static int32_t run(const struct sb_host *h, void *self)
{
    (void)self;
    for (uint64_t i = 1;; i++) {
        const uint32_t mark = h->mark(h->self);
        const struct sb_query q = { .access = SB_STAT, .tolerance = 1e-9, .expr = make(h, i) };
        double answer;
        int32_t status;

        h->ask(h->self, &q, 1, sizeof q, &answer, &status);
        h->forget(h->self, mark);
        if (status == SB_BUDGET)
            return 0;
        if (status != SB_TOLERANCE)
            return 1;
    }
}

SB_LEARNER(SB_STAT, 0, "bulky", "asks a megabyte of text at a time", "a test", NULL, NULL, run,
           NULL);
