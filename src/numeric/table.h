/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tables of 2^n doubles, as transforms work on them. */
#ifndef SB_NUMERIC_TABLE_H
#define SB_NUMERIC_TABLE_H

#include "base/diag.h"

#include <stdint.h>

enum { SB_TABLE_MOST_BITS = 30 }; /* 8 GiB */

/* A table of 2^n doubles, n <= SB_TABLE_MOST_BITS, not filled with anything, aligned for vectors and
 * on huge pages where it is large; the caller frees it with free(). 0, or -ENOMEM with one line that
 * says how many bytes are needed and how many there are: asked for before anything is touched, since
 * a system may promise memory that it does not have. */
int sb_table_new(uint32_t n, double **out, struct sb_diag *diag);

#endif
