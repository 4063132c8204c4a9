/* SPDX-License-Identifier: GPL-3.0-or-later */
/* E[callback] under two laws in one pass over the same public points. */
#include "estimate/public_points.h"

#include "base/memory.h"
#include "estimate/betting.h"
#include "estimate/public_bets.h"
#include "estimate/public_exchange.h"
#include "estimate/public_recheck.h"
#include "estimate/table_pair.h"
#include "estimate/weighted.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

bool sb_public_whole_domain(const struct sb_space *space)
{
    return sb_space_size(space) > 0;
}

/* ---- the whole domain ---- */

/* Under one law: each value with its weight; or, where labels are independent of x, each label's values. */
struct domain_sums {
    struct sb_weighted value[SB_PUBLIC_LAWS], square[SB_PUBLIC_LAWS];
    struct sb_table_sum of_label[2], square_of_label[2];
};

static bool is_independent(const struct sb_law *law)
{
    return !law->class && law->beta[0] == 0 && law->beta[1] == 0;
}

static void add_weighed(const struct sb_public_task *task, int a, const struct sb_block *block,
                        uint32_t l, const double *f, struct domain_sums *sums)
{
    double w[SB_BLOCK];

    sb_law_weights(task->law[a], block, l, w);
    for (uint64_t i = 0; i < block->n; i++)
        sb_weighted_add(&sums->value[a], w[i], f[i]);
    if (task->tolerance.rule == SB_RULE_VARIANCE)
        for (uint64_t i = 0; i < block->n; i++)
            sb_weighted_add(&sums->square[a], w[i], f[i] * f[i]);
}

static void add_plain(const struct sb_public_task *task, uint64_t n, uint32_t l, const double *f,
                      struct domain_sums *sums)
{
    double square[SB_BLOCK];

    sb_table_sum_add(&sums->of_label[l], f, n);
    if (task->tolerance.rule != SB_RULE_VARIANCE)
        return;
    for (uint64_t i = 0; i < n; i++)
        square[i] = f[i] * f[i];
    sb_table_sum_add(&sums->square_of_label[l], square, n);
}

/* Only the null's value is wanted: it need not be found like the others, point by point. */
static bool null_alone(const struct sb_public_task *task)
{
    return !task->law[SB_PUBLIC_HIDDEN] && is_independent(task->law[SB_PUBLIC_NULL]);
}

static void add_domain_block(struct sb_exchange *ex, size_t b, uint64_t start,
                             struct domain_sums *sums)
{
    const struct sb_public_task *task = ex->task;
    const struct sb_block *block = &ex->block[b];
    const uint64_t size = sb_space_size(task->space);

    for (uint32_t l = 0; l < ex->n_labels; l++) {
        const double *f = sb_exchange_values(ex, b, l);

        if (task->keep)
            memcpy(task->keep + l * size + start, f, block->n * sizeof *f);
        if (null_alone(task))
            add_plain(task, block->n, l, f, sums);
        else
            for (int a = 0; a < SB_PUBLIC_LAWS; a++)
                if (task->law[a])
                    add_weighed(task, a, block, l, f, sums);
    }
    sb_exchange_count(ex, b);
}

static struct sb_ball independent_mean(const struct sb_law *law, const struct sb_table_sum sums[2])
{
    const double scale = 1.0 / (double)(UINT64_C(1) << law->dim); /* a power of two: exact */
    struct sb_ball mean = { 0, 0 };

    for (int l = 0; l < 2; l++)
        mean =
            sb_ball_add(mean, sb_ball_mul(sb_ball_of(law->alpha[l]), sb_table_sum_value(&sums[l])));
    return (struct sb_ball){ mean.mid * scale, mean.rad * scale };
}

/* How far labels that are not listed may move a mean. */
static double missed(const struct sb_public_task *task, int a)
{
    const double range = task->hi - task->lo;

    return a == SB_PUBLIC_NULL ? 0 : sb_space_miss(task->space) * range * (1 + 0x1p-50);
}

