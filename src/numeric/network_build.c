/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Builder of ReLU networks. Units are kept as sparse forms of the values, values as sparse forms of the units
 * beneath; a layer's matrix is made of both when the layer is ended. */
#include "numeric/network_build.h"

#include "base/memory.h"

#include <errno.h>
#include <stdbool.h>

static int fail(struct sb_build *b, int error)
{
    if (!b->error)
        b->error = error;
    return b->error;
}

static uint32_t add_form(struct sb_build *b, struct sb_affine *list, double constant)
{
    void *const moved = sb_grow(list->form, &list->cap, list->n + 1, sizeof *list->form);

    if (!moved) {
        fail(b, -ENOMEM);
        return 0;
    }
    list->form = moved;
    list->form[list->n].constant = constant;
    list->form[list->n].end = list->n_terms;
    return (uint32_t)list->n++;
}

/* To the form added last. */
static void add_term(struct sb_build *b, struct sb_affine *list, double weight, uint32_t of)
{
    struct sb_term *const moved =
        sb_grow(list->term, &list->cap_terms, list->n_terms + 1, sizeof *list->term);

    if (!moved) {
        fail(b, -ENOMEM);
        return;
    }
    list->term = moved;
    list->term[list->n_terms++] = (struct sb_term){ of, weight };
    list->form[list->n - 1].end = list->n_terms;
}

static size_t begin_of(const struct sb_affine *list, uint32_t form)
{
    return form ? list->form[form - 1].end : 0;
}

static void affine_clear(struct sb_affine *list)
{
    list->n = list->n_terms = 0;
}

static void affine_fini(struct sb_affine *list)
{
    free(list->form);
    free(list->term);
}

void sb_build_init(struct sb_build *b, uint32_t dim, struct sb_diag *diag)
{
    *b = (struct sb_build){ .dim = dim, .diag = diag };
    for (uint32_t j = 0; j < dim && !b->error; j++) {
        add_form(b, &b->value, 0);
        if (!b->error)
            add_term(b, &b->value, 1, j);
    }
}

void sb_build_fini(struct sb_build *b)
{
    for (size_t l = 0; l < b->n_layers; l++) {
        free(b->layer[l].weight);
        free(b->layer[l].bias);
    }
    free(b->layer);
    affine_fini(&b->value);
    affine_fini(&b->unit);
    affine_fini(&b->next);
}

uint32_t sb_build_unit(struct sb_build *b, double constant)
{
    if (b->error)
        return 0;
    if (++b->units > SB_NETWORK_MOST_UNITS) {
        fail(b, sb_diag_fail(b->diag, -EINVAL,
                             "a ReLU network of more than %d hidden units is not made; make the "
                             "instance smaller",
                             SB_NETWORK_MOST_UNITS));
        return 0;
    }
    return add_form(b, &b->unit, constant);
}

void sb_build_unit_of(struct sb_build *b, double weight, uint32_t value)
{
    if (!b->error)
        add_term(b, &b->unit, weight, value);
}

uint32_t sb_build_relu(struct sb_build *b, double constant, size_t n, const struct sb_term *terms)
{
    const uint32_t unit = sb_build_unit(b, constant);

    for (size_t i = 0; i < n; i++)
        sb_build_unit_of(b, terms[i].weight, terms[i].of);
    return unit;
}

uint32_t sb_build_next(struct sb_build *b, double constant)
{
    return b->error ? 0 : add_form(b, &b->next, constant);
}

void sb_build_next_of(struct sb_build *b, double weight, uint32_t unit)
{
    if (!b->error)
        add_term(b, &b->next, weight, unit);
}

uint32_t sb_build_carry(struct sb_build *b, uint32_t value)
{
    const uint32_t unit = sb_build_relu(b, 0, 1, &(struct sb_term){ value, 1 });
    const uint32_t next = sb_build_next(b, 0);

    sb_build_next_of(b, 1, unit);
    return next;
}

uint32_t sb_build_sum(struct sb_build *b, double constant)
{
    return b->error ? 0 : add_form(b, &b->value, constant);
}

