/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What an oracle hands out beside answers: labels and examples, their laws, budgets and records; and the
 * answers that are made of fresh examples. */
#include "asked.h"
#include "runner/rows.h"

#include <math.h>

static void open_with(struct rig *rig, const struct cube *c, const char *access, const char *policy,
                      uint32_t grants, uint64_t key)
{
    const bool honest = strcmp(access, "honest") == 0;
    const struct sb_given given = { .name = honest ? "m" : "tolerance",
                                    .text = honest ? "1000" : "0.1" };
    const bool none = !honest && strcmp(access, "stat") != 0 && strcmp(access, "csq") != 0;

    rig_set(rig, c, rig_policy(policy), access, &given, none ? 0 : 1, key);
    rig->setup.grants = grants;
    if (rig_make(rig))
        fail_msg("%s", rig->diag.items[0].text);
}

static struct sb_asked labels_of(struct rig *rig, uint64_t n, uint64_t *bits, double *y)
{
    const struct sb_points points = { .bits = bits };
    struct sb_asked asked;

    assert_int_equal(sb_oracle_labels(rig->oracle, n, &points, y, &asked), 0);
    return asked;
}

static struct sb_asked samples_of(struct rig *rig, uint64_t n, uint64_t *bits, double *y)
{
    const struct sb_points points = { .bits = bits };
    struct sb_asked asked;

    assert_int_equal(sb_oracle_samples(rig->oracle, n, &points, y, &asked), 0);
    return asked;
}

/* Without noise a label is the label function's. */
static void test_labels_are_the_label_functions(void **state)
{
    struct rng r = { 41 };

    (void)state;
    for (int trial = 0; trial < 100; trial++) {
        struct cube c = cube_random_family(&r, 8);
        struct rig rig;
        uint64_t bits[1500], member;
        double y[1500];

        cube_open(&c);
        if (c.noise > 0) {
            cube_close(&c);
            continue;
        }
        member = rng_next(&r) % c.n;
        open_with(&rig, &c, trial % 2 ? "label" : "stat", trial % 2 ? "fresh" : "reference",
                  SB_LABEL, 1);
        rig_hide(&rig, (int64_t)member);
        for (int i = 0; i < 1500; i++)
            bits[i] = rng_next(&r) & ((UINT64_C(1) << c.dim) - 1);
        assert_int_equal(labels_of(&rig, 1500, bits, y).status, SB_OK);
        for (int i = 0; i < 1500; i++)
            assert_same(y[i], cube_label(&c, member, bits[i]));
        rig_close(&rig);
        cube_close(&c);
    }
}

/* 40000 labels of one point, in calls of many sizes: wrong at the noise rate, or fair under the null, and
 * one call tells nothing of the next. Each count is within 6.2 standard deviations but with probability
 * 1e-9. */
static void test_noise_is_drawn_anew(void **state)
{
    enum { N = 40000 };
    static uint64_t bits[N];
    static double y[N];

    (void)state;
    for (int trial = 0; trial < 6; trial++) {
        const double noise = trial < 2 ? 0.1 : 0.25;
        struct cube c = cube_new(true, 6, 0, noise, trial & 1, false);
        const bool null = trial >= 4;
        const double rate = null ? 0.5 : noise, repeat = rate * rate + (1 - rate) * (1 - rate);
        int wrong = 0, same = 0, n = 0;
        struct rig rig;

        cube_open(&c);
        open_with(&rig, &c, "label", "fresh", 0, (uint64_t)trial);
        rig_hide(&rig, null ? CUBE_NULL : 21);
        for (int i = 0; i < N; i++)
            bits[i] = 37;
        for (int size = 1; n < N; size = size % 3000 + 7) {
            const int m = N - n < size ? N - n : size;

            assert_int_equal(labels_of(&rig, (uint64_t)m, bits, y + n).status, SB_OK);
            n += m;
        }
        for (int i = 0; i < N; i++) {
            wrong += y[i] != cube_label(&c, 21, 37);
            same += i && y[i] == y[i - 1];
        }
        assert_near(wrong, N * rate, 6.2 * sqrt(N * rate * (1 - rate)));
        assert_near(same, N * repeat, 6.2 * sqrt(3 * N * repeat * (1 - repeat)));
        rig_close(&rig);
        cube_close(&c);
    }
}

