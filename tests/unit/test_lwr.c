/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Learning with rounding against its definition: everything by going through Z_q^n [theorems.md S0-D1.2,
 * S0-D2.1, S0-AppF, S0-C4.3]. */
#include "opened.h"
#include "rng.h"

#include "bounds/correlate.h"
#include "estimate/estimate.h"
#include "estimate/points.h"
#include "numeric/network.h"
#include "numeric/residues.h"

#include <errno.h>
#include <gsl/gsl_eigen.h>
#include <math.h>

enum { MOST = 256 }; /* points, and members */

/* The definition, without a shared line: round half up by comparing, then mod p. */
static uint32_t rounded(uint32_t t, uint32_t q, uint32_t p)
{
    uint32_t y = 0;

    while (2 * p * t >= (2 * y + 1) * q) /* y + 1/2 <= p t / q */
        y++;
    return y % p;
}

struct case_of {
    struct opened o;
    uint32_t n, q, p, size;     /* size: q^n */
    uint32_t label[MOST][MOST]; /* of member i at point x */
    double rho[64];
};

static uint32_t product(uint32_t w, uint32_t x, uint32_t n, uint32_t q)
{
    uint32_t sum = 0;

    for (uint32_t j = 0; j < n; j++, w /= q, x /= q)
        sum += w % q * (x % q);
    return sum;
}

static struct case_of *case_new(uint32_t n, uint32_t q, uint32_t p)
{
    struct case_of *c = SB_NEW(struct case_of);
    char text[64];

    snprintf(text, sizeof text, "dimension=%u q=%u p=%u", n, q, p);
    opened_new(&c->o, "lwr", text);
    *c = (struct case_of){ .o = c->o, .n = n, .q = q, .p = p, .size = 1 };
    c->o.family->params = &c->o.values;
    for (uint32_t j = 0; j < n; j++)
        c->size *= q;
    assert_true(c->size <= MOST);
    for (uint32_t t = 0; t < q; t++)
        c->rho[rounded(t, q, p)] += 1.0 / q;
    for (uint32_t i = 0; i + 1 < c->size; i++)
        for (uint32_t x = 0; x < c->size; x++)
            c->label[i][x] = rounded(product(i + 1, x, n, q) % q, q, p);
    assert_int_equal(c->o.family->n_members, c->size - 1);
    return c;
}

static void case_free(struct case_of *c)
{
    opened_close(&c->o);
    free(c);
}

/* K_ij = sum_y Pr[f_i = f_j = y]/rho(y) - 1 [theorems.md C0]. */
static double correlation(const struct case_of *c, uint32_t i, uint32_t j)
{
    double k = -1;

    for (uint32_t x = 0; x < c->size; x++)
        if (c->label[i][x] == c->label[j][x])
            k += 1 / (c->rho[c->label[i][x]] * c->size);
    return k;
}

static const struct shape {
    uint32_t n, q, p;
} shapes[] = { { 2, 5, 2 }, { 2, 7, 2 }, { 2, 7, 3 },  { 1, 13, 4 }, { 2, 4, 2 }, { 2, 4, 3 },
               { 2, 6, 2 }, { 2, 6, 4 }, { 1, 12, 5 }, { 2, 8, 4 },  { 3, 4, 2 }, { 2, 9, 3 } };

static void each_shape(void (*check)(const struct case_of *c))
{
    for (size_t s = 0; s < SB_COUNT(shapes); s++) {
        struct case_of *c = case_new(shapes[s].n, shapes[s].q, shapes[s].p);

        check(c);
        case_free(c);
    }
}

