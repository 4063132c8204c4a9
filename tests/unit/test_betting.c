/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Betting bounds: valid at any time, by simulation at known means; what they are made of against
 * logarithms in long double of examples that were kept; how soon they end. */
#include "unit.h"

#include "estimate/betting.h"
#include "estimate/public_bets.h"
#include "rng.h"

#include <math.h>

/* ---- laws on [0,1] ---- */

struct law {
    const char *name;
    double value[3], chance[3];
    bool uniform;
    bool labels; /* f is value[0] or value[1] by a label whose chance hangs on x, 1/2 on average */
};

static const struct law laws[] = {
    { "coin", { 0, 1, 0 }, { 0.5, 0.5, 0 }, false, false },
    { "one in ten", { 0, 1, 0 }, { 0.9, 0.1, 0 }, false, false },
    { "nine in ten", { 0, 1, 0 }, { 0.1, 0.9, 0 }, false, false },
    { "1e-3", { 0, 1, 0 }, { 0.999, 1e-3, 0 }, false, false },
    { "1e-4", { 0, 1, 0 }, { 0.9999, 1e-4, 0 }, false, false },
    { "1 - 1e-3", { 0, 1, 0 }, { 1e-3, 0.999, 0 }, false, false },
    { "0", { 0, 0, 0 }, { 1, 0, 0 }, false, false },
    { "1", { 1, 1, 1 }, { 1, 0, 0 }, false, false },
    { "three", { 0, 0.5, 1 }, { 0.05, 0.9, 0.05 }, false, false },
    { "skew", { 0.3, 0.4, 1 }, { 0.5, 0.45, 0.05 }, false, false },
    { "uniform", { 0, 1, 0 }, { 0, 0, 0 }, true, false },
    { "labels", { 0, 1, 0 }, { 0, 0, 0 }, false, true },
};

static void law_moments(const struct law *law, double *mean, double *variance)
{
    double second = 0;

    *mean = 0;
    for (int i = 0; i < 3; i++) {
        *mean += law->chance[i] * law->value[i];
        second += law->chance[i] * law->value[i] * law->value[i];
    }
    if (law->uniform || law->labels) {
        *mean = 0.5;
        second = law->uniform ? 1.0 / 3 : 0.5;
    }
    *variance = second - *mean * *mean;
}

/* An example: its values of z, each with a weight. */
struct example {
    double z[2], weight[2];
};

static struct example draw(const struct law *law, struct rng *r)
{
    double u = rng_uniform(r);
    struct example e = { { 0, 0 }, { 1, 0 } };

    if (law->labels) {
        e = (struct example){ { -1, 1 }, { u, 1 - u } };
    } else if (law->uniform) {
        e.z[0] = 2 * u - 1;
    } else {
        int i = 0;

        for (; i < 2 && u >= law->chance[i]; i++)
            u -= law->chance[i];
        e.z[0] = 2 * law->value[i] - 1;
    }
    return e;
}

static void count(struct sb_powers *p, const struct example *e)
{
    p->s[0]++;
    for (int l = 0; l < 2; l++) {
        double power = e->weight[l];

        for (int k = 1; k <= SB_BET_POWERS; k++)
            p->s[k] += power *= e->z[l];
    }
}

static struct sb_tolerance stat(double tau)
{
    return (struct sb_tolerance){ SB_RULE_STAT, tau };
}

/* ---- validity ---- */

enum { LOOKS = 12 };

/* Does a bound fail at any of the looks? peek: bets that know the block that they are on. */
static bool misses(const struct law *law, double delta, struct sb_tolerance tolerance,
                   struct rng *r, bool peek)
{
    struct sb_bets b;
    double mean, variance, lo, hi;

    law_moments(law, &mean, &variance);
    sb_bets_init(&b, 0, 1, delta, tolerance, 1);
    for (int k = 0; k < LOOKS; k++) {
        const uint32_t n = 20 + rng_below(r, 80);
        struct sb_powers p = { { 0 } };
        struct sb_estimate out;

        for (uint32_t i = 0; i < n; i++) {
            const struct example e = draw(law, r);

            count(&p, &e);
        }
        if (peek) {
            const double excess = p.s[1] / p.s[0] - (2 * mean - 1);

            b.stretch[b.n_stretches - 1].up = excess > 0 ? excess : 1e-9;
            b.stretch[b.n_stretches - 1].down = excess < 0 ? -excess : 1e-9;
        }
        sb_bets_add(&b, &p);
        sb_bets_tighten(&b);
        sb_bets_interval(&b, &lo, &hi);
        if (mean < lo || mean > hi || sb_bets_variance(&b) > variance * (1 + 1e-12))
            return true;
        sb_bets_look(&b, &out); /* bets anew */
    }
    return false;
}

