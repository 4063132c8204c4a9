/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Learns a hidden parity whose signal is far below the tolerance, from oracles that answer near the
 * truth: it reads the digits that rounding and noise give away. Against an oracle that answers by the
 * null it learns nothing. A lower bound holds only for policies that defeat this learner, too.
 *
 * With the label written as +1 or -1, flipped with probability `noise`, E[label chi_T] is
 * s = 1 - 2 noise for the hidden set T = S and 0 for every other set. For each set T it asks
 *     E[a label chi_T + c]    for m constants c (dither, [LWV92]),
 * takes the mean of (answer - c)/a, and names the set whose mean is largest; `distinguish` is decided
 * by whether that is above s/2. The constants are equally spaced over one period P of the grid that
 * policy `round` rounds to: P = tau under STAT(tau), 2/t under VSTAT(t). a = 1 - P/2, at least 1/2,
 * keeps the query in [-1, 1]. Under VSTAT (1 + a label chi_T + c)/2 is asked and the answer scaled back.
 *
 * Queries: m N for N = 2^d sets, none depending on an answer. m is the parameter `dithers`.
 * Tolerance: with tau = max(2/t, 1/sqrt(t)) under VSTAT, and g = a s / tau, which may be far below 1,
 *     every policy   every m is enough where tau < a s / 2: means are off by tau/a at most;
 *     exact     every m is enough;
 *     round     m > P / (a s) is enough: the mean of the rounding errors at m equally spaced places of
 *               a period is the error of a grid m times finer, at most P/2m;
 *     random, extreme   it is wrong with probability at most N exp(-m g^2 / 4), N exp(-m g^2 / 8) for
 *               `distinguish`: the errors are independent and at most tau, of mean 0 [Hoeffding63].
 *               So m = 4 ln(N / delta) / g^2: 60 dithers for N = 256, delta = 1e-4 and g = 1, and four
 *               times as many whenever the tolerance doubles;
 *     reference, null, eliminate   no m is enough under STAT(tau) with tau > a s: the null's value is
 *               always an answer, and all means are 0. It then names the empty set.
 *
 * When the budget ends first, it names the best of the sets that it has all answers for. */
#include <statbed/learner.h>

#include <float.h>
#include <stdio.h>
#include <string.h>

enum { CHUNK = 1024 }; /* queries a call */

struct search {
    const struct sb_host *h;
    uint32_t access;
    uint64_t n, m;                /* sets, dithers a set */
    double signal, scale, period; /* s, a, P */
    sb_expr label;                /* a (y as +1 or -1) */
    double sum;                   /* of answers less dithers, for the set that is being asked */
    uint64_t best;                /* set */
    double best_mean;
};

static int32_t fail(const char *why)
{
    fprintf(stderr, "parity-dither: %s\n", why);
    return 1;
}

static int32_t setup(const struct sb_host *h, struct search *s)
{
    const struct sb_facts *f = h->facts(h->self);

    if (strcmp(f->family, "parity") != 0 || h->family_int(h->self, "sparsity") != 0)
        return fail("learns the family parity over all subsets (sparsity 0) only");
    *s = (struct search){ .h = h, .n = f->n_candidates, .best_mean = -DBL_MAX };
    s->access = f->access & SB_STAT ? SB_STAT : SB_VSTAT;
    s->m = (uint64_t)h->param_int(h->self, "dithers");
    s->signal = 1 - 2 * h->family_real(h->self, "noise");
    s->period = h->tolerance(h->self, s->access);
    if (s->access == SB_VSTAT)
        s->period = s->period > 2 ? 2 / s->period : 1; /* t <= 2 allows nearly every answer */
    s->scale = 1 - s->period / 2;
    s->label = sb_y(h);
    if (f->label_set[0] == 0) /* {0,1}: the label is the sum mod 2 */
        s->label = sb_sub(h, sb_num(h, 1), sb_mul(h, sb_num(h, 2), s->label));
    s->label = sb_mul(h, sb_num(h, s->scale), s->label);
    return 0;
}

