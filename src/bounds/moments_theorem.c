/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Theorem 3.1 of [CLL22] in numbers [theorems.md S2-T3.1], which states no constants: at m = Theta(log d / log log d) and
 * C = 1/4 networks of size O(m) whose output matches m moments need d^Omega(m) queries of STAT(d^-Omega(m)). By its Lemma
 * 3.3 that is d^(m+1) queries, tau = O(d)^(-(m+1)(1/4 - C/2)) sqrt(chi^2). All constants are set to 1 here, so that this
 * proves nothing; sphere states what is proven at that tau. chi^2 is the family's. T1.1, the informal theorem, wants the
 * law to be far from the Gaussian, too: its distances are those of the law along v. */
#include "bounds/overlap.h"

#include "bounds/bounds.h"
#include "numeric/line_distance.h"

#include <math.h>
#include <stdio.h>

enum { LEAST_DIM = 16 }; /* below, log log d is about 1 or less */

static bool is_hidden_direction(const struct sb_bound_setting *s)
{
    return s->line != NULL;
}

/* The odd number next to log d / log log d, 3 at least. */
static uint32_t order_of(double d)
{
    const double m = log(d) / log(log(d));

    return (uint32_t)fmax(3, 2 * round((m - 1) / 2) + 1);
}

static double tau_of(double d, double m, double chi2)
{
    return pow(d, -(m + 1) / 8) * sqrt(chi2);
}

static void measure(const struct sb_bound_setting *s, double g, struct sb_measure *out)
{
    const double d = s->hidden_dim, own = s->line->matched, chi2 = s->k->diagonal_ub;
    const double tau = tau_of(d, own, chi2);
    char proven[48] = "nothing";
    struct sb_overlap o;
    uint32_t m;

    (void)g;
    if (d < LEAST_DIM) {
        snprintf(out->unmet, sizeof out->unmet,
                 "d = %g is below 16: log d / log log d says nothing", d);
        return;
    }
    m = order_of(d);
    if (!sb_overlap_solve(s->line, s->hidden_dim, tau * tau, &o))
        snprintf(proven, sizeof proven, "2^%.4g", -log2(o.share));
    out->value = floor((own + 1) * log2(d));
    snprintf(
        out->unmet, sizeof out->unmet,
        "constants set to 1: d = %g asks for m = %u, %u units, 2^%.4g queries of STAT(%.3g chi); "
        "here m = %g: 2^%.4g queries of STAT(%.3g), at which the sphere average proves %s; TV "
        "to N(0,1) %.3g, Wasserstein-1 %.3g",
        d, m, 4 * (m - 1) + 2, (m + 1.0) * log2(d), tau_of(d, m, 1), own, (own + 1) * log2(d), tau,
        proven, sb_line_tv_to_gauss(s->line), sb_line_wasserstein(s->line));
}

const struct sb_bound_class sb_bound_moments_theorem = {
    .name = "moments-theorem",
    .summary = "what Theorem 3.1 of [CLL22] says at these d and m with all constants set to 1",
    .theorem = "[CLL22] Theorem 3.1, docs/theorems.md S2-T3.1",
    .value_name = "log2 d^(m+1)",
    .definition = "the exponent of d^(m+1) queries, whose constant is not stated",
    .regime = "asymptotic: m = Theta(log d / log log d) odd, C = 1/4, weights m^O(m)",
    .concerns = is_hidden_direction,
    .measure = measure,
};
