/* SPDX-License-Identifier: GPL-3.0-or-later */
/* statbed report: a database as one HTML page. */
#include "cli/cli.h"
#include "report/files.h"
#include "report/gnuplot.h"
#include "report/page.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* results/x.db -> results/x.html */
static char *page_path(const char *database)
{
    const size_t n = strlen(database);
    const bool ends = n > 3 && strcmp(database + n - 3, ".db") == 0;

    return sb_printf("%.*s.html", (int)(ends ? n - 3 : n), database);
}

/* A page of ours may be written anew; another file may not. */
static int check_free(const char *path, struct sb_diag *diag)
{
    FILE *file = fopen(path, "rb");
    char start[256];
    size_t n;

    if (!file)
        return access(path, F_OK) == 0
                   ? sb_diag_fail(diag, -EINVAL,
                                  "%s exists and cannot be read: --force replaces it", path)
                   : 0;
    n = fread(start, 1, sizeof(start), file);
    fclose(file);
    if (n == sizeof(start) && memcmp(start, sb_report_head, n) == 0)
        return 0;
    return sb_diag_fail(diag, -EINVAL,
                        "%s exists and is no report: --force replaces it, --out=FILE takes another "
                        "name",
                        path);
}

static int read_page(const char *database, struct sb_buf *out, struct sb_diag *diag)
{
    struct sb_store *store = NULL;
    int error = sb_store_open(database, SB_STORE_READ, &store, diag);

    if (!error)
        error = sb_report_page(store, database, out, diag);
    sb_store_close(store, NULL);
    return error;
}

/* Written beside, and moved there when it is whole. */
static int write_page(const char *path, struct sb_buf *page, struct sb_diag *diag)
{
    char *parent SB_FREE = sb_path_folder(path);
    struct sb_drafts drafts = { 0 };
    char *draft SB_FREE = NULL;
    int error = parent ? sb_drafts_make(parent, &drafts, diag)
                       : sb_diag_fail(diag, -ENOMEM, "out of memory");

    if (error)
        return error;
    draft = sb_printf("%s/page", drafts.folder);
    error = draft ? sb_file_write(draft, page, diag) : sb_diag_fail(diag, -ENOMEM, "out of memory");
    if (!error && rename(draft, path))
        error = sb_diag_fail(diag, -EIO, "%s cannot be written: %s", path, strerror(errno));
    sb_drafts_remove(&drafts);
    return error;
}

static int report(const char *database, const char *path, struct sb_diag *diag)
{
    struct sb_buf page;
    int error;

    sb_buf_init(&page);
    error = read_page(database, &page, diag);
    if (!error)
        error = write_page(path, &page, diag);
    sb_buf_clear(&page);
    sb_buf_printf(&page, "wrote %s\n", path);
    if (!error)
        error = sb_put(&page, diag);
    sb_buf_fini(&page);
    return error;
}

static int verb_report(const struct sb_args *args, struct sb_diag *diag)
{
    const char *out = sb_args_value(args, "out");
    char *database SB_FREE = NULL;
    char *path SB_FREE = NULL;
    int error = sb_gnuplot_present(diag);

    if (!error)
        error = sb_database_find(args->n_operands ? args->operands[0] : NULL, &database, diag);
    if (error)
        return error;
    path = out ? sb_strdup(out) : page_path(database);
    if (!path)
        return sb_diag_fail(diag, -ENOMEM, "out of memory");
    error = sb_file_replaceable(path, diag);
    if (!error && !sb_args_given(args, "force"))
        error = check_free(path, diag);
    return error ? error : report(database, path, diag);
}

static const struct sb_option options[] = {
    { "out", "FILE", NULL, "the page; default the database's name with .html", 0 },
    { "force", NULL, NULL, "replaces a file that is no report", 0 },
    SB_OPTION_END
};

const struct sb_verb sb_verb_report = {
    .name = "report",
    .group = SB_GROUP_RESULTS,
    .operands = "[FILE.db]",
    .summary = "writes a database as one HTML page of figures and tables",
    .options = options,
    .n_most = 1,
    .notes = "The page needs no network and no other file, and is the same for the same database. "
             "Without FILE.db it is that of the database in results/, the newest of several.\n",
    .examples = "  statbed report results/quickstart.db\n",
    .main = verb_report,
};
