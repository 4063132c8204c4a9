/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reading the text of an expression: operands on one stack, what is still open (parentheses, calls,
 * signs that wait for their right side) on another, so that deep expressions need no C stack. The
 * reader alternates between "an operand must come" and "an operator may come". */
#include "base/memory.h"
#include "base/text.h"
#include "query/op.h"
#include "query/pool.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum {
    MAX_OPEN = SB_EXPR_TREE, /* open parentheses, calls and signs */
    LONGEST_NAME = 64,
    LONGEST_NUMBER = 400, /* more digits than any double needs */
};

enum open_kind { OPEN_PAREN, OPEN_CALL, OPEN_SIGN };

struct open {
    enum open_kind kind;
    uint32_t op;     /* of a call or sign */
    size_t at;       /* where it stands in the text */
    size_t n_values; /* operands when a call was opened */
    size_t n_num;    /* ... and numbers */
    uint32_t place;  /* of a call: how many commas were met */
};

struct parser {
    struct sb_pool *pool;
    struct sb_diag *diag;
    const char *text;
    size_t at;
    struct open *open;
    size_t n_open, cap_open;
    sb_expr *values;
    size_t n_values, cap_values;
    double *num;
    size_t n_num, cap_num;
};

/* Errors */

enum { SHOWN = 60 }; /* letters shown on either side of the place */

/* The line around the place, and a caret line below it. Letters that are no plain text are shown as
 * blanks, so that the caret stays under its letter. */
static void show_place(const char *text, size_t at, struct sb_buf *out)
{
    size_t from = at, to = at;

    while (from && at - from < SHOWN && text[from - 1] != '\n')
        from--;
    while (text[to] && to - at < SHOWN && text[to] != '\n')
        to++;
    sb_buf_puts(out, "\n  ");
    for (size_t i = from; i < to; i++)
        sb_buf_u8(out, isprint((unsigned char)text[i]) ? (uint8_t)text[i] : ' ');
    sb_buf_puts(out, "\n  ");
    for (size_t i = from; i < at; i++)
        sb_buf_u8(out, ' ');
    sb_buf_puts(out, "^");
}

/* One message for the pool (a learner asks for it there) and one with the place for the user. */
static bool fail_at(struct parser *p, size_t at, const char *fmt, ...)
{
    char why[256];
    struct sb_buf shown;
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(why, sizeof why, fmt, ap);
    va_end(ap);
    sb_pool_fail(p->pool, "column %zu: %s", at + 1, why);
    sb_buf_init(&shown);
    show_place(p->text, at, &shown);
    sb_diag_fail_at(p->diag, -EINVAL, NULL, 1, (uint32_t)at + 1, "column %zu: %s%s", at + 1, why,
                    sb_buf_str(&shown) ? (const char *)shown.data : "");
    sb_buf_fini(&shown);
    return false;
}

static bool fail_memory(struct parser *p)
{
    sb_pool_fail(p->pool, "out of memory");
    sb_diag_fail(p->diag, -ENOMEM, "out of memory");
    return false;
}

/* What stands at the place, for messages. */
static bool fail_unexpected(struct parser *p, const char *expected)
{
    const unsigned char c = (unsigned char)p->text[p->at];

    if (!c)
        return fail_at(p, p->at, "the text ends where %s should stand", expected);
    if (c == '@')
        return fail_at(p, p->at,
                       "@ stands for a stored vector, whose numbers are in the table "
                       "'vector' of the results: write them out");
    if (!isprint(c))
        return fail_at(p, p->at, "found the byte 0x%02x where %s should stand", c, expected);
    return fail_at(p, p->at, "found '%c' where %s should stand", c, expected);
}

/* Stacks */

static bool push_open(struct parser *p, struct open entry)
{
    struct open *open;

    if (p->n_open >= MAX_OPEN)
        return fail_at(p, entry.at, "more than %d parentheses and signs are open here", MAX_OPEN);
    open = sb_grow(p->open, &p->cap_open, p->n_open + 1, sizeof *open);
    if (!open)
        return fail_memory(p);
    p->open = open;
    open[p->n_open++] = entry;
    return true;
}

static bool push_value(struct parser *p, sb_expr e)
{
    sb_expr *values = sb_grow(p->values, &p->cap_values, p->n_values + 1, sizeof *values);

    if (!values)
        return fail_memory(p);
    p->values = values;
    values[p->n_values++] = e;
    return true;
}

static bool push_num(struct parser *p, double v)
{
    double *num = sb_grow(p->num, &p->cap_num, p->n_num + 1, sizeof *num);

    if (!num)
        return fail_memory(p);
    p->num = num;
    num[p->n_num++] = v;
    return true;
}

/* Makes a node of the last n_arg operands and the numbers from n_num on, and puts it in their
 * place. `at` is where to point if that fails. */
