/* SPDX-License-Identifier: GPL-3.0-or-later */
/* All terms are positive, so that the sum is as accurate as they are; each is the one before times a ratio,
 * about four roundings. Powers of 2 are kept apart, for a first term may be far below the least double. */
#include "numeric/binomial_tail.h"

#include <math.h>

struct scaled {
    double mantissa; /* 0, or in [1/2, 1) */
    int exponent;
};

static void times(struct scaled *a, double b)
{
    int shift;

    a->mantissa = frexp(a->mantissa * b, &shift);
    a->exponent = a->mantissa == 0 ? 0 : a->exponent + shift;
}

/* C(n, k) p^k (1-p)^(n-k). */
static struct scaled term(uint32_t n, double p, uint32_t k)
{
    struct scaled a = { 0.5, 1 };

    for (uint32_t i = 1; i <= k; i++)
        times(&a, (double)(n - k + i) / i * p);
    for (uint32_t i = k; i < n; i++)
        times(&a, 1 - p);
    return a;
}

double sb_binomial_tail(uint32_t n, double p, uint32_t k)
{
    struct scaled a;
    double sum = 0, up;

    if (k >= n || p <= 0)
        return 0;
    a = term(n, p, k + 1);
    for (uint32_t i = k + 1; i <= n; i++) {
        sum += ldexp(a.mantissa, a.exponent);
        times(&a, (double)(n - i) / (i + 1) * (p / (1 - p)));
    }
    /* a term: 4 n roundings of 2^-53 at most, and as many of its ratios; the sum: n */
    up = sum * (1 + (n + 4) * 0x1p-49) + 0x1p-1010;
    return up < 1 ? up : 1;
}
