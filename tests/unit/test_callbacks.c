/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Queries that are callbacks: certificates against 113-bit enumeration, on whole domains and at random
 * points; what the learner's side can see of the hidden member (nothing); callbacks that misbehave. */
#include "called.h"
#include "estimate/public_bets.h"

#include <errno.h>

static const char *const rules[] = { "stat", "bernoulli", "variance" };

/* (answer - p)^2 or |answer - p| against the tolerance; > 0 where it is outside */
static cube_wide excess(const char *rule, double tolerance, cube_wide p, cube_wide second,
                        double answer)
{
    const cube_wide t = tolerance, gap = answer > p ? answer - p : p - answer;
    const cube_wide spread = strcmp(rule, "variance") == 0 ? second - p * p : p * (1 - p);

    if (strcmp(rule, "stat") == 0)
        return gap - t;
    return gap * t <= 1 ? gap - 1 / t : gap * gap - spread / t;
}

/* The same by all of (x, y), for families of every kind. */
static cube_wide brute(const struct called *f, int64_t member, int power)
{
    const uint64_t size = UINT64_C(1) << f->c->dim;
    cube_wide sum = 0;

    for (uint64_t x = 0; x < size; x++)
        for (int l = 0; l < 2; l++) {
            const double y = cube_label_set(f->c, l);
            const cube_wide v = called_value(f, x, y);

            sum += cube_chance(f->c, member, x, y) * (power == 2 ? v * v : v);
        }
    return sum / size;
}

static double tolerance_for(struct rng *r, const char *rule)
{
    static const double tau[] = { 0.5, 0.1, 0.001, 1e-6, 1e-9, 0.3 };
    static const double t[] = { 1, 4, 10, 49, 1e4, 1e9 };

    return strcmp(rule, "stat") == 0 ? tau[rng_below(r, 6)] : t[rng_below(r, 6)];
}

/* Every policy that hides a member, small cubes: the answer is valid, the certificate exact. */
static void test_whole_domains(void **state)
{
    static const char *const names[] = { "exact", "random", "round", "extreme", "reference" };
    struct rng r = { 31 };

    (void)state;
    for (int trial = 0; trial < 300; trial++) {
        const char *rule = rules[rng_below(&r, 3)];
        const double tolerance = tolerance_for(&r, rule);
        struct cube c = cube_random_family(&r, 6);
        struct called f;
        struct rig rig;
        int64_t member;

        cube_open(&c);
        member = rng_below(&r, 8) ? (int64_t)(rng_next(&r) % c.n) : CUBE_NULL;
        rig_open(&rig, &c, rig_policy(names[trial % 5]), rule, tolerance, NULL, false, 1);
        rig_hide(&rig, member);
        for (int i = 0; i < 4; i++) {
            struct sb_asked asked;
            cube_wide p, gap;

            called_init(&f, &c, rng_next(&r), UINT64_MAX, strcmp(rule, "stat") == 0 ? -1 : 0);
            asked = called_ask(&rig, &f);
            p = brute(&f, member, 1);
            gap = asked.reply.truth.value > p ? asked.reply.truth.value - p
                                              : p - asked.reply.truth.value;
            assert_int_equal(asked.reply.truth.method, SB_PUBLIC_DOMAIN);
            assert_int_equal(asked.reply.truth.samples, 0);
            assert_int_equal(asked.cost, 1);
            assert_true(asked.has_callback && !asked.has_expr && !asked.clipped);
            assert_int_equal(f.n_points, UINT64_C(1) << c.dim);
            assert_true(gap <= (cube_wide)asked.reply.truth.half_width + (cube_wide)0x1p-100);
            assert_true(asked.reply.truth.half_width < 1e-14);
            if (excess(rule, tolerance, p, brute(&f, member, 2), asked.reply.answer) >
                (cube_wide)0x1p-100)
                fail_msg("%s, %s %g: %.17g is not within tolerance of %.17g", names[trial % 5],
                         rule, tolerance, asked.reply.answer, (double)p);
        }
        rig_close(&rig);
        cube_close(&c);
    }
}

