/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A batch shares one sample: 64 queries in one call beside the same 64 asked one by one, both sampled on
 * one thread, turn about. x ~ N(0, I_32), y the sign of one projection; each query the product of y and
 * a clipped ridge along a direction of its own, or the indicator of a half-space. Goal: the batch
 * costs at most a tenth. */
#include "base/threads.h"
#include "bench.h"
#include "estimate/estimate.h"
#include "query/expr.h"

#include <math.h>
#include <string.h>

enum { DIM = 32, QUERIES = 64, ROUNDS = 5 };

static void gauss_points(const struct sb_law *law, struct sb_key key, uint64_t stream,
                         uint64_t start, uint64_t n, const struct sb_points *out)
{
    for (uint32_t j = 0; j < law->dim; j++)
        sb_random_gauss(key, stream * DIM + j, start, n, out->x[j]);
}

static void sign_weights(const struct sb_law *law, const struct sb_block *block, uint32_t l,
                         double *out)
{
    (void)law;
    for (uint64_t i = 0; i < block->n; i++)
        out[i] = (block->x[0][i] + block->x[1][i] >= 0) == (l == 1);
}

static const struct sb_law_class signs = { .points = gauss_points, .weights = sign_weights };
static const double labels[2] = { -1, 1 };
static const struct sb_space space = {
    .domain = SB_GAUSS, .dim = DIM, .n_labels = 2, .labels = labels
};
static const struct sb_law law = { .class = &signs, .dim = DIM };

/* One kind of query, along 64 directions. */
struct kind {
    const char *name, *before, *after;
    double tau;
};
static const struct kind kinds[] = {
    { "y clip(<u,x>, -1, 1) to 0.01", "y*clip(", ",-1,1)", 0.01 },
    { "y step(<u,x> - 1) to 0.005", "y*step(", "-1)", 0.005 },
};

static sb_expr expression(struct sb_pool *pool, const struct kind *kind, int i)
{
    const struct sb_key key = sb_key_derive("bench", "batch", 5);
    double u[DIM], square = 0;
    char text[2048];
    int n = sprintf(text, "%sdot(", kind->before);

    sb_random_gauss(key, (uint64_t)i, 0, DIM, u);
    for (int j = 0; j < DIM; j++)
        square += u[j] * u[j];
    for (int j = 0; j < DIM; j++)
        n += sprintf(text + n, "%s%.17g", j ? "," : "", u[j] / sqrt(square));
    sprintf(text + n, ")%s", kind->after);
    return sb_expr_parse(pool, text, NULL);
}

static struct sb_estimate_task task[QUERIES];
static struct sb_estimate together[QUERIES], alone[QUERIES];

static int all_at_once(double *seconds)
{
    const double start = bench_now();
    int status[QUERIES], error;

    for (int i = 0; i < QUERIES; i++)
        status[i] = 1;
    error = sb_estimate_monte_carlo_many(task, QUERIES, together, status);
    *seconds = bench_now() - start;
    return error;
}

static int one_by_one(double *seconds)
{
    const double start = bench_now();
    int error = 0;

    for (int i = 0; i < QUERIES && !error; i++)
        error = sb_estimate_monte_carlo(&task[i], &alone[i]);
    *seconds = bench_now() - start;
    return error;
}

/* The same estimates, for the sample is the same. */
static int differ(void)
{
    for (int i = 0; i < QUERIES; i++)
        if (memcmp(&together[i].value, &alone[i].value, sizeof together[i].value) ||
            together[i].samples != alone[i].samples)
            return printf("query %d differs\n", i), 1;
    return 0;
}

static int compare(const struct kind *kind)
{
    struct sb_pool *pool = sb_pool_new(&space);
    double batch[ROUNDS], separate[ROUNDS], n = 0;

    for (int i = 0; i < QUERIES; i++)
        task[i] = (struct sb_estimate_task){ .law = &law,
                                             .pool = pool,
                                             .expr = expression(pool, kind, i),
                                             .lo = -1,
                                             .hi = 1,
                                             .tolerance = { SB_RULE_STAT, kind->tau },
                                             .share = 1,
                                             .delta = 1e-6,
                                             .key = sb_key_derive("bench", "points", 6) };
    for (int round = 0; round < ROUNDS; round++)
        if (all_at_once(&batch[round]) || one_by_one(&separate[round]) || differ())
            return 1;
    for (int i = 0; i < QUERIES; i++)
        n += (double)together[i].samples / QUERIES;
    printf("64 times %s, %.0f examples each\n", kind->name, n);
    sb_pool_free(pool);
    return bench_compare("  batches a second", 1 / bench_median(batch, ROUNDS),
                         1 / bench_median(separate, ROUNDS), 10);
}

int main(void)
{
    int missed = 0;

    sb_threads_force(1);
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        missed += compare(&kinds[i]);
    return missed != 0;
}
