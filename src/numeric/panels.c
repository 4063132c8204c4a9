/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Gauss-Legendre panels against a density. */
#include "numeric/panels.h"

#include "base/memory.h"
#include "numeric/kernels.h"
#include "numeric/sum.h"

#include <errno.h>
#include <math.h>
#include <sleef.h>
#include <stdbool.h>
#include <string.h>

enum {
    NODES = SB_RULE_NODES,
    PANELS_AT_ONCE = SB_PANEL_POINTS / NODES,
    LADDER = 26, /* points between a cut and the first node beside it */
};

/* The positive nodes of the rule with 20 nodes on [-1,1] and their weights, rounded once
 * (tests/unit/test_quadrature.c computes them in Arb). */
static const struct {
    double node, weight;
} rule[NODES / 2] = {
    { 0.9931285991850949, 0.017614007139152118 }, { 0.9639719272779138, 0.04060142980038694 },
    { 0.912234428251326, 0.06267204833410907 },   { 0.8391169718222188, 0.08327674157670475 },
    { 0.7463319064601508, 0.10193011981724044 },  { 0.636053680726515, 0.11819453196151841 },
    { 0.5108670019508271, 0.13168863844917664 },  { 0.37370608871541955, 0.14209610931838204 },
    { 0.22778585114164507, 0.14917298647260374 }, { 0.07652652113349734, 0.15275338713072584 },
};

/* Of the error bound: 4 * 2 / (rho - 1) rho^-39 at rho = 4. */
static const double rule_error = 8.9e-24;
/* What a panel's bound may be, in parts of the functions' size, before the panel is halved. */
static const double panel_share = 1e-18;
/* Panels this short are kept whatever the bound, and charged in full. */
static const double shortest = 0x1p-47;

static inline double node(int i)
{
    return i < NODES / 2 ? -rule[i].node : rule[NODES - 1 - i].node;
}

static inline double weight(int i)
{
    return rule[i < NODES / 2 ? i : NODES - 1 - i].weight;
}

double sb_rule_node(int i)
{
    return node(i);
}

double sb_rule_weight(int i)
{
    return weight(i);
}

typedef void bells(size_t n, const double *t, double *out);
static bells *const bells_variant[SB_ISAS] = SB_ISA_TABLE(sb_gauss_densities);

static void gauss_densities(const void *self, size_t n, const double *t, double *out)
{
    (void)self;
    bells_variant[sb_isa()](n, t, out);
}

static double gauss_density(const void *self, double t)
{
    (void)self;
    return 0.3989422804014327 * Sleef_cinz_expd1_u10purec(-t * t / 2);
}

/* e^(-Re z^2 / 2) with Re z^2 = x^2 - y^2 */
static double gauss_on_disc(const void *self, double centre, double radius)
{
    const double nearest = fabs(centre) > radius ? fabs(centre) - radius : 0;

    (void)self;
    return 0.4 * Sleef_cinz_expd1_u10purec((radius * radius - nearest * nearest) / 2);
}

static const struct sb_panel_measure gauss = {
    .from = -SB_PANEL_END,
    .to = SB_PANEL_END,
    .density = gauss_density,
    .on_disc = gauss_on_disc,
    .densities = gauss_densities,
};

struct sb_panel_measure sb_panel_gauss(double from, double to)
{
    struct sb_panel_measure some = gauss;

    some.from = from;
    some.to = to;
    return some;
}

static const struct sb_panel_measure *measure_of(const struct sb_integrand *f)
{
    return f->measure ? f->measure : &gauss;
}

static double density(const struct sb_integrand *f, double t)
{
    const struct sb_panel_measure *m = measure_of(f);

    return m->density(m->self, t);
}

static void densities(const struct sb_integrand *f, size_t n, const double *t, double *out)
{
    const struct sb_panel_measure *m = measure_of(f);

    if (m->densities)
        m->densities(m->self, n, t, out);
    else
        for (size_t i = 0; i < n; i++)
            out[i] = m->density(m->self, t[i]);
}

/* Cutting */

/* The panels of a wave: those that still need their bound, and those that have it. */
struct wave {
    double *ends; /* n + 1 */
    bool *done;   /* n */
    size_t n;
    size_t cap_ends, cap_done;
};

