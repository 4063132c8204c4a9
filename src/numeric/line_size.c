/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is worked out once of a mixture on the line: Hermite coefficients, chi^2, the coefficients' tail, and the most
 * that the density is over the Gaussian's. */
#include "numeric/line_parts.h"
#include "numeric/sum.h"

#include <sleef.h>

#define ROOT_2PI 0x1.40d931ff62706p+1
#define LOG_ROOT_2PI 0x1.d67f1c864beb5p-1

enum {
    MOST_PANELS = 1 << 17,
    MOST_CELLS = 1 << 16,
    AT_ONCE = 960, /* points; a multiple of SB_RULE_NODES */
};
/* e^(x^2/2) has no end for doubles much beyond it. */
static const double FAR = 36;

static double exp_of(double a)
{
    return Sleef_cinz_expd1_u10purec(a);
}

static double log_of(double a)
{
    return Sleef_cinz_logd1_u10purec(a);
}

static double most_of(double a, double b)
{
    return a > b ? a : b;
}

static double least_of(double a, double b)
{
    return a < b ? a : b;
}

/* Coefficients */

struct expansion {
    struct sb_sum sum[SB_LINE_COEFFICIENTS];
    double absolute[SB_LINE_COEFFICIENTS];
};

/* E h_k(y + s g) of all k, times weight: e_{k+1} = (y e_k - (1 - s^2) sqrt(k) e_{k-1})/sqrt(k+1). */
static void expand_at(struct expansion *x, double y, double variance, double weight)
{
    double last = 0, e = 1;

    for (int k = 0; k < SB_LINE_COEFFICIENTS; k++) {
        const double next = (y * e - (1 - variance) * sqrt((double)k) * last) / sqrt(k + 1.0);

        sb_sum_add(&x->sum[k], weight * e);
        x->absolute[k] += fabs(weight * e);
        last = e;
        e = next;
    }
}

/* Panels on which z and X move by at most 1/2: h_k waves at most 16 times a unit. */
static void expand_ramp(struct expansion *x, const struct sb_line_piece *p, double variance)
{
    const double length = p->hi - p->lo;
    const int n = 1 + (int)(2 * length) + (int)(2 * fabs(p->slope) * length);
    const double half = length / n / 2;

    for (int i = 0; i < n * SB_RULE_NODES; i++) {
        const double z =
            p->lo + half * (2 * (i / SB_RULE_NODES) + 1 + sb_rule_node(i % SB_RULE_NODES));
        const double mass =
            half * sb_rule_weight(i % SB_RULE_NODES) / ROOT_2PI * exp_of(-z * z / 2);

        expand_at(x, p->offset + p->slope * z, variance, p->weight * mass);
    }
}

void sb_line_expand(struct sb_line *line)
{
    const double variance = line->noise * line->noise;
    struct expansion x = { 0 };
    double most = 0;

    for (size_t k = 0; k < line->n_terms; k++) {
        const struct sb_line_piece *p = &line->term[k];

        if (p->slope == 0 || sb_line_whole(p))
            expand_at(&x, p->offset, p->slope * p->slope + variance, p->mass);
        else
            expand_ramp(&x, p, variance);
    }
    for (int k = 0; k < SB_LINE_COEFFICIENTS; k++) {
        double ignored;

        line->coefficient[k] = sb_sum_value(&x.sum[k], &ignored);
        most = x.absolute[k] > most ? x.absolute[k] : most;
    }
    /* a recurrence of 256 steps, each with a few roundings, of numbers that turn like waves */
    line->coefficient_error = 0x1p-46 * most;
}

/* chi^2 */

/* Of Gaussians about a and b, with variances s and t: int N(x; a, s) N(x; b, t)/phi(x) dx. */
static double square_of_bells(double a, double s, double b, double t)
{
    const double d = s + t - s * t;

    if (!(d > 0))
        return INFINITY;
    return exp_of((a * a * t + b * b * s - (a - b) * (a - b)) / (2 * d)) / sqrt(d);
}

static double closed_square(const struct sb_line *line, double rho, double sign)
{
    const double variance = sb_line_variance(line, sb_tilt_of(rho));
    struct sb_sum sum = { 0 };
    double ignored;

    for (size_t i = 0; i < line->n_terms; i++)
        for (size_t k = 0; k < line->n_terms; k++) {
            const struct sb_line_piece *p = &line->term[i], *q = &line->term[k];

            sb_sum_add(&sum, p->mass * q->mass *
                                 square_of_bells(rho * p->offset,
                                                 rho * rho * p->slope * p->slope + variance,
                                                 sign * rho * q->offset,
                                                 rho * rho * q->slope * q->slope + variance));
        }
    return sb_sum_value(&sum, &ignored);
}

