/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Families that move x, without labels, written from their definitions.
 *
 *   gauss   x in R^3, a member favours a cap: its density against N(0, I) is FAVOUR where <v,x> >= CAP, which has
 *           probability 1/10, and REST elsewhere
 *   cube    x on {0,1}^6, a member's density against the uniform x is 1 + chi_S(x)/2, S = i + 1
 *
 * Examples are drawn by rejection from the null. Expectations of functions of x_0 under the first are integrals over
 * one number, those under the second sums over 64 points. */
#ifndef SB_TESTS_FAVOURED_H
#define SB_TESTS_FAVOURED_H

#include "asked.h"

#include <math.h>

enum { FAVOURED_DIM = 3, FAVOURED_MEMBERS = 20, FAVOURED_BITS = 6, FAVOURED_SETS = 63 };
#define FAVOURED_CAP 1.2815515655446004 /* the upper tenth */
static const double favour = 6, rest = 0.4 / 0.9;

struct favoured {
    bool cube;
    double v[FAVOURED_MEMBERS][FAVOURED_DIM];
    struct sb_candidates candidates;
    struct sb_family family;
    struct cube c; /* what rigs take: family and pool */
};

static inline double favoured_along(const struct favoured *f, uint64_t member, const double *x)
{
    double t = 0;

    for (int j = 0; j < FAVOURED_DIM; j++)
        t += f->v[member][j] * x[j];
    return t;
}

static inline double favoured_weight(const struct favoured *f, uint64_t member,
                                     const struct sb_block *block, uint64_t i)
{
    double x[FAVOURED_DIM];

    if (f->cube)
        return __builtin_parityll(block->bits[i] & (member + 1)) ? 0.5 : 1.5;
    for (int j = 0; j < FAVOURED_DIM; j++)
        x[j] = block->x[j][i];
    return favoured_along(f, member, x) >= FAVOURED_CAP ? favour : rest;
}

/* ---- as a family says it ---- */

static inline void favoured_points(const struct sb_law *law, struct sb_key key, uint64_t stream,
                                   uint64_t start, uint64_t n, const struct sb_points *out)
{
    for (uint32_t j = 0; out->x && j < FAVOURED_DIM; j++)
        sb_random_gauss(key, stream * 64 + j, start, n, out->x[j]);
    if (out->bits)
        sb_random_words(key, stream, start, n, out->bits);
    for (uint64_t i = 0; out->bits && i < n; i++)
        out->bits[i] &= (1 << FAVOURED_BITS) - 1;
    (void)law;
}

static inline void favoured_weights(const struct sb_law *law, const struct sb_block *block,
                                    uint32_t l, double *out)
{
    assert_int_equal(l, 0);
    for (uint64_t i = 0; i < block->n; i++)
        out[i] = law->planted ? favoured_weight(law->self, law->member, block, i) : 1;
}

/* Example i is the first of its points that is taken. */
static inline void favoured_sample(const struct sb_law *law, struct sb_key key, uint64_t start,
                                   uint64_t n, const struct sb_points *out, double *y)
{
    for (uint64_t i = 0; i < n; i++) {
        double x[FAVOURED_DIM], *column[FAVOURED_DIM] = { &x[0], &x[1], &x[2] }, u;
        uint64_t bits;
        const struct sb_points one = { out->bits ? &bits : NULL, out->x ? column : NULL };
        const struct sb_block block = { .n = 1, .bits = &bits, .x = (const double *const *)column };

        for (uint64_t t = 0;; t++) {
            favoured_points(law, key, 2 * t, start + i, 1, &one);
            sb_random_uniform(key, 128 * t + 64, start + i, 1, &u);
            if (!law->planted ||
                u * law->most_weight <= favoured_weight(law->self, law->member, &block, 0))
                break;
        }
        if (out->bits)
            out->bits[i] = bits;
        for (int j = 0; out->x && j < FAVOURED_DIM; j++)
            out->x[j][i] = x[j];
        y[i] = 0;
    }
}

static const struct sb_law_class favoured_law_class = { .points = favoured_points,
                                                        .weights = favoured_weights,
                                                        .sample = favoured_sample };

static inline void favoured_null_law(const struct sb_family *family, struct sb_law *out)
{
    const struct favoured *f = family->self;

    *out = (struct sb_law){ .class = &favoured_law_class,
                            .dim = f->cube ? FAVOURED_BITS : FAVOURED_DIM,
                            .self = f,
                            .moves_x = true,
                            .most_weight = f->cube ? 1.5 : favour,
                            .weight_square =
                                f->cube ? 1.25 : 0.1 * favour * favour + 0.9 * rest * rest };
}

static inline void favoured_law(const struct sb_family *family, uint64_t member, bool clean,
                                struct sb_law *out)
{
    favoured_null_law(family, out);
    out->planted = true;
    out->member = member;
    out->clean = clean;
}

static inline void favoured_candidate(void *self, uint64_t index, const struct sb_block *block,
                                      double *out)
{
    for (uint64_t i = 0; i < block->n; i++)
        out[i] = favoured_weight(self, index, block, i);
}

