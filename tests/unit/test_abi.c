/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The layout of the public structs, as released: a field that moves breaks plugins that are built
 * already. Fields may only be added at the end, with their offsets added here. */
#include "statbed/family.h"
#include "statbed/learner.h"
#include "unit.h"

#define AT(type, field, offset) assert_int_equal(offsetof(struct type, field), offset)

static void test_learner(void **state)
{
    (void)state;
    AT(sb_learner, abi_major, 0);
    AT(sb_learner, abi_minor, 4);
    AT(sb_learner, struct_size, 8);
    AT(sb_learner, param_size, 12);
    AT(sb_learner, access, 16);
    AT(sb_learner, flags, 20);
    AT(sb_learner, name, 24);
    AT(sb_learner, summary, 32);
    AT(sb_learner, source, 40);
    AT(sb_learner, params, 48);
    AT(sb_learner, create, 56);
    AT(sb_learner, run, 64);
    AT(sb_learner, destroy, 72);
    assert_true(sizeof(struct sb_learner) >= 80);
}

static void test_param(void **state)
{
    (void)state;
    AT(sb_param, name, 0);
    AT(sb_param, type, 8);
    AT(sb_param, reserved, 12);
    AT(sb_param, fallback, 16);
    AT(sb_param, range, 24);
    AT(sb_param, help, 32);
    assert_true(sizeof(struct sb_param) >= 40);
}

static void test_facts(void **state)
{
    (void)state;
    AT(sb_facts, struct_size, 0);
    AT(sb_facts, domain, 4);
    AT(sb_facts, dim, 8);
    AT(sb_facts, modulus, 12);
    AT(sb_facts, goal, 16);
    AT(sb_facts, access, 20);
    AT(sb_facts, n_queries, 24);
    AT(sb_facts, n_candidates, 32);
    AT(sb_facts, n_labels, 40);
    AT(sb_facts, label_set, 48);
    AT(sb_facts, goal_max, 56);
    AT(sb_facts, family, 64);
    AT(sb_facts, n_label_queries, 72);
    AT(sb_facts, n_samples, 80);
}

static void test_host(void **state)
{
    (void)state;
    AT(sb_host, struct_size, 0);
    AT(sb_host, abi_minor, 4);
    AT(sb_host, self, 8);
    AT(sb_host, facts, 16);
    AT(sb_host, tolerance, 24);
    AT(sb_host, param_int, 32);
    AT(sb_host, param_real, 40);
    AT(sb_host, param_text, 48);
    AT(sb_host, param_vector, 56);
    AT(sb_host, family_int, 64);
    AT(sb_host, family_real, 72);
    AT(sb_host, family_text, 80);
    AT(sb_host, uniform, 88);
    AT(sb_host, parse, 96);
    AT(sb_host, op, 104);
    AT(sb_host, mark, 112);
    AT(sb_host, forget, 120);
    AT(sb_host, ask, 128);
    AT(sb_host, predict_expr, 136);
    AT(sb_host, verdict, 144);
    AT(sb_host, recovered, 152);
    AT(sb_host, message, 160);
    AT(sb_host, labels, 168);
    AT(sb_host, samples, 176);
    AT(sb_host, predict, 184);
    AT(sb_host, family_vector, 192);
}

static void test_query(void **state)
{
    (void)state;
    AT(sb_query, expr, 0);
    AT(sb_query, access, 4);
    AT(sb_query, tolerance, 8);
    AT(sb_query, phi, 16);
    AT(sb_query, user, 24);
    AT(sb_query, name, 32);
    assert_int_equal(sizeof(struct sb_query), 40); /* a longer one needs sb_ask1 to zero it */
    AT(sb_block, struct_size, 0);
    AT(sb_block, dim, 4);
    AT(sb_block, n, 8);
    AT(sb_block, x, 16);
    AT(sb_block, bits, 24);
    AT(sb_block, y, 32);
}

