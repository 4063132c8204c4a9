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
#include "estimate/projection.h"
#include "numeric/ball.h"
#include "numeric/panels.h"
#include "query/eval.h"
#include "query/reason.h"

#include <errno.h>
#include <math.h>
#include <string.h>

enum { MOST_LABELS = SB_PANEL_VALUES, MOST_STEPS = 256, MOST_KINKS = 1 << 12 };
_Static_assert(SB_PANEL_POINTS <= (int)SB_BLOCK, "points are evaluated as one block");

static const double rounding_share = 1e-12;
/* Of what was looked for and should not be there: more, and the query is sampled. */
static const double most_error = 2e-13;

/* One term: a function of t for each label. */
struct term {
    const struct sb_estimate_task *task;
    struct sb_projection projection;
    struct sb_pool *line; /* the pool over one coordinate, <v,x> */
    sb_expr e;            /* there */
    struct sb_program *program;
    struct sb_discs *discs;
    const double *labels; /* that e is looked at with; one that does not matter, where e has none */
    uint32_t n_labels;
    double *kinks; /* of all labels, increasing, in t */
    size_t n_kinks;
    struct sb_panels panels;
    double *unit;           /* v/|v| */
    double *weight, *value; /* of one label; of all labels: for SB_PANEL_POINTS points */
};

static void term_fini(struct term *m)
{
    sb_program_free(m->program);
    sb_discs_free(m->discs);
    sb_pool_free(m->line);
    sb_projection_fini(&m->projection);
    sb_panels_fini(&m->panels);
    free(m->kinks);
    free(m->unit);
    free(m->weight);
    free(m->value);
}

/* e at t, label by label. */
static int values(void *self, size_t n, const double *t, double *out)
{
    struct term *m = self;
    double x[SB_PANEL_POINTS];
    double *rows[MOST_LABELS];
    const double *column = x;
    const struct sb_block block = { .n = n, .dim = 1, .x = &column };

    for (size_t i = 0; i < n; i++)
        x[i] = m->projection.norm * t[i];
    for (uint32_t l = 0; l < m->n_labels; l++)
        rows[l] = out + l * n;
    sb_program_run_labels(m->program, &block, m->labels, m->n_labels, rows);
    return sb_fuse_blown(m->task->fuse) ? -ETIME : 0;
}

static int discs(void *self, size_t n, const double *t, const double *radius, double *out)
{
    struct term *m = self;
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
    return sb_fuse_blown(m->task->fuse) ? -ETIME : 0;
}

/* sum_l Pr[l | t] e(t, l) */
static int weighted_values(void *self, size_t n, const double *t, double *out)
{
    struct term *m = self;
    const struct sb_law *law = m->task->law;
    const int error = values(m, n, t, m->value);

    memset(out, 0, n * sizeof *out);
    for (uint32_t l = 0; l < m->n_labels && !error; l++) {
        law->class->given(law, m->unit, l, n, t, m->weight);
        for (size_t i = 0; i < n; i++)
            out[i] += m->weight[i] * m->value[l * n + i];
    }
    return error;
}

/* Kinks */

static int merge(struct term *m, const double *more, size_t n)
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

static int find_kinks(struct term *m)
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

/* One term's integral */

static bool answers(const struct term *m)
{
    const struct sb_space *space = sb_pool_space(m->task->pool);

    return !m->projection.label ||
           (m->task->law->class->given && space->n_labels && space->n_labels <= MOST_LABELS);
}

static int make_unit(struct term *m, uint32_t dim)
{
    m->unit = SB_NEW_ARRAY(double, dim);
    if (!m->unit)
        return -ENOMEM;
    for (uint32_t j = 0; j < dim; j++)
        m->unit[j] = m->projection.v[j] / m->projection.norm;
    return 0;
}

