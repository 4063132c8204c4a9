/* SPDX-License-Identifier: GPL-3.0-or-later */
/* statbed table: a view of the results. */
#include "cli/cli.h"
#include "store/table.h"

#include <errno.h>
#include <string.h>

static int find_view(const char *name, const struct sb_view **out, struct sb_diag *diag)
{
    const char *names[32];
    const char *near;
    size_t n = 0;

    for (; sb_views[n].name && n < SB_COUNT(names); n++) {
        names[n] = sb_views[n].name;
        if (!name || strcmp(name, names[n]) == 0) {
            *out = &sb_views[n];
            return 0;
        }
    }
    near = sb_nearest(name, names, n);
    return sb_diag_fail(diag, -EINVAL, "table: unknown view '%s'%s%s%s; see statbed list views",
                        name, near ? ", did you mean '" : "", near ? near : "", near ? "'?" : "");
}

static int print_view(const char *path, const struct sb_view *view, enum sb_table_format format,
                      struct sb_diag *diag)
{
    struct sb_store *store = NULL;
    struct sb_buf out;
    int error = sb_store_open(path, SB_STORE_READ, &store, diag);

    if (error)
        return error;
    sb_buf_init(&out);
    error = sb_table_view(store, view, format, &out, diag);
    if (!error)
        error = sb_put(&out, diag);
    sb_buf_fini(&out);
    sb_store_close(store, NULL);
    return error;
}

static int verb_table(const struct sb_args *args, struct sb_diag *diag)
{
    const struct sb_view *view;
    enum sb_table_format format;
    char *path SB_FREE = NULL;
    int error = find_view(args->n_operands ? args->operands[0] : NULL, &view, diag);

    if (!error)
        error = sb_table_format(sb_args_value(args, "format"), &format, diag);
    if (!error)
        error = sb_database_find(sb_args_value(args, "db"), &path, diag);
    return error ? error : print_view(path, view, format, diag);
}

static const struct sb_option options[] = {
    SB_OPTION_DB("the database to read; default the one in results/, the newest of several"),
    { "format", "text|csv|json|markdown|latex", "text", "how it is written", 0 },
    SB_OPTION_END
};

const struct sb_verb sb_verb_table = {
    .name = "table",
    .group = SB_GROUP_RESULTS,
    .operands = "[VIEW]",
    .summary = "prints a view of the results; without a name run_summary",
    .options = options,
    .n_most = 1,
    .notes = "statbed list views names the views; statbed show VIEW prints its SQL.\n",
    .examples = "  statbed table queries_vs_bound --format=csv\n",
    .main = verb_table,
};
