/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A whole experiment, as `statbed run` does it: plan, workers, learners behind both filters, a
 * database on disk. */
#ifndef SB_BENCH_WHOLE_H
#define SB_BENCH_WHOLE_H

#include "bench.h"

struct whole {
    const char *yaml; /* the experiment; %s in it stands for the learner's path */
    const char *plugin;
    uint64_t jobs;
    size_t n_done;  /* out: cells */
    double seconds; /* out: from the plan to the closed database */
};

/* 0, or 1 with a line printed. */
int whole_run(struct whole *whole);

#endif
