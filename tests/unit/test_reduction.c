/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reduction lift: answers against the Gaussian truth, counts, refusals, examples and labels, the weak predictor's
 * advantage, and the test of Theorem 4.1. [S0-T2.3] [S0-T3.2] [S0-T4.1] [S0-T5.1] [S0-E7/E8] */
#include "estimate/estimate.h"
#include "estimate/points.h"
#include "numeric/lift.h"
#include "oracles/access/accesses.h"
#include "oracles/families/families.h"
#include "oracles/policies/policies.h"
#include "oracles/reductions/reduction.h"
#include "query/eval.h"
#include "unit.h"

#include <errno.h>
#include <math.h>

enum { WORDS = 16 };

/* A lifted family, an oracle, and the reduction between them. */
struct rig {
    struct sb_values family_values, oracle_values;
    struct sb_family *family;
    const struct sb_lift *lift;
    struct sb_pool *pool;
    struct sb_oracle_setup oracle;
    struct sb_reduction_setup setup;
    struct sb_reduction through;
    struct sb_diag diag;
};

static int parse_values(const struct sb_param *const *tables, size_t n_tables, const char *text,
                        struct sb_values *out)
{
    struct sb_given given[WORDS];
    char *copy = strdup(text), *rest = copy;
    size_t n = 0;
    int error;

    memset(given, 0, sizeof given);
    for (char *word = strsep(&rest, " "); word && *word; word = strsep(&rest, " ")) {
        assert_true(n < WORDS);
        given[n].name = strsep(&word, "=");
        given[n++].text = word;
    }
    error = sb_values_parse(tables, n_tables, given, n, NULL, 0, "test", out, NULL);
    free(copy);
    return error;
}

static const struct sb_family_class *family_named(const char *name)
{
    size_t i = 0;

    while (strcmp(sb_families[i]->name, name) != 0)
        i++;
    return sb_families[i];
}

static const struct sb_access_class *access_named(const char *name)
{
    size_t i = 0;

    while (strcmp(sb_accesses[i]->name, name) != 0)
        i++;
    return sb_accesses[i];
}

static const struct sb_policy_class *policy_named(const char *name)
{
    size_t i = 0;

    while (strcmp(sb_policies[i]->name, name) != 0)
        i++;
    return sb_policies[i];
}

/* All but the reduction itself. family: of class `class`; oracle: "tolerance=0.1". */
static void prepare(struct rig *r, const char *class, const char *family, const char *access,
                    const char *policy, const char *oracle)
{
    const struct sb_family_class *c = family_named(class);

    memset(r, 0, sizeof *r);
    sb_diag_init(&r->diag);
    r->oracle.access = access_named(access);
    r->oracle.policy = policy_named(policy);
    {
        const struct sb_param *const tables[] = { r->oracle.access->params,
                                                  r->oracle.policy->params, sb_oracle_params };

        assert_int_equal(parse_values(&c->params, 1, family, &r->family_values), 0);
        assert_int_equal(parse_values(tables, SB_COUNT(tables), oracle, &r->oracle_values), 0);
    }
    if (sb_family_new(c, &r->family_values, &r->family, &r->diag))
        fail_msg("%s: %s", family, r->diag.n_items ? r->diag.items[0].text : "?");
    r->lift = r->family->lifting ? r->family->lifting->lift : NULL;
    r->pool = sb_pool_new(&r->family->space);
    r->oracle.values = &r->oracle_values;
    r->oracle.budget = 1000;
    r->oracle.label_budget = r->oracle.sample_budget = 1000000;
    r->oracle.public_material = sb_digest_of("public", 6);
    r->oracle.secret_material = sb_digest_of("secret", 6);
    r->setup = (struct sb_reduction_setup){ .family = r->family,
                                            .oracle = &r->oracle,
                                            .goal = SB_PREDICT };
}

static int start(struct rig *r)
{
    return sb_reduction_init(sb_reductions[0], &r->setup, &r->through, &r->diag);
}

static void rig_open(struct rig *r, const char *family, const char *access, const char *policy,
                     const char *oracle)
{
    prepare(r, "lifted", family, access, policy, oracle);
    if (start(r))
        fail_msg("%s: %s", family, r->diag.n_items ? r->diag.items[0].text : "?");
}

static void hide(struct rig *r, uint64_t member)
{
    sb_oracle_hide(r->through.oracle, (struct sb_hidden){ true, member });
}

static void rig_close(struct rig *r)
{
    sb_reduction_fini(&r->through);
    sb_pool_free(r->pool);
    sb_family_free(r->family);
    sb_values_fini(&r->family_values);
    sb_values_fini(&r->oracle_values);
    sb_diag_fini(&r->diag);
}

