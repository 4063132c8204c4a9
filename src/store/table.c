/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rows as a table. Where the writer must know the columns' widths, in two passes over the statement
 * inside one read transaction: the first measures, the second writes; no rows are kept. */
#include "store/table_internal.h"

#include "base/memory.h"
#include "base/text.h"
#include "store/internal.h"

#include <errno.h>
#include <math.h>
#include <string.h>

enum { PIECE = 1 << 16 }; /* bytes that are written together */

const char *const sb_table_format_names[] = { "text", "csv", "json", "markdown", "latex", NULL };

static const struct sb_table_writer *const writers[] = {
    [SB_TABLE_TEXT] = &sb_table_text,   [SB_TABLE_CSV] = &sb_table_csv,
    [SB_TABLE_JSON] = &sb_table_json,   [SB_TABLE_MARKDOWN] = &sb_table_markdown,
    [SB_TABLE_LATEX] = &sb_table_latex,
};

int sb_table_format(const char *name, enum sb_table_format *out, struct sb_diag *diag)
{
    const size_t n = SB_COUNT(sb_table_format_names) - 1;
    const char *near;

    for (size_t i = 0; i < n; i++) {
        if (strcmp(name, sb_table_format_names[i]) == 0) {
            *out = (enum sb_table_format)i;
            return 0;
        }
    }
    near = sb_nearest(name, sb_table_format_names, n);
    return sb_diag_fail(diag, -EINVAL,
                        "unknown format '%s'%s%s%s: expected text, csv, json, markdown or latex",
                        name, near ? ", did you mean '" : "", near ? near : "", near ? "'" : "");
}

size_t sb_table_characters(const char *s, size_t n)
{
    size_t count = 0;

    for (size_t i = 0; i < n; i++)
        count += ((unsigned char)s[i] & 0xc0) != 0x80;
    return count;
}

static void real_text(double v, struct sb_buf *out)
{
    char text[32];

    if (isinf(v)) {
        sb_buf_puts(out, v > 0 ? "inf" : "-inf");
        return;
    }
    sb_format_real(v, text);
    sb_buf_puts(out, text);
}

static void hex_text(const uint8_t *p, size_t n, struct sb_buf *out)
{
    for (size_t i = 0; i < n; i++)
        sb_buf_printf(out, "%02x", p[i]);
}

/* The bytes of the UTF-8 character at s, of which n bytes are left; 0: it is none. */
static size_t character_bytes(const uint8_t *s, size_t n)
{
    const size_t length = s[0] < 0x80                   ? 1
                          : s[0] >= 0xc2 && s[0] < 0xe0 ? 2
                          : s[0] >= 0xe0 && s[0] < 0xf0 ? 3
                          : s[0] >= 0xf0 && s[0] < 0xf5 ? 4
                                                        : 0;

    if (length > n)
        return 0;
    for (size_t i = 1; i < length; i++)
        if ((s[i] & 0xc0) != 0x80)
            return 0;
    return length;
}

/* What a learner printed can be any bytes: those that are no text would end every parser. */
static void utf8_text(const uint8_t *s, size_t n, struct sb_buf *out)
{
    while (n > 0) {
        const size_t length = character_bytes(s, n), step = length ? length : 1;

        if (length && *s)
            sb_buf_bytes(out, s, length);
        else
            sb_buf_puts(out, "\xef\xbf\xbd"); /* U+FFFD, the replacement character */
        s += step;
        n -= step;
    }
}

const char *sb_table_value(struct sb_table *t, size_t i)
{
    const int c = (int)i;
    const char *text;

    sb_buf_clear(&t->cell);
    switch (sqlite3_column_type(t->stmt, c)) {
    case SQLITE_NULL:
        sb_buf_puts(&t->cell, t->missing);
        break;
    case SQLITE_INTEGER:
        sb_buf_printf(&t->cell, "%lld", (long long)sqlite3_column_int64(t->stmt, c));
        break;
    case SQLITE_FLOAT:
        real_text(sqlite3_column_double(t->stmt, c), &t->cell);
        break;
    case SQLITE_BLOB: {
        const uint8_t *bytes = sqlite3_column_blob(t->stmt, c);

        hex_text(bytes, (size_t)sqlite3_column_bytes(t->stmt, c), &t->cell);
        break;
    }
    default:
        text = (const char *)sqlite3_column_text(t->stmt, c);
        utf8_text((const uint8_t *)text, (size_t)sqlite3_column_bytes(t->stmt, c), &t->cell);
    }
    text = sb_buf_str(&t->cell);
    if (!text)
        t->out->failed = true;
    return text ? text : "";
}

/* --- the first pass --- */

/* Is it still the value of the first row? */
static void follow_value(struct sb_table *t, struct sb_table_column *column, const char *value)
{
    if (t->n_rows == 0) {
        column->first = sb_strdup(value);
    } else if (column->first && strcmp(column->first, value) != 0) {
        free(column->first);
        column->first = NULL;
    }
}

