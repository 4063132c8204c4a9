/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every member's value of a query from one sample of public points, whose size is fixed before it is drawn.
 *
 * At a point x of the marginal, which is the same for all members, member i's value is
 *     z_i(x) = sum_l Pr_i[l | x] f(x, l) = f(x, l_0) + sum_{l != l_0} Pr_i[l | x] (f(x, l) - f(x, l_0)),
 * a mean of the query's values, in [lo, hi] as they are. By Hoeffding's inequality [Hoeffding63, Theorem 2]
 * the mean of n of them is farther than h from its expectation with probability at most
 * 2 exp(-2 n h^2 / (hi-lo)^2); over K members and moments n = (hi-lo)^2 ln(2K/delta) / (2 h^2) is enough for
 * all of them. f^2 lies in [0,1].
 *
 * Members that move x weigh a point by a density (estimate/law.h): then z_i(x) = c + sum_l w_i(x,l) (f(x, l) - c), c the
 * middle of [lo, hi], whose mean is the member's value, and n is by Bernstein's inequality with what is public of the
 * densities (moved.h): the range alone, as Hoeffding's takes it, would be W (hi-lo) for the most that they can be, some
 * hundred times their mean square. */
#include "estimate/profile_ways.h"

#include "base/memory.h"
#include "base/threads.h"
#include "estimate/betting.h"
#include "estimate/moved.h"
#include "estimate/profile_values.h"
#include "numeric/sum.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { MEMBERS_A_PART = 16 };

struct sampler {
    const struct sb_profile_task *task;
    struct sb_profile_values values;
    struct sb_law *laws; /* n_members */
    uint32_t n_labels, n_powers;
    size_t n_blocks; /* of this group of them */
    double
        *f; /* [(power * SB_CALL_BLOCKS + b) * n_labels + l][i]: f^(power + 1) with the first label;
                        with another, less that with the first; where members move x, of every
                        label less the centre */
    bool moves_x;
    double centre[2]; /* of the two */
    struct sb_sum first
        [2]; /* of the first label's values, the same for all members: f, f^2; or of the centres */
    struct sb_sum *rest; /* n_members x n_powers: of the others', weighed */
};

/* ---- how many points ---- */

static double moved_points(const struct sb_profile_task *task, const struct sb_law *law, double h,
                           double log_needed)
{
    const struct sb_moved first = sb_moved_bounds(law, task->lo, task->hi);
    const struct sb_moved second = sb_moved_bounds(law, 0, 1);
    const double n = sb_moved_points(&first, h, log_needed);
    const double m = task->squares ? sb_moved_points(&second, h, log_needed) : 0;

    return m > n ? m : n;
}

double sb_profile_sample_points(const struct sb_profile_task *task)
{
    const double n_bounds = (double)task->family->n_members * (task->squares ? 2 : 1);
    const double range = task->hi - task->lo > 1 || !task->squares ? task->hi - task->lo : 1;
    double h = task->half_width - sb_profile_missed(task) - 2 * SB_PROFILE_ROUNDING;
    struct sb_law law;

    task->family->null_law(task->family, &law);
    if (law.moves_x) {
        h -= law.most_weight * SB_PROFILE_ROUNDING; /* as if values were so much larger */
        return h > 0 && law.most_weight < 1e300
                   ? moved_points(task, &law, h, sb_bets_log(2 * n_bounds / task->delta))
                   : 1e300;
    }
    return h > 0 ? range * range * sb_bets_log(2 * n_bounds / task->delta) / (2 * h * h) : 1e300;
}

/* In weights of a law on the cube, as they are worked out off it: a sum over the coordinates. */
static double weight_cost(const struct sb_space *space)
{
    return space->domain == SB_CUBE ? 1 : 1 + (double)space->dim / 32;
}

