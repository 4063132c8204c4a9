/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copying runs with all that belongs to them. Ids of runs are given out in the order of the plans
 * over all databases; ids of experiments and expressions are those of equal rows. Every run is
 * copied within one transaction. */
#include "store/merge_work.h"

#include "base/memory.h"

#include <errno.h>

/* What the database merged into does not have: of equal runs the first. */
static const char make_todo[] =
    "DROP TABLE IF EXISTS temp.todo;"
    "CREATE TEMP TABLE todo AS WITH ranked AS ("
    "  SELECT *, row_number() OVER (PARTITION BY cell_key, learner_digest ORDER BY source, run)"
    "    AS rank FROM temp.candidate)"
    "SELECT source, run, experiment, cell_key, (SELECT coalesce(max(id), 0) FROM main.run)"
    "  + row_number() OVER (ORDER BY name, cell, source, run) AS id "
    "FROM ranked WHERE rank = 1 AND source > 0;"
    "CREATE INDEX temp.todo_by_source ON todo(source, id)";

/* Names of a table's columns, so that those of later formats are copied, too. */
#define COLUMNS(table, without)                                                                    \
    "SELECT group_concat(name, ', ') FROM pragma_table_info('" table "') WHERE name NOT IN "       \
    "(" without ")"
/* Draws that nobody knows any more are told apart by their time. */
#define SAME_EXPERIMENT                                                                            \
    "SELECT group_concat('o.' || name || ' IS i.' || name, ' AND ') || "                           \
    "' AND (o.seed IS NOT NULL OR o.created = i.created)' FROM "                                   \
    "pragma_table_info('experiment') WHERE name NOT IN ('id', 'created')"

/* What belongs to a run. ?1: its new id, ?2: its old one; twice %s: the columns. */
static const struct part {
    const char *columns, *format;
} parts[] = {
    { COLUMNS("run", "'id', 'experiment'"),
      "INSERT INTO main.run (id, experiment, %s) SELECT ?1, (SELECT new FROM temp.experiment_map "
      "WHERE old = experiment), %s FROM shard.run WHERE id = ?2 AND stale = 0 AND status NOT "
      "IN " SB_STORE_CUT },
    { COLUMNS("query", "'id', 'expression'"),
      "INSERT INTO main.query (id, expression, %s) SELECT ?1 << 32 | (id & 4294967295), "
      "coalesce((SELECT new FROM temp.expression_map WHERE old = expression), "
      "expression + (SELECT id FROM temp.expression_base)), %s FROM shard.query "
      "WHERE id >= ?2 << 32 AND id < (?2 + 1) << 32" },
    { COLUMNS("bound", "'id', 'run'"),
      "INSERT INTO main.bound (run, %s) SELECT ?1, %s FROM shard.bound WHERE run = ?2 ORDER BY "
      "id" },
    { COLUMNS("fact", "'id', 'run'"),
      "INSERT INTO main.fact (run, %s) SELECT ?1, %s FROM shard.fact WHERE run = ?2 ORDER BY id" },
};

/* Copying from one database. */
struct copier {
    struct sb_merge *m;
    size_t source;
    char *what; /* owned; for messages */
    sqlite3_stmt *next, *part[SB_COUNT(parts)];
    int64_t pending; /* rows in the open transaction; a run is never cut */
};

/* The value of a SELECT as text, malloc'd. */
static int get_text(struct copier *c, const char *select, char **out, struct sb_diag *diag)
{
    struct sb_store *store = c->m->store;
    sqlite3_stmt *s = NULL;
    int error = 0;

    if (sqlite3_prepare_v2(store->db, select, -1, &s, NULL) != SQLITE_OK ||
        sqlite3_step(s) != SQLITE_ROW)
        error = sb_store_fail(store, c->what, diag);
    else if (!(*out = sb_strdup((const char *)sqlite3_column_text(s, 0))))
        error = sb_diag_fail(diag, -ENOMEM, "out of memory");
    sqlite3_finalize(s);
    return error;
}

static int prepare(struct copier *c, const char *sql, sqlite3_stmt **out, struct sb_diag *diag)
{
    if (!sql)
        return sb_diag_fail(diag, -ENOMEM, "out of memory");
    if (sqlite3_prepare_v2(c->m->store->db, sql, -1, out, NULL) != SQLITE_OK)
        return sb_store_fail(c->m->store, c->what, diag);
    return 0;
}

