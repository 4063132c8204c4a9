/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One layer of a network at SB_NETWORK_POINTS points: sums in the order of the inputs, bias first; compiled
 * once for each instruction set. Weights that are 0 are passed over: explicit networks are sparse. */
#include "numeric/kernels.h"

#if defined __AVX512F__
enum { LANES = 8 };
#elif defined __AVX2__
enum { LANES = 4 };
#else
enum { LANES = 2 };
#endif
enum { VECTORS = SB_NETWORK_POINTS / LANES };

typedef double vec __attribute__((vector_size(8 * LANES)));
typedef int64_t ivec __attribute__((vector_size(8 * LANES)));
/* in memory: aligned as a double is */
typedef double vec_stored __attribute__((vector_size(8 * LANES), aligned(8), may_alias));

static inline vec relu(vec v)
{
    return (vec)((ivec)v & (v > 0));
}

void SB_ISA_NAME(sb_network_layer)(const struct sb_layer *layer, int hidden, const double *in,
                                   double *out)
{
    for (uint32_t u = 0; u < layer->n_out; u++) {
        const double *weight = layer->weight + (uint64_t)u * layer->n_in;
        vec sum[VECTORS];

        for (int v = 0; v < VECTORS; v++)
            sum[v] = (vec){ 0 } + layer->bias[u];
        for (uint32_t k = 0; k < layer->n_in; k++) {
            const vec_stored *x = (const vec_stored *)(in + (uint64_t)k * SB_NETWORK_POINTS);

            if (weight[k] == 0)
                continue;
            for (int v = 0; v < VECTORS; v++)
                sum[v] += weight[k] * x[v];
        }
        for (int v = 0; v < VECTORS; v++)
            ((vec_stored *)(out + (uint64_t)u * SB_NETWORK_POINTS))[v] =
                hidden ? relu(sum[v]) : sum[v];
    }
}