/* 0 with whole blocks of points, or SB_REFUSED: by public numbers alone. */
static int find_n(const struct sb_profile_task *task, struct sb_profile *out, uint64_t *n_out)
{
    const struct sb_family *family = task->family;
    const double n = sb_profile_sample_points(task) * (1 + 0x1p-40);
    const double work = n * (double)family->n_members * (double)sb_space_n_slots(&family->space) *
                        weight_cost(&family->space);

    if (family->n_members <= UINT64_C(1) << SB_PROFILE_SAMPLED_BITS &&
        work <= (double)(UINT64_C(1) << SB_PROFILE_WORK_BITS)) {
        *n_out = ((uint64_t)n / SB_BLOCK + 1) * SB_BLOCK;
        return 0;
    }
    if (family->no_public_points) {
        snprintf(out->refused, sizeof out->refused,
                 "every member's value is to be had of sums of functions of one projection of x "
                 "each, and of products of Hermite polynomials; others cannot be sampled: %s",
                 family->no_public_points);
        return SB_REFUSED;
    }
    if (sb_profile_missed(task) >= task->half_width) {
        snprintf(out->refused, sizeof out->refused,
                 "a member's label is one of those that are listed at a point but for probability "
                 "%.3g, which moves its value by up to %.3g and is more than this tolerance "
                 "leaves; ask at a coarser one",
                 sb_space_miss(&family->space), sb_profile_missed(task));
        return SB_REFUSED;
    }
    snprintf(out->refused, sizeof out->refused,
             "every member's value would be sampled at %.3g points for %llu members, which takes "
             "minutes, and up to 2^%d members are sampled; ask at a coarser tolerance%s",
             n, (unsigned long long)family->n_members, SB_PROFILE_SAMPLED_BITS,
             family->profile ? ", or a query of fewer coordinates"
             : family->ngca  ? ", or a sum of functions of one projection of x each"
                             : "");
    return SB_REFUSED;
}

/* ---- the query at a group of blocks ---- */

static double *column(const struct sampler *s, uint32_t power, size_t b, uint32_t l)
{
    return s->f + ((power * SB_CALL_BLOCKS + b) * s->n_labels + l) * SB_BLOCK;
}

static void shift(struct sampler *s, uint32_t power, size_t b)
{
    sb_sum_add(&s->first[power], SB_BLOCK * s->centre[power]);
    for (uint32_t l = 0; l < s->n_labels; l++)
        for (uint64_t i = 0; i < SB_BLOCK; i++)
            column(s, power, b, l)[i] -= s->centre[power];
}

/* Squares beside the values, the first label's sums, and differences in the place of the others. */
static void prepare(struct sampler *s, size_t b)
{
    for (uint32_t l = 0; l < s->n_labels && s->n_powers > 1; l++)
        for (uint64_t i = 0; i < SB_BLOCK; i++)
            column(s, 1, b, l)[i] = column(s, 0, b, l)[i] * column(s, 0, b, l)[i];
    for (uint32_t power = 0; power < s->n_powers; power++) {
        const double *first = column(s, power, b, 0);

        if (s->moves_x) {
            shift(s, power, b);
            continue;
        }
        for (uint64_t i = 0; i < SB_BLOCK; i++)
            sb_sum_add(&s->first[power], first[i]);
        for (uint32_t l = 1; l < s->n_labels; l++)
            for (uint64_t i = 0; i < SB_BLOCK; i++)
                column(s, power, b, l)[i] -= first[i];
    }
}

/* The query at points start, start + 1, ... of the sample, n_blocks of them. */
static int draw(struct sampler *s, uint64_t start)
{
    const int status = sb_profile_values_draw(&s->values, start, s->n_blocks, s->f);

    for (size_t b = 0; b < s->n_blocks && !status; b++)
        prepare(s, b);
    return status;
}

/* ---- members ---- */

static double weigh(const double *restrict w, const double *restrict f)
{
    enum { LANES = 8 };
    double lane[LANES] = { 0 };

    for (int i = 0; i < SB_BLOCK; i += LANES)
        for (int k = 0; k < LANES; k++)
            lane[k] += w[i + k] * f[i + k];
    return ((lane[0] + lane[4]) + (lane[2] + lane[6])) +
           ((lane[1] + lane[5]) + (lane[3] + lane[7]));
}

static void add_member(struct sampler *s, uint64_t i)
{
    double w[SB_BLOCK];

    for (size_t b = 0; b < s->n_blocks; b++)
        for (uint32_t l = s->moves_x ? 0 : 1; l < s->n_labels; l++) {
            sb_law_weights(&s->laws[i], &s->values.ex.room[b].block, l, w);
            for (uint32_t power = 0; power < s->n_powers; power++)
                sb_sum_add(&s->rest[i * s->n_powers + power], weigh(w, column(s, power, b, l)));
        }
}

