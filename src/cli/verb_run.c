/* SPDX-License-Identifier: GPL-3.0-or-later */
/* statbed run: does what an experiment is missing, and names the next command. */
#include "cli/cli.h"
#include "cli/experiments.h"
#include "cli/progress.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

/* --db, else results/NAME.db, for which the folder is made. */
static int choose_database(const struct sb_args *args, const char *name, char **path_out,
                           struct sb_diag *diag)
{
    const char *given = sb_args_value(args, "db");
    char *path = given ? sb_strdup(given) : sb_printf("results/%s.db", name);

    if (!path)
        return sb_diag_fail(diag, -ENOMEM, "out of memory");
    if (!given && mkdir("results", 0777) && errno != EEXIST) {
        free(path);
        return sb_diag_fail(diag, -EINVAL,
                            "results/ cannot be made here: %s; go to a folder of yours, or name "
                            "a database with --db=PATH",
                            strerror(errno));
    }
    *path_out = path;
    return 0;
}

/* The latest cell of the experiment that did not end as it should; 0 where there is none. */
static int64_t last_bad_run(struct sb_store *store, const char *name)
{
    sqlite3_stmt *stmt = NULL;
    int64_t run = 0;

    if (sqlite3_prepare_v2(sb_store_handle(store),
                           "SELECT max(r.id) FROM run r JOIN experiment e ON e.id = r.experiment "
                           "WHERE e.name = ? AND r.stale = 0 AND r.status <> 'finished'",
                           -1, &stmt, NULL) == SQLITE_OK) {
        sqlite3_bind_text(stmt, 1, name, -1, SQLITE_STATIC);
        if (sqlite3_step(stmt) == SQLITE_ROW)
            run = sqlite3_column_int64(stmt, 0);
    }
    sqlite3_finalize(stmt);
    return run;
}

/* " --db PATH" where the other verbs would not find the database by themselves. */
static char *db_argument(const char *path)
{
    return sb_database_is_default(path) ? sb_strdup("") : sb_printf(" --db %s", path);
}

static int summarize(const struct sb_experiment *experiment, const struct sb_run_outcome *outcome,
                     const char *path, int64_t bad, struct sb_diag *diag)
{
    char *argument SB_FREE = db_argument(path);
    struct sb_buf out;
    int error;

    if (!argument)
        return sb_diag_fail(diag, -ENOMEM, "out of memory");
    sb_buf_init(&out);
    sb_buf_printf(&out,
                  "%s: %zu cells: %zu done (%zu succeeded), %zu skipped; in %s; next: statbed "
                  "table%s\n",
                  experiment->name, outcome->n_cells, outcome->n_done, outcome->n_success,
                  outcome->n_skipped, path, argument);
    error = sb_put(&out, diag);
    sb_buf_fini(&out);
    if (error || !outcome->n_ended_badly)
        return error;
    sb_diag_fail(diag, 1, "%zu cells did not end as they should; see statbed show %lld%s",
                 outcome->n_ended_badly, (long long)bad, argument);
    return 1;
}

static int run_into(const struct sb_experiment *experiment, const struct sb_args *args,
                    const char *path, struct sb_diag *diag)
{
    struct sb_run_outcome outcome = { 0 };
    struct sb_store *store = NULL;
    int error = sb_store_open(path, SB_STORE_WRITE, &store, diag);
    int64_t bad = 0;
    int closed;

    if (error)
        return error;
    error = sb_run_with_progress(experiment, store, sb_args_isolation(args),
                                 sb_args_given(args, "quiet"), &outcome, diag);
    if (!error && outcome.n_ended_badly)
        bad = last_bad_run(store, experiment->name);
    closed = sb_store_close(store, diag);
    error = error ? error : closed;
    return error ? error : summarize(experiment, &outcome, path, bad, diag);
}

static int verb_run(const struct sb_args *args, struct sb_diag *diag)
{
    struct sb_open open;
    char *path SB_FREE = NULL;
    int result = sb_open_experiment(args->operands[0], sb_args_isolation(args), &open, diag);

    if (result)
        return result;
    result = choose_database(args, open.experiment->name, &path, diag);
    if (!result)
        result = run_into(open.experiment, args, path, diag);
    sb_close_experiment(&open);
    return result;
}

static const struct sb_option options[] = {
    SB_OPTION_DB("the database to write; default results/NAME.db here"),
    SB_OPTION_ISOLATION,
    { "quiet", NULL, NULL, "no progress line", 0 },
    SB_OPTION_END
};

const struct sb_verb sb_verb_run = {
    .name = "run",
    .operands = "NAME|FILE",
    .summary = "runs what is missing of an experiment",
    .options = options,
    .n_least = 1,
    .n_most = 1,
    .notes = "NAME is one of statbed list experiments. Finished cells are kept; those of a learner "
             "that was\nrebuilt run again. A learner that misses its goal is a result, not a "
             "failure: 1 is returned\nwhere a cell did not end as it should.\n",
    .examples = "  statbed run quickstart\n",
    .main = verb_run,
};