/* eliminate: every survivor has had valid answers, and the null's value is what it says. */
static void test_eliminate(void **state)
{
    struct rng r = { 32 };
    int n_dropped = 0;

    (void)state;
    for (int trial = 0; trial < 120; trial++) {
        const char *rule = rules[rng_below(&r, 3)];
        const double tolerance = strcmp(rule, "stat") == 0 ? 0.2 : 20;
        struct cube c = cube_random_family(&r, 5);
        struct called f;
        struct rig rig;

        cube_open(&c);
        rig_open(&rig, &c, rig_policy("eliminate"), rule, tolerance, "random", trial % 2, 1);
        for (int i = 0; i < 6; i++) {
            const uint8_t *live;
            bool null_live;
            struct sb_asked asked;

            called_init(&f, &c, rng_next(&r), UINT64_MAX, strcmp(rule, "stat") == 0 ? -1 : 0);
            if (i % 3 == 2) /* expressions in between */
                asked = rig_ask(&rig, &c, cube_query(&c, &r, f.lo));
            else
                asked = called_ask(&rig, &f);
            live = rig.setup.policy->live(sb_oracle_policy_state(rig.oracle), &null_live);
            for (uint64_t m = 0; m < c.n && i % 3 != 2; m++) {
                const cube_wide over = excess(rule, tolerance, brute(&f, (int64_t)m, 1),
                                              brute(&f, (int64_t)m, 2), asked.reply.answer);

                assert_true(!live[m] || over <= (cube_wide)0x1p-100);
                n_dropped += !live[m];
            }
        }
        rig_close(&rig);
        cube_close(&c);
    }
    assert_true(n_dropped > 100);
}

static double slack_of(const char *policy)
{
    return strcmp(policy, "reference") == 0 ? 0.05 : 0.5;
}

/* Beyond 24 coordinates: the certificates of truth and null hold (false alarm: 1e-6 a query, 1e-4 in
 * all), within the share of the tolerance. */
static void test_random_points(void **state)
{
    static const char *const names[] = { "exact", "random", "round", "extreme", "reference" };
    static const uint32_t dims[] = { 25, 30, 40, 63 };
    struct rng r = { 33 };

    (void)state;
    for (int trial = 0; trial < 40; trial++) {
        const char *rule = rules[trial % 3], *name = names[trial % 5];
        const double tolerance = trial % 3 ? 4 : 0.4;
        struct cube c =
            cube_new(true, dims[trial % 4], 0, trial % 2 ? 0.1 : 0, trial % 7 == 0, false);
        const uint64_t mask =
            rng_next(&r) & rng_next(&r) & rng_next(&r) & ((UINT64_C(1) << c.dim) - 1);
        const uint64_t set = trial % 4 == 3 ? mask ^ 1 : mask;
        struct sb_asked asked;
        struct called f;
        struct rig rig;
        cube_wide p, gap;

        cube_open(&c);
        rig_open(&rig, &c, rig_policy(name), rule, tolerance, NULL, false, (uint64_t)trial);
        rig_hide(&rig, trial % 8 == 7 ? CUBE_NULL : (int64_t)set);
        called_init(&f, &c, rng_next(&r), mask, trial % 3 ? 0 : -1);
        asked = called_ask(&rig, &f);
        p = called_mean(&f, set, trial % 8 == 7, 1, false);
        gap =
            asked.reply.truth.value > p ? asked.reply.truth.value - p : p - asked.reply.truth.value;
        assert_int_equal(asked.reply.truth.method, SB_PUBLIC_POINTS);
        assert_true(gap <= asked.reply.truth.half_width);
        assert_true(asked.reply.truth.half_width <=
                    slack_of(name) * (trial % 3 ? sqrt(0.25 / tolerance) : tolerance));
        assert_true(excess(rule, tolerance, p, called_mean(&f, set, trial % 8 == 7, 2, false),
                           asked.reply.answer) <= 0);
        if (asked.reply.from_null) {
            const cube_wide p0 = called_mean(&f, 0, true, 1, false);
            const cube_wide off =
                asked.reply.answer > p0 ? asked.reply.answer - p0 : p0 - asked.reply.answer;

            assert_true(off <= asked.reply.null_half_width);
        }
        assert_int_equal(f.n_points, asked.reply.truth.samples + SB_BLOCK); /* some asked twice */
        rig_close(&rig);
        cube_close(&c);
    }
}

