/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The laws of a plugin's family: its product form where it has one, else its functions, with what it
 * leaves out put in: uniform or Gaussian points, labels drawn by weights, labels without noise. */
#include "runner/family_plugin.h"

#include "base/memory.h"

#include <string.h>

/* Streams */

static void stream_words(const void *self, uint64_t column, uint64_t *out)
{
    const struct sb_family_numbers *f = self;

    sb_random_words(f->key, column, f->start, f->n, out);
}

static void stream_uniform(const void *self, uint64_t column, double *out)
{
    const struct sb_family_numbers *f = self;

    sb_random_uniform(f->key, column, f->start, f->n, out);
}

static void stream_gauss(const void *self, uint64_t column, double *out)
{
    const struct sb_family_numbers *f = self;

    sb_random_gauss(f->key, column, f->start, f->n, out);
}

void sb_family_stream(const struct sb_family_numbers *numbers, struct sb_stream *out)
{
    *out = (struct sb_stream){ .struct_size = sizeof *out,
                               .abi_minor = SB_FAMILY_ABI_MINOR,
                               .self = numbers,
                               .words = stream_words,
                               .uniform = stream_uniform,
                               .gauss = stream_gauss };
}

struct sb_family_numbers sb_family_numbers_of(const char *purpose, struct sb_key key,
                                              uint64_t stream, uint64_t start, uint64_t n)
{
    uint8_t material[16];

    memcpy(material, key.v, 8);
    for (unsigned i = 0; i < 8; i++)
        material[8 + i] = (uint8_t)(stream >> (8 * i));
    return (struct sb_family_numbers){ sb_key_derive(purpose, material, sizeof material), start,
                                       n };
}

/* Points */

/* Over Z_q: uniform to within q 2^-53. */
static void uniform_residues(const struct sb_family_instance *f,
                             const struct sb_family_numbers *from, const struct sb_draw *out)
{
    const double q = f->facts.modulus;

    for (uint32_t j = 0; j < out->dim; j++) {
        sb_random_uniform(from->key, j, from->start, from->n, out->x[j]);
        for (uint64_t i = 0; i < out->n; i++)
            out->x[j][i] = (double)(uint32_t)(out->x[j][i] * q);
    }
}

static void points(const struct sb_law *law, struct sb_key key, uint64_t stream, uint64_t start,
                   uint64_t n, const struct sb_points *out)
{
    const struct sb_family_instance *f = law->self;
    const struct sb_family_numbers from =
        sb_family_numbers_of("family points", key, stream, start, n);
    const struct sb_draw draw = {
        .struct_size = sizeof draw, .dim = law->dim, .n = n, .bits = out->bits, .x = out->x
    };
    struct sb_stream given;

    if (f->plugin->points) {
        sb_family_stream(&from, &given);
        f->plugin->points(f->self, &given, &draw);
    } else if (f->facts.domain == SB_CUBE) {
        sb_random_words(from.key, 0, start, n, out->bits);
        for (uint64_t i = 0; i < n; i++)
            out->bits[i] &= (UINT64_C(1) << law->dim) - 1;
    } else if (f->facts.domain == SB_ZQ) {
        uniform_residues(f, &from, &draw);
    } else {
        for (uint32_t j = 0; j < law->dim; j++)
            sb_random_gauss(from.key, j, start, n, out->x[j]);
    }
}

/* Labels */

static struct sb_block block_of(const struct sb_law *law, const struct sb_points *x, uint64_t n)
{
    return (struct sb_block){ .struct_size = sizeof(struct sb_block),
                              .dim = law->dim,
                              .n = n,
                              .x = (const double *const *)x->x,
                              .bits = x->bits };
}

