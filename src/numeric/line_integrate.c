/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Integrals against the law of rho X + sqrt(1 - rho^2) g: by panels against its density, or, where that is all peaks
 * and atoms, term by term; and chi_rho. */
#include "base/memory.h"
#include "numeric/line_parts.h"
#include "numeric/sum.h"

#include <errno.h>
#include <sleef.h>
#include <string.h>

#define ROOT_2PI 0x1.40d931ff62706p+1

/* Gaussians are cut off at so many of their widths: outside lies 1.5e-23 of the mass. */
static const double WIDTHS = 10;
/* Of what was looked for on panels and should not be there, in parts of the function's size. */
static const double most_error = 2e-13;

/* The measure */

/* phi(t) (1 + sum_{k<n} c_k rho^k h_k(t)) misses at most sqrt(sum c_k^2) |rho|^n/sqrt(1 - rho^2) times e^(-t^2/4)
 * [Cramer's bound of h_k phi]: 2^-56 of it is left out. Returns n, or 0: too many. */
static size_t series_length(const struct sb_line *line, double rho)
{
    double left = sqrt(line->chi2 / ((1 - rho) * (1 + rho)));
    size_t n = 0;

    if (!sb_line_has_density(line) || !(fabs(rho) < 1))
        return 0;
    for (; left > 0x1p-56 && n < SB_LINE_COEFFICIENTS; n++)
        left *= fabs(rho);
    return left > 0x1p-56 ? 0 : n < 2 ? 2 : n;
}

/* What a point takes by the terms, in what a coefficient takes. */
static size_t cost_of_terms(const struct sb_line *line)
{
    size_t cost = 0;

    for (size_t k = 0; k < line->n_terms; k++)
        cost += line->term[k].slope == 0 || sb_line_whole(&line->term[k]) ? 4 : 40;
    return cost;
}

static void densities(const void *self, size_t n, const double *t, double *out)
{
    const struct sb_line_measure *m = self;

    if (m->n_series)
        sb_line_by_series(m->n_series, m->series, n, t, out);
    else
        sb_line_by_terms(m->line, m->at, n, t, out);
}

static double density(const void *self, double t)
{
    double out;

    densities(self, 1, &t, &out);
    return out;
}

/* A mixture of Gaussians of variance v and more: |N(x + iy; o, v)| <= e^(y^2/2v)/sqrt(2 pi v). */
static double on_disc(const void *self, double centre, double radius)
{
    const struct sb_line_measure *m = self;

    (void)centre;
    return Sleef_cinz_expd1_u10purec(radius * radius / (2 * m->narrowest)) /
           (sqrt(m->narrowest) * ROOT_2PI);
}

double sb_line_reach(const struct sb_line *line, struct sb_tilt at)
{
    const double variance = sb_line_variance(line, at);
    double reach = 0;

    for (size_t k = 0; k < line->n_terms; k++) {
        const struct sb_line_piece *p = &line->term[k];
        const double slope = sb_line_whole(p) ? at.rho * p->slope : 0;
        const double r = sb_line_farthest(p, at.rho) + WIDTHS * sqrt(slope * slope + variance);

        reach = r > reach ? r : reach;
    }
    return reach;
}

bool sb_line_measure(const struct sb_line *line, struct sb_tilt at, struct sb_line_measure *room)
{
    const double narrowest = sb_line_narrowest(line, at), reach = sb_line_reach(line, at);
    const size_t n = series_length(line, at.rho);

    if (!(narrowest > 0) || (line->stated.density && !n && !sb_line_is_fine(line, at)))
        return false;
    *room = (struct sb_line_measure){ .line = line, .at = at, .narrowest = narrowest };
    room->measure = (struct sb_panel_measure){
        .self = room,
        .from = -reach,
        .to = reach,
        .density = density,
        .on_disc = on_disc,
        .densities = densities,
        .longest = 2, /* few points: the rule is good for it where the noise is near 1 */
    };
    if (n && n <= cost_of_terms(line)) {
        double power = 1;

        room->n_series = n;
        for (size_t k = 0; k < n; k++, power *= at.rho)
            room->series[k] = line->coefficient[k] * power;
    }
    return true;
}

