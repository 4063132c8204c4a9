/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A learner of parities that uses all that it can be granted, and checks what it gets: callbacks
 * against expressions, labels against examples, budgets to the last point. Its predictor is a
 * callback, good or bad as `mode` says; each number that run() returns is one place that failed. */
#include <statbed/learner.h>

#include <stdlib.h>
#include <string.h>

static const struct sb_param params[] = {
    { "mode", SB_TEXT, 0, "all",
      "all|sign|sign-expr|half|half-expr|tie|tie-expr|half-label|nan|impure|crash|ask-crash",
      "what is asked and returned" },
    { NULL, 0, 0, NULL, NULL, NULL }
};

static double chi(uint64_t bits, uint64_t mask)
{
    return __builtin_popcountll(bits & mask) & 1 ? -1 : 1;
}

/* y chi_S(x), S in *user */
static void correlation(void *user, const struct sb_block *block, double *out)
{
    for (uint64_t i = 0; i < block->n; i++)
        out[i] = block->y[i] * chi(block->bits[i], *(uint64_t *)user);
}

static void too_large(void *user, const struct sb_block *block, double *out)
{
    (void)user;
    for (uint64_t i = 0; i < block->n; i++)
        out[i] = block->bits[i] == 5 ? 2 : 0;
}

static void crashing(void *user, const struct sb_block *block, double *out)
{
    (void)user;
    (void)block;
    (void)out;
    abort();
}

static void parity(void *user, const struct sb_block *block, double *out)
{
    for (uint64_t i = 0; i < block->n; i++)
        out[i] = chi(block->bits[i], *(uint64_t *)user);
}

static void half_parity(void *user, const struct sb_block *block, double *out)
{
    parity(user, block, out);
    for (uint64_t i = 0; i < block->n; i++)
        out[i] *= 0.5;
}

/* As near to one label as to the other. */
static void tie(void *user, const struct sb_block *block, double *out)
{
    (void)user;
    for (uint64_t i = 0; i < block->n; i++)
        out[i] = 0;
}

/* The same where labels are 0 and 1. */
static void half_label(void *user, const struct sb_block *block, double *out)
{
    (void)user;
    for (uint64_t i = 0; i < block->n; i++)
        out[i] = 0.5;
}

static void not_finite(void *user, const struct sb_block *block, double *out)
{
    parity(user, block, out);
    for (uint64_t i = 0; i < block->n; i++)
        if (block->bits[i] % 64 == 5)
            out[i] /= 0.0 * out[i];
}

/* Changes its mind from call to call. */
static void impure(void *user, const struct sb_block *block, double *out)
{
    static uint64_t n_calls;

    parity(user, block, out);
    n_calls++;
    for (uint64_t i = 0; i < block->n && n_calls & 1; i++)
        out[i] = -out[i];
}

static int32_t ask_callbacks(const struct sb_host *h)
{
    uint64_t mask = 6;
    struct sb_query q[4];
    double answer[4] = { 0 };
    int32_t status[4];

    memset(q, 0, sizeof q);
    q[0].expr = sb_mul(h, sb_y(h), sb_chi_mask(h, mask));
    q[1].phi = correlation;
    q[1].user = &mask;
    q[1].name = "correlation";
    q[2].phi = too_large;
    q[2].name = "too large";
    q[3].phi = correlation;
    q[3].user = &mask;
    q[3].tolerance = 1e-12; /* finer than granted */
    if (h->ask(h->self, q, 4, sizeof *q, answer, status) == SB_STOP)
        return SB_STOP;
    if (status[0] != SB_OK || status[1] != SB_OK || status[3] != SB_TOLERANCE)
        return 10;
    if (answer[1] - answer[0] > 0.1 || answer[0] - answer[1] > 0.1)
        return 11;
    /* 5 is a point of every small cube, and hardly ever drawn from a large one */
    return status[2] == (h->facts(h->self)->dim <= 24 ? SB_RANGE : SB_OK) ? 0 : 12;
}

/* The parity's set, from the labels at the unit vectors. */
static int32_t ask_labels(const struct sb_host *h, uint64_t *mask_out)
{
    const uint32_t dim = h->facts(h->self)->dim;
    const uint64_t budget = h->facts(h->self)->n_label_queries;
    double *x = calloc((size_t)dim * dim, sizeof *x), *y = calloc(dim, sizeof *y);
    int32_t status = SB_STOP;

    for (uint32_t j = 0; x && j < dim; j++)
        x[(size_t)j * dim + j] = 1;
    if (x && y)
        status = h->labels(h->self, dim, x, y);
    *mask_out = 0;
    for (uint32_t j = 0; y && j < dim; j++)
        *mask_out |= (uint64_t)(y[j] < 0) << j;
    if (status == SB_OK && budget < 2 * dim) /* not a part of it */
        status = h->labels(h->self, dim, x, y) == SB_BUDGET ? SB_OK : 20;
    free(x);
    free(y);
    return status;
}

static int32_t ask_samples(const struct sb_host *h, uint64_t mask)
{
    enum { N = 20 };
    const uint32_t dim = h->facts(h->self)->dim;
    double *x = calloc((size_t)N * dim, sizeof *x), y[N];
    int32_t status = x ? h->samples(h->self, N, x, y) : SB_STOP;

    for (int i = 0; status == SB_OK && i < N; i++) {
        uint64_t bits = 0;

        for (uint32_t j = 0; j < dim; j++)
            bits |= (uint64_t)(x[(size_t)i * dim + j] > 0) << j;
        if (y[i] * chi(bits, mask) < 0)
            status = 30;
    }
    if (status == SB_OK && h->facts(h->self)->n_samples < 2 * N)
        status = h->samples(h->self, N, x, y) == SB_BUDGET ? SB_OK : 31;
    free(x);
    return status;
}

static int32_t everything(const struct sb_host *h, uint64_t *mask)
{
    int32_t code = ask_callbacks(h);

    if (code == 0)
        code = ask_labels(h, mask);
    return code ? code : ask_samples(h, *mask);
}

static int32_t run(const struct sb_host *h, void *self)
{
    static uint64_t mask = 6; /* outlives run() */
    const char *mode = h->param_text(h->self, "mode");
    double answer;

    (void)self;
    if (!SB_HAS(h, predict))
        return 1;
    if (strcmp(mode, "all") == 0) {
        const int32_t code = everything(h, &mask);

        return code ? code : h->predict(h->self, parity, &mask);
    }
    if (strcmp(mode, "ask-crash") == 0)
        return sb_ask_phi(h, crashing, NULL, "crashing", &answer);
    if (strcmp(mode, "sign-expr") == 0)
        return h->predict_expr(h->self, sb_chi_mask(h, mask));
    if (strcmp(mode, "tie-expr") == 0)
        return h->predict_expr(h->self, sb_num(h, 0));
    if (strcmp(mode, "half-expr") == 0)
        return h->predict_expr(h->self, sb_mul(h, sb_num(h, 0.5), sb_chi_mask(h, mask)));
    return h->predict(h->self,
                      strcmp(mode, "nan") == 0          ? not_finite
                      : strcmp(mode, "impure") == 0     ? impure
                      : strcmp(mode, "crash") == 0      ? crashing
                      : strcmp(mode, "half") == 0       ? half_parity
                      : strcmp(mode, "tie") == 0        ? tie
                      : strcmp(mode, "half-label") == 0 ? half_label
                                                        : parity,
                      &mask);
}

SB_LEARNER(SB_STAT | SB_LABEL | SB_SAMPLE, 0, "reaches", "uses all that is granted", "a test",
           params, NULL, run, NULL);
