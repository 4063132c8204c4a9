/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Szorenyi's bound for near-orthogonal families. The set A of members whose value lies above the
 * null's by more than the tolerance has an average of K over A x A (signs all +) above g, so
 * that with K_ii <= beta and K_ij <= gamma, gamma >= 0, |A| <= (beta - gamma)/(g - gamma);
 * likewise below. The original has beta = 1 and |A|^2 gamma for |A|(|A|-1) gamma: 2/(tau^2 -
 * gamma) a query, which at gamma = 1/N asks for (N tau^2 - 1)/2 queries. [Szo09;
 * docs/theorems.md C2] */
#include "bounds/bounds.h"

#include <math.h>
#include <stdio.h>

static void measure(const struct sb_bound_setting *s, double g, struct sb_measure *out)
{
    const double beta = s->k->diagonal_ub, gamma = s->k->orthogonal ? 0 : s->k->off_ub;

    if (!(beta < INFINITY) || !(gamma < INFINITY)) {
        snprintf(out->unmet, sizeof out->unmet, "no upper bound on all K_ij is known");
        return;
    }
    out->value = gamma;
    out->kill = 2 * sb_bound_set_size(beta, gamma, g);
    if (!(out->kill < INFINITY))
        snprintf(out->unmet, sizeof out->unmet, "g = %g is not above gamma = max K_ij = %g, i != j",
                 g, gamma);
    snprintf(out->constants, sizeof out->constants,
             "K_ii <= beta = %g, K_ij <= gamma = %g: 2 (beta - gamma)/(g - gamma)",
             sb_bound_shown(beta), sb_bound_shown(gamma));
}

const struct sb_bound_class sb_bound_szorenyi = {
    .name = "szorenyi",
    .summary = "a query rules out at most (beta - gamma)/(g - gamma) members on either side",
    .theorem = "[Szo09], docs/theorems.md C2",
    .value_name = "gamma",
    .value_is_ub = true,
    .definition = "the largest K_ij of two members, at least 0; at beta = 1 the original form is "
                  "2/(tau^2 - gamma) members a query, (N tau^2 - 1)/2 queries at gamma = 1/N",
    .regime = "g > gamma",
    .quick = true,
    .measure = measure,
};
