/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The shipped learners against real oracles, in process: right for every hidden member and every
 * policy at the tolerance that their head comments state, within the queries, examples or labels that
 * they state. */
#include "halfspace.h"
#include "query/eval.h"
#include "rig.h"

#include <dlfcn.h>
#include <math.h>

enum { MEMBERS_MAX = 256, DIM_MAX = 8 };

/* On how many points of the cube the predictor errs for this member. */
static uint64_t errors(struct rig *r, uint64_t member)
{
    const struct sb_space *space = &r->family->space;
    const sb_expr e = sb_expr_decode(r->pool, r->end.expr.data, r->end.expr.n);
    struct sb_program *program = sb_program_new(r->pool, e);
    const double middle = (space->labels[0] + space->labels[1]) / 2;
    uint64_t bits[1 << DIM_MAX], n_errors = 0;
    double predicted[1 << DIM_MAX], truth[1 << DIM_MAX], y[1 << DIM_MAX] = { 0 };
    const struct sb_block block = { .n = UINT64_C(1) << space->dim, .bits = bits, .y = y };

    assert_true(space->dim <= DIM_MAX);
    assert_non_null(program);
    for (uint64_t x = 0; x < block.n; x++)
        bits[x] = x;
    sb_program_run(program, &block, predicted);
    space->candidates->label(space->candidates->self, member, &block, truth);
    for (uint64_t x = 0; x < block.n; x++)
        n_errors += (predicted[x] > middle) != (truth[x] > middle);
    sb_program_free(program);
    return n_errors;
}

/* What share of 512 points the predictor is wrong at: off by 1e-9 from real labels, on the other side of the
 * middle from one of two. */
static double share_wrong(struct rig *r, uint64_t member)
{
    enum { N = 512, D = 16 };
    const struct sb_space *space = &r->family->space;
    const sb_expr e = sb_expr_decode(r->pool, r->end.expr.data, r->end.expr.n);
    struct sb_program *program = sb_program_new(r->pool, e);
    double column[D][N], predicted[N], truth[N], wrong = 0;
    uint64_t bits[N];
    const double *x[D];
    const bool cube = space->domain == SB_CUBE;
    const struct sb_block block = {
        .n = N, .dim = space->dim, .x = cube ? NULL : x, .bits = cube ? bits : NULL
    };

    assert_true(space->dim <= D);
    assert_non_null(program);
    for (uint32_t j = 0; j < space->dim; j++) {
        sb_random_gauss(sb_key_derive("points", "", 0), j, 0, N, column[j]);
        x[j] = column[j];
    }
    for (uint64_t i = 0; i < N; i++)
        bits[i] = i & ((UINT64_C(1) << space->dim) - 1);
    sb_program_run(program, &block, predicted);
    space->candidates->label(space->candidates->self, member, &block, truth);
    for (uint64_t i = 0; i < N; i++) {
        const double middle = space->n_labels ? (space->labels[0] + space->labels[1]) / 2 : 0;

        wrong += space->n_labels ? (predicted[i] >= middle) != (truth[i] >= middle)
                                 : !(fabs(predicted[i] - truth[i]) < 1e-9);
    }
    sb_program_free(program);
    return wrong / N;
}

static bool succeeded(struct rig *r, const struct setting *s)
{
    const uint64_t member = r->hidden.member;

    if (r->end.end != SB_END_FINISHED)
        return false;
    if (s->goal == SB_DISTINGUISH)
        return r->end.returned == SB_RETURNED_VERDICT && r->end.verdict == r->hidden.planted;
    if (s->goal == SB_RECOVER)
        return r->end.returned == SB_RETURNED_VALUE &&
               r->family->recovered(r->family, member, r->end.value, r->end.n_value);
    return r->end.returned == SB_RETURNED_EXPR &&
           (r->family->space.n_labels ? errors(r, member) == 0 : share_wrong(r, member) == 0);
}

/* What happened over all members. */
struct seen {
    uint64_t n_runs, n_success, n_returned, max_queries, sum_queries;
    uint64_t min_drawn, max_drawn; /* labels and examples */
};

static void note(struct seen *seen, struct rig *r, const struct setting *s)
{
    const uint64_t drawn = r->n_labels + r->n_examples;

    seen->n_runs++;
    seen->n_success += succeeded(r, s);
    seen->n_returned += r->end.returned != SB_RETURNED_NOTHING;
    seen->sum_queries += r->n_queries;
    if (r->n_queries > seen->max_queries)
        seen->max_queries = r->n_queries;
    if (drawn > seen->max_drawn)
        seen->max_drawn = drawn;
    if (drawn < seen->min_drawn)
        seen->min_drawn = drawn;
}

static struct seen over_all(const struct setting *s)
{
    struct seen seen = { .min_drawn = UINT64_MAX };
    uint64_t n_members = 1;

    for (uint64_t i = 0; i < n_members; i++) {
        struct rig r;

        rig_run(&r, s, true, i);
        n_members = r.family->n_members;
        assert_true(n_members <= MEMBERS_MAX);
        note(&seen, &r, s);
        rig_fini(&r);
    }
    return seen;
}

static const char *const policies[] = { "extreme", "exact", "random", "round", "reference" };
/* valgrind is 40 times slower: one policy must do there. */
static size_t n_policies(void)
{
    const char *isolation = getenv("STATBED_TEST_ISOLATION"); /* sanitizers want no other */

    return getenv("STATBED_TEST_VALGRIND")               ? 1
           : isolation && strcmp(isolation, "none") == 0 ? 2
                                                         : SB_COUNT(policies);
}
/* Hidden members that one policy is tried on. */
static uint64_t fewer(uint64_t n_members)
{
    return getenv("STATBED_TEST_VALGRIND") ? (n_members + 3) / 4 : n_members;
}
#define FOR_POLICIES(s)                                                                            \
    for (size_t p_ = 0; p_ < n_policies() && ((s).policy = policies[p_], true); p_++)

/* Every member is met at a place of its own in the order: 1 + 2 + ... + (N-1), and N-1 again for
 * the last one, which needs no query. */
