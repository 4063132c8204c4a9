/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The family halfspace against its page: directions, labels, laws, projections, tables; by libm, GSL,
 * closed forms and sums over the whole cube. */
#include "base/isa.h"
#include "estimate/estimate.h"
#include "halfspace.h"
#include "oracles/families/families.h"
#include "profiled.h"
#include "query/eval.h"
#include "unit.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_integration.h>
#include <math.h>

enum { DIM_MAX = HALFSPACE_DIM_MAX, WORDS = 8 };

extern const struct sb_family_class sb_family_halfspace;

/* Sums: 113 bits, under valgrind too, where a long double is a double. */
__extension__ typedef __float128 wide;

struct rig {
    struct sb_values values;
    struct sb_family *family;
    double theta, noise;
};

/* "key=value key=value" */
static void open_family(struct rig *r, const char *text)
{
    const struct sb_family_class *class = &sb_family_halfspace;
    struct sb_given given[WORDS];
    char *copy = strdup(text), *rest = copy;
    struct sb_diag diag;
    size_t n = 0;

    memset(r, 0, sizeof *r);
    memset(given, 0, sizeof given);
    for (char *word = strsep(&rest, " "); word; word = strsep(&rest, " ")) {
        assert_true(n < WORDS);
        given[n].name = strsep(&word, "=");
        given[n++].text = word;
    }
    sb_diag_init(&diag);
    if (sb_values_parse(&class->params, 1, given, n, NULL, 0, text, &r->values, &diag) ||
        sb_family_new(class, &r->values, &r->family, &diag))
        fail_msg("%s: %s", text, diag.n_items ? diag.items[0].text : "?");
    sb_diag_fini(&diag);
    free(copy);
    r->theta = sb_values_real(&r->values, "threshold");
    r->noise = sb_values_real(&r->values, "noise");
}

static void close_family(struct rig *r)
{
    sb_family_free(r->family);
    sb_values_fini(&r->values);
}

static struct sb_law law_of(const struct rig *r, int64_t member, bool clean)
{
    struct sb_law law;

    if (member < 0)
        r->family->null_law(r->family, &law);
    else
        r->family->law(r->family, (uint64_t)member, clean, &law);
    return law;
}

/* Columns of points over the Gaussian. */
struct columns {
    double x[DIM_MAX][SB_BLOCK], *at[DIM_MAX];
    struct sb_points points;
    struct sb_block block;
};

static void columns_init(struct columns *c, uint32_t dim, uint64_t n)
{
    for (uint32_t j = 0; j < dim; j++)
        c->at[j] = c->x[j];
    c->points = (struct sb_points){ .x = c->at };
    c->block = (struct sb_block){
        .struct_size = sizeof c->block, .dim = dim, .n = n, .x = (const double *const *)c->at
    };
}

/* Members */

/* A vector at this angle from w, of length 3. */
static void turned(const long double *w, uint32_t dim, double angle, double *out)
{
    long double side[DIM_MAX], square = 0;

    for (uint32_t j = 0; j < dim; j++) {
        side[j] = (j == 0) - w[0] * w[j];
        square += side[j] * side[j];
    }
    for (uint32_t j = 0; j < dim; j++)
        out[j] = (double)(3 * (cosl(angle) * w[j] + sinl(angle) * side[j] / sqrtl(square)));
}

static void test_recovered(void **state)
{
    static const double angles[] = { 0.001, 0.1, 1, 1.5 };
    struct rig r;

    (void)state;
    for (size_t a = 0; a < SB_COUNT(angles); a++) {
        char text[64];

        snprintf(text, sizeof text, "dimension=5 angle=%.17g", angles[a]);
        open_family(&r, text);
        for (uint64_t member = 0; member < 50; member++) {
            long double w[DIM_MAX];
            double v[DIM_MAX];

            halfspace_direction(member, 5, w);
            for (int inside = 0; inside < 2; inside++) {
                turned(w, 5, angles[a] * (inside ? 1 - 1e-9 : 1 + 1e-9), v);
                assert_int_equal(r.family->recovered(r.family, member, v, 5), inside);
            }
            turned(w, 5, 0, v);
            assert_true(r.family->recovered(r.family, member, v, 5));
            assert_false(r.family->recovered(r.family, member, v, 4));
            assert_false(r.family->recovered(r.family, member + 1, v, 5) && angles[a] < 0.01);
            v[1] = NAN;
            assert_false(r.family->recovered(r.family, member, v, 5));
            memset(v, 0, sizeof v);
            assert_false(r.family->recovered(r.family, member, v, 5));
        }
        close_family(&r);
    }
}