/* [S0-D1.2] the null's law: rho, uniform iff p divides q; and <w,x> is uniform for q prime, w not 0. */
static void test_label_law(void **state)
{
    (void)state;
    for (uint32_t q = 3; q <= 24; q++)
        for (uint32_t p = 2; p < q; p++) {
            struct opened o;
            char text[64];
            double tv = 0, sum = 0, rho[64] = { 0 };
            struct sb_fact facts[16];
            struct sb_law null;
            const struct sb_block block = { .n = 1,
                                            .dim = 1,
                                            .x = (const double *const[]){ &sum } };

            snprintf(text, sizeof text, "dimension=1 q=%u p=%u", q, p);
            opened_new(&o, "lwr", text);
            for (uint32_t t = 0; t < q; t++)
                rho[rounded(t, q, p)] += 1.0 / q;
            o.family->null_law(o.family, &null);
            for (uint32_t y = 0; y < p; y++) {
                double w;

                sb_law_weights(&null, &block, y, &w);
                assert_near(w, rho[y], 1e-15);
                assert_near(o.family->space.labels[y], (double)y / p, 0);
                tv += fabs(rho[y] - 1.0 / p) / 2;
            }
            assert_int_equal(tv < 1e-12, q % p == 0);
            assert_true(o.family->facts(o.family, facts, 16) >= 3);
            assert_string_equal(facts[0].name, "label-tv");
            assert_near(facts[0].value, tv, 1e-14);
            opened_close(&o);
        }
    for (uint32_t w = 1; w < 49; w++) {
        uint32_t count[7] = { 0 };

        for (uint32_t x = 0; x < 49; x++)
            count[product(w, x, 2, 7) % 7]++;
        for (uint32_t t = 0; t < 7; t++)
            assert_int_equal(count[t], 7);
    }
}

/* Weights, labels, members' names, and what recovers whom. */
static void check_members(const struct case_of *c)
{
    const struct sb_family *f = c->o.family;
    struct sb_point_room room;
    double w[MOST], most = 0;

    assert_int_equal(sb_space_size(&f->space), c->size);
    assert_int_equal(sb_point_room_init(&room, &f->space), 0);
    sb_point_room_domain(&room, 0, c->size);
    for (uint32_t i = 0; i + 1 < c->size; i++) {
        struct sb_law law;
        double value[4] = { 0 }, same = 0;

        f->law(f, i, false, &law);
        for (uint32_t l = 0; l < c->p; l++) {
            sb_law_weights(&law, &room.block, l, w);
            for (uint32_t x = 0; x < c->size; x++)
                assert_same(w[x], c->label[i][x] == l);
        }
        f->space.candidates->label(f->space.candidates->self, i, &room.block, w);
        for (uint32_t x = 0; x < c->size; x++)
            assert_same(w[x], (double)c->label[i][x] / c->p);
        for (uint32_t j = 0, rest = i + 1; j < c->n; j++, rest /= c->q)
            value[j] = rest % c->q;
        for (uint32_t k = 0; k + 1 < c->size; k++) {
            const bool equal = memcmp(c->label[i], c->label[k], c->size * sizeof **c->label) == 0;

            same += equal;
            assert_int_equal(f->recovered(f, k, value, c->n), equal);
        }
        most = same > most ? same : most;
        assert_false(f->recovered(f, i, value, c->n - 1));
        value[0] += 0.5;
        assert_false(f->recovered(f, i, value, c->n));
    }
    assert_int_equal(f->n_recovered(f), (uint64_t)most);
    sb_point_room_fini(&room);
}

static void test_members(void **state)
{
    struct opened o;
    char *told;

    (void)state;
    each_shape(check_members);
    opened_new(&o, "lwr", "dimension=3 q=5 p=2");
    told = o.family->describe(o.family, 4 + 2 * 5 + 3 * 25 - 1);
    assert_string_equal(told, "w = (4,2,3)");
    free(told);
    opened_close(&o);
}

/* The index of the only member that agrees. */
static void check_agreeing(const struct case_of *c)
{
    const struct sb_candidates *candidates = c->o.family->space.candidates;
    struct sb_point_room room;
    double y[MOST];
    uint64_t out[MOST];

    assert_int_equal(sb_point_room_init(&room, &c->o.family->space), 0);
    sb_point_room_domain(&room, 0, c->size);
    room.block.y = y;
    for (uint32_t l = 0; l < c->p; l++) {
        for (uint32_t x = 0; x < c->size; x++)
            y[x] = (double)l / c->p;
        candidates->agreeing(candidates->self, &room.block, out);
        for (uint32_t x = 0; x < c->size; x++) {
            uint64_t only = UINT64_MAX, count = 0;

            for (uint32_t i = 0; i + 1 < c->size; i++)
                if (c->label[i][x] == l) {
                    only = i;
                    count++;
                }
            assert_int_equal(out[x], count == 1 ? only : UINT64_MAX);
        }
    }
    sb_point_room_fini(&room);
}

