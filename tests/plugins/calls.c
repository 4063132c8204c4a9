/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A learner that asks by callbacks, and for labels and examples, as its parameter `how` says; many
 * of its callbacks are bad. run() returns 0 where what it tried had the outcome that the interface
 * promises. What its callbacks are to compute is (1 + sum of 2^j x_j) y, without labels 1 + .... */
#include <statbed/learner.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static volatile int zero;
static const struct sb_host *host; /* for callbacks that may not have it */
static const char *how;

/* What a callback is to be handed, by the pointer that it is handed. */
static char with_labels, without;

static double value(const struct sb_block *block, uint64_t i)
{
    double v = 1;

    for (uint32_t j = 0; j < block->dim; j++)
        v += (double)(1u << j) * block->x[j][i];
    return block->y ? v * block->y[i] : v;
}

/* Bits and columns agree, and the labels are the same all over the block. */
static int consistent(const struct sb_block *block, uint64_t i, const void *user)
{
    if (block->struct_size < sizeof *block || block->n < 1 || block->n > 1024 ||
        (user == &with_labels) != (block->y != NULL))
        return 0;
    if (block->y && (block->y[i] != block->y[0] || fabs(block->y[i]) != 1))
        return 0;
    for (uint32_t j = 0; block->bits && j < block->dim; j++)
        if (block->x[j][i] != (double)(block->bits[i] >> j & 1))
            return 0;
    return !block->bits || block->bits[i] >> block->dim == 0;
}

static void phi(void *user, const struct sb_block *block, double *out)
{
    for (uint64_t i = 0; i < block->n; i++)
        out[i] = consistent(block, i, user) ? value(block, i) : -77;
}

/* Nothing written on odd places. */
static void partly(void *user, const struct sb_block *block, double *out)
{
    (void)user;
    for (uint64_t i = 0; i < block->n; i += 2)
        out[i] = value(block, i);
}

/* The right values, and then all that it was shown is overwritten, through a const that is no
 * barrier. */
static void scribble(void *user, const struct sb_block *block, double *out)
{
    double **x = (double **)(uintptr_t)block->x;

    phi(user, block, out);
    for (uint32_t j = 0; j < block->dim; j++) {
        for (uint64_t i = 0; i < block->n; i++)
            x[j][i] = -5;
        x[j] = NULL;
    }
    for (uint64_t i = 0; i < block->n; i++) {
        if (block->bits)
            ((uint64_t *)(uintptr_t)block->bits)[i] = ~(uint64_t)0;
        if (block->y)
            ((double *)(uintptr_t)block->y)[i] = 9;
    }
    memset((struct sb_block *)(uintptr_t)block, 0, sizeof *block);
}

/* What is allowed. */
static void looks_up(void *user, const struct sb_block *block, double *out)
{
    phi(user, block, out);
    if (host->facts(host->self)->dim != block->dim || host->param_int(host->self, "count") != 7 ||
        host->tolerance(host->self, SB_STAT) != 0.125)
        out[0] = -78;
}

/* What is not: the call is named after the callback. */
static void calls_host(void *user, const struct sb_block *block, double *out)
{
    const struct sb_host *h = host;
    double v[8] = { 0 };

    phi(user, block, out);
    if (strcmp(how, "ask") == 0)
        sb_ask1(h, 1, v);
    else if (strcmp(how, "op") == 0)
        sb_y(h);
    else if (strcmp(how, "parse") == 0)
        h->parse(h->self, "y");
    else if (strcmp(how, "uniform") == 0)
        h->uniform(h->self, 1, v);
    else if (strcmp(how, "message") == 0)
        h->message(h->self);
    else if (strcmp(how, "mark") == 0)
        h->mark(h->self);
    else if (strcmp(how, "labels") == 0)
        h->labels(h->self, 1, v, v);
    else if (strcmp(how, "samples") == 0)
        h->samples(h->self, 1, v, v);
    else if (strcmp(how, "predict") == 0)
        h->predict(h->self, phi, NULL);
    else if (strcmp(how, "predict_expr") == 0)
        h->predict_expr(h->self, 1);
}

/* Bad ends. */

/* A frame of zeros, of which at most 8 bytes follow. */
static void frame(uint32_t type, uint32_t length)
{
    const uint32_t bytes[4] = { length, type, 0, 0 };

    if (write(3, bytes, length ? 16 : 8) < 0)
        _exit(9);
}

