/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Formulas: values against hand-computed ones, and where every mistake is said to be. */
#include "unit.h"

#include "experiment/formula.h"

#include <errno.h>

static const char *const keys[] = { "family.dimension", "family.rate", "learner.a-b", "learner.a",
                                    "oracle.type" };
static const char *const texts[] = { "8", "0.25", "5", "100", "stat" };

static const char *lookup(void *self, const char *key)
{
    (void)self;
    for (size_t i = 0; i < SB_COUNT(keys); i++) {
        if (strcmp(keys[i], key) == 0)
            return texts[i];
    }
    return NULL;
}

static const struct sb_formula_scope scope = { NULL, lookup, keys, SB_COUNT(keys) };

static void gives(const char *text, double expected)
{
    struct sb_diag diag;
    double v = -12345;
    uint32_t column;

    sb_diag_init(&diag);
    if (sb_formula(text, &scope, &v, &column, &diag))
        fail_msg("'%s': %s", text, diag.items[0].text);
    sb_diag_fini(&diag);
    if (!(v == expected))
        fail_msg("'%s' gave %.17g, expected %.17g", text, v, expected);
}

static void refuses(const char *text, uint32_t column, const char *message)
{
    struct sb_diag diag;
    double v = 42;
    uint32_t found = 0;

    sb_diag_init(&diag);
    assert_int_equal(sb_formula(text, &scope, &v, &found, &diag), -EINVAL);
    assert_same(v, 42);
    assert_int_equal(diag.n_items, 1);
    assert_string_equal(diag.items[0].text, message);
    assert_int_equal(found, column);
    assert_null(diag.items[0].file);
    sb_diag_fini(&diag);
}

static void test_values(void **state)
{
    (void)state;
    gives("1", 1);
    gives(" 1 + 2*3 ", 7);
    gives("(1+2)*3", 9);
    gives("10-4-3", 3);
    gives("64/4/2", 8);
    gives("2^3^2", 512);
    gives("-2^2", -4);
    gives("2^-1", 0.5);
    gives("--3", 3);
    gives("2*-3", -6);
    gives("1e3 + 1.5e-1", 1000.15);
    gives("sqrt(2)*sqrt(2)", 2); /* 2.0000000000000004 before the rounding */
    gives("1/3", 0.333333333333);
    gives("log2(1024)", 10);
    gives("ceil(2.1) + floor(-2.1)", 0);
    gives("0*-1", 0);
}

static void test_keys(void **state)
{
    (void)state;
    gives("family.dimension", 8);
    gives("2^(-family.dimension/4)", 0.25);
    gives("family.dimension-1", 7);
    gives("learner.a-b", 5); /* the longest name that is known */
    gives("learner.a - 1", 99);
    gives("learner.a-1", 99);
    gives("sqrt(family.rate)", 0.5);
}

/* 0.1*3 is 0.30000000000000004: the last bits must not reach ceil and floor. */
static void test_wholes_do_not_hang_on_last_bits(void **state)
{
    (void)state;
    gives("ceil(10*(0.1*3))", 3);
    gives("floor(10*(0.7+0.1))", 8); /* 7.999999999999999 */
}

static void test_mistakes(void **state)
{
    (void)state;
    refuses("2*family.dimenson", 3,
            "unknown name 'family.dimenson'; did you mean 'family.dimension'?");
    refuses("1 + zzzzzzzzzzzz", 5, "unknown name 'zzzzzzzzzzzz'");
    refuses("oracle.type + 1", 1, "oracle.type is 'stat', not a number");
    refuses("exp(2)", 1, "unknown function 'exp' (sqrt, log2, ceil, floor)");
    refuses("cel(2)", 1, "unknown function 'cel'; did you mean 'ceil'? (sqrt, log2, ceil, floor)");
    refuses("", 1, "the formula ends where a value is expected");
    refuses("2 +", 4, "the formula ends where a value is expected");
    refuses("(2", 3, "the formula ends where ')' is expected");
    refuses("2)", 2, "')' where an operator or the end is expected");
    refuses("2 \xc3\x97 3", 3, "'\xc3\x97' where an operator or the end is expected");
    refuses("017", 1, "'017' is not a number");
    refuses("1e-3x", 1, "'1e-3x' is not a number");
    refuses("1/(2-2)", 2, "division by 0");
    refuses("10^400", 3, "the power is too large");
    refuses("1e300*1e300", 6, "the product is too large");
    refuses("(0-8)^0.5", 6, "the power is not a number");
    refuses("3+sqrt(-1)", 3, "sqrt of a negative number");
    refuses("log2(0)", 1, "log2 of a number that is not positive");
    refuses("nan", 1, "unknown name 'nan'");
}

static void test_deep_nesting_is_refused(void **state)
{
    char text[5001];
    struct sb_diag diag;
    double v;
    uint32_t column;

    (void)state;
    for (int kind = 0; kind < 2; kind++) {
        memset(text, kind ? '-' : '(', 5000);
        text[5000] = '\0';
        sb_diag_init(&diag);
        assert_int_equal(sb_formula(text, &scope, &v, &column, &diag), -EINVAL);
        assert_string_equal(diag.items[0].text, "nested too deeply");
        sb_diag_fini(&diag);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values),
        cmocka_unit_test(test_keys),
        cmocka_unit_test(test_wholes_do_not_hang_on_last_bits),
        cmocka_unit_test(test_mistakes),
        cmocka_unit_test(test_deep_nesting_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
