/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The plan of an experiment: its cells in order, shards, and which of them are to be done. */
#include "unit.h"

#include "base/diag.h"
#include "base/fuse.h"
#include "runner/changes.h"

#define HEAD "name: e\nseed: 3\n"
#define REST                                                                                       \
    "family: { type: parity, dimension: 8 }\n"                                                     \
    "oracle: { type: stat, policy: reference, tolerance: 0.1 }\n"                                  \
    "goal: { type: recover }\nlearner: { type: one }\n"

static const struct sb_param no_params[] = { { 0 } };

/* Any file will do as a plugin: this program for learner one, another for the rest. */
static int resolve(void *self, const char *type, const char *base_dir, char **path_out,
                   const struct sb_param **params_out, struct sb_learner_needs *needs_out,
                   struct sb_diag *diag)
{
    (void)self, (void)base_dir, (void)diag;
    *path_out = sb_strdup(strcmp(type, "one") == 0 ? "/proc/self/exe" : "/proc/self/cmdline");
    *params_out = no_params;
    *needs_out = (struct sb_learner_needs){ SB_STAT, 0 };
    return 0;
}

static struct sb_experiment *experiment(const char *text)
{
    const struct sb_learner_resolver resolver = { .resolve = resolve };
    struct sb_experiment *e = NULL;
    struct sb_diag diag;

    sb_diag_init(&diag);
    if (sb_experiment_read_text(text, "e.yaml", &sb_shipped_catalog, &resolver, &e, &diag))
        fail_msg("%s", diag.n_items ? diag.items[0].text : "no message");
    sb_diag_fini(&diag);
    return e;
}

static struct sb_plan plan_of(const struct sb_experiment *e, struct sb_store *store,
                              const struct sb_run_options *options)
{
    struct sb_plan plan;

    assert_int_equal(sb_plan_init(e, store, options, &plan, NULL), 0);
    return plan;
}

static struct sb_store *memory(void)
{
    struct sb_store *store = NULL;

    assert_int_equal(sb_store_open(NULL, SB_STORE_MEMORY, &store, NULL), 0);
    return store;
}

/* A row of this cell, as it stands in a database. */
static void put(struct sb_store *store, const struct sb_planned *cell, const char *status,
                bool stale, bool other_build)
{
    static const char insert[] =
        "INSERT INTO run (experiment, cell, cell_key, learner_digest, repeat, label, family, "
        "family_params, dimension, oracle, policy, oracle_params, grants, reduction, learner, "
        "learner_params, coins, goal, goal_params, summary, status, stale) VALUES "
        "(1, ?, ?, ?, 1, '', 'parity', '{}', 4, 'stat', 'reference', '{}', '', '', 'one', '{}', 1, "
        "'recover', '{}', 0, ?, ?)";
    struct sb_digest build = cell->learner;
    sqlite3_stmt *stmt = NULL;
    char key[65], learner[65];

    build.byte[0] ^= other_build;
    sb_digest_hex(&cell->key, key);
    sb_digest_hex(&build, learner);
    assert_int_equal(sqlite3_prepare_v2(sb_store_handle(store), insert, -1, &stmt, NULL), 0);
    sqlite3_bind_int64(stmt, 1, (int64_t)cell->number);
    sqlite3_bind_text(stmt, 2, key, -1, SQLITE_STATIC);
    sqlite3_bind_text(stmt, 3, learner, -1, SQLITE_STATIC);
    sqlite3_bind_text(stmt, 4, status, -1, SQLITE_STATIC);
    sqlite3_bind_int(stmt, 5, stale);
    assert_int_equal(sqlite3_step(stmt), SQLITE_DONE);
    sqlite3_finalize(stmt);
}

static void execute(struct sb_store *store, const char *sql)
{
    assert_int_equal(sqlite3_exec(sb_store_handle(store), sql, NULL, NULL, NULL), 0);
}

static const char one_experiment[] =
    "INSERT INTO experiment (id, name, yaml, yaml_digest) VALUES (1, 'e', '', '')";

static void cells_stand_in_order(void **state)
{
    struct sb_experiment *e =
        experiment(HEAD "repeat: 2\n" REST "grid: { learner.type: [one, two, one] }\n");
    const struct sb_run_options options = { 0 };
    struct sb_plan plan = plan_of(e, NULL, &options);

    (void)state;
    assert_int_equal(plan.n, 6);
    assert_int_equal(plan.n_todo, 6);
    assert_int_equal(plan.n_learners, 2); /* looked up once each, though they take turns */
    assert_string_equal(plan.learners[0].type, "one");
    assert_string_equal(plan.learners[1].type, "two");
    for (size_t i = 0; i < 6; i++) {
        const struct sb_digest key = sb_cell_key(e, &e->points[i / 2], i % 2 + 1);

        assert_int_equal(plan.cells[i].point, i / 2);
        assert_int_equal(plan.cells[i].repeat, i % 2 + 1);
        assert_int_equal(plan.cells[i].number, i + 1);
        assert_int_equal(plan.cells[i].state, SB_CELL_MISSING);
        assert_true(sb_digest_equal(&plan.cells[i].key, &key));
        assert_int_equal(sb_digest_equal(&plan.cells[i].learner, &plan.cells[0].learner),
                         i / 2 != 1);
    }
    sb_plan_fini(&plan);
    sb_experiment_free(e);
}