/* Integrals */

/* On panels with these ends, kinks among them, and *error_out: what is off. */
static int integrate(const struct sb_line_integral *of, const double *end, size_t n_ends,
                     double *out, double *error_out)
{
    struct sb_panels panels = { 0 };
    double gap = 0, off = 0;
    int r = sb_panels_cut(of->f, end, n_ends, &panels);

    if (!r)
        r = sb_panels_integrate(&panels, of->f, out, &gap);
    if (!r)
        r = sb_panels_kinks(&panels, of->f, of->kinks, of->n_kinks, &off);
    *error_out = panels.error + gap + off;
    sb_panels_fini(&panels);
    return r;
}

/* f(offset + slope z) as a function of z. */
struct moved {
    const struct sb_integrand *f;
    double offset, slope;
};

static int moved_values(void *self, size_t n, const double *z, double *out)
{
    const struct moved *m = self;
    double t[SB_PANEL_POINTS];

    for (size_t i = 0; i < n; i++)
        t[i] = m->offset + m->slope * z[i];
    return m->f->values(m->f->self, n, t, out);
}

static int moved_discs(void *self, size_t n, const double *z, const double *radius, double *out)
{
    const struct moved *m = self;
    double t[SB_PANEL_POINTS], r[SB_PANEL_POINTS];

    for (size_t i = 0; i < n; i++) {
        t[i] = m->offset + m->slope * z[i];
        r[i] = fabs(m->slope) * radius[i];
    }
    return m->f->discs(m->f->self, n, t, r, out);
}

/* Both increasing; returns how many there are together. */
static size_t merge(const double *a, size_t n_a, const double *b, size_t n_b, double *out)
{
    size_t i = 0, k = 0;

    while (i < n_a || k < n_b) {
        const bool first = k == n_b || (i < n_a && a[i] <= b[k]);

        out[i + k] = first ? a[i] : b[k];
        i += first;
        k += !first;
    }
    return i + k;
}

int sb_line_integrate_moved(const struct sb_line_integral *of, const struct sb_line_move *move,
                            double *out, double *error_out)
{
    const size_t n = of->n_kinks;
    struct moved m = { of->f, move->offset, move->slope };
    const struct sb_integrand f = {
        .self = &m,
        .measure = move->measure,
        .n_values = of->f->n_values,
        .size = of->f->size,
        .values = moved_values,
        .discs = moved_discs,
    };
    double *kinks SB_FREE = SB_NEW_ARRAY(double, n + 1);
    double *ends SB_FREE = SB_NEW_ARRAY(double, n + move->n_ends + 1);

    if (!kinks || !ends)
        return -ENOMEM;
    for (size_t i = 0; i < n; i++)
        kinks[m.slope > 0 ? i : n - 1 - i] = (of->kinks[i] - m.offset) / m.slope;
    return integrate(&(struct sb_line_integral){ &f, kinks, n }, ends,
                     merge(kinks, n, move->end, move->n_ends, ends), out, error_out);
}

/* One term's share. */
static int add_term(const struct sb_line_integral *of, const struct sb_line_piece *p, double rho,
                    double variance, double *sum, double *error_sum)
{
    const bool bell = p->slope == 0 || sb_line_whole(p);
    const double offset = rho * p->offset, slope = rho * p->slope;
    const double width = bell ? sqrt(slope * slope + variance) : slope;
    const double weight = bell ? p->mass : p->weight;
    const struct sb_panel_measure measure =
        bell ? sb_panel_gauss(-WIDTHS, WIDTHS) : sb_panel_gauss(p->lo, p->hi);
    double part[SB_PANEL_VALUES], error = 0;
    int r;

    if (width == 0)
        r = of->f->values(of->f->self, 1, &offset, part);
    else
        r = sb_line_integrate_moved(
            of, &(struct sb_line_move){ .offset = offset, .slope = width, .measure = &measure },
            part, &error);
    for (uint32_t k = 0; k < of->f->n_values && !r; k++)
        sum[k] += weight * part[k];
    *error_sum += weight * error;
    return r;
}

