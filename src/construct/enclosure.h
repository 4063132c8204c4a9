/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The heights in balls: Newton's method from doubles, then one step of its interval operator,
 * which proves that there is one solution in the ball and where. */
#ifndef SB_CONSTRUCT_ENCLOSURE_H
#define SB_CONSTRUCT_ENCLOSURE_H

#include "construct/ramps.h"

#include <stdbool.h>

/* height: n; in: near the solution; out: balls with relative radii of about 2^(-prec/2), prec
 * that of ramps. False: no solution could be proven. */
bool sb_heights_enclose(const struct sb_ramps *ramps, arb_ptr height);

#endif
