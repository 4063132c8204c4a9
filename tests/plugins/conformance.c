/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Learners that look for digits of one expectation below the tolerance. Which carry a bound is a
 * policy's claim; these show what is at stake.
 *
 * The family is the parities of d <= 6 coordinates. One function tells them all apart, at a small scale:
 *     f = sum over T of w_T y chi_T(x),   w_T = (index of T - (N-1)/2) step,   so E f = w_S,
 * with step = tau/(2N): all values lie within tau/4 of the null's, 0, and neighbours tau/(2N) apart.
 *   repeat  asks f again and again. Answers uniform within tau of p: the middle between the least and the
 *           largest is p up to tau e but for probability 2 (1 - e)^n (each gap is below 2 tau e). With
 *           e = 1/100 and n = 2000: 4e-9.
 *   dither  asks f + c for n constants c, tau/n apart: one period of a grid of width tau. Against
 *           rounding, the mean of answer - c is within tau/(2n) of p: errors of rounding are equally
 *           spaced over the grid's cell, whatever its offset.
 *   sides   the same questions; against answers p + tau or p - tau, the middle of the least and the
 *           largest answer - c is p, once both sides were seen.
 * Prints its estimate of p ("p = ..."), and returns the set whose weight is nearest. */
#include <statbed/learner.h>

#include <stdio.h>
#include <string.h>

enum { DIM_MAX = 6 };

/* What n answers, less the constants, come to. */
struct seen {
    uint64_t n;
    double sum, least, largest;
};

static double weight(const struct sb_host *h, uint64_t set)
{
    const double n = (double)h->facts(h->self)->n_candidates;

    return ((double)set - (n - 1) / 2) * h->tolerance(h->self, SB_STAT) / (2 * n);
}

static sb_expr combination(const struct sb_host *h)
{
    sb_expr sum = sb_num(h, 0);

    for (uint64_t set = 0; set < h->facts(h->self)->n_candidates; set++)
        sum = sb_add(h, sum, sb_mul(h, sb_num(h, weight(h, set)), sb_chi_mask(h, set)));
    return sb_mul(h, sb_y(h), sum);
}

static int32_t look(const struct sb_host *h, sb_expr f, double constant, struct seen *out)
{
    double v;
    const int32_t status = sb_ask1(h, constant != 0 ? sb_add(h, f, sb_num(h, constant)) : f, &v);

    if (status != SB_OK)
        return status;
    v -= constant;
    out->least = !out->n || v < out->least ? v : out->least;
    out->largest = !out->n || v > out->largest ? v : out->largest;
    out->sum += v;
    out->n++;
    return 0;
}

static int32_t conclude(const struct sb_host *h, double p)
{
    const struct sb_facts *f = h->facts(h->self);
    double bit[DIM_MAX];
    uint64_t nearest = 0;

    printf("p = %.17g\n", p);
    for (uint64_t set = 1; set < f->n_candidates; set++)
        if (p > (weight(h, set - 1) + weight(h, set)) / 2)
            nearest = set;
    for (uint32_t j = 0; j < f->dim; j++)
        bit[j] = (double)(nearest >> j & 1);
    return h->recovered(h->self, bit, f->dim);
}

static int32_t run(const struct sb_host *h, void *self)
{
    const char *how = h->param_text(h->self, "how");
    const uint64_t n = (uint64_t)h->param_int(h->self, "times");
    const double step = h->tolerance(h->self, SB_STAT) / (double)n;
    const sb_expr f = combination(h);
    struct seen seen = { 0, 0, 0, 0 };

    (void)self;
    for (uint64_t i = 0; i < n; i++) {
        const double constant = strcmp(how, "repeat") == 0 ? 0 : (double)i * step;
        const int32_t status = look(h, f, constant, &seen);

        if (status != 0)
            return status;
    }
    return conclude(h, strcmp(how, "dither") == 0 ? seen.sum / (double)n
                                                  : seen.least + (seen.largest - seen.least) / 2);
}

static const struct sb_param params[] = { { "how", SB_TEXT, 0, NULL, "repeat|dither|sides",
                                            "how digits are looked for" },
                                          { "times", SB_INT, 0, "2000", "[1,100000]", "queries" },
                                          { NULL, 0, 0, NULL, NULL, NULL } };

SB_LEARNER(SB_STAT, 0, "conformance", "looks for digits below the tolerance", "a test", params,
           NULL, run, NULL);
