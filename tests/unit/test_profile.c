/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Profiles: every member's value of a query, against sums over all points and labels in wider precision;
 * and the linear forms that they are made through. */
#include "cube.h"

#include "halfspace.h"

#include "base/memory.h"
#include "base/threads.h"
#include "estimate/estimate.h"
#include "estimate/profile.h"
#include "numeric/subsets.h"

#include <math.h>
#include <string.h>

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

/* ---- samples ---- */

enum { MEMBERS = 40, DIM = 3 };

/* Half-spaces over the Gaussian, threshold 0, noise 0.1. */
static void open_halfspaces(struct cube *c)
{
    const struct sb_family_class *class = NULL;
    struct sb_given given[3] = { { .name = "dimension", .text = "3" },
                                 { .name = "members", .text = "40" },
                                 { .name = "noise", .text = "0.1" } };
    struct sb_diag diag;

    *c = (struct cube){ .dim = DIM, .n = MEMBERS, .noise = 0.1 };
    for (size_t i = 0; sb_families[i]; i++)
        if (strcmp(sb_families[i]->name, "halfspace") == 0)
            class = sb_families[i];
    sb_diag_init(&diag);
    assert_int_equal(
        sb_values_parse(&class->params, 1, given, 3, NULL, 0, "family", &c->values, &diag), 0);
    assert_int_equal(sb_family_new(class, &c->values, &c->family, &diag), 0);
    sb_diag_fini(&diag);
    c->pool = sb_pool_new(&c->family->space);
    assert_non_null(c->pool);
}

/* E[y step(x0)] at angle theta to the first axis: half of Pr[same side] - Pr[other side], and the noise */
static double half_agreement(uint64_t member)
{
    long double w[HALFSPACE_DIM_MAX];

    halfspace_direction(member, DIM, w);
    return (double)(0.8L * (0.5L - acosl(w[0]) / acosl(-1.0L)));
}

/* y step(x0) as a callback, or step(x0) where no label comes; misbehaving from its so-manieth call on */
struct stepper {
    int n_calls, odd_from;
    double odd_value;
};

static int step_values(void *self, const struct sb_block *blocks, size_t n_blocks, bool labels,
                       double *out)
{
    struct stepper *stepper = self;
    const bool odd = stepper->odd_from && ++stepper->n_calls >= stepper->odd_from;
    const uint32_t n_slots = labels ? 2 : 1;

    for (size_t b = 0; b < n_blocks; b++)
        for (uint32_t l = 0; l < n_slots; l++)
            for (uint64_t i = 0; i < blocks[b].n; i++)
                out[(b * n_slots + l) * SB_BLOCK + i] =
                    odd ? stepper->odd_value
                        : (blocks[b].x[0][i] >= 0) * (labels ? l ? 1.0 : -1.0 : 1.0);
    return 0;
}

static struct sb_profile_task sampled_task(const struct cube *c)
{
    return (struct sb_profile_task){ .family = c->family,
                                     .pool = c->pool,
                                     .lipschitz = INFINITY,
                                     .lo = -1,
                                     .hi = 1,
                                     .half_width = 0.08,
                                     .delta = 1e-9,
                                     .key = { { 5, 6 } },
                                     .stream = 7 };
}

static void check_halfspaces(const struct sb_profile *profile, bool squares)
{
    /* Hoeffding's number of points for 40 members, at most a block more */
    const double n = 2 * log(2 * MEMBERS * (squares ? 2 : 1) / 1e-9) / (0.08 * 0.08);

    assert_true((double)profile->samples >= n && (double)profile->samples <= n + SB_BLOCK + 1);
    assert_near(profile->half_width, 0.08, 0);
    assert_true((profile->second != NULL) == squares);
    for (uint64_t i = 0; i < MEMBERS; i++) {
        assert_near(sb_profile_value(profile, i), half_agreement(i), 0.08);
        if (squares)
            assert_near(sb_profile_second(profile, i), 0.5, 0.08);
    }
}

