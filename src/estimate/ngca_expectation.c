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
 * under the law are trusted to find no more than most_error, or nothing is known, which happens to no law whose
 * density is as smooth as it says. */
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
static double overlap(const struct asked *a, const double *u)
{
    return a->task->law->planted ? sb_direction_overlap(a->ngca->dim, u, a->v) : 0;
}

/* Are panels good for this function? As the null alone shows. */
static int look(const struct sb_ridge *ridge, const struct sb_integrand *f, double *value_out,
                double *error_out)
{
    struct sb_panel_measure gauss = sb_panel_gauss(-SB_PANEL_END, SB_PANEL_END);
    struct sb_integrand g = *f;
    struct sb_panels panels = { 0 };
    double gap, off;
    int r;

    gauss.longest = 2;
    g.measure = &gauss;
    r = sb_panels_cut(&g, ridge->kinks, ridge->n_kinks, &panels);

    if (!r)
        r = sb_panels_integrate(&panels, &g, value_out, &gap);
    if (!r)
        r = sb_panels_kinks(&panels, &g, ridge->kinks, ridge->n_kinks, &off);
    if (!r)
        *error_out = panels.error + gap + off;
    sb_panels_fini(&panels);
    return r ? r : !(*error_out <= most_error * f->size);
}

/* On panels under the law; where these fail and the null's did not, nothing is known. */
static int under_the_law(const struct asked *a, const struct sb_ridge *ridge,
                         const struct sb_integrand *f, struct sb_ball *out)
{
    const double rho = overlap(a, ridge->unit);
    double null = 0, error = 0, ignored;
    int r = look(ridge, f, &null, &error);

    if (r)
        return r;
    *out = (struct sb_ball){ null, f->size * (rounding_share + most_error) + error };
    if (rho == 0)
        return 0;
    r = sb_line_integrate(a->ngca->line, rho, f, ridge->kinks, ridge->n_kinks, &out->mid, &ignored);
    if (r == 1)
        *out = (struct sb_ball){ null, 2 * f->size };
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
    const struct sb_integrand f = { .self = &ridge,
                                    .n_values = 1,
                                    .size = size,
                                    .values = sb_ridge_values,
                                    .discs = sb_ridge_discs };
    int r = size <= 0x1p20 ? 0 : 1;

    if (r)
        return r;
    r = sb_ridge_open(a->task->pool, e, a->task->fuse, &ridge);
    if (!r && !ridge.projection.x)
        r = constant_mean(&ridge, out);
    else if (!r) {
        r = under_the_law(a, &ridge, &f, out);
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
                                 .method = a.estimated ? SB_QUADRATURE : SB_CLOSED_FORM };
    return r;
}
