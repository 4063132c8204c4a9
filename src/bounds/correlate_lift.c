/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Correlations of lifted families under the rule for labels (numeric/lift.h, rule 7), from the base's. Given z
 * the label is one of the base's at x = thres(z), lifted; where the lifts of all labels agree it says nothing.
 * With rho(x) = Pr[they differ given thres(z) = x] and k_x(a) = sum_l (sum_i a_i (w_i - w_0))^2 / w_0 at x,
 *
 *     a' K a = E_x rho(x) k_x(a),
 *
 * k_x a quadratic form >= 0, or less where some labels' lifts agree (Jensen). At q = 2 what of |z| decides it is
 * independent of x: K = rho_0 K_base [theorems.md S0-gram]. At q > 2 the cells 0 and q-1 have one ramp, the
 * others two: with rho(x) in [lo, hi], K - lo K_base and hi K_base - K are positive semidefinite, so that
 * eigenvalues and diagonals are within these factors, and |K_ij - lo K_base_ij| <= (hi - lo) max K_base_ii. */
#include "bounds/correlate_parts.h"
#include "numeric/lift.h"
#include "numeric/lift_sum.h"

#include <math.h>
#include <stdlib.h>

struct factors {
    double lo, hi;
    bool one;   /* a single number, known to be in there */
    bool merge; /* some labels' lifts may agree where others' do not */
};

/* Pr[n_S = r, none in an R_k] for r <= m, `inner` of d coordinates in cells with two ramps; p: m + 1 numbers. */
static void ramp_law(const struct sb_lift_setup *s, uint32_t inner, uint32_t m, double *p)
{
    p[0] = 1;
    for (uint32_t r = 1; r <= m; r++)
        p[r] = 0;
    for (uint32_t j = 0; j < s->dim; j++) {
        const double ramp = j < inner ? s->delta : s->delta / 2, outside = 1 - 2 * ramp;

        for (uint32_t r = m; r > 0; r--)
            p[r] = p[r] * outside + p[r - 1] * ramp;
        p[0] *= outside;
    }
}

/* Of all x: at one coordinate in the ramps S is below 1, at more it may be; at none the edge profile is 0. */
static struct factors by_cells(const struct sb_lift *lift)
{
    const struct sb_lift_setup *s = &lift->setup;
    const bool dv = s->kind == SB_LIFT_DV, edge = s->profile == SB_LIFT_EDGE;
    const uint32_t m = dv ? s->dim : s->m;
    struct factors f = { 1, 0, false, dv };
    double p[64];

    for (uint32_t inner = 0; inner <= s->dim; inner++) {
        double lo, hi;

        ramp_law(s, inner, m, p);
        lo = hi = p[1] + (edge ? 0 : p[0]);
        for (uint32_t r = 2; r <= m; r++)
            hi += p[r];
        f.lo = fmin(f.lo, lo);
        f.hi = fmax(f.hi, hi);
    }
    return f;
}

static struct factors factors_of(const struct sb_lifting *lifting)
{
    const struct sb_lift *lift = lifting->lift;
    const struct sb_lift_setup *s = &lift->setup;
    const struct sb_space *base = &lifting->base->space;
    const bool dv = s->kind == SB_LIFT_DV;
    struct factors f = by_cells(lift);
    struct sb_lift_sum sum;

    if (s->q == 2) {
        sb_lift_sum_init(lift, s->dim, dv ? s->dim : s->m, &sum);
        f.lo = f.hi = sb_lift_support(lift, &sum);
        f.one = true;
        f.merge = dv && !(base->n_labels == 2 && base->labels[0] == 0 && base->labels[1] == 1);
    }
    f.lo *= 1 - 0x1p-36;
    f.hi *= 1 + 0x1p-36;
    return f;
}

static void scale(struct factors f, struct sb_correlations *k)
{
    const double width = (f.hi - f.lo) * k->diagonal_ub, spread = f.one ? 0 : width;
    const size_t n = k->matrix ? (size_t)k->n : 0;

    k->lambda_ub *= f.hi;
    k->lambda_lb *= k->lambda_lb > 0 ? f.lo : f.hi;
    k->orthogonal &= f.one;
    k->off_abs_ub = k->off_abs_ub * f.hi + spread;
    k->off_ub = k->off_ub * f.hi + spread;
    for (size_t l = 0; l < k->n_levels; l++)
        k->level[l].size = fmin(k->level[l].size * f.hi + spread, k->diagonal_ub * f.hi);
    for (size_t i = 0; i < n * n; i++)
        k->matrix[i] *= (f.lo + f.hi) / 2;
    k->matrix_error = k->matrix_error * f.hi + 1.5 * width;
    k->diagonal_ub *= f.hi;
}

/* Only what holds of quadratic forms. */
static void forget_entries(struct sb_correlations *k)
{
    k->lambda_lb = 0;
    k->off_abs_ub = k->off_ub = k->diagonal_ub;
    k->orthogonal = false;
    k->n_levels = 0;
    free(k->level);
    free(k->matrix);
    k->level = NULL;
    k->matrix = NULL;
}

int sb_correlations_of_lift(const struct sb_family *family, enum sb_effort effort,
                            struct sb_correlations *out, struct sb_diag *diag)
{
    const int error = sb_correlations_of(family->lifting->base, effort, out, diag);
    const struct factors f = factors_of(family->lifting);

    if (error || out->unknown)
        return error;
    scale(f, out);
    if (f.merge)
        forget_entries(out);
    return 0;
}