static sb_expr parse(struct rig *r, const char *text)
{
    const sb_expr e = sb_expr_parse(r->pool, text, &r->diag);

    if (!e)
        fail_msg("%s: %s", text, r->diag.items[r->diag.n_items - 1].text);
    return e;
}

static struct sb_asked ask(struct rig *r, struct sb_ask a)
{
    struct sb_asked asked;

    a.pool = r->pool;
    assert_int_equal(sb_reduction_ask_many(&r->through, &a, 1, &asked, &r->diag), 0);
    return asked;
}

static double fact(const struct rig *r, struct sb_hidden hidden, const char *name)
{
    struct sb_fact facts[SB_FACTS_MAX];
    const size_t n = sb_reduction_facts(&r->through, hidden, facts);

    for (size_t i = 0; i < n; i++)
        if (strcmp(facts[i].name, name) == 0)
            return facts[i].value;
    return NAN;
}

/* ---- queries ---- */

/* The Gaussian truth: the mean of clip(e, -1, 1) under the lifted member's own law, the true network. */
static struct sb_estimate gaussian(struct rig *r, sb_expr e, uint64_t member, double width)
{
    static const double ends[] = { -1, 1 };
    struct sb_law law;
    struct sb_estimate out;
    struct sb_estimate_task task = { .law = &law,
                                     .pool = r->pool,
                                     .expr = sb_pool_op(r->pool, SB_CLIP, ends, 2, &e, 1),
                                     .lo = -1,
                                     .hi = 1,
                                     .tolerance = { SB_RULE_STAT, width },
                                     .share = 1,
                                     .delta = 1e-9,
                                     .key = sb_key_derive("truth", "", 0) };

    r->family->law(r->family, member, false, &law);
    assert_int_equal(sb_estimate(&task, &out), 0);
    return out;
}

static const char *const queries[] = {
    "y",
    "y*step(x0)*2-y",
    "(1-2*step(x0))*(1-2*step(x1))*(1-2*step(x2))*y",
    "near(y, candidate(5), 0.000000001)",
    "sin(3*x0+y)",
    "clip(x1*x2*y, -1, 1)",
    "clip(hermite(2, x0)*y, -1, 1)",
    "3*x0",
};

static void answers_near(struct rig *r, const sb_expr *e, const struct sb_estimate *truth)
{
    const double tau = 0.2;

    for (size_t i = 0; i < SB_COUNT(queries); i++) {
        const struct sb_asked asked = ask(r, (struct sb_ask){ .expr = e[i] });

        assert_int_equal(asked.status, SB_OK);
        assert_int_equal(asked.seq, i + 1);
        assert_same(asked.tolerance, tau);
        assert_true(asked.has_expr && !asked.has_callback);
        if (fabs(asked.reply.answer - truth[i].value) > tau + truth[i].half_width)
            fail_msg("policy %s: %s is answered %.6f, and is %.6f +- %.1e; tau = %g",
                     r->oracle.policy->name, queries[i], asked.reply.answer, truth[i].value,
                     truth[i].half_width, tau);
    }
    assert_same(fact(r, (struct sb_hidden){ true, 5 }, "gaussian_queries"), SB_COUNT(queries));
    assert_same(fact(r, (struct sb_hidden){ true, 5 }, "boolean_queries"), SB_COUNT(queries));
}

static void test_answers(void **state)
{
    static const char *const families[] = {
        "dimension=4 delta=0.01",
        "dimension=5 delta=0.02 m=2 profile=edge",
        "dimension=6 delta=0.05 m=3",
        "dimension=4 lift=dv delta=0.05 marginal=laplace padding=6",
        "base=lwr q=5 p=2 dimension=3 delta=0.02 m=2",
    };
    static const char *const policies[] = { "exact", "extreme" };
    const bool slow = getenv("STATBED_TEST_VALGRIND");

    (void)state;
    for (size_t i = 0; i < SB_COUNT(families); i += slow ? 4 : 1) {
        struct sb_estimate truth[SB_COUNT(queries)];
        sb_expr e[SB_COUNT(queries)];
        struct rig r;

        rig_open(&r, families[i], "stat", "exact", "tolerance=0.2");
        for (size_t k = 0; k < SB_COUNT(queries); k++) {
            e[k] = parse(&r, queries[k]);
            truth[k] = gaussian(&r, e[k], 5, slow ? 0.08 : 0.02);
        }
        for (size_t p = 0; p < SB_COUNT(policies); p++) {
            sb_reduction_fini(&r.through);
            r.oracle.policy = policy_named(policies[p]);
            assert_int_equal(start(&r), 0);
            hide(&r, 5);
            answers_near(&r, e, truth);
        }
        rig_close(&r);
    }
}

