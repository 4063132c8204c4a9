/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The family lifted: its parameters, labels and laws; queries by the exact route, against sums over x and the ramps
 * and against examples of the true network. */
#include "estimate/estimate.h"
#include "estimate/lift_table.h"
#include "numeric/lift_sum.h"
#include "numeric/network.h"
#include "oracles/families/families.h"
#include "query/eval.h"
#include "query/signs.h"
#include "unit.h"

#include <errno.h>
#include <gsl/gsl_integration.h>
#include <math.h>

enum { WORDS = 16, MOST_DIM = 64 };

extern const struct sb_family_class sb_family_lifted;

struct rig {
    struct sb_values values;
    struct sb_family *family;
    const struct sb_lift *lift;
    struct sb_pool *pool;
};

/* "key=value key=value" */
static int try_family(struct rig *r, const char *text, struct sb_diag *diag)
{
    const struct sb_family_class *class = &sb_family_lifted;
    struct sb_given given[WORDS];
    char *copy = strdup(text), *rest = copy;
    size_t n = 0;
    int error;

    memset(r, 0, sizeof *r);
    memset(given, 0, sizeof given);
    for (char *word = strsep(&rest, " "); word; word = strsep(&rest, " ")) {
        assert_true(n < WORDS);
        given[n].name = strsep(&word, "=");
        given[n++].text = word;
    }
    error =
        sb_values_parse(&class->params, 1, given, n, NULL, 0, "family lifted", &r->values, diag);
    if (!error) {
        error = sb_family_new(class, &r->values, &r->family, diag);
        if (error)
            sb_values_fini(&r->values);
    }
    free(copy);
    return error;
}

static void open_family(struct rig *r, const char *text)
{
    struct sb_diag diag;

    sb_diag_init(&diag);
    if (try_family(r, text, &diag))
        fail_msg("%s: %s", text, diag.n_items ? diag.items[0].text : "?");
    sb_diag_fini(&diag);
    r->lift = r->family->lifting->lift;
    r->pool = sb_pool_new(&r->family->space);
    assert_non_null(r->pool);
}

static void close_family(struct rig *r)
{
    sb_pool_free(r->pool);
    sb_family_free(r->family);
    sb_values_fini(&r->values);
}

static sb_expr parse(struct rig *r, const char *text)
{
    struct sb_diag diag;
    sb_expr e;

    sb_diag_init(&diag);
    e = sb_expr_parse(r->pool, text, &diag);
    if (!e)
        fail_msg("%s: %s", text, diag.items[0].text);
    sb_diag_fini(&diag);
    return e;
}

/* ---- parameters ---- */

static void refuses(const char *text, const char *why)
{
    struct rig r;
    struct sb_diag diag;

    sb_diag_init(&diag);
    assert_int_equal(try_family(&r, text, &diag), -EINVAL);
    assert_true(diag.n_items > 0);
    if (!strstr(diag.items[0].text, why))
        fail_msg("%s: %s; expected: %s", text, diag.items[0].text, why);
    sb_diag_fini(&diag);
}

static void test_bad_input(void **state)
{
    (void)state;
    refuses("dimension=4 m=4", "m = 4");
    refuses("dimension=4 delta=0.75", "delta");
    refuses("dimension=4 q=1", "q = 1");
    refuses("dimension=4 q=3", "q = 3, and base parity has the modulus 2");
    refuses("dimension=4 p=3", "base parity has no parameter 'p'");
    refuses("dimension=4 base=parrot", "there is no such family to lift");
    refuses("dimension=4 base=parrot lift=dv", "parity");
    refuses("dimension=4 base=lifted", "there is no such family to lift");
    refuses("dimension=4 base=conjunction literals=2", "take lift = dv");
    refuses("dimension=4 base=ggj-network", "does not fit");
    refuses("dimension=4 lift=dv profile=edge", "profile = edge");
    refuses("dimension=4 padding=3", "padding = 3");
    refuses("dimension=4 sparsity=5", "sparsity");
    refuses("dimension=40 m=20 delta=0.5", "terms of N3");
}

/* C(n, k) */
static double choose(unsigned n, unsigned k)
{
    return k > n ? 0 : round(exp(lgamma(n + 1.0) - lgamma(k + 1.0) - lgamma(n - k + 1.0)));
}

static double terms_at(unsigned n, unsigned m)
{
    double count = 0;

    for (unsigned size = 0; size <= m; size++)
        count += choose(n, size) * (m - size + 1);
    return count;
}

static bool chosen_labels(const char *text)
{
    struct rig r;
    struct sb_law law;
    bool given;

    open_family(&r, text);
    r.family->law(r.family, 1, false, &law);
    given = law.class->labels;
    close_family(&r);
    return given;
}

/* What takes too long is not granted, or no family at all (test_bad_input). */
static void test_time(void **state)
{
    struct rig r;
    double mean = 0;

    (void)state;
    open_family(&r, "dimension=9 m=3 delta=0.4");
    for (unsigned n = 0; n <= 9; n++) {
        assert_near(sb_lift_n3_terms(r.lift, n), terms_at(n, 3), 0);
        mean += n > 3 ? choose(9, n) * pow(0.4, n) * pow(0.6, 9 - n) * terms_at(n, 3) : 0;
    }
    assert_near(sb_lift_mean_terms(r.lift), mean, 1e-9 * mean);
    close_family(&r);
    assert_true(chosen_labels("dimension=63 m=4"));
    assert_false(chosen_labels("dimension=63 m=8"));
    assert_true(chosen_labels("dimension=63 lift=dv m=8"));
}

/* ---- labels and laws ---- */

