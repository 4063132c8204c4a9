/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The families hermite-monomial and ggj-network against their pages: labels by the explicit polynomials
 * and by all 2^k units, Gram matrices by exact quadrature and by the closed form of two units, who
 * agrees, the null. */
#include "base/memory.h"
#include "oracles/families/families.h"
#include "unit.h"

#include <gsl/gsl_integration.h>
#include <math.h>

enum { POINTS = 64, DIM = 8 };

struct made {
    struct sb_values params;
    struct sb_family *family;
};

static int make(struct made *m, const char *name, const struct sb_given *given, size_t n,
                struct sb_diag *diag)
{
    const struct sb_family_class *class = NULL;

    for (size_t i = 0; sb_families[i]; i++)
        if (strcmp(sb_families[i]->name, name) == 0)
            class = sb_families[i];
    assert_non_null(class);
    *m = (struct made){ 0 };
    assert_int_equal(sb_values_parse((const struct sb_param *const[]){ class->params }, 1, given, n,
                                     NULL, 0, name, &m->params, diag),
                     0);
    return sb_family_new(class, &m->params, &m->family, diag);
}

static void drop(struct made *m)
{
    sb_family_free(m->family);
    sb_values_fini(&m->params);
}

static struct made hermite(const char *dim, const char *degree, const char *form, const char *scale)
{
    const struct sb_given given[] = { { .name = "dimension", .text = dim },
                                      { .name = "degree", .text = degree },
                                      { .name = "form", .text = form },
                                      { .name = "directions", .text = "20" },
                                      { .name = "scale", .text = scale } };
    struct sb_diag diag;
    struct made m;

    sb_diag_init(&diag);
    assert_int_equal(make(&m, "hermite-monomial", given, 5, &diag), 0);
    sb_diag_fini(&diag);
    return m;
}

static struct made ggj(const char *dim, const char *size)
{
    const struct sb_given given[] = { { .name = "dimension", .text = dim },
                                      { .name = "size", .text = size },
                                      { .name = "scale", .text = "1" } };
    struct sb_diag diag;
    struct made m;

    sb_diag_init(&diag);
    assert_int_equal(make(&m, "ggj-network", given, 3, &diag), 0);
    sb_diag_fini(&diag);
    return m;
}

/* n <= SB_BLOCK points of a stream and their block. */
struct drawn {
    double column[DIM][SB_BLOCK], y[SB_BLOCK];
    double *x[DIM];
    struct sb_points points;
    struct sb_block block;
};

static void draw(struct drawn *d, const struct sb_law *law, uint64_t start, uint64_t n)
{
    assert_true(law->dim <= DIM);
    for (uint32_t j = 0; j < law->dim; j++)
        d->x[j] = d->column[j];
    d->points = (struct sb_points){ .x = d->x };
    sb_law_sample(law, sb_key_derive("test", "", 0), start, n, &d->points, d->y);
    d->block = (struct sb_block){ .struct_size = sizeof d->block,
                                  .dim = law->dim,
                                  .n = n,
                                  .x = (const double *const *)d->x,
                                  .y = d->y };
}

/* He_k/sqrt(k!), k <= 4, written out */
static long double explicit_hermite(uint32_t k, long double t)
{
    switch (k) {
    case 0:
        return 1;
    case 1:
        return t;
    case 2:
        return (t * t - 1) / sqrtl(2);
    case 3:
        return (t * t * t - 3 * t) / sqrtl(6);
    default:
        return (t * t * t * t - 6 * t * t + 3) / sqrtl(24);
    }
}

/* The exponents of all monomials of the degree, by recovered(): member i's are the one vector that it
 * takes. */
static void find_exponents(const struct sb_family *family, uint64_t member, uint32_t degree,
                           uint32_t dim, double *exponent)
{
    uint64_t n = 1, found = 0;

    for (uint32_t j = 0; j < dim; j++)
        n *= degree + 1;
    for (uint64_t code = 0; code < n; code++) {
        double value[DIM], sum = 0;
        uint64_t rest = code;

        for (uint32_t j = 0; j < dim; j++, rest /= degree + 1)
            sum += value[j] = (double)(rest % (degree + 1));
        if (!family->recovered(family, member, value, dim))
            continue;
        assert_true(sum == degree);
        memcpy(exponent, value, dim * sizeof *value);
        found++;
    }
    assert_int_equal(found, 1);
}

