/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Families of a hidden direction: examples against the laws by definition, facts and vectors against golden values and
 * closed forms, what recovers a direction, and what is refused. */
#include "estimate/ngca.h"
#include "opened.h"

#include <errno.h>
#include <gsl/gsl_cdf.h>
#include <math.h>

enum { DIM = 5, BINS = 24 };
#define ALARM 1e-6

/* Under valgrind fewer cases of the same kind. */
static bool few(void)
{
    return getenv("STATBED_TEST_VALGRIND") != NULL;
}

/* Laws along v, by definition */

struct bumps {
    double eps, p[2], q[2], height[2];
    int n;
};
/* moments.json, at the horizon */
static const struct bumps bumps3 = {
    0.14, { 0.2822161470625081266437 }, { 0.7647096737863870473209 }, { 1.588151041007389770004 }, 1
};
static const struct bumps bumps5 = { 0.16,
                                     { 0.4450460194707574089948, 1.900544640096458267928 },
                                     { 1.247717163339604240572, 2.110133483195723920567 },
                                     { 1.194443916460190418215, 2.877628214129711259865 },
                                     2 };

static double step_with_ramps(const struct bumps *b, double z)
{
    const double a = fabs(z);
    double f = 0;

    for (int i = 0; i < b->n; i++) {
        const double up = (a - b->p[i]) / b->eps + 1, down = (b->q[i] - a) / b->eps + 1;

        f += b->height[i] * fmax(0, fmin(1, fmin(up, down)));
    }
    return z < 0 ? -f : f;
}

/* Pr[sqrt(1 - s^2) f(g) + s g' <= t], by the midpoint rule. */
static double pushed(const struct bumps *b, double s, double t)
{
    const double h = 1. / 128;
    double sum = 0;

    for (double z = -9 + h / 2; z < 9; z += h)
        sum += h * exp(-z * z / 2) *
               gsl_cdf_ugaussian_P((t - sqrt(1 - s * s) * step_with_ramps(b, z)) / s);
    return sum / sqrt(2 * M_PI);
}

static double pushforward3(double t)
{
    return pushed(&bumps3, 0.2, t);
}

static double pushforward5(double t)
{
    return pushed(&bumps5, 0.3, t);
}

static double step3(double t)
{
    return (t >= -sqrt(3)) / 6. + (t >= 0) * 2. / 3 + (t >= sqrt(3)) / 6.;
}

static double step2(double t)
{
    return (t >= -1) / 2. + (t >= 1) / 2.;
}

static double pancakes2(double t)
{
    const double c = sqrt(1 - 0.04);

    return (gsl_cdf_ugaussian_P((t - c) / 0.2) + gsl_cdf_ugaussian_P((t + c) / 0.2)) / 2;
}

static double mixture(double t)
{
    return 0.25 * gsl_cdf_ugaussian_P((t + 1) / 0.5) + 0.75 * gsl_cdf_ugaussian_P((t - 0.4) / 0.8);
}

static const struct {
    const char *family, *params;
    double (*cdf)(double t);
    bool symmetric;
} laws[] = {
    { "pushforward", "dimension=5 m=3 sigma=0.2", pushforward3, true },
    { "pushforward", "dimension=5 m=5 sigma=0.3 packing=basis", pushforward5, true },
    { "pushforward-step", "dimension=5 m=3 packing=binary", step3, true },
    { "pushforward-step", "dimension=5 m=2 members=3", step2, true },
    { "pancakes", "dimension=5 sigma=0.2 direction=0,0.6,0,-0.8,0", pancakes2, true },
    { "ngca", "dimension=5 weights=0.25,0.75 means=-1,0.4 deviations=0.5,0.8", mixture, false },
};

/* Examples: S2-Pv, S2-C4.2 */

struct sample {
    uint64_t n;
    double *along, *across; /* <v,x>, and along a vector at right angles to v */
};

