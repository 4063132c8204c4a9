/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Parallel pancakes [DKS17]: a mixture of k Gaussians whose centres are on a line along v, thin along v and standard
 * across it. Centres are sqrt(1 - sigma^2) times the nodes of the k-point Gauss-Hermite rule and their masses its weights, so
 * that with deviation sigma along v all moments up to 2k - 1 are a Gaussian's. */
#include "construct/moments.h"
#include "oracles/families/hidden_direction.h"

static const char where[] = "family pancakes";

static int pancakes_create(const struct sb_values *params, struct sb_family *out,
                           struct sb_diag *diag)
{
    const struct sb_hidden_direction_wish wish = sb_hidden_direction_wish(where, params);
    const size_t said = sb_hidden_direction_said(diag);
    struct sb_line *line = NULL;
    const int error = sb_moments_atoms((uint32_t)sb_values_int(params, "components"),
                                       sb_values_real(params, "sigma"), &line, diag);

    return error ? sb_hidden_direction_says(where, said, error, diag)
                 : sb_hidden_direction_new(&wish, line, out, diag);
}

static const struct sb_param params[] = {
    SB_HIDDEN_DIRECTION_PARAMS,
    { "components", SB_INT, 0, "2", "[2,31]",
      "Gaussians k: moments up to 2k - 1 match the standard one's" },
    { "sigma", SB_REAL, 0, "0.1", "(0,1)", "standard deviation of each along v" },
    { NULL, 0, 0, NULL, NULL, NULL }
};

const struct sb_family_class sb_family_pancakes = {
    .name = "pancakes",
    .summary =
        "mixtures of k thin parallel Gaussians along a hidden direction, with 2k - 1 moments "
        "of one",
    .source = "[DKS17]",
    .recover = SB_HIDDEN_DIRECTION_RECOVER,
    .params = params,
    .create = pancakes_create,
    .destroy = sb_hidden_direction_destroy,
};