/* The capital of one bet on v_i = sum_l Pr[l|x_i] f under a member, against the mean m: its logarithm. */
static double capital(const struct called *f, const struct sb_law *null, uint64_t member,
                      const struct sb_public_result *result, double bet, double m)
{
    double sum = 0;

    for (uint64_t start = 0; start < result->n_points; start += SB_BLOCK) {
        uint64_t bits[SB_BLOCK];
        const struct sb_points points = { .bits = bits };

        sb_law_points(null, (struct sb_key){ { 0 } }, 0, start, SB_BLOCK, &points);
        for (int i = 0; i < SB_BLOCK; i++) {
            const int odd = __builtin_popcountll(bits[i] & member) & 1;

            sum += log1p(bet * ((double)called_value(f, bits[i], odd ? -1 : 1) - m));
        }
    }
    return sum;
}

/* By points drawn again, the examples' own capital shows both ends of the interval (public_bets.h),
 * whoever is hidden; and the half-width is everyone's. One exchange is enough here: one bet. */
static void test_the_worst_label_covers_everyone(void **state)
{
    static const char *const text[] = {
        "lt(y,0)*chi(0)", "lt(0,y)*chi(0)", "y*chi(0,1,2)", "chi(3)/4-3/4", "y", "lt(0,y)*x0*x1*x2"
    };

    (void)state;
    for (size_t k = 0; k < SB_COUNT(text); k += getenv("STATBED_TEST_VALGRIND") ? 3 : 1) {
        struct cube c = cube_new(true, 27, 0, 0, false, false);
        static const uint64_t members[] = { 1, 7, 6, 0 };
        struct sb_public_result result;
        struct sb_law law[2];
        struct called f;

        cube_open(&c);
        called_init(&f, &c, 1, 15, -1);
        f.expr = sb_expr_parse(c.pool, text[k], NULL);
        for (int m = 0; m < 4; m++) {
            struct sb_public_task task = { .space = &c.family->space,
                                           .callback = &f.callback,
                                           .law = { &law[0], &law[1] },
                                           .lo = -1,
                                           .hi = 1,
                                           .lipschitz = INFINITY,
                                           .tolerance = { SB_RULE_STAT, 0.1 },
                                           .share = 0.5,
                                           .delta = 0.01 };
            struct sb_public_bets bets;
            double value, half_width, bet;

            c.family->law(c.family, members[m], false, &law[0]);
            c.family->null_law(c.family, &law[1]);
            assert_int_equal(sb_public_points(&task, &result), 0);
            assert_int_equal(result.n_points, SB_CALL_BLOCKS * SB_BLOCK);
            sb_public_bets_init(&bets, 2, task.delta, 0.05);
            bet = sb_public_bets_weight(&bets) / 2;
            value = result.estimate[0].value;
            half_width = result.estimate[0].half_width;
            assert_true(capital(&f, &law[1], members[m], &result, bet, value - half_width) >=
                        log(2 / task.delta));
            assert_true(capital(&f, &law[1], members[m], &result, -bet, value + half_width) >=
                        log(2 / task.delta));
            assert_same(result.estimate[0].half_width, result.estimate[1].half_width);
            assert_true(result.estimate[0].half_width <= 0.05);
        }
        cube_close(&c);
    }
}

/* A planted parity answered with its own character: 1, and not the null's 0. */
static void test_a_character_is_found(void **state)
{
    struct cube c = cube_new(true, 30, 0, 0, false, false);
    struct sb_asked asked;
    struct called f;
    struct rig rig;

    (void)state;
    cube_open(&c);
    rig_open(&rig, &c, rig_policy("reference"), "stat", 0.5, NULL, false, 1);
    rig_hide(&rig, 0x2081);
    called_init(&f, &c, 1, 0x2081, -1);
    f.expr = cube_op(&c, SB_MUL, sb_pool_op(c.pool, SB_Y, NULL, 0, NULL, 0), cube_chi(&c, 0x2081));
    asked = called_ask(&rig, &f);
    assert_false(asked.reply.from_null);
    assert_near(asked.reply.answer, 1, asked.reply.truth.half_width);
    f.expr = cube_op(&c, SB_MUL, sb_pool_op(c.pool, SB_Y, NULL, 0, NULL, 0), cube_chi(&c, 0x2083));
    asked = called_ask(&rig, &f);
    assert_true(asked.reply.from_null);
    rig_close(&rig);
    cube_close(&c);
}

