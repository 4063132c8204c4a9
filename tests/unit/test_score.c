/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Losses of predictors, as expressions and as callbacks, with real labels and with sets of them: against
 * enumeration (labelled.h, cube.h). */
#include "labelled.h"

#include "runner/score.h"

#include <errno.h>

#define MOST 1e9 /* a goal that every predictor meets */

/* A predictor that sees signs alone, beyond the labels' range at times. */
static double predicted(const void *self, uint32_t signs)
{
    static const double value[8] = { -3, 0.25, 0.5, 1, 0, 7, 0.75, 0.125 };

    (void)self;
    return value[signs];
}

static double clip(double v)
{
    return v < 0 ? 0 : v > 1 ? 1 : v;
}

static double squared(const void *self, uint32_t signs, double y)
{
    const double gap = clip(predicted(self, signs)) - clip(y);

    return gap * gap;
}

/* The same as an expression. */
static void put_predictor(const struct labelled *f, struct sb_learner_end *end)
{
    static const char gauss[] = "lt(0,x0)+2*lt(0,x1)+4*lt(0,x2)", cube[] = "x0+2*x1+4*x2";
    char text[1024], *to = text;
    sb_expr e;

    for (uint32_t s = 0; s < 8; s++)
        to += sprintf(to, "%s(%g)*eq(%s,%u)", s ? "+" : "", predicted(NULL, s),
                      f->cube ? cube : gauss, s);
    e = sb_expr_parse(f->pool, text, NULL);
    assert_true(e != 0);
    *end = (struct sb_learner_end){ .returned = SB_RETURNED_EXPR };
    sb_buf_init(&end->expr);
    sb_expr_encode(f->pool, e, &end->expr);
}

static struct sb_hypothesis returned(const struct labelled *f, enum sb_loss loss, double max)
{
    const struct sb_hypothesis_setup setup = { SB_PREDICT, &f->family, loss, max };
    struct sb_hypothesis h;
    struct sb_learner_end end;
    const char *why;

    put_predictor(f, &end);
    sb_hypothesis_init(&h, &setup, f->pool, &end, &why);
    if (why)
        fail_msg("%s", why);
    sb_buf_fini(&end.expr);
    return h;
}

static void test_expressions(void **state)
{
    (void)state;
    for (int trial = 0; trial < 8; trial++) {
        const enum sb_loss loss = trial & 1 ? SB_LOSS_RELATIVE : SB_LOSS_SQUARED;
        const bool misses = trial & 2;
        struct sb_hypothesis h;
        struct sb_score score;
        struct labelled f;

        labelled_open(&f, trial & 4, misses);
        for (int64_t member = 0; member < 3; member++) {
            const double unit = loss == SB_LOSS_RELATIVE ? f.family.label_square : 1;
            const double truth = labelled_mean(&f, member, squared, NULL, 1) / unit;

            for (int good = 0; good < 2; good++) {
                const struct sb_score_task task = { &h, &f.family, f.pool, { { 1 } }, NULL };

                h = returned(&f, loss, truth + (good ? 0.2 : -0.2));
                assert_int_equal(
                    sb_score(&task, (struct sb_hidden){ true, (uint64_t)member }, &score), 0);
                assert_near(score.loss, truth, score.half_width);
                assert_true(score.half_width <= 0.1);
                assert_int_equal(score.success, good);
            }
        }
        labelled_close(&f);
    }
}

/* A predictor as the learner's process evaluates it. */
struct called {
    struct sb_callback callback;
    const struct labelled *f;
    uint64_t n_points, odd_at,
        other_from; /* what is written is no number there, another from there */
    struct sb_hash seen;
};

static int predict(void *self, const struct sb_block *blocks, size_t n_blocks, bool labels,
                   double *out)
{
    struct called *c = self;

    assert_false(labels);
    for (size_t b = 0; b < n_blocks; b++) {
        if (blocks[b].bits)
            sb_hash_bytes(&c->seen, blocks[b].bits, 8 * blocks[b].n);
        else
            sb_hash_bytes(&c->seen, blocks[b].x[1], 8 * blocks[b].n);
        for (uint64_t i = 0; i < blocks[b].n; i++, c->n_points++) {
            const double v = predicted(NULL, labelled_at(c->f, &blocks[b], i).signs);

            out[b * SB_BLOCK + i] = c->odd_at && c->n_points == c->odd_at           ? NAN
                                    : c->other_from && c->n_points >= c->other_from ? 0.5
                                                                                    : v;
        }
    }
    return 0;
}