static bool make(struct parser *p, uint32_t op, size_t n_num, size_t n_arg, size_t at)
{
    const size_t n = p->n_num - n_num;
    sb_expr e;

    p->n_values -= n_arg;
    e = sb_pool_op(p->pool, op, n ? p->num + n_num : NULL, n,
                   n_arg ? p->values + p->n_values : NULL, n_arg);
    if (!e)
        return fail_at(p, at, "%s", sb_pool_latest(p->pool));
    p->n_num = n_num;
    return push_value(p, e);
}

/* Small pieces of text */

static char peek(struct parser *p)
{
    while (p->text[p->at] == ' ' || p->text[p->at] == '\t' || p->text[p->at] == '\n' ||
           p->text[p->at] == '\r')
        p->at++;
    return p->text[p->at];
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

/* A number without its sign: everything up to the next letter that cannot belong to one, so that
 * the message about 1e-3x shows all of it. */
static bool read_number(struct parser *p, double *out)
{
    char text[LONGEST_NUMBER + 1];
    const char *s = p->text + p->at;
    size_t n = 0;

    while (is_digit(s[n]) || is_letter(s[n]) || s[n] == '.' ||
           (n && (s[n] == '-' || s[n] == '+') && (s[n - 1] == 'e' || s[n - 1] == 'E')))
        n++;
    if (n > LONGEST_NUMBER)
        return fail_at(p, p->at, "a number of more than %d letters", LONGEST_NUMBER);
    memcpy(text, s, n);
    text[n] = '\0';
    if (!sb_parse_real(text, out))
        return fail_at(p, p->at, "'%.40s' is not a number: write 12, 0.5 or 1e-3", text);
    p->at += n;
    return true;
}

static bool read_name(struct parser *p, char name[LONGEST_NAME + 1])
{
    const char *s = p->text + p->at;
    size_t n = 0;

    while (is_letter(s[n]) || is_digit(s[n]))
        n++;
    if (n > LONGEST_NAME)
        return fail_at(p, p->at, "a name of more than %d letters", LONGEST_NAME);
    memcpy(name, s, n);
    name[n] = '\0';
    return true;
}

/* Operands */

static bool is_coordinate(const char *name)
{
    return name[0] == 'x' && (!name[1] || is_digit(name[1]));
}

static bool read_coordinate(struct parser *p, const char *name)
{
    const size_t at = p->at, n_num = p->n_num;
    uint64_t j;

    if (!name[1] || !sb_parse_u64(name + 1, &j))
        return fail_at(p, at, "'%s' is not a coordinate: they are x0, x1, ...", name);
    p->at += strlen(name);
    return push_num(p, (double)j) && make(p, SB_X, n_num, 0, at);
}

static bool fail_unknown(struct parser *p, const char *name)
{
    const char *nearest = sb_op_nearest(name);

    if (nearest)
        return fail_at(p, p->at, "there is no operator '%s': is it %s?", name,
                       sb_op_row(sb_op_find(nearest))->usage);
    return fail_at(p, p->at, "there is no operator '%s'; variables are y, x0, x1, ...", name);
}

/* After a call was opened: straight on to its end if that is empty. */
static bool open_call(struct parser *p, uint32_t op, const char *name, bool *have_out)
{
    const struct open entry = { OPEN_CALL, op, p->at, p->n_values, p->n_num, 0 };

    p->at += strlen(name);
    if (peek(p) != '(')
        return fail_at(p, p->at, "'%s' needs its arguments in parentheses: %s", name,
                       sb_op_row(op)->usage);
    p->at++;
    *have_out = peek(p) == ')';
    return push_open(p, entry);
}

static bool read_named(struct parser *p, bool *have_out)
{
    char name[LONGEST_NAME + 1];
    uint32_t op;

    if (!read_name(p, name))
        return false;
    *have_out = true;
    if (strcmp(name, "y") == 0) {
        p->at++;
        return make(p, SB_Y, p->n_num, 0, p->at - 1);
    }
    if (is_coordinate(name))
        return read_coordinate(p, name);
    op = sb_op_find(name);
    if (!op || sb_op_row(op)->shape == SB_ATOM)
        return fail_unknown(p, name);
    return open_call(p, op, name, have_out);
}

static bool read_constant(struct parser *p, size_t at, double sign)
{
    const size_t n_num = p->n_num;
    double v;

    return read_number(p, &v) && push_num(p, sign * v) && make(p, SB_CONST, n_num, 0, at);
}

/* A minus: of a number, or an operator. */
static bool read_minus(struct parser *p, bool *have_out)
{
    const size_t at = p->at++;

    if (is_digit(peek(p))) {
        *have_out = true;
        return read_constant(p, at, -1);
    }
    return push_open(p, (struct open){ .kind = OPEN_SIGN, .op = SB_NEG, .at = at });
}

static bool open_paren(struct parser *p)
{
    const size_t at = p->at++;

    return push_open(p, (struct open){ .kind = OPEN_PAREN, .at = at });
}

/* One operand, or the beginning of one; *have_out: it is complete. */
static bool read_operand(struct parser *p, bool *have_out)
{
    const char c = peek(p);

    *have_out = false;
    if (is_digit(c)) {
        *have_out = true;
        return read_constant(p, p->at, 1);
    }
    if (is_letter(c))
        return read_named(p, have_out);
    if (c == '-')
        return read_minus(p, have_out);
    if (c == '(')
        return open_paren(p);
    return fail_unexpected(p, "a number, a variable or an operator's name");
}

/* Is the place in the innermost call for a number that belongs to the node? */
static bool wants_number(const struct parser *p)
{
    const struct open *top = p->n_open ? &p->open[p->n_open - 1] : NULL;
    const struct sb_op_row *row;

    if (!top || top->kind != OPEN_CALL)
        return false;
    row = sb_op_row(top->op);
    if (row->n_num == SB_MANY)
        return true;
    return row->num_first ? top->place < row->n_num
                          : top->place >= row->n_arg && top->place < row->n_arg + row->n_num;
}

static bool read_own_number(struct parser *p)
{
    const struct sb_op_row *row = sb_op_row(p->open[p->n_open - 1].op);
    double sign = 1, v;

    if (peek(p) == '-') {
        sign = -1;
        p->at++;
    }
    if (peek(p) == '@')
        return fail_unexpected(p, "a number");
    if (!is_digit(peek(p)))
        return fail_at(p, p->at, "%s needs a number here, not an expression: %s", row->name,
                       row->usage);
    if (!read_number(p, &v) || !push_num(p, sign * v))
        return false;
    if (peek(p) != ',' && peek(p) != ')')
        return fail_at(p, p->at,
                       "%s needs a number here, not an expression: ',' or ')' comes "
                       "after it",
                       row->name);
    return true;
}

/* Operators */

/* Applies the signs on top of the stack that bind at least as tightly as `level`. */
static bool apply_signs(struct parser *p, uint32_t level)
{
    while (p->n_open && p->open[p->n_open - 1].kind == OPEN_SIGN &&
           sb_op_row(p->open[p->n_open - 1].op)->level >= level) {
        const struct open sign = p->open[--p->n_open];

        if (!make(p, sign.op, p->n_num, sb_op_row(sign.op)->n_arg, sign.at))
            return false;
    }
    return true;
}

static bool read_sign(struct parser *p, uint32_t op)
{
    const size_t at = p->at++;

    return apply_signs(p, sb_op_row(op)->level) &&
           push_open(p, (struct open){ .kind = OPEN_SIGN, .op = op, .at = at });
}

static bool read_comma(struct parser *p)
{
    if (!apply_signs(p, 0))
        return false;
    if (!p->n_open || p->open[p->n_open - 1].kind != OPEN_CALL)
        return fail_at(p, p->at, "a comma outside of an operator's arguments");
    p->open[p->n_open - 1].place++;
    p->at++;
    return true;
}

static bool read_close(struct parser *p)
{
    struct open top;

    if (!apply_signs(p, 0))
        return false;
    if (!p->n_open)
        return fail_at(p, p->at, "')' closes nothing");
    top = p->open[--p->n_open];
    p->at++;
    if (top.kind == OPEN_PAREN)
        return true;
    return make(p, top.op, top.n_num, p->n_values - top.n_values, top.at);
}

/* After an operand. *have_out: an operand is still complete behind what was read. */
static bool read_operator(struct parser *p, bool *have_out)
{
    static const struct {
        char sign;
        uint32_t op;
    } signs[] = { { '+', SB_ADD }, { '-', SB_SUB }, { '*', SB_MUL }, { '/', SB_DIV } };
    const char c = peek(p);

    *have_out = c == ')';
    for (size_t i = 0; i < SB_COUNT(signs); i++)
        if (c == signs[i].sign)
            return read_sign(p, signs[i].op);
    if (c == ',')
        return read_comma(p);
    if (c == ')')
        return read_close(p);
    return fail_unexpected(p, "+, -, *, /, ',' or ')'");
}

static bool finish(struct parser *p)
{
    if (!apply_signs(p, 0))
        return false;
    if (p->n_open)
        return fail_at(p, p->open[p->n_open - 1].at, "this is not closed: ')' is missing");
    return true;
}

static bool parse(struct parser *p)
{
    bool have = false;

    for (;;) {
        bool good;

        if (have && !peek(p))
            return finish(p);
        if (have) {
            good = read_operator(p, &have);
        } else if (wants_number(p)) {
            good = read_own_number(p);
            have = true;
        } else {
            good = read_operand(p, &have);
        }
        if (!good)
            return false;
    }
}

sb_expr sb_expr_parse(struct sb_pool *pool, const char *text, struct sb_diag *diag)
{
    struct parser p = { .pool = pool, .diag = diag, .text = text };
    const sb_expr e = parse(&p) ? p.values[0] : 0;

    free(p.open);
    free(p.values);
    free(p.num);
    return e;
}
