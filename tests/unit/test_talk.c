/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The runner's frame handler against frames that no honest learner sends: whatever the bytes, the
 * run ends or goes on, and nothing is read that is not there (valgrind would say so). */
#include "numeric/random.h"
#include "runner/learner_talk.h"
#include "unit.h"

#include <errno.h>
#include <math.h>

static uint64_t n_asked, n_given;

static int answer(void *self, const struct sb_wire_query *q, uint64_t n, double *answers,
                  int32_t *status, const char **message_out)
{
    (void)self;
    (void)answers;
    (void)status;
    (void)message_out;
    n_asked += n;
    for (uint64_t i = 0; i < n; i++) {
        assert_int_equal((q[i].expr != NULL) + (q[i].callback != NULL) + (q[i].cause != NULL), 1);
        for (size_t k = 0; k < q[i].n_expr; k++) /* all of it can be read */
            n_asked += q[i].expr[k] == 255;
        n_asked += q[i].callback && strlen(q[i].callback->name) > 100;
    }
    return 0;
}

static int label(void *self, uint64_t n, const uint64_t *bits, const double *x, double *y_out,
                 int32_t *status, const char **message_out)
{
    (void)self;
    n_given++;
    for (uint64_t i = 0; i < n; i++)
        y_out[i] = bits ? (double)bits[i] : x[3 * i];
    *status = n == 3 ? SB_OK : SB_BUDGET;
    *message_out = "three at a time";
    return 0;
}

static int sample(void *self, uint64_t n, uint64_t *bits_out, double *x_out, double *y_out,
                  int32_t *status, const char **message_out)
{
    (void)self;
    (void)message_out;
    n_given++;
    for (uint64_t i = 0; i < n; i++) {
        y_out[i] = (double)i;
        if (bits_out)
            bits_out[i] = i % 8;
        for (uint64_t j = 0; x_out && j < 3; j++)
            x_out[3 * i + j] = (double)j;
    }
    *status = SB_OK;
    return 0;
}

static const struct sb_server server = { .ask = answer, .labels = label, .samples = sample };
static const double label_set[2] = { -1, 1 };
static const struct sb_facts cube = {
    .domain = SB_CUBE, .dim = 3, .modulus = 2, .n_labels = 2, .label_set = label_set
};
static const struct sb_facts gauss = {
    .domain = SB_GAUSS, .dim = 3, .n_labels = 2, .label_set = label_set
};
static const struct sb_facts *facts = &cube; /* of the runs to come */

/* A talk that expects a batch; to be given to talk_fini. */
struct talk {
    struct sb_talk talk;
    struct sb_task task;
    struct sb_learner_end end;
    void *board;
};

static void talk_init(struct talk *t, const struct sb_server *with)
{
    struct sb_space space = sb_space_of(facts);
    struct sb_board plan;

    memset(t, 0, sizeof *t);
    sb_board_init(&plan, NULL, &space, 0);
    t->board = malloc(sb_board_size(&plan) + 1); /* exactly as large: see above */
    assert_non_null(t->board);
    t->task.facts = facts;
    t->talk.task = &t->task;
    t->talk.server = with;
    t->talk.end = &t->end;
    assert_int_equal(sb_talk_begin(&t->talk, t->board), 0);
    t->talk.state = SB_TALK_ASK;
}

static void talk_fini(struct talk *t)
{
    sb_talk_fini(&t->talk);
    sb_learner_end_fini(&t->end);
    free(t->board);
}

static void handle(struct talk *t, const void *payload, size_t n, uint32_t type)
{
    struct sb_frame frame = { .type = type };
    uint8_t *copy = malloc(n ? n : 1); /* exactly as long: an overrun is an error to valgrind */

    assert_non_null(copy);
    memcpy(copy, payload, n);
    sb_reader_init(&frame.body, copy, n);
    sb_talk_handle(&t->talk, &frame);
    free(copy);
}

/* The end that a frame leads to; 0: it was answered. */
static uint32_t handled(const void *payload, size_t n, uint32_t type)
{
    struct talk t;
    uint32_t how;

    talk_init(&t, &server);
    handle(&t, payload, n, type);
    how = t.talk.state == SB_TALK_OVER ? t.end.end : 0;
    assert_true(how != 0 || t.talk.state == SB_TALK_ASK || t.talk.state == SB_TALK_CLOSING);
    talk_fini(&t);
    return how;
}

