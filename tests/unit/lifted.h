/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lifted functions by the formulas as they are printed, in plain loops: what the fast evaluators are held
 * against. And points where coordinates are near or in the intervals more often than by chance. */
#ifndef SB_TESTS_LIFTED_H
#define SB_TESTS_LIFTED_H

#include "numeric/lift.h"
#include "rng.h"

static inline double lifted_relu(double a)
{
    return a > 0 ? a : 0;
}

static inline double lifted_n1(const struct sb_lift *lift, double t)
{
    double sum = 0;

    for (uint32_t k = 0; k + 1 < lift->setup.q; k++) {
        const struct sb_lift_boundary *b = &lift->boundary[k];

        sum += (lifted_relu(t - b->rl) - lifted_relu(t - b->rh)) / (b->rh - b->rl);
    }
    return sum;
}

static inline double lifted_n2(const struct sb_lift *lift, double t)
{
    double sum = 0;

    for (uint32_t k = 0; k + 1 < lift->setup.q; k++) {
        const struct sb_lift_boundary *b = &lift->boundary[k];

        sum += (lifted_relu(t - b->sl) - lifted_relu(t - b->rl)) / (b->rl - b->sl) -
               (lifted_relu(t - b->rh) - lifted_relu(t - b->sh)) / (b->sh - b->rh);
    }
    return sum;
}

static inline double lifted_psi_of(double u, double t)
{
    return lifted_relu(t + u) - 3 * lifted_relu(t - 0.5 + u / 5) +
           2 * lifted_relu(t - 0.75 - u / 5);
}

static inline double lifted_psi(const struct sb_lift *lift, double sum, double t)
{
    const double d = lift->setup.dim;

    if (lift->setup.profile == SB_LIFT_BULK)
        return d * lifted_psi_of((1 - sum) / d, t);
    return d * lifted_psi_of(sum / d, t) -
           d * (1 + 1 / (d - 1)) * lifted_psi_of((sum - 1 / d) / d, t) +
           d / (d - 1) * lifted_psi_of((sum - 1) / d, t);
}

static inline double lifted_choose(int n, int k)
{
    double c = 1;

    for (int i = 1; i <= k; i++)
        c = c * (n - k + i) / i;
    return c;
}

/* All subsets F of [d] of at most m. */
static inline double lifted_n3(const struct sb_lift *lift, const double *s, double t)
{
    const int d = (int)lift->setup.dim, m = (int)lift->setup.m;
    double total = 0;

    for (uint32_t f = 0; f < 1u << d; f++) {
        const int size = __builtin_popcount(f);
        double sum = 0;

        if (size > m)
            continue;
        for (int j = 0; j < d; j++)
            sum += f >> j & 1 ? s[j] : 0;
        for (int a = 0; a <= m - size; a++)
            total += ((m + size) & 1 ? -1 : 1) * lifted_choose(d - 1 - size - a, m - size - a) *
                     lifted_psi(lift, a + sum, t);
    }
    return total;
}

/* sum_t sigma(t) N3(N2(z); <w, N1(z)> - t). */
static inline double lifted_label(const struct sb_lift *lift, const double *w, uint32_t n_t,
                                  const double *sigma, const double *z)
{
    double s[16], h = 0, label = 0;

    for (uint32_t j = 0; j < lift->setup.dim; j++) {
        s[j] = lifted_n2(lift, z[j]);
        h += w[j] * lifted_n1(lift, z[j]);
    }
    for (uint32_t t = 0; t < n_t; t++)
        label += sigma[t] * lifted_n3(lift, s, h - t);
    return label;
}

/* n points as columns: of four coordinates one is drawn near a boundary, up to a little beyond S_k. */
static inline void lifted_points(const struct sb_lift *lift, struct rng *rng, uint64_t n,
                                 double *const *z)
{
    const struct sb_key key = { { (uint32_t)rng_below(rng, UINT32_MAX), 7 } };

    for (uint32_t j = 0; j < lift->setup.dim; j++) {
        lift->setup.marginal->draw(key, j, 0, n, z[j]);
        for (uint64_t i = 0; i < n; i++) {
            const struct sb_lift_boundary *b = &lift->boundary[rng_below(rng, lift->setup.q - 1)];

            if (rng_below(rng, 4) == 0)
                z[j][i] = b->b + (b->sh - b->sl) * 0.7 * (2 * rng_uniform(rng) - 1);
        }
    }
}

#endif
