/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Scoring a predictor that is a callback. Its loss is a callback itself: of x and the label, made
 * from what the predictor wrote at x alone; where labels are real, that at the hidden member's own. How
 * many points there are depends on nothing hidden. */
#include "runner/score_callback.h"

#include "base/memory.h"
#include "estimate/betting.h"
#include "estimate/loss.h"
#include "estimate/points.h"
#include "estimate/public_recheck.h"

#include <errno.h>
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* At SB_SCORE_WIDTH 3 million points, one round of them: whether a second were needed would depend on the
 * hidden member. */
#define DELTA 1e-9

struct loss {
    const struct sb_callback_task *task;
    struct sb_callback_score *out;
    struct sb_loss_scale scale;
    double divisor; /* what losses are divided by, beside their unit */
    double written[SB_CALL_BLOCKS * SB_BLOCK];
};

void sb_callback_score_fini(struct sb_callback_score *score)
{
    sb_profile_fini(&score->table);
    sb_density_fini(&score->density);
}

static double clip(const struct sb_loss_scale *scale, double v)
{
    return v < scale->lo ? scale->lo : v > scale->hi ? scale->hi : v;
}

/* Of label y, number l of a set. */
static double loss_at(const struct loss *loss, double h, double y, uint32_t l)
{
    const struct sb_loss_scale *scale = &loss->scale;
    double gap;

    if (loss->task->loss == SB_LOSS_ZERO_ONE)
        return sb_loss_nearest(&loss->task->family->space, h) != l;
    gap = clip(scale, h) - (scale->clips_label ? clip(scale, y) : y);
    return gap * gap / scale->unit;
}

/* Is all finite that was written about a block? -EDOM, with the line, where it is not. */
static int check(struct loss *loss, const struct sb_block *block, const double *h)
{
    for (uint64_t i = 0; i < block->n; i++) {
        char point[400];

        if (isfinite(h[i]))
            continue;
        sb_point_print(block, i, point, sizeof point);
        snprintf(loss->out->why, sizeof loss->out->why, "the predictor wrote %g at x = %s", h[i],
                 point);
        return -EDOM;
    }
    return 0;
}

/* The predictor at the points of up to SB_CALL_BLOCKS blocks, into loss->written: all finite. */
static int predict(struct loss *loss, const struct sb_block *blocks, size_t n_blocks)
{
    const struct sb_callback *predictor = loss->task->predictor;
    int error = predictor->values(predictor->self, blocks, n_blocks, false, loss->written);

    for (size_t b = 0; b < n_blocks && !error; b++)
        error = check(loss, &blocks[b], loss->written + b * SB_BLOCK);
    return error;
}

static int values(void *self, const struct sb_block *blocks, size_t n_blocks, bool labels,
                  double *out)
{
    struct loss *loss = self;
    const struct sb_space *space = &loss->task->family->space;
    const uint32_t n_labels = sb_space_n_slots(space);
    const int error = predict(loss, blocks, n_blocks);

    (void)labels; /* always: a loss has one */
    for (size_t b = 0; b < n_blocks && !error; b++) {
        const double *h = loss->written + b * SB_BLOCK;

        for (uint32_t l = 0; l < n_labels; l++) {
            double *to = out + (b * n_labels + l) * SB_BLOCK, y[SB_BLOCK];

            sb_space_label(space, l, &blocks[b], y);
            for (uint64_t i = 0; i < blocks[b].n; i++)
                to[i] = loss_at(loss, h[i], y[i], l) / loss->divisor;
        }
    }
    return error;
}

