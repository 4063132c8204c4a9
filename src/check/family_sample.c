/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Checks of a sampler against what the family says of itself, by the means of many bounded functions
 * of an example, its features. Each mean is compared with an empirical-Bernstein radius [MP09,
 * Theorem 4]; the probabilities with which these fail sum to at most SB_FAMILY_ALARM in each check. */
#include "check/family_draw.h"

#include "base/memory.h"
#include "estimate/bernstein.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { TEXT = 160, TERMS = 3 };

/* A function of x to [-1,1]. */
struct feature {
    enum { ONE, PARITY, PATTERN, MEMBER, FORM } kind;
    uint64_t mask, pattern;        /* PARITY, PATTERN: bits of the cube */
    uint64_t member;               /* MEMBER: its label function, as -1 or 1 */
    uint32_t j[TERMS];             /* FORM: which side of a threshold (over Z_q: half of the */
    double sign[TERMS], threshold; /* residues) a signed sum of coordinates lies on */
};

/* Random numbers for features, one after the other. */
struct dice {
    struct sb_key key;
    uint64_t next;
};

static uint64_t throw_dice(struct dice *d, uint64_t sides)
{
    return sb_random_below(d->key, d->next++, sides);
}

static uint64_t some_bits(struct dice *d, uint32_t dim, uint32_t n)
{
    uint64_t mask = 0;

    for (uint32_t k = 0; k < n; k++)
        mask |= UINT64_C(1) << throw_dice(d, dim);
    return mask;
}

static void cube_feature(struct dice *d, uint32_t dim, size_t i, struct feature *f)
{
    if (i % 3 == 2) {
        f->kind = PATTERN;
        f->mask = some_bits(d, dim, 4);
        f->pattern = f->mask & throw_dice(d, UINT64_C(1) << 63);
        return;
    }
    f->kind = PARITY;
    f->mask =
        i % 3 ? some_bits(d, dim, 1 + (uint32_t)throw_dice(d, dim)) : UINT64_C(1) << i / 3 % dim;
}

static void form_feature(struct dice *d, const struct sb_space *space, struct feature *f)
{
    static const double thresholds[] = { -2, -1, -0.5, 0, 0.5, 1, 2 };

    f->kind = FORM;
    for (int k = 0; k < TERMS; k++) {
        f->j[k] = (uint32_t)throw_dice(d, space->dim);
        f->sign[k] = k && throw_dice(d, 2) ? (double)throw_dice(d, 3) - 1 : k == 0;
    }
    f->threshold = thresholds[throw_dice(d, SB_COUNT(thresholds))];
}

static void choose_features(const struct sb_family_subject *s, struct feature *f)
{
    const struct sb_space *space = &s->family->space;
    struct dice d = { sb_check_key(s->context, "features"), 0 };
    size_t i = 0;

    memset(f, 0, SB_FAMILY_FEATURES * sizeof *f);
    f[i++].kind = ONE;
    for (size_t k = 0; space->n_labels && k < s->n_members; k++, i++)
        f[i] = (struct feature){ .kind = MEMBER, .member = s->member[k] };
    for (; i < SB_FAMILY_FEATURES; i++) {
        if (space->domain == SB_CUBE)
            cube_feature(&d, space->dim, i, &f[i]);
        else
            form_feature(&d, space, &f[i]);
    }
}

static double form(const struct feature *f, const struct sb_space *space,
                   const struct sb_block *block, uint64_t i)
{
    double sum = 0, q = space->modulus;

    for (int k = 0; k < TERMS; k++)
        sum += f->sign[k] * block->x[f->j[k]][i];
    if (space->domain == SB_ZQ)
        return sum - q * floor(sum / q) < q / 2 ? 1 : -1;
    return sum <= f->threshold ? 1 : -1;
}

static void evaluate(const struct sb_family_subject *s, const struct feature *f,
                     const struct sb_block *block, double *out)
{
    const struct sb_space *space = &s->family->space;

    if (f->kind == MEMBER)
        s->plugin->label(s->self, f->member, block, out);
    for (uint64_t i = 0; i < block->n; i++)
        switch (f->kind) {
        case ONE:
            out[i] = 1;
            break;
        case PARITY:
            out[i] = __builtin_popcountll(block->bits[i] & f->mask) & 1 ? -1 : 1;
            break;
        case PATTERN:
            out[i] = (block->bits[i] & f->mask) == f->pattern;
            break;
        case MEMBER:
            out[i] = out[i] >= space->labels[1] ? 1 : -1;
            break;
        case FORM:
            out[i] = form(f, space, block, i);
            break;
        }
}

