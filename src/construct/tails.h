/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The standard Gaussian in balls. */
#ifndef SB_CONSTRUCT_TAILS_H
#define SB_CONSTRUCT_TAILS_H

#include <arb.h>

void sb_ball_density(const arb_t x, slong prec, arb_t out);
/* Pr[g > x] */
void sb_ball_upper_tail(const arb_t x, slong prec, arb_t out);
/* Pr[lo < g < hi], both of them > 0. */
void sb_ball_mass(const arb_t lo, const arb_t hi, slong prec, arb_t out);

#endif
