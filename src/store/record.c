/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Writing rows. Statements are prepared once and texts are bound where they stand: every statement
 * is stepped before its caller's texts can go, and bound anew before it is stepped again. */
#include "store/internal.h"

#include "base/memory.h"
#include "statbed/query.h"

#include <errno.h>
#include <string.h>

const char *const sb_store_sql[SB_SQL_COUNT] = {
    [SB_SQL_BEGIN] = "BEGIN IMMEDIATE",
    [SB_SQL_BEGIN_DEFERRED] = "BEGIN",
    [SB_SQL_COMMIT] = "COMMIT",
    [SB_SQL_EXPERIMENT_FIND] =
        "SELECT id FROM experiment WHERE name IS ? AND claim IS ? AND file IS ? AND yaml IS ? AND "
        "yaml_digest IS ? AND seed IS ? AND statbed_version IS ? AND git_state IS ? AND compiler "
        "IS ? AND cpu IS ? AND isolation IS ?",
    [SB_SQL_EXPERIMENT_ADD] =
        "INSERT INTO experiment (name, claim, file, yaml, yaml_digest, seed, statbed_version, "
        "git_state, compiler, cpu, isolation) VALUES (?,?,?,?,?,?,?,?,?,?,?)",
    [SB_SQL_EXPERIMENT_SEED] = "UPDATE experiment SET seed = ? WHERE id = ?",
    [SB_SQL_RUN_CUT] =
        "SELECT id FROM run WHERE cell_key = ? AND status IN " SB_STORE_CUT " LIMIT 1",
    [SB_SQL_RUN_REMOVE_QUERIES] = "DELETE FROM query WHERE id >= ?1 << 32 AND id < (?1 + 1) << 32",
    [SB_SQL_RUN_REMOVE_BOUNDS] = "DELETE FROM bound WHERE run = ?",
    [SB_SQL_RUN_REMOVE_FACTS] = "DELETE FROM fact WHERE run = ?",
    [SB_SQL_RUN_REMOVE] = "DELETE FROM run WHERE id = ?",
    [SB_SQL_RUN_STALE] = "UPDATE run SET stale = 1 WHERE cell_key = ? AND learner_digest <> ?",
    [SB_SQL_RUN_REBUILT] =
        "UPDATE run SET stale = 1 WHERE learner = ? AND learner_digest <> ? AND stale = 0 AND "
        "status <> 'running' AND experiment IN (SELECT id FROM experiment WHERE name = ?)",
    [SB_SQL_RUN_FAMILY_REBUILT] =
        "UPDATE run SET stale = 1 WHERE family = ? AND family_digest NOT IN (SELECT value FROM "
        "json_each(?)) AND stale = 0 AND status <> 'running' AND experiment IN (SELECT id FROM "
        "experiment WHERE name = ?)",
    [SB_SQL_RUN_ADD] =
        "INSERT INTO run (id, experiment, cell, cell_key, learner_digest, repeat, label, family, "
        "family_params, family_digest, dimension, log2_members, oracle, rule, policy, "
        "oracle_params, tolerance, "
        "grants, learner, learner_params, coins, goal, goal_params, success_wanted, "
        "budget_queries, budget_labels, budget_samples, reduction, isolation, summary, status) "
        "VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,'running')",
    /* as enum sb_cell_state has them */
    [SB_SQL_CELL_STATE] =
        "SELECT max(CASE WHEN status IN " SB_STORE_CUT " THEN 2 WHEN stale = 0 AND learner_digest "
        "= ?2 THEN 3 ELSE 1 END) FROM run WHERE cell_key = ?1",
    [SB_SQL_RUN_END] =
        "UPDATE run SET status = ?, detail = ?, message = ?, transcript = ?, certificates = ?, "
        "n_queries = ?, n_answered = ?, n_sampled = ?, samples = ?, n_labels = ?, n_examples "
        "= ?, equivalent_samples = ?, max_eliminated = ?, max_dropped = ?, n_left_null = ?, "
        "n_live = ?, n_right = ?, at_tolerance = ?, success "
        "= ?, loss = ?, loss_half_width = ?, hypothesis = ?, hidden = ?, output = ?, "
        "output_cut = ?, isolation = coalesce(?, isolation), seconds = ? WHERE id = ? AND status = "
        "'running'",
    [SB_SQL_RUN_NEXT] = "SELECT coalesce(max(id), 0) + 1 FROM run",
    [SB_SQL_RUN_INTERRUPT] = "UPDATE run SET status = 'interrupted', message = ?1 WHERE status = "
                             "'running' AND id = coalesce(?2, id)",
    [SB_SQL_EXPRESSION_FIND] = "SELECT id FROM expression WHERE digest = ?",
    [SB_SQL_EXPRESSION_ADD] = "INSERT INTO expression (digest, text) VALUES (?,?)",
    [SB_SQL_VECTOR_ADD] =
        "INSERT INTO vector (digest, n, data) VALUES (?,?,?) ON CONFLICT DO NOTHING",
    [SB_SQL_QUERY_ADD] =
        "INSERT INTO query (id, oracle, expression, tolerance, answer, truth, half_width, status, "
        "method, samples, cost, clipped, from_null, eliminated, dropped) VALUES "
        "(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
    [SB_SQL_BOUND_ADD] =
        "INSERT INTO bound (run, name, theorem, applies, why, log2_queries, success_probability, "
        "success_ub, success_at_zero, success_per_query, at_tolerance, prior, problem, convention, "
        "subset) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
    [SB_SQL_FACT_ADD] = "INSERT INTO fact (run, name, value, help) VALUES (?,?,?,?)",
};

