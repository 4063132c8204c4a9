/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The adversaries against enumeration: windows in 113 bits, the point in most of them by trying every end
 * of every window, what is dropped member by member, caps, and profiles that list a few members beside
 * those that list all. */
#include "asked.h"

#include "oracles/policies/coverage.h"

#include <errno.h>

/* Fewer under valgrind. */
static int trials(int n)
{
    return getenv("STATBED_TEST_VALGRIND") ? n / 20 : n;
}

/* A query's profile made by hand, and who is left. */
enum { MOST = 48 };
struct hand {
    struct sb_family_class class;
    struct sb_family family;
    struct sb_question q;
    struct sb_profile dense, sparse; /* the same */
    double value[MOST], second[MOST], listed[MOST], listed_second[MOST], room[2 * MOST];
    uint64_t member[MOST];
    uint8_t live[MOST];
    struct sb_version_space space;
};

static double pick_value(struct rng *r, double step, bool positive)
{
    const double v = rng_below(r, 3) ? step * (double)rng_below(r, 12) / 2 : rng_uniform(r);

    return fmin(1, v) * (positive || rng_below(r, 2) ? 1 : -1);
}

static void pick_tolerance(struct rng *r, struct hand *h, double *least)
{
    static const double tau[] = { 0.25, 0.1, 0.0625, 0.01, 1e-9 };
    static const double t[] = { 4, 10, 16, 100, 49 };
    const uint32_t rule = 1 + rng_below(r, 3);

    h->q.tolerance = (struct sb_tolerance){ rule, rule == SB_RULE_STAT ? tau[rng_below(r, 5)]
                                                                       : t[rng_below(r, 5)] };
    *least = rule == SB_RULE_STAT ? h->q.tolerance.value : 1 / h->q.tolerance.value;
    h->q.lo = rule == SB_RULE_STAT ? -1 : 0;
    h->q.hi = 1;
}

/* Values crowd around a few places; the base is the value of most. */
static void hand_make(struct rng *r, struct hand *h)
{
    const uint64_t n = 1 + rng_below(r, MOST);
    const uint32_t few = 1 + rng_below(r, 8);
    double least, base, base_second;

    *h = (struct hand){ .class = { .name = "hand" } };
    pick_tolerance(r, h, &least);
    h->family = (struct sb_family){ .class = &h->class, .n_members = n, .lambda_max_ub = 1e300 };
    h->dense.half_width = h->sparse.half_width = rng_below(r, 2) ? 0 : least * 0.3 * rng_uniform(r);
    base = pick_value(r, least, h->q.lo == 0);
    base_second = base * base + rng_uniform(r) * (fabs(base) - base * base);
    h->sparse.base = base;
    h->sparse.base_second = base_second;
    for (uint64_t i = 0; i < n; i++) {
        const bool listed = rng_below(r, few) == 0;
        const double v = listed ? pick_value(r, least, h->q.lo == 0) : base;
        const double s = listed ? v * v + rng_uniform(r) * (fabs(v) - v * v) : base_second;

        h->value[i] = v;
        h->second[i] = s;
        h->live[i] = rng_below(r, 4) > 0;
        h->space.n_live += h->live[i];
        if (!listed)
            continue;
        h->member[h->sparse.n] = i;
        h->listed[h->sparse.n] = v;
        h->listed_second[h->sparse.n++] = s;
    }
    h->dense.n = n;
    h->q.null.value = rng_below(r, 3) ? base : pick_value(r, least, h->q.lo == 0);
    h->q.null.half_width = rng_below(r, 2) ? 0 : least * 0.2 * rng_uniform(r);
    h->space.family = &h->family;
    h->space.n = n;
    h->space.null_live = rng_below(r, 3) == 0;
}

/* The pointers, once the hand stands where it stays; live: n bytes. */
static struct sb_view hand_view(struct hand *h, bool sparse, uint8_t *live)
{
    const bool squares = h->q.tolerance.rule == SB_RULE_VARIANCE;