static void add_members(void *context, size_t part)
{
    struct sampler *s = context;
    const uint64_t n = s->task->family->n_members, from = part * MEMBERS_A_PART;

    if (sb_fuse_blown(s->task->fuse))
        return;
    for (uint64_t i = from; i < n && i < from + MEMBERS_A_PART; i++)
        add_member(s, i);
}

/* A member's sums are one thread's, so that they are the same for every number of threads. */
static void add_group(struct sampler *s)
{
    const bool alone = sb_law_wants_one_thread(&s->values.null);
    const uint64_t n = s->task->family->n_members;

    sb_threads_run(alone || n <= MEMBERS_A_PART ? 1 : sb_threads_count(),
                   (n + MEMBERS_A_PART - 1) / MEMBERS_A_PART, add_members, s);
}

/* ---- the whole ---- */

static int open_sampler(struct sampler *s, const double *table)
{
    const struct sb_profile_task *task = s->task;
    const struct sb_family *family = task->family;
    const uint64_t n = family->n_members;
    const int error = sb_profile_values_open(&s->values, task, table);

    s->laws = SB_NEW_ARRAY(struct sb_law, n);
    s->rest = SB_NEW_ARRAY(struct sb_sum, n * s->n_powers);
    s->f = SB_NEW_ARRAY(double, (size_t)s->n_powers *SB_CALL_BLOCKS * s->n_labels * SB_BLOCK);
    if (error || !s->laws || !s->rest || !s->f)
        return -ENOMEM;
    for (uint64_t i = 0; i < n; i++)
        family->law(family, i, task->clean, &s->laws[i]);
    s->moves_x = s->values.null.moves_x;
    return 0;
}

static void close_sampler(struct sampler *s)
{
    sb_profile_values_close(&s->values);
    free(s->laws);
    free(s->rest);
    free(s->f);
}

static int sample(struct sampler *s, uint64_t n)
{
    int status = 0;

    for (uint64_t start = 0; start < n && !status; start += s->n_blocks * SB_BLOCK) {
        const uint64_t left = (n - start) / SB_BLOCK;

        s->n_blocks = left < SB_CALL_BLOCKS ? left : SB_CALL_BLOCKS;
        status = sb_fuse_blown(s->task->fuse) ? -ETIME : draw(s, start);
        if (!status)
            add_group(s);
    }
    if (!status && sb_fuse_blown(s->task->fuse)) /* members may be missing */
        status = -ETIME;
    return status ? status : sb_profile_values_end(&s->values, n);
}

static void take_means(const struct sampler *s, uint64_t n, struct sb_profile *out)
{
    double error;

    for (uint64_t i = 0; i < out->n; i++)
        for (uint32_t power = 0; power < s->n_powers; power++)
            (power ? out->second : out->value)[i] =
                (sb_sum_value(&s->first[power], &error) +
                 sb_sum_value(&s->rest[i * s->n_powers + power], &error)) /
                (double)n;
    out->method = s->values.public.callback ? SB_PUBLIC_POINTS : SB_MONTE_CARLO;
    out->half_width = s->task->half_width;
}

int sb_profile_by_sample(const struct sb_profile_task *task, struct sb_profile *out)
{
    const struct sb_space *space = &task->family->space;
    struct sampler *s;
    uint64_t n;
    int status = find_n(task, out, &n);

    if (!status)
        status = sb_profile_list(out, task->family->n_members, false, task->squares);
    if (status)
        return status;
    s = SB_NEW(struct sampler);
    if (!s)
        return -ENOMEM;
    s->task = task;
    s->n_labels = sb_space_n_slots(space);
    s->n_powers = task->squares ? 2 : 1;
    s->centre[0] = task->lo + (task->hi - task->lo) / 2;
    s->centre[1] = 0.5;
    out->samples = n;
    status = open_sampler(s, !task->expr && sb_public_whole_domain(space) ? out->scratch : NULL);
    if (!status)
        status = sample(s, n);
    if (status > 0)
        snprintf(out->refused, sizeof out->refused, "%s", s->values.result.message);
    if (!status)
        take_means(s, n, out);
    close_sampler(s);
    free(s);
    return status;
}
