/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Learns any finite family by exhaustion: asks how often each public candidate agrees with the
 * label, and returns the one that agrees most. That a constant tolerance is enough for it shows
 * that the lower bounds count queries, not information.
 *
 * Queries: N, one a candidate, none depending on an answer.
 * Tolerance: where the best candidate agrees with the label with probability p*, the one returned
 * does so with at least p* - 2 tau. So STAT(tau) finds a parity with noise rate r for
 * tau < (1 - 2r)/4, a conjunction of k literals for tau < 2^-(k+1); VSTAT(t) does wherever
 * max(1/t, 1/(2 sqrt t)) is such a tau.
 * Real labels agree with a candidate's where they are within 1e-9 of it.
 * Why it is right for every valid answer: the best candidate answers at least p* - tau, the
 * returned one no less, and its answer is at most tau above the truth. Ties go to the least index.
 *
 * When the budget ends first, it returns the best of those asked. */
#include <statbed/learner.h>

#include <stdio.h>

enum { CHUNK = 1024 }; /* queries a call */

struct best {
    uint64_t index;
    double agreement;
};

static int32_t fail(const char *why)
{
    fprintf(stderr, "hypothesis-selection: %s\n", why);
    return 1;
}

/* 1 where the label is that of the candidate, real ones up to rounding. */
static sb_expr agrees(const struct sb_host *h, uint64_t candidate)
{
    const sb_expr pair[2] = { sb_y(h), sb_candidate(h, candidate) };
    const double near = 1e-9;

    if (h->facts(h->self)->n_labels > 0)
        return sb_eq(h, pair[0], pair[1]);
    return h->op(h->self, SB_NEAR, &near, 1, pair, 2);
}

/* Asks candidates start .. start+n-1 and keeps the best so far. */
static int32_t ask_chunk(const struct sb_host *h, uint32_t access, uint64_t start, uint64_t n,
                         struct best *best)
{
    const uint32_t mark = h->mark(h->self);
    struct sb_query q[CHUNK];
    double v[CHUNK];
    int32_t status[CHUNK];
    int32_t end;

    for (uint64_t i = 0; i < n; i++) {
        q[i] = (struct sb_query){ .expr = agrees(h, start + i), .access = access };
    }
    end = h->ask(h->self, q, n, sizeof *q, v, status);
    for (uint64_t i = 0; i < n && end != SB_STOP; i++)
        if (status[i] == SB_OK && v[i] > best->agreement)
            *best = (struct best){ start + i, v[i] };
    h->forget(h->self, mark);
    return end;
}

static int32_t run(const struct sb_host *h, void *self)
{
    const struct sb_facts *f = h->facts(h->self);
    const uint32_t access = f->access & SB_STAT ? SB_STAT : SB_VSTAT;
    struct best best = { 0, -2 }; /* below any answer */

    (void)self;
    if (f->goal != SB_PREDICT || f->n_candidates == 0)
        return fail("predicts the label, for a family with candidates, only");
    for (uint64_t i = 0; i < f->n_candidates; i += CHUNK) {
        const uint64_t left = f->n_candidates - i;
        const int32_t end = ask_chunk(h, access, i, left < CHUNK ? left : CHUNK, &best);

        if (end == SB_STOP)
            return end;
        if (end == SB_BUDGET)
            break;
        if (end != SB_OK)
            return fail(h->message(h->self));
    }
    return h->predict_expr(h->self, sb_candidate(h, best.index));
}

SB_LEARNER(SB_STAT | SB_VSTAT, 0, "hypothesis-selection",
           "asks every public candidate's agreement with the label and returns the best",
           "exhaustive search over a finite class", NULL, NULL, run, NULL);
