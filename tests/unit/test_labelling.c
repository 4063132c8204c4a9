/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Real labels of which few are possible at a point: callbacks see each of them, certificates allow for
 * those that are none of them, nothing of the member shows, and labels at chosen points are the member's.
 * Against enumeration (labelled.h). */
#include "labelled.h"

#include "estimate/profile.h"

#include <float.h>

#define DELTA 1e-8

/* A callback of signs and label; hashed, values in [lo, 1]. */
struct phi {
    struct sb_callback callback;
    const struct labelled *f;
    uint64_t salt, n_calls, n_points;
    double lo, scale; /* scale: 1, or how steep it is in the label, which it then is linear in */
    bool by_slot;     /* an impure one: it counts its calls, and sees the label's number */
    struct sb_hash seen;
};

static double value(const void *self, uint32_t signs, double y)
{
    const struct phi *phi = self;
    struct rng r = { phi->salt ^ signs * 0x9e3779b97f4a7c15u ^ (uint64_t)(8 * y) << 40 };

    if (phi->scale != 1)
        return phi->scale * y;
    return phi->lo + (1 - phi->lo) * rng_uniform(&r);
}

static double times_label(const void *self, uint32_t signs, double y)
{
    return y * value(self, signs, 0);
}

static int values(void *self, const struct sb_block *blocks, size_t n_blocks, bool labels,
                  double *out)
{
    struct phi *phi = self;
    const uint32_t n_slots = labels ? 2 : 1;

    phi->n_calls++;
    for (size_t b = 0; b < n_blocks; b++)
        for (uint64_t i = 0; i < blocks[b].n; i++, phi->n_points++)
            for (uint32_t l = 0; l < n_slots; l++) {
                const struct labelled_point p = labelled_at(phi->f, &blocks[b], i);
                const double v = value(phi, p.signs, labels ? l * p.gate : 0);

                out[(b * n_slots + l) * SB_BLOCK + i] = phi->by_slot ? l : v;
                sb_hash_bytes(&phi->seen, &p, sizeof p.signs);
            }
    return 0;
}

static struct phi phi_new(const struct labelled *f, uint64_t salt, double lo)
{
    struct phi phi = { .f = f, .salt = salt, .lo = lo, .scale = 1 };

    phi.callback = (struct sb_callback){ NULL, "phi", values };
    sb_hash_init(&phi.seen);
    return phi;
}

static int run(struct phi *phi, int64_t member, struct sb_tolerance tolerance, bool csq,
               struct sb_public_result *out)
{
    const struct labelled *f = phi->f;
    struct sb_law law[2];
    struct sb_public_task task = { .space = &f->family.space,
                                   .callback = &phi->callback,
                                   .law = { &law[0], &law[1] },
                                   .lo = phi->lo,
                                   .hi = 1,
                                   .without_label = csq,
                                   .lipschitz = INFINITY,
                                   .tolerance = tolerance,
                                   .share = 0.5,
                                   .delta = DELTA,
                                   .key = { { 5, (uint32_t)phi->salt } } };

    phi->callback.self = phi;
    sb_family_law(&f->family, (struct sb_hidden){ member != CUBE_NULL, (uint64_t)member }, false,
                  &law[0]);
    labelled_null_law(&f->family, &law[1]);
    return sb_public_points(&task, out);
}

/* Certificates hold, of members whose labels are sometimes others, too, and are no wider than that
 * asks for. (False alarm: DELTA a query.) */
static void test_certificates(void **state)
{
    (void)state;
    for (uint64_t trial = 0; trial < 48; trial++) {
        const bool csq = trial % 6 == 5, cube = trial % 2, stat = csq || trial % 3;
        struct labelled f;
        struct sb_public_result result;
        const struct sb_tolerance tolerance = { stat ? SB_RULE_STAT : SB_RULE_VARIANCE,
                                                stat ? 0.6 : 3 };
        const int64_t member = (int64_t)(trial % 9) - 1;
        struct phi phi;
        double gap, miss;

        labelled_open(&f, cube, trial % 4 >= 2 && !csq);
        phi = phi_new(&f, trial, stat ? -1 : 0);
        miss = f.labelling.miss * (1 - phi.lo);
        assert_int_equal(run(&phi, member, tolerance, csq, &result), 0);
        for (int a = 0; a < 2; a++) {
            const struct sb_estimate *e = &result.estimate[a];
            const int64_t who = a ? CUBE_NULL : member;
            const double p = labelled_mean(&f, who, csq ? times_label : value, &phi, 1);
            const double second = labelled_mean(&f, who, value, &phi, 2);

            gap = fabs(e->value - p);
            if (!(gap <= e->half_width + 1e-15))
                fail_msg("trial %d, law %d: %.17g, not %.17g", (int)trial, a, e->value, p);
            if (!stat)
                assert_true(e->variance_lb <= second - p * p + 1e-15);
            assert_true(e->half_width <= (stat ? 0.3 : 0.5 * sqrt(0.25 / 3)) + 1e-15);
            if (cube)
                assert_near(e->half_width, a ? 0 : miss, 1e-14);
        }
        assert_near(result.estimate[0].half_width - result.estimate[1].half_width, miss, 1e-14);
        labelled_close(&f);
    }
}

