/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The empirical-Bernstein bound with stopping [MP09, Theorem 4; MSA08], for means of bounded numbers.
 *
 * Looks are taken at n_0 < n_1 < ... draws, whatever decides them. At look k, [MP09, Theorem 4],
 * applied to v and to -v with delta_k / 2 each, says that with probability 1 - delta_k
 *     |mean - E v| <= sqrt(2 V ln(4/delta_k) / n) + 7 R ln(4/delta_k) / (3 (n - 1)),
 * R the length of an interval that v keeps to, V its sample variance or anything larger. delta_k =
 * delta/((k+1)(k+2)) sums to delta, so all looks hold together with probability 1 - delta, and
 * stopping at any of them is valid. */
#ifndef SB_ESTIMATE_BERNSTEIN_H
#define SB_ESTIMATE_BERNSTEIN_H

#include "estimate/estimate.h"
#include "numeric/sum.h"

/* Sums of blocks of at most SB_BLOCK terms, each at most R in size: a block's rounding is at most
 * SB_BLOCK 2^-53 relative, and so is the mean's; charged at eight times that, relative to R. */
#define SB_BERNSTEIN_ROUNDING 0x1p-40

/* ln(4/delta_k), rounded up */
double sb_bernstein_log(double delta, uint32_t k);
/* The bound, rounded up; that of the block sums is paid for, too. variance: V, or more. */
double sb_bernstein(double variance, uint64_t n, double range, double log_term);
/* At least how many draws the worst distribution needs at the last look imaginable, by public
 * numbers only: V <= R^2/4 (or p(1-p) against a tolerance of sqrt(p(1-p)/t)). */
double sb_bernstein_worst(struct sb_tolerance tolerance, double range, double share, double delta);

/* Running sums of numbers v >= 0 and of what stands for their squares. */
struct sb_moments {
    struct sb_sum sum, sum_of_squares;
};
void sb_moments_add(struct sb_moments *m, const double *v, const double *squared, uint64_t n);
/* The mean of lo + v, and its bound with V = (sum_of_squares - sum^2/n) / (n - 1). */
void sb_moments_bound(const struct sb_moments *m, uint64_t n, double lo, double range,
                      double log_term, double *mean_out, double *half_width_out);
/* The sum of a block: term by term, in order. */
double sb_block_sum(const double *v, uint64_t n);

#endif
