/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The shipped learners against real oracles, in process: right for every hidden member and every
 * policy at the tolerance that their head comments state, within the queries that they state. */
#include "oracles/access/accesses.h"
#include "oracles/families/families.h"
#include "oracles/policies/policies.h"
#include "query/eval.h"
#include "runner/learner.h"
#include "unit.h"

#include <math.h>

enum { WORDS = 8, TABLES = 3, MEMBERS_MAX = 256, DIM_MAX = 8 };

/* One setting; the strings are "key=value key=value". */
struct setting {
    const char *learner, *learner_params;
    const char *family, *family_params;
    const char *access, *policy, *oracle_params;
    uint32_t goal;
    uint64_t budget;
};

/* All that a run needs, and what came of it. */
struct rig {
    struct sb_values family_values, oracle_values, learner_values;
    struct sb_family *family;
    const struct sb_policy_class *policy;
    const struct sb_access_class *access;
    struct sb_learner_process *process;
    struct sb_oracle *oracle;
    struct sb_pool *pool;
    struct sb_hidden hidden;
    struct sb_learner_end end;
    uint64_t n_queries;
};

static void parse(const char *text, const struct sb_param *const *tables, size_t n_tables,
                  struct sb_values *out)
{
    struct sb_given given[WORDS];
    struct sb_diag diag;
    char *copy = strdup(text), *rest = copy;
    size_t n = 0;

    memset(given, 0, sizeof given);
    for (char *word = strsep(&rest, " "); word; word = strsep(&rest, " ")) {
        if (!*word)
            continue;
        assert_true(n < WORDS);
        given[n].name = strsep(&word, "=");
        given[n++].text = word;
    }
    sb_diag_init(&diag);
    if (sb_values_parse(tables, n_tables, given, n, NULL, 0, text, out, &diag))
        fail_msg("%s: %s", text, diag.n_items ? diag.items[0].text : "?");
    sb_diag_fini(&diag);
    free(copy);
}

#define FIND(list, wanted, found)                                                                  \
    do {                                                                                           \
        for (size_t i_ = 0; (list)[i_]; i_++)                                                      \
            if (strcmp((list)[i_]->name, (wanted)) == 0)                                           \
                (found) = (list)[i_];                                                              \
        assert_non_null(found);                                                                    \
    } while (0)

static void make_oracle(struct rig *r, const struct setting *s, struct sb_diag *diag)
{
    const struct sb_family_class *class = NULL;
    const struct sb_param *tables[TABLES];
    struct sb_oracle_setup setup = { .budget = s->budget,
                                     .null_is_candidate = s->goal == SB_DISTINGUISH };

    FIND(sb_families, s->family, class);
    FIND(sb_accesses, s->access, r->access);
    FIND(sb_policies, s->policy, r->policy);
    tables[0] = class->params;
    parse(s->family_params, tables, 1, &r->family_values);
    assert_int_equal(sb_family_new(class, &r->family_values, &r->family, diag), 0);
    tables[0] = r->access->params;
    tables[1] = r->policy->params;
    tables[2] = sb_oracle_params;
    parse(s->oracle_params, tables, TABLES, &r->oracle_values);
    setup.access = r->access;
    setup.policy = r->policy;
    setup.values = &r->oracle_values;
    setup.family = r->family;
    assert_int_equal(sb_oracle_new(&setup, &r->oracle, diag), 0);
    r->pool = sb_pool_new(&r->family->space);
    assert_non_null(r->pool);
}

static void make_learner(struct rig *r, const struct setting *s, struct sb_diag *diag)
{
    const struct sb_limits limits = { .memory_mib = 256, .output_kib = 16 };
    const struct sb_param *tables[1];
    char *path = NULL;

    assert_int_equal(sb_learner_find(s->learner, ".", &path, diag), 0);
    assert_int_equal(sb_learner_start(path, SB_ISOLATION_NONE, &limits, &r->process, diag), 0);
    tables[0] = sb_learner_descriptor(r->process)->params;
    parse(s->learner_params, tables, 1, &r->learner_values);
    free(path);
}

static int serve_ready(void *self)
{
    struct rig *r = self;

    if (!r->policy->lazy)
        sb_oracle_hide(r->oracle, r->hidden);
    return 0;
}

static int serve_ask(void *self, const struct sb_wire_query *q, uint64_t n, double *answers,
                     int32_t *status, const char **message_out)
{
    struct rig *r = self;
    struct sb_diag diag;

    sb_diag_init(&diag);
    for (uint64_t i = 0; i < n; i++) {
        const uint32_t mark = sb_pool_mark(r->pool);
        const sb_expr e = q[i].expr ? sb_expr_decode(r->pool, q[i].expr, q[i].n_expr) : 0;
        struct sb_asked asked;

        const struct sb_ask ask = { .pool = r->pool,
                                    .expr = e,
                                    .cause = q[i].cause,
                                    .access = q[i].access,
                                    .tolerance = q[i].tolerance };

        if (sb_oracle_ask(r->oracle, &ask, &asked, &diag))
            fail_msg("%s", diag.n_items ? diag.items[0].text : "the oracle failed");
        assert_false(asked.clipped); /* every range is provable */
        status[i] = asked.status;
        answers[i] = asked.reply.answer;
        if (asked.status != SB_OK)
            *message_out = "refused";
        sb_pool_forget(r->pool, mark);
    }
    sb_diag_fini(&diag);
    return 0;
}

