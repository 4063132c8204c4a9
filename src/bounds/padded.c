/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Theorem 3.1 of [CGKM22] in numbers [theorems.md S0-T3.1]. The lift of parities of d bits is padded to D = d^m
 * coordinates, on which no label depends: expectations and correlations stay exactly [S0-CC.6], and so do the
 * bounds; only their terms change. With m = log^c d and alpha = 1/(1 + c), d = 2^((log2 D)^alpha), Omega(2^d tau^2)
 * queries for tau >= 2^-(log2 D)^(2 - alpha). Its constant is not stated, so that this proves nothing by itself. */
#include "bounds/bounds.h"

#include <math.h>
#include <stdio.h>

enum {
    VACUOUS = 1000000
}; /* coordinates below which N tau^2 / rho_0, the base's, says more [sq.md C13] */

/* The theorem's count is that of all parities: 2^d functions that are orthogonal. */
static bool is_lift_of_parities(const struct sb_bound_setting *s)
{
    return s->lift_dim > 0 && s->k->orthogonal && s->k->n == exp2(s->lift_dim);
}

static void measure(const struct sb_bound_setting *s, double g, struct sb_measure *out)
{
    const double d = s->lift_dim, log_d = log2(d), log_padded = log2(s->padded_dim);
    const double c = log_padded > log_d ? log(log_padded / log_d) / log(log_d) : 0;
    const double alpha = 1 / (1 + c);
    const double least = exp2(-pow(log_padded, 2 - alpha));
    const double tau = sqrt(g); /* VSTAT: of a STAT oracle with this g */

    out->value = floor(d + 2 * log2(tau));
    snprintf(out->unmet, sizeof out->unmet,
             "D = %.4g%s; Omega(2^%g tau^2), no constant, for tau >= 2^-(log2 D)^(2-a) = %.3g, a = "
             "%.3g: %s; N g/rho_0 of spectral is the same before and after padding",
             s->padded_dim, s->padded_dim < VACUOUS ? " < 1e6: vacuous" : "", d, least, alpha,
             tau >= least ? "met" : "not met");
}

const struct sb_bound_class sb_bound_padded = {
    .name = "padded",
    .summary = "what Theorem 3.1 says of a lift that is padded to D = d^m coordinates, and where",
    .theorem = "[CGKM22] Theorem 3.1, docs/theorems.md S0-T3.1",
    .value_name = "log2 2^d tau^2",
    .definition = "the exponent of Omega(2^d tau^2), whose constant is not stated",
    .regime =
        "compressed lifts of all 2^d parities; asymptotic in D = d^m, m = log^c d, alpha = 1/(1+c)",
    .concerns = is_lift_of_parities,
    .measure = measure,
};
