/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reads the index of the hidden member off the labels, bit by bit: where two members of a finite family of
 * real functions never agree, y = f_i(x) names f_i [VW19, Prop. 4.1]. Lower bounds for queries of real
 * labels have to rule this learner out.
 *
 * Query b is candidate_bit(b), bit b of the index of the one candidate that agrees with (x, y), 0 where
 * none or several do. Let u_i be the probability that nobody agrees with f_i at x but f_i itself, and
 * u <= min u_i. Without noise f_i always agrees, so that the mean is u_i where bit b of i is 1, and 0
 * where it is not: it is read as 1 where the answer is above u/2.
 *
 * Queries: ceil(log2 N) in one batch, and one that verifies: how often the candidate found is within
 * 1e-9 of the label.
 * Tolerance: STAT(tau) for tau < u/2; VSTAT(t) wherever max(1/t, 1/(2 sqrt t)) is such a tau.
 * Why it is right for every valid answer: the two cases are u apart.
 *
 * u is a parameter, 1 by default: what a family's own is, `statbed show FAMILY key=value` says
 * (`unambiguous`). It is 0 for labels of a finite set in all but the smallest families, and small for
 * lifted ones, and then the index read is worth nothing. When the budget ends first, bits not read are 0. */
#include <statbed/learner.h>

#include <stdio.h>

enum { BITS_MAX = 64 };

static int32_t fail(const char *why)
{
    fprintf(stderr, "vempala-wilmes: %s\n", why);
    return 1;
}

/* What stops the run, of a call's end: 0 where it goes on. */
static int32_t stop(const struct sb_host *h, int32_t end)
{
    if (end == SB_OK || end == SB_BUDGET)
        return 0;
    return end == SB_STOP ? SB_STOP : fail(h->message(h->self));
}

/* ceil(log2 n) */
static uint32_t bits_of(uint64_t n)
{
    uint32_t bits = 0;

    while (bits < BITS_MAX && (n - 1) >> bits != 0)
        bits++;
    return bits;
}

static int32_t read_index(const struct sb_host *h, uint32_t access, uint64_t n, uint64_t *index)
{
    const double half = h->param_real(h->self, "u") / 2;
    const uint32_t n_bits = bits_of(n);
    struct sb_query q[BITS_MAX];
    double v[BITS_MAX];
    int32_t status[BITS_MAX], end = SB_OK;

    for (uint32_t b = 0; b < n_bits; b++) {
        const double bit = b;

        q[b] = (struct sb_query){ .expr = sb_op0(h, SB_CANDIDATE_BIT, &bit, 1), .access = access };
    }
    if (n_bits > 0)
        end = h->ask(h->self, q, n_bits, sizeof *q, v, status);
    *index = 0;
    for (uint32_t b = 0; b < n_bits && end != SB_STOP; b++)
        if (status[b] == SB_OK && v[b] > half)
            *index |= UINT64_C(1) << b;
    while (*index >= n) /* misread: there is no such member */
        *index &= ~(UINT64_C(1) << (bits_of(*index + 1) - 1));
    return stop(h, end);
}

/* *agrees_out: may the candidate agree with the label always? */
static int32_t verify(const struct sb_host *h, uint32_t access, uint64_t index, int *agrees_out)
{
    const double eps = 1e-9, granted = h->tolerance(h->self, access);
    const sb_expr pair[2] = { sb_candidate(h, index), sb_y(h) };
    const struct sb_query q = { .expr = h->op(h->self, SB_NEAR, &eps, 1, pair, 2),
                                .access = access };
    /* of a mean of 1, VSTAT's is 1/t */
    const double tau = access == SB_STAT ? granted : 1 / granted;
    int32_t status, end;
    double v = 0;

    end = h->ask(h->self, &q, 1, sizeof q, &v, &status);
    *agrees_out = end == SB_OK && v >= 1 - tau * (1 + 1e-9);
    if (end == SB_OK && !*agrees_out)
        fprintf(stderr,
                "vempala-wilmes: candidate %llu agrees with the label at %.3g of all x only\n",
                (unsigned long long)index, v);
    return stop(h, end);
}

static int32_t run(const struct sb_host *h, void *self)
{
    const struct sb_facts *f = h->facts(h->self);
    const uint32_t access = f->access & SB_STAT ? SB_STAT : SB_VSTAT;
    uint64_t index;
    int32_t end;
    int agrees;

    (void)self;
    if (f->n_candidates == 0)
        return fail("needs a family with candidates, and this one has none");
    if (f->goal == SB_RECOVER)
        return fail("returns a candidate as a predictor; give goal: predict or distinguish");
    end = read_index(h, access, f->n_candidates, &index);
    if (end == 0)
        end = verify(h, access, index, &agrees);
    if (end != 0)
        return end;
    if (f->goal == SB_DISTINGUISH)
        return h->verdict(h->self, agrees);
    return h->predict_expr(h->self, sb_candidate(h, index));
}

static const struct sb_param params[] = {
    { "u", SB_REAL, 0, "1", "(0,1]",
      "lower bound on the probability that no other member agrees with the hidden one" },
    { NULL, 0, 0, NULL, NULL, NULL }
};

SB_LEARNER(SB_STAT | SB_VSTAT, 0, "vempala-wilmes",
           "reads the hidden member's index bit by bit off the one candidate that agrees",
           "[VW19, Prop. 4.1]", params, NULL, run, NULL);
