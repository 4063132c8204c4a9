/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Expectations under hidden directions, exact ones. With c_k = E h_k(X), X the law A along v, v the hidden direction:
 *
 *   a ridge f(<u,x>)   |u| = 1, rho = <u,v>: <u,x> has the law of rho X + sqrt(1 - rho^2) g (numeric/line.h). Estimated,
 *                      as all quadrature is.
 *   a product          p = prod_j h_{k_j}(x_j), k = sum_j k_j: E p = c_k sqrt(k!/prod_j k_j!) prod_j v_j^{k_j}, the
 *                      Hermite tensor of rank one. Certified.
 *   a clipped product  E clip(p) = E p - E e, e = p - clip(p) being what is cut off: with N the null and P the law,
 *                      |E_P e - E_N e| <= max(W - 1, 1) E_N|e|, W at least the density of P against N; and <=
 *                      |e| (sum_{k >= 1} c_k^2 t^{2k})^{1/2} in the norm of L2(N), by Cauchy and Schwarz, where t is at least
 *                      the length of v on the coordinates of p: the law of these x is that of one hidden direction of
 *                      overlap t, and there chi^2(P, N) is that sum. E_N e, E_N|e| and |e| are bounded in
 *                      estimate/hermite_excess.h. Certified.
 *
 * What shows: by which route a query goes is decided by the query alone, under a null with the same code and rho = 0,
 * v = 0. Half-widths are those of the worst direction that a member can have, so that they tell nothing either: panels
 * under the law are trusted to find no more than most_error. Where the law is all but atoms along u, and a kink is at
 * one, they find more, some 2^-51 over the width; that much is added, and is far below any tolerance that examples
 * could replace it at. */
#include "estimate/estimate.h"
#include "estimate/ngca_terms.h"
#include "estimate/opener.h"
#include "estimate/ridge.h"

#include "base/memory.h"

#include <errno.h>
#include <math.h>

/* Of a ridge's size: rounding of nodes, densities and sums. What was looked for and should not be there: more, and
 * the query is sampled. */
static const double rounding_share = 1e-12, most_error = 2e-13;

struct asked {
    const struct sb_estimate_task *task;
    const struct sb_ngca *ngca;
    double *v;      /* dim: of the law; of the null 0 */
    bool estimated; /* some term went by panels */
};

/* Ridges */

/* <u,v> for the law's v */
static struct sb_tilt overlap(const struct asked *a, const double *u)
{
    return a->task->law->planted ? sb_direction_overlap(a->ngca->dim, u, a->v) : sb_tilt_of(0);
}

/* A ridge on the null's panels: f, and f times the density of its projection under the law. */
struct weighed {
    struct sb_ridge *ridge;
    size_t n_a;
    double a[SB_LINE_COEFFICIENTS];
};

static int weighed_values(void *self, size_t n, const double *t, double *out)
{
    const struct weighed *w = self;
    const int error = sb_ridge_values(w->ridge, n, t, out);

    if (error || !w->n_a)
        return error;
    sb_line_ratio_sum(w->n_a, w->a, n, t, out + n);
    for (size_t i = 0; i < n; i++)
        out[n + i] *= out[i];
    return 0;
}

/* The density as a series, where it is short: 0 terms else. How many there are says no more of rho than which of a few
 * ranges it is in. */
static void expand(const struct asked *a, double rho, struct weighed *w)
{
    const struct sb_ngca *ngca = a->ngca;
    double power = 1;
    int k = 0;

    while (k < SB_NGCA_RANGES && !(fabs(rho) <= ngca->series[k].reach))
        k++;
    w->n_a = k < SB_NGCA_RANGES ? ngca->series[k].n : 0;
    for (size_t i = 0; i < w->n_a; i++, power *= rho)
        w->a[i] = ngca->line->coefficient[i] * power;
}

static int weighed_discs(void *self, size_t n, const double *t, const double *radius, double *out)
{
    const struct weighed *w = self;

    return sb_ridge_discs(w->ridge, n, t, radius, out);
}

/* f's integral and, where there is a series, its mean under the law: on panels that the query alone decides, as it
 * does whether they will do; gaps_out: how far either is off. */
static int look(struct weighed *w, double size, double *integrals, double *error_out,
                double *gaps_out)
{
    const struct sb_ridge *ridge = w->ridge;
    struct sb_panel_measure gauss = sb_panel_gauss(-SB_PANEL_END, SB_PANEL_END);
    const struct sb_integrand both = { .self = w,
                                       .measure = &gauss,
                                       .n_values = w->n_a ? 2 : 1,
                                       .size = size,
                                       .values = weighed_values,
                                       .discs = weighed_discs };
    const struct sb_integrand f = {
        .self = w->ridge, .n_values = 1, .size = size, .values = sb_ridge_values
    };
    struct sb_panels panels = { 0 };
    double off = 0;
    int r;

    gauss.longest = 2;
    r = sb_panels_cut(&both, ridge->kinks, ridge->n_kinks, &panels);

    if (!r)
        r = sb_panels_integrate_each(&panels, &both, integrals, gaps_out);
    if (!r)
        r = sb_panels_kinks(&panels, &f, ridge->kinks, ridge->n_kinks, &off);
    *error_out = r ? 0 : panels.error + gaps_out[0] + off;
    sb_panels_fini(&panels);
    return r ? r : !(*error_out <= most_error * size);
}

