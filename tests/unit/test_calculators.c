/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lower-bound calculators against enumeration: of the subsets of small families, of sorted
 * pairs, and of the members that real queries rule out. Families here are laws on a few points,
 * and K is computed from its definition. */
#include "unit.h"

#include "bounds/bounds.h"
#include "rng.h"

#include <math.h>

__extension__ typedef __float128 wide;

enum { MOST = 24, POINTS = 40 };

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

/* Members' laws on points, and what calculators are told of them. */
struct fixture {
    size_t n, points;
    double null[POINTS], law[MOST][POINTS], matrix[MOST * MOST];
    struct sb_correlation_level level[MOST * MOST];
    struct sb_correlations k;
};

static int downward(const void *x, const void *y)
{
    const double a = ((const struct sb_correlation_level *)x)->size;
    const double b = ((const struct sb_correlation_level *)y)->size;

    return (a < b) - (a > b);
}

/* An upper bound on lambda_max: trace(K^512)^(1/512), by squaring. */
static double largest_eigenvalue(const struct fixture *f)
{
    static double a[MOST * MOST], b[MOST * MOST];
    double scale = 1, trace = 0;

    memcpy(a, f->matrix, sizeof a);
    for (int power = 0; power < 9; power++) {
        double most = 0;

        for (size_t i = 0; i < f->n * f->n; i++)
            most = fmax(most, fabs(a[i]));
        for (size_t i = 0; i < f->n * f->n; i++)
            a[i] /= most;
        scale *= pow(most, ldexp(1, -power));
        for (size_t i = 0; i < f->n; i++)
            for (size_t j = 0; j < f->n; j++) {
                b[i * f->n + j] = 0;
                for (size_t l = 0; l < f->n; l++)
                    b[i * f->n + j] += a[i * f->n + l] * a[l * f->n + j];
            }
        memcpy(a, b, sizeof a);
    }
    for (size_t i = 0; i < f->n; i++)
        trace += a[i * f->n + i];
    return scale * pow(trace, 0x1p-9) * (1 + 1e-9); /* at most n^(1/512) too large */
}

/* Everything that is said of the matrix. */
static void describe(struct fixture *f)
{
    const size_t n = f->n;

    f->k = (struct sb_correlations){ .n = (double)n,
                                     .how = "exact",
                                     .lambda_ub = largest_eigenvalue(f),
                                     .level = f->level,
                                     .n_levels = n * n,
                                     .matrix = f->matrix };
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++) {
            const double v = f->matrix[i * n + j];

            f->level[i * n + j] = (struct sb_correlation_level){ fabs(v), 1 };
            if (i == j)
                f->k.diagonal_ub = fmax(f->k.diagonal_ub, v);
            else {
                f->k.off_abs_ub = fmax(f->k.off_abs_ub, fabs(v));
                f->k.off_ub = fmax(f->k.off_ub, v);
            }
        }
    qsort(f->level, n * n, sizeof f->level[0], downward);
}

/* D_i = D_0 (1 + w_i), w_i of mean 0; some members near one of a few centres, so that
 * correlations are of all sizes. Even families: x uniform on half the points, the label is the
 * other half: w_i = +-1. */
static void make(struct fixture *f, struct rng *r, size_t n, bool labels)
{
    double centre[4][POINTS], sum = 0;

    f->n = n;
    f->points = labels ? 32 : 24 + rng_below(r, 16);
    for (size_t x = 0; x < f->points; x++)
        sum += f->null[x] = labels ? 1 : pow(rng_uniform(r), 3) + 0.001;
    for (size_t x = 0; x < f->points; x++)
        f->null[x] /= sum;
    for (size_t c = 0; c < 4; c++)
        for (size_t x = 0; x < f->points; x++)
            centre[c][x] = rng_below(r, 2) ? 1 : -1;
    for (size_t i = 0; i < n; i++) {
        const size_t c = rng_below(r, 4);
        const double near = rng_uniform(r), size = labels ? 1 : 0.2 + 0.3 * rng_uniform(r);
        double w[POINTS], mean = 0;

        for (size_t x = 0; x < f->points; x++) {
            w[x] = (rng_uniform(r) < near ? centre[c][x] : rng_below(r, 2) ? 1 : -1) * size;
            if (labels && x >= f->points / 2)
                w[x] = -w[x - f->points / 2];
            mean += f->null[x] * w[x];
        }
        for (size_t x = 0; x < f->points; x++)
            f->law[i][x] = f->null[x] * (1 + w[x] - mean);
    }
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++) {
            f->matrix[i * n + j] = -1;
            for (size_t x = 0; x < f->points; x++)
                f->matrix[i * n + j] += f->law[i][x] * f->law[j][x] / f->null[x];
        }
    describe(f);
}

