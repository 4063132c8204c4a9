/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How many examples a certified mean takes: the betting rule (src/estimate/betting.h), beside Bernstein's
 * inequality with the variance known, which no rule here is told, Hoeffding's number, fixed beforehand,
 * and the empirical-Bernstein bound with looks at 4096 1.5^k that statbed used before. Range 1, delta =
 * 1e-6. The goals are of half-width 0.005 and two-point laws. */
#include "bench.h"
#include "estimate/betting.h"
#include "numeric/random.h"

#include <math.h>

enum { RUNS = 60, CHUNK = 256 };

static const double delta = 1e-6;

/* A law on [0,1]: value with chance, in turn; the rest is uniform where it says so. */
struct law {
    const char *name;
    int n;
    double value[3], chance[3];
    bool uniform; /* on [0, value[0]] */
};

static double draw(const struct law *law, double u)
{
    if (law->uniform)
        return u * law->value[0];
    for (int i = 0; i < law->n - 1; i++) {
        if (u < law->chance[i])
            return law->value[i];
        u -= law->chance[i];
    }
    return law->value[law->n - 1];
}

static void moments(const struct law *law, double *mean, double *variance)
{
    double second = 0;

    *mean = 0;
    for (int i = 0; i < law->n; i++) {
        *mean += law->chance[i] * law->value[i];
        second += law->chance[i] * law->value[i] * law->value[i];
    }
    if (law->uniform) {
        *mean = law->value[0] / 2;
        second = law->value[0] * law->value[0] / 3;
    }
    *variance = second - *mean * *mean;
}

/* n with 2 exp(-n h^2 / (2 (variance + h/3))) = delta */
static double bernstein_known(double variance, double h)
{
    return ceil(2 * (variance + h / 3) * log(2 / delta) / (h * h));
}

static double hoeffding(double h)
{
    return ceil(log(2 / delta) / (2 * h * h));
}

/* ---- examples, a chunk after another ---- */

struct source {
    const struct law *law;
    uint64_t run, n;
    double f[CHUNK];
};

static void next_chunk(struct source *s)
{
    double u[CHUNK];
    const uint64_t material[1] = { s->run };

    sb_random_uniform(sb_key_derive("certified", material, sizeof material), 0, s->n, CHUNK, u);
    for (int i = 0; i < CHUNK; i++)
        s->f[i] = draw(s->law, u[i]);
    s->n += CHUNK;
}

struct outcome {
    double samples, error; /* |value - mean| / half-width */
};

static struct outcome by_betting(struct source *s, double h, double mean)
{
    struct sb_bets *b = malloc(sizeof *b);
    struct sb_estimate out;
    uint64_t n = 0;

    sb_bets_init(b, 0, 1, delta, (struct sb_tolerance){ SB_RULE_STAT, h }, 1);
    do {
        n = sb_bets_next_look(n);
        while (s->n < n) {
            struct sb_powers p = { { CHUNK } };

            next_chunk(s);
            for (int i = 0; i < CHUNK; i++) {
                const double z = 2 * s->f[i] - 1;
                double power = 1;

                for (int k = 1; k <= SB_BET_POWERS; k++)
                    p.s[k] += power *= z;
            }
            sb_bets_add(b, &p);
        }
    } while (!sb_bets_look(b, &out));
    free(b);
    return (struct outcome){ (double)out.samples, fabs(out.value - mean) / out.half_width };
}

/* [MP09, Theorem 4] at looks k = 0, 1, ..., delta/((k+1)(k+2)) each, both sides. */
static struct outcome by_empirical_bernstein(struct source *s, double h, double mean)
{
    double sum = 0, squares = 0, bound = 1;
    uint64_t next = 4096;

    for (int k = 0;; k++, next += next / 2) {
        const double l = log(4 * (k + 1.0) * (k + 2.0) / delta);
        double n, variance;

        while (s->n < next) {
            next_chunk(s);
            for (int i = 0; i < CHUNK; i++) {
                sum += s->f[i];
                squares += s->f[i] * s->f[i];
            }
        }
        n = (double)s->n;
        variance = fmax(squares - sum * sum / n, 0) / (n - 1);
        bound = sqrt(2 * variance * l / n) + 7 * l / (3 * (n - 1));
        if (bound <= h)
            return (struct outcome){ n, fabs(sum / n - mean) / bound };
    }
}

