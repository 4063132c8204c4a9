/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A learner that asks `asks` queries one by one, prints a line, and then ends as `how` says. */
#include <statbed/learner.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static volatile int zero;

static int32_t hungry(void)
{
    for (size_t n = 0;; n++) {
        char *p = malloc(1 << 20);

        if (!p)
            abort();
        memset(p, 1, 1 << 20);
        if (zero)
            free(p);
    }
}

static int32_t misbehave(const struct sb_host *h, const char *how)
{
    if (strcmp(how, "crash") == 0)
        *(volatile int *)(uintptr_t)zero = 1;
    if (strcmp(how, "loop") == 0)
        while (!zero)
            continue;
    if (strcmp(how, "exit") == 0)
        _exit(3);
    if (strcmp(how, "abort") == 0)
        abort();
    if (strcmp(how, "hungry") == 0)
        return hungry();
    if (strcmp(how, "fail") == 0)
        return 7;
    return h->predict_expr(h->self, sb_num(h, 1)) == SB_OK ? 0 : 9;
}

static int32_t run(const struct sb_host *h, void *self)
{
    const int64_t n = h->param_int(h->self, "asks");
    double answer;

    (void)self;
    for (int64_t i = 0; i < n; i++)
        sb_ask1(h, i % 3 == 2 ? 0 : sb_chi_mask(h, (uint64_t)i), &answer); /* a third: no query */
    printf("# asked %d\n", (int)n);
    fflush(stdout);
    return misbehave(h, h->param_text(h->self, "how"));
}

static const struct sb_param params[] = {
    { "how", SB_TEXT, 0, NULL, "well|crash|loop|exit|abort|hungry|fail", "how to end" },
    { "asks", SB_INT, 0, "30", "[0,inf)", "queries before that" },
    { NULL, 0, 0, NULL, NULL, NULL },
};

SB_LEARNER(SB_STAT, 0, "wayward", "ends as it is told", "a test", params, NULL, run, NULL);