/* A block of the family's own points. */
struct points {
    double *column[4096];
    struct sb_block block;
    struct sb_points room;
};

static void open_points(struct points *p, uint32_t dim)
{
    for (uint32_t j = 0; j < dim; j++)
        p->column[j] = calloc(SB_BLOCK, sizeof(double));
    p->room = (struct sb_points){ .x = p->column };
    p->block = (struct sb_block){ .struct_size = sizeof p->block,
                                  .dim = dim,
                                  .n = SB_BLOCK,
                                  .x = (const double *const *)p->column };
}

static void close_points(struct points *p)
{
    for (uint32_t j = 0; j < p->block.dim; j++)
        free(p->column[j]);
}

static struct sb_key test_key(void)
{
    return sb_key_derive("test lifted", "", 0);
}

/* Examples carry the network's label; where at most m coordinates are in ramps it is one of those listed, of
 * weight 1; the null's is always listed. */
static void test_examples(void **state)
{
    static const char *const families[] = {
        "dimension=5 m=1 delta=0.3",
        "dimension=5 m=2 profile=edge delta=0.3",
        "dimension=6 lift=dv delta=0.2",
        "dimension=5 m=1 delta=0.3 marginal=laplace padding=9",
        "dimension=5 base=conjunction literals=2 lift=dv delta=0.3",
    };
    static struct points p;
    double y[SB_BLOCK], again[SB_BLOCK], listed[2][SB_BLOCK], w[2][SB_BLOCK];

    (void)state;
    for (size_t t = 0; t < SB_COUNT(families); t++) {
        struct rig r;
        struct sb_law law;
        uint8_t beyond[SB_BLOCK];
        uint32_t n_beyond = 0;

        open_family(&r, families[t]);
        open_points(&p, r.family->space.dim);
        for (int planted = 0; planted < 2; planted++) {
            sb_family_law(r.family, (struct sb_hidden){ planted, 11 % r.family->n_members }, false,
                          &law);
            law.class->sample(&law, test_key(), 0, SB_BLOCK, &p.room, y);
            law.class->labels(&law, test_key(), 0, &p.block, again);
            assert_memory_equal(y, again, sizeof y);
            p.block.dim = r.lift->setup.dim;
            sb_lift_beyond(r.lift, &p.block, beyond);
            p.block.dim = r.family->space.dim;
            for (uint32_t l = 0; l < 2; l++) {
                r.family->space.labelling->at(r.family->space.labelling->self, l, &p.block,
                                              listed[l]);
                law.class->weights(&law, &p.block, l, w[l]);
            }
            for (int i = 0; i < SB_BLOCK; i++) {
                double weight = 0;

                assert_true(w[0][i] + w[1][i] == 1);
                assert_true(listed[0][i] == 0);
                for (int l = 0; l < 2; l++)
                    weight += fabs(listed[l][i] - y[i]) < 1e-9 ? w[l][i] : 0;
                n_beyond += beyond[i];
                if (!planted || !beyond[i])
                    assert_true(weight >= (planted ? 1 : 0.01));
                if (!beyond[i])
                    assert_true(y[i] >= -1e-9 && y[i] <= r.family->label_hi + 1e-9);
            }
        }
        assert_int_equal(n_beyond == 0, r.lift->setup.kind == SB_LIFT_DV);
        close_points(&p);
        close_family(&r);
    }
}

/* ---- the exact route ---- */

/* The mean of e under the rule by sums over x, over which coordinates are in ramps, and a rule of many nodes over
 * |z| there [theorems.md S0-gram]; e sees z through signs. */
struct brute {
    struct rig *r;
    struct sb_program *program;
    struct sb_law base;
    uint64_t x;
    double t[MOST_DIM]; /* |z| */
};

enum { NODES = 10 };

static double value_at(const struct brute *b)
{
    const struct sb_space *base = &b->r->family->lifting->base->space;
    const uint32_t dim = base->dim;
    double z[MOST_DIM], y = 0, out, w, mean = 0;
    const double *x[MOST_DIM];
    struct sb_block block = { .struct_size = sizeof block, .dim = dim, .n = 1, .x = x, .y = &y };
    const struct sb_block bits = { .struct_size = sizeof bits, .dim = dim, .n = 1, .bits = &b->x };

    for (uint32_t j = 0; j < dim; j++) {
        z[j] = b->x >> j & 1 ? b->t[j] : -b->t[j];
        x[j] = &z[j];
    }
    for (uint32_t l = 0; l < base->n_labels; l++) {
        y = base->labels[l];
        sb_law_weights(&b->base, &bits, l, &w);
        sb_lift_rule(b->r->lift, &block, &y, &y);
        sb_program_run(b->program, &block, &out);
        mean += w * out;
    }
    return mean;
}

/* Where the label has kinks as a function of a coordinate in its ramp, the others' sum being `sum`: |z| from rh on. */
static size_t ramp_ends(const struct rig *r, double sum, double out[4])
{
    const struct sb_lift_boundary *b = r->lift->boundary;
    const double at[2] = { 1 - sum, 1 / (double)r->lift->setup.dim - sum };
    size_t n = 0;

    out[n++] = b->rh;
    for (size_t i = 0; i < 2; i++)
        if (at[i] > 1e-9 && at[i] < 1 - 1e-9)
            out[n++] = b->sh - at[i] * (b->sh - b->rh);
    out[n++] = b->sh;
    return n;
}

/* Node i of a rule on [from, to], against twice the Gaussian density. */
static double node(size_t i, double from, double to, double *t_out)
{
    static gsl_integration_glfixed_table *table;
    double w;

    if (!table)
        table = gsl_integration_glfixed_table_alloc(NODES);
    gsl_integration_glfixed_point(from, to, i, t_out, &w, table);
    return w * 2 * exp(-*t_out * *t_out / 2) / sqrt(2 * acos(-1));
}