static struct sb_bound_setting setting_of(const struct sb_correlations *k, uint32_t convention,
                                          double tolerance)
{
    return (struct sb_bound_setting){ .k = k,
                                      .convention = convention,
                                      .at_tolerance = tolerance,
                                      .policy = "reference",
                                      .policy_carries_bound = true,
                                      .n_good = 1,
                                      .success = 1,
                                      .n_queries = 1 };
}

static struct sb_bound at(const char *name, const struct sb_correlations *k, uint32_t convention,
                          double tolerance)
{
    const struct sb_bound_setting s = setting_of(k, convention, tolerance);
    struct sb_bound out;

    sb_bound_compute(class_of(name), &s, &out);
    assert_string_equal(out.name, name);
    assert_true(strlen(out.meaning) > 20 && strlen(out.why) > 10);
    return out;
}

/* infinity where it does not apply */
static double kill_at(const char *name, const struct sb_correlations *k, uint32_t convention,
                      double tolerance)
{
    const struct sb_bound out = at(name, k, convention, tolerance);

    return out.applies ? out.measure.kill : INFINITY;
}

/* The largest set whose sum of |K| exceeds g |S|^2, over all sets: sums by the lowest member. */
static size_t largest_set(const struct fixture *f, double g)
{
    const size_t n = f->n;
    double *sum = calloc((size_t)1 << n, sizeof *sum);
    size_t best = 0;

    for (size_t set = 1; set < (size_t)1 << n; set++) {
        const size_t i = (size_t)__builtin_ctzll(set), rest = set & (set - 1);
        const size_t size = (size_t)__builtin_popcountll(set);

        sum[set] = sum[rest] + fabs(f->matrix[i * n + i]);
        for (size_t left = rest; left; left &= left - 1)
            sum[set] += 2 * fabs(f->matrix[i * n + (size_t)__builtin_ctzll(left)]);
        if (sum[set] > g * (double)(size * size) && size > best)
            best = size;
    }
    free(sum);
    return best;
}

/* The same with the best signs: of both sides together, and of one side alone. */
static void signed_sets(const struct fixture *f, double g, size_t *both_out, size_t *one_out)
{
    const size_t n = f->n;
    size_t all = 1;

    *both_out = *one_out = 0;
    for (size_t i = 0; i < n; i++)
        all *= 3;
    for (size_t code = 1; code < all; code++) {
        int sign[MOST];
        size_t size = 0, left = code;
        bool one = true;
        double sum = 0;

        for (size_t i = 0; i < n; i++, left /= 3) {
            sign[i] = (int)(left % 3) - 1;
            size += sign[i] != 0;
            one &= sign[i] >= 0;
        }
        if (size <= *one_out || (size <= *both_out && !one))
            continue;
        for (size_t i = 0; i < n; i++)
            for (size_t j = 0; j < n; j++)
                sum += sign[i] * sign[j] * f->matrix[i * n + j];
        if (sum <= g * (double)(size * size))
            continue;
        *both_out = size > *both_out ? size : *both_out;
        *one_out = one ? size : *one_out;
    }
}

