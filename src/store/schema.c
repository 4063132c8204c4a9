/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The tables, and telling our databases from others. Units stand beside the columns and reach the
 * users through docs/results.md and `.schema`. */
#include "store/internal.h"

#include "base/memory.h"

#include <errno.h>
#include <string.h>

/* No index and no foreign key on query.run: the key is the run, so a run's queries lie together,
 * and one more b-tree would halve the rate of the log. */
static const char tables[] =
    "CREATE TABLE experiment (\n"
    "  id INTEGER PRIMARY KEY,\n"
    "  name TEXT NOT NULL,\n"
    "  claim TEXT,            -- what the experiment tests, and its source\n"
    "  file TEXT,             -- the YAML's path, as given\n"
    "  yaml TEXT NOT NULL,    -- its whole text\n"
    "  yaml_digest TEXT NOT NULL, -- SHA-256, hexadecimal\n"
    "  seed TEXT,\n"
    "  statbed_version TEXT, git_state TEXT, compiler TEXT, cpu TEXT, isolation TEXT,\n"
    "  created TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%SZ', 'now')) -- UTC\n"
    ") STRICT;\n"
    "CREATE TABLE run (\n"
    "  id INTEGER PRIMARY KEY,\n"
    "  experiment INTEGER NOT NULL REFERENCES experiment(id),\n"
    "  cell INTEGER NOT NULL,        -- its number in the experiment's plan, from 1\n"
    "  cell_key TEXT NOT NULL,       -- SHA-256 of all that can change the transcript, "
    "hexadecimal\n"
    "  learner_digest TEXT NOT NULL, -- SHA-256 of the plugin's file, hexadecimal\n"
    "  stale INTEGER NOT NULL DEFAULT 0, -- 1: the learner or the family was rebuilt since\n"
    "  repeat INTEGER NOT NULL,      -- from 1\n"
    "  label TEXT NOT NULL,          -- the grid point\n"
    "  family TEXT NOT NULL, family_params TEXT NOT NULL, -- JSON object\n"
    "  family_digest TEXT,           -- SHA-256 of its plugin's file, hexadecimal; NULL: shipped\n"
    "  dimension INTEGER NOT NULL,\n"
    "  log2_members REAL,            -- log2 of the number of hidden members\n"
    "  oracle TEXT NOT NULL,         -- 'stat', 'sample', ...\n"
    "  rule TEXT,                    -- 'stat', 'bernoulli', 'variance', 'fresh'; NULL: it answers "
    "no queries\n"
    "  policy TEXT NOT NULL,\n"
    "  oracle_params TEXT NOT NULL,  -- JSON object\n"
    "  tolerance REAL,               -- granted: tau, t (vstat) or M (honest); NULL: none\n"
    "  grants TEXT NOT NULL,         -- further access: '', 'label', 'sample', 'label,sample'\n"
    "  reduction TEXT NOT NULL,      -- between learner and oracle: 'lift'; '': none\n"
    "  learner TEXT NOT NULL, learner_params TEXT NOT NULL, -- JSON object\n"
    "  coins INTEGER NOT NULL,       -- seed of the learner's own random stream\n"
    "  goal TEXT NOT NULL, goal_params TEXT NOT NULL, -- JSON object\n"
    "  success_wanted REAL,          -- goal.success, a probability\n"
    "  budget_queries INTEGER,       -- NULL: no limit\n"
    "  budget_labels INTEGER,        -- points; NULL: not granted\n"
    "  budget_samples INTEGER,       -- examples; NULL: not granted\n"
    "  isolation TEXT,\n"
    "  summary INTEGER NOT NULL,     -- 1: its queries have no rows here (transcript: summary)\n"
    "  status TEXT NOT NULL,         -- 'running', then how it ended: 'finished', 'crashed', ...;\n"
    "                                -- 'interrupted': cut short, and to be done again\n"
    "  detail INTEGER,               -- signal, exit code or return code\n"
    "  message TEXT,\n"
    "  transcript TEXT, certificates TEXT, -- SHA-256, hexadecimal; NULL: not compared\n"
    "  n_queries INTEGER, n_answered INTEGER, -- statistical queries\n"
    "  n_labels INTEGER,             -- points labelled\n"
    "  n_examples INTEGER,           -- examples handed out or drawn fresh for one answer\n"
    "  equivalent_samples REAL,      -- examples that would have served as well; NULL: no such "
    "number\n"
    "  n_sampled INTEGER,            -- answers whose certificate rests on examples of the "
    "simulator's own\n"
    "  samples INTEGER,              -- examples drawn for them\n"
    "  max_eliminated INTEGER,       -- most members that one query eliminated; NULL: not counted\n"
    "  max_dropped INTEGER,          -- most members that one answer was not surely right for; "
    "NULL: "
    "not counted\n"
    "  n_left_null INTEGER,          -- answers that were not the null's value; NULL: the policy "
    "does "
    "not know it\n"
    "  n_live INTEGER,               -- members left at the end; NULL: not counted\n"
    "  n_right INTEGER,              -- those on which the hypothesis surely meets the goal; NULL: "
    "not "
    "counted\n"
    "  at_tolerance REAL,            -- where bounds are evaluated: tau or t\n"
    "  success INTEGER,              -- 1, 0; NULL: not decided\n"
    "  loss REAL, loss_half_width REAL,\n"
    "  hypothesis TEXT, hidden TEXT,\n"
    "  output BLOB,                  -- what the learner printed\n"
    "  output_cut INTEGER,           -- 1: it printed more\n"
    "  seconds REAL                  -- wall clock\n"
    ") STRICT;\n"
    "CREATE INDEX run_by_cell ON run(cell_key);\n"
    "CREATE TABLE expression (\n"
    "  id INTEGER PRIMARY KEY,\n"
    "  digest BLOB NOT NULL UNIQUE,  -- SHA-256\n"
    "  text TEXT NOT NULL\n"
    ") STRICT;\n"
    "CREATE TABLE query (\n"
    "  id INTEGER PRIMARY KEY,       -- run << 32 | seq\n"
    "  oracle TEXT NOT NULL,\n"
    "  expression INTEGER REFERENCES expression(id), -- NULL: none could be built\n"
    "  tolerance REAL,               -- asked for: tau, t (vstat) or M (honest); NULL: none\n"
    "  answer REAL,                  -- NULL: not answered\n"
    "  truth REAL,                   -- the certified value; NULL: none\n"
    "  half_width REAL,              -- of the certificate around the truth\n"
    "  status TEXT NOT NULL,         -- 'answered', 'budget', 'range', 'tolerance', 'refused',\n"
    "                                -- 'syntax', 'stopped' (asked when the run was ended)\n"
    "  method TEXT,                  -- of the certificate; NULL: not answered\n"
    "  samples INTEGER NOT NULL,     -- examples drawn for the certificate\n"
    "  cost INTEGER NOT NULL,        -- in the oracle's own unit: 1 query, M, examples, points\n"
    "  clipped INTEGER NOT NULL,     -- 1: the range was not proven, clip(query) was evaluated\n"
    "  from_null INTEGER NOT NULL,   -- 1: answered for the null distribution\n"
    "  eliminated INTEGER,           -- hidden members ruled out; NULL: not counted\n"
    "  dropped INTEGER,              -- members that it is not surely right for; NULL: not "
    "counted\n"
    "  run INTEGER GENERATED ALWAYS AS (id >> 32) VIRTUAL,\n"
    "  seq INTEGER GENERATED ALWAYS AS (id & 4294967295) VIRTUAL -- from 1\n"
    ") STRICT;\n"
    "CREATE TABLE vector (\n"
    "  id INTEGER PRIMARY KEY,\n"
    "  digest BLOB NOT NULL UNIQUE,  -- SHA-256\n"
    "  n INTEGER NOT NULL,\n"
    "  data BLOB NOT NULL            -- n little-endian doubles\n"
    ") STRICT;\n"
    "CREATE TABLE bound (\n"
    "  id INTEGER PRIMARY KEY,\n"
    "  run INTEGER NOT NULL REFERENCES run(id) ON DELETE CASCADE,\n"
    "  name TEXT NOT NULL,\n"
    "  theorem TEXT,\n"
    "  applies INTEGER NOT NULL,     -- 1: all its conditions are met\n"
    "  why TEXT,                     -- the conditions met, or the one that is not\n"
    "  log2_queries REAL,            -- log2 of the queries needed; NULL: no statement\n"
    "  success_probability REAL,     -- with which success is asked for\n"
    "  success_ub REAL,              -- most probability of success with so many queries\n"
    "  success_at_zero REAL, success_per_query REAL, -- success_ub of q queries is the first and "
    "q\n"
    "                                -- times the second; NULL: not a line\n"
    "  at_tolerance REAL,            -- tau or t\n"
    "  prior TEXT, problem TEXT, convention TEXT,\n"
    "  subset INTEGER NOT NULL       -- 1: the prior is over some members only, not the run's\n"
    ") STRICT;\n"
    "CREATE INDEX bound_by_run ON bound(run);\n"
    "CREATE TABLE fact (\n"
    "  id INTEGER PRIMARY KEY,\n"
    "  run INTEGER NOT NULL REFERENCES run(id) ON DELETE CASCADE,\n"
    "  name TEXT NOT NULL,\n"
    "  value REAL,                   -- NULL: not known\n"
    "  help TEXT NOT NULL            -- what it is, and how it was had\n"
    ") STRICT;\n"
    "CREATE INDEX fact_by_run ON fact(run);\n";