static void correlation_finds_each_parity_at_its_own_place(void **state)
{
    struct setting s = { .learner = "parity-correlation", .family = "parity", .goal = SB_RECOVER };

    (void)state;
    s.family_params = "dimension=5";
    s.access = "stat";
    s.oracle_params = "tolerance=0.49";
    s.budget = 1000;
    FOR_POLICIES(s)
    {
        for (int in_order = 0; in_order < 2; in_order++) {
            struct seen seen;

            s.learner_params = in_order ? "order=index" : "order=random";
            seen = over_all(&s);
            assert_int_equal(seen.n_success, 32);
            assert_int_equal(seen.max_queries, 31);
            assert_int_equal(seen.sum_queries, 31 * 32 / 2 + 31);
        }
    }
}

static void correlation_finds_sparse_noisy_parities_from_vstat(void **state)
{
    /* s = 0.6: t > 4/s^2 = 11.1 */
    struct setting s = { .learner = "parity-correlation",
                         .learner_params = "",
                         .family = "parity" };

    (void)state;
    s.family_params = "dimension=7 sparsity=3 noise=0.2 labels=01";
    s.access = "vstat";
    s.oracle_params = "t=12";
    s.goal = SB_PREDICT;
    s.budget = 1000;
    FOR_POLICIES(s)
    {
        const struct seen seen = over_all(&s);

        assert_int_equal(seen.n_success, 35);
        assert_int_equal(seen.sum_queries, 34 * 35 / 2 + 34);
    }
}

/* d = 7, tau = 0.1: k = 4, so at most 2^3 - 1 and 2^4 - 1. */
static void bent_asks_no_more_than_it_says(void **state)
{
    struct setting s = { .learner = "parity-bent", .learner_params = "", .family = "parity" };

    (void)state;
    s.budget = 1000;
    for (int kind = 0; kind < 2; kind++) {
        s.goal = kind ? SB_RECOVER : SB_PREDICT;
        s.family_params = kind ? "dimension=7 noise=0.1 labels=01" : "dimension=7";
        s.access = kind ? "vstat" : "stat"; /* s 2^-2 = 0.2 > 2/sqrt(101) */
        s.oracle_params = kind ? "t=101" : "tolerance=0.1";
        FOR_POLICIES(s)
        {
            const struct seen seen = over_all(&s);

            assert_int_equal(seen.n_success, 128);
            assert_int_equal(seen.max_queries, 7 + 15);
        }
    }
}

/* The adversary that fixes nothing until the end, then picks the worst that is left. */
static void eliminate_forces_the_worst_case(void **state)
{
    struct setting s = { .learner = "parity-correlation",
                         .family = "parity",
                         .policy = "eliminate" };
    struct rig r;
    double loss[64];

    (void)state;
    s.learner_params = "";
    s.family_params = "dimension=6";
    s.access = "stat";
    s.goal = SB_RECOVER;
    s.budget = 1000;
    for (int bent = 0; bent < 2; bent++) {
        s.learner = bent ? "parity-bent" : "parity-correlation";
        s.oracle_params = "tolerance=0.1 finish=worst"; /* bent: k = 4 */
        rig_run(&r, &s, true, 0);
        for (uint64_t i = 0; i < 64; i++)
            loss[i] = !r.family->recovered(r.family, i, r.end.value, r.end.n_value);
        r.hidden = r.policy->finish(sb_oracle_policy_state(r.oracle), loss, 1);
        assert_true(succeeded(&r, &s));
        assert_int_equal(r.n_queries, bent ? 3 + 15 : 63);
        rig_fini(&r);
    }
}

/* k = 2: tau < 2^-4, t > 2.62 2^3; one query a literal. */
static void conjunctions_are_learnt(void **state)
{
    struct setting s = { .learner = "conjunction", .learner_params = "", .family = "conjunction" };

    (void)state;
    s.budget = 1000;
    for (int kind = 0; kind < 2; kind++) {
        s.goal = kind ? SB_RECOVER : SB_PREDICT;
        s.family_params = kind ? "dimension=5 literals=2 negations=true" : "dimension=6 literals=2";
        s.access = kind ? "vstat" : "stat";
        s.oracle_params = kind ? "t=21" : "tolerance=0.062";
        FOR_POLICIES(s)
        {
            const struct seen seen = over_all(&s);

            assert_int_equal(seen.n_success, seen.n_runs);
            assert_int_equal(seen.n_runs, kind ? 40 : 15);
            assert_int_equal(seen.max_queries, kind ? 10 : 6);
        }
    }
}

/* Coarser than that, what it predicts errs on 2d 2 tau at most, and 1 is never wrong. */
static void a_coarse_tolerance_costs_a_conjunction_what_it_says(void **state)
{
    struct setting s = { .learner = "conjunction", .learner_params = "", .family = "conjunction" };

    (void)state;
    s.goal = SB_PREDICT;
    s.family_params = "dimension=6 literals=3";
    s.access = "stat";
    s.oracle_params = "tolerance=0.04";
    s.budget = 1000;
    FOR_POLICIES(s)
    {
        for (uint64_t i = 0; i < 20; i++) {
            struct rig r;

            rig_run(&r, &s, true, i);
            assert_true((double)errors(&r, i) / 64 <= 6 * 2 * 0.04);
            rig_fini(&r);
        }
    }
}

/* Every member is found where tau < rho_0/2, each at a place of its own in the order: 1 + 2 + ... + (N-1)
 * queries, and N-1 again for the last one. */
static void exhaustion_finds_lifted_parities(void **state)
{
    struct setting s = { .learner = "lifted-parity-correlation", .family = "lifted" };

    (void)state;
    s.goal = SB_RECOVER;
    s.budget = 1000;
    s.access = "stat";
    for (int edge = 0; edge < (getenv("STATBED_TEST_VALGRIND") ? 1 : 2); edge++) {
        s.family_params = edge ? "dimension=5 m=3 profile=edge sparsity=2" : "dimension=4 lift=dv";
        s.learner_params = edge ? "signal=0.08" : "signal=0.9";
        s.oracle_params = edge ? "tolerance=0.03" : "tolerance=0.4";
        FOR_POLICIES(s)
        {
            const struct seen seen = over_all(&s);
            const uint64_t n = edge ? 10 : 16;

            assert_int_equal(seen.n_success, n);
            assert_int_equal(seen.max_queries, n - 1);
            assert_int_equal(seen.sum_queries, (n - 1) * n / 2 + n - 1);
        }
    }
}