/* With the labels that are listed alone, some certificate would fail: what is not listed is not
 * forgotten. */
static void test_what_is_missed_counts(void **state)
{
    struct sb_public_result result;
    struct labelled f;
    struct phi phi;
    double p;

    (void)state;
    labelled_open(&f, true, true);
    phi = phi_new(&f, 1, -1);
    phi.scale = 1.0 / 3; /* 1 at the label 3 */
    assert_int_equal(run(&phi, 5, (struct sb_tolerance){ SB_RULE_STAT, 0.9 }, false, &result), 0);
    p = labelled_mean(&f, 5, value, &phi, 1);
    assert_true(p - result.estimate[0].value > 0.05);
    assert_true(p - result.estimate[0].value <= result.estimate[0].half_width);
    labelled_close(&f);
}

/* A tolerance without room for it is refused before the callback is called, and the one that the line
 * names will do. */
static void test_too_fine(void **state)
{
    static const struct sb_tolerance fine[] = { { SB_RULE_STAT, 0.06 },
                                                { SB_RULE_STAT, 0.1 },
                                                { SB_RULE_VARIANCE, 33 },
                                                { SB_RULE_BERNOULLI, 40 } };

    (void)state;
    for (size_t i = 0; i < SB_COUNT(fine); i++) {
        const bool stat = fine[i].rule == SB_RULE_STAT;
        struct sb_tolerance tolerance = fine[i];
        struct sb_public_result result;
        struct labelled f;
        const char *named;
        struct phi phi;

        labelled_open(&f, false, true);
        phi = phi_new(&f, 1, stat ? -1 : 0);
        assert_int_equal(run(&phi, 1, tolerance, false, &result), i == 1 ? 0 : SB_REFUSED);
        if (i != 1) {
            assert_int_equal(phi.n_calls, 0);
            named = strstr(result.message, stat ? "tau = " : "t = ");
            assert_non_null(named);
            tolerance.value = atof(strchr(named, '=') + 1);
            assert_int_equal(run(&phi, 1, tolerance, false, &result), 0);
        }
        labelled_close(&f);
    }
}

/* Where both labels are 0 a callback cannot tell them apart, unless it is no function. And between two
 * labels it is as steep as it is, in whichever order they stand. */
static void test_the_same_label(void **state)
{
    struct sb_public_result result;
    struct labelled f;
    struct phi phi;

    (void)state;
    for (int cube = 0; cube < 2; cube++) {
        labelled_open(&f, cube, false);
        phi = phi_new(&f, 1, -1);
        phi.by_slot = true;
        assert_int_equal(run(&phi, 1, (struct sb_tolerance){ SB_RULE_STAT, 0.5 }, false, &result),
                         SB_REFUSED);
        assert_non_null(strstr(result.message, "not a pure function"));
        assert_non_null(strstr(result.message, "label 0,"));
        labelled_close(&f);
    }
}

static void test_lipschitz(void **state)
{
    const struct sb_given given[] = { { .name = "tolerance", .text = "0.5" },
                                      { .name = "lambda", .text = "0.75" } };
    struct labelled f;
    struct rig rig;

    (void)state;
    labelled_open(&f, true, false);
    rig_set(&rig, &f.c, rig_policy("exact"), "lipschitz", given, 2, 1);
    if (rig_make(&rig))
        fail_msg("%s", rig.diag.items[0].text);
    rig_hide(&rig, 3);
    for (int i = 0; i < 4; i++) {
        static const double scale[] = { 0.75, -0.75, 0.76, -0.76 };
        struct phi phi = phi_new(&f, 1, -1);
        const struct sb_ask ask = { .pool = f.pool, .callback = &phi.callback };
        struct sb_asked asked;

        phi.callback.self = &phi;
        phi.scale = scale[i];
        assert_int_equal(sb_oracle_ask(rig.oracle, &ask, &asked, &rig.diag), 0);
        assert_int_equal(asked.status, i < 2 ? SB_OK : SB_REFUSED);
        if (i >= 2)
            assert_non_null(strstr(asked.message, "steeper in the label than the 0.75 granted"));
    }
    rig_close(&rig);
    labelled_close(&f);
}

