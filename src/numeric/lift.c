/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A lift's intervals, and what is seen of single coordinates. */
#include "numeric/lift.h"

#include "base/memory.h"
#include "numeric/binomial_tail.h"
#include "numeric/kernels.h"

#include <errno.h>

static int check(const struct sb_lift_setup *s, struct sb_diag *diag)
{
    if (s->q < 2 || s->q > SB_LIFT_MOST_CELLS)
        return sb_diag_fail(diag, -EINVAL, "a lift over Z_%u: q must be 2 .. %d", s->q,
                            SB_LIFT_MOST_CELLS);
    if (s->dim < 1 || s->dim > SB_LIFT_MOST_COORDINATES)
        return sb_diag_fail(diag, -EINVAL, "a lift of %u coordinates: there may be 1 .. %d", s->dim,
                            SB_LIFT_MOST_COORDINATES);
    if (!(s->delta > 0 && s->delta <= 0.5))
        return sb_diag_fail(diag, -EINVAL,
                            "delta = %g: it must be above 0 and at most 1/2, or ramps overlap",
                            s->delta);
    if (s->kind == SB_LIFT_COMPRESSED && (s->m < 1 || s->m >= s->dim))
        return sb_diag_fail(diag, -EINVAL,
                            "m = %u in %u coordinates: m must be at least 1 and less than the "
                            "number of coordinates",
                            s->m, s->dim);
    if (s->kind == SB_LIFT_DV && s->profile != SB_LIFT_BULK)
        return sb_diag_fail(diag, -EINVAL, "the lift dv has profile bulk, no other");
    return 0;
}

/* The t with Pr[X <= t] = (k + shift)/q, shift in (-1, 1); the upper half is the lower one mirrored. */
static double quantile(const struct sb_lift_setup *s, uint32_t k, double shift)
{
    const bool mirror = 2 * (k + shift) > s->q;
    const double p = mirror ? (s->q - k - shift) / s->q : (k + shift) / s->q;
    double t;

    s->marginal->quantile(1, &p, &t);
    return mirror ? -t : t;
}

static int place_boundaries(struct sb_lift *lift)
{
    const struct sb_lift_setup *s = &lift->setup;

    lift->boundary = SB_NEW_ARRAY(struct sb_lift_boundary, s->q - 1);
    if (!lift->boundary)
        return -ENOMEM;
    for (uint32_t k = 1; k < s->q; k++) {
        lift->boundary[k - 1] = (struct sb_lift_boundary){
            .b = quantile(s, k, 0),
            .rl = quantile(s, k, -s->delta / 2),
            .rh = quantile(s, k, s->delta / 2),
            .sl = quantile(s, k, -s->delta),
            .sh = quantile(s, k, s->delta),
        };
    }
    return 0;
}

/* An interval that rounding has emptied is no ramp. */
static int check_boundaries(const struct sb_lift *lift, struct sb_diag *diag)
{
    for (uint32_t k = 1; k < lift->setup.q; k++) {
        const struct sb_lift_boundary *b = &lift->boundary[k - 1];

        if (!(b->sl < b->rl && b->rl < b->b && b->b < b->rh && b->rh < b->sh))
            return sb_diag_fail(diag, -EINVAL,
                                "delta = %g is too small: doubles do not tell the ramps' ends from "
                                "boundary %u, %.17g",
                                lift->setup.delta, k, b->b);
    }
    return 0;
}

/* C(n, k) for n <= dim, k <= m, row n. */
static int list_binomials(struct sb_lift *lift)
{
    const size_t width = lift->setup.m + 1;

    if (lift->setup.kind == SB_LIFT_DV)
        return 0;
    lift->binomial = SB_NEW_ARRAY(double, (lift->setup.dim + 1) * width);
    if (!lift->binomial)
        return -ENOMEM;
    for (size_t n = 0; n <= lift->setup.dim; n++) {
        double *row = lift->binomial + n * width;

        row[0] = 1;
        for (size_t k = 1; n && k < width; k++)
            row[k] = row[k - 1 - width] + row[k - width];
    }
    return 0;
}

int sb_lift_init(struct sb_lift *lift, const struct sb_lift_setup *setup, struct sb_diag *diag)
{
    int r = check(setup, diag);

    if (r < 0)
        return r;
    *lift = (struct sb_lift){ .setup = *setup };
    lift->rho = setup->delta * (setup->q - 1) / setup->q;
    lift->top = setup->profile == SB_LIFT_EDGE ? 1.0 / setup->dim : 1;
    if (setup->kind == SB_LIFT_COMPRESSED)
        lift->miss = sb_binomial_tail(setup->dim, 2 * lift->rho * (1 + 0x1p-51), setup->m);
    r = place_boundaries(lift);
    if (r == 0)
        r = check_boundaries(lift, diag);
    if (r == 0)
        r = list_binomials(lift);
    if (r < 0)
        sb_lift_fini(lift);
    return r;
}

void sb_lift_fini(struct sb_lift *lift)
{
    free(lift->boundary);
    free(lift->binomial);
    lift->boundary = NULL;
    lift->binomial = NULL;
}

static struct sb_lift_column column(const struct sb_lift *lift, uint64_t n, const double *t)
{
    return (struct sb_lift_column){ lift->boundary, lift->setup.q - 1, n, t };
}

void sb_lift_cells(const struct sb_lift *lift, uint64_t n, const double *t, double *out)
{
    static void (*const variant[SB_ISAS])(const struct sb_lift_column *, double *) =
        SB_ISA_TABLE(sb_lift_cells);
    const struct sb_lift_column all = column(lift, n, t);

    variant[sb_isa()](&all, out);
}

void sb_lift_n1(const struct sb_lift *lift, uint64_t n, const double *t, double *out)
{
    static void (*const variant[SB_ISAS])(const struct sb_lift_column *, double *) =
        SB_ISA_TABLE(sb_lift_n1);
    const struct sb_lift_column all = column(lift, n, t);

    variant[sb_isa()](&all, out);
}

void sb_lift_n2(const struct sb_lift *lift, uint64_t n, const double *t, double *out)
{
    static void (*const variant[SB_ISAS])(const struct sb_lift_column *, double *) =
        SB_ISA_TABLE(sb_lift_n2);
    const struct sb_lift_column all = column(lift, n, t);

    variant[sb_isa()](&all, out);
}

void sb_lift_bits(const struct sb_lift *lift, const struct sb_block *block, uint64_t *out)
{
    static void (*const variant[SB_ISAS])(const struct sb_lift_column *, uint64_t, uint64_t *) =
        SB_ISA_TABLE(sb_lift_bit);

    for (uint64_t i = 0; i < block->n; i++)
        out[i] = 0;
    for (uint32_t j = 0; j < lift->setup.dim; j++) {
        const struct sb_lift_column all = column(lift, block->n, block->x[j]);

        variant[sb_isa()](&all, UINT64_C(1) << j, out);
    }
}
