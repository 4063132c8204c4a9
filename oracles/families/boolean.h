/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What families of functions to {0,1} on the uniform cube have in common that are known by their values alone,
 * such as pseudorandom functions: no noise, a null whose label is a coin that does not look at x, and nothing
 * proven of correlations or of how many members one predictor satisfies. What is small enough is found out
 * from the values (bounds/correlate.h). */
#ifndef SB_FAMILIES_BOOLEAN_H
#define SB_FAMILIES_BOOLEAN_H

#include "oracles/families/families.h"

struct sb_boolean {
    /* out[i] = f_member(bits[i]), 0 or 1; n <= SB_BLOCK points */
    void (*value)(const void *self, uint64_t member, const uint64_t *bits, uint64_t n,
                  uint8_t *out);
    const void *self;
    uint32_t dim;
    uint64_t n_members;
    double ones;                     /* Pr[label 1] under the null, in (0,1) */
    struct sb_candidates candidates; /* made by sb_boolean_init */
};

/* b: all but candidates set; borrowed by *out for its life. Sets the space, the laws, and what is the same for
 * all such families. */
void sb_boolean_init(struct sb_boolean *b, struct sb_family *out);

#endif
