/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Learners that attack, and learners that break: each is in vain, each ends its own cell alone with
 * its end on record, and the cell behind it runs as if nothing had been. docs/isolation.md lists what
 * is tried.
 *
 *     test_attacks            as the user that we are
 *     test_attacks plain      as a plain user, where we are root
 *
 * Plugins and statbed-host are copied to a folder that any user can read; what a plugin tries while it
 * is being loaded is in its file's name there. */
#include "harness.h"
#include "numeric/random.h"
#include "runner/cell.h"

#include <errno.h>
#include <grp.h>
#include <linux/landlock.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PLAIN = 65534 };

static char folder[] = "/tmp/statbed-attacks-XXXXXX";

static char *at(const char *name)
{
    char *path = sb_printf("%s/%s", folder, name);

    assert_non_null(path);
    return path;
}

static void copy(const char *from, const char *to)
{
    char *path = at(to), *command = sb_printf("cp '%s' '%s' && chmod 755 '%s'", from, path, path);

    if (!command || system(command) != 0)
        fprintf(stderr, "%s cannot be copied\n", from);
    free(command);
    free(path);
}

/* Experiments: the learners of `entries`, each followed by one that behaves, in one database. */

static void read_as(uint32_t isolation, const char *yaml, struct harness_experiment *out,
                    struct sb_diag *diag)
{
    char *path SB_FREE = at("experiment.yaml");
    FILE *file = fopen(path, "w");
    struct sb_learner_resolver resolver;

    assert_non_null(file);
    fputs(yaml, file);
    assert_int_equal(fclose(file), 0);
    out->experiment = NULL;
    out->plugins = sb_plugins_new(isolation);
    assert_non_null(out->plugins);
    resolver = sb_plugins_resolver(out->plugins);
    sb_experiment_read(path, &sb_shipped_catalog, &resolver, &out->experiment, diag);
}

static void read_well(const char *yaml, struct harness_experiment *out)
{
    struct sb_diag diag;

    sb_diag_init(&diag);
    read_as(SB_ISOLATION_NONE, yaml, out, &diag);
    if (!out->experiment)
        fail_msg("%s", diag.n_items ? diag.items[0].text : "no experiment");
    sb_diag_fini(&diag);
}

static char *yaml_of(const char *budget, const char *const *entries, size_t n)
{
    struct sb_buf text;

    sb_buf_init(&text);
    sb_buf_puts(&text, "name: attacks\n"
                       "claim: none\n"
                       "seed: 5\n"
                       "repeat: 1\n"
                       "family: { type: parity, dimension: 10 }\n"
                       "oracle: { type: stat, tolerance: 0.1, policy: reference }\n"
                       "goal: { type: predict, loss: zero-one, max: 0.1 }\n"
                       "budget: { queries: 100, memory_mib: 64, ");
    sb_buf_puts(&text, budget);
    sb_buf_puts(&text, " }\ngrid:\n  learner:\n");
    for (size_t i = 0; i < n; i++) {
        char *line SB_FREE = sb_printf("    - { type: %s/%s }\n"
                                       "    - { type: %s/wayward.so, how: well, asks: %zu }\n",
                                       folder, entries[i], folder, i);

        sb_buf_puts(&text, line);
    }
    assert_non_null(sb_buf_str(&text));
    return text.data ? (char *)text.data : NULL;
}

/* All run, in a database that lies where plugins look for one; bystanders as always. */
static struct sb_store *run_all(uint32_t isolation, const char *budget, const char *const *entries,
                                size_t n)
{
    char *yaml SB_FREE = yaml_of(budget, entries, n), *path SB_FREE = at("results.db");
    struct harness_experiment e;
    struct sb_run_outcome outcome;
    struct sb_store *store;

    read_well(yaml, &e);
    unlink(path);
    store = harness_store(path);
    harness_run(&e, isolation, store, &outcome);
    assert_int_equal(outcome.n_done, 2 * n);
    assert_false(outcome.fault);
    assert_int_equal(harness_count(store, "SELECT count(*) FROM run WHERE id % 2 = 0 AND status = "
                                          "'finished' AND n_queries = id / 2 - 1 AND "
                                          "output IS NOT NULL"),
                     n);
    assert_int_equal(harness_count(store, "SELECT count(*) FROM run WHERE n_queries <> (SELECT "
                                          "count(*) FROM query WHERE query.run = run.id)"),
                     0);
    harness_drop(&e);
    return store;
}

