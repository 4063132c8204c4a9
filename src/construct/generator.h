/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Generators of moment-matching laws as ReLU networks with one hidden layer [CLL22, Definition 1, Fact 4.3]: four units a
 * trapezoid, and two for each linear part a = R(a) - R(-a) [theorems.md S2-D1, S2-D3/F4.3, S2-Pv]. */
#ifndef SB_CONSTRUCT_GENERATOR_H
#define SB_CONSTRUCT_GENERATOR_H

#include "base/diag.h"
#include "construct/moments.h"
#include "numeric/network.h"

/* f of one input: 4(m - 1) units. 0, -ENOMEM, or -EINVAL with a line where it is too large. */
int sb_generator_of_bumps(const struct sb_moments *moments, struct sb_network **out,
                          struct sb_diag *diag);
/* f*(z1, z2) = sqrt(1 - sigma^2) f(z1) + sigma z2: two units more. */
int sb_generator_along(const struct sb_moments *moments, double sigma, struct sb_network **out,
                       struct sb_diag *diag);

/* F_v(z) = U (f*(z1, z2), z3, ..., z_{dim+1}), U orthogonal with U e_1 = v: dim + 1 inputs; the output has `padded` >=
 * dim coordinates, number i being that of F_v number i mod dim [CLL22, Remark 3.4]. 4(m - 1) units that outputs share, and
 * two for each of the dim coordinates. */
enum { SB_GENERATOR_DIM = 4096 };
struct sb_generator {
    const struct sb_moments *moments;
    double sigma;
    uint32_t dim, padded;
    const double *v; /* dim: a unit vector */
};
int sb_generator_new(const struct sb_generator *wish, struct sb_network **out,
                     struct sb_diag *diag);

/* U e_k, dim numbers, k = 0 .. dim-1: the reflection that exchanges e_1 and v, orthogonal to 1e-14. */
void sb_generator_column(uint32_t dim, const double *v, uint32_t k, double *out);

#endif
