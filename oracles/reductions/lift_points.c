/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Points z given x. */
#include "oracles/reductions/lift_internal.h"

#include "base/memory.h"

#include <errno.h>

int sb_lift_cells_room_init(struct sb_lift_cells_room *cells, uint32_t dim)
{
    cells->column = SB_NEW_ARRAY(double *, dim);
    if (!cells->column)
        return -ENOMEM;
    cells->column[0] = SB_NEW_ARRAY(double, (size_t)dim *SB_BLOCK);
    if (!cells->column[0])
        return -ENOMEM;
    for (uint32_t j = 1; j < dim; j++)
        cells->column[j] = cells->column[0] + (size_t)j * SB_BLOCK;
    return 0;
}

void sb_lift_cells_room_fini(struct sb_lift_cells_room *cells)
{
    if (cells->column)
        free(cells->column[0]);
    free(cells->column);
}

void sb_lift_cells_of(struct sb_lift_cells_room *cells, const struct sb_block *x)
{
    for (uint32_t j = 0; j < x->dim; j++)
        for (uint64_t i = 0; i < x->n; i++)
            cells->column[j][i] = x->bits ? (double)(x->bits[i] >> j & 1) : x->x[j][i];
}

/* Coordinates behind the lifted ones, which no label looks at; streams that sb_lift_draw does not use. */
static void pad(const struct sb_lift_stream *s, uint64_t start, uint64_t n, double *const *z)
{
    const uint32_t d = s->lift->setup.dim;
    const struct sb_key key = { { s->key.v[0], ~s->key.v[1] } };

    for (uint32_t j = d; j < s->dim; j++)
        s->lift->setup.marginal->draw(key, s->stream * (s->dim - d) + (j - d), start, n, z[j]);
}

void sb_lift_points(const struct sb_lift_stream *s, uint64_t start, uint64_t n,
                    const struct sb_lift_cells_room *cells, double *const *z)
{
    sb_lift_draw(s->lift, s->key, s->stream, start, n, (const double *const *)cells->column, z);
    pad(s, start, n, z);
}

void sb_lift_good_points(const struct sb_lift_stream *s, uint64_t start, uint64_t n,
                         const struct sb_lift_cells_room *cells, double *const *z)
{
    const uint32_t d = s->lift->setup.dim;

    for (uint32_t j = 0; j < d; j++) {
        sb_random_uniform(s->key, s->stream * d + j, start, n, z[j]);
        sb_lift_good_column(s->lift, cells->column[j], j + 1 == d, n, z[j], z[j]);
    }
    pad(s, start, n, z);
}
