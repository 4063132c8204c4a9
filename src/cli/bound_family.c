/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bounds of a family at given parameters. */
#include "cli/bound.h"

#include "bounds/correlate.h"
#include "bounds/noise.h"
#include "cli/named.h"
#include "estimate/loss.h"
#include "runner/setting.h"

#include <errno.h>

static int split_parameters(const struct sb_args *args, struct sb_given *given,
                            struct sb_diag *diag)
{
    for (size_t i = 1; i < args->n_operands; i++)
        if (!sb_given_split(args->operands[i], &given[i - 1]))
            return sb_diag_fail(diag, -EINVAL,
                                "bound: expected a parameter KEY=VALUE, found '%s'; see statbed "
                                "show %s",
                                args->operands[i], args->operands[0]);
    return 0;
}

/* Noise that a family does not know of is put on top: for labels, two of them. */
static int check_noise(const struct sb_family *family, double noise, struct sb_diag *diag)
{
    if (!(noise > 0))
        return 0;
    if (sb_params_find(family->class->params, "noise"))
        return sb_diag_fail(diag, -EINVAL,
                            "bound: family %s has a parameter of its own for noise: give noise=%g "
                            "in place of --noise=%g",
                            family->class->name, noise, noise);
    if (family->space.n_labels != 2)
        return sb_diag_fail(diag, -EINVAL,
                            "bound: --noise flips one label to the other, and family %s has %s",
                            family->class->name,
                            sb_space_is_unlabelled(&family->space) ? "no labels" : "other labels");
    return 0;
}

static int check_family(const struct sb_family *family, const struct sb_bound_options *g,
                        double noise, struct sb_diag *diag)
{
    const char *why = sb_access_takes(g->access, &family->space);

    if (why)
        return sb_diag_fail(diag, -EINVAL, "bound: oracle %s does not fit family %s: it needs %s",
                            g->access->name, family->class->name, why);
    return check_noise(family, noise, diag);
}

/* known: the family's; k: those that hold for the oracle. */
static int state_family(const struct sb_family *family, const struct sb_access_class *access,
                        struct sb_correlations *known, struct sb_bound_case *c,
                        struct sb_diag *diag)
{
    const enum sb_loss loss = sb_loss_named(c->loss);
    struct sb_loss_scale scale;
    const char *why = sb_goal_has_loss(c->goal->goal) ? sb_loss_scale(family, loss, &scale) : NULL;
    int error = why ? sb_diag_fail(diag, -EINVAL, "bound: goal %s does not fit family %s: %s",
                                   c->goal->name, c->family, why)
                    : sb_correlations_of(family, SB_EFFORT_FULL, known, diag);

    if (error)
        return error;
    c->setting.k = sb_correlations_at(known, access->without_label);
    if (c->setting.k->unknown)
        return sb_diag_fail(diag, -EINVAL, "bound: family %s: %s", c->family,
                            c->setting.k->unknown);
    if (c->noise > 0) {
        sb_correlations_noise(known, c->noise);
        known->lambda_lb = 0; /* the factor is one from above unless the null's labels are fair */
    }
    c->setting.n_good = sb_most_good(family, c->goal->goal, loss, c->max);
    sb_bound_setting_family(&c->setting, family);
    return 0;
}

int sb_bound_family(const struct sb_args *args, const struct sb_bound_writer *writer,
                    struct sb_buf *out, struct sb_diag *diag)
{
    struct sb_given *params SB_FREE = SB_NEW_ARRAY(struct sb_given, args->n_operands);
    struct sb_bound_case c = { .family = args->operands[0] };
    struct sb_named_family named = { 0 };
    struct sb_correlations k = { 0 };
    struct sb_bound_options options = { 0 };
    int error = params ? sb_named_family_find(&named, args, c.family, diag) : -ENOMEM;
    int other = sb_bound_options_read(&options, args, &c, diag);

    error = error ? error : other;
    if (!error)
        error = split_parameters(args, params, diag);
    if (!error)
        error = sb_named_family_make(&named, params, args->n_operands - 1, diag);
    if (!error)
        error = check_family(named.family, &options, c.noise, diag);
    if (!error)
        error = state_family(named.family, options.access, &k, &c, diag);
    c.values = &named.values;
    if (!error)
        error = sb_bound_put_one(&c, args, writer, out, diag);
    sb_correlations_fini(&k);
    sb_bound_options_fini(&options);
    sb_named_family_fini(&named);
    return error;
}
