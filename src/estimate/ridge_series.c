/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A ridge's mean as a power series in <u,v>. */
#include "estimate/ridge_series.h"

#include <math.h>
#include <sleef.h>
#include <string.h>

/* Degrees that series are cut off behind; the last three are what so many passes of SB_PANEL_VALUES functions find,
 * one of them g^2. */
enum { DEGREES = 255 };
static const uint32_t degree[SB_SERIES_LEVELS] = { 4, 8, 16, 31, 62, 126, DEGREES - 1 };

/* Of G_k, of g's size: rounding of nodes, recurrences, densities and sums, as in quadrature.c. */
static const double rounding_share = 1e-12;
/* Errors beyond this, of g's size, and the integrals are not worth having. */
static const double most_error = 1e-9;

/* ---- what is integrated ---- */

/* g psi_k against e^(-t^2/4) / sqrt(2 pi), psi_k(t) = h_k(t) e^(-t^2/4): at most 1.0865 in size [Cramer's inequality],
 * which h_k is not. Beyond +-13 lies 2.5e-19 of the square root of the Gaussian's mass. */
#define END 13.0
#define CRAMER 1.0865

static double half_density(const void *self, double t)
{
    (void)self;
    return 0.3989422804014327 * Sleef_cinz_expd1_u10purec(-t * t / 4);
}

/* the exponent of |e^(-z^2/4)| at most, |z - centre| <= radius: -(x^2 - y^2)/4 */
static double damping(double centre, double radius)
{
    const double nearest = fabs(centre) > radius ? fabs(centre) - radius : 0;

    return (radius * radius - nearest * nearest) / 4;
}

static double half_on_disc(const void *self, double centre, double radius)
{
    (void)self;
    return 0.4 * Sleef_cinz_expd1_u10purec(damping(centre, radius));
}

static const struct sb_panel_measure half_gauss = {
    .from = -END, .to = END, .density = half_density, .on_disc = half_on_disc
};

/* Degrees first .. first + n - 1 of g; and in front of them, where first is 0, g^2 over its size, of degree 0. */
struct products {
    const struct sb_integrand *g;
    uint32_t first, n;
};

static uint32_t rows_of(const struct products *p)
{
    return p->n + (p->first == 0);
}

/* psi_first, ... at t */
static void hermite_rows(const struct products *p, size_t n, const double *t, double *out)
{
    double last[SB_PANEL_POINTS] = { 0 }, now[SB_PANEL_POINTS];

    for (size_t i = 0; i < n; i++)
        now[i] = Sleef_cinz_expd1_u10purec(-t[i] * t[i] / 4);
    for (uint32_t k = 0; k < p->first + p->n; k++) {
        const double root = sqrt((double)k), next_root = sqrt(k + 1.0);

        if (k >= p->first)
            memcpy(out + (k - p->first) * n, now, n * sizeof *now);
        for (size_t i = 0; i < n; i++) {
            const double next = (t[i] * now[i] - root * last[i]) / next_root;

            last[i] = now[i];
            now[i] = next;
        }
    }
}

static int values(void *self, size_t n, const double *t, double *out)
{
    const struct products *p = self;
    double *const of_degrees = out + (p->first == 0 ? n : 0);
    double g[SB_PANEL_POINTS];
    const int error = p->g->values(p->g->self, n, t, g);

    if (error)
        return error;
    hermite_rows(p, n, t, of_degrees);
    for (size_t i = 0; i < n && p->first == 0; i++)
        out[i] = of_degrees[i] * g[i] * g[i] / p->g->size;
    for (uint32_t k = 0; k < p->n; k++)
        for (size_t i = 0; i < n; i++)
            of_degrees[k * n + i] *= g[i];
    return 0;
}

/* By Taylor's formula h_k(t + w) = sum_j w^j / j! (k!/(k-j)!)^{1/2} h_{k-j}(t), so that with r >= |w|
 * |h_k(t + w)| <= 1.0865 e^(t^2/4) sum_j (r k^{1/2})^j / j!. */
static int discs(void *self, size_t n, const double *t, const double *radius, double *out)
{
    const struct products *p = self;
    const double root = sqrt(p->first + p->n - 1.0);
    const int error = p->g->discs(p->g->self, n, t, radius, out);

    for (size_t i = 0; i < n && !error; i++) {
        const double psi = CRAMER * Sleef_cinz_expd1_u10purec(t[i] * t[i] / 4 + root * radius[i] +
                                                              damping(t[i], radius[i]));

        out[i] *= psi * (p->first == 0 && out[i] > p->g->size ? out[i] / p->g->size : 1);
    }
    return error;
}