/* Once the maps of ids are there. */
static int prepare_parts(struct copier *c, struct sb_diag *diag)
{
    int error = 0;

    for (size_t i = 0; i < SB_COUNT(parts) && !error; i++) {
        char *columns SB_FREE = NULL;
        char *sql SB_FREE = NULL;

        error = get_text(c, parts[i].columns, &columns, diag);
        if (!error)
            sql = sb_printf(parts[i].format, columns, columns);
        if (!error)
            error = prepare(c, sql, &c->part[i], diag);
    }
    return error ? error
                 : prepare(c,
                           "SELECT id, run, cell_key FROM temp.todo WHERE source = ?1 AND id > ?2 "
                           "ORDER BY id LIMIT 1",
                           &c->next, diag);
}

static void finalize_parts(struct copier *c)
{
    for (size_t i = 0; i < SB_COUNT(parts); i++)
        sqlite3_finalize(c->part[i]);
    sqlite3_finalize(c->next);
}

/* Experiments are equal in all but their id and when they were first run: the earliest is kept. */
static int copy_experiments(struct copier *c, struct sb_diag *diag)
{
    char *columns SB_FREE = NULL;
    char *same SB_FREE = NULL;
    char *sql SB_FREE = NULL;
    int error = get_text(c, COLUMNS("experiment", "'id'"), &columns, diag);

    if (!error)
        error = get_text(c, SAME_EXPERIMENT, &same, diag);
    if (error)
        return error;
    sql = sb_printf("DROP TABLE IF EXISTS temp.wanted; DROP TABLE IF EXISTS temp.experiment_map;"
                    "CREATE TEMP TABLE wanted AS SELECT * FROM shard.experiment WHERE id IN "
                    "(SELECT experiment FROM temp.todo WHERE source = %zu);"
                    "INSERT INTO main.experiment (%s) SELECT %s FROM temp.wanted i WHERE NOT "
                    "EXISTS (SELECT 1 FROM main.experiment o WHERE %s) ORDER BY id;"
                    "CREATE TEMP TABLE experiment_map AS SELECT i.id AS old, o.id AS new, "
                    "i.created FROM temp.wanted i JOIN main.experiment o ON %s;"
                    "UPDATE main.experiment AS o SET created = m.created FROM temp.experiment_map "
                    "m WHERE o.id = m.new AND m.created < o.created",
                    c->source, columns, columns, same, same);
    if (!sql)
        return sb_diag_fail(diag, -ENOMEM, "out of memory");
    return sb_merge_execute(c->m, sql, c->what, diag);
}

/* What rows of queries refer to, by digest. Expressions that are new keep the distance of their ids:
 * only those that are there need a place in the map. */
static int copy_texts(struct copier *c, struct sb_diag *diag)
{
    static const char sql[] =
        "INSERT INTO main.vector (digest, n, data) SELECT digest, n, data FROM shard.vector "
        "WHERE true ORDER BY id ON CONFLICT DO NOTHING;"
        "DROP TABLE IF EXISTS temp.expression_map; DROP TABLE IF EXISTS temp.expression_base;"
        "CREATE TEMP TABLE expression_map (old INTEGER PRIMARY KEY, new INTEGER NOT NULL);"
        "INSERT INTO temp.expression_map SELECT i.id, o.id FROM shard.expression i "
        "JOIN main.expression o ON o.digest = i.digest ORDER BY i.id;"
        "CREATE TEMP TABLE expression_base AS SELECT coalesce(max(id), 0) AS id FROM "
        "main.expression;"
        "INSERT INTO main.expression (id, digest, text) SELECT id + (SELECT id FROM "
        "temp.expression_base), digest, text FROM shard.expression "
        "WHERE id NOT IN (SELECT old FROM temp.expression_map) ORDER BY id";

    return sb_merge_execute(c->m, sql, c->what, diag);
}

/* The next run of this database behind `after`; *id_out = 0: none. `key_out` is the cell's, and
 * holds until the next call. */
static int next_run(struct copier *c, int64_t after, int64_t *id_out, int64_t *old_out,
                    const char **key_out, struct sb_diag *diag)
{
    int code;

    sqlite3_reset(c->next);
    sqlite3_bind_int64(c->next, 1, (int64_t)c->source);
    sqlite3_bind_int64(c->next, 2, after);
    code = sqlite3_step(c->next);
    *id_out = 0;
    if (code == SQLITE_DONE)
        return 0;
    if (code != SQLITE_ROW)
        return sb_store_fail(c->m->store, c->what, diag);
    *id_out = sqlite3_column_int64(c->next, 0);
    *old_out = sqlite3_column_int64(c->next, 1);
    *key_out = (const char *)sqlite3_column_text(c->next, 2);
    return 0;
}

static int copy_part(struct copier *c, size_t i, int64_t id, int64_t old, struct sb_diag *diag)
{
    sqlite3_bind_int64(c->part[i], 1, id);
    sqlite3_bind_int64(c->part[i], 2, old);
    if (sqlite3_step(c->part[i]) != SQLITE_DONE)
        return sb_store_fail(c->m->store, c->what, diag);
    sqlite3_reset(c->part[i]);
    c->pending += sqlite3_changes(c->m->store->db);
    return 0;
}

