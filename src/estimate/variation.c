/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Total variation along hidden directions, from public points: a histogram of h along each direction. */
#include "estimate/variation.h"

#include "base/memory.h"
#include "base/threads.h"
#include "estimate/betting.h"
#include "estimate/ngca.h"
#include "estimate/points.h"

#include <errno.h>
#include <math.h>
#include <string.h>

enum { BLOCKS_A_GROUP = 16, MEMBERS_A_PART = 16 };

/* A histogram's sums of h >= 0 over at most 2^22 points round by less than this share. */
#define ROUNDING 0x1p-30

struct histogram {
    double sum[SB_VARIATION_BINS];
};

struct counter {
    const struct sb_ngca *ngca;
    const struct sb_stated_density *h;
    const struct sb_fuse *fuse;
    struct sb_variation_bins bins;
    uint64_t first, n_members;
    struct histogram *histogram; /* n_members */
    struct sb_law null;
    struct sb_point_room room[BLOCKS_A_GROUP];
    uint64_t start;  /* of this group of blocks ... */
    size_t n_blocks; /* ... so many of them */
};

/* ---- what certifies ---- */

/* sums over the points */
struct moments {
    double n, mean, second, most;
};

static struct moments moments_of(const struct sb_stated_density *h, uint64_t n)
{
    double sum = 0, squares = 0;

    for (uint64_t i = 0; i < n; i += SB_BLOCK) {
        double of_block = 0, of_squares = 0;

        for (uint64_t k = i; k < i + SB_BLOCK; k++) {
            of_block += h->h[k];
            of_squares += h->h[k] * h->h[k];
        }
        sum += of_block;
        squares += of_squares;
    }
    return (struct moments){ (double)n, sum / (double)n, squares / (double)n * (1 + ROUNDING),
                             h->most };
}

/* E[h^2] at most, but for probability e^-logs. */
static double second_ub(const struct moments *m, double logs)
{
    const double half = m->most * sqrt(logs / (2 * m->n));
    const double root = half + sqrt(half * half + m->second);

    return root * root * (1 + ROUNDING);
}

/* [Bernstein] */
static double deviation(const struct moments *m, double second, double logs)
{
    return (sqrt(2 * second * logs / m->n) + m->most * logs / (3 * m->n)) * (1 + ROUNDING);
}

/* How far D_n and the mean of h may be off: a third of the failure probability each, and one for E[h^2]. */
struct room {
    double of_sets, of_mean;
};

static struct room room_of(const struct counter *c, const struct moments *m, double failure)
{
    const double second = second_ub(m, sb_bets_log(3 / failure));
    const double sets = 0.6931471805599454 * (double)c->bins.n + /* ln 2, rounded up */
                        sb_bets_log(3 * (double)c->n_members / failure);

    return (struct room){ deviation(m, second, sets),
                          deviation(m, second, sb_bets_log(6 / failure)) };
}

/* D/E[h] - D_n/m = ((D - D_n) + (D_n/m)(m - E[h])) / E[h] */
static struct sb_variation take(const struct counter *c, const struct histogram *histogram,
                                const struct moments *m, const struct room *room)
{
    double total = 0, excess = 0, value;

    for (size_t b = 0; b < c->bins.n; b++)
        total += histogram->sum[b];
    if (!(total > 0))
        return (struct sb_variation){ 1, 0 };
    if (!(m->mean - room->of_mean > 0))
        return (struct sb_variation){ 0.5, 0.5 };
    for (size_t b = 0; b < c->bins.n; b++) {
        const double more = histogram->sum[b] / total - c->bins.mass[b];

        excess += more > 0 ? more : 0;
    }
    value = excess < 1 ? excess : 1;
    return (struct sb_variation){
        value, (room->of_sets + value * room->of_mean) / (m->mean - room->of_mean) + 4 * ROUNDING
    };
}

/* ---- histograms ---- */