    h->dense.value = h->value;
    h->dense.second = squares ? h->second : NULL;
    h->sparse.value = h->listed;
    h->sparse.second = squares ? h->listed_second : NULL;
    h->sparse.member = h->member;
    h->q.family = &h->family;
    h->q.profile = sparse ? &h->sparse : &h->dense;
    memcpy(live, h->live, h->family.n_members);
    h->space.live = live;
    return sb_view_of(&h->q);
}

/* How far `answer` is out of tolerance of member i, to 2^-60, at the worst (sign 1) or the best (sign -1)
 * of the means and second moments that the profile allows. */
static long double excess(const struct hand *h, uint64_t i, double answer, int sign)
{
    const long double v = h->value[i], hw = h->dense.half_width, t = h->q.tolerance.value;
    const long double gap = fabsl(answer - v) + sign * hw;
    const long double lo = fmaxl(0, v - hw), hi = fminl(1, v + hw), size = fabsl(v);
    const long double at_lo = lo * (1 - lo), at_hi = hi * (1 - hi);
    long double spread;

    if (h->q.tolerance.rule == SB_RULE_STAT)
        return gap - t;
    if (h->q.tolerance.rule == SB_RULE_BERNOULLI)
        spread = sign > 0               ? fminl(at_lo, at_hi)
                 : lo < 0.5 && hi > 0.5 ? 0.25L
                                        : fmaxl(at_lo, at_hi);
    else if (sign > 0)
        spread = h->second[i] - hw - (size + hw) * (size + hw);
    else
        spread = h->second[i] + hw - (size > hw ? (size - hw) * (size - hw) : 0);
    return gap - fmaxl(1 / t, sqrtl(fmaxl(0, spread) / t));
}

/* [B5] Windows are right by enumeration, and hardly narrower than they might be: 1e-11, or 10 % where the
 * spread is a difference of second moments. */
static void test_windows(void **state)
{
    struct rng r = { 21 };
    int n_sure = 0;

    (void)state;
    for (int trial = 0; trial < trials(1500); trial++) {
        struct hand h;
        struct sb_view view;
        uint8_t live[MOST];
        double sure;

        hand_make(&r, &h);
        view = hand_view(&h, false, live);
        sure = sb_view_sure(&view, h.q.null.value);
        for (uint64_t i = 0; i < h.dense.n; i++) {
            const struct sb_window w = sb_view_inner(&view, i);

            if (w.lo > w.hi)
                continue;
            assert_true(excess(&h, i, w.lo, 1) <= 0x1p-60L);
            assert_true(excess(&h, i, w.hi, 1) <= 0x1p-60L);
            assert_true(excess(&h, i, w.lo - 1e-11, 1) > 0);
            assert_true(excess(&h, i, w.hi + 1e-11, 1) > 0);
            if (fabs(h.value[i] - h.q.null.value) > sure)
                continue;
            n_sure++;
            assert_true(sb_window_has(w, h.q.null.value));
            assert_true(w.lo <= h.value[i] - sure && w.hi >= h.value[i] + sure);
        }
    }
    assert_true(n_sure > trials(6000));
}

static double gap_of(const struct hand *h, double x)
{
    return x < h->q.null.value ? h->q.null.value - x : x - h->q.null.value;
}

static double mass_at(const struct hand *h, struct sb_view *view, double x)
{
    double mass = h->space.null_live && sb_window_has(view->null, x) ? (double)h->space.n : 0;

    for (uint64_t i = 0; i < h->space.n; i++)
        mass += h->live[i] && sb_window_has(sb_view_inner(view, i), x);
    return mass;
}

