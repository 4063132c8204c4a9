/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A query's profile: its expectation under every member of a family at once, and of its square under
 * the variance rule. What the adversaries of the proofs look at, and how a predictor's loss is had under
 * every survivor. Five ways:
 *
 *   family->profile   on the cube, from the values of the query where the few linear forms or coordinates
 *                     that it sees vary (at most 24 of them): one transform.
 *   the laws' weights on a finite domain: kept, where members x labels x points is at most 2^SB_PROFILE_LAW_BITS,
 *                     and a query is a pass of multiply-adds over them; made anew for each query where there
 *                     are more, up to 2^24 points, if that is less work than a sample.
 *   the base's        of a lifted family, from the query as one of the base's (profile_by_lift.c).
 *   inner products    of the query's directions with the members', where a direction is hidden
 *                     (profile_by_direction.c).
 *   a sample          anywhere else, where labels are finite and members few: one sample of public points
 *                     whose size is fixed before it is drawn, by Hoeffding's inequality and a union
 *                     bound over the members and their moments [Hoeffding63, Theorem 2].
 */
#ifndef SB_ESTIMATE_PROFILE_H
#define SB_ESTIMATE_PROFILE_H

#include "base/fuse.h"
#include "estimate/family.h"
#include "query/callback.h"
#include "query/expr.h"

/* Members that are not listed share one value: a character of a parity family has value 0 but under one
 * member, and that takes no table of 2^dim. The arrays are the profile's and are used again by the next
 * one. */
struct sb_profile {
    double half_width;        /* of every value and second moment, all members together */
    uint32_t method;          /* enum sb_method */
    uint64_t samples;         /* points drawn; 0: none, and all is surely true */
    double base, base_second; /* of members that are not listed */
    uint64_t n;               /* listed */
    uint64_t *member;         /* n, increasing; NULL: all of them, in order */
    double *value, *second;   /* n; second: E_i[f^2], NULL where it was not asked for */
    char refused[576];        /* the public line, where sb_profile_of returned SB_REFUSED */

    /* Whoever reads a profile may ask for room here and write to it; where a callback's values over the
     * whole domain go, label l and point x at [l * sb_space_size + x], before they become a profile. */
    double *scratch;
    uint64_t cap_scratch, cap_member, cap_value, cap_second;
    uint64_t *member_room;
    double *value_room, *second_room;
    struct sb_law_table *law_table; /* profile_by_law.c */
};
void sb_profile_init(struct sb_profile *profile);
void sb_profile_fini(struct sb_profile *profile);
/* profile->scratch for so many numbers; what was there stays. 0, or -ENOMEM with a line that says how much is there. */
int sb_profile_room(struct sb_profile *profile, uint64_t n, struct sb_diag *diag);
/* For those who fill a profile: values, and second moments where wanted, of n members that are to be
 * named in `member`, or of all where they are not; nothing is filled in. 0 or -ENOMEM. */
int sb_profile_list(struct sb_profile *profile, uint64_t n, bool named, bool squares);

struct sb_profile_task {
    const struct sb_family *family;
    struct sb_pool *pool; /* of ... */
    sb_expr expr;         /* ... the query; 0: a callback, whose values over the whole domain
                             (sb_public_whole_domain) are in profile->scratch; elsewhere it is ... */
    const struct sb_callback *callback; /* ... this */
    bool without_label;                 /* the callback is g(x), and y g(x) is meant */
    double lipschitz;                   /* the callback's limit (estimate/public_points.h) */
    double lo, hi;                      /* the query's range, within [-1,1] */
    bool clean;                         /* of the laws without noise */
    bool squares;                       /* second moments, too */
    uint32_t most_bits; /* tables and lists of at most 2^most_bits numbers, or refused; 0: any */
    /* Where members' values are sampled: to this half-width, but for this probability. */
    double half_width, delta;
    struct sb_key key; /* public */
    uint64_t stream;
    const struct sb_fuse *fuse; /* borrowed, may be NULL */
};
/* 0; SB_REFUSED with out->refused where it would need too many samples; the same or SB_RANGE where a
 * callback breaks its promise at a sampled point; -ETIME, -ECONNABORTED, -ENOMEM. Only where
 * family->no_profile is NULL. */
int sb_profile_of(const struct sb_profile_task *task, struct sb_profile *out);

/* Member i's place in a profile's list, or UINT64_MAX: it has the base value. */
uint64_t sb_profile_find(const struct sb_profile *profile, uint64_t i);
double sb_profile_value(const struct sb_profile *profile, uint64_t i);
double sb_profile_second(const struct sb_profile *profile, uint64_t i);

/* Caps. */
enum {
    SB_PROFILE_MEMBERS_BITS = 24,    /* of a family that makes profiles itself */
    SB_PROFILE_DIRECTIONS_BITS = 20, /* directions */
    SB_PROFILE_SAMPLED_BITS = 17,    /* members whose values are sampled */
    SB_PROFILE_LAW_BITS = 25,        /* members x labels x points whose weights are kept */
    SB_PROFILE_WORK_BITS = 32 /* members x labels x points whose weights a query asks for: about a
                                     minute, at 10 ns each */
};
/* family->no_profile by what the family is, its other fields filled in: NULL, or the line. */
const char *sb_family_no_profile(const struct sb_family *family);

#endif
