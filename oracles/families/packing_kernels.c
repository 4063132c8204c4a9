/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Inner products of two vectors with a tile of eight; compiled once for each instruction set. Coordinates are added in
 * their order, so that all variants give the same bits. */
#include "oracles/families/packing_kernels.h"
#include "numeric/lanes.h"

enum { PARTS = SB_PACKING_TILE / SB_LANES };

void SB_ISA_NAME(sb_packing_products)(uint32_t dim, const double *tile, const double *v,
                                      const double *w, double out[2][SB_PACKING_TILE])
{
    sb_doubles with_v[PARTS] = { 0 }, with_w[PARTS] = { 0 };

    for (uint32_t j = 0; j < dim; j++)
        for (uint32_t p = 0; p < PARTS; p++) {
            sb_doubles at;

            memcpy(&at, tile + (size_t)j * SB_PACKING_TILE + p * SB_LANES, sizeof at);
            with_v[p] += v[j] * at;
            with_w[p] += w[j] * at;
        }
    memcpy(out[0], with_v, sizeof with_v);
    memcpy(out[1], with_w, sizeof with_w);
}
