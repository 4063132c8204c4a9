/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Profiles: every member's value of a query, against sums over all points and labels in wider precision;
 * and the linear forms that they are made through. */
#include "cube.h"

#include "base/memory.h"
#include "estimate/profile.h"
#include "numeric/subsets.h"

/* ---- linear forms ---- */

/* The point of forms' values that stands for x. */
static uint64_t representative(const struct sb_forms *forms, uint64_t x)
{
    uint64_t point = 0;

    for (uint32_t j = 0; j < forms->n; j++)
        if (__builtin_popcountll(x & forms->form[j]) & 1)
            point |= UINT64_C(1) << (63 - __builtin_clzll(forms->form[j]));
    return point;
}

static void check_echelon(const struct sb_forms *forms)
{
    uint64_t pivots = 0, sum = 0;

    for (uint32_t j = 0; j < forms->n; j++) {
        const uint64_t pivot = UINT64_C(1) << (63 - __builtin_clzll(forms->form[j]));

        assert_true(forms->form[j] != 0 && pivot > pivots);
        pivots |= pivot;
    }
    assert_true(pivots == forms->pivots);
    for (uint32_t j = 0; j < forms->n; j++)
        assert_int_equal(__builtin_popcountll(forms->form[j] & pivots), 1);
    for (uint64_t a = 0; a + 1 < UINT64_C(1) << forms->n; a++) {
        const uint64_t before = sum;
        uint64_t direct = 0;

        sb_forms_next(forms, a, &sum);
        for (uint32_t j = 0; j < forms->n; j++)
            direct ^= (a + 1) >> j & 1 ? forms->form[j] : 0;
        assert_true(sum == direct && sum > before);
    }
}

/* A query through few forms: functions of characters that are sums of three masks, and of the label. */
static sb_expr few_forms(const struct cube *c, struct rng *r)
{
    const uint64_t mask[3] = { rng_next(r), rng_next(r), rng_next(r) };
    const double lo_hi[2] = { -1, 1 };
    sb_expr e = cube_const(c, 0.5);

    for (uint32_t i = 0; i < 4; i++) {
        static const uint32_t op[] = { SB_ADD, SB_MUL, SB_MIN, SB_LT, SB_MUL, SB_SUB };
        const uint64_t which = rng_next(r);
        const uint64_t sum =
            (which & 1 ? mask[0] : 0) ^ (which & 2 ? mask[1] : 0) ^ (which & 4 ? mask[2] : 0);
        const sb_expr leaf = i == 2            ? sb_pool_op(c->pool, SB_Y, NULL, 0, NULL, 0)
                             : rng_below(r, 4) ? cube_chi(c, sum)
                                               : cube_const(c, rng_below(r, 2) ? 0.25 : 0.3);

        e = cube_op(c, op[rng_below(r, SB_COUNT(op))], e, leaf);
    }
    return sb_pool_op(c->pool, SB_CLIP, lo_hi, 2, &e, 1);
}

static sb_expr clipped(const struct cube *c, sb_expr e)
{
    const double lo_hi[2] = { -1, 1 };

    return sb_pool_op(c->pool, SB_CLIP, lo_hi, 2, &e, 1);
}

/* What an expression is at x it is at the point of the same forms; and few forms are found to be few. */
static void test_forms(void **state)
{
    struct rng r = { 20 };

    (void)state;
    for (int kind = 0; kind < 2; kind++) {
        struct cube c = cube_new(kind == 0, 6, kind ? 2 : 0, 0, false, false);

        cube_open(&c);
        for (int i = 0; i < 200; i++) {
            const sb_expr e = i % 2 ? few_forms(&c, &r) : cube_random(&c, &r, 4);
            struct sb_forms forms;

            assert_int_equal(sb_expr_forms(c.pool, e, &forms), 0);
            check_echelon(&forms);
            assert_true(forms.n <= (i % 2 ? 3 : 6));
            for (uint64_t x = 0; x < 64; x++)
                for (int l = 0; l < 2; l++) {
                    const double y = cube_label_set(&c, l);

                    assert_same(cube_eval(&c, e, x, y),
                                cube_eval(&c, e, representative(&forms, x), y));
                }
        }
        cube_close(&c);
    }
}

static void test_forms_of_leaves(void **state)
{
    static const struct {
        const char *text;
        uint32_t n;
        uint64_t form[3];
    } cases[] = {
        { "y", 0, { 0 } },
        { "x3", 1, { 8 } },
        { "chi(1,4,5)", 1, { 0x32 } },
        { "dot(0,1,0,0,-2,0)", 2, { 2, 16 } },
        { "chi(0,1)*chi(1,2)*chi(0,2)", 2, { 3, 5 } },
        { "candidate(38)*y", 1, { 38 } },
        { "candidate(38) + candidate(36)", 2, { 2, 36 } },
        { "chi()", 0, { 0 } },
    };
    struct cube c = cube_new(true, 6, 0, 0, false, false);

    (void)state;
    cube_open(&c);
    for (size_t i = 0; i < SB_COUNT(cases); i++) {
        struct sb_diag diag;
        struct sb_forms forms;

        sb_diag_init(&diag);
        assert_int_equal(sb_expr_forms(c.pool, sb_expr_parse(c.pool, cases[i].text, &diag), &forms),
                         0);
        assert_int_equal(forms.n, cases[i].n);
        for (uint32_t j = 0; j < forms.n; j++)
            assert_true(forms.form[j] == cases[i].form[j]);
        sb_diag_fini(&diag);
    }
    cube_close(&c);
}

/* ---- expressions on small cubes ---- */

static cube_wide gap(cube_wide a, cube_wide b)
{
    return a > b ? a - b : b - a;
}