/* All of it that the query decides alone. */
static int term_open(struct term *m, const struct sb_estimate_task *task, sb_expr e)
{
    static const double no_label[1] = { 0 };
    const struct sb_space *space = sb_pool_space(task->pool);
    int r;

    *m = (struct term){ .task = task, .labels = no_label, .n_labels = 1 };
    r = sb_projection_find(task->pool, e, &m->projection);
    if (r || !answers(m))
        return r ? r : 1;
    if (m->projection.label) {
        m->labels = space->labels;
        m->n_labels = (uint32_t)space->n_labels;
    }
    r = sb_projection_rewrite(task->pool, e, &m->projection, &m->line, &m->e);
    if (!r)
        r = find_kinks(m);
    if (!r)
        r = make_unit(m, space->dim);
    if (!r)
        r = sb_discs_new(m->line, m->e, &m->discs);
    if (r)
        return r;
    m->program = sb_program_new(m->line, m->e);
    m->weight = SB_NEW_ARRAY(double, SB_PANEL_POINTS);
    m->value = SB_NEW_ARRAY(double, (size_t)m->n_labels *SB_PANEL_POINTS);
    return m->program && m->weight && m->value ? 0 : -ENOMEM;
}

/* The panels, and *error_out: what was found on them that adds to the half-width. */
static int look(struct term *m, const struct sb_integrand *f, double *integrals, double *error_out)
{
    double gap, off;
    int r = sb_panels_cut(f, m->kinks, m->n_kinks, &m->panels);

    if (!r)
        r = sb_panels_integrate(&m->panels, f, integrals, &gap);
    if (!r)
        r = sb_panels_kinks(&m->panels, f, m->kinks, m->n_kinks, &off);
    if (r)
        return r;
    *error_out = m->panels.error + gap + off;
    return *error_out <= most_error * f->size ? 0 : 1;
}

static int under_the_law(struct term *m, double size, double *integral, double *gap_out)
{
    const struct sb_law *law = m->task->law;
    const struct sb_integrand f = {
        .self = m, .n_values = 1, .size = size, .values = weighted_values
    };
    double cuts[SB_LAW_CUTS];
    const size_t n = law->class->cuts ? law->class->cuts(law, m->unit, cuts) : 0;
    const int error = sb_panels_add(&m->panels, cuts, n);

    return error ? error : sb_panels_integrate(&m->panels, &f, integral, gap_out);
}

static int integrate_term(struct term *m, double size, struct sb_ball *out)
{
    const struct sb_integrand f = {
        .self = m, .n_values = m->n_labels, .size = size, .values = values, .discs = discs
    };
    double integrals[MOST_LABELS], error = 0, gap = 0;
    int r = look(m, &f, integrals, &error);

    if (!r && m->projection.label)
        r = under_the_law(m, size, integrals, &gap);
    if (!r)
        *out = (struct sb_ball){ integrals[0], size * rounding_share + error + gap };
    return r;
}

/* Terms */

static double magnitude(const struct sb_pool *pool, sb_expr e)
{
    const struct sb_interval range = sb_expr_range(pool, e);

    return range.hi > -range.lo ? range.hi : -range.lo;
}

static int mean_of(const struct sb_estimate_task *task, sb_expr e, struct sb_ball *out)
{
    const double size = magnitude(task->pool, e);
    struct term m;
    int r = term_open(&m, task, e);

    if (!r)
        r = size <= 0x1p20 ? integrate_term(&m, size, out) : 1;
    term_fini(&m);
    return r;
}

/* The sum so far, and the part of the expression that is being opened: coef * label * part. */
struct opening {
    const struct sb_estimate_task *task;
    struct sb_ball sum;
    double rounding; /* how far the expression as computed can be from the sum of the terms */
    int steps;
};
struct part {
    struct sb_ball coef;
    sb_expr label; /* a function of the label alone; 0: 1 */
    double size;   /* of coef * label, at most */
    sb_expr e;
};

static int open_part(struct opening *o, struct part part);

/* An operation that was rounded and is exact in the sum. */
static void charge(struct opening *o, const struct part *part)
{
    o->rounding += 1.0001 * 0x1p-53 * part->size * magnitude(o->task->pool, part->e) + 0x1p-1000;
}

static int close_part(struct opening *o, const struct part *part)
{
    const sb_expr pair[2] = { part->label, part->e };
    struct sb_ball mean;
    sb_expr e = part->e;
    int r;

    if (part->label) {
        charge(o, part);
        e = sb_pool_op(o->task->pool, SB_MUL, NULL, 0, pair, 2);
    }
    if (!e)
        return 1;
    r = mean_of(o->task, e, &mean);
    if (!r)
        o->sum = sb_ball_add(o->sum, sb_ball_mul(part->coef, mean));
    return r;
}

