/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sampling: the same bits on any number of threads and any instruction set, batches that share a sample,
 * and their certificates at known means. */
#include "unit.h"

#include "base/isa.h"
#include "base/threads.h"
#include "estimate/drawer.h"

#include <errno.h>
#include <math.h>
#include <pthread.h>

enum { DIM = 4 };

/* x standard Gaussian; the label is the sign of x0 x1, flipped one time in four; or, real, x0 itself. */

static pthread_t only_thread;

static void gauss_points(const struct sb_law *law, struct sb_key key, uint64_t stream,
                         uint64_t start, uint64_t n, const struct sb_points *out)
{
    if (law->class->one_thread)
        assert_true(pthread_equal(only_thread, pthread_self()));
    for (uint32_t j = 0; j < law->dim; j++)
        sb_random_gauss(key, stream * DIM + j, start, n, out->x[j]);
}

static void sign_weights(const struct sb_law *law, const struct sb_block *block, uint32_t l,
                         double *out)
{
    (void)law;
    for (uint64_t i = 0; i < block->n; i++)
        out[i] = (block->x[0][i] * block->x[1][i] >= 0) == (l == 1) ? 0.75 : 0.25;
}

static void real_sample(const struct sb_law *law, struct sb_key key, uint64_t start, uint64_t n,
                        const struct sb_points *out, double *y)
{
    gauss_points(law, key, 0, start, n, out);
    memcpy(y, out->x[0], n * sizeof *y);
}

static const struct sb_law_class signs = { .points = gauss_points, .weights = sign_weights };
static const struct sb_law_class signs_of_one_thread = { .points = gauss_points,
                                                         .weights = sign_weights,
                                                         .one_thread = true };
static const struct sb_law_class reals = { .points = gauss_points, .sample = real_sample };
static const double labels[2] = { -1, 1 };
static const struct sb_space label_space = {
    .domain = SB_GAUSS, .dim = DIM, .n_labels = 2, .labels = labels
};
static const struct sb_space real_space = { .domain = SB_GAUSS, .dim = DIM };

/* Queries of known mean and second moment, all in [0,1], where the label is the sign. */
static const struct {
    const char *text;
    double mean, second;
} known[] = {
    { "step(x0)", 0.5, 0.5 },
    { "step(x2)*step(x3)", 0.25, 0.25 },
    { "step(x0)*step(x1)*step(x2)*step(x3)", 0.0625, 0.0625 },
    { "(1+y)/2", 0.5, 0.5 },
    { "step(y*x0*x1)", 0.75, 0.75 },
    { "0.25+0.5*step(y*x0*x1)*step(x2)", 0.4375, 0.25 },
    { "near(y,1,0.5)*step(x0*x1)*step(x2)*step(x3)*step(0-x0)", 0.75 / 16, 0.75 / 16 },
    { "clip(0.5+0*x0,0,1)", 0.5, 0.25 },
};
enum { KNOWN = 8, MOST = 1500 };

struct batch {
    struct sb_pool *pool;
    struct sb_law law;
    size_t n;
    struct sb_estimate_task task[MOST];
    struct sb_estimate out[MOST];
    int status[MOST];
};

static void open_batch(struct batch *b, const struct sb_law_class *class)
{
    memset(b, 0, sizeof *b);
    b->pool = sb_pool_new(class == &reals ? &real_space : &label_space);
    assert_non_null(b->pool);
    b->law = (struct sb_law){ .class = class, .dim = DIM };
}

static void add(struct batch *b, const char *text, uint32_t rule, double tolerance, double delta)
{
    struct sb_estimate_task *task = &b->task[b->n++];

    *task = (struct sb_estimate_task){ .law = &b->law,
                                       .pool = b->pool,
                                       .expr = sb_expr_parse(b->pool, text, NULL),
                                       .lo = 0,
                                       .hi = 1,
                                       .tolerance = { rule, tolerance },
                                       .share = 0.5,
                                       .delta = delta };
    assert_int_not_equal(task->expr, 0);
}

