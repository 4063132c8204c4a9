/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A family and its correlations. */
#include "runner/known_family.h"

int sb_known_family_init(const struct sb_family_class *class, const struct sb_values *params,
                         struct sb_known_family *out, struct sb_diag *diag)
{
    int error;

    *out = (struct sb_known_family){ 0 };
    error = sb_family_new(class, params, &out->family, diag);
    if (!error)
        error = sb_correlations_of(out->family, SB_EFFORT_RUN, &out->k, diag);
    if (error) {
        sb_known_family_fini(out);
        return error;
    }
    if (!out->k.unknown && out->k.failure <= 0 && out->k.lambda_ub < out->family->lambda_max_ub)
        out->family->lambda_max_ub = out->k.lambda_ub;
    return 0;
}

void sb_known_family_fini(struct sb_known_family *known)
{
    sb_correlations_fini(&known->k);
    sb_family_free(known->family);
    *known = (struct sb_known_family){ 0 };
}
