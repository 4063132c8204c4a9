/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Passes over tables of a query's values. In pieces of 64, in eight columns that become vectors: no number
 * waits for the one before. */
#include "estimate/table_pair.h"

#include "numeric/sum.h"

enum { PIECE = 64, LANES = 8 };

struct lanes {
    double sum[LANES], largest[LANES];
    uint64_t off_grid[LANES];
    double grid; /* adding and taking away 1.5 2^(52-q) rounds to a multiple of 2^-q */
};

static double size_of(double v)
{
    return v < 0 ? -v : v;
}

static inline void look_at(struct lanes *l, int k, double v)
{
    const double rounded = (v + l->grid) - l->grid, size = size_of(v);

    l->off_grid[k] |= (uint64_t)(rounded != v);
    l->largest[k] = size > l->largest[k] ? size : l->largest[k];
}

static inline void add(struct lanes *l, int k, double a, double b, bool both, double *difference)
{
    look_at(l, k, a);
    look_at(l, k, b);
    l->sum[k] += both ? a + b : b;
    *difference = a - b;
}

static void add_piece(struct lanes *l, const double *a, const double *b, bool both,
                      double *difference)
{
    for (int k = 0; k < LANES; k++)
        l->sum[k] = 0;
    for (int i = 0; i < PIECE; i += LANES)
        for (int k = 0; k < LANES; k++)
            add(l, k, a[i + k], b[i + k], both, &difference[i + k]);
}

static void add_few(struct lanes *l, const double *a, const double *b, bool both, uint64_t n,
                    double *difference)
{
    for (int k = 0; k < LANES; k++)
        l->sum[k] = 0;
    for (uint64_t i = 0; i < n; i++)
        add(l, (int)(i % LANES), a[i], b[i], both, &difference[i]);
}

/* a + b rounds once, eight of them are added in a lane, and three times two lanes: 11 roundings of sums
 * that are at most all terms; sb_sum then adds what it says. */
static double error_of(const struct sb_table_pair *pair, uint64_t size, double compensated)
{
    return compensated + 11 * 0x1p-53 * (1 + 0x1p-40) * 2 * pair->largest * (double)size;
}

struct sb_table_pair sb_table_pair(const double *a, const double *b, uint32_t n, bool both,
                                   double *difference)
{
    const uint64_t size = UINT64_C(1) << n;
    struct lanes l = { .grid = 1.5 * (double)(UINT64_C(1) << n) };
    struct sb_table_pair pair = { .exact = true };
    struct sb_sum sum;

    sb_sum_init(&sum);
    for (uint64_t i = 0; i < size; i += PIECE) {
        if (size - i < PIECE)
            add_few(&l, a + i, b + i, both, size - i, difference + i);
        else
            add_piece(&l, a + i, b + i, both, difference + i);
        sb_sum_add(&sum, ((l.sum[0] + l.sum[4]) + (l.sum[2] + l.sum[6])) +
                             ((l.sum[1] + l.sum[5]) + (l.sum[3] + l.sum[7])));
    }
    for (int k = 0; k < LANES; k++) {
        pair.exact = pair.exact && !l.off_grid[k];
        pair.largest = l.largest[k] > pair.largest ? l.largest[k] : pair.largest;
    }
    pair.exact = pair.exact && pair.largest <= 1;
    pair.sum = sb_sum_value(&sum, &pair.error);
    pair.error = pair.exact ? 0 : error_of(&pair, size, pair.error);
    return pair;
}

bool sb_table_on_grid(const double *f, uint64_t n, int bits)
{
    const double grid = 1.5 * (double)(UINT64_C(1) << (52 - bits));
    uint64_t n_off = 0;

    for (uint64_t i = 0; i < n; i++)
        n_off += (uint64_t)((f[i] + grid) - grid != f[i]) | (uint64_t) !(f[i] >= -1 && f[i] <= 1);
    return n_off == 0;
}

bool sb_table_square(double *f, uint64_t n)
{
    const bool exact = sb_table_on_grid(f, n, 26);

    for (uint64_t i = 0; i < n; i++)
        f[i] *= f[i];
    return exact;
}
