/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A learner built against the headers as version 1.0 had them, or 1.1: it must load for ever. */
#ifdef FROZEN_1_1
#include "learner_1_1.h"
#else
#include "learner_1_0.h"
#endif

static int32_t run(const struct sb_host *h, void *self)
{
    double answer = 0;

    (void)self;
    if (h->param_int(h->self, "count") != 5 || h->facts(h->self)->dim != 8)
        return 1;
    return sb_ask1(h, sb_mul(h, sb_y(h), sb_chi_mask(h, 3)), &answer) == SB_OK && answer == 1 / 64.0
               ? 0
               : 2;
}

static const struct sb_param params[] = {
    { "count", SB_INT, 0, "5", "[1,9]", "a number" },
    { NULL, 0, 0, NULL, NULL, NULL },
};

SB_LEARNER(SB_STAT, 0, "frozen", "built against version 1.0", "a test", params, NULL, run, NULL);
