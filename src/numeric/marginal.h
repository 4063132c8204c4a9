/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Laws of one real coordinate by their quantile function: what a lift is made over [theorems.md S0-RC.5].
 * Symmetric about 0 and continuous; made of + - * / sqrt and SLEEF's cinz functions, the same bits
 * everywhere. */
#ifndef SB_NUMERIC_MARGINAL_H
#define SB_NUMERIC_MARGINAL_H

#include "numeric/random.h"

#include <stdbool.h>

struct sb_marginal {
    const char *name;
    /* Pr[X <= t], to 1e-15 absolutely, and relatively where t < 0. */
    double (*cdf)(double t);
    /* The t with cdf(t) = p, 0 < p < 1; relative error at most 1e-14 where p <= 1/2; -quantile(1 - p) is
     * had by symmetry. Vectors: n numbers, in place or not. */
    void (*quantile)(uint64_t n, const double *p, double *out);
    double (*density)(double t);
    double density_ub; /* of all t */
    /* Draws number start .. start+n-1 of the stream. */
    void (*draw)(struct sb_key key, uint64_t stream, uint64_t start, uint64_t n, double *out);
    bool gaussian; /* standard Gaussian, drawn by sb_random_gauss */
};
extern const struct sb_marginal
    *const sb_marginals[]; /* gauss, uniform (on [-1,1]), laplace (density
                                                           e^-|t| / 2); NULL-ended */
const struct sb_marginal *sb_marginal_find(const char *name); /* NULL: none */

double sb_gauss_cdf(double t); /* that of gauss */

#endif
