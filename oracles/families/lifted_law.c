/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Laws of lifted functions: z from the marginal, x = thres(z) shown to the base family, its labels lifted. */
#include "estimate/lift_expectation.h"
#include "oracles/families/lifted.h"

/* Streams of one key: as of half-spaces, a stream's columns, and the null's labels behind those of stream 0. */
enum { COLUMNS = SB_LIFTED_PADDED + 1, LABELS = COLUMNS };

void sb_lifted_cut(const struct sb_lifted *f, const struct sb_block *block, uint64_t start,
                   struct sb_lifted_piece *p)
{
    const uint32_t dim = f->base->space.dim;
    const uint64_t n = block->n - start < SB_LIFTED_PIECE ? block->n - start : SB_LIFTED_PIECE;

    for (uint32_t j = 0; j < dim; j++)
        p->z_column[j] = block->x[j] + start;
    p->z = (struct sb_block){ .struct_size = sizeof p->z, .dim = dim, .n = n, .x = p->z_column };
    p->x = (struct sb_block){ .struct_size = sizeof p->x, .dim = dim, .n = n };
    if (f->base->space.domain == SB_CUBE) {
        sb_lift_bits(&f->lift, &p->z, p->bits);
        p->x.bits = p->bits;
        return;
    }
    for (uint32_t j = 0; j < dim; j++) {
        sb_lift_cells(&f->lift, n, p->z_column[j], p->cell[j]);
        p->x_column[j] = p->cell[j];
    }
    p->x.x = p->x_column;
}

void sb_lifted_number(void *self, uint32_t l, const struct sb_block *block, double *out)
{
    const struct sb_lifted *f = self;
    struct sb_block z = *block;

    z.dim = f->base->space.dim;
    for (uint64_t i = 0; i < block->n; i++)
        out[i] = f->base->space.labels[l];
    sb_lift_rule(&f->lift, &z, out, out);
}

void sb_lifted_label(void *self, uint64_t index, const struct sb_block *block, double *out)
{
    const struct sb_lifted *f = self;
    const struct sb_candidates *c = f->base->space.candidates;
    double w[SB_LIFTED_COORDINATES];
    struct sb_compressed compressed = { .w = w };
    struct sb_lifted_piece p;

    if (f->lift.setup.kind == SB_LIFT_COMPRESSED)
        f->base->compress(f->base, index, w, &compressed);
    for (uint64_t start = 0; start < block->n; start += SB_LIFTED_PIECE) {
        sb_lifted_cut(f, block, start, &p);
        c->label(c->self, index, &p.x, out + start);
        sb_lift_label(&f->lift, compressed.w, compressed.n_t, compressed.sigma, &p.z, out + start,
                      out + start);
    }
}

static void draw_points(const struct sb_law *law, struct sb_key key, uint64_t stream,
                        uint64_t start, uint64_t n, const struct sb_points *out)
{
    const struct sb_lifted *f = law->self;

    for (uint32_t j = 0; j < law->dim; j++)
        f->lift.setup.marginal->draw(key, stream * COLUMNS + j, start, n, out->x[j]);
}

static void weights(const struct sb_law *law, const struct sb_block *block, uint32_t l, double *out)
{
    const struct sb_lifted *f = law->self;
    struct sb_law base;
    struct sb_lifted_piece p;

    for (uint64_t i = 0; i < block->n && !law->planted; i++)
        out[i] = f->null[l];
    if (!law->planted)
        return;
    f->base->law(f->base, law->member, law->clean, &base);
    for (uint64_t start = 0; start < block->n; start += SB_LIFTED_PIECE) {
        sb_lifted_cut(f, block, start, &p);
        sb_law_weights(&base, &p.x, l, out + start);
    }
}

/* The null's: a label of the base's null, whatever x is, lifted. */
static void draw_labels(const struct sb_lifted *f, struct sb_key key, uint64_t start,
                        const struct sb_block *block, double *y)
{
    const struct sb_space *base = &f->base->space;
    struct sb_block z = *block;

    z.dim = base->dim;
    sb_random_uniform(key, LABELS, start, block->n, y);
    for (uint64_t i = 0; i < block->n; i++) {
        uint64_t l = 0;

        for (double below = f->null[0]; l + 1 < base->n_labels && y[i] >= below; l++)
            below += f->null[l + 1];
        y[i] = base->labels[l];
    }
    sb_lift_rule(&f->lift, &z, y, y);
}

static void labels(const struct sb_law *law, struct sb_key key, uint64_t start,
                   const struct sb_block *block, double *y)
{
    if (law->planted)
        sb_lifted_label((void *)law->self, law->member, block, y);
    else
        draw_labels(law->self, key, start, block, y);
}

static void sample(const struct sb_law *law, struct sb_key key, uint64_t start, uint64_t n,
                   const struct sb_points *out, double *y)
{
    const struct sb_block block = {
        .struct_size = sizeof block, .dim = law->dim, .n = n, .x = (const double *const *)out->x
    };

    draw_points(law, key, 0, start, n, out);
    labels(law, key, start, &block, y);
}

static int expectation(const struct sb_estimate_task *task, struct sb_estimate *out)
{
    const struct sb_lifted *f = task->law->self;
    const struct sb_hidden hidden = { task->law->planted, task->law->member };
    struct sb_law base;

    sb_family_law(f->base, hidden, task->law->clean, &base);
    return sb_lift_expectation(task, &f->lifting, &base, out);
}

#define LAW(given_labels, over_gauss)                                                              \
    {                                                                                              \
        .points = draw_points, .weights = weights, .sample = sample, .labels = (given_labels),     \
        .expectation = expectation, .gaussian = (over_gauss)                                       \
    }
/* [are labels given at chosen points][is the marginal Gaussian] */
static const struct sb_law_class classes[2][2] = { { LAW(NULL, false), LAW(NULL, true) },
                                                   { LAW(labels, false), LAW(labels, true) } };

/* Who chooses points can have all coordinates in ramps, where a label takes time in C(d, m): given are those of
 * some 40 ms at most. */
static bool gives_labels(const struct sb_lift *lift)
{
    enum { MOST_TERMS = 1 << 21 };

    return lift->setup.kind == SB_LIFT_DV || sb_lift_n3_terms(lift, lift->setup.dim) <= MOST_TERMS;
}

void sb_lifted_law(const struct sb_family *family, uint64_t member, bool clean, struct sb_law *out)
{
    sb_lifted_null_law(family, out);
    out->member = member;
    out->planted = true;
    out->clean = clean;
}

void sb_lifted_null_law(const struct sb_family *family, struct sb_law *out)
{
    const struct sb_lifted *f = family->self;

    *out = (struct sb_law){ .class =
                                &classes[gives_labels(&f->lift)][f->lift.setup.marginal->gaussian],
                            .dim = family->space.dim,
                            .self = f };
}
