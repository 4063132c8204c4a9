/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A family and its correlations. */
#include "runner/known_family.h"

#include <errno.h>

void sb_kept_correlations_fini(struct sb_kept_correlations *kept)
{
    sb_correlations_fini(&kept->k);
    *kept = (struct sb_kept_correlations){ 0 };
}

static int find_correlations(const struct sb_family *family, const struct sb_values *params,
                             struct sb_kept_correlations *kept, struct sb_diag *diag)
{
    int error;

    if (kept->of == params)
        return 0;
    sb_kept_correlations_fini(kept);
    error = sb_correlations_of(family, SB_EFFORT_RUN, &kept->k, diag);
    if (!error)
        kept->of = params;
    return error;
}

int sb_known_family_init(const struct sb_family_class *class, const struct sb_values *params,
                         const struct sb_reduction_class *reduction,
                         struct sb_kept_correlations *kept, struct sb_known_family *out,
                         struct sb_diag *diag)
{
    struct sb_kept_correlations *const found = kept ? kept : &out->own;
    int error;

    *out = (struct sb_known_family){ .k = &found->k };
    error = sb_family_new(class, params, &out->family, diag);
    out->inner = error ? NULL : sb_reduction_inner(reduction, out->family);
    if (!error && !out->inner)
        error = sb_diag_fail(diag, -EINVAL, "reduction %s: family %s is not %s", reduction->name,
                             class->name, reduction->outer);
    if (!error)
        error = find_correlations(out->inner, params, found, diag);
    if (error) {
        sb_known_family_fini(out);
        return error;
    }
    if (!reduction && !out->k->unknown && out->k->failure <= 0 &&
        out->k->lambda_ub < out->family->lambda_max_ub)
        out->family->lambda_max_ub = out->k->lambda_ub;
    return 0;
}

void sb_known_family_fini(struct sb_known_family *known)
{
    sb_kept_correlations_fini(&known->own);
    sb_family_free(known->family);
    *known = (struct sb_known_family){ 0 };
}
