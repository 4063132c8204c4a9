/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Correlations of families that are too large to go through: from pairs of members drawn at random, from
 * points drawn at random, or both. Keys are public and fixed, so that the same family gives the same
 * numbers. All statements hold together but with probability SB_CORRELATIONS_FAILURE over the draws.
 *
 * Pairs: m ordered pairs i != j, and thresholds s_k that are fixed before. If a share q of all pairs is
 * above s_k, and c of those drawn, then m KL(c/m, q) <= ln(1/delta), c/m <= q, but for probability delta
 * (Chernoff): q is at most the largest number for which that holds. The thresholds share delta.
 *
 * Points: K_ij is the mean of sum_l w_i w_j / w_0 - 1, which lies in [-1, 1/r - 1] where r is the null's
 * least weight: M points give it to (1/r) sqrt(ln(2P/delta) / 2M), P pairs together [Hoeffding63]. Of members that
 * move x (estimate/law.h) it is the mean of <v_i, v_j>, v = (w_i - w_0) / sqrt(w_0) in l, which lies in [1 - 2W, W^2/r + 1]
 * where weights sum to at most W, of length D; E <v_i, v_j>^2 <= D sqrt(K_ii K_jj), and K_ii <= E w^2 / r - 1: M points
 * give it to sqrt(2 D max K_ii L / M) + 2 D L / (3 M), L = ln(2P/delta), by Bernstein's inequality [BLM13]. */
#include "bounds/correlate_parts.h"

#include "base/memory.h"

#include <errno.h>
#include <math.h>

enum {
    MOST_PAIRS = 1 << 18,
    LEAST_PAIRS = 1 << 10,
    POINT_PAIRS = 1 << 10, /* drawn where each costs a mean over points ... */
    GROUP = 64,            /* ... members of so many pairs at a time */
    MOST_POINTS = 1 << 18
};

static void draw_pair(struct sb_key key, uint64_t t, uint64_t n, uint64_t *i_out, uint64_t *j_out)
{
    *i_out = sb_random_below(key, 2 * t, n);
    *j_out = sb_random_below(key, 2 * t + 1, n - 1);
    *j_out += *j_out >= *i_out;
}

/* The largest q >= c/m with m KL(c/m, q) <= l, rounded up. */
static double share_ub(double c, double m, double l)
{
    const double p = c / m;
    double low = p, high = 1;

    if (c >= m)
        return 1;
    for (int step = 0; step < 60; step++) {
        const double q = (low + high) / 2;
        const double kl = (c > 0 ? p * log(p / q) : 0) + (1 - p) * log((1 - p) / (1 - q));

        if (m * kl <= l * (1 + 0x1p-40))
            low = q;
        else
            high = q;
    }
    return high;
}

/* From what was drawn of m pairs to what holds of all, and the diagonal apart. */
static int conclude(struct sb_level_grid *grid, double m, double delta, struct sb_correlations *out)
{
    const double n = out->n, l = log(SB_LEVELS_GRID / delta);
    double seen = 0, share = 0;

    for (size_t k = 0; k <= SB_LEVELS_GRID; k++) {
        double next;

        seen += grid->count[k];
        next = k < SB_LEVELS_GRID ? fmax(share, share_ub(seen, m, l)) : 1;
        grid->count[k] = (next - share) * n * (n - 1);
        share = next;
    }
    grid->count[0] += n;
    out->how = "certified sample";
    out->failure = SB_CORRELATIONS_FAILURE;
    out->diagonal_ub = fmin(out->diagonal_ub, grid->top);
    out->off_ub = fmin(out->off_ub, out->diagonal_ub);
    out->off_abs_ub = fmin(out->off_abs_ub, out->diagonal_ub);
    return sb_level_grid_give(grid, out);
}

/* The null's least weight where its labels do not depend on x; else 0. */
static double known_least_null(const struct sb_family *family)
{
    struct sb_law null;

    family->null_law(family, &null);
    if (null.class || fabs(null.beta[0]) > 0 || fabs(null.beta[1]) > 0)
        return 0;
    return fmin(null.alpha[0], null.alpha[1]);
}

/* E w^2 of the members at most, w the sum of the weights: 1 where they are probabilities. */
static double weight_square_of(const struct sb_family *family)
{
    struct sb_law null;

    family->null_law(family, &null);
    return null.moves_x ? sb_law_weight_square(&null) : 1;
}

/* K_ii <= E w^2 / r - 1, K_ii <= lambda_max(K), and |K_ij| <= max K_ii. */
static double largest(const struct sb_correlations *k, double least_null, double weight_square)
{
    const double by_null =
        least_null > 0 ? (weight_square / least_null - 1) * (1 + 0x1p-40) : INFINITY;

    return fmin(fmin(k->diagonal_ub, k->lambda_ub), by_null);
}

/* The same, and every K_ii where these are no more than `most` are. */
static double largest_of_pairs(struct sb_pairs *pairs, const struct sb_correlations *k,
                               uint64_t most)
{
    const double known =
        largest(k, known_least_null(pairs->family), weight_square_of(pairs->family));
    double seen = 0;

    if (pairs->family->n_members > most)
        return known;
    for (uint64_t i = 0; i < pairs->family->n_members; i++) {
        const double v = pairs->at(pairs, i, i);

        if (!isfinite(v))
            return known;
        seen = fmax(seen, v);
    }
    return fmin(known, seen + 2 * pairs->error);
}

