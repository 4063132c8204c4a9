/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a callback costs: the mean of a clipped ridge over public points of the cube in 32
 * dimensions, both labels, through the learner's process, the board and the oracle, against the same
 * drawing, columns, machine code, weights and sums in one process. Both pinned to one CPU, turn
 * about, in CPU time: on a busy machine two processes get more of the clock's time than one. The goal
 * is 0.9 of the rate in one process.
 *
 *     callbacks PLUGIN      (STATBED_HOST names statbed-host) */
#include "chain.h"
#include "estimate/law.h"

#include <dlfcn.h>
#include <sched.h>

enum { ROUNDS = 15, ASKS = 1, DIM = 32, LAWS = 2 }; /* the hidden law and the null */
static const double goal = 0.9, tolerance = 0.05;   /* some 10^6 points a query */

/* Pins this process; children inherit it. */
static void pin(void)
{
    cpu_set_t one;

    CPU_ZERO(&one);
    CPU_SET((unsigned)sched_getcpu(), &one);
    sched_setaffinity(0, sizeof one, &one);
}

/* What one process needs. */
struct direct {
    sb_phi *phi;
    struct sb_law law[LAWS];
    uint64_t bits[SB_BLOCK];
    double x[DIM][SB_BLOCK];
    const double *columns[DIM];
    double y[SB_BLOCK], f[SB_BLOCK], weight[SB_BLOCK], mean[LAWS][SB_BLOCK], square[SB_BLOCK];
    double sum[LAWS], sum_of_squares;
};

static void to_columns(struct direct *d)
{
    for (int j = 0; j < DIM; j++)
        for (int i = 0; i < SB_BLOCK; i++)
            d->x[j][i] = (double)(int)(d->bits[i] >> j & 1);
}

static void with_label(struct direct *d, const struct sb_block *block, uint32_t l)
{
    for (int i = 0; i < SB_BLOCK; i++)
        d->y[i] = d->law[0].label[l];
    d->phi(NULL, block, d->f);
    for (int a = 0; a < LAWS; a++) {
        sb_law_weights(&d->law[a], block, l, d->weight);
        for (int i = 0; i < SB_BLOCK; i++)
            d->mean[a][i] += d->weight[i] * d->f[i];
    }
    for (int i = 0; i < SB_BLOCK; i++) {
        const double square = d->f[i] * d->f[i];

        d->square[i] = square > d->square[i] ? square : d->square[i];
    }
}

static void one_block(struct direct *d, uint64_t start)
{
    const struct sb_key key = { { 1, 2 } };
    const struct sb_points points = { .bits = d->bits };
    const struct sb_block block = { sizeof block, DIM, SB_BLOCK, d->columns, d->bits, d->y };

    sb_law_points(&d->law[0], key, 1, start, SB_BLOCK, &points);
    to_columns(d);
    for (int i = 0; i < SB_BLOCK; i++)
        d->mean[0][i] = d->mean[1][i] = d->square[i] = 0;
    for (uint32_t l = 0; l < 2; l++)
        with_label(d, &block, l);
    for (int i = 0; i < SB_BLOCK; i++) {
        d->sum[0] += d->mean[0][i];
        d->sum[1] += d->mean[1][i];
        d->sum_of_squares += d->square[i];
    }
}

/* Points a second in one process. */
static double in_process(sb_phi *phi, uint64_t n)
{
    static struct direct d;
    const uint64_t n_blocks = n / SB_BLOCK;
    const double start = bench_cpu();

    d.phi = phi;
    d.law[0] = d.law[1] = (struct sb_law){ .dim = DIM, .label = { -1, 1 }, .alpha = { 0.5, 0.5 } };
    d.law[0].beta[0] = -0.5;
    d.law[0].beta[1] = 0.5;
    d.law[0].chi = 0xdb91;
    for (int j = 0; j < DIM; j++)
        d.columns[j] = d.x[j];
    for (uint64_t b = 0; b < n_blocks; b++)
        one_block(&d, b * SB_BLOCK);
    return (double)(n_blocks * SB_BLOCK) / (bench_cpu() - start);
}

/* Points a second of a cell, its learner's start included. */
static double through_chain(const char *plugin, uint64_t *n_out)
{
    struct chain chain = { .plugin = plugin,
                           .dimension = DIM,
                           .tolerance = tolerance,
                           .n_queries = ASKS,
                           .n_asks = ASKS };

    if (chain_run(&chain) || chain.n_points == 0)
        return -1;
    *n_out = chain.n_points;
    return (double)chain.n_points / chain.cpu;
}

int main(int argc, char **argv)
{
    void *object = argc == 2 ? dlopen(argv[1], RTLD_NOW | RTLD_LOCAL) : NULL;
    void *phi = object ? dlsym(object, "bench_ridge") : NULL;
    double ours[ROUNDS], direct[ROUNDS], ratio[ROUNDS], middle;
    uint64_t n;

    if (!phi) {
        printf("usage: callbacks PLUGIN\n");
        return 2;
    }
    pin();
    for (int i = 0; i < ROUNDS; i++) {
        ours[i] = through_chain(argv[1], &n);
        if (ours[i] < 0)
            return 2;
        direct[i] = in_process((sb_phi *)(uintptr_t)phi, n);
        ratio[i] = ours[i] / direct[i];
    }
    middle = bench_median(ratio, ROUNDS);
    printf("callbacks: statbed %.3g points/s, one process %.3g/s, ratio of a round %.3f, goal >= "
           "%.2f: %s\n",
           bench_median(ours, ROUNDS), bench_median(direct, ROUNDS), middle, goal,
           middle >= goal ? "met" : "NOT met");
    return middle >= goal ? 0 : 1;
}
