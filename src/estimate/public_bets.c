/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Half-widths from public sums. */
#include "estimate/public_bets.h"

#include "estimate/betting.h"

#include <math.h>

#define MOST_BET 0.8
#define MOST_MOVED_BET 2.0
#define PRIOR 4.0 /* points of the largest variance that there is, added to its estimate */

/* g of a bet, rounded up */
static double loss(double bet)
{
    return bet * bet * sb_bets_remainder(bet, 2) * (1 + 0x1p-50);
}

/* psi of a bet below 3, rounded up */
static double moved_loss(double bet)
{
    return bet * bet / (2 - 2 * bet / 3) * (1 + 0x1p-50);
}

/* Least is (1/n + s psi(bet))/bet, by which n takes d, here: as Bernstein's inequality bets. */
static double best_moved_bet(double d, double s)
{
    const double bet = d / (s + d / 3);

    return bet < MOST_MOVED_BET ? bet : MOST_MOVED_BET;
}

/* Most is gained an example where bet = d/(2 g/bet^2 (q + d^2)). */
static double best_bet(double d, double q)
{
    double bet = d / (q + d * d);

    for (int i = 0; i < 4; i++) {
        bet = bet < MOST_BET ? bet : MOST_BET;
        bet = d / (2 * sb_bets_remainder(bet, 2) * (q + d * d));
    }
    return bet < MOST_BET ? bet : MOST_BET;
}

void sb_public_bets_init(struct sb_public_bets *b, double range, double delta, double half_width)
{
    *b = (struct sb_public_bets){ .range = range, .log_needed = sb_bets_log(2 / delta) };
    sb_public_bets_aim(b, half_width);
}

void sb_public_bets_init_moved(struct sb_public_bets *b, const struct sb_moved *moved, double delta,
                               double half_width)
{
    const double unit = moved->deviation;

    *b = (struct sb_public_bets){ .range = unit,
                                  .log_needed = sb_bets_log(2 / delta),
                                  .variance = moved->variance / (unit * unit) * (1 + 0x1p-50) };
    sb_public_bets_aim(b, half_width);
}

double sb_public_bets_weight(const struct sb_public_bets *b)
{
    return b->stretch[b->n_stretches - 1].bet;
}

void sb_public_bets_add(struct sb_public_bets *b, uint64_t n, double spread)
{
    struct sb_public_stretch *s = &b->stretch[b->n_stretches - 1];

    s->n += (double)n;
    if (b->variance > 0)
        s->spread += (double)n * b->variance * (1 + 0x1p-50);
    else
        s->spread += spread / (b->range * b->range) * (1 + 0x1p-50);
}

double sb_public_bets_total(const struct sb_public_bets *b)
{
    double sum = 0;

    for (uint32_t i = 0; i < b->n_stretches; i++)
        sum += b->stretch[i].bet * b->stretch[i].n;
    return sum;
}

static double mean_spread(const struct sb_public_bets *b)
{
    double n = PRIOR, spread = PRIOR / 4;

    if (b->variance > 0)
        return b->variance;
    for (uint32_t i = 0; i < b->n_stretches; i++) {
        n += b->stretch[i].n;
        spread += b->stretch[i].spread;
    }
    return spread / n;
}

double sb_public_bets_points(const struct sb_public_bets *b, double h)
{
    const double spread = mean_spread(b) * b->range * b->range;
    const double more = b->variance > 0 ? b->range * h / 3 : 0;

    return 2 * b->log_needed * (spread + more) / (h * h);
}

double sb_public_bets_expected(const struct sb_public_bets *b, double n)
{
    const double h = sqrt(2 * b->log_needed * (mean_spread(b) * b->range * b->range) / n);

    return b->variance > 0 ? h + 2 * b->log_needed * b->range / (3 * n) : h;
}

void sb_public_bets_aim(struct sb_public_bets *b, double half_width)
{
    const double bet =
        (b->variance > 0 ? best_moved_bet : best_bet)(half_width / b->range, mean_spread(b));
    double share = 0.03;

    for (uint32_t i = 1; i < b->n_stretches; i++)
        share *= 1.15;
    if (b->n_stretches) {
        struct sb_public_stretch *now = &b->stretch[b->n_stretches - 1];

        if (now->n == 0)
            now->bet = bet;
        if (bet <= now->bet * (1 + share) && now->bet <= bet * (1 + share))
            return;
    }
    if (b->n_stretches < SB_PUBLIC_STRETCHES)
        b->stretch[b->n_stretches++].bet = bet;
}

/* Sums over stretches, as the header names them. */
struct sums {
    double a, g, loss, gap;
};

static struct sums sum_up(const struct sb_public_bets *b)
{
    struct sums s = { 0, 0, 0, 0 };

    for (uint32_t i = 0; i < b->n_stretches; i++) {
        const double g = loss(b->stretch[i].bet);

        s.a += b->stretch[i].bet * b->stretch[i].n;
        s.g += g * b->stretch[i].n;
        s.loss += g * b->stretch[i].spread;
    }
    for (uint32_t i = 0; i < b->n_stretches; i++) {
        const struct sb_public_stretch *t = &b->stretch[i];
        const double share = loss(t->bet) * t->n / s.g - t->bet * t->n / s.a;

        if (t->n > 0)
            s.gap += (share < 0 ? -share : share) * sqrt(t->spread / t->n);
    }
    return s;
}

static double unmoved_half_width(const struct sb_public_bets *b, double size)
{
    const struct sums s = sum_up(b);
    /* G e^2 - A e + needed <= 0, e = d + D; charged: the roundings here, and those of the sums */
    const double gap = s.gap * (1 + 0x1p-40) + 0x1p-45;
    const double needed = (s.a * gap + s.loss * (1 + 0x1p-40) + b->log_needed) * (1 + 0x1p-45);
    const double root = s.a * s.a * (1 - 0x1p-45) - 4 * s.g * needed * (1 + 0x1p-45);
    double e;

    if (!(s.a > 0 && root >= 0))
        return INFINITY;
    e = 2 * needed / (s.a + sqrt(root)) * (1 + 0x1p-44);
    return (b->range * (e - s.gap) + (size + b->range) * 0x1p-40) * (1 + 0x1p-50);
}

static double moved_half_width(const struct sb_public_bets *b, double size)
{
    const double total = sb_public_bets_total(b);
    double lost = b->log_needed;

    for (uint32_t i = 0; i < b->n_stretches; i++)
        lost += moved_loss(b->stretch[i].bet) * b->stretch[i].spread;
    if (!(total > 0))
        return INFINITY;
    return (b->range * (lost * (1 + 0x1p-40) / total) + (size + b->range) * 0x1p-40) *
           (1 + 0x1p-50);
}

double sb_public_bets_half_width(const struct sb_public_bets *b, double size)
{
    if (b->variance > 0)
        return moved_half_width(b, size);
    return unmoved_half_width(b, size);
}
