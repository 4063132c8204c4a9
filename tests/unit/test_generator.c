/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Generators of moment-matching laws as ReLU networks: against their definition, what they draw, and what the lemmas on
 * smoothed laws say. */
#include "rng.h"
#include "unit.h"

#include "construct/generator.h"
#include "estimate/ngca.h"
#include "numeric/line_distance.h"
#include "opened.h"

#include <errno.h>
#include <math.h>

enum { DIM = 5 };

/* Under valgrind fewer. */
static uint32_t most_m(void)
{
    return getenv("STATBED_TEST_VALGRIND") ? 3 : 11;
}

static struct sb_moments *moments_of(uint32_t m)
{
    struct sb_moments *moments = NULL;

    assert_int_equal(sb_moments_new(m, 0, &moments, NULL), 0);
    return moments;
}

static struct sb_line *line_of(const struct sb_moments *moments, double sigma)
{
    struct sb_line *line = NULL;

    assert_int_equal(sb_moments_line(moments, sigma, &line, NULL), 0);
    return line;
}

/* The sum of trapezoids as it is defined: T = h on [c - w, c + w], 0 beyond eps of it, linear between. */
static double bumps_at(const struct sb_moments *moments, double z)
{
    double sum = 0;

    for (uint32_t i = 0; i < moments->n; i++)
        for (int side = -1; side <= 1; side += 2) {
            const struct sb_bump *b = &moments->bump[i];
            const double out = fabs(side * z - (b->p + b->q) / 2) - (b->q - b->p) / 2;
            const double share = out <= 0 ? 1 : out >= moments->eps ? 0 : 1 - out / moments->eps;

            sum += side * b->height * share;
        }
    return sum;
}

static void run(const struct sb_network *network, uint64_t n, const double *const *x, double *out)
{
    const struct sb_block block = { .n = n, .dim = network->dim, .x = x };

    assert_int_equal(sb_network_run(network, &block, out), 0);
}

/* S2-D1, S2-D3/F4.3, S2-T3.2: units and weights are read off the object; W = max (|h|/eps) max(1, |c| + eps + w). */
static void test_bumps(void **state)
{
    enum { N = 1000 };
    static double z[2][N], out[N];
    const double *x[2] = { z[0], z[1] };

    (void)state;
    for (uint32_t m = 3; m <= most_m(); m += 2) {
        struct sb_moments *moments = moments_of(m);
        struct sb_network *f = NULL, *along = NULL;
        double bound = 0;

        assert_int_equal(sb_generator_of_bumps(moments, &f, NULL), 0);
        assert_int_equal(sb_generator_along(moments, 0.6, &along, NULL), 0);
        assert_int_equal(sb_network_units(f), 4 * (m - 1));
        assert_int_equal(sb_network_units(along), 4 * (m - 1) + 2);
        for (uint32_t i = 0; i < moments->n; i++) {
            const struct sb_bump *b = &moments->bump[i];

            bound = fmax(bound, b->height / moments->eps *
                                    fmax(1, b->centre + moments->eps + b->half_width));
        }
        assert_near(sb_network_weight_bound(f), bound, 1e-12 * bound);
        assert_near(sb_network_weight_bound(along), 0.8 * bound, 1e-12 * bound);
        assert_true(log(bound) <= m * log(m));
        for (int i = 0; i < N; i++) {
            z[0][i] = -6 + 12.0 * i / (N - 1);
            z[1][i] = cos(i);
        }
        run(f, N, x, out);
        for (int i = 0; i < N; i++)
            assert_near(out[i], bumps_at(moments, z[0][i]), 1e-14 * bound);
        run(along, N, x, out);
        for (int i = 0; i < N; i++)
            assert_near(out[i], 0.8 * bumps_at(moments, z[0][i]) + 0.6 * z[1][i], 1e-14 * bound);
        sb_network_free(f);
        sb_network_free(along);
        sb_moments_free(moments);
    }
}

static double gauss(struct rng *r)
{
    const double u = 1 - rng_uniform(r), v = rng_uniform(r);

    return sqrt(-2 * log(u)) * cos(2 * acos(-1) * v);
}

static void unit_vector(struct rng *r, uint32_t dim, double *v)
{
    double square = 0;

    for (uint32_t j = 0; j < dim; j++) {
        v[j] = gauss(r);
        square += v[j] * v[j];
    }
    for (uint32_t j = 0; j < dim; j++)
        v[j] /= sqrt(square);
}

static double inner(uint32_t dim, const double *a, const double *b)
{
    double sum = 0;

    for (uint32_t j = 0; j < dim; j++)
        sum += a[j] * b[j];
    return sum;
}