static void test_agreeing(void **state)
{
    (void)state;
    each_shape(check_agreeing);
}

/* The largest eigenvalue of a symmetric matrix, which is lost. */
static double largest(double *K, size_t n)
{
    gsl_matrix_view m = gsl_matrix_view_array(K, n, n);
    gsl_vector *values = gsl_vector_alloc(n);
    gsl_eigen_symm_workspace *room = gsl_eigen_symm_alloc(n);
    double most;

    gsl_eigen_symm(&m.matrix, values, room);
    most = gsl_vector_max(values);
    gsl_eigen_symm_free(room);
    gsl_vector_free(values);
    return most;
}

static void check_levels(const struct sb_correlations *k, const double *K, size_t n)
{
    double pairs = 0;

    for (size_t l = 0; l < k->n_levels; l++) {
        double above = 0;

        for (size_t i = 0; i < n * n; i++)
            above += fabs(K[i]) > (l + 1 < k->n_levels ? k->level[l + 1].size : 0) + 1e-13;
        pairs += k->level[l].pairs;
        assert_near(pairs, l + 1 < k->n_levels ? above : (double)(n * n), 1e-9);
        if (l)
            assert_true(k->level[l].size < k->level[l - 1].size);
    }
}

/* [S0-AppF] every K_ij, the levels, the extremes and the largest eigenvalue. */
static void check_correlations(const struct case_of *c)
{
    const struct sb_family *f = c->o.family;
    const size_t n = c->size - 1;
    double *K SB_FREE = SB_NEW_ARRAY(double, n *n), lambda;
    double diagonal = 0, off = 0, off_abs = 0;
    struct sb_correlations k;

    for (uint32_t i = 0; i < n; i++)
        for (uint32_t j = 0; j < n; j++) {
            const double v = K[i * n + j] = correlation(c, i, j);

            assert_near(f->correlation(f, i, j), v, 1e-12);
            diagonal = i == j ? fmax(diagonal, v) : diagonal;
            off = i != j ? fmax(off, v) : off;
            off_abs = i != j ? fmax(off_abs, fabs(v)) : off_abs;
        }
    assert_int_equal(sb_correlations_of(f, SB_EFFORT_RUN, &k, NULL), 0);
    assert_near(k.diagonal_ub, diagonal, 1e-10);
    assert_near(k.off_ub, off, 1e-10);
    assert_near(k.off_abs_ub, off_abs, 1e-10);
    check_levels(&k, K, n);
    lambda = largest(K, n);
    assert_true(k.lambda_lb <= lambda + 1e-10 && lambda - 1e-10 <= k.lambda_ub);
    if (c->q == 5 || c->q == 7 || c->q == 13) /* primes */
        assert_near(k.lambda_ub, lambda, 1e-10);
    else
        assert_true(k.lambda_ub <= 1.7 * lambda);
    sb_correlations_fini(&k);
}

static void test_correlations(void **state)
{
    (void)state;
    each_shape(check_correlations);
}

/* The same from the laws' weights at every point: what the bounds do where a family says nothing. */
static void test_correlations_by_points(void **state)
{
    struct case_of *c = case_new(2, 6, 4);
    struct sb_family f = *c->o.family;
    struct sb_correlations k;

    (void)state;
    f.correlations = NULL;
    f.correlation = NULL;
    assert_int_equal(sb_correlations_of(&f, SB_EFFORT_FULL, &k, NULL), 0);
    assert_string_equal(k.how, "exact");
    for (uint32_t i = 0; i < 35; i++)
        for (uint32_t j = 0; j < 35; j++)
            assert_near(k.matrix[i * 35 + j], correlation(c, i, j), k.matrix_error + 1e-14);
    assert_true(k.matrix_error < 1e-11);
    sb_correlations_fini(&k);
    case_free(c);
}

