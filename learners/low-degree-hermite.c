/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Learns a function over the standard Gaussian from its low-degree Hermite coefficients: the low-degree
 * algorithm [LMN93; docs/theorems.md D3] with orthonormal Hermite polynomials in the place of characters.
 *
 * For every h_a(x) = h_a1(x_1) .. h_ad(x_d) of degree at most `degree` it asks v_a about
 *     STAT, VSTAT   E[clip(label h_a(x), -B, B)]/B
 *     CSQ           E[label clip(h_a(x), -B, B)]/B
 * all fixed beforehand. Of two labels, `label` is +1 or -1, and sign(sum v_a h_a) is predicted. Of real
 * ones it is s y (at CSQ y itself), and (B/s) v_a (at CSQ B v_a) is taken for the coefficient; those of at
 * most `threshold` B count as 0. Goal recover: the exponents a with the largest |v_a|.
 *
 * Queries: M = C(d+k,k), k the degree; that is what orthogonal families force on CSQ learners.
 * Why it is right for every valid answer: as for the cube (low-degree.c), a coefficient is off by at most
 * B tau, and by what clipping cuts off: E[|label h_a|; above B]. Under VSTAT (1 + q)/2 is asked and the
 * answer scaled back: its error is at most tau = max(2/t, 1/sqrt(t)).
 *
 * When the budget ends first, the coefficients not asked count as 0. */
#include <statbed/learner.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    CHUNK = 4096, /* queries a call */
    MONOMIALS_MAX = 1 << 17,
    FACTORS_MAX = 1 << 20 /* exponents kept */
};

struct fit {
    const struct sb_host *h;
    const struct sb_facts *facts;
    uint32_t dim, access, degree;
    double clip;
    sb_expr label;     /* 0 at CSQ */
    double unit, low;  /* a coefficient is unit * answer, and of the constant that less low */
    uint64_t n;        /* M */
    uint8_t *exponent; /* n x dim */
    double *value;     /* n */
};

static int32_t fail(const char *why)
{
    fprintf(stderr, "low-degree-hermite: %s\n", why);
    return 1;
}

/* C(d+k,k), or more than `limit` if it is more. */
static double count_monomials(uint32_t dim, uint32_t degree, double limit)
{
    double n = 1;

    for (uint32_t k = 1; k <= degree && n <= limit; k++)
        n = n * (dim + k) / k;
    return n;
}

/* The label to be multiplied, and how answers become coefficients. */
static void choose_label(struct fit *fit)
{
    const struct sb_host *h = fit->h;
    const struct sb_facts *f = fit->facts;
    const double scale =
        f->n_labels ? 2 / (f->label_set[1] - f->label_set[0]) : h->param_real(h->self, "scale");

    fit->unit = f->n_labels ? fit->clip : fit->clip / scale;
    if (fit->access == SB_CSQ) { /* the others have no correlation with a constant */
        fit->unit = f->n_labels ? fit->clip * scale : fit->clip;
        fit->low = f->n_labels ? 1 + scale * f->label_set[0] : 0;
        return;
    }
    fit->label = sb_mul(h, sb_num(h, scale), sb_y(h));
    if (f->n_labels)
        fit->label = sb_sub(h, fit->label, sb_num(h, 1 + scale * f->label_set[0]));
}

static int32_t setup(const struct sb_host *h, struct fit *fit)
{
    const struct sb_facts *f = h->facts(h->self);
    const uint32_t degree = (uint32_t)h->param_int(h->self, "degree");
    const double n = count_monomials(f->dim, degree, MONOMIALS_MAX);

    if (f->domain != SB_GAUSS || f->goal == SB_DISTINGUISH || (f->n_labels && f->n_labels != 2))
        return fail(
            "predicts, or recovers a monomial, from real labels or two, over a Gaussian only");
    if (n > MONOMIALS_MAX || n * f->dim > FACTORS_MAX)
        return fail("more than 131072 monomials, or a million exponents: lower `degree`");
    *fit = (struct fit){ .h = h, .facts = f, .dim = f->dim, .degree = degree };
    fit->access = f->access & SB_STAT ? SB_STAT : f->access & SB_VSTAT ? SB_VSTAT : SB_CSQ;
    fit->clip = h->param_real(h->self, "clip");
    choose_label(fit);
    fit->exponent = calloc(((uint64_t)n + 1) * f->dim, 1); /* and where the odometer ends */
    fit->value = calloc((uint64_t)n, sizeof *fit->value);
    return fit->exponent && fit->value ? 0 : fail("out of memory");
}

/* The next exponents of a degree of at most k, as an odometer; 0 behind the last. */
static int next_exponents(const struct fit *fit, uint8_t *exponent)
{
    uint32_t sum = 0;

    for (uint32_t j = 0; j < fit->dim; j++)
        sum += exponent[j];
    for (uint32_t j = 0; j < fit->dim; j++) {
        if (sum < fit->degree) {
            exponent[j]++;
            return 1;
        }
        sum -= exponent[j];
        exponent[j] = 0;
    }
    return 0;
}

/* From the constant on. */
static void list_monomials(struct fit *fit)
{
    fit->n = 1;
    for (;; fit->n++) {
        uint8_t *next = fit->exponent + fit->n * fit->dim;

        memcpy(next, next - fit->dim, fit->dim);
        if (!next_exponents(fit, next))
            break;
    }
}

static sb_expr monomial(const struct fit *fit, uint64_t i)
{
    const struct sb_host *h = fit->h;
    sb_expr e = 0;

    for (uint32_t j = 0; j < fit->dim; j++) {
        const double k = fit->exponent[i * fit->dim + j];
        sb_expr x = k > 0 ? sb_x(h, j) : 0;

        if (k == 0)
            continue;
        x = k > 1 ? h->op(h->self, SB_HERMITE, &k, 1, &x, 1) : x;
        e = e ? sb_mul(h, e, x) : x;
    }
    return e ? e : sb_num(h, 1);
}