/* S2-Pv: U e_1 = v, U orthogonal to 1e-14; near e_1 and -e_1, too. */
static void test_rotation(void **state)
{
    enum { D = 40 };
    static double u[D][D];
    struct rng rng = { 8 };

    (void)state;
    for (int k = 0; k < 6; k++) {
        double v[D] = { k % 2 ? -1 : 1 };

        if (k > 3)
            unit_vector(&rng, D, v);
        if (k / 2 == 1) {
            v[1] = 1e-9;
            v[0] = (k % 2 ? -1 : 1) * sqrt(1 - 1e-18);
        }
        for (uint32_t j = 0; j < D; j++)
            sb_generator_column(D, v, j, u[j]);
        for (uint32_t j = 0; j < D; j++) {
            assert_near(u[0][j], v[j], 1e-15);
            for (uint32_t i = 0; i < D; i++)
                assert_near(inner(D, u[i], u[j]), i == j, 1e-14);
        }
    }
}

static void test_whole(void **state)
{
    enum { N = 200, PADDED = 2 * DIM + 2 };
    static double z[DIM + 1][N], out[PADDED][N];
    const double *x[DIM + 1];
    struct sb_moments *moments = moments_of(5);
    struct sb_network *network = NULL;
    struct rng rng = { 9 };
    double v[DIM], u[DIM][DIM];

    (void)state;
    unit_vector(&rng, DIM, v);
    assert_int_equal(
        sb_generator_new(&(struct sb_generator){ moments, 0.3, DIM, PADDED, v }, &network, NULL),
        0);
    assert_int_equal(sb_network_units(network), 4 * (5 - 1) + 2 * DIM);
    for (uint32_t j = 0; j <= DIM; j++)
        for (int i = 0; i < N; i++)
            z[j][i] = gauss(&rng);
    for (uint32_t j = 0; j <= DIM; j++)
        x[j] = z[j];
    for (uint32_t j = 0; j < DIM; j++)
        sb_generator_column(DIM, v, j, u[j]);
    run(network, N, x, out[0]);
    for (int i = 0; i < N; i++)
        for (uint32_t j = 0; j < PADDED; j++) {
            double sum = u[0][j % DIM] * (sqrt(0.91) * bumps_at(moments, z[0][i]) + 0.3 * z[1][i]);

            for (uint32_t k = 1; k < DIM; k++)
                sum += u[k][j % DIM] * z[k + 1][i];
            assert_near(out[j][i], sum, 1e-13);
            assert_same(out[j][i], out[j % DIM][i]);
        }
    assert_int_equal(
        sb_generator_new(&(struct sb_generator){ moments, 0.3, DIM, DIM - 1, v }, &network, NULL),
        -EINVAL);
    sb_network_free(network);
    sb_moments_free(moments);
}

/* What a family says generates its members: outputs at Gaussian inputs. */
enum { MOST_DRAWS = 1 << 14, BLOCK = 1024 };

static uint64_t n_draws(void)
{
    return getenv("STATBED_TEST_VALGRIND") ? BLOCK : MOST_DRAWS;
}

struct drawn {
    struct opened o;
    struct sb_network *network;
    double x[DIM][MOST_DRAWS], v[DIM];
    uint64_t n; /* drawn */
};

static void draw(struct drawn *d, uint64_t member)
{
    static double z[DIM + 1][BLOCK], out[DIM][BLOCK];
    const struct sb_key key = sb_key_derive("generator", "", 0);
    const double *in[DIM + 1];

    d->n = n_draws();
    opened_new(&d->o, "pushforward", "dimension=5 m=3 sigma=0.2");
    sb_ngca_direction(d->o.family->ngca, member, d->v);
    assert_int_equal(d->o.family->generator(d->o.family, member, &d->network, NULL), 0);
    for (uint64_t from = 0; from < d->n; from += BLOCK) {
        for (uint32_t j = 0; j <= DIM; j++) {
            sb_random_gauss(key, j, from, BLOCK, z[j]);
            in[j] = z[j];
        }
        run(d->network, BLOCK, in, out[0]);
        for (uint32_t j = 0; j < DIM; j++)
            memcpy(d->x[j] + from, out[j], sizeof out[j]);
    }
}

static void drawn_fini(struct drawn *d)
{
    sb_network_free(d->network);
    opened_close(&d->o);
}

static int compare_doubles(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;

    return x < y ? -1 : x > y;
}

/* S2-Pv: the law of <u,x> along v, across it and in between, by DKW at 1e-7 each; moments along v within 5.5 standard
 * errors, across: no correlation with what is along. */
