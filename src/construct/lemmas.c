/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lemmas of [CLL22, Section 4] as numbers. */
#include "construct/lemmas.h"

#include "construct/bump_moment.h"
#include "construct/flow.h"
#include "numeric/random.h"

#include <math.h>

enum { BUMPS = SB_MOMENTS_BUMPS, POINTS = 200 };

static double least_of(double a, double b)
{
    return a < b ? a : b;
}

static double most_of(double a, double b)
{
    return a > b ? a : b;
}

static void measure_nodes(const struct sb_moments *made, struct sb_lemmas *out)
{
    double gap = 2 * made->bump[0].node, weight = INFINITY;

    for (uint32_t i = 0; i < made->n; i++) {
        if (i > 0)
            gap = least_of(gap, made->bump[i].node - made->bump[i - 1].node);
        weight = least_of(weight, made->bump[i].weight);
    }
    out->node_span = made->bump[made->n - 1].node / sqrt(made->m);
    out->node_gap = gap * sqrt(made->m);
    out->weight_rate = -log(weight) / made->m;
    out->zero_weight = made->lambda0 * sqrt(made->m);
}

static void measure_bumps(const struct sb_moments *made, struct sb_lemmas *out)
{
    double gap = 2 * made->bump[0].height, mass = INFINITY;

    for (uint32_t i = 0; i < made->n; i++) {
        if (i > 0)
            gap = least_of(gap, fabs(made->bump[i].height - made->bump[i - 1].height));
        mass = least_of(mass, made->bump[i].mass);
    }
    out->bump_gap = 2 * made->collision * pow(made->m, 1.5);
    out->height_gap = gap;
    out->mass_rate = -log(mass) / made->m;
    out->endpoint = made->bump[made->n - 1].q;
}

double sb_vandermonde_sigma_lb(uint32_t n, const double *z)
{
    double most = 0;

    for (uint32_t i = 0; i < n; i++) {
        double product = 1;

        for (uint32_t j = 0; j < n; j++)
            product *= j == i ? 1 : (1 + fabs(z[j])) / fabs(z[i] - z[j]);
        most = most_of(most, product);
    }
    return 1 / (sqrt(n) * most);
}

/* Z = diag(lambda_i h_i^2) V^T, V the Vandermonde matrix of h^2. */
static double sigma_lb(const struct sb_moments *made)
{
    double squares[BUMPS], least = INFINITY;

    for (uint32_t i = 0; i < made->n; i++) {
        squares[i] = made->bump[i].node * made->bump[i].node;
        least = least_of(least, made->bump[i].mass * squares[i]);
    }
    return least * sb_vandermonde_sigma_lb(made->n, squares);
}

/* At least |Z' - Z|_F where heights move by at most r and eps from 0 to at most r, by Lemma 4.6:
 * an entry moves by at most h^k ((1 + r/h)^k - 1 + r). */
static double moved(const struct sb_moments *made, const double *h, double r)
{
    double square = 0;

    for (uint32_t i = 0; i < made->n; i++)
        for (uint32_t l = 1; l <= made->n; l++) {
            const double entry = pow(h[i], 2 * l) * (expm1(2 * l * log1p(r / h[i])) + r);

            square += entry * entry;
        }
    return sqrt(square);
}

/* The largest r with moved(r) <= sigma/2, from below. */
static double half_radius(const struct sb_moments *made, const double *h, double sigma)
{
    double lo = 0, hi = h[0];

    for (int i = 0; i < 200; i++) {
        const double mid = (lo + hi) / 2;

        if (moved(made, h, mid) <= sigma / 2)
            lo = mid;
        else
            hi = mid;
    }
    return lo;
}

/* |h'| at most, where heights are within r of h, eps <= r and the least singular value is at
 * least sigma: max|h| |(b_l/2l)|_2 / sigma, |b_l/2l| at most the sum of h^2l 2 phi(0)/(2l (2l +
 * 1)). */
static double speed_ub(const struct sb_moments *made, const double *h, double r, double sigma)
{
    double square = 0;

    for (uint32_t l = 1; l <= made->n; l++) {
        double b = 0;

        for (uint32_t i = 0; i < made->n; i++)
            b += pow(h[i] + r, 2 * l) * 2 / sqrt(2 * M_PI) / (2 * l * (2 * l + 1));
        square += b * b;
    }
    return (h[made->n - 1] + r) * sqrt(square) / sigma;
}

/* The largest speed at points of the neighbourhood, drawn by a public key. */
static double speed_seen(const struct sb_moments *made, const double *h, double r)
{
    const struct sb_key key = sb_key_derive("construct", "speed", 5);
    double most = 0;

    for (uint64_t k = 0; k < POINTS; k++) {
        double uniform[BUMPS + 1], at[BUMPS], speed[BUMPS];

        sb_random_uniform(key, made->m, k * (BUMPS + 1), BUMPS + 1, uniform);
        for (uint32_t i = 0; i < made->n; i++)
            at[i] = h[i] + r * (2 * uniform[i] - 1);
        if (!sb_flow_speed(made, at, r * uniform[BUMPS], speed, NULL))
            return INFINITY;
        for (uint32_t i = 0; i < made->n; i++)
            most = most_of(most, fabs(speed[i]));
    }
    return most;
}

bool sb_moments_lemmas(const struct sb_moments *made, struct sb_lemmas *out)
{
    double nodes[BUMPS], heights[BUMPS], r;

    for (uint32_t i = 0; i < made->n; i++) {
        nodes[i] = made->bump[i].node;
        heights[i] = made->bump[i].height;
    }
    measure_nodes(made, out);
    measure_bumps(made, out);
    out->sigma_start = sb_bump_sigma(made, nodes, 0);
    out->sigma_end = sb_bump_sigma(made, heights, made->eps);
    out->sigma_rate = -log(out->sigma_start) / (made->m * log(made->m));
    out->sigma_lb = sigma_lb(made);
    out->half_radius = r = half_radius(made, nodes, out->sigma_start);
    out->peano_proven = least_of(r, r / speed_ub(made, nodes, r, out->sigma_start / 2));
    out->peano_measured = least_of(r, r / speed_seen(made, nodes, r));
    return out->sigma_start > 0 && out->sigma_end > 0;
}

double sb_moments_weight(const struct sb_moments *made)
{
    double most = 0;

    for (uint32_t i = 0; i < made->n; i++)
        most = most_of(most,
                       made->bump[i].height / made->eps * most_of(1, made->bump[i].q + made->eps));
    return most;
}