/* Every end of every window, and the null's value: most mass, then nearest the null's value. */
static double best_by_trial(const struct hand *h, struct sb_view *view)
{
    double best = h->q.null.value, best_mass = mass_at(h, view, best);

    for (uint64_t i = 0; i <= h->space.n; i++) {
        const struct sb_window w = i < h->space.n ? sb_view_inner(view, i) : view->null;

        if (w.lo > w.hi || (i < h->space.n ? !h->live[i] : !h->space.null_live))
            continue;
        for (int end = 0; end < 2; end++) {
            const double x = end ? w.hi : w.lo, mass = mass_at(h, view, x);

            if (mass < best_mass || (mass == best_mass && gap_of(h, x) >= gap_of(h, best)))
                continue;
            best = x;
            best_mass = mass;
        }
    }
    return best;
}

/* The same by a sort of all ends: what decides between two points that are as near, too. */
struct end {
    double at, mass; /* mass < 0: a window's end, there included */
};

static int by_place(const void *x, const void *y)
{
    const struct end *a = x, *b = y;

    if (a->at != b->at)
        return a->at < b->at ? -1 : 1;
    return (a->mass < b->mass) - (a->mass > b->mass);
}

static double best_by_sort(const struct sb_version_space *space, struct sb_view *view)
{
    struct end *ends = calloc(2 * space->n + 2, sizeof *ends);
    double mass = 0, best_mass = -1, v0 = view->q->null.value, best = v0, best_gap = 0;
    size_t n = 0;

    for (uint64_t i = 0; i <= space->n; i++) {
        const struct sb_window w = i < space->n ? sb_view_inner(view, i) : view->null;
        const double weight = i < space->n ? 1 : (double)space->n;

        if (w.lo > w.hi || (i < space->n ? !space->live[i] : !space->null_live))
            continue;
        ends[n++] = (struct end){ w.lo, weight };
        ends[n++] = (struct end){ w.hi, -weight };
    }
    qsort(ends, n, sizeof *ends, by_place);
    for (size_t i = 0; i + 1 < n; i++) {
        const double point = fmin(fmax(v0, ends[i].at), ends[i + 1].at), gap = fabs(point - v0);

        mass += ends[i].mass;
        if (ends[i].mass < 0 || mass < best_mass || (mass == best_mass && gap >= best_gap))
            continue;
        best_mass = mass;
        best = point;
        best_gap = gap;
    }
    free(ends);
    return best;
}

/* [B5] The answer is the best of all, dense or sparse, to the last bit. */
static void test_most_covered(void **state)
{
    struct rng r = { 22 };
    int n_left_null = 0, n_crowd_moved = 0;

    (void)state;
    for (int trial = 0; trial < trials(6000); trial++) {
        struct hand h;
        struct sb_view view;
        uint8_t live[MOST];
        double want, got;

        hand_make(&r, &h);
        view = hand_view(&h, false, live);
        want = best_by_trial(&h, &view);
        got = sb_most_covered(&h.space, &view, h.room);
        if (mass_at(&h, &view, got) != mass_at(&h, &view, want) ||
            gap_of(&h, got) != gap_of(&h, want))
            fail_msg("trial %d: %.17g covers %g, %.17g covers %g", trial, got,
                     mass_at(&h, &view, got), want, mass_at(&h, &view, want));
        assert_same(got, best_by_sort(&h.space, &view));
        n_left_null += got != h.q.null.value;
        n_crowd_moved += got != h.q.null.value && h.sparse.n < h.space.n / 2;
        view = hand_view(&h, true, live);
        assert_same(sb_most_covered(&h.space, &view, h.room), got);
    }
    assert_true(n_left_null > trials(600) && n_crowd_moved > trials(150));
}

/* What an answer drops is what enumeration says, of live members or of all; those eliminated are among
 * the surely wrong; a sparse profile's counts are the dense one's. */
