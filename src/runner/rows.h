/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Labels and examples in rows, as the wire brings them, from an oracle that takes points in columns.
 * On the cube points are bits, and x is NULL; elsewhere rows of dim numbers, and bits is NULL. */
#ifndef SB_RUNNER_ROWS_H
#define SB_RUNNER_ROWS_H

#include "oracles/reductions/reduction.h"

/* As sb_reduction_labels and sb_reduction_samples. */
int sb_rows_labels(struct sb_reduction *through, uint32_t dim, uint64_t n, const uint64_t *bits,
                   const double *x, double *y_out, struct sb_asked *out);
int sb_rows_samples(struct sb_reduction *through, uint32_t dim, uint64_t n, uint64_t *bits_out,
                    double *x_out, double *y_out, struct sb_asked *out);

#endif
