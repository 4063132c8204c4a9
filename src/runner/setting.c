/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From a point of the grid to the numbers that bounds are computed from. */
#include "runner/setting.h"

#include "estimate/loss.h"
#include "runner/known_family.h"

#include <math.h>
#include <stdio.h>

uint32_t sb_convention_of(struct sb_tolerance granted)
{
    return granted.rule == SB_RULE_STAT        ? SB_CONVENTION_STAT
           : granted.rule == SB_RULE_BERNOULLI ? SB_CONVENTION_BERNOULLI
                                               : SB_CONVENTION_VARIANCE;
}

double sb_most_good(const struct sb_family *family, uint32_t goal, enum sb_loss loss, double max)
{
    if (sb_goal_has_loss(goal))
        return (double)sb_loss_n_good(family, loss, max);
    return goal == SB_RECOVER && family->n_recovered ? (double)family->n_recovered(family) : 1;
}

static double most_good(const struct sb_point *point, const struct sb_family *family)
{
    const uint32_t goal = point->goal->goal;

    return sb_most_good(family, goal, sb_goal_loss(goal, &point->goal_values),
                        sb_goal_has_loss(goal) ? sb_values_real(&point->goal_values, "max") : NAN);
}

struct sb_bound_setting sb_setting_of(const struct sb_point *point, const struct sb_family *family,
                                      const struct sb_correlations *k)
{
    const struct sb_tolerance granted = point->access->granted(&point->oracle_values);

    struct sb_bound_setting setting = {
        .k = sb_correlations_at(k, point->access->without_label),
        .convention = sb_convention_of(granted),
        .at_tolerance = point->access->kind == SB_ACCESS_QUERY
                            ? sb_reduction_tolerance(point->reduction, granted.value)
                            : NAN,
        .policy = point->policy->name,
        .policy_carries_bound = point->policy->carries_bound,
        .null_is_hidden_half = point->goal->goal == SB_DISTINGUISH,
        .recovers = point->goal->goal == SB_RECOVER,
        .examples = sb_access_gives_examples(point->access, point->grants),
        .n_good = most_good(point, family),
        .success = sb_values_real(&point->goal_values, "success"),
    };

    sb_bound_setting_family(&setting, sb_reduction_inner(point->reduction, family));
    return setting;
}

/* Of bounds whose prior is that of a run: all n members. */
static bool is_stronger(const struct sb_bound *bound, const struct sb_bound_setting *setting,
                        const struct sb_prediction *known)
{
    if (!bound->applies || !sb_bound_is_of_all(bound, setting))
        return false;
    return !known->bound || (isnan(known->log2_queries) && !isnan(bound->log2_queries)) ||
           bound->log2_queries > known->log2_queries;
}

int sb_predict(const struct sb_point *point, struct sb_prediction *out, struct sb_diag *diag)
{
    struct sb_known_family known;
    struct sb_bound_setting setting;
    const int error = sb_known_family_init(point->family, &point->family_values, point->reduction,
                                           NULL, &known, diag);

    if (error)
        return error;
    *out = (struct sb_prediction){ .log2_queries = NAN };
    setting = sb_setting_of(point, known.family, known.k);
    for (size_t i = 0; sb_bounds[i]; i++) {
        struct sb_bound bound;

        if (!sb_bounds[i]->quick || !sb_bound_concerns(sb_bounds[i], &setting))
            continue;
        sb_bound_compute(sb_bounds[i], &setting, &bound);
        if (is_stronger(&bound, &setting, out)) {
            out->bound = sb_bounds[i];
            out->log2_queries = bound.log2_queries;
        }
        if (!bound.applies && !out->why[0])
            snprintf(out->why, sizeof out->why, "%s", bound.why);
    }
    sb_known_family_fini(&known);
    return 0;
}
