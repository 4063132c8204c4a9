/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bounds of hidden directions against numbers that were computed elsewhere (tests/data/moments.json, mpmath), against
 * all subsets of a few directions, and against integrals by plain rules. */
#include "rng.h"
#include "unit.h"

#include "bounds/bounds.h"
#include "bounds/correlate.h"
#include "bounds/overlap.h"
#include "construct/moments.h"
#include "estimate/ngca.h"

#include "direction_golden.h"

#include <math.h>

static bool slow(void) /* under valgrind */
{
    return getenv("STATBED_TEST_VALGRIND") != NULL;
}

static const struct sb_bound_class *class_of(const char *name)
{
    for (size_t i = 0; sb_bounds[i]; i++)
        if (strcmp(sb_bounds[i]->name, name) == 0)
            return sb_bounds[i];
    fail_msg("there is no bound %s", name);
    return NULL;
}

/* Each is made once. */
static struct {
    uint32_t m;
    double sigma;
    struct sb_line *line;
} made[16];
static size_t n_made;

static int free_lines(void **state)
{
    (void)state;
    while (n_made > 0)
        sb_line_free(made[--n_made].line);
    return 0;
}

static const struct sb_line *line_of(uint32_t m, double sigma)
{
    struct sb_moments *moments;
    size_t i = 0;

    while (i < n_made && (made[i].m != m || fabs(made[i].sigma - sigma) > 0))
        i++;
    if (i == n_made) {
        assert_true(n_made < SB_COUNT(made));
        assert_int_equal(sb_moments_new(m, 0, &moments, NULL), 0);
        assert_int_equal(sb_moments_line(moments, sigma, &made[i].line, NULL), 0);
        made[i].m = m;
        made[i].sigma = sigma;
        sb_moments_free(moments);
        n_made++;
    }
    return made[i].line;
}

/* To tell v from the null, at success 1: (2p - 1) SDA = SDA queries. */
static struct sb_bound_setting setting_of(const struct sb_line *line, uint32_t dim,
                                          const struct sb_correlations *k, double t)
{
    return (struct sb_bound_setting){ .k = k,
                                      .line = line,
                                      .hidden_dim = dim,
                                      .angle = NAN,
                                      .convention = SB_CONVENTION_BERNOULLI,
                                      .at_tolerance = t,
                                      .policy = "reference",
                                      .policy_carries_bound = true,
                                      .null_is_hidden_half = true,
                                      .n_good = 1,
                                      .success = 1 };
}

static double queries(const char *name, const struct sb_bound_setting *s)
{
    struct sb_bound out;

    sb_bound_compute(class_of(name), s, &out);
    return out.applies ? exp2(out.log2_queries) : 0;
}

/* tau = .001, .002, ... .990, beyond 1/sqrt(dim): Pr[|t| >= tau] of each of the golden dimensions, and a line's chi. */
enum { STEPS = 991 };
struct steps {
    double share[5][STEPS], gamma[STEPS];
};

static void make_shares(struct steps *steps)
{
    for (size_t d = 0; d < SB_COUNT(golden_dims); d++)
        for (int i = 1; i < STEPS; i++) {
            const double u = 1 - i * i / 1e6;
            const uint32_t dim = (uint32_t)golden_dims[d];
            struct sb_overlap o = { .share = 1 };

            if (u <= sb_overlap_most(dim))
                sb_overlap_init(&o, dim, u);
            steps->share[d][i] = o.share;
        }
}

/* s gamma'/(beta - gamma) at g, the best over these tau. */
static double by_steps(const struct steps *steps, size_t d, double beta, double g)
{
    double best = 0;

    for (int i = 1; i < STEPS; i++)
        best = fmax(best, (g - steps->gamma[i]) / (beta - steps->gamma[i]) / steps->share[d][i]);
    return best;
}