/* Binds one parameter after the other. SQLite stores NaN as NULL by itself. */
struct row {
    sqlite3_stmt *stmt;
    int i;
};

static void put_int(struct row *row, int64_t v)
{
    sqlite3_bind_int64(row->stmt, ++row->i, v);
}

static void put_null(struct row *row)
{
    sqlite3_bind_null(row->stmt, ++row->i);
}

static void put_int_or_null(struct row *row, int64_t v, bool given)
{
    if (given)
        put_int(row, v);
    else
        put_null(row);
}

/* A count; what does not fit ("no limit") is NULL. */
static void put_count(struct row *row, uint64_t v)
{
    put_int_or_null(row, (int64_t)v, v <= INT64_MAX);
}

static void put_real(struct row *row, double v)
{
    sqlite3_bind_double(row->stmt, ++row->i, v);
}

static void put_real_or_null(struct row *row, double v, bool given)
{
    if (given)
        put_real(row, v);
    else
        put_null(row);
}

static void put_text(struct row *row, const char *s)
{
    sqlite3_bind_text(row->stmt, ++row->i, s, -1, SQLITE_STATIC);
}

static void put_blob(struct row *row, const void *p, size_t n)
{
    sqlite3_bind_blob64(row->stmt, ++row->i, p, n, SQLITE_STATIC);
}

/* The digest as hexadecimal text, or NULL; the text is copied. */
static void put_hex(struct row *row, const struct sb_digest *digest)
{
    char hex[65];

    if (!digest) {
        put_null(row);
        return;
    }
    sb_digest_hex(digest, hex);
    sqlite3_bind_text(row->stmt, ++row->i, hex, 64, SQLITE_TRANSIENT);
}

/* A row to fill for a statement; its stmt is NULL after a message. */
static struct row start(struct sb_store *store, enum sb_sql sql, struct sb_diag *diag)
{
    const struct row row = { sb_store_statement(store, sql, diag), 0 };

    return row;
}

/* Runs a statement that gives no rows. */
static int finish(struct sb_store *store, const struct row *row, const char *what,
                  struct sb_diag *diag)
{
    if (sqlite3_step(row->stmt) != SQLITE_DONE)
        return sb_store_fail(store, what, diag);
    sqlite3_reset(row->stmt);
    return 0;
}

