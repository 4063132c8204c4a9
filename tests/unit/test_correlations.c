/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Correlations: closed forms against sums over the cube in 113 bits, matrices against theirs, largest
 * eigenvalues between bounds that are known by construction. */
#include "cube.h"
#include "halfspace.h"

#include "bounds/correlate_parts.h"
#include "bounds/eigenvalue.h"

#include <errno.h>
#include <gsl/gsl_integration.h>
#include <unistd.h>

static int downward(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;

    return (x < y) - (x > y);
}

/* Levels sum to n^2, and for every m the m largest sizes that they allow are at least K's, and at most
 * `loose` times as large. K is sorted in place. */
static void check_levels(const struct sb_correlations *k, double *K, size_t n, double loose)
{
    size_t at = 0;

    for (size_t i = 0; i < n * n; i++)
        K[i] = fabs(K[i]);
    qsort(K, n * n, sizeof *K, downward);
    for (size_t l = 0; l < k->n_levels; l++) {
        assert_true(l == 0 || k->level[l].size < k->level[l - 1].size);
        for (double p = 0; p < k->level[l].pairs; p++, at++) {
            assert_true(at < n * n);
            assert_true(k->level[l].size >= K[at] - 1e-14);
            assert_true(k->level[l].size <= K[at] * loose + 1e-11);
        }
    }
    assert_int_equal(at, n * n);
}

static double *matrix_of(const struct cube *c)
{
    double *K = calloc(c->n * c->n, sizeof *K);

    for (uint64_t i = 0; i < c->n; i++)
        for (uint64_t j = 0; j < c->n; j++)
            K[i * c->n + j] = cube_correlation(c, i, j);
    return K;
}

/* What must hold of any K that is fully known. */
static void check_known(const struct sb_correlations *k, const double *K, size_t n)
{
    double diagonal = 0, off = 0, off_abs = 0;

    assert_null(k->unknown);
    assert_same(k->failure, 0);
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++) {
            const double v = K[i * n + j];

            if (k->matrix)
                assert_near(k->matrix[i * n + j], v, k->matrix_error + 1e-15);
            diagonal = i == j ? fmax(diagonal, v) : diagonal;
            off = i != j ? fmax(off, v) : off;
            off_abs = i != j ? fmax(off_abs, fabs(v)) : off_abs;
        }
    assert_true(k->diagonal_ub >= diagonal - 1e-15 && k->diagonal_ub <= diagonal + 1e-11);
    assert_true(k->off_ub >= off - 1e-15 && k->off_ub <= off + 1e-11);
    assert_true(k->off_abs_ub >= off_abs - 1e-15 && k->off_abs_ub <= off_abs + 1e-11);
    assert_true(k->lambda_lb <= k->lambda_ub);
    assert_true(k->lambda_ub - k->lambda_lb <= 1e-8 * (1 + k->lambda_ub));
}

static void get(const struct sb_family *family, enum sb_effort effort, struct sb_correlations *out)
{
    struct sb_diag diag;

    sb_diag_init(&diag);
    assert_int_equal(sb_correlations_of(family, effort, out, &diag), 0);
    sb_diag_fini(&diag);
}

/* Families that know less: nothing in closed form; nothing but weights. */

static const struct sb_family *inner;

static void weights(const struct sb_law *law, const struct sb_block *block, uint32_t l, double *out)
{
    struct sb_law product;

    if (law->planted)
        inner->law(inner, law->member, law->clean, &product);
    else
        inner->null_law(inner, &product);
    sb_law_weights(&product, block, l, out);
}

static const struct sb_law_class weighed = { .weights = weights };

static void weighed_law(const struct sb_family *family, uint64_t member, bool clean,
                        struct sb_law *out)
{
    *out = (struct sb_law){ .class = &weighed,
                            .dim = family->space.dim,
                            .member = member,
                            .planted = true,
                            .clean = clean };
}

static void weighed_null(const struct sb_family *family, struct sb_law *out)
{
    *out = (struct sb_law){ .class = &weighed, .dim = family->space.dim };
}

