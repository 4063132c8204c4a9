/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What clipping cuts off products of Hermite polynomials: for h = prod_j h_{k_j}(g_j), g_j independent standard
 * Gaussians, h_k orthonormal, upper bounds on the moments of the excess e = (|h| - B)_+, |h - clip(h,-B,B)| = e:
 *     l1 = E e,    l2 = sqrt(E e^2).
 * h depends on its degrees as a partition alone. For a law P of x with dP/dN(0,I) <= R and chi^2(P, N) = c,
 *     |E_P[h - clip h]| <= E_P e <= min(R l1, sqrt(1 + c) l2),
 * by Cauchy and Schwarz; under N itself it is at most l1.
 *
 * How: |h_k(g)| gets a law on a grid, 0 and 2^(i/8), that is above its own in the increasing convex order, so that the
 * means of e and e^2, which are increasing and convex in |h|, can only grow:
 *   - |g| is cut into cells. Past the largest root of h_k it is convex and increasing, and the Gaussian density falls:
 *     half of a cell's mass goes to each end. Before it, all goes to the largest value in the cell,
 *     max of the ends + dx^2/8 max|h_k''|, h_k'' = sqrt(k(k-1)) h_{k-2};
 *   - a cell's mass is dx phi(middle) where phi is concave and the trapezoid's where it is convex: both no less;
 *   - mass at a value between two grid points is split between them, its mean kept.
 * On the grid products are sums of indices: laws of products are convolutions. What is left out, |g| > 16 and masses
 * below 1e-60, is less than SLACK in l1 and l2. */
#ifndef SB_LEARNERS_CLIPPED_PRODUCTS_H
#define SB_LEARNERS_CLIPPED_PRODUCTS_H

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum {
    CLIPPED_DEGREE = 12,                /* products of at most this degree */
    CLIPPED_OCTAVE = 8,                 /* grid points to one factor of 2 */
    CLIPPED_ZERO = 8 * CLIPPED_OCTAVE,  /* index of the value 1 */
    CLIPPED_GRID = 57 * CLIPPED_OCTAVE, /* up to 2^49 > 16^12 */
    CLIPPED_CELLS = 1024,               /* of |g| in [0,16] */
    CLIPPED_PARTITIONS = 271            /* of 1 .. 12 */
};
#define CLIPPED_SLACK 1e-12

/* The law of |h| of one partition, without its mass at 0. */
struct clipped_law {
    uint32_t degree, parts, least; /* least: its smallest part */
    uint32_t lo, hi;               /* mass is at lo <= i < hi only */
    double mass[CLIPPED_GRID];
};

struct clipped_products {
    uint32_t n;
    double value[CLIPPED_GRID];
    struct clipped_law single[CLIPPED_DEGREE + 1]; /* [k]: of h_k, k >= 1 */
    struct clipped_law law[CLIPPED_PARTITIONS];
};

static inline void clipped_grid(double *value)
{
    const double root = sqrt(sqrt(sqrt(2)));

    for (int i = 0; i < CLIPPED_GRID; i++) {
        const int octave = i / CLIPPED_OCTAVE;
        double v = ldexp(1, octave - CLIPPED_ZERO / CLIPPED_OCTAVE);

        for (int j = 0; j < i % CLIPPED_OCTAVE; j++)
            v *= root;
        value[i] = v;
    }
}

/* Puts mass at v >= 0, its mean kept; at the grid's low end the rest goes to 0. */
static inline void clipped_put(const double *value, struct clipped_law *law, double v, double mass)
{
    int exponent, i;
    double share;

    if (v < value[0]) {
        law->mass[0] += mass * v / value[0];
        return;
    }
    frexp(v, &exponent); /* v in [2^(exponent-1), 2^exponent) */
    i = (exponent - 1) * CLIPPED_OCTAVE + CLIPPED_ZERO;
    while (i + 2 < CLIPPED_GRID && value[i + 1] <= v)
        i++;
    share = (v - value[i]) / (value[i + 1] - value[i]);
    law->mass[i] += mass * (1 - share);
    law->mass[i + 1] += mass * share;
}

/* Where the mass is; tiny ones are left out. */
static inline void clipped_trim(struct clipped_law *law)
{
    law->lo = CLIPPED_GRID;
    law->hi = 0;
    for (uint32_t i = 0; i < CLIPPED_GRID; i++) {
        if (law->mass[i] < 1e-60)
            law->mass[i] = 0;
        if (law->mass[i] > 0) {
            law->lo = i < law->lo ? i : law->lo;
            law->hi = i + 1;
        }
    }
}

/* h_0 .. h_n at x. */
static inline void clipped_hermite(uint32_t n, double x, double *out)
{
    out[0] = 1;
    out[1] = x;
    for (uint32_t k = 1; k < n; k++)
        out[k + 1] = (x * out[k] - sqrt(k) * out[k - 1]) / sqrt(k + 1.0);
}

/* One cell [a,b] of |g|, h_k at both ends, of mass `mass`. */
static inline void clipped_cell(struct clipped_products *p, uint32_t kmax, const double *at_a,
                                const double *at_b, double dx, double mass)
{
    double most[CLIPPED_DEGREE + 1];
    int past = 1; /* the largest root of h_k: there h_1 .. h_k are all positive (Sturm) */

    most[0] = 1;
    for (uint32_t k = 1; k <= kmax; k++) {
        const double a = fabs(at_a[k]), b = fabs(at_b[k]);

        past = past && at_a[k] > 0;
        most[k] = a > b ? a : b;
        if (k >= 2)
            most[k] += dx * dx / 8 * sqrt(k * (k - 1.0)) * most[k - 2];
        if (past) {
            clipped_put(p->value, &p->single[k], a, mass / 2);
            clipped_put(p->value, &p->single[k], b, mass / 2);
        } else {
            clipped_put(p->value, &p->single[k], most[k], mass);
        }
    }
}