/* Over the plane a direction sweeps the circle: as many members as it ever recovers, at most as many as
 * the family says, who are no more than those in twice the angle. Beyond milliseconds: all. */
static void test_many_recovered(void **state)
{
    static const double angles[] = { 0.001, 0.1, 0.8, 1.5 };
    enum { MEMBERS = 40, STEPS = 200 };
    long double w[MEMBERS][DIM_MAX];
    struct rig r;

    (void)state;
    for (uint64_t i = 0; i < MEMBERS; i++)
        halfspace_direction(i, 2, w[i]);
    for (size_t a = 0; a < SB_COUNT(angles); a++) {
        uint64_t most = 0, beyond = 0, said;
        char text[64];

        snprintf(text, sizeof text, "dimension=2 members=40 angle=%.17g", angles[a]);
        open_family(&r, text);
        for (int k = 0; k < STEPS; k++) {
            const double turn = 2 * M_PI * k / STEPS, v[2] = { cos(turn), sin(turn) };
            uint64_t n = 0, n_wide = 0;

            for (uint64_t i = 0; i < MEMBERS; i++) {
                n += r.family->recovered(r.family, i, v, 2);
                n_wide += w[i][0] * v[0] + w[i][1] * v[1] >= cosl(2 * angles[a] + 2 * M_PI / STEPS);
            }
            most = n > most ? n : most;
            beyond = n_wide > beyond ? n_wide : beyond;
        }
        said = r.family->n_recovered(r.family);
        assert_in_range(said, most > 1 ? most : 1, beyond > 1 ? beyond : 1);
        assert_true(a < 2 || said > 5); /* one value fits many */
        close_family(&r);
    }
    open_family(&r, "dimension=5 angle=0.001");
    assert_int_equal(r.family->n_recovered(r.family), r.family->n_members);
    close_family(&r);
}

/* A vector of any length, even one whose square is no double. */
static void test_recovered_at_any_length(void **state)
{
    static const double lengths[] = { 1e-300, 1e-170, 1, 1e170, 1e300 };
    struct rig r;

    (void)state;
    open_family(&r, "dimension=5 angle=1.5");
    for (size_t k = 0; k < SB_COUNT(lengths); k++) {
        long double w[DIM_MAX];
        double v[DIM_MAX];

        halfspace_direction(7, 5, w);
        for (int j = 0; j < 5; j++)
            v[j] = (double)w[j] * lengths[k];
        assert_true(r.family->recovered(r.family, 7, v, 5));
        for (int j = 0; j < 5; j++)
            v[j] = -v[j];
        assert_false(r.family->recovered(r.family, 7, v, 5));
    }
    close_family(&r);
}

/* No two of the first thousand directions are near one another (in 8 dimensions a pair is within 0.1
 * with probability 1e-8). */
static void test_directions_are_distinct(void **state)
{
    enum { MEMBERS = 1000 };
    static long double w[MEMBERS][DIM_MAX];

    (void)state;
    for (uint64_t i = 0; i < MEMBERS; i++)
        halfspace_direction(i, 8, w[i]);
    for (uint64_t i = 0; i < MEMBERS; i++)
        for (uint64_t k = 0; k < i; k++) {
            long double dot = 0;

            for (uint32_t j = 0; j < 8; j++)
                dot += w[i][j] * w[k][j];
            assert_true(fabsl(dot) < 0.995L);
        }
}

static void test_description(void **state)
{
    struct rig r;
    long double w[DIM_MAX];
    char expected[128];

    (void)state;
    open_family(&r, "dimension=2 threshold=0.5 domain=cube");
    halfspace_direction(7, 2, w);
    snprintf(expected, sizeof expected, "<w,s> >= 0.5, w = (%.4Lf, %.4Lf)", w[0], w[1]);
    {
        char *told SB_FREE = r.family->describe(r.family, 7);

        assert_string_equal(told, expected);
    }
    close_family(&r);
}