/* K n_x >= 32 ln(2 Q / delta) / tau^2, with as few K; under a lazy policy for each member, too. */
static void test_draws(void **state)
{
    static const struct {
        const char *policy;
        double members;
    } cases[] = { { "exact", 1 }, { "eliminate", 16 } };

    (void)state;
    for (size_t i = 0; i < SB_COUNT(cases); i++) {
        struct rig r;
        double all;

        rig_open(&r, "dimension=4 delta=0.01", "stat", cases[i].policy, "tolerance=0.1 delta=1e-3");
        all = 32 * log(2 * 1000 * cases[i].members / 1e-3) / 0.01;
        assert_same(fact(&r, (struct sb_hidden){ false, 0 }, "draws"), ceil(all / 16));
        rig_close(&r);
    }
}

/* A learner's callback that is the expression `e`, by the program that evaluates it. */
struct shown {
    struct sb_program *program;
    const struct sb_space *space;
    uint64_t n_points;
};

static int show(void *self, const struct sb_block *blocks, size_t n_blocks, bool labels,
                double *out)
{
    struct shown *s = self;
    const uint32_t n_slots = labels ? sb_space_n_slots(s->space) : 1;
    double y[SB_BLOCK];

    for (size_t b = 0; b < n_blocks; b++) {
        struct sb_block block = blocks[b];

        assert_true(block.n == SB_BLOCK || b + 1 == n_blocks);
        s->n_points += block.n;
        for (uint32_t l = 0; l < n_slots; l++) {
            if (labels)
                sb_space_label(s->space, l, &block, y);
            block.y = labels ? y : NULL;
            sb_program_run(s->program, &block, out + (b * n_slots + l) * SB_BLOCK);
        }
    }
    return 0;
}

static void test_callbacks(void **state)
{
    static const char *const cases[][3] = {
        { "stat", "sin(3*x0+y)*0.5", "dimension=4 delta=0.01" },
        { "csq", "(1-2*step(x0))*sin(x1)", "dimension=4 delta=0.01 profile=edge m=2" },
        { "csq", "(1-2*step(x0))*(1-2*step(x2))*cos(0.3*x1)", "dimension=4 delta=0.02 m=2" },
        { "csq", "(1-2*step(x0))*(1-2*step(x2))*cos(0.3*x1)", "dimension=4 delta=0.15 lift=dv" },
    };

    (void)state;
    for (size_t i = 0; i < SB_COUNT(cases); i++) {
        struct rig r;
        struct shown shown;
        struct sb_callback callback = { &shown, "phi", show };
        struct sb_asked a, b, again;
        sb_expr e;

        rig_open(&r, cases[i][2], cases[i][0], "exact", "tolerance=0.1");
        hide(&r, 5);
        e = parse(&r, cases[i][1]);
        shown = (struct shown){ sb_program_new(r.pool, e), &r.family->space, 0 };
        a = ask(&r, (struct sb_ask){ .expr = e });
        sb_reduction_fini(&r.through);
        assert_int_equal(start(&r), 0); /* the same query number, and so the same draws */
        hide(&r, 5);
        b = ask(&r, (struct sb_ask){ .callback = &callback });
        assert_int_equal(b.status, SB_OK);
        assert_true(b.has_callback && !b.has_expr);
        assert_same(a.reply.answer, b.reply.answer);
        assert_true((double)shown.n_points ==
                    16 * fact(&r, (struct sb_hidden){ true, 5 }, "draws"));
        again = ask(&r, (struct sb_ask){ .callback = &callback });
        assert_true(again.reply.answer !=
                    b.reply.answer); /* fresh draws: adaptive queries share none */
        if (r.oracle.access->without_label) {
            char labelled[128];
            struct sb_estimate truth;

            snprintf(labelled, sizeof labelled, "y*%s", cases[i][1]);
            truth = gaussian(&r, parse(&r, labelled), 5, 0.005);

            /* what is not the inner oracle's half of the tolerance */
            assert_near(a.reply.answer, truth.value, 0.05 + truth.half_width);
            assert_true(strstr(cases[i][2], "edge") || truth.value < -0.2);
        }
        sb_program_free(shown.program);
        rig_close(&r);
    }
}

