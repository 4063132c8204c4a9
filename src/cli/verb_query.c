/* SPDX-License-Identifier: GPL-3.0-or-later */
/* statbed query: a SELECT of the user's. */
#include "cli/cli.h"
#include "store/table.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static int read_all(FILE *file, const char *name, struct sb_buf *out, struct sb_diag *diag)
{
    char piece[4096];
    size_t n;

    while ((n = fread(piece, 1, sizeof piece, file)) > 0)
        sb_buf_bytes(out, piece, n);
    if (ferror(file))
        return sb_diag_fail(diag, -EIO, "%s: %s", name, strerror(errno));
    if (memchr(out->data ? out->data : (const uint8_t *)"", 0, out->n))
        return sb_diag_fail(diag, -EINVAL, "%s is not a text", name);
    return out->failed ? sb_diag_fail(diag, -ENOMEM, "out of memory") : 0;
}

static int read_file(const char *path, struct sb_buf *out, struct sb_diag *diag)
{
    FILE *file = fopen(path, "r");
    int error;

    if (!file)
        return sb_diag_fail(diag, -ENOENT, "%s: %s", path, strerror(errno));
    error = read_all(file, path, out, diag);
    fclose(file);
    return error;
}

/* The statement, and what it is called in messages. */
static int find_sql(const struct sb_args *args, const char **name_out, struct sb_buf *out,
                    struct sb_diag *diag)
{
    const char *path = sb_args_value(args, "file");
    const char *sql = args->n_operands ? args->operands[0] : NULL;

    if (!path == !sql)
        return sb_diag_fail(diag, -EINVAL,
                            "query: expected one statement: in quotes, in --file=FILE, or - for "
                            "standard input");
    *name_out = path ? path : strcmp(sql, "-") == 0 ? "standard input" : "query";
    if (path)
        return read_file(path, out, diag);
    if (strcmp(sql, "-") == 0)
        return read_all(stdin, *name_out, out, diag);
    sb_buf_puts(out, sql);
    return out->failed ? sb_diag_fail(diag, -ENOMEM, "out of memory") : 0;
}

static int print_rows(const struct sb_args *args, const char *name, const char *sql,
                      struct sb_diag *diag)
{
    char *path SB_FREE = NULL;
    struct sb_store *store = NULL;
    struct sb_rows rows = { 0 };
    int error = sb_database_find(sb_args_value(args, "db"), &path, diag);

    if (!error)
        error = sb_store_open(path, SB_STORE_READ, &store, diag);
    if (!error)
        error = sb_rows_of_sql(store, name, sql, &rows, diag);
    if (!error)
        error = sb_put_rows(args, store, &rows, diag);
    sb_rows_fini(&rows);
    sb_store_close(store, NULL);
    return error;
}

static int verb_query(const struct sb_args *args, struct sb_diag *diag)
{
    const char *name = NULL;
    struct sb_buf sql;
    int error;

    sb_buf_init(&sql);
    error = find_sql(args, &name, &sql, diag);
    if (!error)
        error = print_rows(args, name, sb_buf_str(&sql), diag);
    sb_buf_fini(&sql);
    return error;
}

static const struct sb_option options[] = {
    SB_OPTION_DB("the database to read; default the one in results/, the newest of several"),
    SB_OPTION_FORMAT,
    { "file", "FILE", NULL, "reads the statement from a file", 0 },
    SB_OPTION_END
};

const struct sb_verb sb_verb_query = {
    .name = "query",
    .group = SB_GROUP_RESULTS,
    .operands = "[SQL]",
    .summary = "prints what a SELECT of yours finds in the results",
    .options = options,
    .n_most = 1,
    .notes = "One statement that only reads: SELECT, WITH, VALUES or EXPLAIN. - reads it from "
             "standard input. docs/results.md explains the tables and views.\n",
    .examples = "  statbed query 'SELECT learner, avg(n_queries) FROM run GROUP BY 1'\n",
    .main = verb_query,
};