/* Labels are the products; members are all different, and as many as there should be. */
static void check_products(uint32_t dim, uint32_t degree, uint64_t n_members)
{
    char dim_text[8], degree_text[8];
    struct drawn *d = SB_NEW(struct drawn);
    struct made m;

    assert_non_null(d);
    snprintf(dim_text, sizeof dim_text, "%u", dim);
    snprintf(degree_text, sizeof degree_text, "%u", degree);
    m = hermite(dim_text, degree_text, "product", "8");
    assert_int_equal(m.family->n_members, n_members);
    for (uint64_t i = 0; i < n_members; i++) {
        double exponent[DIM];
        struct sb_law law;

        find_exponents(m.family, i, degree, dim, exponent);
        m.family->law(m.family, i, true, &law);
        draw(d, &law, 0, POINTS);
        for (uint64_t p = 0; p < POINTS; p++) {
            long double expected = 0.125L;

            for (uint32_t j = 0; j < dim; j++)
                expected *= explicit_hermite((uint32_t)exponent[j], d->column[j][p]);
            assert_near(d->y[p], (double)expected, 1e-13 * (1 + fabs((double)expected)));
        }
    }
    drop(&m);
    free(d);
}

static void test_products(void **state)
{
    (void)state;
    check_products(1, 4, 1);
    check_products(3, 2, 6);
    check_products(3, 4, 15);
    check_products(5, 3, 35);
}

/* S0-1.1b: the Gram matrix by the tensor rule of 8 nodes, exact for products of degree 2 l <= 15. */
static void test_products_are_orthonormal(void **state)
{
    enum { NODES = 8, D = 3, ALL = NODES * NODES * NODES };
    gsl_integration_fixed_workspace *rule =
        gsl_integration_fixed_alloc(gsl_integration_fixed_hermite, NODES, 0, 0.5, 0, 0);
    const double *node = gsl_integration_fixed_nodes(rule);
    const double *weight = gsl_integration_fixed_weights(rule);
    struct made m = hermite("3", "4", "product", "1");
    double column[D][ALL], w[ALL], y[2][ALL];
    const double *const x[D] = { column[0], column[1], column[2] };
    const struct sb_block block = { .struct_size = sizeof block, .dim = D, .n = ALL, .x = x };
    const struct sb_candidates *c = m.family->space.candidates;

    (void)state;
    for (uint32_t i = 0; i < ALL; i++) {
        w[i] = 1;
        for (uint32_t j = 0, rest = i; j < D; j++, rest /= NODES) {
            column[j][i] = node[rest % NODES];
            w[i] *= weight[rest % NODES] / sqrt(2 * M_PI);
        }
    }
    for (uint64_t a = 0; a < m.family->n_members; a++)
        for (uint64_t b = 0; b <= a; b++) {
            double sum = 0;

            c->label(c->self, a, &block, y[0]);
            c->label(c->self, b, &block, y[1]);
            for (uint32_t i = 0; i < ALL; i++)
                sum += w[i] * y[0][i] * y[1][i];
            assert_near(sum, a == b, 1e-12);
        }
    gsl_integration_fixed_free(rule);
    drop(&m);
}

/* E f_v f_w = <v,w>^l, v and w read off the labels of degree 1 at unit vectors: the directions do not
 * depend on the degree. */
static void test_ridges(void **state)
{
    enum { D = 5, N = 20 };
    static const double unit[D][D] = {
        { 1 }, { 0, 1 }, { 0, 0, 1 }, { 0, 0, 0, 1 }, { 0, 0, 0, 0, 1 }
    };
    struct made first = hermite("5", "1", "ridge", "1"), m = hermite("5", "4", "ridge", "2");
    const double *const x[D] = { unit[0], unit[1], unit[2], unit[3], unit[4] };
    const struct sb_block block = { .struct_size = sizeof block, .dim = D, .n = D, .x = x };
    const struct sb_candidates *c = first.family->space.candidates;
    struct drawn *d = SB_NEW(struct drawn);

    (void)state;
    assert_non_null(d);
    assert_int_equal(m.family->n_members, N);
    for (uint64_t i = 0; i < N; i++) {
        double v[D], square = 0;
        struct sb_law law;

        c->label(c->self, i, &block, v);
        for (uint32_t j = 0; j < D; j++)
            square += v[j] * v[j];
        assert_near(square, 1, 1e-14);
        m.family->law(m.family, i, false, &law);
        draw(d, &law, 0, POINTS);
        for (uint64_t p = 0; p < POINTS; p++) {
            long double t = 0;

            for (uint32_t j = 0; j < D; j++)
                t += (long double)v[j] * d->column[j][p];
            assert_near(d->y[p], (double)explicit_hermite(4, t) / 2, 1e-12 * (1 + fabs(d->y[p])));
        }
        assert_true(m.family->recovered(m.family, i, v, D));
        assert_true(first.family->recovered(first.family, i, v, D));
        assert_false(m.family->recovered(m.family, (i + 1) % N, v, D));
        for (uint32_t j = 0; j < D; j++)
            v[j] *= -3;
        assert_true(m.family->recovered(m.family, i, v, D)); /* even degree: the same function */
        assert_false(first.family->recovered(first.family, i, v, D));
        v[0] = NAN;
        assert_false(m.family->recovered(m.family, i, v, D));
    }
    drop(&m);
    drop(&first);
    free(d);
}

