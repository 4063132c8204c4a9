/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Route: Monte Carlo until an empirical-Bernstein bound is small enough [MSA08].
 *
 * Each draw of x gives one bounded number v(x) = sum_l Pr[l|x] f(x,l) in [lo, hi], of mean E f.
 * Looks are taken at n_0 < n_1 < ..., n_{k+1} = 1.5 n_k. At look k, [MP09, Theorem 4], applied to v
 * and to -v, with delta_k / 2 each, says that with probability 1 - delta_k
 *     |mean - E f| <= sqrt(2 V ln(4/delta_k) / n) + 7 R ln(4/delta_k) / (3 (n - 1)),
 * R = hi - lo, V the sample variance. sum_k delta_k = delta sum_k 1/((k+1)(k+2)) = delta, so all
 * looks hold together with probability 1 - delta, and stopping at any of them is valid. V is taken
 * of f itself, with its labels, never less than that of v: a member that cannot be told from the null
 * has nearly the null's E f^2, so that how long it takes does not tell them apart either. For the
 * variance rule a second number, s(x) = sum_l Pr[l|x] f(x,l)^2, is bounded in the same way, and each
 * gets delta/2. */
#include "estimate/estimate.h"
#include "numeric/sum.h"
#include "query/eval.h"

#include <errno.h>
#include <math.h>
#include <sleef.h>

enum { FIRST_LOOK = 4 * SB_BLOCK };

/* Sums of blocks of at most SB_BLOCK terms, each at most R in size: a block's rounding is at most
 * SB_BLOCK 2^-53 relative, and so is the mean's; charged at eight times that. */
static const double ROUNDING = 0x1p-40;

struct moments {
    struct sb_sum sum, sum_of_squares; /* of f - lo, averaged over the labels */
};

static void moments_add(struct moments *m, const double *v, const double *squared, uint64_t n)
{
    double s = 0, s2 = 0;

    for (uint64_t i = 0; i < n; i++) {
        s += v[i];
        s2 += squared[i];
    }
    sb_sum_add(&m->sum, s);
    sb_sum_add(&m->sum_of_squares, s2);
}

/* The mean and the half-width of look k. */
static void moments_bound(const struct moments *m, uint64_t n, double lo, double range,
                          double log_term, double *mean_out, double *half_width_out)
{
    const double count = (double)n;
    double error, variance;
    const double s = sb_sum_value(&m->sum, &error);
    const double s2 = sb_sum_value(&m->sum_of_squares, &error);

    variance = (s2 - s * (s / count)) / (count - 1) + ROUNDING * range * range;
    *mean_out = lo + s / count;
    *half_width_out = (sqrt(2 * (variance > 0 ? variance : 0) * log_term / count) +
                       7 * range * log_term / (3 * (count - 1)) + ROUNDING * range) *
                      (1 + 0x1p-40);
}

/* ln(4/delta_k), rounded up */
static double log_term(double delta, uint32_t k)
{
    return Sleef_cinz_logd1_u10purec(4 * (k + 1.0) * (k + 2.0) / delta) * (1 + 0x1p-50);
}

/* At least how many examples the worst distribution needs, from public numbers only: the bound
 * above with V <= R^2/4 (or p(1-p) against a tolerance of sqrt(p(1-p)/t)), at the last look
 * imaginable. */
static double worst_samples(const struct sb_estimate_task *task, double delta)
{
    const double range = task->hi - task->lo, share = task->share, value = task->tolerance.value;
    const double log_last = log_term(delta, 80);
    double need;

    if (task->tolerance.rule == SB_RULE_STAT)
        need = range * range * log_last / (2 * share * share * value * value) +
               5 * range * log_last / (share * value);
    else
        need = 2 * value * log_last / (share * share) + 5 * value * log_last / share;
    return 3 * need;
}

struct sampler {
    const struct sb_estimate_task *task;
    struct sb_program *program;
    uint64_t n; /* drawn so far */
    bool squares;
    struct moments value, square;
};

static void draw_block(struct sampler *s, uint64_t n)
{
    const struct sb_law *law = s->task->law;
    const uint64_t all = (UINT64_C(1) << law->dim) - 1;
    uint64_t bits[SB_BLOCK];
    double y[SB_BLOCK], f[SB_BLOCK], v[SB_BLOCK] = { 0 }, squared[SB_BLOCK] = { 0 };
    double v2[SB_BLOCK] = { 0 }, v4[SB_BLOCK] = { 0 };
    const struct sb_block block = { .n = n, .bits = bits, .y = y };

    sb_random_words(s->task->key, s->task->stream, s->n, n, bits);
    for (uint64_t i = 0; i < n; i++)
        bits[i] &= all;
    for (int l = 0; l < 2; l++) {
        for (uint64_t i = 0; i < n; i++)
            y[i] = law->label[l];
        sb_program_run(s->program, &block, f);
        for (uint64_t i = 0; i < n; i++) {
            const double w = law->alpha[l] + law->beta[l] * sb_law_g(law, bits[i]);

            const double d = f[i] - s->task->lo, f2 = f[i] * f[i];

            v[i] += w * d;
            squared[i] += w * (d * d);
            v2[i] += w * f2;
            v4[i] += w * (f2 * f2);
        }
    }
    moments_add(&s->value, v, squared, n);
    if (s->squares)
        moments_add(&s->square, v2, v4, n);
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
    const double lt = log_term(delta, k);
    double mean, half_width, second, second_half_width, tolerance, largest = 1;

    moments_bound(&s->value, s->n, task->lo, task->hi - task->lo, lt, &mean, &half_width);
    *out = (struct sb_estimate){
        .value = mean, .half_width = half_width, .method = SB_MONTE_CARLO, .samples = s->n
    };
    if (s->squares) {
        const double size = (mean < 0 ? -mean : mean) + half_width;

        largest = task->hi > -task->lo ? task->hi : -task->lo;
        moments_bound(&s->square, s->n, 0, largest * largest, lt, &second, &second_half_width);
        out->variance_lb = second - second_half_width - size * size;
        if (out->variance_lb < 0)
            out->variance_lb = 0;
    }
    tolerance =
        sb_tolerance_lb(task->tolerance, mean - half_width, mean + half_width, out->variance_lb);
    return half_width <= task->share * tolerance;
}

int sb_estimate_monte_carlo(const struct sb_estimate_task *task, struct sb_estimate *out)
{
    const bool squares = task->tolerance.rule == SB_RULE_VARIANCE;
    const double delta = squares ? task->delta / 2 : task->delta;
    struct sampler s = { .task = task, .squares = squares };
    uint64_t next = FIRST_LOOK;
    int error = 0;

    if (!(worst_samples(task, delta) <= (double)SB_SAMPLES_MAX))
        return SB_REFUSED;
    s.program = sb_program_new(task->pool, task->expr);
    if (!s.program)
        return -ENOMEM;
    for (uint32_t k = 0; !error; k++, next += next / 2) {
        error = draw_until(&s, next);
        if (!error && look(&s, delta, k, out))
            break;
    }
    sb_program_free(s.program);
    return error;
}
