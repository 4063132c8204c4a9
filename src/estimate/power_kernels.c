/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sums of weight * z^k, z = (f - middle) * scale; compiled once for each instruction set. Example i is
 * added in lane i mod LANES, and the lanes in a fixed order, so that all variants give the same bits. */
#include "estimate/betting.h"
#include "estimate/kernels.h"

#include <string.h>

#if defined __AVX512F__
enum { WIDTH = 8 };
#elif defined __AVX2__
enum { WIDTH = 4 };
#else
enum { WIDTH = 2 };
#endif
enum { LANES = 8 };

typedef double doubles __attribute__((vector_size(8 * WIDTH)));

/* Lanes first .. first + WIDTH - 1 of n examples: so few that the sums stay in registers. */
static void add_lanes(uint64_t n, uint64_t first, const double *f, const double *weight,
                      double middle, double scale, double lane[SB_BET_POWERS][LANES])
{
    doubles sum[SB_BET_POWERS] = { 0 };

    for (uint64_t i = first; i < n; i += LANES) {
        doubles z, term;

        memcpy(&z, f + i, sizeof z);
        memcpy(&term, weight + i, sizeof term);
        z = (z - middle) * scale;
#pragma GCC unroll 6
        for (int k = 0; k < SB_BET_POWERS; k++) {
            term *= z;
            sum[k] += term;
        }
    }
    for (int k = 0; k < SB_BET_POWERS; k++)
        memcpy(lane[k] + first, &sum[k], sizeof sum[k]);
}

static void add_examples(uint64_t n, const double *f, const double *weight, double middle,
                         double scale, double *sums)
{
    double lane[SB_BET_POWERS][LANES];

    for (uint64_t first = 0; first < LANES; first += WIDTH)
        add_lanes(n, first, f, weight, middle, scale, lane);
    for (int k = 0; k < SB_BET_POWERS; k++) {
        const double *a = lane[k];

        sums[k] += ((a[0] + a[4]) + (a[2] + a[6])) + ((a[1] + a[5]) + (a[3] + a[7]));
    }
}

void SB_ISA_NAME(sb_power_sums)(uint64_t n, const double *f, const double *weight, double middle,
                                double scale, double *sums)
{
    const uint64_t whole = n - n % LANES, rest = n % LANES;
    double last_f[LANES] = { 0 }, last_weight[LANES] = { 0 };

    add_examples(whole, f, weight, middle, scale, sums);
    if (!rest)
        return;
    memcpy(last_f, f + whole, rest * sizeof *f);
    memcpy(last_weight, weight + whole, rest * sizeof *weight);
    add_examples(LANES, last_f, last_weight, middle, scale, sums);
}