enum way { AS_IT_IS, BY_PAIRS, BY_PRODUCTS, BY_WEIGHTS, N_WAYS };

static struct sb_family by_way(const struct sb_family *family, enum way way)
{
    struct sb_family f = *family;

    inner = family;
    if (way >= BY_PAIRS)
        f.correlations = NULL;
    if (way >= BY_PRODUCTS)
        f.correlation = NULL;
    if (way == BY_WEIGHTS) {
        f.law = weighed_law;
        f.null_law = weighed_null;
    }
    return f;
}

static bool is_diagonal(const double *K, size_t n)
{
    for (size_t i = 0; i < n * n; i++)
        if (i % (n + 1) && fabs(K[i]) > 1e-15)
            return false;
    return true;
}

static void check_ways(struct cube *c)
{
    double *K = matrix_of(c), *sizes = calloc(c->n * c->n, sizeof *sizes);

    for (enum way way = AS_IT_IS; way < N_WAYS; way++) {
        const struct sb_family f = by_way(c->family, way);
        struct sb_correlations k;

        get(&f, way == AS_IT_IS ? SB_EFFORT_FULL : SB_EFFORT_RUN, &k);
        assert_non_null(k.matrix);
        assert_true(k.matrix_error < 3e-12);
        check_known(&k, K, c->n);
        memcpy(sizes, K, c->n * c->n * sizeof *K);
        check_levels(&k, sizes, c->n, 1 + 1e-9);
        if (way != BY_WEIGHTS) /* where zeros come out with their rounding */
            assert_int_equal(k.orthogonal, is_diagonal(K, c->n));
        assert_string_equal(k.how, way < BY_PRODUCTS ? "closed form" : "exact");
        sb_correlations_fini(&k);
    }
    free(sizes);
    free(K);
}

static void test_closed_forms(void **state)
{
    const uint32_t most = getenv("STATBED_TEST_VALGRIND") ? 3 : 5;

    (void)state;
    for (uint32_t d = 1; d <= most; d++)
        for (uint32_t k = 0; k <= d; k++)
            for (int other = 0; other < 2; other++) {
                struct cube c = cube_new(true, d, k, other ? 0.15 : 0, other, false);

                cube_open(&c);
                check_ways(&c);
                cube_close(&c);
                if (k == 0)
                    continue;
                c = cube_new(false, d, k, 0, false, other);
                cube_open(&c);
                if (c.n <= 160)
                    check_ways(&c);
                cube_close(&c);
            }
}

/* As large as they come: counts as numbers, sums of squares by another formula. sum_g K_fg^2 (2^k - 1)^2
 * = sum_o C(k,o) C(d-k,k-o) (2^o - 1)^2 for monotone ones; levels hold the same. */
static void test_large_conjunctions(void **state)
{
    (void)state;
    for (int negations = 0; negations < 2; negations++)
        for (uint32_t k = 1; k <= 40; k += 3) {
            struct cube c = cube_new(false, 63, k, 0, false, negations);
            struct sb_correlations out;
            double pairs = 0, squares = 0;

            if (negations && lgamma(64) - lgamma(k + 1.0) - lgamma(64.0 - k) > (62 - k) * log(2)) {
                sb_values_fini(&c.values);
                continue;
            }
            cube_open(&c);
            get(c.family, SB_EFFORT_RUN, &out);
            for (size_t l = 0; l < out.n_levels; l++) {
                pairs += out.level[l].pairs;
                squares += out.level[l].pairs * out.level[l].size * out.level[l].size;
            }
            assert_near(pairs / out.n / out.n, 1, 1e-12);
            assert_true(squares >= out.lambda_lb * out.lambda_lb);
            assert_true(squares <= out.lambda_ub * out.n * (1 + 1e-9)); /* tr K = n */
            sb_correlations_fini(&out);
            cube_close(&c);
        }
}