static void across_from(const double *v, double *w)
{
    const uint32_t first = fabs(v[0]) < 0.9 ? 0 : 1;
    double square = 0;

    for (uint32_t j = 0; j < DIM; j++) {
        w[j] = (j == first) - v[first] * v[j];
        square += w[j] * w[j];
    }
    for (uint32_t j = 0; j < DIM; j++)
        w[j] /= sqrt(square);
}

static void draw(const struct sb_law *law, const double *v, struct sample *out)
{
    const struct sb_key key = sb_key_derive("test pushforward", "", 0);
    double column[DIM][SB_BLOCK], *x[DIM], y[SB_BLOCK], w[DIM];
    const struct sb_points points = { .x = x };

    across_from(v, w);
    for (uint32_t j = 0; j < DIM; j++)
        x[j] = column[j];
    out->along = SB_NEW_ARRAY(double, out->n);
    out->across = SB_NEW_ARRAY(double, out->n);
    for (uint64_t start = 0; start < out->n; start += SB_BLOCK) {
        sb_law_sample(law, key, start, SB_BLOCK, &points, y);
        for (uint64_t i = 0; i < SB_BLOCK; i++) {
            assert_same(y[i], 0);
            for (uint32_t j = 0; j < DIM; j++) {
                out->along[start + i] += v[j] * x[j][i];
                out->across[start + i] += w[j] * x[j][i];
            }
        }
    }
}

/* Between bins b - 1 and b. */
static double edge(int b)
{
    return (b - BINS / 2) / 4. - 0.11;
}

/* Chi-squared test of n numbers against a law, in bins of width 1/4 around 0. */
static void assert_law(const double *t, uint64_t n, double (*cdf)(double), const char *what)
{
    double found[BINS] = { 0 }, below = 0, chi = 0;
    int used = 0;

    for (uint64_t i = 0; i < n; i++)
        found[(int)fmax(0, fmin(BINS - 1, ceil((t[i] + 0.11) * 4 + BINS / 2) - 1))]++;
    for (int b = 0; b < BINS; b++) {
        const double up_to = b + 1 < BINS ? cdf(edge(b + 1)) : 1; /* the last has no end */
        const double expected = (double)n * (up_to - below);

        below = up_to;
        if (expected < 5) {
            assert_true(found[b] <= expected + 8 * sqrt(expected + 4));
            continue;
        }
        chi += (found[b] - expected) * (found[b] - expected) / expected;
        used++;
    }
    if (chi > gsl_cdf_chisq_Pinv(1 - ALARM, used))
        fail_msg("%s: chi-squared %g of %d bins", what, chi, used);
}

/* Signs along and across, cut away from 0, are independent. */
static void assert_independent(const struct sample *s, double (*cdf)(double))
{
    const double p = (1 - cdf(0.51)) * (1 - gsl_cdf_ugaussian_P(0.5)), n = (double)s->n;
    double both = 0;

    for (uint64_t i = 0; i < s->n; i++)
        both += s->along[i] > 0.51 && s->across[i] > 0.5;
    assert_near(both, n * p, 5 * sqrt(n * p * (1 - p)));
}

/* The same examples in one block and in parts, of every law. */
static void test_parts(void **state)
{
    enum { N = 50 };
    const struct sb_key key = sb_key_derive("test parts", "", 0);
    double all[DIM][N], y[N], some[DIM][N], *to[2][DIM];
    const struct sb_points at_all = { .x = to[0] }, at_some = { .x = to[1] };

    (void)state;
    for (size_t c = few() ? 2 : 0; c < SB_COUNT(laws); c++) {
        struct opened o;
        struct sb_law law;

        opened_new(&o, laws[c].family, laws[c].params);
        sb_family_law(o.family, (struct sb_hidden){ true, 0 }, false, &law);
        for (uint32_t j = 0; j < DIM; j++)
            to[0][j] = all[j];
        sb_law_sample(&law, key, 1001, N, &at_all, y);
        for (uint64_t from = 0, n; from < N; from += n) {
            n = from ? N - from : 7;
            for (uint32_t j = 0; j < DIM; j++)
                to[1][j] = some[j] + from;
            sb_law_sample(&law, key, 1001 + from, n, &at_some, y + from);
        }
        assert_memory_equal(all, some, sizeof all);
        opened_close(&o);
    }
}

