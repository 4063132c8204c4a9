/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Families as plugins: parities as one give what the shipped family gives, by its product form and by
 * weights alone; what is no family is refused with a line. */
#include "asked.h"
#include "profiled.h"

#include "bounds/correlate.h"
#include "estimate/ngca.h"
#include "experiment/keys.h"
#include "runner/family_plugin.h"

#include <errno.h>

/* A family, shipped or a plugin's, as the rig of asked.h wants it. */
struct made {
    struct sb_family_so *so; /* NULL: shipped */
    struct cube cube;        /* family, values and pool alone */
};

static char *module(const char *name)
{
    return sb_printf("%s/family_%s.so", getenv("STATBED_TEST_PLUGINS"), name);
}

static int try_make(struct made *m, const char *name, const struct sb_given *given, size_t n,
                    struct sb_diag *diag)
{
    const struct sb_family_class *class = sb_families[0]; /* parity */
    char *path SB_FREE = name ? module(name) : NULL;
    int error = 0;

    memset(m, 0, sizeof *m);
    if (name)
        error = sb_family_so_load(path, &m->so, diag);
    if (error)
        return error;
    class = name ? &m->so->class : class;
    error = sb_values_parse(&class->params, 1, given, n, NULL, 0, "family", &m->cube.values, diag);
    if (!error)
        error = sb_family_new(class, &m->cube.values, &m->cube.family, diag);
    if (!error)
        m->cube.pool = sb_pool_new(&m->cube.family->space);
    return error;
}

static void unmake(struct made *m)
{
    sb_pool_free(m->cube.pool);
    sb_family_free(m->cube.family);
    sb_values_fini(&m->cube.values);
    sb_family_so_free(m->so);
}

static void make(struct made *m, const char *name, const char *dim, const char *noise)
{
    const struct sb_given given[] = { { .name = "dimension", .text = dim },
                                      { .name = "noise", .text = noise } };
    struct sb_diag diag;

    sb_diag_init(&diag);
    if (try_make(m, name, given, 2, &diag))
        fail_msg("%s", diag.items[0].text);
    sb_diag_fini(&diag);
}

static const char *const queries[] = {
    "y",
    "chi(0,2)*y",
    "x0*y",
    "clip(0.3*y+x1-0.25,-1,1)",
    "near(x0+x1+x2,2,0.1)",
    "y*candidate(5)",
    "candidate_bit(1)*0.5",
    "step(y*chi(1)+0.5)-0.1",
};

static struct sb_reply ask(struct made *m, int64_t member, const char *text)
{
    struct rig rig;
    struct sb_asked asked;
    const sb_expr e = sb_expr_parse(m->cube.pool, text, NULL);

    assert_true(e);
    assert_int_equal(rig_open(&rig, &m->cube, rig_policy("exact"), "stat", 0.05, NULL, false, 1),
                     0);
    rig_hide(&rig, member);
    asked = rig_ask(&rig, &m->cube, e);
    assert_int_equal(asked.status, SB_OK);
    rig_close(&rig);
    return asked.reply;
}

/* Answers of policy exact: bit for bit by the product form, within both half-widths by weights. */
static void compare_answers(struct made *shipped, struct made *other, bool bitwise)
{
    for (size_t k = 0; k < SB_COUNT(queries); k++)
        for (int64_t member = CUBE_NULL; member < 8; member++) {
            const struct sb_reply a = ask(shipped, member, queries[k]);
            const struct sb_reply b = ask(other, member, queries[k]);

            assert_near(a.answer, b.answer, bitwise ? 0 : a.truth.half_width + b.truth.half_width);
            if (!bitwise)
                assert_true(b.truth.half_width < 1e-12);
        }
}

static void answers(void **state)
{
    static const char *const noises[] = { "0", "0.1" };

    (void)state;
    for (size_t i = 0; i < SB_COUNT(noises); i++) {
        struct made shipped, plugin, weighed;

        make(&shipped, NULL, "4", noises[i]);
        make(&plugin, "none", "4", noises[i]);
        make(&weighed, "weighed", "4", noises[i]);
        compare_answers(&shipped, &plugin, true);
        compare_answers(&shipped, &weighed, false);
        unmake(&shipped);
        unmake(&plugin);
        unmake(&weighed);
    }
}