/* False alarm: 1e-9 each time. */
static void test_sampled_expressions(void **state)
{
    struct sb_profile one, three;
    struct cube c;
    struct sb_profile_task task;
    struct sb_diag diag;

    (void)state;
    sb_diag_init(&diag);
    open_halfspaces(&c);
    assert_null(c.family->no_profile);
    sb_profile_init(&one);
    sb_profile_init(&three);
    task = sampled_task(&c);
    task.expr = sb_expr_parse(c.pool, "y*step(x0)", &diag);
    for (int squares = 0; squares < 2; squares++) {
        task.squares = squares;
        sb_threads_force(1);
        assert_int_equal(sb_profile_of(&task, &one), 0);
        check_halfspaces(&one, squares);
        sb_threads_force(3);
        assert_int_equal(sb_profile_of(&task, &three), 0);
        assert_memory_equal(one.value, three.value, MEMBERS * sizeof *one.value);
    }
    assert_int_equal(one.method, SB_MONTE_CARLO);
    task.half_width = 1e-6;
    assert_int_equal(sb_profile_of(&task, &one), SB_REFUSED);
    assert_non_null(strstr(one.refused, "for 40 members"));
    assert_true(one.samples == 0);
    sb_profile_fini(&one);
    sb_profile_fini(&three);
    cube_close(&c);
    sb_diag_fini(&diag);
}

static void test_sampled_callbacks(void **state)
{
    struct stepper stepper = { 0 };
    const struct sb_callback callback = { &stepper, "step", step_values };
    struct sb_profile profile;
    struct sb_profile_task task;
    struct cube c;

    (void)state;
    open_halfspaces(&c);
    sb_profile_init(&profile);
    task = sampled_task(&c);
    task.callback = &callback;
    for (int without = 0; without < 2; without++)
        for (int squares = 0; squares < 2; squares++) {
            task.without_label = without;
            task.squares = squares;
            assert_int_equal(sb_profile_of(&task, &profile), 0);
            check_halfspaces(&profile, squares);
            assert_int_equal(profile.method, SB_PUBLIC_POINTS);
        }
    stepper = (struct stepper){ .odd_from = 2, .odd_value = 0.25 };
    assert_int_equal(sb_profile_of(&task, &profile), SB_REFUSED);
    assert_non_null(strstr(profile.refused, "not a pure function"));
    stepper = (struct stepper){ .odd_from = 1, .odd_value = 1.5 };
    assert_int_equal(sb_profile_of(&task, &profile), SB_RANGE);
    assert_non_null(strstr(profile.refused, "wrote 1.5"));
    sb_profile_fini(&profile);
    cube_close(&c);
}

/* Members 0 to 3 are on x0 and x1: which of them are negated. */
static void check_first(const struct sb_profile *profile, double most_off)
{
    for (uint64_t i = 0; i < 4; i++) {
        const double of_1 = i & 1 ? 0 : 0.25, of_0 = -0.5 + (i & 2 ? 0 : 0.25);

        assert_near(profile->value[i], of_1 + of_0, most_off);
    }
}

/* Of a callback on a cube that is gone through in full, but of too many coordinates for the transform, and
 * with more weights than are kept: looked up at a sample's points, or, where those were more than the
 * cube's, exact. */
static void test_looked_up(void **state)
{
    struct cube c = cube_new(false, 16, 2, 0, false, true);
    const uint64_t size = UINT64_C(1) << 16;
    struct sb_profile profile;
    struct sb_profile_task task;

    (void)state;
    cube_open(&c);
    sb_profile_init(&profile);
    assert_int_equal(sb_profile_room(&profile, 2 * size, NULL), 0);
    for (uint64_t x = 0; x < size; x++) { /* y = 1 and x0 = 1, else minus x1 */
        profile.scratch[x] = -(double)(x >> 1 & 1);
        profile.scratch[size + x] = (double)(x & 1);
    }
    task = sampled_task(&c);
    assert_int_equal(sb_profile_of(&task, &profile), 0);
    assert_int_equal(profile.n, c.family->n_members);
    assert_true(profile.samples > 0);
    check_first(&profile, 0.08);
    if (!getenv("STATBED_TEST_VALGRIND")) { /* 480 members x 2^17 weights */
        task.half_width = 0.002;
        sb_threads_force(3);
        assert_int_equal(sb_profile_of(&task, &profile), 0);
        assert_true(profile.samples == 0 && profile.half_width == 0);
        check_first(&profile, 0);
        /* neither x14 nor x15, a quarter of the cube: E x0 / 4 - E x1 3/4 */
        assert_near(profile.value[479], 0.125 - 0.375, 0);
    }
    sb_profile_fini(&profile);
    cube_close(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_forms),
        cmocka_unit_test(test_forms_of_leaves),
        cmocka_unit_test(test_expressions),
        cmocka_unit_test(test_a_character),
        cmocka_unit_test(test_sampled_expressions),
        cmocka_unit_test(test_sampled_callbacks),
        cmocka_unit_test(test_looked_up),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
