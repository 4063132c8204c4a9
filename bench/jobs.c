/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two jobs against one on cells that compute for about a second each, half of it in the learner and
 * half in the oracle, turn about: cells a second. The goal is 1.8 times as many, on two CPUs.
 *
 *     jobs PLUGIN      (STATBED_HOST names statbed-host) */
#include "whole.h"

enum { REPEATS = 3 };
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

int main(int argc, char **argv)
{
    double one[REPEATS], two[REPEATS];

    if (argc != 2) {
        printf("usage: jobs PLUGIN\n");
        return 2;
    }
    for (int i = 0; i < REPEATS; i++) {
        one[i] = rate(argv[1], 1);
        two[i] = rate(argv[1], 2);
        if (one[i] < 0 || two[i] < 0)
            return 2;
    }
    printf("jobs: two %.3g cells/s, one %.3g cells/s, ratio %.2f, goal >= %.1f: %s\n",
           bench_median(two, REPEATS), bench_median(one, REPEATS),
           bench_median(two, REPEATS) / bench_median(one, REPEATS), goal,
           bench_median(two, REPEATS) >= goal * bench_median(one, REPEATS) ? "met" : "NOT met");
    return bench_median(two, REPEATS) >= goal * bench_median(one, REPEATS) ? 0 : 1;
}
