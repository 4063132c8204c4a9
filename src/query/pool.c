/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The pool: an arena of expression nodes in which equal nodes are one node. Nodes are only ever
 * dropped from the end, so the numbers and argument lists lie in blocks that are used like a stack
 * and kept for the next nodes; a hash table of chains finds the equal node. */
#include "query/pool.h"

#include "base/memory.h"
#include "query/op.h"

#include <float.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum {
    MAX_NODES = 1 << 24, /* live nodes of a pool; a learner that needs more must forget */
    MAX_BLOCKS =
        1 << 12,     /* x BLOCK doubles: 1 GiB of numbers or little less, unless dim is larger */
    BLOCK = 1 << 15, /* doubles */
    FIRST_BUCKETS = 1 << 6, /* a power of two */
    CAUSE = 256,
};

struct place {
    uint32_t block, used;
};

struct record {
    struct sb_node node;
    sb_expr arg[2];
    struct place before; /* of the numbers, when the node was made */
    uint32_t hash, next; /* the next record of the chain; 0 ends it */
};

struct block {
    double *data;
    size_t n;
};

/* What a walk needs; shared by walks of a const pool. */
struct scratch {
    uint32_t *stamp; /* n_stamps: the last walk that met the node */
    uint32_t *place; /* ... and where the node stands in it */
    size_t n_stamps;
    uint32_t walk;
    struct sb_visit *visits;
    size_t cap_visits;
    struct frame {
        sb_expr e;
        uint32_t next_arg;
    } * stack;
    size_t cap_stack;
};

struct sb_pool {
    struct sb_space space;
    struct record *records; /* n + 1; records[0] is not used */
    size_t cap;
    uint32_t n;
    uint32_t *buckets;
    uint32_t n_buckets;
    struct block *blocks;
    size_t n_blocks, cap_blocks;
    struct place end;
    struct scratch *scratch;
    char first[CAUSE], latest[CAUSE];
};

struct sb_pool *sb_pool_new(const struct sb_space *space)
{
    struct sb_pool *pool = SB_NEW(struct sb_pool);

    if (!pool)
        return NULL;
    pool->space = *space;
    pool->n_buckets = FIRST_BUCKETS;
    pool->buckets = SB_NEW_ARRAY(uint32_t, pool->n_buckets);
    pool->records = sb_grow(NULL, &pool->cap, 1, sizeof *pool->records);
    pool->scratch = SB_NEW(struct scratch);
    if (!pool->buckets || !pool->records || !pool->scratch) {
        sb_pool_free(pool);
        return NULL;
    }
    return pool;
}

void sb_pool_free(struct sb_pool *pool)
{
    if (!pool)
        return;
    for (size_t i = 0; i < pool->n_blocks; i++)
        free(pool->blocks[i].data);
    if (pool->scratch) {
        free(pool->scratch->stamp);
        free(pool->scratch->place);
        free(pool->scratch->visits);
        free(pool->scratch->stack);
    }
    free(pool->scratch);
    free(pool->blocks);
    free(pool->buckets);
    free(pool->records);
    free(pool);
}

const struct sb_space *sb_pool_space(const struct sb_pool *pool)
{
    return &pool->space;
}

const char *sb_pool_error(const struct sb_pool *pool)
{
    return pool->first;
}

const char *sb_pool_latest(const struct sb_pool *pool)
{
    return pool->latest;
}

void sb_pool_clear_error(struct sb_pool *pool)
{
    pool->first[0] = '\0';
    pool->latest[0] = '\0';
}

sb_expr sb_pool_fail(struct sb_pool *pool, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(pool->latest, sizeof pool->latest, fmt, ap);
    va_end(ap);
    if (!pool->first[0])
        memcpy(pool->first, pool->latest, sizeof pool->first);
    return 0;
}

const struct sb_node *sb_pool_node(const struct sb_pool *pool, sb_expr e)
{
    return e && e <= pool->n ? &pool->records[e].node : NULL;
}

/* The numbers' memory */

