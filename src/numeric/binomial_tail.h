/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Upper tails of binomial laws, rounded up. */
#ifndef SB_NUMERIC_BINOMIAL_TAIL_H
#define SB_NUMERIC_BINOMIAL_TAIL_H

#include <stdint.h>

/* Pr[X > k], X ~ Bin(n, p), 0 <= p < 1: not below it, and not above it by more than a factor of 1 + 2^-48
 * (n + 8), or 2^-1000, where 1 - p is known as well as p. */
double sb_binomial_tail(uint32_t n, double p, uint32_t k);

#endif
