/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A learner at work: plugins of tests/plugins against a server that answers 1/64, 2/64, ... */
#include "estimate/family.h"
#include "isolations.h"
#include "runner/learner.h"

#include <errno.h>
#include <math.h>
#include <signal.h>
#include <unistd.h>

enum { MEMORY_MIB = 256, OUTPUT_KIB = 16 };

struct server {
    uint64_t n_asked, n_ready, n_traffic;
    int error;           /* of ask() */
    struct sb_hash hash; /* of all traffic */
};

static int be_ready(void *self)
{
    struct server *s = self;

    s->n_ready++;
    return 0;
}

/* Counts; a query without an expression is a syntax error, one of tolerance 0.5 meets the budget.
 */
static int answer(void *self, const struct sb_wire_query *q, uint64_t n, double *answers,
                  int32_t *status, const char **message_out)
{
    struct server *s = self;

    if (s->error)
        return s->error;
    for (uint64_t i = 0; i < n; i++) {
        answers[i] = (double)++s->n_asked / 64.0;
        if (!q[i].expr) {
            assert_non_null(q[i].cause);
            *message_out = "no expression";
            status[i] = SB_SYNTAX;
        } else if (q[i].tolerance == 0.5 || (i && status[i - 1] == SB_BUDGET)) {
            *message_out = "no more";
            status[i] = SB_BUDGET;
        } else {
            status[i] = SB_OK;
        }
    }
    return 0;
}

static void tap(void *self, bool to_learner, uint32_t type, const void *payload, size_t n)
{
    struct server *s = self;
    const uint64_t head[3] = { to_learner, type, n };

    sb_hash_bytes(&s->hash, head, sizeof head);
    sb_hash_bytes(&s->hash, payload, n);
    s->n_traffic++;
}

/* One run, kept for the assertions. */
struct run {
    struct server server;
    struct sb_learner_end end;
    uint32_t isolation; /* what was got */
    struct sb_digest traffic;
    char error[1024]; /* of the start; "" */
};

static void converse(struct sb_learner_process *process, const char *how, struct run *run)
{
    static const double labels[2] = { -1, 1 };
    const struct sb_facts facts = { .struct_size = sizeof facts,
                                    .domain = SB_CUBE,
                                    .dim = 8,
                                    .modulus = 2,
                                    .goal = SB_PREDICT,
                                    .access = SB_STAT,
                                    .n_queries = 100,
                                    .n_candidates = 256,
                                    .n_labels = 2,
                                    .label_set = labels,
                                    .family = "parity" };
    const struct sb_param *const tables[1] = { sb_learner_descriptor(process)->params };
    const struct sb_given given = { .name = "how", .text = how };
    const struct sb_server server = {
        .self = &run->server, .ready = be_ready, .ask = answer, .traffic = tap
    };
    static const struct sb_param of_family[] = {
        { "rate", SB_REAL, 0, "0.5", NULL, "a number" },
        { "corner", SB_VECTOR, 0, "4,5", NULL, "two numbers" },
        { NULL, 0, 0, NULL, NULL, NULL },
    };
    static const double angles[3] = { 0.25, 8, -4 };
    static const struct sb_public_vector vectors[] = { { "angles", angles, 3 },
                                                       { "empty", angles, 0 } };
    const struct sb_param *const family_tables[1] = { of_family };
    struct sb_values values, family;
    struct sb_task task = { &facts, { 0.125, NAN }, &values, &family,
                            3,      NULL,           vectors, SB_COUNT(vectors) };

    assert_int_equal(
        sb_values_parse(tables, 1, &given, how ? 1 : 0, NULL, 0, "learner", &values, NULL), 0);
    assert_int_equal(sb_values_parse(family_tables, 1, NULL, 0, NULL, 0, "family", &family, NULL),
                     0);
    assert_int_equal(sb_learner_run(process, &task, &server, &run->end, NULL), 0);
    sb_values_fini(&values);
    sb_values_fini(&family);
}

