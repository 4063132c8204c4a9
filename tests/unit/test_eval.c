/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Evaluation: blocks against a plain recursive evaluator of one example, bit for bit, and values by
 * hand; with the kernels of every instruction set that the CPU has. */
#include "base/isa.h"
#include "query/eval.h"
#include "random_expr.h"

#include <sleef.h>

static double finite_only(double v)
{
    if (v > DBL_MAX)
        return DBL_MAX;
    return v < -DBL_MAX ? -DBL_MAX : v;
}

/* min(max(v, lo), hi), each of which takes its second where they are equal: -0 becomes 0 */
static double bounded(double v, double lo, double hi)
{
    v = v > lo ? v : lo;
    return v < hi ? v : hi;
}

static double plain_mod(double a, double b)
{
    double q, r;

    if (b <= 0)
        return 0;
    q = floor(finite_only(a / b));
    r = finite_only(a - finite_only(b * q));
    return r < 0 || r >= b ? 0 : r;
}

static double plain_dot(const double *u, const double *x, uint32_t n)
{
    double sum = 0;

    for (uint32_t j = 0; j < n; j++)
        sum = finite_only(sum + finite_only(u[j] * x[j]));
    return sum;
}

static double plain_hermite(int k, double t)
{
    double rest;

    if (k == 0)
        return 1;
    rest = k == 1 ? 0 : finite_only(sqrt((k - 1) / (double)k) * plain_hermite(k - 2, t));
    return finite_only(finite_only(finite_only(t * plain_hermite(k - 1, t)) * (1 / sqrt(k))) -
                       rest);
}

/* The same without the exponential cost. */
static double table_hermite(int k, double t)
{
    double h[65] = { 1, t };

    for (int i = 2; i <= k; i++)
        h[i] = finite_only(finite_only(finite_only(t * h[i - 1]) * (1 / sqrt(i))) -
                           finite_only(sqrt((i - 1) / (double)i) * h[i - 2]));
    return h[k];
}

enum { MOST_DIM = 63 };

struct example {
    const struct sb_space *space;
    double x[MOST_DIM], y;
    uint64_t agreeing;
};

static double plain_leaf(const struct sb_node *node, const struct example *at)
{
    const double *num = node->num;
    double sign = 1;

    switch (node->op) {
    case SB_CONST:
        return num[0];
    case SB_Y:
        return at->y;
    case SB_X:
        return at->x[(int)num[0]];
    case SB_DOT:
        return plain_dot(num, at->x, node->n_num);
    case SB_CHI:
        for (uint32_t i = 0; i < node->n_num; i++)
            sign *= at->x[(int)num[i]] == 1 ? -1 : 1;
        return sign;
    case SB_CANDIDATE:
        return fake_label(at->space, (uint64_t)num[0],
                          at->space->domain == SB_CUBE ? at->x[0] : at->x[0] / 2);
    default: /* SB_CANDIDATE_BIT */
        return at->agreeing != UINT64_MAX && (at->agreeing >> (int)num[0] & 1) ? 1 : 0;
    }
}

static double plain(const struct sb_pool *pool, sb_expr e, const struct example *at)
{
    const struct sb_node *node = sb_pool_node(pool, e);
    const double a = node->n_arg > 0 ? plain(pool, node->arg[0], at) : 0;
    const double b = node->n_arg > 1 ? plain(pool, node->arg[1], at) : 0;

    switch (node->op) {
    case SB_HERMITE:
        return table_hermite((int)node->num[0], a);
    case SB_ADD:
        return finite_only(a + b);
    case SB_SUB:
        return finite_only(a - b);
    case SB_MUL:
        return finite_only(a * b);
    case SB_DIV:
        return b == 0 ? 0 : finite_only(a / b);
    case SB_NEG:
        return -a;
    case SB_ABS:
        return fabs(a);
    case SB_MIN:
        return a < b ? a : b;
    case SB_MAX:
        return a > b ? a : b;
    case SB_MOD:
        return plain_mod(a, b);
    case SB_RELU:
        return a > 0 ? a : 0;
    case SB_STEP:
        return a >= 0;
    case SB_LT:
        return a < b;
    case SB_LE:
        return a <= b;
    case SB_EQ:
        return a == b;
    case SB_NEAR:
        return fabs(finite_only(a - b)) <= node->num[0];
    case SB_CLIP:
        return bounded(a, node->num[0], node->num[1]);
    case SB_SIN:
        return bounded(Sleef_cinz_sind1_u10purec(a), -1, 1);
    case SB_COS:
        return bounded(Sleef_cinz_cosd1_u10purec(a), -1, 1);
    case SB_EXP:
        return bounded(Sleef_cinz_expd1_u10purec(a), 0, DBL_MAX);
    default:
        return plain_leaf(node, at);
    }
}

