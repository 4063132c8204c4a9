/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Brute force over the cube, written from the definitions alone: the members of a family, the value
 * of an expression at a point, expectations in 113-bit arithmetic; and random queries to try. */
#ifndef SB_TESTS_CUBE_H
#define SB_TESTS_CUBE_H

#include "unit.h"

#include "rng.h"

#include "oracles/families/families.h"
#include "query/eval.h"
#include "query/expr.h"
#include "query/reason.h"

#include <math.h>

__extension__ typedef __float128 cube_wide;

/* A family as its page describes it. */
struct cube {
    bool parity, zero_one, negations;
    uint32_t dim, k;
    double noise;
    uint64_t n;          /* members */
    uint64_t *set, *neg; /* n each */
    struct sb_values values;
    struct sb_family *family;
    struct sb_pool *pool;
};

static inline void cube_list(struct cube *c)
{
    const uint64_t size = UINT64_C(1) << c->dim;
    const uint64_t signs = c->negations ? UINT64_C(1) << c->k : 1;

    c->set = calloc(size * signs, sizeof *c->set);
    c->neg = calloc(size * signs, sizeof *c->neg);
    for (uint64_t s = 0; s < size; s++) {
        if ((!c->parity || c->k) && (uint32_t)__builtin_popcountll(s) != c->k)
            continue;
        for (uint64_t w = 0; w < signs; w++, c->n++) {
            uint64_t left = w;

            c->set[c->n] = s;
            for (uint32_t j = 0; j < c->dim; j++)
                if (s >> j & 1) {
                    c->neg[c->n] |= (left & 1) << j;
                    left >>= 1;
                }
        }
    }
}

static inline struct cube cube_new(bool parity, uint32_t dim, uint32_t k, double noise,
                                   bool zero_one, bool negations)
{
    struct cube c = {
        parity, zero_one, negations, dim, k, noise, 0, NULL, NULL, { 0 }, NULL, NULL
    };
    const struct sb_family_class *class = sb_families[0];
    char dim_text[16], k_text[16], noise_text[40];
    struct sb_given given[4] = { { .name = "dimension", .text = dim_text },
                                 { .name = parity ? "sparsity" : "literals", .text = k_text },
                                 { .name = "noise", .text = noise_text },
                                 { .name = "labels", .text = zero_one ? "01" : "pm1" } };
    struct sb_diag diag;

    sb_diag_init(&diag);
    for (size_t i = 0; sb_families[i]; i++)
        if (strcmp(sb_families[i]->name, parity ? "parity" : "conjunction") == 0)
            class = sb_families[i];
    snprintf(dim_text, sizeof dim_text, "%u", dim);
    snprintf(k_text, sizeof k_text, "%u", k);
    snprintf(noise_text, sizeof noise_text, "%.17g", noise);
    if (!parity)
        given[2] = (struct sb_given){ .name = "negations", .text = negations ? "true" : "false" };
    assert_int_equal(sb_values_parse(&class->params, 1, given, parity ? 4 : 3, NULL, 0, "family",
                                     &c.values, &diag),
                     0);
    sb_diag_fini(&diag);
    if (dim <= 12)
        cube_list(&c);
    return c;
}

/* Apart from cube_new, because the family borrows the values where they finally stand. */
static inline void cube_open(struct cube *c)
{
    const struct sb_family_class *class = NULL;
    struct sb_diag diag;

    sb_diag_init(&diag);
    for (size_t i = 0; sb_families[i]; i++)
        if (strcmp(sb_families[i]->name, c->parity ? "parity" : "conjunction") == 0)
            class = sb_families[i];
    assert_int_equal(sb_family_new(class, &c->values, &c->family, &diag), 0);
    sb_diag_fini(&diag);
    c->pool = sb_pool_new(&c->family->space);
    assert_non_null(c->pool);
    if (c->set)
        assert_int_equal(c->family->n_members, c->n);
}

static inline void cube_close(struct cube *c)
{
    sb_pool_free(c->pool);
    sb_family_free(c->family);
    sb_values_fini(&c->values);
    free(c->set);
    free(c->neg);
}

/* the label function of member i */
static inline double cube_label(const struct cube *c, uint64_t i, uint64_t x)
{
    const int odd = __builtin_popcountll(x & c->set[i]) & 1;

    if (!c->parity)
        return ((x ^ c->neg[i]) & c->set[i]) == c->set[i];
    return c->zero_one ? odd : 1 - 2 * odd;
}

enum { CUBE_NULL = -1 };

/* Pr[y | x] under member i, or the null */
static inline cube_wide cube_chance(const struct cube *c, int64_t i, uint64_t x, double y)
{
    const cube_wide half = 0.5, signal = 1 - 2 * c->noise;
    bool same;

    if (i == CUBE_NULL && c->parity)
        return half;
    if (i == CUBE_NULL)
        return y == 1 ? (cube_wide)1 / (1 << c->k) : 1 - (cube_wide)1 / (1 << c->k);
    same = cube_label(c, (uint64_t)i, x) == y;
    if (!c->parity)
        return same;
    return same ? half + half * signal : half - half * signal;
}

