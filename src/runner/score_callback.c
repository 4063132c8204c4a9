/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Scoring a predictor that is a callback. Its loss is a callback itself: of x and the label, made
 * from what the predictor wrote at x alone. How many points there are depends on nothing hidden. */
#include "runner/score_callback.h"

#include "base/memory.h"
#include "estimate/points.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>

/* At SB_SCORE_WIDTH 3 million points, one round of them: whether a second were needed would depend on the
 * hidden member. */
#define DELTA 1e-9

struct loss {
    const struct sb_callback_task *task;
    struct sb_callback_score *out;
    double scale; /* what losses are divided by */
    double written[SB_CALL_BLOCKS * SB_BLOCK];
};

void sb_callback_score_fini(struct sb_callback_score *score)
{
    sb_profile_fini(&score->table);
}

/* The label nearest h, of two equally near the larger, and whether it is label l. */
static double zero_one(const struct sb_space *space, double h, uint32_t l)
{
    uint32_t nearest = 0;

    for (uint32_t i = 0; i + 1 < space->n_labels; i++)
        nearest += h >= space->labels[i] + (space->labels[i + 1] - space->labels[i]) / 2;
    return nearest != l;
}

static double squared(const struct sb_space *space, double h, uint32_t l)
{
    const double lo = space->labels[0], hi = space->labels[space->n_labels - 1];
    const double gap = (h < lo ? lo : h > hi ? hi : h) - space->labels[l];

    return gap * gap;
}

static double largest_loss(const struct sb_callback_task *task)
{
    const struct sb_space *space = &task->family->space;
    const double width = space->labels[space->n_labels - 1] - space->labels[0];

    return task->loss == SB_LOSS_ZERO_ONE ? 1 : width * width;
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

static int values(void *self, const struct sb_block *blocks, size_t n_blocks, bool labels,
                  double *out)
{
    struct loss *loss = self;
    const struct sb_callback *predictor = loss->task->predictor;
    const struct sb_space *space = &loss->task->family->space;
    const bool binary = loss->task->loss == SB_LOSS_ZERO_ONE;
    int error = predictor->values(predictor->self, blocks, n_blocks, false, loss->written);

    (void)labels; /* always: a loss has one */
    for (size_t b = 0; b < n_blocks && !error; b++) {
        const double *h = loss->written + b * SB_BLOCK;

        error = check(loss, &blocks[b], h);
        for (uint32_t l = 0; l < space->n_labels && !error; l++) {
            double *to = out + (b * space->n_labels + l) * SB_BLOCK;

            for (uint64_t i = 0; i < blocks[b].n; i++)
                to[i] = (binary ? zero_one(space, h[i], l) : squared(space, h[i], l)) / loss->scale;
        }
    }
    return error;
}

/* The loss under what is hidden. */
static int estimate(const struct sb_callback_task *task, const struct sb_callback *loss,
                    struct sb_callback_score *out)
{
    const double largest = largest_loss(task);
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
    if (sb_profile_room(table, space->n_labels * sb_space_size(space), NULL))
        return -ENOMEM;
    points.keep = table->scratch;
    return sb_public_points(&points, &result);
}

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

static int refuse(struct sb_callback_score *out, const struct sb_callback_task *task,
                  const char *why)
{
    out->returned = out->worthless = true;
    out->loss = task->family->space.n_labels ? largest_loss(task) : NAN;
    out->half_width = 0;
    if (why)
        snprintf(out->why, sizeof out->why, "%s", why);
    return 0;
}

static int take(const struct sb_callback_task *task, int status, struct sb_callback_score *out)
{
    if (status == -EDOM)
        return refuse(out, task, NULL);
    if (status > 0)
        return refuse(out, task,
                      "the predictor is not a pure function: asked twice at one point, it "
                      "predicted differently");
    out->returned = !status || status == -ETIME;
    return status;
}

int sb_score_callback(const struct sb_callback_task *task, struct sb_callback_score *out)
{
    struct sb_callback callback = { NULL, "", values };
    struct loss *loss;
    int error;

    *out = (struct sb_callback_score){ .loss = NAN, .half_width = NAN };
    if (task->family->no_public_points || !task->family->space.n_labels) {
        refuse(out, task, NULL);
        snprintf(out->why, sizeof out->why,
                 "a predictor that is a callback cannot be scored here: %s; return an expression",
                 task->family->no_public_points ? task->family->no_public_points
                                                : "labels are real numbers");
        return 0;
    }
    loss = SB_NEW(struct loss);
    if (!loss)
        return -ENOMEM;
    loss->task = task;
    loss->out = out;
    loss->scale = task->keep_table ? largest_loss(task) : 1;
    callback.self = loss;
    error =
        take(task,
             task->keep_table ? estimate_all(task, &callback, out) : estimate(task, &callback, out),
             out);
    free(loss);
    return error;
}