static struct example example_of(const struct sb_space *space, const struct points *p, uint64_t i)
{
    struct example at = { .space = space, .y = p->y[i], .agreeing = fake_index(&p->block, i) };

    for (uint32_t j = 0; j < space->dim; j++)
        at.x[j] = space->domain == SB_CUBE ? (double)(p->bits[i] >> j & 1) : p->x[j][i];
    return at;
}

static void assert_plain(const struct sb_pool *pool, sb_expr e, const struct points *p,
                         const double *out)
{
    for (uint64_t i = 0; i < p->block.n; i++) {
        const struct example at = example_of(sb_pool_space(pool), p, i);
        const double expected = plain(pool, e, &at);

        if (fabs(out[i]) <= DBL_MAX && memcmp(&out[i], &expected, sizeof expected) == 0)
            continue;
        fail_msg("%s, example %d of %d: %.17g, expected %.17g, of %s", sb_isa_name(sb_isa()),
                 (int)i, (int)p->block.n, out[i], expected, text_of(pool, e));
    }
}

static struct points points;

/* n trials, fewer where only memory is looked at. */
static int trials(int n)
{
    return getenv("STATBED_TEST_VALGRIND") ? n / 20 : n;
}

/* Mostly few examples, now and then enough for every vector loop, and its rest. */
static uint64_t random_size(struct rng *r)
{
    return 1 + rng_below(r, rng_below(r, 4) ? 40 : 300);
}

static void test_blocks_against_single_examples(void **state)
{
    double out[SB_BLOCK];

    (void)state;
    for (uint32_t s = 0; s < N_SPACES; s++) {
        struct sb_pool *pool = sb_pool_new(random_space(s));
        struct rng r = { 300 + s };

        for (int i = 0; i < trials(1200); i++) {
            const sb_expr e = random_expr(pool, &r, 1 + rng_below(&r, 6));
            struct sb_program *program = sb_program_new(pool, e);

            assert_non_null(program);
            for (int k = 0; k < 2; k++) { /* a program is run again, on another size */
                random_points(&r, sb_pool_space(pool), random_size(&r), &points);
                sb_program_run(program, &points.block, out);
                assert_plain(pool, e, &points, out);
            }
            sb_program_free(program);
            sb_pool_forget(pool, 0);
        }
        sb_pool_free(pool);
    }
}

/* Enough live registers that a block is cut into pieces, candidates included. */
static void test_wide_expressions(void **state)
{
    static const uint64_t sizes[] = { 1, 15, 16, 17, 1000, SB_BLOCK };
    double out[SB_BLOCK];

    (void)state;
    for (uint32_t s = 0; s < N_SPACES; s++) {
        struct sb_pool *pool = sb_pool_new(random_space(s));
        struct rng r = { 400 + s };
        struct sb_program *program;
        sb_expr arg[2];

        arg[1] = random_expr(pool, &r, 0);
        for (int i = 0; i < 300; i++) {
            const double bit = i % 5;

            arg[0] = i % 7 ? random_expr(pool, &r, 1)
                           : sb_pool_op(pool, SB_CANDIDATE_BIT, &bit, 1, NULL, 0);
            arg[1] = sb_pool_op(pool, i % 2 ? SB_MAX : SB_SUB, NULL, 0, arg, 2);
        }
        program = sb_program_new(pool, arg[1]);
        for (size_t k = 0; k < SB_COUNT(sizes); k++) {
            random_points(&r, sb_pool_space(pool), sizes[k], &points);
            sb_program_run(program, &points.block, out);
            assert_plain(pool, arg[1], &points, out);
        }
        sb_program_free(program);
        sb_pool_free(pool);
    }
}