static void selection_returns_the_best_candidate(void **state)
{
    struct setting s = { .learner = "hypothesis-selection", .learner_params = "" };

    (void)state;
    s.goal = SB_PREDICT;
    s.budget = 1000;
    for (int kind = 0; kind < 2; kind++) {
        s.family = kind ? "conjunction" : "parity";
        s.family_params = kind ? "dimension=6 literals=2" : "dimension=5 noise=0.1";
        s.access = kind ? "vstat" : "stat"; /* tau < 2^-3: t > 16; tau < 0.2 */
        s.oracle_params = kind ? "t=17" : "tolerance=0.19";
        FOR_POLICIES(s)
        {
            const struct seen seen = over_all(&s);

            assert_int_equal(seen.n_success, seen.n_runs);
            assert_int_equal(seen.max_queries, kind ? 15 : 32);
        }
    }
}

/* tau^2 M < 1 with M = 1 + 6 + 15 leaves an error below 1, and tau^2 22 < 1/64 none at all. */
static void low_degree_learns_what_is_of_low_degree(void **state)
{
    struct setting s = { .learner = "low-degree", .learner_params = "degree=2" };

    (void)state;
    s.goal = SB_PREDICT;
    s.budget = 1000;
    for (int kind = 0; kind < 2; kind++) {
        s.family = kind ? "conjunction" : "parity";
        s.family_params = kind ? "dimension=6 literals=2" : "dimension=6 sparsity=2 labels=01";
        s.access = kind ? "vstat" : "stat";
        s.oracle_params = kind ? "t=1500" : "tolerance=0.026";
        FOR_POLICIES(s)
        {
            const struct seen seen = over_all(&s);

            assert_int_equal(seen.n_success, 15);
            assert_int_equal(seen.max_queries, 22);
        }
    }
}

/* What learners/halfspace.c promises of one setting. */
struct halfspace_promise {
    double tau;                        /* of answers about E[label x], for labels -1 and 1 */
    double theta, noise, clip, c, off; /* off: E */
    uint32_t dim;
};

static double normal_tail(double z)
{
    return erfc(z / sqrt(2)) / 2;
}

static double normal_density(double z)
{
    return exp(-z * z / 2) / sqrt(2 * M_PI);
}

static void promise(struct halfspace_promise *p)
{
    const double B = p->clip, d = p->dim;
    const double e1 = 2 * (normal_density(B) - B * normal_tail(B));
    const double e2 = sqrt(2 * ((1 + B * B) * normal_tail(B) - B * normal_density(B)));

    p->c = (1 - 2 * p->noise) * 2 * normal_density(p->theta);
    p->off = sqrt(d) * B * p->tau + (1 - 2 * p->noise) * fmin(sqrt(d) * e1, e2);
    assert_true(p->off < 0.7 * p->c); /* else nothing is promised */
}

/* The angle between w and u, of any length. */
static double angle_to(const long double *w, const double *u, uint32_t dim)
{
    long double dot = 0, side = 0;

    for (uint32_t j = 0; j < dim; j++)
        dot += w[j] * u[j];
    for (uint32_t j = 0; j < dim; j++)
        side += (u[j] - dot * w[j]) * (u[j] - dot * w[j]);
    return (double)atan2l(sqrtl(side), dot);
}

/* Pr[[<w,x> >= theta] != [<u,x> >= s]], |u| = 1 at this angle from w: a sum over t = <u,x>. */
static double disagreement(double angle, double theta, double s)
{
    const int steps = 4000;
    double sum = 0;

    for (int i = 0; i < steps; i++) {
        const double t = -9 + 18 * (i + 0.5) / steps;
        const double plus = normal_tail((theta - cos(angle) * t) / fmax(sin(angle), 1e-12));

        sum += (t >= s ? 1 - plus : plus) * normal_density(t) * 18 / steps;
    }
    return sum;
}

/* The predictor is low + width step(dot(u) - s). */
static void read_predictor(struct rig *r, double *u, double *s_out)
{
    const sb_expr e = sb_expr_decode(r->pool, r->end.expr.data, r->end.expr.n);
    const struct sb_node *node = sb_pool_node(r->pool, e);

    assert_int_equal(node->op, SB_ADD);
    node = sb_pool_node(r->pool, node->arg[1]);
    assert_int_equal(node->op, SB_MUL);
    node = sb_pool_node(r->pool, node->arg[1]);
    assert_int_equal(node->op, SB_STEP);
    node = sb_pool_node(r->pool, node->arg[0]);
    assert_int_equal(node->op, SB_SUB);
    *s_out = sb_pool_node(r->pool, node->arg[1])->num[0];
    node = sb_pool_node(r->pool, node->arg[0]);
    assert_int_equal(node->op, SB_DOT);
    memcpy(u, node->num, node->n_num * sizeof *u);
}

/* The integral of phi over [0,t], over phi(t). */
static double bias_ratio(double t)
{
    return (0.5 - normal_tail(t)) / normal_density(t);
}

static void check_promise(struct rig *r, const struct halfspace_promise *p, uint64_t member)
{
    const double far_off = asin(p->off / p->c);
    const double shift = (p->tau + bias_ratio(fabs(p->theta)) * p->off) / (p->c - p->off);
    long double w[HALFSPACE_DIM_MAX];
    double u[HALFSPACE_DIM_MAX], s, angle;

    halfspace_direction(member, p->dim, w);
    read_predictor(r, u, &s);
    angle = angle_to(w, u, p->dim);
    assert_true(angle <= far_off * (1 + 1e-9));
    assert_true(fabs(s - p->theta) <= shift * (1 + 1e-9));
    assert_true(disagreement(angle, p->theta, s) <=
                far_off / M_PI + shift * normal_density(0) + 1e-5);
}