/* What depends on a secret does not reach the learner where the answers are the null's. */
static void test_secrets_with_equal_answers(void **state)
{
    struct sb_asked asked[2][SB_COUNT(queries)];

    (void)state;
    for (uint64_t s = 0; s < 2; s++) {
        struct rig r;

        rig_open(&r, "dimension=6 delta=0.02 m=2", "stat", "reference", "tolerance=0.5");
        hide(&r, s ? 33 : 19);
        for (size_t i = 0; i < SB_COUNT(queries); i++)
            asked[s][i] = ask(&r, (struct sb_ask){ .expr = parse(&r, queries[i]) });
        rig_close(&r);
    }
    for (size_t i = 0; i < SB_COUNT(queries); i++) {
        assert_memory_equal(&asked[0][i].digest, &asked[1][i].digest, sizeof asked[0][i].digest);
        assert_true(asked[0][i].reply.from_null && asked[1][i].reply.from_null);
        assert_same(asked[0][i].reply.answer, asked[1][i].reply.answer);
    }
}

static int wild(void *self, const struct sb_block *blocks, size_t n_blocks, bool labels,
                double *out)
{
    (void)self;
    for (size_t i = 0; i < n_blocks * (labels ? 2 : 1) * SB_BLOCK; i++)
        out[i] = 0;
    out[5] = blocks[0].n > 5 ? 1.5 : 0;
    return 0;
}

static void test_refused_queries(void **state)
{
    struct sb_callback callback = { NULL, "phi", wild };
    struct sb_asked asked;
    struct rig r;

    (void)state;
    rig_open(&r, "dimension=4 delta=0.01", "stat", "exact", "tolerance=0.1");
    hide(&r, 5);
    asked = ask(&r, (struct sb_ask){ .expr = parse(&r, "y"), .tolerance = 0.05 });
    assert_int_equal(asked.status, SB_TOLERANCE);
    assert_non_null(strstr(asked.message, "0.05 was asked for"));
    assert_non_null(strstr(asked.message, "(0.1)")); /* what the learner was told, not its half */
    asked = ask(&r, (struct sb_ask){ .cause = "no such thing" });
    assert_int_equal(asked.status, SB_SYNTAX);
    assert_string_equal(asked.message, "no such thing");
    asked = ask(&r, (struct sb_ask){ .callback = &callback });
    assert_int_equal(asked.status, SB_RANGE);
    assert_non_null(strstr(asked.message, "1.5 at z = ("));
    asked = ask(&r, (struct sb_ask){ .expr = parse(&r, "y"), .access = SB_VSTAT });
    assert_int_equal(asked.status, SB_REFUSED);
    asked = ask(&r, (struct sb_ask){ .expr = parse(&r, "y"), .tolerance = 0.2 });
    assert_int_equal(asked.status, SB_OK);
    assert_same(asked.tolerance, 0.2);
    assert_int_equal(asked.seq, 5);
    assert_same(fact(&r, (struct sb_hidden){ true, 5 }, "gaussian_queries"), 5);
    assert_same(fact(&r, (struct sb_hidden){ true, 5 }, "boolean_queries"), 5);
    rig_close(&r);
    rig_open(&r, "dimension=4 delta=0.01", "csq", "exact", "tolerance=0.1");
    asked = ask(&r, (struct sb_ask){ .expr = parse(&r, "y*step(x0)") });
    assert_int_equal(asked.status, SB_REFUSED);
    assert_non_null(strstr(asked.message, "leave y out"));
    rig_close(&r);
}

static void refuses(struct rig *r, const char *why)
{
    assert_int_equal(start(r), -EINVAL);
    if (r->diag.n_items != 1 || !strstr(r->diag.items[0].text, why))
        fail_msg("'%s' does not say '%s'", r->diag.n_items ? r->diag.items[0].text : "", why);
    rig_close(r);
}

static void test_refused_settings(void **state)
{
    struct rig r;

    (void)state;
    prepare(&r, "parity", "dimension=4 labels=01", "stat", "exact", "tolerance=0.1");
    refuses(&r, "reduction lift: family parity is not a lifted one");
    prepare(&r, "lifted", "dimension=4 delta=0.01", "vstat", "exact", "t=100");
    refuses(&r, "does not map by a factor; take stat or csq");
    prepare(&r, "lifted", "dimension=4 delta=0.01", "lipschitz", "exact", "tolerance=0.1 lambda=1");
    refuses(&r, "take stat or csq");
    prepare(&r, "lifted", "dimension=25 delta=0.001 m=3", "stat", "exact", "tolerance=0.1");
    refuses(&r, "at most 2^24 points");
    prepare(&r, "lifted", "dimension=6 delta=0.02777777777777778", "stat", "exact",
            "tolerance=0.05");
    refuses(&r, "= 0.01074, which Theorem 3.2 wants at most an eighth of the tolerance 0.05");
    prepare(&r, "lifted", "dimension=4 delta=0.01", "sample", "fresh", "");
    r.oracle.grants = SB_LABEL;
    refuses(&r, "take family.lift: dv");
    prepare(&r, "lifted", "dimension=4 delta=0.01", "stat", "eliminate", "tolerance=0.1");
    r.setup.goal = SB_DISTINGUISH;
    r.setup.gap = 0.1;
    refuses(&r, "policy eliminate hides nothing before the run ends");
    prepare(&r, "lifted", "dimension=4 delta=0.01", "stat", "exact", "tolerance=0.1");
    r.setup.goal = SB_DISTINGUISH;
    r.setup.gap = 0.3;
    refuses(&r, "more than the labels' variance, 0.25");
    prepare(&r, "lifted", "dimension=4 delta=0.01", "stat", "exact", "tolerance=1e-5");
    r.oracle.budget = 1;
    refuses(&r, "oracle.tolerance");
}

