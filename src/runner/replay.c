/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Replay: finds the recorded runs that can be compared, does their cells again in a temporary store,
 * and compares. What was drawn under `seed: fresh` is done again under the seed on record, which may
 * be another one for each run. */
#include "runner/replay.h"

#include "base/memory.h"
#include "runner/compare.h"
#include "store/stepping.h"

#include <errno.h>
#include <string.h>

/* A cell to be done again. */
struct pick {
    struct sb_digest key;
    char seed[SB_SEED_TEXT]; /* "": the experiment's own */
    bool done;
};

struct replay {
    struct sb_experiment *experiment;
    struct sb_store *recorded;
    const struct sb_replay_options *options;
    struct sb_replay_outcome *outcome;
    struct sb_diag *diag;
    struct pick *picks; /* owned; by key, from when they are all there */
    size_t n_picks;
    struct sb_digest *keys; /* owned; of all cells of the experiment; once sorted by bytes */
    size_t n_keys;
    bool rows;        /* has the record rows of the queries of any? */
    const char *seed; /* that the cells wanted now were drawn under */
};

static int by_bytes(const void *a, const void *b)
{
    return memcmp(a, b, sizeof(struct sb_digest));
}

static int by_key(const void *a, const void *b)
{
    return by_bytes(&((const struct pick *)a)->key, &((const struct pick *)b)->key);
}

/* Does the experiment have the cell of a recorded run? Its keys are sorted by now. */
static bool has_cell(const struct replay *r, sqlite3_stmt *run, struct sb_digest *key_out)
{
    return sb_digest_parse(sb_step_text(run, SB_COMPARE_KEY), key_out) &&
           bsearch(key_out, r->keys, r->n_keys, sizeof *key_out, by_bytes);
}

static void sort_keys(struct replay *r)
{
    qsort(r->keys, r->n_keys, sizeof *r->keys, by_bytes);
}

static struct pick *find_pick(const struct replay *r, const struct sb_digest *key)
{
    const struct pick wanted = { .key = *key };

    return bsearch(&wanted, r->picks, r->n_picks, sizeof wanted, by_key);
}

/* Every cell of the experiment. */
static int list_keys(struct replay *r)
{
    const struct sb_experiment *e = r->experiment;

    r->keys = SB_NEW_ARRAY(struct sb_digest, e->n_points * e->repeat);
    r->picks = SB_NEW_ARRAY(struct pick, e->n_points * e->repeat);
    if (!r->keys || !r->picks)
        return sb_diag_fail(r->diag, -ENOMEM, "out of memory");
    for (size_t i = 0; i < e->n_points; i++)
        for (uint64_t repeat = 1; repeat <= e->repeat; repeat++)
            r->keys[r->n_keys++] = sb_cell_key(e, &e->points[i], repeat);
    return 0;
}

/* A recorded run of this cell: is it one to be done again? */
static int pick(struct replay *r, const struct sb_digest *key, sqlite3_stmt *run)
{
    const char *seed = sb_step_text(run, SB_COMPARE_SEED);
    struct pick *p = &r->picks[r->n_picks];
    int error;

    if (sb_compare_by_luck(run)) {
        r->outcome->n_ended++;
        return 0;
    }
    if (r->experiment->fresh && !*seed) {
        r->outcome->n_lost++;
        return 0;
    }
    error = sb_compare_possible(run, r->options->level, "recorded", r->diag);
    if (error)
        return error;
    *p = (struct pick){ .key = *key };
    if (r->experiment->fresh)
        strncat(p->seed, seed, sizeof p->seed - 1);
    r->rows = r->rows || sqlite3_column_int(run, SB_COMPARE_HAS_ROWS);
    r->n_picks++;
    return 0;
}

/* Recorded cells of an experiment of this name that it does not have any more. */
static int count_gone(struct replay *r)
{
    sqlite3_stmt *run = NULL;
    bool more;
    int error = sb_step_prepare(r->recorded, SB_COMPARE_RUNS "WHERE e.name = ?1 AND r.stale = 0",
                                &run, r->diag);

    sort_keys(r);
    if (!error)
        sqlite3_bind_text(run, 1, r->experiment->name, -1, SQLITE_TRANSIENT);
    while (!error && !(error = sb_step_next(r->recorded, run, &more, r->diag)) && more) {
        struct sb_digest key;

        r->outcome->n_gone += !has_cell(r, run, &key);
    }
    sqlite3_finalize(run);
    return error;
}

static int pick_all(struct replay *r)
{
    sqlite3_stmt *run = NULL;
    int error = sb_step_prepare(r->recorded, SB_COMPARE_RUNS SB_COMPARE_BY_KEY, &run, r->diag);

    for (size_t i = 0; i < r->n_keys && !error; i++) {
        char hex[65];
        bool found = false;

        sb_digest_hex(&r->keys[i], hex);
        sqlite3_reset(run);
        sqlite3_bind_text(run, 1, hex, -1, SQLITE_TRANSIENT);
        error = sb_step_next(r->recorded, run, &found, r->diag);
        r->outcome->n_lacking += !error && !found;
        if (!error && found)
            error = pick(r, &r->keys[i], run);
    }
    sqlite3_finalize(run);
    return error ? error : count_gone(r);
}

