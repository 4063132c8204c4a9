/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A lifted query along a line: what is left of it as a function of one number t. */
#ifndef SB_ESTIMATE_LIFT_SLICE_H
#define SB_ESTIMATE_LIFT_SLICE_H

#include "estimate/lift_table.h"

struct sb_discs;
struct sb_program;

#define SB_LIFT_NO_COLUMN UINT32_MAX

/* The columns of signs->rest are numbers, but for t where free_column says so, and the label is y[0] + y[1] t, which
 * is in [0,1] wherever it is looked at. */
struct sb_lift_slice {
    const double *column; /* looked at by sb_lift_slice_open alone */
    uint32_t free_column;
    double y[2];
    struct sb_pool *pool; /* over one coordinate, t; this and the rest are owned */
    sb_expr e;
    struct sb_program *program;
    struct sb_discs *discs;
};
/* 0; 1 where it cannot be written; -ENOMEM. sb_lift_slice_fini in any case. */
int sb_lift_slice_open(struct sb_lift_slice *slice, const struct sb_signs *signs);
void sb_lift_slice_fini(struct sb_lift_slice *slice);

/* As sb_expr_kinks, in t. */
int sb_lift_slice_kinks(const struct sb_lift_slice *slice, double **out, size_t *n_out);
/* out[i] at t[i], i < n <= SB_BLOCK. */
void sb_lift_slice_values(const struct sb_lift_slice *slice, size_t n, const double *t,
                          double *out);
/* As sb_discs_run, but larger entries of out stay. */
void sb_lift_slice_discs(const struct sb_lift_slice *slice, size_t n, const double *t,
                         const double *radius, double *out);

#endif
