/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The spectral bound: sum_f (E_f[phi] - E_0[phi])^2 <= lambda_max(K) |phi|^2, so that |S| members beyond
 * the tolerance have |S| g < lambda_max(K), g of bounds.h. For orthogonal families (K = c I; parities with
 * noise eta have c = (1 - 2 eta)^2) it is Parseval's identity, the sharp form of Szorenyi's argument:
 * 1/tau^2 parities a query. [Yang05; BFJ94; Szo09; docs/theorems.md C2, C3] */
#include "bounds/bounds.h"

#include <math.h>
#include <stdio.h>

static void measure(const struct sb_bound_setting *s, double g, struct sb_measure *out)
{
    const struct sb_correlations *k = s->k;

    out->value = k->lambda_ub;
    out->kill = k->lambda_ub / g * (1 + 0x1p-40);
    if (!(k->lambda_ub < INFINITY))
        snprintf(out->unmet, sizeof out->unmet, "no upper bound on lambda_max(K) is known");
    else if (k->orthogonal)
        snprintf(out->constants, sizeof out->constants, "K = %g I", sb_bound_shown(k->diagonal_ub));
    else
        snprintf(out->constants, sizeof out->constants, "lambda_max(K) <= %g",
                 sb_bound_shown(k->lambda_ub));
}

const struct sb_bound_class sb_bound_spectral = {
    .name = "spectral",
    .summary = "a query rules out at most lambda_max(K)/g members",
    .theorem = "[BFJ94; Szo09; Yang05] spectral form, docs/theorems.md C2 and C3",
    .value_name = "lambda_max(K)",
    .value_is_ub = true,
    .definition = "the largest eigenvalue of K, from above; N g/lambda_max bounds the randomised "
                  "statistical dimension [Feldman17] from below",
    .regime = "any finite family, any tolerance",
    .quick = true,
    .measure = measure,
};