/* One run's end. */
struct row {
    char status[32], message[256], output[8192];
    int detail;
};

static struct row row_of(struct sb_store *store, size_t i)
{
    char *sql SB_FREE = sb_printf("SELECT status, message, CAST(output AS TEXT), detail FROM run "
                                  "WHERE id = %zu",
                                  2 * i + 1);
    sqlite3_stmt *stmt = harness_select(store, sql);
    struct row row;

    assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
    for (int c = 0; c < 3; c++) {
        const char *text = (const char *)sqlite3_column_text(stmt, c);

        snprintf(c == 0   ? row.status
                 : c == 1 ? row.message
                          : row.output,
                 c == 0   ? sizeof row.status
                 : c == 1 ? sizeof row.message
                          : sizeof row.output,
                 "%s", text ? text : "");
    }
    row.detail = sqlite3_column_int(stmt, 3);
    sqlite3_finalize(stmt);
    return row;
}

/* What is not the learner's. */

#define MOST                                                                                       \
    "proc", "vm", "trace", "descriptors", "thread", "process", "signals", "create", "net",         \
        "shared", "shared-futex", "filters"

/* The kernel's filters and Landlock: what rests on them is not expected where they are missing, and
 * that is said. */
static bool have_filters(void)
{
    const bool have = prctl(PR_GET_SECCOMP, 0, 0, 0, 0) >= 0;

    if (!have)
        print_message("# no system-call filters in this kernel: nothing of this is tried\n");
    return have;
}

static bool have_landlock(void)
{
    const bool have =
        syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION) > 0;

    if (!have)
        print_message("# no Landlock in this kernel: constructors can read files\n");
    return have;
}

static void expect_in_vain(const struct row *row, const char *how)
{
    char *line SB_FREE = sb_printf("%s: in vain\n", how);

    if (strcmp(row->status, "finished") != 0 || strcmp(row->output, line) != 0)
        fail_msg("%s: %s %s\n%s", how, row->status, row->message, row->output);
}

static void attack_running(const char *const *hows, size_t n, uint32_t isolation)
{
    char *entries[32];
    struct sb_store *store;

    for (size_t i = 0; i < n; i++)
        entries[i] = sb_printf("attack.so, how: %s", hows[i]);
    store = run_all(isolation, "seconds: 20", (const char *const *)entries, n);
    for (size_t i = 0; i < n; i++) {
        const struct row row = row_of(store, i);

        expect_in_vain(&row, hows[i]);
        free(entries[i]);
    }
    harness_close(store);
}

static void test_attacks_from_run(void **state)
{
    static const char *const hows[] = { MOST, "files", "command-line", "executable" };

    (void)state;
    if (have_filters())
        attack_running(hows, SB_COUNT(hows), SB_ISOLATION_SECCOMP);
}

/* Without any filter: the runner's memory and descriptors are closed all the same. */
static void test_runner_is_closed_without_filters(void **state)
{
    static const char *const hows[] = { "proc", "vm", "trace" };

    (void)state;
    attack_running(hows, SB_COUNT(hows), SB_ISOLATION_PROCESS);
}

/* The attacks are real: without filters these succeed. */
static void test_attacks_work_where_nothing_stops_them(void **state)
{
    static const char *const entries[] = { "attack.so, how: thread", "attack.so, how: files",
                                           "attack.so, how: net",    "attack.so, how: shared",
                                           "attack.so, how: create", "attack.so, how: executable" };
    struct sb_store *store =
        run_all(SB_ISOLATION_PROCESS, "seconds: 20", entries, SB_COUNT(entries));

    (void)state;
    for (size_t i = 0; i < SB_COUNT(entries); i++) {
        const struct row row = row_of(store, i);

        assert_non_null(strstr(row.output, ": IT WORKED\n"));
        if (i == 1) /* the experiment and its seed, which the suite put beside the plugin */
            assert_non_null(strstr(row.output, "experiment.yaml: done\n"));
    }
    harness_close(store);
}

/* Copies of a plugin that do it while they are being loaded: "early-HOW.so". */
static void make_early(const char *plugin, const char *how)
{
    char *from SB_FREE = at(plugin), *name SB_FREE = sb_printf("early-%s.so", how);

    copy(from, name);
}