static int count_misses(const struct law *law, double delta, struct sb_tolerance tolerance,
                        int runs, bool peek)
{
    struct rng r = { 77 };
    int n = 0;

    for (int i = 0; i < runs; i++)
        n += misses(law, delta, tolerance, &r, peek);
    return n;
}

static double alarm(double delta, int runs)
{
    return delta * runs + 6 * sqrt(runs * delta * (1 - delta)) + 4;
}

/* Misses of a line are at most Binomial(300, delta) in law. Above 105 at delta = 0.2 has probability
 * below 2e-9, above 41 at 0.05 below 2e-8; 36 lines each: a false alarm below 1e-6 in all. */
static void test_any_time(void **state)
{
    static const double deltas[] = { 0.2, 0.05 };
    static const struct sb_tolerance tolerances[] = { { SB_RULE_STAT, 0.15 },
                                                      { SB_RULE_BERNOULLI, 30 },
                                                      { SB_RULE_VARIANCE, 30 } };

    (void)state;
    for (size_t i = 0; i < SB_COUNT(laws); i++)
        for (size_t d = 0; d < SB_COUNT(deltas); d++)
            for (size_t t = 0; t < SB_COUNT(tolerances); t++) {
                const int runs = getenv("STATBED_TEST_VALGRIND") ? 10 : 300;
                const int n = count_misses(&laws[i], deltas[d], tolerances[t], runs, false);

                if (n > alarm(deltas[d], runs))
                    fail_msg("%s, rule %u: %d of %d runs missed, delta = %g", laws[i].name,
                             tolerances[t].rule, n, runs, deltas[d]);
            }
}

/* The test above can fail: bets that know the block win too often. */
static void test_peeking_is_seen(void **state)
{
    (void)state;
    assert_true(count_misses(&laws[0], 0.2, stat(0.15), 100, true) > alarm(0.2, 100));
}

/* ---- what the bounds are made of ---- */

/* One example, any bet, any m, either side: the bound is below the logarithm, and near it where the bet
 * is not large. */
static void test_one_example(void **state)
{
    struct rng r = { 5 };

    (void)state;
    for (int i = 0; i < 20000; i++) {
        const double corner[] = { -1, 1, 0, 2 * rng_uniform(&r) - 1 };
        const double z = corner[rng_below(&r, 4)], m = corner[rng_below(&r, 4)];
        const double bet = i % 2 ? 0.475 * rng_uniform(&r) : 0.1 * rng_uniform(&r) + 1e-9;
        const bool lower = rng_below(&r, 2);
        const struct example e = { { z, 0 }, { 1, 0 } };
        struct sb_powers p = { { 0 } };
        struct sb_bets b;
        long double truth;
        double bound;

        sb_bets_init(&b, 0, 1, 0.01, stat(0.01), 1);
        b.stretch[0].up = b.stretch[0].down = bet;
        count(&p, &e);
        sb_bets_add(&b, &p);
        truth = logl(1 + (long double)bet * (lower ? (long double)z - m : (long double)m - z));
        bound = sb_bets_log_capital(&b, lower, m);
        if (bound > truth || (bet <= 0.1 && bound < truth - 2e-5L))
            fail_msg("z %.17g m %.17g bet %.17g: %.17g, ln %.17Lg", z, m, bet, bound, truth);
    }
}