/* The closed form holds at any dimension. */
static void large(void **state)
{
    struct made shipped, plugin;

    (void)state;
    make(&shipped, NULL, "60", "0.2");
    make(&plugin, "none", "60", "0.2");
    for (int64_t member = CUBE_NULL; member < 8; member++) {
        const struct sb_reply a = ask(&shipped, member, "chi(0,1)*y"),
                              b = ask(&plugin, member, "chi(0,1)*y");

        assert_same(a.answer, b.answer);
        assert_int_equal(b.truth.method, SB_CLOSED_FORM);
    }
    unmake(&shipped);
    unmake(&plugin);
}

static void compare_values(const struct sb_family *a, const struct sb_family *b, bool clean)
{
    const uint64_t n = a->n_members, size = UINT64_C(1) << a->space.dim;
    double *table = calloc(2 * size + 2 * n, sizeof *table), *va = table + 2 * size, *vb = va + n;
    struct rng r = { 11 };
    double ha, hb;

    for (uint64_t z = 0; z < 2 * size; z++)
        table[z] = 2 * rng_uniform(&r) - 1;
    assert_int_equal(profiled(a, clean, table, va, &ha), 0);
    assert_int_equal(profiled(b, clean, table, vb, &hb), 0);
    assert_true(hb < 1e-12);
    for (uint64_t i = 0; i < n; i++)
        assert_near(va[i], vb[i], ha + hb);
    free(table);
}

/* Candidates, scorer, names, correlations, how many one predictor satisfies. */
static void compare_members(const struct sb_family *a, const struct sb_family *b)
{
    const uint64_t size = UINT64_C(1) << a->space.dim;
    uint64_t bits[16], one[16], other[16];
    struct sb_correlations said = { .n = (double)b->n_members };
    double y[16], label_a[16], label_b[16], value[4] = { 0 };
    const struct sb_block block = { sizeof block, a->space.dim, size, NULL, bits, y };

    for (uint64_t x = 0; x < size; x++)
        bits[x] = x;
    for (int l = -1; l <= 1; l += 2) {
        for (uint64_t x = 0; x < size; x++)
            y[x] = l;
        a->space.candidates->agreeing(a->space.candidates->self, &block, one);
        b->space.candidates->agreeing(b->space.candidates->self, &block, other);
        assert_memory_equal(one, other, size * sizeof *one);
    }
    for (uint64_t i = 0; i < a->n_members; i++) {
        char *said_a SB_FREE = a->describe(a, i), *said_b SB_FREE = b->describe(b, i);

        a->space.candidates->label(a->space.candidates->self, i, &block, label_a);
        b->space.candidates->label(b->space.candidates->self, i, &block, label_b);
        assert_memory_equal(label_a, label_b, size * sizeof *label_a);
        assert_string_equal(said_a, said_b);
        for (uint32_t j = 0; j < 4; j++)
            value[j] = (double)(i >> j & 1);
        for (uint64_t k = 0; k < a->n_members; k++)
            assert_int_equal(b->recovered(b, k, value, 4), k == i);
        assert_false(b->recovered(b, i, value, 3));
    }
    for (int percent = 0; percent <= 100; percent++) {
        assert_int_equal(a->n_good(a, SB_LOSS_ZERO_ONE, percent / 100.0),
                         b->n_good(b, SB_LOSS_ZERO_ONE, percent / 100.0));
        assert_true(b->n_good(b, SB_LOSS_SQUARED, percent / 100.0) >= 1);
    }
    assert_int_equal(b->correlations(b, &said), 0);
    assert_true(said.orthogonal);
    assert_same(a->lambda_max_ub, said.diagonal_ub);
    sb_correlations_fini(&said);
    assert_same(a->lambda_max_ub, b->lambda_max_ub);
}

static void members(void **state)
{
    static const char *const names[] = { "none", "weighed" };

    (void)state;
    for (size_t i = 0; i < SB_COUNT(names); i++) {
        struct made shipped, plugin;

        make(&shipped, NULL, "4", "0.1");
        make(&plugin, names[i], "4", "0.1");
        compare_members(shipped.cube.family, plugin.cube.family);
        compare_values(shipped.cube.family, plugin.cube.family, false);
        compare_values(shipped.cube.family, plugin.cube.family, true);
        unmake(&shipped);
        unmake(&plugin);
    }
}

/* What statbed draws for a family of weights alone: each (x, y) as often as they say, within
 * sqrt(ln(2 * 64 / 1e-9) / 2n) for all of them together [Hoeffding], so that the test fails by chance
 * with probability 1e-9; the same in pieces. */