/* Beyond how much of |x| the square of a term is next to nothing: N(x; y, S^2)^2/phi(x) is a Gaussian about
 * 2 y/(2 - S^2) of variance S^2/(2 - S^2). */
static double square_reach(const struct sb_line_piece *p, double rho, double variance)
{
    const double slope = sb_line_whole(p) ? rho * p->slope : 0;
    const double s = slope * slope + variance;

    return s < 2 ? 2 * sb_line_farthest(p, rho) / (2 - s) + 10 * sqrt(s / (2 - s)) : INFINITY;
}

static void add_square(const struct sb_line *line, double rho, double sign, double half, size_t n,
                       const double *t, struct sb_sum *sum)
{
    double a[AT_ONCE], b[AT_ONCE], mirrored[AT_ONCE];

    for (size_t i = 0; i < n; i++)
        mirrored[i] = sign * t[i];
    sb_line_by_terms(line, sb_tilt_of(rho), n, t, a);
    sb_line_by_terms(line, sb_tilt_of(rho), n, mirrored, b);
    for (size_t i = 0; i < n; i++) {
        const double large = exp_of(t[i] * t[i] / 2) * ROOT_2PI;

        sb_sum_add(sum, half * sb_rule_weight((int)(i % SB_RULE_NODES)) * a[i] * large * b[i]);
    }
}

static double integrated_square(const struct sb_line *line, double rho, double sign)
{
    const struct sb_tilt at = sb_tilt_of(rho);
    const double variance = sb_line_variance(line, at), width = sqrt(sb_line_narrowest(line, at));
    const double length = width < 0.25 ? 2 * width : 0.5;
    struct sb_sum sum = { 0 };
    double reach = 0, t[AT_ONCE], ignored;
    size_t n, held = 0;

    for (size_t k = 0; k < line->n_terms; k++)
        reach = most_of(reach, square_reach(&line->term[k], rho, variance));
    if (!(reach <= FAR) || !(reach / length <= MOST_PANELS / 2))
        return INFINITY;
    n = 1 + (size_t)(2 * reach / length);
    for (size_t i = 0; i < n * SB_RULE_NODES; i++) {
        const double middle = 2 * (double)(i / SB_RULE_NODES) + 1;

        t[held++] = reach / (double)n * (middle + sb_rule_node((int)(i % SB_RULE_NODES))) - reach;
        if (held == AT_ONCE || i + 1 == n * SB_RULE_NODES) {
            add_square(line, rho, sign, reach / (double)n, held, t, &sum);
            held = 0;
        }
    }
    return sb_sum_value(&sum, &ignored);
}

static bool all_bells(const struct sb_line *line)
{
    for (size_t k = 0; k < line->n_terms; k++)
        if (line->term[k].slope != 0 && !sb_line_whole(&line->term[k]))
            return false;
    return true;
}

double sb_line_square(const struct sb_line *line, double rho, double sign)
{
    if (line->stated.density)
        return rho == 1 && sign == 1 ? 1 + line->chi2 : INFINITY;
    if (!(sb_line_narrowest(line, sb_tilt_of(rho)) > 0))
        return INFINITY;
    return all_bells(line) ? closed_square(line, rho, sign) : integrated_square(line, rho, sign);
}

/* Rounded up. */
static double chi2_ub(const struct sb_line *line, double rho)
{
    const double square = sb_line_square(line, rho, 1);

    return square < 1e300 ? square * (1 + 1e-13) - 1 : INFINITY;
}

/* At least sum of c_k^2 over 1 <= k < SB_LINE_COEFFICIENTS, and at most that: *lb. */
static double known_squares(const struct sb_line *line, double *lb)
{
    double ub = 0;

    *lb = 0;
    for (int k = 1; k < SB_LINE_COEFFICIENTS; k++) {
        const double c = fabs(line->coefficient[k]);
        const double least = most_of(c - line->coefficient_error, 0);
        const double most = c == 0 ? 0 : c + line->coefficient_error;

        *lb += least * least * (1 - 0x1p-44);
        ub += most * most * (1 + 0x1p-44);
    }
    return ub;
}

/* The sum over the others, at most: X is U_{1/r} of a law X' with less noise, c_k(X) = r^-k c_k(X'), so that it is
 * at most r^(-2 SB_LINE_COEFFICIENTS) chi^2(X'). */
