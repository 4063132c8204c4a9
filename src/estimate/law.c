/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The law of a labelled example: the product form's functions, and the choice of form. */
#include "estimate/law.h"

double sb_law_g(const struct sb_law *law, uint64_t x)
{
    if ((x & law->pos) != law->pos || (x & law->neg) != 0)
        return 0;
    return __builtin_popcountll(x & law->chi) & 1 ? -1 : 1;
}

static double product_weight(const struct sb_law *law, uint32_t l, uint64_t x)
{
    return law->alpha[l] + law->beta[l] * sb_law_g(law, x);
}

static void product_points(const struct sb_law *law, struct sb_key key, uint64_t stream,
                           uint64_t start, uint64_t n, const struct sb_points *out)
{
    const uint64_t all = (UINT64_C(1) << law->dim) - 1;

    sb_random_words(key, stream, start, n, out->bits);
    for (uint64_t i = 0; i < n; i++)
        out->bits[i] &= all;
}

/* Without a branch, which random points would mispredict half of the time: the weights where chi is
 * even and odd, and twice that outside of pos and neg. */
static void product_weights(const struct sb_law *law, const struct sb_block *block, uint32_t l,
                            double *out)
{
    const double a = law->alpha[l], b = law->beta[l];
    const double weight[4] = { a + b * 1, a + b * -1, a + b * 0, a + b * 0 };
    const uint64_t chi = law->chi, pos = law->pos, fixed = law->pos | law->neg;

    for (uint64_t i = 0; i < block->n; i++) {
        const uint64_t x = block->bits[i];
        const unsigned odd = (unsigned)__builtin_parityll(x & chi), outside = (x & fixed) != pos;

        out[i] = weight[outside << 1 | odd];
    }
}

static void product_sample(const struct sb_law *law, struct sb_key key, uint64_t start, uint64_t n,
                           const struct sb_points *out, double *y)
{
    enum { POINTS = 0, LABELS = 1 }; /* streams */

    product_points(law, key, POINTS, start, n, out);
    sb_random_uniform(key, LABELS, start, n, y);
    for (uint64_t i = 0; i < n; i++)
        y[i] = law->label[y[i] < product_weight(law, 0, out->bits[i]) ? 0 : 1];
}

static const struct sb_law_class product = { .points = product_points,
                                             .weights = product_weights,
                                             .sample = product_sample };

static const struct sb_law_class *class_of(const struct sb_law *law)
{
    return law->class ? law->class : &product;
}

void sb_law_points(const struct sb_law *law, struct sb_key key, uint64_t stream, uint64_t start,
                   uint64_t n, const struct sb_points *out)
{
    class_of(law)->points(law, key, stream, start, n, out);
}

void sb_law_weights(const struct sb_law *law, const struct sb_block *block, uint32_t l, double *out)
{
    class_of(law)->weights(law, block, l, out);
}

void sb_law_sample(const struct sb_law *law, struct sb_key key, uint64_t start, uint64_t n,
                   const struct sb_points *out, double *y)
{
    class_of(law)->sample(law, key, start, n, out, y);
}