static double ramp_of(const struct rig *r, double t)
{
    const struct sb_lift_boundary *b = r->lift->boundary;

    return t >= b->sh ? 0 : t <= b->rh ? 1 : (b->sh - t) / (b->sh - b->rh);
}

/* Coordinates from `from` on that are in ramps, at most `most`, the others outside with |z| = 3 > sh; sum: of those
 * before. */
static double over_ramps(struct brute *b, uint32_t from, uint32_t most, double sum, double weight,
                         double *mass)
{
    const double outside = 1 - 2 * b->r->lift->rho;
    double ends[4], mean;
    size_t n;

    if (from == b->r->lift->setup.dim) {
        *mass += weight;
        return weight * value_at(b);
    }
    b->t[from] = 3;
    mean = over_ramps(b, from + 1, most, sum, weight * outside, mass);
    n = most ? ramp_ends(b->r, sum, ends) : 1;
    for (size_t i = 0; i < (n - 1) * NODES; i++) {
        double t;
        const double w = node(i % NODES, ends[i / NODES], ends[i / NODES + 1], &t);

        b->t[from] = t;
        mean += over_ramps(b, from + 1, most - 1, sum + ramp_of(b->r, t), weight * w, mass);
    }
    return mean;
}

static double brute_mean(struct rig *r, sb_expr e, struct sb_hidden hidden)
{
    const struct sb_family *base = r->family->lifting->base;
    const uint64_t size = UINT64_C(1) << base->space.dim;
    struct brute b = { .r = r, .program = sb_program_new(r->pool, e) };
    double sum = 0;

    sb_family_law(base, hidden, false, &b.base);
    for (b.x = 0; b.x < size; b.x++) {
        const uint32_t most = r->lift->setup.kind == SB_LIFT_DV ? 2 : r->lift->setup.m;
        double mass = 0, mean = over_ramps(&b, 0, most, 0, 1, &mass);

        for (uint32_t j = 0; j < base->space.dim; j++)
            b.t[j] = (r->lift->boundary->rl + r->lift->boundary->rh) / 2 + 1e-9; /* in R_1: y = 0 */
        sum += mean + (1 - mass) * value_at(&b);
    }
    sb_program_free(b.program);
    return sum / (double)size;
}

static struct sb_estimate_task task_of(struct rig *r, const struct sb_law *law, sb_expr e)
{
    return (struct sb_estimate_task){ .law = law,
                                      .pool = r->pool,
                                      .expr = e,
                                      .lo = -1,
                                      .hi = 1,
                                      .tolerance = { SB_RULE_STAT, 0.0005 }, /* no examples do */
                                      .share = 0.5,
                                      .delta = 1e-9,
                                      .key = test_key() };
}

static struct sb_estimate exact_mean(struct rig *r, const struct sb_law *law, sb_expr e)
{
    const struct sb_estimate_task task = task_of(r, law, e);
    struct sb_estimate out;

    assert_int_equal(law->class->expectation(&task, &out), 0);
    return out;
}

/* Smooth in the label, so that a rule of few nodes is exact to 1e-12. */
static const char *const smooth[] = {
    "y*y",
    "y*(2*step(x0)-1)",
    "y*(2*step(x0)-1)*(1-2*lt(x1,0))*(2*step(x2)-1)",
    "exp(0-y)*step(x0*x2)-0.3*step(x1)",
    "sin(3*y)*eq(step(x1)+step(x3), 1)",
    "y*step(dot(0,2,0,0))*le(x0,0)",
    "step(min(x0,x1))*y+0.25*le(0-x2,0)",
    "step(x0)*step(x1)*step(x3)",
};

/* ---- one coordinate in full ---- */

struct full_query {
    const char *query;
    double kink[2]; /* in |z_0|, increasing; 9: none */
};
static const struct full_query full[] = {
    { "y*clip(x0,-1,1)", { 1, 9 } },
    { "y*y*hermite(3,x0)*exp(0-x0*x0)*(2*step(x1)-1)", { 9, 9 } },
    { "exp(0-y*(x0*x0))*step(x0*x2)-0.3*step(x1)", { 9, 9 } },
    { "relu(1-x0*x0)*(1+step(x2))*sin(3*y)/2+lt(2,x0)*y", { 1, 2 } },
    { "y*near(x0,1.25,0.75)*x0/4", { 0.5, 2 } },
    { "cos(x0)*step(x1)-0.5*lt(x0,0-0.5)", { 0.5, 9 } },
};

/* The mean given |z_0| = t, at the point x. */
static double given_full(struct brute *b, double t)
{
    const struct sb_lift *lift = b->r->lift;
    const bool ramp = t < lift->boundary->sh;
    const uint32_t most = lift->setup.kind == SB_LIFT_DV ? lift->setup.dim : lift->setup.m;
    double mass = 0, mean;

    b->t[0] = t;
    mean = over_ramps(b, 1, most - ramp, ramp_of(b->r, t), 1, &mass);
    for (uint32_t j = 1; j < lift->setup.dim; j++)
        b->t[j] = lift->boundary->rh / 2; /* y = 0 */
    return mean + (1 - mass) * value_at(b);
}