static void test_drops(void **state)
{
    struct rng r = { 23 };
    int64_t n_kept = 0, n_dropped = 0, n_eliminated = 0;

    (void)state;
    for (int trial = 0; trial < trials(3000); trial++) {
        const enum sb_whom whom = trial % 2 ? SB_OF_ALL : SB_OF_LIVE;
        struct sb_reply reply[2];
        struct hand h;
        uint8_t live[2][MOST];
        int64_t dropped = 0, perhaps = 0, eliminated = 0, left = 0;

        hand_make(&r, &h);
        for (int k = 0; k < 2; k++) {
            struct sb_view view = hand_view(&h, k, live[k]);
            struct sb_version_space space = h.space;
            struct sb_diag diag;

            reply[k] = (struct sb_reply){ .answer = h.q.null.value };
            if (trial % 3 == 0)
                reply[k].answer = h.value[(uint64_t)trial % h.space.n];
            sb_diag_init(&diag);
            assert_int_equal(sb_version_space_answer(&space, &view, whom, &reply[k], &diag), 0);
            assert_int_equal(space.null_live,
                             h.space.null_live && sb_window_has(view.null, reply[k].answer));
            sb_diag_fini(&diag);
        }
        for (uint64_t i = 0; i < h.space.n; i++) {
            const long double in = excess(&h, i, reply[0].answer, 1);
            const bool counts = h.live[i] || whom == SB_OF_ALL;

            left += live[0][i];
            assert_int_equal(live[0][i], live[1][i]);
            dropped += counts && in > 1e-11L;
            perhaps += counts && in > -1e-11L; /* a rounding decides */
            eliminated += counts && excess(&h, i, reply[0].answer, -1) > 0;
            assert_false(live[0][i] && in > 0x1p-60L);
            assert_false(h.live[i] && !live[0][i] && in < -1e-11L);
        }
        assert_in_range(reply[0].n_dropped, dropped, perhaps);
        assert_int_equal(reply[0].n_live, left);
        assert_true(reply[0].n_eliminated <= eliminated);
        for (int k = 0; k < 2; k++)
            assert_true(reply[k].n_dropped == reply[0].n_dropped &&
                        reply[k].n_eliminated == reply[0].n_eliminated &&
                        reply[k].n_live == reply[0].n_live);
        n_kept += left;
        n_dropped += dropped;
        n_eliminated += reply[0].n_eliminated;
    }
    assert_true(n_kept > trials(5000) && n_eliminated > trials(5000) && n_dropped > n_eliminated);
}

/* What a rig's policy counts for one query, by enumeration: members surely and perhaps out of tolerance. */
struct counted {
    int64_t surely, perhaps;
};

static struct counted count_outside(const struct cube *c, const char *rule, double tolerance,
                                    sb_expr e, double answer)
{
    struct counted n = { 0, 0 };

    for (uint64_t m = 0; m < c->n; m++) {
        const cube_wide p = cube_mean(c, (int64_t)m, e, 1);
        const double away = answer < p ? answer + 1e-9 : answer - 1e-9;

        n.perhaps += rig_excess(c, rule, tolerance, (int64_t)m, e, answer) > -1e-9;
        n.surely += fabs((double)(answer - p)) > 1e-9 &&
                    rig_excess(c, rule, tolerance, (int64_t)m, e, away) > 0;
    }
    return n;
}

/* [C3] */
static double cap_of(const struct cube *c, const char *rule, double tolerance)
{
    const double lambda = c->family->lambda_max_ub;

    if (strcmp(rule, "stat") == 0)
        return lambda / (tolerance * tolerance);
    return strcmp(rule, "bernoulli") == 0 ? 3 * tolerance * lambda
                                          : lambda * tolerance * tolerance / 4;
}

/* [B4, C3] null answers for the null throughout; it and reference count the same E_i, within what
 * enumeration and the cap allow, while reference is with the null, and nothing where it is not; what
 * is left of the family are those that no counted answer was wrong for. */
