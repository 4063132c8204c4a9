/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The canonical bytes of an expression: the number of its nodes, and then each node in the order of
 * a walk: operator (u8), numbers (f64 each, after a u32 count where an operator takes many),
 * arguments (u32 each: the argument's place in the list). Bytes that are read are canonical or
 * refused, so that equal bytes and equal expressions are the same thing. */
#include "base/memory.h"
#include "query/op.h"
#include "query/pool.h"

#include <math.h>
#include <string.h>

void sb_expr_encode(const struct sb_pool *pool, sb_expr e, struct sb_buf *out)
{
    uint32_t n;
    const struct sb_visit *visits = sb_pool_walk(pool, e, &n);

    if (!visits) {
        out->failed = true;
        return;
    }
    sb_buf_u32(out, n);
    for (uint32_t i = 0; i < n; i++) {
        const struct sb_node *node = visits[i].node;

        sb_buf_u8(out, (uint8_t)node->op);
        if (sb_op_row(node->op)->n_num == SB_MANY)
            sb_buf_u32(out, node->n_num);
        /* finite, and -0.0 is never stored: the bytes are those of sb_buf_f64 */
        sb_buf_bytes(out, node->num, node->n_num * sizeof *node->num);
        sb_buf_bytes(out, visits[i].arg, node->n_arg * sizeof *visits[i].arg);
    }
}

struct decoder {
    struct sb_pool *pool;
    struct sb_reader in;
    sb_expr *made; /* the nodes so far */
    double *num;
    size_t cap_num;
};

/* The numbers of one node, aligned; NULL: cut short, or out of memory. */
static const double *read_numbers(struct decoder *d, uint64_t n)
{
    const uint8_t *bytes =
        n <= d->in.n / sizeof(double) ? sb_read_bytes(&d->in, n * sizeof(double)) : NULL;
    double *num = bytes ? sb_grow(d->num, &d->cap_num, n, sizeof *d->num) : NULL;

    if (!num) {
        sb_pool_fail(d->pool, "an encoded expression ends in the middle of a node");
        return NULL;
    }
    d->num = num;
    memcpy(num, bytes, n * sizeof *num);
    for (uint64_t i = 0; i < n; i++) {
        if (num[i] == 0 && signbit(num[i])) {
            sb_pool_fail(d->pool, "an encoded expression holds a negative zero");
            return NULL;
        }
    }
    return num;
}

static bool read_arguments(struct decoder *d, uint32_t n, uint32_t before, sb_expr arg[2])
{
    for (uint32_t i = 0; i < n; i++) {
        const uint32_t place = sb_read_u32(&d->in);

        if (d->in.failed || place >= before) {
            sb_pool_fail(d->pool, "an encoded expression has an argument that is not before it");
            return false;
        }
        arg[i] = d->made[place];
    }
    return true;
}

static sb_expr read_node(struct decoder *d, uint32_t before)
{
    const uint32_t op = sb_read_u8(&d->in);
    const struct sb_op_row *row = sb_op_row(op);
    const double *num;
    sb_expr arg[2];
    uint64_t n_num;

    if (!row)
        return sb_pool_fail(d->pool, "an encoded expression has no operator number %u", op);
    n_num = row->n_num == SB_MANY ? sb_read_u32(&d->in) : row->n_num;
    num = read_numbers(d, n_num);
    if (!num || !read_arguments(d, row->n_arg, before, arg))
        return 0;
    return sb_pool_op(d->pool, op, num, n_num, arg, row->n_arg);
}

/* The nodes made are the walk of the last one, in its order: nothing twice, nothing spare. */
static bool is_canonical(const struct decoder *d, uint32_t n)
{
    uint32_t n_walk;
    const struct sb_visit *visits = sb_pool_walk(d->pool, d->made[n - 1], &n_walk);

    if (!visits || n_walk != n)
        return false;
    for (uint32_t i = 0; i < n; i++)
        if (visits[i].e != d->made[i])
            return false;
    return true;
}

static sb_expr read_all(struct decoder *d, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        d->made[i] = read_node(d, i);
        if (!d->made[i])
            return 0;
    }
    if (d->in.n)
        return sb_pool_fail(d->pool, "an encoded expression has %zu bytes too many", d->in.n);
    if (!is_canonical(d, n))
        return sb_pool_fail(d->pool, "an encoded expression is not in its canonical order");
    return d->made[n - 1];
}

sb_expr sb_expr_decode(struct sb_pool *pool, const void *bytes, size_t n)
{
    enum { USUAL = 64 };
    struct decoder d = { .pool = pool };
    sb_expr usual[USUAL], e = 0;
    sb_expr *many SB_FREE = NULL;
    uint32_t n_nodes;

    sb_reader_init(&d.in, bytes, n);
    n_nodes = sb_read_u32(&d.in);
    /* a node takes a byte at least: no allocation beyond the message's own size */
    if (d.in.failed || !n_nodes || n_nodes > d.in.n || n_nodes > SB_EXPR_TREE)
        return sb_pool_fail(pool, "an encoded expression has a wrong number of nodes");
    d.made = usual;
    if (n_nodes > USUAL)
        d.made = many = SB_NEW_ARRAY(sb_expr, n_nodes);
    if (d.made)
        e = read_all(&d, n_nodes);
    else
        sb_pool_fail(pool, "out of memory");
    free(d.num);
    return e;
}