/* Over the Gaussian, for every policy: d + 1 queries, and the angle, the threshold and the error that
 * the learner's page promises. Tolerances are coarse on purpose, the promises then are not wide. */
static void halfspaces_are_learnt_as_promised(void **state)
{
    static const struct {
        const char *family, *access, *oracle, *learner;
        struct halfspace_promise promise;
    } cases[] = {
        { "dimension=4", "stat", "tolerance=0.05", "", { .tau = 0.05, .dim = 4, .clip = 3 } },
        { "dimension=6 threshold=0.8 noise=0.1 labels=01",
          "stat",
          "tolerance=0.02",
          "clip=2.5",
          { .tau = 0.02, .theta = 0.8, .noise = 0.1, .dim = 6, .clip = 2.5 } },
        { "dimension=3 threshold=-0.5",
          "vstat",
          "t=1000",
          "clip=4",
          { .tau = 0.0316228, .theta = -0.5, .dim = 3, .clip = 4 } },
        { "dimension=5 labels=01 threshold=0.2",
          "csq",
          "tolerance=0.02",
          "",
          { .tau = 0.04, .theta = 0.2, .dim = 5, .clip = 3 } },
    };

    (void)state;
    for (size_t k = 0; k < SB_COUNT(cases); k++) {
        struct setting s = { .learner = "halfspace",
                             .learner_params = cases[k].learner,
                             .family = "halfspace",
                             .family_params = cases[k].family,
                             .access = cases[k].access,
                             .oracle_params = cases[k].oracle,
                             .goal = SB_PREDICT,
                             .budget = 100 };
        struct halfspace_promise p = cases[k].promise;

        promise(&p);
        FOR_POLICIES(s)
        {
            for (uint64_t member = 0; member < fewer(3); member++) {
                struct rig r;

                rig_run(&r, &s, true, member);
                assert_int_equal(r.end.returned, SB_RETURNED_EXPR);
                assert_int_equal(r.n_queries, p.dim + 1);
                check_promise(&r, &p, member);
                rig_fini(&r);
            }
        }
    }
}

/* On the cube what is returned points along the Chow parameters E[label s_j], which are summed here
 * over all points, as closely as the tolerance allows. */
static void halfspaces_of_the_cube_show_their_chow_parameters(void **state)
{
    struct setting s = { .learner = "halfspace",
                         .learner_params = "",
                         .family = "halfspace",
                         .family_params = "dimension=7 domain=cube threshold=0.3",
                         .access = "stat",
                         .oracle_params = "tolerance=0.05",
                         .goal = SB_RECOVER,
                         .budget = 100 };

    (void)state;
    FOR_POLICIES(s)
    {
        for (uint64_t member = 0; member < fewer(6); member++) {
            long double w[HALFSPACE_DIM_MAX], chow[7] = { 0 }, norm = 0;
            struct rig r;

            halfspace_direction(member, 7, w);
            for (uint64_t x = 0; x < 128; x++) {
                long double margin = -0.3L;

                for (uint32_t j = 0; j < 7; j++)
                    margin += x >> j & 1 ? -w[j] : w[j];
                for (uint32_t j = 0; j < 7; j++)
                    chow[j] += ((margin >= 0) == (x >> j & 1) ? -1.0L : 1.0L) / 128;
            }
            for (uint32_t j = 0; j < 7; j++)
                norm += chow[j] * chow[j];
            for (uint32_t j = 0; j < 7; j++)
                chow[j] /= sqrtl(norm);
            rig_run(&r, &s, true, member);
            assert_int_equal(r.n_queries, 8);
            assert_int_equal(r.end.n_value, 7);
            assert_true(angle_to(chow, r.end.value, 7) <=
                        asin(sqrt(7) * 0.05 / sqrt((double)norm)) + 1e-9);
            rig_fini(&r);
        }
    }
}

/* What the learner of half-spaces predicts on the cube, from exact answers: measured, not promised. */
static void halfspaces_of_the_cube_are_nearly_learnt(void **state)
{
    struct setting s = { .learner = "halfspace",
                         .learner_params = "",
                         .family = "halfspace",
                         .family_params = "dimension=8 domain=cube threshold=0.3 labels=01",
                         .access = "csq",
                         .policy = "exact",
                         .oracle_params = "tolerance=0.05",
                         .goal = SB_PREDICT,
                         .budget = 100 };
    const uint64_t n_members = fewer(40);
    uint64_t sum = 0, most = 0;

    (void)state;
    for (uint64_t member = 0; member < n_members; member++) {
        struct rig r;
        uint64_t n;

        rig_run(&r, &s, true, member);
        n = errors(&r, member);
        sum += n;
        most = n > most ? n : most;
        rig_fini(&r);
    }
    assert_true((double)sum / (double)n_members / 256 < 0.06);
    assert_true((double)most / 256 < 0.15);
}

static void learners_tell_a_member_from_the_null(void **state)
{
    static const struct setting settings[] = {
        { "parity-correlation", "", "parity", "dimension=4", "stat", NULL, "tolerance=0.49",
          SB_DISTINGUISH, 1000 },
        { "parity-bent", "", "parity", "dimension=5 noise=0.1", "stat", NULL, "tolerance=0.1",
          SB_DISTINGUISH, 1000 },
        { "conjunction", "", "conjunction", "dimension=5 literals=2", "stat", NULL,
          "tolerance=0.062", SB_DISTINGUISH, 1000 },
        /* (c/sqrt(d) - e1)/B = 0.13 > 2 tau */
        { "halfspace", "", "halfspace", "dimension=4 members=5", "stat", NULL,
          "tolerance=0.06 slack=0.5", SB_DISTINGUISH, 1000 },
        { "halfspace", "", "halfspace", "dimension=4 members=5 domain=cube threshold=0.1", "vstat",
          NULL, "t=100", SB_DISTINGUISH, 1000 },
    };

    (void)state;
    for (size_t i = 0; i < SB_COUNT(settings); i++) {
        struct setting s = settings[i];

        FOR_POLICIES(s)
        {
            const struct seen seen = over_all(&s);
            struct rig r;

            assert_int_equal(seen.n_success, seen.n_runs);
            rig_run(&r, &s, false, 0);
            assert_true(succeeded(&r, &s));
            rig_fini(&r);
        }
    }
}