static inline double cube_label_set(const struct cube *c, int l)
{
    return l ? 1 : c->parity && !c->zero_one ? -1 : 0;
}

/* K_ij = sum over x and labels of w_i w_j / w_0, over 2^d, less 1: the definition. */
static inline double cube_correlation(const struct cube *c, uint64_t i, uint64_t j)
{
    const uint64_t size = UINT64_C(1) << c->dim;
    cube_wide sum = 0;

    for (uint64_t x = 0; x < size; x++)
        for (int l = 0; l < 2; l++) {
            const double y = cube_label_set(c, l);

            sum += cube_chance(c, (int64_t)i, x, y) * cube_chance(c, (int64_t)j, x, y) /
                   cube_chance(c, CUBE_NULL, x, y);
        }
    return (double)(sum / (cube_wide)size - 1);
}

/* the index of the one member that agrees with (x, y), by trying all */
static inline uint64_t cube_agreeing(const struct cube *c, uint64_t x, double y)
{
    uint64_t found = UINT64_MAX, count = 0;

    for (uint64_t i = 0; i < c->n; i++)
        if (cube_label(c, i, x) == y) {
            found = i;
            count++;
        }
    return count == 1 ? found : UINT64_MAX;
}

static inline double cube_saturate(double v)
{
    return v > 1.7976931348623157e308    ? 1.7976931348623157e308
           : v < -1.7976931348623157e308 ? -1.7976931348623157e308
                                         : v;
}

/* An expression at one point, by query.h. */
static inline double cube_eval(const struct cube *c, sb_expr e, uint64_t x, double y)
{
    const struct sb_node *node = sb_pool_node(c->pool, e);
    const double *num = node->num;
    const double a = node->n_arg > 0 ? cube_eval(c, node->arg[0], x, y) : 0;
    const double b = node->n_arg > 1 ? cube_eval(c, node->arg[1], x, y) : 0;
    double v = 0;

    switch (node->op) {
    case SB_CONST:
        return num[0];
    case SB_Y:
        return y;
    case SB_X:
        return (double)(x >> (uint32_t)num[0] & 1);
    case SB_DOT:
        for (uint32_t j = 0; j < c->dim; j++)
            if (x >> j & 1)
                v += num[j];
        return v;
    case SB_CHI:
        for (uint32_t j = 0; j < node->n_num; j++)
            v += (double)(x >> (uint32_t)num[j] & 1);
        return fmod(v, 2) == 1 ? -1 : 1;
    case SB_CANDIDATE:
        return cube_label(c, (uint64_t)num[0], x);
    case SB_CANDIDATE_BIT: {
        const uint64_t found = cube_agreeing(c, x, y);

        return found == UINT64_MAX ? 0 : (double)(found >> (uint32_t)num[0] & 1);
    }
    case SB_ADD:
        return cube_saturate(a + b);
    case SB_SUB:
        return cube_saturate(a - b);
    case SB_MUL:
        return cube_saturate(a * b);
    case SB_DIV:
        return b == 0 ? 0 : cube_saturate(a / b);
    case SB_NEG:
        return -a;
    case SB_ABS:
        return a < 0 ? -a : a;
    case SB_MIN:
        return a < b ? a : b;
    case SB_MAX:
        return a > b ? a : b;
    case SB_RELU:
        return a > 0 ? a : 0;
    case SB_STEP:
        return a >= 0;
    case SB_LT:
        return a < b;
    case SB_LE:
        return a <= b;
    case SB_EQ:
        return a == b;
    case SB_NEAR:
        return fabs(cube_saturate(a - b)) <= num[0];
    case SB_CLIP:
        return a < num[0] ? num[0] : a > num[1] ? num[1] : a;
    default:
        fail_msg("operator %u has no meaning here", node->op);
        return 0;
    }
}

/* E[e^power] under member i, or the null */
static inline cube_wide cube_mean(const struct cube *c, int64_t i, sb_expr e, int power)
{
    const uint64_t size = UINT64_C(1) << c->dim;
    cube_wide sum = 0;

    for (uint64_t x = 0; x < size; x++)
        for (int l = 0; l < 2; l++) {
            const double y = cube_label_set(c, l);
            const cube_wide v = cube_eval(c, e, x, y);

            sum += cube_chance(c, i, x, y) * (power == 2 ? v * v : v);
        }
    return sum / size;
}

static inline sb_expr cube_op(const struct cube *c, uint32_t op, sb_expr a, sb_expr b)
{
    const sb_expr arg[2] = { a, b };

    return sb_pool_op(c->pool, op, NULL, 0, arg, b ? 2 : 1);
}

static inline sb_expr cube_const(const struct cube *c, double v)
{
    return sb_pool_op(c->pool, SB_CONST, &v, 1, NULL, 0);
}

