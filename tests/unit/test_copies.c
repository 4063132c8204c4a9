/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reduction copies and family padded: a query of copied coordinates is one of those that are copied, with the same answer, at
 * the same tolerance, one for one; the null has its coordinates copied, too, and against independent ones a single
 * query tells a member. [S2-R3.4] */
#include "estimate/ngca.h"
#include "opened.h"
#include "oracles/access/accesses.h"
#include "oracles/policies/policies.h"
#include "oracles/reductions/reduction.h"
#include "query/eval.h"
#include "rng.h"

#include <errno.h>
#include <math.h>

enum { D = 3, PADDED = 8 }; /* coordinates 0 and 1 are there three times, 2 twice */

static const char *const bases[] = {
    "base=pancakes dimension=3 members=4",
    "base=pushforward dimension=3 members=4 sigma=0.3",
    "base=ngca dimension=3 members=4 means=-0.5,0.9 weights=0.4,0.6 deviations=0.5,0.7",
    "base=pushforward-step dimension=3 members=4",
};

/* An oracle for queries of family `name`, or what stands before it. */
struct asked_of {
    struct opened o;
    struct sb_values values;
    struct sb_oracle_setup oracle;
    struct sb_reduction_setup setup;
    struct sb_reduction through;
    struct sb_pool *pool;
    struct sb_diag diag;
};

#define PICK(list, wanted, out)                                                                    \
    do {                                                                                           \
        size_t pick_i = 0;                                                                         \
        while (strcmp((list)[pick_i]->name, wanted) != 0)                                          \
            pick_i++;                                                                              \
        (out) = (list)[pick_i];                                                                    \
    } while (0)

static void prepare(struct asked_of *a, const char *family, const char *text, const char *access)
{
    const bool examples = strcmp(access, "sample") == 0;
    const struct sb_given given[] = { { .name = "tolerance", .text = "0.05" } };
    const struct sb_param *tables[3];

    memset(a, 0, sizeof *a);
    sb_diag_init(&a->diag);
    opened_new(&a->o, family, text);
    PICK(sb_accesses, access, a->oracle.access);
    PICK(sb_policies, examples ? "fresh" : "exact", a->oracle.policy);
    tables[0] = a->oracle.access->params;
    tables[1] = a->oracle.policy->params;
    tables[2] = sb_oracle_params;
    assert_int_equal(
        sb_values_parse(tables, 3, given, examples ? 0 : 1, NULL, 0, "oracle", &a->values, NULL),
        0);
    a->oracle.values = &a->values;
    a->oracle.budget = a->oracle.sample_budget = 100000;
    a->oracle.public_material = a->oracle.secret_material = sb_digest_of("copies", 6);
    a->setup = (struct sb_reduction_setup){ .family = a->o.family,
                                            .oracle = &a->oracle,
                                            .goal = SB_RECOVER };
    a->pool = sb_pool_new(&a->o.family->space);
}

static int start(struct asked_of *a, const char *reduction)
{
    const struct sb_reduction_class *class =
        reduction ? sb_reduction_find(sb_reductions, reduction) : NULL;

    return sb_reduction_init(class, &a->setup, &a->through, &a->diag);
}

static void open_oracle(struct asked_of *a, const char *family, const char *text,
                        const char *access, const char *reduction, struct sb_hidden hidden)
{
    prepare(a, family, text, access);
    if (start(a, reduction))
        fail_msg("%s: %s", text, a->diag.n_items ? a->diag.items[0].text : "?");
    sb_oracle_hide(a->through.oracle, hidden);
}

static void close_oracle(struct asked_of *a)
{
    sb_reduction_fini(&a->through);
    sb_pool_free(a->pool);
    opened_close(&a->o);
    sb_values_fini(&a->values);
    sb_diag_fini(&a->diag);
}

/* The family that is padded, by its own name and words. */
static void open_base(struct asked_of *a, const char *padded, const char *access,
                      struct sb_hidden hidden)
{
    char name[32];

    assert_int_equal(sscanf(padded, "base=%31s", name), 1);
    open_oracle(a, name, strchr(padded, ' ') + 1, access, NULL, hidden);
}

