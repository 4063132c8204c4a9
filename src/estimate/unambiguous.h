/* SPDX-License-Identifier: GPL-3.0-or-later */
/* u = min over members i of Pr[no other member's label at x is within SB_AGREE of f_i(x)]: how much of the
 * examples gives the secret away. Learners that ask for bits of the agreeing member's number succeed by
 * ceil(log2 N) queries of any tolerance below u/2 [VW19; theorems.md S0-1.1a]. */
#ifndef SB_ESTIMATE_UNAMBIGUOUS_H
#define SB_ESTIMATE_UNAMBIGUOUS_H

#include "estimate/family.h"

struct sb_unambiguous {
    double lb, ub;    /* u is in [lb, ub] */
    double estimate;  /* NaN: none */
    double failure;   /* probability that it is not in there; 0 where nothing was sampled */
    uint64_t samples; /* points */
};

/* What the family knows. Of lifts what the base's says where n <= m, and Pr[n > m] times what a sample of points
 * with n > m says; of others of up to SB_AGREEING_MOST members,
 * as many points of a fixed key as `budget` labels are, between 32 and 4096: all members' labels at each, and
 * Clopper and Pearson's interval [CP34] at the least count, with failure 1e-6 over all members. [0,1] where
 * that does not suffice. 0 or -ENOMEM. */
int sb_unambiguous(const struct sb_family *family, uint64_t budget, struct sb_unambiguous *out);

/* The same as facts `unambiguous`, `unambiguous_lb` and `unambiguous_ub` of families with real labels, at a
 * budget that `show` and each run can afford. How many. */
size_t sb_unambiguous_facts(const struct sb_family *family, struct sb_fact *out, size_t most);

/* p in [lb, ub] but for probability `failure`, having seen k of n; rounded outward. */
void sb_clopper_pearson(uint64_t n, uint64_t k, double failure, double *lb_out, double *ub_out);

#endif