static inline sb_expr cube_chi(const struct cube *c, uint64_t mask)
{
    double num[64];
    uint64_t n = 0;

    for (uint32_t j = 0; j < c->dim; j++)
        if (mask >> j & 1)
            num[n++] = j;
    return sb_pool_op(c->pool, SB_CHI, num, n, NULL, 0);
}

static inline sb_expr cube_x(const struct cube *c, uint32_t j)
{
    const double num = j;

    return sb_pool_op(c->pool, SB_X, &num, 1, NULL, 0);
}

/* the product of (-1)^(x_2i x_2i+1), i < pairs: bent */
static inline sb_expr cube_bent(const struct cube *c, uint32_t pairs)
{
    const sb_expr one = cube_const(c, 1), two = cube_const(c, 2);
    sb_expr e = one;

    for (uint32_t i = 0; i < pairs; i++) {
        const sb_expr both = cube_op(c, SB_MUL, cube_x(c, 2 * i), cube_x(c, 2 * i + 1));

        e = cube_op(c, SB_MUL, e, cube_op(c, SB_SUB, one, cube_op(c, SB_MUL, two, both)));
    }
    return e;
}

static inline sb_expr cube_random_leaf(const struct cube *c, struct rng *r)
{
    static const double number[] = { 0.5, 0.1, 0.3, -1, 1, 0.7, 1.0 / 3, 2, 0.25, -0.9 };
    double num[64];

    switch (rng_below(r, 8)) {
    case 0:
    case 1:
        return sb_pool_op(c->pool, SB_Y, NULL, 0, NULL, 0);
    case 2:
        return cube_chi(c, rng_next(r));
    case 3:
        return cube_x(c, rng_below(r, c->dim));
    case 4:
        num[0] = (double)(rng_next(r) % c->n);
        return sb_pool_op(c->pool, SB_CANDIDATE, num, 1, NULL, 0);
    case 5:
        num[0] = rng_below(r, 4);
        return sb_pool_op(c->pool, SB_CANDIDATE_BIT, num, 1, NULL, 0);
    case 6:
        for (uint32_t j = 0; j < c->dim; j++)
            num[j] = number[rng_below(r, SB_COUNT(number))];
        return rng_below(r, 2) ? sb_pool_op(c->pool, SB_DOT, num, c->dim, NULL, 0)
                               : cube_bent(c, c->dim / 2);
    default:
        return cube_const(c, number[rng_below(r, SB_COUNT(number))]);
    }
}

static inline sb_expr cube_random(const struct cube *c, struct rng *r, uint32_t depth)
{
    static const uint32_t op[] = {
        SB_ADD, SB_SUB, SB_MUL,  SB_MUL,  SB_MUL, SB_ADD, SB_DIV, SB_NEG,
        SB_ABS, SB_MIN, SB_RELU, SB_STEP, SB_LT,  SB_LE,  SB_EQ,  SB_MAX
    };
    sb_expr a, b;
    uint32_t o;

    if (depth == 0 || rng_below(r, 6) == 0)
        return cube_random_leaf(c, r);
    a = cube_random(c, r, depth - 1);
    b = cube_random(c, r, depth - 1);
    o = op[rng_below(r, SB_COUNT(op))];
    if (rng_below(r, 12) == 0) {
        const double ends[2] = { -0.3, 0.6 }, eps = 0.2;
        const sb_expr pair[2] = { a, b };

        return rng_below(r, 2) ? sb_pool_op(c->pool, SB_CLIP, ends, 2, &a, 1)
                               : sb_pool_op(c->pool, SB_NEAR, &eps, 1, pair, 2);
    }
    return cube_op(c, o, a, o == SB_NEG || o == SB_ABS || o == SB_RELU || o == SB_STEP ? 0 : b);
}

/* A random query, scaled or clipped into [lo, 1] where it is not there. */
static inline sb_expr cube_query(const struct cube *c, struct rng *r, double lo)
{
    const sb_expr e = cube_random(c, r, 1 + rng_below(r, 4));
    const struct sb_interval range = sb_expr_range(c->pool, e);
    const double ends[2] = { lo, 1 };

    if (range.lo >= lo && range.hi <= 1)
        return e;
    if (lo == -1 && range.lo > -16 && range.hi < 16 && rng_below(r, 2))
        return cube_op(c, SB_DIV, e, cube_const(c, rng_below(r, 2) ? 16 : 17));
    return sb_pool_op(c->pool, SB_CLIP, ends, 2, &e, 1);
}

/* Small families of every kind. */
static inline struct cube cube_random_family(struct rng *r, uint32_t most_dim)
{
    static const double noise[] = { 0, 0, 0.25, 0.1, 0.4999 };
    const uint32_t dim = 1 + rng_below(r, most_dim);

    if (rng_below(r, 2))
        return cube_new(true, dim, rng_below(r, 2) ? 0 : 1 + rng_below(r, dim),
                        noise[rng_below(r, 5)], rng_below(r, 2), false);
    return cube_new(false, dim, 1 + rng_below(r, dim), 0, false, rng_below(r, 2) && dim <= 8);
}

#endif