void sb_build_sum_of(struct sb_build *b, double weight, uint32_t value)
{
    struct sb_affine *list = &b->value;

    if (b->error)
        return;
    list->form[list->n - 1].constant += weight * list->form[value].constant;
    for (size_t k = begin_of(list, value); k < list->form[value].end && !b->error; k++)
        add_term(b, list, weight * list->term[k].weight, list->term[k].of);
}

/* Form number f of `forms`, of values, as a row over the units beneath; its constant is returned. */
static double row_of(const struct sb_build *b, const struct sb_affine *forms, uint32_t f,
                     double *row)
{
    double constant = forms->form[f].constant;

    for (size_t i = begin_of(forms, f); i < forms->form[f].end; i++) {
        const struct sb_term term = forms->term[i];

        constant += term.weight * b->value.form[term.of].constant;
        for (size_t k = begin_of(&b->value, term.of); k < b->value.form[term.of].end; k++)
            row[b->value.term[k].of] += term.weight * b->value.term[k].weight;
    }
    return constant;
}

static uint32_t n_beneath(const struct sb_build *b)
{
    return b->n_layers ? b->layer[b->n_layers - 1].n_out : b->dim;
}

/* The layer of these forms of values; 0, or the error noted. */
static int compose(struct sb_build *b, const struct sb_affine *forms, struct sb_layer *out)
{
    struct sb_layer layer = { n_beneath(b), (uint32_t)forms->n, NULL, NULL };

    if ((uint64_t)layer.n_in * layer.n_out > SB_NETWORK_MOST_WEIGHTS)
        return fail(b,
                    sb_diag_fail(b->diag, -EINVAL,
                                 "a ReLU network with a layer of %u x %u weights is not made: at "
                                 "most %d weights; make the instance smaller",
                                 layer.n_out, layer.n_in, SB_NETWORK_MOST_WEIGHTS));
    layer.weight = SB_NEW_ARRAY(double, (size_t)layer.n_in *layer.n_out);
    layer.bias = SB_NEW_ARRAY(double, layer.n_out);
    if (!layer.weight || !layer.bias) {
        free(layer.weight);
        free(layer.bias);
        return fail(b, -ENOMEM);
    }
    for (uint32_t u = 0; u < layer.n_out; u++)
        layer.bias[u] = row_of(b, forms, u, layer.weight + (size_t)u * layer.n_in);
    *out = layer;
    return 0;
}

void sb_build_layer(struct sb_build *b)
{
    struct sb_affine old;
    struct sb_layer *moved;

    if (!b->unit.n)
        sb_build_unit(b, 0); /* no array is empty */
    if (b->error)
        return;
    moved = sb_grow(b->layer, &b->cap_layers, b->n_layers + 1, sizeof *b->layer);
    if (!moved) {
        fail(b, -ENOMEM);
        return;
    }
    b->layer = moved;
    if (compose(b, &b->unit, &b->layer[b->n_layers]))
        return;
    b->n_layers++;
    old = b->value;
    b->value = b->next;
    b->next = old;
    affine_clear(&b->next);
    affine_clear(&b->unit);
}

uint32_t sb_build_table(struct sb_build *b, uint32_t value, uint32_t n_t, const double *sigma)
{
    const uint32_t next = sb_build_next(b, sigma[0]);
    double before = 0;

    for (uint32_t t = 0; t + 1 < n_t; t++) {
        const double slope = sigma[t + 1] - sigma[t];

        if (slope != before)
            sb_build_next_of(b, slope - before,
                             sb_build_relu(b, -(double)t, 1, &(struct sb_term){ value, 1 }));
        before = slope;
    }
    return next;
}

uint32_t sb_build_clip(struct sb_build *b, uint32_t value)
{
    const struct sb_term itself = { value, 1 };
    const uint32_t next = sb_build_next(b, 0);

    sb_build_next_of(b, 1, sb_build_relu(b, 0, 1, &itself));
    sb_build_next_of(b, -1, sb_build_relu(b, -1, 1, &itself));
    return next;
}

/* The units of a network's layer; its inputs are values of[0], of[1], ..., or 0, 1, ... */
static void stack_units(struct sb_build *b, const struct sb_layer *layer, const uint32_t *of)
{
    for (uint32_t u = 0; u < layer->n_out && !b->error; u++) {
        const double *weight = layer->weight + (size_t)u * layer->n_in;

        sb_build_unit(b, layer->bias[u]);
        for (uint32_t k = 0; k < layer->n_in; k++)
            if (weight[k] != 0)
                sb_build_unit_of(b, weight[k], of ? of[k] : k);
    }
}

