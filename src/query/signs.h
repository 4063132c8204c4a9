/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What an expression over real coordinates sees of their signs. With bit j of a point of the cube saying whether
 * x_j > 0, subexpressions that are functions of these bits alone -- step(x0), 0 < x1, step(x0 x1), products and
 * differences of such ones -- are found by interval arithmetic over the orthants of the few coordinates that each
 * of them sees, and each is reduced to the linear forms over GF(2) that it is a function of: a product of signs
 * sees one. Coordinates count as not 0 and as within 2^10, which fails with a probability below 1e-55 for the
 * Gaussian; everything here is public. */
#ifndef SB_QUERY_SIGNS_H
#define SB_QUERY_SIGNS_H

#include "query/reason.h"

enum { SB_SIGN_FORMS = 4, SB_SIGN_COLUMNS = 256, SB_SIGN_FULL = 2 };

/* A subexpression that is a function of signs. */
struct sb_sign_leaf {
    uint32_t n; /* forms */
    uint64_t form[SB_SIGN_FORMS];
    double value[1 << SB_SIGN_FORMS]; /* [a]: where |x & form[k]| is bit k of a, mod 2 */
};

/* The expression as a function of leaves, of at most SB_SIGN_FULL coordinates seen otherwise, and of the label. */
struct sb_signs {
    struct sb_sign_leaf *leaf; /* n_leaves, owned */
    uint32_t n_leaves;
    uint32_t n_full, full[SB_SIGN_FULL];
    bool label;
    struct sb_forms forms; /* of all leaves, and each full coordinate */
    struct sb_pool *rest;  /* over R^(n_leaves + n_full), leaves first; owned */
    sb_expr e;             /* there */
};
/* Coordinates 0 .. 62 may be seen. 0; 1: e sees x otherwise (a dot of several coordinates, a candidate, more
 * coordinates in full, too many leaves); -ENOMEM, -EINVAL for another domain. */
int sb_signs_find(const struct sb_pool *pool, sb_expr e, struct sb_signs *out);
void sb_signs_fini(struct sb_signs *signs);

/* out[k] = leaf k where the bits |x & forms.form[j]| are those of a. */
void sb_signs_leaves(const struct sb_signs *signs, uint64_t a, double *out);

#endif