static void open_padded(struct asked_of *a, const char *padded, const char *access,
                        const char *reduction, struct sb_hidden hidden)
{
    char text[256];

    snprintf(text, sizeof text, "%s padded=%d", padded, PADDED);
    open_oracle(a, "padded", text, access, reduction, hidden);
}

static struct sb_asked ask(struct asked_of *a, struct sb_ask what)
{
    struct sb_asked asked;

    what.pool = a->pool;
    assert_int_equal(sb_reduction_ask_many(&a->through, &what, 1, &asked, &a->diag), 0);
    return asked;
}

static sb_expr parse(struct asked_of *a, const char *text)
{
    const sb_expr e = sb_expr_parse(a->pool, text, &a->diag);

    if (!e)
        fail_msg("%s: %s", text, a->diag.items[a->diag.n_items - 1].text);
    return e;
}

/* Random queries, written out twice: of x', and of x by this test's own sums. */

static void put_dot(struct rng *rng, struct sb_buf *outer, struct sb_buf *inner)
{
    double u[D] = { 0 };

    sb_buf_puts(outer, "dot(");
    for (int j = 0; j < PADDED; j++) {
        const double v = (double)rng_below(rng, 65) / 32 - 1; /* sums are exact */

        u[j % D] += v;
        sb_buf_printf(outer, j ? ",%.17g" : "%.17g", v);
    }
    sb_buf_printf(inner, "dot(%.17g,%.17g,%.17g)", u[0], u[1], u[2]);
    sb_buf_puts(outer, ")");
}

static void put_x(struct rng *rng, struct sb_buf *outer, struct sb_buf *inner)
{
    const uint32_t j = rng_below(rng, PADDED);

    sb_buf_printf(outer, "x%u", j);
    sb_buf_printf(inner, "x%u", j % D);
}

static void put_both(struct sb_buf *outer, struct sb_buf *inner, const char *text)
{
    sb_buf_puts(outer, text);
    sb_buf_puts(inner, text);
}

/* kind 0, 1: by the exact route; 2, 3: products of functions of several projections, sampled. */
static void put_query(struct rng *rng, uint32_t kind, struct sb_buf *outer, struct sb_buf *inner)
{
    char number[64];

    snprintf(number, sizeof number, "-%.3f", rng_uniform(rng));
    put_both(outer, inner, kind == 0 ? "0.5*step(" : kind == 1 ? "0.1*hermite(2," : "0.4*sin(");
    (kind == 1 || kind == 3 ? put_x : put_dot)(rng, outer, inner);
    if (kind == 0)
        put_both(outer, inner, number);
    put_both(outer, inner, kind == 0 ? ")+0.3*cos(" : kind == 1 ? ")*hermite(1," : ")*cos(");
    (kind == 0 || kind == 2 ? put_dot : put_x)(rng, outer, inner);
    put_both(outer, inner, ")");
}

static char *text_of(struct sb_buf *buf)
{
    assert_non_null(sb_buf_str(buf));
    return (char *)buf->data;
}

static void same_bytes(struct asked_of *padded, sb_expr e, struct asked_of *base, sb_expr expected)
{
    struct sb_pool *pool = sb_pool_new(&base->o.family->space);
    const sb_expr folded = sb_expr_fold(padded->pool, e, pool);
    struct sb_buf a, b;

    sb_buf_init(&a);
    sb_buf_init(&b);
    assert_true(folded != 0);
    sb_expr_encode(pool, folded, &a);
    sb_expr_encode(base->pool, expected, &b);
    assert_int_equal(a.n, b.n);
    assert_memory_equal(a.data, b.data, a.n);
    sb_buf_fini(&a);
    sb_buf_fini(&b);
    sb_pool_free(pool);
}

