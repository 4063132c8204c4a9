/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reduction lift [CGKM22, Theorem 3.2]: a learner for a lifted Gaussian family, unchanged, learns the base by
 * queries at tau/2. Each answer is within tau of the Gaussian truth:
 *     tau/2  the inner oracle's tolerance
 *     tau/4  the draws: for each query and member the mean over K draws at each of n_x points is a mean of K n_x
 *            independent numbers in [-1,1] but for their order; by Hoeffding's inequality it is off by tau/4 or more
 *            with probability at most 2 exp(-K n_x tau^2 / 32). So K n_x = 32 ln(2 Q / delta) / tau^2 does for the
 *            hidden member and Q queries, fixed or not: no two share draws. Under a lazy policy who is hidden
 *            depends on the draws, and Q is multiplied by the number of members.
 *     tau/4  labels that follow the network alone: 2 Pr[n > m], which is refused above tau/8. */
#include "base/memory.h"
#include "estimate/betting.h"
#include "oracles/reductions/lift_internal.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static const struct sb_family *inner(const struct sb_family *family)
{
    return family->lifting ? family->lifting->base : NULL;
}

/* ---- what does not go together ---- */

/* Queries that are answered within tau, in [-1,1]: the tolerance of vstat does not map by a factor, fresh examples
 * see no callback, and a label's Lipschitz constant is another one before the lift. */
static int check_access(const struct sb_oracle_setup *oracle, struct sb_diag *diag)
{
    const struct sb_access_class *access = oracle->access;

    if (access->kind == SB_ACCESS_EXAMPLES || access->bit & (SB_STAT | SB_CSQ))
        if (!access->lipschitz)
            return 0;
    return sb_diag_fail(
        diag, -EINVAL,
        "reduction lift: oracle %s is not carried over: Theorem 3.2 halves the "
        "tolerance of a query, and that of %s does not map by a factor; take stat or "
        "csq",
        access->name, access->name);
}

/* csq asks of y g(z): y must be v times what it is for v = 1. */
static int check_linear(const struct sb_reduction_setup *setup, const struct sb_lift *lift,
                        const struct sb_space *base, struct sb_diag *diag)
{
    bool bits = true;

    for (uint64_t l = 0; l < base->n_labels; l++)
        bits = bits && (base->labels[l] == 0 || base->labels[l] == 1);
    if (!setup->oracle->access->without_label || lift->setup.kind == SB_LIFT_COMPRESSED || bits)
        return 0;
    return sb_diag_fail(
        diag, -EINVAL,
        "reduction lift: oracle csq asks of y g(z), and a label of the dv lift is no "
        "multiple of the base's where that has others than 0 and 1; take stat");
}

/* The largest delta with Pr[n > m] <= most, rounded down to three digits; 0: none. */
static double delta_for(const struct sb_lift *lift, double most)
{
    double lo = 0, hi = lift->setup.delta, unit = 1;

    for (int i = 0; i < 40; i++) {
        struct sb_lift_setup setup = lift->setup;
        struct sb_lift other;

        setup.delta = (lo + hi) / 2;
        if (sb_lift_init(&other, &setup, NULL))
            return 0;
        *(other.miss <= most ? &lo : &hi) = setup.delta;
        sb_lift_fini(&other);
    }
    while (lo > 0 && lo * unit < 100)
        unit *= 10;
    return floor(lo * unit) / unit;
}

static int check_miss(const struct sb_lift *lift, double tau, struct sb_diag *diag)
{
    const double enough = 8 * lift->miss * 1.001;
    char coarser[64] = "";

    if (lift->miss <= tau / 8)
        return 0;
    if (enough < 1)
        snprintf(coarser, sizeof coarser, ", or oracle.tolerance >= %.4g", enough);
    return sb_diag_fail(
        diag, -EINVAL,
        "reduction lift: labels follow the network alone with probability Pr[n > m] "
        "= %.4g, which Theorem 3.2 wants at most an eighth of the tolerance %g, %.4g; "
        "take family.delta <= %g%s",
        lift->miss, tau, tau / 8, delta_for(lift, tau / 8), coarser);
}

