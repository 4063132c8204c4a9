/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A family with real labels of which two are possible at each point, written from its definition, and
 * expectations under it by enumeration. x is standard Gaussian, or uniform on a cube. With
 *     s(x)   3 bits: x_j > 0, or coordinate j, j < 3
 *     g(x)   0, 1/2 or 1, by |x_0|, or by coordinates 3 and 4
 * the label numbers 0 and 1 at x are 0 and g(x), and member i's is number |s(x) & i| mod 2, unless `odd`
 * holds of x: |x_1| is large, or coordinates 5 to 7 are 1; it is then 3, which is none of them. The null's
 * is either, whatever x. */
#ifndef SB_TESTS_LABELLED_H
#define SB_TESTS_LABELLED_H

#include "asked.h"

enum { LABELLED_MEMBERS = 8 };
/* |x_0| is below the first with probability 1/4, below the second with 1/2; |x_1| above LARGE with 1/64 */
#define LABELLED_FIRST 0.31863936396437514
#define LABELLED_SECOND 0.67448975019608171
#define LABELLED_LARGE 2.4175590162365051

struct labelled {
    bool cube, misses;
    struct sb_labelling labelling;
    struct sb_candidates candidates;
    struct sb_family family;
    struct sb_pool *pool;
    struct cube c; /* what rigs take: family and pool */
};

struct labelled_point {
    uint32_t signs; /* s */
    double gate;    /* g */
    bool odd;
};

static inline struct labelled_point labelled_at(const struct labelled *f,
                                                const struct sb_block *block, uint64_t i)
{
    struct labelled_point p = { 0, 0, false };

    if (f->cube) {
        const uint64_t x = block->bits[i];

        p.signs = x & 7;
        p.gate = (x >> 3 & 3) == 0 ? 0 : (x >> 3 & 3) == 1 ? 0.5 : 1;
        p.odd = (x >> 5 & 7) == 7;
    } else {
        const double u = fabs(block->x[0][i]);

        for (uint32_t j = 0; j < 3; j++)
            p.signs |= (uint32_t)(block->x[j][i] > 0) << j;
        p.gate = u < LABELLED_FIRST ? 0 : u < LABELLED_SECOND ? 0.5 : 1;
        p.odd = fabs(block->x[1][i]) > LABELLED_LARGE;
    }
    p.odd = p.odd && f->misses;
    return p;
}

/* The probability of a point like this one. */
static inline double labelled_chance(const struct labelled *f, uint32_t signs, double gate,
                                     bool odd)
{
    const double of_gate = gate == 1 ? 0.5 : 0.25;
    const double of_odd = f->cube ? 1.0 / 8 : 1.0 / 64;

    (void)signs;
    if (!f->misses)
        return odd ? 0 : of_gate / 8;
    return of_gate / 8 * (odd ? of_odd : 1 - of_odd);
}

static inline double labelled_label(struct labelled_point p, uint64_t member)
{
    return p.odd ? 3 : __builtin_parity(p.signs & (uint32_t)member) * p.gate;
}

/* E[e(s, y)^power] under a member, or the null. */
typedef double labelled_query(const void *self, uint32_t signs, double y);
static inline double labelled_mean(const struct labelled *f, int64_t member, labelled_query *e,
                                   const void *self, int power)
{
    static const double gates[] = { 0, 0.5, 1 };
    double sum = 0;

    for (uint32_t s = 0; s < 8; s++)
        for (size_t g = 0; g < SB_COUNT(gates); g++)
            for (int odd = 0; odd < 2; odd++) {
                const struct labelled_point p = { s, gates[g], odd };
                const double chance = labelled_chance(f, s, gates[g], odd);

                for (int l = 0; l < 2; l++) {
                    const double y =
                        member == CUBE_NULL ? l * gates[g] : labelled_label(p, (uint64_t)member);
                    const double v = e(self, s, y);

                    sum += chance / 2 * (power == 2 ? v * v : v);
                }
            }
    return sum;
}

/* ---- as a family says it ---- */

static inline void labelled_labels_at(void *self, uint32_t l, const struct sb_block *block,
                                      double *out)
{
    for (uint64_t i = 0; i < block->n; i++)
        out[i] = l * labelled_at(self, block, i).gate;
}

