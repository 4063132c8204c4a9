/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lifts as explicit ReLU networks, all units written out [CGKM22, Lemmas 2.4 to 2.6, Eq. 4; DV21]; the same
 * functions as numeric/lift.h, which evaluates them fast.
 *
 *   N1  2(q - 1) units of t;  N2  4(q - 1) units of t;
 *   N3  3 u sum_r C(d, r)(m - r + 1) units of (s, t), u = 1 (bulk) or 3 (edge) affine pieces.
 *
 *   compressed  two hidden layers: N1 and N2 of each coordinate, then sigma(t*) N3(s; h - t*) for each t*
 *               in T with sigma(t*) != 0, since the others would add nothing
 *   dv          N1 and N2, the hidden layers of f, R(f - sum_j N2): two more than f has */
#ifndef SB_NUMERIC_NETWORK_LIFT_H
#define SB_NUMERIC_NETWORK_LIFT_H

#include "numeric/lift.h"
#include "numeric/network.h"

#include <stdint.h>

/* Units of N3; UINT64_MAX where that or more. */
uint64_t sb_network_n3_units(const struct sb_lift *lift);

/* Hidden units of the compressed lift. */
double sb_network_compressed_units(const struct sb_lift *lift, uint32_t n_t, const double *sigma);

/* The gadgets alone, with one hidden layer: of t, of t, and of s_1 .. s_d, t (compressed lifts only). Returns as
 * sb_network_new. */
int sb_network_n1(const struct sb_lift *lift, struct sb_network **out, struct sb_diag *diag);
int sb_network_n2(const struct sb_lift *lift, struct sb_network **out, struct sb_diag *diag);
int sb_network_n3(const struct sb_lift *lift, struct sb_network **out, struct sb_diag *diag);

/* f_lift for f = sigma(<w,x>), of setup.dim inputs. Past SB_NETWORK_MOST_UNITS -EINVAL with a line that says how
 * many there would be. */
int sb_network_compressed(const struct sb_lift *lift, const double *w /* d */, uint32_t n_t,
                          const double *sigma, struct sb_network **out, struct sb_diag *diag);
/* f_DV for a network f of x, which is to be at most 1 on [0, q - 1]^d: elsewhere f_DV is not what numeric/lift.h
 * says. */
int sb_network_dv(const struct sb_lift *lift, const struct sb_network *f, struct sb_network **out,
                  struct sb_diag *diag);

#endif
