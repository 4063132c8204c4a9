/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Pushforwards by step functions [CLL22, Cor. 4.2]: the line is cut into m intervals of the Gauss-Hermite rule's weights
 * as masses, outer ones unbounded, and the step function is the rule's node on each. So along v there are m atoms, whose
 * moments are a Gaussian's up to 2m - 1; across v a Gaussian. Where the intervals lie makes no difference to the law. It has no
 * density: correlations with the null are infinite, and no bound of this program holds. */
#include "construct/moments.h"
#include "oracles/families/hidden_direction.h"

static const char where[] = "family pushforward-step";

static int step_create(const struct sb_values *params, struct sb_family *out, struct sb_diag *diag)
{
    const struct sb_hidden_direction_wish wish = sb_hidden_direction_wish(where, params);
    const size_t said = sb_hidden_direction_said(diag);
    struct sb_line *line = NULL;
    const int error = sb_moments_atoms((uint32_t)sb_values_int(params, "m"), 0, &line, diag);

    return error ? sb_hidden_direction_says(where, said, error, diag)
                 : sb_hidden_direction_new(&wish, line, out, diag);
}

static const struct sb_param params[] = { SB_HIDDEN_DIRECTION_PARAMS,
                                          { "m", SB_INT, 0, "3", "[2,31]",
                                            "atoms: moments up to 2m - 1 match a Gaussian's" },
                                          { NULL, 0, 0, NULL, NULL, NULL } };

const struct sb_family_class sb_family_pushforward_step = {
    .name = "pushforward-step",
    .summary = "outputs of step functions along a hidden direction: m atoms that match 2m - 1 "
               "moments of a Gaussian",
    .source = "[CLL22, Cor. 4.2]",
    .recover = SB_HIDDEN_DIRECTION_RECOVER,
    .params = params,
    .create = step_create,
    .destroy = sb_hidden_direction_destroy,
};