/* The run, as it was when it was listed: who runs an experiment into that database meanwhile adds to
 * it, and may mark runs stale. */
static int copy_run(struct copier *c, int64_t id, int64_t old, const char *key,
                    struct sb_diag *diag)
{
    int error = sb_store_remove_cut(c->m->store, key, diag);

    for (size_t i = 0; i < SB_COUNT(parts) && !error; i++) {
        error = copy_part(c, i, id, old, diag);
        if (!error && i == 0 && sqlite3_changes(c->m->store->db) != 1)
            return sb_diag_fail(diag, -EIO, "%s changed while it was read: merge again",
                                sb_merge_name(c->m, (int64_t)c->source));
    }
    return error;
}

static int next_transaction(struct copier *c, struct sb_diag *diag)
{
    const int error = sb_store_commit(c->m->store, diag);

    c->pending = 0;
    return error ? error : sb_store_begin_attached(c->m->store, diag);
}

static int copy_runs(struct copier *c, struct sb_diag *diag)
{
    int64_t id = 0, old;
    const char *key;
    int error;

    do {
        error = next_run(c, id, &id, &old, &key, diag);
        if (!error && id)
            error = copy_run(c, id, old, key, diag);
        c->m->outcome->n_copied += !error && id;
        if (!error && c->pending >= SB_STORE_BATCH)
            error = next_transaction(c, diag);
    } while (!error && id);
    return error;
}

/* What is attached as `shard`. */
static int copy_attached(struct copier *c, struct sb_diag *diag)
{
    int error = sb_store_begin_attached(c->m->store, diag);

    if (!error)
        error = copy_experiments(c, diag);
    if (!error)
        error = copy_texts(c, diag);
    if (!error)
        error = prepare_parts(c, diag);
    if (!error)
        error = copy_runs(c, diag);
    finalize_parts(c);
    return error ? error : sb_store_commit(c->m->store, diag);
}

static int copy_from(struct sb_merge *m, size_t source, struct sb_diag *diag)
{
    char *what SB_FREE = sb_printf("the runs of %s", m->in[source - 1]);
    struct copier c = { .m = m, .source = source, .what = what };
    int error =
        what ? sb_merge_attach(m, source, diag) : sb_diag_fail(diag, -ENOMEM, "out of memory");

    if (!error)
        error = copy_attached(&c, diag);
    return error ? error : sb_merge_detach(m, diag);
}

/* A number that a SELECT gives. */
static int get_number(struct sb_merge *m, const char *select, int64_t *out, struct sb_diag *diag)
{
    sqlite3_stmt *s = NULL;
    int error = 0;

    if (sqlite3_prepare_v2(m->store->db, select, -1, &s, NULL) != SQLITE_OK ||
        sqlite3_step(s) != SQLITE_ROW)
        error = sb_store_fail(m->store, "a list of runs", diag);
    else
        *out = sqlite3_column_int64(s, 0);
    sqlite3_finalize(s);
    return error;
}

static int list_todo(struct sb_merge *m, struct sb_diag *diag)
{
    int64_t n = 0, last = 0;
    int error = sb_merge_execute(m, make_todo, "a list of runs", diag);

    if (!error)
        error = get_number(m,
                           "SELECT (SELECT count(*) FROM temp.candidate WHERE source > 0) - "
                           "(SELECT count(*) FROM temp.todo)",
                           &n, diag);
    if (!error)
        error = get_number(m, "SELECT coalesce(max(id), 0) FROM temp.todo", &last, diag);
    if (!error && last > INT32_MAX)
        error = sb_diag_fail(
            diag, -EINVAL, "%s: more runs than a database can number: merge into several", m->out);
    m->outcome->n_there = (uint64_t)n;
    return error;
}

/* References are right by the maps; to look each up again would take as long as the copy. */
static int trust_references(struct sb_merge *m, struct sb_diag *diag)
{
    return sb_merge_execute(m, "PRAGMA foreign_keys = OFF", "settings", diag);
}

int sb_merge_copy(struct sb_merge *m, struct sb_diag *diag)
{
    int error = list_todo(m, diag);

    if (!error)
        error = trust_references(m, diag);

    for (size_t i = 1; i <= m->n_in && !error; i++) {
        char *sql SB_FREE = sb_printf("SELECT count(*) FROM temp.todo WHERE source = %zu", i);
        int64_t n = 0;

        error = sql ? get_number(m, sql, &n, diag) : sb_diag_fail(diag, -ENOMEM, "out of memory");
        if (!error && n)
            error = copy_from(m, i, diag);
    }
    return error;
}
