/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Evaluation of an expression on blocks of examples, each shared node once. */
#ifndef SB_QUERY_EVAL_H
#define SB_QUERY_EVAL_H

#include "query/expr.h"

struct sb_program;

/* Prepare e for many blocks; stays valid when the pool changes. NULL: out of memory, or a candidate
 * in an expression over a space without candidates. */
struct sb_program *sb_program_new(const struct sb_pool *pool, sb_expr e);
void sb_program_free(struct sb_program *program);
/* out[i] = e(x_i, y_i), finite, i < block->n <= SB_BLOCK. */
void sb_program_run(struct sb_program *program, const struct sb_block *block, double *out);

#endif
