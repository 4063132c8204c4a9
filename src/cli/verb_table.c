/* SPDX-License-Identifier: GPL-3.0-or-later */
/* statbed table: a view of the results. */
#include "cli/cli.h"
#include "store/table.h"

#include <errno.h>

static int print_rows(const struct sb_args *args, const struct sb_select *select,
                      struct sb_diag *diag)
{
    char *path SB_FREE = NULL;
    struct sb_store *store = NULL;
    struct sb_rows rows = { 0 };
    int error = sb_database_find(sb_args_value(args, "db"), &path, diag);

    if (!error)
        error = sb_store_open(path, SB_STORE_READ, &store, diag);
    if (!error)
        error = sb_rows_of_view(store, select, &rows, diag);
    if (!error)
        error = sb_put_rows(args, store, &rows, diag);
    sb_rows_fini(&rows);
    sb_store_close(store, NULL);
    return error;
}

/* What is asked of a view: [VIEW] [FILTER...], --columns, --sort and --limit. */
static int args_select(const struct sb_args *args, struct sb_select *out, uint64_t *limit,
                       struct sb_diag *diag)
{
    const char *const word = sb_args_value(args, "limit");
    const bool named = args->n_operands && !sb_is_filter(args->operands[0]);

    *out = (struct sb_select){ .filters = args->operands + named,
                               .n_filters = args->n_operands - named,
                               .columns = sb_args_value(args, "columns"),
                               .sort = sb_args_value(args, "sort"),
                               .limit = word ? limit : NULL };
    if (word && !sb_parse_u64(word, limit))
        return sb_diag_fail(diag, -EINVAL, "%s: --limit=%s is not a number of rows",
                            args->verb->name, word);
    return sb_rows_view(named ? args->operands[0] : NULL, &out->view, diag);
}

static int verb_table(const struct sb_args *args, struct sb_diag *diag)
{
    struct sb_select select;
    uint64_t limit;
    const int error = args_select(args, &select, &limit, diag);

    return error ? error : print_rows(args, &select, diag);
}

static const struct sb_option options[] = {
    SB_OPTION_DB("the database to read; default the one in results/, the newest of several"),
    SB_OPTION_FORMAT,
    { "columns", "A,B", NULL, "these columns, in this order", 0 },
    { "sort", "A,-B", NULL, "by A, then by B downwards; default as the experiment was planned", 0 },
    { "limit", "N", NULL, "rows at most", 0 },
    SB_OPTION_END
};

const struct sb_verb sb_verb_table = {
    .name = "table",
    .group = SB_GROUP_RESULTS,
    .operands = "[VIEW] [FILTER...]",
    .summary = "prints a view of the results; without a name run_summary",
    .options = options,
    .n_most = SB_OPERANDS_ANY,
    .notes =
        "statbed list views names the views; statbed show VIEW prints its SQL.\n\n"
        "A filter compares a column with a value by one of = != < <= > >= ~, numbers with numbers "
        "and texts with texts; all filters must hold. dim=8,10 is one of them, dim!=8,10 none of "
        "them, learner~bent contains it, and bound= has no value. A comma in a value is \\,.\n",
    .examples = "  statbed table queries_vs_bound --format=csv\n"
                "  statbed table dim=8,10 'rate>=0.5' --columns=dim,learner,rate --sort=-dim\n",
    .main = verb_table,
};