/* Product forms with any null, against their definition. */
static void random_law(struct rng *r, uint32_t dim, bool steady, struct sb_law *out)
{
    const uint64_t all = (UINT64_C(1) << dim) - 1, part = rng_next(r), role = rng_next(r);
    const double room = rng_uniform(r) / 2;

    *out = (struct sb_law){ .dim = dim };
    out->chi = all & part & role;
    out->pos = all & part & ~role & rng_next(r);
    out->neg = all & part & ~role & ~out->pos;
    out->alpha[0] = room + (1 - 2 * room) * rng_uniform(r);
    out->alpha[1] = 1 - out->alpha[0];
    out->beta[0] = steady ? 0 : fmin(out->alpha[0], out->alpha[1]) * (2 * rng_uniform(r) - 1);
    out->beta[1] = -out->beta[0];
}

static cube_wide law_weight(const struct sb_law *law, int l, uint64_t x)
{
    return law->alpha[l] + (cube_wide)law->beta[l] * sb_law_g(law, x);
}

static void test_products(void **state)
{
    struct rng r = { 17 };

    (void)state;
    for (int trial = 0; trial < 1500; trial++) {
        const uint32_t dim = 1 + (uint32_t)rng_below(&r, 6);
        struct sb_law a, b, null;
        double got, error;
        cube_wide sum = 0;

        random_law(&r, dim, false, &a);
        random_law(&r, dim, false, &b);
        random_law(&r, dim, rng_below(&r, 2), &null);
        for (uint64_t x = 0; x < UINT64_C(1) << dim; x++)
            for (int l = 0; l < 2; l++)
                sum += law_weight(&a, l, x) * law_weight(&b, l, x) / law_weight(&null, l, x);
        sum = sum / (cube_wide)(UINT64_C(1) << dim) - 1;
        got = sb_product_correlation(&a, &b, &null, &error);
        assert_true(error < 1e-9);
        assert_near(got, (double)sum, error + 1e-15);
    }
}

/* The null gives weight 0 to a label where a member does not; or where none does. */
static void test_infinite(void **state)
{
    struct sb_law a = { .dim = 3, .alpha = { 1, 0 }, .beta = { -1, 1 }, .pos = 3 };
    struct sb_law b = a;
    double error;

    (void)state;
    b.pos = 1;
    assert_true(isinf(sb_product_correlation(&b, &b, &a, &error)));
    assert_true(isinf(sb_product_correlation(&a, &b, &a, &error)));
    assert_near(sb_product_correlation(&a, &a, &a, &error), 0, 1e-15);
    assert_true(isinf(sb_product_correlation(&a, &a, &b, &error)) == 1);
}

/* Eigenvalues: K = s I + sum_a (l_a - s) u_a u_a', u_a orthonormal. */

static void orthonormal(struct rng *r, size_t n, size_t m, long double *u)
{
    for (size_t a = 0; a < m; a++) {
        long double square = 0;

        for (size_t i = 0; i < n; i++)
            u[a * n + i] = 2 * rng_uniform(r) - 1;
        for (int twice = 0; twice < 2; twice++)
            for (size_t b = 0; b < a; b++) {
                long double dot = 0;

                for (size_t i = 0; i < n; i++)
                    dot += u[a * n + i] * u[b * n + i];
                for (size_t i = 0; i < n; i++)
                    u[a * n + i] -= dot * u[b * n + i];
            }
        for (size_t i = 0; i < n; i++)
            square += u[a * n + i] * u[a * n + i];
        for (size_t i = 0; i < n; i++)
            u[a * n + i] /= sqrtl(square);
    }
}

