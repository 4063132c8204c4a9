/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Policy eliminate: nothing is hidden until the end (theorems.md B5). Every answer is the point within
 * tolerance of most members that are still live (in mass; ties go to the point nearest the null's
 * value); the others are dropped. What is hidden is chosen among the survivors at the finish: at
 * random by the seed, or the worst for what the learner returned. Under goal `distinguish` the null
 * is a candidate with the mass of all members together.
 *
 * A survivor must have had valid answers throughout, so a member whose value cannot be told to lie
 * within tolerance, by a rounding error, is dropped too; only those provably outside are counted as
 * eliminated. Answering the null's value v0 drops members with |p_i - v0| > tol - hw, at most
 *     lambda_max(K) Var_D0(f) / (tol - hw)^2          STAT, and VSTAT `variance` at tol >= 1/t
 *     3 t lambda_max(K)                               VSTAT `bernoulli`
 * of them [theorems.md C3], and the answer chosen drops no more. A count above the cap is a fault of
 * statbed's, and ends the run. */
#include "base/memory.h"
#include "numeric/ball.h"
#include "oracles/policies/policies.h"

#include <errno.h>
#include <string.h>

struct adversary {
    const struct sb_family *family;
    struct sb_key key;
    bool worst, null_is_candidate, null_live;
    uint64_t n, n_live;
    uint8_t *live;                /* n */
    const double *value, *second; /* of the query at hand; second: under the variance rule */
    struct interval {
        double lo, hi; /* answers surely within tolerance of the member: none where lo > hi */
    } * inner;         /* n, and one for the null */
    struct event {
        double at, mass; /* mass < 0: the end of an interval, there included */
    } * events;          /* 2n + 2 */
};

static void destroy(void *state)
{
    struct adversary *a = state;

    if (!a)
        return;
    free(a->live);
    free(a->inner);
    free(a->events);
    free(a);
}

static int create(const struct sb_policy_setup *setup, void **state_out, struct sb_diag *diag)
{
    const struct sb_family *family = setup->family;
    struct adversary *a;

    if (family->no_profile)
        return sb_diag_fail(
            diag, -EINVAL, "oracle: policy eliminate cannot play family %s at these parameters: %s",
            family->class->name, family->no_profile);
    a = SB_NEW(struct adversary);
    if (!a)
        return -ENOMEM;
    a->family = family;
    a->key = setup->key;
    a->worst = strcmp(sb_values_text(setup->oracle, "finish"), "worst") == 0;
    a->null_is_candidate = a->null_live = setup->null_is_candidate;
    a->n = a->n_live = family->n_members;
    a->live = SB_NEW_ARRAY(uint8_t, a->n);
    a->inner = SB_NEW_ARRAY(struct interval, a->n + 1);
    a->events = SB_NEW_ARRAY(struct event, 2 * a->n + 2);
    if (!a->live || !a->inner || !a->events) {
        destroy(a);
        return -ENOMEM;
    }
    memset(a->live, 1, a->n);
    *state_out = a;
    return 0;
}

/* A ball's radius and a last bit of its middle: a step of the radius alone could round back to where it
 * began. Nothing where the middle is exact. */
static double reach_of(struct sb_ball b)
{
    const double size = b.mid < 0 ? -b.mid : b.mid;

    return b.rad == 0 ? 0 : b.rad + size * 0x1p-52;
}

/* value +- (tolerance -+ half_width), rounded inward (sign -1) or outward (sign 1) */
static struct interval window(double value, double tolerance, double half_width, int sign)
{
    const struct sb_ball reach = sb_ball_add(sb_ball_of(tolerance), sb_ball_of(sign * half_width));
    const struct sb_ball hi = sb_ball_add(sb_ball_of(value), reach);
    const struct sb_ball lo =
        sb_ball_add(sb_ball_of(value), (struct sb_ball){ -reach.mid, reach.rad });

    return (struct interval){ lo.mid - sign * reach_of(lo), hi.mid + sign * reach_of(hi) };
}

static double tolerance_of(const struct adversary *a, const struct sb_question *q, uint64_t i,
                           double half_width)
{
    const double p = a->value[i], size = (p < 0 ? -p : p) + half_width;
    double variance = 0;

    if (q->tolerance.rule == SB_RULE_VARIANCE)
        variance = a->second[i] - half_width - size * size * (1 + 0x1p-50);
    return sb_tolerance_lb(q->tolerance, p - half_width, p + half_width, variance);
}

