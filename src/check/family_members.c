/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Checks of what a family says of its members together: correlations, how many one predictor can
 * satisfy, what names a member. */
#include "check/family.h"

#include "base/memory.h"
#include "bounds/correlate.h"
#include "estimate/bernstein.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    TEXT = 160,
    GRAM_WHOLE = 64, /* members whose K is computed at every point ... */
    GRAM_DRAWN = 6,  /* ... or estimated at drawn ones */
    GOOD_MOST = 256, /* members among which those near one of them are counted */
    VALUES_MOST = 4096,
    VALUES_ALL = 1 << 20 /* numbers of all members together */
};
#define K_TOLERANCE 1e-9 /* relative to 1 + |K|: sums of at most 2^13 products */

/* K_ij = mean over x of sum_l w_i(l|x) w_j(l|x) / w_0(l|x), less 1 [docs/theorems.md C0], of m
 * members, each within its radius: rounding where every point was summed, else sampling. */
struct gram {
    uint64_t member[GRAM_WHOLE];
    size_t m;
    bool whole;
    double k[GRAM_WHOLE][GRAM_WHOLE], radius[GRAM_WHOLE][GRAM_WHOLE];
    double least_null; /* the least weight of the null seen */
    struct sb_moments moments[GRAM_WHOLE][GRAM_WHOLE];
    double w[GRAM_WHOLE][2][SB_BLOCK];
};

/* One block's terms; false where the null gives weight 0 to what a member does not. */
static bool add_block(const struct sb_family_subject *s, struct gram *g,
                      const struct sb_block *block)
{
    double null[2][SB_BLOCK], v[SB_BLOCK], squared[SB_BLOCK];

    for (uint32_t l = 0; l < 2; l++) {
        sb_family_weight(s, SB_NULL, l, block, null[l]);
        for (size_t a = 0; a < g->m; a++)
            sb_family_weight(s, g->member[a], l, block, g->w[a][l]);
        for (uint64_t i = 0; i < block->n; i++) {
            for (size_t a = 0; a < g->m && !(null[l][i] > 0); a++)
                if (g->w[a][l][i] > 0)
                    return false;
            if (null[l][i] > 0 && null[l][i] < g->least_null)
                g->least_null = null[l][i];
        }
    }
    for (size_t a = 0; a < g->m; a++)
        for (size_t b = 0; b <= a; b++) {
            for (uint64_t i = 0; i < block->n; i++) {
                v[i] = 0;
                for (uint32_t l = 0; l < 2; l++)
                    if (null[l][i] > 0)
                        v[i] += g->w[a][l][i] * g->w[b][l][i] / null[l][i];
                squared[i] = v[i] * v[i];
            }
            sb_moments_add(&g->moments[a][b], v, squared, block->n);
        }
    return true;
}

/* A term lies in [0, 1/least]. The least weight of the null that was seen stands for the least there
 * is. */
static void close_gram(struct gram *g, uint64_t n)
{
    const double pairs = (double)(g->m * (g->m + 1)) / 2;
    const double delta = SB_FAMILY_ALARM / pairs;

    for (size_t a = 0; a < g->m; a++)
        for (size_t b = 0; b <= a; b++) {
            double mean, radius;

            sb_moments_bound(&g->moments[a][b], n, -1, 1 / g->least_null, delta, &mean, &radius);
            g->k[a][b] = g->k[b][a] = mean;
            g->radius[a][b] = g->radius[b][a] =
                (g->whole ? 0 : radius) + K_TOLERANCE * (1 + fabs(mean));
        }
}

static int make_gram(struct sb_family_subject *s, struct gram *g)
{
    struct sb_family_points points;
    bool finite = true;
    int error = sb_family_points_init(&points, s);

    g->whole = points.whole;
    g->least_null = 1;
    g->m = sb_family_pick(s, "gram", points.whole ? GRAM_WHOLE : GRAM_DRAWN, g->member);
    for (uint64_t start = 0; !error && finite && start < points.n; start += SB_BLOCK)
        finite = add_block(s, g, sb_family_points_at(&points, start));
    if (!error && finite)
        close_gram(g, points.n);
    sb_family_points_fini(&points);
    if (!error && !finite)
        error = sb_check_fail(s->context, "the null gives weight 0 to a label that a member gives "
                                          "more: correlations are infinite");
    return error;
}