static void test_examples(void **state)
{
    (void)state;
    for (size_t c = 0; c < SB_COUNT(laws); c += few() ? 2 : 1) {
        struct sample s = { .n = few() ? 4096 : 32768 };
        struct opened o;
        struct sb_law law;
        double v[DIM];

        opened_new(&o, laws[c].family, laws[c].params);
        for (int planted = 0; planted < 2; planted++) {
            const uint64_t member = o.family->n_members > 2 ? 2 : 0;
            double (*const cdf)(double) = planted ? laws[c].cdf : gsl_cdf_ugaussian_P;

            sb_ngca_direction(o.family->ngca, member, v);
            sb_family_law(o.family, (struct sb_hidden){ planted, member }, false, &law);
            draw(&law, v, &s);
            assert_law(s.along, s.n, cdf, laws[c].family);
            assert_law(s.across, s.n, gsl_cdf_ugaussian_P, "across");
            assert_independent(&s, cdf);
            free(s.along);
            free(s.across);
        }
        assert_int_equal(o.family->ngca->line->symmetric, laws[c].symmetric);
        opened_close(&o);
    }
}

static double density(double t, double mean, double deviation)
{
    return exp(-(t - mean) * (t - mean) / 2 / deviation / deviation) / deviation;
}

/* S2-Pv: weights of public points and candidates are A/phi at <v,x>, of the last law and pancakes. */
static void test_ratios(void **state)
{
    const struct sb_key key = sb_key_derive("test ratios", "", 0);
    double column[DIM][SB_BLOCK], out[2][SB_BLOCK], *x[DIM];
    const struct sb_points points = { .x = x };
    const struct sb_block block = { sizeof block, DIM, SB_BLOCK, (const double *const *)x,
                                    NULL,         NULL };

    (void)state;
    for (uint32_t j = 0; j < DIM; j++)
        x[j] = column[j];
    for (size_t c = 4; c < 6; c++) {
        struct opened o;
        struct sb_law law;
        double v[DIM];

        opened_new(&o, laws[c].family, laws[c].params);
        sb_ngca_direction(o.family->ngca, 0, v);
        sb_family_law(o.family, (struct sb_hidden){ true, 0 }, false, &law);
        sb_law_points(&law, key, 3, 0, SB_BLOCK, &points);
        sb_law_weights(&law, &block, 0, out[0]);
        o.family->space.candidates->label(o.family->space.candidates->self, 0, &block, out[1]);
        assert_memory_equal(out[0], out[1], sizeof out[0]);
        for (uint64_t i = 0; i < SB_BLOCK; i++) {
            double t = 0, a;

            for (uint32_t j = 0; j < DIM; j++)
                t += v[j] * x[j][i];
            a = c == 4 ? (density(t, -sqrt(0.96), 0.2) + density(t, sqrt(0.96), 0.2)) / 2
                       : 0.25 * density(t, -1, 0.5) + 0.75 * density(t, 0.4, 0.8);
            assert_near(out[0][i], a / density(t, 0, 1), 1e-11 * (1 + out[0][i]));
            assert_true(out[0][i] <= law.most_weight);
        }
        opened_close(&o);
    }
}

/* Facts and vectors */

struct facts {
    struct sb_fact item[SB_FACTS_MAX];
    size_t n;
};

static struct facts facts_of(const struct opened *o)
{
    struct facts facts;

    facts.n = o->family->facts(o->family, facts.item, SB_FACTS_MAX);
    return facts;
}

