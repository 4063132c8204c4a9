/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a finished run states: the hidden member, the score, the bounds. */
#include "runner/verdict.h"

#include "base/memory.h"
#include "runner/setting.h"

#include <errno.h>
#include <math.h>
#include <string.h>

enum sb_loss sb_goal_loss(const struct sb_point *point)
{
    const char *loss = sb_values_text(&point->goal_values, "loss");

    return loss && strcmp(loss, "squared") == 0 ? SB_LOSS_SQUARED : SB_LOSS_ZERO_ONE;
}

static bool null_is_candidate(const struct sb_verdict_setup *s)
{
    return s->point->goal->goal == SB_DISTINGUISH;
}

/* The mass on which the learner can have succeeded: members dropped, and live ones that the
 * hypothesis is not certified to fail on. The null weighs as much as all members together. */
static double played(const struct sb_verdict_setup *s, const uint8_t *live, bool null_live,
                     const double *loss, double null_loss, double half_width)
{
    const double n = (double)s->score.family->n_members;
    double mass = 0;

    for (uint64_t i = 0; i < s->score.family->n_members; i++)
        mass += !live[i] || sb_success(s->score.hypothesis, loss[i], half_width) != 0;
    if (!null_is_candidate(s))
        return mass / n;
    if (!null_live || sb_success(s->score.hypothesis, null_loss, 0) != 0)
        mass += n;
    return mass / (2 * n);
}

static int lazy_verdict(const struct sb_verdict_setup *s, struct sb_verdict *out)
{
    const struct sb_policy_class *policy = s->point->policy;
    void *state = sb_oracle_policy_state(s->oracle);
    double *loss = SB_NEW_ARRAY(double, s->score.family->n_members);
    bool null_live;
    const uint8_t *live = policy->live(state, &null_live);
    double null_loss, half_width;
    int error = loss ? sb_score_all(&s->score, loss, &null_loss, &half_width) : -ENOMEM;

    if (!error) {
        out->hidden = policy->finish(state, s->score.hypothesis->returned ? loss : NULL, null_loss);
        out->score.loss = out->hidden.planted ? loss[out->hidden.member] : null_loss;
        out->score.half_width = half_width;
        out->score.success = sb_success(s->score.hypothesis, out->score.loss, half_width);
        out->played_ub = played(s, live, null_live, loss, null_loss, half_width);
        out->n_live = null_live;
        for (uint64_t i = 0; i < s->score.family->n_members; i++)
            out->n_live += live[i];
    }
    free(loss);
    return error;
}

int sb_verdict(const struct sb_verdict_setup *setup, struct sb_verdict *out)
{
    *out = (struct sb_verdict){ .hidden = setup->hidden, .n_live = -1, .played_ub = NAN };
    if (setup->point->policy->lazy)
        return lazy_verdict(setup, out);
    return sb_score(&setup->score, setup->hidden, &out->score);
}

static int store_bound(const struct sb_sink *sink, const struct sb_bound_setting *setting,
                       const struct sb_bound *bound, const char *convention, struct sb_diag *diag)
{
    const struct sb_store_bound row = { .name = bound->name,
                                        .theorem = bound->theorem,
                                        .applies = bound->applies,
                                        .why = bound->why,
                                        .log2_queries = bound->log2_queries,
                                        .success_probability = setting->success,
                                        .success_ub = bound->success_ub,
                                        .success_at_zero = bound->success_at_zero,
                                        .success_per_query = bound->success_per_query,
                                        .at_tolerance = setting->at_tolerance,
                                        .prior = bound->prior,
                                        .problem = bound->problem,
                                        .convention = convention };

    return sink->bound(sink->self, &row, diag);
}

static int store_played(const struct sb_verdict_setup *s, const struct sb_verdict *verdict,
                        const struct sb_sink *sink, const struct sb_bound_setting *setting,
                        const char *convention, struct sb_diag *diag)
{
    const struct sb_bound bound = {
        .name = "played",
        .theorem = "elimination certificate, docs/theorems.md B5",
        .prior = null_is_candidate(s) ? "null 1/2, members uniform" : "uniform over members",
        .problem = null_is_candidate(s) ? "decision" : "search",
        .applies = true,
        .why = "of this learner at these coins: the fraction of targets on which it can have "
               "succeeded with what it asked and returned",
        .log2_queries = NAN,
        .success_ub = verdict->played_ub,
        .success_at_zero = NAN,
        .success_per_query = NAN,
    };

    return store_bound(sink, setting, &bound, convention, diag);
}

int sb_verdict_bounds(const struct sb_verdict_setup *setup, const struct sb_verdict *verdict,
                      const struct sb_sink *sink, struct sb_diag *diag)
{
    const struct sb_point *point = setup->point;
    const struct sb_oracle_totals *totals = sb_oracle_totals(setup->oracle);
    const char *convention = sb_tolerance_name(point->access->granted(&point->oracle_values).rule);
    struct sb_correlations k = { 0 };
    int error = sb_correlations_of(setup->score.family, SB_EFFORT_RUN, &k, diag);
    struct sb_bound_setting setting = sb_setting_of(point, setup->score.family, &k);

    if (point->access->kind == SB_ACCESS_QUERY)
        setting.at_tolerance = totals->at_tolerance;
    setting.n_queries = (double)totals->n_answered;
    setting.failure = totals->n_sampled ? sb_values_real(&point->oracle_values, "delta") : 0;
    for (size_t i = 0; sb_bounds[i] && !error; i++) {
        struct sb_bound bound;

        if (!sb_bounds[i]->quick)
            continue;
        sb_bound_compute(sb_bounds[i], &setting, &bound);
        error = store_bound(sink, &setting, &bound, convention, diag);
    }
    if (!error && point->policy->lazy)
        error = store_played(setup, verdict, sink, &setting, convention, diag);
    sb_correlations_fini(&k);
    return error;
}
