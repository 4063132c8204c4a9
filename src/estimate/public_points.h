/* SPDX-License-Identifier: GPL-3.0-or-later */
/* E[callback] under the hidden law and under the null, both in one pass over the same public points,
 * every label in turn, weighed by each law. Nothing but the points goes to the learner, and how many
 * there are depends on public values alone. Two ways:
 *
 *   public-domain   cubes and Z_q^d of up to 2^24 points: all of the domain, exact up to rounding.
 *   public-points   points drawn by a public key after the query was asked, until the half-width of
 *                   public_bets.h is small enough for the worst label at each point; the tolerance
 *                   to reach is the least that any mean allows between the means of the least and
 *                   of the largest label. Some points are asked again: two values at one point are
 *                   no function. Who only passes that test is assumed to be pure.
 *
 * Where labels are a labelling's (query/space.h), a hidden member's may be one that is not listed, with
 * probability at most `miss`: the half-widths of the hidden law are wider by miss (hi - lo), those of the null's
 * are not, and a tolerance that has no room for it is refused before anything is asked of the callback. That
 * the hidden law may be the null itself changes nothing: it would show.
 *
 * Where laws move x (estimate/law.h), what weighs a point is a density of the law against the public marginal, and the
 * half-width is that of moved.h, the same for all of them; that the tolerance of vstat hangs on a mean, which a hidden law
 * may have moved, is allowed for by how far it can be. */
#ifndef SB_ESTIMATE_PUBLIC_POINTS_H
#define SB_ESTIMATE_PUBLIC_POINTS_H

#include "estimate/estimate.h"
#include "query/callback.h"

enum { SB_PUBLIC_HIDDEN = 0, SB_PUBLIC_NULL = 1, SB_PUBLIC_LAWS = 2 };

struct sb_public_task {
    const struct sb_space *space; /* of a finite label set, or of a labelling */
    const struct sb_callback *callback;
    const struct sb_law *law[SB_PUBLIC_LAWS]; /* the hidden one may be NULL on the whole domain */
    double lo, hi;                            /* what the callback may write */
    bool without_label; /* it is g of x alone, and y clipped to [-1,1] times g(x) is estimated */
    double lipschitz;   /* most of |phi(x,y) - phi(x,y')| / |y - y'|; infinity: no limit */
    double *keep;       /* whole domain only: room for every label's values, label l at point x at
                           [l * sb_space_size + x]; NULL: they are not kept */
    struct sb_tolerance tolerance;
    double share, delta; /* delta: for each of the two estimates */
    struct sb_key key;   /* public */
    uint64_t stream;
    const struct sb_fuse *fuse;
};

struct sb_public_result {
    struct sb_estimate estimate[SB_PUBLIC_LAWS];
    uint64_t n_points;
    struct sb_digest digest; /* of name, number of points, every value at its place */
    char message[576];       /* where the query is refused: one public line */
};

/* Are the points of this space the whole domain? */
bool sb_public_whole_domain(const struct sb_space *space);
/* 0; SB_RANGE or SB_REFUSED with result->message; -ETIME, -ECONNABORTED, -ENOMEM. */
int sb_public_points(const struct sb_public_task *task, struct sb_public_result *result);

#endif
