/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Average correlation of a packing of directions that exists. A set of unit vectors of R^d with |<v,v'>| < tau among
 * them that is as large as can be leaves no vector that is not within |t| >= tau of one of them, so that it has
 *     s >= 1 / Pr[|t| >= tau]  [Gilbert-Varshamov]
 * members. There K_ii <= beta = chi^2 and |K_ij| <= gamma = chi(tau), and a query rules out at most
 * (beta - gamma)/(g - gamma) of them, g = gamma + gamma' [FGR17; DKS17, C5]. The tau is taken that makes
 * s gamma' / (beta - gamma) largest. Nothing is said of the run's own members, whose overlaps were measured: of them
 * speak average, pair-event and spectral.
 *
 * Search: a direction recovers members within `angle` of it. Two such are within twice that of one another, so that
 * it is one at most where tau <= cos(2 angle). */
#include "bounds/overlap.h"

#include "bounds/bounds.h"

#include <math.h>
#include <stdio.h>

enum { STEPS = 96, REFINEMENTS = 60 };

static bool is_hidden_direction(const struct sb_bound_setting *s)
{
    return s->line != NULL;
}

struct packing {
    const struct sb_chi *chi;
    uint32_t dim;
    double g, beta;
    /* at one tau: */
    double tau, gamma, kill, size;
    double queries; /* size / kill, to be made large */
};

/* At overlaps below sqrt(1 - u). */
static double try(struct packing *p, double u)
{
    struct sb_overlap o;

    sb_overlap_init(&o, p->dim, u);
    p->tau = o.tau;
    p->gamma = sb_chi_at(p->chi, o.tau);
    p->kill = sb_bound_set_size(p->beta, p->gamma, p->g);
    p->size = 1 / o.share * (1 - 0x1p-52);
    p->queries = p->size / p->kill;
    return p->queries;
}

static double at_log(struct packing *p, double log_u)
{
    return try(p, exp(log_u));
}

/* The best u between two: of a grid in log u, then by golden section around it. */
static void find_best(struct packing *p, double least, double most)
{
    const double from = log(least), to = log(most), step = (to - from) / STEPS;
    const double ratio = 0.61803398874989485;
    double best = to, value = at_log(p, to), low, high;

    for (int i = 0; i < STEPS; i++) {
        const double other = at_log(p, from + i * step);

        best = other > value ? from + i * step : best;
        value = fmax(value, other);
    }
    low = fmax(from, best - step);
    high = fmin(to, best + step);
    for (int i = 0; i < REFINEMENTS; i++) {
        const double a = high - ratio * (high - low), b = low + ratio * (high - low);

        if (at_log(p, a) > at_log(p, b))
            high = b;
        else
            low = a;
    }
    if (at_log(p, high) < value)
        at_log(p, best);
}

/* tau at most where one direction recovers one member: u at least. */
static double least_of(const struct sb_bound_setting *s)
{
    const double least = sb_overlap_least(s->hidden_dim), sine = sin(2 * s->angle);

    if (s->null_is_hidden_half)
        return least;
    if (!s->recovers || !(s->angle >= 0 && s->angle <= 0.78))
        return 1;
    return fmax(least, sine * sine * (1 + 0x1p-50));
}

static bool find(const struct sb_bound_setting *s, double g, struct packing *out)
{
    const double most = sb_overlap_most(s->hidden_dim), least = least_of(s);
    bool found = false;

    for (int many = 0; many < 2; many++) {
        struct sb_chi chi;
        double rest;

        if (!(least < most) || sb_chi_init(&chi, s->line, many))
            return false;
        *out = (struct packing){
            .chi = &chi, .dim = s->hidden_dim, .g = g, .beta = s->k->diagonal_ub
        };
        find_best(out, least, most);
        found = out->queries > 0;
        rest = chi.rest * pow(out->tau, (double)chi.n);
        sb_chi_fini(&chi);
        if (!(rest > out->gamma * 0x1p-40))
            break;
    }
    return found;
}

static void measure(const struct sb_bound_setting *s, double g, struct sb_measure *out)
{
    struct packing best;

    if (s->hidden_dim < 2 || !find(s, g, &best)) {
        snprintf(out->unmet, sizeof out->unmet,
                 "no packing of directions has chi(tau) below g = %g%s", g,
                 s->null_is_hidden_half || s->recovers
                     ? ""
                     : ", or for all that is known one hypothesis can satisfy all of it");
        return;
    }
    out->prior = s->null_is_hidden_half ? "null 1/2, v uniform over a packing that exists"
                                        : "v uniform over a packing that exists";
    out->elsewhere = true;
    out->n_targets = ceil(best.size);
    out->n_good = 1;
    out->kill = best.kill;
    out->value = out->n_targets / out->kill * (1 - 0x1p-50);
    snprintf(out->constants, sizeof out->constants,
             "%.6g directions with |<v,v'>| < tau = %.6g: beta = %g, gamma = chi(tau) = %g, "
             "gamma' = g - gamma = %.6g",
             best.size, best.tau, sb_bound_shown(best.beta), sb_bound_shown(best.gamma),
             g - best.gamma);
}

const struct sb_bound_class sb_bound_packing = {
    .name = "packing",
    .summary = "SD(gamma, beta) of the best packing of directions that exists by Gilbert-Varshamov",
    .theorem =
        "[FGR17; DKS17] SDA(gamma + g') >= s g'/(beta - gamma), docs/theorems.md C5 and S2-L3.3",
    .value_name = "SDA",
    .definition = "s g'/(beta - gamma) at the best tau, s = 1/Pr[|t| >= tau] directions with "
                  "|<v,v'>| < tau",
    .regime = "a hidden direction, uniform over a packing that exists, not the run's own members; "
              "chi^2 finite",
    .quick = true,
    .concerns = is_hidden_direction,
    .measure = measure,
};