static double fact(const struct facts *facts, const char *name)
{
    for (size_t i = 0; i < facts->n; i++)
        if (strcmp(facts->item[i].name, name) == 0)
            return facts->item[i].value;
    fail_msg("no fact '%s'", name);
    return NAN;
}

/* NULL: there is none. */
static const double *vector(const struct opened *o, const char *name, uint64_t n)
{
    struct sb_public_vector vectors[SB_VECTORS_MAX];
    const size_t n_vectors = o->family->vectors(o->family, vectors, SB_VECTORS_MAX);

    for (size_t i = 0; i < n_vectors; i++)
        if (strcmp(vectors[i].name, name) == 0) {
            assert_int_equal(vectors[i].n, n);
            return vectors[i].value;
        }
    return NULL;
}

/* moments.json; S2-T3.2 */
static void test_golden(void **state)
{
    static const struct {
        int m;
        double eps, sigma, chi2, first, tv, pair;
    } cases[] = {
        { 3, 0.14, 0.1, 2.35252238727812, -0.1276132190519693690309, 0.57271047, 0.56870584 },
        { 3, 0.14, 0.5, 0.0291787130236127, -0.07323990992422484448512, 0.06859272, 0.06630092 },
        { 5, 0.16, 0.1, 1.66179488316161, 0.07180461731184104846982, 0.50752691, 0.50687354 },
        { 5, 0.16, 0.3, 0.150665230016911, 0.0557661888472536514378, 0.16229552, 0.16179918 },
        { 7, 0.12, 0.3, 0.101573479595347, -0.04412121617860893244931, 0.13015524, 0.13005816 },
    };
    static const double weight[] = { 11.34393600719564121431, 40.82875100677857445089,
                                     94.01836673304158518706 };

    (void)state;
    for (size_t c = 0; c < (few() ? 1 : SB_COUNT(cases)); c++) {
        const uint32_t m = (uint32_t)cases[c].m;
        const double damped = sqrt(1 - cases[c].sigma * cases[c].sigma);
        const double *coefficient;
        struct facts facts;
        struct opened o;
        char text[96];

        snprintf(text, sizeof text, "dimension=8 members=20 m=%u sigma=%g", m, cases[c].sigma);
        opened_new(&o, "pushforward", text);
        facts = facts_of(&o);
        assert_near(fact(&facts, "chi2"), cases[c].chi2, 1e-11);
        assert_near(fact(&facts, "tv-gauss"), cases[c].tv, 2e-8);
        assert_near(fact(&facts, "first-coefficient"), cases[c].first, 1e-14);
        assert_same(fact(&facts, "first-degree"), m + 1);
        assert_same(fact(&facts, "matched"), m);
        assert_same(fact(&facts, "units"), 4 * (m - 1) + 2);
        assert_same(fact(&facts, "epsilon"), cases[c].eps);
        assert_near(fact(&facts, "weight-bound"), damped * weight[m / 2 - 1], 1e-11);
        coefficient = vector(&o, "coefficients", SB_LINE_COEFFICIENTS);
        assert_non_null(coefficient);
        assert_same(coefficient[0], 1);
        for (uint32_t k = 1; k <= m; k++)
            assert_same(coefficient[k], 0);
        assert_near(coefficient[m + 1], cases[c].first, 1e-14);
        assert_same(*vector(&o, "matched", 1), m);
        assert_near(*vector(&o, "noise", 1), cases[c].sigma, 1e-16);
        assert_memory_equal(vector(&o, "directions", 160), o.family->ngca->directions,
                            160 * sizeof(double));
        opened_close(&o);
    }
}

