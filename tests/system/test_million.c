/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Very many distinct expression queries in one cell: all are rows, and the memory of this process,
 * which holds oracle and database, stays bounded.
 *
 *     test_million [QUERIES]     (the study asks for 1000000) */
#include "harness.h"

#include <unistd.h>

enum { MIB_MAX = 96 }; /* SQLite's cache of 32 MiB, what it sorts in, the expression cache, code */

static long long queries = 50000;

/* "VmHWM: 12345 kB" of /proc/self/status. */
static long peak_mib(void)
{
    FILE *file = fopen("/proc/self/status", "r");
    char line[256];
    long kib = -1;

    assert_non_null(file);
    while (fgets(line, sizeof line, file))
        if (strncmp(line, "VmHWM:", 6) == 0)
            kib = strtol(line + 6, NULL, 10);
    fclose(file);
    assert_true(kib > 0);
    return kib / 1024;
}

static void read_experiment(struct harness_experiment *out)
{
    harness_read(out,
                 "name: million\n"
                 "claim: none\n"
                 "seed: 5\n"
                 "repeat: 1\n"
                 "family: { type: parity, dimension: 30 }\n"
                 "oracle: { type: stat, tolerance: 0.1, policy: reference }\n"
                 "learner: { type: %s }\n"
                 "budget: { queries: %lld, seconds: 0, memory_mib: 64 }\n"
                 "goal: { type: predict, loss: zero-one, max: 0.1 }\n",
                 harness_plugin("million"), queries);
}

static void all_are_rows(void **state)
{
    char folder[] = "/tmp/statbed-million-XXXXXX";
    char *path SB_FREE = NULL;
    struct harness_experiment e;
    struct sb_run_outcome out;
    struct sb_store *store;
    int64_t rest;

    (void)state;
    assert_non_null(mkdtemp(folder));
    path = sb_printf("%s/results.db", folder);
    store = harness_store(path);
    read_experiment(&e);
    harness_run(&e, SB_ISOLATION_SECCOMP, store, &out);
    harness_drop(&e);
    assert_int_equal(out.n_ended_badly, 0);
    assert_int_equal(harness_count(store, "SELECT n_answered FROM run"), queries);
    rest = harness_count(store, "SELECT n_queries FROM run");
    assert_true(rest >= queries && rest <= queries + 500); /* the batch that met the budget */
    assert_int_equal(harness_count(store, "SELECT count(*) FROM query"), rest);
    assert_int_equal(harness_count(store, "SELECT count(*) FROM expression"), rest);
    harness_close(store);
    print_message("# %lld queries: peak of %ld MiB\n", (long long)rest, peak_mib());
    assert_true(peak_mib() <= MIB_MAX);
    unlink(path);
    rmdir(folder);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(all_are_rows) };

    if (argc == 2)
        queries = strtoll(argv[1], NULL, 10);
    return cmocka_run_group_tests_name("million", tests, NULL, NULL);
}
