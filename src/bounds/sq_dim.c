/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The statistical query dimension: the largest d such that d members, their functions normalised
 * to 1, have pairwise correlations of at most 1/d in size. A greedy search finds such a set,
 * perhaps not the largest. Of a target drawn uniformly from that set Szorenyi's argument proves
 * a bound: a learner of the family learns the set, too. The definition of 1994 has 1/d^3 for
 * 1/d. [BFJ94; Szo09; docs/theorems.md C1] */
#include "bounds/bounds.h"

#include "base/memory.h"

#include <math.h>
#include <stdio.h>

/* Vertices are members; edges join those that are correlated too much. */
struct search {
    const struct sb_correlations *k;
    size_t n;
    double *scale;        /* n: 1/sqrt(K_ii), from above; infinity: not surely positive */
    size_t *degree, *set; /* n: neighbours left; chosen */
    unsigned char *left;  /* n */
};

/* |<f_i, f_j>| of the normalised functions, from above */
static double correlation(const struct search *s, size_t i, size_t j)
{
    return (fabs(s->k->matrix[i * s->n + j]) + s->k->matrix_error) * s->scale[i] * s->scale[j];
}

static void take_away(struct search *s, size_t i, double most)
{
    s->left[i] = 0;
    for (size_t j = 0; j < s->n; j++)
        s->degree[j] -= j != i && correlation(s, i, j) > most;
}

static size_t fewest_neighbours(const struct search *s)
{
    size_t least = s->n;

    for (size_t i = 0; i < s->n; i++)
        if (s->left[i] && (least == s->n || s->degree[i] < s->degree[least]))
            least = i;
    return least;
}

/* Chooses the member with the fewest neighbours left and drops these, again and again. */
static size_t independent(struct search *s, double most)
{
    size_t size = 0, i;

    for (i = 0; i < s->n; i++) {
        s->left[i] = s->scale[i] < INFINITY;
        s->degree[i] = 0;
        for (size_t j = 0; j < s->n; j++)
            s->degree[i] += j != i && correlation(s, i, j) > most;
    }
    while ((i = fewest_neighbours(s)) < s->n) {
        s->set[size++] = i;
        take_away(s, i, most);
        for (size_t j = 0; j < s->n; j++)
            if (s->left[j] && correlation(s, i, j) > most)
                take_away(s, j, most);
    }
    return size;
}

/* The largest d met with d members correlated by at most d^-power, the first d of set: 0 where no
 * member's K_ii is surely positive. */
static size_t dimension(struct search *s, double power)
{
    size_t lo = 0, hi = s->n + 1;

    while (hi - lo > 1) {
        const size_t d = lo + (hi - lo) / 2;

        if (independent(s, pow((double)d, -power) * (1 - 0x1p-50)) >= d)
            lo = d;
        else
            hi = d;
    }
    if (lo)
        independent(s, pow((double)lo, -power) * (1 - 0x1p-50));
    return lo;
}

/* What a query rules out of the first d of set, by the better of both forms. */
static double kill_of(const struct search *s, size_t d, double g)
{
    const double e = s->k->matrix_error;
    double beta = 0, most = 0, size = 0;

    for (size_t a = 0; a < d; a++) {
        const double *row = s->k->matrix + s->set[a] * s->n;

        beta = fmax(beta, row[s->set[a]] + e);
        for (size_t b = 0; b < d; b++)
            if (b != a) {
                most = fmax(most, row[s->set[b]] + e);
                size = fmax(size, fabs(row[s->set[b]]) + e);
            }
    }
    return fmin(2 * sb_bound_set_size(beta, most, g), sb_bound_set_size(beta, size, g));
}

static const char *prior(const struct sb_bound_setting *s)
{
    return s->null_is_hidden_half ? "null 1/2, a subset of nearly uncorrelated members uniform"
                                  : "uniform over a subset of nearly uncorrelated members";
}

static void search(struct search *s, const struct sb_bound_setting *setting, double g,
                   struct sb_measure *out)
{
    size_t cubed, d;

    for (size_t i = 0; i < s->n; i++) {
        const double least = s->k->matrix[i * s->n + i] - s->k->matrix_error;

        s->scale[i] = least > 0 ? 1 / sqrt(least) * (1 + 0x1p-50) : INFINITY;
    }
    cubed = dimension(s, 3);
    d = dimension(s, 1);
    if (d == 0) {
        snprintf(out->unmet, sizeof out->unmet, "no K_ii is surely positive");
        return;
    }
    out->value = out->n_targets = (double)d;
    out->prior = prior(setting);
    out->kill = kill_of(s, d, g);
    snprintf(out->constants, sizeof out->constants,
             "%zu members within 1/%zu of each other by greedy search; with 1/d^3: %zu", d, d,
             cubed);
    if (!(out->kill < INFINITY))
        snprintf(out->unmet, sizeof out->unmet,
                 "g = %g is not above the correlations of the %zu members found", g, d);
}

static void measure(const struct sb_bound_setting *setting, double g, struct sb_measure *out)
{
    const struct sb_correlations *k = setting->k;
    const size_t n = k->matrix ? (size_t)k->n : 0;
    double *scale SB_FREE = SB_NEW_ARRAY(double, n);
    size_t *degree SB_FREE = SB_NEW_ARRAY(size_t, n), *set SB_FREE = SB_NEW_ARRAY(size_t, n);
    unsigned char *left SB_FREE = SB_NEW_ARRAY(unsigned char, n);
    struct search s = { k, n, scale, degree, set, left };

    if (k->orthogonal && k->diagonal_ub > 0) {
        out->value = k->n;
        out->kill = sb_bound_set_size(k->diagonal_ub, 0, g);
        snprintf(out->constants, sizeof out->constants, "all members are uncorrelated");
    } else if (!k->matrix || !scale || !degree || !set || !left) {
        snprintf(out->unmet, sizeof out->unmet, "%s",
                 k->matrix ? "memory is short" : "the matrix of all K_ij is not known");
    } else {
        search(&s, setting, g, out);
    }
}

const struct sb_bound_class sb_bound_sq_dim = {
    .name = "sq-dim",
    .summary = "SQ-DIM from below, and what it proves of the members that witness it",
    .theorem = "[BFJ94; Szo09] on a subset, docs/theorems.md C1 and C2",
    .value_name = "SQ-DIM",
    .definition = "the largest d such that d members, normalised, have pairwise correlations of at "
                  "most 1/d",
    .regime = "g above the correlations of the members found",
    .measure = measure,
};