static void test_attacks_from_a_constructor(void **state)
{
    static const char *const hows[] = { MOST, "files", "command-line" };
    char *entries[SB_COUNT(hows)];
    struct sb_store *store;

    (void)state;
    if (!have_filters())
        return;
    for (size_t i = 0; i < SB_COUNT(hows); i++) {
        make_early("attack.so", hows[i]);
        entries[i] = sb_printf("early-%s.so", hows[i]);
    }
    store = run_all(SB_ISOLATION_SECCOMP, "seconds: 20", (const char *const *)entries,
                    SB_COUNT(hows) - (have_landlock() ? 0 : 2));
    for (size_t i = 0; i < SB_COUNT(hows) - (have_landlock() ? 0 : 2); i++) {
        const struct row row = row_of(store, i);

        expect_in_vain(&row, hows[i]);
    }
    for (size_t i = 0; i < SB_COUNT(hows); i++)
        free(entries[i]);
    harness_close(store);
}

/* What dlopen needs is left: a library beside the plugin. */
static void test_constructors_can_load_libraries(void **state)
{
    static const char *const entries[] = { "early-library.so" };
    struct sb_store *store;
    struct row row;

    (void)state;
    make_early("attack.so", "library");
    store = run_all(SB_ISOLATION_SECCOMP, "seconds: 20", entries, 1);
    row = row_of(store, 0);
    assert_string_equal(row.output, "# a library beside the plugin: done\nlibrary: IT WORKED\n");
    harness_close(store);
}

/* A constructor that never returns and serves the runner by itself gets no hidden member, unless it
 * goes behind the second filter. */
static void test_constructors_that_serve(void **state)
{
    static const char *const entries[] = { "serve-claim.so", "serve-deny.so", "serve-pretend.so",
                                           "serve-comply.so" };
    struct sb_store *store;

    (void)state;
    if (!have_filters())
        return;
    store = run_all(SB_ISOLATION_SECCOMP, "seconds: 20", entries, SB_COUNT(entries));
    for (size_t i = 0; i < SB_COUNT(entries); i++) {
        const struct row row = row_of(store, i);

        print_message("# %s: %s %s\n", entries[i], row.status, row.message);
        assert_string_equal(row.status, i == 3 ? "finished" : "protocol");
        if (i < 3)
            assert_non_null(strstr(row.message, "has not put on the system-call filters"));
    }
    harness_close(store);
}

/* The learner's own memory. */

static bool contains(const uint8_t *memory, size_t n, const void *pattern, size_t size)
{
    return memmem(memory, n, pattern, size) != NULL;
}

/* "chi(0,5,7)" -> bits 0, 5, 7. */
static uint64_t mask_of(const char *hidden)
{
    uint64_t mask = 0;

    for (const char *c = strchr(hidden, '('); c && *c != ')'; c = strpbrk(c + 1, ",)"))
        mask |= UINT64_C(1) << strtol(c + 1, NULL, 10);
    return mask;
}

/* The hidden member in the forms that code holds it in: a mask, bytes, numbers, coordinates, text. */
static void expect_no_member(const uint8_t *memory, size_t n, const char *hidden, uint32_t dim)
{
    const uint64_t mask = mask_of(hidden);
    uint8_t bytes[64];
    double numbers[64], list[64];
    uint32_t indexes[64];
    size_t n_list = 0;

    for (uint32_t j = 0; j < dim; j++) {
        bytes[j] = mask >> j & 1;
        numbers[j] = bytes[j];
        if (bytes[j]) {
            list[n_list] = j;
            indexes[n_list++] = j;
        }
    }
    assert_true(n_list > 10);
    assert_false(contains(memory, n, &mask, sizeof mask));
    assert_false(contains(memory, n, bytes, dim));
    assert_false(contains(memory, n, numbers, dim * sizeof *numbers));
    assert_false(contains(memory, n, list, n_list * sizeof *list));
    assert_false(contains(memory, n, indexes, n_list * sizeof *indexes));
    assert_false(contains(memory, n, hidden, strlen(hidden)));
}

#define SEED "918273645546372819"

/* Neither the hidden member nor what it is drawn from is in a learner's memory; its own coins are,
 * which shows that the memory printed is the right one. 60 coordinates: no pattern is found by
 * chance, 2^-60 a place. */
