/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Queries that are a product of orthonormal Hermite polynomials of distinct coordinates, times a constant, plus one,
 * and perhaps clipped: p = prod_j h_{k_j}(x_j); shift + scale p; clip(lo, hi, shift + scale p). */
#ifndef SB_ESTIMATE_HERMITE_PRODUCT_H
#define SB_ESTIMATE_HERMITE_PRODUCT_H

#include "query/expr.h"

#include <stdbool.h>

enum { SB_HERMITE_FACTORS = 32 };

struct sb_hermite_product {
    uint32_t n; /* factors, 1 .. SB_HERMITE_FACTORS */
    uint32_t coordinate[SB_HERMITE_FACTORS], degree[SB_HERMITE_FACTORS]; /* degrees >= 1 */
    uint32_t total;                                                      /* of the degrees */
    double scale, shift;                                                 /* scale not 0 */
    bool clipped;
    double lo, hi;
    uint32_t n_roundings; /* operations but Hermite's own, at most */
};

/* Is e such a query? */
bool sb_hermite_product_find(const struct sb_pool *pool, sb_expr e, struct sb_hermite_product *out);

/* What the query as computed differs from it by on average over standard Gaussian x, in its square mean, at most;
 * besides 2^-53 n_roundings of the numbers shift and scale themselves. */
double sb_hermite_product_rounding(const struct sb_hermite_product *p);

#endif
