/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How much of a family's examples names the member: against enumeration and closed forms. */
#include "unit.h"

#include "estimate/agreeing.h"
#include "estimate/unambiguous.h"
#include "made.h"
#include "numeric/lift.h"

#include <math.h>

/* u by going through the cube, every member at every x. */
static double by_enumeration(const struct sb_family *family)
{
    const struct sb_candidates *c = family->space.candidates;
    const uint64_t size = UINT64_C(1) << family->space.dim;
    double least = 1;

    for (uint64_t i = 0; i < family->n_members; i++) {
        uint64_t alone = 0;

        for (uint64_t x = 0; x < size; x++) {
            const struct sb_block block = {
                .struct_size = sizeof block, .dim = family->space.dim, .n = 1, .bits = &x
            };
            double mine, other;
            bool shared = false;

            c->label(c->self, i, &block, &mine);
            for (uint64_t j = 0; j < family->n_members && !shared; j++) {
                c->label(c->self, j, &block, &other);
                shared = j != i && other == mine;
            }
            alone += !shared;
        }
        least = fmin(least, (double)alone / (double)size);
    }
    return least;
}

static void test_parities(void **state)
{
    static const char *const params[] = {
        "dimension=1",
        "dimension=4",
        "dimension=5 sparsity=1",
        "dimension=5 sparsity=2",
        "dimension=5 sparsity=4",
        "dimension=4 sparsity=4",
    };

    (void)state;
    for (size_t i = 0; i < SB_COUNT(params); i++) {
        struct made made = make("parity", params[i]);

        assert_near(made.family->unambiguous_lb, by_enumeration(made.family), 1e-15);
        assert_same(made.family->unambiguous_lb, made.family->unambiguous_ub);
        unmake(&made);
    }
}

/* Sampled, against enumeration: conjunctions, of which none names members in closed form. */
static void test_samples(void **state)
{
    struct sb_unambiguous u;
    struct made made = make("conjunction", "dimension=3 literals=3 negations=true");

    (void)state;
    assert_int_equal(sb_unambiguous(made.family, 1 << 16, &u), 0);
    assert_int_equal(u.samples, 4096);
    assert_true(u.lb <= by_enumeration(made.family) && by_enumeration(made.family) <= u.ub);
    assert_true(u.ub - u.lb < 0.06 && u.lb > 0);
    assert_int_equal(sb_unambiguous(made.family, 8 * 31, &u), 0);
    assert_int_equal(u.samples, 0);
    assert_true(u.lb == 0 && u.ub == 1 && isnan(u.estimate));
    unmake(&made);
}

/* S0-1.1a: of ggj-networks of size 2, +-min(|x_i|, |x_j|): the pair of the member with r coordinates of x larger
 * than its lesser one is alone if the r - 1 others of these have the other sign. d = 8: 3.859/28; of size 4 the
 * sampled 0.36 of sq.md. Hermite products and ridges are generic. */
static void test_real_labels(void **state)
{
    struct made made = make("ggj-network", "dimension=8 size=2");
    struct sb_unambiguous u;
    struct sb_fact facts[SB_FACTS_MAX];
    double closed = 0;
    size_t n;

    (void)state;
    for (int r = 1; r <= 7; r++)
        closed += r / 28.0 * ldexp(1, 1 - r);
    assert_int_equal(sb_unambiguous(made.family, 1 << 17, &u), 0);
    assert_true(u.lb <= closed && closed <= u.ub && u.ub - u.lb < 0.08);
    n = sb_family_facts(made.family, facts);
    assert_true(n >= 3);
    assert_string_equal(facts[n - 3].name, "unambiguous");
    assert_near(facts[n - 3].value, closed, 0.04);
    unmake(&made);
    made = make("ggj-network", "dimension=8 size=4");
    assert_int_equal(sb_unambiguous(made.family, 1 << 16, &u), 0);
    assert_near(u.estimate, 0.36, 0.06);
    unmake(&made);
    made = make("hermite-monomial", "dimension=4 degree=3");
    assert_int_equal(sb_unambiguous(made.family, 1 << 17, &u), 0);
    assert_true(u.lb == 1 && u.ub == 1 && u.samples == 0);
    unmake(&made);
}

/* Closed forms at k = 0 and k = n; inside, the tails' definition, by sums of terms. */
static void test_intervals(void **state)
{
    double lb, ub, below = 0, above = 0, term = 1;

    (void)state;
    sb_clopper_pearson(100, 0, 1e-6, &lb, &ub);
    assert_same(lb, 0);
    assert_near(ub, 1 - pow(5e-7, 0.01), 1e-10);
    sb_clopper_pearson(100, 100, 1e-6, &lb, &ub);
    assert_near(lb, pow(5e-7, 0.01), 1e-10);
    assert_same(ub, 1);
    sb_clopper_pearson(50, 20, 1e-3, &lb, &ub);
    for (int i = 0; i <= 50; i++) {
        below += i <= 20 ? term * pow(ub, i) * pow(1 - ub, 50 - i) : 0;
        above += i >= 20 ? term * pow(lb, i) * pow(1 - lb, 50 - i) : 0;
        term = term * (50 - i) / (i + 1);
    }
    assert_near(below, 5e-4, 1e-10);
    assert_near(above, 5e-4, 1e-10);
}

enum { MOST_D = 6, POINTS = 1024 };
static double columns[MOST_D][POINTS];

/* A lift's points, n of them; of four coordinates one is near a boundary where `near`. */
static struct sb_block draw(const struct sb_family *family, uint64_t stream, bool near, uint64_t n)
{
    static const double *x[MOST_D];
    const struct sb_lift *lift = family->lifting->lift;
    const struct sb_key key = sb_key_derive("test", "lift", 4);
    double u[2][POINTS];