/* Room for one more panel: 0; 1: there are SB_PANELS; -ENOMEM. */
static int wave_room(struct wave *w)
{
    double *ends;
    bool *done;

    if (w->n >= SB_PANELS)
        return 1;
    ends = sb_grow(w->ends, &w->cap_ends, w->n + 2, sizeof *ends);
    if (!ends)
        return -ENOMEM;
    w->ends = ends;
    done = sb_grow(w->done, &w->cap_done, w->n + 1, sizeof *done);
    if (!done)
        return -ENOMEM;
    w->done = done;
    return 0;
}

static int wave_add(struct wave *w, double end, bool done)
{
    const int r = wave_room(w);

    if (r)
        return r;
    w->done[w->n] = done;
    w->ends[++w->n] = end;
    return 0;
}

static int wave_start(struct wave *w, double from)
{
    int r;

    w->n = 0;
    r = wave_room(w);
    if (!r)
        w->ends[0] = from;
    return r;
}

static void wave_fini(struct wave *w)
{
    free(w->ends);
    free(w->done);
}

/* From the last end to `to`, in equal panels of length at most `longest`. */
static int append(struct wave *w, double longest, double to)
{
    const double from = w->ends[w->n], length = to - from;
    const int parts = 1 + (int)(length / longest * (1 - 0x1p-40));
    int r = 0;

    if (!(length > 0))
        return 0;
    for (int i = 1; i <= parts && !r; i++)
        r = wave_add(w, i == parts ? to : from + length * i / parts, false);
    return r;
}

static int first_wave(const struct sb_panel_measure *m, struct wave *w, const double *kinks,
                      size_t n)
{
    const double longest = m->longest > 0 ? m->longest : 1;
    int r = wave_start(w, m->from);

    for (size_t i = 0; i < n && !r; i++)
        if (kinks[i] > m->from && kinks[i] < m->to)
            r = append(w, longest, kinks[i]);
    return r ? r : append(w, longest, m->to);
}

/* Settles the panels of one chunk: those whose bound is small. */
static int settle(const struct sb_integrand *f, struct wave *w, const size_t *chunk, size_t n,
                  double *error_sum)
{
    const struct sb_panel_measure *m = measure_of(f);
    double centre[PANELS_AT_ONCE], radius[PANELS_AT_ONCE], most[PANELS_AT_ONCE];
    int error;

    for (size_t i = 0; i < n; i++) {
        const double from = w->ends[chunk[i]], to = w->ends[chunk[i] + 1];

        centre[i] = from + (to - from) / 2;
        radius[i] = 1.0625 * (to - from); /* (rho + 1/rho)/2 half-lengths */
    }
    error = f->discs(f->self, n, centre, radius, most);
    for (size_t i = 0; i < n && !error; i++) {
        const double length = w->ends[chunk[i] + 1] - w->ends[chunk[i]];
        const double charge =
            rule_error * most[i] * m->on_disc(m->self, centre[i], radius[i]) * length / 2;
        const bool tiny = length <= shortest;

        w->done[chunk[i]] = charge <= panel_share * f->size || tiny;
        if (w->done[chunk[i]])
            *error_sum += charge <= panel_share * f->size ? charge : f->size * length;
    }
    return error;
}

static int settle_all(const struct sb_integrand *f, struct wave *w, double *error_sum)
{
    size_t chunk[PANELS_AT_ONCE], n = 0;
    int error = 0;

    for (size_t i = 0; i < w->n && !error; i++) {
        if (!w->done[i])
            chunk[n++] = i;
        if (n == PANELS_AT_ONCE || i + 1 == w->n) {
            error = n ? settle(f, w, chunk, n, error_sum) : 0;
            n = 0;
        }
    }
    return error;
}

/* Halves what is not settled: *some_out. As wave_room. */
static int halve(const struct wave *w, struct wave *next, bool *some_out)
{
    int r = wave_start(next, w->ends[0]);

    *some_out = false;
    for (size_t i = 0; i < w->n && !r; i++) {
        const double from = w->ends[i], to = w->ends[i + 1];

        if (!w->done[i]) {
            *some_out = true;
            r = wave_add(next, from + (to - from) / 2, false);
        }
        if (!r)
            r = wave_add(next, to, w->done[i]);
    }
    return r;
}

static int refine(const struct sb_integrand *f, struct wave *w, struct wave *spare, double *error)
{
    for (;;) {
        const struct wave before = *w;
        bool some = false;
        int r = settle_all(f, w, error);

        if (!r)
            r = halve(w, spare, &some);
        if (r || !some)
            return r;
        *w = *spare;
        *spare = before;
    }
}

