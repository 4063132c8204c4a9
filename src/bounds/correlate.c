/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A family's correlations, as well as they can be had. */
#include "bounds/correlate.h"

#include <math.h>

int sb_correlations_of(const struct sb_family *family, enum sb_effort effort,
                       struct sb_correlations *out, struct sb_diag *diag)
{
    (void)effort;
    (void)diag;
    *out = (struct sb_correlations){ .n = (double)family->n_members,
                                     .how = "closed form",
                                     .lambda_ub = INFINITY,
                                     .lambda_lb = -INFINITY,
                                     .diagonal_ub = INFINITY,
                                     .off_abs_ub = INFINITY,
                                     .off_ub = INFINITY };
    if (family->correlations)
        return family->correlations(family, out);
    out->unknown = "nothing is known of the family's correlations";
    return 0;
}