    for (uint32_t j = 0; j < family->space.dim; j++) {
        lift->setup.marginal->draw(key, stream * 64 + j, 0, n, columns[j]);
        sb_random_uniform(key, stream * 64 + 20 + j, 0, n, u[0]);
        sb_random_uniform(key, stream * 64 + 40 + j, 0, n, u[1]);
        for (uint64_t i = 0; near && i < n; i++)
            if (u[0][i] < 0.4)
                columns[j][i] = lift->boundary[0].sh * 1.1 * (2 * u[1][i] - 1);
        x[j] = columns[j];
    }
    return (struct sb_block){
        .struct_size = sizeof(struct sb_block), .dim = family->space.dim, .n = n, .x = x
    };
}

/* The agreeing member of lifts, by the base where the rule holds, against a look through all; and none where the
 * rule holds if the base has none: u <= u of the base + Pr[n > m]. */
static void test_lifts_agree(void **state)
{
    static const char *const lines[] = {
        "dimension=5 sparsity=1 delta=0.4",
        "dimension=6 sparsity=2 m=1 delta=0.4 profile=edge",
        "dimension=4 m=2 delta=0.3",
        "dimension=4 sparsity=2 lift=dv delta=0.3",
        "base=conjunction lift=dv dimension=4 literals=2 delta=0.2",
        "base=lwr dimension=2 q=3 p=2 delta=0.3",
    };
    uint64_t n_found = 0;

    (void)state;
    for (size_t l = 0; l < SB_COUNT(lines); l++) {
        struct made made = make("lifted", lines[l]);
        const struct sb_candidates *c = made.family->space.candidates;
        struct sb_block block =
            draw(made.family, l, true, getenv("STATBED_TEST_VALGRIND") ? 60 : 300);
        uint64_t fast[POINTS], slow[POINTS];
        double y[POINTS];

        for (uint64_t member = 0; member < made.family->n_members; member += 3) {
            c->label(c->self, member, &block, y);
            block.y = y;
            c->agreeing(c->self, &block, fast);
            sb_agreeing_look(c, made.family->n_members, SB_AGREE, &block, slow);
            assert_memory_equal(fast, slow, block.n * sizeof *fast);
            for (uint64_t i = 0; i < block.n; i++)
                n_found += fast[i] != UINT64_MAX;
        }
        unmake(&made);
    }
    assert_true(n_found > 10);
}

/* Members of sparsity 1, by labels at 2^19 points: u is far below Pr[n > m] and above 0. */
static void test_lifts_leak(void **state)
{
    const uint64_t trials = getenv("STATBED_TEST_VALGRIND") ? 1 << 11 : 1 << 19;
    struct made made = make("lifted", "dimension=5 sparsity=1 m=1 delta=0.2");
    const struct sb_candidates *c = made.family->space.candidates;
    struct sb_unambiguous u;
    double alone = 0;

    (void)state;
    assert_int_equal(sb_unambiguous(made.family, 1 << 14, &u), 0);
    for (uint64_t i = 0; i < trials; i += POINTS) {
        const struct sb_block block = draw(made.family, 100 + i, false, POINTS);
        double y[5][POINTS];

        for (uint64_t member = 0; member < 5; member++)
            c->label(c->self, member, &block, y[member]);
        for (uint64_t p = 0; p < POINTS; p++) {
            uint32_t same = 0;

            for (uint64_t member = 1; member < 5; member++)
                same += fabs(y[member][p] - y[0][p]) <= SB_AGREE;
            alone += same == 0;
        }
    }
    alone /= (double)trials;
    assert_true(u.samples > 1000 && u.lb > 0);
    assert_true(u.lb <= alone + 6 * sqrt(alone / (double)trials));
    assert_true(u.ub >= alone - 6 * sqrt(alone / (double)trials));
    unmake(&made);
}

/* S0-1.1c: two lifted parities agree with probability 1 - rho_0/2 by the rule; 2^20 draws, 6 standard deviations
 * (1e-8), and Pr[n > m] for the network. */
static void test_degeneracy(void **state)
{
    const uint64_t trials = getenv("STATBED_TEST_VALGRIND") ? 1 << 11 : 1 << 20;
    struct made made = make("lifted", "dimension=4 m=3 delta=0.1");
    const struct sb_candidates *c = made.family->space.candidates;
    struct sb_fact facts[SB_FACTS_MAX];
    const size_t n = sb_family_facts(made.family, facts);
    double degeneracy = NAN, same = 0;

    (void)state;
    for (size_t i = 0; i < n; i++)
        if (strcmp(facts[i].name, "degeneracy") == 0)
            degeneracy = facts[i].value;
    for (uint64_t i = 0; i < trials; i += POINTS) {
        const struct sb_block block = draw(made.family, 100 + i, false, POINTS);
        double a[POINTS], b[POINTS];

        c->label(c->self, 6, &block, a);
        c->label(c->self, 11, &block, b);
        for (uint64_t p = 0; p < POINTS; p++)
            same += fabs(a[p] - b[p]) < SB_AGREE;
    }
    assert_true(degeneracy > 0.5 && degeneracy < 0.6);
    assert_near(same / (double)trials, degeneracy, 3 / sqrt((double)trials) + made.family->miss);
    unmake(&made);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parities),    cmocka_unit_test(test_samples),
        cmocka_unit_test(test_real_labels), cmocka_unit_test(test_intervals),
        cmocka_unit_test(test_lifts_agree), cmocka_unit_test(test_degeneracy),
        cmocka_unit_test(test_lifts_leak),
    };

    return cmocka_run_group_tests_name("unambiguous", tests, NULL, NULL);
}