/* Within every calculator's count; of Szorenyi's, either side is within half of it. */
static void test_signed_sets(void **state)
{
    struct rng r = { 61 };
    size_t met = 0;

    (void)state;
    for (int trial = 0; trial < (slow() ? 2 : 40); trial++) {
        const double tau = 0.05 + 0.6 * rng_uniform(&r);
        static struct fixture f;
        size_t both, one;

        make(&f, &r, 3 + rng_below(&r, slow() ? 4 : 6), trial & 1);
        signed_sets(&f, tau * tau, &both, &one);
        assert_true(kill_at("spectral", &f.k, 0, tau) >= (double)both);
        assert_true(kill_at("average", &f.k, 0, tau) >= (double)both);
        assert_true(kill_at("pair-event", &f.k, 0, tau) >= (double)both);
        assert_true(kill_at("subset", &f.k, 0, tau) >= (double)both);
        assert_true(kill_at("szorenyi", &f.k, 0, tau) >= 2 * (double)one);
        met += both > 1 && both < f.n;
    }
    assert_true(met > 0);
}

/* SDA over subsets is what enumeration finds; over pairs never more; a greedy search never less. */
static void test_subsets(void **state)
{
    struct rng r = { 7 };
    size_t met = 0;

    (void)state;
    for (int trial = 0; trial < (slow() ? 4 : 60); trial++) {
        const double tau = 0.05 + 0.8 * rng_uniform(&r);
        static struct fixture f;
        struct sb_bound subset;
        size_t size;

        make(&f, &r, trial < (slow() ? 0 : 3) ? 20 : 2 + rng_below(&r, 11), trial & 1);
        size = largest_set(&f, tau * tau);
        subset = at("subset", &f.k, 0, tau);
        assert_true(subset.applies);
        assert_near(subset.measure.kill, size ? (double)size : fmin(1, f.k.diagonal_ub / tau / tau),
                    1e-9);
        assert_near(subset.measure.value, (double)f.n / subset.measure.kill, 1e-9);
        assert_false(at("pair-event", &f.k, 0, tau).measure.value > subset.measure.value);
        met += size > 1 && size < f.n;
    }
    assert_true(met > 0);
}

/* Beyond 20 members, some of them no different from the null: a set takes of these as many as its
 * sum carries. */
static void test_greedy(void **state)
{
    struct rng r = { 8 };
    int exact = 0, trials = slow() ? 5 : 60;

    (void)state;
    for (int trial = 0; trial < trials; trial++) {
        const double tau = 0.1 + 0.4 * rng_uniform(&r), g = tau * tau;
        static struct fixture f, padded;
        const size_t n = 10, all = 22;
        struct sb_bound subset;
        size_t best = 0;

        make(&f, &r, n, trial & 1);
        padded.n = all;
        memset(padded.matrix, 0, sizeof padded.matrix);
        for (size_t i = 0; i < n; i++)
            memcpy(padded.matrix + i * all, f.matrix + i * n, n * sizeof *f.matrix);
        describe(&padded);
        for (size_t set = 1; set < (size_t)1 << n; set++) {
            const size_t most = (size_t)__builtin_popcountll(set) + all - n;
            double sum = 0;

            for (size_t i = 0; i < n; i++)
                for (size_t j = 0; j < n; j++)
                    sum += set >> i & set >> j & 1 ? fabs(f.matrix[i * n + j]) : 0;
            for (size_t size = most; size > best; size--)
                if (sum > g * (double)(size * size))
                    best = size;
        }
        subset = at("subset", &padded.k, 0, tau);
        assert_true(!subset.applies && subset.measure.estimate);
        assert_true(subset.measure.value >= (double)all / fmax((double)best, 1) * (1 - 1e-12));
        assert_false(subset.measure.value < at("pair-event", &padded.k, 0, tau).measure.value);
        exact += subset.measure.kill >= (double)best;
    }
    assert_true(exact * 2 > trials); /* it is of use */
}