/* By the definition, unit by unit. */
static long double network(uint32_t k, const long double *t)
{
    long double sum = 0;

    for (uint32_t z = 0; z < UINT32_C(1) << k; z++) {
        long double along = 0;

        for (uint32_t j = 0; j < k; j++)
            along += z >> j & 1 ? -t[j] : t[j];
        if (along > 0)
            sum += __builtin_parity(z) ? -along : along;
    }
    return sum / sqrtl(k);
}

static uint64_t subset_of(const struct sb_family *family, uint64_t member, uint32_t dim)
{
    uint64_t found = 0, n = 0;

    for (uint64_t set = 0; set < UINT64_C(1) << dim; set++) {
        double value[DIM];

        for (uint32_t j = 0; j < dim; j++)
            value[j] = (double)(set >> j & 1);
        if (family->recovered(family, member, value, dim)) {
            found = set;
            n++;
        }
    }
    assert_int_equal(n, 1);
    return found;
}

static void test_networks(void **state)
{
    struct drawn *d = SB_NEW(struct drawn);

    (void)state;
    assert_non_null(d);
    for (uint32_t k = 2; k <= 6; k += 2) {
        const char size[] = { (char)('0' + k), 0 };
        struct made m = ggj("6", size);

        assert_int_equal(m.family->n_members, k == 6 ? 1 : 15);
        for (uint64_t i = 0; i < m.family->n_members; i++) {
            const uint64_t set = subset_of(m.family, i, 6);
            struct sb_law law;

            assert_int_equal(__builtin_popcountll(set), k);
            m.family->law(m.family, i, true, &law);
            draw(d, &law, 0, POINTS);
            for (uint64_t p = 0; p < POINTS; p++) {
                long double t[DIM];
                uint32_t n = 0;

                for (uint32_t j = 0; j < 6; j++)
                    if (set >> j & 1)
                        t[n++] = d->column[j][p];
                assert_near(d->y[p], (double)network(k, t), 1e-13);
            }
        }
        drop(&m);
    }
    free(d);
}

/* E R(<u,x>) R(<v,x>) for unit vectors with <u,v> = rho */
static double two_units(double rho)
{
    rho = rho > 1 ? 1 : rho < -1 ? -1 : rho;
    return (sqrt(1 - rho * rho) + rho * (M_PI - acos(rho))) / (2 * M_PI);
}

/* E f_S f_T by the closed form of each pair of units; |S| = k, the first `shared` coordinates in T, too. */
static double inner(uint32_t k, uint32_t shared)
{
    double sum = 0;

    for (uint32_t z = 0; z < UINT32_C(1) << k; z++)
        for (uint32_t w = 0; w < UINT32_C(1) << k; w++) {
            const uint32_t differ = (z ^ w) & ((UINT32_C(1) << shared) - 1);
            const double rho = ((double)shared - 2.0 * __builtin_popcount(differ)) / k;

            sum += __builtin_parity(z ^ w) ? -two_units(rho) : two_units(rho);
        }
    return sum;
}

/* S0-1.1d: pairwise orthogonal; and of odd k there is nothing, which is why it is refused. The squares of
 * labels drawn have the mean that they should. */
