/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Learns a half-space, label = sign(<w,x> - theta), from its correlations with the coordinates: one
 * query a coordinate and one for the bias, all fixed beforehand: one batch.
 *
 * With the label as +1 or -1 it asks m about E[label] and, over the Gaussian, v_j / B about
 * E[label clip(x_j,-B,B)] / B. Let eta be the noise, c = (1 - 2 eta) 2 phi(theta). E[label x] = c w
 * by Stein's identity, and E[label] = -c r(theta), r(t) = (the integral of phi over [0,t]) / phi(t) =
 * t + t^3/3 + t^5/15 + t^7/105 + ... [docs/theorems.md D4]. So, whatever the noise, v points along w
 * and the s with r(s) = -m/|v| is the threshold; u = v/|v|, and sign(<u,x> - s) is predicted.
 *
 * Queries: d + 1.
 * What every valid answer promises over the Gaussian, at STAT(tau) or CSQ(tau):
 *     |v - c w| <= E = sqrt(d) B tau + (1 - 2 eta) min(sqrt(d) e1, e2)
 * where e1 = E|x - clip(x)| = 2 (phi(B) - B Phi(-B)), and e2 = sqrt(E (x - clip(x))^2) =
 * sqrt(2 ((1 + B^2) Phi(-B) - B phi(B))) by Bessel's inequality, the d functions x_j - clip(x_j)
 * being orthogonal: 0.0008 and 0.021 at B = 3, 0.000015 and 0.0025 at B = 4. Where E < c,
 *     the angle between u and w is at most a = arcsin(E/c),
 *     |s - theta| <= (tau + r(|theta|) E) / (c - E), since r' = 1 + t r >= 1,
 *     the prediction errs with probability at most a/pi + |s - theta| phi(0).
 * So error eps takes tau of about pi eps c / (B sqrt(d)). Under VSTAT(t), (1 + q)/2 is asked and the
 * answer scaled back, so that tau = max(2/t, 1/sqrt(t)). CSQ with labels {0,1} has twice its tau.
 *
 * Goal distinguish: x_j has no correlation with a label that is independent of it, so that an answer
 * beyond tau shows a member; there is one where (c/sqrt(d) - e1)/B > 2 tau.
 *
 * On the cube the signs s_j = 1 - 2 x_j stand for x_j, and B = 1: E[label s] are the Chow parameters.
 * They tell the half-space apart from every other function [Chow61], but are along w only nearly, the
 * better the smaller w's largest coordinate: what is promised above does not hold there. The same goes
 * for families that are no half-spaces.
 *
 * With a coarser tolerance it runs all the same, and may be wrong. When the budget ends first, what was
 * not asked counts as 0. */
#include <statbed/learner.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define FAR 8.0 /* thresholds are looked for up to here */

struct fit {
    const struct sb_host *h;
    const struct sb_facts *facts;
    uint32_t access;
    double clip;       /* B */
    double scale, low; /* label = scale y - low */
    uint64_t n;        /* d + 1 */
    double *value; /* n: about E[label], and E[label x_j clipped] / B; later u behind the first */
    struct sb_query *q;
    int32_t *status;
};

static int32_t fail(const char *why)
{
    fprintf(stderr, "halfspace: %s\n", why);
    return 1;
}

static void fini(struct fit *fit)
{
    free(fit->value);
    free(fit->q);
    free(fit->status);
}

static int32_t setup(const struct sb_host *h, struct fit *fit)
{
    const struct sb_facts *f = h->facts(h->self);

    if ((f->domain != SB_GAUSS && f->domain != SB_CUBE) || f->n_labels != 2)
        return fail("learns from two labels over the Gaussian or the cube only");
    fit->h = h;
    fit->facts = f;
    fit->access = f->access & SB_STAT ? SB_STAT : f->access & SB_VSTAT ? SB_VSTAT : SB_CSQ;
    fit->clip = f->domain == SB_GAUSS ? h->param_real(h->self, "clip") : 1;
    fit->scale = 2 / (f->label_set[1] - f->label_set[0]);
    fit->low = 1 + fit->scale * f->label_set[0];
    fit->n = (uint64_t)f->dim + 1;
    fit->value = calloc(fit->n, sizeof *fit->value);
    fit->q = calloc(fit->n, sizeof *fit->q);
    fit->status = calloc(fit->n, sizeof *fit->status);
    return fit->value && fit->q && fit->status ? 0 : fail("out of memory");
}

/* Query number i without the label, to [-1,1]: 1, then the coordinates. */
static sb_expr feature(const struct fit *fit, uint64_t i)
{
    const struct sb_host *h = fit->h;
    const double j = (double)i - 1, ends[2] = { -fit->clip, fit->clip };
    sb_expr x;

    if (i == 0)
        return sb_num(h, 1);
    if (fit->facts->domain == SB_CUBE)
        return sb_chi(h, &j, 1);
    x = sb_x(h, (uint32_t)j);
    return sb_op2(h, SB_DIV, h->op(h->self, SB_CLIP, ends, 2, &x, 1), sb_num(h, fit->clip));
}

static sb_expr query(const struct fit *fit, uint64_t i)
{
    const struct sb_host *h = fit->h;
    sb_expr label = sb_y(h), e = feature(fit, i);

    if (fit->access == SB_CSQ)
        return e;
    if (fit->scale != 1 || fit->low != 0)
        label = sb_sub(h, sb_mul(h, sb_num(h, fit->scale), label), sb_num(h, fit->low));
    e = i == 0 ? label : sb_mul(h, label, e);
    if (fit->access == SB_VSTAT)
        e = sb_mul(h, sb_num(h, 0.5), sb_add(h, sb_num(h, 1), e));
    return e;
}