static void rig_run(struct rig *r, const struct setting *s, bool planted, uint64_t member)
{
    const struct sb_server server = { .self = r, .ready = serve_ready, .ask = serve_ask };
    struct sb_facts facts = { .struct_size = sizeof facts, .goal = s->goal };
    struct sb_task task = { .facts = &facts, .coins = 1 };
    struct sb_diag diag;

    memset(r, 0, sizeof *r);
    sb_diag_init(&diag);
    r->hidden = (struct sb_hidden){ planted, member };
    make_oracle(r, s, &diag);
    make_learner(r, s, &diag);
    facts.domain = r->family->space.domain;
    facts.dim = r->family->space.dim;
    facts.modulus = r->family->space.modulus;
    facts.access = r->access->bit;
    facts.n_queries = s->budget;
    facts.n_candidates = r->family->space.n_candidates;
    facts.n_labels = r->family->space.n_labels;
    facts.label_set = r->family->space.labels;
    facts.family = s->family;
    for (int bit = 0; bit < SB_ACCESS_KINDS; bit++)
        task.tolerance[bit] =
            r->access->bit >> bit & 1 ? r->access->granted(&r->oracle_values).value : NAN;
    task.learner = &r->learner_values;
    task.family = &r->family_values;
    assert_int_equal(sb_learner_run(r->process, &task, &server, &r->end, &diag), 0);
    assert_int_equal(r->end.end, SB_END_FINISHED);
    r->n_queries = sb_oracle_totals(r->oracle)->n_queries;
    sb_diag_fini(&diag);
}

static void rig_fini(struct rig *r)
{
    sb_learner_end_fini(&r->end);
    sb_learner_close(r->process);
    sb_pool_free(r->pool);
    sb_oracle_free(r->oracle);
    sb_family_free(r->family);
    sb_values_fini(&r->learner_values);
    sb_values_fini(&r->oracle_values);
    sb_values_fini(&r->family_values);
}

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

static bool succeeded(struct rig *r, const struct setting *s)
{
    const uint64_t member = r->hidden.member;

    if (s->goal == SB_DISTINGUISH)
        return r->end.returned == SB_RETURNED_VERDICT && r->end.verdict == r->hidden.planted;
    if (s->goal == SB_RECOVER)
        return r->end.returned == SB_RETURNED_VALUE &&
               r->family->recovered(r->family, member, r->end.value, r->end.n_value);
    return r->end.returned == SB_RETURNED_EXPR && errors(r, member) == 0;
}

/* What happened over all members. */
struct seen {
    uint64_t n_runs, n_success, max_queries, sum_queries;
};

static void note(struct seen *seen, struct rig *r, const struct setting *s)
{
    seen->n_runs++;
    seen->n_success += succeeded(r, s);
    seen->sum_queries += r->n_queries;
    if (r->n_queries > seen->max_queries)
        seen->max_queries = r->n_queries;
}

static struct seen over_all(const struct setting *s)
{
    struct seen seen = { 0 };
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
    return getenv("STATBED_TEST_VALGRIND") ? 1 : SB_COUNT(policies);
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

static void learners_tell_a_member_from_the_null(void **state)
{
    static const struct setting settings[] = {
        { "parity-correlation", "", "parity", "dimension=4", "stat", NULL, "tolerance=0.49",
          SB_DISTINGUISH, 1000 },
        { "parity-bent", "", "parity", "dimension=5 noise=0.1", "stat", NULL, "tolerance=0.1",
          SB_DISTINGUISH, 1000 },
        { "conjunction", "", "conjunction", "dimension=5 literals=2", "stat", NULL,
          "tolerance=0.062", SB_DISTINGUISH, 1000 },
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(correlation_finds_each_parity_at_its_own_place),
        cmocka_unit_test(correlation_finds_sparse_noisy_parities_from_vstat),
        cmocka_unit_test(bent_asks_no_more_than_it_says),
        cmocka_unit_test(eliminate_forces_the_worst_case),
        cmocka_unit_test(conjunctions_are_learnt),
        cmocka_unit_test(a_coarse_tolerance_costs_a_conjunction_what_it_says),
        cmocka_unit_test(selection_returns_the_best_candidate),
        cmocka_unit_test(low_degree_learns_what_is_of_low_degree),
        cmocka_unit_test(learners_tell_a_member_from_the_null),
        cmocka_unit_test(a_budget_ends_in_a_guess),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