/* E h_k(X) of a mixture of Gaussians: b_{k+1} = (mean b_k + (s^2 - 1) sqrt(k) b_{k-1})/sqrt(k+1) for each. */
static void test_mixture(void **state)
{
    static const double weight[] = { 0.2, 0.5, 0.3 }, mean[] = { -1, 0.1, 0.7 },
                        deviation[] = { 0.5, 0.9, 0.25 };
    double wanted[SB_LINE_COEFFICIENTS] = { 0 };
    const double *coefficient;
    struct facts facts;
    struct opened o;

    (void)state;
    for (int i = 0; i < 3; i++) {
        long double last = 0, b = 1;

        for (int k = 0; k < SB_LINE_COEFFICIENTS; k++) {
            const long double next =
                (mean[i] * b + ((long double)deviation[i] * deviation[i] - 1) * sqrtl(k) * last) /
                sqrtl(k + 1);

            wanted[k] += (double)(weight[i] * b);
            last = b;
            b = next;
        }
    }
    opened_new(&o, "ngca",
               "dimension=3 weights=0.2,0.5,0.3 means=-1,0.1,0.7 deviations=0.5,0.9,"
               "0.25");
    coefficient = vector(&o, "coefficients", SB_LINE_COEFFICIENTS);
    for (int k = 0; k < SB_LINE_COEFFICIENTS; k++)
        assert_near(coefficient[k], wanted[k], 1e-12);
    facts = facts_of(&o);
    assert_same(fact(&facts, "matched"), 0);
    assert_same(fact(&facts, "first-degree"), 1);
    assert_near(fact(&facts, "first-coefficient"), 0.06, 1e-12);
    assert_non_null(vector(&o, "pieces", 18));
    opened_close(&o);
    opened_new(&o, "ngca", "dimension=3 matched=3"); /* 0.8^2 + 0.6^2 = 1 */
    facts = facts_of(&o);
    assert_same(fact(&facts, "matched"), 3);
    assert_same(fact(&facts, "first-degree"), 4);
    opened_close(&o);
}

/* S2-C4.2. k nodes of Gauss and Hermite: 2k - 1 moments, c_2k = -(1 - s^2)^k sqrt(k!^2/(2k)!). */
static void test_pancakes(void **state)
{
    (void)state;
    for (int k = 2; k <= (few() ? 2 : 9); k++) {
        for (int s = 0; s < 2; s++) {
            struct facts facts;
            struct opened o;
            char text[64];

            snprintf(text, sizeof text, "dimension=3 %s=%d%s", s ? "components" : "m", k,
                     s ? " sigma=0.6" : "");
            opened_new(&o, s ? "pancakes" : "pushforward-step", text);
            facts = facts_of(&o);
            assert_same(fact(&facts, "matched"), 2 * k - 1);
            assert_same(fact(&facts, "first-degree"), 2 * k);
            assert_near(fact(&facts, "first-coefficient"),
                        -pow(s ? 0.64 : 1, k) * exp(lgamma(k + 1) - lgamma(2 * k + 1) / 2), 1e-13);
            assert_int_equal(isinf(fact(&facts, "chi2")), !s);
            assert_int_equal(o.family->no_public_points == NULL, s);
            assert_int_equal(o.family->correlation == NULL, !s);
            opened_close(&o);
        }
    }
}

/* Recover */

/* A vector at this angle from v, of this length. */
static void turned(const double *v, double angle, double length, double *out)
{
    double w[DIM];

    across_from(v, w);
    for (uint32_t j = 0; j < DIM; j++)
        out[j] = (v[j] * cos(angle) + w[j] * sin(angle)) * length;
}