/* Dither j of m: the middle of the j-th part of a period around 0. */
static double dither(const struct search *s, uint64_t j)
{
    return s->period * (((double)j + 0.5) / (double)s->m - 0.5);
}

/* The answer to question i, which is about set i / m with dither i % m. */
static void note(struct search *s, uint64_t i, double answer)
{
    if (s->access == SB_VSTAT)
        answer = 2 * answer - 1;
    if (i % s->m == 0)
        s->sum = 0;
    s->sum += answer - dither(s, i % s->m);
    if (i % s->m == s->m - 1) {
        const double mean = s->sum / ((double)s->m * s->scale);

        if (mean > s->best_mean) {
            s->best_mean = mean;
            s->best = i / s->m;
        }
    }
}

/* Questions start .. start+n-1. Returns what ask does. */
static int32_t ask_chunk(struct search *s, uint64_t start, uint64_t n)
{
    const struct sb_host *h = s->h;
    const uint32_t mark = h->mark(h->self);
    struct sb_query q[CHUNK];
    double v[CHUNK];
    int32_t status[CHUNK];
    int32_t end;

    for (uint64_t i = 0; i < n; i++) {
        const uint64_t question = start + i;
        const sb_expr c = sb_num(h, dither(s, question % s->m));
        sb_expr e = sb_add(h, sb_mul(h, s->label, sb_chi_mask(h, question / s->m)), c);

        if (s->access == SB_VSTAT)
            e = sb_mul(h, sb_num(h, 0.5), sb_add(h, sb_num(h, 1), e));
        q[i] = (struct sb_query){ .expr = e, .access = s->access };
    }
    end = h->ask(h->self, q, n, sizeof *q, v, status);
    for (uint64_t i = 0; i < n && end != SB_STOP && status[i] == SB_OK; i++)
        note(s, start + i, v[i]);
    h->forget(h->self, mark);
    return end;
}

static int32_t conclude(const struct search *s)
{
    const struct sb_host *h = s->h;
    const struct sb_facts *f = h->facts(h->self);
    sb_expr chi = sb_chi_mask(h, s->best);
    double bit[64];

    if (f->goal == SB_DISTINGUISH)
        return h->verdict(h->self, s->best_mean > s->signal / 2);
    if (f->goal == SB_RECOVER) {
        for (uint32_t j = 0; j < f->dim; j++)
            bit[j] = (double)(s->best >> j & 1);
        return h->recovered(h->self, bit, f->dim);
    }
    if (f->label_set[0] == 0)
        chi = sb_mul(h, sb_num(h, 0.5), sb_sub(h, sb_num(h, 1), chi));
    return h->predict_expr(h->self, chi);
}

static int32_t run(const struct sb_host *h, void *self)
{
    struct search s;
    uint64_t total;

    (void)self;
    if (setup(h, &s) != 0)
        return 1;
    if (s.n > UINT64_MAX / s.m)
        return fail("so many queries cannot be counted: lower `dithers`");
    total = s.n * s.m;
    for (uint64_t i = 0; i < total; i += CHUNK) {
        const int32_t end = ask_chunk(&s, i, total - i < CHUNK ? total - i : CHUNK);

        if (end == SB_STOP)
            return end;
        if (end == SB_BUDGET)
            break;
        if (end != SB_OK)
            return fail(h->message(h->self));
    }
    return conclude(&s);
}

static const struct sb_param params[] = { { "dithers", SB_INT, 0, "16", "[1,1000000]",
                                            "constants that are added to each query in turn" },
                                          { NULL, 0, 0, NULL, NULL, NULL } };

SB_LEARNER(SB_STAT | SB_VSTAT, SB_TWO_LABELS, "parity-dither",
           "reads a parity below the tolerance where answers are the truth, rounded or with noise",
           "dithered quantisation [LWV92]; what a lower bound's oracle must withstand", params,
           NULL, run, NULL);
