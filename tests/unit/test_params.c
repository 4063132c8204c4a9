/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Declared parameters: what is accepted, what every mistake says, what is written back. */
#include "unit.h"

#include "base/params.h"

#include <errno.h>

static const struct sb_param table[] = {
    { "dimension", SB_INT, 0, NULL, "[1,63]", "number of coordinates" },
    { "noise", SB_REAL, 0, "0", "[0,0.5)", "noise rate" },
    { "labels", SB_TEXT, 0, "signs", "signs|bits", "label set" },
    { "strict", SB_BOOL, 0, "false", NULL, "a switch" },
    { "weights", SB_VECTOR, 0, "", "[-2,2]", "a vector" },
    { NULL, 0, 0, NULL, NULL, NULL },
};
static const struct sb_param second[] = {
    { "rate", SB_REAL, 0, "1", "(0,inf)", "a rate" },
    { "note", SB_TEXT, 0, "", NULL, "anything" },
    { NULL, 0, 0, NULL, NULL, NULL },
};
static const struct sb_param *const tables[] = { table, second };
static const char *const known[] = { "type" };

static struct sb_values values;
static struct sb_diag diag;

static int parse(const struct sb_given *given, size_t n)
{
    sb_values_fini(&values);
    sb_diag_fini(&diag);
    return sb_values_parse(tables, 2, given, n, known, 1, "family parity", &values, &diag);
}

static int teardown(void **state)
{
    (void)state;
    sb_values_fini(&values);
    sb_diag_fini(&diag);
    return 0;
}

/* `name: text` alone, beside a valid dimension, gives this message at 7:9. */
static void refuses(const char *name, const char *text, const char *message)
{
    const struct sb_given given[] = {
        { "dimension", "8", "f.yaml", 1, 1, 1, 12 },
        { name, text, "f.yaml", 7, 2, 7, 9 },
    };
    const bool alone = strcmp(name, "dimension") == 0;
    char *line;

    assert_int_equal(parse(given + alone, alone ? 1u : 2u), -EINVAL);
    assert_int_equal(diag.n_items, 1);
    line = sb_diag_line(&diag.items[0]);
    assert_string_equal(line, message);
    free(line);
}

static void test_values_and_defaults(void **state)
{
    const struct sb_given given[] = {
        { .name = "type", .text = "parity" },    { .name = "dimension", .text = "8" },
        { .name = "noise", .text = "0.10" },     { .name = "weights", .text = "0.5, 1,-2" },
        { .name = "note", .text = "a;b=\"c\\" },
    };

    (void)state;
    assert_int_equal(parse(given, SB_COUNT(given)), 0);
    assert_int_equal(values.n, 7);
    assert_int_equal(sb_values_int(&values, "dimension"), 8);
    assert_same(sb_values_real(&values, "dimension"), 8.0);
    assert_same(sb_values_real(&values, "noise"), 0.1);
    assert_string_equal(sb_values_text(&values, "noise"), "0.1");
    assert_string_equal(sb_values_text(&values, "labels"), "signs");
    assert_int_equal(sb_values_int(&values, "strict"), 0);
    assert_same(sb_values_real(&values, "rate"), 1.0);
    assert_int_equal(sb_values_find(&values, "weights")->n_vector, 3);
    assert_same(sb_values_find(&values, "weights")->vector[0], 0.5);
    assert_same(sb_values_find(&values, "weights")->vector[2], -2.0);
    assert_null(sb_values_find(&values, "type"));
    assert_null(sb_values_text(&values, "absent"));
}

static void test_json(void **state)
{
    const struct sb_given given[] = {
        { .name = "note", .text = "a;b=\"c\\\n" }, { .name = "noise", .text = "1e-1" },
        { .name = "dimension", .text = "1e1" },    { .name = "weights", .text = "1.50,-0" },
        { .name = "strict", .text = "true" },
    };
    struct sb_buf out;

    (void)state;
    assert_int_equal(parse(given, SB_COUNT(given)), 0);
    sb_buf_init(&out);
    sb_values_json(&values, &out);
    assert_string_equal(sb_buf_str(&out),
                        "{\"dimension\":10,\"noise\":0.1,\"labels\":\"signs\",\"strict\":true,"
                        "\"weights\":[1.5,0],\"rate\":1,\"note\":\"a;b=\\\"c\\\\\\u000a\"}");
    sb_buf_fini(&out);
}