/* Prefix means of the sorted pairs, one by one; the same with equal ones in one level. */
static void test_pair_events(void **state)
{
    struct rng r = { 9 };

    (void)state;
    for (int trial = 0; trial < (slow() ? 10 : 200); trial++) {
        const double tau = 0.02 + 0.8 * rng_uniform(&r);
        static struct fixture f;
        double sum = 0, kill, j = 0;
        size_t n_levels = 0;

        make(&f, &r, 2 + rng_below(&r, 12), trial & 1);
        while ((size_t)j < f.n * f.n && (sum += f.level[(size_t)j].size) > tau * tau * (j + 1))
            j++; /* the mean of the j largest is more */
        kill = kill_at("pair-event", &f.k, 0, tau);
        assert_true(kill * kill >= j);
        assert_int_equal(isinf(kill), (size_t)j == f.n * f.n);
        if ((size_t)j == f.n * f.n)
            continue;
        if (j > 0)
            assert_true(kill * kill <= (j + 1) * (1 + 1e-9));
        for (size_t i = 0; i < f.n * f.n; i++)
            if (n_levels && f.level[i].size > f.level[n_levels - 1].size - 1e-12)
                f.level[n_levels - 1].pairs++;
            else
                f.level[n_levels++] = f.level[i];
        f.k.n_levels = n_levels;
        assert_near(kill_at("pair-event", &f.k, 0, tau), kill, 1e-5 * kill);
    }
}

static double mean(const struct fixture *f, const double *law, const double *query)
{
    double sum = 0;

    for (size_t x = 0; x < f->points; x++)
        sum += law[x] * query[x];
    return sum;
}

/* Members out of tolerance for the null's value of a query, on either side. */
static size_t ruled_out(const struct fixture *f, const double *query, uint32_t convention, double t,
                        size_t *above_out)
{
    const double p0 = mean(f, f->null, query);
    size_t n = 0;

    *above_out = 0;
    for (size_t i = 0; i < f->n; i++) {
        const double p = mean(f, f->law[i], query);
        double square[POINTS], tolerance = t;

        for (size_t x = 0; x < f->points; x++)
            square[x] = query[x] * query[x];
        if (convention == SB_CONVENTION_BERNOULLI)
            tolerance = fmax(1 / t, sqrt(fmax(0, p * (1 - p)) / t));
        if (convention == SB_CONVENTION_VARIANCE)
            tolerance = fmax(1 / t, sqrt(fmax(0, mean(f, f->law[i], square) - p * p) / t));
        n += fabs(p - p0) > tolerance * (1 + 1e-9);
        *above_out += p - p0 > tolerance * (1 + 1e-9);
    }
    return n;
}

/* A query to [-1,1] or [0,1]: noise, a set, or the one that is drawn to some members at once. */
static void make_query(const struct fixture *f, struct rng *r, double lo, double *query)
{
    const uint32_t kind = rng_below(r, 3), members = (uint32_t)rng_next(r);
    const double share = rng_uniform(r);

    for (size_t x = 0; x < f->points; x++) {
        double sum = 0;

        for (size_t i = 0; i < f->n; i++)
            if (members >> i & 1)
                sum += (members >> 7 >> i & 1 ? 1 : -1) * (f->law[i][x] / f->null[x] - 1);
        query[x] = kind == 0   ? lo + (1 - lo) * rng_uniform(r)
                   : kind == 1 ? (rng_uniform(r) < share ? 1 : lo)
                               : (sum > 0 ? 1 : lo);
    }
}

/* No query rules out more than any calculator says, under any convention. */
static void test_queries(void **state)
{
    static const char *const names[] = { "spectral", "szorenyi", "average", "pair-event",
                                         "subset" };
    struct rng r = { 10 };
    size_t most[4] = { 0 }, said[SB_COUNT(names)] = { 0 };

    (void)state;
    for (int trial = 0; trial < (slow() ? 8 : 120); trial++) {
        const uint32_t convention = (uint32_t)trial % 4;
        const double tau = 0.02 + 0.3 * rng_uniform(&r);
        const double t = convention == SB_CONVENTION_BERNOULLI  ? 0.1 / (tau * tau)
                         : convention == SB_CONVENTION_VARIANCE ? 1 / tau
                                                                : tau;
        static struct fixture f;
        double kill[SB_COUNT(names)];

        make(&f, &r, 12, trial & 4);
        for (size_t b = 0; b < SB_COUNT(names); b++) {
            kill[b] = kill_at(names[b], &f.k, convention, t);
            said[b] += kill[b] < 12;
        }
        for (int q = 0; q < (slow() ? 20 : 200); q++) {
            double query[POINTS];
            size_t n, above;

            make_query(&f, &r, convention == SB_CONVENTION_STAT ? -1 : 0, query);
            n = ruled_out(&f, query, convention, t, &above);
            for (size_t b = 0; b < SB_COUNT(names); b++)
                assert_true((double)n <= kill[b]);
            assert_true((double)above <= kill[1] / 2 && (double)(n - above) <= kill[1] / 2);
            most[convention] = n > most[convention] ? n : most[convention];
        }
    }
    for (size_t c = 0; c < 4; c++)
        assert_true(most[c] > 1); /* there was something to be wrong about */
    for (size_t b = 0; b < SB_COUNT(names) && !slow(); b++)
        assert_true(said[b] > 0);
}

