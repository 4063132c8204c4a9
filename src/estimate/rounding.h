/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How far the computed value of an expression can be from its value in exact arithmetic, for the
 * part of it that the closed form expands: sums, products, negations, divisions by powers of two.
 */
#ifndef SB_ESTIMATE_ROUNDING_H
#define SB_ESTIMATE_ROUNDING_H

#include "query/expr.h"

/* A bound of |computed - exact| over the whole domain and label set, anything else than those
 * operators taken as computed. 0 where arithmetic is exact throughout, as on +-1 and small dyadic
 * numbers. false where the expression is too deep, or some part of it larger than 2^10. */
bool sb_expr_rounding(const struct sb_pool *pool, sb_expr e, double *error_out);

/* Is this division one by a power of two, and so a product with an exact factor? */
bool sb_divides_exactly(const struct sb_pool *pool, const struct sb_node *division);

#endif