/* Makes blocks[i] hold at least n doubles; what it held is not needed any more. */
static bool fit_block(struct sb_pool *pool, size_t i, size_t n)
{
    /* the first ones are small: many a pool holds a handful of nodes */
    const size_t least = (size_t)BLOCK >> (i < 4 ? 8 - 2 * i : 0);
    struct block *block;
    double *data;

    if (i == pool->n_blocks) {
        struct block *blocks =
            i < MAX_BLOCKS ? sb_grow(pool->blocks, &pool->cap_blocks, i + 1, sizeof *pool->blocks)
                           : NULL;

        if (!blocks)
            return false;
        pool->blocks = blocks;
        pool->blocks[pool->n_blocks++] = (struct block){ NULL, 0 };
    }
    block = &pool->blocks[i];
    if (block->data && block->n >= n)
        return true;
    n = n < least ? least : n;
    data = SB_NEW_ARRAY(double, n);
    if (!data)
        return false;
    free(block->data);
    block->data = data;
    block->n = n;
    return true;
}

/* Room for n doubles at the end of the stack of blocks. */
static double *take(struct sb_pool *pool, size_t n)
{
    struct place at = pool->end;

    if (!pool->n_blocks || pool->blocks[at.block].n - at.used < n) {
        /* a used block stays as it is; the node goes to the one behind it */
        at.block += pool->n_blocks && at.used ? 1 : 0;
        at.used = 0;
        if (!fit_block(pool, at.block, n))
            return NULL;
    }
    pool->end.block = at.block;
    pool->end.used = at.used + (uint32_t)n;
    return pool->blocks[at.block].data + at.used;
}

/* Finding equal nodes */

static uint32_t mix(uint32_t hash, uint64_t v)
{
    const uint64_t t = (hash ^ v) * 0x9e3779b97f4a7c15u;

    return (uint32_t)(t >> 32) ^ (uint32_t)t;
}

static uint32_t hash_node(uint32_t op, const double *num, uint32_t n_num, const sb_expr *arg,
                          uint32_t n_arg)
{
    uint32_t hash = mix(op, n_num);

    for (uint32_t i = 0; i < n_num; i++) {
        const double v = num[i] + 0.0;
        uint64_t bits;

        memcpy(&bits, &v, sizeof bits);
        hash = mix(hash, bits);
    }
    for (uint32_t i = 0; i < n_arg; i++)
        hash = mix(hash, arg[i]);
    return hash;
}

static bool equal_node(const struct record *r, uint32_t op, const double *num, uint32_t n_num,
                       const sb_expr *arg, uint32_t n_arg)
{
    if (r->node.op != op || r->node.n_num != n_num)
        return false;
    for (uint32_t i = 0; i < n_arg; i++)
        if (r->arg[i] != arg[i])
            return false;
    for (uint32_t i = 0; i < n_num; i++)
        if (r->node.num[i] != num[i])
            return false;
    return true;
}

static void link_record(struct sb_pool *pool, uint32_t e)
{
    uint32_t *head = &pool->buckets[pool->records[e].hash & (pool->n_buckets - 1)];

    pool->records[e].next = *head;
    *head = e;
}

static bool grow_buckets(struct sb_pool *pool)
{
    uint32_t *buckets;

    if (pool->n < pool->n_buckets)
        return true;
    buckets = SB_NEW_ARRAY(uint32_t, (size_t)pool->n_buckets * 2);
    if (!buckets)
        return false;
    free(pool->buckets);
    pool->buckets = buckets;
    pool->n_buckets *= 2;
    for (uint32_t e = 1; e <= pool->n; e++)
        link_record(pool, e);
    return true;
}

uint32_t sb_pool_mark(const struct sb_pool *pool)
{
    return pool->n;
}

void sb_pool_forget(struct sb_pool *pool, uint32_t mark)
{
    while (pool->n > mark) {
        const struct record *r = &pool->records[pool->n];

        /* chains are linked at the head, so the last node made is the head of its chain */
        pool->buckets[r->hash & (pool->n_buckets - 1)] = r->next;
        pool->end = r->before;
        pool->n--;
    }
}

/* Making a node */