static void draws(void **state)
{
    enum { N = 1 << 16 };
    const double allowed = sqrt(log(2 * 64 / 1e-9) / (2.0 * N));
    const struct sb_key key = sb_key_derive("test", "draws", 5);
    struct made m;

    (void)state;
    make(&m, "weighed", "4", "0.1");
    for (int what = 0; what < 3; what++) { /* member 6 with noise, without, the null */
        double count[2][16] = { { 0 } };
        struct sb_law law;

        if (what < 2)
            m.cube.family->law(m.cube.family, 6, what == 1, &law);
        else
            m.cube.family->null_law(m.cube.family, &law);
        for (uint64_t start = 0; start < N; start += SB_BLOCK) {
            uint64_t bits[SB_BLOCK], again[100];
            double y[SB_BLOCK], y_again[100];
            const struct sb_points points = { bits, NULL }, piece = { again, NULL };

            sb_law_sample(&law, key, start, SB_BLOCK, &points, y);
            sb_law_sample(&law, key, start + 7, 100, &piece, y_again);
            assert_memory_equal(again, bits + 7, sizeof again);
            assert_memory_equal(y_again, y + 7, sizeof y_again);
            for (int i = 0; i < SB_BLOCK; i++)
                count[y[i] > 0][bits[i]]++;
        }
        for (uint64_t x = 0; x < 16; x++) {
            const double sign = __builtin_popcountll(x & 6) & 1 ? -1 : 1;
            const double signal = what == 0 ? 0.8 : what == 1 ? 1 : 0;

            for (int l = 0; l < 2; l++)
                assert_near(count[l][x] / N, (1 + (l ? sign : -sign) * signal) / 32, allowed);
        }
    }
    unmake(&m);
}

/* The family `domains` over R^4; law: of member 5, with noise. */
static void make_halfspaces(struct made *m, const char *name, struct sb_law *law)
{
    const struct sb_given given[] = { { .name = "over", .text = "halfspaces" },
                                      { .name = "dimension", .text = "4" } };
    struct sb_diag diag;

    sb_diag_init(&diag);
    if (try_make(m, name, given, 2, &diag))
        fail_msg("%s", diag.items[0].text);
    sb_diag_fini(&diag);
    m->cube.family->law(m->cube.family, 5, false, law);
}

/* Points and labels that statbed draws at them, or the family's examples. */
static void draw_halfspaces(const struct sb_law *law, bool clean, uint64_t start, uint64_t n,
                            double *x[4], double *y)
{
    const struct sb_points points = { NULL, x };
    struct sb_law of = *law;

    of.clean = clean;
    sb_law_sample(&of, (struct sb_key){ { 3, 5 } }, start, n, &points, y);
}

/* Without points() x is standard Gaussian, of addressed numbers, and the estimates are told so. The
 * eight moments are within six standard deviations: a false alarm had probability 2e-8. */
static void gaussian_points(void **state)
{
    enum { N = 1 << 16 };
    static double x[4][N], y[N], again[4][7], y_again[7];
    double *all[4] = { x[0], x[1], x[2], x[3] };
    double *some[4] = { again[0], again[1], again[2], again[3] };
    struct made m, other;
    struct sb_law law, null;

    (void)state;
    make_halfspaces(&other, "domains", &law);
    assert_false(law.class->gaussian);
    make_halfspaces(&m, "gaussian", &law);
    m.cube.family->null_law(m.cube.family, &null);
    assert_true(law.class->gaussian && null.class->gaussian);
    draw_halfspaces(&law, true, 0, N, all, y);
    draw_halfspaces(&law, true, 1001, 7, some, y_again);
    for (int j = 0; j < 4; j++) {
        double mean = 0, variance = 0;

        assert_memory_equal(again[j], x[j] + 1001, sizeof again[j]);
        for (int i = 0; i < N; i++) {
            mean += x[j][i] / N;
            variance += x[j][i] * x[j][i] / N;
        }
        assert_near(mean, 0, 6 / sqrt(N));
        assert_near(variance, 1, 6 * sqrt(2.0 / N));
    }
    assert_memory_equal(y_again, y + 1001, sizeof y_again);
    assert_near(ask(&m, CUBE_NULL, "step(x0-1)").answer, 0.15865525393145705, 0.05);
    unmake(&m);
    unmake(&other);
}