/* The loss under what is hidden. */
static int estimate(const struct sb_callback_task *task, const struct sb_callback *loss,
                    double largest, struct sb_callback_score *out)
{
    struct sb_law law, null;
    struct sb_public_result result = { 0 };
    const struct sb_public_task points = { .space = &task->family->space,
                                           .callback = loss,
                                           .law = { &law, &null },
                                           .hi = largest,
                                           .lipschitz = INFINITY,
                                           .tolerance = { SB_RULE_STAT, SB_SCORE_WIDTH * largest },
                                           .share = 1,
                                           .delta = DELTA,
                                           .key = task->key,
                                           .fuse = task->fuse };
    int status;

    task->family->null_law(task->family, &null);
    task->family->law(task->family, task->hidden.member, true, &law);
    status = sb_public_points(&points, &result);
    if (!status) {
        out->loss = result.estimate[SB_PUBLIC_HIDDEN].value;
        out->half_width = result.estimate[SB_PUBLIC_HIDDEN].half_width;
    }
    return status;
}

/* Its values over the whole domain, where that is small. */
static int keep_all(const struct sb_callback_task *task, const struct sb_callback *loss,
                    struct sb_profile *table)
{
    const struct sb_space *space = &task->family->space;
    struct sb_law null;
    struct sb_public_result result = { 0 };
    struct sb_public_task points = { .space = space,
                                     .callback = loss,
                                     .law = { &null, &null },
                                     .hi = 1,
                                     .lipschitz = INFINITY,
                                     .tolerance = { SB_RULE_STAT, SB_SCORE_WIDTH },
                                     .share = 1,
                                     .delta = DELTA,
                                     .key = task->key,
                                     .fuse = task->fuse };

    if (!sb_public_whole_domain(space))
        return 0;
    task->family->null_law(task->family, &null);
    if (sb_profile_room(table, sb_space_n_slots(space) * sb_space_size(space), NULL))
        return -ENOMEM;
    points.keep = table->scratch;
    return sb_public_points(&points, &result);
}

/* ---- real labels: those of the hidden member itself ---- */

/* So many points whoever is hidden: for SB_SCORE_WIDTH of the largest loss no fewer would do, and a loss that
 * is seldom large is known better. The first of them only tell how much better, to aim at. */
enum { POINTS = 3 << 20, PILOT = 1 << 16, GROUP = SB_CALL_BLOCKS * SB_BLOCK };

struct by_labels {
    struct loss *loss;
    struct sb_law null;
    struct sb_exchange ex; /* brings back the predictor's values, one a point */
    struct sb_recheck recheck;
    struct sb_bets bets;
    struct sb_sum first, second; /* of losses and their squares: of the pilot */
    double losses[SB_BLOCK];
    uint64_t n, look;
};

static int bring_back(void *self, const struct sb_block *blocks, size_t n_blocks, bool labels,
                      double *out)
{
    struct loss *loss = self;
    const int error = predict(loss, blocks, n_blocks);

    (void)labels;
    if (!error)
        memcpy(out, loss->written, n_blocks * SB_BLOCK * sizeof *out);
    return error;
}

static void find_losses(struct by_labels *s, size_t b)
{
    const struct sb_callback_task *task = s->loss->task;
    const struct sb_candidates *f = task->family->space.candidates;
    const double *h = sb_exchange_slot(&s->ex, b, 0);
    double label[SB_BLOCK];

    f->label(f->self, task->hidden.member, &s->ex.block[b], label);
    for (int i = 0; i < SB_BLOCK; i++)
        s->losses[i] = loss_at(s->loss, h[i], label[i], 0);
}

/* What POINTS points of such losses can show [WSR23]; with a little more for the variance itself. */
static void aim(struct by_labels *s)
{
    const double needed = sb_bets_log(1 / DELTA) + 4, largest = s->loss->scale.largest;
    double error, mean, variance;

    mean = sb_sum_value(&s->first, &error) / PILOT;
    variance = sb_sum_value(&s->second, &error) / PILOT - mean * mean;
    variance = variance > 0 ? variance : 0;
    sb_bets_init(
        &s->bets, 0, largest, DELTA,
        (struct sb_tolerance){ SB_RULE_STAT, sqrt(2.4 * needed * variance / (double)POINTS) +
                                                 2 * needed * largest / (double)POINTS },
        1);
    s->look = sb_bets_next_look(0);
}

