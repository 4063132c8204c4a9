/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Distances of laws on the line. */
#include "numeric/line_distance.h"

#include "base/memory.h"
#include "numeric/line_parts.h"
#include "numeric/marginal.h"
#include "numeric/sum.h"

#include <sleef.h>

#define ROOT_2PI 0x1.40d931ff62706p+1
#define TWO_PI 0x1.921fb54442d18p+2

/* int |g| over intervals, g smooth: where g changes its sign the interval is halved, until what is left is
 * as short as that it does not matter. */
struct difference {
    const struct sb_line *a, *b; /* NULL: N(0,1) */
    void (*at)(const struct difference *d, size_t n, const double *t, double *out);
};

static const double shortest = 1e-6;

static double absolute_between(const struct difference *d, double from, double to)
{
    const double half = (to - from) / 2;
    double t[SB_RULE_NODES + 2], g[SB_RULE_NODES + 2], sum = 0;
    bool above = false, below = false;

    t[SB_RULE_NODES] = from;
    t[SB_RULE_NODES + 1] = to;
    for (int i = 0; i < SB_RULE_NODES; i++)
        t[i] = from + half * (1 + sb_rule_node(i));
    d->at(d, SB_RULE_NODES + 2, t, g);
    for (int i = 0; i < SB_RULE_NODES + 2; i++) {
        above |= g[i] > 0;
        below |= g[i] < 0;
        sum += i < SB_RULE_NODES ? half * sb_rule_weight(i) * fabs(g[i]) : 0;
    }
    if (!(above && below) || half < shortest)
        return sum;
    return absolute_between(d, from, from + half) + absolute_between(d, from + half, to);
}

/* A stated law's first cut or end after `from`, if before `to`. */
static double next_cut(const struct sb_line *line, double from, double to)
{
    const struct sb_line_stated *of = line && line->stated.density ? &line->stated : NULL;

    for (size_t i = 0; of && i < of->n_cuts + 2; i++) {
        const double c = i < of->n_cuts ? of->cut[i] : i == of->n_cuts ? of->from : of->to;

        to = c > from && c < to ? c : to;
    }
    return to;
}

static double absolute(const struct difference *d, double reach, double step)
{
    double sum = 0, from = -reach;

    while (from < reach) {
        const double to = next_cut(d->b, from, next_cut(d->a, from, from + step));

        sum += absolute_between(d, from, to);
        from = to;
    }
    return sum;
}

static void density_of(const struct sb_line *line, size_t n, const double *t, double *out)
{
    if (line) {
        sb_line_density(line, 1, n, t, out);
        return;
    }
    for (size_t i = 0; i < n; i++)
        out[i] = Sleef_cinz_expd1_u10purec(-t[i] * t[i] / 2) / ROOT_2PI;
}

static void densities(const struct difference *d, size_t n, const double *t, double *out)
{
    double other[SB_RULE_NODES + 2];

    density_of(d->a, n, t, out);
    density_of(d->b, n, t, other);
    for (size_t i = 0; i < n; i++)
        out[i] -= other[i];
}

/* How far a law reaches, and the width of what it is made of. */
static double reach_of(const struct sb_line *line)
{
    return line && sb_line_reach(line, sb_tilt_of(1)) > 10 ? sb_line_reach(line, sb_tilt_of(1))
                                                           : 10;
}

static double width_of(const struct sb_line *line)
{
    const double width = line ? sb_line_width(line) : 1;

    return width < 1 ? width : 1;
}

double sb_line_tv(const struct sb_line *a, const struct sb_line *b)
{
    const struct difference d = { a, b, densities };
    const double reach = reach_of(a) > reach_of(b) ? reach_of(a) : reach_of(b);
    const double width = width_of(a) < width_of(b) ? width_of(a) : width_of(b);

    if ((a && !sb_line_has_density(a)) || (b && !sb_line_has_density(b)))
        return INFINITY;
    return absolute(&d, reach, width) / 2;
}

static bool only_atoms(const struct sb_line *line)
{
    for (size_t k = 0; k < line->n_terms; k++)
        if (line->term[k].slope != 0 || line->noise > 0)
            return false;
    return !line->stated.density;
}

double sb_line_tv_to_gauss(const struct sb_line *line)
{
    return only_atoms(line) ? 1 : sb_line_tv(line, NULL);
}

/* Wasserstein */

static void distributions(const struct difference *d, size_t n, const double *t, double *out)
{
    for (size_t i = 0; i < n; i++)
        out[i] = sb_line_cdf(d->a, 1, t[i]) - sb_gauss_cdf(t[i]);
}

/* F - Phi at the even points of a grid by sums of the densities' difference g, and the integral of its absolute
 * value by the trapezoidal rule, with the ends' derivatives where it has one sign. */
