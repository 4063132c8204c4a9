/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Learns a sparse polynomial over the standard Gaussian from the square of its label, which tells the
 * variables that it depends on: after the growing basis of [APVZ14], where CSQ learners have to ask for
 * every monomial.
 *
 * Let f = sum over a of c_a h_a(x), h_a(x) = h_a1(x_1) .. h_ad(x_d) with orthonormal Hermite polynomials,
 * of degree at most D. In h_k^2 = sum of r_t h_2t all r_t with t <= k are positive. So, where cross terms
 * vanish, E[f^2 h_2(x_i)] > 0 for the variables that f depends on, and 0 for all others. It asks
 *     v_i  about  E[clip(s^2 y^2 h_2(x_i), -B, B)]/B      for each variable, in one batch, and then
 *     w_a  about  E[clip(s y h_a(x), -B, B)]/B            for each a of degree 1 .. D in the variables found
 * and predicts the sum of (B/s) w_a h_a over |w_a| > threshold, or returns the a with the largest |w_a|. s
 * (`scale`) is to bring labels to a size of about 1.
 *
 * Queries: d + C(r+D,D) - 1, r the number of variables found; CSQ asks for C(d+D,D) - 1 monomials.
 * Tolerance: a variable counts where v_i > tau. Why that is right for every valid answer: where f does not
 * depend on x_i, the truth is at most 0. For given s^2 y^2 = c, E clip(c h_2(x), -B, B) is 0 at c = 0, and
 * its derivative E[h_2(x); c |h_2(x)| < B] is never positive, because h_2(x) = (x^2 - 1)/sqrt 2 and the density
 * of x^2 decreases. Where f does depend on x_i, the truth has to be above 2 tau: of one monomial of degree 2
 * it is .07 or more (s^2 y^2 of mean 1, B = 4), of degree 3 .03, of degree 4 .02. Of coefficients, what is
 * learnt is that of the clipped product.
 *
 * Where the growing basis finds the degree of x_i from E[y^2 h_2t(x_i)], t = D, D-1, .., as well, so that one
 * query a variable and degree suffices, this learner asks for the monomials in the few variables: the
 * moments of degree 2t have their mass where clipping takes it. When the budget ends first, what was not
 * asked counts as 0. */
#include <statbed/learner.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { VARIABLES_MAX = 4096, MONOMIALS_MAX = 4096 };

struct fit {
    const struct sb_host *h;
    const struct sb_facts *facts;
    uint32_t access, degree;
    double clip, scale;
    uint32_t n_variables;
    uint32_t *variable; /* those found */
    uint64_t n;         /* monomials */
    uint8_t *exponent;  /* n x n_variables */
    double *value;
    struct sb_query *q;
    int32_t *status;
};

static int32_t fail(const char *why)
{
    fprintf(stderr, "sparse-polynomial: %s\n", why);
    return 1;
}

static void fini(struct fit *fit)
{
    free(fit->variable);
    free(fit->exponent);
    free(fit->value);
    free(fit->q);
    free(fit->status);
}

static int32_t setup(const struct sb_host *h, struct fit *fit)
{
    const struct sb_facts *f = h->facts(h->self);
    const uint64_t room = f->dim > MONOMIALS_MAX ? f->dim : MONOMIALS_MAX;

    if (f->domain != SB_GAUSS || f->goal == SB_DISTINGUISH || f->dim > VARIABLES_MAX)
        return fail(
            "predicts, or recovers a monomial, over a Gaussian of at most 4096 coordinates");
    *fit = (struct fit){ .h = h, .facts = f };
    fit->access = f->access & SB_STAT ? SB_STAT : SB_VSTAT;
    fit->degree = (uint32_t)h->param_int(h->self, "degree");
    fit->clip = h->param_real(h->self, "clip");
    fit->scale = h->param_real(h->self, "scale");
    fit->variable = calloc(f->dim, sizeof *fit->variable);
    fit->value = calloc(room, sizeof *fit->value);
    fit->q = calloc(room, sizeof *fit->q);
    fit->status = calloc(room, sizeof *fit->status);
    return fit->variable && fit->value && fit->q && fit->status ? 0 : fail("out of memory");
}

