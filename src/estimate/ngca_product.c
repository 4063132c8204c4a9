/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Products of Hermite polynomials, perhaps clipped, under hidden directions; the proofs are in ngca_expectation.c. */
#include "estimate/ngca_terms.h"

#include "numeric/ball.h"

#include <math.h>

static const double unit_roundoff = 0x1p-53;
/* A direction so near to v or -v is that. */
static const double SHARP = 0x1p-45;
/* Members whose directions are gone through for one query. */
enum { MOST_MEMBERS = 1 << 10 };

struct sb_tilt sb_direction_overlap(uint32_t dim, const double *u, const double *v)
{
    double rho = 0, square = 0;

    for (uint32_t j = 0; j < dim; j++)
        rho += u[j] * v[j];
    for (uint32_t j = 0; j < dim; j++)
        square += (v[j] - rho * u[j]) * (v[j] - rho * u[j]);
    if (!(fabs(rho) > 0.5 && square < 0.5))
        return sb_tilt_of(rho);
    square = square < SHARP * SHARP ? 0 : square;
    return (struct sb_tilt){ copysign(sqrt(1 - square), rho), square };
}

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

/* E e under the law, e what the clip cuts off of p; t: at least |v| there. 1: nothing is known. */
static int excess_mean(const struct sb_ngca *ngca, const struct sb_hermite_product *p, double t,
                       struct sb_ball *out)
{
    const double ends[2] = { (p->lo - p->shift) / p->scale, (p->hi - p->shift) / p->scale };
    const double below = ends[0] < ends[1] ? ends[0] : ends[1];
    const double above = ends[0] < ends[1] ? ends[1] : ends[0];
    const double times = ngca->line->ratio_ub > 2 ? ngca->line->ratio_ub - 1 : 1;
    struct sb_excess e;
    double by_weight, by_norm, shift;
    bool odd = false;
    int error;

    if (!(below < 0 && above > 0) || p->total > SB_EXCESS_DEGREE)
        return 1;
    error = sb_hermite_excess(ngca->excesses, p->n, p->degree, below, above, &e);
    if (error)
        return error;
    by_weight = times * (e.above_ub + e.below_ub);
    by_norm = sqrt(e.square_ub * chi2_at(ngca->line, t));
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
static double rounding_of(const struct sb_ngca *ngca, const struct sb_hermite_product *p, double t)
{
    const double chi2 = chi2_at(ngca->line, t);
    const double ends = p->clipped ? fabs(p->lo) + fabs(p->hi) : 0;
    double sum = fabs(p->scale) + fabs(p->shift) + ends;

    sum *= 2 * unit_roundoff * (p->n_roundings + 16);
    return sum + sb_hermite_product_rounding(p) * sqrt(1 + chi2);
}

int sb_ngca_product_open(const struct sb_ngca *ngca, const struct sb_hermite_product *p,
                         struct sb_ngca_product *out)
{
    const double t = longest(ngca, p);
    struct sb_ball c, excess = { 0, 0 };
    double of_mean;
    int r;

    if (p->total >= SB_LINE_COEFFICIENTS)
        return 1;
    c = coefficient(ngca->line, p->total);
    of_mean = c.rad + 8 * (p->total + 1) * unit_roundoff * fabs(c.mid);
    r = p->clipped ? excess_mean(ngca, p, t, &excess) : 0;
    if (r)
        return r;
    *out = (struct sb_ngca_product){ .product = *p,
                                     .constant = p->shift - p->scale * excess.mid,
                                     .slope = p->scale * c.mid };
    out->error = fabs(p->scale) * (of_mean + excess.rad) + rounding_of(ngca, p, t);
    return out->error < 1e300 ? 0 : 1;
}

double sb_ngca_product_mean(const struct sb_ngca_product *p, const double *v)
{
    return p->constant + p->slope * tensor(&p->product, v);
}
