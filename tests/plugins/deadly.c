/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A learner that kills a process in the middle of its run, by `victim`: none; runner, the one that
 * started it (without filters it can); self, which is the runner where both are one process;
 * channel, none, but it writes what is no message. */
#include <statbed/learner.h>

#include <signal.h>
#include <string.h>
#include <unistd.h>

static int32_t run(const struct sb_host *h, void *self)
{
    const char *victim = h->param_text(h->self, "victim");
    double answer;

    (void)self;
    for (uint64_t i = 0; i < 50; i++)
        sb_ask1(h, sb_chi_mask(h, i), &answer);
    if (strcmp(victim, "channel") == 0)
        return write(3, "garbage, garbage, garbage", 25) == 25 ? 0 : 1;
    if (strcmp(victim, "none") != 0) {
        kill(strcmp(victim, "self") == 0 ? getpid() : getppid(), SIGKILL);
        pause();
    }
    return h->predict_expr(h->self, sb_num(h, 1)) == SB_OK ? 0 : 1;
}

static const struct sb_param params[] = {
    { "victim", SB_TEXT, 0, "none", "none|runner|self|channel", "whom to kill" },
    { NULL, 0, 0, NULL, NULL, NULL },
};

SB_LEARNER(SB_STAT, 0, "deadly", "kills a process", "a test", params, NULL, run, NULL);
