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

/* The same where more than a mean is wanted of the terms: each is handed on with its coefficient. As sb_opener_mean; what
 * `term` returns other than 0 is returned at once. */
struct sb_term_opener {
    struct sb_pool *pool;
    void *self;
    int (*whole)(void *self, sb_expr e);
    int (*term)(void *self, struct sb_ball coef, sb_expr e);
};
int sb_opener_terms(const struct sb_term_opener *opener, sb_expr e, double *rounding_out);

/* The mean of e; in *rounding_out how far the expression as computed can be from the sum of the terms. 0; 1: a term is
 * not known, or there are too many; a negative errno. */
int sb_opener_mean(const struct sb_opener *opener, sb_expr e, struct sb_ball *out,
                   double *rounding_out);

/* At least |e|. */
double sb_expr_magnitude(const struct sb_pool *pool, sb_expr e);

#endif
