/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Callbacks, labels and examples across every isolation: tests/plugins/calls.c against a server that
 * computes by itself what the callbacks are to write. */
#include "isolations.h"

#include <errno.h>
#include <math.h>
#include <signal.h>

enum { N_BLOCKS = 11, LAST = 37, MAX_DIM = 8, N_LABELS = 2 };

static const double label_set[N_LABELS] = { -1, 1 };

/* The task of a run. */
static const struct sb_facts cube = { .struct_size = sizeof cube,
                                      .domain = SB_CUBE,
                                      .dim = 8,
                                      .modulus = 2,
                                      .goal = SB_PREDICT,
                                      .access = SB_STAT,
                                      .n_queries = 100,
                                      .n_candidates = 256,
                                      .n_labels = N_LABELS,
                                      .label_set = label_set,
                                      .family = "parity" };

static struct sb_facts gauss(void)
{
    struct sb_facts facts = cube;

    facts.domain = SB_GAUSS;
    facts.dim = 3;
    facts.modulus = 0;
    return facts;
}

struct server {
    const struct sb_facts *facts;
    uint64_t n_asked, n_values, n_predictors;
    bool unchecked;      /* values may be anything */
    size_t n_blocks;     /* of a call */
    int predictor_error; /* of predictor() */
    struct sb_hash hash; /* of all traffic */
};

/* Points of the server's own: the same at each call. */
static uint64_t bits[N_BLOCKS][SB_BLOCK];
static double column[N_BLOCKS][MAX_DIM][SB_BLOCK];
static const double *columns[N_BLOCKS][MAX_DIM];
static double out[N_BLOCKS * N_LABELS * SB_BLOCK];

static void make_points(const struct server *s, struct sb_block *blocks)
{
    const struct sb_facts *facts = s->facts;
    const bool on_cube = facts->domain == SB_CUBE;

    for (size_t b = 0; b < s->n_blocks; b++) {
        for (uint64_t i = 0; i < SB_BLOCK; i++) {
            bits[b][i] = (i * 37 + b * 11) % 256;
            for (uint32_t j = 0; j < facts->dim; j++)
                column[b][j][i] = (double)((i + 3 * j + 7 * b) % 19) / 8 - 1;
        }
        for (uint32_t j = 0; j < facts->dim; j++)
            columns[b][j] = column[b][j];
        blocks[b] = (struct sb_block){ .struct_size = sizeof *blocks,
                                       .dim = facts->dim,
                                       .n = b + 1 < s->n_blocks ? SB_BLOCK : LAST,
                                       .x = on_cube ? NULL : columns[b],
                                       .bits = on_cube ? bits[b] : NULL };
    }
}

/* 1 + sum of 2^j x_j: exact. */
static double base_value(const struct server *s, size_t b, uint64_t i)
{
    double v = 1;

    if (s->facts->domain == SB_CUBE)
        return 1 + (double)bits[b][i];
    for (uint32_t j = 0; j < s->facts->dim; j++)
        v += ldexp(column[b][j][i], (int)j);
    return v;
}

/* Status: SB_OK where all values are right, SB_RANGE where one is missing; anything else fails. */
static int check_values(struct server *s, const struct sb_callback *callback, bool labels,
                        int32_t *status)
{
    const uint32_t n_slots = labels ? N_LABELS : 1;
    struct sb_block blocks[N_BLOCKS];
    int error;

    make_points(s, blocks);
    for (size_t i = 0; i < SB_COUNT(out); i++)
        out[i] = 1e9;
    s->n_values++;
    error = callback->values(callback->self, blocks, s->n_blocks, labels, out);
    if (error)
        return error;
    *status = SB_OK;
    if (s->unchecked)
        return 0;
    for (size_t b = 0; b < s->n_blocks; b++)
        for (uint32_t l = 0; l < n_slots; l++)
            for (uint64_t i = 0; i < SB_BLOCK; i++) {
                const double got = out[(b * n_slots + l) * SB_BLOCK + i];
                const double label = labels ? label_set[l] : 1;

                if (i >= blocks[b].n)
                    assert_same(got, 1e9); /* not touched */
                else if (isnan(got))
                    *status = SB_RANGE;
                else
                    assert_same(got, base_value(s, b, i) * label);
            }
    return 0;
}

