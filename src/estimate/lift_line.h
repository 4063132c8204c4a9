/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Means over the lifted label alone: what is left of a query where the signs that it sees are fixed. */
#ifndef SB_ESTIMATE_LIFT_LINE_H
#define SB_ESTIMATE_LIFT_LINE_H

#include "estimate/lift_table.h"

/* out[l << forms.n | a]: the mean of the query with pattern a of its signs, over y = label number l of the base
 * lifted. *half_width_inout grows by what the quadrature found. As sb_lift_table_new. */
int sb_lift_line_means(const struct sb_lift_query *query, const struct sb_signs *signs, double *out,
                       double *half_width_inout);

/* The same where coordinates have further columns: S = s + S', S' as `sum` says and s in [0,1] known, and the
 * base's label is v. */
enum { SB_LIFT_LINES = 16 };
struct sb_lift_lines {
    const struct sb_lift_query *query;
    const struct sb_signs *signs;
    const struct sb_lift_sum *sum;
    double v, s;
};
/* out[k]: the mean of the query with columns column[k * stride], ..., k < n <= SB_LIFT_LINES. *error_inout: at least
 * what the quadrature found. */
int sb_lift_lines_means(const struct sb_lift_lines *lines, uint32_t n, uint32_t stride,
                        const double *column, double *out, double *error_inout);

#endif