/* [theorems.md S0-gram] by sums over x, and rules of many nodes over z_0 and over the other ramps. */
static double brute_full(struct rig *r, sb_expr e, const double kink[2], struct sb_hidden hidden)
{
    const struct sb_family *base = r->family->lifting->base;
    const uint64_t size = UINT64_C(1) << base->space.dim;
    struct brute b = { .r = r, .program = sb_program_new(r->pool, e) };
    double ends[32] = { 0 }, sum = 0;
    size_t n = 1;

    sb_family_law(base, hidden, false, &b.base);
    n += ramp_ends(r, 0, ends + n);
    for (double at = 0.5; at <= 9; at += at < 4 ? 0.5 : 2.5)
        ends[n++] = at;
    for (size_t k = 0; k < 2; k++) /* multiples of 1/2 are there already */
        assert_true(kink[k] == 9 || kink[k] * 2 == floor(kink[k] * 2));
    assert_true(r->lift->boundary->sh < 0.5);
    for (b.x = 0; b.x < size; b.x++)
        for (size_t i = 0; i < (n - 1) * NODES; i++) {
            double t;
            const double w = node(i % NODES, ends[i / NODES], ends[i / NODES + 1], &t);

            sum += w * given_full(&b, t);
        }
    sb_program_free(b.program);
    return sum / (double)size;
}

static void test_full_against_sums(void **state)
{
    static const struct {
        const char *family;
        size_t first, step; /* queries */
    } tests[] = {
        { "dimension=3 m=1 delta=0.2", 0, 1 },
        { "dimension=4 m=1 delta=0.2 profile=edge", 2, 3 },
        { "dimension=3 lift=dv delta=0.2 base=conjunction literals=2", 3, 4 },
        { "dimension=3 m=2 delta=0.3", 3, 4 },
        { "dimension=3 m=2 delta=0.3 profile=edge", 3, 4 },
    };

    const bool slow = getenv("STATBED_TEST_VALGRIND");

    (void)state;
    for (size_t t = 0; t < (slow ? 1 : SB_COUNT(tests)); t++) {
        struct rig r;

        open_family(&r, tests[t].family);
        for (size_t i = tests[t].first; i < SB_COUNT(full); i += slow ? 5 : tests[t].step) {
            const struct sb_hidden hidden = { i != 1, (7 * i + 5) % r.family->n_members };
            const sb_expr e = parse(&r, full[i].query);
            struct sb_estimate out;
            struct sb_law law;

            sb_family_law(r.family, hidden, false, &law);
            out = exact_mean(&r, &law, e);
            assert_near(out.value, brute_full(&r, e, full[i].kink, hidden), 1e-11);
            assert_true(out.half_width <= 2.0001 * r.lift->miss + 1e-11);
        }
        close_family(&r);
    }
}

/* Padding: the same labels of the same first coordinates. */
static void test_padding(void **state)
{
    static struct points p;
    double y[SB_BLOCK], padded[SB_BLOCK];
    struct rig r, wide;

    (void)state;
    open_family(&r, "dimension=5 m=2 delta=0.4");
    open_family(&wide, "dimension=5 m=2 delta=0.4 padding=40");
    open_points(&p, 40);
    for (uint64_t member = 0; member < 32; member += 5) {
        struct sb_law law, wide_law;

        r.family->law(r.family, member, false, &law);
        wide.family->law(wide.family, member, false, &wide_law);
        wide_law.class->sample(&wide_law, test_key(), 0, SB_BLOCK, &p.room, padded);
        p.block.dim = 5;
        law.class->labels(&law, test_key(), 0, &p.block, y);
        assert_memory_equal(y, padded, sizeof y);
    }
    /* and the same expectations, bit for bit; signs of padding are fair coins */
    for (size_t i = 0; i < SB_COUNT(smooth); i++) {
        const char *query = strstr(smooth[i], "dot") ? "y" : smooth[i];
        char times[128];
        struct sb_law law, wide_law;
        double narrow;

        snprintf(times, sizeof times, "(%s)*step(x20)", query);
        r.family->law(r.family, 13, false, &law);
        wide.family->law(wide.family, 13, false, &wide_law);
        narrow = exact_mean(&r, &law, parse(&r, query)).value;
        assert_true(exact_mean(&wide, &wide_law, parse(&wide, query)).value == narrow);
        assert_near(exact_mean(&wide, &wide_law, parse(&wide, times)).value, narrow / 2, 1e-15);
    }
    p.block.dim = 40;
    close_points(&p);
    close_family(&r);
    close_family(&wide);
}

static void test_against_sums(void **state)
{
    static const struct {
        const char *family;
        double error; /* of what the sum leaves out: of dv more than two coordinates in ramps */
    } tests[] = {
        { "dimension=4 m=1 delta=0.2", 1e-11 },
        { "dimension=4 m=1 delta=0.2 profile=edge", 1e-11 },
        { "dimension=4 m=1 delta=0.5 base=parity sparsity=2", 1e-11 },
        { "dimension=4 lift=dv delta=0.0002", 1e-10 },
        { "dimension=4 lift=dv delta=0.0002 base=conjunction literals=2", 1e-10 },
    };

    (void)state;
    for (size_t t = 0; t < SB_COUNT(tests); t++) {
        struct rig r;

        open_family(&r, tests[t].family);
        for (size_t i = 0; i < SB_COUNT(smooth); i++) {
            const struct sb_hidden hidden = { i != 1, (7 * i + 5) % r.family->n_members };
            const sb_expr e = parse(&r, smooth[i]);
            struct sb_estimate out;
            struct sb_law law;

            sb_family_law(r.family, hidden, false, &law);
            out = exact_mean(&r, &law, e);
            assert_near(out.value, brute_mean(&r, e, hidden), tests[t].error);
            assert_true(out.half_width <= 2.0001 * r.lift->miss + 2e-12);
        }
        close_family(&r);
    }
}

/* Against examples of the true network: within both certificates, of which those by examples fail with
 * probability 1e-9 each. */