static sb_expr label(const struct cube *c)
{
    return sb_pool_op(c->pool, SB_Y, NULL, 0, NULL, 0);
}

static sb_expr half_of_one_plus(const struct cube *c, sb_expr e)
{
    return cube_op(c, SB_DIV, cube_op(c, SB_ADD, cube_const(c, 1), e), cube_const(c, 2));
}

/* What the learner's side and the record's public part see, two members and the null: the same
 * points, as many, the same digests; and all answers that came from the null. */
static void test_nothing_of_the_member_shows(void **state)
{
    static const char *const names[] = { "exact", "random", "round", "extreme", "reference" };
    static const uint32_t dims[] = { 5, 10, 26, 41 };
    const int n_trials = getenv("STATBED_TEST_VALGRIND") ? 15 : 30;
    struct rng r = { 34 };
    int n_from_null = 0;

    (void)state;
    for (int trial = 0; trial < n_trials; trial++) {
        const char *rule = rules[trial % 3];
        struct cube c = cube_new(true, dims[trial % 4], 0, trial % 5 ? 0 : 0.2, false, false);
        const uint64_t mask =
            rng_next(&r) & rng_next(&r) & rng_next(&r) & ((UINT64_C(1) << c.dim) - 1);
        const int64_t members[3] = { (int64_t)mask, CUBE_NULL, (int64_t)(mask ^ 3) };
        const uint64_t salt = rng_next(&r);
        struct sb_asked asked[3];
        struct sb_digest seen[3];
        struct called f[3];

        cube_open(&c);
        for (int k = 0; k < 3; k++) {
            struct rig rig;

            rig_open(&rig, &c, rig_policy(names[trial % 5]), rule, trial % 3 ? 2 : 0.5, NULL, false,
                     9);
            rig_hide(&rig, members[k]);
            called_init(&f[k], &c, salt, mask, trial % 3 ? 0 : -1);
            if (trial % 6 <
                3) /* mean 1 under one, 1/2 under the others: stopping rules differ there */
                f[k].expr =
                    half_of_one_plus(&c, cube_op(&c, SB_MUL, label(&c), cube_chi(&c, mask)));
            called_ask(&rig, &f[k]);
            asked[k] = called_ask(&rig, &f[k]);
            rig_close(&rig);
        }
        for (int k = 0; k < 3; k++)
            seen[k] = sb_hash_final(&f[k].seen);
        for (int k = 1; k < 3; k++) {
            assert_int_equal(f[0].n_points, f[k].n_points);
            assert_int_equal(f[0].n_calls, f[k].n_calls);
            assert_true(sb_digest_equal(&seen[0], &seen[k]));
            assert_true(sb_digest_equal(&asked[0].digest, &asked[k].digest));
            assert_int_equal(asked[0].status, asked[k].status);
            if (asked[0].reply.from_null && asked[k].reply.from_null) {
                assert_same(asked[0].reply.answer, asked[k].reply.answer);
                n_from_null++;
            }
        }
        cube_close(&c);
    }
    assert_true(n_from_null > 3);
}

