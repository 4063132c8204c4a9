/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Expressions over a Gaussian space that look at one projection of x alone. */
#ifndef SB_ESTIMATE_PROJECTION_H
#define SB_ESTIMATE_PROJECTION_H

#include "query/expr.h"

#include <stdbool.h>

/* What an expression sees of x: <v,x>, v = v[0], ..., v[dim - 1], as evaluation computes it, and
 * perhaps the label. |v| times a standard Gaussian. */
struct sb_projection {
    bool label; /* the expression looks at the label */
    bool x;     /* and at x; else v is a unit vector all the same */
    double *v;  /* dim, owned */
    double norm;
};

/* 0; 1: e looks at more than one projection, or at what is none; -ENOMEM. Counted as one: several
 * dots that are multiples of one by powers of two, or a coordinate and dots of it alone: of these the
 * values as computed are multiples, too. */
int sb_projection_find(const struct sb_pool *pool, sb_expr e, struct sb_projection *out);
void sb_projection_fini(struct sb_projection *projection);

/* The same expression in a pool over one coordinate, which is <v,x>: 0, 1 (larger than is worth
 * while), or -ENOMEM. The pool is the caller's then. */
int sb_projection_rewrite(const struct sb_pool *pool, sb_expr e,
                          const struct sb_projection *projection, struct sb_pool **pool_out,
                          sb_expr *e_out);

#endif