static void test_against_examples(void **state)
{
    static const char *const families[] = {
        "dimension=6 m=2 delta=0.3",
        "dimension=6 m=3 delta=0.3 profile=edge marginal=uniform",
        "dimension=6 lift=dv delta=0.4 marginal=laplace padding=9",
    };
    static const char *const queries[] = {
        "clip(y*y-0.5*y*(2*step(x0)-1), -1, 1)", "le(y,0.3)*step(x1)-eq(y,0)",
        "near(y,0.08,0.05)*step(x2*x4)",         "clip(8*y, 0, 1)*(2*step(x0)-1)*(2*step(x3)-1)",
        "clip(exp(0-y), -1, 1)*step(x1)",        "clip(y*x1*(2*step(x0)-1), -0.3, 0.3)",
    };

    const bool slow = getenv("STATBED_TEST_VALGRIND");

    (void)state;
    for (size_t t = 0; t < SB_COUNT(families); t++) {
        struct rig r;

        open_family(&r, families[t]);
        for (size_t i = 0; i < SB_COUNT(queries) - (slow && t > 0); i++) {
            const struct sb_hidden hidden = { i != 1, i == 3 ? 9 : 5 };
            struct sb_estimate_task task;
            struct sb_estimate exact, drawn;
            struct sb_law law;

            sb_family_law(r.family, hidden, false, &law);
            task = task_of(&r, &law, parse(&r, queries[i]));
            assert_int_equal(law.class->expectation(&task, &exact), 0);
            task.tolerance.value = slow ? 0.2 : 0.03;
            assert_int_equal(sb_estimate_monte_carlo(&task, &drawn), 0);
            assert_near(exact.value, drawn.value, exact.half_width + drawn.half_width);
            assert_true(exact.half_width < 1e-9 + 2.0001 * r.family->miss);
        }
        close_family(&r);
    }
}

/* ---- as pushforwards ---- */

/* F(z) = (z, f(z)), a generator of dim + 1 outputs: z passes each hidden layer of the label's network f as R(z) and
 * R(-z), 2 dim units behind f's own. */
static struct sb_network *generator_of(const struct sb_network *f)
{
    const uint32_t d = f->dim, last = f->n_layers - 1;
    uint32_t sizes[16];
    struct sb_network *made;

    assert_true(last > 0 && last < SB_COUNT(sizes));
    for (uint32_t l = 0; l <= last; l++)
        sizes[l] = l < last ? f->layer[l].n_out + 2 * d : d + 1;
    assert_int_equal(sb_network_new(d, last + 1, sizes, &made, NULL), 0);
    for (uint32_t l = 0; l <= last; l++) {
        const struct sb_layer *from = &f->layer[l], *to = &made->layer[l];
        const uint32_t first = l < last ? 0 : d; /* row of f's first output */

        for (uint32_t i = 0; i < from->n_out; i++) {
            to->bias[first + i] = from->bias[i];
            memcpy(to->weight + (size_t)(first + i) * to->n_in,
                   from->weight + (size_t)i * from->n_in, from->n_in * sizeof *to->weight);
        }
        for (uint32_t j = 0; j < 2 * d; j++) { /* R(z_j), j < d, and R(-z_(j-d)) */
            const uint32_t row = l < last ? from->n_out + j : j % d;
            const uint32_t column = l ? from->n_in + j : j % d;

            to->weight[(size_t)row * to->n_in + column] = j < d || (l && l < last) ? 1 : -1;
        }
    }
    return made;
}

/* The same query of labelled examples, and of what the generator makes of their points: the mean of these. */
static double mean_of_both(const struct rig *r, sb_expr labelled, struct rig *pushed,
                           const char *query, uint32_t n_blocks)
{
    static struct points p;
    static double y[SB_BLOCK], x[8][SB_BLOCK], value[2][SB_BLOCK];
    const double *column[8];
    struct sb_program *program[2] = { sb_program_new(r->pool, labelled),
                                      sb_program_new(pushed->pool, parse(pushed, query)) };
    struct sb_network *label, *whole;
    struct sb_law law;
    double sum = 0;

    r->family->law(r->family, 13, false, &law);
    assert_int_equal(r->family->network(r->family, 13, &label, NULL), 0);
    whole = generator_of(label);
    open_points(&p, label->dim);
    for (uint64_t k = 0; k < n_blocks; k++) {
        struct sb_block of_x = p.block;

        law.class->sample(&law, test_key(), k * SB_BLOCK, SB_BLOCK, &p.room, y);
        assert_int_equal(sb_network_run(whole, &p.block, x[0]), 0);
        of_x.dim = label->dim + 1;
        of_x.x = column;
        p.block.y = y;
        for (uint32_t j = 0; j < of_x.dim; j++)
            column[j] = x[j];
        for (uint32_t j = 0; j < label->dim; j++)
            assert_memory_equal(x[j], p.column[j], sizeof y);
        sb_program_run(program[0], &p.block, value[0]);
        sb_program_run(program[1], &of_x, value[1]);
        for (uint32_t i = 0; i < SB_BLOCK; i++) {
            assert_near(value[1][i], value[0][i], 1e-12);
            sum += value[1][i];
        }
    }
    close_points(&p);
    for (int i = 0; i < 2; i++)
        sb_program_free(program[i]);
    sb_network_free(label);
    sb_network_free(whole);
    return sum / n_blocks / SB_BLOCK;
}

/* S2-sup: an example of F, F(z) = (z, f_lift(z)), without a label is one of the lifted family, so that queries of x in
 * R^(d+1) are labelled queries with y for x_d: the same numbers, example by example, and the oracle's answers
 * their means [Hoeffding63, 1e-7 each]. */
