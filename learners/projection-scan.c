/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Finds a hidden direction among public ones by looking along each of them, as hypothesis selection does among
 * candidates: asks of every v_i the probability that <v_i,x> is in S = {t: A(t) > phi(t)}, A the law along the hidden
 * direction, and takes the one whose answer is the largest. No bounded function of <v,x> separates the hidden law and the
 * null better: A(S) - N(S) is their total variation distance. That N queries of constant tolerance do
 * shows that the lower bounds count queries, not information.
 *
 * Queries: N, one a direction, none depending on an answer: 2 1[S] - 1 (VSTAT: 1[S]), S as steps of <v_i,x>.
 * Why it is right for every valid answer, in 1[S]'s units, tau/2 at STAT(tau), max(1/t, 1/(2 sqrt t)) at VSTAT(t):
 * the hidden direction's answer is at least A(S) less the tolerance, another one's at most P_v(S along v_j) and
 * the tolerance more: it is found where these differ by more than twice it, over all j. Under the null no answer is above
 * N(S) and the tolerance; that is where the verdict changes.
 *
 * Goal distinguish, recover (the direction), or learn (that candidate's density). When the budget ends first, it
 * returns the best of those asked. Needs a family that publishes `directions`, `pieces` and `noise`. */
#include "ridge_law.h"

#include <stdio.h>

enum { CHUNK = 1024 }; /* queries a call */

struct scan {
    const struct sb_host *h;
    uint32_t access, dim;
    const double *direction; /* n rows of dim numbers */
    uint64_t n;
    struct ridge_set set;
    uint64_t best;
    double most; /* its answer, as a probability */
};

static int32_t fail(const char *why)
{
    fprintf(stderr, "projection-scan: %s\n", why);
    return 1;
}

static int32_t setup(const struct sb_host *h, struct scan *scan)
{
    const struct sb_facts *f = h->facts(h->self);
    struct ridge_law law;

    *scan = (struct scan){ .h = h, .dim = f->dim, .most = -2 };
    scan->access = f->access & SB_STAT ? SB_STAT : SB_VSTAT;
    if (f->domain != SB_GAUSS || f->goal == SB_PREDICT)
        return fail("tells, recovers or learns a law of x over a Gaussian only");
    if (!ridge_law(h, &law))
        return fail("needs a family that publishes `pieces` and `noise`, and has no atoms");
    if (!ridge_set(&law, &scan->set))
        return fail("the law along the direction crosses the Gaussian more than 64 times");
    scan->direction = h->family_vector(h->self, "directions", &scan->n);
    scan->n /= f->dim;
    if (!scan->direction)
        return fail("needs a family that publishes its directions: no more than 2^20 numbers");
    return 0;
}

/* 1 where <v,x> is in S, 0 elsewhere */
static sb_expr inside(const struct scan *scan, const double *v)
{
    const struct sb_host *h = scan->h;
    const double ends[2] = { 0, 1 };
    const sb_expr t = sb_op0(h, SB_DOT, v, scan->dim);
    sb_expr sum = sb_num(h, 0);

    for (uint32_t i = 0; i < scan->set.n; i++) {
        const sb_expr step = sb_step(h, sb_sub(h, t, sb_num(h, scan->set.end[i])));

        sum = i % 2 == 0 ? sb_add(h, sum, step) : sb_sub(h, sum, step);
    }
    return h->op(h->self, SB_CLIP, ends, 2, &sum, 1);
}

static int32_t ask_chunk(struct scan *scan, uint64_t start, uint64_t n)
{
    const struct sb_host *h = scan->h;
    const uint32_t mark = h->mark(h->self);
    struct sb_query q[CHUNK];
    double v[CHUNK];
    int32_t status[CHUNK], end;

    for (uint64_t i = 0; i < n; i++) {
        sb_expr e = inside(scan, scan->direction + (start + i) * scan->dim);

        if (scan->access == SB_STAT)
            e = sb_sub(h, sb_mul(h, sb_num(h, 2), e), sb_num(h, 1));
        q[i] = (struct sb_query){ .expr = e, .access = scan->access };
    }
    end = h->ask(h->self, q, n, sizeof *q, v, status);
    for (uint64_t i = 0; i < n && end != SB_STOP; i++) {
        const double p = scan->access == SB_STAT ? (1 + v[i]) / 2 : v[i];

        if (status[i] == SB_OK && p > scan->most) {
            scan->best = start + i;
            scan->most = p;
        }
    }
    h->forget(h->self, mark);
    return end;
}

/* How far an answer under the null may be above N(S). */
static double tolerance(const struct scan *scan)
{
    const double granted = scan->h->tolerance(scan->h->self, scan->access), p = scan->set.null;
    const double root = sqrt(p * (1 - p) / granted);

    if (scan->access == SB_STAT)
        return granted / 2;
    return 1 / granted > root ? 1 / granted : root;
}

static int32_t answer(const struct scan *scan)
{
    const struct sb_host *h = scan->h;
    const uint32_t goal = h->facts(h->self)->goal;
    const int planted = scan->most > scan->set.null + tolerance(scan) * (1 + 1e-9) + 1e-9;

    if (goal == SB_DISTINGUISH)
        return h->verdict(h->self, planted);
    if (goal == SB_RECOVER)
        return h->recovered(h->self, scan->direction + scan->best * scan->dim, scan->dim);
    return h->predict_expr(h->self, planted ? sb_candidate(h, scan->best) : sb_num(h, 1));
}

static int32_t run(const struct sb_host *h, void *self)
{
    struct scan scan;
    int32_t end = setup(h, &scan);

    (void)self;
    if (end != 0)
        return end;
    fprintf(
        stderr,
        "%llu directions; the Gaussian has %.6g of the set, the hidden law %.4g; tolerance %.4g\n",
        (unsigned long long)scan.n, scan.set.null, scan.set.hidden, tolerance(&scan));
    for (uint64_t i = 0; i < scan.n && end == SB_OK; i += CHUNK)
        end = ask_chunk(&scan, i, scan.n - i < CHUNK ? scan.n - i : CHUNK);
    if (end == SB_STOP)
        return end;
    if (end != SB_OK && end != SB_BUDGET)
        return fail(h->message(h->self));
    return answer(&scan);
}

SB_LEARNER(SB_STAT | SB_VSTAT, 0, "projection-scan",
           "looks along each public direction and returns the one where x is least Gaussian",
           "exhaustive search over a finite class", NULL, NULL, run, NULL);
