/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The ways to a profile. Each returns 1 where it does not apply, else as sb_profile_of. */
#ifndef SB_ESTIMATE_PROFILE_WAYS_H
#define SB_ESTIMATE_PROFILE_WAYS_H

#include "estimate/estimate.h"
#include "estimate/profile.h"
#include "estimate/public_points.h"

typedef int sb_profile_way(const struct sb_profile_task *task, struct sb_profile *out);
sb_profile_way sb_profile_seen, sb_profile_by_law, sb_profile_by_lift, sb_profile_by_lift_sample,
    sb_profile_by_sample, sb_profile_by_direction;

/* May so many numbers be gone through? */
static inline bool sb_profile_is_cheap(const struct sb_profile_task *task, uint64_t n)
{
    return !task->most_bits || n <= UINT64_C(1) << task->most_bits;
}

/* How many points a sample for this would take; 1e300 where none will do. By public numbers alone. */
double sb_profile_sample_points(const struct sb_profile_task *task);
/* Is the family small enough that the weights of its laws are kept? */
bool sb_profile_has_law_table(const struct sb_family *family);
struct sb_law_table;
void sb_law_table_free(struct sb_law_table *table);

#endif