static void test_memory_holds_no_secret(void **state)
{
    static const char yaml[] = "name: dump\n"
                               "claim: none\n"
                               "seed: \"" SEED "\"\n"
                               "repeat: 1\n"
                               "family: { type: parity, dimension: 60 }\n"
                               "oracle: { type: stat, tolerance: 0.1, policy: reference }\n"
                               "goal: { type: predict, loss: zero-one, max: 0.1 }\n"
                               "budget: { queries: 100, seconds: 60, output_kib: 65536 }\n"
                               "learner: { type: %s/dump.so, coins: 4711 }\n";
    const uint64_t coins = 4711, seed = strtoull(SEED, NULL, 10);
    const struct sb_key mine = sb_key_derive("coins", &coins, sizeof coins);
    struct sb_digest material;
    struct sb_key secret;
    char *text SB_FREE = sb_printf(yaml, folder);
    struct sb_store *store = harness_store(NULL);
    struct harness_experiment e;
    struct sb_run_outcome outcome;
    sqlite3_stmt *stmt;
    const uint8_t *memory;
    size_t n;

    (void)state;
    if (!have_filters())
        return;
    read_well(text, &e);
    harness_run(&e, SB_ISOLATION_SECCOMP, store, &outcome);
    stmt = harness_select(store, "SELECT output, hidden, status FROM run WHERE n_answered = 20");
    assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
    memory = sqlite3_column_blob(stmt, 0);
    n = (size_t)sqlite3_column_bytes(stmt, 0);
    assert_string_equal((const char *)sqlite3_column_text(stmt, 2), "finished");
    print_message("# %zu KiB of memory\n", n >> 10);
    material = sb_secret_material(e.experiment, &e.experiment->points[0], 1);
    secret = sb_key_derive("secret", &material, sizeof material);
    assert_true(contains(memory, n, &mine, sizeof mine));
    assert_true(contains(memory, n, "dump.so", 7));
    expect_no_member(memory, n, (const char *)sqlite3_column_text(stmt, 1), 60);
    assert_false(contains(memory, n, &secret, sizeof secret));
    assert_false(contains(memory, n, &material, sizeof material));
    assert_false(contains(memory, n, &seed, sizeof seed));
    assert_false(contains(memory, n, SEED, strlen(SEED)));
    sqlite3_finalize(stmt);
    harness_drop(&e);
    harness_close(store);
}

/* The broken. */

static const struct broken {
    const char *where, *how, *status;
    int detail;
} broken[] = {
    { "create", "crash", "crashed", SIGSEGV },
    { "create", "abort", "crashed", SIGABRT },
    { "create", "exit", "exited", 3 },
    { "create", "loop", "seconds", 0 },
    { "create", "hungry", "crashed", SIGABRT },
    { "create", "garbage", "protocol", 0 },
    { "create", "answers", "protocol", 0 },
    { "create", "done", "protocol", 0 },
    { "run", "crash", "crashed", SIGSEGV },
    { "run", "abort", "crashed", SIGABRT },
    { "run", "exit", "exited", 3 },
    { "run", "loop", "seconds", 0 },
    { "run", "hungry", "crashed", SIGABRT },
    { "run", "stack", "crashed", SIGSEGV },
    { "run", "close", "finished", 0 }, /* refused */
    { "run", "shutdown", "finished", 0 },
    { "run", "garbage", "protocol", 0 },
    { "run", "half", "seconds", 0 },
    { "run", "endless", "protocol", 0 },
    { "run", "ready", "protocol", 0 },
    { "run", "answers", "protocol", 0 },
    { "run", "values", "protocol", 0 },
    { "run", "huge-batch", "protocol", 0 },
    { "run", "done", "finished", 0 },
    { "callback", "crash", "crashed", SIGSEGV },
    { "callback", "abort", "crashed", SIGABRT },
    { "callback", "exit", "exited", 3 },
    { "callback", "loop", "seconds", 0 },
    { "callback", "hungry", "crashed", SIGABRT },
    { "callback", "stack", "crashed", SIGSEGV },
    { "callback", "garbage", "protocol", 0 },
    { "callback", "answers", "protocol", 0 },
    { "callback", "ready", "protocol", 0 },
    { "callback", "done", "protocol", 0 },
    { "callback", "huge-batch", "protocol", 0 },
    { "callback", "endless", "protocol", 0 },
    { "callback", "values", "seconds", 0 }, /* of the board as it is; then silence */
    { "destroy", "crash", "crashed", SIGSEGV },
    { "destroy", "abort", "crashed", SIGABRT },
    { "destroy", "exit", "exited", 3 },
    { "destroy", "loop", "seconds", 0 },
    { "destroy", "garbage", "protocol", 0 },
};