static void test_pushforward(void **state)
{
    static struct drawn d;
    static double along[MOST_DRAWS];
    const double within = sqrt(log(2e7) / (2.0 * (double)n_draws()));
    const int n = (int)n_draws();
    struct rng rng = { 10 };

    (void)state;
    draw(&d, 3);
    for (int k = 0; k < 4; k++) {
        const struct sb_line *line = d.o.family->ngca->line;
        double u[DIM], rho, norm = 0;

        unit_vector(&rng, DIM, u);
        for (int j = 0; j < DIM && k == 0; j++)
            u[j] = d.v[j];
        rho = inner(DIM, u, d.v);
        for (int j = 0; j < DIM && k == 1; j++) {
            u[j] -= rho * d.v[j];
            norm += u[j] * u[j];
        }
        for (int j = 0; j < DIM && k == 1; j++)
            u[j] /= sqrt(norm);
        rho = k == 0 ? 1 : inner(DIM, u, d.v);
        for (int i = 0; i < n; i++) {
            along[i] = 0;
            for (int j = 0; j < DIM; j++)
                along[i] += u[j] * d.x[j][i];
        }
        for (int degree = 1; degree <= 3 && k == 0; degree++) {
            double mean = 0, square = 0;

            for (int i = 0; i < n; i++) {
                mean += pow(along[i], degree) / n;
                square += pow(along[i], 2 * degree) / n;
            }
            assert_near(mean, degree == 2, 5.5 * sqrt(square / n));
        }
        qsort(along, (size_t)n, sizeof *along, compare_doubles);
        for (int i = 0; i < n; i += 37)
            assert_near((double)(i + 1) / n, sb_line_cdf(line, rho, along[i]), within + 1.0 / n);
    }
    drawn_fini(&d);
}

/* How often x'_1 = x'_{d+1} among N examples of the null of a family with 2 d coordinates. */
static int equal_in_null(const char *family, const char *text, int n)
{
    static double room[2 * DIM][BLOCK], y[BLOCK];
    double *x[2 * DIM];
    struct opened o;
    struct sb_law null;
    int equal = 0;

    for (uint32_t j = 0; j < 2 * DIM; j++)
        x[j] = room[j];
    opened_new(&o, family, text);
    assert_int_equal(o.family->space.dim, 2 * DIM);
    o.family->null_law(o.family, &null);
    sb_law_sample(&null, sb_key_derive("null", "", 0), 0, (uint64_t)n,
                  &(struct sb_points){ .x = x }, y);
    for (int i = 0; i < n; i++)
        equal += x[0][i] == x[DIM][i];
    opened_close(&o);
    return equal;
}

/* S2-R3.4: padded to 2 d coordinates, the null has to be the Gaussian with coordinates twice, which is family padded's;
 * against 2 d independent ones the single query [x'_1 = x'_{d+1}] tells everything. */
static void test_padded(void **state)
{
    enum { N = 512 };
    static double z[DIM + 1][N], x[2 * DIM][N];
    const double *in[DIM + 1];
    struct sb_moments *moments = moments_of(3);
    struct sb_network *network = NULL;
    struct rng rng = { 12 };
    double v[DIM];
    int member = 0;

    (void)state;
    unit_vector(&rng, DIM, v);
    assert_int_equal(
        sb_generator_new(&(struct sb_generator){ moments, 0.2, DIM, 2 * DIM, v }, &network, NULL),
        0);
    for (uint32_t j = 0; j <= DIM; j++) {
        for (int i = 0; i < N; i++)
            z[j][i] = gauss(&rng);
        in[j] = z[j];
    }
    run(network, N, in, x[0]);
    for (int i = 0; i < N; i++)
        member += x[0][i] == x[DIM][i];
    assert_int_equal(member, N);
    assert_int_equal(equal_in_null("padded", "dimension=5 padded=10", N), N);
    assert_int_equal(equal_in_null("pushforward", "dimension=10", N), 0);
    sb_network_free(network);
    sb_moments_free(moments);
}

/* S2-L4.12: c_k of the smoothed law is (1 - s^2)^{k/2} c_k, so that what matches exactly goes on to; with moments off by
 * nu it is off by nu C_k, not nu: k = 4, s^2 = 0.4 and moments 1 + nu, 3 + nu give 3 + 1.8 nu. */
