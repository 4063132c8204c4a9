/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a finished run states: the hidden member, the score, the bounds. */
#include "runner/verdict.h"

#include "estimate/loss.h"
#include "runner/setting.h"

#include <math.h>

/* What is hidden, and its score: chosen by a lazy policy now that losses are known. A density's distance from one
 * member is to be had where those from all of them take too long. */
static int choose(const struct sb_verdict_setup *s, const struct sb_scores *scores,
                  struct sb_verdict *out)
{
    const struct sb_hypothesis *h = s->score.hypothesis;

    out->hidden = s->point->policy->finish(sb_oracle_policy_state(s->oracle),
                                           h->returned ? scores->loss : NULL, scores->null_loss);
    if (h->goal == SB_LEARN && !scores->loss && out->hidden.planted)
        return sb_score(&s->score, out->hidden, &out->score);
    out->score.loss = !out->hidden.planted ? scores->null_loss
                      : scores->loss       ? scores->loss[out->hidden.member]
                                           : NAN;
    out->score.half_width = scores->half_width;
    out->score.success = sb_success(h, out->score.loss, scores->half_width);
    return 0;
}

static double n_good(const struct sb_verdict_setup *s)
{
    return sb_setting_of(s->point, s->score.family, s->k).n_good;
}

/* Every member's loss of a predictor or a density can take as long as a query. Under a policy with a hidden member it
 * is of use only where the run states something of the others: `played` does not where an answer left
 * the null or was not counted. */
static bool wants_losses(const struct sb_verdict_setup *s)
{
    const struct sb_oracle_totals *totals = sb_oracle_totals(s->oracle);

    return s->point->policy->lazy || !sb_goal_has_loss(s->point->goal->goal) ||
           (totals->n_left_null == 0 && totals->n_uncounted == 0);
}

int sb_verdict(const struct sb_verdict_setup *s, struct sb_verdict *out)
{
    const struct sb_policy_class *policy = s->point->policy;
    struct sb_scores scores = { 0 };
    const uint8_t *live = NULL;
    bool null_live = false;
    int error = 0;

    *out = (struct sb_verdict){ .hidden = s->hidden };
    if (policy->live)
        live = policy->live(sb_oracle_policy_state(s->oracle), &null_live);
    out->counted = live;
    out->scored = live && wants_losses(s);
    if (out->scored)
        error = sb_score_all(&s->score, &scores);
    if (!error && policy->lazy)
        error = choose(s, &scores, out);
    else if (!error)
        error = sb_score(&s->score, s->hidden, &out->score);
    if (!error && live)
        sb_survivors_count(&s->score, live, null_live && s->point->goal->goal == SB_DISTINGUISH,
                           &scores, n_good(s), &out->survivors);
    sb_scores_fini(&scores);
    return error;
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
                                        .convention = convention,
                                        .subset = !sb_bound_is_of_all(bound, setting) };

    return sink->bound(sink->self, &row, diag);
}

int sb_verdict_bounds(const struct sb_verdict_setup *setup, const struct sb_verdict *verdict,
                      const struct sb_sink *sink, struct sb_diag *diag)
{
    const struct sb_point *point = setup->point;
    const struct sb_oracle_totals *totals = sb_oracle_totals(setup->oracle);
    const char *convention = sb_tolerance_name(point->access->granted(&point->oracle_values).rule);
    struct sb_bound_setting setting = sb_setting_of(point, setup->score.family, setup->k);
    struct sb_bound bound;
    int error = 0;

    if (point->access->kind == SB_ACCESS_QUERY)
        setting.at_tolerance = totals->at_tolerance;
    setting.n_queries = (double)totals->n_answered;
    setting.failure = totals->n_sampled ? sb_values_real(&point->oracle_values, "delta") : 0;
    for (size_t i = 0; sb_bounds[i] && !error; i++) {
        if (!sb_bounds[i]->quick || !sb_bound_concerns(sb_bounds[i], &setting))
            continue;
        sb_bound_compute(sb_bounds[i], &setting, &bound);
        error = store_bound(sink, &setting, &bound, convention, diag);
    }
    if (!error && verdict->counted) {
        sb_played(point, &verdict->survivors, totals, &setting, &bound);
        error = store_bound(sink, &setting, &bound, convention, diag);
    }
    return error;
}
