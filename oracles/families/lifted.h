/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The family `lifted`, its parts: the base family, and the laws. */
#ifndef SB_FAMILIES_LIFTED_H
#define SB_FAMILIES_LIFTED_H

#include "estimate/family.h"
#include "numeric/lift.h"
#include "numeric/lift_sum.h"

enum {
    SB_LIFTED_COORDINATES = 63, /* of the base, at most */
    SB_LIFTED_LABELS = 64,
    SB_LIFTED_PIECE = 128, /* points that the base is shown at once: their cells fit on the stack */
    SB_LIFTED_PADDED = 4095 /* coordinates with padding, at most */
};

struct sb_lifted {
    struct sb_lifting lifting; /* base and lift, below */
    struct sb_values base_values;
    struct sb_family *base;
    struct sb_lift lift;
    struct sb_lift_sum sum;        /* of all coordinates, as far as the lift's rule goes */
    double null[SB_LIFTED_LABELS]; /* Pr[label number l] under the base's null */
    struct sb_labelling labelling;
    struct sb_candidates candidates;
};

/* lifted_base.c: makes the base family that the parameters name, of those among them that it has, without noise.
 * 0, -ENOMEM, or -EINVAL with a line. */
int sb_lifted_base(const struct sb_values *params, const struct sb_family_class *not_this,
                   struct sb_lifted *out, struct sb_diag *diag);

/* Some points of a block, and where they lie: in the base's domain. */
struct sb_lifted_piece {
    struct sb_block z, x; /* padding is left out */
    const double *z_column[SB_LIFTED_COORDINATES], *x_column[SB_LIFTED_COORDINATES];
    double cell[SB_LIFTED_COORDINATES][SB_LIFTED_PIECE];
    uint64_t bits[SB_LIFTED_PIECE];
};
/* The points from number `start` on, at most SB_LIFTED_PIECE. */
void sb_lifted_cut(const struct sb_lifted *f, const struct sb_block *block, uint64_t start,
                   struct sb_lifted_piece *out);

/* lifted_agreeing.c: the candidates' `agreeing`. */
void sb_lifted_agreeing(void *self, const struct sb_block *block, uint64_t *out);

/* lifted_law.c: what the candidates and the labelling are made of, and the laws. `self` is a struct sb_lifted. */
void sb_lifted_label(void *self, uint64_t index, const struct sb_block *block, double *out);
void sb_lifted_number(void *self, uint32_t l, const struct sb_block *block, double *out);
void sb_lifted_law(const struct sb_family *family, uint64_t member, bool clean, struct sb_law *out);
void sb_lifted_null_law(const struct sb_family *family, struct sb_law *out);

/* lifted_network.c: the network of a member, and is there one over this base? */
bool sb_lifted_has_network(const struct sb_lifted *f);
int sb_lifted_network(const struct sb_family *family, uint64_t member, struct sb_network **out,
                      struct sb_diag *diag);

#endif
