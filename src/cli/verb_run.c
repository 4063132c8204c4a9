/* SPDX-License-Identifier: GPL-3.0-or-later */
/* statbed run: does what an experiment is missing, and names the next command. */
#include "cli/cli.h"
#include "cli/dry_run.h"
#include "cli/experiments.h"
#include "cli/jobs.h"
#include "cli/progress.h"
#include "runner/interrupt.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

enum { SHARDS_MAX = 100000 };

/* One number of --shard, digits alone. */
static bool parse_part(const char *s, size_t n, uint64_t *out)
{
    char text[8];

    if (n >= sizeof text || strspn(s, "0123456789") < n)
        return false;
    memcpy(text, s, n);
    text[n] = '\0';
    return sb_parse_u64(text, out);
}

/* --shard=K/N; shard and n_shards stay 0 where it is not given. */
static int take_shard(const struct sb_args *args, struct sb_run_options *out, struct sb_diag *diag)
{
    const char *given = sb_args_value(args, "shard");
    const size_t n = given ? strcspn(given, "/") : 0;
    uint64_t shard, n_shards;

    if (!given)
        return 0;
    if (!parse_part(given, n, &shard) || given[n] != '/' ||
        !parse_part(given + n + 1, strlen(given + n + 1), &n_shards) || !shard ||
        shard > n_shards || n_shards > SHARDS_MAX)
        return sb_diag_fail(diag, -EINVAL,
                            "run: --shard expects K/N with 1 <= K <= N <= %d, such as 1/4, "
                            "found '%s'",
                            SHARDS_MAX, given);
    out->shard = shard;
    out->n_shards = n_shards;
    return 0;
}

static int take_options(const struct sb_args *args, struct sb_run_options *out,
                        struct sb_diag *diag)
{
    int shard, jobs;

    *out = (struct sb_run_options){ .isolation = sb_args_isolation(args),
                                    .keep_stale = sb_args_given(args, "keep-stale") };
    shard = take_shard(args, out, diag);
    jobs = sb_take_jobs(args, out, diag);
    return shard ? shard : jobs;
}

/* results/NAME.db, or a shard's own. */
static char *default_database(const char *name, const struct sb_run_options *options)
{
    if (!options->n_shards)
        return sb_printf("results/%s.db", name);
    return sb_printf("results/%s.shard-%llu-of-%llu.db", name, (unsigned long long)options->shard,
                     (unsigned long long)options->n_shards);
}

/* The folder of the default. */
static int make_results(struct sb_diag *diag)
{
    if (mkdir("results", 0777) == 0 || errno == EEXIST)
        return 0;
    return sb_diag_fail(diag, -EINVAL,
                        "results/ cannot be made here: %s; go to a folder of yours, or name "
                        "a database with --db=FILE.db",
                        strerror(errno));
}

/* --db, else the default. */
static char *choose_database(const struct sb_args *args, const struct sb_run_options *options,
                             const char *name)
{
    const char *given = sb_args_value(args, "db");

    return given ? sb_strdup(given) : default_database(name, options);
}

/* The latest cell of the experiment that did not end as it should; 0 where there is none. */
static int64_t last_bad_run(struct sb_store *store, const char *name)
{
    sqlite3_stmt *stmt = NULL;
    int64_t run = 0;

    if (sqlite3_prepare_v2(sb_store_handle(store),
                           "SELECT max(r.id) FROM run r JOIN experiment e ON e.id = r.experiment "
                           "WHERE e.name = ? AND r.stale = 0 AND r.status NOT IN "
                           "('finished', 'running', 'interrupted')",
                           -1, &stmt, NULL) == SQLITE_OK) {
        sqlite3_bind_text(stmt, 1, name, -1, SQLITE_STATIC);
        if (sqlite3_step(stmt) == SQLITE_ROW)
            run = sqlite3_column_int64(stmt, 0);
    }
    sqlite3_finalize(stmt);
    return run;
}

/* "quickstart", "quickstart, shard 2 of 4". */
static void put_name(const struct sb_experiment *experiment, const struct sb_run_options *options,
                     struct sb_buf *out)
{
    sb_buf_puts(out, experiment->name);
    if (options->n_shards)
        sb_buf_printf(out, ", shard %llu of %llu", (unsigned long long)options->shard,
                      (unsigned long long)options->n_shards);
}

/* Cells that were not begun, because one before them did not end as it should. */
static size_t count_left(const struct sb_run_outcome *o)
{
    return o->n_cells - o->n_skipped - o->n_done - o->n_cut - o->n_discarded;
}

/* What is wrong with the cells that were run: 0, or 1 with a line each. */
static int complain(const struct sb_run_outcome *outcome, int64_t bad, const char *argument,
                    struct sb_diag *diag)
{
    if (outcome->n_ended_badly)
        sb_diag_fail(diag, 1, "%zu cells did not end as they should; see statbed show %lld%s",
                     outcome->n_ended_badly, (long long)bad, argument);
    if (outcome->n_cut)
        sb_diag_fail(diag, 1, "%zu cells were cut short (first %s); run it again to do them",
                     outcome->n_cut, outcome->cut);
    if (count_left(outcome))
        sb_diag_fail(diag, 1, "--fail-fast: %zu cells were not begun; run it again to do them",
                     count_left(outcome));
    return outcome->n_ended_badly + outcome->n_cut ? 1 : 0;
}