/* Runs a statement that gives one number or nothing: *out = 0. */
static int look_up(struct sb_store *store, const struct row *row, const char *what, int64_t *out,
                   struct sb_diag *diag)
{
    const int code = sqlite3_step(row->stmt);

    if (code != SQLITE_ROW && code != SQLITE_DONE)
        return sb_store_fail(store, what, diag);
    *out = code == SQLITE_ROW ? sqlite3_column_int64(row->stmt, 0) : 0;
    sqlite3_reset(row->stmt);
    return 0;
}

static void put_experiment(struct row *row, const struct sb_store_experiment *e)
{
    put_text(row, e->name);
    put_text(row, e->claim);
    put_text(row, e->file);
    put_text(row, e->yaml);
    put_hex(row, &e->yaml_digest);
    put_text(row, e->seed);
    put_text(row, e->statbed_version);
    put_text(row, e->git_state);
    put_text(row, e->compiler);
    put_text(row, e->cpu);
    put_text(row, e->isolation);
}

static int find_experiment(struct sb_store *store, const struct sb_store_experiment *e,
                           int64_t *id_out, struct sb_diag *diag)
{
    struct row row = start(store, SB_SQL_EXPERIMENT_FIND, diag);

    if (!row.stmt)
        return -EIO;
    put_experiment(&row, e);
    return look_up(store, &row, "an experiment", id_out, diag);
}

static int add_experiment(struct sb_store *store, const struct sb_store_experiment *e,
                          int64_t *id_out, struct sb_diag *diag)
{
    int error = sb_store_begin(store, diag);
    struct row row;

    if (error)
        return error;
    row = start(store, SB_SQL_EXPERIMENT_ADD, diag);
    if (!row.stmt)
        return -EIO;
    put_experiment(&row, e);
    error = finish(store, &row, "an experiment", diag);
    if (error)
        return error;
    *id_out = sqlite3_last_insert_rowid(store->db);
    return sb_store_commit(store, diag);
}

int sb_store_experiment(struct sb_store *store, const struct sb_store_experiment *e,
                        int64_t *id_out, struct sb_diag *diag)
{
    int64_t id = 0;
    int error;

    store->cut = false;
    error = e->seed ? find_experiment(store, e, &id, diag) : 0;
    if (!error && !id)
        error = add_experiment(store, e, &id, diag);
    if (!error)
        *id_out = id;
    return error;
}

/* Also after a run was cut short by a write that failed. */
int sb_store_experiment_seed(struct sb_store *store, int64_t id, const char *seed,
                             struct sb_diag *diag)
{
    struct row row;
    int error;

    store->cut = false;
    error = sb_store_begin(store, diag);
    if (error)
        return error;
    row = start(store, SB_SQL_EXPERIMENT_SEED, diag);
    if (!row.stmt)
        return -EIO;
    put_text(&row, seed);
    put_int(&row, id);
    error = finish(store, &row, "the seed", diag);
    return error ? error : sb_store_commit(store, diag);
}

/* A statement whose only parameter is an id. */
static int with_id(struct sb_store *store, enum sb_sql sql, int64_t id, struct sb_diag *diag)
{
    struct row row = start(store, sql, diag);

    if (!row.stmt)
        return -EIO;
    put_int(&row, id);
    return finish(store, &row, "the removal of a run cut short", diag);
}

int sb_store_remove_cut(struct sb_store *store, const char *key, struct sb_diag *diag)
{
    int64_t id = 0;
    int error;

    do {
        struct row find = start(store, SB_SQL_RUN_CUT, diag);

        if (!find.stmt)
            return -EIO;
        put_text(&find, key);
        error = look_up(store, &find, "a run", &id, diag);
        if (!error && id)
            error = with_id(store, SB_SQL_RUN_REMOVE_QUERIES, id, diag);
        if (!error && id)
            error = with_id(store, SB_SQL_RUN_REMOVE_BOUNDS, id, diag);
        if (!error && id)
            error = with_id(store, SB_SQL_RUN_REMOVE_FACTS, id, diag);
        if (!error && id)
            error = with_id(store, SB_SQL_RUN_REMOVE, id, diag);
    } while (!error && id);
    return error;
}

