/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Passes over tables of a query's values: what every profile on the cube begins with. */
#ifndef SB_ESTIMATE_TABLE_PAIR_H
#define SB_ESTIMATE_TABLE_PAIR_H

#include "numeric/ball.h"
#include "numeric/sum.h"

#include <stdbool.h>
#include <stdint.h>

/* Of two tables, one a label. */
struct sb_table_pair {
    double sum;     /* of b, or of a + b */
    double error;   /* |sum - true sum| at most; 0 where exact */
    double largest; /* |a|, |b| at most */
    bool
        exact; /* all are multiples of 2^(n - 52) of size at most 1: sums of 2^(n+1) of them, with any
                       signs, are exact in any order */
};

/* a, b: 2^n numbers, n <= 26; difference[i] = a[i] - b[i], which may be a or b itself. both: sum a + b,
 * else b. */
struct sb_table_pair sb_table_pair(const double *a, const double *b, uint32_t n, bool both,
                                   double *difference);
/* The sum of a table of 2^bits numbers at most, added up piece by piece. */
struct sb_table_sum {
    struct sb_sum sum;
    double largest, grid;
    uint64_t n, n_off_grid; /* numbers; calls with some that are not on the grid */
};
void sb_table_sum_init(struct sb_table_sum *sum, uint32_t bits);
void sb_table_sum_add(struct sb_table_sum *sum, const double *f, uint64_t n);
/* With its radius: 0 where all are multiples of 2^(bits - 52) of size at most 1. */
struct sb_ball sb_table_sum_value(const struct sb_table_sum *sum);

/* Are all of n numbers multiples of 2^-bits, and at most 1 in size? bits <= 51 */
bool sb_table_on_grid(const double *f, uint64_t n, int bits);
/* f[i] = f[i]^2. True where no square rounded. */
bool sb_table_square(double *f, uint64_t n);
/* Are all of n numbers within [lo, hi]? NaN is not. *hash_out: of every bit and its place, the sum of
 * (low half + key) (high half + another), which needs no number to wait for the one before. */
bool sb_values_look(const double *f, const uint64_t *key, uint64_t n, double lo, double hi,
                    uint64_t *hash_out);

#endif