static void weights(const struct sb_law *law, const struct sb_block *block, uint32_t l, double *out)
{
    const struct sb_family_instance *f = law->self;

    if (!law->planted || !law->clean) {
        f->plugin->weight(f->self, law->planted ? law->member : SB_NULL, l, block, out);
        return;
    }
    f->plugin->label(f->self, law->member, block, out);
    for (uint64_t i = 0; i < block->n; i++)
        out[i] = out[i] == f->facts.label_set[l];
}

/* Labels at points, by a uniform number against the weight of label 0. */
static void draw_labels(const struct sb_law *law, struct sb_key key, uint64_t start, uint64_t n,
                        const struct sb_points *x, double *y)
{
    const struct sb_family_instance *f = law->self;
    const struct sb_family_numbers from = sb_family_numbers_of("family labels", key, 0, start, n);
    const struct sb_block block = block_of(law, x, n);
    double zero[SB_BLOCK];

    weights(law, &block, 0, zero);
    sb_random_uniform(from.key, 0, start, n, y);
    for (uint64_t i = 0; i < n; i++)
        y[i] = f->facts.label_set[y[i] < zero[i] ? 0 : 1];
}

static void sample(const struct sb_law *law, struct sb_key key, uint64_t start, uint64_t n,
                   const struct sb_points *out, double *y)
{
    const struct sb_family_instance *f = law->self;
    const bool clean = law->planted && law->clean;
    struct sb_block block;

    if (f->plugin->sample && (!clean || !sb_family_instance_has_points(f))) {
        const struct sb_family_numbers from =
            sb_family_numbers_of("family sample", key, 0, start, n);
        const struct sb_draw draw = { sizeof draw, law->dim, n, out->bits, out->x, y };
        struct sb_stream given;

        sb_family_stream(&from, &given);
        f->plugin->sample(f->self, law->planted ? law->member : SB_NULL, &given, &draw);
    } else {
        points(law, key, 0, start, n, out);
    }
    if (clean) {
        block = block_of(law, out, n);
        f->plugin->label(f->self, law->member, &block, y);
    } else if (!f->plugin->sample) {
        draw_labels(law, key, start, n, out, y);
    }
}

/* A plugin is promised to be called from one thread. */
static const struct sb_law_class weighed = {
    .points = points, .weights = weights, .sample = sample, .one_thread = true
};
static const struct sb_law_class gaussian = {
    .points = points, .weights = weights, .sample = sample, .gaussian = true, .one_thread = true
};
static const struct sb_law_class drawn = { .points = points, .sample = sample, .one_thread = true };

/* The law of a member or the null in product form; the labels are the family's. */
static void product(const struct sb_family_instance *f, uint64_t member, bool clean,
                    struct sb_law *out)
{
    struct sb_product p;

    memset(&p, 0, sizeof p);
    f->plugin->product(f->self, member, clean, &p);
    for (int l = 0; l < 2; l++) {
        out->label[l] = f->facts.label_set[l];
        out->alpha[l] = p.alpha[l];
        out->beta[l] = p.beta[l];
    }
    out->chi = p.chi;
    out->pos = p.pos;
    out->neg = p.neg;
}

static void law_of(const struct sb_family *family, uint64_t member, bool clean, struct sb_law *out)
{
    const struct sb_family_instance *f = family->self;
    const bool planted = member != SB_NULL;
    const bool by_label = planted && clean && f->facts.n_labels;

    *out = (struct sb_law){
        .dim = f->facts.dim, .self = f, .member = member, .planted = planted, .clean = clean
    };
    if (f->plugin->product)
        product(f, member, clean, out);
    else if (sb_family_instance_is_gaussian(f))
        out->class = &gaussian;
    else
        out->class = f->plugin->weight || by_label ? &weighed : &drawn;
}

void sb_family_instance_law(const struct sb_family *family, uint64_t member, bool clean,
                            struct sb_law *out)
{
    law_of(family, member, clean, out);
}

void sb_family_instance_null_law(const struct sb_family *family, struct sb_law *out)
{
    law_of(family, SB_NULL, false, out);
}
