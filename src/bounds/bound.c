/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From "a query rules out at most so many members" to what is proven of any learner: after q queries
 * answered by the null's value all other members have had valid answers that do not depend on the
 * member, and one hypothesis satisfies at most B of them, so that Pr[success] <= (q kill + B) / N for a
 * member drawn uniformly and any coins. To tell a member from the null (prior 1/2 each): at most
 * 1/2 + q kill / (2N). Where answers rest on samples, their certificates may fail: that probability adds
 * to the success, and so does that of correlations that were sampled. [docs/theorems.md B4, C3]
 *
 * With SDA = N / kill the decision asks for (2 p - 1) SDA queries to succeed with probability p, as in
 * [FGR17]. Its search form, SDA' (p - eta)/(1 - eta), takes SDA' of the (1 - eta) N members that the
 * worst solution does not satisfy, eta = B/N: that is (1 - eta) N / kill, and both say
 * q >= (p N - B) / kill. */
#include "bounds/bounds.h"
#include "estimate/ngca.h"
#include "numeric/lift.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static const double outward = 1 + 0x1p-40;

/* Every |K_ij| is at most the largest K_ii; below this, quotients by what a query rules out overflow. */
#define LEAST_DIAGONAL 0x1p-900

const char *sb_convention_name(uint32_t convention)
{
    static const char *const names[] = { "stat", "bernoulli", "variance", "stat01" };

    return names[convention < 4 ? convention : 0];
}

const char *sb_convention_note(uint32_t convention)
{
    static const char *const notes[] = {
        "g = tau^2, for queries to [-1,1]: Var_0 f <= 1",
        "g = 1/(3t), for queries to [0,1]: VSTAT(1/(3g)) as in [FGR17]",
        "g = 4/t^2, for queries to [0,1]: VSTAT(1/(3g)) of [FGR17] is for rule bernoulli; of rule "
        "variance only its least tolerance 1/t and Var_0 f <= 1/4 are used",
        "g = 4 tau^2, for queries to [0,1]: Var_0 f <= 1/4, so that 1/(4 tau^2) stands where "
        "[-1,1] has 1/tau^2",
    };

    return notes[convention < 4 ? convention : 0];
}

double sb_bound_set_size(double beta, double gamma, double g)
{
    if (!(beta < INFINITY) || !(g > gamma))
        return INFINITY;
    if (beta <= g) /* not one member's K_ii exceeds g */
        return beta / g * outward;
    return (beta - gamma) / (g - gamma) * outward;
}

double sb_bound_shown(double v)
{
    char text[32];
    double shown;

    snprintf(text, sizeof text, "%.6g", v);
    shown = strtod(text, NULL);
    return shown >= v * (1 - 0x1p-36) ? shown : shown + pow(10, floor(log10(v)) - 5);
}

/* Of the tolerance, without `miss`: what part is left. */
static double left(const struct sb_bound_setting *s)
{
    const double t = s->at_tolerance;
    const double lost = s->convention == SB_CONVENTION_STAT     ? 2 * s->miss / t
                        : s->convention == SB_CONVENTION_STAT01 ? s->miss / t
                                                                : s->miss * t;

    return lost > 0 ? 1 - lost * outward : 1;
}

double sb_bound_threshold(const struct sb_bound_setting *s)
{
    const double t = s->at_tolerance, part = left(s) > 0 ? left(s) * left(s) / outward : 0;

    switch (s->convention) {
    case SB_CONVENTION_STAT:
        return t * t * part;
    case SB_CONVENTION_STAT01:
        return 4 * t * t * part;
    case SB_CONVENTION_BERNOULLI:
        return 1 / (3 * t) * part;
    default:
        return 4 / (t * t) * part;
    }
}

void sb_bound_setting_family(struct sb_bound_setting *setting, const struct sb_family *family)
{
    const struct sb_lifting *lifting = family->lifting;

    setting->miss = family->miss;
    if (family->ngca) {
        setting->line = family->ngca->line;
        setting->hidden_dim = family->ngca->dim;
        setting->angle = family->ngca->angle > 0 ? family->ngca->angle : NAN;
    }
    if (!lifting || lifting->lift->setup.kind != SB_LIFT_COMPRESSED)
        return;
    setting->lift_dim = lifting->lift->setup.dim;
    setting->lift_m = lifting->lift->setup.m;
    setting->padded_dim = family->space.dim > setting->lift_dim
                              ? family->space.dim
                              : pow(setting->lift_dim, setting->lift_m);
}

/* the one condition that fails, or NULL */
static const char *unmet(const struct sb_bound_setting *s)
{
    if (s->examples)
        return "labels or examples were granted, or answers are means of fresh ones: that is not "
               "an SQ run";
    if (!s->policy_carries_bound)
        return "answers near the truth give digits away to who repeats or dithers; only policies "
               "reference, null and eliminate carry bounds";
    if (s->k->unknown)
        return s->k->unknown;
    if (!(s->k->diagonal_ub > LEAST_DIAGONAL))
        return "every K_ij is 0: members are as the null, and no query tells them from it";
    if (!(s->at_tolerance > 0) || isinf(s->at_tolerance))
        return "the certificates left nothing of the tolerance";
    if (!(left(s) > 0))
        return "the tolerance is not above what the labels that follow the network alone can move: "
               "twice Pr[n > m] (STAT), or Pr[n > m] t >= 1 (VSTAT)";
    if (!s->null_is_hidden_half && s->n_good >= s->k->n)
        return "for all that is known one hypothesis can satisfy every member";
    return NULL;
}

