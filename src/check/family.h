/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The family under check, as its checks share it: loaded, made, with members to look at and points to
 * look at them on. */
#ifndef SB_CHECK_FAMILY_H
#define SB_CHECK_FAMILY_H

#include "check/check.h"
#include "estimate/points.h"
#include "runner/family_plugin.h"

/* Four checks draw at random to judge a claim (null, marginal, sampler, correlations), with this
 * probability of a false alarm each: 1e-6 together. */
#define SB_FAMILY_ALARM 2.5e-7

enum { SB_FAMILY_PICKED = 6, SB_FAMILY_WHOLE_BITS = 12 };

struct sb_family_subject {
    struct sb_check_context *context;
    struct sb_family_so *so;
    struct sb_values values;
    struct sb_family *family;
    const struct sb_family_plugin *plugin;
    void *self; /* what the plugin's functions take */
    struct sb_diag diag;
    uint64_t member[SB_FAMILY_PICKED]; /* the first, the last, some others; all different */
    size_t n_members;
};
/* 0; -EINVAL with the context's line said: a mistake on the command line; a positive enum
 * sb_check_result: said, too, the plugin is none; another negative errno. fini in any case. */
int sb_family_subject_open(struct sb_family_subject *subject, struct sb_check_context *context);
/* The same for checks of what only labelled families say; those that state a law on the line are skipped, and that is said. */
int sb_family_subject_init(struct sb_family_subject *subject, struct sb_check_context *context);
void sb_family_subject_fini(struct sb_family_subject *subject);
/* Up to n different members, into out; how many. */
size_t sb_family_pick(const struct sb_family_subject *subject, const char *purpose, size_t n,
                      uint64_t *out);
/* "the null", or "member 3 (chi(0,1))"; out of 160. */
void sb_family_name(const struct sb_family_subject *subject, uint64_t member, char *out);

/* Points in blocks: on the cube all of them to dimension 12, otherwise 4096 of the marginal. */
struct sb_family_points {
    const struct sb_family_subject *subject;
    struct sb_point_room room;
    uint64_t n;
    bool whole;
};
int sb_family_points_init(struct sb_family_points *p, const struct sb_family_subject *subject);
void sb_family_points_fini(struct sb_family_points *p);
/* The block that begins at point `start`, a multiple of SB_BLOCK; valid until the next call. */
const struct sb_block *sb_family_points_at(struct sb_family_points *p, uint64_t start);
/* Point i of a block in words, as "x = 01101"; out of 160. */
void sb_family_point_text(const struct sb_family_subject *subject, const struct sb_block *block,
                          uint64_t i, char *out);

/* Pr[label l | x] by what the plugin says first: weight, else product. */
void sb_family_weight(const struct sb_family_subject *subject, uint64_t member, uint32_t l,
                      const struct sb_block *block, double *out);
/* Are the weights of the member or null probabilities, and those of the product form where it has
 * both? 0, or failed and said. */
int sb_family_weights_hold(struct sb_family_subject *subject, uint64_t member);
int sb_family_product_holds(struct sb_family_subject *subject, uint64_t member);
/* Does sample() draw labels by the weights, in all of n_laws such tests? 0, or failed and said. */
int sb_family_labels_hold(struct sb_family_subject *subject, uint64_t member, size_t n_laws);

enum { SB_FAMILY_EXAMPLES = 1 << 16, SB_FAMILY_FEATURES = 48 };

/* The suite, one function a check. */
int sb_family_check_descriptor(struct sb_check_context *context);
int sb_family_check_parameters(struct sb_check_context *context);
int sb_family_check_line(struct sb_check_context *context);
int sb_family_check_draws(struct sb_check_context *context);
int sb_family_check_pure(struct sb_check_context *context);
int sb_family_check_weights(struct sb_check_context *context);
int sb_family_check_label(struct sb_check_context *context);
int sb_family_check_product(struct sb_check_context *context);
int sb_family_check_null(struct sb_check_context *context);
int sb_family_check_marginal(struct sb_check_context *context);
int sb_family_check_sampler(struct sb_check_context *context);
int sb_family_check_correlations(struct sb_check_context *context);
int sb_family_check_lambda(struct sb_check_context *context);
int sb_family_check_good(struct sb_check_context *context);
int sb_family_check_scorer(struct sb_check_context *context);
int sb_family_check_describe(struct sb_check_context *context);

#endif