static void pair_text(const struct sb_family_subject *s, uint64_t i, uint64_t j, char *out)
{
    char a[TEXT], b[TEXT];

    sb_family_name(s, i, a);
    sb_family_name(s, j, b);
    snprintf(out, 2 * TEXT, "%.150s and %.150s", a, b);
}

/* What the family says of K_ij; NaN where it says nothing. */
static double claimed(const struct sb_family_subject *s, uint64_t i, uint64_t j)
{
    const double diagonal = sb_family_instance_of(s->family)->facts.diagonal;

    if (s->plugin->correlation)
        return s->plugin->correlation(s->self, i, j);
    return diagonal > 0 ? (i == j ? diagonal : 0) : NAN;
}

static int judge_pair(struct sb_family_subject *s, const struct gram *g, size_t a, size_t b)
{
    const uint64_t i = g->member[a], j = g->member[b];
    const double diagonal = sb_family_instance_of(s->family)->facts.diagonal;
    const double said = claimed(s, i, j), back = claimed(s, j, i);
    const double wanted = i == j ? diagonal : 0;
    char who[2 * TEXT];

    pair_text(s, i, j, who);
    if (!(fabs(said - back) <= K_TOLERANCE * (1 + fabs(said))))
        return sb_check_fail(s->context,
                             "%s: correlation() gives %.9g, and %.9g the other way round", who,
                             said, back);
    if (!(fabs(said - g->k[a][b]) <= g->radius[a][b]))
        return sb_check_fail(s->context, "%s: it says K = %.9g, the weights give %.9g +- %.2g", who,
                             said, g->k[a][b], g->radius[a][b]);
    if (diagonal > 0 && !(fabs(wanted - g->k[a][b]) <= g->radius[a][b]))
        return sb_check_fail(s->context,
                             "%s: by diagonal = %.9g K is %.9g, the weights give %.9g +- %.2g", who,
                             diagonal, wanted, g->k[a][b], g->radius[a][b]);
    return 0;
}

static bool says_something(const struct sb_family_subject *s)
{
    return s->plugin->correlation || sb_family_instance_of(s->family)->facts.diagonal > 0;
}

static int say_gram(struct sb_check_context *context, const struct gram *g, const char *what)
{
    if (g->whole)
        return sb_check_ok(context, "%s: %zu members, every point", what, g->m);
    return sb_check_ok(
        context,
        "%s: %zu members, 4096 points; while the null's weights are at least %.3g, as "
        "they were there, a false alarm had probability %g",
        what, g->m, g->least_null, SB_FAMILY_ALARM);
}

int sb_family_check_correlations(struct sb_check_context *context)
{
    struct sb_family_subject s;
    struct gram *g SB_FREE = SB_NEW(struct gram);
    int result = g ? sb_family_subject_init(&s, context) : -ENOMEM;

    if (!g)
        return result;
    if (!result && (!says_something(&s) || !s.family->space.n_labels))
        result = sb_check_skip(context, "nothing is said of single correlations");
    if (!result)
        result = make_gram(&s, g);
    for (size_t a = 0; !result && a < g->m; a++)
        for (size_t b = 0; !result && b <= a; b++)
            result = judge_pair(&s, g, a, b);
    if (!result)
        result = say_gram(context, g, "as the weights give them");
    sb_family_subject_fini(&s);
    return result;
}

/* At most the largest eigenvalue of that part of K: a Rayleigh quotient, after power iteration, less
 * what the entries' radii can move it. */
