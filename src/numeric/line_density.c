/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Densities and distribution functions of mixtures on the line, in closed form [moments.md 3], and their draws. */
#include "base/memory.h"
#include "numeric/kernels.h"
#include "numeric/line_parts.h"
#include "numeric/marginal.h"

#include <sleef.h>
#include <string.h>

#define ROOT_2PI 0x1.40d931ff62706p+1

enum { DRAWS = 1024 };
/* Where the uniforms that choose components begin. */
static const uint64_t CHOICES = UINT64_C(1) << 60;

typedef void terms(const struct sb_line_points *at, double *out);
typedef void series(const struct sb_line_series *at, double *out);

static terms *const terms_variant[SB_ISAS] = SB_ISA_TABLE(sb_line_terms);
static series *const series_variant[SB_ISAS] = SB_ISA_TABLE(sb_line_sum);

double sb_line_narrowest(const struct sb_line *line, struct sb_tilt at)
{
    const double variance = sb_line_variance(line, at);
    double least = INFINITY;

    for (size_t k = 0; k < line->n_terms; k++) {
        const double slope = sb_line_whole(&line->term[k]) ? at.rho * line->term[k].slope : 0;

        if (slope * slope + variance < least)
            least = slope * slope + variance;
    }
    return least;
}

double sb_line_farthest(const struct sb_line_piece *p, double rho)
{
    const bool bell = p->slope == 0 || sb_line_whole(p);
    const double lo = bell ? p->offset : p->offset + p->slope * p->lo;
    const double hi = bell ? p->offset : p->offset + p->slope * p->hi;

    return fabs(rho) * (fabs(lo) > fabs(hi) ? fabs(lo) : fabs(hi));
}

void sb_line_by_terms(const struct sb_line *line, struct sb_tilt at, size_t n, const double *t,
                      double *out)
{
    const struct sb_line_points points = { line->term, line->n_terms,
                                           at.rho,     sb_line_variance(line, at),
                                           n,          t };

    terms_variant[sb_isa()](&points, out);
}

void sb_line_by_series(size_t n_a, const double *a, size_t n, const double *t, double *out)
{
    const struct sb_line_series at = { a, n_a, n, t, false };

    series_variant[sb_isa()](&at, out);
}

void sb_line_ratio_sum(size_t n_a, const double *a, size_t n, const double *t, double *out)
{
    const struct sb_line_series at = { a, n_a, n, t, true };

    series_variant[sb_isa()](&at, out);
}

void sb_line_density(const struct sb_line *line, double rho, size_t n, const double *t, double *out)
{
    if (line->stated.density && !sb_line_is_fine(line, sb_tilt_of(rho)))
        sb_line_near_density(line, rho, n, t, out);
    else
        sb_line_by_terms(line, sb_tilt_of(rho), n, t, out);
}

void sb_line_ratio(const struct sb_line *line, size_t n, const double *t, double *out)
{
    sb_line_density(line, 1, n, t, out);
    for (size_t i = 0; i < n; i++) {
        /* in two steps, so that neither is too large */
        const double half = Sleef_cinz_expd1_u10purec(t[i] * t[i] / 4);
        const double ratio = out[i] * half * half * ROOT_2PI;

        out[i] = ratio < line->ratio_ub ? ratio : line->ratio_ub;
    }
}

/* The distribution function */

/* int_lo^hi phi(z) Phi((t - o - B z)/b) dz. Beyond 9 widths b/|B| of where the argument is 0, Phi is 0 or 1. */
static double ramp_cdf(double lo, double hi, double gap, double slope, double noise)
{
    const double zero = gap / slope, width = 9 * noise / fabs(slope);
    const double from = zero - width > lo ? zero - width : lo;
    const double to = zero + width < hi ? zero + width : hi;
    double sum = 0;

    if (slope > 0 ? from > lo : to < hi)
        sum = slope > 0 ? sb_line_mass(lo, from < hi ? from : hi)
                        : sb_line_mass(to > lo ? to : lo, hi);
    if (from < to && noise > 0) {
        const double step = width / 4.5 < 1 ? width / 4.5 : 1;
        const int n = 1 + (int)((to - from) / step);
        const double half = (to - from) / n / 2;

        for (int i = 0; i < n * SB_RULE_NODES; i++) {
            const double z =
                from + half * (2 * (i / SB_RULE_NODES) + 1 + sb_rule_node(i % SB_RULE_NODES));

            sum += half * sb_rule_weight(i % SB_RULE_NODES) / ROOT_2PI *
                   Sleef_cinz_expd1_u10purec(-z * z / 2) * sb_gauss_cdf((gap - slope * z) / noise);
        }
    }
    return sum;
}

double sb_line_cdf(const struct sb_line *line, double rho, double t)
{
    const double variance = sb_line_variance(line, sb_tilt_of(rho));
    double sum = 0;

    if (line->stated.density)
        return sb_line_stated_cdf(line, rho, t);
    for (size_t k = 0; k < line->n_terms; k++) {
        const struct sb_line_piece *p = &line->term[k];
        const double slope = rho * p->slope, gap = t - rho * p->offset;
        const double wide = sqrt(slope * slope + variance);

        if (slope != 0 && !sb_line_whole(p))
            sum += p->weight * ramp_cdf(p->lo, p->hi, gap, slope, sqrt(variance));
        else if (wide > 0)
            sum += p->mass * sb_gauss_cdf(gap / wide);
        else
            sum += gap >= 0 ? p->mass : 0;
    }
    return sum < 1 ? sum : 1;
}

/* Draws */

/* The first of n increasing numbers that is above u; n - 1 where none is. */
static size_t first_above(const double *number, size_t n, size_t stride, double u)
{
    size_t from = 0;

    while (n > 1) {
        const size_t half = n / 2;

        from = number[(from + half - 1) * stride] > u ? from : from + half;
        n -= half;
    }
    return from;
}

static double draw(const struct sb_line *line, double u, double z, double g)
{
    const size_t c = first_above(line->weight_up_to, line->n_components, 1, u);
    const struct sb_line_piece *piece = line->piece + line->first[c];
    const size_t n = line->first[c + 1] - line->first[c];

    piece += first_above(&piece->hi, n, sizeof *piece / sizeof(double), z);
    return piece->offset + piece->slope * z + line->noise * g;
}

void sb_line_draw(const struct sb_line *line, struct sb_key key, uint64_t stream, uint64_t start,
                  uint64_t n, double *out)
{
    double gauss[2 * DRAWS], choice[DRAWS] = { 0 };

    if (line->stated.density) {
        line->stated.draw(line->stated.self, key, stream, start, n, out);
        return;
    }
    sb_random_gauss(key, stream, 2 * start, 2 * n, gauss);
    if (line->n_components > 1)
        sb_random_uniform(key, stream, CHOICES + start, n, choice);
    for (uint64_t i = 0; i < n; i++)
        out[i] = draw(line, choice[i], gauss[2 * i], gauss[2 * i + 1]);
}
