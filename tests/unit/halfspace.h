/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Directions of the family halfspace as its page says, in more digits than a double has. */
#ifndef SB_TESTS_HALFSPACE_H
#define SB_TESTS_HALFSPACE_H

#include "numeric/random.h"

#include <math.h>

enum { HALFSPACE_DIM_MAX = 64 };

static inline void halfspace_direction(uint64_t member, uint32_t dim, long double *w)
{
    double g[HALFSPACE_DIM_MAX];
    long double square = 0;

    sb_random_gauss(sb_key_derive("halfspace directions", "", 0), member, 0, dim, g);
    for (uint32_t j = 0; j < dim; j++)
        square += (long double)g[j] * g[j];
    for (uint32_t j = 0; j < dim; j++)
        w[j] = g[j] / sqrtl(square);
}

#endif
