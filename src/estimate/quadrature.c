/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Route: quadrature. x is standard Gaussian, and the query is a sum of terms each of which looks at one
 * projection <v,x> of it, and perhaps at the label: its expectation is a sum of integrals
 *     E e = int sum_l Pr[label l | <v,x> = |v| t] e(|v| t, l) phi(t) dt
 * on panels between the kinks of e and the law's cuts (numeric/panels.h).
 *
 * The half-width of a term of size s, |e| <= s: s 1e-12, for the rounding of nodes, densities, products
 * and sums (some 10 units in the last place of s, if all err to one side), for the mass beyond the panels
 * (1.5e-23 s), and for a law whose `given` is as good; and besides
 *   - the panels' error bound;
 *   - how far panels are from panels in two parts, label by label and in the end;
 *   - what kinks may be off by.
 * The function that is integrated is the one that evaluation computes. Nothing proves that it is as
 * smooth as the expression is, and `given` is taken at its word: hence the tag "estimated".
 *
 * What shows: whether the route applies, and how many panels there are before the law has its say, are
 * decided by the query alone. Then each of the law's cuts, wherever it lies, makes one panel more, so that the
 * time taken depends on how many cuts the law has, which a family does best to keep the same for all
 * members. How far the two differ under the law only goes into the half-width. */
#include "base/memory.h"
#include "estimate/estimate.h"
#include "estimate/opener.h"
#include "estimate/ridge.h"

#include <errno.h>
#include <string.h>

static const double rounding_share = 1e-12;
/* Of what was looked for and should not be there: more, and the query is sampled. */
static const double most_error = 2e-13;

/* One term: a function of t for each label. */
struct term {
    struct sb_ridge ridge;
    const struct sb_law *law;
    struct sb_panels panels;
    double *weight, *value; /* of one label; of all labels: for SB_PANEL_POINTS points */
};

static void term_fini(struct term *m)
{
    sb_ridge_fini(&m->ridge);
    sb_panels_fini(&m->panels);
    free(m->weight);
    free(m->value);
}

/* sum_l Pr[l | t] e(t, l) */
static int weighted_values(void *self, size_t n, const double *t, double *out)
{
    struct term *m = self;
    const int error = sb_ridge_values(&m->ridge, n, t, m->value);

    memset(out, 0, n * sizeof *out);
    for (uint32_t l = 0; l < m->ridge.n_labels && !error; l++) {
        m->law->class->given(m->law, m->ridge.unit, l, n, t, m->weight);
        for (size_t i = 0; i < n; i++)
            out[i] += m->weight[i] * m->value[l * n + i];
    }
    return error;
}

/* All of it that the query decides alone. */
static int term_open(struct term *m, const struct sb_estimate_task *task, sb_expr e)
{
    int r;

    *m = (struct term){ .law = task->law };
    r = sb_ridge_open(task->pool, e, task->fuse, &m->ridge);
    if (!r && m->ridge.projection.label && !task->law->class->given)
        r = 1;
    if (r)
        return r;
    m->weight = SB_NEW_ARRAY(double, SB_PANEL_POINTS);
    m->value = SB_NEW_ARRAY(double, (size_t)m->ridge.n_labels *SB_PANEL_POINTS);
    return m->weight && m->value ? 0 : -ENOMEM;
}

/* The panels, and *error_out: what was found on them that adds to the half-width. */
static int look(struct term *m, const struct sb_integrand *f, double *integrals, double *error_out)
{
    const struct sb_ridge *ridge = &m->ridge;
    double gap, off;
    int r = sb_panels_cut(f, ridge->kinks, ridge->n_kinks, &m->panels);

    if (!r)
        r = sb_panels_integrate(&m->panels, f, integrals, &gap);
    if (!r)
        r = sb_panels_kinks(&m->panels, f, ridge->kinks, ridge->n_kinks, &off);
    if (r)
        return r;
    *error_out = m->panels.error + gap + off;
    return *error_out <= most_error * f->size ? 0 : 1;
}

static int under_the_law(struct term *m, double size, double *integral, double *gap_out)
{
    const struct sb_law *law = m->law;
    const struct sb_integrand f = {
        .self = m, .n_values = 1, .size = size, .values = weighted_values
    };
    double cuts[SB_LAW_CUTS];
    const size_t n = law->class->cuts ? law->class->cuts(law, m->ridge.unit, cuts) : 0;
    const int error = sb_panels_add(&m->panels, cuts, n);

    return error ? error : sb_panels_integrate(&m->panels, &f, integral, gap_out);
}

static int integrate_term(struct term *m, double size, struct sb_ball *out)
{
    const struct sb_integrand f = { .self = &m->ridge,
                                    .n_values = m->ridge.n_labels,
                                    .size = size,
                                    .values = sb_ridge_values,
                                    .discs = sb_ridge_discs };
    double integrals[SB_PANEL_VALUES], error = 0, gap = 0;
    int r = look(m, &f, integrals, &error);

    if (!r && m->ridge.projection.label)
        r = under_the_law(m, size, integrals, &gap);
    if (!r)
        *out = (struct sb_ball){ integrals[0], size * rounding_share + error + gap };
    return r;
}

/* Terms */

static int is_term(void *self, sb_expr e)
{
    const struct sb_estimate_task *task = self;
    struct sb_projection p;
    const int r = sb_projection_find(task->pool, e, &p);

    if (!r)
        sb_projection_fini(&p);
    return r;
}

static int mean_of(void *self, sb_expr e, struct sb_ball *out)
{
    const struct sb_estimate_task *task = self;
    const double size = sb_expr_magnitude(task->pool, e);
    struct term m;
    int r = term_open(&m, task, e);

    if (!r)
        r = size <= 0x1p20 ? integrate_term(&m, size, out) : 1;
    term_fini(&m);
    return r;
}

int sb_estimate_quadrature(const struct sb_estimate_task *task, struct sb_estimate *out)
{
    struct sb_estimate_task own = *task;
    const struct sb_opener opener = { task->pool, &own, is_term, mean_of };
    struct sb_ball sum;
    double rounding;
    int r;

    if (sb_pool_space(task->pool)->domain != SB_GAUSS || !task->law->class ||
        !task->law->class->gaussian || task->law->moves_x)
        return 1;
    r = sb_opener_mean(&opener, task->expr, &sum, &rounding);
    if (!r && !(rounding <= most_error))
        r = 1;
    *out = (struct sb_estimate){ .value = sum.mid,
                                 .half_width = sum.rad + rounding,
                                 .method = SB_QUADRATURE };
    return r;
}