static void dies(void *user, const struct sb_block *block, double *out)
{
    phi(user, block, out);
    if (strcmp(how, "crash") == 0)
        *(volatile int *)(uintptr_t)zero = 1;
    else if (strcmp(how, "exit-3") == 0 || strcmp(how, "predictor-exits") == 0)
        exit(strcmp(how, "exit-3") == 0 ? 3 : 0);
    else if (strcmp(how, "abort") == 0)
        abort();
    else if (strcmp(how, "garbage") == 0 && write(3, "garbage, garbage", 16) != 16)
        _exit(9);
    else if (strcmp(how, "out-of-turn") == 0)
        frame(3, 0); /* READY */
    else if (strcmp(how, "ask-frame") == 0)
        frame(5, 8); /* ASK */
    else if (strcmp(how, "long-values") == 0)
        frame(13, 8); /* VALUES with something in it */
    else if (strcmp(how, "long-frame") == 0)
        frame(13, 1 << 30);
    else if (strcmp(how, "two-values") == 0)
        frame(13, 0); /* VALUES, and our own will follow */
    while (strcmp(how, "loop") == 0 || strcmp(how, "predictor-loops") == 0)
        continue;
}

/* Asks a callback with every label, without labels, and an expression between them. */
static int32_t ask_all(const struct sb_host *h, sb_phi *f)
{
    struct sb_query q[4];
    double answer[4] = { 0 };
    int32_t status[4] = { 9, 9, 9, 9 }, got;

    memset(q, 0, sizeof q);
    q[0].phi = q[2].phi = q[3].phi = f;
    q[0].user = q[3].user = &with_labels;
    q[2].user = &without;
    q[0].name = "first";
    q[2].name = "without";
    q[1].expr = sb_y(h);
    got = h->ask(h->self, q, 4, sizeof *q, answer, status);
    if (got != SB_OK)
        return got < 0 ? got : 30 + got;
    for (int i = 0; i < 4; i++)
        if (status[i] != SB_OK || answer[i] != answer[0] + i / 64.0)
            return 20 + i;
    return 0;
}

static int32_t values(const struct sb_host *h)
{
    return ask_all(h, phi);
}

/* What a callback breaks is whole again for the next block, and for the next callback. */
static int32_t scribbles(const struct sb_host *h)
{
    double answer;

    for (int i = 0; i < 2; i++)
        if (sb_ask_phi(h, scribble, &without, "without", &answer) != SB_OK)
            return 10;
    return ask_all(h, phi);
}

static int32_t facts(const struct sb_host *h)
{
    return ask_all(h, looks_up);
}

static int32_t forbidden(const struct sb_host *h)
{
    return ask_all(h, calls_host);
}

static int32_t ends(const struct sb_host *h)
{
    return ask_all(h, dies);
}

/* The server finds NaN where nothing was written, and says SB_RANGE. */
static int32_t incomplete(const struct sb_host *h)
{
    double answer = 5;

    if (sb_ask_phi(h, partly, &with_labels, "partly", &answer) != SB_RANGE || answer != 5)
        return 10;
    return strcmp(h->message(h->self), "not a number") == 0 ? 0 : 11;
}

/* A callback that writes over the batch that it is part of; the server answers what it was asked. */
static struct sb_query batch[2];

static void writes_batch(void *user, const struct sb_block *block, double *out)
{
    phi(user, block, out);
    memset(batch, 0xff, sizeof batch);
}

static int32_t batch_is_read_once(const struct sb_host *h)
{
    double answer[2];
    int32_t status[2];

    batch[0] = (struct sb_query){ 0, 0, 0, writes_batch, &with_labels, "one" };
    batch[1] = (struct sb_query){ 0, 0, 0, writes_batch, &with_labels, "two" };
    return h->ask(h->self, batch, 2, sizeof *batch, answer, status) == SB_OK ? 0 : 10;
}

/* Neither, or both, is no query; a query of 1.0 had 16 bytes and no callbacks. */
static int32_t kinds(const struct sb_host *h)
{
    struct sb_query both = { 0, 0, 0, phi, &with_labels, "both" };
    const struct old {
        sb_expr expr;
        uint32_t access;
        double tolerance;
    } old[2] = { { sb_y(h), 0, 0 }, { sb_y(h), 0, 0 } };
    double answer[2] = { 7, 7 };
    int32_t status[2];

    both.expr = sb_y(h);
    if (h->ask(h->self, &both, 1, sizeof both, answer, status) != SB_SYNTAX || answer[0] != 7 ||
        !*h->message(h->self))
        return 10;
    both.expr = 0;
    both.phi = NULL;
    if (h->ask(h->self, &both, 1, sizeof both, answer, status) != SB_SYNTAX)
        return 11;
    if (h->ask(h->self, (const struct sb_query *)(const void *)old, 2, sizeof *old, answer,
               status) != SB_OK ||
        answer[1] != 4 / 64.0)
        return 12;
    return SB_HAS(h, predict) && h->abi_minor == SB_ABI_MINOR ? 0 : 13;
}