static void test_eigenvalues(void **state)
{
    const int n_trials = getenv("STATBED_TEST_VALGRIND") ? 20 : 120;
    struct rng r = { 99 };

    (void)state;
    for (int trial = 0; trial < n_trials; trial++) {
        const size_t n = trial < 12 ? (size_t)trial + 1
                                    : 2 + rng_below(&r, getenv("STATBED_TEST_VALGRIND") ? 70 : 160);
        const size_t m = n < 5 ? n : 5;
        const double spread = trial % 3 ? 1 : 1e-6;
        long double *u = calloc(m * n, sizeof *u), l[5];
        double *K = calloc(n * n, sizeof *K), lb, ub, top = -1;

        orthonormal(&r, n, m, u);
        for (size_t a = 0; a < m; a++) {
            l[a] = 1 + spread * rng_uniform(&r);
            top = fmax(top, (double)l[a]);
        }
        for (size_t i = 0; i < n; i++)
            for (size_t j = 0; j <= i; j++) {
                long double v = i == j ? 0.5L : 0;

                for (size_t a = 0; a < m; a++)
                    v += (l[a] - 0.5L) * u[a * n + i] * u[a * n + j];
                K[i * n + j] = K[j * n + i] = (double)v;
            }
        assert_int_equal(sb_largest_eigenvalue(K, n, 0, &lb, &ub), 0);
        assert_true(lb <= top + 1e-15 * (double)n && ub >= top - 1e-15 * (double)n);
        assert_true(ub - lb <= 1e-7);
        assert_int_equal(sb_largest_eigenvalue(K, n, 1e-3, &lb, &ub), 0);
        assert_true(lb <= top - 1e-3 * (double)n && ub >= top + 0.999e-3 * (double)n);
        free(K);
        free(u);
    }
}

/* The factorisation says no to what is not positive definite, however little is missing. */
static void test_cholesky(void **state)
{
    enum { N = 150 };
    struct rng r = { 4 };
    long double *u = calloc(N, sizeof *u);
    double *a = calloc(N * N, sizeof *a), *panel = calloc(sb_cholesky_room(N), sizeof *panel);

    (void)state;
    orthonormal(&r, N, 1, u);
    for (int t = 0; t < 20; t++) {
        const double gap = ldexp(t % 2 ? 1 : -1, -4 - t);

        for (size_t i = 0; i < N; i++)
            for (size_t j = 0; j < N; j++)
                a[i * N + j] = (double)((i == j) - (1 - gap) * u[i] * u[j]);
        assert_int_equal(sb_cholesky(a, N, panel), gap > 0);
    }
    free(panel);
    free(a);
    free(u);
}

/* Half-spaces over the Gaussian */

struct halves {
    struct sb_values values;
    struct sb_family *family;
};

static void halves_open(struct halves *h, const char *dim, const char *threshold, const char *noise,
                        const char *members)
{
    const struct sb_given given[] = { { .name = "dimension", .text = dim },
                                      { .name = "threshold", .text = threshold },
                                      { .name = "noise", .text = noise },
                                      { .name = "members", .text = members } };
    const struct sb_family_class *class = NULL;
    struct sb_diag diag;

    sb_diag_init(&diag);
    for (size_t i = 0; sb_families[i]; i++)
        if (strcmp(sb_families[i]->name, "halfspace") == 0)
            class = sb_families[i];
    assert_int_equal(
        sb_values_parse(&class->params, 1, given, 4, NULL, 0, "family", &h->values, &diag), 0);
    assert_int_equal(sb_family_new(class, &h->values, &h->family, &diag), 0);
    sb_diag_fini(&diag);
}

static void halves_close(struct halves *h)
{
    sb_family_free(h->family);
    sb_values_fini(&h->values);
}

static long double above(long double x)
{
    return 0.5L * erfcl(x / sqrtl(2));
}

/* Pr[u >= h and v >= h], Gaussian, of correlation rho: GSL integrates over u. */
struct pair_above {
    double h, rho;
};

static double at_u(double u, void *self)
{
    const struct pair_above *p = self;
    const long double side = sqrtl(1 - (long double)p->rho * p->rho);

    return (double)(expl(-(long double)u * u / 2) / sqrtl(2 * acosl(-1)) *
                    above((p->h - (long double)p->rho * u) / side));
}

