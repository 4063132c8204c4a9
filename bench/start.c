/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a learner costs before its first query: a learner that returns at once, from its start to its
 * end, against fork, exec, the two system-call filters and exit of a program that does nothing else.
 * Both pinned to one CPU, turn about, compared in CPU time: on a busy machine the clock's time of a
 * start that changes hands several times is the other programs'. The goal is twice the bare start.
 *
 *     start BARE PLUGIN      (STATBED_HOST names statbed-host) */
#include "bench.h"
#include "runner/learner.h"

#include <math.h>
#include <sched.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

enum { STARTS = 300 };
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

/* posix_spawn, as the runner does. */
static bool start_bare(char *program)
{
    char *const argv[] = { program, NULL };
    pid_t pid;
    int status;

    return posix_spawn(&pid, program, NULL, NULL, argv, environ) == 0 &&
           waitpid(pid, &status, 0) == pid && status == 0;
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

/* Seconds; negative: trouble. */
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

int main(int argc, char **argv)
{
    double whole[STARTS], cpu_bare = 0, cpu_whole = 0;

    if (argc != 3) {
        printf("usage: start BARE PLUGIN\n");
        return 2;
    }
    pin();
    for (int i = 0; i < STARTS; i++) {
        const double start = bench_cpu();
        double middle;

        if (!start_bare(argv[1]))
            return 2;
        middle = bench_cpu();
        whole[i] = through_statbed(argv[2]);
        if (whole[i] < 0)
            return 2;
        cpu_bare += middle - start;
        cpu_whole += bench_cpu() - middle;
    }
    printf("start: statbed %.2f ms of CPU (%.2f ms by the clock), bare exec and filters %.2f ms, "
           "ratio %.2f, goal <= %.1f: %s\n",
           cpu_whole * 1e3 / STARTS, bench_median(whole, STARTS) * 1e3, cpu_bare * 1e3 / STARTS,
           cpu_whole / cpu_bare, goal, cpu_whole <= goal * cpu_bare ? "met" : "NOT met");
    return cpu_whole <= goal * cpu_bare ? 0 : 1;
}
