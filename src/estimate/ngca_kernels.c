/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Points of a block along a direction, and moved along it; compiled once for each instruction set. Coordinates are
 * added in their order, so that all variants give the same bits. */
#include "estimate/kernels.h"
#include "numeric/lanes.h"

enum { WAYS = 8, POINTS = WAYS * SB_LANES };

static void project_lanes(uint32_t dim, const double *v, const double *const *x, uint64_t first,
                          double *out)
{
    sb_doubles sum[WAYS] = { 0 };

    for (uint32_t j = 0; j < dim; j++)
        for (int w = 0; w < WAYS; w++) {
            sb_doubles at;

            memcpy(&at, x[j] + first + (uint64_t)w * SB_LANES, sizeof at);
            sum[w] += v[j] * at;
        }
    memcpy(out + first, sum, sizeof sum);
}

/* out[i] = sum_j v[j] x[j][i] */
void SB_ISA_NAME(sb_ngca_project)(uint32_t dim, const double *v, const double *const *x, uint64_t n,
                                  double *out)
{
    uint64_t i = 0;

    for (; i + POINTS <= n; i += POINTS)
        project_lanes(dim, v, x, i, out);
    for (; i < n; i++) {
        double sum = 0;

        for (uint32_t j = 0; j < dim; j++)
            sum += v[j] * x[j][i];
        out[i] = sum;
    }
}

/* x[i] += v by[i] */
void SB_ISA_NAME(sb_ngca_move)(double v, const double *restrict by, uint64_t n, double *restrict x)
{
    for (uint64_t i = 0; i < n; i++)
        x[i] += v * by[i];
}