/* Laws */

/* Pr[label number l] at a point whose margin <w,x> - theta is known, clean or not. */
static wide chance(const struct rig *r, long double margin, bool clean, int l)
{
    const wide noise = clean ? 0 : r->noise;

    return (margin >= 0) == (l == 1) ? 1 - noise : noise;
}

/* The null's Pr[label number l]. */
static wide null_chance(const struct rig *r, int l)
{
    const wide plus = r->noise + (1 - 2 * (wide)r->noise) * erfcl(r->theta / sqrtl(2)) / 2;

    return l ? plus : 1 - plus;
}

static void check_gauss_law(const struct rig *r, struct columns *c, uint64_t member)
{
    const uint32_t dim = r->family->space.dim;
    const struct sb_candidates *candidates = r->family->space.candidates;
    double weight[2][2][SB_BLOCK], null[2][SB_BLOCK], label[SB_BLOCK];
    const struct sb_law null_law = law_of(r, -1, false);
    long double w[DIM_MAX];

    halfspace_direction(member, dim, w);
    for (uint32_t l = 0; l < 2; l++) {
        for (int clean = 0; clean < 2; clean++) {
            const struct sb_law law = law_of(r, (int64_t)member, clean);

            sb_law_weights(&law, &c->block, l, weight[clean][l]);
        }
        sb_law_weights(&null_law, &c->block, l, null[l]);
    }
    candidates->label(candidates->self, member, &c->block, label);
    for (uint64_t i = 0; i < c->block.n; i++) {
        long double margin = -(long double)r->theta;

        for (uint32_t j = 0; j < dim; j++)
            margin += w[j] * c->x[j][i];
        assert_true(fabsl(margin) > 1e-12L); /* none of these points lies on the border */
        assert_same(label[i], r->family->space.labels[margin >= 0]);
        for (int l = 0; l < 2; l++) {
            assert_near(weight[0][l][i], (double)chance(r, margin, false, l), 1e-16);
            assert_same(weight[1][l][i], (double)chance(r, margin, true, l));
            assert_near(null[l][i], (double)null_chance(r, l), 1e-15);
        }
        assert_same(weight[0][0][i] + weight[0][1][i], 1);
        assert_same(null[0][i] + null[1][i], 1);
    }
}

static void test_gauss_law(void **state)
{
    static const char *const families[] = { "dimension=1", "dimension=3 threshold=0.7",
                                            "dimension=17 threshold=-2 noise=0.1 labels=01",
                                            "dimension=64 noise=0.3" };
    static struct columns c;

    (void)state;
    for (size_t f = 0; f < SB_COUNT(families); f++) {
        struct rig r;
        struct sb_law law;

        open_family(&r, families[f]);
        columns_init(&c, r.family->space.dim, 500);
        law = law_of(&r, 0, false);
        assert_true(law.class->gaussian);
        sb_law_points(&law, (struct sb_key){ { 3, 4 } }, f, 0, 500, &c.points);
        for (uint64_t member = 0; member < 20; member++)
            check_gauss_law(&r, &c, member << (3 * member % 32));
        close_family(&r);
    }
}

/* Points are the same for all laws, addressed by number, and no two columns are one another's. */
static void test_points(void **state)
{
    static struct columns c, other;
    const struct sb_key key = { { 8, 9 } };
    struct rig r;
    struct sb_law law, null;

    (void)state;
    open_family(&r, "dimension=3");
    law = law_of(&r, 5, false);
    null = law_of(&r, -1, false);
    columns_init(&c, 3, 100);
    columns_init(&other, 3, 40);
    sb_law_points(&law, key, 2, 0, 100, &c.points);
    sb_law_points(&null, key, 2, 37, 40, &other.points);
    for (uint32_t j = 0; j < 3; j++)
        for (uint64_t i = 0; i < 40; i++)
            assert_same(other.x[j][i], c.x[j][37 + i]);
    sb_law_points(&null, key, 3, 0, 100, &other.points);
    for (uint32_t j = 0; j < 3; j++)
        for (uint32_t k = 0; k < 3; k++) {
            assert_true(c.x[j][0] != other.x[k][0]);
            assert_true(j == k || c.x[j][0] != c.x[k][0]);
        }
    close_family(&r);
}