/* [S0-AppF] lambda_max of one block K_(c'/c), by an eigen-solver and by the numbers of claims.md. */
static void test_prime_blocks(void **state)
{
    static const struct {
        uint32_t q, p;
        double lambda, error;
    } known[] = { { 5, 2, 10.0 / 3, 1e-10 }, { 7, 2, 7.0 / 3, 1e-10 }, { 11, 3, 3.1180, 5e-5 },
                  { 17, 4, 5.3071, 5e-5 },   { 31, 5, 7.7374, 5e-5 },  { 101, 10, 18.364, 5e-4 },
                  { 257, 16, 22.251, 5e-4 } };
    const size_t most = getenv("STATBED_TEST_VALGRIND") ? 5 : SB_COUNT(known);

    (void)state;
    for (size_t s = 0; s < most; s++) {
        const uint32_t q = known[s].q, p = known[s].p;
        double *K SB_FREE = SB_NEW_ARRAY(double, (q - 1) * (q - 1)), of[257], lambda;
        double rho[16] = { 0 };
        struct opened o;
        char text[64];

        for (uint32_t t = 0; t < q; t++)
            rho[rounded(t, q, p)] += 1.0 / q;
        for (uint32_t c = 1; c < q; c++) {
            of[c] = -1;
            for (uint32_t t = 0; t < q; t++)
                if (rounded(t, q, p) == rounded(c * t % q, q, p))
                    of[c] += 1 / (q * rho[rounded(t, q, p)]);
        }
        assert_near(of[1], p - 1, 1e-12);
        for (uint32_t a = 1; a < q; a++) /* row a, column a c mod q */
            for (uint32_t c = 1; c < q; c++)
                K[(a - 1) * (q - 1) + (a * c % q - 1)] = of[c];
        lambda = largest(K, q - 1);
        snprintf(text, sizeof text, "dimension=7 q=%u p=%u", q, p);
        opened_new(&o, "lwr", text);
        assert_near(o.family->lambda_max_ub, lambda, 1e-10);
        assert_near(lambda, known[s].lambda, known[s].error);
        opened_close(&o);
    }
}

/* No predictor satisfies more members than n_good says: members, constants and random ones. */
static void check_good(const struct case_of *c)
{
    static const double grid[] = { 0, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5 };
    const struct sb_family *f = c->o.family;
    struct rng r = { c->q * 10 + c->p };

    for (uint32_t h = 0; h < c->size + 8; h++) {
        double loss[2][MOST] = { { 0 } };

        for (uint32_t x = 0; x < c->size; x++) {
            const double any = (double)rng_below(&r, c->p) / c->p;
            const double at = h + 1 < c->size ? (double)c->label[h][x] / c->p
                              : h < c->size   ? 0
                              : h == c->size  ? 0.4
                                              : any;
            uint32_t nearest = 0;

            for (uint32_t y = 1; y < c->p; y++)
                nearest += at >= (y - 0.5) / c->p;
            for (uint32_t i = 0; i + 1 < c->size; i++) {
                const double gap = at - (double)c->label[i][x] / c->p;

                loss[SB_LOSS_ZERO_ONE][i] += (double)(nearest != c->label[i][x]) / c->size;
                loss[SB_LOSS_SQUARED][i] += gap * gap / c->size;
            }
        }
        for (int l = 0; l < 2; l++)
            for (size_t g = 0; g < SB_COUNT(grid); g++) {
                uint64_t n = 0;

                for (uint32_t i = 0; i + 1 < c->size; i++)
                    n += loss[l][i] <= grid[g];
                assert_true(n <= f->n_good(f, (enum sb_loss)l, grid[g]));
            }
    }
}

static void test_n_good(void **state)
{
    struct opened o;

    (void)state;
    each_shape(check_good);
    opened_new(&o, "lwr", "dimension=8 q=31 p=5"); /* and it says something */
    assert_true(o.family->n_good(o.family, SB_LOSS_SQUARED, 0.02) < 12);
    assert_int_equal(o.family->n_good(o.family, SB_LOSS_ZERO_ONE, 0.1), 1);
    assert_int_equal(o.family->n_good(o.family, SB_LOSS_SQUARED, 0.09), o.family->n_members);
    opened_close(&o);
}