static int mark_stale(struct sb_store *store, const struct sb_store_run *run, struct sb_diag *diag)
{
    struct row row;

    if (store->keep_stale)
        return 0;
    row = start(store, SB_SQL_RUN_STALE, diag);
    if (!row.stmt)
        return -EIO;
    put_hex(&row, &run->cell_key);
    put_hex(&row, &run->learner_digest);
    return finish(store, &row, "a run", diag);
}

void sb_store_keep_stale(struct sb_store *store)
{
    store->keep_stale = true;
}

int sb_store_learner(struct sb_store *store, const char *experiment, const char *learner,
                     const struct sb_digest *digest, uint64_t *n_out, struct sb_diag *diag)
{
    struct row row;
    int error;

    if (n_out)
        *n_out = 0;
    if (store->keep_stale)
        return 0;
    row = start(store, SB_SQL_RUN_REBUILT, diag);
    if (!row.stmt)
        return -EIO;
    put_text(&row, learner);
    put_hex(&row, digest);
    put_text(&row, experiment);
    error = finish(store, &row, "a run", diag);
    if (!error && n_out)
        *n_out = (uint64_t)sqlite3_changes64(store->db);
    return error;
}

int sb_store_family(struct sb_store *store, const char *experiment, const char *family,
                    const char *digests, struct sb_diag *diag)
{
    struct row row;

    if (store->keep_stale)
        return 0;
    row = start(store, SB_SQL_RUN_FAMILY_REBUILT, diag);
    if (!row.stmt)
        return -EIO;
    put_text(&row, family);
    put_text(&row, digests);
    put_text(&row, experiment);
    return finish(store, &row, "a run", diag);
}

static int add_run(struct sb_store *store, const struct sb_store_run *run, struct sb_diag *diag)
{
    struct row row = start(store, SB_SQL_RUN_ADD, diag);

    if (!row.stmt)
        return -EIO;
    put_int_or_null(&row, run->id, run->id != 0);
    put_int(&row, run->experiment);
    put_count(&row, run->cell);
    put_hex(&row, &run->cell_key);
    put_hex(&row, &run->learner_digest);
    put_count(&row, run->repeat);
    put_text(&row, run->label);
    put_text(&row, run->family);
    put_text(&row, run->family_params);
    put_text(&row, run->family_digest);
    put_int(&row, run->dimension);
    put_real(&row, run->log2_members);
    put_text(&row, run->oracle);
    put_text(&row, run->rule);
    put_text(&row, run->policy);
    put_text(&row, run->oracle_params);
    put_real(&row, run->tolerance);
    put_text(&row, run->grants ? run->grants : "");
    put_text(&row, run->learner);
    put_text(&row, run->learner_params);
    put_int(&row, (int64_t)run->coins);
    put_text(&row, run->goal);
    put_text(&row, run->goal_params);
    put_real(&row, run->success_wanted);
    put_count(&row, run->budget_queries);
    put_int_or_null(&row, (int64_t)run->budget_labels, run->budget_labels > 0);
    put_int_or_null(&row, (int64_t)run->budget_samples, run->budget_samples > 0);
    put_text(&row, run->reduction ? run->reduction : "");
    put_text(&row, run->isolation);
    put_int(&row, run->summary);
    return finish(store, &row, "a run", diag);
}

/* Committed at once: a reader sees the run while it is under way. */
int sb_store_run_begin(struct sb_store *store, const struct sb_store_run *run, int64_t *run_out,
                       struct sb_diag *diag)
{
    char key[65];
    int64_t id;
    int error;