static struct sb_estimate domain_estimate(const struct sb_public_task *task,
                                          const struct domain_sums *sums, int a)
{
    const struct sb_law *law = task->law[a];
    const uint64_t n = sb_space_size(task->space);
    const double miss = missed(task, a);
    const bool plain = null_alone(task);
    const struct sb_ball mean =
        plain ? independent_mean(law, sums->of_label) : sb_weighted_mean(&sums->value[a], law, n);
    const struct sb_ball second = plain ? independent_mean(law, sums->square_of_label)
                                        : sb_weighted_mean(&sums->square[a], law, n);
    const double variance = second.mid - mean.mid * mean.mid;
    /* each square rounds once, this one and the difference once; |f| <= 1, and so |f^2 - g^2| is at most
     * twice |f - g| */
    const double error = second.rad + 2 * mean.rad + 5 * miss + 0x1p-50;

    return (struct sb_estimate){ .value = mean.mid,
                                 .half_width = mean.rad + miss,
                                 .variance_lb = variance > error ? variance - error : 0,
                                 .method = SB_PUBLIC_DOMAIN };
}

static int whole_domain(struct sb_exchange *ex)
{
    const uint64_t size = sb_space_size(ex->task->space);
    struct domain_sums sums = { 0 };
    int status = 0;

    for (int l = 0; l < 2; l++) {
        sb_table_sum_init(&sums.of_label[l], ex->task->space->dim);
        sb_table_sum_init(&sums.square_of_label[l], ex->task->space->dim);
    }

    for (uint64_t start = 0; start < size && !status;) {
        size_t n_blocks = 0;
        uint64_t next = start;

        for (; n_blocks < SB_CALL_BLOCKS && next < size; n_blocks++) {
            const uint64_t n = size - next < SB_BLOCK ? size - next : SB_BLOCK;

            sb_point_room_domain(&ex->room[n_blocks], next, n);
            next += n;
        }
        status = sb_exchange_run(ex, n_blocks);
        for (size_t b = 0; b < n_blocks && !status; b++)
            add_domain_block(ex, b, start + b * SB_BLOCK, &sums);
        start = next;
    }
    if (status)
        return status;
    ex->result->n_points = size;
    for (int a = 0; a < SB_PUBLIC_LAWS; a++)
        if (ex->task->law[a])
            ex->result->estimate[a] = domain_estimate(ex->task, &sums, a);
    return 0;
}

/* ---- random points ---- */

/* Sums over points, each times the bet on it (public_bets.h); the first of each pair over f, the
 * second over f^2 (rule variance). */
struct pass {
    struct sb_exchange ex;
    uint64_t n;       /* points so far */
    double centre[2]; /* c: the same from the second block on */
    bool moves_x;     /* the laws do: moved.h */
    struct sb_moved moved[2];
    struct sb_public_bets bets[2]; /* public alone */
    struct sb_sum mean[2]
                      [SB_PUBLIC_LAWS]; /* sum_l Pr[l|x] f, under each law; where it moves x, v */
    struct sb_sum least[2], largest[2]; /* over the labels */
    struct sb_recheck recheck;
};

/* A block's numbers, a column each. Random points come in full blocks: the loops have a known length
 * and no branch, which random values would mispredict. */
struct columns {
    double least[SB_BLOCK], largest[SB_BLOCK]; /* over the labels */
    double mean[SB_PUBLIC_LAWS][SB_BLOCK];     /* sum_l Pr[l|x] f, under each law */
    double square[SB_BLOCK], weight[SB_BLOCK];
    double shifted[SB_BLOCK]; /* f less the centre */
};

static void add_constant(double c, double *f)
{
    for (int i = 0; i < SB_BLOCK; i++)
        f[i] += c;
}

static void square_all(const double *restrict f, double *restrict out)
{
    for (int i = 0; i < SB_BLOCK; i++)
        out[i] = f[i] * f[i];
}

static void widen(const double *restrict f, double *restrict least, double *restrict largest)
{
    for (int i = 0; i < SB_BLOCK; i++) {
        least[i] = f[i] < least[i] ? f[i] : least[i];
        largest[i] = f[i] > largest[i] ? f[i] : largest[i];
    }
}

static void set_weighted(const double *restrict weight, const double *restrict f,
                         double *restrict sum)
{
    for (int i = 0; i < SB_BLOCK; i++)
        sum[i] = weight[i] * f[i];
}

static void add_weighted(const double *restrict weight, const double *restrict f,
                         double *restrict sum)
{
    for (int i = 0; i < SB_BLOCK; i++)
        sum[i] += weight[i] * f[i];
}

