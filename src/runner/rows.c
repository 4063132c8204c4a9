/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Labels and examples in rows. */
#include "runner/rows.h"

#include "base/memory.h"

#include <errno.h>

struct columns {
    double *values; /* owned: dim columns of n */
    double **x;     /* owned: where they begin */
};

static void columns_fini(struct columns *c)
{
    free(c->values);
    free(c->x);
}

/* None on the cube. fini in any case. */
static int columns_init(struct columns *c, bool cube, uint32_t dim, uint64_t n)
{
    *c = (struct columns){ 0 };
    if (cube)
        return 0;
    if (n > SIZE_MAX / sizeof(double) / dim)
        return -ENOMEM;
    c->x = SB_NEW_ARRAY(double *, dim);
    c->values = SB_NEW_ARRAY(double, n *dim);
    if (!c->x || !c->values)
        return -ENOMEM;
    for (uint32_t j = 0; j < dim; j++)
        c->x[j] = c->values + j * n;
    return 0;
}

int sb_rows_labels(struct sb_reduction *through, uint32_t dim, uint64_t n, const uint64_t *bits,
                   const double *x, double *y_out, struct sb_asked *out)
{
    struct sb_points points = { .bits = (uint64_t *)(uintptr_t)bits }; /* read only */
    struct columns columns;
    int error = columns_init(&columns, bits != NULL, dim, n);

    for (uint64_t i = 0; x && !error && i < n; i++)
        for (uint32_t j = 0; j < dim; j++)
            columns.x[j][i] = x[i * dim + j];
    points.x = columns.x;
    if (!error)
        error = sb_reduction_labels(through, n, &points, y_out, out);
    columns_fini(&columns);
    return error;
}

int sb_rows_samples(struct sb_reduction *through, uint32_t dim, uint64_t n, uint64_t *bits_out,
                    double *x_out, double *y_out, struct sb_asked *out)
{
    struct sb_points points = { .bits = bits_out };
    struct columns columns;
    int error = columns_init(&columns, bits_out != NULL, dim, n);

    points.x = columns.x;
    if (!error)
        error = sb_reduction_samples(through, n, &points, y_out, out);
    for (uint64_t i = 0; x_out && !error && out->status == SB_OK && i < n; i++)
        for (uint32_t j = 0; j < dim; j++)
            x_out[i * dim + j] = columns.x[j][i];
    columns_fini(&columns);
    return error;
}
