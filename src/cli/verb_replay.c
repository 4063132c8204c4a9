/* SPDX-License-Identifier: GPL-3.0-or-later */
/* statbed replay: does recorded runs again and compares them with their record. */
#include "cli/catalog.h"
#include "cli/cli.h"
#include "cli/experiments.h"
#include "cli/jobs.h"
#include "cli/progress.h"
#include "cli/record.h"
#include "runner/interrupt.h"
#include "runner/replay.h"
#include "store/stepping.h"

#include <errno.h>
#include <string.h>

/* The last line: "quickstart: 24 runs compared with results/quickstart.db by digest: equal; ..." */

static const struct {
    size_t place; /* of the count in struct sb_replay_outcome */
    const char *what;
} further[] = {
#define COUNT(field) offsetof(struct sb_replay_outcome, field)
    { COUNT(n_rebuilt), "by another build of the learner (learner_digest differs)" },
    { COUNT(n_ended), "not compared: ended by the fuse or cut short" },
    { COUNT(n_undone), "not compared: not done again (--fail-fast)" },
    { COUNT(n_lost), "not compared: drawn under a fresh seed that was lost" },
    { COUNT(n_lacking), "of the experiment's cells without a record" },
    { COUNT(n_gone), "recorded of cells that the experiment does not have" },
#undef COUNT
};

/* What is neither equal nor different. */
static void put_further(const struct sb_replay_outcome *outcome, struct sb_buf *out)
{
    for (size_t i = 0; i < SB_COUNT(further); i++) {
        size_t n;

        memcpy(&n, (const char *)outcome + further[i].place, sizeof n);
        if (n)
            sb_buf_printf(out, "; %zu %s", n, further[i].what);
    }
}

/* "by digest", "20 by digest, 4 by counts" */
static void put_levels(const struct sb_replay_outcome *outcome, struct sb_buf *out)
{
    const size_t n = sb_replay_n_compared(outcome);
    const char *before = "";

    for (size_t i = 0; i < SB_REPLAY_LEVELS; i++) {
        if (!outcome->n_compared[i])
            continue;
        sb_buf_puts(out, before);
        if (outcome->n_compared[i] < n)
            sb_buf_printf(out, "%zu ", outcome->n_compared[i]);
        sb_buf_printf(out, "by %s", sb_replay_level_names[i]);
        before = ", ";
    }
}

static void summarize(const char *name, const char *path, const struct sb_replay_outcome *outcome,
                      struct sb_buf *out)
{
    const size_t n = sb_replay_n_compared(outcome);

    if (outcome->n_unnamed)
        sb_buf_printf(out,
                      "the first query that differs is not known, for %s has digests alone: keep "
                      "the queries of both (statbed run --db=FILE.db without transcript: summary), "
                      "and compare with that\n",
                      path);
    sb_buf_printf(out, "%s: %zu run%s compared with %s ", name, n, n == 1 ? "" : "s", path);
    put_levels(outcome, out);
    if (outcome->n_differ)
        sb_buf_printf(out, ": %zu differ%s", outcome->n_differ, outcome->n_differ == 1 ? "s" : "");
    else
        sb_buf_puts(out, ": equal");
    put_further(outcome, out);
    sb_buf_puts(out, "\n");
}

static int nothing_compared(const char *name, const char *path,
                            const struct sb_replay_outcome *outcome, struct sb_diag *diag)
{
    struct sb_buf why;

    sb_buf_init(&why);
    put_further(outcome, &why);
    sb_diag_fail(diag, -ENOENT,
                 "replay: %s holds no finished cell of %s (%s): statbed run it first, or name its "
                 "record with --db=FILE",
                 path, name, why.n > 2 && sb_buf_str(&why) ? sb_buf_str(&why) + 2 : "none at all");
    sb_buf_fini(&why);
    return -ENOENT;
}

static int report(const char *name, const char *path, const struct sb_replay_outcome *outcome,
                  struct sb_buf *out, int result, struct sb_diag *diag)
{
    int error;

    if (result < 0 || result > 1)
        return result;
    if (!sb_replay_n_compared(outcome))
        return nothing_compared(name, path, outcome, diag);
    summarize(name, path, outcome, out);
    error = sb_put(out, diag);
    return error ? error : result;
}

static enum sb_replay_level level_of(const struct sb_args *args)
{
    const char *word = sb_args_value(args, "level");

    for (size_t i = 0; word && i < SB_REPLAY_LEVELS; i++)
        if (strcmp(word, sb_replay_level_names[i]) == 0)
            return (enum sb_replay_level)i;
    return SB_REPLAY_BEST;
}

/* only: that run alone; 0: all. */
static int replay(struct sb_experiment *experiment, const struct sb_args *args,
                  const struct sb_record *record, int64_t only, struct sb_diag *diag)
{
    struct sb_run_options run = { .isolation = sb_args_isolation(args) };
    const struct sb_replay_options options = { .run = &run, .level = level_of(args), .only = only };
    struct sb_replay_outcome outcome = { 0 };
    struct sb_progress_line line;
    struct sb_buf out;
    int result = sb_take_jobs(args, &run, diag);

    if (result)
        return result;
    sb_buf_init(&out);
    sb_progress_begin(&line, &run, sb_args_given(args, "quiet"));
    sb_interrupt_catch(run.jobs > 0);
    result = sb_replay(experiment, record->store, &options, &out, &outcome, diag);
    sb_interrupt_release();
    sb_progress_end(&run);
    if (result > 1)
        sb_tell_stopped(result, "replay", &outcome.ran, "nothing was compared", diag);
    result = report(experiment->name, record->path, &outcome, &out, result, diag);
    sb_buf_fini(&out);
    return result;
}