int sb_panels_cut(const struct sb_integrand *f, const double *kinks, size_t n_kinks,
                  struct sb_panels *out)
{
    struct wave w = { 0 }, spare = { 0 };
    double error_sum = 0;
    int error = first_wave(measure_of(f), &w, kinks, n_kinks);

    if (!error)
        error = refine(f, &w, &spare, &error_sum);
    if (!error) {
        *out = (struct sb_panels){ w.ends, w.n, error_sum };
        w.ends = NULL;
    }
    wave_fini(&w);
    wave_fini(&spare);
    return error;
}

static double within(double cut)
{
    if (cut < -SB_PANEL_END)
        return -SB_PANEL_END;
    return cut < SB_PANEL_END ? cut : SB_PANEL_END;
}

int sb_panels_add(struct sb_panels *panels, const double *cuts, size_t n)
{
    double *ends = SB_NEW_ARRAY(double, panels->n + n + 1);
    size_t i = 0, k = 0;

    if (!ends)
        return -ENOMEM;
    for (size_t m = 0; m < panels->n + n + 1; m++) {
        const double cut = k < n ? within(cuts[k]) : INFINITY;

        /* the panels' own ends first, so that the first and the last stay what they are */
        if (i <= panels->n && !(cut < panels->ends[i] && i))
            ends[m] = panels->ends[i++];
        else {
            ends[m] = cut;
            k++;
        }
    }
    free(panels->ends);
    panels->ends = ends;
    panels->n += n;
    return 0;
}

void sb_panels_fini(struct sb_panels *panels)
{
    free(panels->ends);
    *panels = (struct sb_panels){ 0 };
}

/* Integrating */

/* One rule: the nodes of an interval, and where its values will be. */
static void put_nodes(double from, double to, double *t)
{
    const double half = (to - from) / 2, middle = from + half;

    for (int i = 0; i < NODES; i++)
        t[i] = middle + half * node(i);
}

static void add_rule(double from, double to, const double *mass, const double *f,
                     struct sb_sum *sum)
{
    const double half = (to - from) / 2;

    for (int i = 0; i < NODES; i++)
        sb_sum_add(sum, half * weight(i) * mass[i] * f[i]);
}

struct totals {
    struct sb_sum value[SB_PANEL_VALUES];
    double gap[SB_PANEL_VALUES];
};

/* Three rules a panel: the whole of it, and two parts. The parts meet beside a node of the whole: a jump
 * there, which the parts take for one at their ends, the whole gets wrong by half a weight. Halves
 * would agree with the whole on a jump in the middle. */
enum { RULES = 3, AT_ONCE = PANELS_AT_ONCE / RULES };

static double parting(double from, double to)
{
    return from + 0.614 * (to - from);
}

static void add_panel(const struct sb_integrand *f, double from, double to, const double *mass,
                      const double *values, size_t stride, struct totals *totals)
{
    const double middle = parting(from, to);

    for (uint32_t k = 0; k < f->n_values; k++) {
        const double *v = values + k * stride;
        struct sb_sum whole = { 0 }, parts = { 0 };
        double ignored, gap;

        add_rule(from, to, mass, v, &whole);
        add_rule(from, middle, mass + NODES, v + NODES, &parts);
        add_rule(middle, to, mass + 2 * NODES, v + 2 * NODES, &parts);
        gap = sb_sum_value(&whole, &ignored) - sb_sum_value(&parts, &ignored);
        totals->gap[k] += fabs(gap);
        sb_sum_add(&totals->value[k], sb_sum_value(&parts, &ignored));
    }
}

static int integrate_some(const struct sb_integrand *f, const double *ends, size_t n, double *t,
                          double *values, struct totals *totals)
{
    const size_t stride = n * RULES * NODES;
    double mass[SB_PANEL_POINTS];
    int error;

    for (size_t i = 0; i < n; i++) {
        const double from = ends[i], to = ends[i + 1], middle = parting(from, to);
        double *at = t + i * RULES * NODES;

        put_nodes(from, to, at);
        put_nodes(from, middle, at + NODES);
        put_nodes(middle, to, at + 2 * NODES);
    }
    error = f->values(f->self, stride, t, values);
    if (!error)
        densities(f, stride, t, mass);
    for (size_t i = 0; i < n && !error; i++)
        add_panel(f, ends[i], ends[i + 1], mass + i * RULES * NODES, values + i * RULES * NODES,
                  stride, totals);
    return error;
}

