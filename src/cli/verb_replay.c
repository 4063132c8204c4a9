/* SPDX-License-Identifier: GPL-3.0-or-later */
/* statbed replay: runs an experiment again and compares it with what is recorded. */
#include "cli/cli.h"
#include "cli/experiments.h"
#include "cli/jobs.h"
#include "cli/progress.h"
#include "runner/interrupt.h"

#include <errno.h>

static int nothing_recorded(const struct sb_experiment *experiment, const char *path,
                            struct sb_diag *diag)
{
    return sb_diag_fail(diag, -ENOENT,
                        "replay: %s holds no finished cell of %s: statbed run it first, or name "
                        "its database with --db=FILE.db",
                        path, experiment->name);
}

static int compare(const struct sb_experiment *experiment, const char *path,
                   struct sb_store *recorded, struct sb_store *replayed, struct sb_diag *diag)
{
    struct sb_buf out;
    size_t n = 0;
    int result;

    sb_buf_init(&out);
    result = sb_replay_compare(recorded, replayed, &out, &n, diag);
    if (result == 0 && !n)
        result = nothing_recorded(experiment, path, diag);
    if (result >= 0) {
        int error;

        sb_buf_printf(&out, "%s: %zu runs compared with %s: %s\n", experiment->name, n, path,
                      result ? "they differ" : "equal");
        error = sb_put(&out, diag);
        result = error ? error : result;
    }
    sb_buf_fini(&out);
    return result;
}

static int replay(const struct sb_experiment *experiment, const struct sb_args *args,
                  const char *path, struct sb_store *recorded, struct sb_diag *diag)
{
    struct sb_run_options options = { .isolation = sb_args_isolation(args) };
    struct sb_run_outcome outcome = { 0 };
    struct sb_store *replayed = NULL;
    int result = sb_take_jobs(args, &options, diag);

    if (!result)
        result = sb_store_open(NULL, SB_STORE_MEMORY, &replayed, diag);
    sb_interrupt_catch(options.jobs > 0);
    if (!result)
        result = sb_run_with_progress(experiment, replayed, &options, sb_args_given(args, "quiet"),
                                      &outcome, diag);
    sb_interrupt_release();
    if (result > 0)
        sb_tell_stopped(result, "replay", &outcome, "nothing was compared", diag);
    if (!result && outcome.n_cut)
        result = sb_diag_fail(diag, -EIO, "replay: %zu cells were cut short (first %s)",
                              outcome.n_cut, outcome.cut);
    if (!result)
        result = compare(experiment, path, recorded, replayed, diag);
    sb_store_close(replayed, NULL);
    return result;
}

/* Looks for the record before the work begins. */
static int replay_against(const struct sb_experiment *experiment, const struct sb_args *args,
                          struct sb_diag *diag)
{
    const char *given = sb_args_value(args, "db");
    char *path SB_FREE = given ? sb_strdup(given) : sb_printf("results/%s.db", experiment->name);
    struct sb_store *recorded = NULL;
    int result;

    if (!path)
        return sb_diag_fail(diag, -ENOMEM, "out of memory");
    result = sb_store_open(path, SB_STORE_READ, &recorded, diag);
    if (!result)
        result = replay(experiment, args, path, recorded, diag);
    sb_store_close(recorded, NULL);
    return result;
}

static int verb_replay(const struct sb_args *args, struct sb_diag *diag)
{
    struct sb_open open;
    int result = sb_open_experiment(args->operands[0], sb_args_isolation(args), &open, diag);

    if (result)
        return result;
    result = replay_against(open.experiment, args, diag);
    sb_close_experiment(&open);
    return result;
}

static const struct sb_option options[] = {
    SB_OPTION_DB("the record to compare with; default results/NAME.db here"),
    SB_OPTION_ISOLATION,
    SB_OPTION_JOBS,
    { "quiet", NULL, NULL, "no progress line", 0 },
    SB_OPTION_END
};

const struct sb_verb sb_verb_replay = {
    .name = "replay",
    .group = SB_GROUP_RUN,
    .operands = "EXPERIMENT|FILE.yaml",
    .summary = "runs an experiment again and compares every run with its record",
    .options = options,
    .n_least = 1,
    .n_most = 1,
    .notes =
        "The second run goes to a temporary database. Returns 1 with the first differing query "
        "of each\nrun that differs.\n",
    .examples = "  statbed replay quickstart\n",
    .main = verb_replay,
};