/* A ramp under little noise: over the noise, cut where one of its ends comes to a kink, the ramp itself. */
enum { NOISE_PANELS = 8 };
static const double NOISE_WIDTHS = 9; /* outside lies 2e-19 of the mass */

static int compare_doubles(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;

    return x < y ? -1 : x > y;
}

static size_t noise_cuts(const struct sb_line_integral *of, const struct sb_line_piece *p,
                         double rho, double noise, double *cut)
{
    const double ends[2] = { rho * (p->offset + p->slope * p->lo),
                             rho * (p->offset + p->slope * p->hi) };
    size_t n = 0;

    for (int i = 0; i <= NOISE_PANELS; i++)
        cut[n++] = NOISE_WIDTHS * (2.0 * i / NOISE_PANELS - 1);
    for (size_t k = 0; k < of->n_kinks; k++)
        for (int i = 0; i < 2; i++)
            if (fabs(of->kinks[k] - ends[i]) < NOISE_WIDTHS * noise)
                cut[n++] = (of->kinks[k] - ends[i]) / noise;
    qsort(cut, n, sizeof *cut, compare_doubles);
    return n;
}

static int add_noisy_ramp(const struct sb_line_integral *of, const struct sb_line_piece *p,
                          double rho, double noise, double *sum, double *error_sum)
{
    const struct sb_panel_measure measure = sb_panel_gauss(p->lo, p->hi);
    double *cut SB_FREE = SB_NEW_ARRAY(double, 2 * of->n_kinks + NOISE_PANELS + 1);
    const size_t n = cut ? noise_cuts(of, p, rho, noise, cut) : 0;
    double part[SB_PANEL_VALUES], error;
    int r = cut ? 0 : -ENOMEM;

    for (size_t i = 0; i + 1 < n; i++) {
        const double half = (cut[i + 1] - cut[i]) / 2;

        for (int j = 0; j < SB_RULE_NODES && half > 0 && !r; j++) {
            const double g = cut[i] + half * (1 + sb_rule_node(j));
            const double weight = p->weight * half * sb_rule_weight(j) / sb_line_over_gauss(g);

            r = sb_line_integrate_moved(
                of,
                &(struct sb_line_move){ .offset = rho * p->offset + noise * g,
                                        .slope = rho * p->slope,
                                        .measure = &measure },
                part, &error);
            for (uint32_t k = 0; k < of->f->n_values && !r; k++)
                sum[k] += weight * part[k];
            *error_sum += r ? 0 : weight * error;
        }
    }
    return r;
}

static bool is_ramp(const struct sb_line_piece *p)
{
    return p->slope != 0 && !sb_line_whole(p);
}

static int by_terms(const struct sb_line_integral *of, const struct sb_line *line,
                    struct sb_tilt at, double *out, double *error_out)
{
    const double variance = sb_line_variance(line, at);
    int r = 0;

    memset(out, 0, of->f->n_values * sizeof *out);
    *error_out = 0;
    for (size_t k = 0; k < line->n_terms && !r; k++)
        r = variance > 0 && is_ramp(&line->term[k])
                ? add_noisy_ramp(of, &line->term[k], at.rho, sqrt(variance), out, error_out)
                : add_term(of, &line->term[k], at.rho, variance, out, error_out);
    return r;
}

static bool has_ramps(const struct sb_line *line)
{
    for (size_t k = 0; k < line->n_terms; k++)
        if (is_ramp(&line->term[k]))
            return true;
    return false;
}