struct summary {
    double median, least, most;
    int misses;
};

static struct summary run(const struct law *law, double h,
                          struct outcome (*rule)(struct source *, double, double))
{
    struct summary out = { 0 };
    double samples[RUNS], mean, variance;

    moments(law, &mean, &variance);
    for (uint64_t r = 0; r < RUNS; r++) {
        struct source s = { .law = law, .run = r };
        const struct outcome o = rule(&s, h, mean);

        samples[r] = o.samples;
        out.misses += o.error > 1;
    }
    out.median = bench_median(samples, RUNS); /* sorts */
    out.least = samples[0];
    out.most = samples[RUNS - 1];
    return out;
}

static int goal(const struct law *law, const struct summary *s, double bernstein, double h)
{
    const bool median = s->median <= 1.15 * bernstein, most = s->most <= 1.05 * hoeffding(h);

    printf(
        "  goals for %s: median <= 1.15 of Bernstein's: %s; never above 1.05 of Hoeffding's: %s\n",
        law->name, median ? "met" : "NOT met", most ? "met" : "NOT met");
    return median && most ? 0 : 1;
}

static int compare(const struct law *law, double h, bool with_goal)
{
    double mean, variance, known;
    struct summary bets, before;

    moments(law, &mean, &variance);
    known = bernstein_known(variance, h);
    bets = run(law, h, by_betting);
    before = run(law, h, by_empirical_bernstein);
    printf("%-16s %6g %9.0f %9.0f %9.0f %8.3f %9.3f %9.0f %9.0f %9.0f %6d\n", law->name, h,
           bets.median, bets.least, bets.most, bets.median / known, bets.most / hoeffding(h), known,
           hoeffding(h), before.median, bets.misses + before.misses);
    return with_goal ? goal(law, &bets, known, h) : 0;
}

int main(void)
{
    static const struct law goals[] = {
        { "two-point 0.01", 2, { 1, 0 }, { 0.01, 0.99 }, false },
        { "two-point 0.1", 2, { 1, 0 }, { 0.1, 0.9 }, false },
        { "two-point 0.5", 2, { 1, 0 }, { 0.5, 0.5 }, false },
    };
    static const struct law others[] = {
        { "two-point 0", 2, { 1, 0 }, { 0, 1 }, false },
        { "two-point 1e-4", 2, { 1, 0 }, { 1e-4, 1 - 1e-4 }, false },
        { "two-point 1e-3", 2, { 1, 0 }, { 1e-3, 1 - 1e-3 }, false },
        { "two-point 0.99", 2, { 1, 0 }, { 0.99, 0.01 }, false },
        { "half", 1, { 0.5 }, { 1 }, false },
        { "three-point .04", 3, { 0, 1, 0.5 }, { 0.02, 0.02, 0.96 }, false },
        { "uniform", 0, { 1 }, { 0 }, true },
        { "uniform to .4", 0, { 0.4 }, { 0 }, true },
    };
    static const double coarse[] = { 0.5, 0.2, 0.1, 0.05, 0.02 };
    int status = 0;

    printf("%-16s %6s %9s %9s %9s %8s %9s %9s %9s %9s %6s\n", "law", "half", "betting", "least",
           "most", "median/", "most/", "Bernstein", "Hoeffding", "empirical", "misses");
    printf("%-16s %6s %9s %9s %9s %8s %9s %9s %9s %9s\n", "", "width", "median", "", "",
           "Bernstein", "Hoeffding", "known var", "fixed n", "Bernstein");
    for (size_t i = 0; i < sizeof goals / sizeof *goals; i++)
        status |= compare(&goals[i], 0.005, true);
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        compare(&others[i], 0.005, false);
    for (size_t j = 0; j < sizeof coarse / sizeof *coarse; j++)
        for (size_t i = 0; i < sizeof goals / sizeof *goals; i++)
            compare(&goals[i], coarse[j], false);
    return status;
}