static inline void clipped_singles(struct clipped_products *p, uint32_t kmax)
{
    const double dx = 16.0 / CLIPPED_CELLS;
    /* phi(0), exp(-dx^2/8), exp(-dx^2): phi(x + s) = phi(x) exp(-x s) exp(-s^2/2) */
    const double phi_0 = 0.39894228040143268, eighth = 0.99996948288753155,
                 whole = 0.99975588917489722;
    double phi = phi_0, step = eighth * eighth * eighth * eighth; /* phi(x + dx)/phi(x) */
    double half = eighth;                                         /* phi(x + dx/2)/phi(x) */
    double at[2][CLIPPED_DEGREE + 2];

    clipped_hermite(kmax, 0, at[0]);
    for (int i = 0; i < CLIPPED_CELLS; i++) {
        const double b = (i + 1) * dx, middle = phi * half, next = phi * step;
        const double density = b <= 1 ? middle : (phi + next) / 2;

        clipped_hermite(kmax, b, at[(i + 1) % 2]);
        clipped_cell(p, kmax, at[i % 2], at[(i + 1) % 2], dx, 2 * dx * density);
        phi = next;
        step *= whole;
        half *= sqrt(whole);
    }
    for (uint32_t k = 1; k <= kmax; k++) {
        p->single[k].degree = p->single[k].least = k;
        p->single[k].parts = 1;
        clipped_trim(&p->single[k]);
    }
}

/* out: the law of the product of two independent ones. */
static inline void clipped_times(const double *value, const struct clipped_law *a,
                                 const struct clipped_law *b, struct clipped_law *out)
{
    memset(out->mass, 0, sizeof out->mass);
    for (uint32_t i = a->lo; i < a->hi; i++) {
        const double mass = a->mass[i];
        uint32_t j = b->lo;

        for (; j < b->hi && i + j < CLIPPED_ZERO; j++) /* below the grid */
            out->mass[0] += mass * b->mass[j] * (value[i] * value[j] / value[0]);
        for (; j < b->hi && i + j < CLIPPED_GRID + CLIPPED_ZERO; j++)
            out->mass[i + j - CLIPPED_ZERO] += mass * b->mass[j];
    }
    out->degree = a->degree + b->degree;
    out->parts = a->parts + b->parts;
    out->least = b->least;
    clipped_trim(out);
}

/* The laws of all partitions of 1 .. kmax <= CLIPPED_DEGREE into at most `parts`: each is an earlier one times
 * h_k, k at most its smallest part. NULL: no memory. */
static inline struct clipped_products *clipped_new(uint32_t kmax, uint32_t parts)
{
    struct clipped_products *p = calloc(1, sizeof *p);

    if (!p)
        return NULL;
    clipped_grid(p->value);
    clipped_singles(p, kmax);
    for (uint32_t k = 1; k <= kmax; k++)
        p->law[p->n++] = p->single[k];
    for (uint32_t i = 0; i < p->n; i++)
        for (uint32_t k = 1; k <= p->law[i].least && p->law[i].degree + k <= kmax; k++)
            if (p->law[i].parts < parts)
                clipped_times(p->value, &p->law[i], &p->single[k], &p->law[p->n++]);
    return p;
}

/* The larger the clip, the smaller both. */
static inline void clipped_excess(const struct clipped_products *p, const struct clipped_law *law,
                                  double clip, double *l1_out, double *l2_out)
{
    double l1 = 0, square = 0;

    for (uint32_t i = law->lo; i < law->hi; i++) {
        const double excess = p->value[i] > clip ? p->value[i] - clip : 0;

        l1 += law->mass[i] * excess;
        square += law->mass[i] * excess * excess;
    }
    *l1_out = l1 * (1 + 1e-9) + CLIPPED_SLACK; /* sums of fewer than 2^20 roundings each */
    *l2_out = sqrt(square) * (1 + 1e-9) + CLIPPED_SLACK;
}

/* At least |E_P[h - clip(h, -B, B)]| for each product h of this degree, B = clip > 0; ratio: at least dP/dN, 1 for N
 * itself; chi2: at least chi^2(P, N). */
static inline double clipped_bias(const struct clipped_products *p, uint32_t degree, double clip,
                                  double ratio, double chi2)
{
    double worst = 0;

    for (uint32_t i = 0; i < p->n; i++) {
        double l1, l2, bias;

        if (p->law[i].degree != degree)
            continue;
        clipped_excess(p, &p->law[i], clip, &l1, &l2);
        l1 *= ratio;
        l2 *= sqrt(1 + chi2);
        bias = l1 < l2 ? l1 : l2;
        worst = bias > worst ? bias : worst;
    }
    return worst;
}

/* The least clip B >= 1, to 1/1000, with bias(B) <= room B; infinity: there is none on the grid. */
static inline double clipped_least(const struct clipped_products *p, uint32_t degree, double room,
                                   double ratio, double chi2)
{
    double lo = 1, hi = p->value[CLIPPED_GRID - 1];

    if (!(room * hi >= clipped_bias(p, degree, hi, ratio, chi2)))
        return INFINITY;
    if (room * lo >= clipped_bias(p, degree, lo, ratio, chi2))
        return lo;
    while (hi > 1.001 * lo) {
        const double middle = sqrt(lo) * sqrt(hi);

        if (room * middle >= clipped_bias(p, degree, middle, ratio, chi2))
            hi = middle;
        else
            lo = middle;
    }
    return hi;
}

#endif