/* An answer, as one about E[label feature]. The coordinates have mean 0, which CSQ makes use of. */
static double scaled_back(const struct fit *fit, uint64_t i, double answer)
{
    if (fit->access == SB_VSTAT)
        return 2 * answer - 1;
    if (fit->access == SB_CSQ)
        return fit->scale * answer - (i == 0 ? fit->low : 0);
    return answer;
}

static int32_t ask_all(struct fit *fit)
{
    const struct sb_host *h = fit->h;
    int32_t end;

    for (uint64_t i = 0; i < fit->n; i++)
        fit->q[i] = (struct sb_query){ .expr = query(fit, i), .access = fit->access };
    end = h->ask(h->self, fit->q, fit->n, sizeof *fit->q, fit->value, fit->status);
    if (end == SB_STOP)
        return end;
    if (end != SB_OK && end != SB_BUDGET)
        return fail(h->message(h->self));
    for (uint64_t i = 0; i < fit->n; i++)
        fit->value[i] = fit->status[i] == SB_OK ? scaled_back(fit, i, fit->value[i]) : 0;
    return 0;
}

/* r(t), t >= 0: every term is the one before times t^2/(2k+1). */
static double bias_ratio(double t)
{
    double term = t, sum = t;

    for (int odd = 3; term > sum * 0x1p-60; odd += 2) {
        term = term * (t * t) / odd;
        sum += term;
    }
    return sum;
}

/* The s with r(s) = ratio: r is odd and increases. */
static double threshold(double ratio)
{
    const double size = fabs(ratio);
    double lo = 0, hi = FAR;

    for (int step = 0; step < 64; step++) {
        const double middle = (lo + hi) / 2;

        if (bias_ratio(middle) < size)
            lo = middle;
        else
            hi = middle;
    }
    return ratio < 0 ? -lo : lo;
}

/* v becomes u; returns |v|. Where v is 0 there is no direction, and u stays 0. */
static double normalize(double *v, uint32_t n)
{
    double square = 0, norm;

    for (uint32_t j = 0; j < n; j++)
        square += v[j] * v[j];
    norm = sqrt(square);
    for (uint32_t j = 0; j < n && norm > 0; j++)
        v[j] /= norm;
    return norm;
}

/* <u,x> - s; on the cube <u,s> = (sum of u) - 2 <u,x>. */
static sb_expr margin(const struct fit *fit, double *u, double s)
{
    const uint32_t d = fit->facts->dim;
    double sum = 0;

    for (uint32_t j = 0; j < d && fit->facts->domain == SB_CUBE; j++) {
        sum += u[j];
        u[j] *= -2;
    }
    return sb_sub(fit->h, sb_op0(fit->h, SB_DOT, u, d), sb_num(fit->h, s - sum));
}

static int32_t predict(const struct fit *fit)
{
    const struct sb_host *h = fit->h;
    const double *label = fit->facts->label_set, m = fit->value[0];
    double *v = fit->value + 1;
    const double norm = normalize(v, fit->facts->dim) * fit->clip;
    const double s = norm > 0 ? threshold(-m / norm) : m < 0 ? FAR : -FAR;
    const sb_expr above = sb_step(h, margin(fit, v, s));

    return h->predict_expr(
        h->self, sb_add(h, sb_num(h, label[0]), sb_mul(h, sb_num(h, label[1] - label[0]), above)));
}

/* A label independent of x is within tau of 0 at every coordinate. */
static int32_t distinguish(const struct fit *fit)
{
    const double granted = fit->h->tolerance(fit->h->self, fit->access);
    double tau = granted;
    int beyond = 0;

    if (fit->access == SB_VSTAT)
        tau = granted < 4 ? 2 / granted : 1 / sqrt(granted);
    if (fit->access == SB_CSQ)
        tau *= fit->scale;
    tau *= 1 + 1e-9; /* a hair for the rounding of answers */
    for (uint64_t i = 1; i < fit->n; i++)
        beyond |= fabs(fit->value[i]) > tau;
    return fit->h->verdict(fit->h->self, beyond);
}

static int32_t conclude(const struct fit *fit)
{
    if (fit->facts->goal == SB_DISTINGUISH)
        return distinguish(fit);
    if (fit->facts->goal == SB_PREDICT)
        return predict(fit);
    normalize(fit->value + 1, fit->facts->dim);
    return fit->h->recovered(fit->h->self, fit->value + 1, fit->facts->dim);
}

static int32_t run(const struct sb_host *h, void *self)
{
    struct fit fit = { 0 };
    int32_t end = setup(h, &fit);

    (void)self;
    if (end == 0)
        end = ask_all(&fit);
    if (end == 0)
        end = conclude(&fit);
    fini(&fit);
    return end;
}

static const struct sb_param params[] = { { "clip", SB_REAL, 0, "3", "[1,8]",
                                            "B: coordinates are clipped to [-B,B]; answers cost B "
                                            "tau, clipping costs the less the larger B" },
                                          { NULL, 0, 0, NULL, NULL, NULL } };

SB_LEARNER(
    SB_STAT | SB_VSTAT | SB_CSQ, SB_TWO_LABELS, "halfspace",
    "asks the label's correlation with every coordinate and predicts by the sign of their sum",
    "Chow parameters [Chow61; BFKV98], docs/theorems.md D4", params, NULL, run, NULL);
