/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The one candidate that agrees with an example, by going through all of them. */
#ifndef SB_ESTIMATE_AGREEING_H
#define SB_ESTIMATE_AGREEING_H

#include "query/space.h"

enum { SB_AGREEING_MOST = 1 << 16 }; /* candidates that are gone through */

/* Real labels agree where they are within this: computed in two ways, the same label is. */
#define SB_AGREE 1e-9

/* out[i] = number of the one of n candidates whose label at x_i is within `apart` of y_i; UINT64_MAX: none or
 * several. At most SB_BLOCK points. */
void sb_agreeing_look(const struct sb_candidates *candidates, uint64_t n, double apart,
                      const struct sb_block *block, uint64_t *out);

#endif