static int answer(void *self, const struct sb_wire_query *q, uint64_t n, double *answers,
                  int32_t *status, const char **message_out)
{
    struct server *s = self;

    for (uint64_t i = 0; i < n; i++) {
        const struct sb_callback *c = q[i].callback;
        int error = 0;

        assert_int_equal((q[i].expr != NULL) + (c != NULL) + (q[i].cause != NULL), 1);
        answers[i] = (double)++s->n_asked / 64.0;
        status[i] = q[i].cause ? SB_SYNTAX : SB_OK;
        if (q[i].cause)
            *message_out = q[i].cause;
        if (c)
            error = check_values(s, c, strcmp(c->name, "without") != 0, &status[i]);
        if (error)
            return error;
        if (status[i] == SB_RANGE)
            *message_out = "not a number";
    }
    return 0;
}

static int serve_labels(void *self, uint64_t n, const uint64_t *at, const double *x, double *y_out,
                        int32_t *status, const char **message_out)
{
    const struct server *s = self;

    assert_true((at != NULL) == (s->facts->domain == SB_CUBE));
    assert_true((x != NULL) == (s->facts->domain != SB_CUBE));
    *status = n == 7 ? SB_BUDGET : SB_OK;
    *message_out = n == 7 ? "no more" : NULL;
    for (uint64_t i = 0; i < n && *status == SB_OK; i++) {
        y_out[i] = at ? (double)at[i] : 0;
        for (uint32_t j = 0; x && j < s->facts->dim; j++)
            y_out[i] += ldexp(x[i * s->facts->dim + j], (int)j);
    }
    return 0;
}

static int serve_samples(void *self, uint64_t n, uint64_t *bits_out, double *x_out, double *y_out,
                         int32_t *status, const char **message_out)
{
    const struct server *s = self;
    const uint32_t dim = s->facts->dim;

    *status = n == 7 ? SB_BUDGET : SB_OK;
    *message_out = n == 7 ? "no more" : NULL;
    for (uint64_t i = 0; i < n && *status == SB_OK; i++) {
        y_out[i] = -(double)i;
        if (bits_out)
            bits_out[i] = 3 * i & ((1u << dim) - 1);
        for (uint32_t j = 0; x_out && j < dim; j++)
            x_out[i * dim + j] = (double)i + (double)j / 8;
    }
    return 0;
}

static int score(void *self, const struct sb_callback *predictor)
{
    struct server *s = self;
    int32_t status;
    int error;

    s->n_predictors++;
    assert_string_equal(predictor->name, "");
    error = check_values(s, predictor, false, &status);
    if (!error)
        assert_int_equal(status, SB_OK);
    return error ? error : s->predictor_error;
}

static void tap(void *self, bool to_learner, uint32_t type, const void *payload, size_t n)
{
    struct server *s = self;
    const uint64_t head[3] = { to_learner, type, n };

    sb_hash_bytes(&s->hash, head, sizeof head);
    sb_hash_bytes(&s->hash, payload, n);
}

struct run {
    struct server server;
    struct sb_learner_end end;
    struct sb_digest traffic;
};

/* What a run is made of, beside what it does. */
struct setting {
    const struct sb_facts *facts;
    uint32_t isolation;
    uint64_t seconds;
    bool no_examples; /* the server has no labels and no samples */
    bool unchecked;
    int predictor_error;
    size_t n_blocks; /* of a call; 0: N_BLOCKS */
    const char *coordinate;
};

