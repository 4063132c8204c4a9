/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Planted bugs: each check of a learner finds the bugs that it is there for, and a learner without
 * one passes them all. Everything follows from the seed but for the flaws that look at the clock or
 * at addresses: two runs of `address` agree on 16 bits of its stack with probability 2^-16 or so. */
#include "reports.h"
#include "runner/learner.h"

#include <errno.h>

enum { SECONDS = 8 };

/* Where the learner runs; sanitizers do not work behind filters. */
static uint32_t isolation(void)
{
    const char *word = getenv("STATBED_TEST_ISOLATION");

    return word && strcmp(word, "none") == 0 ? SB_ISOLATION_NONE : SB_ISOLATION_SECCOMP;
}

static struct sb_check_context context_of(const char *flaw, char path[4096])
{
    snprintf(path, 4096, "%s/flawed_%s.so", getenv("STATBED_TEST_PLUGINS"), flaw);
    return (struct sb_check_context){
        .path = path, .seed = 7, .isolation = isolation(), .seconds = SECONDS
    };
}

static void run_checks(const char *flaw, const char *only, struct sb_check_report *out)
{
    char path[4096];
    struct sb_check_context context = context_of(flaw, path);

    report_of(sb_learner_checks, &context, only, out);
}

static const struct {
    const char *flaw, *check, *says;
    int result;
    bool apart; /* shows only where the learner has a process of its own */
} planted[] = {
    { "exports", "file", "flawed_table", SB_CHECK_FAILED, false },
    { "function", "file", "flawed_helper", SB_CHECK_WARNED, false },
    { "links", "file", "sb_values_int", SB_CHECK_FAILED, false },
    { "breaks", "descriptor", "", SB_CHECK_FAILED, false },
    { "lines", "descriptor", "its summary is not one printable line", SB_CHECK_FAILED, false },
    { "source", "descriptor", "its source is missing", SB_CHECK_FAILED, false },
    { "help", "descriptor", "parameter 'order'", SB_CHECK_FAILED, false },
    { "access", "descriptor", "no oracle", SB_CHECK_FAILED, false },
    { "default", "descriptor", "count = 99 is outside [1,16]", SB_CHECK_FAILED, false },
    { "undeclared", "tasks", "param_int(\"undeclared\")", SB_CHECK_FAILED, false },
    { "nothing", "tasks", "ended none", SB_CHECK_FAILED, false },
    { "declines", "tasks", "run() returned 1", SB_CHECK_FAILED, false },
    { "crash", "tasks", "", SB_CHECK_FAILED, false },
    { "hang", "tasks", "", SB_CHECK_FAILED, false },
    { "exits", "tasks", "exited with code 0", SB_CHECK_FAILED, false },
    { "loud", "tasks", "more than the 64 KiB", SB_CHECK_WARNED, true },
    { "edge", "ends", "", SB_CHECK_FAILED, false },
    { "word", "ends", "", SB_CHECK_FAILED, false },
    { "clock", "determinism", "a second later", SB_CHECK_FAILED, false },
    { "nanosecond", "determinism", "another one", SB_CHECK_FAILED, false },
    { "address", "determinism", "at other addresses", SB_CHECK_FAILED, true },
    { "uninit", "determinism", "never wrote", SB_CHECK_FAILED, true },
    { "libm", "determinism", "calls exp()", SB_CHECK_WARNED, false },
    { "admits", "determinism", "compared by counts", SB_CHECK_OK, false },
    { "greedy", "budget", "asked on and on", SB_CHECK_FAILED, false },
    { "taker", "budget", "asked on and on", SB_CHECK_FAILED, false },
    { "deaf", "stop", "", SB_CHECK_FAILED, false },
    { "wide", "ranges", "[-1,1]", SB_CHECK_FAILED, false },
    { "clipped", "ranges", "3*chi()", SB_CHECK_WARNED, false },
    { "state", "purity", "callback 'half'", SB_CHECK_FAILED, false },
    { "place", "purity", "in another order", SB_CHECK_FAILED, false },
    { "neighbour", "purity", "callback 'half'", SB_CHECK_FAILED, false },
    { "fickle", "purity", "the predictor gives other values", SB_CHECK_FAILED, false },
    { "labelled", "purity", "in its predictor, where y is NULL", SB_CHECK_FAILED, true },
    { "numberless", "purity", "the predictor gives nan", SB_CHECK_FAILED, false },
    { "hungry", "memory", "with 64 MiB", SB_CHECK_FAILED, true },
    { "leak", "leaks", "48 bytes", SB_CHECK_FAILED, true },
    { "left", "leaks", "runs left memory behind", SB_CHECK_FAILED, true },
    { "nanosecond", "traffic", "two hidden members", SB_CHECK_FAILED, false },
};