static void test_as_pushforward(void **state)
{
    enum { BLOCKS = 8 };
    static const char *const families[] = { "dimension=5 m=2 delta=0.3",
                                            "dimension=5 lift=dv delta=0.3" };
    static const char *const queries[][2] = {
        { "clip(y*(2*step(x0)-1), -1, 1)", "clip(x5*(2*step(x0)-1), -1, 1)" },
        { "clip(exp(0-y), -1, 1)*step(x1)", "clip(exp(0-x5), -1, 1)*step(x1)" },
        { "near(y,0.3,0.5)*step(x2*x4)", "near(x5,0.3,0.5)*step(x2*x4)" },
    };
    static const double none[] = { 0 };
    const struct sb_space space = { .domain = SB_GAUSS, .dim = 6, .n_labels = 1, .labels = none };
    const double within = sqrt(2 * log(2e7) / (BLOCKS * SB_BLOCK));
    struct rig pushed = { .pool = sb_pool_new(&space) };

    (void)state;
    for (size_t t = 0; t < SB_COUNT(families); t++) {
        struct rig r;

        open_family(&r, families[t]);
        for (size_t i = 0; i < SB_COUNT(queries); i++) {
            const sb_expr e = parse(&r, queries[i][0]);
            struct sb_law law;

            r.family->law(r.family, 13, false, &law);
            assert_near(mean_of_both(&r, e, &pushed, queries[i][1], BLOCKS),
                        exact_mean(&r, &law, e).value, within + r.family->miss);
        }
        close_family(&r);
    }
    sb_pool_free(pushed.pool);
}

/* A coordinate in full where a few examples do: they are quicker. */
static void test_coarse_is_sampled(void **state)
{
    struct sb_estimate_task task;
    struct sb_estimate out;
    struct sb_law law;
    struct rig r;

    (void)state;
    open_family(&r, "dimension=5 m=1");
    r.family->law(r.family, 3, false, &law);
    task = task_of(&r, &law, parse(&r, "clip(y*x0,-1,1)"));
    assert_int_equal(law.class->expectation(&task, &out), 0);
    task.tolerance.value = 0.2;
    assert_int_equal(law.class->expectation(&task, &out), 1);
    task.expr = parse(&r, "y*step(x0)"); /* signs alone cost nothing */
    assert_int_equal(law.class->expectation(&task, &out), 0);
    close_family(&r);
}

/* What does not reduce to signs and the label is left to others, by the query alone. */
static void test_where_it_applies(void **state)
{
    double half_width = 0;
    static const char *const others[] = { "clip(y*x0*x2*x3,-1,1)", "step(x0+x1)",
                                          "step(x0-0.1)*x1*y", "step(dot(1,1,0,0,0))",
                                          "candidate(3)" };
    struct rig r;

    (void)state;
    open_family(&r, "dimension=5 m=1");
    for (size_t i = 0; i < SB_COUNT(others); i++)
        for (uint64_t member = 0; member < 4; member++) {
            struct sb_estimate_task task;
            struct sb_estimate out;
            struct sb_law law;

            r.family->law(r.family, member, false, &law);
            task = task_of(&r, &law, parse(&r, others[i]));
            assert_int_equal(law.class->expectation(&task, &out), 1);
        }
    for (uint64_t member = 0; member < 32; member++) {
        struct sb_estimate out;
        struct sb_law law;

        r.family->law(r.family, member, false, &law);
        out = exact_mean(&r, &law, parse(&r, "le(y,0.25)*step(x1)"));
        assert_true(!member || out.half_width == half_width);
        half_width = out.half_width;
    }
    /* and where one coordinate is seen in full */
    for (uint64_t member = 0; member < 32; member += 31) {
        struct sb_estimate out;
        struct sb_law law;

        r.family->law(r.family, member, false, &law);
        out = exact_mean(&r, &law, parse(&r, "clip(y*x0,-1,1)"));
        assert_true(!member || out.half_width == half_width);
        half_width = out.half_width;
    }
    close_family(&r);
}

/* The null's half-width is without Pr[n > m], and over a large base its mean may be had where members' are not: still
 * the same route is taken, and the same queries are refused. */
static void test_null_takes_the_members_route(void **state)
{
    static const struct {
        const char *family;
        struct sb_tolerance tolerance;
        uint32_t method; /* 0: refused */
    } tests[] = {
        { "dimension=5 m=1 delta=0.05", { SB_RULE_STAT, 1e-6 }, 0 },
        { "dimension=5 m=1 delta=0.05", { SB_RULE_STAT, 0.15 }, SB_MONTE_CARLO },
        { "dimension=5 m=1 delta=0.05", { SB_RULE_STAT, 0.2 }, SB_QUADRATURE },
        { "dimension=5 m=1 delta=0.05", { SB_RULE_BERNOULLI, 8 }, SB_QUADRATURE },
        { "dimension=5 m=1 delta=0.05", { SB_RULE_VARIANCE, 40 }, SB_MONTE_CARLO },
        { "dimension=26 lift=dv base=conjunction literals=2", { SB_RULE_STAT, 1e-6 }, 0 },
        { "dimension=26 lift=dv base=parity", { SB_RULE_STAT, 1e-6 }, SB_QUADRATURE },
    };

    (void)state;
    for (size_t t = 0; t < SB_COUNT(tests); t++) {
        struct rig r;

        open_family(&r, tests[t].family);
        for (int planted = 0; planted < 2; planted++) {
            const struct sb_hidden hidden = { planted, 3 };
            struct sb_estimate_task task;
            struct sb_estimate out;
            struct sb_law law;
            int status;

            sb_family_law(r.family, hidden, false, &law);
            task = task_of(&r, &law, parse(&r, "step(y-0.5)*step(x0)"));
            task.lo = tests[t].tolerance.rule == SB_RULE_STAT ? -1 : 0;
            task.tolerance = tests[t].tolerance;
            status = sb_estimate(&task, &out);
            assert_int_equal(status, tests[t].method ? 0 : SB_REFUSED);
            assert_true(status || out.method == tests[t].method);
        }
        close_family(&r);
    }
}

