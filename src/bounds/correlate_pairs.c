/* SPDX-License-Identifier: GPL-3.0-or-later */
/* All of a family's correlations, pair by pair: by the family's own word, of hidden directions from their overlaps,
 * or from its laws' product forms. */
#include "bounds/correlate_parts.h"

#include "base/memory.h"
#include "estimate/ngca.h"

#include <errno.h>
#include <math.h>

/* What a family's correlation() is off by at most [family.h]. */
#define STATED_ERROR 1e-12
enum { MOST_LAWS = 1 << 14 };

static double stated(struct sb_pairs *pairs, uint64_t i, uint64_t j)
{
    const double k = pairs->family->correlation(pairs->family, i, j);

    pairs->error = fmax(pairs->error, STATED_ERROR * (1 + fabs(k)));
    return k;
}

static double hidden(struct sb_pairs *pairs, uint64_t i, uint64_t j)
{
    double error;
    const double k = sb_ngca_correlation(pairs->family->ngca, i, j, &error);

    pairs->error = fmax(pairs->error, error);
    return k;
}

static const struct sb_law *law_of(const struct sb_pairs *pairs, uint64_t i, struct sb_law *room)
{
    if (pairs->law)
        return &pairs->law[i];
    pairs->family->law(pairs->family, i, false, room);
    return room;
}

static double computed(struct sb_pairs *pairs, uint64_t i, uint64_t j)
{
    struct sb_law a, b;
    double error, k;

    k = sb_product_correlation(law_of(pairs, i, &a), law_of(pairs, j, &b), &pairs->null, &error);
    pairs->error = fmax(pairs->error, error);
    return k;
}

int sb_pairs_init(struct sb_pairs *pairs, const struct sb_family *family)
{
    struct sb_law member;

    *pairs = (struct sb_pairs){ .family = family };
    if (family->ngca) {
        pairs->at = hidden;
        return 1;
    }
    if (family->correlation) {
        pairs->at = stated;
        return 1;
    }
    family->law(family, 0, false, &member);
    family->null_law(family, &pairs->null);
    if (member.class || pairs->null.class)
        return 0;
    pairs->at = computed;
    if (family->n_members > MOST_LAWS)
        return 1;
    pairs->law = SB_NEW_ARRAY(struct sb_law, family->n_members);
    if (!pairs->law)
        return -ENOMEM;
    for (uint64_t i = 0; i < family->n_members; i++)
        family->law(family, i, false, &pairs->law[i]);
    return 1;
}

void sb_pairs_fini(struct sb_pairs *pairs)
{
    free(pairs->law);
}

static int infinite(struct sb_correlations *out)
{
    out->unknown = SB_CORRELATION_INFINITE;
    return 0;
}

int sb_correlations_of_pairs(struct sb_pairs *pairs, struct sb_correlations *out)
{
    const size_t n = (size_t)out->n;

    out->matrix = SB_NEW_ARRAY(double, n *n);
    if (!out->matrix)
        return -ENOMEM;
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j <= i; j++) {
            const double k = pairs->at(pairs, i, j);

            if (!isfinite(k))
                return infinite(out);
            out->matrix[i * n + j] = out->matrix[j * n + i] = k;
        }
    out->matrix_error = pairs->error;
    return 0;
}

/* What a pass over all pairs leaves behind. */
struct pass {
    double *row, *sum; /* per member: of sizes, of values */
    double diagonal, off, off_abs;
};

static int go_through(struct sb_pairs *pairs, size_t n, struct pass *p, struct sb_level_grid *grid)
{
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j <= i; j++) {
            const double k = pairs->at(pairs, i, j), size = fabs(k);

            if (!isfinite(k))
                return 1;
            sb_level_grid_add(grid, size + pairs->error, i == j ? 1 : 2);
            p->row[i] += size;
            p->sum[i] += k;
            if (i == j) {
                p->diagonal = fmax(p->diagonal, k);
                continue;
            }
            p->row[j] += size;
            p->sum[j] += k;
            p->off = fmax(p->off, k);
            p->off_abs = fmax(p->off_abs, size);
        }
    return 0;
}

/* Gershgorin above; below, the quotients of the unit vectors and of (1, ..., 1). */
static void conclude(const struct pass *p, double error, struct sb_correlations *out)
{
    const double n = out->n, outward = 1 + n * 0x1p-51;
    double row = 0, sum = 0;

    for (size_t i = 0; i < (size_t)n; i++) {
        row = fmax(row, p->row[i]);
        sum += p->sum[i];
    }
    out->diagonal_ub = (p->diagonal + error) * outward;
    out->off_ub = (p->off + error) * outward;
    out->off_abs_ub = (p->off_abs + error) * outward;
    out->lambda_ub = fmin(out->lambda_ub, (row + n * error) * outward);
    out->lambda_lb = fmax(p->diagonal - error, sum / n - n * error - row * n * 0x1p-51);
}

int sb_correlations_of_many_pairs(struct sb_pairs *pairs, struct sb_correlations *out)
{
    const size_t n = (size_t)out->n;
    double *row SB_FREE = SB_NEW_ARRAY(double, n), *sum SB_FREE = SB_NEW_ARRAY(double, n);
    struct sb_level_grid *grid SB_FREE = SB_NEW(struct sb_level_grid);
    struct pass p = { .row = row, .sum = sum };

    if (!row || !sum || !grid)
        return -ENOMEM;
    /* |K_ij| <= max K_ii, and so the errors (both are inner products): known before the pass. */
    for (size_t i = 0; i < n; i++)
        grid->top = fmax(grid->top, pairs->at(pairs, i, i));
    grid->top += 2 * pairs->error;
    if (!isfinite(grid->top) || go_through(pairs, n, &p, grid))
        return infinite(out);
    conclude(&p, pairs->error, out);
    return sb_level_grid_give(grid, out);
}
