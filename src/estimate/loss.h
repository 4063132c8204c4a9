/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a loss of a predictor, or of a density, is for a family: to what it and labels are clipped, and in which
 * unit it is measured. The losses themselves are enum sb_loss. */
#ifndef SB_ESTIMATE_LOSS_H
#define SB_ESTIMATE_LOSS_H

#include "estimate/family.h"

struct sb_loss_scale {
    double lo, hi;    /* predictors are clipped to this; it never makes their loss larger */
    bool clips_label; /* real labels are, too: of no others could a loss be certified */
    double unit;      /* losses are divided by it */
    double largest;   /* no loss is larger, so divided */
};
/* NULL with *out filled; or the line that says why what is returned cannot be scored so. */
const char *sb_loss_scale(const struct sb_family *family, enum sb_loss loss,
                          struct sb_loss_scale *out);

/* E y^2 under the null, of clipped labels where they are real: label_square, or of a finite set what its
 * null's law says. NaN: not known. */
double sb_loss_square(const struct sb_family *family);

/* At most so many members has one predictor a loss <= max of: the family's n_good, in its own unit. */
uint64_t sb_loss_n_good(const struct sb_family *family, enum sb_loss loss, double max);

/* "zero-one", "squared", "relative", "total-variation"; NULL and other names: zero-one. */
enum sb_loss sb_loss_named(const char *name);
#define SB_LOSS_OF_DENSITY "total-variation" /* the only one of goal learn, and of no other */
#define SB_LOSS_NAMES "zero-one|squared|relative"

/* The name nearest h among the labels of a set, of two equally near the larger: its number. */
uint32_t sb_loss_nearest(const struct sb_space *space, double h);

#endif