static sb_expr hermite(const struct sb_host *h, uint32_t degree, uint32_t j)
{
    const double k = degree;
    const sb_expr x = sb_x(h, j);

    return degree == 1 ? x : h->op(h->self, SB_HERMITE, &k, 1, &x, 1);
}

/* e, clipped and over B, as a query. */
static sb_expr bounded(const struct fit *fit, sb_expr e)
{
    const struct sb_host *h = fit->h;
    const double ends[2] = { -fit->clip, fit->clip };

    e = sb_op2(h, SB_DIV, h->op(h->self, SB_CLIP, ends, 2, &e, 1), sb_num(h, fit->clip));
    return fit->access == SB_VSTAT ? sb_mul(h, sb_num(h, 0.5), sb_add(h, sb_num(h, 1), e)) : e;
}

static sb_expr scaled_label(const struct fit *fit)
{
    return sb_mul(fit->h, sb_num(fit->h, fit->scale), sb_y(fit->h));
}

/* The answers to q[0 .. n-1], scaled back; 0 where there is none. */
static int32_t ask(struct fit *fit, uint64_t n)
{
    const struct sb_host *h = fit->h;
    int32_t end = SB_OK;

    if (n > 0)
        end = h->ask(h->self, fit->q, n, sizeof *fit->q, fit->value, fit->status);
    if (end == SB_STOP)
        return end;
    if (end != SB_OK && end != SB_BUDGET)
        return fail(h->message(h->self));
    for (uint64_t i = 0; i < n; i++) {
        if (fit->status[i] != SB_OK)
            fit->value[i] = 0;
        else if (fit->access == SB_VSTAT)
            fit->value[i] = 2 * fit->value[i] - 1;
    }
    return 0;
}

/* Of answers as they are scaled back. */
static double tolerance(const struct fit *fit)
{
    const double granted = fit->h->tolerance(fit->h->self, fit->access);

    if (fit->access == SB_STAT)
        return granted;
    return granted < 4 ? 2 / granted : 1 / sqrt(granted);
}

static int32_t find_variables(struct fit *fit)
{
    const struct sb_host *h = fit->h;
    const double tau = tolerance(fit) * (1 + 1e-9); /* a hair for rounding */
    const uint32_t mark = h->mark(h->self);
    const sb_expr y = scaled_label(fit), square = sb_mul(h, y, y);
    int32_t end;

    for (uint32_t j = 0; j < fit->facts->dim; j++)
        fit->q[j] = (struct sb_query){ .expr = bounded(fit, sb_mul(h, square, hermite(h, 2, j))),
                                       .access = fit->access };
    end = ask(fit, fit->facts->dim);
    h->forget(h->self, mark);
    for (uint32_t j = 0; j < fit->facts->dim && end == 0; j++)
        if (fit->value[j] > tau)
            fit->variable[fit->n_variables++] = j;
    return end;
}

/* The next exponents of a degree of at most D, as an odometer; 0 behind the last. */
static int next_exponents(const struct fit *fit, uint8_t *exponent)
{
    uint32_t sum = 0;

    for (uint32_t k = 0; k < fit->n_variables; k++)
        sum += exponent[k];
    for (uint32_t k = 0; k < fit->n_variables; k++) {
        if (sum < fit->degree) {
            exponent[k]++;
            return 1;
        }
        sum -= exponent[k];
        exponent[k] = 0;
    }
    return 0;
}

