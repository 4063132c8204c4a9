/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Packings of directions: unit vectors, overlaps by brute force in more digits, what there is of each kind, and what is
 * refused. */
#include "oracles/families/packing.h"

#include "base/diag.h"
#include "unit.h"

#include <errno.h>
#include <math.h>

enum { DIM_MAX = 256 };

static int try_packing(struct sb_packing *p, const struct sb_packing_wish *wish, char message[512])
{
    struct sb_diag diag;
    int error;

    sb_diag_init(&diag);
    error = sb_packing_init(p, wish, &diag);
    snprintf(message, 512, "%s", diag.n_items ? diag.items[0].text : "");
    sb_diag_fini(&diag);
    return error;
}

static void open_packing(struct sb_packing *p, const char *kind, uint32_t dim, uint64_t members,
                         double overlap)
{
    const struct sb_packing_wish wish = {
        .where = "here", .kind = kind, .dim = dim, .members = members, .overlap = overlap
    };
    char message[512];

    if (try_packing(p, &wish, message))
        fail_msg("%s", message);
}

/* The greatest overlap of different directions; they are made one by one, too, and have length 1. */
static double brute_overlap(struct sb_packing *p)
{
    double *v = SB_NEW_ARRAY(double, p->n * p->dim), most = 0;

    for (uint64_t i = 0; i < p->n; i++) {
        long double square = 0;

        if (p->class->direction)
            p->class->direction(p, i, v + i * p->dim);
        else
            sb_packing_direction(p, i, v + i * p->dim);
        if (p->list)
            assert_memory_equal(v + i * p->dim, p->list + i * p->dim, p->dim * sizeof *v);
        for (uint32_t j = 0; j < p->dim; j++)
            square += (long double)v[i * p->dim + j] * v[i * p->dim + j];
        assert_near((double)square, 1, 1e-14);
    }
    for (uint64_t i = 0; i < p->n; i++)
        for (uint64_t k = 0; k < i; k++) {
            long double product = 0;

            for (uint32_t j = 0; j < p->dim; j++)
                product += (long double)v[i * p->dim + j] * v[k * p->dim + j];
            most = fmax(most, (double)fabsl(product));
        }
    free(v);
    return most;
}

static void test_overlaps(void **state)
{
    static const struct {
        const char *kind;
        uint32_t dim;
        uint64_t members;
        double overlap;
    } cases[] = {
        { "sphere", 2, 1, 0 },     { "sphere", 2, 9, 0 },     { "sphere", 3, 23, 0 },
        { "sphere", 64, 100, 0 },  { "sphere", 65, 17, 0 },   { "greedy", 8, 60, 0.7 },
        { "greedy", 64, 99, 0.4 }, { "greedy", 3, 0, 0.9 },   { "basis", 7, 0, 0 },
        { "basis", 7, 3, 0 },      { "binary", 4, 0, 0 },     { "binary", 9, 33, 0 },
        { "binary", 64, 100, 0 },  { "binary", 130, 1, 0 },   { "binary", 200, 16, 0 },
        { "kerdock", 4, 0, 0 },    { "kerdock", 16, 0, 0 },   { "kerdock", 16, 16, 0 },
        { "kerdock", 16, 17, 0 },  { "kerdock", 64, 330, 0 },
    };

    (void)state;
    for (size_t c = 0; c < SB_COUNT(cases); c++) {
        struct sb_packing p;

        open_packing(&p, cases[c].kind, cases[c].dim, cases[c].members, cases[c].overlap);
        assert_true(!cases[c].members || p.n == cases[c].members);
        assert_near(sb_packing_overlap(&p, 0x1p30), brute_overlap(&p), 1e-12);
        if (cases[c].overlap > 0)
            assert_true(p.overlap <= cases[c].overlap && p.n > 10);
        sb_packing_fini(&p);
    }
}

/* What their makers promise: orthonormal bases with overlaps of exactly 1/sqrt(d) between them. */
static void test_kerdock(void **state)
{
    static const struct {
        uint32_t dim;
        uint64_t n;
    } sizes[] = { { 4, 12 }, { 16, 144 }, { 64, 2112 }, { 256, 33024 }, { 4096, 8392704 } };

    (void)state;
    for (size_t c = 0; c < SB_COUNT(sizes); c++) {
        const uint32_t dim = sizes[c].dim;
        double *v = SB_NEW_ARRAY(double, dim), *w = SB_NEW_ARRAY(double, dim);
        struct sb_packing p;
        uint64_t pair[2];

        open_packing(&p, "kerdock", dim, 0, 0);
        assert_int_equal(p.n, sizes[c].n);
        assert_same(p.overlap, 1 / sqrt(dim));
        for (uint64_t trial = 0; trial < 300; trial++) {
            double product = 0;

            for (uint64_t e = 0; e < 2; e++)
                pair[e] = sb_random_below(sb_key_derive("pairs", "", 0), 2 * trial + e, p.n);
            if (trial % 2) /* of one basis */
                pair[1] = pair[0] / dim * dim + pair[1] % dim;
            sb_packing_direction(&p, pair[0], v);
            sb_packing_direction(&p, pair[1], w);
            for (uint32_t j = 0; j < dim; j++)
                product += v[j] * w[j];
            assert_same(fabs(product), pair[0] == pair[1]               ? 1
                                       : pair[0] / dim == pair[1] / dim ? 0
                                                                        : 1 / sqrt(dim));
        }
        sb_packing_fini(&p);
        free(v);
        free(w);
    }
}

