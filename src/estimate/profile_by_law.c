/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every member's value of a query on a small cube by the weights of the members' laws, which are kept: a
 * query is one pass of multiply-adds, and no question to the family. For families that know no faster
 * way. */
#include "estimate/profile_ways.h"

#include "base/memory.h"
#include "estimate/table_pair.h"
#include "numeric/sum.h"
#include "numeric/table.h"

#include <errno.h>

/* Pr[label l | x] under member i at [(i * n_labels + l) * 2^dim + x]. */
struct sb_law_table {
    const struct sb_family *family;
    bool clean, exact; /* exact: every weight is 0, 1/2 or 1 */
    double *weight;
};

void sb_law_table_free(struct sb_law_table *table)
{
    if (table)
        free(table->weight);
    free(table);
}

static uint64_t numbers_of(const struct sb_family *family)
{
    return family->n_members * family->space.n_labels << family->space.dim;
}

bool sb_profile_has_law_table(const struct sb_family *family)
{
    const struct sb_space *space = &family->space;
    const uint64_t most = UINT64_C(1) << SB_PROFILE_LAW_BITS;

    return space->domain == SB_CUBE && space->dim <= SB_PROFILE_LAW_BITS && space->n_labels &&
           family->n_members <= most && space->n_labels <= most &&
           family->n_members * space->n_labels <= most >> space->dim;
}

/* The weights of one member. */
static void fill(const struct sb_law *law, uint32_t n_labels, struct sb_law_table *table,
                 double *out)
{
    const uint64_t size = UINT64_C(1) << law->dim;
    uint64_t bits[SB_BLOCK];

    for (uint64_t start = 0; start < size; start += SB_BLOCK) {
        const uint64_t n = size - start < SB_BLOCK ? size - start : SB_BLOCK;
        const struct sb_block block = { sizeof block, law->dim, n, NULL, bits, NULL };

        for (uint64_t i = 0; i < n; i++)
            bits[i] = start + i;
        for (uint32_t l = 0; l < n_labels; l++) {
            double *w = out + l * size + start;

            sb_law_weights(law, &block, l, w);
            for (uint64_t i = 0; i < n; i++)
                table->exact &= w[i] == 0 || w[i] == 0.5 || w[i] == 1;
        }
    }
}

static int make(const struct sb_profile_task *task, struct sb_law_table **out)
{
    const struct sb_family *family = task->family;
    const uint64_t each = family->space.n_labels << family->space.dim;
    struct sb_law_table *table = SB_NEW(struct sb_law_table);
    uint32_t bits = 0;
    int error = table ? 0 : -ENOMEM;

    while (UINT64_C(1) << bits < numbers_of(family))
        bits++;
    if (!error)
        error = sb_table_new(bits, &table->weight, NULL);
    for (uint64_t i = 0; i < family->n_members && !error; i++) {
        struct sb_law law;

        table->family = family;
        table->clean = task->clean;
        table->exact = i ? table->exact : true;
        family->law(family, i, task->clean, &law);
        fill(&law, (uint32_t)family->space.n_labels, table, table->weight + i * each);
        if (sb_fuse_blown(task->fuse))
            error = -ETIME;
    }
    if (error)
        sb_law_table_free(table);
    else
        *out = table;
    return error;
}

static int find_table(const struct sb_profile_task *task, struct sb_profile *out)
{
    const struct sb_law_table *kept = out->law_table;

    if (kept && kept->family == task->family && kept->clean == task->clean)
        return 0;
    sb_law_table_free(out->law_table);
    out->law_table = NULL;
    return make(task, &out->law_table);
}

enum { PIECE = 64, LANES = 8 };

/* sum of w[i] f[i]: in eight columns, then in threes; sb_sum over pieces */
static double product_of(const double *w, const double *f, uint64_t n)
{
    struct sb_sum sum;
    double error;

    sb_sum_init(&sum);
    for (uint64_t start = 0; start < n; start += PIECE) {
        const uint64_t end = n - start < PIECE ? n : start + PIECE;
        double lane[LANES] = { 0 };

        for (uint64_t i = start; i + LANES <= end; i += LANES)
            for (int k = 0; k < LANES; k++)
                lane[k] += w[i + (uint64_t)k] * f[i + (uint64_t)k];
        for (uint64_t i = end - (end - start) % LANES; i < end; i++)
            lane[i % LANES] += w[i] * f[i];
        sb_sum_add(&sum, ((lane[0] + lane[4]) + (lane[2] + lane[6])) +
                             ((lane[1] + lane[5]) + (lane[3] + lane[7])));
    }
    return sb_sum_value(&sum, &error);
}

/* Every member's mean of f (n_labels << dim numbers). Returns the half-width: 0 where every product and
 * sum is exact; else each term is rounded once itself, 12 times in its piece, and the sum of pieces twice,
 * each by 2^-53 of at most the mean of |f| <= 1; and the weights of product laws once more. */
static double means(const struct sb_profile_task *task, const struct sb_law_table *table,
                    const double *f, double *value)
{
    const struct sb_family *family = task->family;
    const uint64_t each = family->space.n_labels << family->space.dim;
    const double scale = 1 / (double)(UINT64_C(1) << family->space.dim);
    int bits = 0;

    for (uint64_t i = 0; i < family->n_members; i++)
        value[i] = product_of(table->weight + i * each, f, each) * scale;
    while (UINT64_C(1) << bits < each)
        bits++;
    return table->exact && sb_table_on_grid(f, each, 51 - bits) ? 0 : 0x1p-48;
}

int sb_profile_by_law(const struct sb_profile_task *task, struct sb_profile *out)
{
    const struct sb_family *family = task->family;
    const uint64_t each = family->space.n_labels << (family->space.dim & 63);
    double second = 0;
    int error;

    if (!sb_profile_has_law_table(family) || !sb_profile_is_cheap(task, family->n_members * each))
        return 1;
    error = find_table(task, out);
    if (!error)
        error = sb_profile_list(out, family->n_members, false, task->squares);
    if (!error && task->expr)
        error = sb_profile_room(out, each, NULL);
    if (!error && task->expr)
        error = sb_profile_tabulate(task, (UINT64_C(1) << family->space.dim) - 1, out->scratch);
    if (error)
        return error;
    out->method = SB_TRANSFORM;
    out->half_width = means(task, out->law_table, out->scratch, out->value);
    if (task->squares) {
        const bool exact = sb_table_square(out->scratch, each);

        second = means(task, out->law_table, out->scratch, out->second) + (exact ? 0 : 0x1p-53);
    }
    if (second > out->half_width)
        out->half_width = second;
    return 0;
}