/* A conjunction's null has independent labels, true at rate 2^-k (1e-9, as above). */
static void test_labels_of_a_conjunctions_null(void **state)
{
    enum { N = 20000 };
    static uint64_t bits[N];
    static double y[N];
    struct cube c = cube_new(false, 8, 3, 0, false, false);
    double ones = 0;
    struct rig rig;

    (void)state;
    cube_open(&c);
    open_with(&rig, &c, "label", "fresh", 0, 1);
    rig_hide(&rig, CUBE_NULL);
    for (int i = 0; i < N; i++)
        bits[i] = 255;
    labels_of(&rig, N, bits, y);
    for (int i = 0; i < N; i++)
        ones += y[i];
    assert_near(ones, N / 8.0, 6.2 * sqrt(N * 7 / 64.0));
    rig_close(&rig);
    cube_close(&c);
}

/* The mean of a random function over 20000 examples is its expectation under the law (Hoeffding: off by
 * more than 0.0329 (hi - lo) with probability 1e-9 at most). */
static void test_examples_follow_the_law(void **state)
{
    enum { N = 20000 };
    static uint64_t bits[N];
    static double y[N];
    struct rng r = { 42 };

    (void)state;
    for (int trial = 0; trial < 8; trial++) {
        struct cube c = cube_random_family(&r, 5);
        struct rig rig;
        int64_t member;

        cube_open(&c);
        member = trial % 5 ? (int64_t)(rng_next(&r) % c.n) : CUBE_NULL;
        open_with(&rig, &c, "sample", "fresh", 0, (uint64_t)trial);
        rig_hide(&rig, member);
        assert_int_equal(samples_of(&rig, N, bits, y).status, SB_OK);
        for (int k = 0; k < 3; k++) {
            const sb_expr e = cube_query(&c, &r, -1);
            double sum = 0;

            for (int i = 0; i < N; i++)
                sum += cube_eval(&c, e, bits[i], y[i]);
            assert_near(sum / N, (double)cube_mean(&c, member, e, 1), 2 * 0.0329);
        }
        rig_close(&rig);
        cube_close(&c);
    }
}

/* However they are asked for, examples of one run come from one list, each once: those of samples(), those
 * of honest answers and of bits. In dimension 63 a point that comes twice is an example used twice
 * (10^4 points: by chance with probability 1e-11). */
static void test_no_example_is_used_twice(void **state)
{
    enum { N = 10000 };
    static uint64_t list[N], bits[N];
    static double y[N], y_list[N];
    struct cube c = cube_new(true, 63, 0, 0.1, false, false);
    uint64_t at = 0;
    struct rig rig;

    (void)state;
    cube_open(&c);
    open_with(&rig, &c, "sample", "fresh", 0, 5);
    rig_hide(&rig, 0x123456789);
    assert_int_equal(samples_of(&rig, N, list, y_list).cost, N);
    for (int i = 0; i < 2000; i++)
        for (int j = 0; j < i; j++)
            assert_true(list[i] != list[j]);
    rig_close(&rig);

    open_with(&rig, &c, "honest", "fresh", SB_SAMPLE, 5);
    rig_hide(&rig, 0x123456789);
    for (int i = 0; at + 1200 < N; i++) {
        const uint64_t n = (uint64_t)(i * 37 % 900) + 1;
        const sb_expr e = cube_op(&c, SB_MUL, sb_pool_op(c.pool, SB_Y, NULL, 0, NULL, 0),
                                  cube_chi(&c, (uint64_t)i * 0x9e3779b97f4a7c15u));
        struct sb_asked asked;
        double sum = 0;

        if (i % 2) {
            assert_int_equal(samples_of(&rig, n, bits, y).status, SB_OK);
            assert_memory_equal(bits, list + at, n * sizeof *bits);
            assert_memory_equal(y, y_list + at, n * sizeof *y);
        } else {
            assert_int_equal(rig_try(&rig, &c, e, NULL, SB_HONEST, (double)n, &asked), 0);
            assert_int_equal(asked.status, SB_OK);
            assert_int_equal(asked.cost, n);
            for (uint64_t k = 0; k < n; k++)
                sum += cube_eval(&c, e, list[at + k], y_list[at + k]);
            assert_same(asked.reply.answer, sum / (double)n); /* +-1: exact */
            assert_int_equal(asked.reply.truth.method, SB_FRESH_EXAMPLES);
        }
        at += n;
        assert_int_equal(sb_oracle_totals(rig.oracle)->n_examples, at);
    }
    rig_close(&rig);
    cube_close(&c);
}