static void estimate(struct batch *b, int i_key)
{
    for (size_t i = 0; i < b->n; i++) {
        b->task[i].key = sb_key_derive("test", &i_key, sizeof i_key);
        b->status[i] = 1;
    }
    assert_int_equal(sb_estimate_monte_carlo_many(b->task, b->n, b->out, b->status), 0);
}

static void assert_same_estimate(const struct sb_estimate *a, const struct sb_estimate *b)
{
    assert_memory_equal(&a->value, &b->value, sizeof a->value);
    assert_memory_equal(&a->half_width, &b->half_width, sizeof a->half_width);
    assert_memory_equal(&a->variance_lb, &b->variance_lb, sizeof a->variance_lb);
    assert_int_equal(a->samples, b->samples);
    assert_int_equal(a->method, SB_MONTE_CARLO);
}

/* Long enough for threads to be made; a mixture of rules and of ends. */
static void fill(struct batch *b, double scale)
{
    for (int i = 0; i < KNOWN; i++)
        if (b->law.class != &reals || !strchr(known[i].text, 'y')) {
            add(b, known[i].text, SB_RULE_STAT, 0.04 / scale, 1e-6);
            add(b, known[i].text, SB_RULE_BERNOULLI, 500 * scale, 1e-6);
            add(b, known[i].text, SB_RULE_VARIANCE, 100 * scale * (1 + i), 1e-6);
        }
}

static void compare_threads(const struct sb_law_class *class)
{
    static const uint32_t n_threads[] = { 1, 2, 3, 5 };
    static struct batch b, first;
    const double scale = getenv("STATBED_TEST_VALGRIND") ? 1 : 3;

    only_thread = pthread_self();
    for (size_t t = 0; t < SB_COUNT(n_threads); t++)
        for (int isa = 0; isa < SB_ISAS; isa++) {
            if (!sb_isa_has((enum sb_isa)isa))
                continue;
            sb_isa_limit((enum sb_isa)isa);
            sb_threads_force(n_threads[t]);
            open_batch(&b, class);
            fill(&b, scale);
            estimate(&b, 1);
            for (size_t i = 0; i < b.n && (t || isa); i++)
                assert_same_estimate(&b.out[i], &first.out[i]);
            if (!t && !isa)
                first = b;
            sb_pool_free(b.pool);
        }
    sb_isa_limit(SB_ISA_AVX512);
}

static void test_threads_and_instruction_sets(void **state)
{
    (void)state;
    compare_threads(&signs);
    compare_threads(&reals);
    compare_threads(&signs_of_one_thread);
}

/* What one query gets is what it would have got alone: the others change neither sample nor looks. */
static void test_one_of_a_batch(void **state)
{
    static struct batch b;

    (void)state;
    sb_threads_force(3);
    open_batch(&b, &signs);
    fill(&b, 1);
    estimate(&b, 7);
    for (size_t i = 0; i < b.n; i++) {
        struct sb_estimate alone;

        assert_int_equal(b.status[i], 0);
        assert_int_equal(sb_estimate_monte_carlo(&b.task[i], &alone), 0);
        assert_same_estimate(&b.out[i], &alone);
    }
    sb_pool_free(b.pool);
}

/* The certificates of a batch hold jointly: each has 0.2/KNOWN of delta, so that runs in which any of them
 * fails are at most Binomial(200, 0.2): more than 74 with probability below 1e-8. They are not idle
 * either: each half-width is within its share of the largest tolerance that its interval allows. */