static bool check_counts(struct sb_pool *pool, const struct sb_op_row *row, uint64_t n_num,
                         uint64_t n_arg)
{
    if (n_arg != row->n_arg) {
        sb_pool_fail(pool, "%s needs %d argument%s, and has %llu: %s", row->name, row->n_arg,
                     row->n_arg == 1 ? "" : "s", (unsigned long long)n_arg, row->usage);
        return false;
    }
    if (row->n_num != SB_MANY && n_num != row->n_num) {
        sb_pool_fail(pool, "%s needs %d number%s, and has %llu: %s", row->name, row->n_num,
                     row->n_num == 1 ? "" : "s", (unsigned long long)n_num, row->usage);
        return false;
    }
    return true;
}

static bool check_numbers(struct sb_pool *pool, const struct sb_op_row *row, const double *num,
                          uint64_t n_num)
{
    char why[SB_WHY] = "";

    if (n_num && !num) {
        sb_pool_fail(pool, "%s: the numbers are missing", row->name);
        return false;
    }
    /* the check bounds how many there are, where an operator takes many */
    if (row->check && !row->check(&pool->space, num, n_num, why)) {
        sb_pool_fail(pool, "%s", why);
        return false;
    }
    for (uint64_t i = 0; i < n_num; i++) {
        if (!(fabs(num[i]) <= DBL_MAX)) {
            sb_pool_fail(pool, "%s: number %llu is not finite", row->name,
                         (unsigned long long)i + 1);
            return false;
        }
    }
    return true;
}

/* Sets *n_tree_out. A failed argument passes on without a word. */
static bool check_arguments(struct sb_pool *pool, const struct sb_op_row *row, const sb_expr *arg,
                            uint32_t *n_tree_out)
{
    uint32_t n_tree = 1; /* each argument adds at most SB_EXPR_TREE: no overflow */

    for (uint32_t i = 0; i < row->n_arg; i++) {
        if (!arg || !arg[i])
            return false;
        if (arg[i] > pool->n) {
            sb_pool_fail(pool, "%s: argument %u is not a node, or was forgotten", row->name, i + 1);
            return false;
        }
        n_tree += pool->records[arg[i]].node.n_tree;
    }
    if (n_tree > SB_EXPR_TREE) {
        sb_pool_fail(pool, "%s: the expression has more than %d nodes when written out", row->name,
                     SB_EXPR_TREE);
        return false;
    }
    *n_tree_out = n_tree;
    return true;
}

static sb_expr add_record(struct sb_pool *pool, uint32_t hash, const struct sb_node *node)
{
    const struct place before = pool->end;
    struct record *r;
    double *num;

    r = pool->n < MAX_NODES ? sb_grow(pool->records, &pool->cap, (size_t)pool->n + 2, sizeof *r)
                            : NULL;
    if (!r)
        return sb_pool_fail(pool,
                            "more than %d expression nodes are alive, or memory is short: "
                            "forget() what is not needed",
                            MAX_NODES);
    if (r != pool->records) {
        pool->records = r;
        for (uint32_t e = 1; e <= pool->n; e++)
            r[e].node.arg = r[e].arg;
    }
    num = grow_buckets(pool) ? take(pool, node->n_num) : NULL;
    if (!num)
        return sb_pool_fail(pool, "the expressions' numbers take too much memory: forget() what is "
                                  "not needed");
    r = &pool->records[++pool->n];
    *r = (struct record){ .node = *node, .before = before, .hash = hash };
    for (uint32_t i = 0; i < node->n_num; i++)
        num[i] = node->num[i] + 0.0; /* one zero */
    for (uint32_t i = 0; i < node->n_arg; i++)
        r->arg[i] = node->arg[i];
    r->node.num = num;
    r->node.arg = r->arg;
    link_record(pool, pool->n);
    return pool->n;
}

