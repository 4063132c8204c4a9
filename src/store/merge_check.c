/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Do databases agree? A cell is one experiment's, done by one build of its learner, and gives one
 * outcome: where two databases say otherwise, one of them is wrong, and no merge can tell which. */
#include "store/merge_work.h"

#include "base/memory.h"

#include <errno.h>
#include <string.h>

enum { MOST_LINES = 10 };

/* outcome: in words that are equal where the outcomes are. */
static const char make_candidate[] =
    "DROP TABLE IF EXISTS temp.candidate;"
    "CREATE TEMP TABLE candidate (source INTEGER, run INTEGER, experiment INTEGER, name TEXT, "
    "seed TEXT, cell INTEGER, cell_key TEXT, learner TEXT, learner_digest TEXT, family TEXT, "
    "family_digest TEXT, label TEXT, "
    "repeat INTEGER, outcome TEXT, transcript TEXT, certificates TEXT, "
    "PRIMARY KEY (cell_key, source, run)) WITHOUT ROWID";

/* As the experiment names it where its grid names several, else its name. */
#define FAMILY_TYPE                                                                                \
    "iif(instr(' ' || r.label, ' family.type='), substr(r.label || ' ', instr(' ' || r.label, "    \
    "' family.type='), instr(substr(r.label || ' ', instr(' ' || r.label, ' family.type=')), ' ')" \
    " - 1), r.family)"

/* A fresh seed is told when the last learner has ended: till then nothing says which draw a run is
 * of. %s: the schema; ?1: its number; ?2: it is being written. */
static const char collect_sql[] =
    "INSERT INTO temp.candidate SELECT ?1, r.id, e.id, e.name, e.seed, r.cell, r.cell_key, "
    "r.learner, r.learner_digest, 'family ' || " FAMILY_TYPE
    ", r.family_digest, r.label, r.repeat, "
    "printf('%%s, %%d queries (%%d answered), "
    "%%d labels, %%d examples, %%s', r.status, r.n_queries, r.n_answered, r.n_labels, "
    "r.n_examples, CASE r.success WHEN 1 THEN 'success' WHEN 0 THEN 'no success' ELSE "
    "'not decided' END), r.transcript, r.certificates "
    "FROM %s.run r JOIN %s.experiment e ON e.id = r.experiment "
    "WHERE r.stale = 0 AND r.status NOT IN " SB_STORE_CUT " AND (e.seed IS NOT NULL OR NOT ?2)";
static const char left_out_sql[] =
    "SELECT count(*) FILTER (WHERE NOT stale), count(*) FILTER (WHERE stale) FROM shard.run r "
    "WHERE NOT EXISTS (SELECT 1 FROM temp.candidate WHERE cell_key = r.cell_key AND source = ?1 "
    "AND run = r.id)";

static int collect_from(struct sb_merge *m, size_t i, struct sb_diag *diag)
{
    const char *schema = i ? "shard" : "main";
    char *sql SB_FREE = sb_printf(collect_sql, schema, schema);
    sqlite3_stmt *stmt = NULL;
    const bool held = i && sb_lock_held(m->in[i - 1]);
    int code;

    if (!sql)
        return sb_diag_fail(diag, -ENOMEM, "out of memory");
    code = sqlite3_prepare_v2(m->store->db, sql, -1, &stmt, NULL);
    if (code == SQLITE_OK) {
        sqlite3_bind_int64(stmt, 1, (int64_t)i);
        sqlite3_bind_int(stmt, 2, held);
        code = sqlite3_step(stmt);
    }
    sqlite3_finalize(stmt);
    return code == SQLITE_DONE ? 0 : sb_store_fail(m->store, "a list of runs", diag);
}

static int count_left_out(struct sb_merge *m, size_t i, struct sb_diag *diag)
{
    sqlite3_stmt *stmt = NULL;
    int code = sqlite3_prepare_v2(m->store->db, left_out_sql, -1, &stmt, NULL);

    if (code == SQLITE_OK) {
        sqlite3_bind_int64(stmt, 1, (int64_t)i);
        code = sqlite3_step(stmt);
    }
    if (code == SQLITE_ROW) {
        m->outcome->n_cut += (uint64_t)sqlite3_column_int64(stmt, 0);
        m->outcome->n_stale += (uint64_t)sqlite3_column_int64(stmt, 1);
    }
    sqlite3_finalize(stmt);
    return code == SQLITE_ROW ? 0 : sb_store_fail(m->store, "a list of runs", diag);
}

int sb_merge_collect(struct sb_merge *m, struct sb_diag *diag)
{
    int error = sb_merge_execute(m, make_candidate, "a list of runs", diag);

    *m->outcome = (struct sb_merge_outcome){ 0 };
    if (!error)
        error = collect_from(m, 0, diag);
    for (size_t i = 1; i <= m->n_in && !error; i++) {
        error = sb_merge_attach(m, i, diag);
        if (error)
            break;
        error = collect_from(m, i, diag);
        if (!error)
            error = count_left_out(m, i, diag);
        if (!error)
            error = sb_merge_detach(m, diag);
    }
    return error;
}

#define ASPECTS(x)                                                                                 \
    x ".seed, " x ".learner_digest, " x ".outcome, " x ".transcript, " x ".certificates"
#define ASPECTS_A ASPECTS("a")
#define ASPECTS_B ASPECTS("b")
#define OTHER_BUILD                                                                                \
    "a.learner_digest <> b.learner_digest AND "                                                    \
    "(a.name <> b.name OR (b.name, 'learner ' || b.learner) NOT IN (SELECT name, part FROM torn))"

