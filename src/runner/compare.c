/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two stores, run by run. Digests decide where both have them; a learner that is not bit for bit has
 * none, and is compared by its counts. A run that the fuse or memory ended is not compared. */
#include "runner/compare.h"

#include "base/memory.h"
#include "store/stepping.h"

#include <errno.h>
#include <string.h>

enum { RUNS_TOLD = 10 }; /* runs that differ are told of one by one up to here */

const char *const sb_replay_level_names[SB_REPLAY_LEVELS] = { "best", "digest", "answers",
                                                              "counts" };

size_t sb_replay_n_compared(const struct sb_replay_outcome *outcome)
{
    size_t n = 0;

    for (size_t i = 0; i < SB_REPLAY_LEVELS; i++)
        n += outcome->n_compared[i];
    return n;
}

bool sb_compare_by_luck(sqlite3_stmt *run)
{
    static const char *const by_luck[] = { "seconds", "killed", "interrupted", "running" };
    const char *status = sb_step_text(run, SB_COMPARE_STATUS);

    for (size_t i = 0; i < SB_COUNT(by_luck); i++)
        if (strcmp(status, by_luck[i]) == 0)
            return true;
    return false;
}

int sb_compare_possible(sqlite3_stmt *run, enum sb_replay_level level, const char *when,
                        struct sb_diag *diag)
{
    const char *id = sb_step_text(run, SB_COMPARE_ID);

    if (level == SB_REPLAY_DIGEST && !sqlite3_column_int(run, SB_COMPARE_HAS_DIGEST))
        return sb_diag_fail(diag, -EINVAL,
                            "replay: run %s has no digests as %s (its learner or family is not bit "
                            "for bit): take --level=counts, or leave --level away",
                            id, when);
    if (level == SB_REPLAY_ANSWERS && !sqlite3_column_int(run, SB_COMPARE_HAS_ROWS))
        return sb_diag_fail(diag, -EINVAL,
                            "replay: run %s as %s has no rows of its queries (transcript: summary, "
                            "or a reference): take --level=digest or counts",
                            id, when);
    return 0;
}

static enum sb_replay_level choose_level(sqlite3_stmt *a, sqlite3_stmt *b,
                                         enum sb_replay_level wanted)
{
    if (wanted != SB_REPLAY_BEST)
        return wanted;
    return sqlite3_column_int(a, SB_COMPARE_HAS_DIGEST) &&
                   sqlite3_column_int(b, SB_COMPARE_HAS_DIGEST)
               ? SB_REPLAY_DIGEST
               : SB_REPLAY_COUNTS;
}

/* What is under way. */
struct comparison {
    struct sb_store *recorded, *replayed;
    enum sb_replay_level level; /* as asked for */
    sqlite3_stmt *a, *b;        /* a run of each, of the same cell */
    struct sb_buf *out;
    struct sb_replay_outcome *outcome;
    struct sb_diag *diag;
};

/* "family.dimension=8 repeat 2, run 5", the run as recorded; malloc'd. */
static char *name_of(sqlite3_stmt *run)
{
    const char *label = sb_step_text(run, SB_COMPARE_LABEL);

    return sb_printf("%s%srepeat %s, run %s", label, *label ? " " : "",
                     sb_step_text(run, SB_COMPARE_REPEAT), sb_step_text(run, SB_COMPARE_ID));
}

static bool rebuilt(sqlite3_stmt *a, sqlite3_stmt *b)
{
    const char *learner = sb_step_text(a, SB_COMPARE_LEARNER); /* "": a reference */

    return *learner && strcmp(learner, sb_step_text(b, SB_COMPARE_LEARNER)) != 0;
}

static void count(const struct comparison *c, enum sb_replay_level level, bool differs, bool rows)
{
    c->outcome->n_compared[level]++;
    c->outcome->n_rebuilt += rebuilt(c->a, c->b);
    c->outcome->n_differ += differs;
    c->outcome->n_unnamed += differs && !rows && level == SB_REPLAY_DIGEST;
}

/* What differs is kept while there are few such runs. */
static int compare_runs(const struct comparison *c)
{
    char *name SB_FREE = name_of(c->a);
    const struct sb_compare_pair pair = {
        .recorded = c->recorded,
        .replayed = c->replayed,
        .a = sqlite3_column_int64(c->a, SB_COMPARE_ID),
        .b = sqlite3_column_int64(c->b, SB_COMPARE_ID),
        .name = name,
        .rows = sqlite3_column_int(c->a, SB_COMPARE_HAS_ROWS) &&
                sqlite3_column_int(c->b, SB_COMPARE_HAS_ROWS),
    };
    const enum sb_replay_level level = choose_level(c->a, c->b, c->level);
    struct sb_buf lines;
    int error = name ? sb_compare_possible(c->b, level, "replayed", c->diag) : -ENOMEM;

    if (error)
        return error;
    sb_buf_init(&lines);
    error = sb_compare_pair(&pair, level, &lines, c->diag);
    if (!error && lines.failed)
        error = -ENOMEM;
    if (!error)
        count(c, level, lines.n > 0, pair.rows);
    if (c->outcome->n_differ <= RUNS_TOLD)
        sb_buf_bytes(c->out, lines.data, lines.n);
    sb_buf_fini(&lines);
    return error;
}

/* The recorded run of the cell that b is a run of; `only`: this one. */
static int find_recorded(const struct comparison *c, int64_t only, bool *found_out)
{
    sqlite3_reset(c->a);
    if (only)
        sqlite3_bind_int64(c->a, 1, only);
    else
        sqlite3_bind_text(c->a, 1, sb_step_text(c->b, SB_COMPARE_KEY), -1, SQLITE_TRANSIENT);
    return sb_step_next(c->recorded, c->a, found_out, c->diag);
}

static int compare_all(const struct comparison *c, int64_t only)
{
    bool more, found = false;
    int error;

    while (!(error = sb_step_next(c->replayed, c->b, &more, c->diag)) && more) {
        error = find_recorded(c, only, &found);
        if (error)
            return error;
        if (!found)
            continue;
        if (sb_compare_by_luck(c->a) || sb_compare_by_luck(c->b))
            c->outcome->n_ended++;
        else
            error = compare_runs(c);
        if (error)
            return error;
    }
    return error;
}

int sb_replay_compare(struct sb_store *recorded, struct sb_store *replayed,
                      enum sb_replay_level level, int64_t only, struct sb_buf *out,
                      struct sb_replay_outcome *outcome, struct sb_diag *diag)
{
    struct comparison c = { .recorded = recorded,
                            .replayed = replayed,
                            .level = level,
                            .out = out,
                            .outcome = outcome,
                            .diag = diag };
    const char *find = only ? SB_COMPARE_RUNS SB_COMPARE_BY_ID : SB_COMPARE_RUNS SB_COMPARE_BY_KEY;
    int error = sb_compare_prepare(recorded, diag);

    if (!error)
        error = sb_compare_prepare(replayed, diag);
    if (!error)
        error = sb_step_prepare(replayed, SB_COMPARE_RUNS "WHERE r.stale = 0 ORDER BY r.id", &c.b,
                                diag);
    if (!error)
        error = sb_step_prepare(recorded, find, &c.a, diag);
    if (!error)
        error = compare_all(&c, only);
    sqlite3_finalize(c.a);
    sqlite3_finalize(c.b);
    if (!error && outcome->n_differ > RUNS_TOLD)
        sb_buf_printf(out, "... and %zu more runs that differ\n", outcome->n_differ - RUNS_TOLD);
    if (!error && out->failed)
        error = -ENOMEM;
    return error ? error : outcome->n_differ > 0;
}
