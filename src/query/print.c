/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The text of an expression, written left to right from a stack of what is still to come. Signs get
 * parentheses only where reading back would otherwise make another tree; the minus of a number
 * belongs to the number, so the negation of a number is written neg(2). */
#include "base/memory.h"
#include "base/text.h"
#include "query/op.h"
#include "query/pool.h"

#include <stdio.h>
#include <string.h>

/* One thing to write: a text, or a node in a place that asks for signs of at least `level`. */
struct task {
    const char *text;
    sb_expr e;
    uint32_t level;
};

struct printer {
    const struct sb_pool *pool;
    const struct sb_vector_sink *vectors;
    struct sb_buf *out;
    struct task *tasks;
    size_t n, cap;
};

static void push(struct printer *p, struct task task)
{
    struct task *tasks = sb_grow(p->tasks, &p->cap, p->n + 1, sizeof *tasks);

    if (!tasks) {
        p->out->failed = true;
        return;
    }
    p->tasks = tasks;
    tasks[p->n++] = task;
}

static void push_text(struct printer *p, const char *text)
{
    push(p, (struct task){ .text = text });
}

static void push_node(struct printer *p, sb_expr e, uint32_t level)
{
    push(p, (struct task){ .e = e, .level = level });
}

static void put_number(struct printer *p, double v)
{
    char text[32];

    sb_format_real(v, text);
    sb_buf_puts(p->out, text);
}

static void put_numbers(struct printer *p, const double *num, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        if (i)
            sb_buf_puts(p->out, ", ");
        put_number(p, num[i]);
    }
}

static void put_stored(struct printer *p, const double *num, uint32_t n)
{
    const struct sb_digest digest = sb_digest_of(num, n * sizeof *num);
    char hex[65];

    sb_digest_hex(&digest, hex);
    hex[16] = '\0';
    sb_buf_puts(p->out, "@");
    sb_buf_puts(p->out, hex);
    p->vectors->put(p->vectors->self, &digest, num, n);
}

static void put_atom(struct printer *p, const struct sb_node *node)
{
    char text[32];

    if (node->op == SB_CONST) {
        put_number(p, node->num[0]);
        return;
    }
    sb_buf_puts(p->out, sb_op_row(node->op)->name);
    if (node->n_num) {
        snprintf(text, sizeof text, "%.0f", node->num[0]);
        sb_buf_puts(p->out, text);
    }
}

/* name(numbers, arguments) or name(arguments, numbers): what follows the arguments is put on the
 * stack below them, which is why numbers that come last have a task of their own (e, no text). */
enum { LEVEL_NUMBERS = 100 };

static void put_call(struct printer *p, const struct sb_op_row *row, const struct sb_node *node,
                     sb_expr e)
{
    const bool numbers_first = row->num_first || !node->n_arg;

    sb_buf_puts(p->out, row->name);
    sb_buf_puts(p->out, "(");
    push_text(p, ")");
    if (node->n_num && !numbers_first) {
        push_node(p, e, LEVEL_NUMBERS);
        push_text(p, ", ");
    }
    for (uint32_t i = node->n_arg; i > 0; i--) {
        push_node(p, node->arg[i - 1], 0);
        if (i > 1)
            push_text(p, ", ");
    }
    if (!node->n_num || !numbers_first)
        return;
    if (node->op == SB_DOT && p->vectors && node->n_num > SB_PRINT_VECTOR)
        put_stored(p, node->num, node->n_num);
    else
        put_numbers(p, node->num, node->n_num);
    if (node->n_arg)
        sb_buf_puts(p->out, ", ");
}

/* a sign b, or sign a: equal levels group to the left, so the right side must bind tighter */
static void put_sign(struct printer *p, const struct sb_op_row *row, const struct sb_node *node,
                     uint32_t level)
{
    static const char *const signs[] = { ['+'] = " + ", ['-'] = " - ", ['*'] = "*", ['/'] = "/" };

    if (row->level < level) {
        sb_buf_puts(p->out, "(");
        push_text(p, ")");
    }
    if (row->shape == SB_PREFIX) {
        push_node(p, node->arg[0], row->level);
        push_text(p, "-");
        return;
    }
    push_node(p, node->arg[1], row->level + 1u);
    push_text(p, signs[(unsigned char)row->sign]);
    push_node(p, node->arg[0], row->level);
}

static void put_node(struct printer *p, sb_expr e, uint32_t level)
{
    const struct sb_node *node = sb_pool_node(p->pool, e);
    const struct sb_op_row *row = sb_op_row(node->op);
    const struct sb_node *first = node->n_arg ? sb_pool_node(p->pool, node->arg[0]) : NULL;

    if (level == LEVEL_NUMBERS)
        put_numbers(p, node->num, node->n_num);
    else if (row->shape == SB_ATOM)
        put_atom(p, node);
    else if (row->shape == SB_CALL || (row->shape == SB_PREFIX && first->op == SB_CONST))
        put_call(p, row, node, e);
    else
        put_sign(p, row, node, level);
}

void sb_expr_print(const struct sb_pool *pool, sb_expr e, const struct sb_vector_sink *vectors,
                   struct sb_buf *out)
{
    struct printer p = { pool, vectors, out, NULL, 0, 0 };

    if (!sb_pool_node(pool, e)) {
        out->failed = true;
        return;
    }
    push_node(&p, e, 0);
    while (p.n && !out->failed) {
        const struct task task = p.tasks[--p.n];

        if (task.text)
            sb_buf_puts(out, task.text);
        else
            put_node(&p, task.e, task.level);
    }
    free(p.tasks);
}
