/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A learner for lifted parities that asks a few Gaussian queries, expressions and a callback, one alone and the rest
 * as a batch, takes examples or labels where it is granted some, and returns the member that it was told of:
 * itself as a predictor, with noise on top, or as a subset. */
#include <statbed/learner.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char *const texts[] = { "y", "y*step(x0)", "y*(1-2*step(x0))*(1-2*step(x1))",
                                     "sin(3*x0+y)", "near(y, candidate(3), 0.000000001)" };
enum { TEXTS = sizeof texts / sizeof *texts };

/* The parity of the signs that the mask chooses, times the label where there is one. */
static void signs(void *user, const struct sb_block *block, double *out)
{
    const uint64_t mask = *(const uint64_t *)user;

    for (uint64_t i = 0; i < block->n; i++) {
        int odd = 0;

        for (uint32_t j = 0; j < block->dim; j++)
            odd ^= mask >> j & 1 && block->x[j][i] > 0;
        out[i] = odd * (block->y ? block->y[i] : 1);
    }
}

static int32_t ask_all(const struct sb_host *h, uint64_t *mask)
{
    struct sb_query q[TEXTS + 1];
    double answer[TEXTS + 1];
    int32_t status[TEXTS + 1];

    memset(q, 0, sizeof q);
    for (int i = 0; i < TEXTS; i++)
        q[i].expr = h->parse(h->self, texts[i]);
    q[TEXTS].phi = signs;
    q[TEXTS].user = mask;
    q[TEXTS].name = "signs";
    if (sb_ask1(h, h->parse(h->self, "y*step(x1)"), answer) != SB_OK)
        return 10;
    return h->ask(h->self, q, TEXTS + 1, sizeof *q, answer, status) == SB_OK ? 0 : 11;
}

static int32_t draw(const struct sb_host *h, uint32_t dim, int labels)
{
    enum { N = 100 };
    double *x = calloc((size_t)N * dim, sizeof *x), y[N];
    int32_t status = SB_STOP;

    if (x)
        status = labels ? h->labels(h->self, N, x, y) : h->samples(h->self, N, x, y);
    free(x);
    return status == SB_OK ? 0 : 12;
}

static uint64_t told; /* what the callback predictor is of: it is called after run() */

static int32_t give_back(const struct sb_host *h, const struct sb_facts *facts)
{
    double value[64];
    const sb_expr noise =
        sb_mul(h, sb_num(h, h->param_real(h->self, "noise")), h->parse(h->self, "sin(5*x0)"));

    for (uint32_t j = 0; j < facts->dim; j++)
        value[j] = (double)(told >> j & 1);
    if (facts->goal == SB_RECOVER)
        return h->recovered(h->self, value, facts->dim);
    if (h->param_int(h->self, "callback"))
        return h->predict(h->self, signs, &told);
    return h->predict_expr(h->self, sb_add(h, sb_candidate(h, told), noise));
}

static int32_t run(const struct sb_host *h, void *self)
{
    const struct sb_facts *facts = h->facts(h->self);
    int32_t error = 0;

    (void)self;
    told = (uint64_t)h->param_int(h->self, "member");
    if (facts->access & (SB_STAT | SB_CSQ))
        error = ask_all(h, &told);
    if (!error && facts->access & SB_SAMPLE)
        error = draw(h, facts->dim, 0);
    if (!error && facts->access & SB_LABEL)
        error = draw(h, facts->dim, 1);
    return error ? error : give_back(h, facts) == SB_OK ? 0 : 13;
}

static const struct sb_param params[] = {
    { "member", SB_INT, 0, "5", "[0,1048576]", "the one that is returned" },
    { "noise", SB_REAL, 0, "0", "[0,1]", "on top of its labels" },
    { "callback", SB_BOOL, 0, "false", NULL, "the predictor is a callback" },
    { NULL, 0, 0, NULL, NULL, NULL }
};

SB_LEARNER(SB_STAT | SB_SAMPLE | SB_LABEL, 0, "lift-reader", "asks Gaussian queries", "tests",
           params, NULL, run, NULL);