/* The delta and the tolerance that the refusal names do, and little more does not. */
static void test_what_a_refusal_names(void **state)
{
    static const struct {
        double delta, tau;
        bool does;
    } cases[] = { { 0.0277, 0.0861, true },
                  { 0.0277, 0.085, false },
                  { 0.0209, 0.05, true },
                  { 0.0210, 0.05, false } };

    (void)state;
    for (size_t i = 0; i < SB_COUNT(cases); i++) {
        char family[64], oracle[64];
        struct rig r;

        snprintf(family, sizeof family, "dimension=6 delta=%g", cases[i].delta);
        snprintf(oracle, sizeof oracle, "tolerance=%g", cases[i].tau);
        prepare(&r, "lifted", family, "stat", "exact", oracle);
        assert_int_equal(start(&r), cases[i].does ? 0 : -EINVAL);
        if (!cases[i].does)
            print_message("# %s\n", r.diag.items[0].text);
        rig_close(&r);
    }
}

/* ---- examples and labels ---- */

enum { MOST = 1 << 15 };

struct points {
    struct sb_points points;
    double *x[16], *y;
};

static void points_open(struct points *p, uint32_t dim, uint64_t n)
{
    memset(p, 0, sizeof *p);
    for (uint32_t j = 0; j < dim; j++)
        p->x[j] = calloc(n, sizeof(double));
    p->y = calloc(n, sizeof(double));
    p->points.x = p->x;
}

static void points_close(struct points *p)
{
    for (size_t j = 0; j < SB_COUNT(p->x); j++)
        free(p->x[j]);
    free(p->y);
}

static struct sb_block block_at(const struct points *p, uint32_t dim, uint64_t from, uint64_t n,
                                const double **x)
{
    for (uint32_t j = 0; j < dim; j++)
        x[j] = p->x[j] + from;
    return (struct sb_block){
        .struct_size = sizeof(struct sb_block), .dim = dim, .n = n, .x = x, .y = p->y + from
    };
}

/* [S0-E7/E8] Examples' labels are the true network's where n <= m, and elsewhere seldom; their points are Gaussian
 * as far as the means of x and of its square tell. */
static void examples_are_lifted(const char *family)
{
    const struct sb_hidden hidden = { true, 5 };
    struct points p;
    struct sb_law law;
    struct sb_asked asked;
    struct rig r;
    double y[SB_BLOCK], sum = 0, square = 0, n_other = 0;
    uint8_t beyond[SB_BLOCK];
    const double *x[16];
    uint32_t dim;

    rig_open(&r, family, "sample", "fresh", "");
    dim = r.family->space.dim;
    points_open(&p, dim, MOST);
    hide(&r, 5);
    assert_int_equal(sb_reduction_samples(&r.through, MOST, &p.points, p.y, &asked), 0);
    assert_int_equal(asked.status, SB_OK);
    r.family->law(r.family, 5, true, &law);
    for (uint64_t from = 0; from < MOST; from += SB_BLOCK) {
        const struct sb_block block = block_at(&p, dim, from, SB_BLOCK, x);

        law.class->labels(&law, sb_key_derive("", "", 0), 0, &block, y);
        sb_lift_beyond(r.lift, &block, beyond);
        for (int i = 0; i < SB_BLOCK; i++) {
            if (!beyond[i])
                assert_near(p.y[from + (uint64_t)i], y[i], 1e-9);
            n_other += fabs(p.y[from + (uint64_t)i] - y[i]) > 1e-9;
            for (uint32_t j = 0; j < dim; j++) {
                sum += x[j][i];
                square += x[j][i] * x[j][i];
            }
        }
    }
    /* at most miss of them: by Chernoff's bound 5 deviations and a few more are a chance below 1e-6 */
    assert_true(n_other <= MOST * r.lift->miss + 6 * sqrt(MOST * r.lift->miss) + 12);
    assert_near(sum / (MOST * dim), 0, 5 / sqrt(MOST * dim));
    assert_near(square / (MOST * dim), 1, 5 * sqrt(2) / sqrt(MOST * dim));
    assert_near(fact(&r, hidden, "tv"), fmin(1, MOST * r.lift->miss), 1e-12);
    points_close(&p);
    rig_close(&r);
}

