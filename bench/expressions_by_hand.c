/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Ten queries as a theorist would write them down in C, for a block of examples. */
#include "expressions.h"

#include <math.h>

#define LOOP(name)                                                                                 \
    static void name(const struct sb_block *block, const double *labels, double *const *out)

static inline double chi(uint64_t x, uint64_t set)
{
    return __builtin_popcountll(x & set) & 1 ? -1 : 1;
}

static inline double clipped(double v, double lo, double hi)
{
    return v < lo ? lo : v > hi ? hi : v;
}

LOOP(parity)
{
    double *restrict f = out[0], *restrict g = out[1];

    for (uint64_t i = 0; i < block->n; i++) {
        const double sign = chi(block->bits[i], BENCH_SET);

        f[i] = labels[0] * sign;
        g[i] = labels[1] * sign;
    }
}

LOOP(low_degree)
{
    double *restrict f = out[0], *restrict g = out[1];

    for (uint64_t i = 0; i < block->n; i++) {
        const double sign = chi(block->bits[i], BENCH_SET);

        f[i] = 0.5 * (1 + labels[0] * sign);
        g[i] = 0.5 * (1 + labels[1] * sign);
    }
}

/* the bent function of pairs of neighbours */
LOOP(bent)
{
    double *restrict f = out[0], *restrict g = out[1];

    for (uint64_t i = 0; i < block->n; i++) {
        const uint64_t x = block->bits[i];
        const double sign = chi(x & x >> 1, 0x55555555) * chi(x, BENCH_SET);

        f[i] = labels[0] * sign;
        g[i] = labels[1] * sign;
    }
}

LOOP(literal)
{
    double *restrict f = out[0], *restrict g = out[1];

    for (uint64_t i = 0; i < block->n; i++) {
        const double x = (double)(block->bits[i] >> 5 & 1);

        f[i] = (1 - x) * labels[0];
        g[i] = (1 - x) * labels[1];
    }
}

LOOP(disagreement)
{
    double *restrict f = out[0], *restrict g = out[1];
    double label[SB_BLOCK];

    bench_candidate(NULL, 77, block, label);
    for (uint64_t i = 0; i < block->n; i++) {
        f[i] = labels[0] == label[i];
        g[i] = labels[1] == label[i];
    }
}

LOOP(characters)
{
    double *restrict f = out[0];

    (void)labels;
    for (uint64_t i = 0; i < block->n; i++) {
        double sum = 0;

        for (int k = 0; k < 8; k++)
            sum += bench_weights[k] * chi(block->bits[i], bench_sets[k]);
        f[i] = sum;
    }
}

LOOP(coordinate)
{
    double *restrict f = out[0], *restrict g = out[1];
    const double *x = block->x[7];

    for (uint64_t i = 0; i < block->n; i++) {
        const double v = clipped(x[i], -3, 3);

        f[i] = labels[0] * v / 3;
        g[i] = labels[1] * v / 3;
    }
}

/* column after column, so that the compiler makes vectors of examples */
static inline void dot(const struct sb_block *block, double *restrict sum)
{
    for (uint64_t i = 0; i < block->n; i++)
        sum[i] = 0;
    for (uint32_t j = 0; j < BENCH_DIM; j++) {
        const double *x = block->x[j];

        for (uint64_t i = 0; i < block->n; i++)
            sum[i] += bench_u[j] * x[i];
    }
}

LOOP(ridge)
{
    double *restrict f = out[0], *restrict g = out[1];
    double sum[SB_BLOCK];

    dot(block, sum);
    for (uint64_t i = 0; i < block->n; i++) {
        const double v = clipped(sum[i], 0, 1);

        f[i] = labels[0] * v;
        g[i] = labels[1] * v;
    }
}

/* the derivative of a neuron sin(t) exp(-t^2/2) times how far the label is from its output */
LOOP(gradient)
{
    double *restrict f = out[0], *restrict g = out[1];
    double sum[SB_BLOCK];

    dot(block, sum);
    for (uint64_t i = 0; i < block->n; i++) {
        const double t = sum[i], s = sin(t), e = exp(-0.5 * (t * t));
        const double value = s * e, slope = (cos(t) - t * s) * e;

        f[i] = clipped((labels[0] - value) * slope, -1, 1);
        g[i] = clipped((labels[1] - value) * slope, -1, 1);
    }
}

LOOP(hermite)
{
    double *restrict f = out[0], *restrict g = out[1];
    const double *x = block->x[3], *z = block->x[9];

    for (uint64_t i = 0; i < block->n; i++) {
        const double h = (x[i] * x[i] - 1) / sqrt(2), k = (z[i] * z[i] * z[i] - 3 * z[i]) / sqrt(6);
        const double v = clipped(h * k, -8, 8) * 0.125;

        f[i] = labels[0] * v;
        g[i] = labels[1] * v;
    }
}

bench_loop *const SB_ISA_NAME(bench_loops)[BENCH_QUERIES] = {
    parity,     low_degree, bent,  literal,  disagreement,
    characters, coordinate, ridge, gradient, hermite,
};