static void check_golden(const struct golden *of, size_t d, size_t q, const struct sb_line *line,
                         const struct steps *steps)
{
    const double n = golden_queries[q], g = 1 / (3 * of->packing_t[d][q]);
    const struct sb_correlations k = { .n = 1e9, .diagonal_ub = line->chi2 };
    struct sb_bound_setting s = setting_of(line, (uint32_t)golden_dims[d], &k, of->sphere_t[d][q]);

    assert_near(queries("sphere", &s) / n, 1, 1e-8);
    assert_true(queries("dks", &s) <= queries("packing", &s) * (1 + 1e-9));
    assert_true(queries("packing", &s) <= queries("sphere", &s));
    if (g > of->chi2) /* no member is ever ruled out, and another formula holds */
        return;
    s.at_tolerance = of->packing_t[d][q];
    assert_near(by_steps(steps, d, line->chi2, g) / n, 1, 1e-7);
    assert_true(queries("packing", &s) > n * (1 - 1e-9));
}

/* moments.json: the t of VSTAT at which so many queries are too few, over the sphere and over packings. The latter's tau
 * is one of those steps there, so that the best one is a little better. */
static void test_golden(void **state)
{
    static struct steps steps;

    (void)state;
    make_shares(&steps);
    for (size_t i = 0; i < (slow() ? 1 : SB_COUNT(golden)); i++) {
        const struct sb_line *line = line_of(golden[i].m, golden[i].sigma);
        struct sb_chi few, many;

        assert_near(line->chi2, golden[i].chi2, 1e-11);
        assert_int_equal(sb_chi_init(&few, line, false), 0);
        assert_int_equal(sb_chi_init(&many, line, true), 0);
        for (int j = 1; j < STEPS; j++)
            steps.gamma[j] = sb_chi_at(j < 850 ? &few : &many, j / 1000.0);
        for (size_t d = slow() ? 3 : 0; d < SB_COUNT(golden_dims); d++)
            for (size_t q = 0; q < SB_COUNT(golden_queries); q++)
                check_golden(&golden[i], d, q, line, &steps);
        sb_chi_fini(&few);
        sb_chi_fini(&many);
    }
}

/* Kerdock's bases, s members with |<v,v'>| <= tau: s gamma'/(beta - gamma). */
static void test_kerdock(void **state)
{
    (void)state;
    for (size_t i = 0; i < SB_COUNT(golden); i++) {
        const struct sb_line *line;
        struct sb_chi chi;

        if (slow() && i != 1)
            continue;
        line = line_of(golden[i].m, golden[i].sigma);
        assert_int_equal(sb_chi_init(&chi, line, false), 0);
        for (size_t j = 0; j < 6; j++) {
            const double gamma = sb_chi_at(&chi, golden[i].kerdock[j].tau);
            const struct sb_correlations k = { .n = golden[i].kerdock[j].s,
                                               .diagonal_ub = line->chi2,
                                               .off_abs_ub = gamma };
            const double t = 1 / (3 * golden[i].kerdock[j].g);
            struct sb_bound_setting s = setting_of(line, (uint32_t)golden[i].kerdock[j].d, &k, t);

            if (golden[i].kerdock[j].g < line->chi2)
                assert_near(queries("average", &s) / golden[i].kerdock[j].queries, 1, 1e-9);
        }
        sb_chi_fini(&chi);
    }
}

/* S2-L3.3: 1 + K(t) = E_{x,y ~ A} (1-t^2)^(-1/2) exp((2txy - t^2(x^2+y^2))/(2(1-t^2))), by the trapezoidal rule in the
 * plane, which is as good as exact for what is analytic and falls off at the ends. */
static double in_the_plane(const struct sb_line *line, double t)
{
    enum { N = 301 };
    static double x[N], a[N];
    const double step = 0.04, room = 1 - t * t;
    double sum = 0;

    for (int i = 0; i < N; i++)
        x[i] = (i - N / 2) * step;
    sb_line_density(line, 1, N, x, a);
    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++)
            sum += a[i] * a[j] *
                   exp((2 * t * x[i] * x[j] - t * t * (x[i] * x[i] + x[j] * x[j])) / (2 * room));
    return sum * step * step / sqrt(room) - 1;
}