static void test_examples(void **state)
{
    (void)state;
    examples_are_lifted("dimension=6 delta=0.02777777777777778");
    examples_are_lifted("dimension=6 delta=0.2 m=2 profile=edge");
    examples_are_lifted("dimension=5 delta=0.3 lift=dv padding=8");
}

/* [S0-T5.1] Labels at points of the learner's choice, ramps among them, are the dv member's own, one query each.
 * The compressed lift's, simulated so, are others at some point where n > m. */
static void test_labels(void **state)
{
    struct points p;
    struct sb_asked asked;
    struct sb_law law;
    struct rig r;
    double y[SB_BLOCK], value[SB_BLOCK], rule[SB_BLOCK];
    const double *x[16];
    struct sb_block block;
    uint64_t n_other = 0;

    (void)state;
    rig_open(&r, "dimension=6 delta=0.4 lift=dv", "label", "fresh", "");
    points_open(&p, 6, SB_BLOCK);
    hide(&r, 21);
    for (uint32_t j = 0; j < 6; j++) {
        sb_random_gauss(sb_key_derive("z", "", 0), j, 0, SB_BLOCK, p.x[j]);
        for (int i = 0; i < SB_BLOCK; i += 3) /* into the ramps */
            p.x[j][i] *= 0.3;
    }
    p.x[0][7] = 0; /* on the boundary */
    assert_int_equal(sb_reduction_labels(&r.through, SB_BLOCK, &p.points, p.y, &asked), 0);
    assert_int_equal(asked.status, SB_OK);
    assert_int_equal(sb_oracle_totals(r.through.oracle)->n_labels, SB_BLOCK);
    r.family->law(r.family, 21, true, &law);
    block = block_at(&p, 6, 0, SB_BLOCK, x);
    law.class->labels(&law, sb_key_derive("", "", 0), 0, &block, y);
    for (int i = 0; i < SB_BLOCK; i++)
        assert_same(p.y[i], y[i]);
    p.x[2][9] = NAN;
    assert_int_equal(sb_reduction_labels(&r.through, SB_BLOCK, &p.points, p.y, &asked), 0);
    assert_int_equal(asked.status, SB_REFUSED);
    assert_non_null(strstr(asked.message, "point 9 of the call is not in the domain"));
    p.x[2][9] = 0.1;
    rig_close(&r);

    rig_open(&r, "dimension=6 delta=0.4 m=1", "sample", "fresh", "");
    r.family->law(r.family, 21, true, &law);
    law.class->labels(&law, sb_key_derive("", "", 0), 0, &block, y);
    sb_law_weights(&law, &block, 1, value); /* Pr[the base's label is 1]: 0 or 1 */
    sb_lift_rule(r.lift, &block, value, rule);
    for (int i = 0; i < SB_BLOCK; i++) {
        uint8_t beyond[SB_BLOCK];

        sb_lift_beyond(r.lift, &block, beyond);
        if (fabs(rule[i] - y[i]) < 1e-6)
            continue;
        assert_true(beyond[i]);
        n_other++;
    }
    assert_true(n_other > 0);
    rig_close(&r);
    points_close(&p);
}

/* [S0-T5.1] B(x) = fhat(z) clipped, z given x, has loss at most (sqrt eps + sqrt eta)^2 against f, eps the loss of fhat
 * against the dv member and eta = 1 - (1 - 2 rho)^d. */
static void label_inequality(double noise)
{
    enum { N = 1 << 14 };
    const double *x[16];
    struct points p;
    struct sb_asked asked;
    struct sb_law law;
    struct rig r;
    double f[SB_BLOCK], eps = 0, loss = 0, eta;

    rig_open(&r, "dimension=6 delta=0.05 lift=dv", "sample", "fresh", "");
    points_open(&p, 6, N);
    hide(&r, 21);
    assert_int_equal(sb_reduction_samples(&r.through, N, &p.points, p.y, &asked), 0);
    r.family->law(r.family, 21, true, &law);
    for (uint64_t from = 0; from < N; from += SB_BLOCK) {
        const struct sb_block block = block_at(&p, 6, from, SB_BLOCK, x);

        sb_law_weights(&law, &block, 1, f); /* f(thres(z)), 0 or 1 */
        for (int i = 0; i < SB_BLOCK; i++) {
            const double fhat = p.y[from + (uint64_t)i] + noise * sin(5 * x[0][i]);
            const double b = fhat < 0 ? 0 : fhat > 1 ? 1 : fhat;

            eps += pow(fhat - p.y[from + (uint64_t)i], 2) / N;
            loss += pow(b - f[i], 2) / N;
        }
    }
    eta = 1 - pow(1 - 2 * r.lift->rho, 6);
    assert_true(loss > 0);
    assert_true(loss <= pow(sqrt(eps) + sqrt(eta), 2) + 5 / sqrt(N));
    points_close(&p);
    rig_close(&r);
}

