/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rows as a table of HTML. */
#include "report/html.h"

#include "base/memory.h"
#include "base/text.h"
#include "report/escape.h"

#include <errno.h>
#include <math.h>
#include <string.h>

enum { LONG = 48 }; /* bytes of a text that may be folded */

void sb_html_text(struct sb_buf *out, const char *text)
{
    sb_escape_html(text ? text : "", out);
}

/* The columns to be shown: bit i. Above 64 all are. */
static bool is_shown(uint64_t same, int i)
{
    return i >= 64 || !(same >> i & 1);
}

/* Is column i what it was in the first row? *first_inout: that, owned. */
static bool stays(sqlite3_stmt *stmt, int i, char **first_inout)
{
    const char *value = (const char *)sqlite3_column_text(stmt, i);

    if (!*first_inout)
        *first_inout = sb_strdup(value ? value : "");
    return *first_inout && strcmp(*first_inout, value ? value : "") == 0;
}

/* Of the setting's columns those that are the same in all rows, if there are several rows. */
static uint64_t same_columns(sqlite3_stmt *stmt, uint64_t setting)
{
    char *first[64] = { NULL };
    size_t n = 0;

    for (; setting && sqlite3_step(stmt) == SQLITE_ROW; n++)
        for (int i = 0; i < 64 && i < sqlite3_column_count(stmt); i++)
            if (setting >> i & 1 && !stays(stmt, i, &first[i]))
                setting &= ~(1ull << i);
    sqlite3_reset(stmt);
    for (size_t i = 0; i < SB_COUNT(first); i++)
        free(first[i]);
    return n > 1 ? setting : 0;
}

static void put_value(sqlite3_stmt *stmt, int i, struct sb_buf *out)
{
    char number[32];

    if (sqlite3_column_type(stmt, i) == SQLITE_FLOAT && isfinite(sqlite3_column_double(stmt, i))) {
        sb_format_real(sqlite3_column_double(stmt, i), number);
        sb_buf_puts(out, number);
    } else {
        sb_html_text(out, (const char *)sqlite3_column_text(stmt, i));
    }
}

/* What is the same in all rows, in a line above the table. */
static void put_same(sqlite3_stmt *stmt, uint64_t same, struct sb_buf *out)
{
    const char *between = "<p>In all rows: ";

    for (int i = 0; i < sqlite3_column_count(stmt); i++) {
        if (is_shown(same, i) || sqlite3_column_type(stmt, i) == SQLITE_NULL)
            continue;
        sb_buf_printf(out, "%s%s <strong>", between, sqlite3_column_name(stmt, i));
        put_value(stmt, i, out);
        sb_buf_puts(out, "</strong>");
        between = ", ";
    }
    if (*between == ',')
        sb_buf_puts(out, "</p>\n");
}

static void put_header(const char *name, struct sb_buf *out)
{
    const struct sb_column *column = sb_column_find(name);

    sb_buf_puts(out, "<th scope=\"col\"");
    if (column) {
        sb_buf_puts(out, " title=\"");
        sb_html_text(out, column->meaning);
        sb_buf_puts(out, "\"");
    }
    sb_buf_puts(out, ">");
    sb_html_text(out, name);
    sb_buf_puts(out, "</th>");
}

static void put_head(sqlite3_stmt *stmt, const struct sb_html_table *table, uint64_t same,
                     struct sb_buf *out)
{
    put_same(stmt, same, out);
    sb_buf_puts(out, "<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-label=\"");
    sb_html_text(out, table->caption);
    sb_buf_puts(out, "\">\n<table class=\"sortable\">\n<caption>");
    sb_html_text(out, table->caption);
    sb_buf_puts(out, "</caption>\n<thead><tr>");
    for (int i = 0; i < sqlite3_column_count(stmt); i++)
        if (is_shown(same, i))
            put_header(sqlite3_column_name(stmt, i), out);
    sb_buf_puts(out, "</tr></thead>\n<tbody>\n");
}

static void put_cell(sqlite3_stmt *stmt, int i, struct sb_buf *out)
{
    const int type = sqlite3_column_type(stmt, i);

    if (type == SQLITE_NULL) {
        sb_buf_puts(out, "<td></td>");
        return;
    }
    if (type != SQLITE_TEXT)
        sb_buf_puts(out, "<td class=\"n\">");
    else
        sb_buf_puts(out, sqlite3_column_bytes(stmt, i) > LONG ? "<td class=\"long\">" : "<td>");
    put_value(stmt, i, out);
    sb_buf_puts(out, "</td>");
}

static void put_row(sqlite3_stmt *stmt, uint64_t same, struct sb_buf *out)
{
    sb_buf_puts(out, "<tr>");
    for (int i = 0; i < sqlite3_column_count(stmt); i++)
        if (is_shown(same, i))
            put_cell(stmt, i, out);
    sb_buf_puts(out, "</tr>\n");
}

static void put_foot(const struct sb_html_table *table, uint64_t n, struct sb_buf *out)
{
    sb_buf_puts(out, "</tbody>\n</table>\n</div>\n");
    if (!table->most || n <= table->most)
        return;
    sb_buf_printf(out,
                  "<p class=\"note\">%llu of %llu rows; the others are left out here. All of them: "
                  "<code>",
                  (unsigned long long)table->most, (unsigned long long)n);
    sb_html_text(out, table->command);
    sb_buf_puts(out, "</code></p>\n");
}

int sb_html_rows(sqlite3_stmt *stmt, const struct sb_html_table *table, struct sb_buf *out,
                 uint64_t *n_out, struct sb_diag *diag)
{
    const uint64_t same = same_columns(stmt, table->setting);
    uint64_t n = 0;
    int code;

    while ((code = sqlite3_step(stmt)) == SQLITE_ROW) {
        if (n == 0)
            put_head(stmt, table, same, out);
        if (!table->most || n < table->most)
            put_row(stmt, same, out);
        n++;
    }
    if (code != SQLITE_DONE)
        return sb_diag_fail(diag, -EIO, "%s: %s", table->caption,
                            sqlite3_errmsg(sqlite3_db_handle(stmt)));
    if (n > 0)
        put_foot(table, n, out);
    if (n_out)
        *n_out = n;
    return 0;
}