/* Beyond the tolerance at p is beyond sqrt(min(p0, 1 - p0)/3t) of p0, and beyond sqrt(p0(1 -
 * p0)/2t). (1 + sqrt 2 would do for 3; 2.3 does not.) */
static void test_bernoulli_constant(void **state)
{
    const int steps = slow() ? 40 : 400;
    bool tight = false;

    (void)state;
    for (double t = 0.5; t < 1e6; t *= 1.7)
        for (int i = 0; i <= steps; i++)
            for (int j = 0; j <= steps; j++) {
                const double p0 = (double)i / steps, gap = pow((double)j / steps, 2);
                const double p = i & 1 ? p0 - gap : p0 + gap, least = fmin(p0, 1 - p0);

                if (p < 0 || p > 1 || gap <= fmax(1 / t, sqrt(p * (1 - p) / t)))
                    continue;
                assert_true(gap * gap > least / (3 * t));
                assert_true(gap * gap > p0 * (1 - p0) / (2 * t) * (1 - 1e-12));
            }
    /* p0 = 1/2, p = 1/sqrt 2, t = 1/(p - p0): on the tolerance at p */
    for (double above = 1e-9; above < 1e-2; above *= 10) {
        const double t = 2 + 2 * sqrt(2), p = sqrt(0.5) + above, gap = p - 0.5;

        assert_true(gap > fmax(1 / t, sqrt(p * (1 - p) / t)));
        tight |= gap * gap < 0.5 / (2.3 * t) && gap * gap > 0.5 / (2.5 * t);
    }
    assert_true(tight);
}

/* Orthogonal families of up to 2^63 members: N tau^2 by all but Szorenyi's (half of it) and
 * pairs (its square root), whatever is said of pairs. */
static void test_parities(void **state)
{
    static const char *const sharp[] = { "spectral", "average", "subset", "sq-dim" };
    static double identity[16 * 16];

    (void)state;
    for (size_t i = 0; i < 16; i++)
        identity[17 * i] = 1;
    for (int d = 4; d <= 63; d++) {
        const double n = ldexp(1, d), tau = 0.3, square = n * tau * tau;
        struct sb_correlation_level level[] = { { 1, n }, { 0, n * n - n } };
        struct sb_correlations k = { .n = n,
                                     .lambda_ub = 1,
                                     .diagonal_ub = 1,
                                     .orthogonal = true,
                                     .off_abs_ub = INFINITY,
                                     .off_ub = INFINITY };

        for (int i = 0; i < 2; i++) {
            for (size_t b = 0; b < SB_COUNT(sharp); b++)
                assert_near(n / kill_at(sharp[b], &k, 0, tau) / square, 1, 1e-9);
            assert_near(n / kill_at("szorenyi", &k, 0, tau) / square, 0.5, 1e-9);
            assert_near(at("pair-event", &k, 0, tau).measure.value / sqrt(square), 1, 1e-9);
            assert_same(at("sq-dim", &k, 0, tau).measure.value, n);
            assert_same(at("strong-sq-dim", &k, 0, tau).measure.value, n);
            k.level = level;
            k.n_levels = 2;
        }
        k.matrix = d == 4 ? identity : NULL; /* changes nothing */
        /* the strongest, and on a tie the first, is spectral */
        for (size_t b = 1; sb_bounds[b]; b++)
            assert_true(!(at(sb_bounds[b]->name, &k, 0, tau).log2_queries >
                          at("spectral", &k, 0, tau).log2_queries));
    }
}

