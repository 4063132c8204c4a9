/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A SELECT's result as a table. Two passes over the statement inside one read transaction: the
 * first learns the columns' widths and which are numeric, the second writes; no rows are kept. */
#include "store/internal.h"

#include "base/memory.h"
#include "base/params.h"
#include "base/text.h"

#include <errno.h>
#include <math.h>
#include <string.h>

const char *const sb_table_format_names[] = { "text", "csv", "json", "markdown", "latex", NULL };

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

struct column {
    char *name;   /* owned: SQLite's own may go at the first step */
    size_t width; /* characters */
    bool numeric; /* numbers and NULLs only, and at least one number */
    bool texts;   /* a text was seen */
    char *first;  /* the first row's value, owned; NULL: before it, or another value followed */
};

enum { LINE = 96 }; /* characters of a line above a table */

struct table {
    sqlite3_stmt *stmt;
    struct column *columns;
    size_t n, n_rows;
    size_t n_setting;   /* text: of these columns, those that never change stand above the table */
    struct sb_buf cell; /* one value as plain text */
    struct sb_buf *out;
    const char *missing; /* how NULL is written */
};

/* The characters of a UTF-8 text: bytes that do not continue one. */
static size_t characters(const char *s)
{
    size_t n = 0;

    for (; *s; s++)
        n += ((unsigned char)*s & 0xc0) != 0x80;
    return n;
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

/* The value of column i in this row as text; borrowed until the next call. */
static const char *value_text(struct table *t, size_t i)
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
        sb_buf_puts(&t->cell, (const char *)sqlite3_column_text(t->stmt, c));
    }
    text = sb_buf_str(&t->cell);
    if (!text)
        t->out->failed = true;
    return text ? text : "";
}

/* --- csv [RFC 4180] --- */

static void csv_field(const char *s, struct sb_buf *out)
{
    if (!s[strcspn(s, ",\"\r\n")]) {
        sb_buf_puts(out, s);
        return;
    }
    sb_buf_puts(out, "\"");
    for (; *s; s++) {
        if (*s == '"')
            sb_buf_puts(out, "\"");
        sb_buf_bytes(out, s, 1);
    }
    sb_buf_puts(out, "\"");
}

static void csv_head(struct table *t)
{
    for (size_t i = 0; i < t->n; i++) {
        sb_buf_puts(t->out, i ? "," : "");
        csv_field(t->columns[i].name, t->out);
    }
    sb_buf_puts(t->out, "\r\n");
}

static void csv_row(struct table *t)
{
    for (size_t i = 0; i < t->n; i++) {
        sb_buf_puts(t->out, i ? "," : "");
        csv_field(value_text(t, i), t->out);
    }
    sb_buf_puts(t->out, "\r\n");
}

/* --- json: an array of objects --- */

static void json_head(struct table *t)
{
    sb_buf_puts(t->out, "[");
}

static void json_value(struct table *t, size_t i)
{
    const int type = sqlite3_column_type(t->stmt, (int)i);
    const bool infinite =
        type == SQLITE_FLOAT && isinf(sqlite3_column_double(t->stmt, (int)i)); /* not in JSON */

    if (type == SQLITE_NULL || infinite)
        sb_buf_puts(t->out, "null");
    else if (type == SQLITE_INTEGER || type == SQLITE_FLOAT)
        sb_buf_puts(t->out, value_text(t, i));
    else
        sb_json_string(value_text(t, i), t->out);
}

static void json_row(struct table *t)
{
    sb_buf_puts(t->out, t->n_rows ? ",\n {" : "\n {");
    for (size_t i = 0; i < t->n; i++) {
        sb_buf_puts(t->out, i ? ", " : "");
        sb_json_string(t->columns[i].name, t->out);
        sb_buf_puts(t->out, ": ");
        json_value(t, i);
    }
    sb_buf_puts(t->out, "}");
}

static void json_foot(struct table *t)
{
    sb_buf_puts(t->out, t->n_rows ? "\n]\n" : "]\n");
}