static void test_recovered(void **state)
{
    static const double angles[] = { 0.001, 0.1, 1.5 }, lengths[] = { 1, -1, 1e300, 1e-300 };

    (void)state;
    for (size_t a = few() ? 2 : 0; a < SB_COUNT(angles); a++)
        for (int symmetric = 0; symmetric < 2; symmetric++) {
            struct opened o;
            char text[96];

            snprintf(text, sizeof text, "dimension=5 angle=%g%s", angles[a],
                     symmetric ? "" : " means=0.1,0.8");
            opened_new(&o, "ngca", text);
            for (uint64_t member = 0; member < 40; member++)
                for (size_t l = 0; l < SB_COUNT(lengths); l++) {
                    const bool right = symmetric || lengths[l] > 0;
                    double v[DIM], u[DIM];

                    sb_ngca_direction(o.family->ngca, member, v);
                    turned(v, angles[a] * (1 - 1e-9), lengths[l], u);
                    assert_int_equal(o.family->recovered(o.family, member, u, DIM), right);
                    assert_false(o.family->recovered(o.family, member, u, DIM - 1));
                    turned(v, angles[a] * (1 + 1e-9), lengths[l], u);
                    assert_false(o.family->recovered(o.family, member, u, DIM));
                    u[2] = NAN;
                    assert_false(o.family->recovered(o.family, member, u, DIM));
                    memset(u, 0, sizeof u);
                    assert_false(o.family->recovered(o.family, member, u, DIM));
                }
            opened_close(&o);
        }
}

/* In the plane a vector goes round: as many members as it ever recovers, at most as many as the family says, who are no
 * more than those within twice the angle, or what overlaps allow. */
static void test_many_recovered(void **state)
{
    static const double angles[] = { 0.01, 0.1, 0.4, 0.75 };
    enum { STEPS = 500 };

    (void)state;
    for (size_t a = few() ? 2 : 0; a < SB_COUNT(angles); a++)
        for (int symmetric = 0; symmetric < 2; symmetric++) {
            uint64_t most = 1, beyond = 1, said;
            struct opened o;
            char text[96];

            snprintf(text, sizeof text, "dimension=2 members=30 angle=%g%s", angles[a],
                     symmetric ? "" : " means=0.1,0.8");
            opened_new(&o, "ngca", text);
            for (int k = 0; k < STEPS; k++) {
                const double turn = 2 * M_PI * k / STEPS, u[2] = { cos(turn), sin(turn) };
                uint64_t n = 0, n_wide = 0;

                for (uint64_t i = 0; i < 30; i++) {
                    const double *v = o.family->ngca->directions + 2 * i;
                    const double cosine = u[0] * v[0] + u[1] * v[1];

                    n += o.family->recovered(o.family, i, u, 2);
                    n_wide += (symmetric ? fabs(cosine) : cosine) >=
                              cos(2 * angles[a] + 2 * M_PI / STEPS);
                }
                most = n > most ? n : most;
                beyond = n_wide > beyond ? n_wide : beyond;
            }
            said = o.family->n_recovered(o.family);
            assert_in_range(said, most, beyond);
            assert_true(a < 2 || said > 3);
            opened_close(&o);
        }
}

/* How many the middle of two members, of different bases of dim = 16, recovers. */
static uint64_t between(const struct sb_family *family)
{
    double v[16], w[16];
    uint64_t n = 0;

    sb_ngca_direction(family->ngca, 0, v);
    sb_ngca_direction(family->ngca, 16, w); /* all signs are + */
    for (int j = 0; j < 16; j++)
        v[j] += w[j];
    for (uint64_t i = 0; i < family->n_members; i++)
        n += family->recovered(family, i, v, 16);
    return n ? n : 1;
}

/* Of bases with overlaps 1/4 between them a vector recovers two at arccos sqrt((1 + 1/4)/2) = 0.659, not three before
 * arccos sqrt((1 + 2/4)/3) = 0.785; one before. Of unlisted ones anybody may be near anybody. */
static void test_recovered_of_bases(void **state)
{
    static const struct {
        double angle;
        uint64_t most;
    } cases[] = { { 0.65, 1 }, { 0.67, 2 }, { 0.78, 2 } };
    struct opened o;

    (void)state;
    for (size_t c = 0; c < SB_COUNT(cases); c++) {
        char text[96];

        snprintf(text, sizeof text, "dimension=16 packing=kerdock angle=%g", cases[c].angle);
        opened_new(&o, "pancakes", text);
        assert_int_equal(o.family->n_members, 144);
        assert_int_equal(o.family->n_recovered(o.family), cases[c].most);
        assert_int_equal(between(o.family), cases[c].most);
        opened_close(&o);
    }
    opened_new(&o, "pancakes", "dimension=16");
    assert_int_equal(o.family->n_recovered(o.family), UINT64_C(1) << 32);
    opened_close(&o);
    opened_new(&o, "pancakes", "dimension=7 packing=basis angle=0.78"); /* two at pi/4 */
    assert_int_equal(o.family->n_recovered(o.family), 1);
    opened_close(&o);
}