static long double both_above(double h, double rho)
{
    gsl_integration_workspace *room = gsl_integration_workspace_alloc(500);
    struct pair_above p = { h, rho };
    gsl_function f = { at_u, &p };
    double sum, error;

    assert_int_equal(gsl_integration_qag(&f, h, h + 14, 1e-15, 1e-13, 500, 6, room, &sum, &error),
                     0);
    gsl_integration_workspace_free(room);
    return sum;
}

/* sum_l E[w_i w_j]/w_0 - 1, where w_i(+) = eta + (1 - 2 eta) [i is +]. */
static double expected_half(double threshold, double eta, long double rho)
{
    const long double q = above(threshold), plus = eta + (1 - 2 * (long double)eta) * q;
    const long double both = rho >= 1    ? q
                             : rho <= -1 ? fmaxl(0, 1 - 2 * above(-(long double)threshold))
                                         : both_above(threshold, (double)rho);
    const long double signal = 1 - 2 * (long double)eta;

    return (double)(signal * signal * (both - q * q) / (plus * (1 - plus)));
}

static void test_halfspaces(void **state)
{
    static const char *const dims[] = { "1", "2", "3", "40" };
    static const char *const thresholds[] = { "0", "1e-4", "-0.3", "1", "3" };
    static const char *const noises[] = { "0", "0.2" };
    const uint64_t most = getenv("STATBED_TEST_VALGRIND") ? 2 : 6;

    (void)state;
    for (size_t c = 0; c < 40; c++) {
        const char *threshold = thresholds[c / 4 % 5], *noise = noises[c / 20];
        const uint32_t dim = (uint32_t)atoi(dims[c % 4]);
        struct sb_correlations k;
        struct halves h;

        halves_open(&h, dims[c % 4], threshold, noise, "6");
        get(h.family, SB_EFFORT_RUN, &k);
        assert_int_equal(k.n_levels > 0, 1);
        for (uint64_t i = 0; i < most; i++)
            for (uint64_t j = 0; j <= i; j++) {
                long double v[HALFSPACE_DIM_MAX], w[HALFSPACE_DIM_MAX], rho = 0;
                const double got = h.family->correlation(h.family, i, j);
                double want;

                halfspace_direction(i, dim, v);
                halfspace_direction(j, dim, w);
                for (uint32_t l = 0; l < dim; l++)
                    rho += v[l] * w[l];
                rho = i == j ? 1 : dim == 1 ? roundl(rho) : rho;
                want = expected_half(atof(threshold), atof(noise), rho);
                assert_near(got, want, 1e-12 * (1 + fabs(want)));
                assert_true(fabs(got) <= k.diagonal_ub);
            }
        sb_correlations_fini(&k);
        halves_close(&h);
    }
}

/* Samples: what they state is true, but for a probability of 1e-6 each. */

/* At most as many pairs as the levels say are above any of their sizes. */
static void check_envelope(const struct sb_correlations *k, const struct sb_correlations *truth)
{
    double said = 0, square = 0;

    for (size_t l = 0; l + 1 < k->n_levels; l++) {
        double above_next = 0;

        said += k->level[l].pairs;
        for (size_t t = 0; t < truth->n_levels; t++)
            above_next += truth->level[t].size > k->level[l + 1].size ? truth->level[t].pairs : 0;
        assert_true(above_next <= said * (1 + 1e-9));
    }
    said += k->level[k->n_levels - 1].pairs;
    assert_near(said / k->n / k->n, 1, 1e-9);
    assert_true(truth->level[0].size <= k->level[0].size * (1 + 1e-9));
    assert_true(k->off_abs_ub >= truth->off_abs_ub * (1 - 1e-9));
    assert_true(k->diagonal_ub >= truth->diagonal_ub * (1 - 1e-9));
    assert_true(k->lambda_ub >= truth->lambda_lb);
    for (size_t t = 0; t < truth->n_levels; t++)
        square += truth->level[t].size * truth->level[t].size * truth->level[t].pairs;
    if (!(k->lambda_ub <= 10 * sqrt(square))) /* and it says something */
        fail_msg("lambda_max <= %g, |K|_F = %g", k->lambda_ub, sqrt(square));
}