static double eigenvalue_lb(const struct gram *g)
{
    double v[GRAM_WHOLE], w[GRAM_WHOLE], lambda = 0, slack = 0;

    for (size_t a = 0; a < g->m; a++)
        v[a] = 1 + (double)(a % 7) / 16; /* no vector of much symmetry */
    for (int step = 0; step < 300; step++) {
        double vv = 0, vw = 0, ww = 0;

        for (size_t a = 0; a < g->m; a++) {
            w[a] = 0;
            for (size_t b = 0; b < g->m; b++)
                w[a] += g->k[a][b] * v[b];
            vv += v[a] * v[a];
            vw += v[a] * w[a];
            ww += w[a] * w[a];
        }
        lambda = vv > 0 ? vw / vv : 0;
        for (size_t a = 0; a < g->m; a++)
            v[a] = ww > 0 ? w[a] / sqrt(ww) : 0;
    }
    for (size_t a = 0; a < g->m; a++) {
        double row = 0;

        for (size_t b = 0; b < g->m; b++)
            row += g->radius[a][b];
        slack = row > slack ? row : slack;
    }
    return lambda - slack;
}

/* What bounds will be made of: what the family says, or what is found out. */
static int find_lambda(struct sb_family_subject *s, double *lambda_ub_out)
{
    struct sb_correlations k;
    int result = sb_correlations_of(s->family, SB_EFFORT_RUN, &k, &s->diag);

    if (result)
        return result;
    *lambda_ub_out = k.lambda_ub;
    if (k.unknown || isinf(k.lambda_ub))
        result = sb_check_skip(s->context, "runs know no bound on it%s%s", k.unknown ? ": " : "",
                               k.unknown ? k.unknown : "");
    sb_correlations_fini(&k);
    return result;
}

int sb_family_check_lambda(struct sb_check_context *context)
{
    struct sb_family_subject s;
    struct gram *g SB_FREE = SB_NEW(struct gram);
    int result = g ? sb_family_subject_init(&s, context) : -ENOMEM;
    double lambda, lambda_ub = INFINITY;

    if (!g)
        return result;
    if (!result && !s.family->space.n_labels)
        result = sb_check_skip(context, "labels are real: there is nothing to compare with");
    if (!result)
        result = make_gram(&s, g);
    if (!result)
        result = find_lambda(&s, &lambda_ub);
    lambda = result ? 0 : eigenvalue_lb(g);
    if (!result && lambda > lambda_ub)
        result = sb_check_fail(context,
                               "%zu members alone have an eigenvalue of at least %.9g; all of them "
                               "are said to have at most %.9g",
                               g->m, lambda, lambda_ub);
    if (!result)
        result = say_gram(context, g, "no eigenvalue above what is said");
    sb_family_subject_fini(&s);
    return result;
}

/* How many can be satisfied: at least those whose label function is near one member's. */

struct labels {
    uint64_t member[GOOD_MOST];
    size_t m;
    uint64_t *bits[GOOD_MOST]; /* [label is the upper one], packed 64 points a word */
    uint64_t n_words;
    double size;
};

static int tabulate(struct sb_family_subject *s, struct labels *t)
{
    struct sb_family_points points;
    double y[SB_BLOCK];
    int error = sb_family_points_init(&points, s);

    t->m = sb_family_pick(s, "good", GOOD_MOST, t->member);
    t->size = (double)points.n;
    t->n_words = (points.n + 63) / 64;
    for (size_t a = 0; a < t->m && !error; a++) {
        t->bits[a] = SB_NEW_ARRAY(uint64_t, t->n_words);
        error = t->bits[a] ? 0 : -ENOMEM;
        for (uint64_t start = 0; !error && start < points.n; start += SB_BLOCK) {
            const struct sb_block *block = sb_family_points_at(&points, start);

            s->plugin->label(s->self, t->member[a], block, y);
            for (uint64_t i = 0; i < block->n; i++)
                t->bits[a][(start + i) / 64] |= (uint64_t)(y[i] >= s->family->space.labels[1])
                                                << (start + i) % 64;
        }
    }
    sb_family_points_fini(&points);
    return error;
}

/* The share of points at which two members' labels differ. */
static double distance(const struct labels *t, size_t a, size_t b)
{
    uint64_t n = 0;

    for (uint64_t k = 0; k < t->n_words; k++)
        n += (uint64_t)__builtin_popcountll(t->bits[a][k] ^ t->bits[b][k]);
    return (double)n / t->size;
}