static int score_called(struct called *c, enum sb_loss loss, int64_t member, bool all,
                        struct sb_callback_score *out)
{
    struct sb_callback_task task = { .family = &c->f->family,
                                     .predictor = &c->callback,
                                     .loss = loss,
                                     .hidden = { true, (uint64_t)member },
                                     .keep_table = all,
                                     .key = { { 4 } } };

    c->callback = (struct sb_callback){ c, "", predict };
    sb_hash_init(&c->seen);
    return sb_score_callback(&task, out);
}

/* At the hidden member's own labels: the loss, and nothing of the member in what the learner is shown. */
static void test_callbacks(void **state)
{
    struct sb_digest seen[2];
    struct labelled f;

    (void)state;
    if (getenv("STATBED_TEST_VALGRIND")) /* 6 million points */
        return;
    labelled_open(&f, false, true);
    for (int k = 0; k < 2; k++) {
        const enum sb_loss loss = k ? SB_LOSS_RELATIVE : SB_LOSS_SQUARED;
        const double unit = k ? f.family.label_square : 1;
        const double truth = labelled_mean(&f, 3 + k, squared, NULL, 1) / unit;
        struct called c = { .f = &f };
        struct sb_callback_score score;

        assert_int_equal(score_called(&c, loss, 3 + k, false, &score), 0);
        assert_true(score.returned && !score.worthless);
        assert_near(score.loss, truth, score.half_width);
        assert_true(score.half_width < 0.003 / unit);
        seen[k] = sb_hash_final(&c.seen);
        sb_callback_score_fini(&score);
    }
    assert_true(sb_digest_equal(&seen[0], &seen[1]));
    labelled_close(&f);
}

/* A predictor that is seldom wrong has its relative loss known to a share of it, not of the largest. */
static double seldom(const void *self, uint32_t signs, double y)
{
    (void)self;
    (void)signs;
    return y > 1 ? 1 : 0;
}

static int predict_label(void *self, const struct sb_block *blocks, size_t n_blocks, bool labels,
                         double *out)
{
    const struct labelled *f = self;

    (void)labels;
    for (size_t b = 0; b < n_blocks; b++)
        for (uint64_t i = 0; i < blocks[b].n; i++) {
            struct labelled_point p = labelled_at(f, &blocks[b], i);

            p.odd = false;
            out[b * SB_BLOCK + i] = labelled_label(p, 3);
            if (labelled_at(f, &blocks[b], i).odd)
                out[b * SB_BLOCK + i] = 0;
        }
    return 0;
}

static void test_small_losses(void **state)
{
    struct sb_callback_score score;
    struct labelled f;
    struct sb_callback callback = { &f, "", predict_label };
    const struct sb_callback_task task = { .family = &f.family,
                                           .predictor = &callback,
                                           .loss = SB_LOSS_SQUARED,
                                           .hidden = { true, 3 },
                                           .key = { { 4 } } };
    double truth;

    (void)state;
    if (getenv("STATBED_TEST_VALGRIND")) /* 3 million points */
        return;
    labelled_open(&f, false, true);
    truth = labelled_mean(&f, 3, seldom, NULL, 1); /* 1/64 */
    assert_int_equal(sb_score_callback(&task, &score), 0);
    assert_near(score.loss, truth, score.half_width);
    assert_true(score.half_width < 0.0006);
    sb_callback_score_fini(&score);
    labelled_close(&f);
}