/* By learner and by family of an experiment: builds beside the first that is met, unless some database has them
 * all: its user wanted that (run --keep-stale). By cell: what differs from the first run of it.
 * Two databases, the cell, and of both sides what may differ, NULL where it is not looked at. */
static const char contradictions_sql[] =
    "WITH built AS ("
    "  SELECT name, 'learner ' || learner AS part, learner_digest AS digest, source, run"
    "  FROM temp.candidate UNION ALL SELECT name, family, family_digest, source, run"
    "  FROM temp.candidate WHERE family_digest IS NOT NULL),"
    "build AS ("
    "  SELECT name, part, digest, min(source << 32 | run) AS place FROM built GROUP BY 1, 2, 3),"
    "variety AS ("
    "  SELECT name, part, count(DISTINCT digest) AS n FROM built GROUP BY name, part, source),"
    "torn AS ("
    "  SELECT name, part, min(place) AS place FROM build GROUP BY 1, 2 HAVING count(*) > "
    "  (SELECT max(n) FROM variety v WHERE v.name = build.name AND v.part = build.part)),"
    "first AS (SELECT cell_key, min(source << 32 | run) AS place FROM temp.candidate GROUP BY 1) "
    "SELECT 1 AS kind, a.place >> 32, b.place >> 32 AS source_b, x.name AS name, x.cell AS cell,"
    "  x.label, x.repeat, x.cell_key, b.part,"
    "  NULL, a.digest, NULL, NULL, NULL, NULL, b.digest, NULL, NULL, NULL "
    "FROM torn t "
    "JOIN build a ON a.name = t.name AND a.part = t.part AND a.place = t.place "
    "JOIN build b ON b.name = t.name AND b.part = t.part AND b.place >> 32 <> a.place >> 32 "
    "JOIN temp.candidate x ON x.source = b.place >> 32 AND x.run = b.place & 4294967295 "
    "UNION ALL "
    "SELECT 2, a.source, b.source, b.name, b.cell, b.label, b.repeat, b.cell_key, "
    "'learner ' || b.learner, " ASPECTS_A ", " ASPECTS_B " FROM temp.candidate b "
    "JOIN first f ON f.cell_key = b.cell_key "
    "JOIN temp.candidate a ON a.cell_key = f.cell_key AND a.source = f.place >> 32"
    "  AND a.run = f.place & 4294967295 "
    "WHERE a.source <> b.source AND (a.seed IS NOT b.seed OR (" OTHER_BUILD ") OR "
    "(a.learner_digest = b.learner_digest AND (a.outcome <> b.outcome"
    "  OR a.transcript IS NOT b.transcript OR a.certificates IS NOT b.certificates))) "
    "ORDER BY kind, name, cell, source_b";
enum { SOURCE_A = 1, SOURCE_B, NAME, CELL, LABEL, REPEAT, KEY, PART, FIRST_OF_A };

/* What may differ, in the order of ASPECTS: the first that does is told. */
static const struct aspect {
    const char *word;
    int n; /* characters shown */
    const char *advice;
} aspects[] = {
    { "seed ", 32, "only one of these draws can be kept" },
    { "build ", 12, "run one of them again, or merge them into two databases" },
    { "", 200, "statbed replay tells which is right: leave the other out" },
    { "transcript ", 12, "statbed replay tells which is right: leave the other out" },
    { "certificates ", 12, "statbed replay tells which is right: leave the other out" },
};

static const char *text(sqlite3_stmt *s, int column)
{
    const char *t = (const char *)sqlite3_column_text(s, column);

    return t ? t : "(none)";
}

static void tell(const struct sb_merge *m, sqlite3_stmt *s, struct sb_diag *diag)
{
    const int n = (int)SB_COUNT(aspects);
    const char *label = text(s, LABEL);
    int i = 0;

    while (i + 1 < n && strcmp(text(s, FIRST_OF_A + i), text(s, FIRST_OF_A + n + i)) == 0)
        i++;
    sb_diag_fail(diag, 1, "%s: %s%srepeat %s (cell %.12s), %s: %s%.*s in %s, %.*s in %s: %s",
                 text(s, NAME), label, *label ? " " : "", text(s, REPEAT), text(s, KEY),
                 text(s, PART), aspects[i].word, aspects[i].n, text(s, FIRST_OF_A + i),
                 sb_merge_name(m, sqlite3_column_int64(s, SOURCE_A)), aspects[i].n,
                 text(s, FIRST_OF_A + n + i), sb_merge_name(m, sqlite3_column_int64(s, SOURCE_B)),
                 aspects[i].advice);
}

int sb_merge_check(struct sb_merge *m, struct sb_diag *diag)
{
    sqlite3_stmt *s = NULL;
    size_t n = 0;
    int code = sqlite3_prepare_v2(m->store->db, contradictions_sql, -1, &s, NULL);

    while (code == SQLITE_OK || code == SQLITE_ROW) {
        code = sqlite3_step(s);
        if (code == SQLITE_ROW && n++ < MOST_LINES)
            tell(m, s, diag);
    }
    sqlite3_finalize(s);
    if (code != SQLITE_DONE)
        return sb_store_fail(m->store, "a list of runs", diag);
    if (!n)
        return 0;
    return sb_diag_fail(diag, 1, "nothing was merged into %s: %zu contradiction%s%s", m->out, n,
                        n == 1 ? "" : "s", n > MOST_LINES ? ", the first ten above" : "");
}