static void test_many_members(void **state)
{
    static const struct {
        uint32_t dim, k;
        bool negations;
        const char *how;
    } line[] = { { 25, 3, false, "exact" },
                 { 20, 3, true, "certified sample" },
                 { 16, 2, true, "exact" },
                 { 60, 4, false, "certified sample" } };

    (void)state;
    if (getenv("STATBED_TEST_VALGRIND"))
        return; /* millions of pairs */
    for (size_t i = 0; i < SB_COUNT(line); i++) {
        struct cube c = cube_new(false, line[i].dim, line[i].k, 0, false, line[i].negations);
        struct sb_correlations truth, k;
        struct sb_family f;

        cube_open(&c);
        get(c.family, SB_EFFORT_RUN, &truth);
        f = by_way(c.family, i < 2 ? BY_PRODUCTS : BY_PAIRS);
        get(&f, SB_EFFORT_FULL, &k);
        assert_null(k.unknown);
        check_envelope(&k, &truth);
        if (i == 0) /* K >= 0 with equal row sums: Gershgorin is sharp */
            assert_near(k.lambda_ub, truth.lambda_ub, 1e-6 * truth.lambda_ub);
        assert_int_equal(k.samples > 0, strcmp(line[i].how, "certified sample") == 0);
        assert_int_equal(k.failure > 0, k.samples > 0);
        sb_correlations_fini(&k);
        sb_correlations_fini(&truth);
        cube_close(&c);
    }
}

/* A Gaussian family known by weights alone: its matrix from points. */
static void test_points(void **state)
{
    struct sb_correlations truth, k;
    struct halves h;
    struct sb_family f;

    (void)state;
    if (getenv("STATBED_TEST_VALGRIND"))
        return; /* 2^18 points */
    halves_open(&h, "2", "0.5", "0.1", "12");
    get(h.family, SB_EFFORT_FULL, &truth);
    f = *h.family;
    f.correlation = NULL;
    f.correlations = NULL;
    get(&f, SB_EFFORT_RUN, &k);
    assert_non_null(k.unknown);
    get(&f, SB_EFFORT_FULL, &k);
    assert_null(k.unknown);
    assert_string_equal(k.how, "certified sample");
    assert_true(k.matrix_error < 0.05 && k.failure > 0 && k.failure <= 1e-6);
    for (size_t i = 0; i < (size_t)(k.n * k.n); i++)
        assert_near(k.matrix[i], truth.matrix[i], k.matrix_error + truth.matrix_error);
    assert_true(k.lambda_lb <= truth.lambda_ub && truth.lambda_lb <= k.lambda_ub);
    sb_correlations_fini(&k);
    sb_correlations_fini(&truth);
    halves_close(&h);
}

/* And its levels from pairs, with points and without, against other pairs of the closed form: m of them
 * leave a share of at most 5/sqrt(m) open, but for 3e-7 a level (and there are fewer than 1000). */
static void check_drawn(const struct sb_family *family, const struct sb_correlations *k)
{
    enum { M = 20000 };
    struct rng r = { 7 };
    double *size = calloc(M, sizeof *size), said = 0;

    for (int t = 0; t < M; t++) {
        const uint32_t n = (uint32_t)family->n_members;
        const uint64_t i = rng_below(&r, n), j = rng_below(&r, n);

        size[t] = fabs(family->correlation(family, i, j));
    }
    for (size_t l = 0; l + 1 < k->n_levels; l++) {
        int n_above = 0;

        said += k->level[l].pairs / k->n / k->n;
        for (int t = 0; t < M; t++)
            n_above += size[t] > k->level[l + 1].size;
        assert_true(n_above / (double)M <= said + 5 / sqrt(M));
    }
    free(size);
}

