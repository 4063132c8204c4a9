/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The law A that a family hides along a direction, as it publishes it: a mixture of X = offset_i + slope_i z + noise g,
 * z standard Gaussian in [lo_i, hi_i], g another one (`pieces`, six numbers each: lo, hi, offset, slope, weight,
 * mass; `noise`). Its density over the standard Gaussian's, and sets on the line. With y = offset + slope z + noise g,
 * S^2 = slope^2 + noise^2, the part of z in [lo,hi] has the density
 *     weight N(y; offset, S^2) [Phi((hi - mu) S/noise) - Phi((lo - mu) S/noise)],  mu = slope (y - offset)/S^2. */
#ifndef SB_LEARNERS_RIDGE_LAW_H
#define SB_LEARNERS_RIDGE_LAW_H

#include <statbed/learner.h>

#include <math.h>
#include <sleef.h>
#include <stdint.h>

enum { RIDGE_PIECE = 6, RIDGE_ENDS = 64 };

struct ridge_law {
    const double *piece; /* n_pieces x RIDGE_PIECE; the host's */
    uint64_t n_pieces;
    double noise;
};

/* 0: the family publishes no such law, or one with atoms. */
static inline int ridge_law(const struct sb_host *h, struct ridge_law *law)
{
    uint64_t n = 0, n_noise = 0;
    const double *noise;

    if (!SB_HAS(h, family_vector))
        return 0;
    law->piece = h->family_vector(h->self, "pieces", &n);
    noise = h->family_vector(h->self, "noise", &n_noise);
    law->n_pieces = n / RIDGE_PIECE;
    law->noise = noise && n_noise == 1 ? noise[0] : 0;
    return law->piece && law->noise > 0;
}

/* Phi(x) */
static inline double ridge_cdf(double x)
{
    return Sleef_cinz_erfcd1_u15purec(-x * 0.70710678118654752) / 2;
}

/* Phi(b) - Phi(a), of the lesser tails; nothing is left beyond 38. */
static inline double ridge_between(double a, double b)
{
    if (a > 38 || b < -38)
        return 0;
    return a > 0 ? ridge_cdf(-a) - ridge_cdf(-b) : ridge_cdf(b) - ridge_cdf(a);
}

/* dA/dN(0,1) at t; pieces below e^-100 are left out. */
static inline double ridge_ratio(const struct ridge_law *law, double t)
{
    double sum = 0;

    for (uint64_t i = 0; i < law->n_pieces; i++) {
        const double *p = law->piece + i * RIDGE_PIECE;
        const double off = t - p[2], square = p[3] * p[3] + law->noise * law->noise;
        const double s = sqrt(square), mu = p[3] * off / square, scale = s / law->noise;
        const double exponent = (t * t - off * off / square) / 2;
        double share = p[5];

        if (exponent < -100)
            continue;
        if (p[3] != 0)
            share = p[4] * ridge_between((p[0] - mu) * scale, (p[1] - mu) * scale);
        sum += share / s * Sleef_cinz_expd1_u10purec(exponent);
    }
    return sum;
}

/* The set {A > N(0,1)}: where it begins and ends, n <= RIDGE_ENDS increasing numbers; inside between the first and the
 * second, the third and the fourth, ... Beyond +-8 it is not looked for, nor what is
 * narrower than a quarter of the noise. */
struct ridge_set {
    uint32_t n;
    double end[RIDGE_ENDS];
    double null, hidden; /* its probabilities under N(0,1) and A, the latter to 1e-4 or so */
};

/* Where ratio - 1 changes its sign in [a,b]. */
static inline double ridge_crossing(const struct ridge_law *law, double a, double b)
{
    const int above = ridge_ratio(law, b) > 1;

    for (int i = 0; i < 50; i++) {
        const double middle = (a + b) / 2;

        if ((ridge_ratio(law, middle) > 1) == above)
            b = middle;
        else
            a = middle;
    }
    return (a + b) / 2;
}

/* A([a,b]): Simpson's rule, on cells that are no wider than a quarter of the noise. */
static inline double ridge_probability(const struct ridge_law *law, double a, double b)
{
    const int cells = 2 * (int)ceil(2 * (b - a) / law->noise + 4);
    const double root_2pi = 2.5066282746310005, dt = (b - a) / cells;
    double sum = 0;

    for (int i = 0; i <= cells; i++) {
        const double t = a + i * dt, weight = i == 0 || i == cells ? 1 : i % 2 == 1 ? 4 : 2;

        sum += weight * ridge_ratio(law, t) * Sleef_cinz_expd1_u10purec(-t * t / 2);
    }
    return sum * dt / (3 * root_2pi);
}

/* 0: it has more ends than there is room for. */
static inline int ridge_set(const struct ridge_law *law, struct ridge_set *set)
{
    const double from = -8, wish = law->noise < 0.0625 ? law->noise / 4 : 1.0 / 64;
    const int cells = (int)ceil(16 / wish);
    const double step = 16.0 / cells;
    int inside = 0;

    set->n = 0;
    set->null = set->hidden = 0;
    for (int i = 0; i <= cells; i++) {
        const double t = from + i * step, ratio = ridge_ratio(law, t);
        const int now = i < cells && ratio > 1; /* what is open ends at 8 */

        if (now != inside) {
            if (set->n == RIDGE_ENDS)
                return 0;
            set->end[set->n++] = i == 0 || i == cells ? t : ridge_crossing(law, t - step, t);
            inside = now;
        }
    }
    for (uint32_t i = 0; i + 1 < set->n; i += 2) {
        set->null += ridge_between(set->end[i], set->end[i + 1]);
        set->hidden += ridge_probability(law, set->end[i], set->end[i + 1]);
    }
    return 1;
}

/* A number that the family publishes as a vector of one; infinity: it does not, or there is none. */
static inline double ridge_published(const struct sb_host *h, const char *name)
{
    uint64_t n = 0;
    const double *v = SB_HAS(h, family_vector) ? h->family_vector(h->self, name, &n) : NULL;

    return v && n == 1 ? v[0] : INFINITY;
}

/* P_v^A's density over N(0,I)'s, as predict() takes it: the law along `direction`, a unit vector of dim numbers. */
struct ridge_density {
    struct ridge_law law;
    const double *direction;
    uint32_t dim;
};

static inline void ridge_density(void *user, const struct sb_block *block, double *out)
{
    const struct ridge_density *density = user;

    for (uint64_t i = 0; i < block->n; i++) {
        double t = 0;

        for (uint32_t j = 0; j < density->dim; j++)
            t += density->direction[j] * block->x[j][i];
        out[i] = ridge_ratio(&density->law, t);
    }
}

#endif
