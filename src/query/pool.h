/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What this layer's own files may ask of a pool. A pool is used by one thread at a time, also where
 * it is const: walks share its scratch memory. */
#ifndef SB_QUERY_POOL_H
#define SB_QUERY_POOL_H

#include "query/expr.h"

/* sb_pool_walk of n_e expressions at once, nodes that they share once; roots[i]: the place of e[i]. */
const struct sb_visit *sb_pool_walk_all(const struct sb_pool *pool, const sb_expr *e, size_t n_e,
                                        uint32_t *roots, uint32_t *n_out);

/* Note an error as sb_pool_op does. Returns 0. */
sb_expr sb_pool_fail(struct sb_pool *pool, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* The latest error, where sb_pool_error keeps the first. */
const char *sb_pool_latest(const struct sb_pool *pool);

#endif