/* kill = 2 (beta - gamma)/(g - gamma), half of it, by scalars alone: from above, and near. */
static void test_formulas(void **state)
{
    struct rng r = { 12 };

    (void)state;
    for (int trial = 0; trial < 2000; trial++) {
        const double beta = 0.1 + rng_uniform(&r), gamma = rng_uniform(&r) * beta * 0.3;
        const double off = gamma * rng_uniform(&r), n = floor(exp2(2 + 60 * rng_uniform(&r)));
        const uint32_t convention = (uint32_t)trial % 4;
        const double tau = 0.02 + 0.3 * rng_uniform(&r);
        const double t = convention == SB_CONVENTION_BERNOULLI  ? 1 / (tau * tau)
                         : convention == SB_CONVENTION_VARIANCE ? 1 / tau
                                                                : tau;
        const wide g = convention == SB_CONVENTION_STAT        ? (wide)t * t
                       : convention == SB_CONVENTION_BERNOULLI ? 1 / (3 * (wide)t)
                       : convention == SB_CONVENTION_VARIANCE  ? 4 / ((wide)t * t)
                                                               : 4 * (wide)t * t;
        const struct sb_correlations k = {
            .n = n, .lambda_ub = INFINITY, .diagonal_ub = beta, .off_abs_ub = gamma, .off_ub = off
        };
        const double worst[] = { off, gamma };

        for (int b = 0; b < 2; b++) {
            const struct sb_bound out = at(b ? "average" : "szorenyi", &k, convention, t);
            const wide size = (beta - (wide)worst[b]) / (g - worst[b]) * (b ? 1 : 2);

            assert_int_equal(out.applies, out.threshold > worst[b]);
            assert_true(out.threshold <= g && out.threshold >= g * (1 - 1e-9));
            if (!out.applies || beta <= g)
                continue;
            assert_true(out.measure.kill >= size);
            if (g - worst[b] > 1e-3)
                assert_true(out.measure.kill <= size * (1 + 1e-8));
        }
    }
}

/* With the matrix, `average` counts by rows: never more than by the largest entries; one large
 * pair in a family that is orthogonal otherwise takes next to nothing away. */
static void test_rows(void **state)
{
    static struct fixture f;
    double with, without;

    (void)state;
    f.n = 24;
    memset(f.matrix, 0, sizeof f.matrix);
    for (size_t i = 0; i < f.n; i++)
        f.matrix[i * f.n + i] = 1;
    f.matrix[1] = f.matrix[f.n] = 0.9;
    describe(&f);
    with = kill_at("average", &f.k, 0, 0.4);
    assert_same(with, 11); /* 11 * 0.16 < 1.9 < 12 * 0.16 */
    f.k.matrix = NULL;
    without = kill_at("average", &f.k, 0, 0.4);
    assert_true(isinf(without));
    f.k.off_abs_ub = 0.1; /* as if it were not there */
    assert_near(kill_at("average", &f.k, 0, 0.4), 0.9 / 0.06, 1e-6);
}

/* The same of sorted rows, member by member. */
static size_t rows_by_sorting(const struct fixture *f, double g)
{
    size_t most = 0;

    for (size_t i = 0; i < f->n; i++) {
        struct sb_correlation_level row[MOST] = { { 0, 0 } };
        double sum = f->matrix[i * (f->n + 1)];

        for (size_t j = 0; j < f->n; j++)
            row[j].size = i == j ? -1 : fabs(f->matrix[i * f->n + j]);
        qsort(row, f->n, sizeof *row, downward);
        for (size_t k = 1; k <= f->n; k++) {
            if (sum > g * (double)k && k > most)
                most = k;
            sum += row[k - 1].size;
        }
    }
    return most;
}

