/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A pseudorandom function candidate against chosen labels [theorems.md S0-PRF]: the tree of [GGM86] over
 * Goldreich's generator [Goldreich00]. For a secret key of k bits and n input bits,
 *
 *     s := key; for i = 1 .. n: (l, r) := halves of G(s); s := r if x_i else l; the label is s_1
 *     G: {0,1}^k -> {0,1}^(2k), bit = x_a + x_b + x_c + x_d x_e mod 2 of public tuples (a, b, c, d, e)
 *
 * the 2k tuples of distinct places drawn once, from a fixed public key. A candidate at toy sizes: keys of so
 * few bits can be gone through, nothing is proven of this predicate, and as a network it is 3 layers deep for
 * each input bit, not of constant depth.
 *
 * Member number k is the key whose bit j is bit j of k. The null's label is a fair coin. */
#include "base/memory.h"
#include "numeric/network_build.h"
#include "oracles/families/boolean.h"

#include <errno.h>
#include <string.h>

enum { PLACES = 5, MOST_KEY = 63, LANES = 64 };

struct strong_prf {
    struct sb_boolean boolean;
    uint32_t n, k;
    uint8_t tuple[2 * MOST_KEY][PLACES];
};

/* Distinct places, the one after the other among those that are left: a shuffle of 0 .. k-1 that is stopped
 * after five. */
static void draw_tuples(struct strong_prf *f)
{
    const struct sb_key key = sb_key_derive("strong-prf tuples", "", 0);

    for (uint32_t g = 0; g < 2 * f->k; g++) {
        uint8_t left[MOST_KEY];

        for (uint32_t j = 0; j < f->k; j++)
            left[j] = (uint8_t)j;
        for (uint32_t p = 0; p < PLACES; p++) {
            const uint64_t at =
                p + sb_random_below(key, (uint64_t)f->k << 32 | (g * PLACES + p), f->k - p);

            f->tuple[g][p] = left[at];
            left[at] = left[p];
        }
    }
}

/* 64 points at a time: bit i of a word is point i's. x[j]: coordinate j; returns the labels. */
static uint64_t walk(const struct strong_prf *f, uint64_t key, const uint64_t *x)
{
    uint64_t s[MOST_KEY], next[MOST_KEY];

    for (uint32_t j = 0; j < f->k; j++)
        s[j] = key >> j & 1 ? UINT64_MAX : 0;
    for (uint32_t i = 0; i < f->n; i++) {
        for (uint32_t j = 0; j < f->k; j++) {
            const uint8_t *l = f->tuple[j], *r = f->tuple[f->k + j];
            const uint64_t left = s[l[0]] ^ s[l[1]] ^ s[l[2]] ^ (s[l[3]] & s[l[4]]);
            const uint64_t right = s[r[0]] ^ s[r[1]] ^ s[r[2]] ^ (s[r[3]] & s[r[4]]);

            next[j] = left ^ (x[i] & (left ^ right));
        }
        memcpy(s, next, f->k * sizeof *s);
    }
    return s[0];
}

static void strong_value(const void *self, uint64_t member, const uint64_t *bits, uint64_t n,
                         uint8_t *out)
{
    const struct strong_prf *f = self;

    for (uint64_t start = 0; start < n; start += LANES) {
        const uint64_t most = n - start < LANES ? n - start : LANES;
        uint64_t x[63] = { 0 }, y;

        for (uint32_t j = 0; j < f->n; j++)
            for (uint64_t i = 0; i < most; i++)
                x[j] |= (bits[start + i] >> j & 1) << i;
        y = walk(f, member, x);
        for (uint64_t i = 0; i < most; i++)
            out[start + i] = y >> i & 1;
    }
}

static bool strong_recovered(const struct sb_family *family, uint64_t member, const double *value,
                             uint64_t n)
{
    const struct strong_prf *f = family->self;

    if (n != f->k)
        return false;
    for (uint32_t j = 0; j < f->k; j++)
        if (value[j] != (double)(member >> j & 1))
            return false;
    return true;
}

static char *strong_describe(const struct sb_family *family, uint64_t member)
{
    const struct strong_prf *f = family->self;
    struct sb_buf text;

    sb_buf_init(&text);
    sb_buf_puts(&text, "key ");
    for (uint32_t j = 0; j < f->k; j++)
        sb_buf_puts(&text, member >> j & 1 ? "1" : "0");
    if (!sb_buf_str(&text)) {
        sb_buf_fini(&text);
        return NULL;
    }
    return (char *)text.data;
}

/* The network: three layers A, B, C an input bit. Every stage maps [0,1] into [0,1], so that it is at most 1 on
 * the box around the cube. Weights are at most 2, biases at most 3. */

