/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A small learner in order, and with -DFLAW=X -DFLAW_X one with a bug that `statbed check` is to
 * find. It asks a few characters and a callback, and returns something that fits every goal. */
#include <statbed/learner.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum flaw {
    NONE,
    CLOCK,      /* random numbers from the second of the day */
    NANOSECOND, /* and from less than that */
    ADDRESS,    /* and from where the stack lies */
    UNINIT,     /* reads what it never wrote */
    LIBM,       /* calls exp() */
    ADMITS,     /* likewise, and says so */
    GREEDY,     /* asks on where its budget is used up */
    TAKER,      /* the same with examples */
    DEAF,       /* asks on where it is told to stop */
    UNDECLARED, /* reads a parameter that it does not declare */
    EDGE,       /* crashes at the end of a parameter's range */
    WORD,       /* crashes at one of a parameter's words */
    LEAK,       /* forgets to free, 40 bytes a run */
    LEFT,       /* has no destroy() for what create() made */
    STATE,      /* a callback that counts its calls */
    PLACE,      /* a callback that looks at an example's place in the block */
    NEIGHBOUR,  /* a callback that looks at another example */
    FICKLE,     /* a predictor that counts its calls */
    LABELLED,   /* a predictor that reads the label */
    NUMBERLESS, /* a predictor that gives NaN */
    WIDE,       /* a callback out of range */
    CLIPPED,    /* an expression out of range */
    HUNGRY,     /* does not look at what malloc returns */
    EXPORTS,    /* a second data symbol */
    FUNCTION,   /* exports a function as well */
    LINKS,      /* wants a function of statbed's */
    LINES,      /* a summary of two lines */
    SOURCE,     /* no source */
    HELP,       /* a parameter without help */
    ACCESS,     /* no oracle */
    DEFAULT,    /* a default out of its range */
    NOTHING,    /* returns 0 and no result */
    CRASH,
    HANG,
    EXITS,
    BREAKS, /* crashes in a constructor */
    LOUD,   /* prints more than is kept */
    DECLINES
};

#ifndef FLAW
#define FLAW NONE
#endif

static volatile int zero;
static void *volatile lost;
static uint64_t calls; /* of a predictor: what it points at must outlive run() */

#ifdef FLAW_EXPORTS
SB_EXPORT int flawed_table;
int flawed_table = 1;
#endif
#ifdef FLAW_FUNCTION
SB_EXPORT int flawed_helper(void);
int flawed_helper(void)
{
    return 1;
}
#endif

/* Weak, so that it links and loads without. */
extern int sb_values_int(void) __attribute__((weak));

__attribute__((constructor)) static void early(void)
{
    if (FLAW == BREAKS)
        *(volatile int *)(uintptr_t)zero = 1;
}

static double random_share(const struct sb_host *h)
{
    struct timespec now;
    double u;

    h->uniform(h->self, 1, &u);
    clock_gettime(CLOCK_REALTIME, &now);
    if (FLAW == CLOCK)
        return (double)(now.tv_sec % 1000) / 1000;
    if (FLAW == NANOSECOND)
        return (double)now.tv_nsec * 1e-9;
    if (FLAW == ADDRESS)
        return (double)((uintptr_t)&now >> 4 & 0xffff) / 65536;
    if (FLAW == UNINIT) {
        unsigned char *p = malloc(3000);
        volatile unsigned char *q = p;
        const double v = p ? q[2000] : 0;

        free(p);
        return v / 256;
    }
    if (FLAW == LIBM || FLAW == ADMITS)
        return exp(-u);
    return u;
}

/* Half the label, or half a character where there is none. */
static void half(void *user, const struct sb_block *block, double *out)
{
    uint64_t *n_calls = user;

    for (uint64_t i = 0; i < block->n; i++) {
        const double sign = block->bits[i] & 1 ? -0.5 : 0.5;

        out[i] = block->y ? sign * block->y[i] : sign;
        if (FLAW == PLACE && i % 2)
            out[i] = 0;
        if (FLAW == NEIGHBOUR && block->bits[0] & 1)
            out[i] = 0;
        if (FLAW == WIDE)
            out[i] *= 4;
    }
    if ((FLAW == STATE || FLAW == FICKLE) && ++*n_calls % 2)
        out[0] = 0.25;
}