/* f, or its square, with label l. */
static void add_label(struct pass *p, size_t b, uint32_t l, int power, struct columns *c)
{
    const double *f = sb_exchange_values(&p->ex, b, l);

    if (power) {
        square_all(f, c->square);
        f = c->square;
    }
    if (l == 0) {
        memcpy(c->least, f, sizeof c->least);
        memcpy(c->largest, f, sizeof c->largest);
    } else {
        widen(f, c->least, c->largest);
    }
    if (p->moves_x) {
        memcpy(c->shifted, f, sizeof c->shifted);
        add_constant(-p->moved[power].centre, c->shifted);
        f = c->shifted;
    }
    for (int a = 0; a < SB_PUBLIC_LAWS; a++) {
        sb_law_weights(p->ex.task->law[a], &p->ex.block[b], l, c->weight);
        (l ? add_weighted : set_weighted)(c->weight, f, c->mean[a]);
    }
}

/* Sums of a block. */
struct block_sums {
    double least, largest, spread, mean[SB_PUBLIC_LAWS];
};

/* In one loop, for each addition waits for the one before. */
static struct block_sums sum_columns(const struct columns *c, double centre)
{
    double least = 0, largest = 0, spread = 0, hidden = 0, null = 0;

    for (int i = 0; i < SB_BLOCK; i++) {
        const double below = centre - c->least[i], above = c->largest[i] - centre;
        const double most = below > above ? below : above;

        spread += most * most;
        least += c->least[i];
        largest += c->largest[i];
        hidden += c->mean[SB_PUBLIC_HIDDEN][i];
        null += c->mean[SB_PUBLIC_NULL][i];
    }
    return (struct block_sums){ least, largest, spread, { hidden, null } };
}

static void add_block(struct pass *p, size_t b, int power)
{
    const double bet = sb_public_bets_weight(&p->bets[power]);
    struct columns c;
    struct block_sums sums;

    for (uint32_t l = 0; l < p->ex.n_labels; l++)
        add_label(p, b, l, power, &c);
    for (int a = 0; p->moves_x && a < SB_PUBLIC_LAWS; a++)
        add_constant(p->moved[power].centre, c.mean[a]);
    sums = sum_columns(&c, p->centre[power]);
    if (p->n == 0) { /* any constant would do; the middle is near the best */
        p->centre[power] = (sums.least + sums.largest) / (2 * (double)SB_BLOCK);
        sums = sum_columns(&c, p->centre[power]);
    }
    sb_public_bets_add(&p->bets[power], SB_BLOCK, sums.spread);
    sb_sum_add(&p->least[power], bet * sums.least);
    sb_sum_add(&p->largest[power], bet * sums.largest);
    for (int a = 0; a < SB_PUBLIC_LAWS; a++)
        sb_sum_add(&p->mean[power][a], bet * sums.mean[a]);
}

static int draw_exchange(struct pass *p)
{
    const struct sb_public_task *task = p->ex.task;
    const int n_powers = task->tolerance.rule == SB_RULE_VARIANCE ? 2 : 1;
    int status;

    for (size_t b = 0; b < SB_CALL_BLOCKS; b++)
        sb_point_room_draw(&p->ex.room[b], task->law[SB_PUBLIC_NULL], task->key, task->stream,
                           p->n + b * SB_BLOCK, SB_BLOCK);
    status = sb_exchange_run(&p->ex, SB_CALL_BLOCKS);
    for (size_t b = 0; b < SB_CALL_BLOCKS && !status; b++) {
        for (int power = 0; power < n_powers; power++)
            add_block(p, b, power);
        sb_recheck_keep(&p->recheck, &p->ex, b, p->n);
        sb_exchange_count(&p->ex, b);
        p->n += SB_BLOCK;
    }
    return status;
}

static double mean_of(const struct pass *p, int power, const struct sb_sum *sum)
{
    double error;

    return sb_sum_value(sum, &error) / sb_public_bets_total(&p->bets[power]);
}

/* Half-widths: of the mean, of the second moment. */
struct widths {
    double mean, second;
};

static struct widths widths_of(const struct pass *p)
{
    const struct sb_public_task *task = p->ex.task;
    const double size = -task->lo > task->hi ? -task->lo : task->hi;
    struct widths w = { sb_public_bets_half_width(&p->bets[0], size), 0 };

    if (task->tolerance.rule == SB_RULE_VARIANCE)
        w.second = sb_public_bets_half_width(&p->bets[1], 1); /* |f| <= 1 */
    return w;
}

