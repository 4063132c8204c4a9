/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Statistical dimension of a hidden direction v that is uniform on the sphere of R^d; no list of members is needed.
 * A set S of directions of share a (of the sphere's measure), u in S: the v of S are a share a of all, so that the mean
 * of |K(u,v)| <= chi(|t|), t = <u,v>, over them is at most that over the share a of all v whose |t| is largest:
 *     gbar(a) = E[chi(|t|) given |t| >= t_a],  Pr[|t| >= t_a] = a,
 * which falls as a grows; so is the mean over S x S. A query that sets S off the null, to whatever sides, makes that mean
 * exceed g (bounds.h), so that a < a* where gbar(a*) = g: it rules out less than the share a*, and SDA(g) >= 1/a*
 * [FGR17, Def. 3.6, with the sphere's measure for counting; moments.md 4]. chi and its rounding are bounds/overlap.h's.
 *
 * The prior is not that of a run, whose members are finitely many and public: queries may hang on their list. */
#include "bounds/overlap.h"

#include "bounds/bounds.h"

#include <math.h>
#include <stdio.h>

static bool is_hidden_direction(const struct sb_bound_setting *s)
{
    return s->line != NULL;
}

/* The share of the sphere that one direction recovers, at most. */
static double share_recovered(const struct sb_bound_setting *s)
{
    const double sine = sin(s->angle), u = sine * sine * (1 + 0x1p-50);
    struct sb_overlap o;

    if (!s->recovers || !(s->angle >= 0) || !(u <= sb_overlap_most(s->hidden_dim)))
        return 1;
    if (u < sb_overlap_least(s->hidden_dim))
        return 0x1p-1000;
    sb_overlap_init(&o, s->hidden_dim, u);
    return s->line->symmetric ? o.share : o.share / 2;
}

static void measure(const struct sb_bound_setting *s, double g, struct sb_measure *out)
{
    struct sb_overlap at;
    const char *const why = sb_overlap_solve(s->line, s->hidden_dim, g, &at);

    if (why) {
        snprintf(out->unmet, sizeof out->unmet, "%s", why);
        return;
    }
    out->prior =
        s->null_is_hidden_half ? "null 1/2, v uniform on the sphere" : "v uniform on the sphere";
    out->elsewhere = out->shares = true;
    out->n_targets = 1;
    out->kill = at.share;
    out->n_good = share_recovered(s);
    out->value = 1 / at.share * (1 - 0x1p-52);
    snprintf(out->constants, sizeof out->constants,
             "the mean of chi(t) over |t| = |<u,v>| >= %.6g, %.4g of all pairs of directions, is "
             "at most g",
             at.tau, at.share);
}

const struct sb_bound_class sb_bound_sphere = {
    .name = "sphere",
    .summary = "sphere average: a query rules out at most the share a* of all directions",
    .theorem = "[FGR17] SDA with v uniform on the sphere, docs/theorems.md C4 and S2-L3.3",
    .value_name = "SDA over the sphere",
    .definition =
        "1/a*, where the mean of chi(t) over the share a* of pairs of directions with the "
        "largest |t| is g",
    .regime = "a hidden direction, uniform on the sphere; chi^2 finite",
    .quick = true,
    .concerns = is_hidden_direction,
    .measure = measure,
};