/* E_i f by enumeration, for one member and for all of them. */
static void test_expectations(void **state)
{
    static const char *const text[] = { "y*eq(mod(x0+2*x1,5),3)", "candidate(7)*y", "sin(x0)*y" };
    struct case_of *c = case_new(2, 5, 2);
    const struct sb_family *f = c->o.family;
    struct sb_pool *pool = sb_pool_new(&f->space);

    (void)state;
    for (size_t k = 0; k < SB_COUNT(text); k++) {
        struct sb_profile profile;
        const sb_expr e = sb_expr_parse(pool, text[k], NULL);
        const struct sb_profile_task all = {
            .family = f, .pool = pool, .expr = e, .lo = -1, .hi = 1, .half_width = 0.1, .delta = 0.1
        };

        assert_true(e != 0);
        sb_profile_init(&profile);
        assert_int_equal(sb_profile_of(&all, &profile), 0);
        assert_int_equal(profile.method, SB_TRANSFORM);
        assert_true(profile.half_width > 0 && profile.half_width < 1e-14);
        for (uint32_t i = 0; i < 24; i++) {
            struct sb_law law;
            struct sb_estimate got;
            double mean = 0;
            const struct sb_estimate_task one = { .law = &law,
                                                  .pool = pool,
                                                  .expr = e,
                                                  .lo = -1,
                                                  .hi = 1,
                                                  .tolerance = { SB_RULE_STAT, 0.1 },
                                                  .share = 0.5,
                                                  .delta = 0.1 };

            for (uint32_t x = 0; x < 25; x++) {
                const double y = c->label[i][x] / 2.0;

                mean += (k == 0   ? y * ((x % 5 + 2 * (x / 5)) % 5 == 3)
                         : k == 1 ? y * c->label[7][x] / 2.0
                                  : y * sin(x % 5)) /
                        25;
            }
            f->law(f, i, false, &law);
            assert_int_equal(sb_estimate(&one, &got), 0);
            assert_int_equal(got.method, SB_ENUMERATION);
            assert_near(got.value, mean, 1e-14);
            assert_near(sb_profile_value(&profile, i), mean, 1e-14);
        }
        sb_profile_fini(&profile);
    }
    sb_pool_free(pool);
    case_free(c);
}

/* Examples: points uniform (chi^2 of 25 cells below 75, which is exceeded with probability 4e-7), labels
 * those of the member, and of the null by rho and independent of x. */
static void test_samples(void **state)
{
    enum { N = 20000 };
    struct case_of *c = case_new(2, 5, 2);
    const struct sb_family *f = c->o.family;
    struct sb_point_room room;
    double y[SB_BLOCK];

    (void)state;
    assert_int_equal(sb_point_room_init(&room, &f->space), 0);
    for (int planted = 0; planted < 2; planted++) {
        double count[25] = { 0 }, ones[25] = { 0 }, chi = 0;
        struct sb_law law;
        uint64_t n = 0;

        sb_family_law(f, (struct sb_hidden){ planted, 11 }, false, &law);
        for (; n < N; n += SB_BLOCK) {
            sb_law_sample(&law, (struct sb_key){ { 5, 6 } }, n, SB_BLOCK, &room.points, y);
            for (int i = 0; i < SB_BLOCK; i++) {
                const uint64_t x = sb_point_number(&f->space, &room.block, (uint64_t)i);

                count[x]++;
                ones[x] += y[i] > 0;
                assert_true(!planted || y[i] == c->label[11][x] / 2.0);
            }
        }
        for (int x = 0; x < 25; x++) {
            const double mean = (double)n / 25, gap = ones[x] - 0.4 * count[x];

            chi += (count[x] - mean) * (count[x] - mean) / mean;
            assert_true(planted || gap * gap / (0.24 * count[x]) < 33); /* 25 times: 3e-7 */
        }
        assert_true(chi < 75);
    }
    sb_point_room_fini(&room);
    case_free(c);
}