/* E f^2 - (E f)^2 at least, where E f is in [lo, hi] and E f^2 at least `second` */
static double variance_lb(double second, double lo, double hi)
{
    const double size = -lo > hi ? -lo : hi;
    const double v = second - size * size * (1 + 0x1p-50);

    return v > 0 ? v : 0;
}

/* How far a hidden law that moves x may have moved a mean, which is within w of m under the marginal. */
static double moved_by(const struct pass *p, int power, double m, double w)
{
    const struct sb_public_task *task = p->ex.task;

    return p->moves_x ? sb_moved_shift(task->law[SB_PUBLIC_NULL], power ? 0 : task->lo,
                                       power ? 1 : task->hi, m - w, m + w)
                      : 0;
}

/* The half-width wanted of the sample, if the half-widths were w: whatever the labels, whoever is hidden. */
static double wanted(const struct pass *p, struct widths w)
{
    const struct sb_public_task *task = p->ex.task;
    const double miss = missed(task, SB_PUBLIC_HIDDEN);
    const double least = mean_of(p, 0, &p->least[0]), largest = mean_of(p, 0, &p->largest[0]);
    const double lo = least - w.mean - moved_by(p, 0, least, w.mean) - miss;
    const double hi = largest + w.mean + moved_by(p, 0, largest, w.mean) + miss;
    double variance = 0, second;

    if (task->tolerance.rule == SB_RULE_VARIANCE) {
        second = mean_of(p, 1, &p->least[1]);
        second -= moved_by(p, 1, second, w.second);
        variance = variance_lb(second - w.second - 2 * miss, lo, hi);
    }
    return task->share * sb_tolerance_lb(task->tolerance, lo, hi, variance) - miss;
}

/* Bets on the half-widths that are likely at the end, after about 2 ln(2/delta) spread/h^2 points, which
 * is returned. */
static double aim(struct pass *p)
{
    struct widths w = { 0, 0 };
    double n = 0;

    for (int i = 0; i < 4; i++) {
        const double h = wanted(p, w);

        n = sb_public_bets_points(&p->bets[0], h);
        w.mean = i ? (w.mean + h) / 2 : h;
        w.second = sb_public_bets_expected(&p->bets[1], n > (double)p->n ? n : (double)p->n);
    }
    sb_public_bets_aim(&p->bets[0], w.mean);
    sb_public_bets_aim(&p->bets[1], w.second);
    return n;
}

/* Before the first point: as if the variance were the largest. */
static void start_bets(struct pass *p, double delta)
{
    const struct sb_public_task *task = p->ex.task;
    const double range = task->hi - task->lo, middle = (task->hi + task->lo) / 2;
    const double h =
        task->share * sb_tolerance_lb(task->tolerance, middle, middle, range * range / 4) -
        missed(task, SB_PUBLIC_HIDDEN);

    if (p->moves_x) {
        sb_public_bets_init_moved(&p->bets[0], &p->moved[0], delta, h);
        sb_public_bets_init_moved(&p->bets[1], &p->moved[1], delta, h);
        return;
    }
    sb_public_bets_init(&p->bets[0], range, delta, h);
    sb_public_bets_init(&p->bets[1], 1, delta, h);
}

static struct sb_estimate estimate_of(const struct pass *p, int a, struct widths w)
{
    const double mean = mean_of(p, 0, &p->mean[0][a]), miss = missed(p->ex.task, a);
    const double half_width = w.mean + miss;
    double variance = 0;

    if (p->ex.task->tolerance.rule == SB_RULE_VARIANCE)
        variance = variance_lb(mean_of(p, 1, &p->mean[1][a]) - w.second - 2 * miss,
                               mean - half_width, mean + half_width);
    return (struct sb_estimate){ .value = mean,
                                 .half_width = half_width,
                                 .variance_lb = variance,
                                 .method = SB_PUBLIC_POINTS,
                                 .samples = p->n };
}

/* For so many points the oracle has no room; the same for every member. */
static int too_many(struct sb_public_result *result)
{
    snprintf(result->message, sizeof result->message,
             "an answer would need more than %g points; ask at a coarser tolerance",
             (double)SB_SAMPLES_MAX);
    return SB_REFUSED;
}