static void test_rows_by_sorting(void **state)
{
    struct rng r = { 14 };
    size_t met = 0;

    (void)state;
    for (int trial = 0; trial < (slow() ? 20 : 1000); trial++) {
        const double tau = 0.02 + 0.8 * rng_uniform(&r);
        static struct fixture f;
        struct sb_bound out;
        size_t most;

        make(&f, &r, 2 + rng_below(&r, 23), trial & 1);
        f.k.off_abs_ub = 1e9; /* rows alone */
        out = at("average", &f.k, 0, tau);
        most = rows_by_sorting(&f, tau * tau);
        assert_int_equal(out.applies, most < f.n);
        if (out.applies)
            assert_same(out.measure.kill, fmax((double)most, 1));
        met += most > 1 && most < f.n;
    }
    assert_true(met > 0);
}

/* No number is shown below what it is. */
static void test_shown(void **state)
{
    struct rng r = { 15 };
    char text[32];

    (void)state;
    for (int trial = 0; trial < 10000; trial++) {
        const double v = exp2(60 * rng_uniform(&r) - 30);

        snprintf(text, sizeof text, "%g", sb_bound_shown(v));
        assert_true(strtod(text, NULL) >= v * (1 - 0x1p-36));
        assert_true(strtod(text, NULL) <= v * (1 + 1.1e-5));
    }
    assert_same(sb_bound_shown(0), 0);
    assert_same(sb_bound_shown(100 * (1 + 0x1p-40)), 100);
    assert_true(isinf(sb_bound_shown(INFINITY)));
}

static size_t exact_dimension(const struct fixture *f)
{
    size_t best = 0;

    for (size_t set = 1; set < (size_t)1 << f->n; set++) {
        const size_t d = (size_t)__builtin_popcountll(set);
        bool fits = d > best;

        for (size_t i = 0; i < f->n && fits; i++)
            for (size_t j = 0; j < i && fits; j++)
                if (set >> i & set >> j & 1)
                    fits = fabs(f->matrix[i * f->n + j]) * (double)d <=
                           sqrt(f->matrix[i * (f->n + 1)] * f->matrix[j * (f->n + 1)]);
        best = fits ? d : best;
    }
    return best;
}

/* Never above the definition's, seldom below; what it proves is of the subset. */
static void test_sq_dim(void **state)
{
    const int trials = slow() ? 10 : 200;
    struct rng r = { 13 };
    int exact = 0;

    (void)state;
    for (int trial = 0; trial < trials; trial++) {
        static struct fixture f;
        struct sb_bound out;
        double d;

        make(&f, &r, 2 + rng_below(&r, 9), trial & 1);
        out = at("sq-dim", &f.k, 0, 0.9);
        d = (double)exact_dimension(&f);
        assert_true(out.measure.value >= 1 && out.measure.value <= d);
        assert_same(out.measure.n_targets, out.measure.value);
        exact += out.measure.value >= d;
    }
    assert_true(exact * 2 > trials);
}

/* 8 members with correlations of 1/10 among 24: 16 more are all alike. */
static void test_sq_dim_by_hand(void **state)
{
    static struct fixture f;
    struct sb_bound_setting s;
    struct sb_bound out;

    (void)state;
    f.n = 24;
    for (size_t i = 0; i < f.n; i++)
        for (size_t j = 0; j < f.n; j++)
            f.matrix[i * f.n + j] = i == j             ? 1
                                    : i >= 8 && j >= 8 ? 0.95
                                    : i < 8 && j < 8   ? 0.1
                                                       : 0.3;
    describe(&f);
    out = at("sq-dim", &f.k, 0, 0.5);
    assert_true(out.applies && out.measure.kill <= 0.9 / 0.15 * (1 + 1e-9));
    assert_same(out.measure.n_targets, 8);
    assert_near(exp2(out.log2_queries), 7 / out.measure.kill, 1e-8);
    assert_near(out.measure.kill, 6, 1e-8);
    assert_non_null(strstr(out.prior, "subset"));
    s = setting_of(&f.k, 0, 0.5);
    s.null_is_hidden_half = true;
    sb_bound_compute(class_of("sq-dim"), &s, &out);
    assert_near(out.success_ub, 0.5 + 6.0 / 16, 1e-8);
    assert_non_null(strstr(out.prior, "null 1/2"));
    s.null_is_hidden_half = false;
    s.n_good = 8; /* one hypothesis may satisfy all of them */
    sb_bound_compute(class_of("sq-dim"), &s, &out);
    assert_false(out.applies);
    out = at("sq-dim", &f.k, 0, 0.3); /* g = 0.09 is below 0.1 */
    assert_true(!out.applies && strstr(out.why, "not above"));
}