static void each_is_found(void **state)
{
    (void)state;
    for (size_t i = 0; i < SB_COUNT(planted); i++) {
        struct sb_check_report report;
        const struct sb_check_outcome *found;

        if (planted[i].apart && isolation() == SB_ISOLATION_NONE)
            continue;
        run_checks(planted[i].flaw, planted[i].check, &report);
        found = outcome(&report, planted[i].check);
        if (found->result != planted[i].result || !strstr(found->said, planted[i].says))
            fail_msg("%s: %s %s: %s", planted[i].flaw, sb_check_result_name(found->result),
                     planted[i].check, found->said);
        sb_check_report_fini(&report);
    }
}

static void none_is_found_where_none_is(void **state)
{
    struct sb_check_report report;

    (void)state;
    run_checks("none", NULL, &report);
    for (size_t i = 0; i < report.n; i++)
        if (report.items[i].result != SB_CHECK_OK &&
            !(isolation() == SB_ISOLATION_NONE && report.items[i].result == SB_CHECK_SKIPPED))
            fail_msg("%s %s: %s", sb_check_result_name(report.items[i].result),
                     report.items[i].check->name, report.items[i].said);
    assert_true(report.n >= 13);
    assert_int_equal(report.n_failed, 0);
    sb_check_report_fini(&report);
}

/* What rests on a failed gate is not run, and says so; what does not is. */
static void a_gate_closes(void **state)
{
    struct sb_check_report report;

    (void)state;
    run_checks("crash", NULL, &report);
    assert_int_equal(report.n_failed, 1);
    assert_int_equal(outcome(&report, "file")->result, SB_CHECK_OK);
    assert_int_equal(outcome(&report, "traffic")->result, SB_CHECK_SKIPPED);
    assert_non_null(strstr(outcome(&report, "traffic")->said, "'tasks'"));
    sb_check_report_fini(&report);
}

/* The seed is all that a report depends on. */
static void a_report_repeats(void **state)
{
    struct sb_check_report a, b;

    (void)state;
    run_checks("wide", NULL, &a);
    run_checks("wide", NULL, &b);
    assert_int_equal(a.n, b.n);
    for (size_t i = 0; i < a.n; i++) {
        assert_int_equal(a.items[i].result, b.items[i].result);
        assert_string_equal(a.items[i].said, b.items[i].said);
    }
    sb_check_report_fini(&a);
    sb_check_report_fini(&b);
}

static void assert_usage(const char *only, const struct sb_given *given, size_t n,
                         const char *family, const char *says)
{
    char path[4096];
    struct sb_check_context context = context_of("none", path);
    struct sb_check_report report;
    struct sb_diag diag;

    context.given = given;
    context.n_given = n;
    context.family = family;
    sb_diag_init(&diag);
    assert_int_equal(sb_check_run(sb_learner_checks, only, &context, &report, &diag), -EINVAL);
    assert_non_null(strstr(diag.items[0].text, says));
    sb_diag_fini(&diag);
}

/* A large task takes what the user gave, and the small sizes beside it where the large do not fit. */
static void sizes_fit_what_is_given(void **state)
{
    const struct sb_given given = { .name = "family.dimension", .text = "5" };
    char path[4096];
    struct sb_check_context context = context_of("none", path);
    struct sb_check_report report;
    struct sb_diag diag;

    (void)state;
    context.given = &given;
    context.n_given = 1;
    context.family = "conjunction"; /* with 9 literals in large tasks */
    sb_diag_init(&diag);
    assert_int_equal(sb_check_run(sb_learner_checks, "traffic", &context, &report, &diag), 0);
    assert_int_equal(report.n_failed, 0);
    sb_check_report_fini(&report);
    sb_diag_fini(&diag);
}

static void mistakes_of_the_user_are_no_failures(void **state)
{
    const struct sb_given many = { .name = "family.literals", .text = "7" };
    const struct sb_given unknown = { .name = "cuont", .text = "3" };
    const struct sb_given outside = { .name = "count", .text = "17" };
    const struct sb_given none = { .name = "family.dimension", .text = "0" };

    (void)state;
    assert_usage("determinsm", NULL, 0, NULL, "did you mean 'determinism'?");
    assert_usage(NULL, &unknown, 1, NULL, "did you mean 'count'?");
    assert_usage(NULL, &outside, 1, NULL, "outside [1,16]");
    assert_usage(NULL, NULL, 0, "parities", "did you mean 'parity'?");
    assert_usage(NULL, &none, 1, "parity", "outside [1,63]");
    assert_usage(NULL, &many, 1, "conjunction", "literals = 7 is more than dimension = 6");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_is_found),
        cmocka_unit_test(none_is_found_where_none_is),
        cmocka_unit_test(a_gate_closes),
        cmocka_unit_test(a_report_repeats),
        cmocka_unit_test(sizes_fit_what_is_given),
        cmocka_unit_test(mistakes_of_the_user_are_no_failures),
    };

    return cmocka_run_group_tests_name("check: planted bugs", tests, NULL, NULL);
}