/* What the layer above takes: the units as they are, or, beneath the last, its output. */
static void stack_next(struct sb_build *b, const struct sb_network *network, uint32_t l)
{
    const struct sb_layer *above = &network->layer[l + 1];
    const bool last = l + 2 == network->n_layers;

    if (last)
        sb_build_next(b, above->bias[0]);
    for (uint32_t u = 0; u < above->n_in && !b->error; u++) {
        if (!last)
            sb_build_next(b, 0);
        if (!last || above->weight[u] != 0)
            sb_build_next_of(b, last ? above->weight[u] : 1, u);
    }
}

/* A network that is an affine map: no layer is built. */
static uint32_t stack_affine(struct sb_build *b, const struct sb_layer *map, const uint32_t *value,
                             size_t n_carried, const uint32_t *carried)
{
    const uint32_t out = sb_build_sum(b, map->bias[0]);

    for (uint32_t k = 0; k < map->n_in; k++)
        if (map->weight[k] != 0)
            sb_build_sum_of(b, map->weight[k], value[k]);
    for (size_t i = 0; i < n_carried; i++) {
        sb_build_sum(b, 0);
        sb_build_sum_of(b, 1, carried[i]);
    }
    return out;
}

uint32_t sb_build_stack(struct sb_build *b, const struct sb_network *network, const uint32_t *value,
                        size_t n_carried, const uint32_t *carried)
{
    if (network->n_layers == 1)
        return stack_affine(b, network->layer, value, n_carried, carried);
    for (uint32_t l = 0; l + 1 < network->n_layers; l++) {
        const uint32_t before = l ? network->layer[l - 1].n_out : 0;

        stack_units(b, &network->layer[l], l ? NULL : value);
        stack_next(b, network, l);
        for (size_t i = 0; i < n_carried; i++)
            sb_build_carry(b, l ? before + (uint32_t)i : carried[i]);
        sb_build_layer(b);
    }
    return 0;
}

/* The layers become the network's, whose own arrays are let go. */
static void hand_over(struct sb_build *b, const struct sb_layer *last, struct sb_network *network)
{
    for (uint32_t l = 0; l < network->n_layers; l++) {
        free(network->layer[l].weight);
        free(network->layer[l].bias);
        network->layer[l] = l < b->n_layers ? b->layer[l] : *last;
    }
    b->n_layers = 0;
}

int sb_build_network(struct sb_build *b, uint32_t value, struct sb_network **out)
{
    uint32_t *sizes SB_FREE = SB_NEW_ARRAY(uint32_t, b->n_layers + 1);
    struct sb_layer last = { 0, 0, NULL, NULL };
    int error = b->error;

    if (!error)
        add_form(b, &b->unit, 0);
    if (!b->error)
        add_term(b, &b->unit, 1, value);
    if (b->error || !sizes || compose(b, &b->unit, &last))
        return b->error ? b->error : -ENOMEM;
    for (size_t l = 0; l < b->n_layers; l++)
        sizes[l] = b->layer[l].n_out;
    sizes[b->n_layers] = 1;
    error = sb_network_new(b->dim, (uint32_t)b->n_layers + 1, sizes, out, b->diag);
    if (error) {
        free(last.weight);
        free(last.bias);
        return error;
    }
    hand_over(b, &last, *out);
    return 0;
}

int sb_network_of_table(uint32_t dim, const double *w, uint32_t n_t, const double *sigma,
                        struct sb_network **out, struct sb_diag *diag)
{
    struct sb_build b;
    uint32_t sum;
    int error;

    sb_build_init(&b, dim, diag);
    sum = sb_build_sum(&b, 0);
    for (uint32_t j = 0; j < dim; j++)
        if (w[j] != 0)
            sb_build_sum_of(&b, w[j], j);
    sum = sb_build_table(&b, sum, n_t, sigma);
    sb_build_layer(&b);
    error = sb_build_network(&b, sum, out);
    sb_build_fini(&b);
    return error;
}
