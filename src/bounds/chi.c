/* SPDX-License-Identifier: GPL-3.0-or-later */
/* chi as a power series in the overlap: the squares of A's Hermite coefficients, rounded up. A line has them up to 256.
 * Those above matter where two directions are next to parallel, and are found here for mixtures: of a Gaussian with
 * mean mu and variance s^2 they are
 *     H_k = E h_k(mu + s g),  sqrt(k+1) H_(k+1) = mu H_k - (1 - s^2) sqrt(k) H_(k-1),
 * from the generating function exp(mu z - (1 - s^2) z^2/2); a ramp is a mixture of Gaussians, integrated by panels of
 * Gauss-Legendre nodes. What the squares found do not use up of the line's tail2, the
 * sum of all from 257 on, is charged at the first order that is left. */
#include "bounds/overlap.h"

#include "base/memory.h"
#include "numeric/panels.h"

#include <errno.h>
#include <math.h>

static const double outward = 1 + 0x1p-50;

/* Panels of a ramp: so short that the rule of 20 nodes resolves h_k, k < SB_CHI_TERMS, which turns by sqrt(k) a unit. */
#define LONGEST_STEP 0.5 /* of the value */
#define LONGEST_PART 1.0 /* of z */

/* Of a coefficient that is found, far more than roundings make. */
#define ERROR 0x1p-40

struct node {
    double mean, weight, lost; /* lost: 1 - s^2 */
};
struct nodes {
    struct node *at;
    size_t n;
};

static double density(double z)
{
    return exp(-z * z / 2) * 0.39894228040143267794;
}

static bool is_gaussian(const struct sb_line_piece *piece)
{
    return !(fabs(piece->slope) > 0) || (isinf(piece->lo) && isinf(piece->hi));
}

static size_t n_panels(const struct sb_line_piece *piece)
{
    const double lo = fmax(piece->lo, -SB_PANEL_END), hi = fmin(piece->hi, SB_PANEL_END);
    const double step = fmin(LONGEST_PART, LONGEST_STEP / fabs(piece->slope));

    return is_gaussian(piece) || !(hi > lo) ? 0 : (size_t)ceil((hi - lo) / step);
}

static void add_gaussian(const struct sb_line_piece *piece, double noise, struct nodes *out)
{
    const double slope = isinf(piece->lo) ? piece->slope : 0;

    out->at[out->n++] =
        (struct node){ piece->offset, piece->mass, 1 - slope * slope - noise * noise };
}

static void add_ramp(const struct sb_line_piece *piece, double noise, struct nodes *out)
{
    const double lo = fmax(piece->lo, -SB_PANEL_END), hi = fmin(piece->hi, SB_PANEL_END);
    const size_t n = n_panels(piece);
    const double half = (hi - lo) / (2 * (double)n);

    for (size_t i = 0; i < n; i++)
        for (int j = 0; j < SB_RULE_NODES; j++) {
            const double z = lo + half * (2 * (double)i + 1 + sb_rule_node(j));

            out->at[out->n++] =
                (struct node){ piece->offset + piece->slope * z,
                               piece->weight * density(z) * half * sb_rule_weight(j),
                               1 - noise * noise };
        }
}

/* Of a symmetric law one side is enough, for even orders. */
static void fold(struct nodes *nodes)
{
    size_t n = 0;

    for (size_t i = 0; i < nodes->n; i++) {
        const struct node node = nodes->at[i];

        if (node.mean >= 0)
            nodes->at[n++] =
                (struct node){ node.mean, node.mean > 0 ? 2 * node.weight : node.weight,
                               node.lost };
    }
    nodes->n = n;
}

static int make_nodes(const struct sb_line *line, struct nodes *out)
{
    size_t most = 0;

    for (size_t i = 0; i < line->n_pieces; i++)
        most += is_gaussian(&line->piece[i]) ? 1 : n_panels(&line->piece[i]) * SB_RULE_NODES;
    out->n = 0;
    out->at = SB_NEW_ARRAY(struct node, most + 1);
    for (size_t i = 0; out->at && i < line->n_pieces; i++)
        (is_gaussian(&line->piece[i]) ? add_gaussian : add_ramp)(&line->piece[i], line->noise, out);
    if (out->at && line->symmetric)
        fold(out);
    return out->at ? 0 : -ENOMEM;
}

/* square[k] for k = first .. n-1, by the recurrence at all nodes. room: 2 n_nodes */
static void find_squares(const struct nodes *nodes, double *room, size_t first, size_t n,
                         double *square)
{
    double *before = room, *at = room + nodes->n;

    for (size_t i = 0; i < nodes->n; i++) {
        before[i] = 0;
        at[i] = 1;
    }
    for (size_t k = 0; k < n; k++) {
        const double down = sqrt((double)k), up = 1 / sqrt((double)k + 1);
        double sum = 0;

        for (size_t i = 0; i < nodes->n; i++) {
            const struct node *node = &nodes->at[i];
            const double next = (node->mean * at[i] - node->lost * down * before[i]) * up;

            sum += node->weight * at[i];
            before[i] = at[i];
            at[i] = next;
        }
        if (k >= first)
            square[k] = (fabs(sum) + ERROR) * (fabs(sum) + ERROR);
    }
}

/* Those from SB_LINE_COEFFICIENTS on, and the rest without them. */
static int find_more(struct sb_chi *chi, const struct sb_line *line)
{
    struct nodes nodes = { 0 };
    double *room SB_FREE = NULL, sum = 0;
    int error = make_nodes(line, &nodes);

    room = error ? NULL : SB_NEW_ARRAY(double, 2 * nodes.n + 1);
    error = room ? 0 : -ENOMEM;
    if (!error)
        find_squares(&nodes, room, chi->n, SB_CHI_TERMS, chi->square);
    free(nodes.at);
    for (size_t k = chi->n; !error && k < SB_CHI_TERMS; k++)
        sum += chi->square[k] *= line->symmetric && k % 2 ? 0 : 1;
    if (error || !(sum < INFINITY))
        return error;
    chi->n = SB_CHI_TERMS;
    chi->rest = fmax(0, (chi->rest - sum) + (chi->rest + sum) * SB_CHI_TERMS * 0x1p-52);
    return 0;
}

int sb_chi_init(struct sb_chi *chi, const struct sb_line *line, bool many)
{
    int error = 0;

    *chi = (struct sb_chi){ .n = SB_LINE_COEFFICIENTS, .rest = line->tail2 * outward };
    chi->square = SB_NEW_ARRAY(double, SB_CHI_TERMS);
    if (!chi->square)
        return -ENOMEM;
    for (size_t k = line->matched + 1; k < chi->n; k++) {
        const double c = fabs(line->coefficient[k]) + line->coefficient_error;

        if (!line->symmetric || k % 2 == 0)
            chi->square[k] = c * c * outward;
    }
    if (many && line->n_pieces)
        error = find_more(chi, line);
    if (error)
        sb_chi_fini(chi);
    return error;
}

void sb_chi_fini(struct sb_chi *chi)
{
    free(chi->square);
    chi->square = NULL;
}

double sb_chi_at(const struct sb_chi *chi, double t)
{
    const double size = fabs(t);
    double sum = chi->rest;

    for (size_t k = chi->n; k-- > 0;)
        sum = sum * size + chi->square[k];
    return sum * (1 + 4 * SB_CHI_TERMS * 0x1p-52);
}