/* On panels of the law's own. 1: they will not do. Beside most_error nothing is said of them, unless the law is so
 * narrow along u that its peaks against the kinks are not known better: then that is. */
static int by_own_panels(const struct asked *a, struct sb_ridge *ridge, struct sb_tilt at,
                         double size, struct sb_ball *out)
{
    const struct sb_integrand f = { .self = ridge,
                                    .n_values = 1,
                                    .size = size,
                                    .values = sb_ridge_values,
                                    .discs = sb_ridge_discs };
    double error;
    const int r = sb_line_integrate_at(a->ngca->line, at, &f, ridge->kinks, ridge->n_kinks,
                                       &out->mid, &error);

    if (r != 1 || !(error <= size))
        return r;
    out->rad += 2 * error;
    return 0;
}

/* Where panels fail under the law and did not under the null, nothing is known. */
static int under_the_law(const struct asked *a, struct sb_ridge *ridge, double size,
                         struct sb_ball *out)
{
    const struct sb_tilt at = overlap(a, ridge->unit);
    struct weighed w = { .ridge = ridge };
    double integrals[2] = { 0, 0 }, gaps[2] = { 0, 0 }, error = 0;
    int r;

    expand(a, at.rho, &w);
    r = look(&w, size, integrals, &error, gaps);
    if (r)
        return r;
    *out = (struct sb_ball){ integrals[w.n_a ? 1 : 0],
                             size * (rounding_share + most_error + a->ngca->series_error) + error };
    if (w.n_a)
        r = gaps[1] <= most_error * size ? 0 : 1;
    else if (at.rho != 0)
        r = by_own_panels(a, ridge, at, size, out);
    if (r == 1)
        *out = (struct sb_ball){ integrals[0], 2 * size };
    return r == 1 ? 0 : r;
}

static int constant_mean(struct sb_ridge *ridge, struct sb_ball *out)
{
    const double zero = 0;

    out->rad = 0;
    return sb_ridge_values(ridge, 1, &zero, &out->mid);
}

static int ridge_mean(struct asked *a, sb_expr e, struct sb_ball *out)
{
    const double size = sb_expr_magnitude(a->task->pool, e);
    struct sb_ridge ridge;
    int r = size <= 0x1p20 ? 0 : 1;

    if (r)
        return r;
    r = sb_ridge_open(a->task->pool, e, a->task->fuse, &ridge);
    if (!r && !ridge.projection.x)
        r = constant_mean(&ridge, out);
    else if (!r) {
        r = under_the_law(a, &ridge, size, out);
        a->estimated = true;
    }
    sb_ridge_fini(&ridge);
    return r;
}

/* Products */

static int hermite_mean(const struct asked *a, const struct sb_hermite_product *p,
                        struct sb_ball *out)
{
    struct sb_ngca_product product;
    const int r = sb_ngca_product_open(a->ngca, p, &product);

    if (!r)
        *out = (struct sb_ball){ sb_ngca_product_mean(&product, a->v), product.error };
    return r;
}

/* Terms */

static int is_term(void *self, sb_expr e)
{
    const struct asked *a = self;
    struct sb_hermite_product product;
    struct sb_projection projection;
    int r;

    if (sb_hermite_product_find(a->task->pool, e, &product))
        return 0;
    r = sb_projection_find(a->task->pool, e, &projection);
    if (!r)
        sb_projection_fini(&projection);
    return r;
}

/* A product of one factor is a ridge, too: panels are sharper, where they do. */
static int mean_of(void *self, sb_expr e, struct sb_ball *out)
{
    struct asked *a = self;
    struct sb_hermite_product p;
    const bool product = sb_hermite_product_find(a->task->pool, e, &p);
    int r = 1;

    if (!product || p.n == 1)
        r = ridge_mean(a, e, out);
    return r == 1 && product ? hermite_mean(a, &p, out) : r;
}

int sb_ngca_expectation(const struct sb_estimate_task *task, struct sb_estimate *out)
{
    const struct sb_ngca *ngca = task->law->self;
    double *v SB_FREE = SB_NEW_ARRAY(double, ngca->dim);
    struct asked a = { .task = task, .ngca = ngca, .v = v };
    const struct sb_opener opener = { task->pool, &a, is_term, mean_of };
    struct sb_ball sum;
    double rounding;
    int r;

    if (!v)
        return -ENOMEM;
    if (task->law->planted)
        sb_ngca_direction(ngca, task->law->member, v);
    r = sb_opener_mean(&opener, task->expr, &sum, &rounding);
    if (!r && !(rounding <= most_error))
        r = 1;
    *out = (struct sb_estimate){ .value = sum.mid,
                                 .half_width = sum.rad + rounding,
                                 /* every member's and the null's, but for last bits */
                                 .widest = sum.rad + rounding,
                                 .method = a.estimated ? SB_QUADRATURE : SB_CLOSED_FORM };
    return r;
}