static void test_networks_are_orthogonal(void **state)
{
    struct drawn *d = SB_NEW(struct drawn);

    (void)state;
    assert_non_null(d);
    for (uint32_t k = 2; k <= 6; k++)
        for (uint32_t shared = 0; shared < k; shared++)
            assert_near(inner(k, shared), 0, 1e-11);
    assert_near(inner(3, 3), 0, 1e-12);
    assert_near(inner(5, 5), 0, 1e-11);
    for (int k = 2; k <= 4; k += 2) {
        struct made m = ggj("4", k == 2 ? "2" : "4");
        double sum = 0, fourth = 0;
        struct sb_law law;

        m.family->law(m.family, 0, true, &law);
        for (uint64_t start = 0; start < 16 * SB_BLOCK; start += SB_BLOCK) {
            draw(d, &law, start, SB_BLOCK);
            for (uint64_t i = 0; i < SB_BLOCK; i++) {
                sum += d->y[i] * d->y[i];
                fourth += d->y[i] * d->y[i] * d->y[i] * d->y[i];
            }
        }
        sum /= 16 * SB_BLOCK;
        fourth /= 16 * SB_BLOCK;
        /* five standard deviations: 6e-7 */
        assert_near(sum, inner((uint32_t)k, (uint32_t)k), 5 * sqrt(fourth / (16 * SB_BLOCK)));
        drop(&m);
    }
    free(d);
}

/* The agreeing member is the only one whose label is near: by all of them. */
static void check_agreeing(const struct sb_family *family, double least_share)
{
    const struct sb_candidates *c = family->space.candidates;
    struct drawn *d = SB_NEW(struct drawn);
    uint64_t found[SB_BLOCK], n_found = 0;
    double y[SB_BLOCK];

    assert_non_null(d);
    for (uint64_t member = 0; member < family->n_members; member += 3) {
        uint32_t agree[POINTS] = { 0 };
        struct sb_law law;

        family->law(family, member, true, &law);
        draw(d, &law, 0, POINTS);
        d->y[0] += 1e-6; /* nobody's */
        c->agreeing(c->self, &d->block, found);
        for (uint64_t other = 0; other < family->n_members; other++) {
            c->label(c->self, other, &d->block, y);
            for (uint64_t i = 0; i < POINTS; i++)
                agree[i] += fabs(y[i] - d->y[i]) < 1e-9;
        }
        for (uint64_t i = 0; i < POINTS; i++) {
            assert_true(found[i] == (agree[i] == 1 ? member : UINT64_MAX));
            n_found += found[i] == member;
        }
        assert_true(found[0] == UINT64_MAX);
    }
    assert_true((double)n_found >= least_share * POINTS * (double)((family->n_members + 2) / 3));
    free(d);
}

static void test_agreeing(void **state)
{
    struct made products = hermite("5", "3", "product", "8");
    struct made ridges = hermite("5", "2", "ridge", "8"), networks = ggj("8", "4");

    (void)state;
    check_agreeing(products.family, 63.0 / 64);
    check_agreeing(ridges.family, 63.0 / 64);
    check_agreeing(networks.family, 0.25); /* of .36 */
    drop(&products);
    drop(&ridges);
    drop(&networks);
}

/* The null: labels of the members' law, independent of x; and label_square is their clipped square. */
static void check_null(const struct sb_family *family)
{
    enum { BLOCKS = 16 };
    struct drawn *d = SB_NEW(struct drawn);
    const double n = BLOCKS * SB_BLOCK;
    double square = 0, fourth = 0, with_product = 0;
    struct sb_law law;

    assert_non_null(d);
    family->null_law(family, &law);
    for (uint64_t b = 0; b < BLOCKS; b++) {
        draw(d, &law, b * SB_BLOCK, SB_BLOCK);
        for (uint64_t i = 0; i < SB_BLOCK; i++) {
            const double y = fmax(-1, fmin(1, d->y[i]));

            square += y * y / n;
            fourth += y * y * y * y / n;
            with_product += y * y * d->column[0][i] * d->column[0][i] / n;
        }
    }
    /* label_square is a mean of n, too; five standard deviations */
    assert_near(square, family->label_square, 5 * sqrt(2 * fourth / n));
    assert_near(with_product, square, 5 * sqrt(3 * fourth / n));
    free(d);
}

static void test_null(void **state)
{
    struct made products = hermite("4", "2", "product", "1");
    struct made ridges = hermite("4", "3", "ridge", "8"), networks = ggj("6", "4");

    (void)state;
    check_null(products.family);
    check_null(ridges.family);
    check_null(networks.family);
    drop(&products);
    drop(&ridges);
    drop(&networks);
}

static void assert_refused(const char *name, const struct sb_given *given, size_t n,
                           const char *word)
{
    struct sb_diag diag;
    struct made m;

    sb_diag_init(&diag);
    assert_true(make(&m, name, given, n, &diag) < 0);
    assert_int_equal(diag.n_items, 1);
    assert_non_null(strstr(diag.items[0].text, word));
    sb_values_fini(&m.params);
    sb_diag_fini(&diag);
}