static int execute(struct sb_store *store, const char *sql, const char *what, struct sb_diag *diag)
{
    if (sqlite3_exec(store->db, sql, NULL, NULL, NULL) != SQLITE_OK)
        return sb_store_fail(store, what, diag);
    return 0;
}

static int number_of(struct sb_store *store, const char *sql, int64_t *out, struct sb_diag *diag)
{
    sqlite3_stmt *stmt = NULL;

    if (sqlite3_prepare_v2(store->db, sql, -1, &stmt, NULL) != SQLITE_OK ||
        sqlite3_step(stmt) != SQLITE_ROW) {
        sqlite3_finalize(stmt);
        return sb_store_fail(store, "the header", diag);
    }
    *out = sqlite3_column_int64(stmt, 0);
    sqlite3_finalize(stmt);
    return 0;
}

/* Ours, of a version that we know, or empty (*fresh_out). */
static int identify(struct sb_store *store, bool *fresh_out, struct sb_diag *diag)
{
    int64_t application, version, objects;
    int error = number_of(store, "PRAGMA application_id", &application, diag);

    if (!error)
        error = number_of(store, "PRAGMA user_version", &version, diag);
    if (!error)
        error = number_of(store, "SELECT count(*) FROM sqlite_schema", &objects, diag);
    if (error)
        return error;
    *fresh_out = !application && !version && !objects;
    if (*fresh_out)
        return 0;
    if (application != SB_STORE_APPLICATION)
        return sb_diag_fail(diag, -EINVAL,
                            "%s is a database, but not one of statbed's results: name another",
                            store->path);
    if (version < SB_STORE_VERSION)
        return sb_diag_fail(
            diag, -EINVAL,
            "%s was made by an older statbed (format %lld, this one writes %d): "
            "name another database, or move this one away and run the experiment again",
            store->path, (long long)version, SB_STORE_VERSION);
    if (version > SB_STORE_VERSION)
        return sb_diag_fail(diag, -EINVAL,
                            "%s was written by a newer statbed (format %lld, this one knows %d): "
                            "use that one, or name another database",
                            store->path, (long long)version, SB_STORE_VERSION);
    return 0;
}