static int32_t create(const struct sb_host *h, void **self_out)
{
    (void)h;
    *self_out = malloc(64);
    return *self_out ? 0 : 1;
}

static void destroy(void *self)
{
    if (FLAW != LEFT)
        free(self);
}

static void copy_label(void *user, const struct sb_block *b, double *out)
{
    (void)user;
    for (uint64_t i = 0; i < b->n; i++)
        out[i] = FLAW == LABELLED ? b->y[i] : (double)NAN;
}

static int32_t conclude(const struct sb_host *h)
{
    const struct sb_facts *f = h->facts(h->self);
    double value[64] = { 0 };

    if (FLAW == NOTHING)
        return 0;
    if (f->goal == SB_DISTINGUISH)
        return h->verdict(h->self, 1);
    if (f->goal == SB_RECOVER)
        return h->recovered(h->self, value, f->dim);
    if (FLAW == FICKLE)
        return h->predict(h->self, half, &calls);
    if (FLAW == LABELLED || FLAW == NUMBERLESS)
        return h->predict(h->self, copy_label, NULL);
    return h->predict_expr(h->self, sb_chi_mask(h, 1));
}

/* What is not about queries. */
static void misbehave(const struct sb_host *h)
{
    if (FLAW == UNDECLARED)
        h->param_int(h->self, "undeclared");
    if ((FLAW == EDGE && h->param_int(h->self, "count") == 16) ||
        (FLAW == WORD && strcmp(h->param_text(h->self, "order"), "down") == 0) || FLAW == CRASH)
        *(volatile int *)(uintptr_t)zero = 1;
    if (FLAW == LEAK)
        lost = malloc(40);
    if (FLAW == HUNGRY) {
        lost = malloc((size_t)128 << 20);
        *(volatile char *)lost = 1;
        free(lost);
    }
    if (FLAW == LINKS && sb_values_int)
        zero = sb_values_int();
    while (FLAW == HANG && !zero)
        continue;
    if (FLAW == EXITS)
        exit(0);
    for (int i = 0; FLAW == LOUD && i < 2000; i++)
        printf("a line of fifty characters, which nobody is to read\n");
}

/* A few examples, one by one. */
static int32_t take(const struct sb_host *h)
{
    double x[64], y;
    int32_t status = SB_OK;

    for (int i = 0; i < 5 && status == SB_OK; i++)
        do
            status = h->samples(h->self, 1, x, &y);
        while (status == SB_BUDGET);
    return status == SB_OK ? conclude(h) : status;
}

static int32_t run(const struct sb_host *h, void *self)
{
    const int64_t n = h->param_int(h->self, "count");
    const double share = 0.5 + random_share(h) / 2;
    uint64_t n_calls = 0;
    double answer;

    (void)self;
    if (FLAW == DECLINES || h->facts(h->self)->domain != SB_CUBE)
        return 1;
    misbehave(h);
    if (FLAW == TAKER)
        return take(h);
    for (int64_t i = 0; i < n; i++) {
        const sb_expr e =
            sb_mul(h, sb_num(h, FLAW == CLIPPED ? 3 : share), sb_chi_mask(h, (uint64_t)i & 15));
        int32_t status = sb_ask1(h, e, &answer);

        while (FLAW == GREEDY && status == SB_BUDGET)
            status = sb_ask1(h, e, &answer);
        while (FLAW == DEAF && status == SB_STOP)
            status = sb_ask1(h, e, &answer);
        if (status == SB_STOP)
            return status;
        if (status == SB_BUDGET)
            break;
    }
    if (FLAW != FICKLE && sb_ask_phi(h, half, &n_calls, "half", &answer) == SB_STOP)
        return SB_STOP;
    return conclude(h);
}

static const struct sb_param params[] = {
    { "count", SB_INT, 0, FLAW == DEFAULT ? "99" : "7", "[1,16]", "queries" },
    { "order", SB_TEXT, 0, "up", "up|down", FLAW == HELP ? NULL : "of the queries" },
    { NULL, 0, 0, NULL, NULL, NULL },
};

SB_LEARNER(FLAW == ACCESS  ? 0
           : FLAW == TAKER ? SB_SAMPLE
                           : SB_STAT,
           FLAW == ADMITS ? SB_NOT_BITWISE : 0, "flawed",
           FLAW == LINES ? "one line\nand another" : "a learner with a bug",
           FLAW == SOURCE ? NULL : "a test", params, create, run, destroy);