static double smooth_tail(const struct sb_line *line)
{
    const double narrow = sb_line_narrowest(line, sb_tilt_of(1));
    double least = INFINITY, kept = narrow; /* of the noise */

    for (int i = 0; i < 3 && narrow < 1 + 1e-3; i++) {
        const double ratio = fabs(1 - narrow) < 1e-3 ? 4 : (1 - (kept /= 4)) / (1 - narrow);
        const double r2 = least_of(4, ratio);

        least = least_of(least, chi2_ub(line, sqrt(r2)) *
                                    exp_of(-SB_LINE_COEFFICIENTS * log_of(r2)) * (1 + 1e-9));
    }
    return least;
}

/* Each of the two is at most the sum of the coefficients' squares that there are, and what is known of the other. */
static void chi2_and_tail(struct sb_line *line)
{
    const double whole = chi2_ub(line, 1);
    double lb, ub = known_squares(line, &lb), tail;

    line->chi2 = whole;
    line->tail2 = INFINITY;
    if (!(whole < 1e300))
        return;
    tail = smooth_tail(line);
    line->chi2 = least_of(whole, (ub + tail) * (1 + 0x1p-50));
    line->tail2 = least_of(tail, most_of(whole - lb, 0) * (1 + 0x1p-50));
}

/* The ratio */

/* Beyond |x| = this the ratio of a term decreases; infinity where it has no end. */
static double peak_of(const struct sb_line_piece *p, double noise_squared)
{
    const double s = noise_squared + (sb_line_whole(p) ? p->slope * p->slope : 0);
    const double y = sb_line_farthest(p, 1);

    if (s < 1)
        return y / (1 - s);
    return s > 1 || y > 0 ? INFINITY : 0;
}

/* ln of the ratio at n points. Below 1e-300 it is taken for that, which only makes the bound larger. */
static void log_ratio(const struct sb_line *line, size_t n, const double *t, double *out)
{
    sb_line_by_terms(line, sb_tilt_of(1), n, t, out);
    for (size_t i = 0; i < n; i++)
        out[i] = log_of(out[i] > 1e-300 ? out[i] : 1e-300) + t[i] * t[i] / 2 + LOG_ROOT_2PI;
}

/* A is a mixture of N(y, v), v the narrowest variance, and so ln(A/phi) + k x^2/2, k = 1/v - 1, is convex: on a cell of
 * length d it is below its chord, and ln(A/phi) at share s of the cell below the chord of its ends plus
 * k d^2 s (1 - s)/2. The most of that parabola: */
static double most_in_cell(double at_from, double at_to, double bulge)
{
    const double rise = at_to - at_from;
    const double s = bulge > 0 ? least_of(most_of((bulge + rise) / (2 * bulge), 0), 1) : 0;
    const double inside = at_from + s * rise + bulge * s * (1 - s);

    return most_of(inside, most_of(at_from, at_to));
}

/* Cells up to where the ratio only decreases. */
static double ratio_ub(const struct sb_line *line)
{
    const double narrow = sb_line_narrowest(line, sb_tilt_of(1)), k = 1 / narrow - 1;
    double reach = 0, t[AT_ONCE], at[AT_ONCE], most = -INFINITY, before = 0, cell;
    size_t n;

    for (size_t i = 0; i < line->n_terms; i++)
        reach = most_of(reach, peak_of(&line->term[i], line->noise * line->noise));
    if (!(narrow > 0) || !(reach <= FAR))
        return INFINITY;
    n = 2 + (size_t)least_of(MOST_CELLS, 2 * reach * sqrt(most_of(k, 0)) / 0.09);
    cell = 2 * reach / (double)n;
    for (size_t i = 0; i <= n; i += AT_ONCE) {
        const size_t some = n + 1 - i < AT_ONCE ? n + 1 - i : AT_ONCE;

        for (size_t j = 0; j < some; j++)
            t[j] = cell * (double)(i + j) - reach;
        log_ratio(line, some, t, at);
        for (size_t j = 0; j < some; j++) {
            most = most_of(
                most, i + j ? most_in_cell(before, at[j], most_of(k, 0) * cell * cell / 2) : at[j]);
            before = at[j];
        }
    }
    return exp_of(most) * (1 + 1e-9);
}

void sb_line_measure_size(struct sb_line *line)
{
    chi2_and_tail(line);
    line->ratio_ub = line->chi2 < 1e300 ? ratio_ub(line) : INFINITY;
}