static int set_pragmas(struct sb_store *store, struct sb_diag *diag)
{
    return execute(store,
                   "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;"
                   "PRAGMA foreign_keys = ON; PRAGMA cache_size = -32768;"
                   "PRAGMA journal_size_limit = 67108864",
                   "settings", diag);
}

static int view_text(struct sb_store *store, const char *name, char **text_out,
                     struct sb_diag *diag)
{
    sqlite3_stmt *stmt = NULL;
    int code;

    if (sqlite3_prepare_v2(store->db,
                           "SELECT sql FROM sqlite_schema WHERE type = 'view' AND name = ?", -1,
                           &stmt, NULL) != SQLITE_OK)
        return sb_store_fail(store, "a view", diag);
    sqlite3_bind_text(stmt, 1, name, -1, SQLITE_STATIC);
    code = sqlite3_step(stmt);
    *text_out = code == SQLITE_ROW ? sb_strdup((const char *)sqlite3_column_text(stmt, 0)) : NULL;
    sqlite3_finalize(stmt);
    return code == SQLITE_ROW || code == SQLITE_DONE ? 0 : sb_store_fail(store, "a view", diag);
}

/* Views carry no data: a definition that differs from ours is replaced. */
static int make_view(struct sb_store *store, const struct sb_view *view, struct sb_diag *diag)
{
    char *found SB_FREE = NULL;
    char *create SB_FREE = sb_printf("CREATE VIEW %s AS %s", view->name, view->sql);
    char *replace SB_FREE = sb_printf("DROP VIEW IF EXISTS %s; %s", view->name, create);
    int error;

    if (!create || !replace)
        return sb_diag_fail(diag, -ENOMEM, "out of memory");
    error = view_text(store, view->name, &found, diag);
    if (error || (found && strcmp(found, create) == 0))
        return error;
    return execute(store, replace, "a view", diag);
}

static int make(struct sb_store *store, bool fresh, struct sb_diag *diag)
{
    char *mark SB_FREE = sb_printf("PRAGMA application_id = %d; PRAGMA user_version = %d",
                                   SB_STORE_APPLICATION, SB_STORE_VERSION);
    int error = mark ? sb_store_begin(store, diag) : sb_diag_fail(diag, -ENOMEM, "out of memory");

    if (!error && fresh)
        error = execute(store, tables, "the tables", diag);
    if (!error && fresh)
        error = execute(store, mark, "the header", diag);
    for (const struct sb_view *view = sb_views; !error && view->name; view++)
        error = make_view(store, view, diag);
    return error ? error : sb_store_commit(store, diag);
}

int sb_store_schema(struct sb_store *store, bool writable, struct sb_diag *diag)
{
    bool fresh;
    int error = identify(store, &fresh, diag);

    if (error)
        return error;
    if (!writable && fresh)
        return sb_diag_fail(diag, -EINVAL, "%s is empty: run an experiment into it first",
                            store->path);
    if (!writable)
        return 0;
    error = set_pragmas(store, diag);
    return error ? error : make(store, fresh, diag);
}