static void test_drawn(void **state)
{
    struct sb_correlations k;
    struct halves h;
    struct sb_family f;
    double mean = 0;

    (void)state;
    if (getenv("STATBED_TEST_VALGRIND"))
        return; /* as many points */
    halves_open(&h, "30", "0", "0", "1000000");
    get(h.family, SB_EFFORT_FULL, &k);
    assert_null(k.unknown);
    check_drawn(h.family, &k);
    for (size_t l = 0; l < k.n_levels; l++)
        mean += k.level[l].size * k.level[l].pairs / k.n / k.n;
    /* E |K| is about (2/pi) sqrt(2/(30 pi)) = 0.093 */
    assert_true(mean > 0.09 && mean < 0.11);
    sb_correlations_fini(&k);
    if (getenv("STATBED_TEST_TRIALS")) { /* seconds */
        f = *h.family;
        f.correlation = NULL;
        f.correlations = NULL;
        get(&f, SB_EFFORT_FULL, &k);
        assert_null(k.unknown);
        check_drawn(h.family, &k);
        sb_correlations_fini(&k);
    }
    halves_close(&h);
}

/* Too many members to go through, and a null whose weights are known point by point alone: 5000 members
 * K_ij = [i = j]/2 + 1/4, so that lambda_max = 1/2 + 5000/4, stated or not; and no correlation(). */
static double plain_correlation(const struct sb_family *family, uint64_t i, uint64_t j)
{
    (void)family;
    return i == j ? 0.75 : 0.25;
}

static int plain_lambda(const struct sb_family *family, struct sb_correlations *out)
{
    (void)family;
    out->lambda_ub = 1250.5;
    return 0;
}

static void plain_law(const struct sb_family *family, uint64_t member, bool clean,
                      struct sb_law *out)
{
    static const struct sb_law_class some = { 0 };

    (void)family;
    (void)member;
    (void)clean;
    *out = (struct sb_law){ .class = &some };
}

static void plain_null_law(const struct sb_family *family, struct sb_law *out)
{
    plain_law(family, 0, false, out);
}

static void test_stated_lambda(void **state)
{
    static const struct sb_digest binary;
    static const struct sb_family_class class = { .name = "plain", .binary = &binary };
    struct sb_family f = { .class = &class,
                           .space = { .domain = SB_CUBE, .dim = 40, .modulus = 2, .n_labels = 2 },
                           .n_members = 5000,
                           .law = plain_law,
                           .null_law = plain_null_law,
                           .correlation = plain_correlation };
    struct sb_correlations k;

    (void)state;
    for (int stated = 0; stated < 2; stated++) {
        f.correlations = stated ? plain_lambda : NULL;
        get(&f, SB_EFFORT_FULL, &k);
        assert_null(k.unknown);
        assert_true(k.diagonal_ub >= 0.75 && k.diagonal_ub < 0.75 + 1e-9);
        assert_true(k.lambda_ub >= 1250.5 && k.lambda_ub < (stated ? 1250.5 + 1e-9 : 2000));
        sb_correlations_fini(&k);
    }
    f.n_members = UINT64_C(1) << 40; /* too many for their K_ii */
    get(&f, SB_EFFORT_FULL, &k);
    assert_null(k.unknown);
    assert_true(k.diagonal_ub >= 0.75 && k.diagonal_ub <= 1250.5 && k.lambda_ub <= 1250.5);
    sb_correlations_fini(&k);
    f.correlations = NULL;
    get(&f, SB_EFFORT_FULL, &k);
    assert_non_null(strstr(k.unknown, "can state lambda_max"));
    sb_correlations_fini(&k);
}

/* Files */

/* What read_csv makes of a text; the messages are the caller's to free. */
static int read_text(const char *text, struct sb_correlations *k, struct sb_diag *diag)
{
    char path[] = "/tmp/sb_correlations_XXXXXX";
    const int fd = mkstemp(path);
    int error;

    sb_diag_init(diag);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    close(fd);
    error = sb_correlations_read_csv(path, k, diag);
    remove(path);
    return error;
}