/* 10 queries rule out 10 of 32: the guess is among the others, and right for exactly one more. */
static void a_budget_ends_in_a_guess(void **state)
{
    struct setting s = { .learner = "parity-correlation",
                         .learner_params = "",
                         .family = "parity" };
    struct seen seen;

    (void)state;
    s.family_params = "dimension=5";
    s.access = "stat";
    s.policy = "extreme";
    s.oracle_params = "tolerance=0.49";
    s.goal = SB_RECOVER;
    s.budget = 10;
    seen = over_all(&s);
    assert_int_equal(seen.n_success, 11);
    s.learner = "parity-bent"; /* k = 0: the same */
    assert_int_equal(over_all(&s).n_success, 11);
}

/* Loading m4ri takes milliseconds: it stays. */
static void keep_loaded(const char *learner)
{
    struct sb_diag diag;
    char *path = NULL;

    sb_diag_init(&diag);
    assert_int_equal(sb_learner_find(learner, ".", &path, &diag), 0);
    assert_non_null(dlopen(path, RTLD_NOW | RTLD_LOCAL));
    free(path);
    sb_diag_fini(&diag);
}

static const uint32_t goals[] = { SB_PREDICT, SB_RECOVER, SB_DISTINGUISH };

/* Every member found, and, where that is the goal, told from the null, for just this many labels or
 * examples. */
static void assert_finds_all(struct setting *s, uint64_t n_drawn)
{
    const struct seen seen = over_all(s);
    struct rig r;

    assert_int_equal(seen.n_success, seen.n_runs);
    assert_int_equal(seen.min_drawn, n_drawn);
    assert_int_equal(seen.max_drawn, n_drawn);
    assert_int_equal(seen.max_queries, 0);
    if (s->goal != SB_DISTINGUISH)
        return;
    rig_run(&r, s, false, 0);
    assert_true(succeeded(&r, s));
    rig_fini(&r);
}

/* 30 more than d examples span GF(2)^d but for probability 2^-30; all runs meet the same points. */
static void elimination_solves_for_every_parity(void **state)
{
    static const char *const families[] = { "dimension=1", "dimension=5 labels=01",
                                            "dimension=6 sparsity=3", "dimension=63 sparsity=1" };
    static const uint64_t dims[] = { 1, 5, 6, 63 };
    struct setting s = { .learner = "parity-elimination",
                         .learner_params = "extra=30 fresh=12",
                         .family = "parity",
                         .access = "sample",
                         .policy = "fresh",
                         .oracle_params = "",
                         .budget = 105 };

    (void)state;
    keep_loaded(s.learner);
    for (size_t i = 0; i < SB_COUNT(families); i++)
        for (size_t g = 0; g < SB_COUNT(goals); g++) {
            if (dims[i] > DIM_MAX && goals[g] == SB_PREDICT)
                continue; /* 2^63 points */
            s.family_params = families[i];
            s.goal = goals[g];
            assert_finds_all(&s, dims[i] + 30 + 12);
        }
}

/* With no more than d examples their rank is full with probability 0.29; 20 fresh ones let a wrong
 * solution pass with 64 2^-20. Whatever is returned is right, and something is not. */
static void elimination_returns_what_it_has_checked(void **state)
{
    struct setting s = { .learner = "parity-elimination",
                         .learner_params = "extra=0 fresh=20",
                         .family = "parity",
                         .family_params = "dimension=8 sparsity=2",
                         .access = "sample",
                         .policy = "fresh",
                         .oracle_params = "",
                         .goal = SB_RECOVER,
                         .budget = 100 };
    const struct seen all = over_all(&s);
    struct seen few;

    (void)state;
    assert_int_equal(all.n_success, all.n_returned);
    s.learner_params = "extra=0 fresh=0"; /* the control: unchecked */
    few = over_all(&s);
    assert_int_equal(few.n_success, all.n_success);
    assert_int_equal(few.n_returned, few.n_runs);
    assert_true(few.n_success < few.n_runs);
}

/* 66 equations in 6 unknowns, flipped with probability 0.2: a solution exists with probability
 * 64 0.8^66 = 3e-5 at most. With 6 equations there is often one: it passes 60 fresh examples with
 * 0.8^60 = 2e-6 at most. */
static void elimination_says_that_labels_are_noisy(void **state)
{
    static const char *const checks[] = { "extra=60 fresh=0", "extra=0 fresh=60" };
    struct setting s = { .learner = "parity-elimination",
                         .family = "parity",
                         .family_params = "dimension=6 noise=0.2",
                         .access = "sample",
                         .policy = "fresh",
                         .oracle_params = "",
                         .budget = 1000 };
    struct rig r;

    (void)state;
    for (size_t i = 0; i < SB_COUNT(checks) * SB_COUNT(goals); i++) {
        s.learner_params = checks[i % SB_COUNT(checks)];
        s.goal = goals[i / SB_COUNT(checks)];
        rig_run(&r, &s, true, 37);
        assert_int_equal(r.end.end, SB_END_FINISHED);
        assert_int_equal(r.end.returned,
                         s.goal == SB_DISTINGUISH ? SB_RETURNED_VERDICT : SB_RETURNED_NOTHING);
        assert_int_equal(r.end.verdict, 0);
        rig_fini(&r);
    }
}

/* The least multiple of ln 2 that is at least ln x. */
static double ln_up(double x)
{
    return ceil(log2(x) - 1e-9) * log(2);
}

static void membership_reads_every_parity(void **state)
{
    struct setting s = { .learner = "parity-membership",
                         .learner_params = "",
                         .family = "parity",
                         .access = "label",
                         .policy = "fresh",
                         .oracle_params = "",
                         .budget = 1000 };

    (void)state;
    for (size_t g = 0; g < SB_COUNT(goals); g++) {
        /* 8 ln(100), rounded up to ln 128, for the mean label at 0; the null is told at 1/2: one
         * run, failing with exp(-39/8) = 0.008, seen not to at this key */
        const uint64_t n = goals[g] == SB_DISTINGUISH ? (uint64_t)ceil(8 * ln_up(100)) : 6;

        s.goal = goals[g];
        s.family_params = "dimension=5 labels=01";
        assert_finds_all(&s, n);
        s.family_params = "dimension=5 sparsity=3";
        assert_finds_all(&s, n);
    }
}