/* Another file is another family: its cells run again. */
static void keys(void **state)
{
    struct made a, b, c;
    struct sb_digest ka, kb, kc;

    (void)state;
    make(&a, "none", "4", "0.1");
    make(&b, "wrong_null", "4", "0.1");
    make(&c, "none", "4", "0.1");
    ka = sb_family_key(&a.so->class, &a.cube.values);
    kb = sb_family_key(&b.so->class, &b.cube.values);
    kc = sb_family_key(&c.so->class, &c.cube.values);
    assert_false(sb_digest_equal(&ka, &kb));
    assert_true(sb_digest_equal(&ka, &kc));
    unmake(&a);
    unmake(&b);
    unmake(&c);
}

static void assert_refused(const char *name, const char *odd, const char *says)
{
    const struct sb_given given = { .name = "odd", .text = odd };
    struct made m;
    struct sb_diag diag;

    sb_diag_init(&diag);
    assert_int_equal(try_make(&m, name, &given, odd ? 1 : 0, &diag), -EINVAL);
    assert_int_equal(diag.n_items, 1);
    if (!strstr(diag.items[0].text, says))
        fail_msg("%s: %s", says, diag.items[0].text);
    sb_diag_fini(&diag);
    unmake(&m);
}

static void facts(void **state)
{
    (void)state;
    assert_refused("odd", "1", "family plugin-parity: odd = 1 makes no family; take another");
    assert_refused("odd", "2", "n_members is not in");
    assert_refused("odd", "3", "dim is not in");
    assert_refused("odd", "4", "label_set is not two increasing numbers");
    assert_refused("odd", "5", "n_labels is neither 2 nor 0");
    assert_refused("odd", "6", "n_value is not in");
    assert_refused("odd", "7", "lambda_max or diagonal is negative or not finite");
    assert_refused("odd", "8", "a product form is of the cube");
    assert_refused("odd", "9", "it reads parameter 'odd' as real, but declares none such");
}

/* A learner is told from a family without being run. */
static void files(void **state)
{
    char *learner SB_FREE = sb_printf("%s/flawed_none.so", getenv("STATBED_TEST_PLUGINS"));
    char *family SB_FREE = module("none");
    struct sb_family_so *so;
    struct sb_diag diag;

    (void)state;
    sb_diag_init(&diag);
    assert_false(sb_family_so_is(learner));
    assert_true(sb_family_so_is(family));
    assert_false(sb_family_so_is("/nowhere/at.so"));
    assert_int_equal(sb_family_so_load(learner, &so, &diag), -EINVAL);
    assert_non_null(strstr(diag.items[0].text, "is no family"));
    assert_int_equal(sb_family_so_load("/nowhere/at.so", &so, &diag), -ENOENT);
    sb_diag_fini(&diag);
}

/* Built against another family.h: by a longer descriptor and longer parameters it loads as it is, by
 * what this statbed cannot read it is refused with a line. */
static void versions(void **state)
{
    static const struct {
        const char *name, *says;
    } refused[] = {
        { "major", "was built for version 2 of the family interface" },
        { "short", "its descriptor has 152 bytes, version 1.0 has 160" },
        { "short_param", "a parameter has 24 bytes, version 1.0 has 40" },
    };
    const struct sb_given given = { .name = "dimension", .text = "7" };
    struct sb_diag diag;
    struct made made;

    (void)state;
    sb_diag_init(&diag);
    if (try_make(&made, "later", &given, 1, &diag))
        fail_msg("%s", diag.items[0].text);
    assert_int_equal(sb_params_count(made.so->params), 2);
    assert_string_equal(made.so->params[1].name, "numbers");
    assert_int_equal(made.cube.family->n_members, 7);
    assert_near(ask(&made, 6, "y*x6").answer, 0.5, 1e-12);
    unmake(&made);
    for (size_t i = 0; i < SB_COUNT(refused); i++) {
        assert_int_equal(try_make(&made, refused[i].name, NULL, 0, &diag), -EINVAL);
        if (!strstr(diag.items[diag.n_items - 1].text, refused[i].says))
            fail_msg("%s: %s", refused[i].name, diag.items[diag.n_items - 1].text);
        unmake(&made);
    }
    sb_diag_fini(&diag);
}

/* Built against family.h as versions 1.0 and 1.1 had it: it loads, and draws what it draws today. */
static void old_versions(void **state)
{
    enum { N = 1000, VERSIONS = 3 };
    static const char *const names[VERSIONS] = { "domains", "frozen", "frozen_1_1" };
    static double x[VERSIONS][4][N], y[VERSIONS][N];
    struct made made[VERSIONS];
    struct sb_law law[VERSIONS];

    (void)state;
    for (int k = 0; k < VERSIONS; k++) {
        double *to[4] = { x[k][0], x[k][1], x[k][2], x[k][3] };

        make_halfspaces(&made[k], names[k], &law[k]);
        draw_halfspaces(&law[k], false, 17, N, to, y[k]);
    }
    for (unsigned k = 1; k < VERSIONS; k++) {
        assert_int_equal(made[k].so->plugin.abi_minor, k - 1);
        assert_memory_equal(x[0], x[k], sizeof x[0]);
        assert_memory_equal(y[0], y[k], sizeof y[0]);
        unmake(&made[k]);
    }
    unmake(&made[0]);
}

