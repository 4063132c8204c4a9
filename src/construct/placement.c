/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Placement of bumps by upper tails, outside in, in balls; edges are rounded once, and it is the
 * rounded edges that everything after this is about. */
#include "construct/placement.h"

#include "base/memory.h"
#include "construct/hermite_rule.h"
#include "construct/round.h"
#include "construct/tails.h"

#include <errno.h>
#include <math.h>

enum { PREC = 192 };

/* x - (ln Q(x) - ln q)/(ln Q)'(at), with (ln Q)' = -phi/Q */
static void tail_step(const arb_t x, const arb_t log_q, const arb_t at, slong prec, arb_t out)
{
    arb_t tail, slope;

    arb_init(tail);
    arb_init(slope);
    sb_ball_upper_tail(at, prec, tail);
    sb_ball_density(at, prec, slope);
    arb_div(slope, tail, slope, prec);
    if (x != at)
        sb_ball_upper_tail(x, prec, tail);
    arb_log(tail, tail, prec);
    arb_sub(tail, tail, log_q, prec);
    arb_mul(tail, tail, slope, prec);
    arb_add(out, x, tail, prec);
    arb_clear(tail);
    arb_clear(slope);
}

/* Q^{-1}(q), 0 < q <= 1/2. ln Q is concave, so that Newton's method comes from the right without
 * fail; where it begins, sqrt(-2 ln 2q), is at the right as Q(x) <= exp(-x^2/2)/2. Then one step
 * of the interval operator. */
static void upper_quantile(const arb_t q, arb_t out)
{
    static const slong precs[] = { 64, 64, 64, 64, 64, 64, 96, PREC };
    arb_t log_q, wide;

    arb_init(log_q);
    arb_init(wide);
    arb_log(log_q, q, PREC);
    arb_mul_2exp_si(out, q, 1);
    arb_log(out, out, PREC);
    arb_mul_si(out, out, -2, PREC);
    arb_sqrtpos(out, out, PREC);
    for (size_t i = 0; i < SB_COUNT(precs); i++) {
        mag_zero(arb_radref(out));
        tail_step(out, log_q, out, precs[i], out);
    }
    mag_zero(arb_radref(out));
    arb_set(wide, out);
    arb_add_error_2exp_si(wide, -80);
    tail_step(out, log_q, wide, PREC, out);
    if (!arb_contains(wide, out))
        mag_inf(arb_radref(out));
    arb_clear(log_q);
    arb_clear(wide);
}

/* The mass between edges, which are numbers. */
static double mass_between(double p, double q, double *radius)
{
    double mass;
    arb_t lo, hi;

    arb_init(lo);
    arb_init(hi);
    arb_set_d(lo, p);
    arb_set_d(hi, q);
    sb_ball_mass(lo, hi, PREC, lo);
    mass = sb_round_ball(lo, radius);
    arb_clear(lo);
    arb_clear(hi);
    return mass;
}

/* gap[i]: between bumps i and i+1, before kappa; gap[n-1]: the tail. kappa makes their sum and
 * that of half of the centre's half of lambda_0. */
static void share_gaps(uint32_t n, arb_srcptr weight, const arb_t zero_weight, arb_ptr gap,
                       arb_t kappa)
{
    arb_mul_2exp_si(kappa, weight, -1);
    for (uint32_t i = 0; i < n; i++) {
        if (i + 1 < n) {
            arb_mul(gap + i, weight + i, weight + i + 1, PREC);
            arb_sqrtpos(gap + i, gap + i, PREC);
        } else {
            arb_set(gap + i, weight + i);
        }
        arb_add(kappa, kappa, gap + i, PREC);
    }
    arb_div(kappa, zero_weight, kappa, PREC);
    arb_mul_2exp_si(kappa, kappa, -1);
    _arb_vec_scalar_mul(gap, gap, n, kappa, PREC);
}

/* Edges from outside in: the tail's mass, a plateau's, a gap's, ... */
static void place_edges(uint32_t n, arb_srcptr weight, arb_srcptr gap, struct sb_moments *out)
{
    arb_t q, edge;

    arb_init(q);
    arb_init(edge);
    for (uint32_t i = n; i-- > 0;) {
        struct sb_bump *bump = &out->bump[i];

        arb_add(q, q, gap + i, PREC);
        upper_quantile(q, edge);
        bump->q = sb_round_ball(edge, &out->radius);
        arb_add(q, q, weight + i, PREC);
        upper_quantile(q, edge);
        bump->p = sb_round_ball(edge, &out->radius);
    }
    arb_clear(q);
    arb_clear(edge);
}

static void fill_bumps(uint32_t n, arb_srcptr node, arb_srcptr weight, struct sb_moments *out)
{
    out->collision = out->bump[0].p;
    for (uint32_t i = 0; i < n; i++) {
        struct sb_bump *bump = &out->bump[i];

        bump->centre = (bump->p + bump->q) / 2;
        bump->half_width = (bump->q - bump->p) / 2;
        bump->mass = mass_between(bump->p, bump->q, &out->radius);
        bump->node = sb_round_ball(node + i, &out->radius);
        bump->weight = sb_round_ball(weight + i, &out->radius);
        if (i > 0 && (bump->p - bump[-1].q) / 2 < out->collision)
            out->collision = (bump->p - bump[-1].q) / 2;
    }
}

int sb_placement(uint32_t m, struct sb_moments *out)
{
    const uint32_t n = (m - 1) / 2;
    arb_ptr node = _arb_vec_init(n), weight = _arb_vec_init(n), gap = _arb_vec_init(n);
    arb_t zero_weight, kappa;

    arb_init(zero_weight);
    arb_init(kappa);
    out->m = m;
    out->n = n;
    sb_hermite_rule(m, PREC, node, weight, zero_weight);
    share_gaps(n, weight, zero_weight, gap, kappa);
    place_edges(n, weight, gap, out);
    fill_bumps(n, node, weight, out);
    out->lambda0 = sb_round_ball(zero_weight, &out->radius);
    out->kappa = sb_round_ball(kappa, &out->radius);
    _arb_vec_clear(node, n);
    _arb_vec_clear(weight, n);
    _arb_vec_clear(gap, n);
    arb_clear(zero_weight);
    arb_clear(kappa);
    return out->radius < 0x1p-60 ? 0 : -EFAULT;
}