/* The labels that a space's expressions are evaluated at; real ones, where it has none of its
 * own. */
static uint32_t labels_of(const struct sb_space *space, const double **labels_out)
{
    static const double real[] = { -2, -0.0, 0.5, DBL_MAX };

    *labels_out = space->n_labels ? space->labels : real;
    return space->n_labels ? (uint32_t)space->n_labels : SB_COUNT(real);
}

enum { MOST_LABELS = 8, MOST_BATCH = 6 };

/* Every expression of a batch at every label, against single examples. */
static void assert_batch(const struct sb_pool *pool, const sb_expr *e, uint32_t n_e,
                         struct sb_program *program, struct points *p)
{
    static double column[MOST_BATCH * MOST_LABELS][SB_BLOCK];
    double *out[MOST_BATCH * MOST_LABELS];
    const struct sb_block whole = p->block;
    const double *labels;
    const uint32_t n_labels = labels_of(sb_pool_space(pool), &labels);

    for (uint32_t i = 0; i < n_e * n_labels; i++)
        out[i] = column[i];
    p->block.y = NULL;
    sb_program_run_labels(program, &p->block, labels, n_labels, out);
    p->block = whole;
    for (uint32_t l = 0; l < n_labels; l++) {
        for (uint64_t i = 0; i < p->block.n; i++)
            p->y[i] = labels[l];
        for (uint32_t r = 0; r < n_e; r++)
            assert_plain(pool, e[r], p, column[r * n_labels + l]);
    }
}

/* Several expressions at once, some of them the same or parts of one another, on a clone too. */
static void test_batches_at_every_label(void **state)
{
    (void)state;
    for (uint32_t s = 0; s < N_SPACES; s++) {
        struct sb_pool *pool = sb_pool_new(random_space(s));
        struct rng r = { 700 + s };

        for (int i = 0; i < trials(400); i++) {
            const uint32_t n_e = 1 + rng_below(&r, MOST_BATCH);
            sb_expr e[MOST_BATCH];
            struct sb_program *program, *clone;

            for (uint32_t k = 0; k < n_e; k++) {
                e[k] = random_expr(pool, &r, rng_below(&r, 5));
                if (k && rng_below(&r, 4) == 0)
                    e[k] = e[k - 1];
                else if (sb_pool_node(pool, e[k])->n_arg && rng_below(&r, 4) == 0)
                    e[rng_below(&r, k + 1)] = sb_pool_node(pool, e[k])->arg[0];
            }
            program = sb_program_new_batch(pool, e, n_e);
            assert_non_null(program);
            random_points(&r, sb_pool_space(pool), random_size(&r), &points);
            assert_batch(pool, e, n_e, program, &points);
            clone = sb_program_clone(program);
            sb_program_free(program);
            random_points(&r, sb_pool_space(pool), random_size(&r), &points);
            assert_batch(pool, e, n_e, clone, &points);
            sb_program_free(clone);
            sb_pool_forget(pool, 0);
        }
        sb_pool_free(pool);
    }
}

/* Functions with two values, of bits far apart: what is kept as a bit and two numbers. */
static sb_expr random_bits_expr(struct sb_pool *pool, struct rng *r, uint32_t depth)
{
    static const uint32_t twos[] = { SB_ADD, SB_SUB, SB_MUL, SB_MUL, SB_MUL, SB_DIV,
                                     SB_MIN, SB_MAX, SB_LT,  SB_LE,  SB_EQ,  SB_MOD };
    static const uint32_t ones[] = { SB_NEG, SB_ABS, SB_RELU, SB_STEP, SB_EXP };
    static const double small[] = { 0, 1, -1, 2, 0.5, -0.0 };
    const uint32_t dim = sb_pool_space(pool)->dim, at = rng_below(r, dim);
    double num[MOST_DIM], v = at;
    uint64_t n = 0;
    sb_expr arg[2];

    if (depth == 0) {
        const double coordinate = v, number = small[rng_below(r, SB_COUNT(small))];

        for (uint32_t j = at; j < dim; j += 1 + rng_below(r, dim))
            num[n++] = j;
        switch (rng_below(r, 5)) {
        case 0:
            return sb_pool_op(pool, SB_CONST, &number, 1, NULL, 0);
        case 1:
            return sb_pool_op(pool, SB_Y, NULL, 0, NULL, 0);
        case 2:
            return sb_pool_op(pool, SB_CHI, num, n, NULL, 0);
        default:
            return sb_pool_op(pool, SB_X, &coordinate, 1, NULL, 0);
        }
    }
    arg[0] = random_bits_expr(pool, r, depth - 1);
    if (rng_below(r, 6) == 0)
        return sb_pool_op(pool, ones[rng_below(r, SB_COUNT(ones))], NULL, 0, arg, 1);
    arg[1] = random_bits_expr(pool, r, rng_below(r, depth));
    return sb_pool_op(pool, twos[rng_below(r, SB_COUNT(twos))], NULL, 0, arg, 2);
}