static void test_null_and_reference(void **state)
{
    static const char *const rules[] = { "stat", "bernoulli", "variance" };
    struct rng r = { 24 };
    int n_with = 0, n_detected = 0;
    int64_t n_most = 0;

    (void)state;
    for (int trial = 0; trial < trials(40); trial++) {
        const char *rule = rules[trial % 3];
        const double tolerance =
            trial % 3 ? 1 + 30 * rng_uniform(&r) : 0.05 + 0.4 * rng_uniform(&r);
        struct cube c = cube_random_family(&r, 4);
        struct rig rig[2];
        bool null_live, with = true;

        cube_open(&c);
        for (int k = 0; k < 2; k++)
            rig_open(&rig[k], &c, rig_policy(k ? "reference" : "null"), rule, tolerance, NULL,
                     trial % 2, 1);
        rig_hide(&rig[1], (int64_t)(rng_next(&r) % c.n));
        for (int i = 0; i < 5; i++) {
            const sb_expr e = cube_query(&c, &r, trial % 3 ? 0 : -1);
            const struct sb_reply null = rig_ask(&rig[0], &c, e).reply;
            const struct sb_reply other = rig_ask(&rig[1], &c, e).reply;
            const struct counted n = count_outside(&c, rule, tolerance, e, null.answer);

            assert_true(null.from_null);
            assert_near(null.answer, (double)cube_mean(&c, CUBE_NULL, e, 1), 1e-12);
            assert_in_range(null.n_eliminated, n.surely, n.perhaps);
            assert_in_range(null.n_dropped, null.n_eliminated, n.perhaps);
            assert_true((double)null.n_eliminated <= cap_of(&c, rule, tolerance) * (1 + 1e-9));
            n_most = null.n_eliminated > n_most ? null.n_eliminated : n_most;
            if (other.from_null) {
                assert_same(other.answer, null.answer);
                assert_int_equal(other.n_eliminated, null.n_eliminated);
                assert_int_equal(other.n_dropped, null.n_dropped);
                assert_int_equal(other.n_live, with ? null.n_live : other.n_live);
                n_with++;
            } else {
                assert_int_equal(other.n_eliminated, -1);
                with = false;
                n_detected++;
            }
        }
        assert_int_equal(sb_oracle_totals(rig[0].oracle)->n_left_null, 0);
        rig[0].setup.policy->live(sb_oracle_policy_state(rig[0].oracle), &null_live);
        assert_int_equal(null_live, trial % 2);
        rig_close(&rig[0]);
        rig_close(&rig[1]);
        cube_close(&c);
    }
    assert_true(n_with > trials(60) && n_detected > trials(20) / 4 && n_most > 1);
}

/* Totals over a run of characters: each rules out its own member; asked again it does so again, for E_i
 * is a set of members, but nobody new is dropped. Without survivors the null is what is hidden. */
static void test_null_run(void **state)
{
    struct cube c = cube_new(true, 3, 0, 0, false, false);
    const sb_expr y = (cube_open(&c), sb_pool_op(c.pool, SB_Y, NULL, 0, NULL, 0));
    struct sb_hidden hidden;
    struct rig rig;

    (void)state;
    rig_open(&rig, &c, rig_policy("null"), "stat", 0.25, "random", false, 1);
    for (uint64_t s = 0; s < 8; s++)
        for (int again = 0; again < 2; again++) {
            const struct sb_asked a = rig_ask(&rig, &c, cube_op(&c, SB_MUL, y, cube_chi(&c, s)));

            assert_same(a.reply.answer, 0);
            assert_int_equal(a.reply.n_dropped, 1);
            assert_int_equal(a.reply.n_live, 7 - s);
            if (s < 7)
                continue;
            hidden = rig.setup.policy->finish(sb_oracle_policy_state(rig.oracle), NULL, 0);
            assert_false(hidden.planted);
        }
    assert_int_equal(sb_oracle_totals(rig.oracle)->sum_eliminated, 16);
    assert_int_equal(sb_oracle_totals(rig.oracle)->max_dropped, 1);
    assert_int_equal(sb_oracle_totals(rig.oracle)->n_uncounted, 0);
    rig_close(&rig);
    cube_close(&c);
}

