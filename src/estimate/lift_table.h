/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A query of a lifted family with q = 2 as a query of its base: e(z, y) seen from x = thres(z) and the base's label v,
 *     phi'(x, v) = E[e(z, y) given thres(z) = x], y = v lifted by the rule (numeric/lift.h),
 * for e that sees z through signs, and at most one coordinate in full (lift_full.h). S, the sum of the ramps, is
 * independent of x [theorems.md S0-gram]: y is v g(0) where S = 0, has a density where S is in (0,1), by one
 * convolution (numeric/lift_sum.h), and is 0 elsewhere. So phi' is a table over the linear forms of x that e sees and
 * the labels v: no example is drawn, nothing of the member is asked for, and all members are served. */
#ifndef SB_ESTIMATE_LIFT_TABLE_H
#define SB_ESTIMATE_LIFT_TABLE_H

#include "base/fuse.h"
#include "estimate/family.h"
#include "query/signs.h"

enum {
    SB_LIFT_PATTERNS_BITS = 10, /* forms, where the label is looked at */
    SB_LIFT_FORMS_BITS = 20,    /* forms, where it is not */
};

struct sb_lift_query {
    const struct sb_lifting *lifting;
    const struct sb_pool *pool;
    sb_expr expr;
    double size;         /* >= |expr| */
    uint32_t most_lines; /* means over the label, at most, where a coordinate is seen in full */
    const struct sb_fuse *fuse;
};
enum { SB_LIFT_MOST_LINES = 1 << 15 };

struct sb_lift_table {
    struct sb_forms forms; /* of x, in the base's coordinates */
    bool label;            /* e looks at the label */
    uint32_t n_labels;     /* the base's */
    double *value;         /* [l << forms.n | a]: where |x & form[j]| is bit j of a, mod 2; owned */
    double half_width;     /* of each value, by the rule's labels */
};
/* 0; 1 where it does not apply, which depends on the query alone; -ENOMEM, -ETIME. */
int sb_lift_table_new(const struct sb_lift_query *query, struct sb_lift_table *out);
void sb_lift_table_fini(struct sb_lift_table *table);

/* The a of a point x of the base. */
uint64_t sb_lift_table_pattern(const struct sb_forms *forms, uint64_t x);
/* Can the mean be had under every law of the base? Not where that takes the whole of a large cube. Public: the
 * base's members have laws of one form. */
bool sb_lift_table_has_means(const struct sb_lift_table *table, const struct sb_family *base);
/* The mean under a law of the base; 1 where it cannot be had. */
int sb_lift_table_mean(const struct sb_lift_table *table, const struct sb_law *base, double *out);

#endif
