/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Certified means of bounded numbers by betting [WSR23, Section 4]: bounds that hold at all times at
 * once, and so wherever one stops, from power sums of blocks alone. The proof stands in betting.c.
 *
 * A user draws up to a look, adds the blocks' power sums, and looks:
 *
 *     sb_bets_init(&bets, lo, hi, delta, tolerance, share);
 *     do {
 *         n = sb_bets_next_look(n);
 *         ... sb_bets_add(&bets, &powers) for blocks of new examples, n in all ...
 *     } while (!sb_bets_look(&bets, &estimate));
 */
#ifndef SB_ESTIMATE_BETTING_H
#define SB_ESTIMATE_BETTING_H

#include "estimate/estimate.h"
#include "numeric/sum.h"

enum {
    SB_BET_POWERS = 6,     /* of an example that are summed */
    SB_BET_STRETCHES = 16, /* of constant bets, at most */
    SB_BET_FIRST_LOOK = 256
};

/* Power sums of a block of examples: s[k] = sum over the examples, and over the labels where they are
 * weighed, of weight * z^k, z = (f - middle)/radius in [-1,1]. The weights of an example's labels
 * sum to 1, so s[0] is the number of examples, and is set to just that. Each s[k] is true up to
 * s[0] SB_BET_ROUNDING: plain sums of at most 2^13 terms one after another in each lane are. */
struct sb_powers {
    double s[SB_BET_POWERS + 1];
};
#define SB_BET_ROUNDING 0x1p-40

/* Examples between two changes of the bets; bets are per unit of z. */
struct sb_stretch {
    double n;
    struct sb_sum s[SB_BET_POWERS + 1]; /* s[k]: of z^k; s[0] stays empty */
    double up, down;                    /* against all means that are lower; that are higher */
    double square, centre; /* on (z - centre)^2, against all variances that are lower */
};

/* Bounds of one mean (and variance), of f in [lo, hi]. No examples are kept. */
struct sb_bets {
    struct sb_tolerance tolerance;
    double share;
    double lo, hi;
    double middle, radius;           /* f = middle + radius z, and z in [-1,1] for f in [lo, hi] */
    double log_mean, log_var;        /* ln of what a capital must reach */
    double mean_lo, mean_hi, var_lb; /* certified, in units of z; they only ever tighten */
    struct sb_stretch all;           /* as if it were one stretch, without bets */
    uint32_t n_stretches;
    struct sb_stretch stretch[SB_BET_STRETCHES];
};

/* f in [lo, hi]; delta in (0,1): the probability that a bound ever fails; the half-width wanted is share,
 * in (0,1], times the tolerance. The variance is bounded, at a part of delta, where the rule is
 * SB_RULE_VARIANCE. */
void sb_bets_init(struct sb_bets *b, double lo, double hi, double delta,
                  struct sb_tolerance tolerance, double share);
void sb_bets_add(struct sb_bets *b, const struct sb_powers *block);
/* A block's power sums of n examples that count once each, f[i] in [lo, hi]. */
void sb_bets_powers(const struct sb_bets *b, uint64_t n, const double *f, struct sb_powers *out);

/* The look after n examples (n = 0: the first): a geometric grid of ratio 65/64, 256 apart at least. */
uint64_t sb_bets_next_look(uint64_t n);
/* Tightens the bounds if they may now do, and bets anew on what comes next. True where the half-width
 * is at most share times the least tolerance that the bounds allow: *out then has the middle of the
 * certified interval, the half-width to its ends, rounded up, variance_lb, samples, and method
 * SB_MONTE_CARLO. */
bool sb_bets_look(struct sb_bets *b, struct sb_estimate *out);

/* All that the examples so far give: tightens the bounds as far as they go. */
void sb_bets_tighten(struct sb_bets *b);
/* The certified interval of E f as it stands: inside [lo, hi], rounded outward. */
void sb_bets_interval(const struct sb_bets *b, double *lo_out, double *hi_out);
/* At most Var f: certified, as it stands. */
double sb_bets_variance(const struct sb_bets *b);
/* At most ln K (betting.c, item 1) of the bets against all means that are lower than m, or higher, m in
 * units of z: what the certificates are made of. */
double sb_bets_log_capital(const struct sb_bets *b, bool lower, double m);
/* The examples so far, and their mean: no certificate. */
double sb_bets_n(const struct sb_bets *b);
double sb_bets_mean(const struct sb_bets *b);

/* c(a) of betting.c, item 2: sum_j a^j/(first + j), 0 <= a <= 0.96, and ln x; both rounded up. */
double sb_bets_remainder(double a, int first);
double sb_bets_log(double x);

/* So many examples suffice sb_bets_look whatever they are, by public numbers only; under the variance
 * rule so many suffice where the variance's bound is within a constant factor, which is not proven. */
double sb_bets_worst(struct sb_tolerance tolerance, double range, double share, double delta);

#endif
