/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Expressions: the data structure, its builder and its wire form. A pool holds nodes in order of
 * creation; arguments come before their users; equal nodes are one node (hash-consing), so equality
 * of subexpressions is equality of numbers. Expressions are pure and total (statbed/query.h).
 *
 * Limits (public, checked when a node is made): SB_EXPR_TREE nodes when written out as a tree. */
#ifndef SB_QUERY_EXPR_H
#define SB_QUERY_EXPR_H

#include "base/buffer.h"
#include "base/diag.h"
#include "base/digest.h"
#include "query/space.h"

enum { SB_EXPR_TREE = 1 << 16 };

struct sb_node {
    uint32_t op; /* enum sb_op */
    uint32_t n_arg, n_num;
    uint32_t n_tree;    /* nodes of the tree below and with it */
    const sb_expr *arg; /* n_arg; all smaller than the node's own number */
    const double *num;  /* n_num */
};

struct sb_pool; /* opaque; owns its nodes */

/* `space` is copied; its labels and candidates stay borrowed. NULL: out of memory. */
struct sb_pool *sb_pool_new(const struct sb_space *space);
void sb_pool_free(struct sb_pool *pool);
const struct sb_space *sb_pool_space(const struct sb_pool *pool);

/* One node, checked in full (op known, counts, coordinate < dim, chi increasing and on the cube,
 * dot of dim finite numbers, candidate < n_candidates, ...). 0 on failure; then sb_pool_error says
 * why, and keeps the FIRST cause until sb_pool_clear_error. A 0 argument fails silently (passes
 * on). */
sb_expr sb_pool_op(struct sb_pool *pool, uint32_t op, const double *num, uint64_t n_num,
                   const sb_expr *arg, uint64_t n_arg);
const char *sb_pool_error(const struct sb_pool *pool); /* one line, "" if none */
void sb_pool_clear_error(struct sb_pool *pool);

uint32_t sb_pool_mark(const struct sb_pool *pool);
void sb_pool_forget(struct sb_pool *pool, uint32_t mark);

/* A node by number; pointers are valid until the next forget or op on the pool. NULL for 0 or a
 * number that is not a live node. */
const struct sb_node *sb_pool_node(const struct sb_pool *pool, sb_expr e);

/* One node of a walk; arg[k]: the place of argument k in the walk. */
struct sb_visit {
    sb_expr e;
    uint32_t arg[2];
    const struct sb_node *node;
};

/* The nodes below e, each once, in the order in which a depth-first walk leaves them: arguments
 * before their users, e last. Valid until the next walk, op or forget. NULL: out of memory, or e is
 * not a live node. */
const struct sb_visit *sb_pool_walk(const struct sb_pool *pool, sb_expr e, uint32_t *n_out);

/* The text form; parse and print are inverse: parse(print(e)) is e, and print(parse(s)) is
 * canonical. Infix + - * / (usual precedence, left to right), unary -, numbers, y, x0, x1, ..., and
 * calls dot(u0, u1, ...), chi(1, 4, 7), chi(), hermite(k, e), candidate(i), candidate_bit(b), abs,
 * min, max, mod, relu, step, lt, le, eq, near(a, b, eps), clip(e, lo, hi), sin, cos, exp. Errors:
 * -EINVAL with the column, a caret line under the text and the nearest known name. */
sb_expr sb_expr_parse(struct sb_pool *pool, const char *text, struct sb_diag *diag);
/* A dot of more than SB_PRINT_VECTOR numbers is printed as dot(@<16 hex digits of its digest>)
 * where `vectors` is not NULL; each such vector is handed to it once per occurrence. */
enum { SB_PRINT_VECTOR = 8 };
struct sb_vector_sink {
    void *self;
    void (*put)(void *self, const struct sb_digest *digest, const double *u, size_t n);
};
void sb_expr_print(const struct sb_pool *pool, sb_expr e, const struct sb_vector_sink *vectors,
                   struct sb_buf *out);

/* The canonical bytes: the nodes below e, each once, in the order of a depth-first walk; equal
 * expressions have equal bytes, whatever pool they were made in. */
void sb_expr_encode(const struct sb_pool *pool, sb_expr e, struct sb_buf *out);
/* Reads bytes from an untrusted learner: every node is checked as by sb_pool_op. 0 on failure. */
sb_expr sb_expr_decode(struct sb_pool *pool, const void *bytes, size_t n);

/* The expression in the pool `into`, of d coordinates, that is at x what e of the pool `from` is at the copies x'_j =
 * x_(j mod d): x'_j becomes x_(j mod d), and numbers of a dot that meet the same x_j are added up, which is the one place
 * where anything is rounded. Of a space of real numbers; all but its dimension is the same. 0 as of sb_pool_op on
 * `into`, and where memory ends. */
sb_expr sb_expr_fold(const struct sb_pool *from, sb_expr e, struct sb_pool *into);

#endif