static struct run run_plugin(const char *name, const char *how, uint32_t isolation,
                             uint64_t seconds, int server_error)
{
    const struct sb_limits limits = { MEMORY_MIB, OUTPUT_KIB, seconds };
    struct sb_learner_process *process;
    struct run run = { .server = { .error = server_error } };
    struct sb_diag diag;
    char path[4096];
    int error;

    unit_plugin_path(name, path, sizeof path);
    sb_diag_init(&diag);
    sb_hash_init(&run.server.hash);
    error = sb_learner_start(path, isolation, &limits, &process, &diag);
    if (error) {
        assert_int_equal(error, -EINVAL);
        assert_int_equal(diag.n_items, 1);
        snprintf(run.error, sizeof run.error, "%s", diag.items[0].text);
    } else {
        run.isolation = sb_learner_isolation(process);
        converse(process, how, &run);
        run.traffic = sb_hash_final(&run.server.hash);
        sb_learner_close(process);
    }
    sb_diag_fini(&diag);
    return run;
}

static struct run behave(const char *how, uint32_t isolation)
{
    return run_plugin("behave", how, isolation, 20, 0);
}

static void expect_end(struct run *run, uint32_t end, int32_t detail, const char *text)
{
    assert_string_equal(run->error, "");
    unit_expect_end(&run->end, end, detail, text);
}

static void expect_finished(struct run *run)
{
    expect_end(run, SB_END_FINISHED, 0, NULL);
}

static void expect_refused(const char *name, uint32_t isolation, const char *text)
{
    struct run run = run_plugin(name, NULL, isolation, 20, 0);

    if (!strstr(run.error, text))
        fail_msg("%s: '%s' does not say '%s'", name, run.error, text);
}

static void test_same_conversation_under_every_isolation(void **state)
{
    struct sb_digest traffic[3];

    (void)state;
    for (size_t i = 0; i < unit_n_isolations(); i++) {
        struct run run = behave("answers", unit_isolation[i]);

        assert_int_equal(run.isolation, unit_have_filters() ? unit_isolation[i] : i ? 1 : 0);
        assert_int_equal(run.server.n_asked, 4);
        assert_int_equal(run.server.n_ready, 1);
        assert_int_equal(run.server.n_traffic, 8); /* CONFIG READY START, ASK ANSWERS twice, DONE */
        assert_int_equal(run.end.returned, SB_RETURNED_EXPR);
        assert_true(run.end.expr.n > 0);
        if (i)
            assert_string_equal(run.end.output, "# four answers\n");
        else
            assert_null(run.end.output);
        traffic[i] = run.traffic;
        expect_finished(&run);
    }
    for (size_t i = 1; i < unit_n_isolations(); i++)
        assert_true(sb_digest_equal(&traffic[0], &traffic[i]));
}

static void test_conditions(void **state)
{
    static const char *const how[] = { "half",  "syntax", "stride", "marks",
                                       "unfit", "facts",  "vectors" };

    (void)state;
    for (size_t i = 0; i < SB_COUNT(how); i++)
        for (size_t k = 0; k < unit_n_isolations(); k++) {
            struct run run = run_plugin("behave", how[i], unit_isolation[k], 20, 0);

            print_message("# %s, %s\n", how[i], sb_isolation_name(unit_isolation[k]));
            expect_finished(&run);
        }
}

/* A batch beyond one message: none of it is answered, all of it is asked. */
static void test_large_batch(void **state)
{
    (void)state;
    for (size_t k = 0; k < unit_n_isolations(); k++) {
        struct run run = run_plugin("behave", "large", unit_isolation[k], 20, 0);

        assert_int_equal(run.server.n_asked, 3000000);
        expect_finished(&run);
    }
}

static void test_misuse(void **state)
{
    static const struct {
        const char *how;
        int32_t detail;
        const char *text;
    } cases[] = {
        { "undeclared", 0, "does not declare" }, { "wrong-type", 0, "of type real" },
        { "no-queries", 0, "no queries" },       { "short-stride", 0, "stride" },
        { "early", 0, "inside run()" },          { "create-3", 0, "create() returned 3" },
        { "returns-5", 5, "run() returned 5" },
    };

    (void)state;
    for (size_t i = 0; i < SB_COUNT(cases); i++)
        for (size_t k = 0; k < unit_n_isolations(); k++) {
            struct run run = run_plugin("behave", cases[i].how, unit_isolation[k], 20, 0);

            print_message("# %s, %s\n", cases[i].how, sb_isolation_name(unit_isolation[k]));
            expect_end(&run, SB_END_FAILED, cases[i].detail, cases[i].text);
        }
}