/* All instruction sets draw the same examples. */
static void test_every_isa(void **state)
{
    static struct columns first, c;
    double y_first[700], y[700];
    struct rig r;
    struct sb_law law;

    (void)state;
    open_family(&r, "dimension=19 threshold=0.3 noise=0.2");
    columns_init(&first, 19, 700);
    columns_init(&c, 19, 700);
    law = law_of(&r, 123456789, false);
    for (int isa = SB_ISA_BASELINE; isa < SB_ISAS; isa++) {
        if (!sb_isa_has((enum sb_isa)isa))
            continue;
        sb_isa_limit((enum sb_isa)isa);
        sb_law_sample(&law, (struct sb_key){ { 1, 2 } }, 41, 700, isa ? &c.points : &first.points,
                      isa ? y : y_first);
        for (uint32_t j = 0; j < 19 && isa; j++)
            assert_memory_equal(c.x[j], first.x[j], sizeof y);
        if (isa)
            assert_memory_equal(y, y_first, sizeof y);
    }
    close_family(&r);
}

/* Examples against weights: the margin's distribution over 32 bins, the labels' in each of them. Two
 * chi-squared tests a law, each of which fails by chance with probability 1e-9. */
static void check_sample(const struct rig *r, int64_t member, uint64_t key)
{
    enum { BINS = 32, BLOCKS = 60 };
    static struct columns c;
    const struct sb_law law = law_of(r, member, false);
    const uint32_t dim = r->family->space.dim;
    const double n = BLOCKS * 1000;
    double seen[BINS] = { 0 }, plus[BINS] = { 0 }, expected[BINS] = { 0 }, y[SB_BLOCK];
    double weight[SB_BLOCK], spread = 0, label_spread = 0;
    long double w[DIM_MAX];

    halfspace_direction(member < 0 ? 0 : (uint64_t)member, dim, w);
    columns_init(&c, dim, 1000);
    for (uint64_t b = 0; b < BLOCKS; b++) {
        sb_law_sample(&law, (struct sb_key){ { (uint32_t)key, 1 } }, b * 1000, 1000, &c.points, y);
        sb_law_weights(&law, &c.block, 1, weight);
        for (uint64_t i = 0; i < 1000; i++) {
            long double t = 0;
            int bin;

            for (uint32_t j = 0; j < dim; j++)
                t += w[j] * c.x[j][i];
            bin = (int)(BINS * gsl_cdf_ugaussian_P((double)t));
            seen[bin]++;
            plus[bin] += y[i] == r->family->space.labels[1];
            expected[bin] += weight[i];
        }
    }
    for (int bin = 0; bin < BINS; bin++) {
        const double rate = expected[bin] / seen[bin];

        spread += (seen[bin] - n / BINS) * (seen[bin] - n / BINS) / (n / BINS);
        label_spread += (plus[bin] - expected[bin]) * (plus[bin] - expected[bin]) /
                        (seen[bin] * rate * (1 - rate));
    }
    assert_true(gsl_cdf_chisq_Q(spread, BINS - 1) > 1e-9);
    assert_true(gsl_cdf_chisq_Q(label_spread, BINS) > 1e-9);
}

static void test_samples(void **state)
{
    struct rig r;

    (void)state;
    open_family(&r, "dimension=6 threshold=0.4 noise=0.15");
    check_sample(&r, 11, 1);
    check_sample(&r, 4000000000, 2);
    check_sample(&r, -1, 3);
    close_family(&r);
}

/* Projections */

/* A unit vector with <u,w> = cos(angle). */
static void unit_at(const long double *w, uint32_t dim, double angle, double *u)
{
    turned(w, dim, angle, u);
    for (uint32_t j = 0; j < dim; j++)
        u[j] /= 3;
}

static const double angles[] = { 0,   1e-15, 3e-14, 1e-12, 1e-8,        1e-4,
                                 0.1, 0.7,   1.5,   2.5,   3.141592652, 3.14159265358979 };