/* The digest names the query: another name or another function, another digest. */
static void test_digests(void **state)
{
    struct cube c = cube_new(true, 6, 0, 0, false, false);
    struct sb_digest digest[8];
    struct rig rig;

    (void)state;
    cube_open(&c);
    rig_open(&rig, &c, rig_policy("exact"), "stat", 0.1, NULL, false, 1);
    rig_hide(&rig, 5);
    for (int i = 0; i < 8; i++) {
        struct called f;

        called_init(&f, &c, i == 2 ? 8 : 7, UINT64_MAX, -1);
        f.callback.name = i == 3 ? "psi" : "phi";
        if (i == 4 || i == 5) /* the same squares */
            f.expr = i == 4 ? label(&c) : cube_op(&c, SB_NEG, label(&c), 0);
        if (i >= 6) /* the same sums, too: the same values elsewhere */
            f.expr = cube_op(&c, SB_MUL, label(&c), cube_chi(&c, i == 6 ? 1 : 2));
        digest[i] = called_ask(&rig, &f).digest;
    }
    assert_true(sb_digest_equal(&digest[0], &digest[1]));
    for (int i = 0; i < 8; i++)
        for (int j = 0; j < i; j++)
            assert_int_equal(sb_digest_equal(&digest[i], &digest[j]), i == 1 && j == 0);
    rig_close(&rig);
    cube_close(&c);
}

/* extreme: one query has one side, and 40 queries have both (all the same by chance: 2^-39). */
static void test_extreme_takes_sides(void **state)
{
    struct cube c = cube_new(true, 6, 0, 0, false, false);
    int n_above = 0;
    struct rig rig;

    (void)state;
    cube_open(&c);
    rig_open(&rig, &c, rig_policy("extreme"), "stat", 0.1, NULL, false, 1);
    rig_hide(&rig, 5);
    for (uint64_t i = 0; i < 40; i++) {
        struct sb_asked once, again;
        struct called f;

        called_init(&f, &c, i, UINT64_MAX, -1);
        once = called_ask(&rig, &f);
        again = called_ask(&rig, &f);
        assert_same(once.reply.answer, again.reply.answer);
        n_above += once.reply.answer > once.reply.truth.value;
    }
    assert_in_range(n_above, 1, 39);
    rig_close(&rig);
    cube_close(&c);
}

/* A callback that is another function after half of its points, or after all of them when some are
 * asked again: refused where points are drawn, in one line. (64 points are asked again: all of them
 * from the second half with probability 2^-64.) */
static void test_impure(void **state)
{
    struct cube c = cube_new(true, 30, 0, 0, false, false);
    uint64_t n = 0;

    (void)state;
    cube_open(&c);
    for (int i = 0; i < 4; i++) {
        struct sb_asked asked;
        struct called f;
        struct rig rig;

        rig_open(&rig, &c, rig_policy("reference"), "stat", 0.5, NULL, false, 1);
        rig_hide(&rig, 77);
        called_init(&f, &c, 5, 0xff, -1);
        f.changes_after = i == 1 ? n / 2 : i == 2 ? n : 0;
        assert_int_equal(called_try(&rig, &f, 0, &asked), 0);
        n = i == 0 ? asked.reply.truth.samples : n;
        assert_int_equal(asked.status, i == 1 || i == 2 ? SB_REFUSED : SB_OK);
        if (asked.status) {
            assert_non_null(strstr(asked.message, "not a pure function"));
            assert_non_null(strstr(asked.message, "at x = ("));
            assert_null(strchr(asked.message, '\n'));
            assert_int_equal(asked.cost, 0);
        }
        rig_close(&rig);
    }
    cube_close(&c);
}

/* Out of range at one public point: the query is refused, and the line names value, point, label. */
static void test_out_of_range(void **state)
{
    static const double bad[] = {
        NAN, INFINITY, -INFINITY, 1 + 0x1p-52, -1 - 0x1p-52, 1e300, 1, -1
    };
    struct cube c = cube_new(true, 4, 0, 0, false, false);
    struct rig rig;

    (void)state;
    cube_open(&c);
    rig_open(&rig, &c, rig_policy("reference"), "stat", 0.1, NULL, false, 1);
    rig_hide(&rig, 3);
    for (size_t i = 0; i < SB_COUNT(bad); i++) {
        struct sb_asked asked;
        struct called f;

        called_init(&f, &c, 5, UINT64_MAX, -1);
        f.odd_x = true;
        f.odd_bits = 5;
        f.odd_slot = i % 2;
        f.odd_value = bad[i];
        assert_int_equal(called_try(&rig, &f, 0, &asked), 0);
        assert_int_equal(asked.status, i < 6 ? SB_RANGE : SB_OK);
        assert_int_equal(asked.seq, i + 1);
        if (asked.status) {
            assert_non_null(strstr(asked.message, "x = (1, 0, 1, 0)"));
            assert_non_null(strstr(asked.message, i % 2 ? "label 1" : "label -1"));
            assert_non_null(strstr(asked.message, "callback 'phi'"));
            assert_non_null(strstr(asked.message, "[-1,1]"));
        }
    }
    assert_int_equal(sb_oracle_totals(rig.oracle)->n_answered, 2);
    rig_close(&rig);
    cube_close(&c);
}