/* Labels and examples: the server labels a point with sum 2^j x_j, and hands out as example i the
 * point 3 i (mod 2^dim; elsewhere x_j = i + j / 8) with label -i; 7 of either meet the budget. */

static int32_t labels(const struct sb_host *h)
{
    const uint32_t dim = h->facts(h->self)->dim;
    double x[7 * 8] = { 0 }, y[7] = { -1, -1, -1, -1, -1, -1, -1 };

    for (uint32_t i = 0; i < 7 * dim; i++)
        x[i] = (i * 5 + 3) % 7 < 3;
    if (h->labels(h->self, 5, x, y) != SB_OK || y[5] != -1)
        return 10;
    for (uint32_t i = 0; i < 5; i++) {
        double want = 0;

        for (uint32_t j = 0; j < dim; j++)
            want += (double)(1u << j) * x[i * dim + j];
        if (y[i] != want)
            return 11;
    }
    if (h->labels(h->self, 7, x, y) != SB_BUDGET || y[5] != -1 || y[6] != -1)
        return 12;
    if (strcmp(h->message(h->self), "no more") != 0)
        return 13;
    return h->labels(h->self, 0, NULL, NULL) == SB_OK ? 0 : 14;
}

static int32_t samples(const struct sb_host *h)
{
    const struct sb_facts *f = h->facts(h->self);
    double x[7 * 8] = { 0 }, y[7] = { 1, 1, 1, 1, 1, 1, 1 };

    if (h->samples(h->self, 5, x, y) != SB_OK || y[5] != 1)
        return 10;
    for (uint32_t i = 0; i < 5; i++)
        for (uint32_t j = 0; j < f->dim; j++) {
            const double want =
                f->domain == SB_CUBE ? (double)(3 * i >> j & 1) : (double)i + (double)j / 8;

            if (x[i * f->dim + j] != want || y[i] != -(double)i)
                return 11;
        }
    if (h->samples(h->self, 7, x, y) != SB_BUDGET || y[5] != 1 || x[5 * f->dim] != 0)
        return 12;
    if (strcmp(h->message(h->self), "no more") != 0)
        return 13;
    return h->samples(h->self, 0, NULL, NULL) == SB_OK ? 0 : 14;
}

static int32_t ungranted(const struct sb_host *h)
{
    double x[8] = { 0 }, y[1] = { 5 };

    if (h->labels(h->self, 1, x, y) != SB_REFUSED || y[0] != 5 ||
        strcmp(h->message(h->self), "labels are not granted") != 0)
        return 10;
    if (h->samples(h->self, 1, x, y) != SB_REFUSED || y[0] != 5 ||
        strcmp(h->message(h->self), "samples are not granted") != 0)
        return 11;
    return 0;
}

/* As many as one message has room for, and one more; dim is 1. */
static int32_t most(const struct sb_host *h)
{
    const uint64_t n = ((64u << 20) - 4096) / 16;
    double *x = calloc(n, sizeof *x), *y = calloc(n, sizeof *y);
    int32_t outcome = 0;

    if (!x || !y)
        return 10;
    if (h->labels(h->self, n + 1, x, y) != SB_REFUSED ||
        !strstr(h->message(h->self), "at most 4194048 points"))
        outcome = 11;
    else if (h->samples(h->self, n + 1, x, y) != SB_REFUSED)
        outcome = 12;
    else if (h->samples(h->self, n, x, y) != SB_OK || y[n - 1] != -(double)(n - 1) || x[1] != 1)
        outcome = 13;
    else if (h->labels(h->self, n, x, y) != SB_OK || y[1] != 1 || y[2] != 0)
        outcome = 14;
    free(x);
    free(y);
    return outcome;
}

/* No memory is left for the message: what was taken here is never given back. */
static int32_t starved(const struct sb_host *h)
{
    enum { N = 200000 };
    static void *volatile taken; /* an allocation that nobody sees need not be made */
    double *x = calloc((size_t)N * h->facts(h->self)->dim, sizeof *x), *y = calloc(N, sizeof *y);

    if (!x || !y)
        return 10;
    do
        taken = malloc(1 << 20);
    while (taken);
    return h->labels(h->self, N, x, y) == SB_STOP ? 0 : 11;
}

static int32_t bad_row(const struct sb_host *h)
{
    const double v = h->param_real(h->self, "coordinate");
    double x[3 * 8] = { 0 }, y[3];

    x[h->facts(h->self)->dim + 2] = v < 1e300 ? v : 10 * v;
    return h->labels(h->self, 3, x, y) == SB_STOP ? 0 : 10;
}