/* Same value, same tolerance, same count; and where no sample is drawn the padded family has the same value itself. */
static void answers_are_equal(const char *text, struct sb_hidden hidden, int n, struct rng *rng)
{
    struct asked_of through, padded, base;

    open_padded(&through, text, "stat", "copies", hidden);
    open_padded(&padded, text, "stat", NULL, hidden);
    open_base(&base, text, "stat", hidden);
    for (int i = 0; i < n; i++) {
        struct sb_buf outer, inner;
        struct sb_asked a, b, c;
        sb_expr e, f;

        sb_buf_init(&outer);
        sb_buf_init(&inner);
        put_query(rng, (uint32_t)i % 4, &outer, &inner);
        e = parse(&through, text_of(&outer));
        f = parse(&base, text_of(&inner));
        same_bytes(&through, e, &base, f);
        a = ask(&through, (struct sb_ask){ .expr = e });
        b = ask(&base, (struct sb_ask){ .expr = f });
        c = ask(&padded, (struct sb_ask){ .expr = parse(&padded, text_of(&outer)) });
        assert_int_equal(a.status, SB_OK);
        assert_int_equal(b.status, SB_OK);
        assert_same(a.reply.answer, b.reply.answer);
        assert_same(a.tolerance, b.tolerance);
        assert_same(a.tolerance, 0.05);
        assert_int_equal(a.seq, b.seq);
        assert_int_equal(a.clipped, b.clipped);
        assert_memory_equal(&a.digest, &c.digest, sizeof a.digest);
        if (i % 4 < 2)
            assert_same(a.reply.answer, c.reply.answer);
        else
            assert_near(a.reply.answer, c.reply.answer, 0.1);
        sb_buf_fini(&outer);
        sb_buf_fini(&inner);
    }
    assert_int_equal(sb_oracle_totals(through.through.oracle)->n_queries, n);
    assert_int_equal(sb_oracle_totals(base.through.oracle)->n_queries, n);
    close_oracle(&through);
    close_oracle(&padded);
    close_oracle(&base);
}

static void test_queries(void **state)
{
    const int n = getenv("STATBED_TEST_VALGRIND") ? 4 : 24;
    struct rng rng = { 34 };

    (void)state;
    for (size_t i = 0; i < SB_COUNT(bases); i++) {
        answers_are_equal(bases[i], (struct sb_hidden){ true, 2 }, n, &rng);
        answers_are_equal(bases[i], (struct sb_hidden){ false, 0 }, n / 2, &rng);
    }
}

/* A callback of x', and the same of x by hand. */
struct called {
    uint32_t dim;
    uint64_t n;
};

static int call(void *self, const struct sb_block *blocks, size_t n_blocks, bool labels,
                double *out)
{
    struct called *c = self;

    (void)labels;
    for (size_t b = 0; b < n_blocks; b++) {
        assert_int_equal(blocks[b].dim, c->dim);
        for (uint64_t i = 0; i < blocks[b].n; i++) {
            double sum = 0;

            for (uint32_t j = 0; j < PADDED; j++) {
                const double x = blocks[b].x[c->dim == PADDED ? j : j % D][i];

                sum += j * x;
                assert_same(x, blocks[b].x[j % D][i]);
            }
            out[b * SB_BLOCK + i] = sum > 1 ? 0.5 : -0.25;
        }
        c->n += blocks[b].n;
    }
    return 0;
}

static void test_callbacks(void **state)
{
    const struct sb_hidden hidden = { true, 1 };
    struct called outer = { .dim = PADDED }, inner = { .dim = D };
    struct sb_asked a, b;
    struct asked_of through, base;

    (void)state;
    open_padded(&through, bases[2], "stat", "copies", hidden);
    open_base(&base, bases[2], "stat", hidden);
    a = ask(&through, (struct sb_ask){ .callback = &(struct sb_callback){ &outer, "phi", call } });
    b = ask(&base, (struct sb_ask){ .callback = &(struct sb_callback){ &inner, "phi", call } });
    assert_int_equal(a.status, SB_OK);
    assert_true(a.has_callback && !a.has_expr);
    assert_same(a.reply.answer, b.reply.answer);
    assert_true(outer.n > 0 && outer.n == inner.n);
    close_oracle(&through);
    close_oracle(&base);
}

