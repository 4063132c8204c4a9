/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two jobs against one on cells that compute for about a second each, half of it in the learner and
 * half in the oracle: cells a second, at least 1.8 times as many. Beside it what two bare loops at a
 * time gain over one, which is 2 on an idle machine: where others compute the goal says nothing.
 *
 *     jobs PLUGIN      (STATBED_HOST names statbed-host) */
#include "whole.h"

#include <sys/wait.h>
#include <unistd.h>

enum { REPEATS = 3, TURNS = 400000000 };
static const double goal = 1.8;

static const char yaml[] = "name: jobs\n"
                           "claim: none\n"
                           "seed: 1\n"
                           "repeat: 4\n"
                           "family: { type: parity, dimension: 24 }\n"
                           "oracle: { type: stat, tolerance: 0.1, policy: exact }\n"
                           "learner: { type: %s }\n"
                           "goal: { type: predict, loss: zero-one, max: 1 }\n";

/* Cells a second; negative: it failed. */
static double rate(const char *plugin, uint64_t jobs)
{
    struct whole whole = { .yaml = yaml, .plugin = plugin, .jobs = jobs };

    return whole_run(&whole) ? -1 : (double)whole.n_done / whole.seconds;
}

static void loop(void)
{
    volatile uint64_t kept;
    uint64_t z = 1;

    for (uint64_t i = 0; i < TURNS; i++)
        z = z * 6364136223846793005u + i;
    kept = z;
    _exit(kept == 0);
}

/* Loops a second, n at a time. */
static double bare(unsigned n)
{
    const double start = bench_now();

    for (unsigned i = 0; i < n; i++)
        if (fork() == 0)
            loop();
    for (unsigned i = 0; i < n; i++)
        wait(NULL);
    return n / (bench_now() - start);
}

int main(int argc, char **argv)
{
    double one[REPEATS], two[REPEATS], bare_one[REPEATS], bare_two[REPEATS], gain, bare_gain;

    if (argc != 2) {
        printf("usage: jobs PLUGIN\n");
        return 2;
    }
    for (int i = 0; i < REPEATS; i++) {
        bare_one[i] = bare(1);
        one[i] = rate(argv[1], 1);
        bare_two[i] = bare(2);
        two[i] = rate(argv[1], 2);
        if (one[i] < 0 || two[i] < 0)
            return 2;
    }
    gain = bench_median(two, REPEATS) / bench_median(one, REPEATS);
    bare_gain = bench_median(bare_two, REPEATS) / bench_median(bare_one, REPEATS);
    printf(
        "jobs: two %.3g cells/s, one %.3g cells/s, ratio %.2f; two bare loops against one, ratio "
        "%.2f; goal >= %.1f: %s\n",
        bench_median(two, REPEATS), bench_median(one, REPEATS), gain, bare_gain, goal,
        gain >= goal ? "met" : "NOT met");
    return gain >= goal ? 0 : 1;
}