/* one-stat: the bit of f at the next example. */
static void test_one_stat(void **state)
{
    enum { N = 400 };
    struct cube c = cube_new(false, 6, 2, 0, false, false);
    uint64_t bits[N];
    double y[N];
    struct rng r = { 43 };
    struct rig rig;

    (void)state;
    cube_open(&c);
    open_with(&rig, &c, "sample", "fresh", 0, 7);
    rig_hide(&rig, 4);
    samples_of(&rig, N, bits, y);
    rig_close(&rig);
    open_with(&rig, &c, "one-stat", "fresh", 0, 7);
    rig_hide(&rig, 4);
    for (int i = 0; i < N; i++) {
        const sb_expr e = i % 3 ? cube_random(&c, &r, 3) : cube_const(&c, i % 2 ? 0.5 : 0.499);
        const struct sb_asked asked = rig_ask(&rig, &c, e);

        assert_int_equal(asked.status, SB_OK);
        assert_int_equal(asked.cost, 1);
        assert_same(asked.reply.answer, cube_eval(&c, e, bits[i], y[i]) >= 0.5);
    }
    assert_int_equal(sb_oracle_totals(rig.oracle)->n_examples, N);
    assert_same(sb_oracle_totals(rig.oracle)->equivalent_samples, N);
    rig_close(&rig);
    cube_close(&c);
}

/* A law over columns: x uniform over {0,1,2}^2, the label (0, 1 or 2) is x0 where x1 = 0, and anything
 * but x1 otherwise. */
static void grid_points(const struct sb_law *law, struct sb_key key, uint64_t stream,
                        uint64_t start, uint64_t n, const struct sb_points *out)
{
    (void)law;
    for (uint64_t i = 0; i < n; i++) {
        uint64_t word;

        sb_random_words(key, stream, start + i, 1, &word);
        out->x[0][i] = (double)(word % 3);
        out->x[1][i] = (double)(word / 3 % 3);
    }
}

static void grid_weights(const struct sb_law *law, const struct sb_block *block, uint32_t l,
                         double *out)
{
    (void)law;
    for (uint64_t i = 0; i < block->n; i++)
        out[i] = block->x[1][i] == 0 ? block->x[0][i] == l : block->x[1][i] == l ? 0 : 0.5;
}

static void grid_sample(const struct sb_law *law, struct sb_key key, uint64_t start, uint64_t n,
                        const struct sb_points *out, double *y)
{
    grid_points(law, key, 0, start, n, out);
    for (uint64_t i = 0; i < n; i++)
        y[i] = (double)(start + i); /* as no law would have it, but the number shows */
}

static void grid_law(const struct sb_family *family, uint64_t member, bool clean,
                     struct sb_law *out)
{
    static const struct sb_law_class class = { .points = grid_points,
                                               .weights = grid_weights,
                                               .sample = grid_sample };

