/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Checks of what a family says of its laws at single points: weights, labels, the product form.
 * Nothing here is random but the points of a domain that is too large to go through. */
#include "check/family.h"

#include "base/memory.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#define SUM_TOLERANCE 1e-12 /* far above rounding, far below any noise rate */

enum { TEXT = 160 };

void sb_family_weight(const struct sb_family_subject *s, uint64_t member, uint32_t l,
                      const struct sb_block *block, double *out)
{
    struct sb_law law;

    if (s->plugin->weight) {
        s->plugin->weight(s->self, member, l, block, out);
        return;
    }
    sb_family_law(s->family, (struct sb_hidden){ member != SB_NULL, member }, false, &law);
    sb_law_weights(&law, block, l, out);
}

static bool has_labels(const struct sb_family_subject *s)
{
    return s->family->space.n_labels != 0;
}

/* Calls visit for every block of points, until it returns other than 0. */
static int each_block(struct sb_family_subject *s, uint64_t member,
                      int (*visit)(struct sb_family_subject *s, uint64_t member,
                                   const struct sb_block *block))
{
    struct sb_family_points points;
    int result = sb_family_points_init(&points, s);

    for (uint64_t start = 0; !result && start < points.n; start += SB_BLOCK)
        result = visit(s, member, sb_family_points_at(&points, start));
    sb_family_points_fini(&points);
    return result;
}

/* One check: `visit` at every block and member; ok with the line where all is well. */
static int run(struct sb_check_context *context, const char *skip_without,
               bool (*applies)(const struct sb_family_subject *s),
               int (*visit)(struct sb_family_subject *s, uint64_t member), const char *fine)
{
    struct sb_family_subject s;
    int result = sb_family_subject_init(&s, context);

    if (!result && !applies(&s))
        result = sb_check_skip(context, "%s", skip_without);
    for (size_t i = 0; !result && i < s.n_members; i++)
        result = visit(&s, s.member[i]);
    if (!result)
        result = sb_check_ok(context, "%s: %zu members, %s", fine, s.n_members,
                             s.family->space.domain == SB_CUBE &&
                                     s.family->space.dim <= SB_FAMILY_WHOLE_BITS
                                 ? "every point"
                                 : "4096 points");
    sb_family_subject_fini(&s);
    return result;
}

/* Weights */

static int weigh_block(struct sb_family_subject *s, uint64_t member, const struct sb_block *block)
{
    double w[2][SB_BLOCK];
    char at[TEXT], who[TEXT];

    for (uint32_t l = 0; l < 2; l++)
        sb_family_weight(s, member, l, block, w[l]);
    for (uint64_t i = 0; i < block->n; i++) {
        if (w[0][i] >= 0 && w[1][i] >= 0 && w[0][i] <= 1 && w[1][i] <= 1 &&
            fabs(w[0][i] + w[1][i] - 1) <= SUM_TOLERANCE)
            continue;
        sb_family_point_text(s, block, i, at);
        sb_family_name(s, member, who);
        return sb_check_fail(s->context,
                             "%s at %s: the labels' weights are %.17g and %.17g, sum %.17g", who,
                             at, w[0][i], w[1][i], w[0][i] + w[1][i]);
    }
    return 0;
}

int sb_family_weights_hold(struct sb_family_subject *s, uint64_t member)
{
    return each_block(s, member, weigh_block);
}

int sb_family_check_weights(struct sb_check_context *context)
{
    return run(context, "labels are real numbers", has_labels, sb_family_weights_hold,
               "probabilities everywhere");
}

/* Labels. Noise may depend on x, but where the label function says the upper label that label is at
 * least as likely as anywhere where it says the lower one. */

static int label_member(struct sb_family_subject *s, uint64_t member)
{
    const double *set = s->family->space.labels;
    struct sb_family_points points;
    double least = INFINITY, most = -INFINITY, y[SB_BLOCK], w[SB_BLOCK];
    char least_at[TEXT] = "", most_at[TEXT] = "", who[TEXT];
    int result = sb_family_points_init(&points, s);

    sb_family_name(s, member, who);
    for (uint64_t start = 0; !result && start < points.n; start += SB_BLOCK) {
        const struct sb_block *block = sb_family_points_at(&points, start);

        s->plugin->label(s->self, member, block, y);
        sb_family_weight(s, member, 1, block, w);
        for (uint64_t i = 0; i < block->n && !result; i++) {
            const bool upper = y[i] >= set[1];

            if (!(y[i] >= set[0] && y[i] <= set[0]) && !(upper && y[i] <= set[1]))
                result =
                    sb_check_fail(s->context, "%s: label() wrote %.17g, which is none of %g and %g",
                                  who, y[i], set[0], set[1]);
            if (upper && w[i] < least) {
                least = w[i];
                sb_family_point_text(s, block, i, least_at);
            }
            if (!upper && w[i] > most) {
                most = w[i];
                sb_family_point_text(s, block, i, most_at);
            }
        }
    }
    sb_family_points_fini(&points);
    if (!result && least < most - SUM_TOLERANCE)
        result =
            sb_check_fail(s->context,
                          "%s: label() gives %g at %s, where it has weight %.6g, and %g at %s, "
                          "where %g has weight %.6g",
                          who, set[1], least_at, least, set[0], most_at, set[1], most);
    return result;
}