static inline void labelled_points(const struct sb_law *law, struct sb_key key, uint64_t stream,
                                   uint64_t start, uint64_t n, const struct sb_points *out)
{
    for (uint32_t j = 0; out->x && j < law->dim; j++)
        sb_random_gauss(key, stream * 64 + j, start, n, out->x[j]);
    if (out->bits)
        sb_random_words(key, stream, start, n, out->bits);
    for (uint64_t i = 0; out->bits && i < n; i++)
        out->bits[i] &= (UINT64_C(1) << law->dim) - 1;
}

static inline void labelled_weights(const struct sb_law *law, const struct sb_block *block,
                                    uint32_t l, double *out)
{
    for (uint64_t i = 0; i < block->n; i++) {
        const struct labelled_point p = labelled_at(law->self, block, i);
        const bool one = __builtin_parity(p.signs & (uint32_t)law->member);

        out[i] = law->planted ? one == l : 0.5;
    }
}

static inline void labelled_labels(const struct sb_law *law, struct sb_key key, uint64_t start,
                                   const struct sb_block *block, double *y)
{
    double u[SB_BLOCK];

    sb_random_uniform(key, 99, start, block->n, u);
    for (uint64_t i = 0; i < block->n; i++) {
        const struct labelled_point p = labelled_at(law->self, block, i);

        y[i] = law->planted ? labelled_label(p, law->member) : (u[i] < 0.5) * p.gate;
    }
}

static inline void labelled_sample(const struct sb_law *law, struct sb_key key, uint64_t start,
                                   uint64_t n, const struct sb_points *out, double *y)
{
    const struct sb_block block = { .struct_size = sizeof block,
                                    .dim = law->dim,
                                    .n = n,
                                    .x = (const double *const *)out->x,
                                    .bits = out->bits };

    labelled_points(law, key, 0, start, n, out);
    labelled_labels(law, key, start, &block, y);
}

static const struct sb_law_class labelled_class = { .points = labelled_points,
                                                    .weights = labelled_weights,
                                                    .sample = labelled_sample,
                                                    .labels = labelled_labels };

static inline void labelled_null_law(const struct sb_family *family, struct sb_law *out)
{
    const struct labelled *f = family->self;

    *out = (struct sb_law){ .class = &labelled_class, .dim = family->space.dim, .self = f };
}

static inline void labelled_law(const struct sb_family *family, uint64_t member, bool clean,
                                struct sb_law *out)
{
    labelled_null_law(family, out);
    out->member = member;
    out->planted = true;
    out->clean = clean;
}

static inline void labelled_candidate(void *self, uint64_t index, const struct sb_block *block,
                                      double *out)
{
    for (uint64_t i = 0; i < block->n; i++)
        out[i] = labelled_label(labelled_at(self, block, i), index);
}

static inline uint64_t labelled_n_good(const struct sb_family *family, enum sb_loss loss,
                                       double max)
{
    (void)loss;
    (void)max;
    return family->n_members;
}

/* To be closed where it stands. */
static inline void labelled_open(struct labelled *f, bool cube, bool misses)
{
    static const struct sb_family_class class = { .name = "labelled" };

    *f = (struct labelled){ .cube = cube, .misses = misses };
    f->labelling = (struct sb_labelling){ f, 2, labelled_labels_at,
                                          0, 1, !misses ? 0 : cube ? 1.0 / 8 : 1.0 / 64 };
    f->candidates = (struct sb_candidates){ .self = f, .label = labelled_candidate };
    f->family = (struct sb_family){ .class = &class,
                                    .self = f,
                                    .space = { .domain = cube ? SB_CUBE : SB_GAUSS,
                                               .dim = cube ? 9 : 3,
                                               .modulus = cube ? 2 : 0,
                                               .labelling = &f->labelling,
                                               .n_candidates = LABELLED_MEMBERS,
                                               .candidates = &f->candidates },
                                    .n_members = LABELLED_MEMBERS,
                                    .law = labelled_law,
                                    .null_law = labelled_null_law,
                                    .lambda_max_ub = INFINITY,
                                    .n_good = labelled_n_good,
                                    .label_lo = 0,
                                    .label_hi = 1,
                                    .label_square = 0.5 * (0.25 * 0.25 + 0.5) };
    f->pool = sb_pool_new(&f->family.space);
    f->c = (struct cube){ .parity = true, .family = &f->family, .pool = f->pool };
    assert_non_null(f->pool);
}

static inline void labelled_close(struct labelled *f)
{
    sb_pool_free(f->pool);
}

#endif
