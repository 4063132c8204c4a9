/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The checks that a violated bound would fail (theorems.md K2): success rates against the bound's success
 * probability, and queries asked against the bound's, over the runs of a database. */
#ifndef SB_TESTS_HONESTY_H
#define SB_TESTS_HONESTY_H

#include "harness.h"

/* One grid point's rate: Pr[at least n_success of n_runs] if the bound were the true probability.
 */
struct honesty_point {
    char label[512];
    int64_t n_runs, n_success;
    double success_ub; /* at the whole budget */
    double tail;
};

/* The worst of all grid points of the database, where `spectral` applies, and how many there are.
 * The bound is computed here anew from the run's own columns, at the most queries that its learner
 * may ask: a run that stops early would have been let ask them. Every stored bound that applies is
 * compared with it. False alarm of `tail < 1e-6`: 1e-6 a point. */
size_t honesty_rates(struct sb_store *store, struct honesty_point *worst_out);

/* Runs of `eliminate` whose learner succeeded with fewer queries than the bound allows, or whose
 * played certificate is below 1; and runs that failed with a certificate of 1. */
size_t honesty_played(struct sb_store *store, size_t *n_succeeded_out);

/* Of every run whose `played` applies: what the queries' own rows say of it (the members dropped, kappa),
 * what it states for one hypothesis that at most `right` members accept, that it is no more than is
 * proven, that kappa is within the cap; and, of those that were right on every survivor, asked >= played
 * >= proven. Returns how many runs violate something. */
struct honesty_chain {
    size_t n_runs, n_right; /* looked at; right on every survivor */
};
size_t honesty_chains(struct sb_store *store, struct honesty_chain *out);

#endif
