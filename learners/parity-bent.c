/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Learns a hidden parity with as few queries as the tolerance allows, up to a constant factor: one
 * query tests all sets that agree outside a block of k coordinates.
 *
 * Let b(x) = (-1)^(x0 x1 + x2 x3 + ...) on the first k coordinates, k even. It is bent: each of its
 * 2^k Fourier coefficients is +2^(-k/2) or -2^(-k/2) [Rothaus76]. With the label written as +1 or
 * -1, flipped with probability `noise`, s = 1 - 2 noise and the hidden set S = A + B, A in the
 * block and B outside,
 *     E[label b chi_T] = s b^(A) if T = B, else 0        (T a set of coordinates outside the block).
 * So asking every T finds B, whatever A is; then the 2^k sets inside the block are asked singly.
 *
 * Queries: at most (2^(d-k) - 1) + (2^k - 1), the last of each kind needing none; to tell a parity
 * from the null 2^(d-k). k is the largest even number up to d with s 2^(-k/2) > 2 tau. That makes
 * the first term, for s = 1, at most 16 2^d tau^2, unless it is 1 or less (k near d), and the
 * second less than 1/(4 tau^2). So as d grows, their sum is within a factor of 16 of the bound
 * (2^d - 1) tau^2 (docs/theorems.md).
 * Tolerance: STAT(tau) with tau < s/2; VSTAT(t) with t > 4/s and t > 4/s^2 (k = 0, exhaustion).
 * Why it is right for every valid answer: a query's truth is 0, or g = s 2^(-k/2) or s in absolute
 * value, and tau < g/2. So |answer| > g/2 if and only if the truth is not 0. Under VSTAT
 * (1 + q)/2 is asked and the answer scaled back: its error is at most tau = max(2/t, 1/sqrt(t)).
 *
 * When the budget ends first, its guess is the next set in order: those asked are excluded. */
#include <statbed/learner.h>

#include <stdio.h>
#include <string.h>

struct search {
    const struct sb_host *h;
    const struct sb_facts *facts;
    uint32_t access;
    uint32_t k;       /* coordinates of the block */
    double noiseless; /* s */
    double signal;    /* s 2^(-k/2) */
    sb_expr label;    /* y as +1 or -1 */
    sb_expr bent;     /* label b */
};

/* What a scan over sets found. */
struct scan {
    uint64_t set; /* the one detected, else the first not asked (none left: any) */
    int found, stopped;
};

static int32_t fail(const char *why)
{
    fprintf(stderr, "parity-bent: %s\n", why);
    return 1;
}

/* Is a correlation of this size told from 0 at the granted tolerance? The hair over 2 tau keeps the
 * rounding of answers out of it. */
static int detectable(const struct search *s, double size)
{
    const struct sb_host *h = s->h;
    const double hair = 1 + 1e-9;
    double t;

    if (s->access == SB_STAT)
        return size > 2 * h->tolerance(h->self, SB_STAT) * hair;
    t = h->tolerance(h->self, SB_VSTAT); /* error at most max(2/t, 1/sqrt(t)) */
    return size > 4 / t * hair && size * size > 4 / t * hair;
}

static void choose_block(struct search *s)
{
    s->k = 0;
    s->signal = s->noiseless;
    while (s->k + 2 <= s->facts->dim && detectable(s, s->signal / 2)) {
        s->k += 2;
        s->signal /= 2;
    }
}

static int32_t setup(const struct sb_host *h, struct search *s)
{
    const struct sb_facts *f = h->facts(h->self);

    if (strcmp(f->family, "parity") != 0 || h->family_int(h->self, "sparsity") != 0)
        return fail("learns the family parity over all subsets (sparsity 0) only");
    s->h = h;
    s->facts = f;
    s->access = f->access & SB_STAT ? SB_STAT : SB_VSTAT;
    s->noiseless = 1 - 2 * h->family_real(h->self, "noise");
    choose_block(s);
    s->label = sb_y(h);
    if (f->label_set[0] == 0) /* {0,1}: the label is the sum mod 2 */
        s->label = sb_sub(h, sb_num(h, 1), sb_mul(h, sb_num(h, 2), s->label));
    s->bent = s->label;
    for (uint32_t j = 0; j < s->k; j += 2) {
        const sb_expr both = sb_mul(h, sb_x(h, j), sb_x(h, j + 1));
        const sb_expr sign = sb_sub(h, sb_num(h, 1), sb_mul(h, sb_num(h, 2), both));

        s->bent = sb_mul(h, s->bent, sign);
    }
    return 0;
}