static void test_chi(void **state)
{
    (void)state;
    for (size_t i = 0; i < SB_COUNT(golden); i++) {
        const struct sb_line *line;
        struct sb_chi chi;

        if (slow() && i != 1)
            continue;
        line = line_of(golden[i].m, golden[i].sigma);
        assert_int_equal(sb_chi_init(&chi, line, true), 0);
        for (size_t j = 0; j < SB_COUNT(golden_overlaps); j++) {
            const double t = golden_overlaps[j], expected = golden[i].chi[j];
            double error, chi_t = sb_line_chi(line, t, &error);

            assert_near(chi_t, expected, error + expected * 1e-12);
            assert_near(sb_line_chi(line, -t, &error), expected, error + expected * 1e-12);
            assert_true(sb_chi_at(&chi, -t) >= expected * (1 - 1e-13));
            assert_near(sb_chi_at(&chi, t), expected, expected * 1e-10);
            if (golden[i].sigma > 0.2 && t > 0.1 && (!slow() || j == 4))
                assert_near(in_the_plane(line, t), chi_t, 1e-10);
        }
        assert_near(sb_chi_at(&chi, 1), golden[i].chi2, 1e-9);
        sb_chi_fini(&chi);
    }
}

/* A user's law, not symmetric, no moment matched: K(t) of either sign, and what bounds its size. */
static struct sb_line *lopsided(double noise)
{
    const struct sb_line_piece pieces[] = {
        { -INFINITY, INFINITY, 0.7, 0.5, 0.6, 0 },
        { -INFINITY, INFINITY, -1.1, 0.3, 0.4, 0 },
    };
    struct sb_line *line;

    assert_int_equal(sb_line_mixture(2, pieces, noise, 0, NULL, 0, &line, NULL), 0);
    return line;
}

static void test_lopsided(void **state)
{
    struct sb_line *line = lopsided(0.4);
    struct sb_chi chi;

    (void)state;
    assert_int_equal(sb_chi_init(&chi, line, false), 0);
    for (double t = -0.9; t < 0.95; t += 0.3) {
        const double k = in_the_plane(line, t);
        double error;

        assert_near(sb_line_chi(line, t, &error), k, 1e-10);
        assert_true(fabs(k) <= sb_chi_at(&chi, t) + 1e-10);
        if (t > 0)
            assert_near(sb_chi_at(&chi, t), k, 1e-10);
    }
    sb_chi_fini(&chi);
    sb_line_free(line);
}

/* E[|t|^k given |t| >= tau], tau^2 = 1 - u, and Pr[|t| >= tau], by mpmath's incomplete beta function in 40 digits. */
static const struct law {
    uint32_t dim;
    double u, share;
    int k[3];
    double mean[3];
} laws[] = {
    { 2,
      0.4375,
      0.46010691232523177043,
      { 1, 2, 7 },
      { 0.91518816185518230964, 0.84319556069569336612, 0.60894868562502779949 } },
    { 3,
      0.64,
      0.4000000000000000111,
      { 3, 4, 50 },
      { 0.5439999999999999909, 0.4611199999999999908, 0.049019607842899523754 } },
    { 8,
      0.75,
      0.17047066078705382211,
      { 4, 5, 256 },
      { 0.17394100203648205471, 0.11931204507086309546, 7.9816597761076656129e-7 } },
    { 8,
      0.0199,
      3.2606722850391690428e-7,
      { 4, 9, 200 },
      { 0.96928401666391265073, 0.93227985853032027842, 0.22540294690811222023 } },
    { 16,
      0.19,
      8.6546618878479676366e-7,
      { 6, 7, 100 },
      { 0.57716255790411195066, 0.52690870513717484219, 0.00031556132651783079501 } },
    { 64,
      0.9375,
      0.044593148783454468175,
      { 4, 6, 33 },
      { 0.0083843408757638187415, 0.00088251009475175769997, 1.2179825639266762e-12 } },
    { 64,
      0.51,
      8.6537672421179061796e-11,
      { 8, 40, 255 },
      { 0.065640029008122078867, 1.5066239891086876189e-6, 6.9166448494185422015e-25 } },
    { 128,
      0.984375,
      0.15811176538310365877,
      { 4, 10, 60 },
      { 0.0009645231899619017535, 1.490489111870202546e-7, 2.9494416717750719859e-25 } },
    { 1000,
      0.96,
      1.7204676893700809263e-10,
      { 4, 8, 20 },
      { 0.0017571945318074328231, 3.1146914055281068875e-6, 1.8605331285557987289e-14 } },
    { 4096,
      0.9975,
      0.0013675374786984339944,
      { 4, 6, 12 },
      { 8.9325751506900190515e-6, 2.7810997991016953804e-8, 1.0741197324225675782e-15 } },
    { 5,
      0.00019999,
      1.4999499999999998148e-8,
      { 4, 30, 250 },
      { 0.99973336444268152273, 0.99800218169603725522, 0.98348800282492167378 } },
};