static struct part scaled(struct part part, double c, sb_expr e)
{
    part.coef = sb_ball_mul(part.coef, sb_ball_of(c));
    part.size *= fabs(c);
    part.e = e;
    return part;
}

static int open_product(struct opening *o, struct part part, const sb_expr *arg, int k)
{
    const struct sb_node *c = sb_pool_node(o->task->pool, arg[k]);
    struct sb_projection p;
    int r;

    if (c->op == SB_CONST)
        return open_part(o, scaled(part, c->num[0], arg[1 - k]));
    r = sb_projection_find(o->task->pool, arg[k], &p);
    if (r)
        return r;
    sb_projection_fini(&p);
    if (p.x)
        return 1;
    part.size *= magnitude(o->task->pool, arg[k]);
    if (part.label) {
        const sb_expr pair[2] = { part.label, arg[k] };

        part.label = sb_pool_op(o->task->pool, SB_MUL, NULL, 0, pair, 2);
        o->rounding += 1.0001 * 0x1p-53 * part.size * magnitude(o->task->pool, arg[1 - k]);
    } else {
        part.label = arg[k];
    }
    part.e = arg[1 - k];
    return part.label ? open_part(o, part) : 1;
}

static int open_quotient(struct opening *o, struct part part, const struct sb_node *node)
{
    const struct sb_node *c = sb_pool_node(o->task->pool, node->arg[1]);

    if (c->op != SB_CONST || !(fabs(c->num[0]) > 0x1p-500 && fabs(c->num[0]) < 0x1p500))
        return 1;
    part.coef =
        sb_ball_mul(part.coef, (struct sb_ball){ 1 / c->num[0], 0x1p-53 * fabs(1 / c->num[0]) });
    part.size *= fabs(1 / c->num[0]) * (1 + 0x1p-50);
    part.e = node->arg[0];
    return open_part(o, part);
}

static int open_node(struct opening *o, const struct part *part)
{
    const struct sb_node *node = sb_pool_node(o->task->pool, part->e);
    const uint32_t op = node->op;
    const sb_expr arg[2] = { node->n_arg > 0 ? node->arg[0] : 0,
                             node->n_arg > 1 ? node->arg[1] : 0 };
    int r;

    if (op == SB_NEG)
        return open_part(o, scaled(*part, -1, arg[0]));
    if (op == SB_DIV) {
        charge(o, part);
        return open_quotient(o, *part, node);
    }
    if (op != SB_ADD && op != SB_SUB && op != SB_MUL)
        return 1;
    charge(o, part);
    if (op != SB_MUL) {
        r = open_part(o, scaled(*part, 1, arg[0]));
        return r ? r : open_part(o, scaled(*part, op == SB_SUB ? -1 : 1, arg[1]));
    }
    r = open_product(o, *part, arg, 0);
    return r == 1 ? open_product(o, *part, arg, 1) : r;
}

static int open_part(struct opening *o, struct part part)
{
    struct sb_projection p;
    int r;

    if (++o->steps > MOST_STEPS)
        return 1;
    r = sb_projection_find(o->task->pool, part.e, &p);
    if (r)
        return r == 1 ? open_node(o, &part) : r;
    sb_projection_fini(&p);
    return close_part(o, &part);
}

int sb_estimate_quadrature(const struct sb_estimate_task *task, struct sb_estimate *out)
{
    struct opening o = { .task = task };
    const struct part whole = { .coef = { 1, 0 }, .size = 1, .e = task->expr };
    int r;

    if (sb_pool_space(task->pool)->domain != SB_GAUSS || !task->law->class ||
        !task->law->class->gaussian || task->law->moves_x)
        return 1;
    r = open_part(&o, whole);
    if (!r && !(o.rounding <= most_error))
        r = 1;
    *out = (struct sb_estimate){ .value = o.sum.mid,
                                 .half_width = o.sum.rad + o.rounding,
                                 .method = SB_QUADRATURE };
    return r;
}