static void test_described(void **state)
{
    struct opened o;
    char *text;

    (void)state;
    opened_new(&o, "pancakes", "dimension=3 direction=0.6,0,-0.8");
    assert_int_equal(o.family->n_members, 1);
    text = o.family->describe(o.family, 0);
    assert_string_equal(text, "v = (0.6000, 0.0000, -0.8000)");
    free(text);
    opened_close(&o);
}

/* Bad input: one line that says it all */

static void test_refused(void **state)
{
    static const struct {
        const char *family, *params, *part[2];
    } cases[] = {
        { "pushforward", "dimension=8 m=4", { "family pushforward: m is 4", "odd" } },
        { "pushforward", "dimension=8 sigma=1", { "sigma", "outside (0,1)" } },
        { "pushforward", "dimension=8 sigma=0", { "sigma", "outside (0,1)" } },
        { "pushforward", "dimension=8 horizon=0.3", { "0.3 is past 0.2822", "collide" } },
        { "pushforward", "dimension=8 m=11 horizon=0.01", { "past the fold at 0.006195", "0.01" } },
        { "pushforward",
          "dimension=2 direction=0.6,0.7",
          { "no unit vector", "|v| - 1 = -0.078" } },
        { "pancakes", "dimension=8 packing=basis members=9", { "members = 9", "at most 8" } },
        { "pushforward-step", "dimension=8 m=32", { "m", "outside [2,31]" } },
        { "pancakes", "dimension=8 components=1", { "components", "outside [2,31]" } },
        { "pancakes", "dimension=8 packing=kerdock", { "kerdock", "4, 16, 64" } },
        { "pancakes",
          "dimension=2 packing=greedy overlap=0.1 members=3",
          { "packing = greedy found 2 directions", "lower members, or raise overlap" } },
        { "ngca", "dimension=8 weights=0.5,0.4", { "family ngca: ", "0.9" } },
        { "ngca", "dimension=8 weights=0.5,0.25,0.25", { "3 weights, 2 means", "as many" } },
        { "ngca", "dimension=8 deviations=0.6,0", { "deviations", "outside" } },
        { "ngca", "dimension=8 matched=4", { "family ngca: ", "4" } },
        { "ngca", "dimension=8 matched=3 means=-0.8,0.81", { "family ngca: ", "1" } },
    };

    (void)state;
    for (size_t c = 0; c < SB_COUNT(cases); c++) {
        struct opened o;
        char message[512];

        assert_int_equal(opened_try(&o, cases[c].family, cases[c].params, message, sizeof message),
                         -EINVAL);
        for (int i = 0; i < 2; i++)
            if (!strstr(message, cases[c].part[i]))
                fail_msg("%s %s: '%s', expected '%s'", cases[c].family, cases[c].params, message,
                         cases[c].part[i]);
        assert_null(strchr(message, '\n'));
        opened_close(&o);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_examples),
        cmocka_unit_test(test_parts),
        cmocka_unit_test(test_ratios),
        cmocka_unit_test(test_golden),
        cmocka_unit_test(test_mixture),
        cmocka_unit_test(test_pancakes),
        cmocka_unit_test(test_recovered),
        cmocka_unit_test(test_many_recovered),
        cmocka_unit_test(test_recovered_of_bases),
        cmocka_unit_test(test_described),
        cmocka_unit_test(test_refused),
    };

    return cmocka_run_group_tests_name("families of a hidden direction", tests, NULL, NULL);
}