/* What the learner's side sees is the same for two members and the null. */
static void test_nothing_of_the_member_shows(void **state)
{
    static const int64_t members[] = { 3, 6, CUBE_NULL };

    (void)state;
    for (int cube = 0; cube < 2; cube++)
        for (int misses = 0; misses < 2; misses++) {
            struct sb_digest seen[3], named[3];
            struct labelled f;

            labelled_open(&f, cube, misses);
            for (int k = 0; k < 3; k++) {
                struct phi phi = phi_new(&f, 7, -1);
                const struct sb_ask ask = { .pool = f.pool, .callback = &phi.callback };
                struct sb_asked asked;
                struct rig rig;

                phi.callback.self = &phi;
                rig_open(&rig, &f.c, rig_policy("reference"), "stat", 0.9, NULL, false, 4);
                rig.setup.values = &rig.values;
                rig_hide(&rig, members[k]);
                assert_int_equal(sb_oracle_ask(rig.oracle, &ask, &asked, &rig.diag), 0);
                assert_int_equal(asked.status, cube && misses ? SB_REFUSED : SB_OK);
                seen[k] = sb_hash_final(&phi.seen);
                named[k] = asked.digest;
                rig_close(&rig);
            }
            for (int k = 1; k < 3; k++) {
                assert_true(sb_digest_equal(&seen[0], &seen[k]));
                assert_true(sb_digest_equal(&named[0], &named[k]));
            }
            labelled_close(&f);
        }
}

/* Every member's value, of a callback and of an expression that sees as much; two names, two digests,
 * is test_callbacks' matter. */
static double weigh(const void *self, uint32_t signs, double y)
{
    (void)self;
    return (y > 0.75) * ((signs & 1) ? 0.5 : -1);
}

static int weigh_all(void *self, const struct sb_block *blocks, size_t n_blocks, bool labels,
                     double *out)
{
    assert_true(labels);
    for (size_t b = 0; b < n_blocks; b++)
        for (uint32_t l = 0; l < 2; l++)
            for (uint64_t i = 0; i < blocks[b].n; i++) {
                const struct labelled_point p = labelled_at(self, &blocks[b], i);

                out[(b * 2 + l) * SB_BLOCK + i] = weigh(NULL, p.signs, l * p.gate);
            }
    return 0;
}

static void test_profiles(void **state)
{
    (void)state;
    for (int trial = 0; trial < 8; trial++) {
        const bool cube = trial & 1, call = trial & 2, misses = trial & 4;
        struct labelled f;
        struct sb_callback callback = { &f, "weigh", weigh_all };
        struct sb_profile profile;
        struct sb_profile_task task = { .family = &f.family,
                                        .lo = -1,
                                        .hi = 1,
                                        .lipschitz = INFINITY,
                                        .squares = true,
                                        .half_width = cube && misses ? 0.55 : 0.1,
                                        .delta = DELTA };

        labelled_open(&f, cube, misses);
        assert_null(sb_family_no_profile(&f.family));
        sb_profile_init(&profile);
        task.pool = f.pool;
        if (call && cube) { /* a table of the whole domain */
            struct sb_law null;
            struct sb_public_result result;
            struct sb_public_task keep = { .space = &f.family.space,
                                           .callback = &callback,
                                           .law = { &null, &null },
                                           .lo = -1,
                                           .hi = 1,
                                           .lipschitz = INFINITY,
                                           .tolerance = { SB_RULE_STAT, 0.9 },
                                           .share = 1,
                                           .delta = DELTA };

            labelled_null_law(&f.family, &null);
            assert_int_equal(sb_profile_room(&profile, 2 << 9, NULL), 0);
            keep.keep = profile.scratch;
            assert_int_equal(sb_public_points(&keep, &result), 0);
        } else if (call) {
            task.callback = &callback;
        }
        if (!call)
            task.expr = sb_expr_parse(
                f.pool, cube ? "lt(3/4,y)*(x0*1.5-1)" : "lt(3/4,y)*(lt(0,x0)*1.5-1)", NULL);
        assert_int_equal(sb_profile_of(&task, &profile), 0);
        for (uint64_t i = 0; i < LABELLED_MEMBERS; i++) {
            assert_near(sb_profile_value(&profile, i),
                        labelled_mean(&f, (int64_t)i, weigh, NULL, 1), profile.half_width);
            assert_near(sb_profile_second(&profile, i),
                        labelled_mean(&f, (int64_t)i, weigh, NULL, 2), profile.half_width);
        }
        if (misses) { /* no sample is large enough */
            task.half_width = f.labelling.miss * 4 * 0.99;
            assert_int_equal(sb_profile_of(&task, &profile), SB_REFUSED);
            assert_non_null(strstr(profile.refused, "ask at a coarser one"));
        }
        sb_profile_fini(&profile);
        labelled_close(&f);
    }
}