static int summarize(const struct sb_experiment *experiment, const struct sb_run_options *options,
                     const struct sb_run_outcome *outcome, const char *path, int64_t bad,
                     struct sb_diag *diag)
{
    char *argument SB_FREE = sb_database_argument(path);
    struct sb_buf out;
    int error;

    if (!argument)
        return sb_diag_fail(diag, -ENOMEM, "out of memory");
    sb_buf_init(&out);
    put_name(experiment, options, &out);
    sb_buf_printf(&out, ": %zu cells: %zu done (%zu succeeded), %zu skipped; in %s; %s%s%snext: %s",
                  outcome->n_cells, outcome->n_done, outcome->n_success, outcome->n_skipped, path,
                  *outcome->seed ? "seed " : "", outcome->seed, *outcome->seed ? "; " : "",
                  options->n_shards ? "the other shards, then statbed merge\n" : "statbed table");
    if (!options->n_shards)
        sb_buf_printf(&out, "%s\n", argument);
    error = sb_put(&out, diag);
    sb_buf_fini(&out);
    return error ? error : complain(outcome, bad, argument, diag);
}

/* From the open database to the closed one. */
static int run_open(const struct sb_experiment *experiment, const struct sb_args *args,
                    const struct sb_run_options *options, const char *path,
                    struct sb_run_outcome *outcome, int64_t *bad_out, struct sb_diag *diag)
{
    struct sb_store *store = NULL;
    int result = sb_store_open(path, SB_STORE_WRITE, &store, diag), closed;

    if (result)
        return result;
    result = sb_run_with_progress(experiment, store, options, sb_args_given(args, "quiet"), outcome,
                                  diag);
    if (!result && outcome->n_ended_badly)
        *bad_out = last_bad_run(store, experiment->name);
    closed = sb_store_close(store, diag);
    return result < 0 || !closed ? result : closed;
}

static int run_into(const struct sb_experiment *experiment, const struct sb_args *args,
                    const struct sb_run_options *options, const char *path, struct sb_diag *diag)
{
    struct sb_run_outcome outcome = { 0 };
    int64_t bad = 0;
    int result = sb_args_given(args, "db") ? 0 : make_results(diag);

    if (result)
        return result;
    sb_interrupt_catch(options->jobs > 0);
    result = run_open(experiment, args, options, path, &outcome, &bad, diag);
    sb_interrupt_release();
    if (result > 0)
        return sb_tell_stopped(result, "run", &outcome, "run it again for the rest", diag);
    return result ? result : summarize(experiment, options, &outcome, path, bad, diag);
}

static int dry_run(const struct sb_experiment *experiment, const struct sb_run_options *options,
                   const char *path, struct sb_diag *diag)
{
    struct sb_buf out;
    int error;

    sb_buf_init(&out);
    error = sb_dry_run(experiment, options, path, &out, diag);
    if (!error)
        error = sb_put(&out, diag);
    sb_buf_fini(&out);
    return error;
}

static int verb_run(const struct sb_args *args, struct sb_diag *diag)
{
    struct sb_run_options options;
    struct sb_open open;
    char *path SB_FREE = NULL;
    int result = take_options(args, &options, diag);

    if (!result)
        result = sb_open_experiment(args->operands[0], options.isolation, &open, diag);
    if (result)
        return result;
    path = choose_database(args, &options, open.experiment->name);
    if (!path)
        result = sb_diag_fail(diag, -ENOMEM, "out of memory");
    else if (sb_args_given(args, "dry-run"))
        result = dry_run(open.experiment, &options, path, diag);
    else {
        sb_tell_isolation(&open, options.isolation);
        result = run_into(open.experiment, args, &options, path, diag);
    }
    sb_close_experiment(&open);
    return result;
}

static const struct sb_option options[] = {
    SB_OPTION_DB("the database to write; default results/NAME.db here"),
    SB_OPTION_ISOLATION,
    SB_OPTION_JOBS,
    { "dry-run", NULL, NULL,
      "print the cells, what the database has of each, and how many queries the strongest "
      "bound asks for; run nothing",
      0 },
    { "keep-stale", NULL, NULL,
      "what an earlier build of a learner did counts as done, and stays in the tables", 0 },
    { "shard", "K/N", NULL,
      "every N-th cell from the K-th; default database results/NAME.shard-K-of-N.db", 0 },
    { "quiet", NULL, NULL, "no progress line", 0 },
    SB_OPTION_END
};

const struct sb_verb sb_verb_run = {
    .name = "run",
    .group = SB_GROUP_RUN,
    .operands = "EXPERIMENT|FILE.yaml",
    .summary = "runs what is missing of an experiment",
    .options = options,
    .n_least = 1,
    .n_most = 1,
    .notes = "Finished cells are kept; those of a learner "
             "that was\nrebuilt run again. A learner that misses its goal is a result, not a "
             "failure: 1 is returned\nwhere a cell did not end as it should.\n",
    .examples = "  statbed run quickstart\n",
    .main = verb_run,
};
