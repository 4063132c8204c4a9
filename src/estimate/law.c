/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The law of a labelled example on the cube: its sampler. */
#include "estimate/law.h"

double sb_law_g(const struct sb_law *law, uint64_t x)
{
    if ((x & law->pos) != law->pos || (x & law->neg) != 0)
        return 0;
    return __builtin_popcountll(x & law->chi) & 1 ? -1 : 1;
}

void sb_law_sample(const struct sb_law *law, struct sb_key key, uint64_t start, uint64_t n,
                   uint64_t *bits, double *y)
{
    enum { POINTS = 0, LABELS = 1 }; /* streams */
    const uint64_t all = (UINT64_C(1) << law->dim) - 1;

    sb_random_words(key, POINTS, start, n, bits);
    sb_random_uniform(key, LABELS, start, n, y);
    for (uint64_t i = 0; i < n; i++) {
        double first;

        bits[i] &= all;
        first = law->alpha[0] + law->beta[0] * sb_law_g(law, bits[i]);
        y[i] = law->label[y[i] < first ? 0 : 1];
    }
}
