/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A sheet of numbers: sections of fields and tables, written as text or as JSON. Every key is in
 * both. */
#ifndef SB_CLI_SHEET_H
#define SB_CLI_SHEET_H

#include "base/json.h"

#include <stdbool.h>

struct sb_sheet {
    struct sb_json json; /* its out is the text's, too */
    bool as_json;
};

void sb_sheet_begin(bool as_json, struct sb_buf *out, struct sb_sheet *sheet);
void sb_sheet_end(struct sb_sheet *sheet);

/* An object of JSON; a title and indented lines of text. Sections do not nest. */
void sb_sheet_section(struct sb_sheet *sheet, const char *key, const char *title);
void sb_sheet_end_section(struct sb_sheet *sheet);
/* digits: 0 is as many as read back exactly. Numbers that are not finite are null, and "none".
 * note: behind it, in text, or NULL. */
void sb_sheet_number(struct sb_sheet *sheet, const char *key, double v, int digits,
                     const char *note);
void sb_sheet_text(struct sb_sheet *sheet, const char *key, const char *text);
/* rows x columns numbers, row-major; JSON: an array of objects. */
void sb_sheet_table(struct sb_sheet *sheet, const char *key, size_t n_columns,
                    const char *const *columns, size_t n_rows, const double *rows);

#endif