static int random_points(struct pass *p, double delta)
{
    struct sb_public_result *result = p->ex.result;
    struct widths w = { 0, 0 };
    int status;

    start_bets(p, delta);
    while (!(status = draw_exchange(p))) {
        w = widths_of(p);
        if (w.mean <= wanted(p, w))
            break;
        /* where labels differ vstat's tolerance for the worst of them can be as small as 1/t */
        if (aim(p) > (double)SB_SAMPLES_MAX) {
            status = too_many(result);
            break;
        }
    }
    if (!status)
        status = sb_recheck_run(&p->recheck, &p->ex, p->n);
    result->n_points = p->n;
    for (int a = 0; a < SB_PUBLIC_LAWS && !status; a++)
        result->estimate[a] = estimate_of(p, a, w);
    return status;
}

/* What the labels that are not listed leave of the share of the tolerance: of the least that there is. */
static double share_left(const struct sb_public_task *task)
{
    return task->share - missed(task, SB_PUBLIC_HIDDEN) / sb_tolerance_lb(task->tolerance, 0, 0, 0);
}

/* At the tolerance named here the sample would have the room that it was to have. */
static int too_fine(const struct sb_public_task *task, struct sb_public_result *result)
{
    const bool stat = task->tolerance.rule == SB_RULE_STAT;
    const double miss = missed(task, SB_PUBLIC_HIDDEN);
    const double least = sb_tolerance_lb(task->tolerance, 0, 0, 0) + miss / task->share;
    const int n = snprintf(result->message, sizeof result->message,
                           "a callback sees a hidden member's label but for probability %.3g, "
                           "which moves a mean by up to %.3g and is more than this tolerance "
                           "leaves; ",
                           sb_space_miss(task->space), miss);

    if (least * 1.01 >= 1)
        snprintf(result->message + n, sizeof result->message - (size_t)n, "ask an expression");
    else
        snprintf(result->message + n, sizeof result->message - (size_t)n,
                 "ask an expression, or at %s %.3g",
                 stat ? "tau =" : "t =", stat ? least * 1.01 : 0.99 / least);
    return SB_REFUSED;
}

/* So many points are enough for this share of the least tolerance there can be. */
static double worst(const struct pass *p, double share, double delta)
{
    const struct sb_public_task *task = p->ex.task;

    if (p->moves_x)
        return sb_moved_points(&p->moved[0], share * sb_tolerance_lb(task->tolerance, 0, 0, 0),
                               sb_bets_log(2 / delta));
    return sb_bets_worst(task->tolerance, task->hi - task->lo, share, delta);
}

/* What may fail: the mean; under the variance rule the second moment, too; and where laws move x and the tolerance
 * hangs on the mean, those of the least and of the largest label under the marginal, by which it is bounded. */
static double share_of_delta(const struct sb_public_task *task)
{
    const bool moves = task->law[SB_PUBLIC_NULL]->moves_x;

    if (task->tolerance.rule == SB_RULE_VARIANCE)
        return moves ? task->delta / 6 : task->delta / 2;
    return moves && task->tolerance.rule == SB_RULE_BERNOULLI ? task->delta / 3 : task->delta;
}

static int sample(const struct sb_public_task *task, struct pass *p)
{
    const double delta = share_of_delta(task), most = (double)SB_SAMPLES_MAX;
    const struct sb_law *null = task->law[SB_PUBLIC_NULL];

    p->moves_x = null->moves_x;
    p->moved[0] = sb_moved_bounds(null, task->lo, task->hi);
    p->moved[1] = sb_moved_bounds(null, 0, 1);
    if (!(worst(p, task->share, delta) <= most))
        return too_many(p->ex.result);
    if (!(worst(p, share_left(task), delta) <= most))
        return too_fine(task, p->ex.result);
    return sb_recheck_init(&p->recheck, &p->ex) ? -ENOMEM : random_points(p, delta);
}

int sb_public_points(const struct sb_public_task *task, struct sb_public_result *result)
{
    const bool whole = sb_public_whole_domain(task->space);
    struct pass *p = SB_NEW(struct pass);
    int status;

    *result = (struct sb_public_result){ 0 };
    if (!p)
        return -ENOMEM;
    status = sb_exchange_init(&p->ex, task, result);
    if (!status && !(share_left(task) > 0))
        status = too_fine(task, result);
    if (!status)
        status = whole ? whole_domain(&p->ex) : sample(task, p);
    if (!status)
        result->digest = sb_exchange_digest(&p->ex);
    sb_exchange_fini(&p->ex);
    sb_recheck_fini(&p->recheck);
    free(p);
    return status;
}
