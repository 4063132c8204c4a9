/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tables for the eye: aligned columns. What never changes of the setting stands once, above. Where a
 * line would be too long, columns without a value are named there, too, columns are set closer, what
 * else never changes goes above, and long texts are folded: nothing is left out. */
#include "store/table_internal.h"

#include <string.h>

enum {
    ABOVE = 96, /* characters of a line above a table, at most */
    NARROW = 12 /* that a text is folded to at least */
};

static void blanks(struct sb_buf *out, size_t n)
{
    while (n--)
        sb_buf_puts(out, " ");
}

/* A line break or a tab would end the alignment. */
static void flat(const char *s, size_t n, struct sb_buf *out)
{
    for (size_t i = 0; i < n; i++)
        sb_buf_bytes(out, (unsigned char)s[i] < ' ' || s[i] == 127 ? " " : &s[i], 1);
}

/* --- what stands above --- */

static size_t table_width(const struct sb_table *t)
{
    size_t width = 0;

    for (size_t i = 0; i < t->n; i++)
        width += t->columns[i].above ? 0 : t->columns[i].width + t->gap;
    return width ? width - t->gap : 0;
}

static bool fits(const struct sb_table *t)
{
    return !t->line || table_width(t) <= t->line;
}

/* Puts a column above, unless it is the last that is left. */
static void lift(struct sb_table *t, size_t i)
{
    size_t left = 0;

    for (size_t k = 0; k < t->n; k++)
        left += !t->columns[k].above;
    t->columns[i].above = left > 1;
}

static void lift_settings(struct sb_table *t)
{
    for (size_t i = 0; i < t->n; i++)
        if (t->columns[i].setting && t->columns[i].first)
            lift(t, i);
}

static void lift_empty(struct sb_table *t)
{
    for (size_t i = 0; i < t->n && t->n_rows; i++)
        if (!t->columns[i].above && !t->columns[i].some)
            lift(t, i);
}

/* The last first, as they tend to say least. Of one row all columns are constant: that says
 * nothing. */
static void lift_constants(struct sb_table *t)
{
    for (size_t i = t->n; i-- > 0 && t->n_rows > 1 && !fits(t);)
        if (!t->columns[i].above && t->columns[i].first)
            lift(t, i);
}

/* --- folding --- */

static size_t header_width(const struct sb_table_column *column)
{
    return sb_table_characters(column->name, strlen(column->name));
}

static size_t folded_width(const struct sb_table_column *column, size_t most)
{
    const size_t least = header_width(column);

    if (column->numeric || column->width <= most)
        return column->width;
    return most > least ? most : least;
}

static size_t width_folded_to(const struct sb_table *t, size_t most)
{
    size_t width = 0;

    for (size_t i = 0; i < t->n; i++)
        width += t->columns[i].above ? 0 : folded_width(&t->columns[i], most) + t->gap;
    return width ? width - t->gap : 0;
}

/* The longest texts are folded, to one width, as far as it takes. */
static void fold(struct sb_table *t)
{
    size_t most = t->line > NARROW ? t->line : NARROW;

    while (most > NARROW && width_folded_to(t, most) > t->line)
        most--;
    for (size_t i = 0; i < t->n; i++)
        t->columns[i].width = folded_width(&t->columns[i], most);
}

/* The bytes of the next line of s in a column: all, or up to the last place that fits where it may be
 * broken. */
static size_t line_bytes(const char *s, size_t width)
{
    size_t n = 0, characters = 0, last = 0;

    for (; s[n]; n++) {
        characters += ((unsigned char)s[n] & 0xc0) != 0x80;
        if (characters > width && n > 0)
            return last ? last : n;
        if (strchr(" ,;=-", s[n]))
            last = n + 1;
    }
    return n;
}

/* --- writing --- */