/* Columns of n points. */
static void points_of(uint32_t dim, double (*room)[SB_BLOCK], double **x)
{
    for (uint32_t j = 0; j < dim; j++)
        x[j] = room[j];
}

static void test_examples(void **state)
{
    const struct sb_hidden hidden = { true, 3 };
    static double room[2][PADDED][SB_BLOCK], y[SB_BLOCK];
    double *x[2][PADDED];
    struct sb_asked a, b;
    struct asked_of through, base;

    (void)state;
    points_of(PADDED, room[0], x[0]);
    points_of(D, room[1], x[1]);
    open_padded(&through, bases[1], "sample", "copies", hidden);
    open_base(&base, bases[1], "sample", hidden);
    assert_int_equal(
        sb_reduction_samples(&through.through, SB_BLOCK, &(struct sb_points){ .x = x[0] }, y, &a),
        0);
    assert_int_equal(
        sb_reduction_samples(&base.through, SB_BLOCK, &(struct sb_points){ .x = x[1] }, y, &b), 0);
    assert_int_equal(a.status, SB_OK);
    assert_int_equal(a.cost, b.cost);
    assert_true(memcmp(&a.digest, &b.digest, sizeof a.digest) != 0);
    for (uint32_t j = 0; j < PADDED; j++)
        assert_memory_equal(room[0][j], room[1][j % D], sizeof room[0][j]);
    close_oracle(&through);
    close_oracle(&base);
}

/* [x'_0 = x'_d] of the family's law, member or null. */
static double mean_of_break(const char *family, const char *text, struct sb_hidden hidden)
{
    struct asked_of a;
    struct sb_asked asked;
    double answer;

    open_oracle(&a, family, text, "stat", NULL, hidden);
    asked = ask(&a, (struct sb_ask){ .expr = parse(&a, "eq(x0,x3)") });
    assert_int_equal(asked.status, SB_OK);
    answer = asked.reply.answer;
    close_oracle(&a);
    return answer;
}

/* How often x'_0 = x'_d in a sample of the null. */
static int equal_in_null(const char *family, const char *text)
{
    static double room[PADDED][SB_BLOCK], y[SB_BLOCK];
    double *x[PADDED];
    struct opened o;
    struct sb_law null;
    int n = 0;

    points_of(PADDED, room, x);
    opened_new(&o, family, text);
    o.family->null_law(o.family, &null);
    sb_law_sample(&null, sb_key_derive("null", "", 0), 0, SB_BLOCK, &(struct sb_points){ .x = x },
                  y);
    for (int i = 0; i < SB_BLOCK; i++)
        n += x[0][i] == x[D][i];
    opened_close(&o);
    return n;
}

static void test_one_query(void **state)
{
    const char *right = "base=pancakes dimension=3 members=4 padded=8", *wrong = "dimension=8";
    const struct sb_hidden null = { false, 0 };

    (void)state;
    assert_near(mean_of_break("padded", right, (struct sb_hidden){ true, 2 }), 1, 1e-9);
    assert_near(mean_of_break("padded", right, null), 1, 1e-9);
    assert_near(mean_of_break("pancakes", wrong, null), 0, 0.05);
    assert_int_equal(equal_in_null("padded", right), SB_BLOCK);
    assert_int_equal(equal_in_null("pancakes", wrong), 0);
}

/* Densities and what is known of pairs are the base's; a direction is copies of v. */
static void test_family(void **state)
{
    struct opened p, b;
    double value[PADDED], v[D];

    (void)state;
    opened_new(&p, "padded", "base=pancakes dimension=3 members=4 padded=8");
    opened_new(&b, "pancakes", "dimension=3 members=4");
    assert_int_equal(p.family->n_members, 4);
    assert_int_equal(p.family->space.dim, PADDED);
    assert_same(p.family->correlation(p.family, 1, 2), b.family->correlation(b.family, 1, 2));
    assert_same(p.family->space.candidate_ub, b.family->space.candidate_ub);
    sb_ngca_direction(b.family->ngca, 2, v);
    for (int j = 0; j < PADDED; j++)
        value[j] = 7 * v[j % D];
    assert_true(p.family->recovered(p.family, 2, value, PADDED));
    assert_false(p.family->recovered(p.family, 1, value, PADDED));
    assert_false(p.family->recovered(p.family, 2, value, D));
    opened_close(&p);
    opened_close(&b);
}