static int32_t list_monomials(struct fit *fit)
{
    const uint32_t r = fit->n_variables;
    uint8_t exponent[VARIABLES_MAX] = { 0 };

    fit->exponent = calloc((uint64_t)MONOMIALS_MAX * r + 1, 1);
    if (!fit->exponent)
        return fail("out of memory");
    for (; next_exponents(fit, exponent); fit->n++) {
        if (fit->n == MONOMIALS_MAX)
            return fail("more than 4096 monomials in the variables found: lower `degree`");
        memcpy(fit->exponent + fit->n * r, exponent, r);
    }
    return 0;
}

static sb_expr monomial(const struct fit *fit, uint64_t i)
{
    const uint8_t *exponent = fit->exponent + i * fit->n_variables;
    sb_expr e = 0;

    for (uint32_t k = 0; k < fit->n_variables; k++)
        if (exponent[k]) {
            const sb_expr factor = hermite(fit->h, exponent[k], fit->variable[k]);

            e = e ? sb_mul(fit->h, e, factor) : factor;
        }
    return e;
}

static int32_t ask_monomials(struct fit *fit)
{
    const struct sb_host *h = fit->h;
    const uint32_t mark = h->mark(h->self);
    int32_t end = list_monomials(fit);

    for (uint64_t i = 0; i < fit->n && end == 0; i++)
        fit->q[i] =
            (struct sb_query){ .expr = bounded(fit, sb_mul(h, scaled_label(fit), monomial(fit, i))),
                               .access = fit->access };
    if (end == 0)
        end = ask(fit, fit->n);
    h->forget(h->self, mark);
    return end;
}

static int32_t predict(const struct fit *fit)
{
    const struct sb_host *h = fit->h;
    const double least = h->param_real(h->self, "threshold");
    sb_expr sum = sb_num(h, 0);

    for (uint64_t i = 0; i < fit->n; i++)
        if (fabs(fit->value[i]) > least)
            sum = sb_add(
                h, sum,
                sb_mul(h, sb_num(h, fit->value[i] * fit->clip / fit->scale), monomial(fit, i)));
    return h->predict_expr(h->self, sum);
}

static int32_t recover(const struct fit *fit)
{
    const struct sb_host *h = fit->h;
    double *out = calloc(fit->facts->dim, sizeof *out);
    uint64_t best = 0;
    int32_t end;

    if (!out)
        return fail("out of memory");
    for (uint64_t i = 1; i < fit->n; i++)
        if (fabs(fit->value[i]) > fabs(fit->value[best]))
            best = i;
    for (uint32_t k = 0; k < fit->n_variables && fit->n > 0; k++)
        out[fit->variable[k]] = fit->exponent[best * fit->n_variables + k];
    end = h->recovered(h->self, out, fit->facts->dim);
    free(out);
    return end;
}

static int32_t run(const struct sb_host *h, void *self)
{
    struct fit fit = { 0 };
    int32_t end = setup(h, &fit);

    (void)self;
    if (end == 0)
        end = find_variables(&fit);
    if (end == 0)
        end = ask_monomials(&fit);
    if (end == 0)
        end = fit.facts->goal == SB_RECOVER ? recover(&fit) : predict(&fit);
    fini(&fit);
    return end;
}

static const struct sb_param params[] = {
    { "degree", SB_INT, 0, "2", "[1,16]", "D: degree of the polynomial, at most" },
    { "scale", SB_REAL, 0, "1", "[1e-6,1e6]", "s: labels times this are of a size of about 1" },
    { "clip", SB_REAL, 0, "4", "[1,1e6]", "B: products are clipped to [-B,B]; answers cost B tau" },
    { "threshold", SB_REAL, 0, "0.05", "[0,1]",
      "goal predict: monomials whose answer is at most this are left out" },
    { NULL, 0, 0, NULL, NULL, NULL }
};

SB_LEARNER(SB_STAT | SB_VSTAT, 0, "sparse-polynomial",
           "finds the variables of a sparse polynomial by the squared label, then its monomials",
           "[APVZ14], docs/theorems.md D8", params, NULL, run, NULL);
