/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Density and upper tail of the standard Gaussian in balls. */
#include "construct/tails.h"

#include <arb_hypgeom.h>

void sb_ball_density(const arb_t x, slong prec, arb_t out)
{
    arb_t t;

    arb_init(t);
    arb_sqr(out, x, prec);
    arb_mul_2exp_si(out, out, -1);
    arb_neg(out, out);
    arb_exp(out, out, prec);
    arb_const_pi(t, prec);
    arb_mul_2exp_si(t, t, 1);
    arb_rsqrt(t, t, prec);
    arb_mul(out, out, t, prec);
    arb_clear(t);
}

void sb_ball_upper_tail(const arb_t x, slong prec, arb_t out)
{
    arb_t t;

    arb_init(t);
    arb_set_ui(t, 2);
    arb_rsqrt(t, t, prec);
    arb_mul(t, t, x, prec);
    arb_hypgeom_erfc(out, t, prec);
    arb_mul_2exp_si(out, out, -1);
    arb_clear(t);
}

void sb_ball_mass(const arb_t lo, const arb_t hi, slong prec, arb_t out)
{
    arb_t beyond;

    arb_init(beyond);
    sb_ball_upper_tail(hi, prec, beyond);
    sb_ball_upper_tail(lo, prec, out);
    arb_sub(out, out, beyond, prec);
    arb_clear(beyond);
}