    (void)family;
    (void)member;
    (void)clean;
    *out = (struct sb_law){ .class = &class, .dim = 2 };
}

/* Columns, more than a block of them; three labels; points outside named. (A label of chance 1/2 is
 * within 6.2 standard deviations of half: 1e-9.) */
static void test_columns(void **state)
{
    enum { N = 9000 };
    static const double labels[] = { 0, 1, 2 };
    static double x0[N], x1[N], y[N];
    double rows[20];
    double *const x[2] = { x0, x1 };
    const struct sb_points points = { .x = x };
    struct cube c = cube_new(true, 5, 0, 0, false, false);
    struct sb_asked asked;
    struct rig rig;
    int zeros = 0;

    (void)state;
    cube_open(&c);
    c.family->space = (struct sb_space){
        .domain = SB_ZQ, .dim = 2, .modulus = 3, .n_labels = 3, .labels = labels
    };
    c.family->law = grid_law;
    open_with(&rig, &c, "label", "fresh", SB_SAMPLE, 3);
    rig_hide(&rig, 1);
    for (int i = 0; i < N; i++) {
        x0[i] = i % 3;
        x1[i] = i / 3 % 3;
    }
    assert_int_equal(sb_oracle_labels(rig.oracle, N, &points, y, &asked), 0);
    assert_int_equal(asked.status, SB_OK);
    for (int i = 0; i < N; i++) {
        assert_true(x1[i] == 0 ? y[i] == x0[i] : y[i] != x1[i]);
        zeros += x1[i] == 1 && y[i] == 0;
    }
    assert_near(zeros, N / 6.0, 6.2 * sqrt(N / 12.0));
    for (int bad = 0; bad < 4; bad++) {
        x1[1500] = bad == 0 ? 3 : bad == 1 ? -1 : bad == 2 ? 0.5 : NAN;
        assert_int_equal(sb_oracle_labels(rig.oracle, N, &points, y, &asked), 0);
        assert_int_equal(asked.status, SB_REFUSED);
        assert_non_null(strstr(asked.message, "point 1500"));
    }
    /* in rows, as the wire brings them: point i is (i mod 3, i/3 mod 3) again */
    for (int i = 0; i < 9; i++) {
        rows[2 * i] = i % 3;
        rows[2 * i + 1] = i / 3;
    }
    assert_int_equal(
        sb_rows_labels(&(struct sb_reduction){ .oracle = rig.oracle }, 2, 9, NULL, rows, y, &asked),
        0);
    for (int i = 0; i < 9; i++)
        assert_true(i < 3 ? y[i] == i : y[i] != i / 3);
    assert_int_equal(sb_rows_samples(&(struct sb_reduction){ .oracle = rig.oracle }, 2, 10, NULL,
                                     rows, y, &asked),
                     0);
    for (uint64_t i = 0; i < 10; i++) {
        double one[2];
        double *const at[2] = { one, one + 1 };

        grid_points(
            NULL,
            sb_key_derive("examples", &rig.setup.secret_material, sizeof rig.setup.secret_material),
            0, i, 1, &(struct sb_points){ .x = at });
        assert_same(rows[2 * i], one[0]);
        assert_same(rows[2 * i + 1], one[1]);
    }
    assert_int_equal(sb_oracle_samples(rig.oracle, N - 10, &points, y, &asked), 0);
    for (int i = 0; i < N - 10; i++) {
        assert_same(y[i], i + 10);
        assert_true(x0[i] >= 0 && x0[i] <= 2 && x1[i] >= 0 && x1[i] <= 2);
    }
    rig_close(&rig);
    cube_close(&c);
}