/* The name is the learner's: whatever it holds, the message stays one line; long points are cut. */
static void test_messages_stay_one_line(void **state)
{
    struct cube c = cube_new(true, 40, 0, 0, false, false);
    struct sb_asked asked;
    struct called f;
    struct rig rig;

    (void)state;
    cube_open(&c);
    rig_open(&rig, &c, rig_policy("exact"), "bernoulli", 10, NULL, false, 1);
    rig_hide(&rig, 3);
    called_init(&f, &c, 5, 1, -0.5); /* below 0 in a third of all points */
    f.callback.name = "a\nb\x1b[0m with a very long name that goes on and on and on and on %s %n";
    assert_int_equal(called_try(&rig, &f, 0, &asked), 0);
    assert_int_equal(asked.status, SB_RANGE);
    assert_null(strchr(asked.message, '\n'));
    assert_null(strchr(asked.message, 0x1b));
    assert_non_null(strstr(asked.message, ", ...)"));
    assert_true(strlen(asked.message) < 255);
    rig_close(&rig);
    cube_close(&c);
}

/* The learner's process ended in a callback, or time ran out: the run is over, and the query has its
 * number and its record. */
static void test_the_process_ends(void **state)
{
    static const uint32_t dims[] = { 16, 30 };
    static const int with[] = { -ECONNABORTED, -ETIME };

    (void)state;
    for (int i = 0; i < 8; i++) {
        struct cube c = cube_new(true, dims[i & 1], 0, 0, false, false);
        struct sb_asked asked;
        struct called f;
        struct rig rig;

        cube_open(&c);
        rig_open(&rig, &c, rig_policy(i & 4 ? "exact" : "reference"), "stat", 0.1, NULL, false, 1);
        rig_hide(&rig, 3);
        called_init(&f, &c, 5, 0xff, -1);
        f.fail_at = 2;
        f.fail_with = with[i >> 1 & 1];
        assert_int_equal(called_try(&rig, &f, 0, &asked), f.fail_with);
        assert_int_equal(asked.status, SB_STOP);
        assert_int_equal(asked.seq, 1);
        assert_int_equal(f.n_calls, 2);
        assert_int_equal(sb_oracle_totals(rig.oracle)->n_answered, 0);
        rig_close(&rig);
        cube_close(&c);
    }
}

/* The fuse is looked at before each exchange. */
static void test_fuse(void **state)
{
    const struct sb_fuse blown = { 1 };
    struct cube c = cube_new(true, 30, 0, 0, false, false);
    struct sb_asked asked;
    struct called f;
    struct rig rig;

    (void)state;
    cube_open(&c);
    rig_open(&rig, &c, rig_policy("exact"), "stat", 0.1, NULL, false, 1);
    sb_oracle_free(rig.oracle);
    rig.setup.fuse = &blown;
    assert_int_equal(rig_make(&rig), 0);
    rig_hide(&rig, 3);
    called_init(&f, &c, 5, 0xff, -1);
    assert_int_equal(called_try(&rig, &f, 0, &asked), -ETIME);
    assert_int_equal(f.n_calls, 0);
    rig_close(&rig);
    cube_close(&c);
}

/* Where points cannot be public, where answers are drawn, where too many points would be needed, and
 * all that holds for any query. */
