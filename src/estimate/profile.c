/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every member's value of a query: which way to it, and what a profile is kept in. */
#include "estimate/profile.h"

#include "base/memory.h"
#include "estimate/profile_ways.h"
#include "numeric/table.h"

#include <errno.h>
#include <string.h>

void sb_profile_init(struct sb_profile *profile)
{
    *profile = (struct sb_profile){ 0 };
}

void sb_profile_fini(struct sb_profile *profile)
{
    free(profile->scratch);
    free(profile->value_room);
    free(profile->second_room);
    free(profile->member_room);
    sb_law_table_free(profile->law_table);
    *profile = (struct sb_profile){ 0 };
}

static uint32_t bits_for(uint64_t n)
{
    uint32_t bits = 0;

    while (bits < 63 && UINT64_C(1) << bits < n)
        bits++;
    return bits;
}

/* Room for n numbers; what was there stays. */
static int renew(double **room, uint64_t *cap, uint64_t n, struct sb_diag *diag)
{
    const uint32_t bits = bits_for(n);
    double *fresh;
    int error;

    if (n <= *cap)
        return 0;
    error = sb_table_new(bits, &fresh, diag);
    if (error)
        return error;
    if (*cap)
        memcpy(fresh, *room, *cap * sizeof *fresh);
    free(*room);
    *room = fresh;
    *cap = UINT64_C(1) << bits;
    return 0;
}

int sb_profile_room(struct sb_profile *profile, uint64_t n, struct sb_diag *diag)
{
    return renew(&profile->scratch, &profile->cap_scratch, n, diag);
}

int sb_profile_list(struct sb_profile *profile, uint64_t n, bool named, bool squares)
{
    int error = renew(&profile->value_room, &profile->cap_value, n, NULL);
    uint64_t *members = profile->member_room;

    if (!error && squares)
        error = renew(&profile->second_room, &profile->cap_second, n, NULL);
    if (!error && named) {
        members = sb_grow(members, &profile->cap_member, n, sizeof *members);
        if (members)
            profile->member_room = members;
        else
            error = -ENOMEM;
    }
    profile->n = n;
    profile->member = named ? profile->member_room : NULL;
    profile->value = profile->value_room;
    profile->second = squares ? profile->second_room : NULL;
    return error;
}

int sb_profile_of(const struct sb_profile_task *task, struct sb_profile *out)
{
    static sb_profile_way *const ways[] = { sb_profile_seen,           sb_profile_by_law,
                                            sb_profile_by_direction,   sb_profile_by_lift,
                                            sb_profile_by_lift_sample, sb_profile_by_sample };
    int status = 1;

    out->base = out->base_second = out->half_width = 0;
    out->samples = 0;
    out->refused[0] = '\0';
    for (size_t i = 0; i < SB_COUNT(ways) && status == 1; i++)
        status = ways[i](task, out);
    return status;
}

const char *sb_family_no_profile(const struct sb_family *family)
{
    struct sb_law law;

    if (!sb_space_n_slots(&family->space))
        return "it needs every member's value at once, and labels are real numbers";
    if (family->lifting)
        return family->lifting->base->no_profile;
    if (family->profile)
        return family->n_members <= UINT64_C(1) << SB_PROFILE_MEMBERS_BITS
                   ? NULL
                   : "it needs every member's value at once, which is done for up to 2^24 members";
    if (family->ngca)
        return family->n_members <= UINT64_C(1) << SB_PROFILE_DIRECTIONS_BITS
                   ? NULL
                   : "it needs every member's value at once, which is done for up to 2^20 "
                     "directions";
    if (family->n_members > UINT64_C(1) << SB_PROFILE_SAMPLED_BITS &&
        !sb_profile_has_law_table(family))
        return "it needs every member's value at once, which is done for up to 2^17 members, or on "
               "a finite domain for up to 2^25 members times labels times points";
    family->law(family, 0, false, &law);
    if (!law.class || law.class->weights)
        return NULL;
    return law.moves_x
               ? "it needs every member's value at once, and members have no density against "
                 "the null"
               : "it needs every member's value at once, and the family states no weights "
                 "of labels";
}

uint64_t sb_profile_find(const struct sb_profile *profile, uint64_t i)
{
    uint64_t lo = 0, hi = profile->n;

    if (!profile->member)
        return i;
    while (lo < hi) {
        const uint64_t mid = lo + (hi - lo) / 2;

        if (profile->member[mid] < i)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo < profile->n && profile->member[lo] == i ? lo : UINT64_MAX;
}

double sb_profile_value(const struct sb_profile *profile, uint64_t i)
{
    const uint64_t at = sb_profile_find(profile, i);

    return at == UINT64_MAX ? profile->base : profile->value[at];
}

double sb_profile_second(const struct sb_profile *profile, uint64_t i)
{
    const uint64_t at = sb_profile_find(profile, i);

    return at == UINT64_MAX ? profile->base_second : profile->second[at];
}
