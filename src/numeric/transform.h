/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Transforms over {0,1}^n, in place, unnormalised, in a fixed order of additions. */
#ifndef SB_NUMERIC_TRANSFORM_H
#define SB_NUMERIC_TRANSFORM_H

#include <stddef.h>
#include <stdint.h>

/* Walsh-Hadamard: a[S] = sum_x (-1)^(|S & x|) a[x]. a: 2^n, aligned in any way; fastest as
 * numeric/table.h makes it. Rounding error of each result: at most n 2^-53 sum |a| (1 + n 2^-53).
 * The bits are those of the textbook's loop over bit 0, bit 1, ... on every CPU. */
void sb_walsh_hadamard(uint32_t n, double *a);
/* The same bits, on up to n_threads threads: more than 8 are of no use. */
void sb_walsh_hadamard_threads(uint32_t n, double *a, size_t n_threads);

#endif