static int judge_good(struct sb_family_subject *s, const struct labels *t, size_t a)
{
    static const double max[] = { 0, 0.05, 0.1, 0.2, 0.25, 0.3, 0.4, 0.5, 0.75, 1 };
    const double width = s->family->space.labels[1] - s->family->space.labels[0];
    char who[TEXT];

    for (size_t k = 0; k < SB_COUNT(max); k++) {
        uint64_t near[2] = { 0, 0 };

        for (size_t b = 0; b < t->m; b++) {
            near[0] += distance(t, a, b) <= max[k];
            near[1] += width * width * distance(t, a, b) <= max[k];
        }
        for (int loss = 0; loss < 2; loss++) {
            const uint64_t said =
                s->family->n_good(s->family, loss ? SB_LOSS_SQUARED : SB_LOSS_ZERO_ONE, max[k]);

            if (near[loss] <= said)
                continue;
            sb_family_name(s, t->member[a], who);
            return sb_check_fail(
                s->context,
                "the label function of %s satisfies %llu members at a %s loss of at "
                "most %g; n_good() says %llu",
                who, (unsigned long long)near[loss], loss ? "squared" : "zero-one", max[k],
                (unsigned long long)said);
        }
    }
    return 0;
}

int sb_family_check_good(struct sb_check_context *context)
{
    struct sb_family_subject s;
    struct labels *t SB_FREE = SB_NEW(struct labels);
    int result = t ? sb_family_subject_init(&s, context) : -ENOMEM;

    if (!t)
        return result;
    if (!result && (!s.plugin->n_good || !s.family->space.n_labels))
        result = sb_check_skip(context, "there is no n_good(): every predictor may satisfy all");
    if (!result &&
        !(s.family->space.domain == SB_CUBE && s.family->space.dim <= SB_FAMILY_WHOLE_BITS))
        result = sb_check_skip(context, "losses are computed on the cube to dimension %d only",
                               SB_FAMILY_WHOLE_BITS);
    if (!result)
        result = tabulate(&s, t);
    for (size_t a = 0; !result && a < t->m && a < 32; a++)
        result = judge_good(&s, t, a);
    if (!result)
        result = sb_check_ok(context, "at least as many as members near one of %zu", t->m);
    for (size_t a = 0; a < t->m; a++)
        free(t->bits[a]);
    sb_family_subject_fini(&s);
    return result;
}

/* The scorer */

/* A value that is member i's own: taken for i alone, and not when a number is missing or wrong. */
static int judge_value(struct sb_family_subject *s, uint64_t i, double *value, uint64_t n)
{
    const struct sb_family *f = s->family;
    char who[TEXT], other[TEXT];

    s->plugin->value(s->self, i, value);
    sb_family_name(s, i, who);
    if (!f->recovered(f, i, value, n))
        return sb_check_fail(s->context, "%s: its own value() is not taken for it", who);
    for (size_t k = 0; k < s->n_members; k++) {
        if (s->member[k] == i || !f->recovered(f, s->member[k], value, n))
            continue;
        sb_family_name(s, s->member[k], other);
        return sb_check_fail(s->context, "the value() of %s is taken for %s, too", who, other);
    }
    if (f->recovered(f, i, value, n - 1))
        return sb_check_fail(s->context, "%s: its value without the last number is taken for it",
                             who);
    value[0] = NAN;
    if (f->recovered(f, i, value, n))
        return sb_check_fail(s->context, "%s: its value with NaN for a number is taken for it",
                             who);
    return 0;
}

/* A member's value(), to be sorted with the others'. */
struct named {
    uint64_t member;
    const double *value;
    uint64_t n;
};

static int by_value(const void *a, const void *b)
{
    const struct named *x = a, *y = b;

    for (uint64_t k = 0; k < x->n; k++)
        if (x->value[k] != y->value[k])
            return x->value[k] < y->value[k] ? -1 : 1;
    return 0;
}

static int judge_sorted(struct sb_family_subject *s, const struct named *sorted, uint64_t n)
{
    char who[TEXT], other[TEXT];

    for (uint64_t i = 1; i < n; i++) {
        if (by_value(&sorted[i - 1], &sorted[i]) != 0)
            continue;
        sb_family_name(s, sorted[i - 1].member, who);
        sb_family_name(s, sorted[i].member, other);
        return sb_check_fail(s->context, "%s and %s have the same value()", who, other);
    }
    return 0;
}