static int by_place(const void *x, const void *y)
{
    const struct event *a = x, *b = y;

    if (a->at != b->at)
        return a->at < b->at ? -1 : 1;
    return (a->mass < b->mass) - (a->mass > b->mass); /* intervals are closed: begin before end */
}

/* Neighbours often share a window (a query that tells nothing of most members): one pair for them.
 */
static size_t add_events(struct event *events, size_t n, struct interval w, double mass)
{
    if (w.lo > w.hi)
        return n;
    if (n && events[n - 2].at == w.lo && events[n - 1].at == w.hi) {
        events[n - 2].mass += mass;
        events[n - 1].mass -= mass;
        return n;
    }
    events[n] = (struct event){ w.lo, mass };
    events[n + 1] = (struct event){ w.hi, -mass };
    return n + 2;
}

/* The point in most windows, by mass; among those the one nearest to `wanted`. */
static double most_covered(const struct event *events, size_t n, double wanted)
{
    double mass = 0, best_mass = -1, best = wanted, best_gap = 0;

    for (size_t i = 0; i + 1 < n; i++) {
        double point, gap;

        mass += events[i].mass;
        if (events[i].mass < 0)
            continue;
        point = wanted < events[i].at       ? events[i].at
                : wanted > events[i + 1].at ? events[i + 1].at
                                            : wanted;
        gap = point < wanted ? wanted - point : point - wanted;
        if (mass > best_mass || (mass == best_mass && gap < best_gap)) {
            best_mass = mass;
            best = point;
            best_gap = gap;
        }
    }
    return best;
}

/* Outside of this an answer is surely wrong for member i. The least tolerance that its certificate
 * allows is used elsewhere; the largest is above that by three half-widths at most (sqrt(p(1-p)/t)
 * and sqrt(Var/t) have slope at most 1/2 in p and in Var where they exceed 1/t) and a rounding. */
static struct interval outer_window(const struct adversary *a, const struct sb_question *q,
                                    uint64_t i, double half_width)
{
    const double least = tolerance_of(a, q, i, half_width);

    if (q->tolerance.rule == SB_RULE_STAT)
        return window(a->value[i], least, half_width, 1);
    return window(a->value[i], least * (1 + 0x1p-48), 5 * half_width, 1);
}

/* Drops those that the answer is not surely right for; counts those that it is surely wrong for. */
static int64_t drop(struct adversary *a, const struct sb_question *q, double answer,
                    double half_width)
{
    int64_t n_outside = 0;

    for (uint64_t i = 0; i < a->n; i++) {
        struct interval outer;

        if (!a->live[i] || (a->inner[i].lo <= answer && answer <= a->inner[i].hi))
            continue;
        a->live[i] = 0;
        a->n_live--;
        outer = outer_window(a, q, i, half_width);
        n_outside += answer < outer.lo || answer > outer.hi;
    }
    if (a->null_live)
        a->null_live = a->inner[a->n].lo <= answer && answer <= a->inner[a->n].hi;
    return n_outside;
}

/* C3, rounded up; tolerance: the least of any member, less the half-width */
static double cap(const struct adversary *a, const struct sb_question *q, double half_width)
{
    const double lambda = a->family->lambda_max_ub * (1 + 0x1p-30);
    const double radius = (q->hi - q->lo) / 2; /* Var <= radius^2 */
    const double t = q->tolerance.value;
    double tolerance = q->tolerance.rule == SB_RULE_STAT ? t : 1 / t;

    tolerance -= 2 * half_width;
    if (tolerance <= 0)
        return (double)a->n;
    if (q->tolerance.rule == SB_RULE_BERNOULLI) {
        const double lost = 1 - 2 * half_width * t; /* of a tolerance that is at least 1/t */

        return 3 * t * lambda / (lost * lost);
    }
    return lambda * radius * radius / (tolerance * tolerance);
}

/* Inside of this an answer is surely right for member i. Most members have the value of the live one
 * before them, and so its window. */
static void find_inner(struct adversary *a, const struct sb_question *q, uint64_t i,
                       uint64_t before, double half_width)
{
    if (before < a->n && a->value[i] == a->value[before] &&
        (!a->second || a->second[i] == a->second[before]))
        a->inner[i] = a->inner[before];
    else
        a->inner[i] = window(a->value[i], tolerance_of(a, q, i, half_width), half_width, -1);
}