/* --- aligned text --- */

static void blanks(struct sb_buf *out, size_t n)
{
    while (n--)
        sb_buf_puts(out, " ");
}

/* A line break or a tab would end the alignment. */
static void flat(const char *s, struct sb_buf *out)
{
    for (; *s; s++)
        sb_buf_bytes(out, (unsigned char)*s < ' ' || *s == 127 ? " " : s, 1);
}

/* Does the column stand above the table? */
static bool is_above(const struct table *t, size_t i)
{
    return t->columns[i].first && i < t->n_setting;
}

static size_t first_below(const struct table *t)
{
    size_t i = 0;

    while (i < t->n && is_above(t, i))
        i++;
    return i;
}

/* The last column is never above: views end with what came out. */
static void text_field(struct table *t, size_t i, const char *s)
{
    const struct column *column = &t->columns[i];
    const size_t length = characters(s);
    const size_t gap = column->width > length ? column->width - length : 0;

    sb_buf_puts(t->out, i > first_below(t) ? "  " : "");
    if (column->numeric)
        blanks(t->out, gap);
    flat(s, t->out);
    if (!column->numeric && i + 1 < t->n)
        blanks(t->out, gap);
}

/* "dim 6, policy exact" and an empty line, broken where a line becomes too long. */
static void text_above(struct table *t)
{
    size_t line = 0;

    for (size_t i = 0; i < t->n; i++) {
        const struct column *column = &t->columns[i];
        size_t length;

        if (!is_above(t, i) || strcmp(column->first, t->missing) == 0)
            continue;
        length = characters(column->name) + 1 + characters(column->first);
        if (line)
            sb_buf_puts(t->out, line + length > LINE ? ",\n" : ", ");
        line = line + length > LINE ? length : line + length + 2;
        sb_buf_printf(t->out, "%s ", column->name);
        flat(column->first, t->out);
    }
    sb_buf_puts(t->out, line ? "\n\n" : "");
}

static void text_head(struct table *t)
{
    text_above(t);
    for (size_t i = 0; i < t->n; i++)
        if (!is_above(t, i))
            text_field(t, i, t->columns[i].name);
    sb_buf_puts(t->out, "\n");
    for (size_t i = 0; i < t->n; i++) {
        sb_buf_puts(t->out, !is_above(t, i) && i > first_below(t) ? "  " : "");
        for (size_t k = 0; !is_above(t, i) && k < t->columns[i].width; k++)
            sb_buf_puts(t->out, "-");
    }
    sb_buf_puts(t->out, "\n");
}

static void text_row(struct table *t)
{
    for (size_t i = 0; i < t->n; i++)
        if (!is_above(t, i))
            text_field(t, i, value_text(t, i));
    sb_buf_puts(t->out, "\n");
}

/* --- markdown --- */

static void markdown_field(const char *s, struct sb_buf *out)
{
    for (; *s; s++) {
        if (strchr("|\\`*_<>[]", *s))
            sb_buf_puts(out, "\\");
        sb_buf_bytes(out, (unsigned char)*s < ' ' ? " " : s, 1);
    }
}

static void markdown_head(struct table *t)
{
    for (size_t i = 0; i < t->n; i++) {
        sb_buf_puts(t->out, i ? " | " : "| ");
        markdown_field(t->columns[i].name, t->out);
    }
    sb_buf_puts(t->out, " |\n");
    for (size_t i = 0; i < t->n; i++)
        sb_buf_puts(t->out, t->columns[i].numeric ? "|---:" : "|---");
    sb_buf_puts(t->out, "|\n");
}

static void markdown_row(struct table *t)
{
    for (size_t i = 0; i < t->n; i++) {
        sb_buf_puts(t->out, i ? " | " : "| ");
        markdown_field(value_text(t, i), t->out);
    }
    sb_buf_puts(t->out, " |\n");
}

/* --- latex: a tabular with booktabs' rules --- */

