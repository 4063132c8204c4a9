/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Non-Gaussian component analysis with a law of the user's along v: a mixture of Gaussians on the line; across v a standard
 * one. A law that is no mixture of Gaussians is a family plugin's (docs/family.md). */
#include "base/memory.h"
#include "oracles/families/hidden_direction.h"

#include <errno.h>
#include <math.h>

static const char where[] = "family ngca";

struct mixture {
    size_t n;
    const double *weight, *mean, *deviation; /* borrowed */
};

static int take_mixture(const struct sb_values *params, struct mixture *out, struct sb_diag *diag)
{
    const struct sb_value *weights = sb_values_find(params, "weights");
    const struct sb_value *means = sb_values_find(params, "means");
    const struct sb_value *deviations = sb_values_find(params, "deviations");

    *out =
        (struct mixture){ weights->n_vector, weights->vector, means->vector, deviations->vector };
    if (out->n && out->n <= SB_LINE_PIECES && means->n_vector == out->n &&
        deviations->n_vector == out->n)
        return 0;
    return sb_diag_fail(diag, -EINVAL,
                        "%s: %zu weights, %zu means and %zu deviations: give as many of each, one "
                        "for a component, at most %d",
                        where, out->n, means->n_vector, deviations->n_vector, SB_LINE_PIECES);
}

/* The least deviation is noise that all components have; what is left of each is a slope. */
static int make_line(const struct mixture *of, uint32_t matched, struct sb_line **out,
                     struct sb_diag *diag)
{
    struct sb_line_piece *piece SB_FREE = SB_NEW_ARRAY(struct sb_line_piece, of->n);
    double noise = INFINITY;

    if (!piece)
        return -ENOMEM;
    for (size_t i = 0; i < of->n; i++)
        noise = of->deviation[i] < noise ? of->deviation[i] : noise;
    for (size_t i = 0; i < of->n; i++) {
        const double s = of->deviation[i];

        piece[i] = (struct sb_line_piece){ .lo = -INFINITY,
                                           .hi = INFINITY,
                                           .offset = of->mean[i],
                                           .slope = sqrt((s - noise) * (s + noise)),
                                           .weight = of->weight[i],
                                           .mass = of->weight[i] };
    }
    return sb_line_mixture(of->n, piece, noise, matched, NULL, 0, out, diag);
}

static int ngca_create(const struct sb_values *params, struct sb_family *out, struct sb_diag *diag)
{
    const struct sb_hidden_direction_wish wish = sb_hidden_direction_wish(where, params);
    const size_t said = sb_hidden_direction_said(diag);
    struct sb_line *line = NULL;
    struct mixture of;
    int error = take_mixture(params, &of, diag);

    if (error)
        return error;
    error = make_line(&of, (uint32_t)sb_values_int(params, "matched"), &line, diag);
    return error ? sb_hidden_direction_says(where, said, error, diag)
                 : sb_hidden_direction_new(&wish, line, out, diag);
}

static const struct sb_param params[] = {
    SB_HIDDEN_DIRECTION_PARAMS,
    { "weights", SB_VECTOR, 0, "0.5,0.5", "(0,1]", "the components' masses, which sum to 1" },
    { "means", SB_VECTOR, 0, "-0.8,0.8", "[-100,100]", "their means along v" },
    { "deviations", SB_VECTOR, 0, "0.6,0.6", "[0.001,100]", "their standard deviations along v" },
    { "matched", SB_INT, 0, "0", "[0,256]",
      "moments up to this one are declared to be a Gaussian's, which is looked at: to 1e-9" },
    { NULL, 0, 0, NULL, NULL, NULL }
};

const struct sb_family_class sb_family_ngca = {
    .name = "ngca",
    .summary = "non-Gaussian component analysis: a mixture of Gaussians of one's own along a "
               "hidden direction",
    .source = "[DKS17]",
    .recover = SB_HIDDEN_DIRECTION_RECOVER,
    .params = params,
    .create = ngca_create,
    .destroy = sb_hidden_direction_destroy,
};