static void test_functions_of_bits(void **state)
{
    static const double zero_one[] = { 0, 1 };
    double out[SB_BLOCK];

    (void)state;
    for (int s = 0; s < 6; s++) {
        const struct sb_space space = { .domain = SB_CUBE,
                                        .dim = s < 3 ? 5 : MOST_DIM - (uint32_t)s,
                                        .n_labels = 2,
                                        .labels = s % 2 ? signs_of_y : zero_one };
        struct sb_pool *pool = sb_pool_new(&space);
        struct rng r = { 800 + (uint64_t)s };

        for (int i = 0; i < trials(1500); i++) {
            const sb_expr e = random_bits_expr(pool, &r, 1 + rng_below(&r, 4));
            struct sb_program *program = sb_program_new(pool, e);

            points.block =
                (struct sb_block){ .n = random_size(&r), .bits = points.bits, .y = points.y };
            for (uint64_t k = 0; k < points.block.n; k++) {
                points.bits[k] = rng_next(&r) & ((UINT64_C(1) << space.dim) - 1);
                points.y[k] = space.labels[rng_below(&r, 2)];
            }
            sb_program_run(program, &points.block, out);
            assert_plain(pool, e, &points, out);
            assert_batch(pool, &e, 1, program, &points);
            sb_program_free(program);
            sb_pool_forget(pool, 0);
        }
        sb_pool_free(pool);
    }
}

/* Values with many zeros and ends: sums that leave the doubles in one example of many. */
static void test_overflow_in_a_few_examples(void **state)
{
    static const char *const texts[] = { "dot(1, 1, -1, 1)", "hermite(5, x0)", "hermite(64, x1)",
                                         "dot(1e308, 1e308, -1e308, 0)", "hermite(2, x2)" };
    struct sb_pool *pool = sb_pool_new(random_space(2));
    struct rng r = { 17 };
    double out[SB_BLOCK];

    (void)state;
    for (size_t k = 0; k < SB_COUNT(texts); k++) {
        const sb_expr e = sb_expr_parse(pool, texts[k], NULL);
        struct sb_program *program = sb_program_new(pool, e);

        for (int i = 0; i < 40; i++) {
            random_points(&r, sb_pool_space(pool), 1 + rng_below(&r, SB_BLOCK), &points);
            for (uint32_t j = 0; j < 4; j++)
                for (uint64_t n = 0; n < points.block.n; n++)
                    points.x[j][n] = rng_uniform(&r) * 4 - 2;
            for (uint32_t j = 0; j < 4 && i; j++)
                points.x[j][rng_below(&r, (uint32_t)points.block.n)] =
                    rng_below(&r, 2) ? DBL_MAX : -DBL_MAX;
            sb_program_run(program, &points.block, out);
            assert_plain(pool, e, &points, out);
        }
        sb_program_free(program);
    }
    sb_pool_free(pool);
}

/* A program outlives its nodes. */
static void test_program_outlives_the_nodes(void **state)
{
    struct sb_pool *pool = sb_pool_new(random_space(0));
    const sb_expr e = sb_expr_parse(pool, "dot(1,2,3,4,5,6) + 7", NULL);
    struct sb_program *program = sb_program_new(pool, e);
    const uint64_t bits[2] = { 0, 63 };
    const struct sb_block block = { .n = 2, .bits = bits };
    double out[2];

    (void)state;
    sb_pool_free(pool);
    sb_program_run(program, &block, out);
    assert_same(out[0], 7);
    assert_same(out[1], 28);
    sb_program_free(program);
}

