/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Directions that a learner returns, of any length. */
#ifndef SB_FAMILIES_DIRECTION_H
#define SB_FAMILIES_DIRECTION_H

#include <stdbool.h>
#include <stdint.h>

/* v (n numbers) becomes v/|v|, scaled first, so that no square over- or underflows. False: it points
 * nowhere. A NaN in it makes all of it NaN, which is near nothing. */
bool sb_direction_normalize(double *v, uint32_t n);

#endif