/* candidate(i) at x' is the base's at x. */
static void test_candidates(void **state)
{
    static double room[PADDED][SB_BLOCK], y[SB_BLOCK], at_copies[SB_BLOCK], at_x[SB_BLOCK];
    double *x[PADDED];
    struct opened p, b;
    struct sb_law law;
    struct sb_block block = { .struct_size = sizeof block, .dim = PADDED, .n = SB_BLOCK };

    (void)state;
    points_of(PADDED, room, x);
    opened_new(&p, "padded", "base=pancakes dimension=3 members=4 padded=8");
    opened_new(&b, "pancakes", "dimension=3 members=4");
    p.family->law(p.family, 1, false, &law);
    sb_law_sample(&law, sb_key_derive("x", "", 0), 0, SB_BLOCK, &(struct sb_points){ .x = x }, y);
    block.x = (const double *const *)x;
    p.family->space.candidates->label(p.family->space.candidates->self, 2, &block, at_copies);
    block.dim = D;
    b.family->space.candidates->label(b.family->space.candidates->self, 2, &block, at_x);
    assert_memory_equal(at_copies, at_x, sizeof at_x);
    p.family->law(p.family, 2, false, &law);
    block.dim = PADDED;
    sb_law_weights(&law, &block, 0, at_copies);
    assert_memory_equal(at_copies, at_x, sizeof at_x);
    opened_close(&p);
    opened_close(&b);
}

static void test_refusals(void **state)
{
    static const char *const cases[][2] = {
        { "base=pancakes dimension=3 m=5", "base pancakes has no parameter 'm'" },
        { "base=pancakes dimension=8 padded=7", "from dimension = 8 to 4096" },
        { "base=pushforward dimension=3 m=4", "m" },
    };
    char message[512];
    struct asked_of a;
    struct opened o;

    (void)state;
    for (size_t i = 0; i < SB_COUNT(cases); i++) {
        assert_int_equal(opened_try(&o, "padded", cases[i][0], message, sizeof message), -EINVAL);
        assert_non_null(strstr(message, cases[i][1]));
        sb_values_fini(&o.values);
    }
    prepare(&a, "pancakes", "dimension=3", "stat");
    assert_int_equal(start(&a, "copies"), -EINVAL);
    assert_non_null(strstr(a.diag.items[0].text, "family pancakes is not a padded one"));
    close_oracle(&a);
    prepare(&a, "padded", "dimension=3", "stat");
    a.setup.gap = 0.1;
    assert_int_equal(start(&a, "copies"), -EINVAL);
    assert_non_null(strstr(a.diag.items[0].text, "leave gap out"));
    close_oracle(&a);
}

/* Numbers that are finite, and add up to none. */
static void test_overflow(void **state)
{
    struct asked_of a;
    struct sb_asked asked;

    (void)state;
    open_oracle(&a, "padded", "base=pancakes dimension=2", "stat", "copies",
                (struct sb_hidden){ true, 0 });
    asked = ask(&a, (struct sb_ask){ .expr = parse(&a, "step(dot(1e308,0,1e308,0))") });
    assert_int_equal(asked.status, SB_SYNTAX);
    assert_non_null(strstr(asked.message, "over fewer coordinates"));
    asked = ask(&a, (struct sb_ask){ .cause = "no such thing" });
    assert_string_equal(asked.message, "no such thing");
    asked = ask(&a, (struct sb_ask){ .expr = parse(&a, "step(x3)") });
    assert_int_equal(asked.status, SB_OK);
    assert_int_equal(asked.seq, 3);
    close_oracle(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_queries),  cmocka_unit_test(test_callbacks),
        cmocka_unit_test(test_examples), cmocka_unit_test(test_one_query),
        cmocka_unit_test(test_family),   cmocka_unit_test(test_candidates),
        cmocka_unit_test(test_refusals), cmocka_unit_test(test_overflow),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
