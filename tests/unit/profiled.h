/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every member's value of a query that is given as a table, through the public function. */
#ifndef SB_TESTS_PROFILED_H
#define SB_TESTS_PROFILED_H

#include "estimate/profile.h"

#include <string.h>

/* table: f(x, l) at [l * 2^dim + x], left as it is; out: n_members. */
static inline int profiled(const struct sb_family *family, bool clean, const double *table,
                           double *out, double *half_width_out)
{
    const uint64_t size = UINT64_C(2) << family->space.dim, n = family->n_members;
    const struct sb_profile_task task = { .family = family, .clean = clean };
    struct sb_profile profile;
    int error;

    sb_profile_init(&profile);
    error = sb_profile_room(&profile, size, NULL);
    if (!error) {
        memcpy(profile.scratch, table, size * sizeof *table);
        error = sb_profile_of(&task, &profile);
    }
    for (uint64_t i = 0; i < n && !error; i++)
        out[i] = sb_profile_value(&profile, i);
    *half_width_out = profile.half_width;
    sb_profile_fini(&profile);
    return error;
}

#endif