static void test_bad_ends(void **state)
{
    (void)state;
    for (size_t k = 1; k < unit_n_isolations(); k++) {
        const uint32_t isolation = unit_isolation[k];
        struct run run = behave("crash", isolation);

        assert_string_equal(run.end.output, "last words\n");
        expect_end(&run, SB_END_CRASHED, SIGSEGV, "signal 11 (Segmentation fault), in run()");
        run = behave("exit-3", isolation);
        expect_end(&run, SB_END_EXITED, 3, "code 3");
        run = behave("abort", isolation);
        expect_end(&run, SB_END_CRASHED, SIGABRT, "signal 6");
        run = behave("hungry", isolation);
        expect_end(&run, SB_END_CRASHED, SIGSEGV, "signal 11");
        run = behave("stack", isolation);
        expect_end(&run, SB_END_CRASHED, SIGSEGV, "signal 11");
        run = behave("garbage", isolation);
        expect_end(&run, SB_END_PROTOCOL, 0, "not a message");
        run = behave("drip", isolation);
        expect_end(&run, SB_END_PROTOCOL, 0, NULL);
    }
}

static void test_fuse(void **state)
{
    struct run run = run_plugin("behave", "loop", SB_ISOLATION_SECCOMP, 1, 0);

    (void)state;
    expect_end(&run, SB_END_SECONDS, 0, "1 seconds");
}

/* A SIGKILL that is not ours is the kernel's, for want of memory. */
static void test_killed(void **state)
{
    struct run run = behave("killed", SB_ISOLATION_PROCESS);

    (void)state;
    expect_end(&run, SB_END_KILLED, SIGKILL, "signal 9");
}

static void test_addresses_are_limited(void **state)
{
    (void)state;
    for (size_t k = 1; k < unit_n_isolations(); k++) {
        struct run run = behave("reserve", unit_isolation[k]);

        expect_finished(&run);
    }
}

static void test_output_is_capped(void **state)
{
    struct run run = behave("flood", SB_ISOLATION_SECCOMP);

    (void)state;
    assert_true(run.end.output_cut);
    assert_int_equal(run.end.n_output, OUTPUT_KIB * 1024);
    assert_memory_equal(run.end.output, "0123456789 ", 11);
    expect_finished(&run);
    run = behave("ordinary", SB_ISOLATION_SECCOMP);
    assert_false(run.end.output_cut);
    assert_string_equal(run.end.output, "to stderr 1\nunfinished");
    expect_finished(&run);
}

static void test_server_errors(void **state)
{
    (void)state;
    for (size_t k = 0; k < unit_n_isolations(); k++) {
        struct run run = run_plugin("behave", "answers", unit_isolation[k], 20, -EFAULT);

        expect_end(&run, SB_END_SERVER, -EFAULT, NULL);
        run = run_plugin("behave", "answers", unit_isolation[k], 20, -ETIME);
        expect_end(&run, SB_END_SECONDS, 0, NULL);
    }
}

static void test_filter_confines(void **state)
{
    struct run run;

    (void)state;
    if (!unit_have_filters())
        skip();
    run = behave("confined", SB_ISOLATION_SECCOMP);
    expect_finished(&run);
}

static void test_constructors(void **state)
{
    static const char *const in_vain[] = { "thread", "peek", "hold" };
    struct run run;

    (void)state;
    if (!unit_have_filters())
        skip();
    for (size_t i = 0; i < SB_COUNT(in_vain); i++) {
        run = run_plugin(in_vain[i], NULL, SB_ISOLATION_SECCOMP, 20, 0);
        print_message("# %s\n", in_vain[i]);
        expect_finished(&run);
    }
    run = run_plugin("peek", NULL, SB_ISOLATION_PROCESS, 20, 0);
    expect_finished(&run); /* even without filters */
    expect_refused("garbage", SB_ISOLATION_SECCOMP, "not a message");
    expect_refused("crash", SB_ISOLATION_SECCOMP, "signal 11");
    expect_refused("forge", SB_ISOLATION_SECCOMP, "not asked for");
    expect_refused("exit", SB_ISOLATION_SECCOMP, "code 4");
    run = run_plugin("loop", NULL, SB_ISOLATION_SECCOMP, 1, 0);
    assert_non_null(strstr(run.error, "takes too long"));
}

static void test_other_versions_load(void **state)
{
    (void)state;
    for (size_t k = 0; k < unit_n_isolations(); k++) {
        struct run run = run_plugin("newer", NULL, unit_isolation[k], 20, 0);

        expect_finished(&run);
        run = run_plugin("frozen", NULL, unit_isolation[k], 20, 0);
        assert_int_equal(run.server.n_asked, 1);
        expect_finished(&run);
        run = run_plugin("frozen_1_1", NULL, unit_isolation[k], 20, 0);
        expect_finished(&run);
    }
}

