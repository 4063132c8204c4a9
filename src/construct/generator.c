/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Generators as ReLU networks. */
#include "construct/generator.h"

#include <errno.h>
#include <math.h>

/* A unit of the hidden layer: R(weight z + bias), what it adds to f being `outer` times that. */
struct unit {
    double weight, bias, outer;
};

/* Unit k of 4: a trapezoid on the side of sign `side` is sign(h) [R(s(z - p + eps)) - R(s(z - p)) - R(s(z - q)) +
 * R(s(z - q - eps))], s = |h|/eps, in z or -z. */
static struct unit unit_of(const struct sb_moments *moments, const struct sb_bump *bump, int side,
                           int k, double scale)
{
    const double slope = scale * fabs(bump->height) / moments->eps;
    const double at[4] = { bump->p - moments->eps, bump->p, bump->q, bump->q + moments->eps };
    const double sign = (k == 0 || k == 3 ? 1 : -1) * (bump->height < 0 ? -side : side);

    return (struct unit){ side * slope, -slope * at[k], sign };
}

static uint32_t n_units(const struct sb_moments *moments)
{
    return 8 * moments->n;
}

/* The units of scale f(input 0) are the layer's first ones; output k takes `share` of it. */
static void put_bumps(const struct sb_moments *moments, double scale, struct sb_network *network)
{
    struct sb_layer *hidden = &network->layer[0];

    for (uint32_t i = 0; i < n_units(moments); i++) {
        const struct unit u =
            unit_of(moments, &moments->bump[i / 8], i / 4 % 2 ? -1 : 1, (int)(i % 4), scale);

        hidden->weight[(size_t)i * hidden->n_in] = u.weight;
        hidden->bias[i] = u.bias;
    }
}

static void take_bumps(const struct sb_moments *moments, double share, uint32_t output,
                       struct sb_network *network)
{
    struct sb_layer *last = &network->layer[1];

    for (uint32_t i = 0; i < n_units(moments); i++)
        last->weight[(size_t)output * last->n_in + i] =
            share *
            unit_of(moments, &moments->bump[i / 8], i / 4 % 2 ? -1 : 1, (int)(i % 4), 1).outer;
}

/* Units `first` and the next are R(+-(form of the inputs)); the output adds their difference. */
static double *linear_part(struct sb_network *network, uint32_t first, uint32_t output)
{
    struct sb_layer *hidden = &network->layer[0], *last = &network->layer[1];

    last->weight[(size_t)output * last->n_in + first] = 1;
    last->weight[(size_t)output * last->n_in + first + 1] = -1;
    return hidden->weight + (size_t)first * hidden->n_in;
}

static void mirror(struct sb_network *network, uint32_t first)
{
    double *form = network->layer[0].weight + (size_t)first * network->dim;

    for (uint32_t j = 0; j < network->dim; j++)
        form[network->dim + j] = -form[j];
}

int sb_generator_of_bumps(const struct sb_moments *moments, struct sb_network **out,
                          struct sb_diag *diag)
{
    const uint32_t sizes[2] = { n_units(moments), 1 };
    const int error = sb_network_new(1, 2, sizes, out, diag);

    if (error)
        return error;
    put_bumps(moments, 1, *out);
    take_bumps(moments, 1, 0, *out);
    return 0;
}

static double shrink(double sigma)
{
    return sqrt((1 - sigma) * (1 + sigma));
}

int sb_generator_along(const struct sb_moments *moments, double sigma, struct sb_network **out,
                       struct sb_diag *diag)
{
    const uint32_t n = n_units(moments), sizes[2] = { n + 2, 1 };
    const int error = sb_network_new(2, 2, sizes, out, diag);

    if (error)
        return error;
    put_bumps(moments, shrink(sigma), *out);
    take_bumps(moments, 1, 0, *out);
    linear_part(*out, n, 0)[1] = sigma;
    mirror(*out, n);
    return 0;
}

/* With w = e_1 - v, |w|^2 = 2 w_1: I - w w^T/w_1. */
void sb_generator_column(uint32_t dim, const double *v, uint32_t k, double *out)
{
    double first = 1 - v[0], rest = 0;

    for (uint32_t j = 1; j < dim; j++)
        rest += v[j] * v[j];
    if (v[0] > 0)
        first = rest / (1 + v[0]); /* 1 - v_1 without cancellation */
    for (uint32_t j = 0; j < dim; j++) {
        const double w_j = j ? -v[j] : first, w_k = k ? -v[k] : first;

        out[j] = (j == k) - (first > 0 ? w_j * w_k / first : 0);
    }
}

/* Coordinate j of U (f*, z3, ...): v_j f, and one linear part of z2, z3, .... */
static void put_coordinate(const struct sb_generator *wish, uint32_t j, struct sb_network *network)
{
    const uint32_t first = n_units(wish->moments) + 2 * j;
    double column[SB_GENERATOR_DIM];

    for (uint32_t i = j; i < wish->padded; i += wish->dim) {
        double *form = linear_part(network, first, i);

        form[1] = wish->v[j] * wish->sigma;
        take_bumps(wish->moments, wish->v[j], i, network);
    }
    /* U is symmetric: row j is column j */
    sb_generator_column(wish->dim, wish->v, j, column);
    for (uint32_t k = 1; k < wish->dim; k++)
        network->layer[0].weight[(size_t)first * network->dim + k + 1] = column[k];
    mirror(network, first);
}

int sb_generator_new(const struct sb_generator *wish, struct sb_network **out, struct sb_diag *diag)
{
    const uint32_t sizes[2] = { n_units(wish->moments) + 2 * wish->dim, wish->padded };
    int error;

    if (wish->dim > SB_GENERATOR_DIM || wish->padded < wish->dim)
        return sb_diag_fail(diag, -EINVAL,
                            "a generator of %u coordinates padded to %u is not made: at most %d, "
                            "and no fewer when padded",
                            wish->dim, wish->padded, SB_GENERATOR_DIM);
    error = sb_network_new(wish->dim + 1, 2, sizes, out, diag);
    if (error)
        return error;
    put_bumps(wish->moments, shrink(wish->sigma), *out);
    for (uint32_t j = 0; j < wish->dim; j++)
        put_coordinate(wish, j, *out);
    return 0;
}