/* A budget is met in full or not at all, and what is refused costs nothing but its number. */
static void test_budgets(void **state)
{
    struct cube c = cube_new(true, 5, 0, 0, false, false);
    uint64_t bits[20] = { 0 };
    double y[20] = { 0 };
    struct sb_asked asked;
    struct rig rig;

    (void)state;
    cube_open(&c);
    open_with(&rig, &c, "honest", "fresh", SB_SAMPLE | SB_LABEL, 7);
    sb_oracle_free(rig.oracle);
    rig.setup.label_budget = 10;
    rig.setup.sample_budget = 12;
    assert_int_equal(rig_make(&rig), 0);
    rig_hide(&rig, 4);
    y[0] = 77;
    assert_int_equal(labels_of(&rig, 11, bits, y).status, SB_BUDGET);
    assert_same(y[0], 77);
    assert_int_equal(labels_of(&rig, 0, bits, y).status, SB_OK);
    asked = labels_of(&rig, 10, bits, y);
    assert_int_equal(asked.status, SB_OK);
    assert_int_equal(asked.cost, 10);
    asked = labels_of(&rig, 1, bits, y);
    assert_int_equal(asked.status, SB_BUDGET);
    assert_int_equal(asked.seq, 4);
    assert_int_equal(asked.cost, 0);
    assert_non_null(strstr(asked.message, "0 of the budget of 10"));
    assert_int_equal(labels_of(&rig, UINT64_MAX, bits, y).status, SB_BUDGET);

    assert_int_equal(samples_of(&rig, 13, bits, y).status, SB_BUDGET);
    assert_int_equal(samples_of(&rig, 5, bits, y).status, SB_OK);
    rig_try(&rig, &c, cube_chi(&c, 1), NULL, 0, 8, &asked);
    assert_int_equal(asked.status, SB_BUDGET);
    assert_non_null(strstr(asked.message, "7 of the budget of 12"));
    rig_try(&rig, &c, cube_chi(&c, 1), NULL, 0, 7, &asked);
    assert_int_equal(asked.status, SB_OK);
    assert_int_equal(samples_of(&rig, 1, bits, y).status, SB_BUDGET);
    assert_int_equal(samples_of(&rig, UINT64_MAX, bits, y).status, SB_BUDGET);
    assert_int_equal(sb_oracle_totals(rig.oracle)->n_asked, 11);
    assert_int_equal(sb_oracle_totals(rig.oracle)->n_queries, 2);
    assert_int_equal(sb_oracle_totals(rig.oracle)->n_labels, 10);
    assert_int_equal(sb_oracle_totals(rig.oracle)->n_examples, 12);
    assert_true(isnan(sb_oracle_totals(rig.oracle)->equivalent_samples));
    rig_close(&rig);
    cube_close(&c);
}

/* Calls for labels and examples do not spend the budget of queries, nor the other way round. */
static void test_budgets_are_apart(void **state)
{
    struct cube c = cube_new(true, 5, 0, 0, false, false);
    uint64_t bits[4] = { 0 };
    double y[4];
    struct rig rig;

    (void)state;
    cube_open(&c);
    open_with(&rig, &c, "stat", "exact", SB_LABEL | SB_SAMPLE, 7);
    sb_oracle_free(rig.oracle);
    rig.setup.budget = 2;
    assert_int_equal(rig_make(&rig), 0);
    rig_hide(&rig, 4);
    for (uint64_t i = 1; i <= 4; i++) {
        struct sb_asked asked = labels_of(&rig, 4, bits, y);

        assert_int_equal(asked.status, SB_OK);
        assert_int_equal(asked.seq, 3 * i - 2);
        assert_int_equal(samples_of(&rig, 4, bits, y).status, SB_OK);
        bits[0] = bits[1] = 0;
        asked = rig_ask(&rig, &c, cube_chi(&c, 1));
        assert_int_equal(asked.status, i <= 2 ? SB_OK : SB_BUDGET);
        assert_int_equal(asked.seq, 3 * i);
    }
    rig_close(&rig);
    cube_close(&c);
}

