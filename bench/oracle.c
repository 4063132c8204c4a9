/* SPDX-License-Identifier: GPL-3.0-or-later */
/* End to end: x ~ N(0, I_32), y the product of the signs of five coordinates, a law of the bench's own
 * of which nothing but its weights is known, so that queries are sampled. Beside an oracle as one
 * writes it in NumPy (oracle.py), which runs turn about with ours and is told when.
 *
 *   rate         examples a second of E[y clip(relu(<w,x>), 0, 1)], until the half-width is RATE_WIDTH,
 *                about a million; NumPy: a million, its best way. Goals: 3.5 times on one thread, 6.5
 *                on two.
 *   certificate  seconds to half-width 0.005 at delta = 1e-6 for indicators of mean p, two threads;
 *                NumPy: the examples that Hoeffding's bound needs. Goals: 35, 10, 6.5 times. */
#include "base/memory.h"
#include "base/threads.h"
#include "bench.h"
#include "estimate/estimate.h"
#include "query/expr.h"

#include <math.h>
#include <string.h>
#include <unistd.h>

enum { DIM = 32, SIGNS = 5, ROUNDS = 9, CHUNK = 8192, MILLION = 1000000, HOEFFDING = 290174 };
#define RATE_WIDTH 0.0028
#define HALF_WIDTH 0.005
#define DELTA 1e-6

/* The law */

static void gauss_points(const struct sb_law *law, struct sb_key key, uint64_t stream,
                         uint64_t start, uint64_t n, const struct sb_points *out)
{
    for (uint32_t j = 0; j < law->dim; j++)
        sb_random_gauss(key, stream * DIM + j, start, n, out->x[j]);
}

/* Label number 0 is -1, number 1 is 1. Signs multiply as sign bits add. */
static void sign_weights(const struct sb_law *law, const struct sb_block *block, uint32_t l,
                         double *out)
{
    const double one = 1;
    uint64_t one_bits;

    (void)law;
    memcpy(&one_bits, &one, sizeof one);
    for (uint64_t i = 0; i < block->n; i++) {
        uint64_t product = 0, weight;

        for (uint32_t j = 0; j < SIGNS; j++) {
            uint64_t x;

            memcpy(&x, &block->x[j][i], sizeof x);
            product ^= x;
        }
        weight = one_bits & -(product >> 63 ^ l);
        memcpy(&out[i], &weight, sizeof weight);
    }
}

static const struct sb_law_class signs = { .points = gauss_points,
                                           .weights = sign_weights,
                                           .gaussian = true };
static const double labels[2] = { -1, 1 };
static const struct sb_space space = {
    .domain = SB_GAUSS, .dim = DIM, .n_labels = 2, .labels = labels
};
static const struct sb_law law = { .class = &signs, .dim = DIM };

/* The queries, as oracle.py has them */

struct query {
    double p, cut, lo, half_width, goal; /* p = 0: the ridge */
};
static const struct query ridge = { 0, 0, -1, RATE_WIDTH, 0 };
static const struct query indicators[] = { { 0.01, 2.3263478740408408, 0, HALF_WIDTH, 35 },
                                           { 0.1, 1.2815515655446004, 0, HALF_WIDTH, 10 },
                                           { 0.5, 0, 0, HALF_WIDTH, 6.5 } };

static sb_expr expression(struct sb_pool *pool, const struct query *q)
{
    char text[2048];
    int n = sprintf(text, q->p > 0 ? "step(y*dot(" : "y*clip(relu(dot(");

    for (int j = 0; j < DIM; j++)
        n += sprintf(text + n, "%s%.17g", j ? "," : "",
                     q->p <= 0    ? 1 / sqrt(DIM)
                     : j >= SIGNS ? 1 / sqrt(DIM - SIGNS)
                                  : 0);
    if (q->p > 0)
        sprintf(text + n, ")-%.17g)", q->cut);
    else
        sprintf(text + n, ")),0,1)");
    return sb_expr_parse(pool, text, NULL);
}

/* What one run gave. */
struct run {
    double seconds, mean, n;
};

static int ours(const struct query *q, uint32_t n_threads, uint64_t stream, struct run *out)
{
    struct sb_pool *pool = sb_pool_new(&space);
    struct sb_estimate_task task = { .law = &law,
                                     .pool = pool,
                                     .lo = q->lo,
                                     .hi = 1,
                                     .tolerance = { SB_RULE_STAT, q->half_width },
                                     .share = 1,
                                     .delta = DELTA,
                                     .key = sb_key_derive("bench", "oracle", 6),
                                     .stream = stream };
    struct sb_estimate estimate = { 0 };
    double start;
    int error;

    if (!pool)
        return 1;
    task.expr = expression(pool, q);
    sb_threads_force(n_threads);
    start = bench_now();
    error = sb_estimate_monte_carlo(&task, &estimate);
    *out = (struct run){ bench_now() - start, estimate.value, (double)estimate.samples };
    sb_pool_free(pool);
    if (error || estimate.half_width > q->half_width)
        printf("no certificate: %d\n", error);
    return error || estimate.half_width > q->half_width;
}

