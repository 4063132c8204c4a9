/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rows as a table: aligned text, csv, json, markdown, or latex (booktabs). */
#ifndef SB_STORE_TABLE_H
#define SB_STORE_TABLE_H

#include "store/rows.h"

enum sb_table_format {
    SB_TABLE_TEXT,
    SB_TABLE_CSV,
    SB_TABLE_JSON,
    SB_TABLE_MARKDOWN,
    SB_TABLE_LATEX
};
/* -EINVAL with the nearest known name. */
int sb_table_format(const char *name, enum sb_table_format *out, struct sb_diag *diag);
extern const char *const sb_table_format_names[]; /* NULL-ended */

struct sb_table_style {
    enum sb_table_format format;
    /* Text: characters of a line. What is wider has its columns without a value and those that never
     * change named above it, and its longest texts folded. 0: as wide as it is. */
    size_t line;
    /* Takes what was written so far, a piece at a time, so that memory does not grow with the rows;
     * 0 or an error, which ends the table. NULL: all stays in `out`. */
    int (*put)(struct sb_buf *piece, struct sb_diag *diag);
};
/* Writes all rows. In text, what is the same in every row of the setting stands once, above the
 * table. */
int sb_table_write(struct sb_store *store, const struct sb_rows *rows,
                   const struct sb_table_style *style, struct sb_buf *out, struct sb_diag *diag);

/* A SELECT of our own into a buffer. */
int sb_table_print(struct sb_store *store, const char *select, enum sb_table_format format,
                   struct sb_buf *out, struct sb_diag *diag);

#endif