/* Not granted, outside of the domain, after the end. */
static void test_refusals(void **state)
{
    struct cube c = cube_new(true, 5, 0, 0, false, false);
    uint64_t bits[3] = { 31, 0, 32 };
    double y[3] = { 5, 5, 5 };
    struct sb_asked asked;
    struct rig rig;

    (void)state;
    cube_open(&c);
    open_with(&rig, &c, "stat", "exact", SB_SAMPLE, 7);
    rig_hide(&rig, 4);
    assert_int_equal(labels_of(&rig, 1, bits, y).status, SB_REFUSED);
    rig_close(&rig);
    open_with(&rig, &c, "label", "fresh", 0, 7);
    rig_hide(&rig, 4);
    assert_int_equal(samples_of(&rig, 1, bits, y).status, SB_REFUSED);
    asked = labels_of(&rig, 3, bits, y);
    assert_int_equal(asked.status, SB_REFUSED);
    assert_non_null(strstr(asked.message, "point 2"));
    assert_same(y[0], 5);
    assert_int_equal(sb_oracle_totals(rig.oracle)->n_labels, 0);
    asked = rig_ask(&rig, &c, cube_chi(&c, 1));
    assert_int_equal(asked.status, SB_REFUSED);
    assert_non_null(strstr(asked.message, "no query oracle is granted"));
    sb_oracle_stop(rig.oracle);
    asked = labels_of(&rig, 1, bits, y);
    assert_int_equal(asked.status, SB_STOP);
    assert_int_equal(asked.seq, 4);
    rig_close(&rig);
    cube_close(&c);
}

/* M is a whole number, at most what is granted; a bit takes one example and no other number. */
static void test_numbers_of_examples(void **state)
{
    static const double bad[] = { -1, 0.5, 1001, 2.5, NAN, INFINITY, 1e300, -0x1p63 };
    struct cube c = cube_new(true, 5, 0, 0, false, false);
    struct sb_asked asked;
    struct rig rig;

    (void)state;
    cube_open(&c);
    for (int one = 0; one < 2; one++) {
        open_with(&rig, &c, one ? "one-stat" : "honest", "fresh", 0, 7);
        rig_hide(&rig, 4);
        for (size_t i = 0; i < SB_COUNT(bad); i++) {
            rig_try(&rig, &c, cube_chi(&c, 1), NULL, 0, bad[i], &asked);
            assert_int_equal(asked.status, SB_TOLERANCE);
        }
        rig_try(&rig, &c, cube_chi(&c, 1), NULL, 0, 2, &asked);
        assert_int_equal(asked.status, one ? SB_TOLERANCE : SB_OK);
        rig_try(&rig, &c, cube_chi(&c, 1), NULL, 0, 0, &asked);
        assert_int_equal(asked.status, SB_OK);
        assert_int_equal(asked.cost, one ? 1 : 1000);
        rig_close(&rig);
    }
    cube_close(&c);
}

static void refused_setup(const struct cube *c, const char *access, const char *policy,
                          uint32_t grants, const char *text)
{
    const struct sb_given given = { .name = "tolerance", .text = "0.1" };
    struct rig rig;

    rig_set(&rig, c, rig_policy(policy), access, &given, strcmp(access, "sample") != 0, 1);
    rig.setup.grants = grants;
    assert_int_equal(rig_make(&rig), -22);
    if (!strstr(rig.diag.items[0].text, text))
        fail_msg("%s", rig.diag.items[0].text);
    rig.oracle = NULL;
    rig_close(&rig);
}

/* What does not fit together is refused before anything is made. */
static void test_setups(void **state)
{
    struct cube c = cube_new(true, 5, 0, 0, false, false);
    const double wide[2] = { -2, 1 };

    (void)state;
    cube_open(&c);
    refused_setup(&c, "stat", "fresh", 0, "policy fresh is for oracles that draw fresh examples");
    refused_setup(&c, "sample", "reference", 0, "give policy: fresh");
    refused_setup(&c, "stat", "eliminate", SB_LABEL, "policy eliminate hides nothing");
    refused_setup(&c, "csq", "eliminate", SB_SAMPLE, "policy eliminate hides nothing");
    c.family->space.labels = wide;
    refused_setup(&c, "csq", "exact", 0, "needs labels in [-1,1]");
    c.family->space.n_labels = 0;
    refused_setup(&c, "stat", "exact", SB_LABEL, "does not say how they are drawn");
    cube_close(&c);
}