static void test_candidates_must_be_there(void **state)
{
    const struct sb_space space = { .domain = SB_CUBE, .dim = 3, .n_candidates = 4 };
    struct sb_pool *pool = sb_pool_new(&space);

    (void)state;
    assert_null(sb_program_new(pool, sb_expr_parse(pool, "y*candidate(2)", NULL)));
    assert_null(sb_program_new(pool, sb_expr_parse(pool, "candidate_bit(2)", NULL)));
    assert_null(sb_program_new(pool, 0));
    sb_pool_free(pool);
}

/* Values of one number t = y, by hand. */
static void test_values_by_hand(void **state)
{
    static const struct {
        const char *text;
        double t, expected;
    } cases[] = {
        { "y/0", 3, 0 },
        { "0/y", 0, 0 },
        { "y/5e-324", 1, DBL_MAX },
        { "-y/5e-324", 1, -DBL_MAX },
        { "y*y", 1e300, DBL_MAX },
        { "y + y", -DBL_MAX, -DBL_MAX },
        { "y + y - y", DBL_MAX, 0 },
        /* one pass for two operators must not forget what is beyond the doubles between them */
        { "relu(y*y)", 1e300, DBL_MAX },
        { "relu(y + y)", DBL_MAX, DBL_MAX },
        { "relu(0 - y*y)", 1e300, 0 },
        { "clip(y*y, -1, 1e308)", 1e300, 1e308 },
        { "clip(0 - y*y, -1e308, 1)", 1e300, -1e308 },
        { "clip(y - -1e308, -1, 1e308)", 1.7e308, 1e308 },
        { "step(-y - y)", DBL_MAX, 0 },
        { "y*y*0.5", 1e300, DBL_MAX / 2 },
        { "y*y - 1e308", 1e300, DBL_MAX - 1e308 },
        { "1e308 - y*y", 1e300, 1e308 - DBL_MAX },
        { "(y - -1e308)/4", 1.7e308, DBL_MAX / 4 },
        { "mod(y, 3)", -1, 2 },
        { "mod(y, 3)", 7.5, 1.5 },
        { "mod(y, 3)", 6, 0 },
        { "mod(y, 1)", -1e-20, 0 },
        { "mod(y, 1)", -0.25, 0.75 },
        { "mod(y, 0)", 5, 0 },
        { "mod(y, -2)", 5, 0 },
        { "mod(y, 1e-300)", 1e300, 0 },
        { "step(y)", 0, 1 },
        { "step(y)", -5e-324, 0 },
        { "relu(y)", -2, 0 },
        { "relu(y)", 2, 2 },
        { "lt(y, 1)", 1, 0 },
        { "le(y, 1)", 1, 1 },
        { "eq(y, 1)", 1, 1 },
        { "eq(y, 1)", 1.5, 0 },
        { "near(y, 1, 0.5)", 1.5, 1 },
        { "near(y, 1, 0.5)", 0.25, 0 },
        { "near(y, 1e308, 0)", -1e308, 0 },
        { "clip(y, -1, 2)", -5, -1 },
        { "clip(y, -1, 2)", 5, 2 },
        { "min(y, 1)", 5, 1 },
        { "max(y, 1)", 5, 5 },
        { "abs(y)", -5, 5 },
        { "hermite(0, y)", 9, 1 },
        { "hermite(1, y)", 9, 9 },
        { "exp(y)", 0, 1 },
        { "exp(y)", 1e308, DBL_MAX },
        { "exp(y)", -1e308, 0 },
        { "sin(y)", 0, 0 },
        { "cos(y)", 0, 1 },
    };
    struct sb_pool *pool = sb_pool_new(random_space(2));

    (void)state;
    for (size_t i = 0; i < SB_COUNT(cases); i++) {
        struct sb_program *p = sb_program_new(pool, sb_expr_parse(pool, cases[i].text, NULL));
        const struct sb_block block = { .n = 1, .y = &cases[i].t };
        double out;

        sb_program_run(p, &block, &out);
        if (out != cases[i].expected)
            fail_msg("%s at %.17g: %.17g, expected %.17g", cases[i].text, cases[i].t, out,
                     cases[i].expected);
        sb_program_free(p);
    }
    sb_pool_free(pool);
}

