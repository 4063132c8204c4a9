/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The empirical-Bernstein bound of means over a number of draws that was fixed beforehand.
 *
 * [MP09, Theorem 4], applied to v and to -v with delta/2 each, says that with probability 1 - delta
 *     |mean - E v| <= sqrt(2 V ln(4/delta) / n) + 7 R ln(4/delta) / (3 (n - 1)),
 * R the length of an interval that v keeps to, V its sample variance or anything larger. */
#ifndef SB_ESTIMATE_BERNSTEIN_H
#define SB_ESTIMATE_BERNSTEIN_H

#include "numeric/sum.h"

/* Running sums of numbers v >= 0 and of what stands for their squares. */
struct sb_moments {
    struct sb_sum sum, sum_of_squares;
};
/* A block of at most SB_BLOCK numbers. */
void sb_moments_add(struct sb_moments *m, const double *v, const double *squared, uint64_t n);
/* The mean of lo + v over all n draws, and its bound with V = (sum_of_squares - sum^2/n) / (n - 1), rounded
 * up; that of the block sums is paid for, too. */
void sb_moments_bound(const struct sb_moments *m, uint64_t n, double lo, double range, double delta,
                      double *mean_out, double *half_width_out);

#endif
