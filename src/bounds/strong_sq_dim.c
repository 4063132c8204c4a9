/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The strong statistical query dimension, which speaks of learning to any accuracy: for a
 * reference psi, how many directions it takes to see every member that is not near psi. Here psi
 * is 0 and the family's mean, u = f - psi, tau = sqrt(g): a greedy cover by the family's own
 * directions takes a u of length above tau that no u' chosen before sees, |<u, u'/|u'|>| >= tau,
 * until there is none. The supremum over all psi is out of reach, and a cover by other
 * directions may be smaller: an estimate, no bound is made of it. [Simon07; Szo09; Feldman12;
 * docs/theorems.md C8] */
#include "bounds/bounds.h"

#include "base/memory.h"

#include <math.h>
#include <stdio.h>

struct centred {
    const double *matrix; /* n x n */
    const double *row;    /* n: means of rows; NULL: psi = 0 */
    double mean;          /* of all */
    size_t n;
};

/* <f_i - psi, f_j - psi> */
static double product(const struct centred *c, size_t i, size_t j)
{
    const double k = c->matrix[i * c->n + j];

    return c->row ? k - c->row[i] - c->row[j] + c->mean : k;
}

/* seen: n, zeroed */
static size_t cover(const struct centred *c, double g, unsigned char *seen)
{
    size_t size = 0;

    for (size_t i = 0; i < c->n; i++) {
        const double length_sq = product(c, i, i);

        if (seen[i] || !(length_sq > g))
            continue;
        size++;
        for (size_t j = i + 1; j < c->n; j++) {
            const double p = product(c, i, j);

            seen[j] |= p * p >= g * length_sq;
        }
    }
    return size;
}

static void find_means(struct centred *c, double *row)
{
    const double n = (double)c->n;

    for (size_t i = 0; i < c->n; i++) {
        for (size_t j = 0; j < c->n; j++)
            row[i] += c->matrix[i * c->n + j] / n;
        c->mean += row[i] / n;
    }
    c->row = row;
}

static void measure(const struct sb_bound_setting *s, double g, struct sb_measure *out)
{
    const struct sb_correlations *k = s->k;
    const size_t n = k->matrix ? (size_t)k->n : 0;
    double *row SB_FREE = SB_NEW_ARRAY(double, n), zero, mean;
    unsigned char *seen SB_FREE = SB_NEW_ARRAY(unsigned char, n);
    unsigned char *again SB_FREE = SB_NEW_ARRAY(unsigned char, n);
    struct centred c = { .matrix = k->matrix, .n = n };

    out->estimate = true;
    if (!k->orthogonal && (!k->matrix || !row || !seen || !again)) {
        snprintf(out->unmet, sizeof out->unmet, "%s",
                 k->matrix ? "memory is short" : "the matrix of all K_ij is not known");
        return;
    }
    if (k->orthogonal) { /* <u, u'> is 0, and -c/n where psi is the mean */
        zero = k->diagonal_ub > g ? k->n : 0;
        mean = k->diagonal_ub * (1 - 1 / k->n) <= g      ? 0
               : k->diagonal_ub >= g * k->n * (k->n - 1) ? 1
                                                         : k->n;
    } else {
        zero = (double)cover(&c, g, seen);
        find_means(&c, row);
        mean = (double)cover(&c, g, again);
    }
    out->value = fmax(zero, mean);
    snprintf(out->constants, sizeof out->constants,
             "greedy covers at tau = %g: %g members at psi = 0, %g at psi = the family's mean",
             sqrt(g), zero, mean);
}

const struct sb_bound_class sb_bound_strong_sq_dim = {
    .name = "strong-sq-dim",
    .summary = "strong SQ dimension, estimated by greedy covers of f - psi",
    .theorem = "[Simon07; Szo09; Feldman12], docs/theorems.md C8",
    .value_name = "strong SQ-DIM at two psi",
    .definition = "the fewest directions such that every f further than tau from psi has a "
                  "correlation of at least tau with one of them, at psi = 0 or the family's mean; "
                  "the dimension is its supremum over all psi",
    .regime = "an estimate by greedy covers at psi = 0 and at the family's mean",
    .measure = measure,
};
