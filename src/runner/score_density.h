/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Scoring a density that a learner returned (goal learn): what it is at public points, an expression or a callback, and
 * from there its distance from the members' laws along their directions (estimate/variation.h). */
#ifndef SB_RUNNER_SCORE_DENSITY_H
#define SB_RUNNER_SCORE_DENSITY_H

#include "estimate/variation.h"
#include "query/callback.h"
#include "query/expr.h"

/* How many points one direction takes, whatever is returned; and of many directions together at most so many points
 * times directions times coordinates, with fewer points where need be. */
enum { SB_DENSITY_POINTS = 1 << 21, SB_DENSITY_FEWER = 1 << 18, SB_DENSITY_WORK_BITS = 34 };

struct sb_density_task {
    const struct sb_family *family;
    struct sb_pool *pool;               /* of ... */
    sb_expr expr;                       /* ... the density; 0: it is ... */
    const struct sb_callback *callback; /* ... this */
    struct sb_key key;                  /* public */
    const struct sb_fuse *fuse;
};
/* h at the points, clipped to [0, most_weight]. 0 with *out to be freed by fini; -ETIME, -ENOMEM; of a callback
 * -ECONNABORTED where the learner's process ended, and SB_RANGE or SB_REFUSED, with a line, where it wrote what is no
 * number or is not a function. */
int sb_density_read(const struct sb_density_task *task, struct sb_stated_density *out,
                    char why[640]);
void sb_density_fini(struct sb_stated_density *density);

/* The distance along one member's direction. */
int sb_density_loss(const struct sb_density_task *task, const struct sb_stated_density *density,
                    uint64_t member, struct sb_variation *out);
/* Along every member's, n_members of them; together they fail with the probability that one does. 1 where they are too
 * many. */
int sb_density_losses(const struct sb_density_task *task, const struct sb_stated_density *density,
                      struct sb_variation *out);
/* The probability that a distance is not within its half-width. */
#define SB_DENSITY_FAILURE 1e-9

#endif
