/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the writers of tables share: the rows at hand, and what a first pass found of the columns. */
#ifndef SB_STORE_TABLE_INTERNAL_H
#define SB_STORE_TABLE_INTERNAL_H

#include "store/table.h"

struct sb_table_column {
    char *name;   /* owned: SQLite's own may go at the first step */
    size_t width; /* characters */
    bool numeric; /* numbers and NULLs only, and at least one number */
    bool texts;   /* a text was seen */
    bool some;    /* a value was seen that is not NULL */
    char *first;  /* the first row's value, owned; NULL: before it, or another value followed */
    bool setting; /* says what was run */
    bool above;   /* text: stands above the table */
    size_t at;    /* text: of this row's value, the bytes that have been written */
};

struct sb_table {
    sqlite3_stmt *stmt;
    struct sb_table_column *columns;
    size_t n, n_rows;
    size_t gap;         /* text: between columns */
    size_t line;        /* text: characters that a line should have at most; 0: any number */
    struct sb_buf cell; /* one value as plain text */
    struct sb_buf *out;
    const char *missing; /* how NULL is written */
};

struct sb_table_writer {
    void (*head)(struct sb_table *t);
    void (*row)(struct sb_table *t);
    void (*foot)(struct sb_table *t); /* NULL: none */
    const char *missing;
    bool measures; /* needs the first pass */
};
extern const struct sb_table_writer sb_table_text, sb_table_csv, sb_table_json, sb_table_markdown,
    sb_table_latex;

/* The value of column i in this row as text; borrowed until the next call. */
const char *sb_table_value(struct sb_table *t, size_t i);

/* The characters of the first n bytes of a UTF-8 text: bytes that do not continue one. */
size_t sb_table_characters(const char *s, size_t n);

#endif