/* Weights of two labels: below the logarithm of the example's mean. */
static void test_labels_by_concavity(void **state)
{
    struct rng r = { 6 };

    (void)state;
    for (int i = 0; i < 5000; i++) {
        const double w = rng_uniform(&r), m = 2 * rng_uniform(&r) - 1;
        const struct example e = { { 2 * rng_uniform(&r) - 1, 2 * rng_uniform(&r) - 1 },
                                   { w, 1 - w } };
        const double bet = 0.475 * rng_uniform(&r) + 1e-6;
        struct sb_powers p = { { 0 } };
        struct sb_bets b;

        sb_bets_init(&b, 0, 1, 0.01, stat(0.01), 1);
        b.stretch[0].up = bet;
        count(&p, &e);
        sb_bets_add(&b, &p);
        assert_true(sb_bets_log_capital(&b, true, m) <=
                    logl(1 + (long double)bet * (w * e.z[0] + (1 - w) * e.z[1] - (long double)m)));
    }
}

enum { KEPT = 6000 };

/* Examples that were kept, each with the bets that were on it. */
struct kept {
    uint32_t n;
    double z[KEPT], up[KEPT], down[KEPT], square[KEPT], centre[KEPT];
};

static long double true_capital(const struct kept *k, bool lower, double m, double arm)
{
    long double sum = 0;

    for (uint32_t i = 0; i < k->n; i++) {
        const long double bet = arm > 0 ? arm : lower ? k->up[i] : k->down[i];

        sum += log1pl(lower ? bet * (k->z[i] - (long double)m) : bet * (m - (long double)k->z[i]));
    }
    return sum;
}

/* Is an end of the interval shown by the true capital, of the changing bets or of an arm? */
static bool shown(const struct kept *k, bool lower, double m, double delta)
{
    const long double needed = logl(2 / (long double)delta);
    double arm = 0.2;

    if (true_capital(k, lower, m, 0) >= needed + logl(16.0L / 15))
        return true;
    for (int i = 0; i < 14; i++, arm /= 2)
        if (true_capital(k, lower, m, arm) >= needed + logl(16.0L * 14))
            return true;
    return false;
}

/* Is the variance shown to be larger, for every mean in the interval? */
static bool variance_shown(const struct sb_bets *b, const struct kept *k, double delta)
{
    const long double ends[2] = { b->mean_lo, b->mean_hi };
    long double sum = 0;

    for (uint32_t i = 0; i < k->n; i++) {
        long double gap = 0, y = k->z[i] - (long double)k->centre[i];

        for (int end = 0; end < 2; end++)
            gap = fmaxl(gap, fabsl(ends[end] - k->centre[i]));
        sum += log1pl(k->square[i] * (y * y - gap * gap - b->var_lb));
    }
    return sum >= logl(8 / (long double)delta);
}

static void check_capitals(const struct sb_bets *b, const struct kept *k, double delta)
{
    for (int i = -8; i <= 8; i++) {
        const double mean = 2 * sb_bets_mean(b) - 1, m = mean + i * 0.02;

        if (m < -1 || m > 1)
            continue;
        assert_true(sb_bets_log_capital(b, true, m) <= true_capital(k, true, m, 0));
        assert_true(sb_bets_log_capital(b, false, m) <= true_capital(k, false, m, 0));
    }
    assert_true(b->mean_lo == -1 || shown(k, true, b->mean_lo, delta * 7 / 8));
    assert_true(b->mean_hi == 1 || shown(k, false, b->mean_hi, delta * 7 / 8));
    assert_true(b->var_lb == 0 || variance_shown(b, k, delta));
}

static void keep_chunk(const struct law *law, struct rng *r, struct sb_bets *b, struct kept *k)
{
    const struct sb_stretch *now = &b->stretch[b->n_stretches - 1];
    struct sb_powers p = { { 0 } };

    for (int j = 0; j < 250; j++, k->n++) {
        const struct example e = draw(law, r);

        k->z[k->n] = e.z[0];
        k->up[k->n] = now->up;
        k->down[k->n] = now->down;
        k->square[k->n] = now->square;
        k->centre[k->n] = now->centre;
        count(&p, &e);
    }
    sb_bets_add(b, &p);
}

/* Whole runs: capitals from power sums are at most the true ones; each end of an interval, and the
 * variance's bound, is shown by the true capital of the look that set it; bounds never widen. */