/* Labels at chosen points are those of the rule; the compressed lift's are, where n > m, the network's. */
static int check_labels(const struct sb_oracle_setup *oracle, const struct sb_lift *lift,
                        struct sb_diag *diag)
{
    if (!((oracle->grants | oracle->access->bit) & SB_LABEL) || lift->setup.kind == SB_LIFT_DV)
        return 0;
    return sb_diag_fail(
        diag, -EINVAL,
        "reduction lift: labels at chosen points are granted, and at points where "
        "more than m coordinates are in a ramp those of the compressed lift are not "
        "known from labels of the base; take family.lift: dv");
}

static int check_gap(const struct sb_reduction_setup *setup, struct sb_diag *diag)
{
    if (!(setup->gap > 0) || setup->goal != SB_DISTINGUISH || !setup->oracle->policy->lazy)
        return 0;
    return sb_diag_fail(
        diag, -EINVAL,
        "reduction lift: policy %s hides nothing before the run ends, so there are no "
        "fresh examples to test a predictor on; leave gap out, or take another "
        "policy",
        setup->oracle->policy->name);
}

static int check(const struct sb_reduction_setup *setup, const struct sb_lift_reduction *r,
                 struct sb_diag *diag)
{
    const struct sb_family *base = r->reduction->inner;
    int error = check_access(setup->oracle, diag);

    if (!error)
        error = check_linear(setup, r->lift, &base->space, diag);
    if (!error)
        error = check_labels(setup->oracle, r->lift, diag);
    if (!error)
        error = check_gap(setup, diag);
    if (error || setup->oracle->access->kind != SB_ACCESS_QUERY)
        return error;
    if (base->no_public_points || !sb_space_size(&base->space))
        return sb_diag_fail(diag, -EINVAL,
                            "reduction lift: a query becomes one of the base's whole domain, which "
                            "must be public and have at most 2^%d points; lower the dimension",
                            SB_WHOLE_DOMAIN_BITS);
    return check_miss(r->lift, r->granted.value, diag);
}

/* ---- how many draws ---- */

/* K, as above; 0: too many. */
static uint64_t n_draws(const struct sb_lift_reduction *r, const struct sb_oracle_setup *oracle)
{
    const double tau = r->granted.value;
    const double members = oracle->policy->lazy ? (double)r->reduction->inner->n_members : 1;
    const double queries = (double)oracle->budget > 1 ? (double)oracle->budget : 1;
    const double all = 32 * sb_bets_log(2 * queries * members / r->delta) / (tau * tau);
    const double k = ceil(all / (double)r->n_x);

    return all > (double)SB_SAMPLES_MAX ? 0 : k > 1 ? (uint64_t)k : 1;
}

/* ---- making one ---- */

static void derive_keys(struct sb_lift_reduction *r, const struct sb_oracle_setup *oracle)
{
    const struct sb_digest *public = &oracle->public_material, *secret = &oracle->secret_material;

    r->query_key = sb_key_derive("lift queries", public, sizeof *public);
    r->guess_key = sb_key_derive("lift guesses", public, sizeof *public);
    r->example_key = sb_key_derive("lift examples", secret, sizeof *secret);
    r->test_key = sb_key_derive("lift test", secret, sizeof *secret);
    r->example_law_key = sb_key_derive("lift test examples", secret, sizeof *secret);
}

static int make_rooms(struct sb_lift_reduction *r)
{
    const struct sb_space *base = &r->reduction->inner->space, *space = &r->reduction->outer->space;

    if (sb_lift_cells_room_init(&r->cells, base->dim))
        return -ENOMEM;
    for (size_t b = 0; b < SB_CALL_BLOCKS; b++)
        if (sb_point_room_init(&r->room[b], space))
            return -ENOMEM;
    r->values = SB_NEW_ARRAY(double, (size_t)SB_CALL_BLOCKS * base->n_labels * SB_BLOCK);
    r->piece = SB_NEW_ARRAY(struct sb_lift_piece, SB_CALL_BLOCKS * SB_BLOCK);
    r->at_cells = SB_NEW_ARRAY(double *, base->dim);
    r->at_z = SB_NEW_ARRAY(double *, space->dim);
    return r->values && r->piece && r->at_cells && r->at_z ? 0 : -ENOMEM;
}

