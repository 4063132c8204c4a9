/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The members still consistent with what was answered. */
#include "oracles/policies/version_space.h"

#include "base/memory.h"
#include "numeric/ball.h"

#include <errno.h>
#include <math.h>
#include <string.h>

const char *sb_version_space_refuses(const struct sb_family *family)
{
    if (family->no_profile)
        return family->no_profile;
    return family->n_members > UINT64_C(1) << SB_VERSION_SPACE_BITS
               ? "it has more than 2^24 members, and every one is followed"
               : NULL;
}

int sb_version_space_new(const struct sb_policy_setup *setup, struct sb_version_space **out)
{
    const struct sb_family *family = setup->family;
    const char *finish = sb_values_text(setup->oracle, "finish");
    struct sb_version_space *space;

    space = SB_NEW(struct sb_version_space);
    if (!space)
        return -ENOMEM;
    space->family = family;
    space->key = setup->key;
    space->worst = finish && strcmp(finish, "worst") == 0;
    space->null_live = setup->null_is_candidate;
    space->n = space->n_live = family->n_members;
    space->live = SB_NEW_ARRAY(uint8_t, space->n);
    if (!space->live) {
        sb_version_space_free(space);
        return -ENOMEM;
    }
    memset(space->live, 1, space->n);
    *out = space;
    return 0;
}

void sb_version_space_free(struct sb_version_space *space)
{
    if (!space)
        return;
    free(space->live);
    free(space);
}

/* A ball's radius and a last bit of its middle: a step of the radius alone could round back to where it
 * began. Nothing where the middle is exact. */
static double reach_of(struct sb_ball b)
{
    return b.rad == 0 ? 0 : b.rad + fabs(b.mid) * 0x1p-52;
}

/* value +- (tolerance -+ half_width), rounded inward (sign -1) or outward (sign 1) */
static struct sb_window window(double value, double tolerance, double half_width, int sign)
{
    const struct sb_ball reach = sb_ball_add(sb_ball_of(tolerance), sb_ball_of(sign * half_width));
    const struct sb_ball hi = sb_ball_add(sb_ball_of(value), reach);
    const struct sb_ball lo =
        sb_ball_add(sb_ball_of(value), (struct sb_ball){ -reach.mid, reach.rad });

    return (struct sb_window){ lo.mid - sign * reach_of(lo), hi.mid + sign * reach_of(hi) };
}

/* The least tolerance of a member whose mean is this to the profile's half-width. */
static double tolerance_of(const struct sb_view *view, double value, double second)
{
    const double half_width = view->profile->half_width, size = fabs(value) + half_width;
    double variance = 0;

    if (view->q->tolerance.rule == SB_RULE_VARIANCE)
        variance = second - half_width - size * size * (1 + 0x1p-50);
    return sb_tolerance_lb(view->q->tolerance, value - half_width, value + half_width, variance);
}

static struct sb_window inner(const struct sb_view *view, double value, double second)
{
    return window(value, tolerance_of(view, value, second), view->profile->half_width, -1);
}

/* Outside of this an answer is surely wrong. The least tolerance that the certificate allows is used
 * elsewhere; the largest is above that by three half-widths at most (sqrt(p(1-p)/t) and sqrt(Var/t) have
 * slope at most 1/2 in p and in Var where they exceed 1/t) and a rounding. */
static struct sb_window outer(const struct sb_view *view, double value, double second)
{
    const double least = tolerance_of(view, value, second), h = view->profile->half_width;

    if (view->q->tolerance.rule == SB_RULE_STAT)
        return window(value, least, h, 1);
    return window(value, least * (1 + 0x1p-48), 5 * h, 1);
}

struct sb_view sb_view_of(const struct sb_question *q)
{
    const struct sb_estimate *null = &q->null;
    const double tolerance = sb_tolerance_lb(q->tolerance, null->value - null->half_width,
                                             null->value + null->half_width, null->variance_lb);
    struct sb_view view = { .q = q, .profile = q->profile };

    view.null = window(null->value, tolerance, null->half_width, -1);
    view.made[0].value = view.made[1].value = NAN;
    return view;
}

