/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bounds of a correlation matrix in a file. */
#include "cli/bound.h"

#include "bounds/correlate.h"
#include "bounds/noise.h"

#include <errno.h>

/* A matrix says nothing of what one predictor can satisfy. */
static int check_matrix(const struct sb_args *args, const struct sb_bound_case *c,
                        struct sb_diag *diag)
{
    if (args->n_operands > 1)
        return sb_diag_fail(diag, -EINVAL, "bound: a matrix takes no parameters, found '%s'",
                            args->operands[1]);
    if (sb_goal_has_loss(c->goal->goal))
        return sb_diag_fail(diag, -EINVAL,
                            "bound: a matrix does not say how many members one predictor can "
                            "satisfy; ask for --goal=recover or --goal=distinguish");
    return 0;
}

int sb_bound_matrix(const struct sb_args *args, const struct sb_bound_writer *writer,
                    struct sb_buf *out, struct sb_diag *diag)
{
    struct sb_bound_case c = { .matrix = args->operands[0] };
    struct sb_correlations k = { 0 };
    struct sb_bound_options options = { 0 };
    int error = sb_bound_options_read(&options, args, &c, diag);

    if (!error)
        error = check_matrix(args, &c, diag);
    if (!error)
        error = sb_correlations_read_csv(c.matrix, &k, diag);
    if (!error && c.noise > 0)
        sb_correlations_noise(&k, c.noise);
    c.setting.k = &k;
    if (!error)
        error = sb_bound_put_one(&c, args, writer, out, diag);
    sb_correlations_fini(&k);
    sb_bound_options_fini(&options);
    return error;
}