/* Majorities of r fail together with delta = 1e-9 a run, and 32 runs with 3e-8. */
static void membership_outvotes_noise(void **state)
{
    struct setting s = { .learner = "parity-membership",
                         .learner_params = "delta=1e-9",
                         .family = "parity",
                         .family_params = "dimension=5 noise=0.3",
                         .access = "label",
                         .policy = "fresh",
                         .oracle_params = "",
                         .budget = 10000 };
    const double signal_sq = 0.4 * 0.4;
    const uint64_t r = (uint64_t)ceil(2 * ln_up(6e9) / signal_sq) | 1;

    (void)state;
    for (size_t g = 0; g < SB_COUNT(goals); g++) {
        s.goal = goals[g];
        assert_finds_all(&s, s.goal == SB_DISTINGUISH ? (uint64_t)ceil(8 * ln_up(1e9) / signal_sq)
                                                      : 6 * r);
    }
    /* The control: at 3 each a majority is wrong with probability 0.216, as seen at this key. */
    s.learner_params = "repeats=3";
    s.goal = SB_RECOVER;
    assert_true(over_all(&s).n_success < 32);
}

/* s = 0.4 and a tolerance that is coarser. Under STAT(0.6) a = 0.7, so that g = a s / tau = 0.4667; under
 * VSTAT(3) tau = P = 2/3, a = 2/3 and g = 0.4. */
static void set_dithered(struct setting *s, bool vstat, uint32_t goal)
{
    *s = (struct setting){ .learner = "parity-dither",
                           .family = "parity",
                           .family_params =
                               vstat ? "dimension=2 noise=0.3 labels=01" : "dimension=2 noise=0.3",
                           .access = vstat ? "vstat" : "stat",
                           .oracle_params = vstat ? "t=3" : "tolerance=0.6",
                           .goal = goal,
                           .budget = 1000000 };
}

/* All 4 sets are found, and told from the null, with m dithers. */
static void assert_dithered(struct setting *s, const char *policy, int m)
{
    char params[32];
    struct seen seen;
    struct rig r;

    snprintf(params, sizeof params, "dithers=%d", m);
    s->learner_params = params;
    s->policy = policy;
    seen = over_all(s);
    assert_int_equal(seen.n_success, 4);
    assert_int_equal(seen.sum_queries, 4 * 4 * m);
    if (s->goal != SB_DISTINGUISH)
        return;
    rig_run(&r, s, false, 0);
    assert_true(succeeded(&r, s));
    rig_fini(&r);
}

/* Noise averages out: of all runs with random and extreme one fails with probability 1e-7 at most. The
 * numbers are those of the learner's page: m = ln(4 * 100 runs / 1e-7) 4 / g^2, twice that to
 * distinguish; and P/(a s), which is 2.14 and 2.5, for round. */
static void dither_reads_what_is_below_the_tolerance(void **state)
{
    (void)state;
    for (size_t g = 0; g < SB_COUNT(goals); g++) {
        const int twice = goals[g] == SB_DISTINGUISH ? 2 : 1;

        for (int vstat = 0; vstat < 2; vstat++) {
            const double gap = vstat ? 0.4 : 0.28 / 0.6;
            const int m = (int)ceil(twice * 4 * log(4 * 100 / 1e-7) / (gap * gap));
            struct setting s;

            set_dithered(&s, vstat, goals[g]);
            assert_dithered(&s, "exact", 1);
            assert_dithered(&s, "round", 3);
            if (getenv("STATBED_TEST_VALGRIND"))
                continue;
            assert_dithered(&s, "random", m);
            assert_dithered(&s, "extreme", m);
        }
    }
}

/* The controls: one question a set is too few for the noise, as seen at this key; at an honest
 * tolerance, below a s / 2 = 0.19, it is enough. */
static void dither_needs_its_dithers(void **state)
{
    struct setting s;

    (void)state;
    set_dithered(&s, false, SB_RECOVER);
    s.learner_params = "dithers=1";
    s.policy = "extreme";
    assert_true(over_all(&s).n_success < 4);
    s.oracle_params = "tolerance=0.1";
    FOR_POLICIES(s)
    {
        assert_int_equal(over_all(&s).n_success, 4);
    }
}

/* Where the null answers, all sets look alike: what is named is the empty set, 1 of 4, and nobody is ruled
 * out. */
static void dither_learns_nothing_from_the_null(void **state)
{
    const double loss[4] = { 0, 1, 1, 1 };
    struct setting s;
    struct rig r;
    bool null_live;

    (void)state;
    for (int vstat = 0; vstat < 2; vstat++) {
        set_dithered(&s, vstat, SB_RECOVER);
        s.learner_params = "dithers=50";
        s.policy = "reference";
        assert_int_equal(over_all(&s).n_success, 1);
        s.policy = "eliminate";
        s.oracle_params = vstat ? "t=3 finish=worst" : "tolerance=0.6 finish=worst";
        rig_run(&r, &s, true, 0);
        for (uint64_t i = 0; i < 4; i++)
            assert_true(r.policy->live(sb_oracle_policy_state(r.oracle), &null_live)[i]);
        r.hidden = r.policy->finish(sb_oracle_policy_state(r.oracle), loss, 1);
        assert_false(succeeded(&r, &s));
        rig_fini(&r);
    }
}

/* When the budget ends, sets that were not asked in full do not count: of members 0 .. 3 the first three
 * are found, and for the other one all means are 0. */
static void dither_names_the_best_of_those_asked(void **state)
{
    struct setting s;

    (void)state;
    set_dithered(&s, false, SB_PREDICT);
    s.learner_params = "dithers=10";
    s.policy = "exact";
    s.budget = 3 * 10 + 9;
    assert_int_equal(over_all(&s).n_success, 3);
}