static void joint(uint32_t rule, double tolerance)
{
    const int runs = getenv("STATBED_TEST_VALGRIND") ? 20 : 200;
    static struct batch b;
    int misses = 0;

    open_batch(&b, &signs);
    for (int i = 0; i < KNOWN; i++)
        add(&b, known[i].text, rule, tolerance, 0.2 / KNOWN);
    for (int k = 0; k < runs; k++) {
        bool missed = false;

        estimate(&b, 1000 + k);
        for (int i = 0; i < KNOWN; i++) {
            const struct sb_estimate *e = &b.out[i];
            const double variance = known[i].second - known[i].mean * known[i].mean;

            missed |= fabs(e->value - known[i].mean) > e->half_width || e->variance_lb > variance;
            assert_true(e->half_width <=
                        0.5 *
                            sb_tolerance_lb(b.task[i].tolerance, e->value - e->half_width,
                                            e->value + e->half_width, e->variance_lb) *
                            (1 + 1e-12));
        }
        misses += missed;
    }
    assert_true(misses <= 74);
    sb_pool_free(b.pool);
}

static void test_joint_certificates(void **state)
{
    (void)state;
    sb_threads_force(2);
    joint(SB_RULE_STAT, 0.1);
    joint(SB_RULE_BERNOULLI, 60);
    joint(SB_RULE_VARIANCE, 60);
}

/* One is refused, one is exact, one is sampled. */
static void test_statuses(void **state)
{
    const struct sb_law null = { .dim = 40, .label = { -1, 1 }, .alpha = { 0.5, 0.5 } };
    const struct sb_space cube = { .domain = SB_CUBE, .dim = 40, .n_labels = 2, .labels = labels };
    struct sb_pool *pool = sb_pool_new(&cube);
    struct sb_estimate_task task[3];
    struct sb_estimate out[3];
    double ones[40];
    sb_expr sum, majority;
    int status[3];

    (void)state;
    for (int j = 0; j < 40; j++)
        ones[j] = j < 39;
    sum = sb_pool_op(pool, SB_DOT, ones, 40, NULL, 0);
    majority = sb_pool_op(
        pool, SB_STEP, NULL, 0,
        (sb_expr[]){ sb_pool_op(pool, SB_SUB, NULL, 0,
                                (sb_expr[]){ sum, sb_expr_parse(pool, "19.5", NULL) }, 2) },
        1);
    assert_int_not_equal(majority, 0);
    for (int i = 0; i < 3; i++)
        task[i] =
            (struct sb_estimate_task){ .law = &null,
                                       .pool = pool,
                                       .expr = i == 1 ? sb_expr_parse(pool, "x3", NULL) : majority,
                                       .lo = 0,
                                       .hi = 1,
                                       .tolerance = { SB_RULE_STAT, i ? 0.1 : 1e-6 },
                                       .share = 0.5,
                                       .delta = 1e-9 };
    assert_int_equal(sb_estimate_many(task, 3, out, status), 0);
    assert_int_equal(status[0], SB_REFUSED);
    assert_int_equal(status[1], 0);
    assert_same(out[1].value, 0.5);
    assert_int_equal(out[1].samples, 0);
    assert_int_equal(status[2], 0);
    assert_int_equal(out[2].method, SB_MONTE_CARLO);
    assert_near(out[2].value, 0.5, out[2].half_width);
    sb_pool_free(pool);
}

/* It blows before the first block, and while threads draw what would take minutes. */
static void test_fuse(void **state)
{
    static struct batch b;
    struct sb_fuse fuse;

    (void)state;
    for (uint32_t n = 1; n <= 3; n++)
        for (uint64_t ms = 0; ms <= 20; ms += 20) {
            sb_threads_force(n);
            open_batch(&b, &signs);
            add(&b, known[1].text, SB_RULE_STAT, 0.0001, 1e-6);
            add(&b, known[2].text, SB_RULE_STAT, 0.1, 1e-6);
            fuse.deadline_ns = sb_now_ns() + ms * 1000000;
            b.status[0] = b.status[1] = 1;
            b.task[0].fuse = b.task[1].fuse = &fuse;
            assert_int_equal(sb_estimate_monte_carlo_many(b.task, 2, b.out, b.status), -ETIME);
            assert_true(sb_now_ns() >= fuse.deadline_ns);
            assert_true(sb_now_ns() < fuse.deadline_ns + 30000000000);
            sb_pool_free(b.pool);
        }
}

