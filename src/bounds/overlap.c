/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The law of the overlap of two directions on the sphere. With p = (dim-1)/2, B = B(1/2, p), u = 1 - tau^2 and
 * M_k = E[|t|^k; |t| >= tau]:
 *
 *     M_0 = (u^p tau / (p B)) S,  S = 1 + sum_{n>=0} u^(n+1) prod_{j<=n} (p + 1/2 + j) / (p + 1 + j)
 *           (the incomplete beta function I_u(p, 1/2) as a hypergeometric series),
 *     M_1 = u^p / (p B),
 *     M_(k+2) = ((k+1) M_k + (2/B) tau^(k+1) u^p) / (k + dim)
 *           (d/dt of t^(k+1) (1-t^2)^p, integrated from tau to 1),
 *
 * so that E[|t|^k given |t| >= tau] = M_k / M_0 follows from the edge e = (2/B) u^p / M_0 = 2p / (tau S) alone. Every
 * term is positive: a sum of n of them is within 2n+2 roundings. Below sb_overlap_most the ratio of S's terms is at
 * most u, and what is cut off S at most its next term / (1 - u). */
#include "bounds/overlap.h"

#include <math.h>

/* tau^2 >= 1/dim: a third of all pairs is beyond. */
double sb_overlap_most(uint32_t dim)
{
    return 1 - 1 / (double)dim;
}

double sb_overlap_least(uint32_t dim)
{
    return exp2(-2000 / ((double)dim - 1));
}

/* S from below, and *rest_out beside it; *n_out terms. */
static double series(double p, double u, double *rest_out, double *n_out)
{
    double term = 1, sum = 1, n = 0;

    while (term > sum * 0x1p-56 * (1 - u)) {
        term *= u * (p + 0.5 + n) / (p + 1 + n);
        sum += term;
        n++;
    }
    *rest_out = term / (1 - u);
    *n_out = n;
    return sum;
}

/* log B(1/2, p) of a multiple p of 1/2: from B(1/2, 1/2) = pi and B(1/2, 1) = 2 by B(a, p+1) = B(a, p) p/(p+a). */
static double log_beta(double p)
{
    double q = p - floor(p) > 0 ? 0.5 : 1, beta = q < 1 ? 3.14159265358979323846 : 2;

    for (; q < p; q++)
        beta *= q / (q + 0.5);
    return log(beta);
}

void sb_overlap_init(struct sb_overlap *o, uint32_t dim, double u)
{
    const double p = ((double)dim - 1) / 2, tau = sqrt(1 - u);
    double rest, n_terms;
    const double sum = series(p, u, &rest, &n_terms);
    const double log_edge = p * log(u) - log(p) - log_beta(p); /* of u^p / (p B) */
    const double loss =
        (4 * n_terms + 4 * p + 8 * fabs(log_edge) + 2 * SB_CHI_TERMS + 64) * 0x1p-52;

    *o = (struct sb_overlap){ .dim = dim,
                              .u = u,
                              .tau = tau,
                              .share = exp(log_edge) * tau * (sum + rest) * (1 + loss),
                              .share_lb = exp(log_edge) * tau * sum * (1 - loss),
                              .edge = 2 * p / (tau * sum),
                              .outward = 1 + loss };
}

/* Powers below are left out: subnormal numbers are slow. */
#define LEAST_POWER 0x1p-900

double sb_overlap_mean(const struct sb_overlap *o, const struct sb_chi *chi, double *rest_out)
{
    double moment[2] = { 1, o->edge / ((double)o->dim - 1) }; /* of orders k and k + 1 */
    double power = o->tau, sum = 0, rest;                     /* tau^(k+1) */

    for (size_t k = 0; k < chi->n; k++) {
        const double next = (((double)k + 1) * moment[0] + o->edge * power) / ((double)k + o->dim);

        sum += chi->square[k] * moment[0];
        moment[0] = moment[1];
        moment[1] = next;
        power *= power > LEAST_POWER ? o->tau : 0;
    }
    rest = chi->rest * moment[0] * o->outward;
    if (rest_out)
        *rest_out = rest;
    return sum * o->outward + rest + LEAST_POWER;
}

/* Rests below this part of g are let be. */
#define LITTLE 0x1p-44
static const char *solve(const struct sb_chi *chi, uint32_t dim, double g, struct sb_overlap *out,
                         double *rest_out)
{
    double low = sb_overlap_least(dim), high = sb_overlap_most(dim);

    sb_overlap_init(out, dim, high);
    if (sb_overlap_mean(out, chi, rest_out) > g)
        return "the mean of chi over the third of all pairs of directions that are nearest to one "
               "another is above g: "
               "a query may rule out that share of them";
    sb_overlap_init(out, dim, low);
    if (sb_overlap_mean(out, chi, rest_out) <= g)
        return NULL;
    while (high > low * (1 + 0x1p-50)) {
        const double middle = sqrt(low * high);

        sb_overlap_init(out, dim, middle);
        *(sb_overlap_mean(out, chi, rest_out) <= g ? &high : &low) = middle;
    }
    sb_overlap_init(out, dim, high);
    sb_overlap_mean(out, chi, rest_out);
    return NULL;
}

const char *sb_overlap_solve(const struct sb_line *line, uint32_t dim, double g,
                             struct sb_overlap *out)
{
    const char *why = NULL;
    double rest = 0;

    if (!sb_line_has_density(line) || dim < 2 || dim > SB_OVERLAP_DIM)
        return "chi^2 is infinite, or there is one direction only";
    for (int many = 0; many < 2 && (!many || rest > g * LITTLE); many++) {
        struct sb_chi chi;

        if (sb_chi_init(&chi, line, many))
            return "memory is short";
        why = solve(&chi, dim, g, out, &rest);
        sb_chi_fini(&chi);
    }
    return why;
}
