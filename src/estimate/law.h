/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The law of a labelled example on the cube: x uniform on {0,1}^dim and, given x, label i with
 * probability alpha[i] + beta[i] g(x), where
 *     g(x) = (-1)^|x & chi| [x & pos = pos] [x & neg = 0]
 * is a product of functions of single coordinates. Parities (g = chi_S), conjunctions (g = the
 * conjunction) and every null with independent labels (beta = 0) are of this form, and it is all
 * that the estimators need to know of a distribution. */
#ifndef SB_ESTIMATE_LAW_H
#define SB_ESTIMATE_LAW_H

#include "numeric/random.h"
#include "query/space.h"

#include <stdint.h>

struct sb_law {
    uint32_t dim;             /* 1..63 */
    double label[2];          /* increasing */
    double alpha[2], beta[2]; /* alpha sums to 1, beta to 0 */
    uint64_t chi, pos, neg;   /* disjoint from one another */
};

/* g at one point. */
double sb_law_g(const struct sb_law *law, uint64_t x);
/* Examples start .. start+n-1 of the i.i.d. sample with this key: bits[i], y[i]. */
void sb_law_sample(const struct sb_law *law, struct sb_key key, uint64_t start, uint64_t n,
                   uint64_t *bits, double *y);

#endif