/* ---- signs ---- */

/* Each leaf is what the subexpression is, and products of signs see one form. */
static void test_signs(void **state)
{
    static const struct {
        const char *query;
        uint32_t leaves, forms, full;
    } tests[] = {
        { "(2*step(x0)-1)*(1-2*step(x1))*(2*lt(0,x3)-1)", 1, 1, 0 },
        { "step(x0)+step(x1)*y", 2, 2, 0 },
        { "step(x0*x1*x2)*y", 1, 1, 0 },
        { "max(step(x0),step(x1))*y", 1, 2, 0 },
        { "y*(2*step(x0)-1)*(1-2*step(x1))*(2*lt(0,x3)-1)*(2*step(x4)-1)", 1, 1, 0 },
        { "near(step(x0)-step(0-x0),1,0)*y*x2", 1, 2, 1 },
        { "step(x0)*step(0-x0)*y", 0, 0, 0 },
        { "y*hermite(2,x1)*hermite(3,x4)", 0, 2, 2 },
    };
    struct rig r;

    (void)state;
    open_family(&r, "dimension=5 m=1");
    for (size_t i = 0; i < SB_COUNT(tests); i++) {
        struct sb_signs signs;

        assert_int_equal(sb_signs_find(r.pool, parse(&r, tests[i].query), &signs), 0);
        assert_int_equal(signs.n_leaves, tests[i].leaves);
        assert_int_equal(signs.forms.n, tests[i].forms);
        assert_int_equal(signs.n_full, tests[i].full);
        sb_signs_fini(&signs);
    }
    close_family(&r);
}

/* ---- the law of the ramps' sum ---- */

static double convolved(double s, void *p)
{
    const struct sb_lift *lift = ((void **)p)[0];
    const struct sb_lift_boundary *b = lift->boundary;
    const double at = *(double *)((void **)p)[1], w = b->sh - b->rh;
    const double t = b->sh - s * w, u = b->sh - (at - s) * w;

    return 4 * w * w * exp(-(t * t + u * u) / 2) / (2 * acos(-1));
}

/* Two ramps by libgsl's adaptive rule; the mass by (1 - 2 rho)^n and binomials. */
static void test_sum_of_ramps(void **state)
{
    gsl_integration_workspace *room = gsl_integration_workspace_alloc(100);
    struct sb_lift_sum one, two;
    struct rig r;

    (void)state;
    open_family(&r, "dimension=5 m=2 delta=0.3");
    sb_lift_sum_init(r.lift, 5, 1, &one);
    sb_lift_sum_init(r.lift, 5, 2, &two);
    assert_near(one.none, pow(0.7, 5), 1e-15);
    for (double s = 0.125; s <= 1; s += 0.125) {
        void *p[2] = { (void *)r.lift, &s };
        gsl_function f = { convolved, p };
        double value, error;

        gsl_integration_qag(&f, 0, s, 0, 1e-13, 100, GSL_INTEG_GAUSS61, room, &value, &error);
        assert_near(sb_lift_sum_density(&two, s) - sb_lift_sum_density(&one, s),
                    10 * pow(0.7, 3) * value, 1e-13);
    }
    /* edge of one coordinate: nonzero just where that one is in a ramp, of mass rho */
    assert_near(sb_lift_support(r.lift, &one), pow(0.7, 5) + 5 * pow(0.7, 4) * 0.15, 1e-13);
    gsl_integration_workspace_free(room);
    close_family(&r);
}

/* ---- what the base knows ---- */

/* A member's label function is within E g^2 E (f_i - f_j)^2 of another's: of all that are as near as that. E g^2 by
 * the sum over the ramps, as the mean of y^2 of a function that is 1. */
static void test_n_good(void **state)
{
    struct rig r;
    double square, near;

    (void)state;
    open_family(&r, "dimension=4 m=1 delta=0.02");
    square = 2 * brute_mean(&r, parse(&r, "y*y"), (struct sb_hidden){ 0 });
    assert_near(r.family->label_square, square / 2, 1e-11);
    near = square / 2;
    assert_int_equal(r.family->n_good(r.family, SB_LOSS_SQUARED, near), 16);
    assert_int_equal(r.family->n_good(r.family, SB_LOSS_SQUARED, 0), 1);
    /* the base's own at a loss of 1/8 is 2 */
    assert_int_equal(
        r.family->n_good(r.family, SB_LOSS_SQUARED, 0.124 * square - r.family->miss),
        r.family->lifting->base->n_good(r.family->lifting->base, SB_LOSS_SQUARED, 0.124));
    assert_int_equal(r.family->n_good(r.family, SB_LOSS_ZERO_ONE, 0), 16);
    close_family(&r);
}