static void latex_field(const char *s, struct sb_buf *out)
{
    static const char special[] = "\\~^<>|\"";
    static const char *const word[] = { "\\textbackslash{}",   "\\textasciitilde{}",
                                        "\\textasciicircum{}", "\\textless{}",
                                        "\\textgreater{}",     "\\textbar{}",
                                        "\\textquotedbl{}" };
    const char *found;

    for (; *s; s++) {
        found = strchr(special, *s);
        if (found) {
            sb_buf_puts(out, word[found - special]);
            continue;
        }
        if (strchr("&%$#_{}", *s))
            sb_buf_puts(out, "\\");
        sb_buf_bytes(out, (unsigned char)*s < ' ' ? " " : s, 1);
    }
}

static void latex_head(struct table *t)
{
    sb_buf_puts(t->out, "% \\usepackage{booktabs}\n\\begin{tabular}{");
    for (size_t i = 0; i < t->n; i++)
        sb_buf_puts(t->out, t->columns[i].numeric ? "r" : "l");
    sb_buf_puts(t->out, "}\n\\toprule\n");
    for (size_t i = 0; i < t->n; i++) {
        sb_buf_puts(t->out, i ? " & " : "");
        latex_field(t->columns[i].name, t->out);
    }
    sb_buf_puts(t->out, " \\\\\n\\midrule\n");
}

/* Braces keep a first field that opens with "[" from being taken for the argument of "\\". */
static void latex_row(struct table *t)
{
    for (size_t i = 0; i < t->n; i++) {
        const char *s = value_text(t, i);

        sb_buf_puts(t->out, i ? " & " : *s == '[' || *s == '*' ? "{}" : "");
        latex_field(s, t->out);
    }
    sb_buf_puts(t->out, " \\\\\n");
}

static void latex_foot(struct table *t)
{
    sb_buf_puts(t->out, "\\bottomrule\n\\end{tabular}\n");
}

struct writer {
    void (*head)(struct table *t);
    void (*row)(struct table *t);
    void (*foot)(struct table *t); /* NULL: none */
    const char *missing;
    bool measures; /* needs the first pass */
};

static const struct writer writers[] = {
    [SB_TABLE_TEXT] = { text_head, text_row, NULL, "-", true },
    [SB_TABLE_CSV] = { csv_head, csv_row, NULL, "", false },
    [SB_TABLE_JSON] = { json_head, json_row, json_foot, "", false },
    [SB_TABLE_MARKDOWN] = { markdown_head, markdown_row, NULL, "-", true },
    [SB_TABLE_LATEX] = { latex_head, latex_row, latex_foot, "--", true },
};

/* Is it still the value of the first row? */
static void follow_value(struct table *t, struct column *column, const char *value)
{
    if (t->n_rows == 0) {
        column->first = sb_strdup(value);
    } else if (column->first && strcmp(column->first, value) != 0) {
        free(column->first);
        column->first = NULL;
    }
}

static void measure_row(struct table *t)
{
    for (size_t i = 0; i < t->n; i++) {
        struct column *column = &t->columns[i];
        const int type = sqlite3_column_type(t->stmt, (int)i);
        const char *value = value_text(t, i);
        const size_t width = characters(value);

        if (i < t->n_setting)
            follow_value(t, column, value);
        if (width > column->width)
            column->width = width;
        if (type == SQLITE_INTEGER || type == SQLITE_FLOAT)
            column->numeric = !column->texts;
        else if (type != SQLITE_NULL)
            column->texts = true;
        if (column->texts)
            column->numeric = false;
    }
}

static int each_row(struct sb_store *store, struct table *t, void (*visit)(struct table *t),
                    struct sb_diag *diag)
{
    int code;

    t->n_rows = 0;
    while ((code = sqlite3_step(t->stmt)) == SQLITE_ROW) {
        visit(t);
        t->n_rows++;
    }
    if (code != SQLITE_DONE)
        return sb_diag_fail(diag, -EIO, "%s: %s", store->path, sqlite3_errmsg(store->db));
    sqlite3_reset(t->stmt);
    return 0;
}