/* "dim 6, policy exact" and an empty line, broken where a line becomes too long. */
static void put_word(struct sb_table *t, const char *name, const char *value, size_t *line)
{
    const size_t n = strlen(value);
    const size_t length = strlen(name) + 1 + sb_table_characters(value, n);
    const bool breaks = *line + length + 1 > (t->line && t->line < ABOVE ? t->line : ABOVE);

    if (*line)
        sb_buf_puts(t->out, breaks ? ",\n" : ", ");
    *line = breaks ? length + 2 : *line + length + 2;
    sb_buf_printf(t->out, "%s%s", name, *value ? " " : "");
    flat(value, n, t->out);
}

/* A setting without a value goes without saying. */
static void put_above(struct sb_table *t)
{
    size_t line = 0;

    for (size_t i = 0; i < t->n; i++)
        if (t->columns[i].above && t->columns[i].some)
            put_word(t, t->columns[i].name, t->columns[i].first, &line);
    sb_buf_puts(t->out, line ? "\n" : "");
}

static void put_without_value(struct sb_table *t)
{
    const char *before = "without a value: ";

    for (size_t i = 0; i < t->n; i++) {
        if (!t->columns[i].above || t->columns[i].some || t->columns[i].setting)
            continue;
        sb_buf_printf(t->out, "%s%s", before, t->columns[i].name);
        before = ", ";
    }
    sb_buf_puts(t->out, *before == ',' ? "\n" : "");
}

static bool is_first(const struct sb_table *t, size_t i)
{
    while (i > 0 && t->columns[i - 1].above)
        i--;
    return i == 0;
}

static bool is_last(const struct sb_table *t, size_t i)
{
    while (i + 1 < t->n && t->columns[i + 1].above)
        i++;
    return i + 1 == t->n;
}

static void put_field(struct sb_table *t, size_t i, const char *s, size_t n)
{
    const struct sb_table_column *column = &t->columns[i];
    const size_t length = sb_table_characters(s, n);
    const size_t gap = column->width > length ? column->width - length : 0;

    blanks(t->out, is_first(t, i) ? 0 : t->gap);
    if (column->numeric)
        blanks(t->out, gap);
    flat(s, n, t->out);
    if (!column->numeric && !is_last(t, i))
        blanks(t->out, gap);
}

static void put_names(struct sb_table *t)
{
    for (size_t i = 0; i < t->n; i++)
        if (!t->columns[i].above)
            put_field(t, i, t->columns[i].name, strlen(t->columns[i].name));
    sb_buf_puts(t->out, "\n");
}

static void put_rule(struct sb_table *t)
{
    for (size_t i = 0; i < t->n; i++) {
        if (t->columns[i].above)
            continue;
        blanks(t->out, is_first(t, i) ? 0 : t->gap);
        for (size_t k = 0; k < t->columns[i].width; k++)
            sb_buf_puts(t->out, "-");
    }
    sb_buf_puts(t->out, "\n");
}

static void text_head(struct sb_table *t)
{
    const size_t before = t->out->n;

    t->gap = 2;
    lift_settings(t);
    if (!fits(t))
        lift_empty(t);
    if (!fits(t))
        t->gap = 1;
    lift_constants(t);
    if (!fits(t))
        fold(t);
    put_above(t);
    put_without_value(t);
    sb_buf_puts(t->out, t->out->n > before ? "\n" : "");
    put_names(t);
    put_rule(t);
}

/* One line of a row, from where each column's value stands; is there more of it? */
static bool put_line(struct sb_table *t)
{
    bool more = false;

    for (size_t i = 0; i < t->n; i++) {
        struct sb_table_column *column = &t->columns[i];
        const char *s = column->above ? "" : sb_table_value(t, i) + column->at;
        size_t n = line_bytes(s, column->width);

        if (!column->above)
            put_field(t, i, s, n);
        column->at += n;
        more = more || s[n];
    }
    while (t->out->n && t->out->data[t->out->n - 1] == ' ')
        t->out->n--;
    sb_buf_puts(t->out, "\n");
    return more;
}

static void text_row(struct sb_table *t)
{
    for (size_t i = 0; i < t->n; i++)
        t->columns[i].at = 0;
    while (put_line(t))
        ;
}

const struct sb_table_writer sb_table_text = { text_head, text_row, NULL, "-", true };