double sb_view_sure(const struct sb_view *view, double answer)
{
    const struct sb_tolerance tolerance = view->q->tolerance;
    const double h = view->profile->half_width;
    const double reach = 2 * h + sb_tolerance_lb(tolerance, answer, answer, 0);
    /* of all means as near as that; p(1-p) is concave, so that it is no less nearer by */
    const double least = sb_tolerance_lb(tolerance, answer - reach, answer + reach, 0);

    /* what windows and comparisons may round is below 2^-46 */
    return (least - h) * (1 - 0x1p-40) - 0x1p-46;
}

struct sb_window sb_view_inner(struct sb_view *view, uint64_t place)
{
    const double value = view->profile->value[place];
    const double second = view->profile->second ? view->profile->second[place] : 0;

    struct sb_view_made *made = &view->made[value < 0];

    if (value != made->value || second != made->second)
        *made = (struct sb_view_made){ value, second, inner(view, value, second) };
    return made->window;
}

struct sb_window sb_view_base(const struct sb_view *view)
{
    return inner(view, view->profile->base, view->profile->base_second);
}

uint64_t sb_version_space_unlisted(const struct sb_version_space *space, const struct sb_view *view)
{
    uint64_t n = space->n_live;

    if (!view->profile->member)
        return 0;
    for (uint64_t i = 0; i < view->profile->n; i++)
        n -= space->live[view->profile->member[i]];
    return n;
}

/* What one answer did. */
struct toll {
    uint64_t n_dropped, n_eliminated;
};

static void drop_listed(struct sb_version_space *space, struct sb_view *view, enum sb_whom whom,
                        double answer, struct toll *toll)
{
    const struct sb_profile *profile = view->profile;
    const double sure = sb_view_sure(view, answer);

    for (uint64_t i = 0; i < profile->n; i++) {
        uint64_t member;
        double second;

        if (fabs(profile->value[i] - answer) <= sure)
            continue;
        member = sb_view_member(view, i);
        if ((whom == SB_OF_LIVE && !space->live[member]) ||
            sb_window_has(sb_view_inner(view, i), answer))
            continue;
        second = profile->second ? profile->second[i] : 0;
        toll->n_dropped++;
        toll->n_eliminated += !sb_window_has(outer(view, profile->value[i], second), answer);
        space->n_live -= space->live[member];
        space->live[member] = 0;
    }
}

/* All members that are not listed, at once: the one scan of them that there is. */
static void drop_unlisted(struct sb_version_space *space, const struct sb_view *view,
                          enum sb_whom whom, double answer, struct toll *toll)
{
    const struct sb_profile *profile = view->profile;
    const uint64_t n_live = sb_version_space_unlisted(space, view);
    const uint64_t n = whom == SB_OF_LIVE ? n_live : space->n - profile->n;

    if (sb_window_has(sb_view_base(view), answer))
        return;
    toll->n_dropped += n;
    if (!sb_window_has(outer(view, profile->base, profile->base_second), answer))
        toll->n_eliminated += n;
    if (n_live == 0)
        return;
    for (uint64_t i = 0, start = 0; i <= profile->n; i++) {
        const uint64_t end = i < profile->n ? profile->member[i] : space->n;

        memset(space->live + start, 0, end - start);
        start = end + 1;
    }
    space->n_live -= n_live;
}

/* C3, rounded up, for gaps from the null's true value above the tolerance less `lost`. */
static double cap(const struct sb_version_space *space, const struct sb_question *q, double lost)
{
    const double lambda = space->family->lambda_max_ub * (1 + 0x1p-30);
    const double radius = (q->hi - q->lo) / 2; /* Var <= radius^2 */
    const double t = q->tolerance.value;
    const double tolerance = (q->tolerance.rule == SB_RULE_STAT ? t : 1 / t) - lost;

    if (tolerance <= 0)
        return (double)space->n;
    if (q->tolerance.rule == SB_RULE_BERNOULLI) {
        const double kept = 1 - lost * t; /* of a tolerance that is at least 1/t */

        return 3 * t * lambda / (kept * kept);
    }
    return lambda * radius * radius / (tolerance * tolerance);
}

/* A member is counted where the answer is surely out of its tolerance. If that is the null's value as
 * certified, the gap from the null's true value is above the tolerance less null_half_width. If it is
 * the point in most windows, no more members were dropped than the null's value would have dropped:
 * those whose gap, as certified, is above their least certified tolerance less a half-width; their true
 * gap is above the true tolerance less two half-widths and null_half_width under STAT, three under
 * VSTAT, where the tolerance hangs on the mean. */
