/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Directions that a learner returns, of any length. */
#include "oracles/families/direction.h"

#include <math.h>

bool sb_direction_normalize(double *v, uint32_t n)
{
    double most = 0, square = 0;

    for (uint32_t j = 0; j < n; j++)
        most = fabs(v[j]) > most ? fabs(v[j]) : most;
    if (!(most > 0 && most < INFINITY))
        return false;
    for (uint32_t j = 0; j < n; j++) {
        v[j] /= most;
        square += v[j] * v[j];
    }
    for (uint32_t j = 0; j < n; j++)
        v[j] /= sqrt(square);
    return true;
}