static void run_text(const struct sb_pool *pool, sb_expr e, const double *y, uint64_t n,
                     double *out)
{
    struct sb_program *p = sb_program_new(pool, e);
    const struct sb_block block = { .n = n, .y = y };

    sb_program_run(p, &block, out);
    sb_program_free(p);
}

/* He_2, He_3, He_5 over sqrt(k!), and the plain recursion for the middle degrees. */
static void test_hermite(void **state)
{
    static const double t[] = { -2.5, -1, 0, 0.5, 1, 2, 3.25 };
    enum { N = SB_COUNT(t) };
    struct sb_pool *pool = sb_pool_new(random_space(2));
    double h[N];

    (void)state;
    for (int k = 0; k <= 12; k++) {
        char text[32];

        snprintf(text, sizeof text, "hermite(%d, y)", k);
        run_text(pool, sb_expr_parse(pool, text, NULL), t, N, h);
        for (int i = 0; i < N; i++)
            assert_same(h[i], plain_hermite(k, t[i]));
        for (int i = 0; i < N && k == 2; i++)
            assert_near(h[i], (t[i] * t[i] - 1) / sqrt(2), 1e-14);
        for (int i = 0; i < N && k == 3; i++)
            assert_near(h[i], (t[i] * t[i] * t[i] - 3 * t[i]) / sqrt(6), 1e-14);
        for (int i = 0; i < N && k == 5; i++)
            assert_near(h[i], (pow(t[i], 5) - 10 * pow(t[i], 3) + 15 * t[i]) / sqrt(120), 1e-13);
    }
    sb_pool_free(pool);
}

/* Against libm, where both are within an ulp or so; and never NaN, whatever the argument. */
static void test_transcendental(void **state)
{
    struct sb_pool *pool = sb_pool_new(random_space(2));
    const sb_expr sine = sb_expr_parse(pool, "sin(y)", NULL);
    const sb_expr cosine = sb_expr_parse(pool, "cos(y)", NULL);
    const sb_expr power = sb_expr_parse(pool, "exp(y)", NULL);
    struct rng r = { 9 };
    double y[SB_BLOCK], s[SB_BLOCK], c[SB_BLOCK], e[SB_BLOCK];

    (void)state;
    for (int round = 0; round < 20; round++) {
        for (int i = 0; i < SB_BLOCK; i++) {
            const uint64_t bits = rng_next(&r) & ~(UINT64_C(1) << 62); /* up to 2 in size */

            memcpy(&y[i], &bits, sizeof bits);
            if (round % 2)
                y[i] = rng_uniform(&r) * 1400 - 700;
            if (i % 5 == 0)
                y[i] = rng_number(&r) * 1e307;
            if (!(fabs(y[i]) <= DBL_MAX))
                y[i] = 1;
        }
        run_text(pool, sine, y, SB_BLOCK, s);
        run_text(pool, cosine, y, SB_BLOCK, c);
        run_text(pool, power, y, SB_BLOCK, e);
        for (int i = 0; i < SB_BLOCK; i++) {
            assert_near(s[i], sin(y[i]), 3e-16);
            assert_near(c[i], cos(y[i]), 3e-16);
            if (y[i] > -700 && y[i] < 700)
                assert_near(e[i] / exp(y[i]), 1, 1e-15);
            assert_true(e[i] >= 0 && e[i] <= DBL_MAX);
        }
    }
    sb_pool_free(pool);
}

/* SLEEF's functions of a vector and of one number, on corners and at random: each alone beside
 * others of its kind, and all mixed, since a vector may go another way than its elements would. */
