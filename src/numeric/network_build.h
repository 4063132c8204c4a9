/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ReLU networks, written down unit by unit. At any time there are values: affine forms of the last layer's
 * units, at first the inputs themselves. A layer is made of units R(affine form of the values) and of new
 * values, affine forms of these units; sb_build_layer ends it, and the new values take the old ones' place.
 *
 *     x mod 2 on {0, 1, 2}, as R(x) - 2 R(x - 1):
 *
 *     sb_build_init(&b, 1, diag);                       value 0 is x
 *     next = sb_build_next(&b, 0);
 *     sb_build_next_of(&b, 1, sb_build_relu(&b, 0, 1, (struct sb_term[]){ { 0, 1 } }));
 *     sb_build_next_of(&b, -2, sb_build_relu(&b, -1, 1, (struct sb_term[]){ { 0, 1 } }));
 *     sb_build_layer(&b);
 *     error = sb_build_network(&b, next, &network);
 *     sb_build_fini(&b);
 *
 * Errors are sticky: only sb_build_network tells. Numbers of units, values and next values count from 0 in
 * each layer. */
#ifndef SB_NUMERIC_NETWORK_BUILD_H
#define SB_NUMERIC_NETWORK_BUILD_H

#include "numeric/network.h"

struct sb_term {
    uint32_t of; /* number of a value, or of a unit */
    double weight;
};

/* Affine forms, numbered from 0; the terms of one stand behind those of the one before. */
struct sb_affine {
    struct {
        double constant;
        size_t end; /* of its terms */
    } * form;
    struct sb_term *term;
    size_t n, cap, n_terms, cap_terms;
};

struct sb_build {
    uint32_t dim;
    struct sb_layer *layer; /* hidden ones that are done */
    size_t n_layers, cap_layers;
    struct sb_affine value, unit, next; /* unit: forms of the values */
    uint64_t units;                     /* of all layers */
    int error;
    struct sb_diag *diag; /* borrowed, or NULL: the line that tells what is wrong goes here */
};

/* The error's line goes to diag, which is borrowed until sb_build_fini. */
void sb_build_init(struct sb_build *b, uint32_t dim, struct sb_diag *diag);
void sb_build_fini(struct sb_build *b);

/* A new unit of the layer being built, R(constant + ...); returns its number. */
uint32_t sb_build_unit(struct sb_build *b, double constant);
/* ... + weight * value number `value`: to the unit begun last. */
void sb_build_unit_of(struct sb_build *b, double weight, uint32_t value);
/* Both at once. */
uint32_t sb_build_relu(struct sb_build *b, double constant, size_t n, const struct sb_term *terms);

/* A new value for the layers above, constant + ...; returns its number once the layer is ended. */
uint32_t sb_build_next(struct sb_build *b, double constant);
/* ... + weight * unit number `unit`: to the next value begun last. */
void sb_build_next_of(struct sb_build *b, double weight, uint32_t unit);
/* A value >= 0 that is wanted above, too: as the unit R(value). Returns its next number. */
uint32_t sb_build_carry(struct sb_build *b, uint32_t value);

/* A further value beside the present ones, constant + ...; costs no unit. */
uint32_t sb_build_sum(struct sb_build *b, double constant);
/* ... + weight * value number `value`: to the sum begun last. */
void sb_build_sum_of(struct sb_build *b, double weight, uint32_t value);

/* The next values are the values from here on. */
void sb_build_layer(struct sb_build *b);

/* As next values of the layer being built:
 * sigma(t) of a value t that is one of 0 .. n_t - 1, n_t >= 1; linear between them, and before the first
 * sigma[0]: at most n_t - 1 units [theorems.md S0-R2.2]. */
uint32_t sb_build_table(struct sb_build *b, uint32_t value, uint32_t n_t, const double *sigma);
/* min(max(v, 0), 1) of a value v, as R(v) - R(v - 1). */
uint32_t sb_build_clip(struct sb_build *b, uint32_t value);

/* A whole network above, where no layer is begun: its input j is value number value[j]. Returns the number of
 * its output among the values; behind it are those of carried[], which must be >= 0. */
uint32_t sb_build_stack(struct sb_build *b, const struct sb_network *network, const uint32_t *value,
                        size_t n_carried, const uint32_t *carried);

/* The network whose output is value number `value`. 0, -ENOMEM, or -EINVAL with a line where it is too
 * large. */
int sb_build_network(struct sb_build *b, uint32_t value, struct sb_network **out);

/* sigma(<w,x>) with one hidden layer, as sb_build_table makes it of <w,x> in 0 .. n_t - 1. For sigma(t) = t
 * mod 2 that is parity as a triangle wave. */
int sb_network_of_table(uint32_t dim, const double *w /* dim */, uint32_t n_t, const double *sigma,
                        struct sb_network **out, struct sb_diag *diag);

#endif