/* About E[weight chi_mask]. */
static int32_t correlation(const struct search *s, sb_expr weight, uint64_t mask, double *out)
{
    const struct sb_host *h = s->h;
    const uint32_t mark = h->mark(h->self);
    struct sb_query q = { .expr = sb_mul(h, weight, sb_chi_mask(h, mask)), .access = s->access };
    int32_t status;

    if (s->access == SB_VSTAT)
        q.expr = sb_mul(h, sb_num(h, 0.5), sb_add(h, sb_num(h, 1), q.expr));
    h->ask(h->self, &q, 1, sizeof q, out, &status);
    if (status == SB_OK && s->access == SB_VSTAT)
        *out = 2 * *out - 1;
    h->forget(h->self, mark);
    return status;
}

/* Asks E[weight chi_T] for T = base + (i << shift), i = 0 .. n-1, until one is beyond size/2;
 * `sure`: one of them is, so that the last needs no query. Returns 0, or what run() is to return.
 */
static int32_t scan(const struct search *s, sb_expr weight, double size, uint64_t base,
                    uint32_t shift, uint64_t n, int sure, struct scan *out)
{
    *out = (struct scan){ base, 0, 0 };
    for (uint64_t i = 0; i < n; i++) {
        double v = 0;
        int32_t status;

        out->set = base + (i << shift);
        out->found = sure && i + 1 == n;
        if (out->found)
            return 0;
        status = correlation(s, weight, out->set, &v);
        out->stopped = status == SB_BUDGET;
        if (out->stopped)
            return 0;
        if (status != SB_OK)
            return status == SB_STOP ? SB_STOP : fail(s->h->message(s->h->self));
        out->found = v > size / 2 || v < -size / 2;
        if (out->found)
            return 0;
    }
    return 0;
}

static int32_t conclude(const struct search *s, uint64_t mask)
{
    const struct sb_host *h = s->h;
    sb_expr chi = sb_chi_mask(h, mask);
    double bit[64];

    if (s->facts->goal == SB_RECOVER) {
        for (uint32_t j = 0; j < s->facts->dim; j++)
            bit[j] = (double)(mask >> j & 1);
        return h->recovered(h->self, bit, s->facts->dim);
    }
    if (s->facts->label_set[0] == 0)
        chi = sb_mul(h, sb_num(h, 0.5), sb_sub(h, sb_num(h, 1), chi));
    return h->predict_expr(h->self, chi);
}

static int32_t run(const struct sb_host *h, void *self)
{
    struct search s;
    struct scan outside, whole;
    int32_t end;
    int sure;

    (void)self;
    if (setup(h, &s) != 0)
        return 1;
    sure = s.facts->goal != SB_DISTINGUISH; /* there may be no parity at all */
    end = scan(&s, s.bent, s.signal, 0, s.k, UINT64_C(1) << (s.facts->dim - s.k), sure, &outside);
    if (end != 0)
        return end;
    if (s.facts->goal == SB_DISTINGUISH)
        return h->verdict(h->self, outside.found);
    if (outside.stopped)
        return conclude(&s, outside.set);
    end = scan(&s, s.label, s.noiseless, outside.set, 0, UINT64_C(1) << s.k, 1, &whole);
    return end != 0 ? end : conclude(&s, whole.set);
}

SB_LEARNER(SB_STAT | SB_VSTAT, SB_TWO_LABELS, "parity-bent",
           "tests 2^k parities with one query by a bent function on k coordinates",
           "bent functions [Rothaus76]; meets the bound of [BFJ94] and [Szo09] up to a factor",
           NULL, NULL, run, NULL);