/* What the record says of a call hangs on what was handed out. */
static void test_digests(void **state)
{
    struct cube c = cube_new(true, 5, 0, 0, false, false);
    uint64_t bits[3] = { 1, 2, 3 };
    struct sb_digest digest[4];
    struct rig rig;
    double y[3];

    (void)state;
    cube_open(&c);
    open_with(&rig, &c, "label", "fresh", SB_SAMPLE, 7);
    rig_hide(&rig, 4);
    digest[0] = labels_of(&rig, 3, bits, y).digest;
    digest[1] = labels_of(&rig, 3, bits, y).digest; /* no noise: the same */
    digest[2] = labels_of(&rig, 2, bits, y).digest;
    bits[2] = 4;
    digest[3] = labels_of(&rig, 3, bits, y).digest;
    assert_true(sb_digest_equal(&digest[0], &digest[1]));
    for (int i = 2; i < 4; i++)
        assert_false(sb_digest_equal(&digest[0], &digest[i]));
    rig_close(&rig);
    cube_close(&c);
}

/* A's conversions: (2/tau^2) ln(2q/delta), (8/3) t ln(2q/delta), examples as they are. */
static void test_equivalent_samples(void **state)
{
    struct cube c = cube_new(true, 5, 0, 0, false, false);
    static const char *const rule[] = { "stat", "bernoulli", "variance" };
    uint64_t bits[7];
    double y[7];

    (void)state;
    cube_open(&c);
    for (int k = 0; k < 3; k++) {
        const double granted = k ? 50 : 0.1, coarser = k ? 10 : 0.4;
        const double cost = k ? 8.0 / 3 * (2 * granted + coarser)
                              : 2 * (2 / (granted * granted) + 1 / (coarser * coarser));
        struct sb_asked asked;
        struct rig rig;

        rig_open(&rig, &c, rig_policy("exact"), rule[k], granted, NULL, false, 1);
        sb_oracle_free(rig.oracle);
        rig.setup.grants = SB_SAMPLE;
        assert_int_equal(rig_make(&rig), 0);
        rig_hide(&rig, 4);
        assert_same(sb_oracle_totals(rig.oracle)->equivalent_samples, 0);
        rig_ask(&rig, &c, cube_chi(&c, 1));
        rig_try(&rig, &c, cube_chi(&c, 1), NULL, 0, coarser, &asked);
        rig_try(&rig, &c, cube_chi(&c, 1), NULL, 0, -1, &asked); /* not answered */
        rig_ask(&rig, &c, cube_chi(&c, 3));
        samples_of(&rig, 7, bits, y);
        assert_near(sb_oracle_totals(rig.oracle)->equivalent_samples, cost * log(6 / 1e-6) + 7,
                    1e-9 * cost);
        rig_close(&rig);
    }
    cube_close(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_labels_are_the_label_functions),
        cmocka_unit_test(test_noise_is_drawn_anew),
        cmocka_unit_test(test_labels_of_a_conjunctions_null),
        cmocka_unit_test(test_examples_follow_the_law),
        cmocka_unit_test(test_no_example_is_used_twice),
        cmocka_unit_test(test_one_stat),
        cmocka_unit_test(test_columns),
        cmocka_unit_test(test_budgets),
        cmocka_unit_test(test_budgets_are_apart),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_numbers_of_examples),
        cmocka_unit_test(test_setups),
        cmocka_unit_test(test_digests),
        cmocka_unit_test(test_equivalent_samples),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
