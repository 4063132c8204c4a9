/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a finished game proves: who of the members left may be right, and the share of targets. */
#include "unit.h"

#include "runner/played.h"

#include <math.h>

enum { N = 6 };

extern const struct sb_policy_class sb_policy_null;

static const uint8_t live[N] = { 1, 1, 0, 1, 1, 1 };

static struct sb_survivors survivors(uint32_t goal, const double *loss, double half_width, double b)
{
    struct sb_family family = { .n_members = N };
    struct sb_hypothesis h = { .goal = goal, .returned = true, .max = 0.25 };
    const struct sb_score_task task = { .family = &family, .hypothesis = &h };
    const struct sb_scores scores = { .loss = (double *)loss,
                                      .half_width = half_width,
                                      .null_loss = 0 };
    struct sb_survivors out;

    sb_survivors_count(&task, live, true, &scores, b, &out);
    return out;
}

/* Members that losses leave open are no more than one hypothesis can satisfy. Under distinguish one
 * answer is right on all. */
static void test_open(void **state)
{
    static const double losses[N] = { 0.1, 0.2, 0.1, 0.24, 0.3, 0.9 };
    static const double none[N] = { 0 };

    (void)state;
    assert_int_equal(survivors(SB_PREDICT, losses, 0, 6).n_open, 3);
    assert_int_equal(survivors(SB_PREDICT, losses, 0, 6).n_right, 3);
    assert_int_equal(survivors(SB_PREDICT, losses, 0.06, 6).n_open, 4);
    assert_int_equal(survivors(SB_PREDICT, losses, 0.06, 6).n_right, 1);
    assert_int_equal(survivors(SB_PREDICT, losses, 0.06, 2).n_open, 2);
    assert_int_equal(survivors(SB_PREDICT, NULL, 0, 2).n_open, 2);
    assert_int_equal(survivors(SB_PREDICT, NULL, 0, 6).n_open, 5);
    assert_int_equal(survivors(SB_DISTINGUISH, none, 0, 1).n_open, 5);
}

/* One of six dropped, one of the others open, and a certificate that fails at times: no less than
 * the exact sum, which a long double holds. */
static void test_share(void **state)
{
    static const double failures[] = { 0, 1e-6, 1e-9, 3e-17, 0.9 };
    const struct sb_point point = { .policy = &sb_policy_null };
    const struct sb_oracle_totals totals = { .max_dropped = 1 };
    const struct sb_correlations k = { .n = N };
    const struct sb_survivors s = { .n_live = 5, .n_open = 1 };

    (void)state;
    for (size_t i = 0; i < SB_COUNT(failures); i++) {
        const struct sb_bound_setting setting = {
            .k = &k, .n_good = 1, .success = 0.66, .failure = failures[i]
        };
        struct sb_bound out;

        sb_played(&point, &s, &totals, &setting, &out);
        assert_true(out.applies && out.success_ub <= 1);
        assert_true(out.success_ub - 1 == 0 || out.success_ub * 3.0L >= 1 + 3.0L * failures[i]);
        assert_true(out.success_ub < 1.0 / 3 + failures[i] + 1e-15);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_open),
        cmocka_unit_test(test_share),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