void sb_bound_line(const struct sb_bound_setting *s, double kill, double n, double failure,
                   struct sb_bound *out)
{
    double queries;

    if (s->null_is_hidden_half) {
        out->success_at_zero = (0.5 + failure) * outward;
        out->success_per_query = kill / (2 * n) * outward;
        queries = (2 * (s->success - failure) - 1) * n / kill;
    } else {
        out->success_at_zero = (s->n_good / n + failure) * outward;
        out->success_per_query = kill / n * outward;
        queries = ((s->success - failure) * n * (1 - 0x1p-51) - s->n_good) / kill;
    }
    out->success_ub =
        fmin(1, (out->success_at_zero + s->n_queries * out->success_per_query) * outward);
    out->log2_queries = queries > 0 ? log2(queries / outward) - 0x1p-40 : NAN;
}

static double n_good(const struct sb_bound_setting *s, const struct sb_measure *m)
{
    return isnan(m->n_good) ? s->n_good : m->n_good;
}

static void state(const struct sb_bound_setting *s, const struct sb_measure *m,
                  struct sb_bound *out)
{
    struct sb_bound_setting of_targets = *s;

    of_targets.n_good = n_good(s, m);
    sb_bound_line(&of_targets, m->kill, m->n_targets, s->failure + s->k->failure, out);
    snprintf(out->why, sizeof out->why,
             "%s, policy %s; N = %g, B = %g, a query rules out at most %g %s%s", m->constants,
             s->policy, m->n_targets, s->null_is_hidden_half ? 0 : of_targets.n_good,
             sb_bound_shown(m->kill), m->shares ? "of all directions" : "members",
             isnan(out->log2_queries) ? "; guessing may reach this success" : "");
}

static void name_oracle(const struct sb_bound_setting *s, char *out, size_t size)
{
    static const char *const format[] = {
        "STAT(%g), f to [-1,1]",
        "VSTAT(%g), rule bernoulli",
        "VSTAT(%g), rule variance",
        "STAT(%g), f to [0,1]",
    };

    snprintf(out, size, format[s->convention < 4 ? s->convention : 0], s->at_tolerance);
}

/* v > 0 cut to four digits */
static double cut(double v)
{
    const double step = pow(10, floor(log10(v)) - 3);

    return floor(v * (1 - 0x1p-40) / step) * step;
}

static void say(const struct sb_bound_setting *s, struct sb_bound *out)
{
    const char *task = s->task                  ? s->task
                       : s->null_is_hidden_half ? "tells a member from the null"
                                                : "succeeds on a member";
    char oracle[64];

    name_oracle(s, oracle, sizeof oracle);
    if (!out->applies)
        snprintf(out->meaning, sizeof out->meaning, "says nothing of learners here: %s", out->why);
    else if (isnan(out->log2_queries))
        snprintf(out->meaning, sizeof out->meaning,
                 "says nothing of a learner that %s with probability %g: guessing may reach that",
                 task, s->success);
    else
        snprintf(out->meaning, sizeof out->meaning,
                 "any learner that %s with probability %g (prior: %s) asks at least %.4g (2^%.3f) "
                 "queries of %s, where answers stay at the null's value while they may",
                 task, s->success, out->prior, cut(exp2(out->log2_queries)),
                 floor(out->log2_queries * 1000) / 1000, oracle);
}

bool sb_bound_concerns(const struct sb_bound_class *class, const struct sb_bound_setting *s)
{
    return !class->concerns || class->concerns(s);
}

bool sb_bound_is_of_all(const struct sb_bound *bound, const struct sb_bound_setting *s)
{
    return !bound->measure.elsewhere && bound->measure.n_targets >= s->k->n;
}

void sb_bound_compute(const struct sb_bound_class *class, const struct sb_bound_setting *s,
                      struct sb_bound *out)
{
    const char *why = unmet(s);
    struct sb_measure *m = &out->measure;

    *out = (struct sb_bound){
        .name = class->name,
        .theorem = class->theorem,
        .prior = s->null_is_hidden_half ? "null 1/2, members uniform" : "uniform over members",
        .problem = s->null_is_hidden_half ? "decision" : "search",
        .convention = sb_convention_name(s->convention),
        .convention_note = sb_convention_note(s->convention),
        .threshold = sb_bound_threshold(s),
        .measure = { .value = NAN, .kill = INFINITY, .n_targets = s->k->n, .n_good = NAN },
        .log2_queries = NAN,
        .success_ub = NAN,
        .success_at_zero = NAN,
        .success_per_query = NAN,
    };
    if (!why && !sb_bound_concerns(class, s))
        why = "it is of other families";
    if (!why) {
        class->measure(s, out->threshold, m);
        why = m->unmet[0]             ? m->unmet
              : m->estimate           ? "an estimate of the dimension, not a bound"
              : !(m->kill < INFINITY) ? "nothing bounds what one query can rule out"
              : n_good(s, m) >= m->n_targets && !s->null_is_hidden_half
                  ? "for all that is known one hypothesis can satisfy every member"
                  : NULL;
    }
    out->applies = !why;
    if (m->prior)
        out->prior = m->prior;
    if (why)
        snprintf(out->why, sizeof out->why, "%s", why);
    else
        state(s, m, out);
    say(s, out);
}