    sb_digest_hex(&run->cell_key, key);
    store->cut = false;
    error = sb_store_begin(store, diag);
    if (!error)
        error = sb_store_remove_cut(store, key, diag);
    if (!error)
        error = mark_stale(store, run, diag);
    if (!error)
        error = add_run(store, run, diag);
    id = sqlite3_last_insert_rowid(store->db);
    if (!error)
        error = sb_store_commit(store, diag);
    if (!error)
        *run_out = id;
    return error;
}

int sb_store_cell(struct sb_store *store, const struct sb_digest *cell_key,
                  const struct sb_digest *learner_digest, enum sb_cell_state *out,
                  struct sb_diag *diag)
{
    struct row row = start(store, SB_SQL_CELL_STATE, diag);
    int64_t found = SB_CELL_MISSING; /* also where max() is NULL */
    int error;

    if (!row.stmt)
        return -EIO;
    put_hex(&row, cell_key);
    put_hex(&row, learner_digest);
    error = look_up(store, &row, "a run", &found, diag);
    if (!error)
        *out = (enum sb_cell_state)found;
    return error;
}

int sb_store_next_run(struct sb_store *store, int64_t *id_out, struct sb_diag *diag)
{
    const struct row row = start(store, SB_SQL_RUN_NEXT, diag);

    return row.stmt ? look_up(store, &row, "a run", id_out, diag) : -EIO;
}

/* One run, or with id 0 all that are under way. */
static int interrupt(struct sb_store *store, int64_t id, const char *why, struct sb_diag *diag)
{
    int error = sb_store_begin(store, diag);
    struct row row;

    if (error)
        return error;
    row = start(store, SB_SQL_RUN_INTERRUPT, diag);
    if (!row.stmt)
        return -EIO;
    put_text(&row, why);
    put_int_or_null(&row, id, id != 0);
    error = finish(store, &row, "the end of a run", diag);
    return error ? error : sb_store_commit(store, diag);
}

int sb_store_run_interrupt(struct sb_store *store, int64_t run, const char *why,
                           struct sb_diag *diag)
{
    return interrupt(store, run, why, diag);
}

int sb_store_interrupt_left(struct sb_store *store, struct sb_diag *diag)
{
    return interrupt(store, 0, "cut short: its process was ended", diag);
}

static void put_end(struct row *row, const struct sb_store_end *end)
{
    put_text(row, end->status);
    put_int(row, end->detail);
    put_text(row, end->text);
    put_hex(row, end->compared ? &end->transcript : NULL);
    put_hex(row, end->compared ? &end->certificates : NULL);
    put_count(row, end->n_queries);
    put_count(row, end->n_answered);
    put_count(row, end->n_sampled);
    put_count(row, end->samples);
    put_count(row, end->n_labels);
    put_count(row, end->n_examples);
    put_real(row, end->equivalent_samples);
    put_int_or_null(row, end->max_eliminated, end->max_eliminated >= 0);
    put_int_or_null(row, end->max_dropped, end->max_dropped >= 0);
    put_int_or_null(row, end->n_left_null, end->n_left_null >= 0);
    put_int_or_null(row, end->n_live, end->n_live >= 0);
    put_int_or_null(row, end->n_right, end->n_right >= 0);
    put_real(row, end->at_tolerance);
    put_int_or_null(row, end->success, end->success >= 0);
    put_real(row, end->loss);
    put_real(row, end->loss_half_width);
    put_text(row, end->hypothesis);
    put_text(row, end->hidden);
    put_blob(row, end->output, end->n_output);
    put_int(row, end->output_cut);
    put_text(row, end->isolation);
    put_real(row, end->seconds);
}

int sb_store_run_end(struct sb_store *store, int64_t run, const struct sb_store_end *end,
                     struct sb_diag *diag)
{
    int error = sb_store_begin(store, diag);
    struct row row;

