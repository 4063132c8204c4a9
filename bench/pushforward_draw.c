/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Examples of P_v^D, d = 64, the law of moment-matching bumps with m = 9, sigma = 0.1, in blocks of 1024; against drawing
 * the 64 Gaussians alone. Goal: at most 1.3 times as long. */
#include "bench.h"

#include "construct/moments.h"
#include "estimate/ngca.h"

#include <math.h>

enum { D = 64, BLOCKS = 200, ROUNDS = 15 };

struct bench {
    struct sb_moments *moments;
    struct sb_line *line;
    struct sb_ngca ngca;
    struct sb_family family;
    double direction[D], column[D][SB_BLOCK], y[SB_BLOCK];
};

static int make(struct bench *b)
{
    if (sb_moments_new(9, 0, &b->moments, NULL) || sb_moments_line(b->moments, 0.1, &b->line, NULL))
        return 1;
    for (int j = 0; j < D; j++)
        b->direction[j] = 1 / sqrt(D);
    b->ngca =
        (struct sb_ngca){ .line = b->line, .dim = D, .directions = b->direction, .overlap_ub = 1 };
    b->family.n_members = 1;
    sb_ngca_init(&b->ngca, &b->family);
    return 0;
}

/* Examples a second. */
static double draw(struct bench *b, const struct sb_law *law)
{
    const struct sb_key key = { { 2022, 9 } };
    double *x[D];
    const struct sb_points points = { .x = x };
    const double begin = bench_cpu();

    for (int j = 0; j < D; j++)
        x[j] = b->column[j];
    for (uint64_t i = 0; i < BLOCKS; i++)
        law->class->sample(law, key, i * SB_BLOCK, SB_BLOCK, &points, b->y);
    return BLOCKS * SB_BLOCK / (bench_cpu() - begin);
}

static double draw_gauss(struct bench *b)
{
    const struct sb_key key = { { 2022, 9 } };
    const double begin = bench_cpu();

    for (uint64_t i = 0; i < BLOCKS; i++)
        for (uint32_t j = 0; j < D; j++)
            sb_random_gauss(key, j, i * SB_BLOCK, SB_BLOCK, b->column[j]);
    return BLOCKS * SB_BLOCK / (bench_cpu() - begin);
}

int main(void)
{
    static struct bench b;
    double ours[ROUNDS], bare[ROUNDS];
    struct sb_law law;
    int met;

    if (make(&b))
        return 1;
    b.family.law(&b.family, 0, false, &law);
    for (int i = 0; i < ROUNDS; i++) {
        ours[i] = draw(&b, &law);
        bare[i] = draw_gauss(&b);
    }
    met = bench_compare("examples of a pushforward, d = 64", bench_median(ours, ROUNDS),
                        bench_median(bare, ROUNDS), 1 / 1.3);
    sb_line_free(b.line);
    sb_moments_free(b.moments);
    return met;
}
