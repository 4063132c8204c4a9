/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The Laplace law, of density e^-|t| / 2, as a marginal. */
#include "numeric/marginal.h"

#include <sleef.h>

static double laplace_cdf(double t)
{
    return t < 0 ? Sleef_cinz_expd1_u10purec(t) / 2 : 1 - Sleef_cinz_expd1_u10purec(-t) / 2;
}

static double laplace_density(double t)
{
    return Sleef_cinz_expd1_u10purec(t < 0 ? t : -t) / 2;
}

static void laplace_quantile(uint64_t n, const double *p, double *out)
{
    for (uint64_t i = 0; i < n; i++)
        out[i] = p[i] <= 0.5 ? Sleef_cinz_logd1_u10purec(2 * p[i])
                             : -Sleef_cinz_logd1_u10purec(2 * (1 - p[i]));
}

/* The sign, and -ln(1 - v), of the centres +-v of 2^53 equal cells of [-1,1]: never 0. */
static void laplace_draw(struct sb_key key, uint64_t stream, uint64_t start, uint64_t n,
                         double *out)
{
    sb_random_uniform(key, stream, start, n, out);
    for (uint64_t i = 0; i < n; i++) {
        const double v = (2 * out[i] - 1) + 0x1p-53;

        out[i] = v < 0 ? Sleef_cinz_log1pd1_u10purec(v) : -Sleef_cinz_log1pd1_u10purec(-v);
    }
}

const struct sb_marginal sb_marginal_laplace = {
    .name = "laplace",
    .cdf = laplace_cdf,
    .quantile = laplace_quantile,
    .density = laplace_density,
    .density_ub = 0.5,
    .draw = laplace_draw,
};