static void test_overlap_laws(void **state)
{
    (void)state;
    for (size_t i = 0; i < SB_COUNT(laws); i++) {
        struct sb_overlap o;

        sb_overlap_init(&o, laws[i].dim, laws[i].u);
        assert_true(o.share >= laws[i].share * (1 - 1e-16) && o.share_lb <= laws[i].share);
        assert_near(o.share / laws[i].share, 1, 1e-10);
        for (size_t j = 0; j < 3; j++) {
            double square[257] = { 0 };
            const struct sb_chi chi = { square, (size_t)laws[i].k[j] + 1, 0 };
            const struct sb_chi rest = { square, (size_t)laws[i].k[j], 1 };

            assert_near(sb_overlap_mean(&o, &rest, NULL) / laws[i].mean[j], 1, 1e-10);
            square[laws[i].k[j]] = 1;
            assert_true(sb_overlap_mean(&o, &chi, NULL) >= laws[i].mean[j] * (1 - 1e-16));
            assert_near(sb_overlap_mean(&o, &chi, NULL) / laws[i].mean[j], 1, 1e-10);
        }
    }
}

/* v in the double cap |v_1| >= x, or anywhere where x = 0. */
static void draw(struct rng *r, uint32_t dim, double x, double *v)
{
    double norm;

    do {
        norm = 0;
        for (uint32_t j = 0; j < dim; j++) {
            v[j] = sqrt(-2 * log(1 - rng_uniform(r))) * cos(6.283185307179586 * rng_uniform(r));
            norm += v[j] * v[j];
        }
    } while (fabs(v[0]) < x * sqrt(norm));
    for (uint32_t j = 0; j < dim; j++)
        v[j] /= sqrt(norm);
}

/* Sets of share a: the mean of |K| over S x S, by drawn pairs, is at most gbar(a); here double caps, about the worst
 * there are. Fails by chance with probability below 1e-9 (6 standard deviations of a mean of bounded things). */
static void test_caps(void **state)
{
    enum { DIM = 6 };
    const int trials = slow() ? 200 : 6000;
    const struct sb_line *line = line_of(3, 0.3);
    struct sb_chi chi;
    struct rng r = { 5 };

    (void)state;
    assert_int_equal(sb_chi_init(&chi, line, false), 0);
    for (double x = 0.5; x < 0.75; x += 0.1) {
        double v[DIM], w[DIM], sum = 0, squares = 0, mean;
        struct sb_overlap o;

        sb_overlap_init(&o, DIM, 1 - x * x);
        for (int i = 0; i < trials; i++) {
            double t = 0, k;

            draw(&r, DIM, x, v);
            draw(&r, DIM, x, w);
            for (int j = 0; j < DIM; j++)
                t += v[j] * w[j];
            k = sb_chi_at(&chi, fmin(1, fabs(t)));
            sum += k;
            squares += k * k;
        }
        mean = sum / trials;
        assert_true(mean <= sb_overlap_mean(&o, &chi, NULL) +
                                6 * sqrt((squares / trials - mean * mean) / trials));
        assert_true(mean > sb_overlap_mean(&o, &chi, NULL) / 50);
    }
    sb_chi_fini(&chi);
}