static sb_expr query(const struct fit *fit, uint64_t i)
{
    const struct sb_host *h = fit->h;
    const double ends[2] = { -fit->clip, fit->clip };
    sb_expr e = monomial(fit, i);

    if (fit->label)
        e = sb_mul(h, fit->label, e);
    e = sb_op2(h, SB_DIV, h->op(h->self, SB_CLIP, ends, 2, &e, 1), sb_num(h, fit->clip));
    return fit->access == SB_VSTAT ? sb_mul(h, sb_num(h, 0.5), sb_add(h, sb_num(h, 1), e)) : e;
}

/* Asks monomials begin .. begin+n-1. */
static int32_t ask_chunk(struct fit *fit, uint64_t begin, uint64_t n, struct sb_query *q,
                         int32_t *status)
{
    const struct sb_host *h = fit->h;
    const uint32_t mark = h->mark(h->self);
    double *v = fit->value + begin;
    int32_t end;

    for (uint64_t i = 0; i < n; i++)
        q[i] = (struct sb_query){ .expr = query(fit, begin + i), .access = fit->access };
    end = h->ask(h->self, q, n, sizeof *q, v, status);
    for (uint64_t i = 0; i < n && end != SB_STOP; i++) {
        if (status[i] != SB_OK)
            v[i] = 0;
        else if (fit->access == SB_VSTAT)
            v[i] = 2 * v[i] - 1;
    }
    h->forget(h->self, mark);
    return end;
}

static int32_t ask_all(struct fit *fit)
{
    struct sb_query *q = calloc(CHUNK, sizeof *q);
    int32_t *status = calloc(CHUNK, sizeof *status);
    int32_t end = q && status ? SB_OK : fail("out of memory");

    for (uint64_t i = 0; i < fit->n && end == SB_OK; i += CHUNK) {
        end = ask_chunk(fit, i, fit->n - i < CHUNK ? fit->n - i : CHUNK, q, status);
        if (end > 0 && end != SB_BUDGET)
            fail(fit->h->message(fit->h->self));
    }
    free(q);
    free(status);
    return end == SB_BUDGET ? 0 : end;
}

/* A sum as a balanced tree: part[i] adds up 2^i terms or is 0, as the digits of a counter. */
static sb_expr balanced_sum(const struct fit *fit)
{
    const struct sb_host *h = fit->h;
    const double least = fit->facts->n_labels ? 0 : h->param_real(h->self, "threshold");
    sb_expr part[32] = { 0 }, total = 0;

    for (uint64_t i = 0; i < fit->n; i++) {
        const double c = fit->unit * fit->value[i] - (i == 0 ? fit->low : 0);
        sb_expr term;
        int at = 0;

        if (fabs(fit->value[i]) <= least || c == 0)
            continue;
        term = sb_mul(h, sb_num(h, c), monomial(fit, i));
        for (; part[at] != 0; part[at++] = 0)
            term = sb_add(h, part[at], term);
        part[at] = term;
    }
    for (int i = 0; i < 32; i++)
        if (part[i] != 0)
            total = total ? sb_add(h, part[i], total) : part[i];
    return total ? total : sb_num(h, 0);
}

static int32_t predict(const struct fit *fit)
{
    const struct sb_host *h = fit->h;
    const double *label = fit->facts->label_set;
    sb_expr e = balanced_sum(fit);

    if (fit->facts->n_labels)
        e = sb_add(h, sb_num(h, label[0]),
                   sb_mul(h, sb_num(h, label[1] - label[0]), sb_step(h, e)));
    return h->predict_expr(h->self, e);
}

static int32_t recover(const struct fit *fit)
{
    double *out = calloc(fit->dim, sizeof *out);
    uint64_t best = 0;
    int32_t end;

    if (!out)
        return fail("out of memory");
    for (uint64_t i = 1; i < fit->n; i++)
        if (best == 0 || fabs(fit->value[i]) > fabs(fit->value[best]))
            best = i;
    for (uint32_t j = 0; j < fit->dim; j++)
        out[j] = fit->exponent[best * fit->dim + j];
    end = fit->h->recovered(fit->h->self, out, fit->dim);
    free(out);
    return end;
}

static int32_t run(const struct sb_host *h, void *self)
{
    struct fit fit = { 0 };
    int32_t end = setup(h, &fit);

    (void)self;
    if (end == 0) {
        list_monomials(&fit);
        end = ask_all(&fit);
    }
    if (end == 0)
        end = fit.facts->goal == SB_RECOVER ? recover(&fit) : predict(&fit);
    free(fit.exponent);
    free(fit.value);
    return end;
}

static const struct sb_param params[] = {
    { "degree", SB_INT, 0, "2", "[0,16]", "k: asks the coefficients up to this degree" },
    { "clip", SB_REAL, 0, "4", "[1,1e6]",
      "B: what is asked is clipped to [-B,B]; answers cost B tau" },
    { "scale", SB_REAL, 0, "1", "[1e-6,1e6]",
      "s: real labels times this are of a size of about 1; of no use at CSQ" },
    { "threshold", SB_REAL, 0, "0", "[0,1]", "real labels: answers of at most this count as 0" },
    { NULL, 0, 0, NULL, NULL, NULL }
};

SB_LEARNER(SB_STAT | SB_VSTAT | SB_CSQ, 0, "low-degree-hermite",
           "asks all Hermite coefficients up to a degree and predicts by their sum",
           "the low-degree algorithm [LMN93], docs/theorems.md D3", params, NULL, run, NULL);