/* Pr[label number l | <u,x> = t] by libm. */
static double given_by_libm(const struct rig *r, double angle, double t, int l)
{
    const long double z = (cosl(angle) * t - r->theta) / sinl(angle);
    const long double plus = r->noise + (1 - 2 * (long double)r->noise) * erfcl(-z / sqrtl(2)) / 2;

    return (double)(l ? plus : 1 - plus);
}

static void test_given(void **state)
{
    static const char *const families[] = { "dimension=2", "dimension=7 threshold=1.2 noise=0.1",
                                            "dimension=30 threshold=-0.4 labels=01" };

    (void)state;
    for (size_t f = 0; f < SB_COUNT(families); f++) {
        struct rig r;

        open_family(&r, families[f]);
        for (size_t a = 0; a < SB_COUNT(angles); a++) {
            const uint32_t dim = r.family->space.dim;
            const struct sb_law law = law_of(&r, 77, false), null = law_of(&r, -1, false);
            double u[DIM_MAX], t[101], out[101], cuts[SB_LAW_CUTS];
            long double w[DIM_MAX];

            halfspace_direction(77, dim, w);
            unit_at(w, dim, angles[a], u);
            for (int i = 0; i <= 100; i++)
                t[i] = (i - 50.25) / 7;
            for (uint32_t l = 0; l < 2; l++) {
                law.class->given(&law, u, l, 101, t, out);
                for (int i = 0; i <= 100; i++) /* the angle is known to 1e-15 or so */
                    if (angles[a] > 1e-5 && angles[a] < 3.14)
                        assert_near(out[i], given_by_libm(&r, angles[a], t[i], (int)l),
                                    1e-14 + 1e-15 / sin(angles[a]));
                    else
                        assert_near(
                            out[i],
                            given_by_libm(&r, angles[a] < 1 ? 1e-9 : 3.141592652, t[i], (int)l),
                            1e-15);
                null.class->given(&null, u, l, 101, t, out);
                for (int i = 0; i <= 100; i++)
                    assert_near(out[i], (double)null_chance(&r, (int)l), 1e-15);
            }
            assert_int_equal(null.class->cuts(&null, u, cuts), 0);
        }
        close_family(&r);
    }
}

/* The integral of given(t) g(t) phi(t) over [from, 12], by 24-point panels that end at the cuts and
 * otherwise every 1: what cuts() promises is smooth is integrated to the last digits. */
static double integral(const struct sb_law *law, const double *u, uint32_t l, double from,
                       double (*g)(double))
{
    gsl_integration_glfixed_table *table = gsl_integration_glfixed_table_alloc(24);
    double cuts[SB_LAW_CUTS], sum = 0, at = from;
    const size_t n_cuts = law->class->cuts(law, u, cuts);
    size_t k = 0;

    assert_true(n_cuts <= SB_LAW_CUTS);
    while (at < 12) {
        double end = at + 1 < 12 ? at + 1 : 12;

        while (k < n_cuts && cuts[k] <= at)
            k++;
        assert_true(k + 1 >= n_cuts || cuts[k] < cuts[k + 1]);
        if (k < n_cuts && cuts[k] < end)
            end = cuts[k];
        for (size_t i = 0; i < 24; i++) {
            double t, weight, rate;

            gsl_integration_glfixed_point(at, end, i, &t, &weight, table);
            law->class->given(law, u, l, 1, &t, &rate);
            sum += weight * rate * g(t) * exp(-t * t / 2) / sqrt(2 * M_PI);
        }
        at = end;
    }
    gsl_integration_glfixed_table_free(table);
    return sum;
}

static double one(double t)
{
    (void)t;
    return 1;
}

static double itself(double t)
{
    return t;
}

/* Pr[+] by the tail, E[label <u,x>] by Stein, and the orthant by Sheppard at theta = 0, all of them
 * closed forms that know nothing of sigmoids. */