static void test_family(void **state)
{
    (void)state;
    AT(sb_family_plugin, abi_major, 0);
    AT(sb_family_plugin, abi_minor, 4);
    AT(sb_family_plugin, struct_size, 8);
    AT(sb_family_plugin, param_size, 12);
    AT(sb_family_plugin, flags, 16);
    AT(sb_family_plugin, name, 24);
    AT(sb_family_plugin, summary, 32);
    AT(sb_family_plugin, source, 40);
    AT(sb_family_plugin, recover, 48);
    AT(sb_family_plugin, params, 56);
    AT(sb_family_plugin, create, 64);
    AT(sb_family_plugin, destroy, 72);
    AT(sb_family_plugin, label, 80);
    AT(sb_family_plugin, weight, 88);
    AT(sb_family_plugin, points, 96);
    AT(sb_family_plugin, sample, 104);
    AT(sb_family_plugin, product, 112);
    AT(sb_family_plugin, correlation, 120);
    AT(sb_family_plugin, n_good, 128);
    AT(sb_family_plugin, value, 136);
    AT(sb_family_plugin, recovered, 144);
    AT(sb_family_plugin, describe, 152);
    AT(sb_family_plugin, line_density, 160);
    AT(sb_family_plugin, line_draw, 168);
    assert_true(sizeof(struct sb_family_plugin) >= 160);
    AT(sb_stream, struct_size, 0);
    AT(sb_stream, abi_minor, 4);
    AT(sb_stream, self, 8);
    AT(sb_stream, words, 16);
    AT(sb_stream, uniform, 24);
    AT(sb_stream, gauss, 32);
}

static void test_family_facts(void **state)
{
    (void)state;
    AT(sb_family_facts, struct_size, 0);
    AT(sb_family_facts, domain, 4);
    AT(sb_family_facts, dim, 8);
    AT(sb_family_facts, modulus, 12);
    AT(sb_family_facts, n_members, 16);
    AT(sb_family_facts, n_labels, 24);
    AT(sb_family_facts, label_set, 32);
    AT(sb_family_facts, n_value, 40);
    AT(sb_family_facts, lambda_max, 48);
    AT(sb_family_facts, diagonal, 56);
    AT(sb_family_facts, line_from, 64);
    AT(sb_family_facts, line_to, 72);
    AT(sb_family_facts, line_cuts, 80);
    AT(sb_family_facts, n_line_cuts, 88);
    AT(sb_family_facts, line_matched, 96);
    AT(sb_family_host, self, 8);
    AT(sb_family_host, param_int, 16);
    AT(sb_family_host, param_real, 24);
    AT(sb_family_host, param_text, 32);
    AT(sb_family_host, param_vector, 40);
    AT(sb_family_host, fail, 48);
    AT(sb_stream, self, 8);
    AT(sb_stream, words, 16);
    AT(sb_stream, uniform, 24);
    AT(sb_draw, dim, 4);
    AT(sb_draw, n, 8);
    AT(sb_draw, bits, 16);
    AT(sb_draw, x, 24);
    AT(sb_draw, y, 32);
    AT(sb_product, beta, 16);
    AT(sb_product, chi, 32);
    AT(sb_product, neg, 48);
    assert_true(sizeof(struct sb_product) >= 56);
}

/* Numbers that plugins carry. */
static void test_numbers(void **state)
{
    (void)state;
    assert_int_equal(SB_ABI_MAJOR, 1);
    assert_int_equal(SB_FAMILY_ABI_MAJOR, 1);
    assert_int_equal(SB_FAMILY_ABI_MINOR, 2);
    assert_int_equal(SB_SQUARED, 1);
    assert_true(SB_NULL == UINT64_MAX);
    assert_int_equal(SB_ABI_MINOR, 2);
    assert_int_equal(SB_STOP, -1);
    assert_int_equal(SB_SYNTAX, 5);
    assert_int_equal(SB_SAMPLE, 16);
    assert_int_equal(SB_CONST, 1);
    assert_int_equal(SB_CANDIDATE_BIT, 8);
    assert_int_equal(SB_RELU, 18);
    assert_int_equal(SB_EXP, 27);
    assert_int_equal(SB_VECTOR, 5);
    assert_int_equal(SB_RECOVER, 3);
    assert_int_equal(SB_GAUSS, 3);
    assert_int_equal(SB_NOT_BITWISE, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_learner),      cmocka_unit_test(test_param),
        cmocka_unit_test(test_facts),        cmocka_unit_test(test_host),
        cmocka_unit_test(test_query),        cmocka_unit_test(test_family),
        cmocka_unit_test(test_family_facts), cmocka_unit_test(test_numbers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
