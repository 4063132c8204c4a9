/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A half-width that is the same for every law over the same points, from public sums alone: bets
 * (betting.h) whose capital is bounded by the worst label at each point.
 *
 * 1. At point i law w gives v_i = sum_l w_l f(x_i, l) in [lo, hi], R = hi - lo, of mean mu; bets l_i R <=
 *    0.8 are fixed before x_i is drawn, from public numbers. As in betting.c, with probability 1 - delta
 *    and at all times at once, a side's capital stays below 2/delta at mu; and with T(u) = u there,
 *        ln prod (1 + l_i (v_i - m)) >= sum l_i (v_i - m) - sum g_i (v_i - m)^2,
 *    g_i = l_i^2 sum_j (l_i R)^j/(2+j).
 * 2. Let A = sum l_i, G = sum g_i, v = sum l_i v_i / A, and v' = sum g_i v_i / G. For any constant c,
 *        sum g_i (v_i - m)^2 = sum g_i (v_i - v')^2 + G (v' - m)^2
 *                           <= sum g_i max_l (f(x_i,l) - c)^2 + G (v' - m)^2,
 *    and over stretches s of n_s points with one bet, where Q_s = sum_i max_l (f(x_i,l) - c)^2,
 *        |v' - v| <= D = sum_s |g_s n_s/G - l_s n_s/A| sqrt(Q_s/n_s).
 *    So with m = v - d the capital is at least A d - sum g_s Q_s - G (D + d)^2, and where that is
 *    ln(2/delta) no mean below v - d is possible, nor one above v + d by the other side: d is a half-width
 *    about v, the bet-weighted mean, and hangs on public sums alone.
 * 3. Laws that move x weigh a point by a density, and no bound of v_i by f(x_i, .) is both true of all of them and
 *    sharp: the weight may be 50 where its mean square is 2. But |v_i - mu| <= b and Var v_i <= s are public
 *    (moved.h), and for 0 <= u = l b < 3 E exp(+-l (v_i - mu)) <= exp(s/b^2 psi(u)), psi(u) = u^2/(2 - 2u/3) >= e^u -
 *    1 - u [BLM13, Theorem 2.9]. So exp(sum (+-l_i (v_i - mu) - s/b^2 psi(l_i b))) is a supermartingale, whatever was
 *    public before point i decides l_i; and with probability 1 - delta, at all times at once,
 *        |v - mu| <= (ln(2/delta) + sum_i s/b^2 psi(l_i b)) / A. */
#ifndef SB_ESTIMATE_PUBLIC_BETS_H
#define SB_ESTIMATE_PUBLIC_BETS_H

#include "estimate/moved.h"

#include <stdint.h>

enum { SB_PUBLIC_STRETCHES = 16 };

struct sb_public_bets {
    double range, log_needed; /* range: R; of laws that move x b */
    double variance;          /* s/b^2; 0: laws that do not move x */
    uint32_t n_stretches;
    struct sb_public_stretch {
        double bet, n, spread; /* of f/range; spread: Q_s in the same units, or n s/b^2 */
    } stretch[SB_PUBLIC_STRETCHES];
};

/* f in an interval of length `range` > 0; delta in (0,1): both sides, all times. half_width: aimed at. */
void sb_public_bets_init(struct sb_public_bets *b, double range, double delta, double half_width);
/* The same of laws that move x. */
void sb_public_bets_init_moved(struct sb_public_bets *b, const struct sb_moved *moved, double delta,
                               double half_width);
/* The weight of what is added next in the mean v: its bet. */
double sb_public_bets_weight(const struct sb_public_bets *b);
/* The sum of the weights: v is the weighted sum over it. */
double sb_public_bets_total(const struct sb_public_bets *b);
/* How many points a half-width of h will have taken, about: 2 ln(2/delta) (Q_1 + Q_2 + ...)/n / h^2, where before the
 * first point the mean spread is 1/4 range^2. */
double sb_public_bets_points(const struct sb_public_bets *b, double h);
/* The half-width that n points will have, about. */
double sb_public_bets_expected(const struct sb_public_bets *b, double n);
/* n more points, with their sum of max_l (f - c)^2: c the same throughout; of laws that move x it is not looked at. */
void sb_public_bets_add(struct sb_public_bets *b, uint64_t n, double spread);
/* Of v, by all that was added; rounded up, infinity where nothing is shown yet. Sums behind v and spread
 * may be off by 2^-42 relative to the sum of their terms' sizes, |f| <= size. */
double sb_public_bets_half_width(const struct sb_public_bets *b, double size);
/* Bets on a half-width from here on. */
void sb_public_bets_aim(struct sb_public_bets *b, double half_width);

#endif
