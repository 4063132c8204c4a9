/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Losses, in the family's units. */
#include "estimate/loss.h"

#include <math.h>
#include <string.h>

/* E g under uniform x. */
static double mean_of_g(const struct sb_law *law)
{
    const int n = __builtin_popcountll(law->pos) + __builtin_popcountll(law->neg);

    return law->chi ? 0 : 1 / (double)(UINT64_C(1) << n);
}

double sb_loss_square(const struct sb_family *family)
{
    const struct sb_space *space = &family->space;
    struct sb_law null;
    double sum = 0;

    if (family->label_square > 0)
        return family->label_square;
    if (space->n_labels == 2 && space->labels[0] == -space->labels[1])
        return space->labels[1] * space->labels[1];
    family->null_law(family, &null);
    if (null.class || space->n_labels != 2)
        return NAN;
    for (int l = 0; l < 2; l++)
        sum += null.label[l] * null.label[l] * (null.alpha[l] + null.beta[l] * mean_of_g(&null));
    return sum > 0 ? sum : NAN;
}

static const char *real_labels(const struct sb_family *family, enum sb_loss loss)
{
    if (!(family->label_lo < family->label_hi))
        return "its labels are real numbers of which no range is declared, so that no loss can be "
               "certified; take distinguish or recover";
    if (loss == SB_LOSS_ZERO_ONE)
        return "its labels are real numbers, and no predictor hits one exactly; give loss: squared "
               "or loss: relative";
    return NULL;
}

/* Of a density: it is clipped to what members' densities are at most, and a distance is at most 1. */
static const char *scale_of_density(const struct sb_family *family, struct sb_loss_scale *out)
{
    struct sb_law null;

    if (!family->ngca)
        return "no direction is hidden in its x, along which a distribution could be scored";
    family->null_law(family, &null);
    if (!(null.most_weight < INFINITY))
        return "its members have no density against the null, which is what would be returned";
    *out = (struct sb_loss_scale){ .hi = null.most_weight, .unit = 1, .largest = 1 };
    return NULL;
}

const char *sb_loss_scale(const struct sb_family *family, enum sb_loss loss,
                          struct sb_loss_scale *out)
{
    const struct sb_space *space = &family->space;
    const char *why = space->n_labels ? NULL : real_labels(family, loss);
    double width;

    if (loss == SB_LOSS_VARIATION)
        return scale_of_density(family, out);
    if (sb_space_is_unlabelled(space))
        return "its examples have no labels, so that there is nothing to predict";
    if (why)
        return why;
    *out = (struct sb_loss_scale){ .lo = space->n_labels ? space->labels[0] : family->label_lo,
                                   .hi = space->n_labels ? space->labels[space->n_labels - 1]
                                                         : family->label_hi,
                                   .clips_label = !space->n_labels,
                                   .unit = 1 };
    if (loss == SB_LOSS_RELATIVE)
        out->unit = sb_loss_square(family);
    if (!(out->unit > 0))
        return "the mean square of its labels under the null is not known, which loss: relative "
               "divides by; give loss: squared";
    width = out->hi - out->lo;
    out->largest = loss == SB_LOSS_ZERO_ONE ? 1 : width * width / out->unit;
    return NULL;
}

uint64_t sb_loss_n_good(const struct sb_family *family, enum sb_loss loss, double max)
{
    if (loss != SB_LOSS_RELATIVE)
        return family->n_good(family, loss, max);
    max *= sb_loss_square(family) * (1 + 0x1p-50);
    return isnan(max) ? family->n_members : family->n_good(family, SB_LOSS_SQUARED, max);
}

enum sb_loss sb_loss_named(const char *name)
{
    if (name && strcmp(name, "squared") == 0)
        return SB_LOSS_SQUARED;
    if (name && strcmp(name, SB_LOSS_OF_DENSITY) == 0)
        return SB_LOSS_VARIATION;
    return name && strcmp(name, "relative") == 0 ? SB_LOSS_RELATIVE : SB_LOSS_ZERO_ONE;
}

uint32_t sb_loss_nearest(const struct sb_space *space, double h)
{
    uint32_t nearest = 0;

    for (uint32_t i = 0; i + 1 < space->n_labels; i++)
        nearest += h >= space->labels[i] + (space->labels[i + 1] - space->labels[i]) / 2;
    return nearest;
}
