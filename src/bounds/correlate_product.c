/* SPDX-License-Identifier: GPL-3.0-or-later */
/* K_ij in closed form of laws in product form [theorems.md C0]. With d_i = w_i - w_0, weights of a label
 * given x,
 *     K_ij = sum_l E_x[d_i d_j / w_0],
 * for sum_l w_i = 1; small weights of the null do not cancel in it. d_i = (alpha_i - alpha_0) + beta_i g_i
 * - beta_0 g_0, and 1/w_0, a function of g_0 in {-1,0,1}, is c_0 + c_1 g_0 + c_2 g_0^2. What is left are
 * means of products of g's: products of functions of single coordinates again. */
#include "bounds/correlate_parts.h"

#include <math.h>

struct factor {
    uint64_t chi, pos, neg;
};
struct term {
    double c;
    struct factor g;
};

static const struct factor one = { 0, 0, 0 };

static struct factor factor_of(const struct sb_law *law)
{
    return (struct factor){ law->chi, law->pos, law->neg };
}

static struct factor times(struct factor a, struct factor b)
{
    return (struct factor){ a.chi ^ b.chi, a.pos | b.pos, a.neg | b.neg };
}

/* E_x of it: 0, or +-1 over a power of 2. */
static double mean(struct factor g)
{
    const uint64_t fixed = g.pos | g.neg;
    const double share = ldexp(1, -__builtin_popcountll(fixed));

    if (g.pos & g.neg || g.chi & ~fixed)
        return 0;
    return __builtin_popcountll(g.chi & g.pos) & 1 ? -share : share;
}

/* d_i of label l: three terms. */
static void difference(const struct sb_law *a, const struct sb_law *null, int l, struct term *out)
{
    out[0] = (struct term){ a->alpha[l] - null->alpha[l], one };
    out[1] = (struct term){ a->beta[l], factor_of(a) };
    out[2] = (struct term){ -null->beta[l], factor_of(null) };
}

/* Pr[label l and g_0 = v], v = -1, 0, 1. */
static double mass_where(const struct sb_law *a, const struct sb_law *null, int l, int v)
{
    const struct factor g = factor_of(null), square = times(g, g);
    const struct term at[3] = { { v ? 0 : 1, one }, { v / 2.0, g }, { v ? 0.5 : -1, square } };
    double mass = 0;

    for (int t = 0; t < 3; t++)
        mass += at[t].c *
                (a->alpha[l] * mean(at[t].g) + a->beta[l] * mean(times(at[t].g, factor_of(a))));
    return mass;
}

/* Which values g_0 takes: those that it does not must not enter, however small w_0 would be there. */
static void fill_unreached(const struct sb_law *null, double *inverse)
{
    if (!null->chi)
        inverse[0] = inverse[2];
    if (!(null->pos | null->neg))
        inverse[1] = (inverse[0] + inverse[2]) / 2;
}

/* 1/w_0 of label l as three terms, and the sum of its sizes. Infinity: w_0 is 0 where a or b has mass,
 * but for rounding. */
static double inverse_null(const struct sb_law *a, const struct sb_law *b,
                           const struct sb_law *null, int l, struct term *out)
{
    const struct factor g = factor_of(null);
    double inverse[3];

    for (int v = 0; v < 3; v++)
        out[v] = (struct term){ 0, one };
    for (int v = -1; v <= 1; v++) {
        const double w = null->alpha[l] + null->beta[l] * v;

        inverse[v + 1] = w > 0 ? 1 / w : 0;
        if (!(w > 0) &&
            (mass_where(a, null, l, v) > 0x1p-50 || mass_where(b, null, l, v) > 0x1p-50))
            return INFINITY;
    }
    fill_unreached(null, inverse);
    out[0] = (struct term){ inverse[1], one };
    out[1] = (struct term){ (inverse[2] - inverse[0]) / 2, g };
    out[2] = (struct term){ (inverse[2] + inverse[0]) / 2 - inverse[1], times(g, g) };
    return inverse[0] + inverse[1] + inverse[2];
}

/* c times E |g| at most: what its rounding error is relative to. */
static double size_of(double c, struct factor g)
{
    return fabs(c) * ldexp(1, -__builtin_popcountll(g.pos | g.neg));
}

double sb_product_correlation(const struct sb_law *a, const struct sb_law *b,
                              const struct sb_law *null, double *error_out)
{
    double sum = 0, sizes = 0;

    for (int l = 0; l < 2; l++) {
        struct term da[3], db[3], inverse[3];
        const double scale = inverse_null(a, b, null, l, inverse);

        difference(a, null, l, da);
        difference(b, null, l, db);
        if (isinf(scale)) {
            *error_out = 0;
            return INFINITY;
        }
        for (int s = 0; s < 3; s++)
            for (int t = 0; t < 3; t++) {
                const double c = da[s].c * db[t].c;
                const struct factor g = times(da[s].g, db[t].g);

                if (!(fabs(c) > 0))
                    continue;
                sizes += size_of(c * scale, g);
                for (int v = 0; v < 3; v++)
                    sum += c * inverse[v].c * mean(times(g, inverse[v].g));
            }
    }
    /* at most 54 terms, each of fewer than 10 roundings */
    *error_out = sizes * 0x1p-46;
    return sum;
}
