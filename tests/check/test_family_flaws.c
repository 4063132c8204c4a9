/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Planted bugs of families: each check finds those that it is there for, and families without one
 * pass. All follows from the seed; at another a check of a family without a bug fails with probability
 * 1e-6 at most, which four checks share. */
#include "reports.h"

#include <errno.h>

static void run_checks(const char *name, const char *only, const struct sb_given *given, size_t n,
                       struct sb_check_report *out)
{
    char path[4096];
    struct sb_check_context context = {
        .path = path, .given = given, .n_given = n, .seed = 7, .seconds = 60
    };

    snprintf(path, sizeof path, "%s/family_%s.so", getenv("STATBED_TEST_PLUGINS"), name);
    report_of(sb_family_checks, &context, only, out);
}

static const struct {
    const char *flaw, *check, *says;
} planted[] = {
    { "wrong_null", "null", "label 1 has probability 0.5 by product(), 0.55" },
    { "biased_null", "null", "the null: over 65536 examples" },
    { "biased_sampler", "sampler", "averages -0.05" },
    { "swapped_labels", "label", "where it has weight 0.1" },
    { "swapped_sample", "sampler", "averages -0.8" },
    { "wrong_correlation", "correlations", "it says K = 0.8, the weights give 0.64" },
    { "wrong_diagonal", "correlations", "by diagonal = 0.8" },
    { "small_lambda", "lambda", "said to have at most 0.32" },
    { "no_sum", "weights", "and 0, sum 0.09" },
    { "own_marginal", "marginal", "member 255" },
    { "block_split", "draws", "in blocks of 100" },
    { "memory", "draws", "in blocks of 100" },
    { "outside", "draws", "lies outside the domain" },
    { "wrong_product", "product", "by product(), 0.9" },
    { "wrong_clean", "product", "by the clean product()" },
    { "wrong_label", "label", "where 1 has weight 0.9" },
    { "block_label", "pure", "label() wrote" },
    { "any_value", "scorer", "is taken for member 255" },
    { "no_value", "scorer", "is not taken for it" },
    { "twin_value", "scorer", "have the same value()" },
    { "small_n_good", "n_good", "n_good() says 1" },
    { "same_line", "describe", "are both 'chi()'" },
    { "crash", "sampler", "signal 11" },
    { "loud", "parameters", "signal 25" },
    { "hall_beside", "descriptor", "leave weight out" },
    { "hall_half", "descriptor", "has no line_draw" },
    { "hall_own", "descriptor", "parameter 'members' is statbed's" },
    { "hall_backwards", "parameters", "line_from is not below line_to" },
    { "hall_cuts", "parameters", "line_cuts do not increase" },
    { "hall_too_much", "parameters", "family hall: " },
    { "hall_negative", "parameters", "family hall: " },
    { "hall_matched", "parameters", "said to match 4 moments" },
    { "hall_narrow", "parameters", "family hall: " },
    { "hall_leaning", "parameters", "family hall: " },
    { "hall_outside", "line", "which is outside [-3, 3]" },
    { "hall_by_block", "line", "in pieces of 100" },
    { "hall_neighbour", "line", "must be a function of one point" },
};

/* Sanitizers end a process in their own way. */
static bool says(const char *said, const char *what)
{
    return strstr(said, what) ||
           (strncmp(what, "signal", 6) == 0 && strstr(said, "the process of this check"));
}

static void each_is_found(void **state)
{
    static const struct sb_given hall = { .name = "dimension", .text = "5" };

    (void)state;
    for (size_t i = 0; i < SB_COUNT(planted); i++) {
        struct sb_check_report report;
        const struct sb_check_outcome *found;

        run_checks(planted[i].flaw, planted[i].check, &hall,
                   strncmp(planted[i].flaw, "hall", 4) == 0, &report);
        found = outcome(&report, planted[i].check);
        if (found->result != SB_CHECK_FAILED || !says(found->said, planted[i].says))
            fail_msg("%s: %s %s: %s", planted[i].flaw, sb_check_result_name(found->result),
                     planted[i].check, found->said);
        sb_check_report_fini(&report);
    }
}

/* Those that draw say with what probability they would have been wrong. */
static void none_is_found_where_none_is(void **state)
{
    static const char *const drawing[] = { "null", "marginal", "sampler" };
    struct sb_check_report report;

    (void)state;
    run_checks("none", NULL, NULL, 0, &report);
    for (size_t i = 0; i < report.n; i++)
        if (report.items[i].result != SB_CHECK_OK && strcmp(report.items[i].check->name, "line"))
            fail_msg("%s %s: %s", sb_check_result_name(report.items[i].result),
                     report.items[i].check->name, report.items[i].said);
    assert_int_equal(report.n, 16);
    for (size_t i = 0; i < SB_COUNT(drawing); i++)
        assert_non_null(strstr(outcome(&report, drawing[i])->said, "probability 2.5e-07"));
    sb_check_report_fini(&report);
}

/* Of a law on the line the file, the parameters and the law are looked at; the rest is statbed's own. */
static void a_law_on_the_line(void **state)
{
    static const char *const looked_at[] = { "descriptor", "parameters", "line" };
    const struct sb_given given = { .name = "dimension", .text = "5" };
    struct sb_check_report report;

    (void)state;
    run_checks("hall_none", NULL, &given, 1, &report);
    assert_int_equal(report.n_failed, 0);
    for (size_t i = 0; i < SB_COUNT(looked_at); i++)
        if (outcome(&report, looked_at[i])->result != SB_CHECK_OK)
            fail_msg("%s: %s", looked_at[i], outcome(&report, looked_at[i])->said);
    assert_non_null(strstr(outcome(&report, "line")->said, "to degree 3 are a Gaussian's"));
    assert_non_null(strstr(outcome(&report, "parameters")->said, "no labels"));
    assert_int_equal(outcome(&report, "weights")->result, SB_CHECK_SKIPPED);
    sb_check_report_fini(&report);
}

/* Where the domain is too large to go through, or is no cube, points are drawn. */
static void domains(void **state)
{
    static const struct {
        const char *plugin, *over;
    } family[] = { { "domains", "residues" },
                   { "domains", "halfspaces" },
                   { "domains", "real" },
                   { "gaussian", "halfspaces" } };
    const struct sb_given large = { .name = "dimension", .text = "40" };
    struct sb_check_report report;

    (void)state;
    run_checks("none", NULL, &large, 1, &report);
    assert_int_equal(report.n_failed, 0);
    assert_non_null(strstr(outcome(&report, "correlations")->said, "4096 points"));
    sb_check_report_fini(&report);
    for (size_t i = 0; i < SB_COUNT(family); i++) {
        const struct sb_given given[] = { { .name = "over", .text = family[i].over },
                                          { .name = "skew", .text = "true" } };

        run_checks(family[i].plugin, NULL, given, 1, &report);
        for (size_t k = 0; k < report.n; k++)
            if (report.items[k].result == SB_CHECK_FAILED)
                fail_msg("%s: %s: %s", family[i].over, report.items[k].check->name,
                         report.items[k].said);
        sb_check_report_fini(&report);
        run_checks(family[i].plugin, "marginal", given, 2, &report);
        assert_int_equal(outcome(&report, "marginal")->result, SB_CHECK_FAILED);
        sb_check_report_fini(&report);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_is_found),
        cmocka_unit_test(none_is_found_where_none_is),
        cmocka_unit_test(domains),
        cmocka_unit_test(a_law_on_the_line),
    };

    return cmocka_run_group_tests_name("check: planted bugs of families", tests, NULL, NULL);
}
