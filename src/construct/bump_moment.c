/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Moments of bumps by Gauss-Legendre, and the matrix that moves the heights. */
#include "construct/bump_moment.h"

#include <arb_mat.h>
#include <gsl/gsl_linalg.h>
#include <math.h>

enum { HALF = 24, PREC = 512 };

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

/* What sums over the nodes u of both ramps need: (1-u) at them, and weights with densities. */
struct nodes {
    double rest[2 * HALF], weight[2 * HALF];
};

static void find_nodes(const struct sb_bump *bump, double eps, struct nodes *out)
{
    for (int i = 0; i < 2 * HALF; i++) {
        const int j = i < HALF ? i : 2 * HALF - 1 - i;
        const double u = (1 + (i < HALF ? -rule[j].node : rule[j].node)) / 2;

        out->rest[i] = 1 - u;
        out->weight[i] =
            rule[j].weight / 2 * (density(bump->p - eps * u) + density(bump->q + eps * u));
    }
}

/* int_0^1 (1-u)^k (phi(p - eps u) + phi(q + eps u)) du */
static double over_ramps(const struct nodes *nodes, uint32_t k)
{
    double sum = 0;

    for (int i = 0; i < 2 * HALF; i++)
        sum += nodes->weight[i] * power(nodes->rest[i], k);
    return sum;
}

/* The same of k (1-u)^(k-1) u, k > 0 */
static double by_parts(const struct nodes *nodes, uint32_t k)
{
    double sum = 0;

    for (int i = 0; i < 2 * HALF; i++)
        sum += nodes->weight[i] * power(nodes->rest[i], k - 1) * (1 - nodes->rest[i]);
    return k * sum;
}

double sb_bump_moment(const struct sb_bump *bump, double h, double eps, uint32_t k)
{
    struct nodes nodes;

    find_nodes(bump, eps, &nodes);
    return power(h, k) * (bump->mass + eps * over_ramps(&nodes, k));
}

double sb_bump_moment_by_eps(const struct sb_bump *bump, double h, double eps, uint32_t k)
{
    struct nodes nodes;

    if (k == 0)
        return density(bump->p - eps) + density(bump->q + eps);
    find_nodes(bump, eps, &nodes);
    return power(h, k) * by_parts(&nodes, k);
}

void sb_bump_matrix(const struct sb_moments *placed, const double *h, double eps, double *z,
                    double *by_eps)
{
    const uint32_t n = placed->n;

    for (uint32_t i = 0; i < n; i++) {
        struct nodes nodes;

        find_nodes(&placed->bump[i], eps, &nodes);
        for (uint32_t l = 1; l <= n; l++) {
            const double scale = power(h[i], 2 * l);

            z[i * n + l - 1] = scale * (placed->bump[i].mass + eps * over_ramps(&nodes, 2 * l));
            if (by_eps)
                by_eps[i * n + l - 1] = scale * by_parts(&nodes, 2 * l);
        }
    }
}

/* Z in balls: of masses, heights and eps as numbers, so that what rounding does is the same to
 * all of a row or small; entries in double would not determine the least singular value. */
static void matrix_in_balls(const struct sb_moments *placed, const double *h, double eps,
                            arb_mat_t z)
{
    arb_t t;

    arb_init(t);
    for (uint32_t i = 0; i < placed->n; i++) {
        struct nodes nodes;

        find_nodes(&placed->bump[i], eps, &nodes);
        for (uint32_t l = 1; l <= placed->n; l++) {
            arb_ptr entry = arb_mat_entry(z, i, l - 1);

            arb_set_d(entry, over_ramps(&nodes, 2 * l));
            arb_set_d(t, eps);
            arb_mul(entry, entry, t, PREC);
            arb_set_d(t, placed->bump[i].mass);
            arb_add(entry, entry, t, PREC);
            arb_set_d(t, h[i]);
            arb_pow_ui(t, t, 2 * l, PREC);
            arb_mul(entry, entry, t, PREC);
        }
    }
    arb_clear(t);
}

/* The largest singular value of a matrix of balls' centres. */
static double largest_singular_value(uint32_t n, const arb_mat_t matrix)
{
    double a[SB_MOMENTS_BUMPS * SB_MOMENTS_BUMPS], v[SB_MOMENTS_BUMPS * SB_MOMENTS_BUMPS];
    double s[SB_MOMENTS_BUMPS];
    gsl_matrix_view av = gsl_matrix_view_array(a, n, n), vv = gsl_matrix_view_array(v, n, n);
    gsl_vector_view sv = gsl_vector_view_array(s, n);

    for (uint32_t i = 0; i < n; i++)
        for (uint32_t j = 0; j < n; j++)
            a[i * n + j] = arf_get_d(arb_midref(arb_mat_entry(matrix, i, j)), ARF_RND_NEAR);
    return gsl_linalg_SV_decomp_jacobi(&av.matrix, &vv.matrix, &sv.vector) ? INFINITY : s[0];
}

double sb_bump_sigma(const struct sb_moments *placed, const double *h, double eps)
{
    double sigma = 0;
    arb_mat_t z;

    arb_mat_init(z, placed->n, placed->n);
    matrix_in_balls(placed, h, eps, z);
    if (arb_mat_inv(z, z, PREC))
        sigma = 1 / largest_singular_value(placed->n, z);
    arb_mat_clear(z);
    return sigma;
}
