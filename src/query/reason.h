/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What can be proven of an expression without looking at a hidden member: its range over the whole
 * domain and label set, what it depends on, where it is not smooth. Everything here is public. */
#ifndef SB_QUERY_REASON_H
#define SB_QUERY_REASON_H

#include "query/expr.h"

struct sb_interval {
    double lo, hi;
};

/* Encloses every value that evaluation can give, by interval arithmetic with the operators' own
 * rounding (round-to-nearest is monotone, so the ends bound the computed values). */
struct sb_interval sb_expr_range(const struct sb_pool *pool, sb_expr e);

/* On what e depends. Over Gaussian or Z_q coordinates a dot counts as a projection, not as its
 * coordinates; on the cube it counts as the coordinates with u_j != 0. */
struct sb_support {
    bool label;
    bool everything;     /* a candidate, or more than can be listed: assume all of x */
    uint64_t mask;       /* coordinates 0..63 */
    uint32_t n_wide;     /* coordinates beyond 63: how many (then `everything`) */
    const sb_expr *dots; /* the distinct dot nodes, n_dots; owned by the support */
    size_t n_dots;
};
int sb_expr_support(const struct sb_pool *pool, sb_expr e, struct sb_support *out);
void sb_support_fini(struct sb_support *support);

/* The linear forms over GF(2) through which e sees a point x of the cube: e is a function of the label
 * and of the bits |x & form[j]| mod 2, j < n, alone. They are independent and in reduced echelon form:
 * the highest bit of each is in no other, and they increase. So the point with bit pivot(j), the highest
 * of form[j], set for every 1 among the bits a_j has |x & form[j]| = a_j mod 2; and the 2^n sums of forms,
 * numbered by which they are of (bit j: form[j]), increase. */
struct sb_forms {
    uint32_t n;
    uint64_t form[64];
    uint64_t pivots; /* the highest bits */
};
/* 0, -ENOMEM, or -EINVAL for another domain. */
int sb_expr_forms(const struct sb_pool *pool, sb_expr e, struct sb_forms *out);
/* All single coordinates in the mask. */
void sb_forms_of_coordinates(uint64_t mask, struct sb_forms *out);
/* The next of all sums of forms, given that number a: *sum_inout, from 0 at a = 0, becomes number
 * a + 1. */
static inline void sb_forms_next(const struct sb_forms *forms, uint64_t a, uint64_t *sum_inout)
{
    for (uint32_t j = 0; j < forms->n; j++) {
        *sum_inout ^= forms->form[j];
        if (!(a >> j & 1))
            break;
    }
}

/* The kinks of e as a function of the single real number t = the node `of` (a dot, or a coordinate
 * of a Gaussian space), with the label fixed at y: an increasing list such that between neighbours
 * e is smooth (a composition of polynomials, sin, cos, exp and divisions away from zero). scale: of the
 * coordinates of a Gaussian space, their standard deviation; 1 unless x stands for something wider.
 * Returns 0; or 1 where they are not finitely many or cannot be found (the caller samples instead);
 * *out owned by the caller. */
int sb_expr_kinks(const struct sb_pool *pool, sb_expr e, sb_expr of, double scale, double y,
                  double **out, size_t *n_out);

/* How large e is on complex discs, over a Gaussian space of one coordinate t. The pool stays as it is
 * as long as this is used. 0, -ENOMEM, or -EINVAL for another space. */
struct sb_discs;
int sb_discs_new(const struct sb_pool *pool, sb_expr e, struct sb_discs **out);
void sb_discs_free(struct sb_discs *discs);
/* out[i] >= |g(t[i] + w)| for all complex |w| <= radius[i], where g is the analytic function that e, with
 * label y, is around t[i]: every operator that switches on the branch that it takes there. Infinity: none
 * was found. */
void sb_discs_run(struct sb_discs *discs, double y, size_t n, const double *t, const double *radius,
                  double *out);

/* A constant L with |e(x,y) - e(x,y')| <= L |y - y'| for all x and labels y, y', as computed, but for
 * 1e-9 in all (real labels and coordinates: below 2^16 in size); infinity where none is proven (real labels, and a jump in them). */
double sb_expr_label_lipschitz(const struct sb_pool *pool, sb_expr e);

#endif
