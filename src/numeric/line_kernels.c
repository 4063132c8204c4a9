/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Densities of laws on the line; compiled once for each instruction set. Each point's sum goes through the terms in
 * their order, whatever stands beside it. */
#include "numeric/kernels.h"
#include "numeric/sleef_lanes.h"

#include <math.h>

#define ROOT_HALF 0x1.6a09e667f3bcdp-1
#define ROOT_2PI 0x1.40d931ff62706p+1

/* Points as vectors, the last one padded. */
static inline sb_doubles load(const double *p, size_t n, size_t i)
{
    sb_doubles v = { 0 };

    memcpy(&v, p + i, (n - i < SB_LANES ? n - i : SB_LANES) * sizeof *p);
    return v;
}

static inline void store(double *p, size_t n, size_t i, sb_doubles v)
{
    memcpy(p + i, &v, (n - i < SB_LANES ? n - i : SB_LANES) * sizeof *p);
}

void SB_ISA_NAME(sb_gauss_densities)(size_t n, const double *t, double *out)
{
    for (size_t i = 0; i < n; i += SB_LANES) {
        const sb_doubles u = load(t, n, i);

        store(out, n, i, 0.3989422804014327 * sb_exp_lanes(-u * u / 2));
    }
}

/* scale exp(-((t - centre)/width)^2/2) */
static inline sb_doubles bell(sb_doubles t, double centre, double width, double scale)
{
    const sb_doubles u = (t - centre) / width;

    return scale * sb_exp_lanes(-0.5 * (u * u));
}

static void add_bell(const struct sb_line_points *at, double centre, double width, double mass,
                     double *out)
{
    const double scale = mass / (width * ROOT_2PI);

    for (size_t i = 0; i < at->n; i += SB_LANES)
        store(out, at->n, i,
              load(out, at->n, i) + bell(load(at->t, at->n, i), centre, width, scale));
}

/* Offset o + slope B, z in [lo, hi], noise b: with S^2 = B^2 + b^2,
 *     N(t; o, S^2) [Phi(a(hi)) - Phi(a(lo))], a(z) = (B (o + B z - t) + b^2 z)/(S b) [moments.md 3],
 * reflected where both arguments are above 0, so that nothing cancels in the tails. */
static void add_ramp(const struct sb_line_points *at, const struct sb_line_piece *piece,
                     double *out)
{
    const double o = at->rho * piece->offset, slope = at->rho * piece->slope;
    const double b = sqrt(at->variance), wide = sqrt(slope * slope + at->variance);
    const double c = slope / (wide * b) * ROOT_HALF, d = b / wide * ROOT_HALF;
    const double end_lo = o + slope * piece->lo, end_hi = o + slope * piece->hi;
    const double scale = piece->weight / (wide * ROOT_2PI) / 2;
    const sb_words sign = sb_splat(UINT64_C(1) << 63);

    for (size_t i = 0; i < at->n; i += SB_LANES) {
        const sb_doubles t = load(at->t, at->n, i);
        const sb_doubles lo = c * (end_lo - t) + d * piece->lo;
        const sb_doubles hi = c * (end_hi - t) + d * piece->hi;
        /* erfc(-hi) - erfc(-lo), or erfc(lo) - erfc(hi) */
        const sb_words flip = (sb_words)(lo <= 0) & sign;
        const sb_doubles p = sb_erfc_lanes((sb_doubles)((sb_words)lo ^ flip));
        const sb_doubles q = sb_erfc_lanes((sb_doubles)((sb_words)hi ^ flip));
        const sb_doubles part = (sb_doubles)((sb_words)(p - q) ^ flip);

        store(out, at->n, i, load(out, at->n, i) + bell(t, o, wide, scale) * part);
    }
}

void SB_ISA_NAME(sb_line_terms)(const struct sb_line_points *at, double *out)
{
    memset(out, 0, at->n * sizeof *out);
    for (size_t k = 0; k < at->n_terms; k++) {
        const struct sb_line_piece *piece = &at->term[k];
        const double slope = at->rho * piece->slope;

        if (slope == 0 || isinf(piece->lo))
            add_bell(at, at->rho * piece->offset, sqrt(slope * slope + at->variance), piece->mass,
                     out);
        else
            add_ramp(at, piece, out);
    }
}

/* h_{k+1} = (t h_k - sqrt(k) h_{k-1})/sqrt(k+1), four vectors side by side. */
enum { WAYS = 4 };

static void sum_at(const struct sb_line_series *at, size_t i, double *out)
{
    sb_doubles t[WAYS], h[WAYS], last[WAYS], sum[WAYS];

    for (size_t w = 0; w < WAYS; w++) {
        t[w] = i + w * SB_LANES < at->n ? load(at->t, at->n, i + w * SB_LANES) : sb_splat_double(0);
        last[w] = sb_splat_double(1);
        h[w] = t[w];
        sum[w] = 1 + at->a[1] * t[w];
    }
    for (size_t k = 1; k + 1 < at->n_a; k++) {
        const double root = sqrt((double)(k + 1)), up = 1 / root, down = sqrt((double)k) / root;

        for (size_t w = 0; w < WAYS; w++) {
            const sb_doubles next = t[w] * up * h[w] - down * last[w];

            last[w] = h[w];
            h[w] = next;
            sum[w] += at->a[k + 1] * next;
        }
    }
    for (size_t w = 0; w < WAYS && i + w * SB_LANES < at->n; w++)
        store(out, at->n, i + w * SB_LANES,
              at->ratio ? sum[w] : bell(t[w], 0, 1, 1 / ROOT_2PI) * sum[w]);
}

void SB_ISA_NAME(sb_line_sum)(const struct sb_line_series *at, double *out)
{
    for (size_t i = 0; i < at->n; i += WAYS * SB_LANES)
        sum_at(at, i, out);
}
