/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Correlations of members whose laws are given by weights: K = mean over x of v(x) v(x)', where
 * v_(i,l)(x) = (w_i(l|x) - w_0(l|x)) / sqrt(w_0(l|x)) [theorems.md C0], at every point of a small finite
 * domain or at drawn ones. */
#include "bounds/correlate_parts.h"

#include "base/memory.h"

#include <errno.h>
#include <math.h>
#include <string.h>

struct work {
    struct sb_gram *gram;
    struct sb_point_room room;
    double *w;      /* m x SB_BLOCK: v of one label */
    double *turned; /* SB_BLOCK x m */
    double *first;  /* n_labels */
    double null[SB_BLOCK];
    bool started;
};

static uint64_t member_of(const struct sb_gram *g, size_t a)
{
    return g->member ? g->member[a] : a;
}

/* K_ab += sum over points of v_a v_b, for b <= a. */
static void add_products(struct work *s, size_t n)
{
    const size_t m = s->gram->m;

    for (size_t a = 0; a < m; a++)
        for (size_t i = 0; i < SB_BLOCK; i++)
            s->turned[i * m + a] = i < n ? s->w[a * SB_BLOCK + i] : 0;
    for (size_t i = 0; i < n; i += 4)
        for (size_t a = 0; a < m; a++) {
            const double *const p0 = s->turned + i * m, *const p1 = p0 + m, *const p2 = p1 + m,
                                *const p3 = p2 + m;
            const double c0 = p0[a], c1 = p1[a], c2 = p2[a], c3 = p3[a];
            double *restrict row = s->gram->K + a * m;

            for (size_t b = 0; b <= a; b++)
                row[b] += (c0 * p0[b] + c1 * p1[b]) + (c2 * p2[b] + c3 * p3[b]);
        }
}

/* The null's weights of a block; how they look so far. */
static void see_null(struct work *s, uint32_t l)
{
    const struct sb_block *block = &s->room.block;
    struct sb_gram *g = s->gram;
    struct sb_law law;

    g->family->null_law(g->family, &law);
    sb_law_weights(&law, block, l, s->null);
    if (!s->started)
        s->first[l] = s->null[0];
    for (uint64_t i = 0; i < block->n; i++) {
        g->null_is_constant &= !(s->null[i] < s->first[l]) && !(s->null[i] > s->first[l]);
        if (s->null[i] > 0)
            g->least_null = fmin(g->least_null, s->null[i]);
    }
}

static void add_label(struct work *s, uint32_t l)
{
    const struct sb_block *block = &s->room.block;
    struct sb_gram *g = s->gram;

    see_null(s, l);
    for (size_t a = 0; a < g->m; a++) {
        double *w = s->w + a * SB_BLOCK;
        struct sb_law law;

        g->family->law(g->family, member_of(g, a), false, &law);
        sb_law_weights(&law, block, l, w);
        for (uint64_t i = 0; i < block->n; i++) {
            g->infinite |= !(s->null[i] > 0) && w[i] > 0;
            w[i] = s->null[i] > 0 ? (w[i] - s->null[i]) / sqrt(s->null[i]) : 0;
        }
    }
    add_products(s, block->n);
}

static void next_block(struct work *s, uint64_t start, uint64_t n)
{
    const struct sb_gram *g = s->gram;
    struct sb_law law;

    if (!g->n_points) {
        sb_point_room_domain(&s->room, start, n);
        return;
    }
    g->family->null_law(g->family, &law);
    sb_point_room_draw(&s->room, &law, sb_key_derive("correlation points", "", 0), 0, start, n);
}

/* The sums become means; each of N products and as many additions, at any order, by Cauchy and Schwarz at
 * most (N + 10) u max K_ii off. */
static void finish(struct sb_gram *g, uint64_t n_points)
{
    double most = 0;

    for (size_t a = 0; a < g->m; a++)
        for (size_t b = 0; b <= a; b++) {
            g->K[a * g->m + b] /= (double)n_points;
            g->K[b * g->m + a] = g->K[a * g->m + b];
        }
    for (size_t a = 0; a < g->m; a++)
        most = fmax(most, g->K[a * g->m + a]);
    g->error = ((double)g->family->space.n_labels * (double)n_points + 16) * 0x1p-52 * most;
}

int sb_gram_compute(struct sb_gram *g)
{
    const uint64_t n = g->n_points ? g->n_points : sb_space_size(&g->family->space);
    const uint32_t n_labels = (uint32_t)g->family->space.n_labels;
    struct work s = { .gram = g };
    int error = sb_point_room_init(&s.room, &g->family->space);

    s.w = SB_NEW_ARRAY(double, g->m *SB_BLOCK);
    s.turned = SB_NEW_ARRAY(double, g->m *SB_BLOCK);
    s.first = SB_NEW_ARRAY(double, n_labels);
    if (!s.w || !s.turned || !s.first)
        error = -ENOMEM;
    memset(g->K, 0, g->m * g->m * sizeof *g->K);
    g->least_null = 1;
    g->null_is_constant = true;
    g->infinite = false;
    for (uint64_t start = 0; !error && start < n && !g->infinite; start += SB_BLOCK) {
        next_block(&s, start, n - start < SB_BLOCK ? n - start : SB_BLOCK);
        for (uint32_t l = 0; l < n_labels; l++)
            add_label(&s, l);
        s.started = true;
    }
    if (!error)
        finish(g, n);
    sb_point_room_fini(&s.room);
    free(s.w);
    free(s.turned);
    free(s.first);
    return error;
}
