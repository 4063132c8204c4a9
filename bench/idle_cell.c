/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a cell costs beside its queries, through the whole of a run with one worker: its learner asks
 * nothing. Beside the start of a program behind the same filters that does nothing else. The goal is
 * 10 ms a cell.
 *
 *     idle_cell BARE PLUGIN      (STATBED_HOST names statbed-host) */
#include "whole.h"

#include <spawn.h>
#include <sys/wait.h>

enum { REPEATS = 5, BARE = 100 };
static const double goal = 0.010;

static const char yaml[] = "name: idle\n"
                           "claim: none\n"
                           "seed: 1\n"
                           "repeat: 100\n"
                           "family: { type: parity, dimension: 8 }\n"
                           "oracle: { type: stat, tolerance: 0.1, policy: reference }\n"
                           "learner: { type: %s }\n"
                           "goal: { type: predict, loss: zero-one, max: 0.1 }\n";

extern char **environ;

/* Seconds a start; negative: it failed. */
static double bare(char *program)
{
    char *const argv[] = { program, NULL };
    const double start = bench_now();

    for (int i = 0; i < BARE; i++) {
        pid_t pid;
        int status;

        if (posix_spawn(&pid, program, NULL, NULL, argv, environ) ||
            waitpid(pid, &status, 0) != pid || status != 0)
            return -1;
    }
    return (bench_now() - start) / BARE;
}

int main(int argc, char **argv)
{
    double cell[REPEATS], start[REPEATS];

    if (argc != 3) {
        printf("usage: idle_cell BARE PLUGIN\n");
        return 2;
    }
    for (int i = 0; i < REPEATS; i++) {
        struct whole whole = { .yaml = yaml, .plugin = argv[2], .jobs = 1 };

        start[i] = bare(argv[1]);
        if (start[i] < 0 || whole_run(&whole))
            return 2;
        cell[i] = whole.seconds / (double)whole.n_done;
    }
    printf("idle cell: %.2f ms, bare exec and filters %.2f ms, ratio %.1f, goal <= %.0f ms: %s\n",
           bench_median(cell, REPEATS) * 1e3, bench_median(start, REPEATS) * 1e3,
           bench_median(cell, REPEATS) / bench_median(start, REPEATS), goal * 1e3,
           bench_median(cell, REPEATS) <= goal ? "met" : "NOT met");
    return bench_median(cell, REPEATS) <= goal ? 0 : 1;
}
