/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Passes over tables of a query's values: which variant of the kernels runs,
 * and what needs none. */
#include "estimate/table_pair.h"

#include "estimate/kernels.h"

typedef struct sb_table_pair pair_kernel(const double *a, const double *b, uint32_t n, bool both,
                                         double *difference);
typedef void sum_kernel(struct sb_table_sum *sum, const double *f, uint64_t n);
typedef bool look_kernel(const double *f, const uint64_t *key, uint64_t n, double lo, double hi,
                         uint64_t *hash_out);

static pair_kernel *const pair_variant[SB_ISAS] = SB_ISA_TABLE(sb_table_pair);
static sum_kernel *const sum_variant[SB_ISAS] = SB_ISA_TABLE(sb_table_sum_add);
static look_kernel *const look_variant[SB_ISAS] = SB_ISA_TABLE(sb_values_look);

struct sb_table_pair sb_table_pair(const double *a, const double *b, uint32_t n, bool both,
                                   double *difference)
{
    return pair_variant[sb_isa()](a, b, n, both, difference);
}

void sb_table_sum_init(struct sb_table_sum *sum, uint32_t bits)
{
    *sum = (struct sb_table_sum){ .grid = 1.5 * (double)(UINT64_C(1) << bits) };
    sb_sum_init(&sum->sum);
}

void sb_table_sum_add(struct sb_table_sum *sum, const double *f, uint64_t n)
{
    sum_variant[sb_isa()](sum, f, n);
}

/* eight are added in a lane, and three times two lanes */
struct sb_ball sb_table_sum_value(const struct sb_table_sum *sum)
{
    struct sb_ball value;

    value.mid = sb_sum_value(&sum->sum, &value.rad);
    if (sum->n_off_grid == 0 && sum->largest <= 1)
        value.rad = 0;
    else
        value.rad += 10 * 0x1p-53 * (1 + 0x1p-40) * sum->largest * (double)sum->n;
    return value;
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

bool sb_values_look(const double *f, const uint64_t *key, uint64_t n, double lo, double hi,
                    uint64_t *hash_out)
{
    return look_variant[sb_isa()](f, key, n, lo, hi, hash_out);
}