/* [S0-D2.1, S0-C4.3] sigma(h(x)) and the network of one hidden layer are f_w on the whole domain. */
static void check_compressed(const char *text, uint32_t n, uint32_t q, uint32_t p, uint32_t bits,
                             uint64_t step)
{
    struct opened o;
    struct sb_point_room room;
    double w[64], out[SB_BLOCK];

    opened_new(&o, "lwr", text);
    assert_int_equal(o.family->space.dim, n * (bits ? bits : 1));
    assert_int_equal(sb_point_room_init(&room, &o.family->space), 0);
    for (uint64_t i = 0; i < o.family->n_members; i += step) {
        struct sb_network *network;
        struct sb_compressed f;
        const uint64_t size = sb_space_size(&o.family->space);

        o.family->compress(o.family, i, w, &f);
        assert_int_equal(f.n_t, n * (q - 1) * (q - 1) + 1);
        assert_int_equal(o.family->network(o.family, i, &network, NULL), 0);
        assert_int_equal(network->n_layers, 2);
        assert_true(sb_network_units(network) <= n * (q - 1) * (q - 1));
        for (uint64_t start = 0; start < size; start += SB_BLOCK) {
            sb_point_room_domain(&room, start, size - start < SB_BLOCK ? size - start : SB_BLOCK);
            assert_int_equal(sb_network_run(network, &room.block, out), 0);
            for (uint64_t k = 0; k < room.block.n; k++) {
                /* bits are the digits of x_j to the base 2, so that both forms number points alike */
                const uint32_t h = product((uint32_t)i + 1, (uint32_t)(start + k), n, q);
                const double y = (double)rounded(h % q, q, p) / p;
                double sum = 0;

                for (uint32_t j = 0; j < o.family->space.dim; j++)
                    sum += w[j] * (room.x ? room.x[j][k] : (double)((start + k) >> j & 1));
                assert_same(sum, h);
                assert_same(f.sigma[h], y);
                assert_near(out[k], y, 1e-12);
            }
        }
        sb_network_free(network);
    }
    sb_point_room_fini(&room);
    opened_close(&o);
}

static void test_compressed(void **state)
{
    (void)state;
    check_compressed("dimension=2 q=5 p=2", 2, 5, 2, 0, 1);
    check_compressed("dimension=3 q=7 p=3", 3, 7, 3, 0, 37);
    check_compressed("dimension=3 q=4 p=2 form=binary", 3, 4, 2, 2, 1);
    check_compressed("dimension=3 q=16 p=4 form=binary", 3, 16, 4, 4, 1000);
}

/* [S0-C4.3, S0-T4.1] losses of constants where p divides q: 1/2 has (p^2+2)/(12 p^2) <= 1/8, not 1/4. */
static void test_constant_losses(void **state)
{
    (void)state;
    for (uint32_t p = 2; p <= 16; p *= 2) {
        struct opened o;
        struct sb_fact facts[16];
        char text[64];
        size_t n, seen = 0;

        snprintf(text, sizeof text, "dimension=2 q=32 p=%u form=binary", p);
        opened_new(&o, "lwr", text);
        n = o.family->facts(o.family, facts, 16);
        for (size_t i = 0; i < n; i++) {
            const double v = facts[i].value, square = (double)p * p;

            if (strcmp(facts[i].name, "label-mean") == 0 && ++seen)
                assert_near(v, (p - 1) / (2.0 * p), 1e-14);
            if (strcmp(facts[i].name, "label-variance") == 0 && ++seen)
                assert_near(v, (square - 1) / (12 * square), 1e-14);
            if (strcmp(facts[i].name, "half-loss") == 0 && ++seen) {
                assert_near(v, (square + 2) / (12 * square), 1e-14);
                assert_true(v <= 0.125);
            }
        }
        assert_int_equal(seen, 3);
        opened_close(&o);
    }
}

static void refused(const char *text, const char *why)
{
    struct opened o;
    char message[512];

    assert_int_equal(opened_try(&o, "lwr", text, message, sizeof message), -EINVAL);
    if (!strstr(message, why))
        fail_msg("%s: '%s' does not say '%s'", text, message, why);
    sb_values_fini(&o.values);
}

static void test_refused(void **state)
{
    (void)state;
    refused("dimension=3 q=5 p=5", "p = 5 is not below q = 5");
    refused("dimension=3 q=5 p=7", "p = 7 is not below q = 5");
    refused("dimension=3 q=1 p=2", "q");
    refused("dimension=8 q=257 p=16", "dimension can be at most 7");
    refused("dimension=3 q=5 p=2 form=binary", "a power of 2");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_label_law),
        cmocka_unit_test(test_members),
        cmocka_unit_test(test_agreeing),
        cmocka_unit_test(test_correlations),
        cmocka_unit_test(test_correlations_by_points),
        cmocka_unit_test(test_prime_blocks),
        cmocka_unit_test(test_n_good),
        cmocka_unit_test(test_expectations),
        cmocka_unit_test(test_samples),
        cmocka_unit_test(test_compressed),
        cmocka_unit_test(test_constant_losses),
        cmocka_unit_test(test_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
