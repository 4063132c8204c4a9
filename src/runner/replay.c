/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Replay: compares two stores cell by cell. Digests decide; where they differ, the first differing
 * query is shown with both sides. A learner that is not bit for bit has no digests, and is compared
 * by its counts; a run that the fuse or memory ended is not compared at all. */
#include "runner/runner.h"

#include <errno.h>
#include <string.h>

/* One fresh, ended run; column texts are borrowed from the statement. */
static const char runs_sql[] =
    "SELECT id, cell_key, label, repeat, status, transcript, certificates, n_queries, n_answered,"
    " success, learner FROM run WHERE stale = 0 AND status <> 'running'";
enum { ID, KEY, LABEL, REPEAT, STATUS, TRANSCRIPT, CERTIFICATES, QUERIES, ANSWERED, SUCCESS };

static const char queries_sql[] =
    "SELECT q.seq, q.oracle || ' ' || coalesce(e.text, '(none)') || ' tolerance ' ||"
    " coalesce(printf('%.17g', q.tolerance), '-') || ': ' || q.status || ' ' ||"
    " coalesce(printf('%.17g', q.answer), '-') || ' eliminated ' || coalesce(q.eliminated, '-')"
    " FROM query q LEFT JOIN expression e ON e.id = q.expression"
    " WHERE q.id BETWEEN (?1 << 32) AND (?1 << 32) + 4294967295 ORDER BY q.id";

static const char *text(sqlite3_stmt *s, int column)
{
    const char *t = (const char *)sqlite3_column_text(s, column);

    return t ? t : "";
}

static int prepare(struct sb_store *store, const char *sql, sqlite3_stmt **out,
                   struct sb_diag *diag)
{
    sqlite3 *db = sb_store_handle(store);

    if (sqlite3_prepare_v2(db, sql, -1, out, NULL) == SQLITE_OK)
        return 0;
    return sb_diag_fail(diag, -EIO, "the results database cannot be read: %s", sqlite3_errmsg(db));
}

/* The next row of a statement; *more_out: there is one. A database that cannot be read is not an
 * equal one. */
static int next_row(struct sb_store *store, sqlite3_stmt *s, bool *more_out, struct sb_diag *diag)
{
    const int code = sqlite3_step(s);

    *more_out = code == SQLITE_ROW;
    if (code == SQLITE_ROW || code == SQLITE_DONE)
        return 0;
    return sb_diag_fail(diag, -EIO, "the results database cannot be read: %s",
                        sqlite3_errmsg(sb_store_handle(store)));
}

static void describe(sqlite3_stmt *run, struct sb_buf *out)
{
    sb_buf_printf(out, "%s%srepeat %s, run %s: ", text(run, LABEL), *text(run, LABEL) ? " " : "",
                  text(run, REPEAT), text(run, ID));
}

/* The first query at which the stored rows of two runs part, with both sides; *same_out: none. */
static int compare_rows(struct sb_store *recorded, int64_t run_a, struct sb_store *replayed,
                        int64_t run_b, struct sb_buf *out, bool *same_out, struct sb_diag *diag)
{
    sqlite3_stmt *a = NULL, *b = NULL;
    int error = prepare(recorded, queries_sql, &a, diag);

    *same_out = true;
    if (!error)
        error = prepare(replayed, queries_sql, &b, diag);
    if (!error) {
        sqlite3_bind_int64(a, 1, run_a);
        sqlite3_bind_int64(b, 1, run_b);
    }
    while (!error && *same_out) {
        bool more_a, more_b = false;

        error = next_row(recorded, a, &more_a, diag);
        if (!error)
            error = next_row(replayed, b, &more_b, diag);
        if (error || (!more_a && !more_b))
            break;
        *same_out = more_a && more_b && strcmp(text(a, 1), text(b, 1)) == 0;
        if (!*same_out)
            sb_buf_printf(out, "query %s\n  recorded: %s\n  replayed: %s\n",
                          text(more_a ? a : b, 0), more_a ? text(a, 1) : "(none: the run ended)",
                          more_b ? text(b, 1) : "(none: the run ended)");
    }
    sqlite3_finalize(a);
    sqlite3_finalize(b);
    return error;
}

