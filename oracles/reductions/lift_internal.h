/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reduction lift's own: shared by the files that make it up. x is a point of the base's domain, z one of the
 * lifted family's, thres(z) = x. */
#ifndef SB_REDUCTIONS_LIFT_INTERNAL_H
#define SB_REDUCTIONS_LIFT_INTERNAL_H

#include "estimate/points.h"
#include "numeric/lift.h"
#include "oracles/reductions/reduction.h"
#include "query/eval.h"

/* ---- lift_points.c: from x to z and back ---- */

/* The cells of the coordinates of x: a block's, as columns of numbers. */
struct sb_lift_cells_room {
    double **column; /* dim columns of SB_BLOCK; owned */
};
int sb_lift_cells_room_init(struct sb_lift_cells_room *cells, uint32_t dim);
void sb_lift_cells_room_fini(struct sb_lift_cells_room *cells);
void sb_lift_cells_of(struct sb_lift_cells_room *cells, const struct sb_block *x);

/* The points z of one draw: number start .. start+n-1 of a stream; the padding's, too. */
struct sb_lift_stream {
    const struct sb_lift *lift;
    uint32_t dim; /* of z, padding included */
    struct sb_key key;
    uint64_t stream;
};
/* z given x, and given in addition that z is good (lift_good.c); n <= SB_BLOCK. */
void sb_lift_points(const struct sb_lift_stream *s, uint64_t start, uint64_t n,
                    const struct sb_lift_cells_room *cells, double *const *z);
void sb_lift_good_points(const struct sb_lift_stream *s, uint64_t start, uint64_t n,
                         const struct sb_lift_cells_room *cells, double *const *z);

/* ---- lift_good.c: the good set G of Theorem 2.3, where a label tells f(x) ---- */

/* bulk and dv: all N2(z_j) vanish. edge: that of the last coordinate lies in (1/(2d), 1/d), the others vanish.
 * Pr[z_j is as in G | its cell], for the coordinates before the last and for the last. */
double sb_lift_good_mass(const struct sb_lift *lift, uint32_t cell, bool last);
double sb_lift_good_probability(const struct sb_lift *lift); /* Pr[G] */
/* Pr[G | thres(z) = x], n points. */
void sb_lift_good_masses(const struct sb_lift *lift, const struct sb_lift_cells_room *cells,
                         uint64_t n, double *out);
/* Column j of z given G, from uniform numbers u in [0,1); u and z may be the same. */
void sb_lift_good_column(const struct sb_lift *lift, const double *cell, bool last, uint64_t n,
                         const double *u, double *z);
/* The largest and least error of B for an error of fhat: |B - f| <= this times |fhat - f_lift| on G. */
double sb_lift_good_scale(const struct sb_lift *lift);

/* ---- the reduction itself ---- */

struct sb_lift_query; /* lift_queries.c */
/* n values of room number `room`, from its point `at` on, go to `to`. */
struct sb_lift_piece {
    double *to;
    uint64_t n, at;
    size_t room;
};

struct sb_lift_reduction {
    struct sb_reduction *reduction;
    const struct sb_lift *lift;
    const struct sb_access_class *access;
    struct sb_tolerance granted; /* to the learner */
    struct sb_key query_key, example_key, guess_key, test_key;
    struct sb_key example_law_key; /* of the test's fresh examples */
    const struct sb_fuse *fuse;
    /* queries */
    uint64_t n_x;                  /* points of the base's domain; 0: none can be asked */
    uint64_t n_draws;              /* K: of z for each x and query */
    uint64_t n_asked;              /* Gaussian queries so far */
    struct sb_lift_query *queries; /* those of the last call, whose messages are borrowed; owned */
    size_t n_queries;
    struct sb_point_room room[SB_CALL_BLOCKS]; /* of z */
    struct sb_lift_cells_room cells;
    double *values;              /* SB_CALL_BLOCKS x slots x SB_BLOCK; owned */
    struct sb_lift_piece *piece; /* SB_CALL_BLOCKS x SB_BLOCK; owned */
    double **at_cells, **at_z;   /* scratch: where columns go on; owned */
    /* the weak predictor: its guesses at public points (lift_weak.c) */
    double *guess, *mass; /* SB_LIFT_GUESSES; NULL: there is no predictor */
    /* the test of Theorem 4.1 */
    double gap, label_variance, test_loss;
    uint64_t n_test, n_test_drawn;
    double delta; /* failure probability of it, and of the draws */
};
#define SB_LIFT_GUESSES (UINT64_C(1) << 17)

int sb_lift_ask_many(struct sb_reduction *reduction, const struct sb_ask *asks, size_t n,
                     struct sb_asked *out, struct sb_diag *diag);
void sb_lift_forget_queries(struct sb_lift_reduction *r);
int sb_lift_labels(struct sb_reduction *reduction, uint64_t n, const struct sb_points *points,
                   double *y_out, struct sb_asked *out);
int sb_lift_samples(struct sb_reduction *reduction, uint64_t n, const struct sb_points *points_out,
                    double *y_out, struct sb_asked *out);
int sb_lift_predictor(struct sb_reduction *reduction, const struct sb_callback *predictor,
                      struct sb_hidden hidden);
size_t sb_lift_facts(const struct sb_reduction *reduction, struct sb_hidden hidden,
                     struct sb_fact out[SB_FACTS_MAX]);
/* Fresh test points in the good set that suffice: (2/gap^2) ln(1/delta) [theorems.md S0-T4.1]. */
double sb_lift_test_points(double gap, double delta);

#endif
