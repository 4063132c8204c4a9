/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From a YAML text to a database and its answers. */
#include "harness.h"

#include <unistd.h>

static void fail_with(const struct sb_diag *diag, const char *what)
{
    for (size_t i = 0; i < diag->n_items; i++) {
        char *line SB_FREE = sb_diag_line(&diag->items[i]);

        print_error("%s\n", line ? line : "?");
    }
    fail_msg("%s", what);
}

bool harness_is_slow(void)
{
    const char *only = getenv("STATBED_TEST_ISOLATION");

    return only && strcmp(only, "none") == 0;
}

void harness_read_file(const char *path, struct harness_experiment *out)
{
    struct sb_learner_resolver resolver;
    struct sb_diag diag;

    sb_diag_init(&diag);
    out->plugins = sb_plugins_new(SB_ISOLATION_NONE);
    assert_non_null(out->plugins);
    resolver = sb_plugins_resolver(out->plugins);
    if (sb_experiment_read(path, &sb_shipped_catalog, &resolver, &out->experiment, &diag))
        fail_with(&diag, path);
    sb_diag_fini(&diag);
}

void harness_read(struct harness_experiment *out, const char *fmt, ...)
{
    char path[] = "/tmp/statbed-system-XXXXXX";
    const int fd = mkstemp(path);
    FILE *file = fd >= 0 ? fdopen(fd, "w") : NULL;
    va_list ap;

    assert_non_null(file);
    va_start(ap, fmt);
    vfprintf(file, fmt, ap);
    va_end(ap);
    assert_int_equal(fclose(file), 0);
    harness_read_file(path, out);
    unlink(path);
}

void harness_drop(struct harness_experiment *e)
{
    sb_experiment_free(e->experiment);
    sb_plugins_free(e->plugins);
}

struct sb_store *harness_store(const char *path)
{
    struct sb_store *store = NULL;
    struct sb_diag diag;

    sb_diag_init(&diag);
    if (sb_store_open(path, path ? SB_STORE_WRITE : SB_STORE_MEMORY, &store, &diag))
        fail_with(&diag, "the database does not open");
    sb_diag_fini(&diag);
    return store;
}

void harness_close(struct sb_store *store)
{
    assert_int_equal(sb_store_close(store, NULL), 0);
}

void harness_run(const struct harness_experiment *e, uint32_t isolation, struct sb_store *store,
                 struct sb_run_outcome *out)
{
    const struct sb_run_options options = { .isolation = isolation };
    struct sb_diag diag;

    sb_diag_init(&diag);
    if (sb_experiment_run(e->experiment, store, &options, out, &diag))
        fail_with(&diag, "the experiment stopped");
    sb_diag_fini(&diag);
    assert_int_equal(out->n_done + out->n_skipped, out->n_cells);
}

struct sb_store *harness_results(uint32_t isolation, const char *yaml)
{
    struct sb_store *store = harness_store(NULL);
    struct harness_experiment e;
    struct sb_run_outcome outcome;

    harness_read(&e, "%s", yaml);
    harness_run(&e, isolation, store, &outcome);
    harness_drop(&e);
    return store;
}

const char *harness_plugin(const char *name)
{
    static char path[4096];

    snprintf(path, sizeof path, "%s/plugin_%s.so", getenv("STATBED_TEST_PLUGINS"), name);
    return path;
}

sqlite3_stmt *harness_select(struct sb_store *store, const char *sql)
{
    sqlite3_stmt *stmt = NULL;

    if (sqlite3_prepare_v2(sb_store_handle(store), sql, -1, &stmt, NULL) != SQLITE_OK)
        fail_msg("%s: %s", sql, sqlite3_errmsg(sb_store_handle(store)));
    return stmt;
}

int64_t harness_count(struct sb_store *store, const char *sql)
{
    sqlite3_stmt *stmt = harness_select(store, sql);
    int64_t n;

    if (sqlite3_step(stmt) != SQLITE_ROW)
        fail_msg("no row: %s", sql);
    n = sqlite3_column_int64(stmt, 0);
    sqlite3_finalize(stmt);
    return n;
}
