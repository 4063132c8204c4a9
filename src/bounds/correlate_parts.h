/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How the files that find out a family's correlations share the work; for them alone. */
#ifndef SB_BOUNDS_CORRELATE_PARTS_H
#define SB_BOUNDS_CORRELATE_PARTS_H

#include "bounds/correlate.h"
#include "estimate/points.h"

#define SB_CORRELATION_INFINITE                                                                    \
    "a correlation is not finite: the null gives weight 0 to a label that a member gives more"

/* Nothing known, but n. */
void sb_correlations_init(struct sb_correlations *k, double n);
/* Of a family with `lifting`: from its base's. As sb_correlations_of. */
int sb_correlations_of_lift(const struct sb_family *family, enum sb_effort effort,
                            struct sb_correlations *out, struct sb_diag *diag);
/* What follows from out->matrix: largest entries, levels, eigenvalues. 0 or -ENOMEM. */
int sb_correlations_from_matrix(struct sb_correlations *k);
/* Bounds on lambda_max that follow from the levels: |K|_F, n times the largest. */
void sb_correlations_close(struct sb_correlations *k);

/* Single correlations: by the family, or from its laws' product forms. */
struct sb_pairs {
    const struct sb_family *family;
    double (*at)(struct sb_pairs *pairs, uint64_t i, uint64_t j);
    double error;             /* of each that was asked for, at most */
    struct sb_law null, *law; /* law: of all members, where they are few; owned */
};
/* 1; 0: there is no such way; -ENOMEM. */
int sb_pairs_init(struct sb_pairs *pairs, const struct sb_family *family);
void sb_pairs_fini(struct sb_pairs *pairs);
/* K_ij from the product forms of two members and the null. Infinity where the null gives weight 0 to what
 * a member does not. *error_out: of the result, at most. */
double sb_product_correlation(const struct sb_law *a, const struct sb_law *b,
                              const struct sb_law *null, double *error_out);

/* out->matrix of all pairs, for small n; or, without storing them, row sums and levels. */
int sb_correlations_of_pairs(struct sb_pairs *pairs, struct sb_correlations *out);
int sb_correlations_of_many_pairs(struct sb_pairs *pairs, struct sb_correlations *out);

/* From samples; correlate_sample.c says what they state. */
#define SB_CORRELATIONS_FAILURE 1e-6
int sb_correlations_of_drawn_pairs(struct sb_pairs *pairs, struct sb_correlations *out);
int sb_correlations_of_drawn_points(const struct sb_family *family, struct sb_correlations *out);
int sb_correlations_of_drawn_pairs_and_points(const struct sb_family *family,
                                              struct sb_correlations *out);

/* Levels on a fixed grid: level k holds what is at most top 2^(-k/16), the last all that is less. */
enum { SB_LEVELS_GRID = 16 * 48 };
struct sb_level_grid {
    double top;
    double count[SB_LEVELS_GRID + 1];
};
void sb_level_grid_add(struct sb_level_grid *grid, double size, double count);
double sb_level_grid_size(const struct sb_level_grid *grid, size_t k);
/* Replaces k's levels by the grid's. -ENOMEM. */
int sb_level_grid_give(const struct sb_level_grid *grid, struct sb_correlations *k);

/* Some members' correlations from their weights at points: all of a finite domain, or drawn. */
struct sb_gram {
    const struct sb_family *family;
    const uint64_t *member; /* m; NULL: 0 .. m-1 */
    size_t m;
    uint64_t n_points;     /* drawn; 0: the whole domain */
    double *K;             /* m x m */
    double error;          /* rounding of each */
    double least_null;     /* the null's least weight seen */
    bool null_is_constant; /* the null's weights were the same at all points */
    bool infinite;         /* the null gives weight 0 to what a member does not */
};
int sb_gram_compute(struct sb_gram *gram);

#endif
