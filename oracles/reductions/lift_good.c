/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The good set of Theorem 2.3, coordinate by coordinate: G is a product set, so that z is drawn given G, and
 * Pr[G] and Pr[G | x] are products. A cell has mass 1/q; the half of S_k that lies in it has delta/q. */
#include "oracles/reductions/lift_internal.h"

static bool is_edge(const struct sb_lift *lift)
{
    return lift->setup.kind == SB_LIFT_COMPRESSED && lift->setup.profile == SB_LIFT_EDGE;
}

/* Of the last coordinate under edge, N2 in (1/(2d), 1/d): a piece of the ramp on either side of a boundary. */
struct piece {
    double from, to; /* empty: from = to */
    double mass;
};

static struct piece piece(const struct sb_lift *lift, double from, double to)
{
    double (*const cdf)(double) = lift->setup.marginal->cdf;

    /* relatively exact on the left: the law is symmetric */
    return (struct piece){ from, to, from < 0 ? cdf(to) - cdf(from) : cdf(-from) - cdf(-to) };
}

/* The piece below the boundary at the cell's upper end, and that above the one at its lower end. */
static void find_pieces(const struct sb_lift *lift, uint32_t cell, struct piece out[2])
{
    const double d = lift->setup.dim;

    out[0] = out[1] = (struct piece){ 0 };
    if (cell + 1 < lift->setup.q) {
        const struct sb_lift_boundary *b = &lift->boundary[cell];

        out[0] = piece(lift, b->sl + (b->rl - b->sl) / (2 * d), b->sl + (b->rl - b->sl) / d);
    }
    if (cell > 0) {
        const struct sb_lift_boundary *b = &lift->boundary[cell - 1];

        out[1] = piece(lift, b->sh - (b->sh - b->rh) / d, b->sh - (b->sh - b->rh) / (2 * d));
    }
}

double sb_lift_good_mass(const struct sb_lift *lift, uint32_t cell, bool last)
{
    const uint32_t q = lift->setup.q;
    struct piece p[2];

    if (!last || !is_edge(lift))
        return 1 - lift->setup.delta * ((cell > 0) + (cell + 1 < q));
    find_pieces(lift, cell, p);
    return (p[0].mass + p[1].mass) * q;
}

double sb_lift_good_probability(const struct sb_lift *lift)
{
    double mass[2] = { 0, 0 }, all = 1;

    for (int last = 0; last < 2; last++) {
        for (uint32_t c = 0; c < lift->setup.q; c++)
            mass[last] += sb_lift_good_mass(lift, c, last);
        mass[last] /= lift->setup.q;
    }
    for (uint32_t j = 0; j < lift->setup.dim; j++)
        all *= mass[j + 1 == lift->setup.dim];
    return all;
}

void sb_lift_good_masses(const struct sb_lift *lift, const struct sb_lift_cells_room *cells,
                         uint64_t n, double *out)
{
    for (uint64_t i = 0; i < n; i++)
        out[i] = 1;
    for (uint32_t j = 0; j < lift->setup.dim; j++)
        for (uint64_t i = 0; i < n; i++)
            out[i] *=
                sb_lift_good_mass(lift, (uint32_t)cells->column[j][i], j + 1 == lift->setup.dim);
}

/* Outside all S_k: in the cell without delta/q at each end that is a boundary. The right half of the line is
 * the left one mirrored. */
static double clear_of_ramps(const struct sb_lift *lift, uint32_t cell, double u)
{
    const uint32_t q = lift->setup.q;
    const bool mirror = 2 * cell >= q;
    const uint32_t c = mirror ? q - 1 - cell : cell;
    const double below = c > 0 ? lift->setup.delta : 0;
    const double above = c + 1 < q ? lift->setup.delta : 0;
    const double p = (c + below + (1 - below - above) * (u + 0x1p-54)) / q;
    double z;

    lift->setup.marginal->quantile(1, &p, &z);
    return mirror ? -z : z;
}

static double within(const struct sb_lift *lift, const struct piece *p, double u)
{
    double (*const cdf)(double) = lift->setup.marginal->cdf;
    const double start = p->from < 0 ? cdf(p->from) : cdf(-p->to), at = start + p->mass * u;
    double z;

    lift->setup.marginal->quantile(1, &at, &z);
    z = p->from < 0 ? z : -z;
    return z < p->from ? p->from : z > p->to ? p->to : z;
}

static double in_ramp(const struct sb_lift *lift, uint32_t cell, double u)
{
    struct piece p[2];
    double first;

    find_pieces(lift, cell, p);
    first = p[0].mass / (p[0].mass + p[1].mass);
    return u < first ? within(lift, &p[0], u / first)
                     : within(lift, &p[1], (u - first) / (1 - first));
}

void sb_lift_good_column(const struct sb_lift *lift, const double *cell, bool last, uint64_t n,
                         const double *u, double *z)
{
    for (uint64_t i = 0; i < n; i++)
        z[i] = (last && is_edge(lift) ? in_ramp : clear_of_ramps)(lift, (uint32_t)cell[i], u[i]);
}

double sb_lift_good_scale(const struct sb_lift *lift)
{
    return is_edge(lift) ? 2.0 * lift->setup.dim : 1;
}