/* What kushilevitz-mansour says that it asks. */
static uint64_t heavy_labels(uint64_t dim, double th, double delta)
{
    const double th_sq = th * th, estimates = ((double)dim * 8 + 4) / th_sq;
    const double ln = ln_up(2 * estimates / delta);

    return 2 * dim * (uint64_t)ceil(32 * ln / (th_sq * th_sq)) + (uint64_t)ceil(32 * ln / th_sq);
}

static void assert_found_heavy(uint32_t goal, uint64_t dim, bool noisy)
{
    struct setting s = { .learner = "kushilevitz-mansour",
                         .learner_params = "delta=1e-6",
                         .family = "parity",
                         .access = "label",
                         .policy = "fresh",
                         .oracle_params = "",
                         .goal = goal,
                         .budget = UINT32_MAX };
    char family[64];
    struct seen seen;
    struct rig r;

    snprintf(family, sizeof family, "dimension=%d %s", (int)dim,
             noisy ? "noise=0.1 labels=01" : "");
    s.family_params = family;
    seen = over_all(&s);
    assert_int_equal(seen.n_success, seen.n_runs);
    assert_int_equal(seen.min_drawn, heavy_labels(dim, noisy ? 0.8 : 1, 1e-6));
    assert_int_equal(seen.max_drawn, seen.min_drawn);
    if (goal != SB_DISTINGUISH)
        return;
    rig_run(&r, &s, false, 0);
    assert_true(succeeded(&r, &s));
    rig_fini(&r);
}

/* It fails with probability delta = 1e-6 a run. */
static void heavy_coefficients_are_found(void **state)
{
    (void)state;
    if (getenv("STATBED_TEST_VALGRIND")) {
        assert_found_heavy(SB_RECOVER, 2, false);
        return;
    }
    assert_found_heavy(SB_RECOVER, 6, false);
    for (size_t g = 0; g < SB_COUNT(goals); g++)
        assert_found_heavy(goals[g], 5, true);
}

/* As signs, a conjunction of two literals has four coefficients of size 1/2 and no others: what is
 * found is the function. */
static void heavy_coefficients_predict_conjunctions(void **state)
{
    struct setting s = { .learner = "kushilevitz-mansour",
                         .learner_params = "delta=1e-6 threshold=0.5",
                         .family = "conjunction",
                         .family_params = "dimension=4 literals=2",
                         .access = "label",
                         .policy = "fresh",
                         .oracle_params = "",
                         .goal = SB_PREDICT,
                         .budget = UINT32_MAX };
    struct seen seen;

    (void)state;
    if (getenv("STATBED_TEST_VALGRIND"))
        return;
    seen = over_all(&s);
    assert_int_equal(seen.n_runs, 6);
    assert_int_equal(seen.n_success, 6);
    assert_int_equal(seen.max_drawn, heavy_labels(4, 0.5, 1e-6));
}

/* A budget that is too small is known before anything is asked: nothing is spent or returned. */
static void a_small_budget_is_seen_beforehand(void **state)
{
    static const struct {
        const char *learner, *access;
        uint64_t need;
    } all[] = { { "parity-elimination", "sample", 6 + 10 + 10 },
                { "parity-membership", "label", 7 },
                { "kushilevitz-mansour", "label", 0 } };

    (void)state;
    for (size_t i = 0; i < SB_COUNT(all); i++) {
        struct setting s = { .learner = all[i].learner,
                             .learner_params = "",
                             .family = "parity",
                             .family_params = "dimension=6",
                             .access = all[i].access,
                             .policy = "fresh",
                             .oracle_params = "",
                             .goal = SB_RECOVER };
        const uint64_t need = all[i].need ? all[i].need : heavy_labels(6, 1, 0.01);
        struct rig r;

        s.budget = need - 1;
        rig_run(&r, &s, true, 5);
        assert_int_equal(r.end.end, SB_END_FAILED);
        assert_int_equal(r.end.returned, SB_RETURNED_NOTHING);
        assert_int_equal(r.n_labels + r.n_examples, 0);
        rig_fini(&r);
        s.budget = need;
        rig_run(&r, &s, true, 5);
        assert_true(succeeded(&r, &s));
        assert_int_equal(r.n_labels + r.n_examples, need);
        rig_fini(&r);
    }
}

/* S0-1.1a: u = 1 for products and ridges; ggj-network of k = 2, with v the rank of the smaller of the two:
 * u = E ((1 + v)/2)^(d-2) = 8 (1/((d-1) d) - 2^-(d-1)/(d-1) + 2^-d/d), .325 at d = 5, since another f_S agrees
 * where its second coordinate is larger than that, too, and of the same sign. */
static void wilmes_reads_the_index(void **state)
{
    static const struct {
        const char *family, *family_params, *learner_params, *access, *fine, *coarse;
        uint64_t n_members, n_bits;
    } at[] = { { "hermite-monomial", "dimension=3 degree=2", "", "stat", "tolerance=0.49",
                 "tolerance=0.6", 6, 3 },
               { "hermite-monomial", "dimension=3 degree=3 form=ridge directions=5", "", "vstat",
                 "t=5", "t=1", 5, 3 },
               { "ggj-network", "dimension=5 size=2", "u=0.325", "stat", "tolerance=0.15",
                 "tolerance=0.25 slack=0.1", 10, 4 } };

    (void)state;
    for (size_t i = 0; i < SB_COUNT(at); i++) {
        struct setting s = { .learner = "vempala-wilmes",
                             .learner_params = at[i].learner_params,
                             .family = at[i].family,
                             .family_params = at[i].family_params,
                             .access = at[i].access,
                             .goal = SB_PREDICT,
                             .budget = 100 };
        struct seen seen;

        s.oracle_params = at[i].fine;
        FOR_POLICIES(s)
        {
            seen = over_all(&s);
            assert_int_equal(seen.n_runs, at[i].n_members);
            assert_int_equal(seen.n_success, at[i].n_members);
            assert_int_equal(seen.max_queries, at[i].n_bits + 1);
        }
        s.oracle_params = at[i].coarse;
        s.policy = "extreme"; /* beyond u/2 for half of the members at every bit */
        seen = over_all(&s);
        assert_true(2 * seen.n_success <= at[i].n_members);
    }
}