/* Under every member: from the labels that are possible, with what these miss. */
static void test_all_members(void **state)
{
    (void)state;
    for (int trial = 0; trial < 4; trial += getenv("STATBED_TEST_VALGRIND") ? 3 : 1) {
        const bool cube = trial & 1, call = trial & 2;
        struct sb_callback_score called = { 0 };
        struct sb_hypothesis h;
        struct sb_scores scores;
        struct called c;
        struct labelled f;

        labelled_open(&f, cube, false);
        c = (struct called){ .f = &f };
        h = returned(&f, SB_LOSS_RELATIVE, MOST);
        if (call) {
            assert_int_equal(score_called(&c, SB_LOSS_RELATIVE, 0, true, &called), 0);
            assert_true(called.tabled);
            sb_hypothesis_call(&h, &called);
        }
        assert_int_equal(
            sb_score_all(&(struct sb_score_task){ &h, &f.family, f.pool, { { 2 } }, NULL },
                         &scores),
            0);
        assert_non_null(scores.loss);
        for (int64_t i = 0; i < LABELLED_MEMBERS; i++)
            assert_near(scores.loss[i],
                        labelled_mean(&f, i, squared, NULL, 1) / f.family.label_square,
                        scores.half_width);
        assert_true(scores.half_width < 0.1);
        sb_scores_fini(&scores);
        sb_callback_score_fini(&called);
        labelled_close(&f);
    }
}

/* Not a number at a point, or a function that changes. */
static void test_no_predictors(void **state)
{
    struct sb_callback_score score;
    struct labelled f;

    (void)state;
    labelled_open(&f, false, false);
    for (int k = 0; k < (getenv("STATBED_TEST_VALGRIND") ? 1 : 2); k++) {
        struct called c = { .f = &f, .odd_at = k ? 0 : 100, .other_from = k ? 1500000 : 0 };

        assert_int_equal(score_called(&c, SB_LOSS_SQUARED, 1, false, &score), 0);
        assert_true(score.returned && score.worthless);
        assert_same(score.loss, 1);
        assert_non_null(strstr(score.why, k ? "not a pure function" : "the predictor wrote nan"));
        sb_callback_score_fini(&score);
    }
    labelled_close(&f);
}

/* What losses are measured in, and which there are. */
static void test_scales(void **state)
{
    struct sb_loss_scale scale;
    struct labelled f;
    struct cube c = cube_new(false, 6, 3, 0, false, false);
    struct cube fair = cube_new(true, 6, 0, 0.1, false, false);

    (void)state;
    labelled_open(&f, false, false);
    assert_non_null(strstr(sb_loss_scale(&f.family, SB_LOSS_ZERO_ONE, &scale), "loss: relative"));
    assert_null(sb_loss_scale(&f.family, SB_LOSS_RELATIVE, &scale));
    assert_true(scale.clips_label);
    assert_near(scale.largest, 1 / 0.28125, 1e-12);
    f.family.label_hi = f.family.label_lo;
    assert_non_null(strstr(sb_loss_scale(&f.family, SB_LOSS_SQUARED, &scale), "no range"));
    labelled_close(&f);

    cube_open(&c); /* labels 0 and 1, and 1 with probability 1/8 under the null */
    assert_null(sb_loss_scale(c.family, SB_LOSS_RELATIVE, &scale));
    assert_near(scale.unit, 1.0 / 8, 0);
    assert_near(scale.largest, 8, 0);
    assert_false(scale.clips_label);
    assert_true(sb_loss_n_good(c.family, SB_LOSS_RELATIVE, 0.8) ==
                c.family->n_good(c.family, SB_LOSS_SQUARED, 0.1 * (1 + 0x1p-50)));
    cube_close(&c);
    cube_open(&fair);
    assert_null(sb_loss_scale(fair.family, SB_LOSS_RELATIVE, &scale));
    assert_same(scale.unit, 1);
    assert_int_equal(sb_loss_n_good(fair.family, SB_LOSS_RELATIVE, 0.5),
                     fair.family->n_good(fair.family, SB_LOSS_SQUARED, 0.5));
    cube_close(&fair);
    assert_int_equal(sb_loss_named(NULL), SB_LOSS_ZERO_ONE);
    assert_int_equal(sb_loss_named("squared"), SB_LOSS_SQUARED);
    assert_int_equal(sb_loss_named("relative"), SB_LOSS_RELATIVE);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_expressions),   cmocka_unit_test(test_callbacks),
        cmocka_unit_test(test_small_losses),  cmocka_unit_test(test_all_members),
        cmocka_unit_test(test_no_predictors), cmocka_unit_test(test_scales),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
