/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The family lifted: its parameters, labels and laws; queries by the exact route, against sums over x and the ramps
 * and against examples of the true network. */
#include "estimate/estimate.h"
#include "estimate/lift_table.h"
#include "numeric/lift_sum.h"
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
    p.block.dim = 40;
    close_points(&p);
    close_family(&r);
    close_family(&wide);
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

enum { NODES = 12 };

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

/* Coordinates from `from` on that are in ramps, at most `most`, the others outside with |z| = 3 > sh. */
static double over_ramps(struct brute *b, uint32_t from, uint32_t most, double weight, double *mass)
{
    const struct sb_lift_boundary *r = b->r->lift->boundary;
    const double outside = 1 - 2 * b->r->lift->rho;
    static gsl_integration_glfixed_table *table;
    double sum = 0;

    if (from == b->r->lift->setup.dim) {
        *mass += weight;
        return weight * value_at(b);
    }
    b->t[from] = 3;
    sum = over_ramps(b, from + 1, most, weight * outside, mass);
    if (!table)
        table = gsl_integration_glfixed_table_alloc(NODES);
    /* on both sides of where an edge has its top */
    for (size_t i = 0; i < 2 * NODES && most; i++) {
        const double top = r->sh - (r->sh - r->rh) / b->r->lift->setup.dim;
        double t, w;

        gsl_integration_glfixed_point(i < NODES ? r->rh : top, i < NODES ? top : r->sh, i % NODES,
                                      &t, &w, table);
        b->t[from] = t;
        sum += over_ramps(b, from + 1, most - 1,
                          weight * w * 2 * exp(-t * t / 2) / sqrt(2 * acos(-1)), mass);
    }
    return sum;
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
        double mass = 0, mean = over_ramps(&b, 0, most, 1, &mass);

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
                                      .tolerance = { SB_RULE_STAT, 0.01 },
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bad_input),
        cmocka_unit_test(test_examples),
        cmocka_unit_test(test_padding),
        cmocka_unit_test(test_against_sums),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
