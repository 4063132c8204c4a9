/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Pieces of an HTML page: rows as a table, a figure's SVG. All text is escaped here. */
#ifndef SB_REPORT_HTML_H
#define SB_REPORT_HTML_H

#include "base/buffer.h"
#include "base/diag.h"

#include <sqlite3.h>
#include <stdint.h>

struct sb_column {
    const char *name, *meaning;
};
extern const struct sb_column sb_columns[];               /* ends with name NULL */
const struct sb_column *sb_column_find(const char *name); /* NULL: none of that name */

void sb_html_text(struct sb_buf *out, const char *text);

struct sb_html_table {
    const char *caption; /* its name, and for assistive software the table's */
    const char *command; /* prints all rows; NULL: they always fit */
    uint64_t most;       /* rows on the page; 0: all */
    uint64_t setting;    /* bit i: where column i is the same in all rows, it stands above them */
};
/* The rows of a statement as a sortable table, or a line that there are none. Returns 0 or -EIO with
 * a message; *n_out (NULL ok): how many rows there are. */
int sb_html_rows(sqlite3_stmt *stmt, const struct sb_html_table *table, struct sb_buf *out,
                 uint64_t *n_out, struct sb_diag *diag);

/* An SVG by gnuplot as a part of the page: without its prologue and its titles, ids with `prefix` in
 * front, and `alt` as its text. */
void sb_html_svg(const char *svg, const char *prefix, const char *alt, struct sb_buf *out);

#endif