/* rho_0 by the sum over the ramps; Pr[n > m] as in the golden file's line on d = 6 [theorems.md S0-E6]. */
static void test_facts(void **state)
{
    struct sb_fact facts[16];
    double rho_0 = 0, miss = 0;
    struct rig r;
    size_t n;

    (void)state;
    open_family(&r, "dimension=6 m=1 profile=edge");
    n = r.family->facts(r.family, facts, SB_COUNT(facts));
    for (size_t i = 0; i < n; i++) {
        rho_0 = strcmp(facts[i].name, "rho_0") == 0 ? facts[i].value : rho_0;
        miss = strcmp(facts[i].name, "miss") == 0 ? facts[i].value : miss;
    }
    assert_near(miss, 0.010743132, 1e-9);
    assert_near(rho_0, 6 * pow(1 - 1. / 36, 5) / 72, 1e-13); /* one coordinate in a ramp */
    close_family(&r);
}

/* ---- every member at once ---- */

static struct sb_profile_task profile_task(struct rig *r, sb_expr e, double half_width,
                                           bool squares)
{
    return (struct sb_profile_task){ .family = r->family,
                                     .pool = r->pool,
                                     .expr = e,
                                     .lo = -1,
                                     .hi = 1,
                                     .squares = squares,
                                     .half_width = half_width,
                                     .delta = 1e-9,
                                     .key = test_key() };
}

/* Tables against single expectations, second moments too. */
static void test_tables(void **state)
{
    static const char *const families[] = {
        "dimension=6 m=1 delta=0.05",
        "dimension=6 m=2 delta=0.2 profile=edge sparsity=3",
        "dimension=5 lift=dv delta=0.3 padding=7",
        "dimension=5 lift=dv delta=0.3 base=conjunction literals=2",
    };
    const size_t n_full = getenv("STATBED_TEST_VALGRIND") ? 0 : 2;
    struct sb_profile profile;

    (void)state;
    sb_profile_init(&profile);
    for (size_t t = 0; t < SB_COUNT(families); t++) {
        struct rig r;

        open_family(&r, families[t]);
        for (size_t i = 0; i < SB_COUNT(smooth) + (t < n_full); i++) {
            const char *query = i >= SB_COUNT(smooth) ? full[t].query : smooth[i];
            const sb_expr e = parse(&r, i == 5 ? "y" : query), pair[2] = { e, e };
            const sb_expr square = sb_pool_op(r.pool, SB_MUL, NULL, 0, pair, 2);
            const struct sb_profile_task task = profile_task(&r, e, 1, i & 1);

            assert_int_equal(sb_profile_of(&task, &profile), 0);
            assert_int_equal(profile.method, SB_QUADRATURE);
            for (uint64_t member = 0; member < r.family->n_members;
                 member += i < SB_COUNT(smooth) ? 1 + i % 3 : 17) {
                struct sb_law law;

                r.family->law(r.family, member, false, &law);
                assert_near(sb_profile_value(&profile, member), exact_mean(&r, &law, e).value,
                            1e-12);
                if (i & 1)
                    assert_near(sb_profile_second(&profile, member),
                                exact_mean(&r, &law, square).value, 1e-12);
            }
        }
        close_family(&r);
    }
    sb_profile_fini(&profile);
}

/* Queries that see z otherwise, by one sample for all members, each against examples of its own; all are wrong
 * together with probability below 1e-6. */
static void test_gathered(void **state)
{
    static const char *const families[] = { "dimension=6 m=2 delta=0.1",
                                            "dimension=4 lift=dv delta=0.3",
                                            "dimension=5 m=4 delta=0.3 sparsity=2",
                                            "dimension=3 base=lwr q=3 m=2 delta=0.1",
                                            "dimension=3 base=lwr q=3 lift=dv delta=0.3" };
    static const char *const queries[] = { "clip(y*x0*x1,-1,1)", "step(x0+x1)*le(0.5,y)" };
    struct sb_profile profile;

    (void)state;
    sb_profile_init(&profile);
    for (size_t t = 0; t < SB_COUNT(families); t++) {
        struct rig r;

        open_family(&r, families[t]);
        for (size_t i = 0; i < SB_COUNT(queries); i++) {
            const sb_expr e = parse(&r, queries[i]);
            const struct sb_profile_task task = profile_task(&r, e, 0.1, i & 1);

            assert_int_equal(sb_profile_of(&task, &profile), 0);
            assert_int_equal(profile.method, SB_MONTE_CARLO);
            assert_true(profile.samples > 0 && profile.half_width <= 0.1);
            for (uint64_t member = 0; member < r.family->n_members; member += 9) {
                struct sb_estimate_task one;
                struct sb_estimate drawn;
                struct sb_law law;

                r.family->law(r.family, member, false, &law);
                one = task_of(&r, &law, e);
                one.tolerance.value = 0.2;
                assert_int_equal(sb_estimate_monte_carlo(&one, &drawn), 0);
                assert_near(sb_profile_value(&profile, member), drawn.value,
                            0.1 + drawn.half_width);
                if (i & 1) /* e is its own square */
                    assert_near(sb_profile_second(&profile, member), drawn.value,
                                0.1 + drawn.half_width);
            }
        }
        close_family(&r);
    }
    sb_profile_fini(&profile);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bad_input),
        cmocka_unit_test(test_time),
        cmocka_unit_test(test_examples),
        cmocka_unit_test(test_padding),
        cmocka_unit_test(test_against_sums),
        cmocka_unit_test(test_full_against_sums),
        cmocka_unit_test(test_n_good),
        cmocka_unit_test(test_facts),
        cmocka_unit_test(test_against_examples),
        cmocka_unit_test(test_as_pushforward),
        cmocka_unit_test(test_coarse_is_sampled),
        cmocka_unit_test(test_where_it_applies),
        cmocka_unit_test(test_null_takes_the_members_route),
        cmocka_unit_test(test_signs),
        cmocka_unit_test(test_sum_of_ramps),
        cmocka_unit_test(test_tables),
        cmocka_unit_test(test_gathered),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
