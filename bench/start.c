/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a learner costs before its first query: a learner that returns at once, from its start to its
 * end, against fork, exec, the two system-call filters and exit of a program that does nothing else.
 * Both pinned to one CPU and timed turn about. Of each the quickest tenth: a busy machine adds to a
 * start that changes hands several times what it does not add to a bare one. The goal is twice the
 * bare start.
 *
 *     start BARE PLUGIN      (STATBED_HOST names statbed-host) */
#include "bench.h"
#include "runner/learner.h"

#include <math.h>
#include <sched.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

enum { STARTS = 600 };
static const double goal = 2.0;

extern char **environ;

/* Pins this process; children inherit it. */
static void pin(void)
{
    cpu_set_t one;

    CPU_ZERO(&one);
    CPU_SET((unsigned)sched_getcpu(), &one);
    sched_setaffinity(0, sizeof one, &one);
}

/* Seconds; negative: trouble. posix_spawn, as the runner does. */
static double bare(char *program)
{
    char *const argv[] = { program, NULL };
    const double start = bench_now();
    pid_t pid;
    int status;

    if (posix_spawn(&pid, program, NULL, NULL, argv, environ) || waitpid(pid, &status, 0) != pid ||
        status != 0)
        return -1;
    return bench_now() - start;
}

static bool runs(struct sb_learner_process *process, struct sb_diag *diag)
{
    static const double labels[2] = { -1, 1 };
    const struct sb_facts facts = { .struct_size = sizeof facts,
                                    .domain = SB_CUBE,
                                    .dim = 8,
                                    .modulus = 2,
                                    .goal = SB_PREDICT,
                                    .access = SB_STAT,
                                    .n_labels = 2,
                                    .label_set = labels,
                                    .family = "parity" };
    const struct sb_task task = { .facts = &facts, .tolerance = { 0.1, NAN } };
    const struct sb_server server = { 0 };
    struct sb_learner_end end;
    bool finished;

    if (sb_learner_run(process, &task, &server, &end, diag))
        return false;
    finished = end.end == SB_END_FINISHED;
    sb_learner_end_fini(&end);
    return finished;
}

static double through_statbed(const char *plugin)
{
    const struct sb_limits limits = { 256, 64, 60 };
    const double start = bench_now();
    struct sb_learner_process *process = NULL;
    struct sb_diag diag;
    bool fine;

    sb_diag_init(&diag);
    fine = sb_learner_start(plugin, SB_ISOLATION_SECCOMP, &limits, &process, &diag) == 0 &&
           sb_learner_isolation(process) == SB_ISOLATION_SECCOMP && runs(process, &diag);
    sb_learner_close(process);
    if (!fine)
        printf("%s\n", diag.n_items ? diag.items[0].text : "the learner did not run under filters");
    sb_diag_fini(&diag);
    return fine ? bench_now() - start : -1;
}

/* What the quickest tenth stays within; sorts the values. */
static double best_tenth(double values[STARTS])
{
    bench_median(values, STARTS);
    return values[STARTS / 10];
}

int main(int argc, char **argv)
{
    double bare_start[STARTS], whole[STARTS], anchor, ours;

    if (argc != 3) {
        printf("usage: start BARE PLUGIN\n");
        return 2;
    }
    pin();
    for (int i = 0; i < STARTS; i++) {
        bare_start[i] = bare(argv[1]);
        whole[i] = through_statbed(argv[2]);
        if (bare_start[i] < 0 || whole[i] < 0)
            return 2;
    }
    ours = best_tenth(whole);
    anchor = best_tenth(bare_start);
    printf("start: statbed %.2f ms, bare exec and filters %.2f ms, ratio %.2f, goal <= %.1f: %s\n",
           ours * 1e3, anchor * 1e3, ours / anchor, goal,
           ours <= goal * anchor ? "met" : "NOT met");
    return ours <= goal * anchor ? 0 : 1;
}
