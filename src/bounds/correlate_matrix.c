/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a matrix of correlations says: its largest entries, how many there are of each size, its largest
 * eigenvalue. */
#include "bounds/correlate_parts.h"

#include "base/memory.h"
#include "bounds/eigenvalue.h"

#include <errno.h>
#include <math.h>

static const double outward = 1 + 0x1p-50;

void sb_correlations_init(struct sb_correlations *k, double n)
{
    *k = (struct sb_correlations){ .n = n,
                                   .how = "exact",
                                   .lambda_ub = INFINITY,
                                   .lambda_lb = -INFINITY,
                                   .diagonal_ub = INFINITY,
                                   .off_abs_ub = INFINITY,
                                   .off_ub = INFINITY };
}

static int downward(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;

    return (x < y) - (x > y);
}

/* Levels of n off-diagonal sizes (two ordered pairs each) and m diagonal ones, both decreasing: sizes
 * that the error does not tell apart are one. */
static int merge_levels(struct sb_correlations *k, const double *off, size_t n_off,
                        const double *diagonal, size_t m)
{
    const double e = k->matrix_error;
    struct sb_correlation_level *level = SB_NEW_ARRAY(struct sb_correlation_level, n_off + m);
    double first = 0; /* the level's largest */
    size_t n = 0;

    if (!level)
        return -ENOMEM;
    for (size_t a = 0, b = 0; a < n_off || b < m;) {
        const bool is_diagonal = a == n_off || (b < m && diagonal[b] >= off[a]);
        const double size = is_diagonal ? diagonal[b++] : off[a++];

        if (!n || size < first - 2 * e) {
            first = size;
            level[n++] = (struct sb_correlation_level){ (size + e) * outward, 0 };
        }
        level[n - 1].pairs += is_diagonal ? 1 : 2;
    }
    free(k->level);
    k->level = level;
    k->n_levels = n;
    return 0;
}

static int make_levels(struct sb_correlations *k, size_t n)
{
    const size_t n_off = n * (n - 1) / 2;
    double *off SB_FREE = SB_NEW_ARRAY(double, n_off + 1);
    double *diagonal SB_FREE = SB_NEW_ARRAY(double, n);
    size_t at = 0;

    if (!off || !diagonal)
        return -ENOMEM;
    for (size_t i = 0; i < n; i++) {
        diagonal[i] = fabs(k->matrix[i * n + i]);
        for (size_t j = 0; j < i; j++)
            off[at++] = fabs(k->matrix[i * n + j]);
    }
    qsort(off, n_off, sizeof *off, downward);
    qsort(diagonal, n, sizeof *diagonal, downward);
    return merge_levels(k, off, n_off, diagonal, n);
}

static void find_largest(struct sb_correlations *k, size_t n)
{
    double diagonal = -INFINITY, least = INFINITY, off = 0, off_abs = 0;

    for (size_t i = 0; i < n; i++) {
        diagonal = fmax(diagonal, k->matrix[i * n + i]);
        least = fmin(least, k->matrix[i * n + i]);
        for (size_t j = 0; j < i; j++) {
            off = fmax(off, k->matrix[i * n + j]);
            off_abs = fmax(off_abs, fabs(k->matrix[i * n + j]));
        }
    }
    k->orthogonal = !(off_abs > 0) && !(least < diagonal);
    k->diagonal_ub = fmax(0, diagonal + k->matrix_error) * outward;
    k->off_ub = n > 1 ? (off + k->matrix_error) * outward : 0;
    k->off_abs_ub = n > 1 ? (off_abs + k->matrix_error) * outward : 0;
}

int sb_correlations_from_matrix(struct sb_correlations *k)
{
    const size_t n = (size_t)k->n;
    double lb, ub;
    int error = make_levels(k, n);

    find_largest(k, n);
    if (!error)
        error = sb_largest_eigenvalue(k->matrix, n, k->matrix_error, &lb, &ub);
    if (error)
        return error;
    k->lambda_lb = fmax(k->lambda_lb, lb);
    k->lambda_ub = fmin(k->lambda_ub, ub);
    return 0;
}

/* lambda_max <= |K|_F, and K is positive semidefinite: lambda_max <= tr K. */
void sb_correlations_close(struct sb_correlations *k)
{
    double squares = 0;

    for (size_t l = 0; l < k->n_levels; l++)
        squares += k->level[l].size * k->level[l].size * k->level[l].pairs;
    if (k->n_levels)
        k->lambda_ub = fmin(k->lambda_ub, sqrt(squares) * (1 + 0x1p-30));
    k->lambda_ub = fmin(k->lambda_ub, k->n * k->diagonal_ub * outward);
}

/* Levels on a grid */

double sb_level_grid_size(const struct sb_level_grid *grid, size_t k)
{
    return grid->top * exp2(-(double)k / 16) * (1 + 0x1p-40);
}

void sb_level_grid_add(struct sb_level_grid *grid, double size, double count)
{
    const double steps = size > 0 ? 16 * log2(grid->top / size) : SB_LEVELS_GRID;
    size_t k = steps > SB_LEVELS_GRID ? SB_LEVELS_GRID : steps > 0 ? (size_t)steps : 0;

    while (k > 0 && sb_level_grid_size(grid, k) < size)
        k--;
    grid->count[k] += count;
}

int sb_level_grid_give(const struct sb_level_grid *grid, struct sb_correlations *k)
{
    struct sb_correlation_level *level =
        SB_NEW_ARRAY(struct sb_correlation_level, SB_LEVELS_GRID + 1);

    if (!level)
        return -ENOMEM;
    free(k->level);
    k->level = level;
    k->n_levels = 0;
    for (size_t i = 0; i <= SB_LEVELS_GRID; i++)
        if (grid->count[i] > 0)
            level[k->n_levels++] =
                (struct sb_correlation_level){ sb_level_grid_size(grid, i), grid->count[i] };
    return 0;
}
