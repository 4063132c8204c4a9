/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Evaluation of expressions on blocks of examples, each shared node once. A program's registers are
 * its own: it is run by one thread at a time, and several threads each run a clone. */
#ifndef SB_QUERY_EVAL_H
#define SB_QUERY_EVAL_H

#include "query/expr.h"

struct sb_program;

/* Prepare e for many blocks; stays valid when the pool changes. NULL: out of memory, e is not a
 * node, or a candidate in an expression over a space without candidates. */
struct sb_program *sb_program_new(const struct sb_pool *pool, sb_expr e);
/* The same of n_e >= 1 expressions at once; nodes that they share are evaluated once. */
struct sb_program *sb_program_new_batch(const struct sb_pool *pool, const sb_expr *e, size_t n_e);
/* Another instance, for another thread. NULL: out of memory. */
struct sb_program *sb_program_clone(const struct sb_program *program);
void sb_program_free(struct sb_program *program);

/* out[i] = e(x_i, y_i), finite, i < block->n <= SB_BLOCK, of a program of one expression. block->y
 * may be NULL where e does not look at the label. */
void sb_program_run(struct sb_program *program, const struct sb_block *block, double *out);
/* Every expression at every label in turn: out[r * n_labels + l][i] = expression r at x_i with
 * label labels[l] (of the space's, where it has a set of them), i < block->n; block->y is not
 * looked at. What does not depend on the label is evaluated once. labels NULL, n_labels 1: each
 * example's own label, from block->y. The arrays of out do not overlap. */
void sb_program_run_labels(struct sb_program *program, const struct sb_block *block,
                           const double *labels, uint32_t n_labels, double *const *out);

#endif
