/* SPDX-License-Identifier: GPL-3.0-or-later */
/* By how much a product p of orthonormal Hermite polynomials of independent standard Gaussians is on average beyond
 * two thresholds: what clipping it takes away. */
#ifndef SB_ESTIMATE_HERMITE_EXCESS_H
#define SB_ESTIMATE_HERMITE_EXCESS_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

enum {
    SB_EXCESS_DEGREE = 24, /* of the product, at most */
    SB_EXCESSES = 64,      /* that are remembered */
};

/* Bounds of the means of (p - above)^+, (below - p)^+ and of the sum of their squares. */
struct sb_excess {
    double above_lb, above_ub;
    double below_lb, below_ub;
    double square_ub;
};

/* What was asked before. Zeroed, with the lock initialised; several threads may ask at once. */
struct sb_excesses {
    pthread_mutex_t lock;
    uint32_t n_asked;
    struct sb_excess_entry {
        uint8_t n, degree[SB_EXCESS_DEGREE];
        double below, above;
        struct sb_excess excess;
    } entry[SB_EXCESSES];
};

/* Of n polynomials of these degrees >= 1, in any order, of SB_EXCESS_DEGREE in all at most; below < 0 < above.
 * 0 or -ENOMEM. */
int sb_hermite_excess(struct sb_excesses *memory, uint32_t n, const uint32_t *degree, double below,
                      double above, struct sb_excess *out);

#endif
