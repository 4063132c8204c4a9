/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The Gauss-Hermite rule of m nodes in balls: zeros of He_m and their weights against the
 * standard Gaussian [CLL22, Lemma 4.1]. */
#ifndef SB_CONSTRUCT_HERMITE_RULE_H
#define SB_CONSTRUCT_HERMITE_RULE_H

#include <arb.h>
#include <stdint.h>

enum { SB_HERMITE_RULE_MOST = 41 };

/* node[i], weight[i]: the m/2 positive nodes, increasing; zero_weight: of the node 0, where m is
 * odd, else 0. m in [1, SB_HERMITE_RULE_MOST]. Balls have relative radii below 2^(-prec/4). */
void sb_hermite_rule(uint32_t m, slong prec, arb_ptr node, arb_ptr weight, arb_t zero_weight);

/* out[k] = He_k(x), k = 0 .. most; monic, so that integers alone multiply. Each degree is
 * computed with loss bits less than the one before. */
void sb_hermite_values(const arb_t x, uint32_t most, slong prec, slong loss, arb_ptr out);

#endif