static void test_broken_plugins(void **state)
{
    char *entries[SB_COUNT(broken)];
    struct sb_store *store;

    (void)state;
    for (size_t i = 0; i < SB_COUNT(broken); i++)
        entries[i] = sb_printf("broken.so, where: %s, how: %s", broken[i].where, broken[i].how);
    store =
        run_all(SB_ISOLATION_SECCOMP, "seconds: 1", (const char *const *)entries, SB_COUNT(broken));
    for (size_t i = 0; i < SB_COUNT(broken); i++) {
        const struct broken *b = &broken[i];
        const struct row row = row_of(store, i);

        if (strcmp(row.status, b->status) != 0 || row.detail != b->detail)
            fail_msg("%s: %s %d %s", entries[i], row.status, row.detail, row.message);
        free(entries[i]);
    }
    /* what was asked before it broke is on record */
    assert_int_equal(harness_count(store, "SELECT count(*) FROM run WHERE "
                                          "json_extract(learner_params, '$.where') IN ('run', "
                                          "'callback') AND "
                                          "n_answered = 0"),
                     0);
    assert_int_equal(harness_count(store, "SELECT count(*) FROM run WHERE success = 1"), 0);
    harness_close(store);
}

/* Queries sent behind the host's back, so that the host takes the next reply for its own: the learner
 * misleads itself, all that was asked has its row, and nothing else happens. Two frames that arrive
 * as one end the run, or the process is gone before its last reply. */
static void test_a_reply_for_another_query(void **state)
{
    static const char *const entries[] = { "broken.so, where: run, how: ask-behind",
                                           "broken.so, where: run, how: ask-twice" };
    struct sb_store *store =
        run_all(SB_ISOLATION_SECCOMP, "seconds: 20", entries, SB_COUNT(entries));
    const struct row behind = row_of(store, 0), twice = row_of(store, 1);

    (void)state;
    assert_string_equal(behind.status, "finished");
    assert_int_equal(harness_count(store, "SELECT n_queries FROM run WHERE id = 1"), 3);
    assert_int_equal(harness_count(store, "SELECT count(*) FROM query WHERE run = 1 AND status = "
                                          "'syntax' AND seq = 2"),
                     1);
    print_message("# two at once: %s\n", twice.status);
    assert_true(strcmp(twice.status, "finished") == 0 || strcmp(twice.status, "protocol") == 0 ||
                strcmp(twice.status, "exited") == 0);
    harness_close(store);
}

/* Values that change behind the message that hands them over, and points, too: what is used was
 * checked, and the host's own message comes out of turn. Several times, for the two processes race. */
static void test_values_changed_after_they_were_handed_over(void **state)
{
    enum { TIMES = 5 };
    const char *entries[TIMES];
    struct sb_store *store;

    (void)state;
    for (int i = 0; i < TIMES; i++)
        entries[i] = sb_printf("broken.so, where: callback, how: scribble, coins: %d", i);
    store = run_all(SB_ISOLATION_SECCOMP, "seconds: 20", entries, TIMES);
    for (int i = 0; i < TIMES; i++) {
        const struct row row = row_of(store, (size_t)i);

        assert_non_null(strstr(row.output, "# board found\n"));
        assert_string_equal(row.status, "protocol");
        free((char *)(uintptr_t)entries[i]);
    }
    /* the values that were handed over, or what stood there when they were copied: then refused */
    assert_int_equal(harness_count(store,
                                   "SELECT count(*) FROM query WHERE run % 2 = 1 AND seq = 2 "
                                   "AND ((status = 'answered' AND abs(answer - 0.25) < 0.2) "
                                   "OR status = 'range')"),
                     TIMES);
    print_message("# %d answered\n", (int)harness_count(store, "SELECT count(*) FROM query WHERE "
                                                               "run % 2 = 1 AND seq = 2 AND status "
                                                               "= 'answered'"));
    harness_close(store);
}

/* A constructor that breaks at each start is a mistake of the experiment, found before anything
 * runs; one that breaks only once the cells run ends its cell. */
static const struct {
    const char *how, *text;
    bool soon; /* without the limits of a cell, which are a second and 64 MiB */
} early[] = {
    { "crash", "signal 11", true },       { "abort", "signal 6", true },
    { "exit", "code 3", true },           { "hungry", "signal 6", false },
    { "loop", "takes too long", false },  { "close", "closed its channel", true },
    { "shutdown", "not refused", false }, { "garbage", "not a message", true },
    { "half", "takes too long", false },  { "endless", "not a message", true },
};