/* The most members of a set whose |K| averages more than g, over all sets of them. */
static size_t largest_set(const struct sb_correlations *k, double g)
{
    const size_t n = (size_t)k->n;
    size_t best = 0;

    for (size_t set = 1; set < (size_t)1 << n; set++) {
        const size_t size = (size_t)__builtin_popcountll(set);
        double sum = 0;

        for (size_t i = 0; size > best && i < n; i++)
            for (size_t j = 0; set >> i & 1 && j < n; j++)
                sum += set >> j & 1 ? fabs(k->matrix[i * n + j]) : 0;
        if (size > best && sum > g * (double)(size * size))
            best = size;
    }
    return best;
}

/* A family of n directions: independent, or the first coordinates. */
struct hidden {
    const struct sb_line *line;
    struct sb_ngca ngca;
    struct sb_family family;
    double *directions;
};

static double largest_overlap(const struct sb_ngca *ngca, size_t n)
{
    double most = 0;

    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < i; j++)
            most = fmax(most, fabs(sb_ngca_overlap(ngca, i, j)));
    return most;
}

static void hide(struct hidden *h, const struct sb_line *line, uint32_t dim, size_t n,
                 bool coordinates)
{
    static const struct sb_family_class class = { .name = "directions" };
    struct rng r = { 17 + dim };

    *h = (struct hidden){ .line = line, .family = { .class = &class, .n_members = n } };
    h->directions = SB_NEW_ARRAY(double, n *dim);
    assert_non_null(h->directions);
    for (size_t i = 0; i < n; i++)
        if (coordinates)
            h->directions[i * dim + i] = 1;
        else
            draw(&r, dim, 0, h->directions + i * dim);
    h->ngca =
        (struct sb_ngca){ .line = line, .dim = dim, .directions = h->directions, .overlap_ub = 1 };
    h->ngca.overlap_ub = largest_overlap(&h->ngca, n);
    sb_ngca_init(&h->ngca, &h->family);
}

static void unhide(struct hidden *h)
{
    free(h->directions);
}

static const struct {
    uint32_t m, dim;
    double sigma;
    size_t n;
    bool coordinates;
} families[] = {
    { 3, 9, 0.3, 9, true },   { 3, 6, 0.3, 12, false }, { 5, 4, 0.3, 12, false },
    { 3, 3, 0.5, 10, false }, { 3, 6, 0.1, 14, false },
};

/* A few directions: of what a query rules out nothing below what all subsets show is stated. */
static void test_subsets(void **state)
{
    static const char *const names[] = { "spectral", "szorenyi", "average", "pair-event",
                                         "subset" };

    (void)state;
    for (size_t i = 0; i < (slow() ? 2 : SB_COUNT(families)); i++) {
        struct sb_correlations k;
        struct hidden h;
        size_t applied = 0;

        hide(&h, line_of(families[i].m, families[i].sigma), families[i].dim, families[i].n,
             families[i].coordinates);
        assert_int_equal(sb_correlations_of(&h.family, SB_EFFORT_FULL, &k, NULL), 0);
        assert_null(k.unknown);
        assert_non_null(k.matrix);
        for (double part = 0.9; part > 0.01; part *= slow() ? 0.1 : 0.6) {
            const double g = part * k.diagonal_ub;
            struct sb_bound_setting s = setting_of(NULL, 0, &k, 1 / (3 * g));
            const size_t most = largest_set(&k, g);

            for (size_t b = 0; b < SB_COUNT(names); b++) {
                struct sb_bound out;

                sb_bound_compute(class_of(names[b]), &s, &out);
                assert_true(!out.applies || out.measure.kill >= (double)most * (1 - 1e-9));
                applied += out.applies;
            }
            if (!k.orthogonal) /* else a formula of it, which may be less */
                assert_near(queries("subset", &s), k.n / (double)most, 1e-6);
        }
        assert_true(applied > (slow() ? 3 : 10));
        sb_correlations_fini(&k);
        unhide(&h);
    }
}

