/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The law of a labelled example: of a hidden member, with its noise or without, or of the null. All
 * laws of a family share the marginal of x, which is public; or they do not, and what is public is the
 * null's, and weights are densities against it (law.moves_x). Two forms:
 *
 *   product   on the cube, x uniform on {0,1}^dim and, given x, label i with probability
 *             alpha[i] + beta[i] g(x), where
 *                 g(x) = (-1)^|x & chi| [x & pos = pos] [x & neg = 0]
 *             is a product of functions of single coordinates. Parities (g = chi_S), conjunctions
 *             (g = the conjunction) and every null with independent labels (beta = 0) are of this
 *             form, and the exact routes need nothing else.
 *   general   anything that a family can draw: functions. Estimated by enumerating a small cube, or
 *             by Monte Carlo. */
#ifndef SB_ESTIMATE_LAW_H
#define SB_ESTIMATE_LAW_H

#include "numeric/random.h"
#include "query/space.h"

#include <stddef.h>
#include <stdint.h>

struct sb_law;
struct sb_estimate_task;
struct sb_estimate;

/* Room for n <= SB_BLOCK points: bits on the cube, columns x[j] elsewhere; the other is NULL. */
struct sb_points {
    uint64_t *bits;
    double *const *x;
};

struct sb_law_class {
    /* Points start .. start+n-1 of a stream, from the marginal: the same for all laws of a family. */
    void (*points)(const struct sb_law *law, struct sb_key key, uint64_t stream, uint64_t start,
                   uint64_t n, const struct sb_points *out);
    /* out[i] = Pr[label number l | x_i]; the labels are the space's, or those of its labelling, but for
     * what that misses. Of a law that moves x, the density of (x, l) against the public marginal of x, which is
     * this times the likelihood ratio of x: sums over l have mean 1 there, and are at most most_weight. NULL:
     * real labels, or no density; nothing is known. */
    void (*weights)(const struct sb_law *law, const struct sb_block *block, uint32_t l,
                    double *out);
    /* Examples start .. start+n-1 of the i.i.d. sample with this key. */
    void (*sample)(const struct sb_law *law, struct sb_key key, uint64_t start, uint64_t n,
                   const struct sb_points *out, double *y);

    /* Of real labels: y[i] at the points x_i of the block, which somebody chose; examples start ..
     * start+n-1 with this key, where the law is random given x. NULL: not known, and labels are granted
     * where there is a set of them alone. */
    void (*labels)(const struct sb_law *law, struct sb_key key, uint64_t start,
                   const struct sb_block *block, double *y);
    /* The family's own exact route, tried before the others (estimate/estimate.h): 0, a negative errno,
     * or 1 where it does not apply, which is to depend on the query alone. NULL: none. */
    int (*expectation)(const struct sb_estimate_task *task, struct sb_estimate *out);

    /* x is standard Gaussian: what depends on one projection of it and not on the label has an
     * expectation that needs nothing more of the law. */
    bool gaussian;
    /* Of such x: given that the projection <u,x> on the unit vector u (dim numbers) is t[i], label
     * number l has probability out[i]. NULL: not known. */
    void (*given)(const struct sb_law *law, const double *u, uint32_t l, uint64_t n,
                  const double *t, double *out);
    /* Between which points these probabilities are smooth as functions of t, at the scale of the gap
     * between the points or of 1, whichever is less: where they jump or are steep. Increasing, at
     * most SB_LAW_CUTS; returns how many. NULL where given is. */
    size_t (*cuts)(const struct sb_law *law, const double *u, double out[]);

    /* These functions may be called from one thread only. */
    bool one_thread;
};
enum { SB_LAW_CUTS = 64 };

struct sb_law {
    const struct sb_law_class *class; /* NULL: the product form */
    uint32_t dim;                     /* on the cube 1..63 */
    /* general: what the class's functions need to know whose law this is */
    const void *self; /* borrowed from the family */
    uint64_t member;
    bool planted, clean; /* planted: of the member, else of the null; clean: without noise */
    /* x has another law under each member; of the null, too, so that routes are the same. Then weights sum to at
     * most most_weight >= 1 at every x, under every law of the family; where there are none, infinity. Such a law
     * says nothing of `gaussian`. */
    bool moves_x;
    double most_weight;
    /* At least E w^2 over the public marginal, w the sum of the weights: 1 + chi^2, under every law of the family.
     * 0: not known; most_weight is true of it, too, for E w = 1. */
    double weight_square;
    /* product */
    double label[2];          /* increasing */
    double alpha[2], beta[2]; /* alpha sums to 1, beta to 0 */
    uint64_t chi, pos, neg;   /* disjoint from one another */
};

/* At least E w^2 of a law that moves x, w the sum of its weights at a point of the public marginal. */
static inline double sb_law_weight_square(const struct sb_law *law)
{
    const double w = law->weight_square, most = law->most_weight;

    return w > 0 && w < most ? w : most;
}

/* May its functions be called from one thread only? */
static inline bool sb_law_wants_one_thread(const struct sb_law *law)
{
    return law->class && law->class->one_thread;
}

/* The product form's g at one point. */
double sb_law_g(const struct sb_law *law, uint64_t x);

/* As the functions of a class, for laws of both forms. */
void sb_law_points(const struct sb_law *law, struct sb_key key, uint64_t stream, uint64_t start,
                   uint64_t n, const struct sb_points *out);
void sb_law_weights(const struct sb_law *law, const struct sb_block *block, uint32_t l,
                    double *out);
void sb_law_sample(const struct sb_law *law, struct sb_key key, uint64_t start, uint64_t n,
                   const struct sb_points *out, double *y);

#endif