static void test_against_kept_examples(void **state)
{
    static struct kept k;
    int n_variances = 0;

    (void)state;
    for (size_t i = 0; i < SB_COUNT(laws); i++) {
        struct rng r = { 11 + i };
        const double delta = 1e-3;
        struct sb_bets b;

        if (laws[i].labels)
            continue;
        k.n = 0;
        sb_bets_init(&b, 0, 1, delta, (struct sb_tolerance){ SB_RULE_VARIANCE, 500 }, 1);
        while (k.n < KEPT) {
            const double lo = b.mean_lo, hi = b.mean_hi, variance = b.var_lb;
            struct sb_bets fresh;
            struct sb_estimate out;

            keep_chunk(&laws[i], &r, &b, &k);
            fresh = b;
            fresh.mean_lo = -1;
            fresh.mean_hi = 1;
            fresh.var_lb = 0;
            if (k.n % 1500 == 0) {
                sb_bets_tighten(&fresh);
                check_capitals(&fresh, &k, delta);
                n_variances += fresh.var_lb > 0;
            }
            sb_bets_look(&b, &out);
            assert_true(b.mean_lo >= lo && b.mean_hi <= hi && b.var_lb >= variance);
        }
    }
    assert_true(n_variances >= 20);
}

/* ---- public bets ---- */

/* A law's numbers between the least and the largest label, and the bets on them. */
struct points {
    uint32_t n;
    double v[KEPT], bet[KEPT];
};

/* How a law chooses between the labels: at random, and so that it drifts as the bets change. */
static double label_weight(int kind, int stretch, struct rng *r)
{
    const double at[] = { rng_uniform(r), stretch < 3, stretch % 2, rng_below(r, 2) };

    return at[kind];
}

static void public_chunk(struct sb_public_bets *b, struct points *p, int kind, int stretch,
                         double apart, struct rng *r)
{
    double spread = 0;

    for (int i = 0; i < 400; i++, p->n++) {
        const double least = 0.1 + 0.6 * rng_below(r, 2), largest = least + apart;
        const double w = label_weight(kind, stretch, r);
        const double below = fabs(0.4 - least), above = fabs(largest - 0.4);

        p->v[p->n] = w * least + (1 - w) * largest;
        p->bet[p->n] = sb_public_bets_weight(b);
        spread += fmax(below, above) * fmax(below, above);
    }
    sb_public_bets_add(b, 400, spread);
}

static long double points_capital(const struct points *p, double sign, long double m)
{
    long double sum = 0;

    for (uint32_t i = 0; i < p->n; i++)
        sum += log1pl(sign * p->bet[i] * (p->v[i] - m));
    return sum;
}

/* Whatever a law makes of the labels, the true capital of its numbers shows both ends of the interval. */
static void test_public_half_widths(void **state)
{
    static const double delta = 0.01, apart[] = { 0, 0.01, 0.1, 0.3 };
    static struct points p;
    struct rng r = { 21 };

    (void)state;
    for (int trial = 0; trial < 64; trial++) {
        struct sb_public_bets b;
        long double sum = 0, total = 0, v;
        double half_width;

        p.n = 0;
        sb_public_bets_init(&b, 1, delta, 0.02);
        for (int s = 0; s < 2 + trial % 12; s++) {
            public_chunk(&b, &p, trial % 4, s, apart[trial / 4 % 4], &r);
            sb_public_bets_aim(&b, 0.05 * rng_uniform(&r) * rng_uniform(&r) + 0.005);
        }
        for (uint32_t i = 0; i < p.n; i++) {
            sum += p.bet[i] * p.v[i];
            total += p.bet[i];
        }
        v = sum / total;
        assert_near((double)total, sb_public_bets_total(&b), 1e-9);
        half_width = sb_public_bets_half_width(&b, 1);
        if (!(half_width < 1))
            continue;
        assert_true(points_capital(&p, 1, v - half_width) >= logl(2 / (long double)delta));
        assert_true(points_capital(&p, -1, v + half_width) >= logl(2 / (long double)delta));
    }
}

/* ---- how soon ---- */

static uint64_t samples_to_stop(double (*f)(uint64_t, uint64_t), uint64_t param,
                                struct sb_tolerance tolerance, double delta)
{
    struct sb_bets b;
    struct sb_estimate out;
    uint64_t n = 0, next = 0;