    if (error)
        return error;
    row = start(store, SB_SQL_RUN_END, diag);
    if (!row.stmt)
        return -EIO;
    put_end(&row, end);
    put_int(&row, run);
    error = finish(store, &row, "the end of a run", diag);
    if (error)
        return error;
    if (sqlite3_changes(store->db) != 1)
        return sb_diag_fail(diag, -EFAULT, "%s: run %lld is not under way", store->path,
                            (long long)run);
    error = sb_store_commit(store, diag);
    return error ? error : sb_store_secure(store, end->seconds < 1, diag);
}

/* Direct-mapped: a digest has one place. */
static struct sb_store_cached *cached(struct sb_store *store, const struct sb_digest *digest,
                                      struct sb_diag *diag)
{
    uint32_t i;

    if (!store->cache)
        store->cache = SB_NEW_ARRAY(struct sb_store_cached, SB_STORE_CACHE);
    if (!store->cache) {
        sb_diag_fail(diag, -ENOMEM, "out of memory");
        return NULL;
    }
    memcpy(&i, digest->byte, sizeof i);
    return &store->cache[i & (SB_STORE_CACHE - 1)];
}

static int find_expression(struct sb_store *store, const struct sb_digest *digest, int64_t *id_out,
                           struct sb_diag *diag)
{
    struct row row = start(store, SB_SQL_EXPRESSION_FIND, diag);

    if (!row.stmt)
        return -EIO;
    put_blob(&row, digest->byte, sizeof digest->byte);
    return look_up(store, &row, "an expression", id_out, diag);
}

static int add_expression(struct sb_store *store, const struct sb_digest *digest, int64_t *id_out,
                          struct sb_diag *diag)
{
    const char *text = sb_buf_str(&store->scratch);
    struct row row;
    int error;

    if (!text)
        return sb_diag_fail(diag, -ENOMEM, "out of memory");
    error = sb_store_begin(store, diag);
    if (error)
        return error;
    row = start(store, SB_SQL_EXPRESSION_ADD, diag);
    if (!row.stmt)
        return -EIO;
    put_blob(&row, digest->byte, sizeof digest->byte);
    put_text(&row, text);
    error = finish(store, &row, "an expression", diag);
    if (error)
        return error;
    *id_out = sqlite3_last_insert_rowid(store->db);
    return sb_store_wrote(store, store->scratch.n, diag);
}

int sb_store_expression(struct sb_store *store, const struct sb_store_text *text, int64_t *id_out,
                        struct sb_diag *diag)
{
    const struct sb_digest *digest = &text->digest;
    struct sb_store_cached *place = cached(store, digest, diag);
    int64_t id = 0;
    int error;

    if (!place)
        return -ENOMEM;
    if (place->id && sb_digest_equal(&place->digest, digest)) {
        *id_out = place->id;
        return 0;
    }
    error = find_expression(store, digest, &id, diag);
    if (!error && !id && !text->print)
        error = sb_diag_fail(diag, -EFAULT, "%s: a query's text is not on record", store->path);
    if (!error && !id) {
        sb_buf_clear(&store->scratch);
        text->print(text->self, &store->scratch);
        error = add_expression(store, digest, &id, diag);
    }
    if (error)
        return error;
    place->digest = *digest;
    place->id = id;
    *id_out = id;
    return 0;
}

int sb_store_vector(struct sb_store *store, const struct sb_digest *digest, const double *u,
                    size_t n, struct sb_diag *diag)
{
    struct row row;
    int error = sb_store_begin(store, diag);

    if (error)
        return error;
    row = start(store, SB_SQL_VECTOR_ADD, diag);
    if (!row.stmt)
        return -EIO;
    put_blob(&row, digest->byte, sizeof digest->byte);
    put_count(&row, n);
    /* as it stands in memory (base/buffer.h: little-endian). Not by way of the scratch: that holds the
     * text of the expression that is being printed when a vector of it comes along */
    put_blob(&row, n ? (const void *)u : "", n * sizeof *u);
    error = finish(store, &row, "a vector", diag);
    return error ? error : sb_store_wrote(store, n * sizeof *u, diag);
}