static void test_smoothed(void **state)
{
    (void)state;
    for (uint32_t m = 3; m <= most_m(); m += 4) {
        struct sb_moments *moments = moments_of(m);
        struct sb_line *line = line_of(moments, 0.4);

        for (int k = 0; k < SB_LINE_COEFFICIENTS; k++)
            assert_near(line->coefficient[k], pow(1 - 0.16, k / 2.0) * moments->coefficient[k],
                        1e-12);
        sb_line_free(line);
        sb_moments_free(moments);
    }
    {
        /* a (1 - 2 p) + at +-b with p each: E x^2 = 2 p b^2, E x^4 = 2 p b^4; of g the same sums */
        const double nu = 0.01, s2 = 0.4, b2 = (3 + nu) / (1 + nu), p = (1 + nu) / (2 * b2);
        const struct sb_line_piece piece[] = {
            { -INFINITY, INFINITY, 0, 0, 1 - 2 * p, 0 },
            { -INFINITY, INFINITY, sqrt(b2 * (1 - s2)), 0, p, 0 },
            { -INFINITY, INFINITY, -sqrt(b2 * (1 - s2)), 0, p, 0 },
        };
        struct sb_line *line = NULL;
        double fourth;

        assert_int_equal(sb_line_mixture(3, piece, sqrt(s2), 0, NULL, 0, &line, NULL), 0);
        /* x^4 = sqrt(24) h_4 + 6 sqrt(2) h_2 + 3 */
        fourth = sqrt(24) * line->coefficient[4] + 6 * sqrt(2) * line->coefficient[2] + 3;
        assert_near(fourth, 3 + 1.8 * nu, 1e-12);
        sb_line_free(line);
    }
}

/* 1 + chi^2 of atoms with noise s: the density, squared, over the Gaussian's, by the trapezoidal rule. */
static double square_of(size_t n, const struct sb_line_piece *atom, double s)
{
    enum { STEPS = 40000 };
    const double reach = 30, step = 2 * reach / STEPS;
    double sum = 0;

    for (int i = 0; i < STEPS; i++) {
        const double x = step * i - reach;
        double density = 0;

        for (size_t k = 0; k < n; k++)
            density += atom[k].weight * exp(-pow((x - atom[k].offset) / s, 2) / 2 + x * x / 4);
        sum += density * density * step;
    }
    return sum / (s * s * sqrt(2 * acos(-1)));
}

/* S2-L4.13: the pair kernel is the density's integral; and 1 + chi^2 <= exp(R^2/(2 - s^2))/(s sqrt(2 - s^2)), any s < 1. */
static void test_smoothed_chi2(void **state)
{
    static const double sigmas[] = { 0.1, 0.3, 0.5, 0.7, 0.95 };
    struct rng rng = { 11 };

    (void)state;
    for (size_t k = 0; k < SB_COUNT(sigmas); k++) {
        const double s = sigmas[k], reach = 0.5 + 2 * rng_uniform(&rng), v = 2 - s * s;
        struct sb_line_piece atom[4];
        struct sb_line *line = NULL;
        double kernel = 0, square;

        for (int i = 0; i < 4; i++)
            atom[i] =
                (struct sb_line_piece){ -INFINITY, INFINITY, reach * (2 * rng_uniform(&rng) - 1),
                                        0,         0.25,     0 };
        for (int i = 0; i < 4; i++)
            for (int j = 0; j < 4; j++) {
                const double x = atom[i].offset, y = atom[j].offset;

                kernel += exp((x + y) * (x + y) / (2 * s * s * v) - (x * x + y * y) / (2 * s * s)) /
                          (16 * s * sqrt(v));
            }
        assert_int_equal(sb_line_mixture(4, atom, s, 0, NULL, 0, &line, NULL), 0);
        square = square_of(4, atom, s);
        assert_near(kernel, square, 1e-10 * square);
        assert_near(1 + line->chi2, square, 1e-10 * square);
        assert_true(square <= exp(reach * reach / v) / (s * sqrt(v)));
        sb_line_free(line);
    }
}

/* S2-T3.2 (2): sigma chi^2 <= e^{C m}; the smallest C over these is below 1. S2-T1.1: both distances from the Gaussian. */
static void test_theorem(void **state)
{
    (void)state;
    for (uint32_t m = 3; m <= most_m(); m += 2) {
        struct sb_moments *moments = moments_of(m);

        for (double sigma = 0.1; sigma < 0.4; sigma += 0.2) {
            struct sb_line *line = line_of(moments, sigma);
            const double tv = sb_line_tv_to_gauss(line);

            assert_true(log(sigma * line->chi2) <= m);
            assert_true(tv > 0.08 && tv <= sqrt(line->chi2) / 2);
            assert_true(sb_line_wasserstein(line) > 0.02);
            sb_line_free(line);
        }
        sb_moments_free(moments);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bumps),         cmocka_unit_test(test_rotation),
        cmocka_unit_test(test_whole),         cmocka_unit_test(test_pushforward),
        cmocka_unit_test(test_padded),        cmocka_unit_test(test_smoothed),
        cmocka_unit_test(test_smoothed_chi2), cmocka_unit_test(test_theorem),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
