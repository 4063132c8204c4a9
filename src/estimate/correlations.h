/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is known of a family's correlations K_ij = <D_i/D_0, D_j/D_0>_{D_0} - 1 [theorems.md C0]: all
 * that lower-bound calculators ask of a family. In closed form by the family, exactly from the laws of a
 * small one, from a certified sample of a large one, or from a matrix in a file; every number is rounded
 * to the side that keeps a bound true. */
#ifndef SB_ESTIMATE_CORRELATIONS_H
#define SB_ESTIMATE_CORRELATIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Of all n^2 ordered pairs (i, j), i = j included: for every l at most pairs_0 + ... + pairs_l have |K_ij|
 * above the size of level l + 1, and none more than that of level 0: what is decreasing in the number of
 * large pairs may be computed as if each level's pairs had its size. Sizes are decreasing; the pairs sum
 * to n^2, but for rounding of 2^-40 relative. */
struct sb_correlation_level {
    double size;  /* at least |K_ij| */
    double pairs; /* how many */
};

struct sb_correlations {
    double n;            /* members, as a number: up to 2^63 */
    const char *unknown; /* one line that says why nothing below is known; NULL: it is */
    const char *how;     /* "closed form", "stated by the family", "exact" (from its laws),
                            "certified sample", "matrix" */
    double failure;      /* probability that anything below is wrong; 0 but for samples */
    uint64_t samples;    /* drawn; 0 but for samples */

    double lambda_ub, lambda_lb; /* around lambda_max(K); infinity, -infinity: not known */
    double diagonal_ub;          /* at least every K_ii: beta */
    double off_abs_ub;           /* at least every |K_ij|, i != j: gamma */
    double off_ub;               /* at least every K_ij, i != j, and 0 */
    bool orthogonal; /* K is diagonal_ub times the identity, but for its entries' rounding */

    struct sb_correlation_level *level; /* owned; NULL: not known */
    size_t n_levels;

    double *matrix;      /* owned, n x n, symmetric; NULL: too large, or never made */
    double matrix_error; /* of each entry, at most */

    /* Of real labels, what correlational queries see of the members (struct sb_family); owned. NULL:
     * nothing else is known. */
    struct sb_correlations *correlational;
};
void sb_correlations_fini(struct sb_correlations *k);
/* Those that hold for an oracle: is it correlational? */
const struct sb_correlations *sb_correlations_at(const struct sb_correlations *k,
                                                 bool correlational);

#endif