static void measure_row(struct sb_table *t)
{
    for (size_t i = 0; i < t->n; i++) {
        struct sb_table_column *column = &t->columns[i];
        const int type = sqlite3_column_type(t->stmt, (int)i);
        const char *value = sb_table_value(t, i);
        const size_t width = sb_table_characters(value, strlen(value));

        follow_value(t, column, value);
        if (width > column->width)
            column->width = width;
        column->some = column->some || type != SQLITE_NULL;
        if (type == SQLITE_INTEGER || type == SQLITE_FLOAT)
            column->numeric = !column->texts;
        else if (type != SQLITE_NULL)
            column->texts = true;
        if (column->texts)
            column->numeric = false;
    }
}

/* --- both passes --- */

/* Hands over what has been written, once it is worth a call. */
static int put_piece(struct sb_table *t, const struct sb_table_style *style, size_t least,
                     struct sb_diag *diag)
{
    int error;

    if (t->out->failed)
        return sb_diag_fail(diag, -ENOMEM, "out of memory");
    if (!style->put || t->out->n < least)
        return 0;
    error = style->put(t->out, diag);
    sb_buf_clear(t->out);
    return error;
}

static int each_row(struct sb_store *store, struct sb_table *t, void (*visit)(struct sb_table *t),
                    const struct sb_table_style *style, struct sb_diag *diag)
{
    int error = 0, code = SQLITE_DONE;

    t->n_rows = 0;
    while (!error && (code = sqlite3_step(t->stmt)) == SQLITE_ROW) {
        visit(t);
        t->n_rows++;
        error = put_piece(t, style, PIECE, diag);
    }
    if (!error && code != SQLITE_DONE)
        error = sb_diag_fail(diag, code == SQLITE_ERROR ? -EINVAL : -EIO, "%s: %s", store->path,
                             sqlite3_errmsg(store->db));
    sqlite3_reset(t->stmt);
    return error;
}

static int write_rows(struct sb_store *store, struct sb_table *t,
                      const struct sb_table_style *style, struct sb_diag *diag)
{
    const struct sb_table_writer *writer = writers[style->format];
    int error = writer->measures ? each_row(store, t, measure_row, style, diag) : 0;

    if (error)
        return error;
    writer->head(t);
    error = each_row(store, t, writer->row, style, diag);
    if (!error && writer->foot)
        writer->foot(t);
    return error ? error : put_piece(t, style, 1, diag);
}

/* Both passes must see the same rows. Inside a writer's own transaction they do. */
static int write_snapshot(struct sb_store *store, struct sb_table *t,
                          const struct sb_table_style *style, struct sb_diag *diag)
{
    const bool alone = sqlite3_get_autocommit(store->db);
    int error;

    if (alone)
        sqlite3_exec(store->db, "BEGIN", NULL, NULL, NULL);
    error = write_rows(store, t, style, diag);
    if (alone)
        sqlite3_exec(store->db, "COMMIT", NULL, NULL, NULL);
    return error;
}

static int columns_init(struct sb_table *t, uint64_t setting)
{
    t->n = (size_t)sqlite3_column_count(t->stmt);
    t->columns = SB_NEW_ARRAY(struct sb_table_column, t->n);
    if (!t->columns)
        return -ENOMEM;
    for (size_t i = 0; i < t->n; i++) {
        struct sb_table_column *column = &t->columns[i];

        column->name = sb_strdup(sqlite3_column_name(t->stmt, (int)i));
        if (!column->name)
            return -ENOMEM;
        column->width = sb_table_characters(column->name, strlen(column->name));
        column->setting = i < 64 && setting >> i & 1;
    }
    return 0;
}

static void table_fini(struct sb_table *t)
{
    for (size_t i = 0; t->columns && i < t->n; i++) {
        free(t->columns[i].name);
        free(t->columns[i].first);
    }
    free(t->columns);
    sb_buf_fini(&t->cell);
}

int sb_table_write(struct sb_store *store, const struct sb_rows *rows,
                   const struct sb_table_style *style, struct sb_buf *out, struct sb_diag *diag)
{
    struct sb_table t = { .stmt = rows->stmt,
                          .line = style->line,
                          .out = out,
                          .missing = writers[style->format]->missing };
    int error;

    sb_buf_init(&t.cell);
    error = columns_init(&t, rows->setting);
    if (error)
        sb_diag_fail(diag, error, "out of memory");
    else
        error = write_snapshot(store, &t, style, diag);
    table_fini(&t);
    return error;
}

int sb_table_print(struct sb_store *store, const char *select, enum sb_table_format format,
                   struct sb_buf *out, struct sb_diag *diag)
{
    const struct sb_table_style style = { .format = format };
    struct sb_rows rows;
    int error = sb_rows_of_sql(store, store->path, select, &rows, diag);

    if (error)
        return error;
    error = sb_table_write(store, &rows, &style, out, diag);
    sb_rows_fini(&rows);
    return error;
}