static void converse(struct sb_learner_process *process, const char *how,
                     const struct setting *setting, struct run *run)
{
    const struct sb_param *const tables[1] = { sb_learner_descriptor(process)->params };
    const struct sb_given given[2] = { { .name = "how", .text = how },
                                       { .name = "coordinate", .text = setting->coordinate } };
    struct sb_server server = { .self = &run->server,
                                .ask = answer,
                                .labels = serve_labels,
                                .samples = serve_samples,
                                .predictor = score,
                                .traffic = tap };
    struct sb_values values, family = { NULL, 0 };
    struct sb_task task = { setting->facts, { 0.125, NAN }, &values, &family, 3, NULL, NULL, 0 };

    if (setting->no_examples) {
        server.labels = NULL;
        server.samples = NULL;
    }
    assert_int_equal(sb_values_parse(tables, 1, given, setting->coordinate ? 2 : 1, NULL, 0,
                                     "learner", &values, NULL),
                     0);
    assert_int_equal(sb_learner_run(process, &task, &server, &run->end, NULL), 0);
    sb_values_fini(&values);
}

static struct run run_calls(const char *how, const struct setting *setting)
{
    const struct sb_limits limits = { 256, 16, setting->seconds };
    struct sb_learner_process *process;
    struct run run = { .server = { .facts = setting->facts,
                                   .n_blocks = setting->n_blocks ? setting->n_blocks : N_BLOCKS,
                                   .unchecked = setting->unchecked,
                                   .predictor_error = setting->predictor_error } };
    char path[4096];

    print_message("# %s, %s\n", how, sb_isolation_name(setting->isolation));
    unit_plugin_path("calls", path, sizeof path);
    sb_hash_init(&run.server.hash);
    assert_int_equal(sb_learner_start(path, setting->isolation, &limits, &process, NULL), 0);
    converse(process, how, setting, &run);
    run.traffic = sb_hash_final(&run.server.hash);
    sb_learner_close(process);
    return run;
}

/* On the cube, in every isolation. */
static void expect_everywhere(const char *how, uint32_t end, int32_t detail, const char *text)
{
    for (size_t k = 0; k < unit_n_isolations(); k++) {
        const struct setting setting = { .facts = &cube, .isolation = unit_isolation[k] };
        struct run run = run_calls(how, &setting);

        unit_expect_end(&run.end, end, detail, text);
    }
}

/* The same traffic in every isolation, for a domain with bits and one with columns. */
static void expect_same(const char *how, uint64_t n_values)
{
    const struct sb_facts real = gauss();
    const struct sb_facts *const facts[2] = { &cube, &real };

    for (size_t f = 0; f < SB_COUNT(facts); f++) {
        struct sb_digest traffic = { { 0 } };

        for (size_t k = 0; k < unit_n_isolations(); k++) {
            const struct setting setting = { .facts = facts[f], .isolation = unit_isolation[k] };
            struct run run = run_calls(how, &setting);

            assert_int_equal(run.server.n_values, n_values);
            unit_expect_end(&run.end, SB_END_FINISHED, 0, NULL);
            assert_true(k == 0 || sb_digest_equal(&traffic, &run.traffic));
            traffic = run.traffic;
        }
    }
}

/* 11 blocks are two round trips, the last block is not full; with every label, and without. */
static void test_values(void **state)
{
    (void)state;
    expect_same("values", 3);
    expect_same("scribbles", 5);
    expect_same("facts", 3);
    expect_same("batch-is-read-once", 2);
}

static void test_queries(void **state)
{
    (void)state;
    expect_same("incomplete", 1);
    expect_same("kinds", 0);
}

static void test_few_points(void **state)
{
    (void)state;
    for (size_t k = 0; k < unit_n_isolations(); k++) {
        const struct setting setting = { .facts = &cube,
                                         .isolation = unit_isolation[k],
                                         .n_blocks = 1 };
        struct run run = run_calls("values", &setting);

        assert_int_equal(run.server.n_values, 3);
        unit_expect_end(&run.end, SB_END_FINISHED, 0, NULL);
    }
}

/* A callback may not call its host. */
static void test_forbidden_calls(void **state)
{
    static const char *const calls[] = { "ask",  "op",     "parse",   "uniform", "message",
                                         "mark", "labels", "samples", "predict", "predict_expr" };

    (void)state;
    for (size_t i = 0; i < SB_COUNT(calls); i++) {
        char line[64];

        snprintf(line, sizeof line, "a callback of the learner's called %s();", calls[i]);
        expect_everywhere(calls[i], SB_END_FAILED, 0, line);
    }
}

