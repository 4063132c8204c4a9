/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A term that looks at one projection <v,x> of a Gaussian space, and perhaps at the label, as functions of
 * t = <v,x>/|v|, one for each label, that panels integrate (numeric/panels.h). All of it is decided by the query
 * alone. */
#ifndef SB_ESTIMATE_RIDGE_H
#define SB_ESTIMATE_RIDGE_H

#include "base/fuse.h"
#include "estimate/projection.h"
#include "numeric/panels.h"
#include "query/eval.h"
#include "query/reason.h"

struct sb_ridge {
    const struct sb_fuse *fuse; /* borrowed, may be NULL */
    struct sb_projection projection;
    struct sb_pool *line; /* the pool over one coordinate, <v,x> */
    sb_expr e;            /* there */
    struct sb_program *program;
    struct sb_discs *discs;
    const double *labels; /* that e is looked at with; one that does not matter, where e has none */
    uint32_t n_labels;
    double *kinks; /* of all labels, increasing, in t */
    size_t n_kinks;
    double *unit; /* v/|v| */
};

/* 0; 1: e looks at more than one projection, at labels of which there are no more than SB_PANEL_VALUES, or its kinks are
 * not known; -ENOMEM. sb_ridge_fini in any case. */
int sb_ridge_open(const struct sb_pool *pool, sb_expr e, const struct sb_fuse *fuse,
                  struct sb_ridge *out);
void sb_ridge_fini(struct sb_ridge *ridge);

/* `values` and `discs` of an integrand whose self is the ridge: e, label by label. */
int sb_ridge_values(void *ridge, size_t n, const double *t, double *out);
int sb_ridge_discs(void *ridge, size_t n, const double *t, const double *radius, double *out);

#endif
