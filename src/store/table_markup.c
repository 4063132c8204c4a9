/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tables for programs and papers: csv, json, markdown and latex. All columns, all rows. */
#include "store/table_internal.h"

#include "base/params.h"

#include <math.h>
#include <string.h>

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

static void csv_head(struct sb_table *t)
{
    for (size_t i = 0; i < t->n; i++) {
        sb_buf_puts(t->out, i ? "," : "");
        csv_field(t->columns[i].name, t->out);
    }
    sb_buf_puts(t->out, "\r\n");
}

static void csv_row(struct sb_table *t)
{
    for (size_t i = 0; i < t->n; i++) {
        sb_buf_puts(t->out, i ? "," : "");
        csv_field(sb_table_value(t, i), t->out);
    }
    sb_buf_puts(t->out, "\r\n");
}

/* --- json: an array of objects --- */

static void json_head(struct sb_table *t)
{
    sb_buf_puts(t->out, "[");
}

static void json_value(struct sb_table *t, size_t i)
{
    const int type = sqlite3_column_type(t->stmt, (int)i);
    const bool infinite =
        type == SQLITE_FLOAT && isinf(sqlite3_column_double(t->stmt, (int)i)); /* not in JSON */

    if (type == SQLITE_NULL || infinite)
        sb_buf_puts(t->out, "null");
    else if (type == SQLITE_INTEGER || type == SQLITE_FLOAT)
        sb_buf_puts(t->out, sb_table_value(t, i));
    else
        sb_json_string(sb_table_value(t, i), t->out);
}

static void json_row(struct sb_table *t)
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

static void json_foot(struct sb_table *t)
{
    sb_buf_puts(t->out, t->n_rows ? "\n]\n" : "]\n");
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

static void markdown_head(struct sb_table *t)
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

static void markdown_row(struct sb_table *t)
{
    for (size_t i = 0; i < t->n; i++) {
        sb_buf_puts(t->out, i ? " | " : "| ");
        markdown_field(sb_table_value(t, i), t->out);
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

static void latex_head(struct sb_table *t)
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
static void latex_row(struct sb_table *t)
{
    for (size_t i = 0; i < t->n; i++) {
        const char *s = sb_table_value(t, i);

        sb_buf_puts(t->out, i ? " & " : *s == '[' || *s == '*' ? "{}" : "");
        latex_field(s, t->out);
    }
    sb_buf_puts(t->out, " \\\\\n");
}

static void latex_foot(struct sb_table *t)
{
    sb_buf_puts(t->out, "\\bottomrule\n\\end{tabular}\n");
}

const struct sb_table_writer sb_table_csv = { csv_head, csv_row, NULL, "", false };
const struct sb_table_writer sb_table_json = { json_head, json_row, json_foot, "", false };
const struct sb_table_writer sb_table_markdown = { markdown_head, markdown_row, NULL, "-", true };
const struct sb_table_writer sb_table_latex = { latex_head, latex_row, latex_foot, "--", true };
