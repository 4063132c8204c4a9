/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Non-Gaussian component analysis: P_v^A has the law A along a hidden unit vector v and N(0, I) across it; the null is
 * N(0, I_d) [DKS17; CLL22]. What every family of that kind shares: its laws, exact expectations, profiles and
 * correlations, all of A (numeric/line.h) and of the directions.
 *
 * Examples have no labels: the label set is {0}. The public marginal of x is the null's; a member's weight at x is the
 * likelihood ratio A(<v,x>)/phi(<v,x>), at most line->ratio_ub. */
#ifndef SB_ESTIMATE_NGCA_H
#define SB_ESTIMATE_NGCA_H

#include "estimate/family.h"
#include "estimate/hermite_excess.h"
#include "numeric/line.h"

struct sb_profile_task;
struct sb_profile;

enum {
    SB_NGCA_DIM = 4096, /* at most */
    SB_NGCA_RANGES = 2,
};

struct sb_ngca {
    const struct sb_line *line; /* borrowed */
    uint32_t dim;
    const double *
        directions; /* n_members rows of dim numbers, unit vectors, public; borrowed. NULL: made one by one: */
    void (*direction)(const struct sb_ngca *ngca, uint64_t member, double *v /* dim */);
    bool sphere;       /* they are independent and uniform on the sphere */
    double overlap_ub; /* at least |<v_i,v_j>|, i != j; 1 where that was not measured */
    double angle;      /* a direction recovers all members within so many radians; 0: unsaid */
    const void *self;  /* the family's own */
    /* made by sb_ngca_init */
    uint64_t n_members;
    struct sb_candidates candidates;
    struct sb_law_class laws;
    struct sb_excesses room, *excesses; /* where the latter points */
    /* the density of rho X + sqrt(1 - rho^2) g over N(0,1)'s as the first n terms of sum_k c_k rho^k h_k, |rho| <= reach;
     * 0: there is no such series. series_error: how far means of functions of size 1 on +-SB_PANEL_END are off */
    struct {
        double reach;
        size_t n;
    } series[SB_NGCA_RANGES];
    double series_error;
};

/* Member's direction, dim numbers. */
void sb_ngca_direction(const struct sb_ngca *ngca, uint64_t member, double *v);

/* <v_i,v_j>, as it is computed; 1 where i = j. */
double sb_ngca_overlap(const struct sb_ngca *ngca, uint64_t i, uint64_t j);
/* K_ij, to *error_out; where the line has a density. */
double sb_ngca_correlation(const struct sb_ngca *ngca, uint64_t i, uint64_t j, double *error_out);
/* What is known of all of them at once, in closed form: a family's `correlations`. */
int sb_ngca_correlations(const struct sb_family *family, struct sb_correlations *out);

/* ngca: all but what this makes set; borrowed by *out for its life, whose n_members is set. Sets the space (SB_GAUSS, label
 * set {0}; candidate i is the likelihood ratio of member i), the laws, public points, profiles, correlations, and
 * out->ngca. */
void sb_ngca_init(struct sb_ngca *ngca, struct sb_family *out);

/* Law's exact route (law.expectation), decided by the query alone and the same for the null: sums of constants times
 *   functions of one projection <u,x>         by A's closed-form law of it, panels cut at kinks,
 *   products of hermite(k_j, x_j)              c_k sqrt(k!/alpha!) v^alpha, k = |alpha|,
 *   clip(lo, hi, c times such a product)       the same with a proven bound of the tail in the half-width. */
int sb_ngca_expectation(const struct sb_estimate_task *task, struct sb_estimate *out);

/* The same queries' profile: every member's value at once, 10^5 directions. A way of estimate/profile.h. */
int sb_profile_by_direction(const struct sb_profile_task *task, struct sb_profile *out);

#endif