/* V: the variance of a label without a member behind it, which does not depend on x. */
static int find_variance(struct sb_lift_reduction *r)
{
    const struct sb_family *base = r->reduction->inner;
    double mean = 0, square = 0, w[SB_BLOCK];
    struct sb_point_room x;
    struct sb_law null;

    if (sb_point_room_init(&x, &base->space)) {
        sb_point_room_fini(&x);
        return -ENOMEM;
    }
    base->null_law(base, &null);
    sb_point_room_draw(&x, &null, r->guess_key, 0, 0, SB_BLOCK);
    x.block.n = 1;
    for (uint32_t l = 0; l < base->space.n_labels; l++) {
        sb_law_weights(&null, &x.block, l, w);
        mean += w[0] * base->space.labels[l];
        square += w[0] * base->space.labels[l] * base->space.labels[l];
    }
    r->label_variance = square - mean * mean;
    sb_point_room_fini(&x);
    return 0;
}

/* With loss eps of fhat, E L <= scale^2 eps / Pr[G], which is to be V - gap. */
static int plan_test(const struct sb_reduction_setup *setup, struct sb_lift_reduction *r,
                     struct sb_diag *diag)
{
    const double scale = sb_lift_good_scale(r->lift);
    const double rest = r->label_variance - setup->gap;

    if (!(setup->gap > 0) || setup->goal != SB_DISTINGUISH)
        return 0;
    if (!(rest > 0))
        return sb_diag_fail(diag, -EINVAL,
                            "reduction lift: gap = %g, and no predictor beats the best constant by "
                            "more than the labels' variance, %.4g; lower it",
                            setup->gap, r->label_variance);
    if (!(sb_lift_test_points(setup->gap, r->delta) < (double)SB_SAMPLES_MAX))
        return sb_diag_fail(
            diag, -EINVAL, "reduction lift: gap = %g would take more than %g test points; raise it",
            setup->gap, (double)SB_SAMPLES_MAX);
    r->gap = setup->gap;
    r->reduction->tests = true;
    r->reduction->told_max = rest * sb_lift_good_probability(r->lift) / (scale * scale);
    return 0;
}

static int create(const struct sb_reduction_setup *setup, struct sb_reduction *reduction,
                  struct sb_diag *diag)
{
    struct sb_lift_reduction *r = SB_NEW(struct sb_lift_reduction);
    int error;

    if (!r)
        return -ENOMEM;
    reduction->self = r;
    r->reduction = reduction;
    r->lift = reduction->outer->lifting->lift;
    r->access = setup->oracle->access;
    r->granted = r->access->granted(setup->oracle->values);
    r->delta = sb_values_real(setup->oracle->values, "delta");
    r->fuse = setup->oracle->fuse;
    error = check(setup, r, diag);
    if (error)
        return error;
    derive_keys(r, setup->oracle);
    if (r->access->kind == SB_ACCESS_QUERY) {
        r->n_x = sb_space_size(&reduction->inner->space);
        r->n_draws = n_draws(r, setup->oracle);
        if (!r->n_draws)
            return sb_diag_fail(diag, -EINVAL,
                                "reduction lift: a query would take more than %g draws of points; "
                                "raise oracle.tolerance",
                                (double)SB_SAMPLES_MAX);
    }
    error = make_rooms(r);
    if (!error)
        error = find_variance(r);
    return error ? error : plan_test(setup, r, diag);
}

static void destroy(struct sb_reduction *reduction)
{
    struct sb_lift_reduction *r = reduction->self;

    sb_lift_forget_queries(r);
    for (size_t b = 0; b < SB_CALL_BLOCKS; b++)
        sb_point_room_fini(&r->room[b]);
    sb_lift_cells_room_fini(&r->cells);
    free(r->values);
    free(r->piece);
    free(r->at_cells);
    free(r->at_z);
    free(r->guess);
    free(r->mass);
    free(r);
}

/* An oracle without queries is asked some all the same: they are numbered and refused there. */
const struct sb_reduction_class sb_reduction_lift = {
    .name = "lift",
    .summary =
        "a learner for a lifted Gaussian family learns its base: queries at half the tolerance",
    .source = "[CGKM22, Theorems 2.3, 3.2, 4.1, 5.1]",
    .tolerance_part = 0.5,
    .inner = inner,
    .outer = "a lifted one (family: { type: lifted, ... })",
    .create = create,
    .destroy = destroy,
    .ask_many = sb_lift_ask_many,
    .labels = sb_lift_labels,
    .samples = sb_lift_samples,
    .predictor = sb_lift_predictor,
    .facts = sb_lift_facts,
};