static void test_refusals(void **state)
{
    struct sb_given m = { .name = "m", .text = "10" };
    struct cube c = cube_new(true, 30, 0, 0, false, false);
    struct sb_asked asked;
    struct called f;
    struct rig rig;

    (void)state;
    cube_open(&c);
    called_init(&f, &c, 5, 0xff, -1);
    rig_open(&rig, &c, rig_policy("exact"), "stat", 1e-6, NULL, false, 1);
    rig_hide(&rig, 3);
    called_try(&rig, &f, 0, &asked); /* 1e13 points */
    assert_int_equal(asked.status, SB_REFUSED);
    assert_non_null(strstr(asked.message, "coarser tolerance"));
    called_try(&rig, &f, 1e-7, &asked);
    assert_int_equal(asked.status, SB_TOLERANCE);
    c.family->no_public_points = "labels are atoms";
    called_try(&rig, &f, 0.1, &asked);
    assert_int_equal(asked.status, SB_REFUSED);
    assert_string_equal(asked.message, "labels are atoms; use an expression");
    c.family->no_public_points = NULL;
    rig_close(&rig);

    /* 0 with one label and 1 with the other: the worst label's tolerance is 1/t, for 1e13 points */
    f = (struct called){ 0 };
    called_init(&f, &c, 5, 0, 0);
    f.expr = sb_expr_parse(c.pool, "step(y)", NULL);
    assert_true(f.expr != 0);
    rig_open(&rig, &c, rig_policy("exact"), "bernoulli", 1e6, NULL, false, 1);
    rig_hide(&rig, 3);
    called_try(&rig, &f, 0, &asked);
    assert_int_equal(asked.status, SB_REFUSED);
    assert_non_null(strstr(asked.message, "coarser tolerance"));
    assert_in_range(f.n_calls, 1, 2);
    rig_close(&rig);
    called_init(&f, &c, 5, 0xff, -1);

    rig_set(&rig, &c, rig_policy("fresh"), "honest", &m, 1, 1);
    assert_int_equal(rig_make(&rig), 0);
    rig_hide(&rig, 3);
    called_try(&rig, &f, 0, &asked);
    assert_int_equal(asked.status, SB_REFUSED);
    assert_non_null(strstr(asked.message, "use an expression"));
    assert_int_equal(sb_oracle_totals(rig.oracle)->n_examples, 0);
    assert_int_equal(f.n_calls, 0);
    rig_close(&rig);
    cube_close(&c);
}

/* csq: y g(x), by callback and by expression, both label sets, both kinds of points. */
static void test_csq(void **state)
{
    struct sb_given tolerance = { .name = "tolerance", .text = "0.3" };
    struct rng r = { 35 };

    (void)state;
    for (int trial = 0; trial < 40; trial++) {
        struct cube c =
            cube_new(true, trial % 2 ? 28 : 7, 0, trial % 3 ? 0.1 : 0, trial % 4 >= 2, false);
        const uint64_t mask = rng_next(&r) & rng_next(&r) & ((UINT64_C(1) << c.dim) - 1) & 0xffff;
        struct sb_asked asked;
        struct called f;
        struct rig rig;
        cube_wide p, gap;

        cube_open(&c);
        rig_set(&rig, &c, rig_policy(trial % 5 ? "exact" : "reference"), "csq", &tolerance, 1, 3);
        assert_int_equal(rig_make(&rig), 0);
        rig_hide(&rig, (int64_t)mask);
        called_init(&f, &c, rng_next(&r), mask, -1);
        if (trial % 7 == 0)
            f.expr = cube_chi(&c, mask);
        asked = called_ask(&rig, &f);
        p = called_mean(&f, mask, false, 1, true);
        gap =
            asked.reply.truth.value > p ? asked.reply.truth.value - p : p - asked.reply.truth.value;
        assert_int_equal(asked.access, SB_CSQ);
        assert_true(gap <= (cube_wide)asked.reply.truth.half_width + (cube_wide)0x1p-100);
        assert_true(fabs((double)(asked.reply.answer - p)) <= 0.3);
        if (f.expr) { /* asked as an expression it is the same query */
            const struct sb_asked again = rig_ask(&rig, &c, f.expr);

            assert_int_equal(again.status, SB_OK);
            assert_near(again.reply.truth.value, (double)p, 1e-15);
        }
        rig_close(&rig);
        cube_close(&c);
    }
}