static void test_label_inequality(void **state)
{
    (void)state;
    label_inequality(0);
    label_inequality(0.4);
}

/* ---- the weak predictor ---- */

/* Without error B is f on G: the mean over x, all gone through, of Pr[G | x] (1/2 - f)^2. */
static double exact_advantage(const struct rig *r, uint64_t member)
{
    const struct sb_family *base = r->through.inner;
    const uint64_t size = sb_space_size(&base->space);
    const double q = r->lift->setup.q, delta = r->lift->setup.delta;
    struct sb_point_room x;
    struct sb_law law;
    double sum = 0;

    base->law(base, member, true, &law);
    assert_int_equal(sb_point_room_init(&x, &base->space), 0);
    for (uint64_t i = 0; i < size; i++) {
        double w, gain = 0, mass = 1;

        sb_point_room_domain(&x, i, 1);
        for (uint32_t l = 0; l < base->space.n_labels; l++) {
            sb_law_weights(&law, &x.block, l, &w);
            gain += w * pow(0.5 - base->space.labels[l], 2);
        }
        for (uint32_t j = 0; j < base->space.dim; j++) {
            const double cell = x.block.bits ? (double)(x.block.bits[0] >> j & 1) : x.block.x[j][0];

            mass *= 1 - delta * ((cell > 0) + (cell < q - 1));
        }
        sum += mass * gain;
    }
    sb_point_room_fini(&x);
    if (strstr(sb_values_text(&r->family_values, "profile"), "edge")) /* q = 2: alike for all x */
        sum *= fact(r, (struct sb_hidden){ true, member }, "good") /
               pow(1 - delta, r->lift->setup.dim);
    return sum / (double)size;
}

/* fhat is the hidden member itself, and noise on top: its advantage is at least what Theorem 2.3 has of it; without
 * noise it is Pr[G]/4, for the labels are 0 or 1. */
static void advantage_is_right(const char *family, uint64_t member, double noise)
{
    const struct sb_hidden hidden = { true, member };
    char text[128];
    const double eps = noise * noise / 2; /* but for exp(-50) */
    double good, lb, ub;
    sb_expr fhat;
    struct rig r;

    rig_open(&r, family, "sample", "fresh", "");
    snprintf(text, sizeof text, "candidate(%d)+%g*sin(5*x0)", (int)member, noise);
    fhat = parse(&r, text);
    assert_int_equal(sb_reduction_predictor_expr(&r.through, r.pool, fhat, hidden), 0);
    good = fact(&r, hidden, "good");
    lb = fact(&r, hidden, "advantage_lb");
    ub = fact(&r, hidden, "advantage_ub");
    print_message("# %s, noise %g: Pr[G] = %.6g, advantage in [%.6g, %.6g]\n", family, noise, good,
                  lb, ub);
    if (noise == 0) {
        const double exact = exact_advantage(&r, member);

        assert_true(lb <= exact && exact <= ub * (1 + 1e-9));
        assert_true(ub - lb < 0.02 * good);
        if (r.lift->setup.q == 2)
            assert_near(exact, good / 4, 1e-12 * good);
    } else {
        const bool edge = strstr(family, "edge") != NULL;
        const double scale = edge ? 4.0 * r.lift->setup.dim * r.lift->setup.dim : 1;

        assert_true(good / 4 - scale * eps > 0.1 * good); /* it says something */
        assert_true(ub >= good / 4 - scale * eps);
        assert_true(lb < good / 4);
    }
    rig_close(&r);
}

/* Pr[G] by the formula of claims.md, and with all that the parameters can do to it. */
static void test_good_set(void **state)
{
    static const struct {
        const char *family;
        double d, delta;
        bool edge;
    } cases[] = { { "dimension=14 delta=0.00510204081632653 profile=edge", 14, 1.0 / 196, true },
                  { "dimension=6 delta=0.05", 6, 0.05, false } };

    (void)state;
    for (size_t i = 0; i < SB_COUNT(cases); i++) {
        const double d = cases[i].d, delta = cases[i].delta;
        struct rig r;
        double expected = pow(1 - delta, d);

        rig_open(&r, cases[i].family, "sample", "fresh", "");
        if (cases[i].edge) {
            const struct sb_lift_boundary *b = &r.lift->boundary[0];
            const double w = (b->rl - b->sl) / d;

            expected = pow(1 - delta, d - 1) *
                       (erfc(-(b->sl + w) / sqrt(2)) - erfc(-(b->sl + w / 2) / sqrt(2)));
        }
        assert_near(fact(&r, (struct sb_hidden){ true, 0 }, "good"), expected, 1e-12 * expected);
        rig_close(&r);
    }
}

