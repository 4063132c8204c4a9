/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A query's profile: its expectation under every member of a family at once, and of its square under
 * the variance rule. What the adversaries of the proofs look at, and how a predictor's loss is had under
 * every survivor. */
#ifndef SB_ESTIMATE_PROFILE_H
#define SB_ESTIMATE_PROFILE_H

#include "base/fuse.h"
#include "estimate/family.h"

/* Members that are not listed share one value: a character of a parity family has value 0 but under one
 * member, and that takes no table of 2^dim. The arrays are the profile's and are used again by the next
 * one. */
struct sb_profile {
    double half_width;        /* of every value and second moment, all members together */
    uint32_t method;          /* enum sb_method */
    uint64_t samples;         /* examples drawn; 0: surely true */
    double base, base_second; /* of members that are not listed */
    uint64_t n;               /* listed */
    uint64_t *member;         /* n, increasing; NULL: all of them, in order */
    double *value, *second;   /* n; second: E_i[f^2], NULL where it was not asked for */

    /* 2 n_members numbers at least that whoever reads a profile may write to; where a callback's values
     * over the whole domain go, label l and point x at [l * 2^dim + x], before they become a profile. */
    double *scratch;
    uint64_t cap_scratch, cap_member, cap_value, cap_second;
    uint64_t *member_room;
    double *second_room;
};
void sb_profile_init(struct sb_profile *profile);
void sb_profile_fini(struct sb_profile *profile);
/* profile->scratch for so many numbers. 0, or -ENOMEM with a line that says how much is there. */
int sb_profile_room(struct sb_profile *profile, uint64_t n, struct sb_diag *diag);

struct sb_profile_task {
    const struct sb_family *family;
    struct sb_pool *pool; /* of ... */
    sb_expr expr;         /* ... |expr| <= 1; 0: a callback, whose values are in profile->scratch */
    bool clean;           /* of the laws without noise */
    bool squares;         /* second moments, too */
    /* Where members' values are sampled: to this half-width, but for this probability. */
    double half_width, delta;
    struct sb_key key; /* public */
    uint64_t stream;
    const struct sb_fuse *fuse; /* borrowed, may be NULL */
};
/* 0; SB_REFUSED where it would need too many samples or too large a table; -ETIME, -ENOMEM. Only where
 * family->no_profile is NULL. */
int sb_profile_of(const struct sb_profile_task *task, struct sb_profile *out);

/* Member i's place in a profile's list, or UINT64_MAX: it has the base value. */
uint64_t sb_profile_find(const struct sb_profile *profile, uint64_t i);
double sb_profile_value(const struct sb_profile *profile, uint64_t i);

#endif