static size_t find_windows(struct adversary *a, const struct sb_question *q,
                           const struct sb_estimate *null, double half_width)
{
    uint64_t before = a->n; /* none yet */
    size_t n = 0;

    for (uint64_t i = 0; i < a->n; i++) {
        if (!a->live[i])
            continue;
        find_inner(a, q, i, before, half_width);
        n = add_events(a->events, n, a->inner[i], 1);
        before = i;
    }
    if (a->null_live) {
        const double tolerance = sb_tolerance_lb(q->tolerance, null->value - null->half_width,
                                                 null->value + null->half_width, null->variance_lb);

        a->inner[a->n] = window(null->value, tolerance, null->half_width, -1);
        n = add_events(a->events, n, a->inner[a->n], (double)a->n);
    }
    qsort(a->events, n, sizeof *a->events, by_place);
    return n;
}

static int answer(void *state, const struct sb_question *q, struct sb_reply *reply,
                  struct sb_diag *diag)
{
    struct adversary *a = state;
    const double half_width = q->profile->half_width;
    double most;
    uint64_t n_live;
    size_t n_events;

    a->value = q->profile->value;
    a->second = q->profile->second;
    n_events = find_windows(a, q, &q->null, half_width);
    reply->answer = most_covered(a->events, n_events, q->null.value);
    reply->from_null = reply->answer == q->null.value;
    n_live = a->n_live;
    reply->n_eliminated = drop(a, q, reply->answer, half_width);
    reply->n_dropped = (int64_t)(n_live - a->n_live);
    reply->n_live = (int64_t)a->n_live;
    reply->null_half_width = q->null.half_width; /* C3 counts gaps from the null's true value */
    reply->truth = (struct sb_estimate){ .value = __builtin_nan(""),
                                         .half_width = half_width,
                                         .method = q->profile->method };
    most = cap(a, q, half_width + q->null.half_width);
    if ((double)reply->n_eliminated > most)
        return sb_diag_fail(diag, -EFAULT,
                            "a fault of %s: query %llu eliminated %lld members, but at most "
                            "%g can be (lambda_max(K) = %g); %s",
                            a->family->class->binary ? "the family plugin's" : "statbed's",
                            (unsigned long long)q->seq, (long long)reply->n_eliminated, most,
                            a->family->lambda_max_ub,
                            a->family->class->binary
                                ? "find what it states wrongly with statbed check"
                                : "please report it");
    if (!a->n_live && !a->null_live)
        return sb_diag_fail(
            diag, -EFAULT, "a fault of statbed's: query %llu left no member live; please report it",
            (unsigned long long)q->seq);
    return 0;
}

static bool profiled(const void *state)
{
    (void)state;
    return true;
}

static const uint8_t *live(void *state, bool *null_out)
{
    const struct adversary *a = state;

    *null_out = a->null_live;
    return a->live;
}

static struct sb_hidden random_survivor(const struct adversary *a)
{
    const uint64_t null_mass = a->null_live ? a->n : 0;
    uint64_t rank = sb_random_below(a->key, 1, a->n_live + null_mass), i = 0;

    if (rank >= a->n_live)
        return (struct sb_hidden){ false, 0 };
    for (;; i++)
        if (a->live[i] && rank-- == 0)
            return (struct sb_hidden){ true, i };
}

static struct sb_hidden worst_survivor(const struct adversary *a, const double *loss,
                                       double null_loss)
{
    struct sb_hidden worst = { false, 0 };
    double most = a->null_live ? null_loss : -1;

    for (uint64_t i = 0; i < a->n; i++)
        if (a->live[i] && loss[i] > most) {
            most = loss[i];
            worst = (struct sb_hidden){ true, i };
        }
    return worst;
}

static struct sb_hidden finish(void *state, const double *loss, double null_loss)
{
    const struct adversary *a = state;

    return a->worst && loss ? worst_survivor(a, loss, null_loss) : random_survivor(a);
}

static const struct sb_param params[] = {
    SB_SLACK("0.1"),
    { "finish", SB_TEXT, 0, "random", "random|worst",
      "which survivor was hidden: one at random, or the worst for what the learner returned" },
    { NULL, 0, 0, NULL, NULL, NULL }
};

const struct sb_policy_class sb_policy_eliminate = {
    .name = "eliminate",
    .summary = "keeps every member still consistent; what is hidden is chosen at the end",
    .source = "[docs/theorems.md B5, C3]",
    .params = params,
    .carries_bound = true,
    .lazy = true,
    .null_part = 0.5,
    .profile_part = 0.5,
    .profiled = profiled,
    .create = create,
    .answer = answer,
    .live = live,
    .finish = finish,
    .destroy = destroy,
};