/* More queries than share a sample: each as if alone. delta = 1e-12 each: no miss is expected. */
static void test_many(void **state)
{
    static struct batch b;
    char text[64];

    (void)state;
    sb_threads_force(2);
    open_batch(&b, &signs);
    for (int i = 0; i < MOST; i++) {
        snprintf(text, sizeof text, "step(x%d)*%.3f", i % DIM, i / (double)MOST);
        add(&b, text, SB_RULE_STAT, 0.5, 1e-12);
    }
    estimate(&b, 3);
    for (int i = 0; i < MOST; i++) {
        snprintf(text, sizeof text, "%.3f", i / (double)MOST);
        assert_int_equal(b.status[i], 0);
        assert_near(b.out[i].value, atof(text) / 2, b.out[i].half_width);
    }
    sb_pool_free(b.pool);
}

/* Power sums against sums in long double, at every length of a block's end: within the rounding that is
 * charged (betting.h), and on every instruction set the same bits. */
static void test_power_sums(void **state)
{
    static struct sb_sampled query;
    static struct batch b;

    (void)state;
    open_batch(&b, &signs);
    query = (struct sb_sampled){ .expr = sb_expr_parse(b.pool, "clip(x0+y*x1/3,-2,3)", NULL),
                                 .middle = 0.5,
                                 .radius = 2.5 };
    for (uint64_t n = 1; n <= SB_BLOCK; n += n < 40 ? 1 : 123) {
        struct sb_powers first = { { 0 } };

        for (int isa = 0; isa < SB_ISAS; isa++) {
            struct sb_drawer drawer = { .law = &b.law, .space = &label_space, .key = { { 1, 2 } } };
            struct sb_sheet *sheet = sb_sheet_new(b.pool, &query, 1);
            long double sums[SB_BET_POWERS + 1] = { 0 };
            struct sb_powers got;

            if (!sb_isa_has((enum sb_isa)isa)) {
                sb_sheet_free(sheet);
                continue;
            }
            sb_isa_limit((enum sb_isa)isa);
            assert_int_equal(sb_drawer_draw(&drawer, sheet, 17, n, &got), 0);
            for (uint64_t i = 0; i < n; i++)
                for (int l = 0; l < 2; l++) {
                    double x[2];
                    long double z, term;

                    for (uint32_t j = 0; j < 2; j++)
                        sb_random_gauss((struct sb_key){ { 1, 2 } }, j, 17 + i, 1, &x[j]);
                    z = fmin(fmax(x[0] + labels[l] * x[1] / 3, -2), 3);
                    z = (z - 0.5L) / 2.5L;
                    term = (x[0] * x[1] >= 0) == (l == 1) ? 0.75L : 0.25L;
                    for (int k = 0; k <= SB_BET_POWERS; k++, term *= z)
                        sums[k] += term;
                }
            for (int k = 0; k <= SB_BET_POWERS; k++)
                assert_true(fabsl(got.s[k] - sums[k]) <= (long double)n * SB_BET_ROUNDING);
            if (isa)
                assert_memory_equal(&got, &first, sizeof got);
            first = got;
            sb_drawer_fini(&drawer);
            sb_sheet_free(sheet);
        }
    }
    sb_isa_limit(SB_ISA_AVX512);
    sb_pool_free(b.pool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_threads_and_instruction_sets),
        cmocka_unit_test(test_one_of_a_batch),
        cmocka_unit_test(test_joint_certificates),
        cmocka_unit_test(test_statuses),
        cmocka_unit_test(test_fuse),
        cmocka_unit_test(test_many),
        cmocka_unit_test(test_power_sums),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