int sb_correlations_of_drawn_pairs(struct sb_pairs *pairs, struct sb_correlations *out)
{
    const struct sb_key key = sb_key_derive("correlation pairs", "", 0);
    const uint64_t affordable = (UINT64_C(1) << 22) / pairs->family->space.dim;
    const uint64_t m = affordable > MOST_PAIRS    ? MOST_PAIRS
                       : affordable < LEAST_PAIRS ? LEAST_PAIRS
                                                  : affordable;
    struct sb_level_grid *grid SB_FREE = SB_NEW(struct sb_level_grid);

    if (!grid)
        return -ENOMEM;
    grid->top = largest_of_pairs(pairs, out, m);
    if (!(grid->top < INFINITY)) {
        out->unknown = "nothing bounds the largest of the correlations, which are too many to be "
                       "gone through: the family can state lambda_max or diagonal";
        return 0;
    }
    for (uint64_t t = 0; t < m; t++) {
        uint64_t i, j;
        double k;

        draw_pair(key, t, pairs->family->n_members, &i, &j);
        k = pairs->at(pairs, i, j);
        if (!isfinite(k)) {
            out->unknown = SB_CORRELATION_INFINITE;
            return 0;
        }
        sb_level_grid_add(grid, fabs(k) + pairs->error, 1);
    }
    out->samples = m;
    return conclude(grid, (double)m, SB_CORRELATIONS_FAILURE, out);
}

/* Points */

static double half_width(const struct sb_family *family, double least_null, double n_pairs,
                         double n_points, double delta)
{
    const double needed = log(2 * n_pairs / delta);
    struct sb_law null;
    double range, variance;

    family->null_law(family, &null);
    if (!null.moves_x)
        return sqrt(needed / (2 * n_points)) / least_null * (1 + 0x1p-30);
    range = null.most_weight * (null.most_weight / least_null + 2);
    variance = range * sb_law_weight_square(&null) / least_null;
    return (sqrt(2 * variance * needed / n_points) + 2 * range * needed / (3 * n_points)) *
           (1 + 0x1p-30);
}

/* The null's least weight after points were seen; 0, and out->unknown: it cannot be known. */
static double judge_null(const struct sb_gram *gram, struct sb_correlations *out)
{
    const double least = known_least_null(gram->family);

    if (gram->infinite)
        out->unknown = SB_CORRELATION_INFINITE;
    else if (!(least > 0) && !gram->null_is_constant)
        out->unknown = "the null's label weights depend on x, and nothing says how small they get "
                       "(its law is not in product form)";
    if (out->unknown)
        return 0;
    return least > 0 ? least : gram->least_null;
}

/* So many points that neither weights nor products take more than seconds. */
static uint64_t affordable_points(const struct sb_family *family, double n_members, double n_groups)
{
    const double products = 0x1p32 / (n_members * n_members * n_groups);
    const double weights = 0x1p30 / (n_members * n_groups * family->space.dim);
    double n = fmin(fmin(products, weights), MOST_POINTS);

    n = fmax(n, SB_BLOCK);
    return (uint64_t)n / SB_BLOCK * SB_BLOCK;
}

int sb_correlations_of_drawn_points(const struct sb_family *family, struct sb_correlations *out)
{
    struct sb_gram gram = { .family = family,
                            .m = (size_t)out->n,
                            .n_points = affordable_points(family, out->n, 1) };
    double least;
    int error;

    out->matrix = gram.K = SB_NEW_ARRAY(double, gram.m *gram.m);
    error = gram.K ? sb_gram_compute(&gram) : -ENOMEM;
    if (error)
        return error;
    least = judge_null(&gram, out);
    if (!(least > 0))
        return 0;
    out->how = "certified sample";
    out->failure = SB_CORRELATIONS_FAILURE;
    out->samples = gram.n_points;
    out->matrix_error = gram.error + half_width(family, least, out->n * (out->n + 1) / 2,
                                                (double)gram.n_points, SB_CORRELATIONS_FAILURE);
    return sb_correlations_from_matrix(out);
}

/* The pairs of one group, GROUP / 2 of them: their members' whole Gram matrix is made for them. */
static int add_group(struct sb_gram *gram, uint64_t first, struct sb_level_grid *grid,
                     struct sb_correlations *out)
{
    const struct sb_key key = sb_key_derive("correlation pairs", "", 0);
    uint64_t member[GROUP];
    double least;
    int error;

    for (size_t p = 0; p < GROUP / 2; p++)
        draw_pair(key, first + p, gram->family->n_members, &member[2 * p], &member[2 * p + 1]);
    gram->member = member;
    error = sb_gram_compute(gram);
    gram->member = NULL;
    least = error ? 0 : judge_null(gram, out);
    if (!(least > 0))
        return error;
    grid->top = largest(out, least, weight_square_of(gram->family));
    for (size_t p = 0; p < GROUP / 2; p++)
        sb_level_grid_add(grid,
                          fabs(gram->K[2 * p * GROUP + 2 * p + 1]) + gram->error +
                              half_width(gram->family, least, POINT_PAIRS, (double)gram->n_points,
                                         SB_CORRELATIONS_FAILURE / 2),
                          1);
    return 0;
}

int sb_correlations_of_drawn_pairs_and_points(const struct sb_family *family,
                                              struct sb_correlations *out)
{
    double *K SB_FREE = SB_NEW_ARRAY(double, GROUP *GROUP);
    struct sb_level_grid *grid SB_FREE = SB_NEW(struct sb_level_grid);
    struct sb_gram gram = { .family = family,
                            .m = GROUP,
                            .K = K,
                            .n_points =
                                affordable_points(family, GROUP, 2.0 * POINT_PAIRS / GROUP) };
    int error = K && grid ? 0 : -ENOMEM;

    for (uint64_t p = 0; !error && !out->unknown && p < POINT_PAIRS; p += GROUP / 2)
        error = add_group(&gram, p, grid, out);
    if (error || out->unknown)
        return error;
    out->samples = gram.n_points;
    return conclude(grid, POINT_PAIRS, SB_CORRELATIONS_FAILURE / 2, out);
}
