/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The law of f(g) in balls: E He_k(f), E f^k and the equations for the heights, by three-term
 * recurrences on ramps. On a ramp f = A + B z, z in [lo, hi], and with I_k the integral of He_k(A
 * + B z) phi(z),
 *     I_{k+1} = A I_k + (B^2 - 1) k I_{k-1} - B [He_k(A + B z) phi(z)],
 * by parts. It loses k log2 |B| bits, which the working precision makes up for. */
#ifndef SB_CONSTRUCT_RAMPS_H
#define SB_CONSTRUCT_RAMPS_H

#include "construct/moments.h"

#include <arb_mat.h>

struct sb_ramps {
    const struct sb_moments *placed; /* borrowed */
    uint32_t n;
    slong prec, loss; /* bits; of them, those that a degree costs */
    arb_t eps;
    arb_ptr foot[2], phi_foot[2]; /* of ramp i: p - eps, q + eps, and densities there; n each */
    arb_ptr edge[2], phi_edge[2]; /* p, q */
    arb_ptr plateau, ramp[2];     /* masses */
    arb_t rest;                   /* mass of z > 0 where f is 0 */
};

/* Everything at placed->eps that heights do not matter for. prec is for degree 0, each further
 * one is computed with loss bits less: loss >= log2 of the steepest slope. */
void sb_ramps_init(const struct sb_moments *placed, slong prec, slong loss, struct sb_ramps *out);
void sb_ramps_fini(struct sb_ramps *ramps);

/* out[k] = E He_k(f), monic, k = 0 .. most, of these heights (n). Odd ones are 0. */
void sb_ramps_hermite(const struct sb_ramps *ramps, arb_srcptr height, uint32_t most, arb_ptr out);
/* out[k] = E f^k. */
void sb_ramps_moments(const struct sb_ramps *ramps, arb_srcptr height, uint32_t most, arb_ptr out);
/* jacobian[l-1][i] = dE He_2l(f)/dh_i, n x n. */
void sb_ramps_jacobian(const struct sb_ramps *ramps, arb_srcptr height, arb_mat_t jacobian);

#endif