static void test_no_learners(void **state)
{
    static const char *const cases[][2] = {
        { "major", "version 2" },           { "too_old", "older than the oldest" },
        { "no_symbol", "statbed_learner" }, { "no_name", "no name" },
        { "no_run", "no run function" },    { "bad_type", "type 77" },
        { "twice", "'first' twice" },       { "bad_default", "'third'" },
        { "bad_name", "'Third one'" },
    };

    (void)state;
    for (size_t i = 0; i < SB_COUNT(cases); i++)
        for (size_t k = 0; k < unit_n_isolations(); k++)
            expect_refused(cases[i][0], unit_isolation[k], cases[i][1]);
}

static void test_not_a_shared_object(void **state)
{
    const struct sb_limits limits = { MEMORY_MIB, OUTPUT_KIB, 5 };
    char path[] = "/tmp/statbed-test-XXXXXX";
    const int fd = mkstemp(path);
    struct sb_learner_process *process;

    (void)state;
    assert_true(fd >= 0);
    assert_int_equal(write(fd, "not ELF\n", 8), 8);
    close(fd);
    for (size_t k = 0; k < unit_n_isolations(); k++) {
        struct sb_diag diag;

        sb_diag_init(&diag);
        assert_int_equal(sb_learner_start(path, unit_isolation[k], &limits, &process, &diag),
                         -EINVAL);
        assert_int_equal(diag.n_items, 1);
        assert_non_null(strstr(diag.items[0].text, "cannot be loaded"));
        sb_diag_fini(&diag);
    }
    unlink(path);
}

static void test_find(void **state)
{
    const char *dir = getenv("STATBED_TEST_PLUGINS");
    struct sb_diag diag;
    char *path = NULL;
    struct sb_names names;
    bool found = false;

    (void)state;
    setenv("STATBED_PLUGINDIR", dir, 1);
    sb_diag_init(&diag);
    assert_int_equal(sb_learner_find("plugin_behave", NULL, &path, &diag), 0);
    assert_non_null(strstr(path, "plugin_behave.so"));
    free(path);
    assert_int_equal(sb_learner_find("./plugin_behave.so", dir, &path, &diag), 0);
    free(path);
    assert_int_equal(sb_learner_find("./nonesuch.so", dir, &path, &diag), -ENOENT);
    assert_int_equal(sb_learner_find("plugin_behav", NULL, &path, &diag), -ENOENT);
    assert_non_null(strstr(diag.items[1].text, "did you mean 'plugin_behave'"));
    assert_int_equal(sb_learner_list(&names), 0);
    for (size_t i = 0; i < names.n; i++) {
        assert_true(i == 0 || strcmp(names.items[i - 1], names.items[i]) < 0);
        found = found || strcmp(names.items[i], "plugin_behave") == 0;
    }
    sb_names_fini(&names);
    assert_true(found);
    sb_diag_fini(&diag);
}

int main(void)
{
    enum { IN_A_PROCESS = 7 }; /* the last ones */
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_same_conversation_under_every_isolation),
        cmocka_unit_test(test_conditions),
        cmocka_unit_test(test_misuse),
        cmocka_unit_test(test_server_errors),
        cmocka_unit_test(test_other_versions_load),
        cmocka_unit_test(test_no_learners),
        cmocka_unit_test(test_not_a_shared_object),
        cmocka_unit_test(test_find),
        cmocka_unit_test(test_large_batch), /* the last of those in this process */
        cmocka_unit_test(test_bad_ends),
        cmocka_unit_test(test_fuse),
        cmocka_unit_test(test_killed),
        cmocka_unit_test(test_addresses_are_limited),
        cmocka_unit_test(test_output_is_capped),
        cmocka_unit_test(test_filter_confines),
        cmocka_unit_test(test_constructors),
    };
    /* three million queries are two minutes under valgrind */
    const bool brief = unit_in_process_only() && getenv("STATBED_TEST_VALGRIND");
    const size_t n = SB_COUNT(tests) - (unit_in_process_only() ? IN_A_PROCESS : 0) - brief;

    return _cmocka_run_group_tests("host", tests, n, NULL, NULL);
}
