/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Moments of bumps by Gauss-Legendre, and the matrix that moves the heights. */
#include "construct/bump_moment.h"

#include <gsl/gsl_linalg.h>
#include <math.h>

enum { HALF = 24 };

/* The positive nodes of the rule with 48 nodes on [-1,1] and their weights, rounded once. */
static const struct {
    double node, weight;
} rule[HALF] = {
    { 0.9987710072524261, 0.0031533460523058385 }, { 0.9935301722663508, 0.0073275539012762625 },
    { 0.9841245837228269, 0.01147723457923454 },   { 0.9705915925462473, 0.015579315722943849 },
    { 0.9529877031604309, 0.01961616045735553 },   { 0.9313866907065543, 0.02357076083932438 },
    { 0.9058791367155696, 0.027426509708356948 },  { 0.8765720202742479, 0.03116722783279809 },
    { 0.8435882616243935, 0.03477722256477044 },   { 0.8070662040294426, 0.03824135106583071 },
    { 0.7671590325157404, 0.04154508294346475 },   { 0.7240341309238146, 0.04467456085669428 },
    { 0.6778723796326639, 0.04761665849249048 },   { 0.6288673967765136, 0.05035903555385447 },
    { 0.5772247260839727, 0.05289018948519367 },   { 0.523160974722233, 0.055199503699984165 },
    { 0.4669029047509584, 0.057277292100403214 },  { 0.4086864819907167, 0.059114839698395635 },
    { 0.34875588629216075, 0.06070443916589388 },  { 0.28736248735545555, 0.062039423159892665 },
    { 0.22476379039468905, 0.06311419228625402 },  { 0.1612223560688917, 0.06392423858464819 },
    { 0.0970046992094627, 0.06446616443595009 },   { 0.03238017096286936, 0.06473769681268392 },
};

static double density(double z)
{
    return exp(-z * z / 2) / sqrt(2 * M_PI);
}

static double power(double x, uint32_t k)
{
    double v = 1;

    for (; k; k /= 2, x *= x)
        v *= k % 2 ? x : 1;
    return v;
}

/* int_0^1 (1-u)^k u^j (phi(p - eps u) + phi(q + eps u)) du, j 0 or 1 */
static double over_ramps(const struct sb_bump *bump, double eps, uint32_t k, bool times_u)
{
    double sum = 0;

    for (int i = 0; i < 2 * HALF; i++) {
        const int j = i < HALF ? i : 2 * HALF - 1 - i;
        const double u = (1 + (i < HALF ? -rule[j].node : rule[j].node)) / 2;

        sum += rule[j].weight / 2 * power(1 - u, k) * (times_u ? u : 1) *
               (density(bump->p - eps * u) + density(bump->q + eps * u));
    }
    return sum;
}

double sb_bump_moment(const struct sb_bump *bump, double h, double eps, uint32_t k)
{
    return power(h, k) * (bump->mass + eps * over_ramps(bump, eps, k, false));
}

/* Of the ramps' ends where k = 0; else by parts. */
double sb_bump_moment_by_eps(const struct sb_bump *bump, double h, double eps, uint32_t k)
{
    if (k == 0)
        return density(bump->p - eps) + density(bump->q + eps);
    return power(h, k) * k * over_ramps(bump, eps, k - 1, true);
}

void sb_bump_matrix(const struct sb_moments *placed, const double *h, double eps, double *z)
{
    for (uint32_t i = 0; i < placed->n; i++)
        for (uint32_t l = 1; l <= placed->n; l++)
            z[i * placed->n + l - 1] = sb_bump_moment(&placed->bump[i], h[i], eps, 2 * l);
}

double sb_least_singular_value(uint32_t n, const double *matrix)
{
    double a[SB_MOMENTS_BUMPS * SB_MOMENTS_BUMPS], v[SB_MOMENTS_BUMPS * SB_MOMENTS_BUMPS];
    double s[SB_MOMENTS_BUMPS];
    gsl_matrix_view av = gsl_matrix_view_array(a, n, n), vv = gsl_matrix_view_array(v, n, n);
    gsl_vector_view sv = gsl_vector_view_array(s, n);

    for (uint32_t i = 0; i < n * n; i++)
        a[i] = matrix[i];
    if (gsl_linalg_SV_decomp_jacobi(&av.matrix, &vv.matrix, &sv.vector))
        return 0;
    return s[n - 1];
}
