/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The runner's frame handler against frames that no honest learner sends: whatever the bytes, the
 * run ends or goes on, and nothing is read that is not there (valgrind would say so). */
#include "numeric/random.h"
#include "runner/learner_talk.h"
#include "unit.h"

#include <errno.h>

static uint64_t n_asked;

static int answer(void *self, const struct sb_wire_query *q, uint64_t n, double *answers,
                  int32_t *status, const char **message_out)
{
    (void)self;
    (void)answers;
    (void)status;
    (void)message_out;
    n_asked += n;
    for (uint64_t i = 0; i < n; i++)
        for (size_t k = 0; k < q[i].n_expr; k++) /* all of it can be read */
            n_asked += q[i].expr[k] == 255;
    return 0;
}

static const struct sb_server server = { .ask = answer };

/* The end that a frame leads to; 0: it was answered. */
static uint32_t handled(const void *payload, size_t n, uint32_t type)
{
    struct sb_learner_end end = { 0 };
    struct sb_talk talk = { .server = &server, .end = &end, .state = SB_TALK_ASK };
    struct sb_frame frame = { .type = type };
    uint8_t *copy = malloc(n ? n : 1); /* exactly as long: an overrun is an error to valgrind */
    uint32_t how;

    assert_non_null(copy);
    memcpy(copy, payload, n);
    sb_reader_init(&frame.body, copy, n);
    sb_talk_handle(&talk, &frame);
    free(copy);
    how = talk.state == SB_TALK_OVER ? end.end : 0;
    assert_int_equal(how == 0, talk.state == SB_TALK_ASK);
    sb_talk_fini(&talk);
    sb_learner_end_fini(&end);
    return how;
}

static void put_ask(struct sb_buf *b)
{
    sb_buf_u64(b, 2);
    for (int i = 0; i < 2; i++) {
        sb_buf_u32(b, SB_STAT);
        sb_buf_f64(b, 0.5);
        sb_buf_u32(b, i ? SB_ASKED_EXPR : SB_ASKED_NOTHING);
        sb_buf_text(b, i ? "bytes" : "no expression");
    }
}

static void put_done(struct sb_buf *b)
{
    sb_buf_u32(b, 0);
    sb_buf_u32(b, SB_RETURNED_VALUE);
    sb_buf_u32(b, 3);
    sb_buf_bytes(b, "abc", 3);
    sb_buf_u32(b, 1);
    sb_buf_u32(b, 2);
    sb_buf_f64(b, 0.25);
    sb_buf_f64(b, 1.0);
}

/* The whole frame is understood; every shorter one, and a longer one, is not. */
static void check_lengths(void (*put)(struct sb_buf *), uint32_t type, uint32_t whole)
{
    struct sb_buf b;

    sb_buf_init(&b);
    put(&b);
    assert_int_equal(handled(b.data, b.n, type), whole);
    for (size_t n = 0; n < b.n; n++)
        assert_int_equal(handled(b.data, n, type), SB_END_PROTOCOL);
    sb_buf_u8(&b, 0);
    assert_int_equal(handled(b.data, b.n, type), SB_END_PROTOCOL);
    sb_buf_fini(&b);
}

static void test_lengths(void **state)
{
    (void)state;
    check_lengths(put_ask, SB_FRAME_ASK, 0);
    check_lengths(put_done, SB_FRAME_DONE, SB_END_FINISHED);
}

static void test_turns(void **state)
{
    (void)state;
    assert_int_equal(handled("", 0, SB_FRAME_READY), SB_END_PROTOCOL);
    assert_int_equal(handled("", 0, SB_FRAME_DESCRIBE), SB_END_PROTOCOL);
    assert_int_equal(handled("", 0, SB_FRAME_ANSWERS), SB_END_PROTOCOL);
    assert_int_equal(handled("", 0, 77), SB_END_PROTOCOL);
    assert_int_equal(handled("\3\0\0\0one", 7, SB_FRAME_FAIL), SB_END_FAILED);
    assert_int_equal(handled("\377\377\377\377one", 7, SB_FRAME_FAIL), SB_END_FAILED);
}

/* Counts that promise more than there is. */
static void test_counts(void **state)
{
    static const uint64_t counts[] = { 0, 3, 1 << 20, UINT32_MAX, UINT64_MAX, UINT64_MAX / 16 };
    struct sb_buf b;

    (void)state;
    sb_buf_init(&b);
    for (size_t i = 0; i < SB_COUNT(counts); i++) {
        sb_buf_clear(&b);
        put_ask(&b);
        memcpy(b.data, &counts[i], sizeof counts[i]);
        assert_int_equal(handled(b.data, b.n, SB_FRAME_ASK), SB_END_PROTOCOL);
    }
    sb_buf_fini(&b);
}

/* Random damage to one byte, under a fixed key. */
static void test_damage(void **state)
{
    const struct sb_key key = sb_key_derive("damage", "", 0);
    struct sb_buf b;

    (void)state;
    sb_buf_init(&b);
    for (uint64_t i = 0; i < 2000; i++) {
        sb_buf_clear(&b);
        if (i % 2)
            put_ask(&b);
        else
            put_done(&b);
        b.data[sb_random_below(key, 2 * i, b.n)] = (uint8_t)sb_random_below(key, 2 * i + 1, 256);
        handled(b.data, b.n, i % 2 ? SB_FRAME_ASK : SB_FRAME_DONE);
    }
    sb_buf_fini(&b);
}

/* A learner's line ends on a terminal: no escape sequences. */
static void test_descriptor(void **state)
{
    struct sb_descriptor descriptor;
    struct sb_frame frame = { .type = SB_FRAME_DESCRIBE };
    uint32_t isolation;
    struct sb_buf b;

    (void)state;
    sb_buf_init(&b);
    for (int i = 0; i < 4; i++)
        sb_buf_u32(&b, 1);
    sb_buf_text(&b, "na\033[31mme\n");
    sb_buf_text(&b, "");
    sb_buf_text(&b, "");
    sb_buf_u32(&b, 0);
    for (size_t n = 0; n <= b.n; n++) {
        sb_reader_init(&frame.body, b.data, n);
        assert_int_equal(sb_talk_describe(&frame, "x", &isolation, &descriptor, NULL),
                         n < b.n ? -EINVAL : 0);
        if (n == b.n)
            assert_string_equal(descriptor.name, "na [31mme ");
        sb_talk_descriptor_fini(&descriptor);
    }
    sb_buf_fini(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lengths),    cmocka_unit_test(test_turns),
        cmocka_unit_test(test_counts),     cmocka_unit_test(test_damage),
        cmocka_unit_test(test_descriptor),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
