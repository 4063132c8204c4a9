/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The gadget N3 [CGKM22, Lemma 2.6], with u and c the profile's affine functions of S and their weights:
 *
 *   psi(S; t) = sum_i c_i (R(t + u_i) - 3 R(t - 1/2 + u_i/5) + 2 R(t - 3/4 - u_i/5)),  u_i = u_i(S),
 *   N3(s; t) = (-1)^m sum_{|F| <= m} sum_{a <= m-|F|} (-1)^|F| C(d-1-|F|-a, m-|F|-a) psi(a + s_F; t).
 *
 * A coordinate with s_j = 0 changes no s_F. With A the n others and L = d - n zeros, F is a part of A and
 * any j of the zeros; sum_j (-1)^j C(L, j) C(N - j, M - j) is the coefficient of x^M in (1-x)^(L-N+M-1),
 * here N = d-1-|F|-a, M = m-|F|-a, L-N+M-1 = m-n. So, F ranging over the subsets of A alone,
 *
 *   n > m:   N3(s; t) = (-1)^m sum_F sum_a (-1)^|F| C(n-1-|F|-a, m-|F|-a) psi(a + s_F; t): d does not matter;
 *   n <= m:  N3(s; t) = sum_F sum_a (-1)^a C(m-n, m-|F|-a) psi(a + s_F; t).
 *
 * psi is 0 where |t| >= 1, for |u_i| <= 1. */
#include "numeric/lift_n3.h"

static double relu(double a)
{
    return a > 0 ? a : 0;
}

static double psi_of(double u, double t)
{
    return relu(t + u) - 3 * relu(t - 0.5 + u / 5) + 2 * relu(t - 0.75 - u / 5);
}

static double psi(const struct sb_lift *lift, double sum, double t)
{
    const double d = lift->setup.dim;

    if (lift->setup.profile == SB_LIFT_BULK)
        return d * psi_of((1 - sum) / d, t);
    return d * psi_of(sum / d, t) - d * (1 + 1 / (d - 1)) * psi_of((sum - 1 / d) / d, t) +
           d / (d - 1) * psi_of((sum - 1) / d, t);
}

struct gadget {
    const struct sb_lift *lift;
    uint32_t n;
    const double *s;
    double t;
};

/* Of psi(a + s_F; t), |F| = size. */
static double weight(const struct gadget *g, uint32_t size, uint32_t a)
{
    const uint32_t m = g->lift->setup.m, rest = m - size - a;
    const double *binomial = g->lift->binomial;
    const size_t width = m + 1;

    if (g->n > m)
        return ((m + size) & 1 ? -1 : 1) * binomial[(g->n - 1 - size - a) * width + rest];
    return (a & 1 ? -1 : 1) * binomial[(m - g->n) * width + rest];
}

/* The terms of all F that add to a set of `size` with sum `sum` members from number `from` on. */
static double terms(const struct gadget *g, uint32_t from, uint32_t size, double sum)
{
    const uint32_t m = g->lift->setup.m;
    double total = 0;

    for (uint32_t a = 0; a + size <= m; a++) {
        const double w = weight(g, size, a);

        if (w != 0)
            total += w * psi(g->lift, a + sum, g->t);
    }
    for (uint32_t j = from; size < m && j < g->n; j++)
        total += terms(g, j + 1, size + 1, sum + g->s[j]);
    return total;
}

double sb_lift_n3_of(const struct sb_lift *lift, uint32_t n, const double *s, double t)
{
    const struct gadget g = { lift, n, s, t };

    return t > -1 && t < 1 ? terms(&g, 0, 0, 0) : 0;
}

double sb_lift_n3_terms(const struct sb_lift *lift, uint32_t n)
{
    const uint32_t m = lift->setup.m;
    const double *binomial = lift->binomial + (size_t)n * (m + 1);
    double count = 0;

    for (uint32_t size = 0; size <= m; size++)
        count += binomial[size] * (m - size + 1);
    return count;
}

/* n ~ Bin(d, 2 rho), and 2 rho < 1. */
double sb_lift_mean_terms(const struct sb_lift *lift)
{
    const uint32_t d = lift->setup.dim;
    const double odds = 2 * lift->rho / (1 - 2 * lift->rho);
    double chance = 1, mean = 0;

    if (lift->setup.kind == SB_LIFT_DV)
        return 0;
    for (uint32_t j = 0; j < d; j++)
        chance *= 1 - 2 * lift->rho;
    for (uint32_t n = 0; n <= d; n++) {
        if (n > lift->setup.m)
            mean += chance * sb_lift_n3_terms(lift, n);
        chance *= odds * (d - n) / (n + 1);
    }
    return mean;
}