/* csq takes functions of x alone, and clips them before the label comes in. */
static void test_csq_expressions(void **state)
{
    struct sb_given tolerance = { .name = "tolerance", .text = "0.05" };
    struct cube c = cube_new(true, 5, 0, 0, false, false);
    static const char *const with_label[] = { "y", "y*chi(0)", "candidate_bit(1)", "y-y+x0" };
    struct sb_asked asked;
    struct rig rig;

    (void)state;
    cube_open(&c);
    rig_set(&rig, &c, rig_policy("exact"), "csq", &tolerance, 1, 3);
    assert_int_equal(rig_make(&rig), 0);
    rig_hide(&rig, 1);
    for (size_t i = 0; i < SB_COUNT(with_label); i++) {
        asked = rig_ask(&rig, &c, sb_expr_parse(c.pool, with_label[i], &rig.diag));
        assert_int_equal(asked.status, SB_REFUSED);
        assert_non_null(strstr(asked.message, "leave y out"));
    }
    asked = rig_ask(&rig, &c, sb_expr_parse(c.pool, "3*chi(0)", &rig.diag));
    assert_true(asked.clipped);
    assert_same(asked.reply.answer, 1); /* E[y clip(3 chi)] = 1 */
    asked = rig_ask(&rig, &c, sb_expr_parse(c.pool, "x0/4", &rig.diag));
    assert_same(asked.reply.answer, -0.125); /* y = -1 where x0 = 1 */
    rig_try(&rig, &c, cube_chi(&c, 1), NULL, SB_STAT, 0, &asked);
    assert_int_equal(asked.status, SB_REFUSED);
    rig_close(&rig);
    cube_close(&c);
}

/* lipschitz: expressions by proof, callbacks by sight, and refused where they cannot be seen. */
static void test_lipschitz(void **state)
{
    struct sb_given given[2] = { { .name = "tolerance", .text = "0.05" },
                                 { .name = "lambda", .text = "0.5" } };
    static const struct {
        const char *text;
        int32_t status;
    } line[] = { { "x0", SB_OK },          { "y/2", SB_OK },
                 { "lt(y,0)", SB_OK },     { "y*chi(0,1)/2", SB_OK },
                 { "y", SB_REFUSED },      { "y*chi(0)", SB_REFUSED },
                 { "0.51*y", SB_REFUSED }, { "2*lt(y,0)-1", SB_REFUSED } };

    (void)state;
    for (int wide = 0; wide < 2; wide++) {
        struct cube c = cube_new(true, wide ? 30 : 6, 0, 0, false, false);
        struct sb_asked asked;
        struct called f;
        struct rig rig;

        cube_open(&c);
        rig_set(&rig, &c, rig_policy("exact"), "lipschitz", given, 2, 3);
        assert_int_equal(rig_make(&rig), 0);
        rig_hide(&rig, 1);
        for (size_t i = 0; i < SB_COUNT(line); i++) {
            const sb_expr e = sb_expr_parse(c.pool, line[i].text, &rig.diag);

            asked = rig_ask(&rig, &c, e);
            assert_int_equal(asked.status, line[i].status);
            assert_int_equal(asked.access, SB_STAT);
            called_init(&f, &c, 1, 3, -1);
            f.expr = e;
            called_try(&rig, &f, 0, &asked);
            assert_int_equal(asked.status, wide ? SB_REFUSED : line[i].status);
            if (asked.status)
                assert_non_null(strstr(asked.message, wide ? "use an expression" : "steeper"));
        }
        rig_close(&rig);
        cube_close(&c);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_whole_domains),
        cmocka_unit_test(test_eliminate),
        cmocka_unit_test(test_random_points),
        cmocka_unit_test(test_a_character_is_found),
        cmocka_unit_test(test_nothing_of_the_member_shows),
        cmocka_unit_test(test_the_worst_label_covers_everyone),
        cmocka_unit_test(test_digests),
        cmocka_unit_test(test_extreme_takes_sides),
        cmocka_unit_test(test_impure),
        cmocka_unit_test(test_out_of_range),
        cmocka_unit_test(test_messages_stay_one_line),
        cmocka_unit_test(test_the_process_ends),
        cmocka_unit_test(test_fuse),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_csq),
        cmocka_unit_test(test_csq_expressions),
        cmocka_unit_test(test_lipschitz),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