static void test_projections_integrate(void **state)
{
    static const double thetas[] = { 0, 0.7, -1.9 };

    (void)state;
    for (size_t a = 0; a < SB_COUNT(angles); a++)
        for (size_t h = 0; h < SB_COUNT(thetas); h++) {
            char text[80];
            struct rig r;
            struct sb_law law;
            double u[DIM_MAX];
            long double w[DIM_MAX];

            snprintf(text, sizeof text, "dimension=9 noise=0.05 threshold=%g", thetas[h]);
            open_family(&r, text);
            halfspace_direction(31, 9, w);
            unit_at(w, 9, angles[a], u);
            law = law_of(&r, 31, false);
            assert_near(integral(&law, u, 1, -12, one), (double)null_chance(&r, 1), 1e-13);
            assert_near(integral(&law, u, 1, -12, itself) - integral(&law, u, 0, -12, itself),
                        0.9 * 2 * exp(-thetas[h] * thetas[h] / 2) / sqrt(2 * M_PI) * cos(angles[a]),
                        1e-13);
            if (thetas[h] == 0)
                assert_near(integral(&law, u, 1, 0, one),
                            0.05 / 2 + 0.9 * (0.5 - angles[a] / (2 * M_PI)), 1e-13);
            close_family(&r);
        }
}

/* The cube */

static long double cube_margin(const struct rig *r, const long double *w, uint64_t x)
{
    long double margin = -(long double)r->theta;

    for (uint32_t j = 0; j < r->family->space.dim; j++)
        margin += x >> j & 1 ? -w[j] : w[j];
    assert_true(fabsl(margin) > 1e-12L);
    return margin;
}

/* E f under a member (or the null, -1) by summing over the cube; f: values at [l * 2^dim + x] */
static wide cube_mean(const struct rig *r, int64_t member, bool clean, const double *f)
{
    const uint64_t size = UINT64_C(1) << r->family->space.dim;
    long double w[DIM_MAX];
    wide sum = 0;

    if (member >= 0)
        halfspace_direction((uint64_t)member, r->family->space.dim, w);
    for (uint64_t x = 0; x < size; x++) {
        const long double margin = member < 0 ? 0 : cube_margin(r, w, x);

        for (int l = 0; l < 2; l++)
            sum += (member < 0 ? null_chance(r, l) : chance(r, margin, clean, l)) *
                   f[(uint64_t)l * size + x];
    }
    return sum / size;
}

static void tabulate(const struct rig *r, const struct sb_pool *pool, sb_expr e, double *f)
{
    const uint64_t size = UINT64_C(1) << r->family->space.dim;
    struct sb_program *program = sb_program_new(pool, e);

    assert_non_null(program);
    for (int l = 0; l < 2; l++)
        for (uint64_t x = 0; x < size; x++) {
            const struct sb_block block = { .n = 1, .bits = &x, .y = &r->family->space.labels[l] };

            sb_program_run(program, &block, f + (uint64_t)l * size + x);
        }
    sb_program_free(program);
}

static const char *const cube_families[] = {
    "domain=cube dimension=1 members=20", "domain=cube dimension=3 members=40 noise=0.1",
    "domain=cube dimension=6 members=50 threshold=0.6 labels=01",
    "domain=cube dimension=9 members=9 threshold=-1 noise=0.25"
};

static void check_estimates(const struct rig *r, struct sb_pool *pool, double *f)
{
    static const char *const texts[] = { "y", "y*chi(0)", "(y + x0)/3", "candidate(1)*y",
                                         "step(dot(%s) - 1)*y" };
    const uint32_t dim = r->family->space.dim;
    char dot[256] = "1";

    for (uint32_t j = 1; j < dim; j++)
        strcat(dot, ",-0.5");
    for (size_t k = 0; k < SB_COUNT(texts); k++) {
        char text[300];
        struct sb_diag diag;
        sb_expr e;

        sb_diag_init(&diag);
        snprintf(text, sizeof text, texts[k], dot);
        e = sb_expr_parse(pool, text, &diag);
        assert_true(e != 0);
        tabulate(r, pool, e, f);
        for (int64_t member = -1; member < 8; member++) {
            const struct sb_law law = law_of(r, member, false);
            const struct sb_estimate_task task = { .law = &law,
                                                   .pool = pool,
                                                   .expr = e,
                                                   .lo = -1,
                                                   .hi = 1,
                                                   .tolerance = { SB_RULE_STAT, 0.1 },
                                                   .share = 0.5,
                                                   .delta = 1e-9 };
            struct sb_estimate out;

            assert_int_equal(sb_estimate(&task, &out), 0);
            assert_int_equal(out.samples, 0);
            assert_true(out.half_width < 1e-12);
            assert_near(out.value, (double)cube_mean(r, member, false, f), out.half_width + 1e-15);
        }
        sb_diag_fini(&diag);
    }
}

