/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The kernel of packing.c in its variants (base/isa.h). */
#ifndef SB_FAMILIES_PACKING_KERNELS_H
#define SB_FAMILIES_PACKING_KERNELS_H

#include "base/isa.h"

#include <stdint.h>

enum {
    SB_PACKING_TILE = 8
}; /* vectors side by side: number j of vector l is tile[j SB_PACKING_TILE + l] */

/* out[0][l] = <v, vector l of the tile>, out[1][l] = <w, the same> */
#define SB_PACKING_KERNELS(isa)                                                                    \
    void SB_ISA_PASTE(sb_packing_products, isa)(uint32_t dim, const double *tile, const double *v, \
                                                const double *w, double out[2][SB_PACKING_TILE])

SB_PACKING_KERNELS(baseline);
SB_PACKING_KERNELS(avx2);
SB_PACKING_KERNELS(avx512);

#endif