static void test_csv(void **state)
{
    static const char *const same[] = {
        "1,0.5,0\n0.5,1,-0.25\n0,-0.25,1\n",
        "a,b,c\n1,0.5,0\n0.5,1,-0.25\n0,-0.25,1",
        "\"x 1\" , y,z\r\n1, 5e-1 ,0\r\n\r\n0.5,1,\t-0.25\r\n0,-0.25,1.0\r\n",
        ("\xef\xbb\xbf"
         "1,0.5,0\r\n0.5,1,-0.25\r\n0,-0.25,1\r"),
        "1,0.5,0\n0.5000000001,1,-0.25\n0,-0.25,1\n",
    };
    const double K[9] = { 1, 0.5, 0, 0.5, 1, -0.25, 0, -0.25, 1 };
    double sizes[9];

    (void)state;
    for (size_t i = 0; i < SB_COUNT(same); i++) {
        struct sb_correlations k;
        struct sb_diag diag;

        assert_int_equal(read_text(same[i], &k, &diag), 0);
        assert_same(k.n, 3);
        assert_string_equal(k.how, "matrix");
        memcpy(sizes, K, sizeof sizes);
        if (i + 1 < SB_COUNT(same)) { /* the last is 1e-10 off its other half, and says so */
            check_known(&k, K, 3);
            check_levels(&k, sizes, 3, 1 + 1e-9);
        }
        /* 1 + sqrt(1/4 + 1/16) */
        assert_true(k.lambda_lb <= 1 + sqrt(0.3125) && k.lambda_ub >= 1 + sqrt(0.3125) - 1e-15);
        assert_true(k.lambda_ub - k.lambda_lb < 1e-8);
        sb_correlations_fini(&k);
        sb_diag_fini(&diag);
    }
}

static void test_csv_errors(void **state)
{
    static const struct {
        const char *text;
        uint32_t line, column;
        const char *said;
    } bad[] = {
        { "", 0, 0, "0 rows" },
        { "a,b\n", 0, 0, "0 rows" },
        { "1,0\n0,x\n", 2, 3, "'x' is no number" },
        { "1,a\n0,1\n", 1, 3, "'a' is no number" },
        { "1,0\n0, \n", 2, 3, "'' is no number" },
        { "1,0\n0,nan\n", 2, 3, "'nan' is no number" },
        { "1e101,0\n0,1\n", 1, 1, "'1e101' is no number up to 1e100" },
        { "1\r9\n", 0, 0, "0 rows" }, /* a heading: no number stands alone in it */
        { "1,0\r0,1\n", 1, 3, "is no number" },
        { "1,0\n0,1,0\n", 2, 1, "3 numbers; expected 2" },
        { "1,0\n0,1\n0,0\n", 3, 1, "one row more than the 2 columns" },
        { "1,0\n", 0, 0, "1 rows of 2 numbers" },
        { "1,0.5\n0.4,1\n", 0, 0, "symmetric" },
        { "1,2\n2,1\n", 0, 0, "negative eigenvalue" },
    };

    (void)state;
    for (size_t i = 0; i < SB_COUNT(bad); i++) {
        struct sb_correlations k;
        struct sb_diag diag;

        assert_int_equal(read_text(bad[i].text, &k, &diag), -EINVAL);
        assert_int_equal(diag.n_items, 1);
        if (!strstr(diag.items[0].text, bad[i].said))
            fail_msg("'%s' gives: %s", bad[i].text, diag.items[0].text);
        assert_int_equal(diag.items[0].line, bad[i].line);
        assert_int_equal(diag.items[0].column, bad[i].column);
        sb_diag_fini(&diag);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_closed_forms),  cmocka_unit_test(test_large_conjunctions),
        cmocka_unit_test(test_products),      cmocka_unit_test(test_infinite),
        cmocka_unit_test(test_eigenvalues),   cmocka_unit_test(test_cholesky),
        cmocka_unit_test(test_halfspaces),    cmocka_unit_test(test_many_members),
        cmocka_unit_test(test_points),        cmocka_unit_test(test_drawn),
        cmocka_unit_test(test_csv),           cmocka_unit_test(test_csv_errors),
        cmocka_unit_test(test_stated_lambda),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
