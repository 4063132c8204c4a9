/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The law of the sum of ramps. */
#include "numeric/lift_sum.h"

#include "numeric/panels.h"

#include <math.h>
#include <sleef.h>
#include <string.h>

enum { TERMS = SB_LIFT_SUM_TERMS };

/* Convolutions beyond this many add less than 1e-28: C(63,r) 0.29^r / (r-1)!. */
enum { MOST_RAMPS = 24 };

/* p(s): of all ramps, up and down, each running through its values at its own speed. */
static double one_ramp(const struct sb_lift *lift, double s)
{
    double sum = 0;

    for (uint32_t k = 0; k + 1 < lift->setup.q; k++) {
        const struct sb_lift_boundary *b = &lift->boundary[k];
        const double up = b->rl - b->sl, down = b->sh - b->rh;

        sum += lift->setup.marginal->density(b->sl + s * up) * up +
               lift->setup.marginal->density(b->sh - s * down) * down;
    }
    return sum;
}

/* ---- Chebyshev series on [0,1] ---- */

static double chebyshev_node(int i)
{
    return 0.5 + 0.5 * Sleef_cinz_cosd1_u10purec(3.14159265358979323846 * (i + 0.5) / TERMS);
}

/* From values at the nodes. */
static void series_of(const double *value, double *coef)
{
    memset(coef, 0, TERMS * sizeof *coef);
    for (int i = 0; i < TERMS; i++) {
        const double x = 2 * chebyshev_node(i) - 1;
        double before = 1, now = x;

        coef[0] += value[i] / TERMS;
        for (int k = 1; k < TERMS; k++) {
            const double next = 2 * x * now - before;

            coef[k] += 2 * value[i] * now / TERMS;
            before = now;
            now = next;
        }
    }
}

static double series_at(const double *coef, double s)
{
    const double x = 2 * s - 1;
    double b1 = 0, b2 = 0;

    for (int k = TERMS - 1; k > 0; k--) {
        const double b = 2 * x * b1 - b2 + coef[k];

        b2 = b1;
        b1 = b;
    }
    return x * b1 - b2 + coef[0];
}

static double power(double base, uint32_t n)
{
    double product = 1;

    for (uint32_t i = 0; i < n; i++)
        product *= base;
    return product;
}

/* p^(*(r+1))(s) / s^r from p^(*r)(s) / s^(r-1), both as series: int_0^1 t^(r-1) before(s t) p(s (1 - t)) dt. */
static void convolve(const double *p, const double *before, uint32_t r, double *after)
{
    double value[TERMS];

    for (int i = 0; i < TERMS; i++) {
        const double s = chebyshev_node(i);

        value[i] = 0;
        for (int k = 0; k < SB_RULE_NODES; k++) {
            const double t = 0.5 + 0.5 * sb_rule_node(k);

            value[i] += 0.5 * sb_rule_weight(k) * power(t, r - 1) * series_at(before, s * t) *
                        series_at(p, s * (1 - t));
        }
    }
    series_of(value, after);
}

/* Terms that are rounding alone: off [0,1] they would be made large. */
static void trim(double *coef)
{
    double most = 0;

    for (int k = 0; k < TERMS; k++)
        most = fabs(coef[k]) > most ? fabs(coef[k]) : most;
    for (int k = TERMS - 1; k > 0 && fabs(coef[k]) <= 1e-15 * most; k--)
        coef[k] = 0;
}

void sb_lift_sum_init(const struct sb_lift *lift, uint32_t n, uint32_t most,
                      struct sb_lift_sum *out)
{
    const double outside = 1 - 2 * lift->rho;
    double p[TERMS], now[TERMS], next[TERMS], value[TERMS] = { 0 }, binomial = 1;

    for (int i = 0; i < TERMS; i++)
        next[i] = one_ramp(lift, chebyshev_node(i));
    series_of(next, p);
    memcpy(now, p, sizeof now);
    most = most < n ? most : n;
    for (uint32_t r = 1; r <= most && r <= MOST_RAMPS; r++) {
        binomial = binomial * (n - r + 1) / r;
        for (int i = 0; i < TERMS; i++) {
            const double s = chebyshev_node(i);

            value[i] += binomial * power(outside, n - r) * power(s, r - 1) * series_at(now, s);
        }
        if (r < most)
            convolve(p, now, r, next);
        memcpy(now, next, sizeof now);
    }
    out->none = power(outside, n);
    series_of(value, out->coef);
    trim(out->coef);
}

bool sb_lift_sum_has_density(const struct sb_lift_sum *sum)
{
    bool any = false;

    for (int k = 0; k < TERMS; k++)
        any |= sum->coef[k] != 0;
    return any;
}

double sb_lift_sum_density(const struct sb_lift_sum *sum, double s)
{
    const double density = series_at(sum->coef, s);

    return density > 0 ? density : 0;
}

/* |T_k| <= rho^k on the ellipse of parameter rho, in which all points with |x| <= (rho + 1/rho)/2 but those beside
 * the real line are: with rho = |x| + sqrt(x^2 + 1) the disc |x| is within it. */
double sb_lift_sum_on_disc(const struct sb_lift_sum *sum, double centre, double radius)
{
    const double x = fabs(2 * centre - 1) + 2 * radius, rho = x + sqrt(x * x + 1);
    double total = 0, power = 1;

    for (int k = 0; k < TERMS; k++, power *= rho)
        total += fabs(sum->coef[k]) * power;
    return total;
}

/* ---- lifted values ---- */

double sb_lift_of(const struct sb_lift *lift, double v, double s)
{
    if (lift->setup.kind == SB_LIFT_DV)
        return v > s ? v - s : 0;
    return v * sb_lift_profile(lift, s);
}

/* int over [from, to] of y^2 or 1 against the density */
static double integral(const struct sb_lift *lift, const struct sb_lift_sum *sum, double v,
                       double from, double to, bool square)
{
    double total = 0;

    for (int k = 0; k < SB_RULE_NODES; k++) {
        const double s = from + (to - from) * (0.5 + 0.5 * sb_rule_node(k));
        const double y = sb_lift_of(lift, v, s);

        total += sb_rule_weight(k) * (square ? y * y : 1) * sb_lift_sum_density(sum, s);
    }
    return total * (to - from) / 2;
}

/* Where g has its kink. */
static double corner(const struct sb_lift *lift, double v)
{
    if (lift->setup.kind == SB_LIFT_DV)
        return v;
    return lift->setup.profile == SB_LIFT_EDGE ? 1 / (double)lift->setup.dim : 1;
}

double sb_lift_square(const struct sb_lift *lift, const struct sb_lift_sum *sum, double v)
{
    const double at_zero = sb_lift_of(lift, v, 0), at = corner(lift, v);

    return sum->none * at_zero * at_zero + integral(lift, sum, v, 0, at, true) +
           integral(lift, sum, v, at, 1, true);
}

double sb_lift_support(const struct sb_lift *lift, const struct sb_lift_sum *sum)
{
    return (sb_lift_of(lift, 1, 0) > 0 ? sum->none : 0) + integral(lift, sum, 1, 0, 1, false);
}