static void test_examples(void **state)
{
    (void)state;
    expect_same("get-labels", 0);
    expect_same("get-samples", 0);
}

static void test_ungranted(void **state)
{
    (void)state;
    for (size_t k = 0; k < unit_n_isolations(); k++) {
        const struct setting setting = { .facts = &cube,
                                         .isolation = unit_isolation[k],
                                         .no_examples = true };
        struct run run = run_calls("ungranted", &setting);

        unit_expect_end(&run.end, SB_END_FINISHED, 0, NULL);
    }
}

static void test_bad_rows(void **state)
{
    struct sb_facts integers = cube;
    const struct sb_facts real = gauss();
    const struct {
        const struct sb_facts *facts;
        const char *coordinate, *text;
    } cases[] = {
        { &cube, "0.5", "0.5 as coordinate 2 of point 1; expected 0 or 1" },
        { &cube, "-1", "expected 0 or 1" },
        { &integers, "7", "7 as coordinate 2 of point 1; expected one of 0 .. q-1" },
        { &integers, "1.5", "expected one of 0 .. q-1" },
        { &real, "1e308", "inf as coordinate 2 of point 1; expected a finite number" },
    };

    (void)state;
    integers.domain = SB_ZQ;
    integers.modulus = 7;
    for (size_t i = 0; i < SB_COUNT(cases); i++)
        for (size_t k = 0; k < unit_n_isolations(); k++) {
            const struct setting setting = { .facts = cases[i].facts,
                                             .isolation = unit_isolation[k],
                                             .coordinate = cases[i].coordinate };
            struct run run = run_calls("bad-row", &setting);

            unit_expect_end(&run.end, SB_END_FAILED, 0, cases[i].text);
        }
    expect_everywhere("no-room", SB_END_FAILED, 0, "labels() without room for the labels");
    expect_everywhere("no-points-room", SB_END_FAILED, 0, "samples() without room for the points");
}

/* The largest calls are one message. */
static void test_largest(void **state)
{
    struct sb_facts line = cube;

    (void)state;
    line.dim = 1;
    for (size_t k = 0; k < unit_n_isolations(); k++) {
        const struct setting setting = { .facts = &line, .isolation = unit_isolation[k] };
        struct run run = run_calls("most", &setting);

        unit_expect_end(&run.end, SB_END_FINISHED, 0, NULL);
    }
}

static void test_predictor(void **state)
{
    (void)state;
    for (size_t k = 0; k < unit_n_isolations(); k++) {
        struct setting setting = { .facts = &cube, .isolation = unit_isolation[k] };
        struct run run = run_calls("predictor", &setting);

        assert_int_equal(run.server.n_predictors, 1);
        assert_int_equal(run.end.returned, SB_RETURNED_CALLBACK);
        if (k)
            assert_string_equal(run.end.output, "# destroyed\n");
        unit_expect_end(&run.end, SB_END_FINISHED, 0, NULL);
        run = run_calls("expression-last", &setting);
        assert_int_equal(run.server.n_predictors, 0);
        assert_int_equal(run.end.returned, SB_RETURNED_EXPR);
        unit_expect_end(&run.end, SB_END_FINISHED, 0, NULL);
        run = run_calls("fails-with-predictor", &setting);
        assert_int_equal(run.server.n_predictors, 0);
        unit_expect_end(&run.end, SB_END_FAILED, 5, "returned 5");
        setting.predictor_error = -EFAULT;
        run = run_calls("predictor", &setting);
        unit_expect_end(&run.end, SB_END_SERVER, -EFAULT, NULL);
        setting.predictor_error = -ETIME;
        run = run_calls("predictor", &setting);
        unit_expect_end(&run.end, SB_END_SECONDS, 0, NULL);
    }
    expect_same("predictor", 1);
    expect_everywhere("predictor-asks", SB_END_FAILED, 0, "called ask()");
}

static void test_predictor_of_another_goal(void **state)
{
    struct sb_facts facts = cube;

    (void)state;
    facts.goal = SB_RECOVER;
    for (size_t k = 0; k < unit_n_isolations(); k++) {
        const struct setting setting = { .facts = &facts, .isolation = unit_isolation[k] };
        struct run run = run_calls("wrong-goal", &setting);

        unit_expect_end(&run.end, SB_END_FINISHED, 0, NULL);
    }
}