static void test_cube_expectations(void **state)
{
    (void)state;
    for (size_t k = 0; k < SB_COUNT(cube_families); k++) {
        struct rig r;
        struct sb_pool *pool;
        double *f;

        open_family(&r, cube_families[k]);
        pool = sb_pool_new(&r.family->space);
        f = calloc(UINT64_C(2) << r.family->space.dim, sizeof *f);
        assert_non_null(pool);
        check_estimates(&r, pool, f);
        free(f);
        sb_pool_free(pool);
        close_family(&r);
    }
}

static void test_cube_values(void **state)
{
    (void)state;
    for (size_t k = 0; k < SB_COUNT(cube_families); k++) {
        struct rig r;
        double *table, out[64], half_width;
        uint64_t size;

        open_family(&r, cube_families[k]);
        size = UINT64_C(1) << r.family->space.dim;
        table = calloc(2 * size, sizeof *table);
        for (uint64_t z = 0; z < 2 * size; z++)
            table[z] = (double)(z * 2654435761 % 1000) / 500 - 1;
        for (int clean = 0; clean < 2; clean++) {
            assert_null(r.family->no_profile);
            assert_int_equal(profiled(r.family, clean, table, out, &half_width), 0);
            assert_true(half_width < 1e-14);
            for (uint64_t i = 0; i < r.family->n_members; i++)
                assert_near(out[i], (double)cube_mean(&r, (int64_t)i, clean, table),
                            half_width + 1e-17);
        }
        free(table);
        close_family(&r);
    }
}

/* Where all values cannot be had: by the number of members. */
static void test_no_values(void **state)
{
    static const char *const none[] = { "dimension=3 members=131073", "domain=cube dimension=4",
                                        "domain=cube dimension=9 members=131073" };
    static const char *const some[] = { "dimension=3 members=131072",
                                        "domain=cube dimension=30 members=131072",
                                        "domain=cube dimension=7 members=65537" };
    struct rig r;

    (void)state;
    for (size_t k = 0; k < SB_COUNT(none); k++) {
        open_family(&r, none[k]);
        assert_non_null(r.family->no_profile);
        assert_int_equal(r.family->n_good(r.family, SB_LOSS_ZERO_ONE, 0), r.family->n_members);
        close_family(&r);
        open_family(&r, some[k]);
        assert_null(r.family->no_profile);
        close_family(&r);
    }
}

static void test_refused(void **state)
{
    const struct sb_family_class *class = &sb_family_halfspace;
    struct sb_given given[2] = { { .name = "dimension", .text = "64" },
                                 { .name = "domain", .text = "cube" } };
    struct sb_values values = { 0 };
    struct sb_family *family = NULL;
    struct sb_diag diag;

    (void)state;
    sb_diag_init(&diag);
    assert_int_equal(sb_values_parse(&class->params, 1, given, 2, NULL, 0, "f", &values, &diag), 0);
    assert_true(sb_family_new(class, &values, &family, &diag) < 0);
    assert_non_null(strstr(diag.items[0].text, "dimension = 64 is above 63"));
    sb_values_fini(&values);
    sb_diag_fini(&diag);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_recovered),
        cmocka_unit_test(test_many_recovered),
        cmocka_unit_test(test_recovered_at_any_length),
        cmocka_unit_test(test_directions_are_distinct),
        cmocka_unit_test(test_description),
        cmocka_unit_test(test_gauss_law),
        cmocka_unit_test(test_points),
        cmocka_unit_test(test_every_isa),
        cmocka_unit_test(test_samples),
        cmocka_unit_test(test_given),
        cmocka_unit_test(test_projections_integrate),
        cmocka_unit_test(test_cube_expectations),
        cmocka_unit_test(test_cube_values),
        cmocka_unit_test(test_no_values),
        cmocka_unit_test(test_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