static inline void favoured_open(struct favoured *f, bool cube)
{
    static const struct sb_family_class class = { .name = "favoured" };
    static const double label[1] = { 0 };
    struct rng r = { 5 };

    *f = (struct favoured){ .cube = cube };
    for (uint64_t i = 0; i < FAVOURED_MEMBERS; i++) {
        double norm = 0;

        for (int j = 0; j < FAVOURED_DIM; j++) {
            f->v[i][j] = 2 * rng_uniform(&r) - 1;
            norm += f->v[i][j] * f->v[i][j];
        }
        for (int j = 0; j < FAVOURED_DIM; j++)
            f->v[i][j] /= sqrt(norm);
    }
    f->candidates = (struct sb_candidates){ .self = f, .label = favoured_candidate };
    f->family =
        (struct sb_family){ .class = &class,
                            .self = f,
                            .space = { .domain = cube ? SB_CUBE : SB_GAUSS,
                                       .dim = cube ? FAVOURED_BITS : FAVOURED_DIM,
                                       .modulus = cube ? 2 : 0,
                                       .n_labels = 1,
                                       .labels = label,
                                       .n_candidates = cube ? FAVOURED_SETS : FAVOURED_MEMBERS,
                                       .candidates = &f->candidates,
                                       .candidate_ub = cube ? 1.5 : favour },
                            .n_members = cube ? FAVOURED_SETS : FAVOURED_MEMBERS,
                            .law = favoured_law,
                            .null_law = favoured_null_law,
                            .lambda_max_ub = INFINITY,
                            .unambiguous_ub = 1 };
    f->family.no_profile = sb_family_no_profile(&f->family);
    assert_null(f->family.no_profile);
    f->c = (struct cube){ .dim = f->family.space.dim, .n = f->family.n_members };
    f->c.family = &f->family;
    f->c.pool = sb_pool_new(&f->family.space);
}

static inline void favoured_close(struct favoured *f)
{
    sb_pool_free(f->c.pool);
}

/* ---- expectations ---- */

/* Pr[the other number is at least CAP], given one number that it has correlation rho with. */
static inline double favoured_above(double rho, double x)
{
    return 0.5 * erfc((FAVOURED_CAP - rho * x) / sqrt(2 * (1 - rho * rho)));
}

typedef double favoured_query(double x);

/* The integral of phi(x) g(x) (rest + (favour - rest) Pr[<v,x> >= CAP | x_0 = x]), by Simpson's rule on pieces between
 * the places where g jumps or bends, whole numbers. */
static inline double favoured_mean(const struct favoured *f, int64_t member, favoured_query *g,
                                   int power)
{
    enum { HALF = 32 };
    const double rho = member == CUBE_NULL ? 0 : f->v[member][0], h = 0.5 / HALF;
    double sum = 0;

    for (int piece = -9; piece < 9; piece++)
        for (int k = 0; k <= 2 * HALF; k++) {
            const double x = piece + k * h, inside = k == 0 ? 1e-13 : k == 2 * HALF ? -1e-13 : 0;
            const double share = k == 0 || k == 2 * HALF ? 1 : k % 2 ? 4 : 2;
            const double v = g(x + inside);
            const double w =
                member == CUBE_NULL ? 1 : rest + (favour - rest) * favoured_above(rho, x);

            sum += share * h / 3 * exp(-x * x / 2) / sqrt(2 * acos(-1.0)) * w *
                   (power == 2 ? v * v : v);
        }
    return sum;
}

/* Pr[<v_i,x> >= CAP and <v_j,x> >= CAP] under the null. */
static inline double favoured_both(const struct favoured *f, uint64_t i, uint64_t j)
{
    enum { STEPS = 4000 };
    const double h = 8.0 / STEPS;
    double rho = 0, sum = 0;

    if (i == j)
        return 0.1;
    for (int k = 0; k < FAVOURED_DIM; k++)
        rho += f->v[i][k] * f->v[j][k];
    for (int k = 0; k <= STEPS; k++) {
        const double x = FAVOURED_CAP + k * h;

        sum += (k == 0 || k == STEPS ? 1
                : k % 2              ? 4
                                     : 2) *
               h / 3 * exp(-x * x / 2) * favoured_above(rho, x);
    }
    return sum / sqrt(2 * acos(-1.0));
}

/* E e^power under a member of the cube, or the null. */
static inline double favoured_sum(const struct favoured *f, int64_t member, sb_expr e, int power)
{
    double sum = 0;

    for (uint64_t x = 0; x < 1 << FAVOURED_BITS; x++) {
        const struct sb_block block = { .n = 1, .bits = &x };
        const double v = cube_eval(&f->c, e, x, 0);
        const double w = member == CUBE_NULL ? 1 : favoured_weight(f, (uint64_t)member, &block, 0);

        sum += w * (power == 2 ? v * v : v);
    }
    return sum / (1 << FAVOURED_BITS);
}

#endif