/* A: s_1 .. s_k, values from number s on, x_i .. x_n, from x on, then u = R(s_d + s_e - 1) of every gate */
static void build_products(const struct strong_prf *f, struct sb_build *b, uint32_t s, uint32_t x,
                           uint32_t n_left)
{
    for (uint32_t j = 0; j < f->k; j++)
        sb_build_carry(b, s + j);
    for (uint32_t v = 0; v < n_left; v++)
        sb_build_carry(b, x + v);
    for (uint32_t g = 0; g < 2 * f->k; g++) {
        const struct sb_term pair[2] = { { s + f->tuple[g][3], 1 }, { s + f->tuple[g][4], 1 } };
        const uint32_t unit = sb_build_relu(b, -1, 2, pair);

        sb_build_next(b, 0);
        sb_build_next_of(b, 1, unit);
    }
    sb_build_layer(b);
}

/* B: T = s_a + s_b + s_c + u, 0 <= T <= 4, and T mod 2 = R(T) - 2 R(T-1) + 2 R(T-2) - 2 R(T-3); x behind */
static void build_gates(const struct strong_prf *f, struct sb_build *b, uint32_t n_left)
{
    for (uint32_t g = 0; g < 2 * f->k; g++) {
        const struct sb_term sum[4] = { { f->tuple[g][0], 1 },
                                        { f->tuple[g][1], 1 },
                                        { f->tuple[g][2], 1 },
                                        { f->k + n_left + g, 1 } };
        uint32_t unit[4];

        for (int t = 0; t < 4; t++)
            unit[t] = sb_build_relu(b, -t, 4, sum);
        sb_build_next(b, 0);
        for (int t = 0; t < 4; t++)
            sb_build_next_of(b, t == 0 ? 1 : t == 2 ? 2 : -2, unit[t]);
    }
    for (uint32_t v = 0; v < n_left; v++)
        sb_build_carry(b, f->k + v);
    sb_build_layer(b);
}

/* C: s_j = R(l_j - x_i) + R(r_j + x_i - 1), the first `n_seed` of them; x_(i+1) .. x_n behind */
static void build_choice(const struct strong_prf *f, struct sb_build *b, uint32_t n_seed,
                         uint32_t n_left)
{
    const uint32_t x = 2 * f->k;

    for (uint32_t j = 0; j < n_seed; j++) {
        const struct sb_term left[2] = { { j, 1 }, { x, -1 } };
        const struct sb_term right[2] = { { f->k + j, 1 }, { x, 1 } };
        const uint32_t l = sb_build_relu(b, 0, 2, left), r = sb_build_relu(b, -1, 2, right);

        sb_build_next(b, 0);
        sb_build_next_of(b, 1, l);
        sb_build_next_of(b, 1, r);
    }
    for (uint32_t v = 1; v < n_left; v++)
        sb_build_carry(b, x + v);
    sb_build_layer(b);
}

static int strong_network(const struct sb_family *family, uint64_t member, struct sb_network **out,
                          struct sb_diag *diag)
{
    const struct strong_prf *f = family->self;
    struct sb_build b;
    int error;

    sb_build_init(&b, f->n, diag);
    for (uint32_t j = 0; j < f->k; j++)
        sb_build_sum(&b, (double)(member >> j & 1));
    for (uint32_t i = 0; i < f->n; i++) {
        const uint32_t n_left = f->n - i;

        build_products(f, &b, i ? 0 : f->n, i ? f->k : 0, n_left); /* at first x_1 .. x_n, key */
        build_gates(f, &b, n_left);
        build_choice(f, &b, n_left > 1 ? f->k : 1, n_left);
    }
    error = sb_build_network(&b, 0, out);
    sb_build_fini(&b);
    return error;
}

static int strong_create(const struct sb_values *params, struct sb_family *out,
                         struct sb_diag *diag)
{
    struct strong_prf *f = SB_NEW(struct strong_prf);

    (void)diag;
    if (!f)
        return -ENOMEM;
    f->n = (uint32_t)sb_values_int(params, "dimension");
    f->k = (uint32_t)sb_values_int(params, "key");
    draw_tuples(f);
    f->boolean = (struct sb_boolean){
        .value = strong_value, .self = f, .dim = f->n, .n_members = UINT64_C(1) << f->k, .ones = 0.5
    };
    out->self = f;
    sb_boolean_init(&f->boolean, out);
    out->recovered = strong_recovered;
    out->describe = strong_describe;
    out->network = strong_network;
    return 0;
}

static void strong_destroy(struct sb_family *family)
{
    free(family->self);
}

static const struct sb_param params[] = {
    { "dimension", SB_INT, 0, NULL, "[1,63]", "n, number of coordinates" },
    { "key", SB_INT, 0, "16", "[5,63]", "k, bits of the key" },
    { NULL, 0, 0, NULL, NULL, NULL }
};

const struct sb_family_class sb_family_strong_prf = {
    .name = "strong-prf",
    .summary = "a pseudorandom function candidate: a binary tree over a local generator",
    .source = "[GGM86; Goldreich00; CGKM22, Theorem 5.1]",
    .recover = "the key: k values 0 or 1",
    .params = params,
    .create = strong_create,
    .destroy = strong_destroy,
};
