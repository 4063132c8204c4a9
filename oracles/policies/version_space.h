/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The members still consistent with what was answered, and how one answer changes them: what the
 * adversaries of the proofs share (theorems.md B4, B5).
 *
 * An answer drops every member that it is not surely within tolerance of, so that a survivor had
 * valid answers throughout; those that it is provably out of tolerance for are counted as eliminated.
 * Of members whose value is further than their tolerance from the null's there are at most
 *     lambda_max(K) Var_D0(f) / tolerance^2           STAT, and VSTAT `variance` at tolerance >= 1/t
 *     3 t lambda_max(K)                               VSTAT `bernoulli`
 * [theorems.md C3]; certificates are taken off the tolerance. A count above that cap is a fault of
 * statbed's, or of the family plugin's, and ends the run. */
#ifndef SB_POLICIES_VERSION_SPACE_H
#define SB_POLICIES_VERSION_SPACE_H

#include "oracles/policies/policy.h"

struct sb_version_space {
    const struct sb_family *family;
    struct sb_key key;
    bool worst;         /* finish: worst */
    bool null_live;     /* goal distinguish, and every answer was right for the null */
    uint64_t n, n_live; /* members */
    uint8_t *live;      /* n; NULL: not made */
};
#define SB_VERSION_SPACE_BITS 24 /* at most 2^24 members */

/* NULL, or the line that says why there is none for the family. */
const char *sb_version_space_refuses(const struct sb_family *family);
/* All members live, of a family that is not refused. 0 or -ENOMEM. */
int sb_version_space_new(const struct sb_policy_setup *setup, struct sb_version_space **out);
void sb_version_space_free(struct sb_version_space *space); /* NULL ok */

/* Answers from lo to hi, both with; none where lo > hi. */
struct sb_window {
    double lo, hi;
};
static inline bool sb_window_has(struct sb_window w, double answer)
{
    return w.lo <= answer && answer <= w.hi;
}

/* One query's profile, and which answers are right for whom. */
struct sb_view {
    const struct sb_question *q;
    const struct sb_profile *profile;
    struct sb_window null; /* answers surely within tolerance of the null's value */
    /* the last window made on either side of 0: many members share a value, or share it but for the
     * sign */
    struct sb_view_made {
        double value, second;
        struct sb_window window;
    } made[2];
};
/* Of q, its profile and its null's value. */
struct sb_view sb_view_of(const struct sb_question *q);
/* Members whose value is this near to `answer` have windows that reach at least so far to either side of
 * their value: the answer is surely right for them, and nobody needs to look. Negative: for none. */
double sb_view_sure(const struct sb_view *view, double answer);
/* Answers that are surely right for the member at this place of the profile's list, and for those
 * that are not listed. */
struct sb_window sb_view_inner(struct sb_view *view, uint64_t place);
struct sb_window sb_view_base(const struct sb_view *view);
static inline uint64_t sb_view_member(const struct sb_view *view, uint64_t place)
{
    return view->profile->member ? view->profile->member[place] : place;
}
/* How many live members are not listed. */
uint64_t sb_version_space_unlisted(const struct sb_version_space *space,
                                   const struct sb_view *view);

/* Whose counts an answer's are: of live members only, or of all (E_i is a set of members, and the same
 * at any time of a run). */
enum sb_whom { SB_OF_LIVE, SB_OF_ALL };
/* Drops those that reply->answer is not surely right for, the null too; fills the counts of *reply. 0, or
 * -EFAULT where a count is above its cap. */
int sb_version_space_answer(struct sb_version_space *space, struct sb_view *view, enum sb_whom whom,
                            struct sb_reply *reply, struct sb_diag *diag);

/* For lazy policies, whose state is a version space alone: the certificate of every answer (the
 * profile's), and the methods of the class. create refuses families in the policy's name; finish: the
 * null where nobody is left. */
void sb_version_space_certify(const struct sb_question *q, struct sb_reply *reply);
int sb_version_space_create(const struct sb_policy_setup *setup, const char *policy,
                            void **state_out, struct sb_diag *diag);
const uint8_t *sb_version_space_live(void *state, bool *null_out);
struct sb_hidden sb_version_space_finish(void *state, const double *loss, double null_loss);
void sb_version_space_destroy(void *state);
uint32_t sb_version_space_profiled(const void *state);
#define SB_VERSION_SPACE                                                                           \
    .carries_bound = true, .lazy = true, .null_part = 0.5, .profile_part = 0.5,                    \
    .profiled = sb_version_space_profiled, .live = sb_version_space_live,                          \
    .finish = sb_version_space_finish, .destroy = sb_version_space_destroy
#define SB_FINISH                                                                                  \
    {                                                                                              \
        "finish", SB_TEXT, 0, "random", "random|worst",                                            \
            "which survivor was hidden: one at random, or the worst for what the learner returned" \
    }

#endif