/* reference counts all, what is cheap, or nothing, and answers the same. */
static void test_reference_counts(void **state)
{
    static const char *const counts[] = { "all", "auto", "none" };
    struct cube c = cube_new(true, 6, 0, 0.1, false, false);
    struct rng r = { 25 };
    sb_expr query[12];
    double answer[12];

    (void)state;
    cube_open(&c);
    for (int i = 0; i < 12; i++)
        query[i] = cube_query(&c, &r, -1);
    for (int k = 0; k < 3; k++) {
        const struct sb_given given[] = { { .name = "tolerance", .text = "0.2" },
                                          { .name = "count", .text = counts[k] } };
        uint64_t n_with = 0;
        bool null_live;
        struct rig rig;

        rig_set(&rig, &c, rig_policy("reference"), "stat", given, 2, 1);
        assert_int_equal(rig_make(&rig), 0);
        rig_hide(&rig, 11);
        for (int i = 0; i < 12; i++) {
            const struct sb_reply reply = rig_ask(&rig, &c, query[i]).reply;

            answer[i] = k ? answer[i] : reply.answer;
            assert_same(reply.answer, answer[i]);
            n_with += reply.from_null;
            assert_int_equal(reply.n_eliminated >= 0, reply.from_null && k < 2);
        }
        assert_int_equal(sb_oracle_totals(rig.oracle)->n_left_null, 12 - n_with);
        assert_int_equal(sb_oracle_totals(rig.oracle)->n_uncounted, k < 2 ? 12 - n_with : 12);
        assert_int_equal(!rig.setup.policy->live(sb_oracle_policy_state(rig.oracle), &null_live),
                         k == 2);
        rig_close(&rig);
    }
    cube_close(&c);
}

/* [C3] A family that understates lambda_max is found out by whoever counts. */
static void test_broken_cap(void **state)
{
    static const char *const names[] = { "eliminate", "null", "reference" };
    struct cube c = cube_new(true, 5, 0, 0, false, false);

    (void)state;
    cube_open(&c);
    for (int k = 0; k < 3; k++) {
        struct sb_asked asked;
        struct rig rig;
        sb_expr e = sb_pool_op(c.pool, SB_Y, NULL, 0, NULL, 0);

        e = cube_op(&c, SB_MUL, e, cube_bent(&c, 1)); /* 1/2 of four members */
        rig_open(&rig, &c, rig_policy(names[k]), "stat", 0.25, NULL, false, 1);
        rig_hide(&rig, 16);
        assert_int_equal(rig_try(&rig, &c, e, NULL, 0, 0, &asked), 0);
        rig_close(&rig);
        c.family->lambda_max_ub = 0.05;
        rig_open(&rig, &c, rig_policy(names[k]), "stat", 0.25, NULL, false, 1);
        rig_hide(&rig, 16);
        assert_int_equal(rig_try(&rig, &c, e, NULL, 0, 0, &asked), -EFAULT);
        assert_non_null(strstr(rig.diag.items[0].text, "lambda_max"));
        rig_close(&rig);
        c.family->lambda_max_ub = 1;
    }
    cube_close(&c);
}

/* A million members and ten thousand queries that list one each: it is over at once, or this test meets
 * its timeout; then a query that lists none drops all the rest together. */
