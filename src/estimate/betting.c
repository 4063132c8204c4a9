/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Betting confidence sequences from power sums [WSR23, Section 4, hedged capital; Ville39].
 *
 * 1. The game. z_1, z_2, ... in [-1,1] have conditional mean mu given the past. Bets l_i in [0, 0.475]
 *    are fixed before z_i is drawn (here: at looks, from what was drawn before) and do not depend on m.
 *        K(m) = prod_i (1 + l_i (z_i - m)),   -1 <= m <= 1,
 *    has positive factors, as l |z - m| <= 0.95, and K(mu) is a martingale that starts at 1. So is
 *    K'(m) = 15/16 K(m) + 1/16 of the average of SB_ARMS more such products, each with a bet of its own
 *    that never changes ("arms": 0.2, 0.1, 0.05, ...). By Ville's inequality K'(mu) ever reaches 2/delta
 *    with probability at most delta/2. K' falls as m grows; hence with probability 1 - delta/2, at
 *    all times at once, K'(m) >= 2/delta for some m shows mu > m. The same game with -z gives upper
 *    bounds. All bounds hold together with probability 1 - delta, whenever and however often they
 *    are looked at, and whatever decides to stop. K' >= 2/delta where ln K >= ln(2/delta) + ln(16/15) or
 *    an arm has ln >= ln(2/delta) + ln(16 SB_ARMS).
 *
 * 2. No examples are kept: ln K is bounded below by power sums. For u > -1
 *        ln(1+u) - T(u) = - integral_0^u s^5/(1+s) ds = - u^6 integral_0^1 r^5/(1+ru) dr,
 *    T(u) = u - u^2/2 + u^3/3 - u^4/4 + u^5/5, as 1/(1+s) - T'(s) = -s^5/(1+s). The last integral falls
 *    as u grows, so for u >= -a > -1
 *        ln(1+u) >= T(u) - c(a) u^6,   c(a) = integral_0^1 r^5/(1-ra) dr = sum_j a^j/(6+j),
 *    with equality at u = -a. About any centre e in [-1,1],
 *        1 + l (z - m) = B (1 + b (z - e)),   B = 1 + l (e - m),   b = l/B,
 *    and b (z - e) >= -b (1 + e) = -a. Over a stretch of n examples with one bet the sum of logarithms
 *    is at least n ln B + sum_k t_k b^k M_k - c(a) b^6 M_6, M_k the sum of (z-e)^k, t_k the coefficients
 *    of T; the M_k come from the sums about 0. e may be chosen after the fact, for the inequality holds
 *    for every example by itself.
 *
 * 3. Labels. Where z(x,l) has weight w_l = Pr[l|x], the example counts as v = sum_l w_l z(x,l), of the
 *    same mean. The logarithm is concave: ln(1 + l (v-m)) >= sum_l w_l ln(1 + l (z(x,l) - m)), so the
 *    sums over labels, weighed, are a lower bound still. They are near what a member's own labels would
 *    give: how long it takes does not tell a member from the null where the query does not.
 *
 * 4. Variance. With e fixed before a stretch, y = (z-e)^2 has mean V + (mu-e)^2. The capital of bets
 *    l <= 0.19 on y - V - (mu-e)^2 is a positive martingale in the same way (y and its mean are at
 *    most 4). While mu is in [lo, hi], V + (mu-e)^2 <= theta = V + max((lo-e)^2, (hi-e)^2), so
 *    sum ln(1 + l (y - theta)) >= l sum (y - theta) - c2 l^2 sum (y - theta)^2 reaching ln(1/delta') shows
 *    that the variance is above V, but with probability delta'. (c2 = sum_j a^j/(2+j), a = l theta:
 *    item 2 with T(u) = u.) For this rule the mean has 7/8 of delta, the variance 1/8. With labels V is
 *    the variance of f under the law, not that of v.
 *
 * 5. Rounding. z is (f - middle)/radius for the two doubles that stand there, radius a little larger than
 *    (hi - lo)/2, so that |z| <= 1. s[k] is true up to n 2^-40 (betting.h), and adding blocks up and shifting them errs by
 *    less still: M_k by less than n (1+|e|)^k 2^-39 in all. With q = b (1+|e|) the sum over k errs by less
 *    than n 2^-39 (1 + q + ... + q^5 + c(a) q^6), which also pays for its own operations (each within
 *    2^-52, B and b within 2^-47 relative as B >= 0.05) and for ln B, and is subtracted. Interval ends are
 *    moved outward.
 *
 * 6. It ends, whatever the examples are. Let n of them have mean v and sum of (z-v)^2 equal to nV, and
 * let h be the half-width aimed at. By item 2 with T(u) = u, an arm's capital against v - h is at least
 *     n (l h - c2 l^2 (V + h^2)),   c2 <= 0.694 as l <= 0.2,
 * and the arm tried is the largest with l V <= 0.8 h, or 0.2. So l > 0.4 h/V, or l = 0.2, and the
 * bracket is at least l h (1 - 0.555 - 0.139 h) >= 0.3 l h: with A = ln(2/delta) + ln(16 SB_ARMS) (and
 * the variance's share), n >= A max(17/h, 8.4 V/h^2) is enough for both ends. Where h <= 0.02 and V >= 1/4,
 * 2 l <= 0.128 and c2 <= 0.548, and 3.2 A V/h^2 will do; so 3.3/h^2 + 20/h covers every V for a
 * fixed h (h > 0.02: by the same bracket, c2 at 2 l; test_worst_by_its_proof). VSTAT(t): h
 * >= share/t, and share^2 (p(1-p) - h)/t <= h^2 gives V/h^2 <= t/share^2 + t/share. Looks pass
 * by only below 1.4 (V + 2 h/3) ln(2/delta)/h^2 examples, fewer than either. Under the
 * variance rule it ends as well, for tolerances never fall below 1/t; how soon is not proven, for
 * that hangs on the variance's bound.
 *
 * Which bets are good is no matter of validity. Betting l against means at a distance d gains about
 * l d - l^2 (E (z-m)^2)/2 an example, most where l = d/(V -+ d g), g = E(z-mu)^3/V; the two distances are
 * unequal where the law is skew, so that both ends arrive together. */
#include "estimate/betting.h"

#include <math.h>
#include <sleef.h>

enum { SB_ARMS = 14 };

#define MOST_BET 0.475
#define MOST_SQUARE_BET 0.19
#define MOST_ARM 0.2
#define PRIOR 4.0 /* examples of the largest variance there is, added to every estimate of it */

double sb_bets_log(double x)
{
    const double l = Sleef_cinz_logd1_u10purec(x);

    return l + (l < 0 ? -l : l) * 0x1p-50;
}

static double log_lb(double x)
{
    const double l = Sleef_cinz_logd1_u10purec(x);

    return l - (l < 0 ? -l : l) * 0x1p-50;
}

/* The terms first .. first + n - 1, and at most the rest: each is at most a times the one before. */
static inline double remainder_by(double a, int first, int n)
{
    double sum = 1 / ((first + n) * (1 - a));

    for (int j = n - 1; j >= 0; j--)
        sum = sum * a + 1.0 / (first + j);
    return sum * (1 + 0x1p-45);
}

double sb_bets_remainder(double a, int first)
{
    if (first == 6) /* constants, which the compiler divides */
        return a < 0.06 ? remainder_by(a, 6, 4) : remainder_by(a, 6, 12);
    return remainder_by(a, first, 12);
}

/* Moments about a centre: moment[k] = sum (z-e)^k, moment[0] = n. */
static void shift(double *moment, double e)
{
    for (int i = 1; i <= SB_BET_POWERS; i++)
        for (int k = SB_BET_POWERS; k >= i; k--)
            moment[k] -= e * moment[k - 1];
}

/* (-1)^k where the game is played with -z */
static void raw_moments(const struct sb_stretch *s, double sign, double *moment)
{
    double factor = 1, error;

    moment[0] = s->n;
    for (int k = 1; k <= SB_BET_POWERS; k++) {
        factor *= sign;
        moment[k] = factor * sb_sum_value(&s->s[k], &error);
    }
}

/* ---- the capital against all means that are lower ---- */

/* What was drawn under one bet, about a centre. */
struct tilt {
    double bet, centre, moment[SB_BET_POWERS + 1];
};

/* Half of the game: of z, or of -z. */
struct side {
    uint32_t n_tilts;
    struct tilt tilt[SB_BET_STRETCHES];
    struct tilt arm;
    double log_needed;
};

/* Item 2 is equality at the end -a, good near the centre, and poor far above it: for a mean below 0 the
 * centre goes up towards 0 as far as its own loss, about (bet (e - mean))^7, stays small. */
static void centre_tilt(struct tilt *t, double aim)
{
    const double mean = t->moment[1] / t->moment[0];
    const double step = sqrt(sqrt(sqrt(0.003 * t->bet * aim))) / t->bet;

    t->centre = mean < -step ? mean + step : 2 * mean > step ? mean : 0;
    if (t->centre != 0)
        shift(t->moment, t->centre);
}

/* At least the sum of ln(1 + bet (z - m)); -infinity where m is out of bounds. */
static double log_capital(const struct tilt *t, double m)
{
    const double n = t->moment[0], e = t->centre, size = e < 0 ? -e : e;
    const double base = 1 + t->bet * (e - m), b = t->bet / base, a = b * (1 + e);
    const double q = b * (1 + size);
    double c, sum, error;

    if (!(base > 0.04 && a < 0.96))
        return -INFINITY;
    c = sb_bets_remainder(a, 6);
    sum = b * (t->moment[1] -
               b * (t->moment[2] / 2 -
                    b * (t->moment[3] / 3 -
                         b * (t->moment[4] / 4 - b * (t->moment[5] / 5 - b * c * t->moment[6])))));
    error = 1 + q * (1 + q * (1 + q * (1 + q * (1 + q * (1 + q * c)))));
    return n * log_lb(base) + sum - n * error * 0x1p-39;
}

/* The same by item 2 with T(u) = u. */
static double plain_capital(const struct tilt *t, double m)
{
    const double n = t->moment[0], d = t->centre - m, l = t->bet;
    const double first = t->moment[1] + n * d;
    const double second = t->moment[2] + d * (2 * t->moment[1] + n * d);
    const double c = sb_bets_remainder(l * (1 + m), 2);

    return l * (first - l * c * second) - n * l * 0x1p-36;
}

static double arm_excess(const struct side *s, double m)
{
    const double tight = log_capital(&s->arm, m), plain = plain_capital(&s->arm, m);

    return (tight > plain ? tight : plain) - s->log_needed - sb_bets_log(16.0 * SB_ARMS);
}

static double side_capital(const struct side *s, double m)
{
    double sum = 0;

    for (uint32_t i = 0; i < s->n_tilts; i++)
        sum += log_capital(&s->tilt[i], m);
    return sum;
}

/* >= 0 shows that the mean is larger than m. */
static double mean_excess(const void *context, double m)
{
    const struct side *s = context;
    const double changing = side_capital(s, m) - s->log_needed - sb_bets_log(16.0 / 15);
    const double arm = arm_excess(s, m);

    return changing > arm ? changing : arm;
}

/* A value from..to at which excess >= 0, the largest up to the resolution, or `from` where none is
 * found: false position (Illinois) on a falling function. What is returned was tried, or is `from`. */
static double climb(double (*excess)(const void *, double), const void *context, double from,
                    double to, double reach)
{
    double low = to - 2 * reach, high = to, at_low, at_high;
    int last = 0;

    if (to <= from)
        return from;
    at_high = excess(context, to);
    if (at_high >= 0)
        return to;
    at_low = low > from ? excess(context, low) : -1;
    if (!(at_low >= 0)) {
        low = from;
        at_low = excess(context, low);
    }
    if (!(at_low >= 0))
        return from;
    for (int i = 0; i < 50 && high - low > reach * 0x1p-11; i++) {
        double middle = low + (high - low) * (at_low / (at_low - at_high)), at;

        if (!(middle > low && middle < high))
            middle = low + (high - low) / 2;
        at = excess(context, middle);
        if (at >= 0) {
            low = middle;
            at_low = at;
            at_high /= last == 1 ? 2 : 1;
            last = 1;
        } else {
            high = middle;
            at_high = at;
            at_low /= last == -1 ? 2 : 1;
            last = -1;
        }
    }
    return low;
}

/* ---- what was drawn so far ---- */

/* Estimates without certificate, all in units of z; they choose bets and looks. */
struct guess {
    double n, mean, variance, skew; /* E(z-mean)^3 / variance */
    double square_variance;         /* of (z-mean)^2 */
    double plain_variance;          /* without the prior */
    double moment[SB_BET_POWERS + 1];
    double aim, above, below; /* half-width wanted; its parts above and below the mean */
};

static double clamp(double x, double lo, double hi)
{
    return x < lo ? lo : x > hi ? hi : x;
}

static void guess_moments(const struct sb_bets *b, struct guess *g)
{
    double central[SB_BET_POWERS + 1], weight;

    *g = (struct guess){ 0 };
    raw_moments(&b->all, 1, g->moment);
    g->n = g->moment[0];
    g->mean = g->n > 0 ? clamp(g->moment[1] / g->n, -1, 1) : 0;
    for (int k = 0; k <= SB_BET_POWERS; k++)
        central[k] = g->moment[k];
    shift(central, g->mean);
    weight = g->n + PRIOR;
    g->variance = (clamp(central[2], 0, g->n) + PRIOR) / weight;
    g->plain_variance = g->n > 0 ? clamp(central[2], 0, g->n) / g->n : 0;
    g->skew = clamp(central[3] / (g->variance * weight), -2, 2);
    g->square_variance =
        (clamp(central[4], 0, g->n) + PRIOR) / weight - g->plain_variance * g->plain_variance;
    if (g->square_variance < 1 / weight)
        g->square_variance = 1 / weight;
}

/* The variance bound that is likely to stand beside a mean known well enough. */
static double variance_forecast(const struct sb_bets *b, const struct guess *g)
{
    const double v = g->plain_variance;
    const double less = g->n > 0 ? sqrt(2 * b->log_var * g->square_variance / g->n) : v;

    return less < v ? v - less : 0;
}

static void guess_aim(const struct sb_bets *b, struct guess *g)
{
    const double mean = b->middle + b->radius * g->mean;
    const double variance =
        g->n > 0 ? variance_forecast(b, g) * b->radius * b->radius : b->radius * b->radius;
    double h = 0, most;

    /* h <= share times the tolerance between mean - h and mean + h, which falls as h grows */
    for (int i = 0; i < 6; i++) {
        const double next = b->share * sb_tolerance_lb(b->tolerance, mean - h, mean + h, variance);

        h = next < h || i == 0 ? next : i == 5 ? h : (h + next) / 2;
    }
    g->aim = clamp(h / b->radius * (1 - 0x1p-9), 0x1p-40, 1);
    most = g->aim * clamp(g->aim * g->skew / (3 * g->variance), -0.5, 0.5);
    g->above = g->aim + most;
    g->below = g->aim - most;
    if (g->below > g->mean + 1) {
        g->below = g->mean + 1;
        g->above = 2 * g->aim - g->below;
    } else if (g->above > 1 - g->mean) {
        g->above = 1 - g->mean;
        g->below = 2 * g->aim - g->above;
    }
}

static double bet_against(double distance, double variance, double skew)
{
    double spread = variance + distance * skew;

    if (spread < variance / 4)
        spread = variance / 4;
    return clamp(distance / spread, 0x1p-44, MOST_BET);
}

/* Until the mean is known well enough: about 2 ln(.) variance/aim^2 examples. */
static double bet_on_square(const struct sb_bets *b, const struct guess *g)
{
    const double n = 2 * b->log_mean * (g->variance / g->aim + 1) / g->aim;

    return clamp(sqrt(2 * b->log_var / (n * g->square_variance)), 0x1p-44, MOST_SQUARE_BET);
}

static bool differs(double a, double b, double share)
{
    return a > b * (1 + share) || b > a * (1 + share);
}

/* By how much bets have to change for the next stretch to begin: 3 % at first, and ever more, so that the
 * stretches suffice; 30 % where more have begun than one each time that n doubles, and then some are
 * kept for later. */
static double least_change(const struct sb_bets *b, double n)
{
    double share = 0.03, early = SB_BET_FIRST_LOOK;

    for (uint32_t i = 1; i < b->n_stretches; i++) {
        share *= 1.15;
        early *= i > 4 ? 2 : 1;
    }
    if (n >= early)
        return share;
    return b->n_stretches < SB_BET_STRETCHES - 4 ? 0.3 : INFINITY;
}

/* Bets of what comes next. */
static void bet(struct sb_bets *b, const struct guess *g)
{
    struct sb_stretch next = { .up = bet_against(g->below, g->variance, -g->skew),
                               .down = bet_against(g->above, g->variance, g->skew),
                               .square =
                                   b->tolerance.rule == SB_RULE_VARIANCE ? bet_on_square(b, g) : 0,
                               .centre = g->mean };

    if (b->n_stretches) {
        const struct sb_stretch *now = &b->stretch[b->n_stretches - 1];
        const double share = least_change(b, g->n);

        if (!differs(now->up, next.up, share) && !differs(now->down, next.down, share) &&
            !differs(now->square, next.square, 2 * share))
            return;
        if (now->n == 0)
            b->n_stretches--;
    }
    if (b->n_stretches < SB_BET_STRETCHES)
        b->stretch[b->n_stretches++] = next;
}

/* ---- bounds ---- */

static void side_init(struct side *s, const struct sb_bets *b, const struct guess *g, double sign)
{
    double factor = 1;

    s->n_tilts = 0;
    s->log_needed = b->log_mean;
    for (uint32_t i = 0; i < b->n_stretches; i++) {
        const struct sb_stretch *stretch = &b->stretch[i];
        struct tilt *t = &s->tilt[s->n_tilts];

        if (stretch->n == 0)
            continue;
        raw_moments(stretch, sign, t->moment);
        t->bet = sign > 0 ? stretch->up : stretch->down;
        centre_tilt(t, g->aim);
        s->n_tilts++;
    }
    s->arm.bet = MOST_ARM;
    for (int i = 1; i < SB_ARMS && s->arm.bet * g->variance > 0.8 * g->aim; i++)
        s->arm.bet /= 2;
    for (int k = 0; k <= SB_BET_POWERS; k++) {
        s->arm.moment[k] = factor * g->moment[k];
        factor *= sign;
    }
    centre_tilt(&s->arm, g->aim);
}

/* The variance's game (item 4): sums about each stretch's centre. */
struct square_tilt {
    double bet, n, size, first, second, gap_squared;
};
struct square_side {
    uint32_t n_tilts;
    struct square_tilt tilt[SB_BET_STRETCHES];
    double log_needed;
};

static void square_side_init(struct square_side *s, const struct sb_bets *b)
{
    s->n_tilts = 0;
    s->log_needed = b->log_var;
    for (uint32_t i = 0; i < b->n_stretches; i++) {
        const struct sb_stretch *stretch = &b->stretch[i];
        const double e = stretch->centre, below = e - b->mean_lo, above = b->mean_hi - e;
        const double gap = (below > above ? below : above) * (1 + 0x1p-50);
        double moment[SB_BET_POWERS + 1];

        if (stretch->n == 0)
            continue;
        raw_moments(stretch, 1, moment);
        shift(moment, e);
        s->tilt[s->n_tilts++] = (struct square_tilt){ .bet = stretch->square,
                                                      .n = stretch->n,
                                                      .size = e < 0 ? 1 - e : 1 + e,
                                                      .first = moment[2],
                                                      .second = moment[4],
                                                      .gap_squared = gap * gap };
    }
}

static double square_excess(const void *context, double variance)
{
    const struct square_side *s = context;
    double sum = -s->log_needed;

    for (uint32_t i = 0; i < s->n_tilts; i++) {
        const struct square_tilt *t = &s->tilt[i];
        const double theta = (variance + t->gap_squared) * (1 + 0x1p-50), a = t->bet * theta;
        const double q = t->bet * t->size * t->size;
        double c;

        if (!(a < 0.96))
            return -INFINITY;
        c = sb_bets_remainder(a, 2);
        sum += t->bet * (t->first - t->n * theta -
                         t->bet * c * (t->second - theta * (2 * t->first - t->n * theta)));
        sum -= t->n * (q + a) * (1 + c * (q + a)) * 0x1p-38;
    }
    return sum;
}

static void narrow(struct sb_bets *b, double lo, double hi)
{
    b->mean_lo = lo > b->mean_lo ? lo : b->mean_lo;
    b->mean_hi = hi < b->mean_hi ? hi : b->mean_hi;
    if (b->mean_lo > b->mean_hi) /* one of them has failed: any answer will do, and this one ends */
        b->mean_lo = b->mean_hi = (b->mean_lo + b->mean_hi) / 2;
}

/* By the arms alone, which never take longer than sb_bets_worst. */
static void narrow_by_arms(struct sb_bets *b, const struct guess *g, const struct side *up,
                           const struct side *down)
{
    const double lo = g->mean - g->aim, hi = g->mean + g->aim;

    if ((lo <= -1 || arm_excess(up, lo) >= 0) && (hi >= 1 || arm_excess(down, -hi) >= 0))
        narrow(b, lo, hi);
}

static void tighten(struct sb_bets *b, const struct guess *g, const struct side *up,
                    const struct side *down)
{
    narrow(b, climb(mean_excess, up, b->mean_lo, g->mean, g->below),
           -climb(mean_excess, down, -b->mean_hi, -g->mean, g->above));
    if (b->tolerance.rule == SB_RULE_VARIANCE) {
        struct square_side s;

        square_side_init(&s, b);
        b->var_lb = climb(square_excess, &s, b->var_lb, g->plain_variance, g->plain_variance / 4);
    }
}

/* How far a bound would have to move to its target: below 0 where it is beyond. */
static double shortage(const struct side *s, double target)
{
    const double excess = mean_excess(s, target);
    double slope = 0;

    for (uint32_t i = 0; i < s->n_tilts; i++)
        slope += s->tilt[i].bet * s->tilt[i].moment[0];
    return target <= -1 ? 0 : -excess / slope;
}

void sb_bets_init(struct sb_bets *b, double lo, double hi, double delta,
                  struct sb_tolerance tolerance, double share)
{
    const bool squares = tolerance.rule == SB_RULE_VARIANCE;
    const double size = (lo < 0 ? -lo : lo) + (hi < 0 ? -hi : hi);
    struct guess g;

    *b = (struct sb_bets){ .tolerance = tolerance,
                           .share = share,
                           .lo = lo,
                           .hi = hi,
                           .middle = (lo + hi) / 2,
                           .radius = (hi - lo) / 2 + size * 0x1p-51,
                           .log_mean = sb_bets_log(2 / (delta * (squares ? 7.0 / 8 : 1))),
                           .log_var = sb_bets_log(8 / delta),
                           .mean_lo = -1,
                           .mean_hi = 1 };
    guess_moments(b, &g);
    guess_aim(b, &g);
    bet(b, &g);
}

static void add(struct sb_stretch *s, const struct sb_powers *block)
{
    s->n += block->s[0];
    for (int k = 1; k <= SB_BET_POWERS; k++)
        sb_sum_add(&s->s[k], block->s[k]);
}

void sb_bets_powers(const struct sb_bets *b, uint64_t n, const double *f, struct sb_powers *out)
{
    *out = (struct sb_powers){ { (double)n } };
    for (uint64_t i = 0; i < n; i++) {
        const double z = (f[i] - b->middle) / b->radius;
        double power = 1;

        for (int k = 1; k <= SB_BET_POWERS; k++) {
            power *= z;
            out->s[k] += power;
        }
    }
}

void sb_bets_add(struct sb_bets *b, const struct sb_powers *block)
{
    add(&b->all, block);
    add(&b->stretch[b->n_stretches - 1], block);
}

double sb_bets_log_capital(const struct sb_bets *b, bool lower, double m)
{
    struct guess g;
    struct side s;

    guess_moments(b, &g);
    guess_aim(b, &g);
    side_init(&s, b, &g, lower ? 1 : -1);
    return side_capital(&s, lower ? m : -m);
}

uint64_t sb_bets_next_look(uint64_t n)
{
    const uint64_t more = n / 64;

    return n + (more > SB_BET_FIRST_LOOK ? more : SB_BET_FIRST_LOOK);
}

void sb_bets_tighten(struct sb_bets *b)
{
    struct guess g;
    struct side up, down;

    guess_moments(b, &g);
    if (g.n == 0)
        return;
    guess_aim(b, &g);
    side_init(&up, b, &g, 1);
    side_init(&down, b, &g, -1);
    tighten(b, &g, &up, &down);
}

/* Far fewer examples than Bernstein's inequality asks for with the variance known: looking closer would
 * be in vain. */
static bool too_early(const struct sb_bets *b, const struct guess *g)
{
    const double spread = g->plain_variance + g->aim * 2 / 3;

    return g->n < 0.7 * 2 * b->log_mean * spread / (g->aim * g->aim);
}

static void look_closer(struct sb_bets *b, const struct guess *g)
{
    struct side up, down;

    side_init(&up, b, g, 1);
    side_init(&down, b, g, -1);
    narrow_by_arms(b, g, &up, &down);
    if (shortage(&up, g->mean - g->below) + shortage(&down, -g->mean - g->above) <= g->aim / 16)
        tighten(b, g, &up, &down);
}

bool sb_bets_look(struct sb_bets *b, struct sb_estimate *out)
{
    struct guess g;
    double lo, hi, middle, half;

    guess_moments(b, &g);
    guess_aim(b, &g);
    if (!too_early(b, &g))
        look_closer(b, &g);
    bet(b, &g);
    sb_bets_interval(b, &lo, &hi);
    middle = (lo + hi) / 2; /* rounded: one end may be farther than the other */
    half = hi - middle > middle - lo ? hi - middle : middle - lo;
    *out = (struct sb_estimate){ .value = middle,
                                 .half_width = half * (1 + 0x1p-51),
                                 .variance_lb = sb_bets_variance(b),
                                 .method = SB_MONTE_CARLO,
                                 .samples = (uint64_t)g.n };
    return out->half_width <= b->share * sb_tolerance_lb(b->tolerance, lo, hi, out->variance_lb);
}

void sb_bets_interval(const struct sb_bets *b, double *lo_out, double *hi_out)
{
    const double size = (b->middle < 0 ? -b->middle : b->middle) + b->radius;

    *lo_out = clamp(b->middle + b->radius * b->mean_lo - size * 0x1p-50, b->lo, b->hi);
    *hi_out = clamp(b->middle + b->radius * b->mean_hi + size * 0x1p-50, b->lo, b->hi);
}

double sb_bets_variance(const struct sb_bets *b)
{
    return b->var_lb * b->radius * b->radius * (1 - 0x1p-50);
}

double sb_bets_n(const struct sb_bets *b)
{
    return b->all.n;
}

double sb_bets_mean(const struct sb_bets *b)
{
    struct guess g;

    guess_moments(b, &g);
    return b->middle + b->radius * g.mean;
}

double sb_bets_worst(struct sb_tolerance tolerance, double range, double share, double delta)
{
    const double value = tolerance.value;
    const double l = sb_bets_log(16.0 / 7 / delta) + sb_bets_log(16.0 * SB_ARMS);
    double n;

    if (tolerance.rule == SB_RULE_STAT) {
        const double h = clamp(2 * share * value / range * (1 - 0x1p-8), 0x1p-40, 1);

        n = l * (3.3 / (h * h) + 20 / h);
    } else {
        n = l * value * (8.4 / (share * share) + 17 / share);
    }
    return n * (1 + 1.0 / 32) + 2 * SB_BET_FIRST_LOOK;
}