    sb_bets_init(&b, 0, 1, delta, tolerance, 1);
    do {
        struct sb_powers p = { { 0 } };

        for (next = sb_bets_next_look(next); n < next; n++) {
            const struct example e = { { f(n, param), 0 }, { 1, 0 } };

            count(&p, &e);
        }
        sb_bets_add(&b, &p);
    } while (!sb_bets_look(&b, &out));
    assert_int_equal(out.samples, n);
    assert_true(out.half_width <= sb_tolerance_lb(tolerance, out.value - out.half_width,
                                                  out.value + out.half_width, out.variance_lb) *
                                      (1 + 1e-12));
    return n;
}

static double constant(uint64_t i, uint64_t param)
{
    (void)i;
    return (double)param / 4 - 1;
}

static double alternating(uint64_t i, uint64_t param)
{
    return i % param ? -1 : 1;
}

/* zeros first, then ones, and the other way round: bets are led astray */
static double ones_late(uint64_t i, uint64_t param)
{
    return i < param ? -1 : 1;
}

static double blocks(uint64_t i, uint64_t param)
{
    return i / param % 2 ? -1 : 1;
}

/* No variance: near ln(2/delta)/tau = 2,902 examples; at the ends of the range one bound is certain, and
 * 1,451 would do. */
static void test_no_variance(void **state)
{
    (void)state;
    for (uint64_t v = 1; v < 8; v++)
        assert_true(samples_to_stop(constant, v, stat(0.005), 1e-6) <= 3400);
    assert_true(samples_to_stop(constant, 0, stat(0.005), 1e-6) <= 1800);
    assert_true(samples_to_stop(constant, 8, stat(0.005), 1e-6) <= 1800);
}

/* What is refused beforehand is what could take so long: no sequence takes longer than it says. */
static void test_worst(void **state)
{
    static const struct sb_tolerance tolerances[] = { { SB_RULE_STAT, 0.3 },
                                                      { SB_RULE_STAT, 0.05 },
                                                      { SB_RULE_STAT, 0.01 },
                                                      { SB_RULE_BERNOULLI, 10 },
                                                      { SB_RULE_BERNOULLI, 500 } };

    (void)state;
    for (size_t i = 0; i < SB_COUNT(tolerances); i++) {
        const double most = sb_bets_worst(tolerances[i], 1, 1, 1e-6);

        for (uint64_t param = 1; param < 3000; param = param * 2 + 1) {
            assert_true((double)samples_to_stop(alternating, param, tolerances[i], 1e-6) <= most);
            assert_true((double)samples_to_stop(ones_late, param, tolerances[i], 1e-6) <= most);
            assert_true((double)samples_to_stop(blocks, param, tolerances[i], 1e-6) <= most);
        }
    }
}

/* The proof's numbers: an arm in (0.4 h/V, 0.8 h/V], or 0.2, gains enough for the formula. */
static void test_worst_by_its_proof(void **state)
{
    (void)state;
    for (double h = 1; h > 1e-5; h *= 0.93)
        for (double v = 1; v > 1e-8; v *= 0.9)
            for (int end = 0; end < 2; end++) {
                double bet = (end ? 0.8 : 0.4) * h / v, c, gain;

                bet = bet > 0.2 ? 0.2 : bet;
                c = (-log1p(-2 * bet) - 2 * bet) / (4 * bet * bet);
                gain = bet * h - c * bet * bet * (v + h * h);
                assert_true(gain > 0 && 1 / gain <= 3.3 / (h * h) + 20 / h);
                assert_true(1 / gain <= 8.4 * v / (h * h) || 1 / gain <= 17 / h);
            }
}

static void test_looks(void **state)
{
    uint64_t n = 0;

    (void)state;
    for (int i = 0; i < 1100; i++) {
        const uint64_t next = sb_bets_next_look(n);

        assert_true(next >= n + 256 && next <= n + 256 + n / 64);
        n = next;
    }
    assert_true(n > SB_SAMPLES_MAX / 64);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_any_time),
        cmocka_unit_test(test_peeking_is_seen),
        cmocka_unit_test(test_one_example),
        cmocka_unit_test(test_labels_by_concavity),
        cmocka_unit_test(test_against_kept_examples),
        cmocka_unit_test(test_public_half_widths),
        cmocka_unit_test(test_no_variance),
        cmocka_unit_test(test_worst),
        cmocka_unit_test(test_worst_by_its_proof),
        cmocka_unit_test(test_looks),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