static int write_rows(struct sb_store *store, struct table *t, const struct writer *writer,
                      struct sb_diag *diag)
{
    int error = writer->measures ? each_row(store, t, measure_row, diag) : 0;

    if (error)
        return error;
    writer->head(t);
    error = each_row(store, t, writer->row, diag);
    if (!error && writer->foot)
        writer->foot(t);
    return error;
}

/* Both passes must see the same rows. Inside a writer's own transaction they do. */
static int write_snapshot(struct sb_store *store, struct table *t, const struct writer *writer,
                          struct sb_diag *diag)
{
    const bool alone = sqlite3_get_autocommit(store->db);
    int error;

    if (alone)
        sqlite3_exec(store->db, "BEGIN", NULL, NULL, NULL);
    error = write_rows(store, t, writer, diag);
    sqlite3_reset(t->stmt);
    if (alone)
        sqlite3_exec(store->db, "COMMIT", NULL, NULL, NULL);
    return error;
}

static int prepare(struct sb_store *store, const char *select, sqlite3_stmt **out,
                   struct sb_diag *diag)
{
    sqlite3_stmt *stmt = NULL;
    const char *tail;

    if (sqlite3_prepare_v2(store->db, select, -1, &stmt, &tail) != SQLITE_OK)
        return sb_diag_fail(diag, -EINVAL, "%s: %s", store->path, sqlite3_errmsg(store->db));
    if (!stmt || !sqlite3_stmt_readonly(stmt) || sqlite3_column_count(stmt) == 0 ||
        tail[strspn(tail, " \t\r\n;")]) {
        sqlite3_finalize(stmt);
        return sb_diag_fail(diag, -EINVAL, "expected one SELECT, found: %s", select);
    }
    *out = stmt;
    return 0;
}

static int columns_init(struct table *t)
{
    t->n = (size_t)sqlite3_column_count(t->stmt);
    t->columns = SB_NEW_ARRAY(struct column, t->n);
    if (!t->columns)
        return -ENOMEM;
    for (size_t i = 0; i < t->n; i++) {
        t->columns[i].name = sb_strdup(sqlite3_column_name(t->stmt, (int)i));
        if (!t->columns[i].name)
            return -ENOMEM;
        t->columns[i].width = characters(t->columns[i].name);
    }
    return 0;
}

static void table_fini(struct table *t)
{
    for (size_t i = 0; t->columns && i < t->n; i++) {
        free(t->columns[i].name);
        free(t->columns[i].first);
    }
    free(t->columns);
    sb_buf_fini(&t->cell);
    sqlite3_finalize(t->stmt);
}

static int print(struct sb_store *store, const char *select, size_t n_setting,
                 enum sb_table_format format, struct sb_buf *out, struct sb_diag *diag)
{
    struct table t = { .out = out, .missing = writers[format].missing, .n_setting = n_setting };
    int error = prepare(store, select, &t.stmt, diag);

    if (error)
        return error;
    sb_buf_init(&t.cell);
    error = columns_init(&t);
    if (!error)
        error = write_snapshot(store, &t, &writers[format], diag);
    if (!error && out->failed)
        error = -ENOMEM;
    if (error == -ENOMEM)
        sb_diag_fail(diag, error, "out of memory");
    table_fini(&t);
    return error;
}

int sb_table_print(struct sb_store *store, const char *select, enum sb_table_format format,
                   struct sb_buf *out, struct sb_diag *diag)
{
    return print(store, select, 0, format, out, diag);
}

int sb_table_view(struct sb_store *store, const struct sb_view *view, enum sb_table_format format,
                  struct sb_buf *out, struct sb_diag *diag)
{
    return print(store, view->sql, format == SB_TABLE_TEXT ? view->n_setting : 0, format, out,
                 diag);
}
