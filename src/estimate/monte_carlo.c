/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Route: Monte Carlo until an empirical-Bernstein bound (bernstein.h) is small enough.
 *
 * Where the label set is finite each draw of x gives one bounded number v(x) = sum_l Pr[l|x] f(x,l)
 * in [lo, hi], of mean E f; where labels are real, v is f at a drawn example. Looks are taken at n_0 <
 * n_1 < ..., n_{k+1} = 1.5 n_k. The variance is taken of f itself, with its labels, never less than
 * that of v: a member that cannot be told from the null has nearly the null's E f^2, so that how long
 * it takes does not tell them apart either. For the variance rule a second number,
 * s(x) = sum_l Pr[l|x] f(x,l)^2, is bounded in the same way, and each gets delta/2. */
#include "estimate/bernstein.h"
#include "estimate/points.h"
#include "query/eval.h"

#include <errno.h>

enum { FIRST_LOOK = 4 * SB_BLOCK };

struct sampler {
    const struct sb_estimate_task *task;
    const struct sb_space *space;
    struct sb_program *program;
    struct sb_point_room room;
    struct sb_key examples; /* where labels are real */
    uint64_t n;             /* drawn so far */
    bool squares;
    struct sb_moments value, square; /* of f - lo and of f^2, averaged over the labels */
};

/* What a block adds to, each a number a point. */
struct terms {
    double v[SB_BLOCK], squared[SB_BLOCK], v2[SB_BLOCK], v4[SB_BLOCK];
};

static void add_terms(const struct sampler *s, struct terms *t, const double *weight,
                      const double *f, uint64_t n)
{
    for (uint64_t i = 0; i < n; i++) {
        const double w = weight[i], d = f[i] - s->task->lo, f2 = f[i] * f[i];

        t->v[i] += w * d;
        t->squared[i] += w * (d * d);
        t->v2[i] += w * f2;
        t->v4[i] += w * (f2 * f2);
    }
}

static void draw_points(struct sampler *s, uint64_t n, struct terms *t)
{
    const struct sb_law *law = s->task->law;
    double y[SB_BLOCK], f[SB_BLOCK], w[SB_BLOCK];

    sb_point_room_draw(&s->room, law, s->task->key, s->task->stream, s->n, n);
    s->room.block.y = y;
    for (uint32_t l = 0; l < s->space->n_labels; l++) {
        for (uint64_t i = 0; i < n; i++)
            y[i] = s->space->labels[l];
        sb_program_run(s->program, &s->room.block, f);
        sb_law_weights(law, &s->room.block, l, w);
        add_terms(s, t, w, f, n);
    }
}

static void draw_examples(struct sampler *s, uint64_t n, struct terms *t)
{
    double y[SB_BLOCK], f[SB_BLOCK], w[SB_BLOCK];

    sb_law_sample(s->task->law, s->examples, s->n, n, &s->room.points, y);
    s->room.block.n = n;
    s->room.block.y = y;
    for (uint64_t i = 0; i < n; i++)
        w[i] = 1;
    sb_program_run(s->program, &s->room.block, f);
    add_terms(s, t, w, f, n);
}

static void draw_block(struct sampler *s, uint64_t n)
{
    struct terms t = { { 0 }, { 0 }, { 0 }, { 0 } };

    if (s->space->n_labels)
        draw_points(s, n, &t);
    else
        draw_examples(s, n, &t);
    sb_moments_add(&s->value, t.v, t.squared, n);
    if (s->squares)
        sb_moments_add(&s->square, t.v2, t.v4, n);
    s->n += n;
}

static int draw_until(struct sampler *s, uint64_t n)
{
    while (s->n < n) {
        draw_block(s, n - s->n < SB_BLOCK ? n - s->n : SB_BLOCK);
        if (sb_fuse_blown(s->task->fuse))
            return -ETIME;
    }
    return 0;
}

/* Look k: fills *out; true when the half-width fits its share of the least tolerance possible. */
static bool look(const struct sampler *s, double delta, uint32_t k, struct sb_estimate *out)
{
    const struct sb_estimate_task *task = s->task;
    const double lt = sb_bernstein_log(delta, k);
    double mean, half_width, second, second_half_width, tolerance, largest = 1;

    sb_moments_bound(&s->value, s->n, task->lo, task->hi - task->lo, lt, &mean, &half_width);
    *out = (struct sb_estimate){
        .value = mean, .half_width = half_width, .method = SB_MONTE_CARLO, .samples = s->n
    };
    if (s->squares) {
        const double size = (mean < 0 ? -mean : mean) + half_width;

        largest = task->hi > -task->lo ? task->hi : -task->lo;
        sb_moments_bound(&s->square, s->n, 0, largest * largest, lt, &second, &second_half_width);
        out->variance_lb = second - second_half_width - size * size;
        if (out->variance_lb < 0)
            out->variance_lb = 0;
    }
    tolerance =
        sb_tolerance_lb(task->tolerance, mean - half_width, mean + half_width, out->variance_lb);
    return half_width <= task->share * tolerance;
}

/* A sample is keyed, not streamed: a key for this stream of it. */
static struct sb_key example_key(const struct sb_estimate_task *task)
{
    const uint64_t material[2] = { (uint64_t)task->key.v[1] << 32 | task->key.v[0], task->stream };

    return sb_key_derive("examples", material, sizeof material);
}

int sb_estimate_monte_carlo(const struct sb_estimate_task *task, struct sb_estimate *out)
{
    const bool squares = task->tolerance.rule == SB_RULE_VARIANCE;
    const double delta = squares ? task->delta / 2 : task->delta;
    struct sampler s = { .task = task,
                         .space = sb_pool_space(task->pool),
                         .examples = example_key(task),
                         .squares = squares };
    uint64_t next = FIRST_LOOK;
    int error;

    if (!(sb_bernstein_worst(task->tolerance, task->hi - task->lo, task->share, delta) <=
          (double)SB_SAMPLES_MAX))
        return SB_REFUSED;
    error = sb_point_room_init(&s.room, s.space);
    s.program = sb_program_new(task->pool, task->expr);
    if (!s.program)
        error = -ENOMEM;
    for (uint32_t k = 0; !error; k++, next += next / 2) {
        error = draw_until(&s, next);
        if (!error && look(&s, delta, k, out))
            break;
    }
    sb_program_free(s.program);
    sb_point_room_fini(&s.room);
    return error;
}