static void wilmes_tells_members_from_the_null(void **state)
{
    struct setting s = { .learner = "vempala-wilmes",
                         .learner_params = "",
                         .family = "hermite-monomial",
                         .family_params = "dimension=4 degree=2",
                         .access = "stat",
                         .oracle_params = "tolerance=0.49",
                         .goal = SB_DISTINGUISH,
                         .budget = 100 };

    (void)state;
    FOR_POLICIES(s)
    {
        struct seen seen = { 0 };
        struct rig r;

        for (int planted = 0; planted < 2; planted++) {
            rig_run(&r, &s, planted, 7);
            note(&seen, &r, &s);
            rig_fini(&r);
        }
        assert_int_equal(seen.n_success, 2);
    }
}

/* D8 and D3 recover each monomial; what they ask. */
static void monomials_are_recovered(void **state)
{
    static const struct {
        const char *learner, *learner_params, *family_params, *access, *oracle_params;
        uint64_t n_members, max_queries;
    } at[] = { { "sparse-polynomial", "degree=2 scale=8", "dimension=3 degree=2", "stat",
                 "tolerance=0.03 slack=0.5", 6, 3 + 5 },
               { "sparse-polynomial", "degree=2 scale=1", "dimension=3 degree=2 scale=1", "vstat",
                 "t=1200 slack=0.5", 6, 3 + 5 },
               { "low-degree-hermite", "degree=2 scale=8", "dimension=3 degree=2", "stat",
                 "tolerance=0.06 slack=0.5", 6, 10 } };

    (void)state;
    for (size_t i = 0; i < SB_COUNT(at); i += getenv("STATBED_TEST_VALGRIND") ? 2 : 1) {
        struct setting s = { .learner = at[i].learner,
                             .learner_params = at[i].learner_params,
                             .family = "hermite-monomial",
                             .family_params = at[i].family_params,
                             .access = at[i].access,
                             .policy = i % 2 ? "reference" : "extreme",
                             .oracle_params = at[i].oracle_params,
                             .goal = SB_RECOVER,
                             .budget = 100 };
        const struct seen seen = over_all(&s);

        assert_int_equal(seen.n_runs, at[i].n_members);
        assert_int_equal(seen.n_success, at[i].n_members);
        assert_int_equal(seen.max_queries, at[i].max_queries);
    }
}

/* D5 fits a half-space: it errs on less than 15% of 512 points. */
static void gradients_learn_a_halfspace(void **state)
{
    static const struct {
        const char *access, *policy, *oracle_params, *family_params;
    } at[] = { { "stat", "exact", "tolerance=0.02 slack=0.5", "dimension=4" },
               { "csq", "random", "tolerance=0.02 slack=0.5", "dimension=4" },
               { "vstat", "exact", "t=2500 slack=0.5", "dimension=6 domain=cube" } };
    const bool slow = getenv("STATBED_TEST_VALGRIND"); /* only that it runs to its end */
    const uint64_t steps = slow ? 4 : 20;

    (void)state;
    for (size_t i = 0; i < SB_COUNT(at); i += slow ? 2 : 1) {
        struct setting s = { .learner = "gradient-descent",
                             .learner_params = slow ? "width=4 steps=4 check=2 rate=0.3 clip=3"
                                                    : "width=4 steps=20 rate=0.3 clip=3",
                             .family = "halfspace",
                             .family_params = at[i].family_params,
                             .access = at[i].access,
                             .policy = at[i].policy,
                             .oracle_params = at[i].oracle_params,
                             .goal = SB_PREDICT,
                             .budget = 10000 };
        struct rig r;

        rig_run(&r, &s, true, 7);
        assert_int_equal(r.end.end, SB_END_FINISHED);
        assert_int_equal(r.end.returned, SB_RETURNED_EXPR);
        assert_int_equal(r.n_queries, steps * (4 * (r.family->space.dim + 2) + 1) + 2);
        assert_true(slow || share_wrong(&r, 7) < 0.15);
        rig_fini(&r);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gradients_learn_a_halfspace),
        cmocka_unit_test(wilmes_reads_the_index),
        cmocka_unit_test(wilmes_tells_members_from_the_null),
        cmocka_unit_test(monomials_are_recovered),
        cmocka_unit_test(correlation_finds_each_parity_at_its_own_place),
        cmocka_unit_test(correlation_finds_sparse_noisy_parities_from_vstat),
        cmocka_unit_test(bent_asks_no_more_than_it_says),
        cmocka_unit_test(eliminate_forces_the_worst_case),
        cmocka_unit_test(conjunctions_are_learnt),
        cmocka_unit_test(a_coarse_tolerance_costs_a_conjunction_what_it_says),
        cmocka_unit_test(halfspaces_are_learnt_as_promised),
        cmocka_unit_test(halfspaces_of_the_cube_show_their_chow_parameters),
        cmocka_unit_test(halfspaces_of_the_cube_are_nearly_learnt),
        cmocka_unit_test(exhaustion_finds_lifted_parities),
        cmocka_unit_test(selection_returns_the_best_candidate),
        cmocka_unit_test(low_degree_learns_what_is_of_low_degree),
        cmocka_unit_test(learners_tell_a_member_from_the_null),
        cmocka_unit_test(a_budget_ends_in_a_guess),
        cmocka_unit_test(elimination_solves_for_every_parity),
        cmocka_unit_test(elimination_returns_what_it_has_checked),
        cmocka_unit_test(elimination_says_that_labels_are_noisy),
        cmocka_unit_test(membership_reads_every_parity),
        cmocka_unit_test(membership_outvotes_noise),
        cmocka_unit_test(dither_reads_what_is_below_the_tolerance),
        cmocka_unit_test(dither_needs_its_dithers),
        cmocka_unit_test(dither_learns_nothing_from_the_null),
        cmocka_unit_test(dither_names_the_best_of_those_asked),
        cmocka_unit_test(heavy_coefficients_are_found),
        cmocka_unit_test(heavy_coefficients_predict_conjunctions),
        cmocka_unit_test(a_small_budget_is_seen_beforehand),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