sb_expr sb_pool_op(struct sb_pool *pool, uint32_t op, const double *num, uint64_t n_num,
                   const sb_expr *arg, uint64_t n_arg)
{
    const struct sb_op_row *row = sb_op_row(op);
    struct sb_node node = { .op = op, .arg = arg, .num = num };
    uint32_t hash;

    if (!row)
        return sb_pool_fail(pool, "there is no operator number %u", op);
    if (!check_counts(pool, row, n_num, n_arg) || !check_arguments(pool, row, arg, &node.n_tree) ||
        !check_numbers(pool, row, num, n_num))
        return 0;
    node.n_num = (uint32_t)n_num;
    node.n_arg = (uint32_t)n_arg;
    hash = hash_node(op, num, node.n_num, arg, node.n_arg);
    for (uint32_t e = pool->buckets[hash & (pool->n_buckets - 1)]; e; e = pool->records[e].next)
        if (pool->records[e].hash == hash &&
            equal_node(&pool->records[e], op, num, node.n_num, arg, node.n_arg))
            return e;
    return add_record(pool, hash, &node);
}

/* Walks */

static bool fit_scratch(struct scratch *s, size_t n_records, size_t n_tree)
{
    void *moved;

    if (s->n_stamps < n_records) {
        const size_t n = n_records + n_records / 2 + 64;

        free(s->stamp);
        free(s->place);
        s->stamp = SB_NEW_ARRAY(uint32_t, n);
        s->place = SB_NEW_ARRAY(uint32_t, n);
        s->n_stamps = s->stamp && s->place ? n : 0;
        s->walk = 0;
        if (!s->n_stamps)
            return false;
    }
    moved = sb_grow(s->visits, &s->cap_visits, n_tree, sizeof *s->visits);
    if (!moved)
        return false;
    s->visits = moved;
    moved = sb_grow(s->stack, &s->cap_stack, n_tree, sizeof *s->stack);
    if (!moved)
        return false;
    s->stack = moved;
    return true;
}

/* A fresh stamp for the walk; after 2^32 walks the old ones are wiped. */
static void renew_stamp(struct scratch *s)
{
    if (++s->walk == 0) {
        memset(s->stamp, 0, s->n_stamps * sizeof *s->stamp);
        s->walk = 1;
    }
}

static void leave(struct scratch *s, const struct record *r, sb_expr e, uint32_t at)
{
    struct sb_visit *v = &s->visits[at];

    v->e = e;
    v->node = &r->node;
    v->arg[0] = v->arg[1] = 0;
    for (uint32_t i = 0; i < r->node.n_arg; i++)
        v->arg[i] = s->place[r->arg[i]];
    s->stamp[e] = s->walk;
    s->place[e] = at;
}

/* Appends to the n visits those below e that this walk has not met; returns how many there are. */
static uint32_t walk_below(const struct sb_pool *pool, sb_expr e, uint32_t n)
{
    struct scratch *s = pool->scratch;
    uint32_t depth = 0;

    if (s->stamp[e] != s->walk)
        s->stack[depth++] = (struct frame){ e, 0 };
    while (depth) {
        struct frame *top = &s->stack[depth - 1];
        const struct record *r = &pool->records[top->e];

        if (top->next_arg == r->node.n_arg) {
            leave(s, r, top->e, n++);
            depth--;
        } else {
            const sb_expr arg = r->arg[top->next_arg++];

            if (s->stamp[arg] != s->walk)
                s->stack[depth++] = (struct frame){ arg, 0 };
        }
    }
    return n;
}

const struct sb_visit *sb_pool_walk_all(const struct sb_pool *pool, const sb_expr *e, size_t n_e,
                                        uint32_t *roots, uint32_t *n_out)
{
    struct scratch *s = pool->scratch;
    size_t n_tree = 0;
    uint32_t n = 0;

    for (size_t i = 0; i < n_e; i++) {
        if (!sb_pool_node(pool, e[i]))
            return NULL;
        n_tree += pool->records[e[i]].node.n_tree;
    }
    /* a path is no longer than the trees are large or nodes live, and neither are the distinct
     * nodes many more */
    if (!fit_scratch(s, pool->cap, n_tree < pool->n ? n_tree : pool->n))
        return NULL;
    renew_stamp(s);
    for (size_t i = 0; i < n_e; i++) {
        n = walk_below(pool, e[i], n);
        roots[i] = s->place[e[i]];
    }
    *n_out = n;
    return s->visits;
}

const struct sb_visit *sb_pool_walk(const struct sb_pool *pool, sb_expr e, uint32_t *n_out)
{
    uint32_t root;

    return sb_pool_walk_all(pool, &e, 1, &root, n_out);
}
