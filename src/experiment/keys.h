/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Digests that name families and cells, beside those of experiment.h. */
#ifndef SB_EXPERIMENT_KEYS_H
#define SB_EXPERIMENT_KEYS_H

#include "experiment/experiment.h"

struct sb_digest sb_family_key(const struct sb_family_class *family,
                               const struct sb_values *values);

/* What draws the hidden member: of this family (its key) in this repeat, under a seed's root (seed.h). */
struct sb_digest sb_secret_of(const struct sb_digest *root, const struct sb_digest *family_key,
                              uint64_t repeat);

#endif
