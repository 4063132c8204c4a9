/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Learns a lifted parity by exhaustion: one query a candidate, of the signs of x and whether y is above 0.
 *
 * With s_j = 1 - 2 [x_j >= 0] and label = 1 - 2 [y > 1e-9], E[label prod over T of s_j] is rho_0 for the
 * hidden set and 0 for every other but the empty one, rho_0 the probability that a label of 1 is lifted to
 * one other than 0: `statbed show lifted key=value` has it for every lift, and the parameter `signal` takes
 * it. The candidates are asked in the order of their index from one that the coins draw; the first answer
 * above rho_0/2 names the secret. The empty set is never asked: it is what is left.
 *
 * Queries: at most N - 1 of N = 2^d (or C(d,k)) candidates.
 * Tolerance: STAT(tau) with tau < rho_0/2.
 * Why it is right for every valid answer: a wrong candidate's answer is at most tau < rho_0/2, the right
 * one's at least rho_0 - tau. Compressed lifts need Pr[n > m] added to tau: there labels follow no rule.
 *
 * When the budget ends first, its guess is the next candidate in order: those asked are excluded. */
#include <statbed/learner.h>

#include <stdio.h>
#include <string.h>

struct search {
    const struct sb_host *h;
    uint32_t dim;
    uint64_t n, start; /* candidates; the first that is asked */
    int whole;         /* candidate i is the set with mask i, and 0 is the empty one */
    double signal;
    sb_expr label; /* 1 or -1 */
};

static int32_t fail(const char *why)
{
    fprintf(stderr, "lifted-parity-correlation: %s\n", why);
    return 1;
}

/* The set of candidate `rank`: in colexicographic order where all have k members. */
static uint64_t mask_of(const struct search *s, uint64_t rank)
{
    uint32_t k = s->whole ? 0 : (uint32_t)s->h->family_int(s->h->self, "sparsity");
    uint64_t mask = 0;

    if (s->whole)
        return rank;
    for (uint32_t j = s->dim; j-- > 0 && k > 0;) {
        uint64_t below = 1; /* the k-subsets of {0 .. j-1} */

        for (uint32_t i = 1; i <= k; i++)
            below = j < k ? 0 : below * (j - k + i) / i;
        if (rank >= below) {
            mask |= UINT64_C(1) << j;
            rank -= below;
            k--;
        }
    }
    return mask;
}

/* The candidate at place i: the empty set is at the last. */
static uint64_t candidate(const struct search *s, uint64_t i)
{
    if (!s->whole)
        return (s->start + i) % s->n;
    return i == s->n - 1 ? 0 : 1 + (s->start + i) % (s->n - 1);
}

static int32_t setup(const struct sb_host *h, struct search *s)
{
    const struct sb_facts *f = h->facts(h->self);
    double u;

    if (strcmp(f->family, "lifted") != 0 || strcmp(h->family_text(h->self, "base"), "parity") != 0)
        return fail("learns the family lifted over base parity only");
    h->uniform(h->self, 1, &u);
    *s = (struct search){
        .h = h,
        .dim = (uint32_t)h->family_int(h->self, "dimension"),
        .n = f->n_candidates,
        .start = (uint64_t)(u * (double)f->n_candidates),
        .whole = h->family_int(h->self, "sparsity") == 0,
        .signal = h->param_real(h->self, "signal"),
        .label = sb_sub(h, sb_num(h, 1),
                        sb_mul(h, sb_num(h, 2), sb_step(h, sb_sub(h, sb_y(h), sb_num(h, 1e-9))))),
    };
    return 0;
}

/* About E[label prod over the set of s_j]. */
static int32_t correlation(const struct search *s, uint64_t mask, double *out)
{
    const struct sb_host *h = s->h;
    const uint32_t mark = h->mark(h->self);
    sb_expr e = s->label;
    int32_t status;

    for (uint32_t j = 0; j < s->dim; j++)
        if (mask >> j & 1)
            e = sb_mul(h, e,
                       sb_sub(h, sb_num(h, 1), sb_mul(h, sb_num(h, 2), sb_step(h, sb_x(h, j)))));
    status = sb_ask1(h, e, out);
    h->forget(h->self, mark);
    return status;
}

static int32_t conclude(const struct search *s, uint64_t rank, int found)
{
    const struct sb_host *h = s->h;
    const uint64_t mask = mask_of(s, rank);
    double bit[64];

    switch (h->facts(h->self)->goal) {
    case SB_DISTINGUISH:
        return h->verdict(h->self, found);
    case SB_RECOVER:
        for (uint32_t j = 0; j < s->dim; j++)
            bit[j] = (double)(mask >> j & 1);
        return h->recovered(h->self, bit, s->dim);
    default:
        return h->predict_expr(h->self, sb_candidate(h, rank));
    }
}

static int32_t run(const struct sb_host *h, void *self)
{
    struct search s;
    uint64_t i;

    (void)self;
    if (setup(h, &s) != 0)
        return 1;
    for (i = 0; i < s.n - 1; i++) {
        double v = 0;
        const int32_t status = correlation(&s, mask_of(&s, candidate(&s, i)), &v);

        if (status == SB_BUDGET)
            break;
        if (status == SB_STOP)
            return status;
        if (status != SB_OK)
            return fail(h->message(h->self));
        if (v > s.signal / 2)
            return conclude(&s, candidate(&s, i), 1);
    }
    return conclude(&s, candidate(&s, i), 0);
}

static const struct sb_param params[] = { { "signal", SB_REAL, 0, "0.9", "(0,1]",
                                            "rho_0, as `statbed show lifted` has it" },
                                          { NULL, 0, 0, NULL, NULL, NULL } };

SB_LEARNER(SB_STAT, 0, "lifted-parity-correlation",
           "asks the correlation of whether the label is above 0 with the signs of one candidate "
           "after another",
           "exhaustive search, docs/theorems.md D2", params, NULL, run, NULL);
