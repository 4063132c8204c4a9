/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Formulas of experiment files: a recursive-descent reader that computes as it reads.
 *
 *   sum     = product { ("+" | "-") product }
 *   product = unary { ("*" | "/") unary }
 *   unary   = "-" unary | power
 *   power   = atom [ "^" unary ]                      (so -2^2 = -4, 2^-1 = 0.5, 2^3^2 = 2^9)
 *   atom    = number | key | function "(" sum ")" | "(" sum ")"
 */
#include "experiment/formula.h"

#include "base/memory.h"
#include "base/text.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum { DEPTH_MAX = 100 };

/* After the first error every reader returns 0 and moves nothing. */
struct formula {
    const char *text, *s;
    const struct sb_formula_scope *scope;
    struct sb_diag *diag;
    uint32_t column; /* of the error */
    int depth, error;
};

static const char *const functions[] = { "sqrt", "log2", "ceil", "floor" };

__attribute__((format(printf, 3, 4))) static double fail(struct formula *f, const char *at,
                                                         const char *fmt, ...)
{
    char *what SB_FREE = NULL;
    va_list ap;

    if (f->error)
        return 0;
    va_start(ap, fmt);
    if (vasprintf(&what, fmt, ap) < 0)
        what = NULL;
    va_end(ap);
    f->column = (uint32_t)(at - f->text) + 1;
    f->error = what ? sb_diag_fail(f->diag, -EINVAL, "%s", what) : -ENOMEM;
    return 0;
}

static void skip_blanks(struct formula *f)
{
    while (*f->s == ' ')
        f->s++;
}

/* Moves past c, if it comes next. */
static bool take(struct formula *f, char c)
{
    skip_blanks(f);
    if (f->error || *f->s != c)
        return false;
    f->s++;
    return true;
}

/* What stands at s, one character of UTF-8. */
static double misplaced(struct formula *f, const char *s, const char *expected)
{
    int n = 1;

    if (*s == '\0')
        return fail(f, s, "the formula ends where %s is expected", expected);
    while (((unsigned char)s[n] & 0xc0) == 0x80)
        n++;
    return fail(f, s, "'%.*s' where %s is expected", n, s, expected);
}

static double check_finite(struct formula *f, const char *at, const char *what, double v)
{
    if (isfinite(v))
        return v;
    return fail(f, at, "%s is %s", what, isnan(v) ? "not a number" : "too large");
}

static double round_12(double v)
{
    char text[32];

    snprintf(text, sizeof text, "%.12g", v);
    return strtod(text, NULL);
}

static double sum(struct formula *f);

static double number(struct formula *f)
{
    const char *start = f->s;
    char *text SB_FREE = NULL;
    double v = 0;

    while (isalnum((unsigned char)*f->s) || *f->s == '.' ||
           ((*f->s == '-' || *f->s == '+') && (f->s[-1] == 'e' || f->s[-1] == 'E')))
        f->s++;
    text = sb_strndup(start, (size_t)(f->s - start));
    if (!text)
        f->error = -ENOMEM;
    else if (!sb_parse_real(text, &v))
        return fail(f, start, "'%s' is not a number", text);
    return v;
}

static double call(struct formula *f, const char *name, const char *at)
{
    const double v = sum(f);

    if (!take(f, ')'))
        return misplaced(f, f->s, "')'");
    if (strcmp(name, "sqrt") == 0)
        return v < 0 ? fail(f, at, "sqrt of a negative number") : sqrt(v);
    if (strcmp(name, "log2") == 0)
        return v <= 0 ? fail(f, at, "log2 of a number that is not positive") : log2(v);
    /* rounded first: the last bits of log2 and ^ must not decide on a whole */
    return strcmp(name, "ceil") == 0 ? ceil(round_12(v)) : floor(round_12(v));
}

static double unknown(struct formula *f, const char *name, const char *at)
{
    const char *near = sb_nearest(name, f->scope->keys, f->scope->n_keys);

    if (near)
        return fail(f, at, "unknown name '%s'; did you mean '%s'?", name, near);
    return fail(f, at, "unknown name '%s'", name);
}

/* A key that was found: its text must be a number. */
static double value(struct formula *f, const char *key, const char *text, const char *at)
{
    double v = 0;

    if (!sb_parse_real(text, &v))
        return fail(f, at, "%s is '%s', not a number", key, text);
    return v;
}

/* A key or a function. Names may hold a '-': the longest known one is meant, so that
 * "family.dimension-1" subtracts. */
static double named(struct formula *f)
{
    const char *start = f->s;
    size_t n = strspn(start, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-");
    char *name SB_FREE = sb_strndup(start, n);
    const char *text, *near;

    if (!name) {
        f->error = -ENOMEM;
        return 0;
    }
    for (;;) {
        text = f->scope->lookup(f->scope->self, name);
        if (text || !strrchr(name, '-'))
            break;
        *strrchr(name, '-') = '\0';
    }
    f->s = start + strlen(name);
    if (text)
        return value(f, name, text, start);
    if (!take(f, '('))
        return unknown(f, name, start);
    for (size_t i = 0; i < SB_COUNT(functions); i++) {
        if (strcmp(name, functions[i]) == 0)
            return check_finite(f, start, name, call(f, name, start));
    }
    near = sb_nearest(name, functions, SB_COUNT(functions));
    return fail(f, start, "unknown function '%s'%s%s%s (sqrt, log2, ceil, floor)", name,
                near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
}

static double atom(struct formula *f)
{
    double v;

    skip_blanks(f);
    if (f->error)
        return 0;
    if (isdigit((unsigned char)*f->s))
        return number(f);
    if (isalpha((unsigned char)*f->s))
        return named(f);
    if (!take(f, '('))
        return misplaced(f, f->s, "a value");
    v = sum(f);
    return take(f, ')') ? v : misplaced(f, f->s, "')'");
}

static double unary(struct formula *f)
{
    double v;
    const char *at;

    if (++f->depth > DEPTH_MAX)
        return fail(f, f->s, "nested too deeply");
    if (take(f, '-')) {
        v = -unary(f);
    } else {
        v = atom(f);
        skip_blanks(f);
        at = f->s;
        if (take(f, '^'))
            v = check_finite(f, at, "the power", pow(v, unary(f)));
    }
    f->depth--;
    return v;
}

static double product(struct formula *f)
{
    double v = unary(f), w;

    for (;;) {
        const char *at;

        skip_blanks(f);
        at = f->s;
        if (take(f, '*')) {
            v = check_finite(f, at, "the product", v * unary(f));
        } else if (take(f, '/')) {
            w = unary(f);
            v = w == 0 ? fail(f, at, "division by 0") : check_finite(f, at, "the quotient", v / w);
        } else {
            return v;
        }
    }
}

static double sum(struct formula *f)
{
    double v = product(f);

    for (;;) {
        const char *at;

        skip_blanks(f);
        at = f->s;
        if (take(f, '+'))
            v = check_finite(f, at, "the sum", v + product(f));
        else if (take(f, '-'))
            v = check_finite(f, at, "the difference", v - product(f));
        else
            return v;
    }
}

int sb_formula(const char *text, const struct sb_formula_scope *scope, double *out,
               uint32_t *column_out, struct sb_diag *diag)
{
    struct formula f = { .text = text, .s = text, .scope = scope, .diag = diag };
    const double v = sum(&f);

    if (!f.error && *f.s)
        misplaced(&f, f.s, "an operator or the end");
    if (f.error) {
        *column_out = f.column;
        return f.error;
    }
    *out = round_12(v) + 0.0; /* no -0 */
    return 0;
}
