/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sums of weight * value over the whole domain and every label, with a proven error: what an
 * expectation under a law is when nothing is known of the law but its weights. */
#ifndef SB_ESTIMATE_WEIGHTED_H
#define SB_ESTIMATE_WEIGHTED_H

#include "estimate/law.h"
#include "numeric/ball.h"
#include "numeric/sum.h"

struct sb_weighted {
    struct sb_sum sum;
    double rounded;  /* sum of |weight * value| whose product may have been rounded */
    double absolute; /* of |value| */
};

static inline void sb_weighted_add(struct sb_weighted *w, double weight, double value)
{
    const double product = weight * value;
    const double size = product < 0 ? -product : product;

    sb_sum_add(&w->sum, product);
    w->absolute += value < 0 ? -value : value;
    /* half of a number is exact, unless it is next to nothing */
    if (weight != 0 && weight != 1 && (weight != 0.5 || size < 0x1p-900))
        w->rounded += size + 0x1p-1000;
}

/* The mean over n points. The law of a class is what its weights say; those of a product form
 * are charged the rounding of alpha +- beta. */
struct sb_ball sb_weighted_mean(const struct sb_weighted *w, const struct sb_law *law, uint64_t n);

#endif
