/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the benchmarks share: a clock, medians, and a line that sets two rates side by side. Both
 * sides of a comparison are timed in one process, turn about, so that a slow minute hits both. */
#ifndef SB_BENCH_BENCH_H
#define SB_BENCH_BENCH_H

#include "base/fuse.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

static inline double bench_now(void)
{
    return (double)sb_now_ns() * 1e-9; /* seconds */
}

/* Seconds of CPU time of this process and of the children that it has reaped. */
static inline double bench_cpu(void)
{
    const int who[2] = { RUSAGE_SELF, RUSAGE_CHILDREN };
    double seconds = 0;

    for (int i = 0; i < 2; i++) {
        struct rusage usage;

        getrusage(who[i], &usage);
        seconds += (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
                   1e-6 * (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
    }
    return seconds;
}

static inline int bench_order(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* Sorts the values. */
static inline double bench_median(double *values, size_t n)
{
    qsort(values, n, sizeof *values, bench_order);
    return n % 2 ? values[n / 2] : (values[n / 2 - 1] + values[n / 2]) / 2;
}

/* Prints rates (units a second) and whether ours / bare meets the goal; an exit code. */
static inline int bench_compare(const char *what, double ours, double bare, double goal)
{
    const double ratio = ours / bare;

    printf("%s: statbed %.3g/s, bare %.3g/s, ratio %.3f, goal >= %.2f: %s\n", what, ours, bare,
           ratio, goal, ratio >= goal ? "met" : "NOT met");
    return ratio >= goal ? 0 : 1;
}

#endif
