/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The bound for orthogonal families (K = c I; parities with noise eta have c = (1 - 2 eta)^2), in
 * the sharp form of Szorenyi's argument: by Parseval sum_f (E_f[phi] - E_0[phi])^2 <= c Var_0[phi],
 * so that a query answered by the null's value is wrong by more than its tolerance for at most
 *     c / tau^2            STAT(tau), phi to [-1,1], Var <= 1
 *     3 t c                VSTAT(t), rule bernoulli: beyond sqrt(p0 / 3t) for p0 <= 1/2, Var <= p0
 *     c t^2 / 4            VSTAT(t), rule variance: tolerance >= 1/t, Var <= 1/4
 * members. After q queries all others have had valid answers that do not depend on the member, and
 * one hypothesis satisfies at most B of them: Pr[success] <= (q kill + B) / N, for a member drawn
 * uniformly and any coins. To tell a member from the null (prior 1/2 each): at most
 * 1/2 + q kill / (2N). Where answers rest on samples, their certificates may fail: that
 * probability adds to the success. [BFJ94; Szo09; docs/theorems.md C2, C3] */
#include "bounds/bounds.h"

#include <math.h>
#include <stdio.h>

static const double outward = 1 + 0x1p-40;

/* at most how many members one query can rule out */
static double kill(const struct sb_bound_setting *s)
{
    const double t = s->at_tolerance;

    switch (s->convention) {
    case SB_CONVENTION_STAT:
        return s->diagonal / (t * t) * outward;
    case SB_CONVENTION_BERNOULLI:
        return 3 * t * s->diagonal * outward;
    default:
        return s->diagonal * t * t / 4 * outward;
    }
}

/* the one condition that fails, or NULL */
static const char *unmet(const struct sb_bound_setting *s)
{
    if (s->examples)
        return "labels or examples were granted, or answers are means of fresh ones: that is not "
               "an "
               "SQ run";
    if (!s->policy_carries_bound)
        return "answers near the truth give digits away to who repeats or dithers; only policies "
               "reference and eliminate carry bounds";
    if (s->no_correlations)
        return s->no_correlations;
    if (!s->orthogonal)
        return "the family's correlation matrix is not a multiple of the identity";
    if (!s->null_is_hidden_half && s->n_good >= s->n_members)
        return "one hypothesis can satisfy every member at this loss";
    if (!(s->at_tolerance > 0) || isinf(s->at_tolerance))
        return "the certificates left nothing of the tolerance";
    return NULL;
}

static void compute(const struct sb_bound_setting *s, struct sb_bound *out)
{
    const char *why = unmet(s);
    const double k = kill(s), n = s->n_members;
    double queries;

    out->prior = s->null_is_hidden_half ? "null 1/2, members uniform" : "uniform over members";
    out->problem = s->null_is_hidden_half ? "decision" : "search";
    out->applies = !why;
    out->log2_queries = out->success_ub = out->success_at_zero = out->success_per_query = NAN;
    if (why) {
        snprintf(out->why, sizeof out->why, "%s", why);
        return;
    }
    if (s->null_is_hidden_half) {
        out->success_at_zero = (0.5 + s->failure) * outward;
        out->success_per_query = k / (2 * n) * outward;
        queries = (2 * (s->success - s->failure) - 1) * n / k;
    } else {
        out->success_at_zero = (s->n_good / n + s->failure) * outward;
        out->success_per_query = k / n * outward;
        queries = ((s->success - s->failure) * n * (1 - 0x1p-51) - s->n_good) / k;
    }
    out->success_ub =
        fmin(1, (out->success_at_zero + s->n_queries * out->success_per_query) * outward);
    if (queries > 0)
        out->log2_queries = log2(queries / outward) - 0x1p-40;
    snprintf(out->why, sizeof out->why,
             "K = %g I, policy %s; N = %g, B = %g, a query rules out at most %g members%s",
             s->diagonal, s->policy, n, s->null_is_hidden_half ? 0 : s->n_good, k,
             queries > 0 ? "" : "; guessing alone reaches this success");
}

const struct sb_bound_class sb_bound_parseval = {
    .name = "parseval",
    .summary = "orthogonal families: Pr[success] <= (q/tau^2 + B)/N",
    .theorem = "[BFJ94; Szo09] sharp form, docs/theorems.md C2 and C3",
    .compute = compute,
};
