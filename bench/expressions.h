/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Ten queries that the shipped learners ask, d = 32, as expressions and as C loops written by hand;
 * the loops are compiled once for each instruction set, with the flags of the library's own. */
#ifndef SB_BENCH_EXPRESSIONS_H
#define SB_BENCH_EXPRESSIONS_H

#include "base/isa.h"
#include "query/space.h"

enum { BENCH_DIM = 32, BENCH_QUERIES = 10 };

/* What the queries are made of: a set of coordinates, eight more with a weight each, a
 * direction. */
#define BENCH_SET UINT64_C(0x9c61a2c5)
extern const uint64_t bench_sets[8];
extern const double bench_weights[8];
extern const double bench_u[BENCH_DIM];
/* The family's own: labels of candidate `index`, -1 and 1. */
void bench_candidate(void *self, uint64_t index, const struct sb_block *block, double *out);

/* out[l][i]: the query at example i with label l of two; what does not look at the label:
 * out[0]. */
typedef void bench_loop(const struct sb_block *block, const double *labels, double *const *out);
extern bench_loop *const bench_loops_baseline[BENCH_QUERIES];
extern bench_loop *const bench_loops_avx2[BENCH_QUERIES];
extern bench_loop *const bench_loops_avx512[BENCH_QUERIES];

#endif