static void test_each_mistake_has_its_line(void **state)
{
    (void)state;
    refuses("dimenson", "8",
            "f.yaml:7:2: family parity: unknown parameter 'dimenson'; did you mean 'dimension'?");
    refuses("zzz", "8", "f.yaml:7:2: family parity: unknown parameter 'zzz'");
    refuses("dimension", "64", "f.yaml:7:9: family parity: dimension = 64 is outside [1,63]");
    refuses("dimension", "0", "f.yaml:7:9: family parity: dimension = 0 is outside [1,63]");
    refuses("dimension", "7.5", "f.yaml:7:9: family parity: dimension = 7.5 is not an integer");
    refuses("dimension", "017",
            "f.yaml:7:9: family parity: dimension = '017' is not an integer (a leading 0 is not "
            "allowed)");
    refuses("noise", "0.5", "f.yaml:7:9: family parity: noise = 0.5 is outside [0,0.5)");
    refuses("noise", "1e-3x", "f.yaml:7:9: family parity: noise = '1e-3x' is not a number");
    refuses("noise", "nan", "f.yaml:7:9: family parity: noise = 'nan' is not a number");
    refuses("noise", "", "f.yaml:7:9: family parity: noise = '' is not a number");
    refuses("rate", "1e999",
            "f.yaml:7:9: family parity: rate = '1e999' is not a number (it is too large)");
    refuses("rate", "0", "f.yaml:7:9: family parity: rate = 0 is outside (0,inf)");
    refuses("labels", "bit",
            "f.yaml:7:9: family parity: labels = 'bit' is not one of signs|bits; did you mean "
            "'bits'?");
    refuses("strict", "yes", "f.yaml:7:9: family parity: strict = 'yes' is neither true nor false");
    refuses("weights", "1,x",
            "f.yaml:7:9: family parity: weights = '1,x' has 'x' as number 2, which is not a "
            "number");
    refuses("weights", "1,",
            "f.yaml:7:9: family parity: weights = '1,' has '' as number 2, which is not a number");
    refuses("weights", "0,3",
            "f.yaml:7:9: family parity: weights = '0,3' has 3 as number 2, which is outside "
            "[-2,2]");
}

static void test_missing(void **state)
{
    (void)state;
    assert_int_equal(parse(NULL, 0), -EINVAL);
    assert_int_equal(diag.n_items, 1);
    assert_null(diag.items[0].file);
    assert_string_equal(diag.items[0].text, "family parity: 'dimension' is missing (an integer in "
                                            "[1,63]: number of coordinates)");
}

static void test_all_mistakes_in_one_go(void **state)
{
    const struct sb_given given[] = {
        { .name = "noise", .text = "x" },
        { .name = "noise", .text = "0.1" },
        { .name = "tpye", .text = "parity" },
        { .name = "rate", .text = "-1" },
    };

    (void)state;
    assert_int_equal(parse(given, SB_COUNT(given)), -EINVAL);
    assert_int_equal(diag.n_items, 5); /* duplicate, unknown, missing, two bad values */
    assert_string_equal(diag.items[0].text, "family parity: duplicate parameter 'noise'");
    assert_string_equal(diag.items[1].text,
                        "family parity: unknown parameter 'tpye'; did you mean 'type'?");
    assert_null(values.items);
}

static void test_a_reported_value_is_not_missing(void **state)
{
    const struct sb_given given[] = { { .name = "dimension", .text = NULL } };

    (void)state;
    assert_int_equal(parse(given, 1), -EINVAL);
    assert_int_equal(diag.n_items, 0);
}

/* Declarations come from plugins, too. */
static void test_bad_declarations(void **state)
{
    static const char *const ranges[] = { "1,63", "[1;63]", "[1,63", "[a,b]", "", "[,]" };

    (void)state;
    for (size_t i = 0; i < SB_COUNT(ranges); i++) {
        const struct sb_param bad[] = {
            { "n", SB_INT, 0, "1", ranges[i], NULL }, { "type", SB_INT, 0, "1", NULL, NULL },
            { "odd", 99, 0, "1", NULL, NULL },        { "wrong", SB_REAL, 0, "one", NULL, NULL },
            { NULL, 0, 0, NULL, NULL, NULL },
        };
        const struct sb_param *const one[] = { bad };

        sb_diag_fini(&diag);
        assert_int_equal(sb_values_parse(one, 1, NULL, 0, known, 1, "learner", &values, &diag),
                         -EINVAL);
        assert_int_equal(diag.n_items, 4);
        assert_string_equal(diag.items[3].text,
                            "learner: the default wrong = 'one' is not a number");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_values_and_defaults, teardown),
        cmocka_unit_test_teardown(test_json, teardown),
        cmocka_unit_test_teardown(test_each_mistake_has_its_line, teardown),
        cmocka_unit_test_teardown(test_missing, teardown),
        cmocka_unit_test_teardown(test_all_mistakes_in_one_go, teardown),
        cmocka_unit_test_teardown(test_a_reported_value_is_not_missing, teardown),
        cmocka_unit_test_teardown(test_bad_declarations, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
