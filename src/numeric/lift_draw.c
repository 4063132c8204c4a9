/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Points given the cells of their coordinates. */
#include "numeric/lift.h"

#include <math.h>

enum { MOST_POINTS = 1024 };

/* A double after b, the next or the one behind it. */
static double after(double b)
{
    int exponent;

    if (b == 0)
        return 0x1p-1022;
    frexp(b, &exponent);
    return b + ldexp(1, exponent - 53);
}

/* U is the centre of one of 2^52 equal cells, so that 1 - U is one, too. The upper half of the line is the
 * lower one mirrored; a value that rounding took out of its cell is put back to the cell's end. */
static void draw_column(const struct sb_lift *lift, const double *cell, uint64_t n, double *z)
{
    const uint32_t q = lift->setup.q;
    bool mirror[MOST_POINTS];

    for (uint64_t i = 0; i < n; i++) {
        const double u = (floor(z[i] * 0x1p52) + 0.5) * 0x1p-52;

        mirror[i] = 2 * (cell[i] + u) > q;
        z[i] = mirror[i] ? ((q - 1 - cell[i]) + (1 - u)) / q : (cell[i] + u) / q;
    }
    lift->setup.marginal->quantile(n, z, z);
    for (uint64_t i = 0; i < n; i++) {
        const uint32_t c = (uint32_t)cell[i];

        if (mirror[i])
            z[i] = -z[i];
        if (c > 0 && !(z[i] > lift->boundary[c - 1].b))
            z[i] = after(lift->boundary[c - 1].b);
        if (c < q - 1 && z[i] > lift->boundary[c].b)
            z[i] = lift->boundary[c].b;
    }
}

/* q = 2: the cells are the two signs, and given its sign |z| has the law of any draw's size. Several times as fast
 * as a quantile. */
static void fold_column(const double *cell, uint64_t n, double *z)
{
    for (uint64_t i = 0; i < n; i++) {
        const double size = z[i] < 0 ? -z[i] : z[i];

        z[i] = cell[i] > 0 ? size > 0 ? size : after(0) : -size;
    }
}

void sb_lift_draw(const struct sb_lift *lift, struct sb_key key, uint64_t stream, uint64_t start,
                  uint64_t n, const double *const *cell, double *const *z)
{
    const struct sb_marginal *marginal = lift->setup.marginal;

    for (uint32_t j = 0; j < lift->setup.dim; j++) {
        const uint64_t own = stream * SB_LIFT_MOST_COORDINATES + j;

        if (lift->setup.q == 2) {
            marginal->draw(key, own, start, n, z[j]);
            fold_column(cell[j], n, z[j]);
        } else {
            sb_random_uniform(key, own, start, n, z[j]);
            draw_column(lift, cell[j], n, z[j]);
        }
    }
}