static void feature_text(const struct sb_family_subject *s, const struct feature *f, char *out)
{
    char who[TEXT];

    switch (f->kind) {
    case ONE:
        snprintf(out, TEXT, "1");
        break;
    case PARITY:
        snprintf(out, TEXT, "the parity of the coordinates in the mask %#llx",
                 (unsigned long long)f->mask);
        break;
    case PATTERN:
        snprintf(out, TEXT, "[x & %#llx = %#llx]", (unsigned long long)f->mask,
                 (unsigned long long)f->pattern);
        break;
    case MEMBER:
        sb_family_name(s, f->member, who);
        snprintf(out, TEXT, "the label of %.140s", who);
        break;
    case FORM:
        snprintf(out, TEXT, "the side of a threshold on which %+gx%u %+gx%u %+gx%u lies",
                 f->sign[0], f->j[0], f->sign[1], f->j[1], f->sign[2], f->j[2]);
        break;
    }
}

/* Means of all features under one sampler: of phi(x), and of phi(x) ([y = upper label] - its
 * weight), which is 0 where labels follow the weights, whatever the marginal. */
struct means {
    struct sb_moments plain[SB_FAMILY_FEATURES], label[SB_FAMILY_FEATURES];
};

static void add_block(const struct sb_family_subject *s, const struct feature *f,
                      const struct sb_drawn *d, const double *surprise, struct means *out)
{
    double phi[SB_BLOCK], v[SB_BLOCK], squared[SB_BLOCK];
    const uint64_t n = d->room.block.n;

    for (size_t k = 0; k < SB_FAMILY_FEATURES; k++) {
        evaluate(s, &f[k], &d->room.block, phi);
        for (int label = 0; label < (surprise ? 2 : 1); label++) {
            for (uint64_t i = 0; i < n; i++) {
                v[i] = 1 + (label ? phi[i] * surprise[i] : phi[i]); /* in [0,2] */
                squared[i] = v[i] * v[i];
            }
            sb_moments_add(label ? &out->label[k] : &out->plain[k], v, squared, n);
        }
    }
}

static int draw_block(const struct sb_family_subject *s, uint64_t member, struct sb_key key,
                      uint64_t start, struct sb_drawn *d)
{
    struct sb_law law;

    if (member != SB_DRAW_POINTS || s->plugin->points)
        return sb_drawn_draw(s, member, key, start, SB_BLOCK, SB_BLOCK, d);
    s->family->null_law(s->family, &law);
    sb_point_room_draw(&d->room, &law, key, 0, start, SB_BLOCK);
    return 0;
}

/* with_labels: and the second kind of means */
static int measure(const struct sb_family_subject *s, const struct feature *f, uint64_t member,
                   bool with_labels, struct means *out)
{
    char purpose[64];
    struct sb_key key;
    struct sb_drawn d;
    double surprise[SB_BLOCK];
    int error = sb_drawn_init(&d, s);

    memset(out, 0, sizeof *out);
    snprintf(purpose, sizeof purpose, "examples of %llu", (unsigned long long)member);
    key = sb_check_key(s->context, purpose);
    for (uint64_t start = 0; !error && start < SB_FAMILY_EXAMPLES; start += SB_BLOCK) {
        error = draw_block(s, member, key, start, &d);
        if (!error && with_labels) {
            sb_family_weight(s, member, 1, &d.room.block, surprise);
            for (uint64_t i = 0; i < SB_BLOCK; i++)
                surprise[i] = (d.y[i] >= s->family->space.labels[1]) - surprise[i];
        }
        if (!error)
            add_block(s, f, &d, with_labels ? surprise : NULL, out);
    }
    sb_drawn_fini(&d);
    return error;
}

static void bound(const struct sb_moments *m, double delta, double *mean, double *radius)
{
    sb_moments_bound(m, SB_FAMILY_EXAMPLES, -1, 2, delta, mean, radius);
}

/* Labels */