static void put_ask(struct sb_buf *b)
{
    static const char *const text[3] = { "no expression", "bytes", "its name" };

    sb_buf_u64(b, 3);
    for (uint32_t kind = SB_ASKED_NOTHING; kind <= SB_ASKED_CALLBACK; kind++) {
        sb_buf_u32(b, SB_STAT);
        sb_buf_f64(b, 0.5);
        sb_buf_u32(b, kind);
        sb_buf_text(b, text[kind]);
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

static void put_labels(struct sb_buf *b)
{
    sb_buf_u64(b, 3);
    for (uint64_t i = 0; i < 3; i++)
        if (facts->domain == SB_CUBE)
            sb_buf_u64(b, 7 - i);
        else
            for (int j = 0; j < 3; j++)
                sb_buf_f64(b, 0.5 * (double)i - j);
}

static void put_samples(struct sb_buf *b)
{
    sb_buf_u64(b, 3);
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
    for (int i = 0; i < 2; i++) {
        facts = i ? &gauss : &cube;
        check_lengths(put_labels, SB_FRAME_LABELS, 0);
        check_lengths(put_samples, SB_FRAME_SAMPLES, 0);
    }
    facts = &cube;
}

static void test_turns(void **state)
{
    (void)state;
    assert_int_equal(handled("", 0, SB_FRAME_READY), SB_END_PROTOCOL);
    assert_int_equal(handled("", 0, SB_FRAME_DESCRIBE), SB_END_PROTOCOL);
    assert_int_equal(handled("", 0, SB_FRAME_ANSWERS), SB_END_PROTOCOL);
    assert_int_equal(handled("", 0, SB_FRAME_VALUES), SB_END_PROTOCOL);
    assert_int_equal(handled("", 0, SB_FRAME_POINTS), SB_END_PROTOCOL);
    assert_int_equal(handled("", 0, SB_FRAME_EXAMPLES), SB_END_PROTOCOL);
    assert_int_equal(handled("", 0, SB_FRAME_END), SB_END_PROTOCOL);
    assert_int_equal(handled("", 0, 77), SB_END_PROTOCOL);
    assert_int_equal(handled("\3\0\0\0one", 7, SB_FRAME_FAIL), SB_END_FAILED);
    assert_int_equal(handled("\377\377\377\377one", 7, SB_FRAME_FAIL), SB_END_FAILED);
}

/* Counts that promise more than there is. */
static void test_counts(void **state)
{
    static const struct {
        void (*put)(struct sb_buf *b);
        uint32_t type;
    } frames[] = { { put_ask, SB_FRAME_ASK },
                   { put_labels, SB_FRAME_LABELS },
                   { put_samples, SB_FRAME_SAMPLES } };
    const uint64_t counts[] = { 0,          UINT64_C(1) << 26, UINT32_MAX,
                                UINT64_MAX, UINT64_MAX / 16,   UINT64_MAX / 8 + 4 };
    struct sb_buf b;

    (void)state;
    sb_buf_init(&b);
    for (size_t k = 0; k < SB_COUNT(frames); k++)
        for (size_t i = 0; i < SB_COUNT(counts); i++) {
            sb_buf_clear(&b);
            frames[k].put(&b);
            memcpy(b.data, &counts[i], sizeof counts[i]);
            assert_int_equal(handled(b.data, b.n, frames[k].type), SB_END_PROTOCOL);
        }
    sb_buf_fini(&b);
}

/* The most examples of one message, and one more. */
static void test_most_samples(void **state)
{
    const struct sb_space space = sb_space_of(facts);
    uint64_t n = sb_points_max(&space);

    (void)state;
    assert_int_equal(n, 4194048);
    if (!getenv("STATBED_TEST_VALGRIND")) /* 64 MiB of them take it a minute */
        assert_int_equal(handled(&n, sizeof n, SB_FRAME_SAMPLES), 0);
    n++;
    assert_int_equal(handled(&n, sizeof n, SB_FRAME_SAMPLES), SB_END_PROTOCOL);
}

/* What is no query: a kind of no meaning, an expression of no bytes. */
static void test_kinds(void **state)
{
    struct sb_buf b;

    (void)state;
    sb_buf_init(&b);
    for (uint32_t kind = 0; kind < 5; kind++) {
        sb_buf_clear(&b);
        sb_buf_u64(&b, 1);
        sb_buf_u32(&b, SB_STAT);
        sb_buf_f64(&b, 0.5);
        sb_buf_u32(&b, kind);
        sb_buf_text(&b, "");
        assert_int_equal(handled(b.data, b.n, SB_FRAME_ASK),
                         kind == SB_ASKED_NOTHING || kind == SB_ASKED_CALLBACK ? 0
                                                                               : SB_END_PROTOCOL);
    }
    sb_buf_fini(&b);
}

/* One bad point among three, and the server sees none of them. */
static void test_bad_points(void **state)
{
    static const double bad[] = { NAN, INFINITY, -INFINITY };
    struct sb_buf b;

    (void)state;
    sb_buf_init(&b);
    put_labels(&b);
    b.data[8 + 2 * 8] = 8; /* bit 3 of 3 */
    n_given = 0;
    assert_int_equal(handled(b.data, b.n, SB_FRAME_LABELS), SB_END_PROTOCOL);
    facts = &gauss;
    for (size_t i = 0; i < SB_COUNT(bad); i++) {
        sb_buf_clear(&b);
        put_labels(&b);
        memcpy(b.data + 8 + 8 * 8, &bad[i], sizeof bad[i]);
        assert_int_equal(handled(b.data, b.n, SB_FRAME_LABELS), SB_END_PROTOCOL);
    }
    assert_int_equal(n_given, 0);
    facts = &cube;
    sb_buf_fini(&b);
}

/* EXAMPLES, byte for byte as wire.h has them. */
static void expect_reply(struct talk *t, const struct sb_buf *want)
{
    struct sb_frame got;

    assert_int_equal(t->talk.state, SB_TALK_ASK);
    assert_int_equal(sb_frame_open(t->talk.reply.data, t->talk.reply.n, &got), 0);
    assert_int_equal(got.type, SB_FRAME_EXAMPLES);
    assert_int_equal(got.body.n, want->n);
    assert_memory_equal(got.body.p, want->data, want->n);
}

static void test_examples(void **state)
{
    const uint64_t two = 2;
    struct sb_buf ask, want;
    struct talk t;

    (void)state;
    sb_buf_init(&ask);
    sb_buf_init(&want);
    talk_init(&t, &server);
    put_labels(&ask);
    handle(&t, ask.data, ask.n, SB_FRAME_LABELS);
    sb_buf_u32(&want, SB_OK);
    sb_buf_u64(&want, 3);
    for (int i = 0; i < 3; i++)
        sb_buf_f64(&want, 7 - i);
    sb_buf_text(&want, "three at a time");
    expect_reply(&t, &want);

    sb_buf_clear(&want);
    handle(&t, &two, sizeof two, SB_FRAME_SAMPLES);
    sb_buf_u32(&want, SB_OK);
    sb_buf_u64(&want, 2);
    sb_buf_u64(&want, 0);
    sb_buf_u64(&want, 1);
    sb_buf_f64(&want, 0);
    sb_buf_f64(&want, 1);
    sb_buf_text(&want, "");
    expect_reply(&t, &want);

    sb_buf_clear(&ask);
    sb_buf_clear(&want);
    sb_buf_u64(&ask, 2);
    sb_buf_u64(&ask, 1);
    sb_buf_u64(&ask, 2);
    handle(&t, ask.data, ask.n, SB_FRAME_LABELS);
    sb_buf_u32(&want, SB_BUDGET);
    sb_buf_u64(&want, 0);
    sb_buf_text(&want, "three at a time");
    expect_reply(&t, &want);
    talk_fini(&t);
    sb_buf_fini(&want);
    sb_buf_fini(&ask);
}

/* Random damage to one byte, under a fixed key. */
static void test_damage(void **state)
{
    static const struct {
        void (*put)(struct sb_buf *b);
        uint32_t type;
    } frames[] = { { put_ask, SB_FRAME_ASK },
                   { put_done, SB_FRAME_DONE },
                   { put_labels, SB_FRAME_LABELS },
                   { put_samples, SB_FRAME_SAMPLES } };
    const struct sb_key key = sb_key_derive("damage", "", 0);
    struct sb_buf b;

    (void)state;
    sb_buf_init(&b);
    for (uint64_t i = 0; i < 2000; i++) {
        const size_t k = i % SB_COUNT(frames);
        size_t at;

        sb_buf_clear(&b);
        frames[k].put(&b);
        at = sb_random_below(key, 2 * i, b.n);
        if (frames[k].put == put_samples && (at == 2 || at == 1))
            at = 0; /* some million examples take their time */
        b.data[at] = (uint8_t)sb_random_below(key, 2 * i + 1, 256);
        handled(b.data, b.n, frames[k].type);
    }
    sb_buf_fini(&b);
}

/* A learner that is reached by a call, and may do what a process may do. */
enum act { HONEST, FAILS, WRONG_FRAME, LONG_VALUES, TROUBLE, DIES };
struct fake {
    struct talk *t;
    enum act act;
    unsigned n_calls;
    uint64_t place, n_points; /* of the last call */
    uint32_t labels;
    struct sb_buf reply;
};

/* Value of a fake callback: the point's number in its block, and the label's. */
static int fake_exchange(void *self, const struct sb_buf *points, struct sb_frame *reply)
{
    struct fake *f = self;
    const struct sb_board *board = &f->t->talk.board;
    struct sb_frame frame;

    f->n_calls++;
    assert_int_equal(sb_frame_open(points->data, points->n, &frame), 0);
    assert_int_equal(frame.type, SB_FRAME_POINTS);
    f->place = sb_read_u64(&frame.body);
    f->labels = sb_read_u32(&frame.body);
    f->n_points = sb_read_u64(&frame.body);
    assert_true(!frame.body.failed && frame.body.n == 0);
    for (uint64_t i = 0; i < f->n_points; i++)
        for (uint32_t l = 0; l < (f->labels ? board->n_slots : 1); l++) {
            const uint32_t b = (uint32_t)(i / SB_BLOCK);
            const double x = board->cube ? (double)sb_board_bits(board, b)[i % SB_BLOCK]
                                         : sb_board_column(board, b, board->dim - 1)[i % SB_BLOCK];

            sb_board_values(board, b, l)[i % SB_BLOCK] = x + 1000 * l;
        }
    if (f->act == TROUBLE)
        return -EIO;
    if (f->act == DIES) {
        sb_talk_end(&f->t->talk, SB_END_CRASHED, 11, "it died");
        return -ECONNABORTED;
    }
    sb_frame_begin(&f->reply, f->act == FAILS         ? SB_FRAME_FAIL
                              : f->act == WRONG_FRAME ? SB_FRAME_ASK
                                                      : SB_FRAME_VALUES);
    if (f->act == FAILS)
        sb_buf_text(&f->reply, "misuse");
    if (f->act == LONG_VALUES)
        sb_buf_u8(&f->reply, 0);
    assert_int_equal(sb_frame_end(&f->reply), 0);
    return sb_frame_open(f->reply.data, f->reply.n, reply);
}

/* A server that evaluates the callback of its one query, and what it got of that. */
struct caller {
    struct fake fake;
    size_t n_blocks;
    bool labels;
    int error;
    uint64_t n_wrong; /* values */
    unsigned n_sent;  /* frames but POINTS */
};

static void count(void *self, bool to_learner, uint32_t type, const void *payload, size_t n)
{
    struct caller *c = self;

    (void)payload;
    (void)n;
    c->n_sent += to_learner && type != SB_FRAME_POINTS && type != SB_FRAME_CONFIG;
}

static void check(struct caller *c, const double *out)
{
    const uint32_t n_slots = c->labels ? 2 : 1;

    for (size_t b = 0; b < c->n_blocks; b++)
        for (uint32_t l = 0; l < n_slots; l++)
            for (uint64_t i = 0; i < (b + 1 < c->n_blocks ? SB_BLOCK : 5); i++)
                c->n_wrong +=
                    out[(b * n_slots + l) * SB_BLOCK + i] != (double)((i + b) % 8) + 1000 * l;
}

static int call(void *self, const struct sb_callback *callback)
{
    struct caller *c = self;
    const bool on_cube = facts->domain == SB_CUBE;
    uint64_t *bits = SB_NEW_ARRAY(uint64_t, c->n_blocks * SB_BLOCK);
    double *x = SB_NEW_ARRAY(double, c->n_blocks *SB_BLOCK);
    const double **columns = SB_NEW_ARRAY(const double *, c->n_blocks * facts->dim);
    struct sb_block *blocks = SB_NEW_ARRAY(struct sb_block, c->n_blocks);
    double *out = SB_NEW_ARRAY(double, c->n_blocks * 2 * SB_BLOCK);

    for (size_t b = 0; b < c->n_blocks; b++) {
        for (uint64_t i = 0; i < SB_BLOCK; i++) {
            bits[b * SB_BLOCK + i] = (i + b) % 8;
            x[b * SB_BLOCK + i] = (double)((i + b) % 8);
        }
        for (uint32_t j = 0; j < facts->dim; j++)
            columns[b * facts->dim + j] = x + b * SB_BLOCK;
        blocks[b].n = b + 1 < c->n_blocks ? SB_BLOCK : 5;
        blocks[b].bits = on_cube ? bits + b * SB_BLOCK : NULL;
        blocks[b].x = on_cube ? NULL : columns + b * facts->dim;
    }
    c->error = callback->values(callback->self, blocks, c->n_blocks, c->labels, out);
    if (!c->error) { /* what the learner writes now comes too late */
        memset(c->fake.t->board, 0xff, sb_board_size(&c->fake.t->talk.board));
        check(c, out);
    }
    free(out);
    free(blocks);
    free(columns);
    free(x);
    free(bits);
    return c->error;
}

static int call_first(void *self, const struct sb_wire_query *q, uint64_t n, double *answers,
                      int32_t *status, const char **message_out)
{
    (void)answers;
    (void)status;
    (void)message_out;
    assert_int_equal(n, 3);
    return call(self, q[2].callback);
}

/* A batch whose last query is a callback; the end that it leads to, 0: none. */
static uint32_t called(struct caller *c, uint64_t deadline_ns)
{
    const struct sb_server calling = { .self = c, .ask = call_first, .traffic = count };
    struct sb_buf ask;
    struct talk t;
    uint32_t how;

    sb_buf_init(&ask);
    put_ask(&ask);
    talk_init(&t, &calling);
    c->fake.t = &t;
    t.talk.reach = (struct sb_reach){ &c->fake, fake_exchange };
    t.talk.fuse.deadline_ns = deadline_ns;
    handle(&t, ask.data, ask.n, SB_FRAME_ASK);
    how = t.talk.state == SB_TALK_OVER ? t.end.end : 0;
    if (how == SB_END_FAILED)
        assert_string_equal(t.end.text, "misuse");
    talk_fini(&t);
    sb_buf_fini(&c->fake.reply);
    sb_buf_fini(&ask);
    return how;
}

static void test_callback(void **state)
{
    struct caller c = { .n_blocks = 11, .labels = true };

    (void)state;
    assert_int_equal(called(&c, 0), 0);
    assert_int_equal(c.n_wrong, 0);
    assert_int_equal(c.fake.n_calls, 2); /* 8 blocks, and 3 */
    assert_int_equal(c.fake.n_points, 2 * SB_BLOCK + 5);
    assert_int_equal(c.fake.place, 2);
    assert_int_equal(c.fake.labels, 1);
    assert_int_equal(c.n_sent, 1);
    c = (struct caller){ .n_blocks = 1 };
    assert_int_equal(called(&c, 0), 0);
    assert_int_equal(c.n_wrong, 0);
    assert_int_equal(c.fake.labels, 0);
    assert_int_equal(c.fake.n_points, 5);
}

/* Columns: as many blocks in a call as the board has room for, which may be none. */
static void test_callback_on_columns(void **state)
{
    struct sb_facts wide = gauss;
    struct caller c = { .n_blocks = 3, .labels = true };

    (void)state;
    wide.dim = 4000;
    facts = &wide;
    assert_int_equal(called(&c, 0), 0);
    assert_int_equal(c.n_wrong, 0);
    assert_int_equal(c.fake.n_calls, 2); /* 2 blocks of 4002 columns, and 1 */
    wide.dim = 9000;
    c = (struct caller){ .n_blocks = 1 };
    assert_int_equal(called(&c, 0), SB_END_SERVER);
    assert_int_equal(c.error, -EMSGSIZE);
    assert_int_equal(c.fake.n_calls, 0);
    facts = &cube;
}

/* What ends the talk inside a callback stands, whatever the server returns then. */
static void test_callback_ends(void **state)
{
    static const struct {
        enum act act;
        int error;
        uint32_t end;
    } cases[] = {
        { FAILS, -ECONNABORTED, SB_END_FAILED }, { WRONG_FRAME, -ECONNABORTED, SB_END_PROTOCOL },
        { DIES, -ECONNABORTED, SB_END_CRASHED }, { LONG_VALUES, -ECONNABORTED, SB_END_PROTOCOL },
        { TROUBLE, -EIO, SB_END_SERVER },
    };
    struct caller late = { .n_blocks = 11 };

    (void)state;
    for (size_t i = 0; i < SB_COUNT(cases); i++) {
        struct caller c = { .fake = { .act = cases[i].act }, .n_blocks = 11 };

        assert_int_equal(called(&c, 0), cases[i].end);
        assert_int_equal(c.error, cases[i].error);
        assert_int_equal(c.fake.n_calls, 1); /* and not for the other blocks */
        assert_int_equal(c.n_sent, 0);       /* no answers after the end */
    }
    assert_int_equal(called(&late, 1), SB_END_SECONDS); /* nanosecond 1 has long passed */
    assert_int_equal(late.error, -ETIME);
    assert_int_equal(late.fake.n_calls, 0);
}

/* No two columns share a byte, and all lie on the board. */
static void check_board(uint32_t domain, uint32_t dim, uint64_t n_labels, uint32_t n_shown,
                        uint32_t n_blocks)
{
    const struct sb_space space = { .domain = domain, .dim = dim, .n_labels = n_labels };
    const uint32_t n_points = domain == SB_CUBE ? 1 : dim;
    const size_t column = SB_BLOCK * 8;
    struct sb_board board;
    uint8_t *memory, *seen;
    uint64_t n;

    sb_board_init(&board, NULL, &space, n_shown);
    assert_int_equal(board.n_blocks, n_blocks);
    assert_true(sb_board_size(&board) <= SB_BOARD_BYTES);
    assert_int_equal(board.n_slots, n_labels ? (uint32_t)n_labels : n_shown ? n_shown : 1);
    n = sb_board_size(&board) / column;
    memory = malloc(sb_board_size(&board) + 1); /* not touched */
    seen = sb_new(n, 1);
    sb_board_init(&board, memory, &space, n_shown);
    for (uint32_t b = 0; b < n_blocks; b++) {
        for (uint32_t j = 0; j < n_points; j++) {
            uint8_t *p = domain == SB_CUBE ? (uint8_t *)sb_board_bits(&board, b)
                                           : (uint8_t *)sb_board_column(&board, b, j);

            assert_int_equal((size_t)(p - memory) % column, 0);
            assert_int_equal(seen[(size_t)(p - memory) / column]++, 0);
        }
        for (uint32_t l = 0; l < board.n_shown + board.n_slots; l++) {
            uint8_t *p =
                (uint8_t *)(l < board.n_shown ? sb_board_label(&board, b, l)
                                              : sb_board_values(&board, b, l - board.n_shown));

            assert_int_equal((size_t)(p - memory) % column, 0);
            assert_int_equal(seen[(size_t)(p - memory) / column]++, 0);
        }
    }
    free(seen);
    free(memory);
}

static void test_board(void **state)
{
    (void)state;
    check_board(SB_CUBE, 20, 2, 0, 8);
    check_board(SB_CUBE, 63, 0, 0, 8);
    check_board(SB_CUBE, 63, 8191, 0, 1);
    check_board(SB_CUBE, 63, 8192, 0, 0);
    check_board(SB_ZQ, 10, 17, 0, 8);
    check_board(SB_GAUSS, 1021, 3, 0, 8);
    check_board(SB_GAUSS, 1022, 3, 0, 7);
    check_board(SB_GAUSS, 8191, 0, 0, 1);
    check_board(SB_GAUSS, 8191, 2, 0, 0);
    check_board(SB_GAUSS, UINT32_MAX, UINT64_MAX, 0, 0);
    check_board(SB_GAUSS, 1020, 0, 2, 8);
    check_board(SB_GAUSS, 1021, 0, 2, 7);
    check_board(SB_CUBE, 63, 0, 4, 8);
    check_board(SB_CUBE, 20, 2, 2, 8); /* labels of a set are not shown */
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
        cmocka_unit_test(test_lengths),       cmocka_unit_test(test_turns),
        cmocka_unit_test(test_counts),        cmocka_unit_test(test_most_samples),
        cmocka_unit_test(test_kinds),         cmocka_unit_test(test_bad_points),
        cmocka_unit_test(test_examples),      cmocka_unit_test(test_damage),
        cmocka_unit_test(test_callback),      cmocka_unit_test(test_callback_on_columns),
        cmocka_unit_test(test_callback_ends), cmocka_unit_test(test_board),
        cmocka_unit_test(test_descriptor),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
