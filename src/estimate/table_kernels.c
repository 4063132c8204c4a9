/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Passes over tables of a query's values; compiled once for each instruction set. In pieces of 64,
 * in eight columns that become vectors: no number waits for the one before, and all variants give
 * the same bits. */
#include "estimate/kernels.h"

#include <string.h>

#if defined __AVX512F__
enum { WIDTH = 8 };
#elif defined __AVX2__
enum { WIDTH = 4 };
#else
enum { WIDTH = 2 };
#endif
enum { PIECE = 64, LANES = 8, PARTS = LANES / WIDTH };

typedef double columns __attribute__((vector_size(8 * WIDTH)));
typedef int64_t words __attribute__((vector_size(8 * WIDTH)));

/* A part of the lanes at a time, so that what is kept of them stays in registers. */
struct part {
    columns sum, largest;
    words off_grid;
};

struct lanes {
    struct part part[PARTS];
    columns grid; /* adding and taking away 1.5 2^(52-q) rounds to a multiple of 2^-q */
};

static void init_lanes(struct lanes *l, double grid)
{
    memset(l, 0, sizeof *l);
    l->grid += grid;
}

static inline void look_at(struct part *p, const columns *grid, const columns *v)
{
    const columns size = (columns)((words)*v & INT64_MAX);
    const words larger = size > p->largest;

    p->off_grid |= ((*v + *grid) - *grid) != *v;
    p->largest = (columns)(((words)size & larger) | ((words)p->largest & ~larger));
}

/* whether all were on the grid, and the largest so far */
static bool seen_by(const struct lanes *l, double *largest)
{
    int64_t off = 0;

    for (int k = 0; k < LANES; k++) {
        const struct part *p = &l->part[k / WIDTH];
        const double size = p->largest[k % WIDTH];

        off |= p->off_grid[k % WIDTH];
        *largest = size > *largest ? size : *largest;
    }
    return off == 0;
}

static double sum_of(const struct lanes *l)
{
    double sum[LANES];

    for (int k = 0; k < LANES; k++)
        sum[k] = l->part[k / WIDTH].sum[k % WIDTH];
    return ((sum[0] + sum[4]) + (sum[2] + sum[6])) + ((sum[1] + sum[5]) + (sum[3] + sum[7]));
}

static inline void add_part(struct part *p, const columns *grid, const double *a, const double *b,
                            bool both, double *difference)
{
    p->sum -= p->sum;
    for (int i = 0; i < PIECE; i += LANES) {
        columns va, vb, gap;

        memcpy(&va, a + i, sizeof va);
        memcpy(&vb, b + i, sizeof vb);
        look_at(p, grid, &va);
        look_at(p, grid, &vb);
        p->sum += both ? va + vb : vb;
        gap = va - vb;
        memcpy(difference + i, &gap, sizeof gap);
    }
}

static void add_piece(struct lanes *l, const double *a, const double *b, bool both,
                      double *difference)
{
    for (int k = 0; k < PARTS; k++) {
        struct part p = l->part[k];

        add_part(&p, &l->grid, a + k * WIDTH, b + k * WIDTH, both, difference + k * WIDTH);
        l->part[k] = p;
    }
}

/* Fewer than a piece: zeros behind them change nothing. */
static void add_few(struct lanes *l, const double *a, const double *b, bool both, uint64_t n,
                    double *difference)
{
    double padded[3][PIECE] = { 0 };

    memcpy(padded[0], a, n * sizeof *a);
    memcpy(padded[1], b, n * sizeof *b);
    add_piece(l, padded[0], padded[1], both, padded[2]);
    memcpy(difference, padded[2], n * sizeof *difference);
}

/* a + b rounds once, eight of them are added in a lane, and three times two lanes: 11 roundings of sums
 * that are at most all terms; sb_sum then adds what it says. */
static double error_of(const struct sb_table_pair *pair, uint64_t size, double compensated)
{
    return compensated + 11 * 0x1p-53 * (1 + 0x1p-40) * 2 * pair->largest * (double)size;
}

struct sb_table_pair SB_ISA_NAME(sb_table_pair)(const double *a, const double *b, uint32_t n,
                                                bool both, double *difference)
{
    const uint64_t size = UINT64_C(1) << n;
    struct sb_table_pair pair = { 0 };
    struct sb_sum sum;
    struct lanes l;

    init_lanes(&l, 1.5 * (double)(UINT64_C(1) << n));
    sb_sum_init(&sum);
    for (uint64_t i = 0; i < size; i += PIECE) {
        if (size - i < PIECE)
            add_few(&l, a + i, b + i, both, size - i, difference + i);
        else
            add_piece(&l, a + i, b + i, both, difference + i);
        sb_sum_add(&sum, sum_of(&l));
    }
    pair.exact = seen_by(&l, &pair.largest) && pair.largest <= 1;
    pair.sum = sb_sum_value(&sum, &pair.error);
    pair.error = pair.exact ? 0 : error_of(&pair, size, pair.error);
    return pair;
}

static void sum_piece(struct lanes *l, const double *f, struct sb_sum *sum)
{
    for (int k = 0; k < PARTS; k++) {
        struct part p = l->part[k];

        p.sum -= p.sum;
        for (int i = k * WIDTH; i < PIECE; i += LANES) {
            columns v;

            memcpy(&v, f + i, sizeof v);
            look_at(&p, &l->grid, &v);
            p.sum += v;
        }
        l->part[k] = p;
    }
    sb_sum_add(sum, sum_of(l));
}

void SB_ISA_NAME(sb_table_sum_add)(struct sb_table_sum *sum, const double *f, uint64_t n)
{
    const uint64_t n_left = n % PIECE;
    struct lanes l;

    init_lanes(&l, sum->grid);
    for (uint64_t i = 0; i < n - n_left; i += PIECE)
        sum_piece(&l, f + i, &sum->sum);
    if (n_left) {
        double padded[PIECE] = { 0 };

        memcpy(padded, f + n - n_left, n_left * sizeof *f);
        sum_piece(&l, padded, &sum->sum);
    }
    sum->n_off_grid += !seen_by(&l, &sum->largest);
    sum->n += n;
}

/* Integer arithmetic and comparisons: the same in any order. */
bool SB_ISA_NAME(sb_values_look)(const double *f, const uint64_t *key, uint64_t n, double lo,
                                 double hi, uint64_t *hash_out)
{
    uint64_t n_good = 0, hash = 0;

    for (uint64_t i = 0; i < n; i++) {
        uint64_t bits;

        memcpy(&bits, &f[i], sizeof bits);
        n_good += (uint64_t)(f[i] >= lo) & (uint64_t)(f[i] <= hi);
        hash += (uint64_t)(uint32_t)((uint32_t)bits + (uint32_t)key[i]) *
                (uint32_t)((uint32_t)(bits >> 32) + (uint32_t)(key[i] >> 32));
    }
    *hash_out = hash;
    return n_good == n;
}
