/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A SELECT's result as a table: aligned text, csv, json, markdown, or latex (booktabs). */
#ifndef SB_STORE_TABLE_H
#define SB_STORE_TABLE_H

#include "store/store.h"

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

/* The views that `statbed table` offers, with a line each; NULL-named end. The first is the
 * default. */
struct sb_view {
    const char *name, *summary, *sql; /* sql: the SELECT that defines it */
    size_t n_setting; /* its first columns say what was run, the others what came out */
};
extern const struct sb_view sb_views[];

/* A view. In text, what is the same in every row of its setting stands once, above the table. */
int sb_table_view(struct sb_store *store, const struct sb_view *view, enum sb_table_format format,
                  struct sb_buf *out, struct sb_diag *diag);
int sb_table_print(struct sb_store *store, const char *select, enum sb_table_format format,
                   struct sb_buf *out, struct sb_diag *diag);

#endif