static void test_refused(void **state)
{
    const struct sb_given odd[] = { { .name = "dimension", .text = "6" },
                                    { .name = "size", .text = "3" } };
    const struct sb_given large[] = { { .name = "dimension", .text = "6" },
                                      { .name = "size", .text = "8" } };
    const struct sb_given many[] = { { .name = "dimension", .text = "60" },
                                     { .name = "degree", .text = "5" } };

    (void)state;
    assert_refused("ggj-network", odd, 2, "odd");
    assert_refused("ggj-network", large, 2, "more than dimension");
    assert_refused("hermite-monomial", many, 2, "above 64");
}

/* What bounds for CSQ take for K: clipped labels' inner products, by the midpoint rule on a grid where
 * clipping takes a lot; of networks by the closed form of two units. */
static void test_inner_products(void **state)
{
    enum { SIDE = 256, N = 3 };
    const double step = 16.0 / SIDE;
    struct made m = hermite("2", "2", "product", "2"), networks = ggj("6", "4");
    const struct sb_candidates *c = m.family->space.candidates;
    double column[2][SIDE], y[N][SIDE], mean = 0, gram[N][N] = { { 0 } }, sum[N] = { 0 };
    const double *const x[2] = { column[0], column[1] };
    const struct sb_block block = { .struct_size = sizeof block, .dim = 2, .n = SIDE, .x = x };
    struct sb_correlations k = { .n = 3 };

    (void)state;
    for (int row = 0; row < SIDE; row++) {
        for (int i = 0; i < SIDE; i++) {
            column[0][i] = -8 + (row + 0.5) * step;
            column[1][i] = -8 + (i + 0.5) * step;
        }
        for (uint64_t a = 0; a < N; a++)
            c->label(c->self, a, &block, y[a]);
        for (int i = 0; i < SIDE; i++) {
            const double r2 = column[0][i] * column[0][i] + column[1][i] * column[1][i];
            const double w = exp(-r2 / 2) / (2 * M_PI) * step * step;

            for (int a = 0; a < N; a++) {
                y[a][i] = fmax(-1, fmin(1, y[a][i]));
                sum[a] += w * y[a][i];
                for (int b = 0; b <= a; b++)
                    gram[a][b] += w * y[a][i] * y[b][i];
            }
        }
    }
    for (int a = 0; a < N; a++)
        mean += sum[a] / N; /* of the null's labels */
    assert_true(fabs(mean) > 0.01);
    assert_int_equal(m.family->inner_products(m.family, &k), 0);
    for (int a = 0; a < N; a++)
        for (int b = 0; b <= a; b++) {
            const double inner = gram[a][b] - mean * (sum[a] + sum[b]) + mean * mean;

            assert_true(a == b ? inner <= k.diagonal_ub : fabs(inner) <= k.off_abs_ub);
        }
    free(k.level);
    k = (struct sb_correlations){ .n = 15 };
    assert_int_equal(networks.family->inner_products(networks.family, &k), 0);
    assert_near(k.diagonal_ub, inner(4, 4), 1e-8);
    assert_true(k.orthogonal && k.off_abs_ub == 0);
    free(k.level);
    drop(&m);
    drop(&networks);
}

/* Parseval: at most 1/(1 - r) orthogonal functions are within a share r of their square of one h; the mean of
 * two is within half of it of both. */
static void test_n_good(void **state)
{
    struct made networks = ggj("6", "4");
    const struct sb_family *f = networks.family;

    (void)state;
    assert_int_equal(f->n_good(f, SB_LOSS_SQUARED, 0.1 * f->label_square), 1);
    assert_int_equal(f->n_good(f, SB_LOSS_SQUARED, 0.5 * f->label_square), 2);
    assert_int_equal(f->n_good(f, SB_LOSS_SQUARED, f->label_square), 15);
    drop(&networks);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_products),
                                        cmocka_unit_test(test_products_are_orthonormal),
                                        cmocka_unit_test(test_ridges),
                                        cmocka_unit_test(test_networks),
                                        cmocka_unit_test(test_networks_are_orthogonal),
                                        cmocka_unit_test(test_agreeing),
                                        cmocka_unit_test(test_null),
                                        cmocka_unit_test(test_inner_products),
                                        cmocka_unit_test(test_n_good),
                                        cmocka_unit_test(test_refused) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
