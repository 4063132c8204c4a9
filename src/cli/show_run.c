/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The record of one run: its columns, its bounds, its first queries and what its learner printed. */
#include "cli/show_run.h"

#include "base/memory.h"
#include "cli/cli.h"
#include "cli/record.h"
#include "runner/learner.h"
#include "store/table.h"

#include <errno.h>
#include <string.h>

enum { FIRST_QUERIES = 10 };

/* Nine digits for the eye; the transcript has all. */
#define SHORT(column)                                                                              \
    "iif(" column " IS NULL, NULL, CAST(printf('%%.9g', " column ") AS REAL)) AS " column

static const char record[] =
    "SELECT r.id AS run, e.name AS experiment, r.label AS point, r.repeat,\n"
    "  nullif(r.stale, 0) AS stale,\n"
    "  r.family, r.family_params, r.oracle, r.grants, r.reduction, r.policy, r.oracle_params,\n"
    "  r.learner, r.learner_params, r.coins, r.learner_digest AS learner_sha256,\n"
    "  r.goal, r.goal_params, r.budget_queries, r.budget_labels, r.budget_samples, r.isolation,\n"
    "  r.status, nullif(r.detail, 0) AS detail, r.message, r.success, r.loss, r.loss_half_width,\n"
    "  iif(r.goal = 'learn' AND r.loss IS NOT NULL, 'total variation along the hidden direction: "
    "the '\n"
    "    || 'distance of the laws in R^d is at least that', NULL) AS loss_is,\n"
    "  r.hypothesis, r.hidden, r.n_queries AS queries, r.n_answered AS answered,\n"
    "  nullif(r.n_labels, 0) AS labels, nullif(r.n_examples, 0) AS examples,\n"
    "  r.equivalent_samples, r.n_sampled AS sampled, r.samples, r.max_eliminated, r.max_dropped,\n"
    "  r.n_left_null AS left_null, r.n_live AS live, r.n_right AS right_on,\n"
    "  r.at_tolerance, r.seconds, r.transcript, r.certificates, r.cell_key,\n"
    "  coalesce(e.seed, 'fresh, and not on record: its run has not ended, or was killed') AS "
    "seed,\n"
    "  e.statbed_version, e.git_state, e.compiler, e.cpu, e.created\n"
    "FROM run r JOIN experiment e ON e.id = r.experiment WHERE r.id = ?";

/* Control characters of a learner's making stay out of the user's terminal. */
static void put_lines(const char *text, size_t n, const char *indent, struct sb_buf *out)
{
    bool start = true;

    for (size_t i = 0; i < n; i++) {
        const unsigned char c = (unsigned char)text[i];

        if (start)
            sb_buf_puts(out, indent);
        start = c == '\n';
        if ((c < ' ' && c != '\n' && c != '\t') || c == 127)
            sb_buf_printf(out, "\\x%02x", c);
        else
            sb_buf_u8(out, c);
    }
    if (!start)
        sb_buf_puts(out, "\n");
}

static void put_column(sqlite3_stmt *stmt, int i, struct sb_buf *out)
{
    const char *text = (const char *)sqlite3_column_text(stmt, i);

    if (sqlite3_column_type(stmt, i) == SQLITE_NULL || !text || !*text)
        return;
    sb_buf_printf(out, "  %-16s ", sqlite3_column_name(stmt, i));
    put_lines(text, strlen(text), "", out);
}

/* Prepares a SELECT with the run as its one parameter. */
static int prepare(struct sb_store *store, const char *sql, int64_t run, sqlite3_stmt **out,
                   struct sb_diag *diag)
{
    sqlite3 *db = sb_store_handle(store);

    if (sqlite3_prepare_v2(db, sql, -1, out, NULL) != SQLITE_OK)
        return sb_diag_fail(diag, -EIO, "%s", sqlite3_errmsg(db));
    sqlite3_bind_int64(*out, 1, run);
    return 0;
}

static int put_record(struct sb_store *store, int64_t run, const char *path, struct sb_buf *out,
                      struct sb_diag *diag)
{
    sqlite3_stmt *stmt = NULL;
    int error = prepare(store, record, run, &stmt, diag);
    int code;

    if (error)
        return error;
    code = sqlite3_step(stmt);
    if (code == SQLITE_ROW) {
        sb_buf_printf(out, "run %lld of %s\n", (long long)run, path);
        for (int i = 1; i < sqlite3_column_count(stmt); i++)
            put_column(stmt, i, out);
    }
    sqlite3_finalize(stmt);
    if (code == SQLITE_ROW)
        return 0;
    return code == SQLITE_DONE ? sb_no_such_run(store, run, path, diag)
                               : sb_diag_fail(diag, -EIO, "%s cannot be read", path);
}

/* The title of the output; nothing is captured in this process. */
static const char *said(sqlite3_stmt *stmt, int isolation, bool some)
{
    const char *mode = (const char *)sqlite3_column_text(stmt, isolation);

    if (some)
        return "printed by the learner";
    return mode && strcmp(mode, sb_isolation_name(SB_ISOLATION_NONE)) == 0
               ? "what the learner printed is not kept with --isolation=none"
               : "the learner printed nothing";
}

