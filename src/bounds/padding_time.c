/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How long the attacks and reductions on padded lifts run [CGKM22, Theorem 4.1, Remark 4.2; theorems.md S0-T4.1,
 * S0-R4.2]: a learner of D = d^m coordinates in time poly(D) tells LWR in n = d coordinates from random labels in
 * time d^Theta(m), 2^Theta(log^(1+c) n) for m = log^c n; the slower m grows, the nearer that is to a polynomial. */
#include "bounds/bounds.h"

#include <math.h>
#include <stdio.h>

static bool is_lift(const struct sb_bound_setting *s)
{
    return s->lift_dim > 0;
}

/* How often log2 is taken until at most 1 is left. */
static double iterated_log(double d)
{
    double n = 0;

    for (; d > 1; n++)
        d = log2(d);
    return n;
}

static void measure(const struct sb_bound_setting *s, double g, struct sb_measure *out)
{
    const double d = s->lift_dim, log_d = log2(d);

    (void)g;
    out->value = floor(s->lift_m * log_d);
    snprintf(out->unmet, sizeof out->unmet,
             "a run time, not a number of queries: d^m = 2^%.4g; at m = 1, 2, log* d, log2 d it is "
             "2^%.4g, 2^%.4g, 2^%.4g, 2^%.4g",
             s->lift_m * log_d, log_d, 2 * log_d, iterated_log(d) * log_d, log_d * log_d);
}

const struct sb_bound_class sb_bound_padding_time = {
    .name = "padding-time",
    .summary = "d^m: what learning a padded lift in polynomial time costs in terms of the base",
    .theorem = "[CGKM22] Theorem 4.1 and Remark 4.2, docs/theorems.md S0-T4.1, S0-R4.2",
    .value_name = "log2 d^m",
    .definition = "the exponent of the time that a learner of D = d^m coordinates in time D takes",
    .regime = "compressed lifts; if LWR is hard for that time, no such learner exists",
    .concerns = is_lift,
    .measure = measure,
};