/* Together they hold every cell once, whatever their number. */
static void shards_share_the_cells(void **state)
{
    struct sb_experiment *e = experiment(HEAD "repeat: 5\n" REST);

    (void)state;
    for (uint64_t n = 1; n <= (getenv("STATBED_TEST_VALGRIND") ? 3 : 7); n++) {
        unsigned seen = 0;

        for (uint64_t k = 1; k <= n; k++) {
            const struct sb_run_options options = { .shard = k, .n_shards = n };
            struct sb_plan plan = plan_of(e, NULL, &options);

            for (size_t i = 0; i < plan.n; i++) {
                const unsigned bit = 1u << plan.cells[i].number;

                assert_int_equal((plan.cells[i].number - 1) % n, k - 1);
                assert_false(seen & bit);
                seen |= bit;
            }
            sb_plan_fini(&plan);
        }
        assert_int_equal(seen, 0x3e);
    }
    sb_experiment_free(e);
}

static void what_is_to_be_done(void **state)
{
    static const struct {
        const char *status;
        bool stale, other_build;
        enum sb_cell_state expected;
        bool todo, todo_keeping;
    } rows[] = {
        { "finished", false, false, SB_CELL_DONE, false, false },
        { "crashed", false, false, SB_CELL_DONE, false, false },
        { "finished", false, true, SB_CELL_STALE, true, false },
        { "finished", true, true, SB_CELL_STALE, true, false },
        { "finished", true, false, SB_CELL_STALE, true, false },
        { "running", false, false, SB_CELL_CUT, true, true },
        { "interrupted", false, true, SB_CELL_CUT, true, true },
        { "killed", true, true, SB_CELL_CUT, true, true },
    };
    enum { N = sizeof rows / sizeof *rows };
    struct sb_experiment *e = experiment(HEAD "repeat: 9\n" REST);
    const struct sb_run_options plain = { 0 }, keeping = { .keep_stale = true };
    struct sb_store *store = memory();
    struct sb_plan plan = plan_of(e, store, &plain);

    (void)state;
    execute(store, one_experiment);
    for (size_t i = 0; i < N; i++)
        put(store, &plan.cells[i], rows[i].status, rows[i].stale, rows[i].other_build);
    sb_plan_fini(&plan);
    plan = plan_of(e, store, &plain);
    for (size_t i = 0; i < N; i++) {
        assert_int_equal(plan.cells[i].state, rows[i].expected);
        assert_int_equal(sb_planned_todo(&plan.cells[i], &plain), rows[i].todo);
        assert_int_equal(sb_planned_todo(&plan.cells[i], &keeping), rows[i].todo_keeping);
    }
    assert_int_equal(plan.cells[N].state, SB_CELL_MISSING);
    assert_int_equal(plan.n_todo, 7);
    sb_plan_fini(&plan);
    plan = plan_of(e, store, &keeping);
    assert_int_equal(plan.n_todo, 4);
    sb_plan_fini(&plan);
    sb_store_close(store, NULL);
    sb_experiment_free(e);
}

static void count_note(void *self, const char *line)
{
    assert_null(strchr(line, '\n'));
    ++*(size_t *)self;
}

/* As many cells as an experiment can have, against a database that has them all; the time is printed.
 * Fewer here: STATBED_TEST_CELLS=100000 for all. */
static void a_large_plan_is_quick(void **state)
{
    const char *told = getenv("STATBED_TEST_CELLS");
    const char *n = told ? told : getenv("STATBED_TEST_VALGRIND") ? "300" : "10000";
    char *text SB_FREE = sb_printf(HEAD "repeat: %s\n" REST, n);
    struct sb_experiment *e = experiment(text);
    size_t n_notes = 0;
    const struct sb_run_options options = { .note = count_note, .self = &n_notes };
    struct sb_store *store = memory();
    struct sb_plan plan = plan_of(e, store, &options);
    uint64_t start = sb_now_ns();

    (void)state;
    execute(store, one_experiment);
    execute(store, "BEGIN");
    for (size_t i = 0; i < plan.n; i++)
        put(store, &plan.cells[i], "finished", false, i & 1);
    execute(store, "COMMIT");
    print_message("# %s rows written in %.3f s\n", n, (double)(sb_now_ns() - start) * 1e-9);
    sb_plan_fini(&plan);
    start = sb_now_ns();
    plan = plan_of(e, store, &options);
    print_message("# %s cells planned in %.3f s\n", n, (double)(sb_now_ns() - start) * 1e-9);
    assert_int_equal(plan.n_todo, plan.n / 2);
    start = sb_now_ns();
    assert_int_equal(sb_changes_tell(e, store, &options, NULL), 0);
    print_message("# compared with its file in %.3f s\n", (double)(sb_now_ns() - start) * 1e-9);
    assert_int_equal(n_notes, 2); /* another statbed, which names itself not; another text */
    sb_plan_fini(&plan);
    sb_store_close(store, NULL);
    sb_experiment_free(e);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cells_stand_in_order),
        cmocka_unit_test(shards_share_the_cells),
        cmocka_unit_test(what_is_to_be_done),
        cmocka_unit_test(a_large_plan_is_quick),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