/* What ends a process in a callback ends the run, and nothing is evaluated after it. */
static void test_bad_ends(void **state)
{
    static const struct {
        const char *how;
        uint32_t end;
        int32_t detail;
        const char *text;
    } cases[] = {
        { "crash", SB_END_CRASHED, SIGSEGV, "signal 11" },
        { "exit-3", SB_END_EXITED, 3, "code 3" },
        { "abort", SB_END_CRASHED, SIGABRT, "signal 6" },
        { "garbage", SB_END_PROTOCOL, 0, "not a message" },
        { "out-of-turn", SB_END_PROTOCOL, 0, "the learner's process sent" },
        { "ask-frame", SB_END_PROTOCOL, 0, "the learner's process sent" },
        { "long-values", SB_END_PROTOCOL, 0, "the learner's process sent" },
        { "long-frame", SB_END_PROTOCOL, 0, "not a message" },
        { "two-values", SB_END_PROTOCOL, 0, NULL },
        { "starved", SB_END_FAILED, 0, "out of memory" },
        { "predictor-exits", SB_END_EXITED, 0, "code 0" },
        { "destroy-crashes", SB_END_CRASHED, SIGSEGV, "signal 11" },
    };

    (void)state;
    for (size_t i = 0; i < SB_COUNT(cases); i++)
        for (size_t k = 1; k < unit_n_isolations(); k++) {
            const bool early = strcmp(cases[i].how, "two-values") == 0;
            const bool none = strcmp(cases[i].how, "starved") == 0;
            const struct setting setting = { .facts = &cube,
                                             .isolation = unit_isolation[k],
                                             .unchecked = early };
            struct run run = run_calls(cases[i].how, &setting);

            assert_true(early || run.server.n_values == !none);
            unit_expect_end(&run.end, cases[i].end, cases[i].detail, cases[i].text);
        }
}

static void test_fuse(void **state)
{
    const struct setting setting = { .facts = &cube,
                                     .isolation = SB_ISOLATION_SECCOMP,
                                     .seconds = 1 };
    struct run run = run_calls("loop", &setting);

    (void)state;
    assert_int_equal(run.server.n_values, 1);
    unit_expect_end(&run.end, SB_END_SECONDS, 0, "1 seconds");
    run = run_calls("predictor-loops", &setting);
    assert_int_equal(run.server.n_predictors, 1);
    unit_expect_end(&run.end, SB_END_SECONDS, 0, "1 seconds");
}

/* Run and scoring take 1.2 seconds each: more than the 2 seconds of one fuse. */
static void test_fuse_is_lit_anew(void **state)
{
    const struct setting setting = { .facts = &cube,
                                     .isolation = SB_ISOLATION_SECCOMP,
                                     .seconds = 2 };
    struct run run = run_calls("slow-both", &setting);

    (void)state;
    unit_expect_end(&run.end, SB_END_FINISHED, 0, NULL);
}

int main(void)
{
    enum { IN_A_PROCESS = 3 }; /* the last ones */
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values),
        cmocka_unit_test(test_queries),
        cmocka_unit_test(test_few_points),
        cmocka_unit_test(test_forbidden_calls),
        cmocka_unit_test(test_examples),
        cmocka_unit_test(test_ungranted),
        cmocka_unit_test(test_bad_rows),
        cmocka_unit_test(test_predictor),
        cmocka_unit_test(test_predictor_of_another_goal),
        cmocka_unit_test(test_largest), /* the last of those in this process */
        cmocka_unit_test(test_bad_ends),
        cmocka_unit_test(test_fuse),
        cmocka_unit_test(test_fuse_is_lit_anew),
    };
    /* millions of points are a minute under valgrind */
    const bool brief = unit_in_process_only() && getenv("STATBED_TEST_VALGRIND");
    const size_t n = SB_COUNT(tests) - (unit_in_process_only() ? IN_A_PROCESS : 0) - brief;

    return _cmocka_run_group_tests("calls", tests, n, NULL, NULL);
}