static void test_broken_constructors_are_mistakes(void **state)
{
    (void)state;
    for (size_t i = 0; i < SB_COUNT(early); i++) {
        char *entry SB_FREE = sb_printf("early-%s.so", early[i].how);
        const char *const entries[1] = { entry };
        char *yaml SB_FREE = yaml_of("seconds: 1", entries, 1);
        struct harness_experiment e;
        struct sb_diag diag;

        make_early("broken.so", early[i].how);
        if (!early[i].soon)
            continue;
        sb_diag_init(&diag);
        read_as(SB_ISOLATION_SECCOMP, yaml, &e, &diag);
        assert_null(e.experiment);
        assert_int_equal(diag.n_items, 1);
        if (!strstr(diag.items[0].text, early[i].text))
            fail_msg("%s: %s", early[i].how, diag.items[0].text);
        sb_diag_fini(&diag);
        sb_plugins_free(e.plugins);
    }
}

static void test_broken_constructors_end_their_cell(void **state)
{
    char *entries[SB_COUNT(early)];
    struct sb_store *store;

    (void)state;
    for (size_t i = 0; i < SB_COUNT(early); i++)
        entries[i] = sb_printf("early-%s.so", early[i].how);
    store =
        run_all(SB_ISOLATION_SECCOMP, "seconds: 1", (const char *const *)entries, SB_COUNT(early));
    for (size_t i = 0; i < SB_COUNT(early); i++) {
        const struct row row = row_of(store, i);

        print_message("# %s: %s %s\n", early[i].how, row.status, row.message);
        if (strcmp(early[i].text, "not refused") == 0)
            assert_string_equal(row.status, "finished");
        else if (strcmp(row.status, "finished") == 0 || !strstr(row.message, early[i].text))
            fail_msg("%s: %s %s", early[i].how, row.status, row.message);
        free(entries[i]);
    }
    harness_close(store);
}

/* The suite in its folder. */

static bool furnish(void)
{
    static const char *const plugins[] = { "attack",        "broken",      "dump",
                                           "wayward",       "serve-claim", "serve-deny",
                                           "serve-pretend", "serve-comply" };
    const char *host = getenv("STATBED_HOST");

    if (!host || !mkdtemp(folder) || chmod(folder, 0777))
        return false;
    copy(host, "statbed-host");
    for (size_t i = 0; i < SB_COUNT(plugins); i++) {
        char *name = sb_printf("%s.so", plugins[i]);

        copy(harness_plugin(plugins[i]), name);
        free(name);
    }
    setenv("STATBED_HOST", at("statbed-host"), 1);
    return true;
}

static int suite(bool plain)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_attacks_from_run),
        cmocka_unit_test(test_attacks_work_where_nothing_stops_them),
        cmocka_unit_test(test_runner_is_closed_without_filters),
        cmocka_unit_test(test_attacks_from_a_constructor),
        cmocka_unit_test(test_constructors_can_load_libraries),
        cmocka_unit_test(test_constructors_that_serve),
        cmocka_unit_test(test_memory_holds_no_secret),
        cmocka_unit_test(test_broken_plugins),
        cmocka_unit_test(test_a_reply_for_another_query),
        cmocka_unit_test(test_values_changed_after_they_were_handed_over),
        cmocka_unit_test(test_broken_constructors_are_mistakes),
        cmocka_unit_test(test_broken_constructors_end_their_cell),
    };

    if (plain && geteuid() == 0 &&
        (setgroups(0, NULL) || setresgid(PLAIN, PLAIN, PLAIN) || setresuid(PLAIN, PLAIN, PLAIN)))
        return 1;
    print_message("# as %s\n", geteuid() == 0 ? "root" : "a plain user");
    return cmocka_run_group_tests_name("attacks", tests, NULL, NULL);
}

/* A child runs the suite, so that its folder can be removed by whoever made it. */
int main(int argc, char **argv)
{
    const bool plain = argc == 2 && strcmp(argv[1], "plain") == 0;
    char *command;
    int status = 0;
    pid_t child;

    if (!furnish())
        return 1;
    child = fork();
    if (child == 0)
        exit(suite(plain));
    if (child < 0 || waitpid(child, &status, 0) != child)
        return 1;
    command = sb_printf("rm -rf '%s'", folder);
    if (!command || system(command) != 0)
        return 1;
    free(command);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