static void add_block(struct by_labels *s, size_t b)
{
    struct sb_estimate not_yet;
    struct sb_powers powers;

    find_losses(s, b);
    if (s->n < PILOT) {
        for (int i = 0; i < SB_BLOCK; i++) {
            sb_sum_add(&s->first, s->losses[i]);
            sb_sum_add(&s->second, s->losses[i] * s->losses[i]);
        }
    } else {
        sb_bets_powers(&s->bets, SB_BLOCK, s->losses, &powers);
        sb_bets_add(&s->bets, &powers);
    }
    sb_recheck_keep(&s->recheck, &s->ex, b, s->n);
    s->n += SB_BLOCK;
    if (s->n == PILOT)
        aim(s);
    while (s->n > PILOT && s->n - PILOT >= s->look) {
        sb_bets_look(&s->bets, &not_yet);
        s->look = sb_bets_next_look(s->look);
    }
}

static int draw(struct by_labels *s)
{
    const struct sb_key key = s->loss->task->key;
    int status = 0;

    while (s->n < PILOT + POINTS && !status) {
        for (size_t b = 0; b < SB_CALL_BLOCKS; b++)
            sb_point_room_draw(&s->ex.room[b], &s->null, key, 0, s->n + b * SB_BLOCK, SB_BLOCK);
        status = sb_exchange_run(&s->ex, SB_CALL_BLOCKS);
        for (size_t b = 0; b < SB_CALL_BLOCKS && !status; b++)
            add_block(s, b);
    }
    return status ? status : sb_recheck_run(&s->recheck, &s->ex, s->n);
}

static void take_interval(struct by_labels *s, struct sb_callback_score *out)
{
    double lo, hi;

    sb_bets_tighten(&s->bets);
    sb_bets_interval(&s->bets, &lo, &hi);
    out->loss = lo + (hi - lo) / 2;
    out->half_width = (hi - lo) / 2 * (1 + 0x1p-50);
}

static int estimate_by_labels(struct loss *loss, struct sb_callback_score *out)
{
    const struct sb_callback_task *task = loss->task;
    const struct sb_callback callback = { loss, "", bring_back };
    struct by_labels *s = SB_NEW(struct by_labels);
    struct sb_public_result result = { 0 };
    struct sb_public_task points = { .space = &task->family->space,
                                     .callback = &callback,
                                     .lo = -DBL_MAX, /* predict() looks */
                                     .hi = DBL_MAX,
                                     .without_label = true,
                                     .lipschitz = INFINITY,
                                     .key = task->key,
                                     .fuse = task->fuse };
    int status;

    if (!s)
        return -ENOMEM;
    s->loss = loss;
    task->family->null_law(task->family, &s->null);
    points.law[SB_PUBLIC_HIDDEN] = points.law[SB_PUBLIC_NULL] = &s->null;
    status = sb_exchange_init(&s->ex, &points, &result);
    if (!status)
        status = sb_recheck_init(&s->recheck, &s->ex);
    if (!status)
        status = draw(s);
    if (!status)
        take_interval(s, out);
    sb_exchange_fini(&s->ex);
    sb_recheck_fini(&s->recheck);
    free(s);
    return status;
}

/* ---- all members ---- */

int sb_profile_to_score(struct sb_profile_task *of, struct sb_profile *out)
{
    int status = sb_profile_of(of, out);

    if (status != SB_REFUSED || out->samples)
        return status;
    of->half_width = SB_COARSE_WIDTH;
    return sb_profile_of(of, out);
}