/* A law on the line: X = 2 (U + V + W - 3/2) along v. Its fourth moment is 13/5, so that E h_4(X) = (13/5 - 6 + 3)/sqrt(24);
 * chi^2, and Pr[x_1 >= 1/2] with x_1 = v_1 X + sqrt(1 - v_1^2) g, by Simpson's rule on the pieces. */
static double hall_density(double t)
{
    const double s = t / 2 + 1.5;

    return s < 0 || s > 3 ? 0
           : s < 1        ? s * s / 4
           : s < 2        ? (6 * s - 2 * s * s - 3) / 4
                          : (3 - s) * (3 - s) / 4;
}

static double hall_above(double rho)
{
    enum { STEPS = 6000 };
    double sum = 0;

    for (int i = 0; i <= STEPS; i++) {
        const double t = -3 + 6.0 * i / STEPS;

        sum += (i == 0 || i == STEPS ? 1
                : i % 2              ? 4
                                     : 2) *
               hall_density(t) * erfc((0.5 - rho * t) / sqrt(2 * (1 - rho * rho))) / 2;
    }
    return sum * 6.0 / STEPS / 3;
}

static double hall_chi2(void)
{
    enum { STEPS = 6000 };
    double sum = 0;

    for (int i = 0; i <= STEPS; i++) {
        const double t = -3 + 6.0 * i / STEPS, a = hall_density(t);

        sum += (i == 0 || i == STEPS ? 1 : i % 2 ? 4 : 2) * a * a * exp(t * t / 2);
    }
    return sum * 6.0 / STEPS / 3 * sqrt(2 * acos(-1.0)) - 1;
}

static void law_on_the_line(void **state)
{
    const struct sb_given given[] = { { .name = "dimension", .text = "3" },
                                      { .name = "members", .text = "12" } };
    struct sb_correlations k;
    struct sb_diag diag;
    struct made made;

    (void)state;
    sb_diag_init(&diag);
    if (try_make(&made, "hall_none", given, 2, &diag))
        fail_msg("%s", diag.items[0].text);
    assert_int_equal(made.cube.family->n_members, 12);
    assert_int_equal(made.cube.family->space.n_labels, 1);
    for (uint64_t i = 0; i < 12; i++) {
        struct sb_law law;
        struct sb_estimate e;
        double v[3];
        const struct sb_estimate_task task = { .law = &law,
                                               .pool = made.cube.pool,
                                               .expr = sb_expr_parse(made.cube.pool,
                                                                     "step(x1 - 0.5)", NULL),
                                               .hi = 1,
                                               .tolerance = { SB_RULE_STAT, 1e-6 },
                                               .share = 1,
                                               .delta = 1e-6 };

        sb_ngca_direction(made.cube.family->ngca, i, v);
        made.cube.family->law(made.cube.family, i, false, &law);
        assert_int_equal(law.class->expectation(&task, &e), 0);
        assert_near(e.value, hall_above(v[1]), 1e-9);
    }
    assert_int_equal(sb_correlations_of(made.cube.family, SB_EFFORT_FULL, &k, &diag), 0);
    assert_null(k.unknown);
    assert_true(k.diagonal_ub >= hall_chi2() && k.diagonal_ub <= hall_chi2() * 1.001);
    assert_near(made.cube.family->ngca->line->coefficient[4], (13.0 / 5 - 3) / sqrt(24), 1e-12);
    sb_correlations_fini(&k);
    unmake(&made);
    sb_diag_fini(&diag);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers),
        cmocka_unit_test(large),
        cmocka_unit_test(members),
        cmocka_unit_test(draws),
        cmocka_unit_test(keys),
        cmocka_unit_test(facts),
        cmocka_unit_test(files),
        cmocka_unit_test(versions),
        cmocka_unit_test(gaussian_points),
        cmocka_unit_test(old_versions),
        cmocka_unit_test(law_on_the_line),
    };

    return cmocka_run_group_tests_name("families as plugins", tests, NULL, NULL);
}
