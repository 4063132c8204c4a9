/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The elimination certificate of a finished game. Of N members V are left, and what was returned is not
 * certified to fail on at most b of them, so that this learner at this coin seed succeeds on at most
 * N - V + b members where answers are as they were here. The null, where it is a candidate, weighs as
 * much as all members together.
 *
 * With kappa, the most members that one answer dropped, q answers leave at least N - q kappa, and one
 * hypothesis meets the goal on at most B of them: that line holds for every learner whose queries drop
 * no more than kappa each. Which answers it speaks of is the policy's: the null's values under `null`
 * and `reference`, those of this very game under `eliminate`. */
#include "runner/played.h"

#include <math.h>
#include <stdio.h>

void sb_survivors_count(const struct sb_score_task *task, const uint8_t *live, bool null_live,
                        const struct sb_scores *scores, double n_good, struct sb_survivors *out)
{
    const struct sb_hypothesis *h = task->hypothesis;
    int success;

    *out = (struct sb_survivors){ .null_live = null_live, .failure = scores->failure };
    for (uint64_t i = 0; i < task->family->n_members; i++) {
        if (!live[i])
            continue;
        success = scores->loss ? sb_success(h, scores->loss[i], scores->half_width) : -1;
        out->n_live++;
        out->n_right += success > 0;
        out->n_open += success != 0;
    }
    if ((double)out->n_open > n_good && h->goal != SB_DISTINGUISH)
        out->n_open = (uint64_t)n_good;
    success = sb_success(h, scores->null_loss, 0);
    out->null_right = null_live && success > 0;
    out->null_open = null_live && success != 0;
}

/* mass / n, rounded up */
static double share(double mass, double n)
{
    const double v = mass / n;

    return fma(v, n, -mass) < 0 ? nextafter(v, INFINITY) : v;
}

/* The mass on which the learner can have succeeded: what was dropped, on which nothing was shown, and
 * what is left but not certified to fail. */
static double success_ub(const struct sb_survivors *s, double n, bool null_is_candidate)
{
    const double mass = n - (double)s->n_live + (double)s->n_open;

    if (!null_is_candidate)
        return share(mass, n);
    return share(mass + (s->null_live && !s->null_open ? 0 : n), 2 * n);
}

/* Why nothing is stated, or NULL. */
static const char *unmet(const struct sb_point *point, const struct sb_oracle_totals *totals,
                         const struct sb_bound_setting *setting)
{
    if (setting->examples)
        return "labels or examples were granted: they tell members apart that have had the same "
               "answers";
    if (point->policy->lazy)
        return NULL;
    if (totals->n_left_null)
        return "an answer was not the null's value: it depends on the hidden member, and nothing "
               "is shown of the others";
    if (totals->n_uncounted)
        return "the members that an answer was not valid for were not counted";
    return NULL;
}

/* Whom the line is about. */
static const char *scope(const struct sb_oracle_totals *totals, bool null_lost)
{
    if (null_lost)
        return "the null was dropped, too: nothing follows for numbers of queries";
    if (!totals->max_dropped)
        return "no answer dropped a member: nothing follows for numbers of queries";
    return totals->n_left_null ? "the line holds for learners whose queries drop at most kappa "
                                 "each in this game"
                               : "answers were the null's values: the line holds for learners "
                                 "whose queries drop at most kappa each against these";
}

static void state(const struct sb_survivors *s, const struct sb_oracle_totals *totals,
                  const struct sb_bound_setting *setting, struct sb_bound *out)
{
    const bool decision = setting->null_is_hidden_half, null_lost = decision && !s->null_live;
    const double n = setting->k->n, kappa = (double)totals->max_dropped;
    const double failure = setting->failure + s->failure;

    sb_bound_line(setting, kappa, n, setting->failure, out);
    if (null_lost)
        out->success_at_zero = out->success_per_query = NAN;
    if (null_lost || !(kappa > 0))
        out->log2_queries = NAN;
    out->success_ub = success_ub(s, n, decision);
    if (failure > 0)
        out->success_ub = fmin(1, (out->success_ub + failure) * (1 + 0x1p-50));
    snprintf(out->why, sizeof out->why,
             "for this learner at this coin seed: N = %.10g, left %.10g%s, of which %.10g%s may be "
             "right; kappa = %g, B = %g; %s",
             n, (double)s->n_live, decision && s->null_live ? " and the null" : "",
             (double)s->n_open, s->null_open ? " and the null" : "", kappa,
             decision ? 0 : setting->n_good, scope(totals, null_lost));
}

void sb_played(const struct sb_point *point, const struct sb_survivors *survivors,
               const struct sb_oracle_totals *totals, const struct sb_bound_setting *setting,
               struct sb_bound *out)
{
    const bool decision = setting->null_is_hidden_half;
    const char *why = unmet(point, totals, setting);

    *out = (struct sb_bound){
        .name = "played",
        .theorem = "elimination certificate, docs/theorems.md B4 and B5",
        .prior = decision ? "null 1/2, members uniform" : "uniform over members",
        .problem = decision ? "decision" : "search",
        .applies = !why,
        .measure = { .n_targets = setting->k->n },
        .log2_queries = NAN,
        .success_ub = NAN,
        .success_at_zero = NAN,
        .success_per_query = NAN,
    };
    if (why)
        snprintf(out->why, sizeof out->why, "%s", why);
    else
        state(survivors, totals, setting, out);
}