static bool equal(sqlite3_stmt *a, sqlite3_stmt *b, int column)
{
    return strcmp(text(a, column), text(b, column)) == 0;
}

/* Digests and rows: either may have been changed since, so both are looked at. *differ_out: was a
 * difference written? */
static int compare_transcripts(struct sb_store *recorded, sqlite3_stmt *a,
                               struct sb_store *replayed, sqlite3_stmt *b, struct sb_buf *out,
                               bool *differ_out, struct sb_diag *diag)
{
    const size_t before = out->n;
    bool same;
    int error;

    describe(a, out);
    error = compare_rows(recorded, sqlite3_column_int64(a, ID), replayed,
                         sqlite3_column_int64(b, ID), out, &same, diag);
    if (same && !equal(a, b, TRANSCRIPT))
        sb_buf_puts(out, "the digests differ, the stored queries do not: the recorded digest was "
                         "changed\n");
    else if (same && !equal(a, b, CERTIFICATES))
        sb_buf_puts(out, "the same answers under different certificates\n");
    else if (same)
        out->n = before; /* nothing to say of this run */
    *differ_out = out->n > before;
    return error;
}

/* Both rows are of one cell. */
static int compare_pair(struct sb_store *recorded, sqlite3_stmt *a, struct sb_store *replayed,
                        sqlite3_stmt *b, struct sb_buf *out, bool *differ_out, struct sb_diag *diag)
{
    if (*text(a, TRANSCRIPT) && *text(b, TRANSCRIPT)) {
        const int error = compare_transcripts(recorded, a, replayed, b, out, differ_out, diag);

        if (error || *differ_out)
            return error;
    }
    *differ_out = !equal(a, b, STATUS) || !equal(a, b, QUERIES) || !equal(a, b, ANSWERED) ||
                  !equal(a, b, SUCCESS);
    if (*differ_out) {
        describe(a, out);
        sb_buf_printf(out,
                      "recorded %s, %s queries, success %s; replayed %s, %s queries, success "
                      "%s\n",
                      text(a, STATUS), text(a, QUERIES), text(a, SUCCESS), text(b, STATUS),
                      text(b, QUERIES), text(b, SUCCESS));
    }
    return 0;
}

static bool by_luck(sqlite3_stmt *run)
{
    return strcmp(text(run, STATUS), "seconds") == 0 || strcmp(text(run, STATUS), "killed") == 0;
}

int sb_replay_compare(struct sb_store *recorded, struct sb_store *replayed, struct sb_buf *out,
                      size_t *n_compared_out, struct sb_diag *diag)
{
    static const char by_key[] = " AND cell_key = ?1";
    char find[sizeof runs_sql + sizeof by_key];
    sqlite3_stmt *a = NULL, *b = NULL;
    size_t n_differ = 0;
    int error;

    *n_compared_out = 0;
    memcpy(find, runs_sql, sizeof runs_sql);
    strcat(find, by_key);
    error = prepare(replayed, runs_sql, &b, diag);
    if (!error)
        error = prepare(recorded, find, &a, diag);
    while (!error) {
        bool more, found = false, differ = false;

        error = next_row(replayed, b, &more, diag);
        if (error || !more)
            break;
        sqlite3_reset(a);
        sqlite3_bind_text(a, 1, text(b, KEY), -1, SQLITE_TRANSIENT);
        error = next_row(recorded, a, &found, diag);
        if (error || !found || by_luck(a) || by_luck(b))
            continue;
        ++*n_compared_out;
        error = compare_pair(recorded, a, replayed, b, out, &differ, diag);
        n_differ += differ;
    }
    sqlite3_finalize(a);
    sqlite3_finalize(b);
    if (!error && out->failed)
        error = -ENOMEM;
    return error ? error : n_differ > 0;
}
