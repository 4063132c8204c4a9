/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Learns a hidden conjunction of literals from one query a literal [Kearns98].
 *
 * For every literal l (x_j, and 1 - x_j where the family has negations) it asks
 * p_l = Pr[l(x) = 0 and y = 1], keeps l where the answer is as low as p_l = 0 allows, and predicts
 * the conjunction of what it kept.
 *
 * Queries: d, or 2d with negations, all fixed beforehand: one batch.
 * Tolerance, for a target of k literals to be found exactly: STAT(tau) with tau < 2^-(k+2);
 * VSTAT(t) with t > 2.62 2^(k+1). Coarser, the error is still at most 2d 2 tau, or 2d 2.62/t. Why
 * it is right for every valid answer: a literal of the target has p_l = 0, so its answer is at most
 * tau (under VSTAT 1/t, since p(1-p) = 0): all of them are kept, and the prediction 1 is never
 * wrong. Any other literal has p_l >= 2^-(k+1), and answers at least p_l - tau > tau. Under VSTAT
 * p - sqrt(p/t) > 1/t holds from p t > ((1 + sqrt 5)/2)^2 = 2.618 on. A prediction 0 errs only
 * where a kept literal outside the target is 0 and y = 1: p_l each, at most 2 tau for a kept one.
 * Under the null all p_l are 2^-(k+1): keeping anything at all tells a conjunction from it.
 *
 * When the budget ends first, literals not asked are kept, so that a prediction 1 stays right. */
#include <statbed/learner.h>

#include <stdio.h>
#include <string.h>

enum { LITERALS_MAX = 128 };

struct fit {
    const struct sb_host *h;
    const struct sb_facts *facts;
    uint32_t access;
    uint32_t n;       /* literals: number j is x_j, number d + j is 1 - x_j */
    double threshold; /* what an answer to p_l = 0 can be at most */
    double v[LITERALS_MAX];
    int32_t status[LITERALS_MAX];
};

static int32_t fail(const char *why)
{
    fprintf(stderr, "conjunction: %s\n", why);
    return 1;
}

static sb_expr not_of(const struct sb_host *h, sb_expr e)
{
    return sb_sub(h, sb_num(h, 1), e);
}

static sb_expr literal(const struct fit *fit, uint32_t l)
{
    const uint32_t d = fit->facts->dim;

    return l < d ? sb_x(fit->h, l) : not_of(fit->h, sb_x(fit->h, l - d));
}

static int32_t setup(const struct sb_host *h, struct fit *fit)
{
    const struct sb_facts *f = h->facts(h->self);
    double tau;

    if (strcmp(f->family, "conjunction") != 0)
        return fail("learns the family conjunction only");
    fit->h = h;
    fit->facts = f;
    fit->n = h->family_int(h->self, "negations") ? 2 * f->dim : f->dim;
    if (fit->n > LITERALS_MAX)
        return fail("more than 128 literals");
    fit->access = f->access & SB_STAT ? SB_STAT : SB_VSTAT;
    tau = h->tolerance(h->self, fit->access);
    fit->threshold = fit->access == SB_STAT ? tau : 1 / tau;
    fit->threshold *= 1 + 1e-9; /* a hair for the rounding of answers */
    return 0;
}

static int32_t ask_all(struct fit *fit)
{
    const struct sb_host *h = fit->h;
    struct sb_query q[LITERALS_MAX];
    int32_t end;

    for (uint32_t l = 0; l < fit->n; l++)
        q[l] = (struct sb_query){ .expr = sb_mul(h, not_of(h, literal(fit, l)), sb_y(h)),
                                  .access = fit->access };
    end = h->ask(h->self, q, fit->n, sizeof *q, fit->v, fit->status);
    if (end == SB_STOP || end == SB_OK)
        return end;
    return end == SB_BUDGET ? 0 : fail(h->message(h->self));
}

static int kept(const struct fit *fit, uint32_t l)
{
    return fit->status[l] != SB_OK || fit->v[l] <= fit->threshold;
}

static int32_t predict(const struct fit *fit)
{
    const struct sb_host *h = fit->h;
    sb_expr e = sb_num(h, 1);

    for (uint32_t l = 0; l < fit->n; l++)
        if (kept(fit, l))
            e = sb_mul(h, e, literal(fit, l));
    return h->predict_expr(h->self, e);
}

/* One value a coordinate: 1 for x_j, -1 for its negation, 0 for neither (or both). */
static int32_t recover(const struct fit *fit)
{
    const uint32_t d = fit->facts->dim;
    double sign[LITERALS_MAX];

    for (uint32_t j = 0; j < d; j++)
        sign[j] = kept(fit, j) - (fit->n > d && kept(fit, d + j));
    return fit->h->recovered(fit->h->self, sign, d);
}

static int32_t distinguish(const struct fit *fit)
{
    int any = 0;

    for (uint32_t l = 0; l < fit->n; l++)
        any |= fit->status[l] == SB_OK && kept(fit, l);
    return fit->h->verdict(fit->h->self, any);
}

static int32_t run(const struct sb_host *h, void *self)
{
    struct fit fit;
    int32_t end = setup(h, &fit);

    (void)self;
    if (end == 0)
        end = ask_all(&fit);
    if (end != 0)
        return end;
    if (fit.facts->goal == SB_PREDICT)
        return predict(&fit);
    return fit.facts->goal == SB_RECOVER ? recover(&fit) : distinguish(&fit);
}

SB_LEARNER(SB_STAT | SB_VSTAT, SB_TWO_LABELS, "conjunction",
           "keeps the literals that the label never contradicts, one query each",
           "conjunctions from statistical queries [Kearns98]", NULL, NULL, run, NULL);