/* Uniform directions: the mean of <v,e_j>^2 and of its square, of 4000 in 5 dimensions, within six deviations. */
static void test_uniform(void **state)
{
    enum { N = 4000, DIM = 5 };
    struct sb_packing p;

    (void)state;
    open_packing(&p, "sphere", DIM, N, 0);
    for (uint32_t j = 0; j < DIM; j++) {
        double first = 0, second = 0, fourth = 0;

        for (uint64_t i = 0; i < N; i++) {
            const double x = p.list[i * DIM + j];

            first += x / N;
            second += x * x / N;
            fourth += x * x * x * x / N;
        }
        assert_near(first, 0, 6 * sqrt(1. / DIM / N));
        assert_near(second, 1. / DIM, 6 * sqrt((3. / 35 - 1. / 25) / N));
        assert_near(fourth, 3. / 35, 6 * sqrt(105. / (5 * 7 * 9 * 11) / N));
    }
    sb_packing_fini(&p);
}

/* Too many for a list: made one by one, the first ones the same as of a list. */
static void test_many(void **state)
{
    static const char *const kinds[] = { "sphere", "binary" };
    struct sb_packing few, many;
    double v[DIM_MAX];

    (void)state;
    for (size_t k = 0; k < SB_COUNT(kinds); k++) {
        open_packing(&many, kinds[k], 64, UINT64_C(1) << 53, 0);
        assert_null(many.list);
        assert_true(isnan(sb_packing_overlap(&many, INFINITY)));
        open_packing(&few, kinds[k], 64, 0, 0);
        assert_int_equal(few.n, UINT64_C(1) << 32);
        sb_packing_direction(&many, (UINT64_C(1) << 53) - 1, v);
        sb_packing_fini(&few);
        open_packing(&few, kinds[k], 64, 10, 0);
        for (uint64_t i = 0; i < 10 && k == 0; i++) {
            sb_packing_direction(&many, i, v);
            assert_memory_equal(v, few.list + i * 64, sizeof *v * 64);
        }
        sb_packing_fini(&few);
        sb_packing_fini(&many);
    }
    open_packing(&few, "sphere", 64, 2000, 0);
    assert_true(isnan(sb_packing_overlap(&few, 1e5)));
    sb_packing_fini(&few);
}

static void test_given(void **state)
{
    static const double v[] = { 0.6, 0, -0.8 };
    struct sb_packing_wish wish = {
        .where = "here", .kind = "kerdock", .dim = 3, .direction = v, .n_direction = 3
    };
    struct sb_packing p;
    char message[512];

    (void)state;
    assert_int_equal(try_packing(&p, &wish, message), 0);
    assert_int_equal(p.n, 1);
    for (int j = 0; j < 3; j++)
        assert_near(p.list[j], v[j], 1e-16);
    sb_packing_fini(&p);
}

static void test_refused(void **state)
{
    static const double v[] = { 0.6, 0.1, 0.8 };
    static const struct {
        struct sb_packing_wish wish;
        const char *line;
    } cases[] = {
        { { "here", "basis", 7, 8, 0.5, NULL, 0 },
          "here: members = 8, and packing = basis has at most 7 in 7 dimensions: lower members, or "
          "raise dimension" },
        { { "here", "binary", 4, 9, 0.5, NULL, 0 },
          "here: members = 9, and packing = binary has at most 8 in 4 dimensions: lower members, "
          "or "
          "raise dimension" },
        { { "here", "greedy", 4096, 2049, 0.5, NULL, 0 },
          "here: members = 2049, and packing = greedy has at most 2048 in 4096 dimensions: lower "
          "members, or raise dimension" },
        { { "here", "kerdock", 32, 0, 0.5, NULL, 0 },
          "here: packing = kerdock has none in 32 dimensions: dimension is to be 4, 16, 64, 256, "
          "1024 or 4096" },
        { { "here", "sphere", 3, 0, 0.5, v, 3 },
          "here: direction is no unit vector, |v| - 1 = 0.00499: divide it by its length "
          "1.0049875621120892" },
        { { "here", "sphere", 4, 0, 0.5, v, 3 },
          "here: direction has 3 numbers, dimension = 4: give as many" },
        { { "here", "sphere", 3, 2, 0.5, v, 3 },
          "here: direction is the only member, and members = 2: leave either out" },
    };

    (void)state;
    for (size_t c = 0; c < SB_COUNT(cases); c++) {
        struct sb_packing p;
        char message[512];

        assert_int_equal(try_packing(&p, &cases[c].wish, message), -EINVAL);
        assert_string_equal(message, cases[c].line);
        sb_packing_fini(&p);
    }
}

/* In the plane at most 2 lines are at right angles up to 0.4, and at most 11 have overlap 0.96; those that were found are
 * said. */
static void test_impossible(void **state)
{
    const struct sb_packing_wish wish = {
        .where = "here", .kind = "greedy", .dim = 2, .members = 12, .overlap = 0.96
    };
    struct sb_packing p;
    char message[512];

    (void)state;
    assert_int_equal(try_packing(&p, &wish, message), -EINVAL);
    assert_non_null(strstr(message, "here: packing = greedy found "));
    assert_non_null(strstr(message, " directions of overlap at most 0.96 in 2 dimensions, among "));
    assert_non_null(strstr(message, " and members = 12: lower members, or raise overlap"));
    assert_in_range(strtol(strstr(message, "found ") + 6, NULL, 10), 6, 11);
    sb_packing_fini(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_overlaps),   cmocka_unit_test(test_kerdock),
        cmocka_unit_test(test_uniform),    cmocka_unit_test(test_many),
        cmocka_unit_test(test_given),      cmocka_unit_test(test_refused),
        cmocka_unit_test(test_impossible),
    };

    return cmocka_run_group_tests_name("packings of directions", tests, NULL, NULL);
}