/* No two of all members share a value, where they can all be looked at. */
static int judge_distinct(struct sb_family_subject *s)
{
    const uint64_t n = s->family->n_members;
    const uint64_t n_value = sb_family_instance_of(s->family)->facts.n_value;
    double *value SB_FREE = NULL;
    struct named *all SB_FREE = NULL;

    if (n > VALUES_ALL / n_value)
        return 0;
    value = SB_NEW_ARRAY(double, n *n_value);
    all = SB_NEW_ARRAY(struct named, n);
    if (!value || !all)
        return -ENOMEM;
    for (uint64_t i = 0; i < n; i++) {
        all[i] = (struct named){ i, value + i * n_value, n_value };
        s->plugin->value(s->self, i, value + i * n_value);
    }
    qsort(all, n, sizeof *all, by_value);
    return judge_sorted(s, all, n);
}

/* Without value(): simple values, none of which two members may share. */
static int judge_simple_values(struct sb_family_subject *s, double *value)
{
    const struct sb_family *f = s->family;
    const uint64_t lengths[] = { 1, f->space.dim };

    for (size_t l = 0; l < SB_COUNT(lengths); l++)
        for (int v = -1; v <= 2; v++) {
            size_t n_taken = 0;

            for (uint64_t k = 0; k < lengths[l]; k++)
                value[k] = v;
            for (size_t k = 0; k < s->n_members; k++)
                n_taken += f->recovered(f, s->member[k], value, lengths[l]);
            if (n_taken > 1)
                return sb_check_fail(s->context, "%llu times %d is taken for %zu different members",
                                     (unsigned long long)lengths[l], v, n_taken);
        }
    return 0;
}

int sb_family_check_scorer(struct sb_check_context *context)
{
    struct sb_family_subject s;
    double *value SB_FREE = SB_NEW_ARRAY(double, VALUES_MOST);
    int result = value ? sb_family_subject_init(&s, context) : -ENOMEM;

    if (!value)
        return result;
    if (!result && !s.plugin->value)
        result = judge_simple_values(&s, value);
    for (size_t k = 0; !result && s.plugin->value && k < s.n_members; k++)
        result =
            judge_value(&s, s.member[k], value, sb_family_instance_of(s.family)->facts.n_value);
    if (!result && s.plugin->value)
        result = judge_distinct(&s);
    if (!result)
        result = s.plugin->value
                     ? sb_check_ok(context, "%zu members, each by its own value alone", s.n_members)
                     : sb_check_warn(context, "there is no value(): only that constant "
                                              "values name no two members was tried");
    sb_family_subject_fini(&s);
    return result;
}

/* Descriptions */

static bool is_line(const char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text < ' ' || *text == 0x7f)
            return false;
    return true;
}

static int judge_descriptions(struct sb_family_subject *s, char **text)
{
    for (size_t a = 0; a < s->n_members; a++) {
        text[a] = s->family->describe(s->family, s->member[a]);
        if (!text[a])
            return -ENOMEM;
        if (!*text[a] || !is_line(text[a]))
            return sb_check_fail(s->context, "member %llu: describe() gives no printable line",
                                 (unsigned long long)s->member[a]);
        for (size_t b = 0; b < a; b++)
            if (strcmp(text[a], text[b]) == 0)
                return sb_check_fail(s->context, "members %llu and %llu are both '%.100s'",
                                     (unsigned long long)s->member[b],
                                     (unsigned long long)s->member[a], text[a]);
    }
    return sb_check_ok(s->context, "%zu members, as %.100s", s->n_members, text[0]);
}

int sb_family_check_describe(struct sb_check_context *context)
{
    struct sb_family_subject s;
    char *text[SB_FAMILY_PICKED] = { 0 };
    int result = sb_family_subject_init(&s, context);

    if (!result)
        result = judge_descriptions(&s, text);
    for (size_t a = 0; a < SB_COUNT(text); a++)
        free(text[a]);
    sb_family_subject_fini(&s);
    return result;
}