static void test_advantage(void **state)
{
    (void)state;
    advantage_is_right("dimension=8 delta=0.015625 profile=edge", 77, 0);
    advantage_is_right("dimension=6 delta=0.1 lift=dv marginal=uniform", 5, 0);
    advantage_is_right("base=lwr q=5 p=2 dimension=3 delta=0.2 m=2", 31, 0);
    advantage_is_right("dimension=6 delta=0.05 m=2", 5, 0.3);
    if (getenv("STATBED_TEST_VALGRIND")) /* the others are of the same memory */
        return;
    advantage_is_right("dimension=6 delta=0.05 m=2", 5, 0);
    advantage_is_right("base=lwr q=7 p=3 dimension=3 delta=0.2 lift=dv", 31, 0);
    advantage_is_right("dimension=6 delta=0.05 m=2 profile=edge", 5, 0.001);
}

/* ---- the distinguisher of Theorem 4.1 ---- */

enum { REPEATS = 200, FEW = 40 };

/* How often the test says that a member is hidden, over fresh secrets. */
static int says_planted(struct rig *r, const char *predictor, struct sb_hidden hidden, int repeats,
                        double *loss)
{
    int n = 0;

    for (int repeat = 0; repeat < repeats; repeat++) {
        r->oracle.secret_material = sb_digest_of(&repeat, sizeof repeat);
        if (start(r))
            fail_msg("%s", r->diag.items[0].text);
        assert_true(r->through.tests);
        sb_oracle_hide(r->through.oracle, hidden);
        assert_int_equal(
            sb_reduction_predictor_expr(&r->through, r->pool, parse(r, predictor), hidden), 0);
        assert_true(r->through.tested);
        n += r->through.verdict;
        *loss = fact(r, hidden, "test_loss");
        sb_reduction_fini(&r->through);
    }
    return n;
}

static void distinguishes(const char *family, const char *gap, bool cheats, int repeats)
{
    const char *predictor = cheats ? "candidate(5)" : "0.2";
    double loss[2];
    struct rig r;
    int planted, null;

    prepare(&r, "lifted", family, "sample", "fresh", "delta=0.001");
    r.setup.goal = SB_DISTINGUISH;
    r.setup.gap = strtod(gap, NULL);
    planted = says_planted(&r, predictor, (struct sb_hidden){ true, 5 }, repeats, &loss[0]);
    null = says_planted(&r, predictor, (struct sb_hidden){ false, 0 }, repeats, &loss[1]);
    print_message("# %s, %s: %d and %d of %d, last losses %.4f and %.4f\n", family, predictor,
                  planted, null, repeats, loss[0], loss[1]);
    /* a chance of at most 0.001 each: four of 200 have one of 5e-5, eight of 2e-12 */
    assert_true(cheats ? planted >= repeats - 8 : planted <= 8);
    assert_true(null <= 8);
    rig_close(&r);
}

static void test_distinguisher(void **state)
{
    const int part = getenv("STATBED_TEST_VALGRIND") ? 4 : 1;

    (void)state;
    distinguishes("dimension=6 delta=0.05 m=2", "0.1", true, REPEATS / part);
    distinguishes("dimension=6 delta=0.05 m=2", "0.1", false, REPEATS / part);
    distinguishes("base=lwr q=5 p=2 dimension=3 delta=0.1 m=2", "0.055", true, FEW / part);
    distinguishes("dimension=6 delta=0.05 m=2 profile=edge", "0.2", true, FEW / part);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_answers),
        cmocka_unit_test(test_draws),
        cmocka_unit_test(test_callbacks),
        cmocka_unit_test(test_secrets_with_equal_answers),
        cmocka_unit_test(test_refused_queries),
        cmocka_unit_test(test_refused_settings),
        cmocka_unit_test(test_what_a_refusal_names),
        cmocka_unit_test(test_examples),
        cmocka_unit_test(test_labels),
        cmocka_unit_test(test_label_inequality),
        cmocka_unit_test(test_good_set),
        cmocka_unit_test(test_advantage),
        cmocka_unit_test(test_distinguisher),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