static void check_listing(const struct sb_profile *profile, uint64_t n_members)
{
    assert_true(profile->n <= n_members);
    if (!profile->member)
        assert_true(profile->n == n_members);
    for (uint64_t k = 0; profile->member && k < profile->n; k++) {
        assert_true(profile->member[k] < n_members);
        assert_true(k == 0 || profile->member[k] > profile->member[k - 1]);
        assert_true(sb_profile_find(profile, profile->member[k]) == k);
    }
}

static void check_against_sums(const struct cube *c, sb_expr e, const struct sb_profile *profile)
{
    assert_true(profile->half_width < 1e-13);
    assert_int_equal(profile->samples, 0);
    check_listing(profile, c->n);
    for (uint64_t i = 0; i < c->n; i++) {
        const cube_wide room = (cube_wide)profile->half_width + (cube_wide)0x1p-105;

        assert_true(gap(cube_mean(c, (int64_t)i, e, 1), sb_profile_value(profile, i)) <= room);
        if (profile->second)
            assert_true(gap(cube_mean(c, (int64_t)i, e, 2), sb_profile_second(profile, i)) <= room);
    }
}

/* The same query as a callback, all of its values given: equal bits where both are exact. */
static void check_against_table(const struct cube *c, sb_expr e, const struct sb_profile *sparse,
                                struct sb_profile *dense)
{
    const uint64_t size = UINT64_C(1) << c->dim;
    const struct sb_profile_task task = {
        .family = c->family, .lo = -1, .hi = 1, .squares = sparse->second
    };

    assert_int_equal(sb_profile_room(dense, 2 * size, NULL), 0);
    for (int l = 0; l < 2; l++)
        for (uint64_t x = 0; x < size; x++)
            dense->scratch[(uint64_t)l * size + x] = cube_eval(c, e, x, cube_label_set(c, l));
    assert_int_equal(sb_profile_of(&task, dense), 0);
    check_listing(dense, c->n);
    for (uint64_t i = 0; i < c->n; i++) {
        const double a = sb_profile_value(sparse, i), b = sb_profile_value(dense, i);

        assert_true(gap(a, b) <= (cube_wide)sparse->half_width + dense->half_width);
        if (sparse->half_width == 0 && dense->half_width == 0)
            assert_same(a, b);
    }
}

static int try_queries(struct cube *c, struct rng *r, int n)
{
    struct sb_profile sparse, dense;
    int n_exact = 0;

    cube_open(c);
    sb_profile_init(&sparse);
    sb_profile_init(&dense);
    for (int i = 0; i < n; i++) {
        const sb_expr e = i % 2 ? few_forms(c, r) : clipped(c, cube_random(c, r, 4));
        const struct sb_profile_task task = { .family = c->family,
                                              .pool = c->pool,
                                              .expr = e,
                                              .lo = -1,
                                              .hi = 1,
                                              .squares = i % 3 == 0 };

        assert_int_equal(sb_profile_of(&task, &sparse), 0);
        check_against_sums(c, e, &sparse);
        check_against_table(c, e, &sparse, &dense);
        n_exact += sparse.half_width == 0;
    }
    sb_profile_fini(&sparse);
    sb_profile_fini(&dense);
    cube_close(c);
    return n_exact;
}

static void test_expressions(void **state)
{
    struct rng r = { 21 };
    int n_exact = 0;

    (void)state;
    for (uint32_t i = 0; i < 8; i++) {
        const uint32_t dim = i < 4 ? 5 : 3;
        struct cube parity = cube_new(true, dim, i % 4, i & 1 ? 0.1 : 0, i & 2, false);
        struct cube conjunction = cube_new(false, dim, 1 + i % 3, 0, false, i & 1);

        n_exact += try_queries(&parity, &r, 12);
        n_exact += try_queries(&conjunction, &r, 12);
    }
    assert_in_range(n_exact, 20, 8 * 24);
}

/* ---- large cubes, few members named ---- */

/* y chi_T under all subsets of 24: one member has value 1; under 5-sparse ones of 63. */
static void test_a_character(void **state)
{
    struct cube all = cube_new(true, 24, 0, 0.125, false, false);
    struct cube sparse = cube_new(true, 63, 4, 0, false, false);
    const uint64_t T = 0xa5b00f, S = UINT64_C(1) << 62 | 1 << 17 | 3;
    struct sb_profile profile;
    struct sb_profile_task task = { .lo = -1, .hi = 1, .squares = true };

    (void)state;
    sb_profile_init(&profile);
    cube_open(&all);
    task.family = all.family;
    task.pool = all.pool;
    task.expr =
        cube_op(&all, SB_MUL, sb_pool_op(all.pool, SB_Y, NULL, 0, NULL, 0), cube_chi(&all, T));
    assert_int_equal(sb_profile_of(&task, &profile), 0);
    assert_int_equal(profile.n, 1);
    assert_true(profile.member[0] == T);
    assert_near(profile.value[0], 0.75, profile.half_width);
    assert_same(profile.base, 0);
    assert_same(profile.base_second, 1);
    cube_close(&all);
    cube_open(&sparse);
    task.family = sparse.family;
    task.pool = sparse.pool;
    task.expr = cube_op(&sparse, SB_MUL, sb_pool_op(sparse.pool, SB_Y, NULL, 0, NULL, 0),
                        cube_chi(&sparse, S));
    assert_int_equal(sb_profile_of(&task, &profile), 0);
    assert_int_equal(profile.n, 1);
    assert_true(profile.half_width == 0);
    assert_true(profile.member[0] == sb_subset_rank(S));
    assert_same(profile.value[0], 1);
    cube_close(&sparse);
    sb_profile_fini(&profile);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_forms),
        cmocka_unit_test(test_forms_of_leaves),
        cmocka_unit_test(test_expressions),
        cmocka_unit_test(test_a_character),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