static bool any_labels(const struct sb_family_subject *s)
{
    return has_labels(s);
}

int sb_family_check_label(struct sb_check_context *context)
{
    return run(context, "labels are real numbers", any_labels, label_member,
               "labels of the set, where the weights are");
}

/* The product form */

static int product_well_formed(struct sb_family_subject *s, uint64_t member, int32_t clean,
                               struct sb_product *p)
{
    const uint64_t all = (UINT64_C(1) << s->family->space.dim) - 1;
    char who[TEXT];

    memset(p, 0, sizeof *p);
    s->plugin->product(s->self, member, clean, p);
    sb_family_name(s, member, who);
    if (!(fabs(p->alpha[0] + p->alpha[1] - 1) <= SUM_TOLERANCE) ||
        !(fabs(p->beta[0] + p->beta[1]) <= SUM_TOLERANCE))
        return sb_check_fail(s->context, "%s: alpha sums to %.17g, beta to %.17g; expected 1 and 0",
                             who, p->alpha[0] + p->alpha[1], p->beta[0] + p->beta[1]);
    if (((p->chi | p->pos | p->neg) & ~all) || (p->chi & p->pos) || (p->chi & p->neg) ||
        (p->pos & p->neg))
        return sb_check_fail(s->context,
                             "%s: the masks chi = %#llx, pos = %#llx, neg = %#llx are not disjoint "
                             "sets of the %u coordinates",
                             who, (unsigned long long)p->chi, (unsigned long long)p->pos,
                             (unsigned long long)p->neg, s->family->space.dim);
    return 0;
}

static double product_weight(const struct sb_product *p, uint32_t l, uint64_t x)
{
    const struct sb_law law = { .chi = p->chi, .pos = p->pos, .neg = p->neg };

    return p->alpha[l] + p->beta[l] * sb_law_g(&law, x);
}

static int product_at(struct sb_family_subject *s, uint64_t member, const struct sb_block *block)
{
    struct sb_product noisy, clean;
    double w[SB_BLOCK], y[SB_BLOCK];
    char at[TEXT], who[TEXT];
    int result = product_well_formed(s, member, 0, &noisy);

    if (!result && member != SB_NULL)
        result = product_well_formed(s, member, 1, &clean);
    if (result)
        return result;
    sb_family_weight(s, member, 1, block, w);
    if (member != SB_NULL)
        s->plugin->label(s->self, member, block, y);
    for (uint64_t i = 0; i < block->n; i++) {
        const double got = product_weight(&noisy, 1, block->bits[i]);
        const double pure = member == SB_NULL ? 0 : product_weight(&clean, 1, block->bits[i]);
        const double sure = member != SB_NULL && y[i] >= s->family->space.labels[1];

        if (fabs(got - w[i]) <= SUM_TOLERANCE && fabs(pure - sure) <= SUM_TOLERANCE)
            continue;
        sb_family_point_text(s, block, i, at);
        sb_family_name(s, member, who);
        if (!(fabs(got - w[i]) <= SUM_TOLERANCE))
            return sb_check_fail(s->context,
                                 "%s at %s: label %g has probability %.17g by product(), %.17g by "
                                 "weight()",
                                 who, at, s->family->space.labels[1], got, w[i]);
        return sb_check_fail(s->context,
                             "%s at %s: label %g has probability %.17g by the clean product(), and "
                             "label() says %g",
                             who, at, s->family->space.labels[1], pure, y[i]);
    }
    return 0;
}

int sb_family_product_holds(struct sb_family_subject *s, uint64_t member)
{
    return s->plugin->product ? each_block(s, member, product_at) : 0;
}

static bool has_product(const struct sb_family_subject *s)
{
    return s->plugin->product != NULL;
}

int sb_family_check_product(struct sb_check_context *context)
{
    return run(context, "there is no product form", has_product, sb_family_product_holds,
               "as weights and labels");
}

/* The null */

int sb_family_check_null(struct sb_check_context *context)
{
    struct sb_family_subject s;
    int result = sb_family_subject_init(&s, context);

    if (!result && !has_labels(&s))
        result = sb_check_skip(context, "labels are real numbers");
    if (!result)
        result = sb_family_weights_hold(&s, SB_NULL);
    if (!result)
        result = sb_family_product_holds(&s, SB_NULL);
    if (!result && s.plugin->sample)
        result = sb_family_labels_hold(&s, SB_NULL, 1);
    if (!result && s.plugin->sample)
        result =
            sb_check_ok(context, "as it says; a false alarm had probability %g", SB_FAMILY_ALARM);
    else if (!result)
        result = sb_check_ok(context, "as it says; statbed draws its examples");
    sb_family_subject_fini(&s);
    return result;
}
