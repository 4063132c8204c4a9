/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Terms of one projection, opened for panels. */
#include "estimate/ridge.h"

#include "base/memory.h"

#include <errno.h>

enum { MOST_LABELS = SB_PANEL_VALUES, MOST_KINKS = 1 << 12 };
_Static_assert(SB_PANEL_POINTS <= (int)SB_BLOCK, "points are evaluated as one block");

void sb_ridge_fini(struct sb_ridge *ridge)
{
    sb_program_free(ridge->program);
    sb_discs_free(ridge->discs);
    sb_pool_free(ridge->line);
    sb_projection_fini(&ridge->projection);
    free(ridge->kinks);
    free(ridge->unit);
}

int sb_ridge_values(void *self, size_t n, const double *t, double *out)
{
    struct sb_ridge *m = self;
    double x[SB_PANEL_POINTS];
    double *rows[MOST_LABELS];
    const double *column = x;
    const struct sb_block block = { .n = n, .dim = 1, .x = &column };

    for (size_t i = 0; i < n; i++)
        x[i] = m->projection.norm * t[i];
    for (uint32_t l = 0; l < m->n_labels; l++)
        rows[l] = out + l * n;
    sb_program_run_labels(m->program, &block, m->labels, m->n_labels, rows);
    return sb_fuse_blown(m->fuse) ? -ETIME : 0;
}

int sb_ridge_discs(void *self, size_t n, const double *t, const double *radius, double *out)
{
    struct sb_ridge *m = self;
    double x[SB_PANEL_POINTS], r[SB_PANEL_POINTS], found[SB_PANEL_POINTS];

    for (size_t i = 0; i < n; i++) {
        x[i] = m->projection.norm * t[i];
        r[i] = m->projection.norm * radius[i];
        out[i] = 0;
    }
    for (uint32_t l = 0; l < m->n_labels; l++) {
        sb_discs_run(m->discs, m->labels[l], n, x, r, found);
        for (size_t i = 0; i < n; i++)
            out[i] = found[i] > out[i] ? found[i] : out[i];
    }
    return sb_fuse_blown(m->fuse) ? -ETIME : 0;
}

/* Kinks */

static int merge(struct sb_ridge *m, const double *more, size_t n)
{
    double *all = SB_NEW_ARRAY(double, m->n_kinks + n);
    size_t i = 0, k = 0, n_all = 0;

    if (!all)
        return -ENOMEM;
    while (i < m->n_kinks || k < n) {
        const bool old = k == n || (i < m->n_kinks && m->kinks[i] <= more[k] / m->projection.norm);
        const double at = old ? m->kinks[i++] : more[k++] / m->projection.norm;

        if (!n_all || at > all[n_all - 1])
            all[n_all++] = at;
    }
    free(m->kinks);
    m->kinks = all;
    m->n_kinks = n_all;
    return n_all > MOST_KINKS ? 1 : 0;
}

static int find_kinks(struct sb_ridge *m)
{
    const double zero = 0;
    const sb_expr x = sb_pool_op(m->line, SB_X, &zero, 1, NULL, 0);
    int r = x ? 0 : -ENOMEM;

    for (uint32_t l = 0; l < m->n_labels && !r; l++) {
        double *at SB_FREE = NULL;
        size_t n = 0;

        r = sb_expr_kinks(m->line, m->e, x, m->projection.norm, m->labels[l], &at, &n);
        if (!r)
            r = merge(m, at, n);
    }
    return r;
}

static int make_unit(struct sb_ridge *m, uint32_t dim)
{
    m->unit = SB_NEW_ARRAY(double, dim);
    if (!m->unit)
        return -ENOMEM;
    for (uint32_t j = 0; j < dim; j++)
        m->unit[j] = m->projection.v[j] / m->projection.norm;
    return 0;
}

static int find(struct sb_ridge *m, const struct sb_pool *pool, sb_expr e)
{
    const struct sb_space *space = sb_pool_space(pool);
    int r = sb_projection_find(pool, e, &m->projection);

    if (!r && m->projection.label) {
        m->labels = space->labels;
        m->n_labels = (uint32_t)space->n_labels;
        r = space->n_labels && space->n_labels <= MOST_LABELS ? 0 : 1;
    }
    return r;
}

int sb_ridge_open(const struct sb_pool *pool, sb_expr e, const struct sb_fuse *fuse,
                  struct sb_ridge *out)
{
    static const double no_label[1] = { 0 };
    int r;

    *out = (struct sb_ridge){ .fuse = fuse, .labels = no_label, .n_labels = 1 };
    r = find(out, pool, e);
    if (!r)
        r = sb_projection_rewrite(pool, e, &out->projection, &out->line, &out->e);
    if (!r)
        r = find_kinks(out);
    if (!r)
        r = make_unit(out, sb_pool_space(pool)->dim);
    if (!r)
        r = sb_discs_new(out->line, out->e, &out->discs);
    if (r)
        return r;
    out->program = sb_program_new(out->line, out->e);
    return out->program ? 0 : -ENOMEM;
}
