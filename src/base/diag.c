/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Diagnostics: a list of one-line messages for the user. */
#include "base/diag.h"

#include "base/memory.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void sb_diag_init(struct sb_diag *diag)
{
    memset(diag, 0, sizeof *diag);
}

void sb_diag_fini(struct sb_diag *diag)
{
    for (size_t i = 0; i < diag->n_items; i++) {
        free(diag->items[i].file);
        free(diag->items[i].text);
    }
    free(diag->items);
    memset(diag, 0, sizeof *diag);
}

__attribute__((format(printf, 5, 0))) static void add(struct sb_diag *diag, const char *file,
                                                      uint32_t line, uint32_t column,
                                                      const char *fmt, va_list ap)
{
    struct sb_diag_item *items, *item;
    char *text = NULL;

    if (!diag)
        return;
    items = sb_grow(diag->items, &diag->cap, diag->n_items + 1, sizeof *items);
    if (!items)
        return;
    diag->items = items;
    if (vasprintf(&text, fmt, ap) < 0)
        return;
    item = &diag->items[diag->n_items++];
    item->file = sb_strdup(file);
    item->line = line;
    item->column = column;
    item->text = text;
}

int sb_diag_fail(struct sb_diag *diag, int error, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    add(diag, NULL, 0, 0, fmt, ap);
    va_end(ap);
    return error;
}

int sb_diag_fail_at(struct sb_diag *diag, int error, const char *file, uint32_t line,
                    uint32_t column, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    add(diag, file, line, column, fmt, ap);
    va_end(ap);
    return error;
}

char *sb_diag_line(const struct sb_diag_item *item)
{
    if (item->file && item->line && item->column)
        return sb_printf("%s:%u:%u: %s", item->file, item->line, item->column, item->text);
    if (item->file && item->line)
        return sb_printf("%s:%u: %s", item->file, item->line, item->text);
    if (item->file)
        return sb_printf("%s: %s", item->file, item->text);
    return sb_strdup(item->text);
}
