/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Low-degree likelihood ratio: n examples, v uniform on the sphere, polynomials of total degree D. With t = <v,v'> the
 * squared norm of its projection is
 *     L^2 = sum_{k<=D} [z^k] (1 + sum_j c_j^2 z^j)^n  E t^k,   E t^(2i) = prod_{l<i} (2l+1)/(d+2l),   E t^(2i+1) = 0
 * That low-degree polynomials fail is no proof that anything else does: an estimate. n = 1/g is the m of
 * SDA(m), the threshold on correlations being 1/m. [BBHLS21] ties both: with (l,k) counting the degree in each example
 * and the examples, k even, delta the norm of what is of degree above l,
 *     (l,k)-LDLR_m - 1 <= eps   implies   SDA(m/(q^(2/k) (k eps^(2/k) + delta^(2/k) m))) >= q for all q,
 *     SDA(m') >= 100^k (m/m')^k for all m' >= m   implies   (inf,k)-LDLR_m^2 - 1 <= 1,
 * stated here at k = 2 and l = infinity (delta = 0): eps^2 = m E chi + m(m-1)/2 E chi^2. The second's SDA is taken over
 * events of pairs, from below: 1/sqrt(a), gbar(a) = 1/m' (sphere.c).
 *
 * Powers of series by squaring: all coefficients are at least 0, nothing cancels. z is scaled, so that nothing
 * overflows. */
#include "bounds/overlap.h"

#include "bounds/bounds.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { MOST = 256, K = 2 };

static bool is_hidden_direction(const struct sb_bound_setting *s)
{
    return s->line != NULL;
}

/* a[0..MOST] times b, in a. */
static void multiply(double *a, const double *b)
{
    double out[MOST + 1] = { 0 };

    for (int i = 0; i <= MOST; i++)
        for (int j = 0; i + j <= MOST && a[i] > 0; j++)
            out[i + j] += a[i] * b[j];
    memcpy(a, out, sizeof out);
}

static void power(const double *series, double n, double *out)
{
    double square[MOST + 1];

    memcpy(square, series, sizeof square);
    memset(out, 0, (MOST + 1) * sizeof *out);
    out[0] = 1;
    for (double left = n; left >= 1; left = floor(left / 2)) {
        if (fmod(left, 2) > 0)
            multiply(out, square);
        multiply(square, square);
    }
}

/* E t^k for k = 0 .. MOST, as logarithms. */
static void find_moments(double d, double *log_moment)
{
    log_moment[0] = 0;
    log_moment[1] = -INFINITY;
    for (int k = 2; k <= MOST; k++)
        log_moment[k] = log_moment[k - 2] + log((k - 1) / (d + k - 2));
}

/* advantage[D] = L^2 - 1 at degree D, for all D <= MOST. */
static void low_degree(const double *square, double n, double d, double *advantage)
{
    double scaled[MOST + 1] = { 1 }, of_power[MOST + 1], log_moment[MOST + 1], scale = 1;

    for (int k = 1; k <= MOST; k++)
        if (square[k] > 0)
            scale = fmin(scale, pow(n * square[k], -1.0 / k));
    for (int k = 1; k <= MOST; k++)
        scaled[k] = square[k] * pow(scale, k);
    power(scaled, n, of_power);
    find_moments(d, log_moment);
    advantage[0] = 0;
    for (int k = 1; k <= MOST; k++)
        advantage[k] =
            advantage[k - 1] +
            (of_power[k] > 0 ? exp(log(of_power[k]) + log_moment[k] - k * log(scale)) : 0);
}

/* E chi(t)^j over the sphere for j = 1, 2, by the line's own coefficients. */
static void find_means(const double *square, double d, double *mean, double *mean_square)
{
    double product[MOST + 1], log_moment[MOST + 1];

    memcpy(product, square, sizeof product);
    multiply(product, square);
    find_moments(d, log_moment);
    *mean = *mean_square = 0;
    for (int k = 1; k <= MOST; k++) {
        *mean += square[k] * exp(log_moment[k]);
        *mean_square += product[k] * exp(log_moment[k]);
    }
}

/* Is SDA(m') >= 100^K (m/m')^K for all m' >= m? From 100 m on nothing is asked for; between, on a grid, each time of
 * both ends the worse one. */
static bool implies_low_degree(const struct sb_bound_setting *s, double m)
{
    const int steps = 24;
    const double ratio = pow(100, 1.0 / steps);

    for (int i = 0; i < steps; i++) {
        struct sb_overlap o;

        if (sb_overlap_solve(s->line, s->hidden_dim, 1 / (m * pow(ratio, i + 1)), &o) ||
            1 / sqrt(o.share) < pow(100, K) * pow(ratio, -K * i))
            return false;
    }
    return true;
}

static void say(bool implied, double m, int degree, double advantage, double epsilon,
                struct sb_measure *out)
{
    snprintf(
        out->unmet, sizeof out->unmet,
        "an estimate, never a proof: degree %d has L^2 - 1 = %.4g for n = %.6g examples. [BBHLS21] "
        "at k = 2: eps = %.4g, and so SDA(n/(2 q eps)) >= q, of SDA(n) q = %.4g; the other way, "
        "SDA(n') >= 100^2 (n/n')^2 for all n' >= n is %s, which %s (inf,2)-LDLR^2 - 1 <= 1",
        degree, advantage, m, epsilon, 1 / (2 * epsilon), implied ? "met" : "not met",
        implied ? "implies" : "would imply");
}

static void measure(const struct sb_bound_setting *s, double g, struct sb_measure *out)
{
    const double m = floor(fmin(1 / g, 0x1p50)), d = s->hidden_dim;
    double advantage[MOST + 1], mean, mean_square, epsilon;
    struct sb_chi chi;
    int at, most = 0;

    if (m < 2 || sb_chi_init(&chi, s->line, false)) {
        snprintf(out->unmet, sizeof out->unmet, "1/g = %.3g examples: fewer than two", 1 / g);
        return;
    }
    low_degree(chi.square, m, d, advantage);
    find_means(chi.square, d, &mean, &mean_square);
    sb_chi_fini(&chi);
    while (most < MOST && advantage[most + 1] <= 1)
        most++;
    at = (int)fmin(MOST, fmax(s->line->matched + 1, ceil(2 * log(m))));
    epsilon = sqrt(m * mean + m * (m - 1) / 2 * mean_square);
    out->estimate = true;
    out->value = advantage[at];
    snprintf(
        out->constants, sizeof out->constants,
        "n = 1/g = %.6g examples, degree D = %d (m + 1 or 2 ln n, the larger); L^2 - 1 <= 1 up to "
        "D = %d%s",
        m, at, most, most == MOST ? ", as far as was looked" : "");
    say(implies_low_degree(s, m), m, at, advantage[at], epsilon, out);
}

const struct sb_bound_class sb_bound_low_degree = {
    .name = "low-degree",
    .summary = "advantage of polynomials of degree D on 1/g examples, and what it implies of SDA",
    .theorem = "[BBHLS21] low-degree likelihood ratio, docs/theorems.md C11",
    .value_name = "L^2 - 1",
    .definition =
        "the squared norm of the likelihood ratio's part of degree 1 to D, n = 1/g examples, v "
        "uniform on the sphere",
    .regime = "a hidden direction, uniform on the sphere; an estimate, never a proof",
    .concerns = is_hidden_direction,
    .measure = measure,
};