/* The loss under every member, over the largest there is: a table, unless it would take too many points. */
static int estimate_all(const struct sb_callback_task *task, const struct sb_callback *loss,
                        struct sb_callback_score *out)
{
    struct sb_profile_task of = { .family = task->family,
                                  .callback = loss,
                                  .lipschitz = INFINITY,
                                  .hi = 1,
                                  .clean = true,
                                  .half_width = SB_SCORE_WIDTH,
                                  .delta = DELTA,
                                  .key = task->key,
                                  .fuse = task->fuse };
    int status = keep_all(task, loss, &out->table);

    if (!status)
        status = sb_profile_to_score(&of, &out->table);
    out->tabled = !status;
    return status > 0 && out->table.samples == 0 ? 0 : status;
}

static int refuse(struct sb_callback_score *out, double largest, const char *why)
{
    out->returned = out->worthless = true;
    out->loss = largest;
    out->half_width = 0;
    if (why)
        snprintf(out->why, sizeof out->why, "%s", why);
    return 0;
}

static int take(const struct loss *loss, int status, struct sb_callback_score *out)
{
    const double largest = loss->scale.largest;

    if (status == -EDOM)
        return refuse(out, largest, NULL);
    if (status > 0)
        return refuse(out, largest,
                      "the predictor is not a pure function: asked twice at one point, it "
                      "predicted differently");
    out->returned = !status || status == -ETIME;
    return status;
}

/* ---- a density ---- */

/* What it is at public points is kept; its distance from what is hidden is known now, or will be. */
static int read_density(const struct sb_callback_task *task, struct sb_callback_score *out)
{
    const struct sb_density_task density = {
        .family = task->family, .callback = task->predictor, .key = task->key, .fuse = task->fuse
    };
    struct sb_variation found;
    int status = sb_density_read(&density, &out->density, out->why);

    if (status > 0) {
        out->returned = out->worthless = true;
        out->loss = 1;
        out->half_width = 0;
        return 0;
    }
    if (status)
        return status;
    out->returned = out->tabled = true;
    if (task->keep_table)
        return 0;
    status = sb_density_loss(&density, &out->density, task->hidden.member, &found);
    if (!status) {
        out->loss = found.value;
        out->half_width = found.half_width;
    }
    return status;
}

/* Why a callback has no score here, or NULL. Of real labels the loss of one member is that of its own
 * labels, at points of the marginal, which is public; that of all needs labels that can be gone through. */
static const char *no_score(const struct sb_callback_task *task)
{
    const struct sb_family *family = task->family;

    if (!family->space.n_labels)
        return task->keep_table && !family->space.labelling ? "labels are real numbers" : NULL;
    return family->no_public_points;
}

static int score(const struct sb_callback_task *task, struct loss *loss,
                 struct sb_callback_score *out)
{
    const struct sb_callback callback = { loss, "", values };

    if (task->keep_table)
        return estimate_all(task, &callback, out);
    return task->family->space.n_labels ? estimate(task, &callback, loss->scale.largest, out)
                                        : estimate_by_labels(loss, out);
}

int sb_score_callback(const struct sb_callback_task *task, struct sb_callback_score *out)
{
    struct loss *loss;
    const char *why;
    int error;

    *out = (struct sb_callback_score){ .loss = NAN, .half_width = NAN };
    if (task->loss == SB_LOSS_VARIATION)
        return read_density(task, out);
    loss = SB_NEW(struct loss);
    if (!loss)
        return -ENOMEM;
    loss->task = task;
    loss->out = out;
    why = sb_loss_scale(task->family, task->loss, &loss->scale);
    why = why ? why : no_score(task);
    loss->divisor = task->keep_table ? loss->scale.largest : 1;
    if (why) {
        refuse(out, loss->scale.largest > 0 ? loss->scale.largest : NAN, NULL);
        snprintf(out->why, sizeof out->why,
                 "a predictor that is a callback cannot be scored here: %s; return an expression",
                 why);
        error = 0;
    } else {
        error = take(loss, score(task, loss, out), out);
    }
    free(loss);
    return error;
}
