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
#include "estimate/hermite_product.h"
#include "estimate/ngca.h"
#include "estimate/opener.h"
#include "estimate/ridge.h"

#include "base/memory.h"

#include <errno.h>
#include <math.h>

static const double unit_roundoff = 0x1p-53;
/* Of a ridge's size: rounding of nodes, densities and sums. What was looked for and should not be there: more, and
 * the query is sampled. */
static const double rounding_share = 1e-12, most_error = 2e-13;
/* A direction so near to v or -v is that. */
static const double SHARP = 0x1p-45;
/* Members whose directions are gone through for one query. */
enum { MOST_MEMBERS = 1 << 10 };

struct asked {
    const struct sb_estimate_task *task;
    const struct sb_ngca *ngca;
    double *v;      /* dim: of the law; of the null 0 */
    bool estimated; /* some term went by panels */
};

/* Ridges */

/* <u,v> for the law's v, without cancellation where u is near it. */
static double overlap(const struct asked *a, const double *u)
{
    const uint32_t dim = a->ngca->dim;
    double rho = 0, square = 0;

    if (!a->task->law->planted)
        return 0;
    for (uint32_t j = 0; j < dim; j++)
        rho += u[j] * a->v[j];
    for (uint32_t j = 0; j < dim; j++)
        square += (a->v[j] - rho * u[j]) * (a->v[j] - rho * u[j]);
    if (fabs(rho) > 0.5 && square < 0.5)
        rho = copysign(square < SHARP * SHARP ? 1 : sqrt(1 - square), rho);
    return rho;
}

/* Are panels good for this function? As the null alone shows. */
static int look(const struct sb_ridge *ridge, const struct sb_integrand *f, double *value_out,
                double *error_out)
{
    struct sb_panels panels = { 0 };
    double gap, off;
    int r = sb_panels_cut(f, ridge->kinks, ridge->n_kinks, &panels);

    if (!r)
        r = sb_panels_integrate(&panels, f, value_out, &gap);
    if (!r)
        r = sb_panels_kinks(&panels, f, ridge->kinks, ridge->n_kinks, &off);
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

/* At least the length of any member's direction on these coordinates. */
static double longest(const struct sb_ngca *ngca, const struct sb_hermite_product *p)
{
    double most = 0;

    if (!ngca->directions || ngca->n_members > MOST_MEMBERS)
        return 1;
    for (uint64_t i = 0; i < ngca->n_members; i++) {
        const double *v = ngca->directions + i * ngca->dim;
        double square = 0;

        for (uint32_t k = 0; k < p->n; k++)
            square += v[p->coordinate[k]] * v[p->coordinate[k]];
        most = square > most ? square : most;
    }
    most = sqrt(most) * (1 + 0x1p-40);
    return most < 1 ? most : 1;
}

/* c_k and how far it may be off. */
static struct sb_ball coefficient(const struct sb_line *line, uint32_t k)
{
    return k <= line->matched ? (struct sb_ball){ 0, 0 }
                              : (struct sb_ball){ line->coefficient[k], line->coefficient_error };
}

/* At least the chi^2 of the law of a projection of overlap t against N(0,1); infinity: not known. */
static double chi2_at(const struct sb_line *line, double t)
{
    const double t2 = t * t;
    double sum = 0, power = 1;

    for (uint32_t k = 1; k < SB_LINE_COEFFICIENTS; k++) {
        const struct sb_ball c = coefficient(line, k);
        const double most = fabs(c.mid) + c.rad;

        power *= t2;
        sum += most * most * power;
    }
    return (sum + line->tail2 * power * t2) * (1 + 0x1p-30);
}

/* sqrt(k!/prod k_j!) prod v_j^{k_j}, and 1 at most; some 2 k roundings, and those of v. */
static double tensor(const struct sb_hermite_product *p, const double *v)
{
    double multinomial = 1, power = 1;
    uint32_t k = 0;

    for (uint32_t i = 0; i < p->n; i++)
        for (uint32_t j = 1; j <= p->degree[i]; j++) {
            multinomial = multinomial * ++k / j;
            power *= v[p->coordinate[i]];
        }
    return sqrt(multinomial) * power;
}

/* E p under the law. */
static struct sb_ball product_mean(const struct asked *a, const struct sb_hermite_product *p)
{
    const struct sb_ball c = coefficient(a->ngca->line, p->total);

    return (struct sb_ball){ c.mid * tensor(p, a->v),
                             c.rad + 8 * (p->total + 1) * unit_roundoff * fabs(c.mid) };
}

/* E e under the law, e what the clip cuts off of p; t: at least |v| there. 1: nothing is known. */
static int excess_mean(const struct asked *a, const struct sb_hermite_product *p, double t,
                       struct sb_ball *out)
{
    const double ends[2] = { (p->lo - p->shift) / p->scale, (p->hi - p->shift) / p->scale };
    const double below = ends[0] < ends[1] ? ends[0] : ends[1];
    const double above = ends[0] < ends[1] ? ends[1] : ends[0];
    const double times = a->ngca->line->ratio_ub > 2 ? a->ngca->line->ratio_ub - 1 : 1;
    struct sb_excess e;
    double by_weight, by_norm, shift;
    bool odd = false;
    int error;

    if (!(below < 0 && above > 0) || p->total > SB_EXCESS_DEGREE)
        return 1;
    error = sb_hermite_excess(a->ngca->excesses, p->n, p->degree, below, above, &e);
    if (error)
        return error;
    by_weight = times * (e.above_ub + e.below_ub);
    by_norm = sqrt(e.square_ub * chi2_at(a->ngca->line, t));
    shift = (by_weight < by_norm ? by_weight : by_norm) * (1 + 0x1p-40);
    for (uint32_t i = 0; i < p->n; i++)
        odd |= p->degree[i] % 2;
    *out =
        odd && above == -below
            ? (struct sb_ball){ 0, shift }
            : (struct sb_ball){ (e.above_ub + e.above_lb - e.below_ub - e.below_lb) / 2,
                                (e.above_ub - e.above_lb + e.below_ub - e.below_lb) / 2 + shift };
    return shift < 1e300 ? 0 : 1;
}

/* How far the query as computed is from the one that was read, under any member's law. */
static double rounding_of(const struct asked *a, const struct sb_hermite_product *p, double t)
{
    const double chi2 = chi2_at(a->ngca->line, t);
    const double ends = p->clipped ? fabs(p->lo) + fabs(p->hi) : 0;
    double sum = fabs(p->scale) + fabs(p->shift) + ends;

    sum *= 2 * unit_roundoff * (p->n_roundings + 16);
    return sum + sb_hermite_product_rounding(p) * sqrt(1 + chi2);
}

static int hermite_mean(const struct asked *a, const struct sb_hermite_product *p,
                        struct sb_ball *out)
{
    const double t = longest(a->ngca, p);
    struct sb_ball mean, excess = { 0, 0 };
    int r;

    if (p->total >= SB_LINE_COEFFICIENTS)
        return 1;
    mean = product_mean(a, p);
    r = p->clipped ? excess_mean(a, p, t, &excess) : 0;
    if (r)
        return r;
    out->mid = p->shift + p->scale * (mean.mid - excess.mid);
    out->rad = fabs(p->scale) * (mean.rad + excess.rad) + rounding_of(a, p, t);
    return out->rad < 1e300 ? 0 : 1;
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