/* How many edges are at most t. */
static size_t bin_of(const struct sb_variation_bins *bins, double t)
{
    size_t lo = 0, hi = bins->n - 1;

    while (lo < hi) {
        const size_t middle = lo + (hi - lo) / 2;

        if (bins->edge[middle] <= t)
            lo = middle + 1;
        else
            hi = middle;
    }
    return lo;
}

static void count_block(const struct counter *c, size_t b, const double *v, struct histogram *out)
{
    const double *const h = c->h->h + c->start + b * SB_BLOCK;
    double along[SB_BLOCK] = { 0 };
    struct histogram of_block = { { 0 } };

    for (uint32_t j = 0; j < c->ngca->dim; j++) {
        const double *x = c->room[b].block.x[j];

        for (int i = 0; i < SB_BLOCK; i++)
            along[i] += v[j] * x[i];
    }
    for (int i = 0; i < SB_BLOCK; i++)
        of_block.sum[bin_of(&c->bins, along[i])] += h[i];
    for (size_t k = 0; k < c->bins.n; k++)
        out->sum[k] += of_block.sum[k];
}

/* A member's sums are one thread's: the same for every number of threads. */
static void count_members(void *context, size_t part)
{
    const struct counter *c = context;
    const uint64_t from = part * MEMBERS_A_PART;
    double v[SB_NGCA_DIM];

    for (uint64_t i = from; i < c->n_members && i < from + MEMBERS_A_PART; i++) {
        sb_ngca_direction(c->ngca, c->first + i, v);
        for (size_t b = 0; b < c->n_blocks; b++)
            count_block(c, b, v, &c->histogram[i]);
    }
}

static int count(struct counter *c, uint64_t n_points)
{
    const size_t n_parts = (size_t)((c->n_members + MEMBERS_A_PART - 1) / MEMBERS_A_PART);
    const bool alone = c->ngca->directions == NULL;

    for (c->start = 0; c->start < n_points; c->start += c->n_blocks * SB_BLOCK) {
        const uint64_t left = (n_points - c->start) / SB_BLOCK;

        if (sb_fuse_blown(c->fuse))
            return -ETIME;
        c->n_blocks = left < BLOCKS_A_GROUP ? left : BLOCKS_A_GROUP;
        for (size_t b = 0; b < c->n_blocks; b++)
            sb_point_room_draw(&c->room[b], &c->null, c->h->key, 0, c->start + b * SB_BLOCK,
                               SB_BLOCK);
        sb_threads_run(alone ? 1 : sb_threads_count(), n_parts, count_members, c);
    }
    return 0;
}

static int open_counter(struct counter *c, const struct sb_family *family)
{
    int error = 0;

    for (size_t b = 0; b < BLOCKS_A_GROUP && !error; b++)
        error = sb_point_room_init(&c->room[b], &family->space);
    c->histogram = SB_NEW_ARRAY(struct histogram, c->n_members);
    family->null_law(family, &c->null);
    sb_variation_bins(c->ngca->line, &c->bins);
    return error || !c->histogram ? -ENOMEM : 0;
}

static void close_counter(struct counter *c)
{
    for (size_t b = 0; b < BLOCKS_A_GROUP; b++)
        sb_point_room_fini(&c->room[b]);
    free(c->histogram);
    free(c);
}

int sb_variation_along(const struct sb_family *family, const struct sb_stated_density *h,
                       uint64_t n_points, uint64_t first, uint64_t n_members, double failure,
                       const struct sb_fuse *fuse, struct sb_variation *out)
{
    const struct moments moments = moments_of(h, n_points);
    struct counter *c = SB_NEW(struct counter);
    struct room room;
    int error;

    if (!c)
        return -ENOMEM;
    c->ngca = family->ngca;
    c->h = h;
    c->fuse = fuse;
    c->first = first;
    c->n_members = n_members;
    error = open_counter(c, family);
    if (!error)
        error = count(c, n_points);
    if (!error) {
        room = room_of(c, &moments, failure);
        for (uint64_t i = 0; i < n_members; i++)
            out[i] = take(c, &c->histogram[i], &moments, &room);
    }
    close_counter(c);
    return error;
}