/* The words of enum sb_status, here and nowhere else. */
static const char *status_word(int32_t status)
{
    static const char *const words[] = {
        [SB_OK] = "answered",         [SB_BUDGET] = "budget",   [SB_RANGE] = "range",
        [SB_TOLERANCE] = "tolerance", [SB_REFUSED] = "refused", [SB_SYNTAX] = "syntax",
    };

    if (status == SB_STOP)
        return "stopped";
    return status >= 0 && (size_t)status < SB_COUNT(words) ? words[status] : NULL;
}

static void put_query(struct row *row, int64_t id, const struct sb_store_query *query,
                      const char *status)
{
    put_int(row, id);
    put_text(row, query->oracle);
    put_int_or_null(row, query->expression, query->expression != 0);
    put_real(row, query->tolerance);
    put_real_or_null(row, query->answer, query->answered);
    put_real_or_null(row, query->truth, query->answered);
    put_real_or_null(row, query->half_width, query->answered);
    put_text(row, status);
    put_text(row, query->answered ? query->method : NULL);
    put_count(row, query->samples);
    put_count(row, query->cost);
    put_int(row, query->clipped);
    put_int(row, query->from_null);
    put_int_or_null(row, query->eliminated, query->eliminated >= 0);
    put_int_or_null(row, query->dropped, query->dropped >= 0);
}

int sb_store_query(struct sb_store *store, int64_t run, const struct sb_store_query *query,
                   struct sb_diag *diag)
{
    const char *status = status_word(query->status);
    struct row row;
    int error;

    if (!status || run <= 0 || run > INT32_MAX || query->seq > UINT32_MAX)
        return sb_diag_fail(diag, -EFAULT, "run %lld, query %llu, status %d cannot be a row",
                            (long long)run, (unsigned long long)query->seq, query->status);
    error = sb_store_begin(store, diag);
    if (error)
        return error;
    row = start(store, SB_SQL_QUERY_ADD, diag);
    if (!row.stmt)
        return -EIO;
    put_query(&row, run << 32 | (int64_t)query->seq, query, status);
    error = finish(store, &row, "a query", diag);
    return error ? error : sb_store_wrote(store, 0, diag);
}

int sb_store_bound(struct sb_store *store, int64_t run, const struct sb_store_bound *bound,
                   struct sb_diag *diag)
{
    int error = sb_store_begin(store, diag);
    struct row row;

    if (error)
        return error;
    row = start(store, SB_SQL_BOUND_ADD, diag);
    if (!row.stmt)
        return -EIO;
    put_int(&row, run);
    put_text(&row, bound->name);
    put_text(&row, bound->theorem);
    put_int(&row, bound->applies);
    put_text(&row, bound->why);
    put_real(&row, bound->log2_queries);
    put_real(&row, bound->success_probability);
    put_real(&row, bound->success_ub);
    put_real(&row, bound->success_at_zero);
    put_real(&row, bound->success_per_query);
    put_real(&row, bound->at_tolerance);
    put_text(&row, bound->prior);
    put_text(&row, bound->problem);
    put_text(&row, bound->convention);
    put_int(&row, bound->subset);
    error = finish(store, &row, "a bound", diag);
    return error ? error : sb_store_wrote(store, 0, diag);
}

int sb_store_fact(struct sb_store *store, int64_t run, const struct sb_store_fact *fact,
                  struct sb_diag *diag)
{
    int error = sb_store_begin(store, diag);
    struct row row;

    if (error)
        return error;
    row = start(store, SB_SQL_FACT_ADD, diag);
    if (!row.stmt)
        return -EIO;
    put_int(&row, run);
    put_text(&row, fact->name);
    put_real(&row, fact->value);
    put_text(&row, fact->help);
    error = finish(store, &row, "a fact", diag);
    return error ? error : sb_store_wrote(store, 0, diag);
}