/* replay EXPERIMENT. Looks for the record before the work begins. */
static int replay_experiment(const struct sb_args *args, struct sb_diag *diag)
{
    struct sb_record record = { 0 };
    struct sb_open open;
    int result = sb_open_experiment(args->operands[0], sb_args_isolation(args), &open, diag);

    if (result)
        return result;
    sb_tell_isolation(&open, sb_args_isolation(args));
    result = sb_record_open(sb_args_value(args, "db"), open.experiment->name, &record, diag);
    if (!result) {
        result = replay(open.experiment, args, &record, 0, diag);
        sb_record_close(&record);
    }
    sb_close_experiment(&open);
    return result;
}

/* replay DB RUN */

static int fail_reading(const struct sb_record *record, int64_t run, const char *file, int error,
                        struct sb_diag *diag)
{
    return sb_diag_fail(diag, error,
                        "replay: run %lld of %s cannot be done again: its experiment, as recorded "
                        "there, is not in order here (paths in it count from the folder of %s)",
                        (long long)run, record->path, file);
}

/* row: name, file and text of the run's experiment. */
static int replay_recorded(const struct sb_args *args, const struct sb_record *record, int64_t run,
                           sqlite3_stmt *row, struct sb_diag *diag)
{
    const char *file = sb_step_text(row, 0), *text = sb_step_text(row, 1);
    struct sb_open open;
    int result;

    if (!*text)
        return sb_diag_fail(diag, -EINVAL,
                            "replay: %s is a reference, which has no experiment: replay the "
                            "experiment by its name",
                            record->path);
    result = sb_open_recorded(text, file, sb_args_isolation(args), &open, diag);
    if (result)
        return fail_reading(record, run, file, result, diag);
    result = replay(open.experiment, args, record, run, diag);
    sb_close_experiment(&open);
    return result;
}

static int replay_run(const struct sb_args *args, const struct sb_record *record, int64_t run,
                      struct sb_diag *diag)
{
    static const char sql[] = "SELECT e.file, e.yaml FROM run r JOIN experiment e ON e.id = "
                              "r.experiment WHERE r.id = ?1";
    sqlite3_stmt *row = NULL;
    bool found = false;
    int result = sb_step_prepare(record->store, sql, &row, diag);

    if (!result) {
        sqlite3_bind_int64(row, 1, run);
        result = sb_step_next(record->store, row, &found, diag);
    }
    if (!result)
        result = found ? replay_recorded(args, record, run, row, diag)
                       : sb_no_such_run(record->store, run, record->path, diag);
    sqlite3_finalize(row);
    return result;
}

static int replay_database(const struct sb_args *args, struct sb_diag *diag)
{
    struct sb_record record = { 0 };
    int64_t run;
    int result;

    if (!sb_parse_int(args->operands[1], &run) || run < 1)
        return sb_diag_fail(diag, -EINVAL, "replay: expected the number of a run, found '%s'",
                            args->operands[1]);
    if (sb_args_given(args, "db"))
        return sb_diag_fail(diag, -EINVAL,
                            "replay: the database of run %s is named twice: leave --db away",
                            args->operands[1]);
    result = sb_record_open(args->operands[0], NULL, &record, diag);
    if (result)
        return result;
    result = replay_run(args, &record, run, diag);
    sb_record_close(&record);
    return result;
}

static int verb_replay(const struct sb_args *args, struct sb_diag *diag)
{
    if (args->n_operands == 1 && sb_name_ends(args->operands[0], ".db"))
        return sb_diag_fail(diag, -EINVAL,
                            "replay: %s goes with the number of a run; for all of an experiment "
                            "name that, and --db=%s",
                            args->operands[0], args->operands[0]);
    return args->n_operands == 2 ? replay_database(args, diag) : replay_experiment(args, diag);
}

static const struct sb_option options[] = {
    { "db", "FILE", NULL,
      "the record: a database, or a reference (.json); default results/NAME.db here, else "
      "results/reference/NAME.json",
      0 },
    { "level", "digest|answers|counts", NULL,
      "how closely; default digest, and counts for what is not bit for bit", 0 },
    SB_OPTION_ISOLATION,
    SB_OPTION_JOBS,
    { "quiet", NULL, NULL, "no progress line", 0 },
    SB_OPTION_END
};

const struct sb_verb sb_verb_replay = {
    .name = "replay",
    .group = SB_GROUP_RUN,
    .operands = "EXPERIMENT|FILE.yaml|FILE.db [RUN]",
    .summary = "does recorded runs again and compares them with their record",
    .options = options,
    .n_least = 1,
    .n_most = 2,
    .notes =
        "With RUN: that run of FILE.db, from the database alone. The second runs go to a temporary "
        "database. Returns 1 with what differs: of each run the first query, with both sides.\n\n"
        "--level=digest: transcripts and certificates, byte for byte; answers: what was asked, "
        "tolerance, status and answer, under whatever certificate; counts: queries, labels, "
        "examples, status and success.\n",
    .examples = "  statbed replay quickstart\n  statbed replay results/quickstart.db 7\n",
    .main = verb_replay,
};