static int32_t no_room(const struct sb_host *h)
{
    double x[8] = { 0 };

    return h->labels(h->self, 1, x, NULL);
}

static int32_t no_points_room(const struct sb_host *h)
{
    double y[1];

    return h->samples(h->self, 1, NULL, y);
}

/* Predictors. */

static int32_t predictor(const struct sb_host *h)
{
    if (h->predict(h->self, NULL, NULL) != SB_SYNTAX)
        return 10;
    if (h->predict_expr(h->self, sb_x(h, 0)) != SB_OK)
        return 11;
    return h->predict(h->self, phi, &without) == SB_OK ? 0 : 12;
}

/* The last call counts. */
static int32_t expression_last(const struct sb_host *h)
{
    if (h->predict(h->self, phi, &without) != SB_OK)
        return 10;
    return h->predict_expr(h->self, sb_x(h, 0)) == SB_OK ? 0 : 11;
}

static int32_t fails_with_predictor(const struct sb_host *h)
{
    return h->predict(h->self, phi, &without) == SB_OK ? 5 : 10;
}

static int32_t predictor_ends(const struct sb_host *h)
{
    return h->predict(h->self, dies, &without) == SB_OK ? 0 : 10;
}

static int32_t predictor_asks(const struct sb_host *h)
{
    how = "ask";
    return h->predict(h->self, calls_host, &without) == SB_OK ? 0 : 10;
}

static int32_t wrong_goal(const struct sb_host *h)
{
    return h->predict(h->self, phi, &without) == SB_REFUSED ? 0 : 10;
}

static void spend(double seconds)
{
    struct timespec t, start;

    clock_gettime(CLOCK_MONOTONIC, &start);
    do
        clock_gettime(CLOCK_MONOTONIC, &t);
    while ((double)(t.tv_sec - start.tv_sec) + (double)(t.tv_nsec - start.tv_nsec) / 1e9 < seconds);
}

static void slow(void *user, const struct sb_block *block, double *out)
{
    static int n_calls;

    phi(user, block, out);
    if (!n_calls++)
        spend(1.2);
}

static int32_t slow_both(const struct sb_host *h)
{
    spend(1.2);
    return h->predict(h->self, slow, &without) == SB_OK ? 0 : 10;
}

static const struct {
    const char *how;
    int32_t (*run)(const struct sb_host *h);
} table[] = {
    { "values", values },
    { "scribbles", scribbles },
    { "facts", facts },
    { "incomplete", incomplete },
    { "batch-is-read-once", batch_is_read_once },
    { "kinds", kinds },
    { "ask", forbidden },
    { "op", forbidden },
    { "parse", forbidden },
    { "uniform", forbidden },
    { "message", forbidden },
    { "mark", forbidden },
    { "labels", forbidden },
    { "samples", forbidden },
    { "predict", forbidden },
    { "predict_expr", forbidden },
    { "crash", ends },
    { "exit-3", ends },
    { "abort", ends },
    { "garbage", ends },
    { "out-of-turn", ends },
    { "ask-frame", ends },
    { "long-values", ends },
    { "long-frame", ends },
    { "two-values", ends },
    { "loop", ends },
    { "get-labels", labels },
    { "get-samples", samples },
    { "ungranted", ungranted },
    { "most", most },
    { "starved", starved },
    { "bad-row", bad_row },
    { "no-room", no_room },
    { "no-points-room", no_points_room },
    { "predictor", predictor },
    { "destroy-crashes", predictor },
    { "expression-last", expression_last },
    { "fails-with-predictor", fails_with_predictor },
    { "predictor-loops", predictor_ends },
    { "predictor-exits", predictor_ends },
    { "predictor-asks", predictor_asks },
    { "wrong-goal", wrong_goal },
    { "slow-both", slow_both },
};

static int32_t run(const struct sb_host *h, void *self)
{
    (void)self;
    host = h;
    how = h->param_text(h->self, "how");
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (strcmp(table[i].how, how) == 0)
            return table[i].run(h);
    return 99;
}

static void destroy(void *self)
{
    (void)self;
    printf("# destroyed\n");
    if (strcmp(how, "destroy-crashes") == 0)
        *(volatile int *)(uintptr_t)zero = 1;
}

static const struct sb_param params[] = {
    { "how", SB_TEXT, 0, NULL, NULL, "what to do" },
    { "count", SB_INT, 0, "7", "[1,63]", "an integer" },
    { "coordinate", SB_REAL, 0, "0.5", NULL, "of a bad point" },
    { NULL, 0, 0, NULL, NULL, NULL },
};

SB_LEARNER(SB_STAT | SB_VSTAT, 0, "calls", "asks by callbacks as it is told", "a test", params,
           NULL, run, destroy);