/* ---- the coefficients ---- */

static int integrate(const struct products *p, const double *kinks, size_t n_kinks, double *out,
                     double *error_out)
{
    const struct sb_integrand f = { .self = (void *)p,
                                    .measure = &half_gauss,
                                    .n_values = rows_of(p),
                                    .size = CRAMER * p->g->size,
                                    .values = values,
                                    .discs = discs };
    struct sb_panels panels = { 0 };
    double gap = 0, off = 0;
    int r = sb_panels_cut(&f, kinks, n_kinks, &panels);

    if (!r)
        r = sb_panels_integrate(&panels, &f, out, &gap);
    if (!r)
        r = sb_panels_kinks(&panels, &f, kinks, n_kinks, &off);
    *error_out = panels.error + gap + off + f.size * rounding_share;
    sb_panels_fini(&panels);
    return r;
}

/* The next SB_PANEL_VALUES of them; *norm2: E_N[g^2] at most. */
static int find_more(struct sb_ridge_series *s, const struct sb_integrand *g, const double *kinks,
                     size_t n_kinks, double *norm2)
{
    struct products p = { .g = g, .first = s->n };
    const uint32_t left = DEGREES - s->n, room = SB_PANEL_VALUES - (s->n == 0);
    double out[SB_PANEL_VALUES], error = 0;
    int r;

    p.n = left < room ? left : room;
    r = integrate(&p, kinks, n_kinks, out, &error);
    if (r || !(error <= most_error * s->size))
        return r ? r : 1;
    if (s->n == 0)
        *norm2 = (out[0] + error) * s->size;
    memcpy(s->g + s->n, out + (s->n == 0), p.n * sizeof *out);
    s->g_error = error > s->g_error ? error : s->g_error;
    s->n += p.n;
    return 0;
}

/* (sum_{k>K} G_k^2)^{1/2} at most, for the degrees there are. */
static void find_rests(struct sb_ridge_series *s, double norm2)
{
    double rest = norm2;
    uint32_t k = 0;

    for (s->n_levels = 0; s->n_levels < SB_SERIES_LEVELS; s->n_levels++) {
        if (degree[s->n_levels] >= s->n)
            break;
        for (; k <= degree[s->n_levels]; k++) {
            const double least = fabs(s->g[k]) - s->g_error;

            rest -= least > 0 ? least * least * (1 - 0x1p-50) : 0;
        }
        rest += norm2 * 0x1p-44; /* of at most 257 subtractions of less than norm2 */
        s->rest[s->n_levels] = rest > 0 ? sqrt(rest) * (1 + 0x1p-50) : 0;
    }
}

/* ---- what is missed ---- */

/* of a coefficient of the line, at most */
static double coefficient_ub(const struct sb_line *line, uint32_t k)
{
    if (k == 0)
        return 1;
    return k <= line->matched ? 0 : fabs(line->coefficient[k]) + line->coefficient_error;
}

/* All |c_k| are at most this, by Cramer's inequality: 1.0865 E e^(X^2/4) of pieces that end; else infinity. */
static double largest_coefficient(const struct sb_line *line)
{
    double sum = 0;

    if (line->noise > 0 || line->stated.density)
        return INFINITY;
    for (size_t i = 0; i < line->n_pieces; i++) {
        const struct sb_line_piece *p = &line->piece[i];
        const double a = fabs(p->slope != 0 ? p->offset + p->slope * p->lo : p->offset);
        const double b = fabs(p->slope != 0 ? p->offset + p->slope * p->hi : p->offset);
        const double far = a > b ? a : b;

        if (!(far < 50))
            return INFINITY;
        sum += p->mass * Sleef_cinz_expd1_u10purec(far * far / 4);
    }
    return CRAMER * sum * (1 + 0x1p-30);
}

/* sum_{k>=257} c_k^2 t^{2k-514}, at most. */
static double tail_behind(const struct sb_ridge_series *s, double t)
{
    const double geometric = t < 1 ? s->largest * s->largest / (1 - t * t) : INFINITY;

    return s->line->tail2 < geometric ? s->line->tail2 : geometric;
}

