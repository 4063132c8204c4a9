/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Learns a hidden parity by exhaustion: one correlation query a candidate.
 *
 * With the label written as +1 or -1, flipped with probability `noise`, E[label chi_T] is
 * s = 1 - 2 noise for the hidden set T = S and 0 for every other set. The candidates are asked one
 * by one in an order that no answer changes; the first answer above s/2 names the secret.
 *
 * Queries: at most N - 1 of N = 2^d (or C(d,k)) candidates, since the last needs none; N to tell a
 * parity from the null; (N+1)/2 or so for a secret met in random order. N - 1 is what the policy
 * `eliminate` forces.
 * Tolerance: STAT(tau) with tau < s/2; VSTAT(t) with t > 4/s and t > 4/s^2.
 * Why it is right for every valid answer: a wrong candidate's answer is at most tau < s/2, the
 * right one's at least s - tau > s/2. Under VSTAT (1 + label chi_T)/2 is asked and the answer
 * scaled back, which doubles its error to at most max(2/t, 1/sqrt(t)) < s/2. With a coarser
 * tolerance it runs all the same, and may be wrong.
 *
 * When the budget ends first, its guess is the next candidate in order: those asked are excluded.
 */
#include <statbed/learner.h>

#include <stdio.h>
#include <string.h>

enum { ROUNDS = 4 };

/* A keyed bijection of {0 .. n-1} in constant memory: rounds of x -> odd x + c and x ^= x >> r,
 * both bijections of the least power of two that holds n, walked until the image is inside. */
struct shuffle {
    uint64_t n, mask;
    uint32_t shift;
    uint64_t odd[ROUNDS], add[ROUNDS];
};

struct search {
    const struct sb_host *h;
    const struct sb_facts *facts;
    uint32_t access;
    uint32_t sparsity; /* size of the hidden set; 0: any */
    double signal;     /* s */
    sb_expr label;     /* y as +1 or -1 */
    struct shuffle order;
    int in_index_order;
};

static int32_t fail(const char *why)
{
    fprintf(stderr, "parity-correlation: %s\n", why);
    return 1;
}

static uint64_t word(const struct sb_host *h)
{
    double u[2];

    h->uniform(h->self, 2, u);
    return (uint64_t)(u[0] * 4294967296.0) << 32 | (uint64_t)(u[1] * 4294967296.0);
}

static void shuffle_init(struct shuffle *s, const struct sb_host *h, uint64_t n)
{
    uint32_t bits = 0;

    while (bits < 63 && (UINT64_C(1) << bits) < n)
        bits++;
    s->n = n;
    s->mask = (UINT64_C(1) << bits) - 1;
    s->shift = bits / 2 + 1;
    for (int r = 0; r < ROUNDS; r++) {
        s->odd[r] = word(h) | 1;
        s->add[r] = word(h);
    }
}

static uint64_t shuffle_at(const struct shuffle *s, uint64_t i)
{
    uint64_t x = i;

    do {
        for (int r = 0; r < ROUNDS; r++) {
            x = (x * s->odd[r] + s->add[r]) & s->mask;
            x ^= x >> s->shift;
        }
    } while (x >= s->n);
    return x;
}

/* C(n, k); each step divides exactly, in two parts because the product may not fit. */
static uint64_t binomial(uint64_t n, uint64_t k)
{
    uint64_t c = 1;

    for (uint64_t i = 0; i < k; i++)
        c = c / (i + 1) * (n - i) + c % (i + 1) * (n - i) / (i + 1);
    return n < k ? 0 : c;
}

/* The k-subset with this rank in colexicographic order, as a mask. */
static uint64_t subset(uint32_t dim, uint32_t k, uint64_t rank)
{
    uint64_t mask = 0;

    for (uint32_t j = dim; j-- > 0 && k > 0;) {
        const uint64_t below = binomial(j, k); /* the k-subsets of {0 .. j-1} */

        if (rank >= below) {
            mask |= UINT64_C(1) << j;
            rank -= below;
            k--;
        }
    }
    return mask;
}

/* The candidate asked at place i of the order. */
static uint64_t candidate(const struct search *s, uint64_t i)
{
    const uint64_t rank = s->in_index_order ? i : shuffle_at(&s->order, i);

    return s->sparsity ? subset(s->facts->dim, s->sparsity, rank) : rank;
}

static int32_t setup(const struct sb_host *h, struct search *s)
{
    const struct sb_facts *f = h->facts(h->self);

    if (strcmp(f->family, "parity") != 0)
        return fail("learns the family parity only");
    s->h = h;
    s->facts = f;
    s->access = f->access & SB_STAT ? SB_STAT : SB_VSTAT;
    s->sparsity = (uint32_t)h->family_int(h->self, "sparsity");
    s->signal = 1 - 2 * h->family_real(h->self, "noise");
    s->label = sb_y(h);
    if (f->label_set[0] == 0) /* {0,1}: the label is the sum mod 2 */
        s->label = sb_sub(h, sb_num(h, 1), sb_mul(h, sb_num(h, 2), s->label));
    s->in_index_order = strcmp(h->param_text(h->self, "order"), "index") == 0;
    shuffle_init(&s->order, h, f->n_candidates);
    return 0;
}

/* About E[label chi_mask]. */
static int32_t correlation(const struct search *s, uint64_t mask, double *out)
{
    const struct sb_host *h = s->h;
    const uint32_t mark = h->mark(h->self);
    struct sb_query q = { .expr = sb_mul(h, s->label, sb_chi_mask(h, mask)), .access = s->access };
    int32_t status;

    if (s->access == SB_VSTAT)
        q.expr = sb_mul(h, sb_num(h, 0.5), sb_add(h, sb_num(h, 1), q.expr));
    h->ask(h->self, &q, 1, sizeof q, out, &status);
    if (status == SB_OK && s->access == SB_VSTAT)
        *out = 2 * *out - 1;
    h->forget(h->self, mark);
    return status;
}

static int32_t conclude(const struct search *s, uint64_t mask, int found)
{
    const struct sb_host *h = s->h;
    sb_expr chi = sb_chi_mask(h, mask);
    double bit[64];

    if (s->facts->goal == SB_DISTINGUISH)
        return h->verdict(h->self, found);
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
    uint64_t i, n_asked;

    (void)self;
    if (setup(h, &s) != 0)
        return 1;
    /* Where one of them is the secret, the last need not be asked. */
    n_asked = s.facts->n_candidates - (s.facts->goal != SB_DISTINGUISH);
    for (i = 0; i < n_asked; i++) {
        const uint64_t mask = candidate(&s, i);
        double v = 0;
        const int32_t status = correlation(&s, mask, &v);

        if (status == SB_BUDGET)
            break;
        if (status == SB_STOP)
            return status;
        if (status != SB_OK)
            return fail(h->message(h->self));
        if (v > s.signal / 2)
            return conclude(&s, mask, 1);
    }
    return conclude(&s, i < s.facts->n_candidates ? candidate(&s, i) : 0, 0);
}

static const struct sb_param params[] = {
    { "order", SB_TEXT, 0, "random", "random|index",
      "the order of the candidates: drawn from the coins, or by their index" },
    { NULL, 0, 0, NULL, NULL, NULL }
};

SB_LEARNER(SB_STAT | SB_VSTAT, SB_TWO_LABELS, "parity-correlation",
           "asks the label's correlation with one candidate parity after another",
           "exhaustive search; the bound that it meets is [BFJ94], [Kearns98]", params, NULL, run,
           NULL);
