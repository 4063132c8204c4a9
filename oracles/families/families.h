/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The shipped families. */
#ifndef SB_FAMILIES_FAMILIES_H
#define SB_FAMILIES_FAMILIES_H

#include "estimate/profile.h"

extern const struct sb_family_class *const sb_families[]; /* NULL-ended; generated */

#endif
