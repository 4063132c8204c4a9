/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ReLU networks: memory, size, and evaluation. A block is taken a few points at a time, so that the values
 * of a wide layer stay in the cache. */
#include "numeric/network.h"

#include "base/memory.h"
#include "numeric/kernels.h"

#include <errno.h>
#include <string.h>

static int too_large(uint64_t n, int most, const char *what, struct sb_diag *diag)
{
    return sb_diag_fail(diag, -EINVAL,
                        "a ReLU network of %llu %s is not made: at most %d; make the instance "
                        "smaller",
                        (unsigned long long)n, what, most);
}

static int check_sizes(uint32_t dim, uint32_t n_layers, const uint32_t *sizes, struct sb_diag *diag)
{
    uint64_t units = 0, weights = 0;

    for (uint32_t l = 0; l < n_layers; l++) {
        units += l + 1 < n_layers ? sizes[l] : 0;
        weights += (uint64_t)(l ? sizes[l - 1] : dim) * sizes[l];
        if (units > SB_NETWORK_MOST_UNITS)
            return too_large(units, SB_NETWORK_MOST_UNITS, "hidden units or more", diag);
        if (weights > SB_NETWORK_MOST_WEIGHTS)
            return too_large(weights, SB_NETWORK_MOST_WEIGHTS, "weights or more", diag);
    }
    return 0;
}

int sb_network_new(uint32_t dim, uint32_t n_layers, const uint32_t *sizes, struct sb_network **out,
                   struct sb_diag *diag)
{
    struct sb_network *network;

    if (check_sizes(dim, n_layers, sizes, diag))
        return -EINVAL;
    network = SB_NEW(struct sb_network);
    if (!network)
        return -ENOMEM;
    *network = (struct sb_network){ dim, n_layers, SB_NEW_ARRAY(struct sb_layer, n_layers) };
    for (uint32_t l = 0; network->layer && l < n_layers; l++) {
        struct sb_layer *layer = &network->layer[l];

        layer->n_in = l ? sizes[l - 1] : dim;
        layer->n_out = sizes[l];
        layer->weight = SB_NEW_ARRAY(double, (size_t)layer->n_in * layer->n_out);
        layer->bias = SB_NEW_ARRAY(double, layer->n_out);
        if (!layer->weight || !layer->bias) {
            sb_network_free(network);
            return -ENOMEM;
        }
    }
    if (!network->layer) {
        sb_network_free(network);
        return -ENOMEM;
    }
    *out = network;
    return 0;
}

void sb_network_free(struct sb_network *network)
{
    if (!network)
        return;
    for (uint32_t l = 0; network->layer && l < network->n_layers; l++) {
        free(network->layer[l].weight);
        free(network->layer[l].bias);
    }
    free(network->layer);
    free(network);
}

int sb_network_widen(struct sb_network *network, uint32_t dim, struct sb_diag *diag)
{
    struct sb_layer *first = network->layer;
    const uint64_t n = (uint64_t)dim * first->n_out;
    double *wide;

    if (dim == network->dim)
        return 0;
    if (n > SB_NETWORK_MOST_WEIGHTS)
        return too_large(n, SB_NETWORK_MOST_WEIGHTS, "weights or more", diag);
    wide = SB_NEW_ARRAY(double, n);
    if (!wide)
        return -ENOMEM;
    for (uint32_t u = 0; u < first->n_out; u++)
        memcpy(wide + (uint64_t)u * dim, first->weight + (uint64_t)u * first->n_in,
               first->n_in * sizeof *wide);
    free(first->weight);
    first->weight = wide;
    first->n_in = network->dim = dim;
    return 0;
}

/* The points from .. from+n-1 as rows; what is left of the rows is 0. */
static void gather(const struct sb_block *block, uint64_t from, uint64_t n, double *rows)
{
    for (uint32_t j = 0; j < block->dim; j++)
        for (uint64_t i = 0; i < SB_NETWORK_POINTS; i++)
            rows[(uint64_t)j * SB_NETWORK_POINTS + i] =
                i >= n     ? 0
                : block->x ? block->x[j][from + i]
                           : (double)(block->bits[from + i] >> j & 1);
}

typedef void kernel(const struct sb_layer *layer, int hidden, const double *in, double *out);

static uint64_t widest(const struct sb_network *network)
{
    uint64_t most = network->dim;

    for (uint32_t l = 0; l < network->n_layers; l++)
        if (network->layer[l].n_out > most)
            most = network->layer[l].n_out;
    return most;
}

int sb_network_run(const struct sb_network *network, const struct sb_block *block, double *out)
{
    static kernel *const variant[SB_ISAS] = SB_ISA_TABLE(sb_network_layer);
    kernel *const run = variant[sb_isa()];
    const uint64_t room = widest(network) * SB_NETWORK_POINTS;
    double *rows SB_FREE = SB_NEW_ARRAY(double, 2 * room);

    if (!rows)
        return -ENOMEM;
    for (uint64_t from = 0; from < block->n; from += SB_NETWORK_POINTS) {
        const uint64_t left = block->n - from;
        const uint64_t n = left < SB_NETWORK_POINTS ? left : SB_NETWORK_POINTS;
        double *in = rows, *next = rows + room;

        gather(block, from, n, in);
        for (uint32_t l = 0; l < network->n_layers; l++) {
            double *const done = next;

            run(&network->layer[l], l + 1 < network->n_layers, in, done);
            next = in;
            in = done;
        }
        for (uint64_t k = 0; k < network->layer[network->n_layers - 1].n_out; k++)
            memcpy(out + k * block->n + from, in + k * SB_NETWORK_POINTS, n * sizeof *out);
    }
    return 0;
}

uint64_t sb_network_units(const struct sb_network *network)
{
    uint64_t n = 0;

    for (uint32_t l = 0; l + 1 < network->n_layers; l++)
        n += network->layer[l].n_out;
    return n;
}

static double largest(uint64_t n, const double *a)
{
    double most = 0;

    for (uint64_t i = 0; i < n; i++) {
        const double size = a[i] < 0 ? -a[i] : a[i];

        if (size > most)
            most = size;
    }
    return most;
}

double sb_network_weight_bound(const struct sb_network *network)
{
    double most = 0;

    for (uint32_t l = 0; l < network->n_layers; l++) {
        const struct sb_layer *layer = &network->layer[l];
        const double weight = largest((uint64_t)layer->n_in * layer->n_out, layer->weight);
        const double bias = largest(layer->n_out, layer->bias);

        most = weight > most ? weight : most;
        most = bias > most ? bias : most;
    }
    return most;
}
