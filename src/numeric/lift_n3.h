/* SPDX-License-Identifier: GPL-3.0-or-later */
/* N3 (numeric/lift.h) of the nonzero s_j alone. */
#ifndef SB_NUMERIC_LIFT_N3_H
#define SB_NUMERIC_LIFT_N3_H

#include "numeric/lift.h"

/* n <= dim numbers of (0, 1]; the other s_j are 0. */
double sb_lift_n3_of(const struct sb_lift *lift, uint32_t n, const double *s, double t);

#endif
