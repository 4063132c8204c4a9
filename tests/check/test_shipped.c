/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every shipped learner passes every check. */
#include "check/check.h"
#include "runner/learner.h"
#include "unit.h"

/* Learners of families that the checks do not try by themselves. */
static const struct {
    const char *learner, *family, *dimension, *packing;
} elsewhere[] = { { "low-degree-hermite", "halfspace", "3", NULL },
                  { "sparse-polynomial", "halfspace", "3", NULL },
                  { "lifted-parity-correlation", "lifted", "4", NULL },
                  { "lifted-parity-membership", "lifted", "4", NULL },
                  { "hermite-moments", "pancakes", "3", "sphere" },
                  { "random-projection", "pancakes", "3", "sphere" },
                  { "projection-scan", "pancakes", "3", "basis" },
                  { "scheffe", "pancakes", "3", "basis" } };

static void check_one(const char *name)
{
    struct sb_given given[2] = { { .name = "family.dimension" }, { .name = "family.packing" } };
    const char *word = getenv("STATBED_TEST_ISOLATION");
    const bool none = word && strcmp(word, "none") == 0;
    char *path = NULL;
    struct sb_check_context context = {
        .seed = 11,
        .isolation = none ? SB_ISOLATION_NONE : SB_ISOLATION_SECCOMP,
        .seconds = 100,
    };
    const struct sb_check_suite *suite;
    struct sb_check_report report;
    struct sb_diag diag;

    for (size_t i = 0; i < SB_COUNT(elsewhere); i++)
        if (strcmp(name, elsewhere[i].learner) == 0) {
            given[0].text = elsewhere[i].dimension;
            given[1].text = elsewhere[i].packing;
            context.family = elsewhere[i].family;
            context.given = given;
            context.n_given = given[1].text ? 2 : 1;
        }
    sb_diag_init(&diag);
    assert_int_equal(sb_learner_find(name, ".", &path, &diag), 0);
    context.path = path;
    assert_int_equal(sb_check_suite_find(path, &suite, &diag), 0);
    assert_string_equal(suite->kind, "learner");
    if (sb_check_run(suite->checks, NULL, &context, &report, &diag))
        fail_msg("%s: %s", name, diag.items[0].text);
    for (size_t i = 0; i < report.n; i++)
        if (report.items[i].result == SB_CHECK_FAILED || report.items[i].result == SB_CHECK_WARNED)
            fail_msg("%s: %s %s: %s", name, sb_check_result_name(report.items[i].result),
                     report.items[i].check->name, report.items[i].said);
    sb_check_report_fini(&report);
    sb_diag_fini(&diag);
    free(path);
}

static void all_pass(void **state)
{
    struct sb_names names = { 0 };

    (void)state;
    assert_int_equal(sb_learner_list(&names), 0);
    assert_true(names.n >= 8);
    for (size_t i = 0; i < names.n; i++)
        check_one(names.items[i]);
    sb_names_fini(&names);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(all_pass) };

    return cmocka_run_group_tests_name("check: shipped learners", tests, NULL, NULL);
}