static double corner(struct rng *r, uint32_t kind)
{
    const int64_t whole = (int64_t)(rng_next(r) >> (rng_below(r, 2) ? 14 : 44));
    uint64_t bits = rng_next(r);
    double v;

    switch (kind) {
    case 0: /* any number */
        memcpy(&v, &bits, sizeof v);
        return fabs(v) <= DBL_MAX ? v : 1;
    case 1: /* next to multiples of pi/2 */
        v = (double)whole * M_PI_2;
        memcpy(&bits, &v, sizeof v);
        bits += rng_below(r, 5) - UINT64_C(2) * (v != 0);
        memcpy(&v, &bits, sizeof v);
        return v;
    case 2: /* the ends of exp */
        return (rng_below(r, 2)   ? 709.78
                : rng_below(r, 2) ? -708.4
                                  : -745.13) +
               rng_uniform(r) / 10 - 0.05;
    case 3: /* around where SLEEF takes another way */
        return (rng_below(r, 2) ? 15 : rng_below(r, 2) ? -39000 : 1e14) * (1 + rng_uniform(r) / 8);
    case 4: /* subnormal and small */
        return ldexp(rng_uniform(r) - 0.5, -(int)rng_below(r, 1075));
    case 5:
        return rng_number(r) + 0.0;
    default:
        return rng_uniform(r) * 20 - 10;
    }
}

static double one_by_one(int k, double v)
{
    if (k == 0)
        return bounded(Sleef_cinz_sind1_u10purec(v), -1, 1);
    if (k == 1)
        return bounded(Sleef_cinz_cosd1_u10purec(v), -1, 1);
    return bounded(Sleef_cinz_expd1_u10purec(v), 0, DBL_MAX);
}

static void test_transcendental_variants(void **state)
{
    enum { KINDS = 7, BLOCKS = 360 }; /* 1.1e6 numbers with three instruction sets */
    static const char *const texts[] = { "sin(y)", "cos(y)", "exp(y)" };
    static double y[SB_BLOCK], out[SB_BLOCK];
    struct sb_pool *pool = sb_pool_new(random_space(2));
    const int n_blocks = trials(BLOCKS);

    (void)state;
    for (int k = 0; k < 3; k++) {
        struct sb_program *p = sb_program_new(pool, sb_expr_parse(pool, texts[k], NULL));
        struct rng r = { 23 };

        for (int b = 0; b < n_blocks; b++) {
            const struct sb_block block = { .n = SB_BLOCK, .y = y };

            for (int i = 0; i < SB_BLOCK; i++)
                y[i] = corner(&r, b % 2 ? (uint32_t)b / 2 % KINDS : rng_below(&r, KINDS));
            sb_program_run(p, &block, out);
            for (int i = 0; i < SB_BLOCK; i++) {
                const double expected = one_by_one(k, y[i]);

                if (memcmp(&out[i], &expected, sizeof expected) != 0)
                    fail_msg("%s of %a: %a, expected %a", texts[k], y[i], out[i], expected);
            }
        }
        sb_program_free(p);
    }
    sb_pool_free(pool);
}

static enum sb_isa isas[SB_ISAS] = { SB_ISA_BASELINE, SB_ISA_AVX2, SB_ISA_AVX512 };

static int use_isa(void **state)
{
    sb_isa_limit(*(enum sb_isa *)*state);
    return 0;
}

/* All tests with the kernels of each instruction set that the CPU has. */
int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_blocks_against_single_examples),
        cmocka_unit_test(test_wide_expressions),
        cmocka_unit_test(test_batches_at_every_label),
        cmocka_unit_test(test_functions_of_bits),
        cmocka_unit_test(test_overflow_in_a_few_examples),
        cmocka_unit_test(test_program_outlives_the_nodes),
        cmocka_unit_test(test_candidates_must_be_there),
        cmocka_unit_test(test_values_by_hand),
        cmocka_unit_test(test_hermite),
        cmocka_unit_test(test_transcendental),
        cmocka_unit_test(test_transcendental_variants),
    };
    enum { N = SB_COUNT(tests) };
    struct CMUnitTest all[SB_ISAS * N];
    char names[SB_ISAS * N][80];
    size_t n = 0;

    for (int i = 0; i < SB_ISAS; i++) {
        for (size_t k = 0; k < N && sb_isa_has(isas[i]); k++) {
            snprintf(names[n], sizeof names[n], "%s %s", tests[k].name, sb_isa_name(isas[i]));
            all[n] = tests[k];
            all[n].name = names[n];
            all[n].setup_func = use_isa;
            all[n++].initial_state = &isas[i];
        }
    }
    return _cmocka_run_group_tests("eval", all, n, NULL, NULL);
}
