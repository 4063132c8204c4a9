/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Scoring what a learner returned. A predictor h is scored against the label function f (labels
 * without noise), by the loss as an expression whose expectation is certified like any query's:
 *     zero-one  1 - [s = b],  s = the number of midpoints between labels that h(x) is at or above, b = the
 *               label's own number
 *     squared   (clip(h, labels' range) - y)^2; clipping never makes it larger. Real labels are clipped,
 *               too
 *     relative  the same over E y^2 under the null.
 * Of two labels h stands once in the first, so that what fits into an expression can be scored, and twice
 * in the others. */
#include "runner/score.h"

#include "base/memory.h"
#include "base/text.h"
#include "query/reason.h"

#include <errno.h>
#include <math.h>

static sb_expr binary(struct sb_pool *pool, uint32_t op, sb_expr a, sb_expr b)
{
    const sb_expr arg[2] = { a, b };

    return sb_pool_op(pool, op, NULL, 0, arg, 2);
}

static sb_expr constant(struct sb_pool *pool, double v)
{
    return sb_pool_op(pool, SB_CONST, &v, 1, NULL, 0);
}

/* How many of the midpoints between neighbouring labels e is at or above: of a label its number. */
static sb_expr count(struct sb_pool *pool, sb_expr e)
{
    const struct sb_space *space = sb_pool_space(pool);
    sb_expr sum = 0;

    for (uint64_t i = 0; i + 1 < space->n_labels; i++) {
        const double gap = space->labels[i + 1] - space->labels[i];
        const sb_expr above = binary(pool, SB_SUB, e, constant(pool, space->labels[i] + gap / 2));
        const sb_expr step = sb_pool_op(pool, SB_STEP, NULL, 0, &above, 1);

        sum = i ? binary(pool, SB_ADD, sum, step) : step;
    }
    return sum;
}

static sb_expr zero_one(struct sb_pool *pool, sb_expr h)
{
    const double *label = sb_pool_space(pool)->labels;
    const sb_expr y = sb_pool_op(pool, SB_Y, NULL, 0, NULL, 0);
    sb_expr b;

    if (sb_pool_space(pool)->n_labels == 2)
        b = binary(pool, SB_DIV, binary(pool, SB_SUB, y, constant(pool, label[0])),
                   constant(pool, label[1] - label[0]));
    else
        b = count(pool, y);
    return binary(pool, SB_SUB, constant(pool, 1), binary(pool, SB_EQ, count(pool, h), b));
}

static sb_expr squared(struct sb_pool *pool, sb_expr h, const struct sb_loss_scale *scale)
{
    const double range[2] = { scale->lo, scale->hi };
    const sb_expr label = sb_pool_op(pool, SB_Y, NULL, 0, NULL, 0);
    const sb_expr y = scale->clips_label ? sb_pool_op(pool, SB_CLIP, range, 2, &label, 1) : label;
    const sb_expr clipped = sb_pool_op(pool, SB_CLIP, range, 2, &h, 1);
    const sb_expr gap = binary(pool, SB_SUB, clipped, y);
    const sb_expr loss = binary(pool, SB_MUL, gap, gap);

    return scale->unit == 1 ? loss : binary(pool, SB_DIV, loss, constant(pool, scale->unit));
}

static const char *take_predictor(struct sb_hypothesis *h, struct sb_pool *pool,
                                  const struct sb_learner_end *end)
{
    struct sb_support support;
    bool label;

    sb_pool_clear_error(pool);
    h->predictor = sb_expr_decode(pool, end->expr.data, end->expr.n);
    if (!h->predictor)
        return "the predictor returned is not an expression";
    if (sb_expr_support(pool, h->predictor, &support) < 0)
        return "out of memory while reading the predictor";
    label = support.label;
    sb_support_fini(&support);
    if (label)
        return "the predictor depends on the label; it must be a function of x alone";
    if (h->goal == SB_LEARN)
        return NULL;
    h->loss_expr = h->loss == SB_LOSS_ZERO_ONE ? zero_one(pool, h->predictor)
                                               : squared(pool, h->predictor, &h->scale);
    return h->loss_expr ? NULL : "the predictor returned is too large to be scored";
}

void sb_hypothesis_init(struct sb_hypothesis *h, const struct sb_hypothesis_setup *setup,
                        struct sb_pool *pool, const struct sb_learner_end *end,
                        const char **why_out)
{
    const uint32_t goal = setup->goal;
    const bool scored = sb_goal_has_loss(goal);

    *h = (struct sb_hypothesis){ .goal = goal, .loss = setup->loss, .max = setup->max };
    *why_out = scored ? sb_loss_scale(setup->family, h->loss, &h->scale) : NULL;
    if (*why_out)
        return;
    switch (end->returned) {
    case SB_RETURNED_EXPR:
        if (scored)
            *why_out = take_predictor(h, pool, end);
        h->returned = scored && !*why_out;
        break;
    case SB_RETURNED_VERDICT:
        h->planted = end->verdict;
        h->returned = goal == SB_DISTINGUISH;
        break;
    case SB_RETURNED_VALUE:
        h->value = end->value;
        h->n_value = end->n_value;
        h->returned = goal == SB_RECOVER;
        break;
    default:
        break;
    }
}

const char *sb_hypothesis_call(struct sb_hypothesis *h, struct sb_callback_score *called)
{
    h->called = called;
    h->returned = sb_goal_has_loss(h->goal) && called->returned;
    return called->worthless ? called->why : NULL;
}

void sb_hypothesis_print(const struct sb_hypothesis *h, const struct sb_pool *pool,
                         struct sb_buf *out)
{
    char number[32];

    if (!h->returned)
        return;
    if (h->called)
        sb_buf_puts(out, "callback");
    else if (sb_goal_has_loss(h->goal))
        sb_expr_print(pool, h->predictor, NULL, out);
    if (h->goal == SB_DISTINGUISH)
        sb_buf_puts(out, h->planted ? "planted" : "null");
    for (uint64_t i = 0; h->goal == SB_RECOVER && i < h->n_value; i++) {
        sb_format_real(h->value[i], number);
        sb_buf_printf(out, i ? ",%s" : "%s", number);
    }
}

int sb_success(const struct sb_hypothesis *h, double loss, double half_width)
{
    if (!h->returned || (h->called && h->called->worthless) || loss - half_width > h->max)
        return 0;
    return loss + half_width <= h->max ? 1 : -1;
}

/* 0 or 1: the goals that are met or not; NaN under the null where that is no candidate: there is nobody
 * to be right on */
static double plain_loss(const struct sb_hypothesis *h, const struct sb_family *family,
                         struct sb_hidden hidden)
{
    if (!h->returned)
        return 1;
    if (h->goal == SB_DISTINGUISH)
        return (h->planted != 0) != hidden.planted;
    if (!hidden.planted)
        return NAN;
    return !family->recovered(family, hidden.member, h->value, h->n_value);
}

/* Finer and finer, until the goal's question is settled. */
static int predictor_loss(const struct sb_score_task *task, struct sb_hidden hidden,
                          struct sb_score *out)
{
    static const double width[] = { 0.1, 0.01, 0.001 };
    const struct sb_hypothesis *h = task->hypothesis;
    struct sb_law law;
    int error = 0;

    task->family->law(task->family, hidden.member, true, &law);
    *out = (struct sb_score){ .loss = NAN, .half_width = NAN, .success = -1 };
    /* a relative loss can be as large as 1/E y^2, and coarsely may be all that samples give */
    for (size_t i = h->loss == SB_LOSS_RELATIVE ? 0 : 1;
         i < SB_COUNT(width) && out->success < 0 && !error; i++) {
        const struct sb_estimate_task finer = { .law = &law,
                                                .pool = task->pool,
                                                .expr = h->loss_expr,
                                                .hi = h->scale.largest,
                                                .tolerance = { SB_RULE_STAT, width[i] },
                                                .share = 1,
                                                .delta = 1e-9,
                                                .key = task->key,
                                                .stream = i,
                                                .fuse = task->fuse };
        struct sb_estimate estimate;

        error = sb_estimate(&finer, &estimate);
        if (error == -ETIME || error > 0)
            return 0; /* what is known so far: the goal's question stays open */
        if (error)
            break;
        out->loss = estimate.value;
        out->half_width = estimate.half_width;
        out->success = sb_success(h, out->loss, out->half_width);
    }
    return error;
}

/* ---- densities ---- */

static struct sb_density_task density_task(const struct sb_score_task *task)
{
    return (struct sb_density_task){ .family = task->family,
                                     .pool = task->pool,
                                     .expr = task->hypothesis->predictor,
                                     .key = task->key,
                                     .fuse = task->fuse };
}

/* What the callback wrote, or what the expression is: *own then, to be freed. */
static int read_density(const struct sb_score_task *task, struct sb_stated_density *own,
                        const struct sb_stated_density **out)
{
    const struct sb_hypothesis *h = task->hypothesis;
    const struct sb_density_task of = density_task(task);

    *own = (struct sb_stated_density){ 0 };
    *out = h->called ? &h->called->density : own;
    return h->called ? 0 : sb_density_read(&of, own, NULL);
}

static int density_loss(const struct sb_score_task *task, struct sb_hidden hidden,
                        struct sb_score *out)
{
    const struct sb_density_task of = density_task(task);
    const struct sb_stated_density *density;
    struct sb_stated_density own;
    struct sb_variation found = { NAN, NAN };
    int error = read_density(task, &own, &density);

    if (!error)
        error = sb_density_loss(&of, density, hidden.member, &found);
    sb_density_fini(&own);
    *out = (struct sb_score){ found.value, found.half_width,
                              sb_success(task->hypothesis, found.value, found.half_width) };
    return error == -ETIME ? 0 : error;
}

/* As predictor_losses; 1 where they are too many. */
static int density_losses(const struct sb_score_task *task, struct sb_scores *out)
{
    const struct sb_density_task of = density_task(task);
    struct sb_variation *found SB_FREE = SB_NEW_ARRAY(struct sb_variation, task->family->n_members);
    const struct sb_stated_density *density;
    struct sb_stated_density own;
    int error = found ? read_density(task, &own, &density) : -ENOMEM;

    if (error)
        return error;
    error = sb_density_losses(&of, density, found);
    sb_density_fini(&own);
    for (uint64_t i = 0; i < task->family->n_members && !error; i++) {
        out->loss[i] = found[i].value;
        out->half_width =
            found[i].half_width > out->half_width ? found[i].half_width : out->half_width;
    }
    out->failure = SB_DENSITY_FAILURE;
    return error;
}

int sb_score(const struct sb_score_task *task, struct sb_hidden hidden, struct sb_score *out)
{
    const struct sb_hypothesis *h = task->hypothesis;
    const bool worthless = h->called && h->called->worthless;

    if (h->goal == SB_LEARN && h->returned && !worthless && hidden.planted &&
        (!h->called || isnan(h->called->loss)))
        return density_loss(task, hidden, out);
    if (h->goal == SB_PREDICT && h->returned && !h->called)
        return predictor_loss(task, hidden, out);
    out->loss = h->called && h->returned ? h->called->loss : plain_loss(h, task->family, hidden);
    out->half_width = h->called && h->returned ? h->called->half_width : 0;
    out->success = sb_success(h, out->loss, out->half_width);
    return 0;
}

enum { DELTA_INVERSE = 1000000000 }; /* of losses that are sampled */

/* The loss of an expression, scaled to [0,1], under every member. */
static int profile_losses(const struct sb_score_task *task, double scale, struct sb_profile *out)
{
    struct sb_profile_task of = { .family = task->family,
                                  .pool = task->pool,
                                  .expr = binary(task->pool, SB_DIV, task->hypothesis->loss_expr,
                                                 constant(task->pool, scale)),
                                  .hi = 1,
                                  .clean = true,
                                  .half_width = SB_SCORE_WIDTH,
                                  .delta = 1.0 / DELTA_INVERSE,
                                  .key = task->key,
                                  .fuse = task->fuse };

    return of.expr ? sb_profile_to_score(&of, out) : -ENOMEM;
}

static int predictor_losses(const struct sb_score_task *task, struct sb_scores *out)
{
    const struct sb_hypothesis *h = task->hypothesis;
    const double scale = h->scale.largest;
    const struct sb_profile *profile = h->called ? &h->called->table : NULL;
    struct sb_profile own;
    int error = 0;

    sb_profile_init(&own);
    if (!h->called) {
        error = profile_losses(task, scale, &own);
        profile = &own;
    }
    for (uint64_t i = 0; i < task->family->n_members && !error; i++)
        out->loss[i] = sb_profile_value(profile, i) * scale;
    out->half_width = profile->half_width * scale;
    out->failure = profile->samples ? 1.0 / DELTA_INVERSE : 0;
    sb_profile_fini(&own);
    return error;
}

/* losses that need no estimate */
static void plain_losses(const struct sb_score_task *task, struct sb_scores *out)
{
    for (uint64_t i = 0; i < task->family->n_members; i++)
        out->loss[i] = plain_loss(task->hypothesis, task->family, (struct sb_hidden){ true, i });
}

int sb_score_all(const struct sb_score_task *task, struct sb_scores *out)
{
    const struct sb_hypothesis *h = task->hypothesis;
    const bool worthless = h->called && h->called->worthless;
    int error = 0;

    *out = (struct sb_scores){ .loss = SB_NEW_ARRAY(double, task->family->n_members) };
    if (!out->loss)
        return -ENOMEM;
    out->null_loss = plain_loss(h, task->family, (struct sb_hidden){ false, 0 });
    if (!sb_goal_has_loss(h->goal) || !h->returned)
        plain_losses(task, out);
    else if (worthless)
        for (uint64_t i = 0; i < task->family->n_members; i++)
            out->loss[i] = h->scale.largest;
    else if (h->goal == SB_LEARN)
        error = density_losses(task, out);
    else
        error = h->called && !h->called->tabled ? SB_REFUSED : predictor_losses(task, out);
    if (error > 0 || error == -ETIME) {
        sb_scores_fini(out);
        return 0;
    }
    return error;
}

void sb_scores_fini(struct sb_scores *scores)
{
    free(scores->loss);
    *scores = (struct sb_scores){ .null_loss = NAN, .half_width = NAN };
}