/* K_ij of a family is chi at the overlap of its directions; what is said without them bounds it. */
static void test_correlations(void **state)
{
    (void)state;
    for (size_t i = 0; i < (slow() ? 2 : SB_COUNT(families)); i++) {
        struct sb_correlations all = { .n = (double)families[i].n }, k;
        const size_t n = families[i].n;
        struct hidden h;

        hide(&h, line_of(families[i].m, families[i].sigma), families[i].dim, n,
             families[i].coordinates);
        assert_int_equal(h.family.correlations(&h.family, &all), 0);
        assert_int_equal(sb_correlations_of(&h.family, SB_EFFORT_RUN, &k, NULL), 0);
        assert_near(k.diagonal_ub, h.line->chi2, 1e-9);
        assert_true(k.off_abs_ub <= all.off_abs_ub * (1 + 1e-9) + 1e-12);
        assert_true(k.lambda_ub <= all.lambda_ub * (1 + 1e-9) && k.lambda_lb >= all.lambda_lb);
        assert_int_equal(all.orthogonal, families[i].coordinates);
        assert_int_equal(k.orthogonal, families[i].coordinates);
        for (size_t a = 0; a < n; a++)
            for (size_t b = 0; b < a; b++) {
                double t = 0, error;

                for (uint32_t j = 0; j < h.ngca.dim; j++)
                    t += h.directions[a * h.ngca.dim + j] * h.directions[b * h.ngca.dim + j];
                assert_near(k.matrix[a * n + b], sb_line_chi(h.line, t, &error), 1e-12);
                assert_same(k.matrix[a * n + b], h.family.correlation(&h.family, a, b));
                assert_true(fabs(k.matrix[a * n + b]) <= all.off_abs_ub);
            }
        sb_correlations_fini(&k);
        unhide(&h);
    }
}

/* Atoms: chi^2 is infinite, and nothing is said. */
static void test_atoms(void **state)
{
    struct sb_correlations k;
    struct sb_line *line;
    struct hidden h;

    (void)state;
    assert_int_equal(sb_moments_atoms(3, 0, &line, NULL), 0);
    hide(&h, line, 5, 8, false);
    assert_int_equal(sb_correlations_of(&h.family, SB_EFFORT_FULL, &k, NULL), 0);
    assert_non_null(k.unknown);
    assert_non_null(strstr(k.unknown, "chi^2"));
    sb_correlations_fini(&k);
    unhide(&h);
    sb_line_free(line);
}

/* A search: B/N is the share of the sphere within the angle. */
static void test_search(void **state)
{
    const struct sb_line *line = line_of(3, 0.3);
    const struct sb_correlations k = { .n = 1e6, .diagonal_ub = line->chi2 };
    struct sb_bound_setting s = setting_of(line, 16, &k, 20);
    struct sb_bound out;

    (void)state;
    s.null_is_hidden_half = false;
    s.success = 0.9;
    sb_bound_compute(class_of("sphere"), &s, &out);
    assert_false(out.applies); /* it is not known what one hypothesis can satisfy */
    s.recovers = true;
    s.angle = asin(sqrt(0.19));
    sb_bound_compute(class_of("sphere"), &s, &out);
    assert_true(out.applies && strstr(out.prior, "sphere"));
    assert_near(out.success_at_zero, 8.6546618878479676e-7, 1e-15);
    assert_near(exp2(out.log2_queries) * out.measure.kill, 0.9 - 8.6546618878479676e-7, 1e-9);
    s.angle = 0.3;
    sb_bound_compute(class_of("packing"), &s, &out);
    assert_true(out.applies && out.measure.n_good <= 1);
    s.angle = 0.78; /* two that are recovered may be anywhere */
    sb_bound_compute(class_of("packing"), &s, &out);
    assert_false(out.applies);
}

/* E t^k over the sphere, by Simpson's rule in the angle. */
static double moment(double d, int k)
{
    enum { PARTS = 2000 };
    double sum = 0, all = 0;

    for (int i = 0; i <= PARTS; i++) {
        const double a = 3.14159265358979323846 * i / PARTS;
        const double w = (i == 0 || i == PARTS ? 1 : i % 2 ? 4 : 2) * pow(sin(a), d - 2);

        sum += w * pow(cos(a), k);
        all += w;
    }
    return sum / all;
}