/* All alike: one direction sees them at psi = 0, and at their mean there is nothing to see. */
static void test_strong_by_hand(void **state)
{
    static struct fixture f;
    struct sb_bound out;

    (void)state;
    f.n = 12;
    for (size_t i = 0; i < f.n; i++)
        for (size_t j = 0; j < f.n; j++)
            f.matrix[i * f.n + j] = 1;
    describe(&f);
    out = at("strong-sq-dim", &f.k, 0, 0.5);
    assert_true(!out.applies && out.measure.estimate);
    assert_same(out.measure.value, 1);
    assert_non_null(strstr(out.measure.constants, "1 members at psi = 0, 0 at"));
    /* v + e_i of length sqrt 2, v common: seen through v alone at 0, one by one at the mean */
    for (size_t i = 0; i < f.n; i++)
        f.matrix[i * f.n + i] = 2;
    describe(&f);
    out = at("strong-sq-dim", &f.k, 0, 0.5);
    assert_same(out.measure.value, 12);
    assert_non_null(strstr(out.measure.constants, "1 members at psi = 0, 12 at"));
}

/* What is not known is said, by each. */
static void test_unmet(void **state)
{
    (void)state;
    for (size_t b = 0; sb_bounds[b]; b++) {
        if (sb_bounds[b]->concerns) /* of lifts: test_lift_bounds */
            continue;
        struct sb_correlations k = { .n = 64,
                                     .lambda_ub = INFINITY,
                                     .lambda_lb = -INFINITY,
                                     .diagonal_ub = INFINITY,
                                     .off_abs_ub = INFINITY,
                                     .off_ub = INFINITY };
        struct sb_bound out = at(sb_bounds[b]->name, &k, SB_CONVENTION_VARIANCE, 10);

        assert_true(!out.applies && isnan(out.log2_queries) && isnan(out.success_ub));
        assert_non_null(strstr(out.meaning, "known"));
        assert_string_equal(out.convention, "variance");
        assert_non_null(strstr(out.convention_note, "[FGR17] is for rule bernoulli"));
        assert_non_null(sb_bounds[b]->definition);
        assert_non_null(sb_bounds[b]->regime);
        k.diagonal_ub = k.lambda_ub = k.lambda_lb = 1;
        k.off_abs_ub = k.off_ub = 0;
        k.orthogonal = true;
        out = at(sb_bounds[b]->name, &k, SB_CONVENTION_STAT01, 0.2);
        assert_int_equal(out.applies, strcmp(out.name, "strong-sq-dim") != 0);
        if (out.applies)
            assert_non_null(strstr(out.meaning, "STAT(0.2), f to [0,1]"));
        k.diagonal_ub = k.lambda_ub = k.lambda_lb = 0;
        out = at(sb_bounds[b]->name, &k, SB_CONVENTION_STAT, 0.2);
        assert_true(!out.applies && isnan(out.log2_queries));
        assert_non_null(strstr(out.meaning, "every K_ij is 0"));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_signed_sets),    cmocka_unit_test(test_subsets),
        cmocka_unit_test(test_greedy),         cmocka_unit_test(test_pair_events),
        cmocka_unit_test(test_queries),        cmocka_unit_test(test_bernoulli_constant),
        cmocka_unit_test(test_parities),       cmocka_unit_test(test_formulas),
        cmocka_unit_test(test_rows),           cmocka_unit_test(test_rows_by_sorting),
        cmocka_unit_test(test_shown),          cmocka_unit_test(test_sq_dim),
        cmocka_unit_test(test_sq_dim_by_hand), cmocka_unit_test(test_strong_by_hand),
        cmocka_unit_test(test_unmet),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
