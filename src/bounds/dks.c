/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The bound on non-Gaussian component analysis in the form of [DKS17, Lemma 3.4 and Prop. 3.3], with numbers. A matches m
 * moments, so that |K(v,v')| <= |<v,v'>|^(m+1) chi^2 [sq.md C10]; directions with |<v,v'>| <= tau = d^(c-1/2), 0 < c < 1/2,
 * are 2^Omega(d^c) there, and s = 1/Pr[|t| >= tau] here, as in packing.c. With gamma = tau^(m+1) chi^2 and
 * gamma' = gamma, the usual choice, C5 asks for s gamma/(chi^2 - gamma) queries of STAT(sqrt(2 gamma)), VSTAT(1/(6 gamma)):
 * here tau is what makes 2 gamma = g. Of A only m and chi^2 are used: packing says more, sphere more again. */
#include "bounds/overlap.h"

#include "bounds/bounds.h"

#include <math.h>
#include <stdio.h>

static bool is_hidden_direction(const struct sb_bound_setting *s)
{
    return s->line != NULL;
}

static bool may_search(const struct sb_bound_setting *s, double tau)
{
    return s->null_is_hidden_half ||
           (s->recovers && s->angle >= 0 && s->angle < 0.78 && tau <= cos(2 * s->angle));
}

static void measure(const struct sb_bound_setting *s, double g, struct sb_measure *out)
{
    const double beta = s->k->diagonal_ub, order = (double)s->line->matched + 1, d = s->hidden_dim;
    const double tau = pow(g / (2 * beta), 1 / order), u = (1 - tau) * (1 + tau);
    const double c = 0.5 + log(tau) / log(d);
    struct sb_overlap o;
    double gamma;

    if (!(c > 0) || !(u >= sb_overlap_least(s->hidden_dim)) ||
        !(u <= sb_overlap_most(s->hidden_dim)) || !may_search(s, tau)) {
        snprintf(
            out->unmet, sizeof out->unmet,
            "tau = (g/2chi^2)^(1/(m+1)) = %.4g is d^(c-1/2) at c = %.3g: not in (0, 1/2), or one "
            "direction recovers several at that distance, or it is not known how many it satisfies",
            tau, c);
        return;
    }
    sb_overlap_init(&o, s->hidden_dim, u);
    gamma = pow(o.tau, order) * beta * (1 + 0x1p-40);
    out->prior = s->null_is_hidden_half ? "null 1/2, v uniform over a packing that exists"
                                        : "v uniform over a packing that exists";
    out->elsewhere = true;
    out->n_targets = ceil(1 / o.share * (1 - 0x1p-52));
    out->n_good = 1;
    out->kill = sb_bound_set_size(beta, gamma, g);
    out->value = out->n_targets / out->kill * (1 - 0x1p-50);
    snprintf(
        out->constants, sizeof out->constants,
        "m = %u, chi^2 = %g, gamma = g/2: tau = %.6g = d^(c-1/2), c = %.4g; %.6g directions, where "
        "2^(d^c) with constants set to 1 is 2^%.4g; STAT(sqrt(2 gamma)), VSTAT(1/(6 gamma))",
        s->line->matched, sb_bound_shown(beta), o.tau, c, out->n_targets, pow(d, c));
}

const struct sb_bound_class sb_bound_dks = {
    .name = "dks",
    .summary =
        "DKS17's form: |K(v,v')| <= |<v,v'>|^(m+1) chi^2 over a packing with overlaps d^(c-1/2)",
    .theorem = "[DKS17] Prop. 3.3 with numbers, docs/theorems.md C10",
    .value_name = "SDA",
    .definition = "s gamma/(chi^2 - gamma), 2 gamma = g = 2 tau^(m+1) chi^2, s = 1/Pr[|t| >= tau]",
    .regime = "a hidden direction whose law matches m moments; tau = d^(c-1/2), 0 < c < 1/2; chi^2 "
              "finite",
    .concerns = is_hidden_direction,
    .measure = measure,
};
