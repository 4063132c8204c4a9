/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What families of real labels without noise over the standard Gaussian have in common: x ~ N(0, I_d),
 * y = f_i(x). Where no other label function has the same value there, y names i: a member is found among the
 * values of all (candidates' `agreeing`).
 *
 * The null has labels of the members' law that are independent of x: f_J(z), J uniform and z another
 * Gaussian, both drawn anew. D_i is singular to it, so that correlations with it are infinite. */
#ifndef SB_FAMILIES_NOISELESS_H
#define SB_FAMILIES_NOISELESS_H

#include "oracles/families/families.h"

enum {
    SB_NOISELESS_MOST_COORDINATES = 64,
};

struct sb_noiseless {
    /* out[i] = f_member(x_i), a finite number at every point */
    void (*label)(void *self, uint64_t member, const struct sb_block *block, double *out);
    void *self;
    uint32_t dim;
    uint64_t n_members;
    bool generic; /* any two label functions differ with probability 1 */
    bool alike;   /* all members' labels have one law: the null draws those of member 0 */
    struct sb_candidates candidates; /* made by sb_noiseless_init */
};

/* z: all but candidates set; borrowed by *out for its life. Sets the space,
 * the laws, and what is the same for all such families; labels are scored clipped to [-1,1]. */
void sb_noiseless_init(struct sb_noiseless *z, struct sb_family *out);

#endif