int sb_family_labels_hold(struct sb_family_subject *s, uint64_t member, size_t n_laws)
{
    const double delta = SB_FAMILY_ALARM / (double)(n_laws * SB_FAMILY_FEATURES);
    struct feature f[SB_FAMILY_FEATURES];
    struct means *m SB_FREE = SB_NEW(struct means);
    char who[TEXT], what[TEXT];
    int error = m ? 0 : -ENOMEM;

    choose_features(s, f);
    if (!error)
        error = measure(s, f, member, true, m);
    for (size_t k = 0; k < SB_FAMILY_FEATURES && !error; k++) {
        double mean, radius;

        bound(&m->label[k], delta, &mean, &radius);
        if (mean >= -radius && mean <= radius)
            continue;
        sb_family_name(s, member, who);
        feature_text(s, &f[k], what);
        error =
            sb_check_fail(s->context,
                          "%s: over %d examples, label %g less its weight, times %s, averages "
                          "%.4g; by the weights 0, and by chance at most %.2g",
                          who, SB_FAMILY_EXAMPLES, s->family->space.labels[1], what, mean, radius);
    }
    return error;
}

int sb_family_check_sampler(struct sb_check_context *context)
{
    struct sb_family_subject s;
    int result = sb_family_subject_init(&s, context);

    if (!result && !s.plugin->sample)
        result = sb_check_skip(context, "there is no sample(): statbed draws by the weights");
    if (!result && !s.family->space.n_labels)
        result = sb_check_skip(context, "labels are real numbers, of which nothing else is said");
    for (size_t i = 0; !result && i < s.n_members; i++)
        result = sb_family_labels_hold(&s, s.member[i], s.n_members);
    if (!result)
        result = sb_check_ok(context,
                             "%zu members, %d features, %d examples each; a false alarm had "
                             "probability %g",
                             s.n_members, SB_FAMILY_FEATURES, SB_FAMILY_EXAMPLES, SB_FAMILY_ALARM);
    sb_family_subject_fini(&s);
    return result;
}

/* The marginal */

static int compare(struct sb_family_subject *s, const struct feature *f, const struct means *is,
                   const struct means *wanted, uint64_t member, bool points, double delta)
{
    char who[TEXT], what[TEXT];

    for (size_t k = 0; k < SB_FAMILY_FEATURES; k++) {
        double a, b, a_radius, b_radius;

        bound(&is->plain[k], delta, &a, &a_radius);
        bound(&wanted->plain[k], delta, &b, &b_radius);
        if (fabs(a - b) <= a_radius + b_radius)
            continue;
        sb_family_name(s, member, who);
        feature_text(s, &f[k], what);
        return sb_check_fail(s->context,
                             "%s: over %d examples %s averages %.4g, but %.4g over %s; by chance "
                             "they differ by at most %.2g",
                             who, SB_FAMILY_EXAMPLES, what, a, b,
                             points ? "points of the marginal" : "those of the null",
                             a_radius + b_radius);
    }
    return 0;
}

static int judge_marginal(struct sb_family_subject *s)
{
    const bool points = sb_family_instance_has_points(sb_family_instance_of(s->family));
    const size_t n_laws = s->n_members + 1;
    const double delta = SB_FAMILY_ALARM / (double)((n_laws + 1) * SB_FAMILY_FEATURES);
    struct feature f[SB_FAMILY_FEATURES];
    struct means *m SB_FREE = SB_NEW_ARRAY(struct means, 2);
    int error = m ? 0 : -ENOMEM;

    choose_features(s, f);
    if (!error)
        error = measure(s, f, points ? SB_DRAW_POINTS : SB_NULL, false, &m[0]);
    for (size_t i = 0; i < n_laws && !error; i++) {
        const uint64_t member = i < s->n_members ? s->member[i] : SB_NULL;

        error = measure(s, f, member, false, &m[1]);
        if (!error)
            error = compare(s, f, &m[1], &m[0], member, points, delta);
    }
    return error;
}

int sb_family_check_marginal(struct sb_check_context *context)
{
    struct sb_family_subject s;
    int result = sb_family_subject_init(&s, context);

    if (!result && !s.plugin->sample)
        result = sb_check_skip(context, "there is no sample(): statbed draws from the marginal");
    if (!result)
        result = judge_marginal(&s);
    if (!result)
        result = sb_check_ok(context,
                             "%zu members and the null, %d features, %d examples each; a false "
                             "alarm had probability %g",
                             s.n_members, SB_FAMILY_FEATURES, SB_FAMILY_EXAMPLES, SB_FAMILY_ALARM);
    sb_family_subject_fini(&s);
    return result;
}
