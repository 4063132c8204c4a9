/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Pushforwards of a Gaussian by one-hidden-layer ReLU networks [CLL22]: along v the law D' of
 * sqrt(1 - sigma^2) f(z1) + sigma z2, f the sum of m - 1 trapezoids whose moments are a Gaussian's up to m (construct/moments.h);
 * across v a Gaussian. What every query of degree at most m sees is the null. */
#include "base/memory.h"
#include "construct/generator.h"
#include "oracles/families/hidden_direction.h"

#include <math.h>

static const char where[] = "family pushforward";

/* The network f*(z1,z2) = sqrt(1 - sigma^2) f(z1) + sigma z2: four units a trapezoid, two for the linear part; the
 * weights of one are its slope and its slope times a breakpoint, and the outer ones 1 [CLL22, Fact 4.3]. */
static double largest_weight(const struct sb_moments *moments, double sigma)
{
    double most = 1;

    for (uint32_t i = 0; i < moments->n; i++) {
        const struct sb_bump *bump = &moments->bump[i];
        const double end = bump->q + moments->eps;
        const double weight =
            sqrt(1 - sigma * sigma) * (bump->height / moments->eps) * (end > 1 ? end : 1);

        most = weight > most ? weight : most;
    }
    return most;
}

static int make(const struct sb_moments *moments, double sigma, const struct sb_values *params,
                struct sb_family *out, struct sb_diag *diag)
{
    const struct sb_fact own[] = {
        { "epsilon", moments->eps, "width of the ramps" },
        { "horizon", moments->horizon,
          "epsilon unless asked for: half of the least at which ramps meet or the heights end" },
        { "fold", moments->fold,
          "epsilon at which the heights that match end; inf: not before "
          "ramps meet" },
        { "units", 4.0 * (moments->m - 1) + 2, "ReLU units of the generator along v" },
        { "weight-bound", largest_weight(moments, sigma),
          "the largest weight or bias of the generator along v" },
    };
    struct sb_hidden_direction_wish wish = sb_hidden_direction_wish(where, params);
    const size_t said = sb_hidden_direction_said(diag);
    struct sb_line *line = NULL;
    const int error = sb_moments_line(moments, sigma, &line, diag);

    if (error)
        return sb_hidden_direction_says(where, said, error, diag);
    wish.own = own;
    wish.n_own = SB_COUNT(own);
    return sb_hidden_direction_new(&wish, line, out, diag);
}

static int generator(const struct sb_family *family, uint64_t member, struct sb_network **out,
                     struct sb_diag *diag)
{
    const uint32_t dim = family->space.dim;
    double v[SB_NGCA_DIM];
    struct sb_generator wish = {
        .sigma = sb_values_real(family->params, "sigma"), .dim = dim, .padded = dim, .v = v
    };
    struct sb_moments *moments = NULL;
    int error = sb_moments_new((uint32_t)sb_values_int(family->params, "m"),
                               sb_values_real(family->params, "horizon"), &moments, diag);

    if (error)
        return error;
    wish.moments = moments;
    sb_ngca_direction(family->ngca, member, v);
    error = sb_generator_new(&wish, out, diag);
    sb_moments_free(moments);
    return error;
}

static int pushforward_create(const struct sb_values *params, struct sb_family *out,
                              struct sb_diag *diag)
{
    const size_t said = sb_hidden_direction_said(diag);
    struct sb_moments *moments = NULL;
    int error = sb_moments_new((uint32_t)sb_values_int(params, "m"),
                               sb_values_real(params, "horizon"), &moments, diag);

    if (error)
        return sb_hidden_direction_says(where, said, error, diag);
    error = make(moments, sb_values_real(params, "sigma"), params, out, diag);
    out->generator = generator;
    sb_moments_free(moments);
    return error;
}

static const struct sb_param params[] = {
    SB_HIDDEN_DIRECTION_PARAMS,
    { "m", SB_INT, 0, "3", "[3,41]", "moments that match a Gaussian's, odd" },
    { "sigma", SB_REAL, 0, "0.1", "(0,1)", "standard deviation of the noise along v" },
    { "horizon", SB_REAL, 0, "0", "[0,1]",
      "width epsilon of the ramps; 0: the construction's own" },
    { NULL, 0, 0, NULL, NULL, NULL }
};

const struct sb_family_class sb_family_pushforward = {
    .name = "pushforward",
    .summary = "outputs of one-hidden-layer ReLU networks that match m moments of a Gaussian along "
               "a hidden direction",
    .source = "[CLL22]",
    .recover = SB_HIDDEN_DIRECTION_RECOVER,
    .params = params,
    .create = pushforward_create,
    .destroy = sb_hidden_direction_destroy,
};
