/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The uniform law on [-1,1] as a marginal. */
#include "numeric/marginal.h"

static double uniform_cdf(double t)
{
    return t <= -1 ? 0 : t >= 1 ? 1 : (1 + t) / 2;
}

static double uniform_density(double t)
{
    return t >= -1 && t <= 1 ? 0.5 : 0;
}

static void uniform_quantile(uint64_t n, const double *p, double *out)
{
    for (uint64_t i = 0; i < n; i++)
        out[i] = 2 * (p[i] - 0.5);
}

/* The centres of 2^53 equal cells: exact, symmetric, never 0. */
static void uniform_draw(struct sb_key key, uint64_t stream, uint64_t start, uint64_t n,
                         double *out)
{
    sb_random_uniform(key, stream, start, n, out);
    for (uint64_t i = 0; i < n; i++)
        out[i] = (2 * out[i] - 1) + 0x1p-53;
}

const struct sb_marginal sb_marginal_uniform = {
    .name = "uniform",
    .cdf = uniform_cdf,
    .quantile = uniform_quantile,
    .density = uniform_density,
    .density_ub = 0.5,
    .draw = uniform_draw,
};