/* The one run that is asked for: here what cannot be compared is an error. */
static int pick_found(struct replay *r, sqlite3_stmt *run)
{
    const long long id = r->options->only;
    const char *status = sb_step_text(run, SB_COMPARE_STATUS);
    struct sb_digest key;
    int error;

    sort_keys(r);
    if (!has_cell(r, run, &key))
        return sb_diag_fail(r->diag, -EINVAL,
                            "replay: the cell of run %lld is not among those of its experiment "
                            "any more: the family's plugin was rebuilt, or this statbed is another",
                            id);
    error = pick(r, &key, run);
    if (!error && r->outcome->n_ended)
        return sb_diag_fail(
            r->diag, -EINVAL,
            "replay: run %lld %s (status '%s'): where it ended says nothing, so "
            "that there is nothing to compare",
            id, strcmp(status, "seconds") == 0 ? "was ended by the fuse" : "was cut short", status);
    if (!error && r->outcome->n_lost)
        return sb_diag_fail(r->diag, -EINVAL,
                            "replay: run %lld was drawn under a fresh seed that is not on record: "
                            "it cannot be done again",
                            id);
    return error;
}

static int pick_one(struct replay *r)
{
    sqlite3_stmt *run = NULL;
    bool found = false;
    int error = sb_step_prepare(r->recorded, SB_COMPARE_RUNS SB_COMPARE_BY_ID, &run, r->diag);

    if (!error) {
        sqlite3_bind_int64(run, 1, r->options->only);
        error = sb_step_next(r->recorded, run, &found, r->diag);
    }
    if (!error && found)
        error = pick_found(r, run);
    else if (!error)
        error = sb_diag_fail(r->diag, -ENOENT, "replay: there is no run %lld",
                             (long long)r->options->only);
    sqlite3_finalize(run);
    return error;
}

/* Called for every cell of the plan. */
static bool is_wanted(void *self, const struct sb_digest *key)
{
    const struct replay *r = self;
    struct pick *p = find_pick(r, key);

    if (!p || strcmp(p->seed, r->seed) != 0)
        return false;
    p->done = true;
    return true;
}

/* Does again what was drawn under one seed. */
static int run_seed(struct replay *r, const char *seed, struct sb_store *replayed)
{
    struct sb_run_options options = *r->options->run;
    struct sb_run_outcome *ran = &r->outcome->ran;
    int result = *seed ? sb_experiment_set_seed(r->experiment, seed) : 0;

    if (result)
        return sb_diag_fail(r->diag, result, "replay: the recorded seed '%s' cannot be taken: %s",
                            seed, strerror(-result));
    options.wanted = is_wanted;
    options.wanted_self = r;
    r->seed = seed;
    result = sb_experiment_run(r->experiment, replayed, &options, ran, r->diag);
    ran->seed[0] = '\0'; /* it was drawn before, and is on record */
    if (!result && ran->n_cut)
        return sb_diag_fail(r->diag, -EIO, "replay: %zu cells were cut short (first %s)",
                            ran->n_cut, ran->cut);
    return result;
}

static int run_again(struct replay *r, struct sb_store *replayed)
{
    int result = 0;

    r->experiment->summary = !r->rows;
    for (size_t i = 0; i < r->n_picks && !result; i++)
        if (!r->picks[i].done)
            result = run_seed(r, r->picks[i].seed, replayed);
    return result;
}

static int run_and_compare(struct replay *r, struct sb_buf *out)
{
    const size_t n_ended = r->outcome->n_ended;
    struct sb_store *replayed = NULL;
    int result = sb_store_open(NULL, SB_STORE_MEMORY, &replayed, r->diag);

    if (!result)
        result = run_again(r, replayed);
    if (!result)
        result = sb_replay_compare(r->recorded, replayed, r->options->level, r->options->only, out,
                                   r->outcome, r->diag);
    if (result == 0 || result == 1)
        r->outcome->n_undone =
            r->n_picks - sb_replay_n_compared(r->outcome) - (r->outcome->n_ended - n_ended);
    sb_store_close(replayed, NULL);
    return result;
}

int sb_replay(struct sb_experiment *experiment, struct sb_store *recorded,
              const struct sb_replay_options *options, struct sb_buf *out,
              struct sb_replay_outcome *outcome, struct sb_diag *diag)
{
    struct replay r = { .experiment = experiment,
                        .recorded = recorded,
                        .options = options,
                        .outcome = outcome,
                        .diag = diag };
    int result = list_keys(&r);

    if (!result)
        result = options->only ? pick_one(&r) : pick_all(&r);
    if (!result && r.n_picks) {
        qsort(r.picks, r.n_picks, sizeof *r.picks, by_key);
        result = run_and_compare(&r, out);
    }
    free(r.picks);
    free(r.keys);
    return result;
}