static double wasserstein_of_grid(size_t n, double step, const double *g)
{
    double sum = 0, at = 0;

    for (size_t i = 0; i + 2 < n; i += 2) {
        const double next = at + step / 3 * (g[i] + 4 * g[i + 1] + g[i + 2]);
        const double size = fabs(at) + fabs(next), sign = at + next < 0 ? -1 : 1;

        sum += at * next >= 0 ? step * size + sign * step * step / 3 * (g[i] - g[i + 2])
                              : step * (at * at + next * next) / size;
        at = next;
    }
    return sum;
}

static double smooth_wasserstein(const struct sb_line *line)
{
    const struct difference d = { line, NULL, densities };
    const double reach = reach_of(line), wanted = 128 * reach / width_of(line);
    const size_t n = 2 * (size_t)(wanted < 1e6 ? wanted : 1e6) + 1;
    const double step = 2 * reach / (double)(n - 1);
    double *g SB_FREE = SB_NEW_ARRAY(double, n), t[SB_RULE_NODES];

    for (size_t i = 0; i < n && g; i += SB_RULE_NODES) {
        const size_t some = n - i < SB_RULE_NODES ? n - i : SB_RULE_NODES;

        for (size_t k = 0; k < some; k++)
            t[k] = step * (double)(i + k) - reach;
        d.at(&d, some, t, g + i);
    }
    return g ? wasserstein_of_grid(n, step, g) : INFINITY;
}

/* Without a density F has closed form; atoms make it jump, which halving finds as it does changes of sign. */
double sb_line_wasserstein(const struct sb_line *line)
{
    const struct difference d = { line, NULL, distributions };

    return sb_line_has_density(line) ? smooth_wasserstein(line)
                                     : absolute(&d, reach_of(line), 0.125);
}

/* Pairs */

/* In coordinates x = <v,.>, x' = <v',.> of their plane, s^2 = 1 - t^2, and R the density over the Gaussian's:
 *     TV = (1/(2 s)) int int |R(x) - R(x')| exp(-(x^2 + x'^2 - 2 t x x')/(2 s^2))/(2 pi) dx dx',
 * by the midpoint rule. It misses by step^2/12 times the jump of the derivative wherever |.| has its edge at a point
 * of the grid: on the diagonal, and where R is even on the other one. Elsewhere that averages out. */
static double pair_sum(size_t n, double step, const double *x, const double *ratio, double t)
{
    const double v = (1 - t) * (1 + t);
    struct sb_sum sum = { 0 };
    double ignored;

    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < i; k++) {
            const double q = (x[i] * x[i] + x[k] * x[k] - 2 * t * x[i] * x[k]) / (2 * v);

            if (q < 80)
                sb_sum_add(&sum, fabs(ratio[i] - ratio[k]) * Sleef_cinz_expd1_u10purec(-q));
        }
    return sb_sum_value(&sum, &ignored) * step * step / (TWO_PI * sqrt(v));
}

static double edge_sum(size_t n, double step, const double *x, const double *ratio, double share)
{
    double sum = 0;

    for (size_t i = 1; i + 1 < n; i++)
        sum += fabs(ratio[i + 1] - ratio[i - 1]) * Sleef_cinz_expd1_u10purec(-x[i] * x[i] / share);
    return sum * step * step / (12 * TWO_PI);
}

double sb_line_tv_pair(const struct sb_line *line, double t)
{
    enum { MOST = 4000 };
    const double reach =
        sb_line_reach(line, sb_tilt_of(1)) > 8 ? sb_line_reach(line, sb_tilt_of(1)) : 8;
    const double narrow = width_of(line), s = sqrt((1 - t) * (1 + t));
    const double wanted = 24 * 2 * reach / (narrow < s ? narrow : s);
    const size_t n = wanted < MOST ? (size_t)wanted : MOST;
    const double step = 2 * reach / (double)n;
    double *x SB_FREE = SB_NEW_ARRAY(double, n), *ratio SB_FREE = SB_NEW_ARRAY(double, n);

    if (!x || !ratio || !sb_line_has_density(line))
        return INFINITY;
    for (size_t i = 0; i < n; i++)
        x[i] = reach * (((double)i + 0.5) * 2 / (double)n - 1);
    for (size_t i = 0; i < n; i += SB_PANEL_POINTS)
        sb_line_ratio(line, n - i < SB_PANEL_POINTS ? n - i : SB_PANEL_POINTS, x + i, ratio + i);
    return pair_sum(n, step, x, ratio, t) +
           (edge_sum(n, step, x, ratio, 1 + t) +
            (line->symmetric ? edge_sum(n, step, x, ratio, 1 - t) : 0)) /
               (2 * s);
}

double sb_line_tv_pair_lb(const struct sb_line *line, double t)
{
    double error;
    const double chi = sb_line_chi(line, t * t, &error);

    return sb_line_tv_to_gauss(line) - sqrt(chi + error) / 2;
}
