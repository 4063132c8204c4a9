/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sheets of numbers. */
#include "cli/sheet.h"

#include "base/text.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { LABEL = 22, MOST_COLUMNS = 16, NUMBER = 32 };

void sb_sheet_begin(bool as_json, struct sb_buf *out, struct sb_sheet *sheet)
{
    *sheet = (struct sb_sheet){ .json = { .out = out }, .as_json = as_json };
    if (as_json)
        sb_json_object(&sheet->json, NULL);
}

void sb_sheet_end(struct sb_sheet *sheet)
{
    if (!sheet->as_json)
        return;
    sb_json_end_object(&sheet->json);
    sb_buf_puts(sheet->json.out, "\n");
}

void sb_sheet_section(struct sb_sheet *sheet, const char *key, const char *title)
{
    if (sheet->as_json)
        sb_json_object(&sheet->json, key);
    else
        sb_buf_printf(sheet->json.out, "%s%s\n", sheet->json.out->n ? "\n" : "", title);
}

void sb_sheet_end_section(struct sb_sheet *sheet)
{
    if (sheet->as_json)
        sb_json_end_object(&sheet->json);
}

static void format(double v, int digits, const char *none, char out[NUMBER])
{
    if (!isfinite(v))
        snprintf(out, NUMBER, "%s", none);
    else if (digits)
        snprintf(out, NUMBER, "%.*g", digits, v);
    else
        sb_format_real(v, out);
}

void sb_sheet_number(struct sb_sheet *sheet, const char *key, double v, int digits,
                     const char *note)
{
    char text[NUMBER];

    format(v, digits, sheet->as_json ? "null" : "none", text);
    if (sheet->as_json)
        sb_json_raw(&sheet->json, key, text);
    else if (note)
        sb_buf_printf(sheet->json.out, "  %-*s %-22s %s\n", LABEL, key, text, note);
    else
        sb_buf_printf(sheet->json.out, "  %-*s %s\n", LABEL, key, text);
}

void sb_sheet_text(struct sb_sheet *sheet, const char *key, const char *text)
{
    if (sheet->as_json)
        sb_json_text(&sheet->json, key, text);
    else
        sb_buf_printf(sheet->json.out, "  %-*s %s\n", LABEL, key, text);
}

static void put_rows(struct sb_sheet *sheet, size_t n_columns, const char *const *columns,
                     size_t n_rows, const double *rows)
{
    for (size_t i = 0; i < n_rows; i++) {
        sb_json_object(&sheet->json, NULL);
        for (size_t j = 0; j < n_columns; j++)
            sb_sheet_number(sheet, columns[j], rows[i * n_columns + j], 0, NULL);
        sb_json_end_object(&sheet->json);
    }
}

/* Columns as wide as they have to be, numbers at the right. */
static void print_rows(struct sb_buf *out, size_t n_columns, const char *const *columns,
                       size_t n_rows, const double *rows)
{
    int width[MOST_COLUMNS];
    char text[NUMBER];

    for (size_t j = 0; j < n_columns; j++) {
        width[j] = (int)strlen(columns[j]);
        for (size_t i = 0; i < n_rows; i++) {
            format(rows[i * n_columns + j], 0, "none", text);
            width[j] = (int)strlen(text) > width[j] ? (int)strlen(text) : width[j];
        }
    }
    for (size_t j = 0; j < n_columns; j++)
        sb_buf_printf(out, "  %*s", width[j], columns[j]);
    sb_buf_puts(out, "\n");
    for (size_t i = 0; i < n_rows; i++)
        for (size_t j = 0; j < n_columns; j++) {
            format(rows[i * n_columns + j], 0, "none", text);
            sb_buf_printf(out, "  %*s%s", width[j], text, j + 1 == n_columns ? "\n" : "");
        }
}

void sb_sheet_table(struct sb_sheet *sheet, const char *key, size_t n_columns,
                    const char *const *columns, size_t n_rows, const double *rows)
{
    if (sheet->as_json) {
        sb_json_array(&sheet->json, key);
        put_rows(sheet, n_columns, columns, n_rows, rows);
        sb_json_end_array(&sheet->json);
    } else {
        print_rows(sheet->json.out, n_columns, columns, n_rows, rows);
    }
}