/* C11: L^2 at n examples by n products of series. */
static void test_low_degree(void **state)
{
    struct sb_line *line = lopsided(0.4);
    const struct sb_correlations k = { .n = 1e6, .diagonal_ub = line->chi2 };
    const int n = 20, degree = 6, dim = 5;
    struct sb_bound_setting s = setting_of(line, (uint32_t)dim, &k, n / 3.0);
    double series[7] = { 1 }, expected = 0;
    struct sb_bound out;

    (void)state;
    s.at_tolerance *= 1 + 1e-12;
    for (int i = 0; i < n; i++)
        for (int a = degree; a > 0; a--)
            for (int b = 1; b <= a; b++)
                series[a] += series[a - b] * line->coefficient[b] * line->coefficient[b];
    for (int a = 1; a <= degree; a++)
        expected += series[a] * moment(dim, a);
    sb_bound_compute(class_of("low-degree"), &s, &out);
    assert_true(!out.applies && out.measure.estimate);
    assert_non_null(strstr(out.measure.constants, "D = 6 "));
    assert_near(out.measure.value / expected, 1, 1e-9);
    assert_non_null(strstr(out.why, "never a proof"));
    sb_line_free(line);
}

/* C10 by its formulas, and Theorem 3.1's arithmetic. */
static void test_published_forms(void **state)
{
    const struct sb_line *line = line_of(3, 0.3);
    const struct sb_correlations k = { .n = 1e6, .diagonal_ub = line->chi2 };
    struct sb_bound_setting s = setting_of(line, 64, &k, 1);
    struct sb_bound out;
    struct sb_overlap o;
    double tau;

    (void)state;
    s.convention = SB_CONVENTION_STAT;
    s.at_tolerance = 0.05;
    tau = sqrt(sqrt(0.0025 / (2 * line->chi2)));
    sb_overlap_init(&o, 64, 1 - tau * tau);
    sb_bound_compute(class_of("dks"), &s, &out);
    assert_true(out.applies);
    assert_near(out.measure.kill, (line->chi2 - 0.00125) / 0.00125, 1e-6);
    assert_same(out.measure.n_targets, ceil(1 / o.share));
    sb_bound_compute(class_of("moments-theorem"), &s, &out);
    assert_false(out.applies);
    assert_same(out.measure.value, 24); /* 64^4 */
    assert_non_null(strstr(out.why, "m = 3, 10 units, 2^24 queries of STAT(0.125 chi)"));
    s.hidden_dim = 8;
    sb_bound_compute(class_of("moments-theorem"), &s, &out);
    assert_non_null(strstr(out.why, "below 16"));
}

/* The packing's tau is the best one: not above what 10^4 steps find. */
static void test_best_packing(void **state)
{
    const struct sb_line *line = line_of(3, 0.3);
    const struct sb_correlations k = { .n = 1e6, .diagonal_ub = line->chi2 };
    const struct sb_bound_setting s = setting_of(line, 64, &k, 100);
    double best = 0;
    struct sb_chi chi;

    (void)state;
    assert_int_equal(sb_chi_init(&chi, line, false), 0);
    for (double tau = 0.6; tau < 0.65; tau += slow() ? 1e-4 : 5e-6) {
        const double gamma = sb_chi_at(&chi, tau);
        struct sb_overlap o;

        sb_overlap_init(&o, 64, 1 - tau * tau);
        best = fmax(best, (1.0 / 300 - gamma) / (line->chi2 - gamma) / o.share);
    }
    assert_near(queries("packing", &s) / best, 1, slow() ? 1e-4 : 1e-6);
    sb_chi_fini(&chi);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_golden),       cmocka_unit_test(test_kerdock),
        cmocka_unit_test(test_chi),          cmocka_unit_test(test_lopsided),
        cmocka_unit_test(test_overlap_laws), cmocka_unit_test(test_caps),
        cmocka_unit_test(test_subsets),      cmocka_unit_test(test_correlations),
        cmocka_unit_test(test_atoms),        cmocka_unit_test(test_search),
        cmocka_unit_test(test_low_degree),   cmocka_unit_test(test_published_forms),
        cmocka_unit_test(test_best_packing),
    };

    return cmocka_run_group_tests(tests, NULL, free_lines);
}
