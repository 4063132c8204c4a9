/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A family's correlations, as well as they can be had. What the family says comes first; what it leaves
 * open is found out from single correlations, by the family or of laws in product form, or else from the
 * weights at every point of a small domain; and where there are too many members or points, from samples. */
#include "bounds/correlate_parts.h"

#include "base/memory.h"
#include "estimate/ngca.h"

#include <errno.h>
#include <math.h>
#include <string.h>

/* So many members whose correlations are all had, or, of laws in product form, gone through; multiply-adds over
 * all points of a domain; members whose correlations are all had from drawn points. Zero: not done. */
struct effort {
    double most_stored, most_passed, most_work, most_drawn;
    bool samples;
};

static const struct effort efforts[] = {
    [SB_EFFORT_RUN] = { 512, 0, 0x1p26, 0, false },
    [SB_EFFORT_FULL] = { 2048, 8192, 0x1p32, 256, true },
};

static bool is_complete(const struct sb_correlations *k)
{
    return k->n_levels && k->lambda_ub < INFINITY;
}

/* Directions that need not be made anew for each pair: a pair takes some microseconds at most. */
static bool are_listed(const struct sb_family *family)
{
    return family->ngca && family->ngca->directions;
}

static int by_pairs(struct sb_pairs *pairs, const struct effort *effort,
                    struct sb_correlations *out)
{
    int error;

    if (out->n <= effort->most_stored) {
        error = sb_correlations_of_pairs(pairs, out);
        return error || out->unknown || is_complete(out) ? error : sb_correlations_from_matrix(out);
    }
    if (is_complete(out))
        return 0;
    if ((pairs->law || are_listed(pairs->family)) && out->n <= effort->most_passed)
        return sb_correlations_of_many_pairs(pairs, out);
    return effort->samples ? sb_correlations_of_drawn_pairs(pairs, out) : 0;
}

static int by_points(const struct sb_family *family, struct sb_correlations *out)
{
    struct sb_gram gram = { .family = family, .m = (size_t)out->n };
    int error;

    out->matrix = gram.K = SB_NEW_ARRAY(double, gram.m *gram.m);
    error = gram.K ? sb_gram_compute(&gram) : -ENOMEM;
    if (error)
        return error;
    if (gram.infinite) {
        out->unknown = SB_CORRELATION_INFINITE;
        return 0;
    }
    out->how = "exact";
    out->matrix_error = gram.error;
    return sb_correlations_from_matrix(out);
}

static bool has_few_points(const struct sb_family *family, const struct effort *effort)
{
    const double n = (double)family->n_members;

    const double points = (double)sb_space_size(&family->space);

    return points > 0 && n <= effort->most_stored &&
           n * n * points * (double)family->space.n_labels / 2 <= effort->most_work;
}

/* Have members no density against the null? */
static bool lacks_weights(const struct sb_family *family)
{
    struct sb_law member;

    family->law(family, 0, false, &member);
    return member.class && !member.class->weights;
}

static int find_out(const struct sb_family *family, enum sb_effort how_far,
                    struct sb_correlations *out)
{
    const struct effort *effort = &efforts[how_far];
    struct sb_pairs pairs;
    int error;

    if (!family->space.n_labels)
        return 0;
    error = sb_pairs_init(&pairs, family);
    if (error == 1) {
        if (!is_complete(out))
            out->how = !family->correlation    ? "exact"
                       : family->class->binary ? "stated by the family"
                                               : "closed form";
        error = by_pairs(&pairs, effort, out);
        sb_pairs_fini(&pairs);
        return error;
    }
    if (error)
        return error;
    if (is_complete(out) || lacks_weights(family))
        return 0;
    if (has_few_points(family, effort))
        return by_points(family, out);
    if (!effort->samples)
        return 0;
    return out->n <= effort->most_drawn ? sb_correlations_of_drawn_points(family, out)
                                        : sb_correlations_of_drawn_pairs_and_points(family, out);
}

static const char *why_unknown(const struct sb_family *family)
{
    if (!family->space.n_labels)
        return "the family's labels are real numbers, and it says nothing of its correlations";
    if (lacks_weights(family))
        return "its members have no density against the null: chi^2 is infinite";
    return "the family is too large for its correlations to be computed in a run";
}

/* What samples could not add leaves what the family says of lambda_max. */
static void keep_stated(struct sb_correlations *out)
{
    if (!out->unknown || isinf(out->lambda_ub) ||
        strcmp(out->unknown, SB_CORRELATION_INFINITE) == 0)
        return;
    out->unknown = NULL;
    free(out->matrix);
    out->matrix = NULL;
}

static int add_correlational(const struct sb_family *family, struct sb_correlations *out)
{
    struct sb_correlations *k;
    int error;

    if (!family->inner_products)
        return 0;
    k = out->correlational = SB_NEW(struct sb_correlations);
    if (!k)
        return -ENOMEM;
    sb_correlations_init(k, (double)family->n_members);
    k->how = "closed form";
    error = family->inner_products(family, k);
    if (!error)
        sb_correlations_close(k);
    return error;
}

int sb_correlations_of(const struct sb_family *family, enum sb_effort effort,
                       struct sb_correlations *out, struct sb_diag *diag)
{
    int error = 0;

    if (family->lifting)
        return sb_correlations_of_lift(family, effort, out, diag);
    sb_correlations_init(out, (double)family->n_members);
    out->how = family->class->binary ? "stated by the family" : "closed form";
    if (family->correlations)
        error = family->correlations(family, out);
    if (!error && !out->unknown && (effort == SB_EFFORT_FULL || !is_complete(out)))
        error = find_out(family, effort, out);
    keep_stated(out);
    if (!error && !out->unknown && isinf(out->lambda_ub) && !out->n_levels)
        out->unknown = why_unknown(family);
    if (!error)
        sb_correlations_close(out);
    if (!error)
        error = add_correlational(family, out);
    if (error) {
        sb_correlations_fini(out);
        return sb_diag_fail(diag, error, "family %s: no memory for its correlations",
                            family->class->name);
    }
    return 0;
}
