/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ReLU networks as objects: layers of units, R(W v + b) from one to the next, and an affine last one, with a
 * single output but where something else is said. Their size and weights are what theorems speak of; labels are drawn by faster means. */
#ifndef SB_NUMERIC_NETWORK_H
#define SB_NUMERIC_NETWORK_H

#include "base/diag.h"
#include "statbed/query.h"

#include <stdint.h>

enum {
    SB_NETWORK_MOST_UNITS = 1 << 16,   /* of all hidden layers together */
    SB_NETWORK_MOST_WEIGHTS = 1 << 26, /* of all layers together, zeros included */
};

struct sb_layer {
    uint32_t n_in, n_out;
    double *weight; /* n_out x n_in, row-major */
    double *bias;   /* n_out */
};

struct sb_network {
    uint32_t dim;           /* of the input */
    uint32_t n_layers;      /* hidden layers, and the last, which has no R */
    struct sb_layer *layer; /* owned */
};

/* n_layers layers with `sizes` outputs each, all zero. 0, -ENOMEM, or -EINVAL with a line where it
 * would be too large: how many units or weights, and how many there may be. */
int sb_network_new(uint32_t dim, uint32_t n_layers, const uint32_t *sizes, struct sb_network **out,
                   struct sb_diag *diag);
void sb_network_free(struct sb_network *network);

/* Further inputs behind the present ones, `dim` in all, that nothing depends on. 0, -ENOMEM, or -EINVAL with a
 * line where that would be too large; then nothing has changed. */
int sb_network_widen(struct sb_network *network, uint32_t dim, struct sb_diag *diag);

/* out[k n + i] = output k at x_i, i < n <= 1024; x as columns, bits where x is NULL. 0 or -ENOMEM. */
int sb_network_run(const struct sb_network *network, const struct sb_block *block, double *out);

uint64_t sb_network_units(const struct sb_network *network); /* hidden ones */
double sb_network_weight_bound(
    const struct sb_network *network); /* the largest |weight| or |bias| */

#endif
