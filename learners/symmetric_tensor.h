/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Symmetric tensors T of order k >= 1 over R^d by their C(d+k-1,k) entries T_{i1..ik}, i1 <= .. <= ik, and the unit
 * vector u at which |T(u,..,u)| is largest, by power iteration u <- T(u,..,u,.)/|T(u,..,u,.)|: of T = a v^(x)k it finds
 * v in one step from any u not orthogonal to it, and of a perturbed one it converges at the order k-1. */
#ifndef SB_LEARNERS_SYMMETRIC_TENSOR_H
#define SB_LEARNERS_SYMMETRIC_TENSOR_H

#include <math.h>
#include <stdint.h>
#include <string.h>

enum { TENSOR_ORDER = 16, TENSOR_DIM = 4096, TENSOR_STEPS = 64 };

struct tensor {
    uint32_t dim, order;
    uint64_t n;           /* C(d+k-1,k) */
    const uint8_t *index; /* n x order: i1 <= .. <= ik, as tensor_next lists them */
    const double *weight; /* n: T_{i1..ik} times the number of its orderings, k!/alpha! */
};

/* C(d+k-1,k); more than `limit` is `limit` + 1. */
static inline uint64_t tensor_size(uint32_t dim, uint32_t order, uint64_t limit)
{
    double n = 1;

    for (uint32_t k = 1; k <= order && n <= (double)limit; k++)
        n = n * (dim + k - 1) / k;
    return n <= (double)limit ? (uint64_t)(n + 0.5) : limit + 1;
}

/* The next i1 <= .. <= ik; 0 behind the last. */
static inline int tensor_next(uint32_t dim, uint32_t order, uint8_t *index)
{
    uint32_t p = order;

    while (p > 0 && index[p - 1] == dim - 1)
        p--;
    if (p == 0)
        return 0;
    memset(index + p - 1, index[p - 1] + 1, order - p + 1);
    return 1;
}

/* k!/alpha!, alpha the multiplicities in i1 <= .. <= ik. */
static inline double tensor_orderings(uint32_t order, const uint8_t *index)
{
    double n = 1;

    for (uint32_t p = 0, run = 0; p < order; p++) {
        run = p > 0 && index[p] == index[p - 1] ? run + 1 : 1;
        n = n * (p + 1) / run;
    }
    return n;
}

/* T(u,..,u,.), dim numbers; returns T(u,..,u). */
static inline double tensor_apply(const struct tensor *t, const double *u, double *out)
{
    const uint32_t k = t->order;
    double value = 0;

    memset(out, 0, t->dim * sizeof *out);
    for (uint64_t i = 0; i < t->n; i++) {
        const uint8_t *at = t->index + i * k;
        double before[TENSOR_ORDER + 1], after = t->weight[i] / k;

        before[0] = 1;
        for (uint32_t p = 0; p < k; p++)
            before[p + 1] = before[p] * u[at[p]];
        for (uint32_t p = k; p-- > 0; after *= u[at[p]])
            out[at[p]] += before[p] * after;
        value += before[k] * t->weight[i];
    }
    return value;
}

/* u <- w/|w|; 0 where w = 0, and u is left alone. */
static inline int tensor_unit(uint32_t dim, const double *w, double *u)
{
    double square = 0;

    for (uint32_t j = 0; j < dim; j++)
        square += w[j] * w[j];
    for (uint32_t j = 0; j < dim && square > 0; j++)
        u[j] = w[j] / sqrt(square);
    return square > 0;
}

/* From u, which is moved; returns T(u,..,u) where it ends. w: room for dim numbers. */
static inline double tensor_climb(const struct tensor *t, double *u, double *w)
{
    double value = tensor_apply(t, u, w);

    for (int step = 0; step < TENSOR_STEPS; step++) {
        const double last = fabs(value);

        if (!tensor_unit(t->dim, w, u))
            break;
        value = tensor_apply(t, u, w);
        if (fabs(value) <= last * (1 + 1e-14))
            break;
    }
    return value;
}

/* |T|, of all d^k entries: no |T(u,..,u)|, |u| = 1, is above it. */
static inline double tensor_norm(const struct tensor *t)
{
    double square = 0;

    for (uint64_t i = 0; i < t->n; i++)
        square += t->weight[i] * t->weight[i] / tensor_orderings(t->order, t->index + i * t->order);
    return sqrt(square);
}

#endif