int sb_panels_integrate_each(const struct sb_panels *panels, const struct sb_integrand *f,
                             double *out, double *gaps_out)
{
    const size_t at_once = panels->n < AT_ONCE ? panels->n : AT_ONCE;
    double t[SB_PANEL_POINTS];
    double *values SB_FREE = SB_NEW_ARRAY(double, f->n_values *at_once *RULES *NODES);
    struct totals *totals SB_FREE = SB_NEW(struct totals);
    int error = values && totals ? 0 : -ENOMEM;

    for (size_t i = 0; i < panels->n && !error; i += AT_ONCE)
        error =
            integrate_some(f, panels->ends + i, panels->n - i < AT_ONCE ? panels->n - i : AT_ONCE,
                           t, values, totals);
    for (uint32_t k = 0; k < f->n_values && !error; k++) {
        double ignored;

        out[k] = sb_sum_value(&totals->value[k], &ignored);
        gaps_out[k] = totals->gap[k];
    }
    return error;
}

int sb_panels_integrate(const struct sb_panels *panels, const struct sb_integrand *f, double *out,
                        double *gap_out)
{
    double gaps[SB_PANEL_VALUES];
    const int error = sb_panels_integrate_each(panels, f, out, gaps);

    if (error)
        return error;
    *gap_out = 0;
    for (uint32_t k = 0; k < f->n_values; k++)
        *gap_out = gaps[k] > *gap_out ? gaps[k] : *gap_out;
    return 0;
}

/* Kinks */

/* The polynomial through the values at the nodes of [-1,1], at s between the last node and 1: the
 * barycentric formula, with the weights (-1)^i sqrt((1 - x_i^2) w_i) of Legendre nodes. */
static double interpolate(const double *values, double s)
{
    double above = 0, below = 0;

    for (int i = 0; i < NODES; i++) {
        const double x = node(i);
        const double w = (i % 2 ? -1 : 1) * sqrt((1 - x * x) * weight(i)) / (s - x);

        above += w * values[i];
        below += w;
    }
    return above / below;
}

/* One side of a kink, the panel next to it being [kink, kink + length] or, length < 0, the other
 * way. The last eighth of it is interpolated, and the points of the ladder get closer to the kink by a
 * factor of 4 a rung: where a value there is off, all from there to the next rung may be. */
static int look_beside(const struct sb_integrand *f, double kink, double length, double *error_sum)
{
    const double reach = length / 8, first = (1 - rule[0].node) / 2;
    double t[NODES + LADDER], step[LADDER];
    double values[(NODES + LADDER) * SB_PANEL_VALUES];
    double most = 0, scale = 0.5;
    int error;

    for (int i = 0; i < NODES; i++)
        t[i] = kink + reach * (1 - node(i)) / 2; /* from the far end: s = 1 is the kink */
    for (int i = 0; i < LADDER; i++, scale /= 4) {
        t[NODES + i] = kink + reach * first * scale;
        step[i] = t[NODES + i] - kink;
    }
    error = f->values(f->self, NODES + LADDER, t, values);
    for (uint32_t k = 0; k < f->n_values && !error; k++) {
        const double *v = values + k * (NODES + LADDER);
        double sum = 0;

        for (int i = 0; i < LADDER; i++)
            if (step[i] != 0)
                sum += fabs(v[NODES + i] - interpolate(v, 1 - 2 * step[i] / reach)) *
                       fabs(step[i]) * 4;
        most = sum > most ? sum : most;
    }
    /* closer than a few units in the last place nothing can be told */
    *error_sum += (most + f->size * 0x1p-50 * fabs(kink)) * density(f, kink);
    return error;
}

int sb_panels_kinks(const struct sb_panels *panels, const struct sb_integrand *f,
                    const double *kinks, size_t n_kinks, double *error_out)
{
    size_t next = 0;
    int error = 0;

    *error_out = 0;
    for (size_t i = 1; i < panels->n && !error; i++) {
        const double end = panels->ends[i];

        while (next < n_kinks && kinks[next] < end)
            next++;
        if (next == n_kinks || kinks[next] > end)
            continue;
        error = look_beside(f, end, panels->ends[i + 1] - end, error_out);
        if (!error)
            error = look_beside(f, end, panels->ends[i - 1] - end, error_out);
    }
    return error;
}
