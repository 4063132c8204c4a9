/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Functions to {0,1} on the cube, known by their values. */
#include "oracles/families/boolean.h"

static const double labels[2] = { 0, 1 };

static void boolean_label(void *self, uint64_t index, const struct sb_block *block, double *out)
{
    const struct sb_boolean *b = self;
    uint8_t value[SB_BLOCK];

    b->value(b->self, index, block->bits, block->n, value);
    for (uint64_t i = 0; i < block->n; i++)
        out[i] = value[i];
}

static void boolean_points(const struct sb_law *law, struct sb_key key, uint64_t stream,
                           uint64_t start, uint64_t n, const struct sb_points *out)
{
    const struct sb_law uniform = { .dim = law->dim };

    sb_law_points(&uniform, key, stream, start, n, out);
}

static void boolean_weights(const struct sb_law *law, const struct sb_block *block, uint32_t l,
                            double *out)
{
    const struct sb_boolean *b = law->self;
    uint8_t value[SB_BLOCK];

    if (law->planted)
        b->value(b->self, law->member, block->bits, block->n, value);
    for (uint64_t i = 0; i < block->n; i++)
        out[i] = law->planted ? value[i] == l : l ? b->ones : 1 - b->ones;
}

static void boolean_sample(const struct sb_law *law, struct sb_key key, uint64_t start, uint64_t n,
                           const struct sb_points *out, double *y)
{
    enum { POINTS = 0, LABELS = 1 }; /* streams */
    const struct sb_boolean *b = law->self;
    uint8_t value[SB_BLOCK];

    boolean_points(law, key, POINTS, start, n, out);
    if (law->planted)
        b->value(b->self, law->member, out->bits, n, value);
    else
        sb_random_uniform(key, LABELS, start, n, y);
    for (uint64_t i = 0; i < n; i++)
        y[i] = law->planted ? value[i] : y[i] < b->ones;
}

static const struct sb_law_class law_class = { .points = boolean_points,
                                               .weights = boolean_weights,
                                               .sample = boolean_sample };

/* The space's candidates are the first that a law of this family has to know. */
static const struct sb_boolean *boolean_of(const struct sb_family *family)
{
    return family->space.candidates->self;
}

static void boolean_law(const struct sb_family *family, uint64_t member, bool clean,
                        struct sb_law *out)
{
    *out = (struct sb_law){ .class = &law_class,
                            .dim = family->space.dim,
                            .self = boolean_of(family),
                            .member = member,
                            .planted = true,
                            .clean = clean };
}

static void boolean_null_law(const struct sb_family *family, struct sb_law *out)
{
    *out = (struct sb_law){ .class = &law_class,
                            .dim = family->space.dim,
                            .self = boolean_of(family) };
}

static uint64_t boolean_n_good(const struct sb_family *family, enum sb_loss loss, double max)
{
    (void)loss;
    (void)max;
    return family->n_members; /* nothing is proven of these functions */
}

void sb_boolean_init(struct sb_boolean *b, struct sb_family *out)
{
    b->candidates = (struct sb_candidates){ .self = b, .label = boolean_label };
    out->n_members = b->n_members;
    out->space = (struct sb_space){ .domain = SB_CUBE,
                                    .dim = b->dim,
                                    .modulus = 2,
                                    .n_labels = 2,
                                    .labels = labels,
                                    .n_candidates = b->n_members,
                                    .candidates = &b->candidates };
    out->law = boolean_law;
    out->null_law = boolean_null_law;
    out->no_profile = sb_family_no_profile(out);
    out->lambda_max_ub = __builtin_inf();
    out->n_good = boolean_n_good;
}