static int check(const struct sb_version_space *space, const struct sb_question *q,
                 const struct sb_reply *reply, struct sb_diag *diag)
{
    const bool stat = q->tolerance.rule == SB_RULE_STAT;
    const double parts = reply->from_null ? 1 : stat ? 2 : 3;
    const double miss = space->family->miss * (q->hi - q->lo); /* to the law that lambda is of */
    const double most = cap(space, q, parts * q->profile->half_width + q->null.half_width + miss);
    const bool plugin = space->family->class->binary;

    if ((double)reply->n_eliminated <= most)
        return 0;
    return sb_diag_fail(diag, -EFAULT,
                        "a fault of %s: query %llu eliminated %lld members, but at most %g can be "
                        "(lambda_max(K) = %g); %s",
                        plugin ? "the family plugin's" : "statbed's", (unsigned long long)q->seq,
                        (long long)reply->n_eliminated, most, space->family->lambda_max_ub,
                        plugin ? "find what it states wrongly with statbed check"
                               : "please report it");
}

int sb_version_space_answer(struct sb_version_space *space, struct sb_view *view, enum sb_whom whom,
                            struct sb_reply *reply, struct sb_diag *diag)
{
    const struct sb_question *q = view->q;
    struct toll toll = { 0, 0 };

    drop_listed(space, view, whom, reply->answer, &toll);
    if (view->profile->member)
        drop_unlisted(space, view, whom, reply->answer, &toll);
    space->null_live = space->null_live && sb_window_has(view->null, reply->answer);
    reply->n_dropped = (int64_t)toll.n_dropped;
    reply->n_eliminated = (int64_t)toll.n_eliminated;
    reply->n_live = (int64_t)space->n_live;
    return check(space, q, reply, diag);
}

static struct sb_hidden random_survivor(const struct sb_version_space *space)
{
    const uint64_t mass = space->n_live + (space->null_live ? space->n : 0);
    uint64_t rank = mass ? sb_random_below(space->key, 1, mass) : 0, i = 0;

    if (rank >= space->n_live)
        return (struct sb_hidden){ false, 0 };
    for (;; i++)
        if (space->live[i] && rank-- == 0)
            return (struct sb_hidden){ true, i };
}

static struct sb_hidden worst_survivor(const struct sb_version_space *space, const double *loss,
                                       double null_loss)
{
    struct sb_hidden worst = { false, 0 };
    double most = space->null_live ? null_loss : -1;

    for (uint64_t i = 0; i < space->n; i++)
        if (space->live[i] && loss[i] > most) {
            most = loss[i];
            worst = (struct sb_hidden){ true, i };
        }
    return worst;
}

struct sb_hidden sb_version_space_finish(void *state, const double *loss, double null_loss)
{
    const struct sb_version_space *space = state;

    return space->worst && loss ? worst_survivor(space, loss, null_loss) : random_survivor(space);
}

void sb_version_space_certify(const struct sb_question *q, struct sb_reply *reply)
{
    reply->truth = (struct sb_estimate){ .value = NAN,
                                         .half_width = q->profile->half_width,
                                         .method = q->profile->method,
                                         .samples = q->profile->samples + q->null.samples };
    reply->null_half_width = q->null.half_width; /* C3 counts gaps from the null's true value */
}

int sb_version_space_create(const struct sb_policy_setup *setup, const char *policy,
                            void **state_out, struct sb_diag *diag)
{
    const char *why = sb_version_space_refuses(setup->family);
    struct sb_version_space *space;
    int error;

    if (why)
        return sb_diag_fail(diag, -EINVAL,
                            "oracle: policy %s cannot play family %s at these parameters: %s",
                            policy, setup->family->class->name, why);
    error = sb_version_space_new(setup, &space);
    if (!error)
        *state_out = space;
    return error;
}

const uint8_t *sb_version_space_live(void *state, bool *null_out)
{
    const struct sb_version_space *space = state;

    *null_out = space->null_live;
    return space->live;
}

void sb_version_space_destroy(void *state)
{
    sb_version_space_free(state);
}

uint32_t sb_version_space_profiled(const void *state)
{
    (void)state;
    return SB_PROFILED_ALL;
}