static void range_is(const struct labelled *f, const char *text, double lo, double hi)
{
    const struct sb_interval range = sb_expr_range(f->pool, sb_expr_parse(f->pool, text, NULL));

    assert_same(range.lo, lo);
    assert_same(range.hi, hi);
}

/* A label is known to lie where the labelling says only if it is surely one of those. */
static void test_ranges(void **state)
{
    struct labelled f;

    (void)state;
    labelled_open(&f, false, false);
    range_is(&f, "y", 0, 1);
    range_is(&f, "candidate(1)-1/2", -0.5, 0.5);
    assert_near(sb_expr_label_lipschitz(f.pool, sb_expr_parse(f.pool, "y*y/2", NULL)), 1, 1e-12);
    labelled_close(&f);
    labelled_open(&f, false, true);
    range_is(&f, "y", -DBL_MAX, DBL_MAX);
    assert_true(isinf(sb_expr_label_lipschitz(f.pool, sb_expr_parse(f.pool, "y*y/2", NULL))));
    labelled_close(&f);
}

/* At chosen points a member's labels are its own, odd ones as well, and the null's are drawn anew. */
static void test_labels_at_chosen_points(void **state)
{
    enum { N = 3000 };
    static double x[3][N], y[N], again[N];
    double *columns[3] = { x[0], x[1], x[2] };
    const struct sb_points points = { NULL, columns };
    const struct sb_block block = {
        .struct_size = sizeof block, .dim = 3, .n = N, .x = (const double *const *)columns
    };
    struct rng r = { 9 };

    (void)state;
    for (int j = 0; j < 3; j++)
        for (int i = 0; i < N; i++)
            x[j][i] = 6 * rng_uniform(&r) - 3;
    for (int64_t member = -1; member < 3; member++) {
        struct sb_asked asked;
        struct labelled f;
        struct rig rig;
        int n_same = 0;

        labelled_open(&f, false, true);
        rig_set(&rig, &f.c, rig_policy("fresh"), "label", NULL, 0, 1);
        if (rig_make(&rig))
            fail_msg("%s", rig.diag.items[0].text);
        rig_hide(&rig, member);
        assert_int_equal(sb_oracle_labels(rig.oracle, N, &points, y, &asked), 0);
        assert_int_equal(sb_oracle_labels(rig.oracle, N, &points, again, &asked), 0);
        assert_int_equal(asked.status, SB_OK);
        for (uint64_t i = 0; i < N; i++) {
            const struct labelled_point p = labelled_at(&f, &block, i);

            n_same += y[i] == again[i];
            if (member == CUBE_NULL)
                assert_true(y[i] == 0 || y[i] == p.gate);
            else
                assert_same(y[i], labelled_label(p, (uint64_t)member));
        }
        assert_true(member == CUBE_NULL ? n_same < 2 * N / 3 : n_same == N);
        rig_close(&rig);
        labelled_close(&f);
    }
}

/* Labels beyond [-1,1] are clipped where E[y g(x)] is asked for. */
static double clipped(const void *self, uint32_t signs, double y)
{
    (void)self;
    return (y > 1 ? 1 : y) * ((signs & 1) ? 1 : -1);
}

static void test_csq_clips(void **state)
{
    const struct sb_given given = { .name = "tolerance", .text = "0.1" };
    struct labelled f;
    struct sb_asked asked;
    struct rig rig;

    (void)state;
    labelled_open(&f, false, true);
    rig_set(&rig, &f.c, rig_policy("exact"), "csq", &given, 1, 1);
    if (rig_make(&rig))
        fail_msg("%s", rig.diag.items[0].text);
    rig_hide(&rig, 5);
    asked = rig_ask(&rig, &f.c, sb_expr_parse(f.pool, "2*lt(0,x0)-1", NULL));
    assert_int_equal(asked.status, SB_OK);
    assert_near(asked.reply.truth.value, labelled_mean(&f, 5, clipped, NULL, 1),
                asked.reply.truth.half_width);
    assert_false(asked.clipped);
    rig_close(&rig);
    labelled_close(&f);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_certificates),
        cmocka_unit_test(test_what_is_missed_counts),
        cmocka_unit_test(test_too_fine),
        cmocka_unit_test(test_the_same_label),
        cmocka_unit_test(test_lipschitz),
        cmocka_unit_test(test_nothing_of_the_member_shows),
        cmocka_unit_test(test_profiles),
        cmocka_unit_test(test_ranges),
        cmocka_unit_test(test_labels_at_chosen_points),
        cmocka_unit_test(test_csq_clips),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