/* NumPy, in a process that runs when it is told to */

static FILE *to_numpy, *from_numpy;

static int open_numpy(const char *python, const char *script)
{
    int to[2], from[2];
    char line[512];

    unsetenv("OPENBLAS_CORETYPE");
    setenv("OPENBLAS_NUM_THREADS", "1", 1);
    if (pipe(to) || pipe(from))
        return 1;
    if (fork() == 0) {
        dup2(to[0], 0);
        dup2(from[1], 1);
        for (int i = 0; i < 2; i++) {
            close(to[i]);
            close(from[i]);
        }
        execl(python, python, script, (char *)NULL);
        _exit(127);
    }
    close(to[0]);
    close(from[1]);
    to_numpy = fdopen(to[1], "w");
    from_numpy = fdopen(from[0], "r");
    if (!to_numpy || !from_numpy || !fgets(line, sizeof line, from_numpy))
        return printf("NumPy is missing (python3-numpy)\n"), 1;
    fputs(line, stdout);
    return 0;
}

struct way {
    const char *name, *generator;
    int chunk;
};
static const struct way ways[] = { { "one shot PCG64", "PCG64", 0 },
                                   { "one shot SFC64", "SFC64", 0 },
                                   { "chunks PCG64", "PCG64", CHUNK },
                                   { "chunks SFC64", "SFC64", CHUNK } };

static int numpys(const struct way *way, const struct query *q, int n, struct run *out)
{
    fprintf(to_numpy, "%s %d %d %g\n", way->generator, way->chunk, n, q->p);
    fflush(to_numpy);
    out->n = n;
    return fscanf(from_numpy, "%lf %lf", &out->seconds, &out->mean) != 2;
}

/* Turn about: each way of NumPy, then ours on one thread and on two. */
struct sides {
    double numpy[SB_COUNT(ways)][ROUNDS]; /* seconds an example */
    double ours[2][ROUNDS];
    double n[ROUNDS]; /* examples that ours drew */
};

static int one_round(const struct query *q, int n, int round, struct sides *s)
{
    struct run theirs, run;

    for (size_t w = 0; w < SB_COUNT(ways); w++) {
        if (numpys(&ways[w], q, n, &theirs))
            return 1;
        s->numpy[w][round] = theirs.seconds / theirs.n;
    }
    for (uint32_t t = 0; t < 2; t++) {
        if (ours(q, t + 1, (uint64_t)round, &run))
            return 1;
        s->ours[t][round] = run.seconds / run.n;
        s->n[round] = run.n;
    }
    if (fabs(run.mean - theirs.mean) > 2 * HALF_WIDTH)
        return printf("means differ: %g, %g\n", run.mean, theirs.mean), 1;
    return 0;
}

/* Seconds an example of NumPy's best way. */
static double best_way(struct sides *s)
{
    double best = INFINITY;

    for (size_t w = 0; w < SB_COUNT(ways); w++) {
        const double median = bench_median(s->numpy[w], ROUNDS);

        printf("  NumPy %-15s %6.2f M/s\n", ways[w].name, 1e-6 / median);
        best = median < best ? median : best;
    }
    return best;
}

static int rate(void)
{
    static struct sides s;
    double best;
    int missed = 0;

    for (int round = 0; round < ROUNDS; round++)
        if (one_round(&ridge, MILLION, round, &s))
            return 1;
    printf("examples a second, y clip(relu(<w,x>), 0, 1); ours drew %.0f\n",
           bench_median(s.n, ROUNDS));
    best = best_way(&s);
    missed += bench_compare("  1 thread", 1 / bench_median(s.ours[0], ROUNDS), 1 / best, 3.5);
    missed += bench_compare("  2 threads", 1 / bench_median(s.ours[1], ROUNDS), 1 / best, 6.5);
    return missed;
}

static int certificate(const struct query *q)
{
    static struct sides s;
    double seconds[ROUNDS], best;

    for (int round = 0; round < ROUNDS; round++) {
        if (one_round(q, HOEFFDING, round, &s))
            return 1;
        seconds[round] = s.ours[1][round] * s.n[round];
    }
    printf("certificates a second, p = %g; ours drew %.0f, Hoeffding %d\n", q->p,
           bench_median(s.n, ROUNDS), HOEFFDING);
    best = best_way(&s) * HOEFFDING;
    return bench_compare("  2 threads", 1 / bench_median(seconds, ROUNDS), 1 / best, q->goal);
}

int main(int argc, char **argv)
{
    int missed;

    if (argc != 3 || open_numpy(argv[1], argv[2]))
        return 1;
    missed = rate();
    for (size_t i = 0; i < SB_COUNT(indicators); i++)
        missed += certificate(&indicators[i]);
    return missed != 0;
}