static int put_output(struct sb_store *store, int64_t run, struct sb_buf *out, struct sb_diag *diag)
{
    sqlite3_stmt *stmt = NULL;
    int error = prepare(store, "SELECT output, output_cut, isolation FROM run WHERE id = ?", run,
                        &stmt, diag);

    if (error)
        return error;
    if (sqlite3_step(stmt) == SQLITE_ROW) {
        const char *text = sqlite3_column_blob(stmt, 0);
        const int n = sqlite3_column_bytes(stmt, 0);

        sb_buf_printf(out, "\n%s\n", said(stmt, 2, n > 0));
        put_lines(text, n > 0 ? (size_t)n : 0, "  | ", out);
        if (sqlite3_column_int(stmt, 1))
            sb_buf_puts(out, "  (and more, beyond budget.output_kib)\n");
    }
    sqlite3_finalize(stmt);
    return 0;
}

/* A SELECT as a table under a title; %lld in it is the run. */
static int put_table(struct sb_store *store, const char *title, char *select, struct sb_buf *out,
                     struct sb_diag *diag)
{
    const struct sb_table_style style = { .format = SB_TABLE_TEXT, .line = sb_line_width() };
    char *sql SB_FREE = select;
    struct sb_rows rows = { 0 };
    int error;

    if (!sql)
        return sb_diag_fail(diag, -ENOMEM, "out of memory");
    sb_buf_printf(out, "\n%s\n", title);
    error = sb_rows_of_sql(store, title, sql, &rows, diag);
    if (!error)
        error = sb_table_write(store, &rows, &style, out, diag);
    sb_rows_fini(&rows);
    return error;
}

/* Have the run's queries rows? */
static int has_rows(struct sb_store *store, int64_t run, bool *out, struct sb_diag *diag)
{
    sqlite3_stmt *stmt = NULL;
    const int error = prepare(store, "SELECT summary FROM run WHERE id = ?", run, &stmt, diag);

    if (error)
        return error;
    *out = sqlite3_step(stmt) != SQLITE_ROW || !sqlite3_column_int(stmt, 0);
    sqlite3_finalize(stmt);
    return 0;
}

static int put_queries(struct sb_store *store, int64_t run, struct sb_buf *out,
                       struct sb_diag *diag)
{
    bool rows = true;
    const int error = has_rows(store, run, &rows, diag);

    if (error)
        return error;
    if (!rows) {
        sb_buf_puts(out, "\nno rows of its queries are kept: the experiment says transcript: "
                         "summary; they are\ncounted and digested above. For rows, say transcript: "
                         "full, and run into another database\n");
        return 0;
    }
    return put_table(
        store, "first queries",
        sb_printf("SELECT seq, expression, tol, status, " SHORT("answer") ", " SHORT(
                      "truth") ", " SHORT("half_width") ", method, samples, cost, clipped, "
                                                        "from_null, eliminated "
                                                        "FROM transcript WHERE run = %lld LIMIT %d",
                  (long long)run, FIRST_QUERIES),
        out, diag);
}

static int put_facts(struct sb_store *store, int64_t run, struct sb_buf *out, struct sb_diag *diag)
{
    sqlite3_stmt *stmt = NULL;
    const int error = prepare(store, "SELECT 1 FROM fact WHERE run = ?", run, &stmt, diag);
    bool any;

    if (error)
        return error;
    any = sqlite3_step(stmt) == SQLITE_ROW;
    sqlite3_finalize(stmt);
    if (!any)
        return 0;
    return put_table(store, "facts",
                     sb_printf("SELECT name, " SHORT("value") ", help FROM fact WHERE run = %lld",
                               (long long)run),
                     out, diag);
}

static int put_run(struct sb_store *store, int64_t run, const char *path, struct sb_buf *out,
                   struct sb_diag *diag)
{
    int error = put_record(store, run, path, out, diag);

    if (!error)
        error =
            put_table(store, "bounds",
                      sb_printf("SELECT name, theorem, round(pow(2, log2_queries), 1) AS queries, "
                                "round(success_ub, 4) AS p_max, round(at_tolerance, 6) AS "
                                "at_tol, applies, why FROM bound WHERE run = %lld",
                                (long long)run),
                      out, diag);
    if (!error)
        error = put_facts(store, run, out, diag);
    if (!error)
        error = put_queries(store, run, out, diag);
    if (!error)
        error = put_output(store, run, out, diag);
    return error;
}

int sb_show_run(const char *db, int64_t run, struct sb_buf *out, struct sb_diag *diag)
{
    struct sb_store *store = NULL;
    char *path SB_FREE = NULL;
    int error = sb_database_find(db, &path, diag);

    if (!error)
        error = sb_store_open(path, SB_STORE_READ, &store, diag);
    if (error)
        return error;
    error = put_run(store, run, path, out, diag);
    sb_store_close(store, NULL);
    return error;
}
