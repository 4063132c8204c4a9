/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Constructions that match moments: placement, horizon, heights, and moments to 2m and 257
 * coefficients in balls. Goal: m = 21 in a second. Beside it what double alone takes for less:
 * the heights by Newton continuation, and by the paper's flow (GSL), edges and horizon given. */
#include "bench.h"
#include "construct/continuation.h"
#include "construct/flow.h"

enum { ROUNDS = 9 };

static double whole(uint32_t m, struct sb_moments **out)
{
    const double start = bench_now();

    if (sb_moments_new(m, 0, out, NULL))
        exit(1);
    return bench_now() - start;
}

static double newton(const struct sb_moments *made)
{
    const double start = bench_now();
    struct sb_heights at;

    if (sb_heights_follow(made, made->eps, &at))
        exit(1);
    return bench_now() - start;
}

static double flow(const struct sb_moments *made)
{
    const double start = bench_now();
    struct sb_flow at;

    if (sb_flow_run(made, made->eps, 0, &at, NULL))
        exit(1);
    return bench_now() - start;
}

int main(void)
{
    static const uint32_t degrees[] = { 3, 5, 7, 9, 11, 15, 21, 25 };
    double seconds[3][ROUNDS], at_21 = 0;

    for (size_t i = 0; i < sizeof degrees / sizeof *degrees; i++) {
        for (int round = 0; round < ROUNDS; round++) {
            struct sb_moments *made = NULL;

            seconds[0][round] = whole(degrees[i], &made);
            seconds[1][round] = newton(made);
            seconds[2][round] = flow(made);
            sb_moments_free(made);
        }
        const double median = bench_median(seconds[0], ROUNDS);
        printf("m = %u: %.3g ms; heights alone in double: Newton %.3g ms, flow %.3g ms\n",
               degrees[i], 1e3 * median, 1e3 * bench_median(seconds[1], ROUNDS),
               1e3 * bench_median(seconds[2], ROUNDS));
        at_21 = degrees[i] == 21 ? median : at_21;
    }
    return bench_compare("constructions of m = 21, and one a second", 1 / at_21, 1, 1);
}
