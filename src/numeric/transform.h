/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Transforms over {0,1}^n, in place, unnormalised, in a fixed order of additions. */
#ifndef SB_NUMERIC_TRANSFORM_H
#define SB_NUMERIC_TRANSFORM_H

#include <stdint.h>

/* Walsh-Hadamard: a[S] = sum_x (-1)^(|S & x|) a[x]. a: 2^n. Rounding error of each result:
 * at most n 2^-53 sum |a| (1 + n 2^-53). */
void sb_walsh_hadamard(uint32_t n, double *a);

#endif
