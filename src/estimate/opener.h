/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An expression as a sum of terms, each a constant times a function whose mean is known: sums, differences, signs and
 * products with constants, and with functions of the label alone, are opened until such functions remain. */
#ifndef SB_ESTIMATE_OPENER_H
#define SB_ESTIMATE_OPENER_H

#include "numeric/ball.h"
#include "query/expr.h"

struct sb_opener {
    struct sb_pool *pool; /* a function of the label may be added to it */
    void *self;
    /* 0: e is taken whole; 1: it is opened; a negative errno */
    int (*whole)(void *self, sb_expr e);
    /* The mean of what is taken whole, perhaps times a function of the label alone. 0, 1: not known, a negative errno */
    int (*mean)(void *self, sb_expr e, struct sb_ball *out);
};

/* The mean of e; in *rounding_out how far the expression as computed can be from the sum of the terms. 0; 1: a term is
 * not known, or there are too many; a negative errno. */
int sb_opener_mean(const struct sb_opener *opener, sb_expr e, struct sb_ball *out,
                   double *rounding_out);

/* At least |e|. */
double sb_expr_magnitude(const struct sb_pool *pool, sb_expr e);

#endif