/* (sum_{k>K} c_k^2 t^{2k})^{1/2}, rounded up. */
static double tail_of_line(const struct sb_ridge_series *s, uint32_t from, double t)
{
    double sum = tail_behind(s, t);

    if (t <= 0)
        return 0;
    for (uint32_t k = SB_LINE_COEFFICIENTS - 1; k > from; k--) {
        const double c = coefficient_ub(s->line, k);

        sum = sum * t * t + c * c;
    }
    for (uint32_t k = 0; k <= from; k++)
        sum *= t * t;
    return sqrt(sum * (1 + 0x1p-40)) + 0x1p-500;
}

/* The largest |t| where not too much is missed at this level, by halving; -1: none. */
static double find_reach(const struct sb_ridge_series *s, int level)
{
    double lo = 0, hi = 1;

    if (tail_of_line(s, degree[level], 1) * s->rest[level] <= s->missed)
        return 1;
    for (int i = 0; i < 40; i++) {
        const double middle = (lo + hi) / 2;

        if (tail_of_line(s, degree[level], middle) * s->rest[level] <= s->missed)
            lo = middle;
        else
            hi = middle;
    }
    return lo * (1 - 0x1p-40); /* t may be off in its last bits */
}

static void find_reaches(struct sb_ridge_series *s)
{
    for (int l = 0; l < s->n_levels; l++) {
        s->reach[l] = find_reach(s, l);
        if (l && s->reach[l] < s->reach[l - 1])
            s->reach[l] = s->reach[l - 1];
    }
}

int sb_ridge_series_init(const struct sb_line *line, const struct sb_integrand *g,
                         const double *kinks, size_t n_kinks, double missed, double most,
                         struct sb_ridge_series *out)
{
    double norm2 = 0;
    int r = 0;

    *out = (struct sb_ridge_series){
        .line = line, .largest = largest_coefficient(line), .size = g->size, .missed = missed
    };
    do {
        r = find_more(out, g, kinks, n_kinks, &norm2);
        find_rests(out, norm2);
        find_reaches(out);
    } while (!r && out->n < DEGREES && sb_ridge_series_reach(out) < most);
    for (uint32_t k = 0; k < out->n; k++)
        out->term[k] = coefficient_ub(line, k) > 0 ? line->coefficient[k] * out->g[k] : 0;
    return r;
}

double sb_ridge_series_reach(const struct sb_ridge_series *s)
{
    return s->reach[s->n_levels - 1];
}

/* ---- values ---- */

static int level_for(const struct sb_ridge_series *s, const double *t)
{
    double most = 0;
    int level = 0;

    for (int i = 0; i < SB_SERIES_LANES; i++)
        most = fabs(t[i]) > most ? fabs(t[i]) : most;
    while (level < s->n_levels - 1 && most > s->reach[level])
        level++;
    return level;
}

/* Horner's rule, side by side. */
static void of_group(const struct sb_ridge_series *s, const double *restrict t,
                     double *restrict out)
{
    double sum[SB_SERIES_LANES] = { 0 };

    for (uint32_t k = degree[level_for(s, t)] + 1; k-- > 0;)
        for (int i = 0; i < SB_SERIES_LANES; i++)
            sum[i] = sum[i] * t[i] + s->term[k];
    for (int i = 0; i < SB_SERIES_LANES; i++)
        out[i] = sum[i];
}

void sb_ridge_series_at(const struct sb_ridge_series *s, size_t n, const double *t, double *out)
{
    for (size_t i = 0; i < n; i += SB_SERIES_LANES)
        of_group(s, t + i, out + i);
}

/* Horner's rule of degree K is off by at most 2 (K + 1) units of sum_k |c_k G_k| t^k [Higham02, 5.1]; a term itself
 * by one. */
double sb_ridge_series_error(const struct sb_ridge_series *s, double most, double t_error)
{
    const double unit = (2.0 * SB_LINE_COEFFICIENTS + 2) * 0x1p-53;
    double of_g = 0, of_line = 0, terms = 0, slope = 0;
    double power = 1;

    most = most < 1 ? most : 1;
    for (uint32_t k = 0; k < s->n; k++, power *= most) {
        const double c = coefficient_ub(s->line, k);

        of_g += c * power;
        of_line += k && c > 0 ? fabs(s->g[k]) * power : 0;
        terms += fabs(s->term[k]) * power;
        slope += k * fabs(s->term[k]); /* times t^(k-1) <= 1 */
    }
    return (s->missed + s->g_error * of_g + s->line->coefficient_error * of_line + unit * terms +
            t_error * slope + s->size * 2.5e-19 * (1 + of_g)) *
           (1 + 0x1p-40);
}