static void test_sparse_game(void **state)
{
    const uint64_t n = UINT64_C(1) << 20;
    struct sb_family_class class = { .name = "hand" };
    struct sb_family family = { .class = &class, .n_members = n, .lambda_max_ub = 1 };
    uint64_t member[1];
    double value[1] = { 1 }, room[2];
    struct sb_profile profile = { .n = 1, .member = member, .value = value };
    struct sb_question q = { .family = &family,
                             .tolerance = { SB_RULE_STAT, 0.1 },
                             .lo = -1,
                             .hi = 1,
                             .profile = &profile };
    struct sb_version_space space = { .family = &family, .n = n, .n_live = n };
    struct sb_reply reply = { 0 };
    struct sb_diag diag;

    (void)state;
    sb_diag_init(&diag);
    space.live = malloc(n);
    memset(space.live, 1, n);
    for (uint64_t i = 0; i < 10000; i++) {
        struct sb_view view = sb_view_of(&q);

        member[0] = 7 + i * 64;
        reply.answer = sb_most_covered(&space, &view, room);
        assert_same(reply.answer, 0);
        assert_int_equal(sb_version_space_answer(&space, &view, SB_OF_LIVE, &reply, &diag), 0);
        assert_int_equal(reply.n_dropped, 1);
        assert_int_equal(reply.n_live, n - 1 - i);
        assert_int_equal(space.live[member[0]], 0);
    }
    for (int again = 0; again < 2; again++) {
        struct sb_view view;

        profile.base = 0.5;
        value[0] = 0;
        family.lambda_max_ub = 1e9;
        view = sb_view_of(&q);
        reply.answer = 0;
        member[0] = 0;
        assert_int_equal(
            sb_version_space_answer(&space, &view, again ? SB_OF_ALL : SB_OF_LIVE, &reply, &diag),
            0);
        assert_int_equal(reply.n_dropped, again ? n - 1 : n - 1 - 10000);
        assert_int_equal(reply.n_live, 1);
        assert_int_equal(space.live[0], 1);
    }
    sb_diag_fini(&diag);
    free(space.live);
}

/* [B5] Many members against a sort of all of them: near the null, spread far, and all alike. */
static void test_many_members(void **state)
{
    const uint64_t n = UINT64_C(1) << (getenv("STATBED_TEST_VALGRIND") ? 11 : 17);
    double *value = calloc(n, sizeof *value), *room = calloc(2 * n, sizeof *room);
    struct sb_family_class class = { .name = "hand" };
    struct sb_family family = { .class = &class, .n_members = n, .lambda_max_ub = 1e300 };
    struct sb_profile profile = { .n = n, .value = value };
    struct sb_question q = { .family = &family,
                             .tolerance = { SB_RULE_STAT, 0.0625 },
                             .lo = -1,
                             .hi = 1,
                             .profile = &profile };
    struct sb_version_space space = { .family = &family, .n = n, .live = malloc(n) };
    struct rng r = { 26 };

    (void)state;
    for (int trial = 0; trial < 6; trial++) {
        const double spread = trial % 3 == 0 ? 0.02 : trial % 3 == 1 ? 0.1 : 0.9;
        struct sb_reply reply = { 0 };
        struct sb_view view;
        struct sb_diag diag;
        uint64_t n_live = 0;

        for (uint64_t i = 0; i < n; i++) {
            const double v = (rng_uniform(&r) + rng_uniform(&r) + rng_uniform(&r) - 1.5) * spread;

            value[i] = floor(v * (trial < 3 ? 0x1p30 : 0x1p6)) * (trial < 3 ? 0x1p-30 : 0x1p-6);
        }
        memset(space.live, 1, n);
        space.n_live = n;
        view = sb_view_of(&q);
        reply.answer = sb_most_covered(&space, &view, room);
        assert_same(reply.answer, best_by_sort(&space, &view));
        sb_diag_init(&diag);
        assert_int_equal(sb_version_space_answer(&space, &view, SB_OF_LIVE, &reply, &diag), 0);
        sb_diag_fini(&diag);
        for (uint64_t i = 0; i < n; i++)
            n_live += fabs(value[i] - reply.answer) <= 0.0625;
        assert_int_equal(reply.n_live, n_live);
    }
    free(value);
    free(room);
    free(space.live);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_windows),      cmocka_unit_test(test_most_covered),
        cmocka_unit_test(test_drops),        cmocka_unit_test(test_null_and_reference),
        cmocka_unit_test(test_null_run),     cmocka_unit_test(test_reference_counts),
        cmocka_unit_test(test_broken_cap),   cmocka_unit_test(test_sparse_game),
        cmocka_unit_test(test_many_members),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