/* Gaussians with gaps between them: panels over all of the line would be many. Ramps take so much longer one by one that
 * it must be very many. */
static bool goes_by_terms(const struct sb_line *line, struct sb_tilt at)
{
    const double reach = sb_line_reach(line, at);

    return !(sb_line_narrowest(line, at) * (has_ramps(line) ? 1e5 : 2500) > reach * reach);
}

/* Kinks, and what is near them of the law, are rounded, to parts of 2^-52: as much of a function is on the wrong side as
 * has its place in between. */
static double misplaced(const struct sb_line *line, struct sb_tilt at, double size,
                        const double *kinks, size_t n_kinks)
{
    double sum = 0, here;

    if (line->stated.density || !(sb_line_narrowest(line, at) > 0))
        return 0;
    for (size_t k = 0; k < n_kinks; k++) {
        sb_line_by_terms(line, at, 1, &kinks[k], &here);
        sum += fabs(kinks[k]) * here;
    }
    return size * 0x1p-51 * sum;
}

int sb_line_integrate_at(const struct sb_line *line, struct sb_tilt at,
                         const struct sb_integrand *f, const double *kinks, size_t n_kinks,
                         double *out, double *error_out)
{
    struct sb_line_measure room;
    struct sb_integrand measured = *f;
    struct sb_line_integral of = { f, kinks, n_kinks };
    int r;

    if (line->stated.density && !sb_line_measure(line, at, &room)) {
        r = sb_line_near_integrate(line, at, &of, out, error_out);
    } else if (!line->stated.density && goes_by_terms(line, at)) {
        r = by_terms(&of, line, at, out, error_out);
    } else {
        r = sb_line_measure(line, at, &room) ? 0 : 1;
        measured.measure = &room.measure;
        of.f = &measured;
        if (!r)
            r = integrate(&of, kinks, n_kinks, out, error_out);
    }
    *error_out = r == 1 ? INFINITY : *error_out + misplaced(line, at, f->size, kinks, n_kinks);
    return r ? r : !(*error_out <= most_error * f->size);
}

int sb_line_integrate(const struct sb_line *line, double rho, const struct sb_integrand *f,
                      const double *kinks, size_t n_kinks, double *out, double *error_out)
{
    return sb_line_integrate_at(line, sb_tilt_of(rho), f, kinks, n_kinks, out, error_out);
}

/* chi_rho */

/* Orders that sum to less than this part of those before are bounded together. */
#define LITTLE 0x1p-64

static double by_coefficients(const struct sb_line *line, double rho, double *error_out)
{
    const double e = line->coefficient_error;
    double power = rho, size = 0;
    struct sb_sum sum = { 0 };
    int k = 1;

    *error_out = 0;
    for (; k < SB_LINE_COEFFICIENTS && line->chi2 * fabs(power) > size * LITTLE; k++) {
        const double c = line->coefficient[k];

        sb_sum_add(&sum, c * c * power);
        size += c * c * fabs(power);
        /* coefficients that are 0 exactly are no matter of rounding */
        *error_out += c == 0 ? 0 : ((2 * fabs(c) + e) * e + c * c * k * 0x1p-52) * fabs(power);
        power *= rho;
    }
    *error_out += (k < SB_LINE_COEFFICIENTS ? line->chi2 : line->tail2) * fabs(power);
    return sb_sum_value(&sum, &(double){ 0 });
}

double sb_line_chi(const struct sb_line *line, double rho, double *error_out)
{
    const double sum = by_coefficients(line, rho, error_out);
    double square;

    if (*error_out <= 1e-12 * (1e-300 + fabs(sum)) || !(fabs(rho) <= 1))
        return sum;
    square = sb_line_square(line, sqrt(fabs(rho)), rho < 0 ? -1 : 1);
    if (!(square * 1e-13 < *error_out))
        return sum;
    *error_out = square * (line->stated.density ? 2e-12 : 1e-13);
    return square - 1;
}
