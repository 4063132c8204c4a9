/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A user's law X on the line as rho X + sqrt(1 - rho^2) g where there is so little of g that the nodes of X's density
 * would be seen: the density itself, and panels over g around it, cut where X's cuts meet a kink or a point. */
#include "base/memory.h"
#include "numeric/line_parts.h"
#include "numeric/marginal.h"

#include <errno.h>
#include <string.h>

enum { NODES = SB_RULE_NODES, NOISE_PANELS = 8 };
/* Of Gaussian noise: outside lies 2e-19 of its mass. */
static const double WIDTHS = 9;

static int compare_doubles(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;

    return x < y ? -1 : x > y;
}

bool sb_line_is_fine(const struct sb_line *line, struct sb_tilt at)
{
    /* panels of two widths of the Gaussian around each point of them */
    return sqrt(sb_line_variance(line, at)) * 2 >= SB_LINE_PANEL * fabs(at.rho);
}

static void bare_density(const struct sb_line *line, double t, double width, const double *g,
                         size_t n, double rho, double *out)
{
    double x[NODES];

    for (size_t i = 0; i < n; i++)
        x[i] = (t - width * g[i]) / rho;
    line->stated.density(line->stated.self, n, x, out);
    for (size_t i = 0; i < n; i++)
        out[i] = x[i] < line->stated.from || x[i] > line->stated.to ? 0 : out[i] / fabs(rho);
}

static double cut_at(const struct sb_line_stated *of, size_t i)
{
    return i < of->n_cuts ? of->cut[i] : i == of->n_cuts ? of->from : of->to;
}

/* Ends of panels for g in +-WIDTHS: where rho c + width g = t for a cut c and one of n_t places, and some more. */
static size_t noise_panels(const struct sb_line *line, double rho, double width, size_t n_t,
                           const double *t, double *end)
{
    size_t n = 0;

    for (int i = 0; i <= NOISE_PANELS; i++)
        end[n++] = WIDTHS * (2.0 * i / NOISE_PANELS - 1);
    for (size_t k = 0; k < n_t; k++)
        for (size_t i = 0; i < line->stated.n_cuts + 2; i++) {
            const double g = (t[k] - rho * cut_at(&line->stated, i)) / width;

            if (fabs(g) < WIDTHS)
                end[n++] = g;
        }
    qsort(end, n, sizeof *end, compare_doubles);
    return n;
}

static double *noise_room(const struct sb_line *line, size_t n_t)
{
    return SB_NEW_ARRAY(double, n_t *(line->stated.n_cuts + 2) + NOISE_PANELS + 1);
}

static double near_density(const struct sb_line *line, double rho, double width, double t,
                           double *end)
{
    const size_t n = noise_panels(line, rho, width, 1, &t, end);
    double sum = 0, g[NODES], at[NODES];

    for (size_t i = 0; i + 1 < n; i++) {
        const double half = (end[i + 1] - end[i]) / 2;

        if (!(half > 0))
            continue;
        sb_line_nodes(end[i], end[i + 1], g);
        bare_density(line, t, width, g, NODES, rho, at);
        for (int k = 0; k < NODES; k++)
            sum += half * sb_rule_weight(k) * at[k] / sb_line_over_gauss(g[k]);
    }
    return sum;
}

void sb_line_near_density(const struct sb_line *line, double rho, size_t n, const double *t,
                          double *out)
{
    const double width = sqrt(sb_line_variance(line, sb_tilt_of(rho))), none = 0;
    double *end SB_FREE = noise_room(line, 1);

    for (size_t i = 0; i < n; i++) {
        if (!(width > 0))
            bare_density(line, t[i], 0, &none, 1, rho, out + i);
        else
            out[i] = end ? near_density(line, rho, width, t[i], end) : 0;
    }
}

/* Pr[X <= t] */
static double bare_cdf(const struct sb_line_stated *of, double t)
{
    struct sb_line_walk w = sb_line_walk_of(of, SB_LINE_PANEL);
    double from, to, sum = 0, x[NODES], at[NODES];

    while (sb_line_next_panel(&w, &from, &to) && from < t) {
        to = to < t ? to : t;
        sb_line_nodes(from, to, x);
        of->density(of->self, NODES, x, at);
        for (int i = 0; i < NODES; i++)
            sum += (to - from) / 2 * sb_rule_weight(i) * at[i];
    }
    return sum < 1 ? sum : 1;
}

double sb_line_stated_cdf(const struct sb_line *line, double rho, double t)
{
    const double width = sqrt(sb_line_variance(line, sb_tilt_of(rho)));
    double sum = 0;

    if (sb_line_is_fine(line, sb_tilt_of(rho))) {
        for (size_t k = 0; k < line->n_terms; k++)
            sum += line->term[k].mass * sb_gauss_cdf((t - rho * line->term[k].offset) / width);
        return sum < 1 ? sum : 1;
    }
    /* little noise: over it */
    for (int i = 0; i < NOISE_PANELS * NODES && width > 0; i++) {
        const double half = WIDTHS / NOISE_PANELS;
        const double g = -WIDTHS + half * (2 * (i / NODES) + 1 + sb_rule_node(i % NODES));
        const double below = bare_cdf(&line->stated, (t - width * g) / rho);

        sum += half * sb_rule_weight(i % NODES) / sb_line_over_gauss(g) *
               (rho > 0 ? below : 1 - below);
    }
    if (width > 0)
        return sum;
    sum = bare_cdf(&line->stated, t / rho);
    return rho > 0 ? sum : 1 - sum;
}

/* Integrals */

static double density(const void *self, double t)
{
    const struct sb_line_stated *of = self;
    double out;

    of->density(of->self, 1, &t, &out);
    return out;
}

static void densities(const void *self, size_t n, const double *t, double *out)
{
    const struct sb_line_stated *of = self;

    of->density(of->self, n, t, out);
}

/* Nothing is known of it off the line: the panels are short, and the sums tell. */
static double on_disc(const void *self, double centre, double radius)
{
    (void)self;
    (void)centre;
    (void)radius;
    return 1;
}

static double *panel_ends(const struct sb_line_stated *of, size_t *n_out)
{
    struct sb_line_walk w = sb_line_walk_of(of, SB_LINE_PANEL);
    double *end = SB_NEW_ARRAY(double, sb_line_count_panels(of, SB_LINE_PANEL) + 1);
    double from, to;

    *n_out = 0;
    while (end && sb_line_next_panel(&w, &from, &to))
        end[(*n_out)++] = to;
    return end;
}

/* int f(rho x + shift) A(x) dx */
static int integrate_bare(const struct sb_line *line, double rho, double shift,
                          const struct sb_line_integral *of, double *out, double *error_out)
{
    const struct sb_panel_measure measure = {
        .self = &line->stated,
        .from = line->stated.from,
        .to = line->stated.to,
        .density = density,
        .on_disc = on_disc,
        .densities = densities,
    };
    struct sb_line_move move = { .offset = shift, .slope = rho, .measure = &measure };
    double *end SB_FREE = panel_ends(&line->stated, &move.n_ends);

    move.end = end;
    return end ? sb_line_integrate_moved(of, &move, out, error_out) : -ENOMEM;
}

/* E over g of the same at shift = width g. */
int sb_line_near_integrate(const struct sb_line *line, struct sb_tilt at,
                           const struct sb_line_integral *of, double *out, double *error_out)
{
    const double rho = at.rho, width = sqrt(sb_line_variance(line, at));
    double *end SB_FREE = noise_room(line, of->n_kinks), g[NODES], part[SB_PANEL_VALUES], error;
    size_t n;
    int r = 0;

    if (!(width > 0))
        return integrate_bare(line, rho, 0, of, out, error_out);
    if (!end)
        return -ENOMEM;
    n = noise_panels(line, rho, width, of->n_kinks, of->kinks, end);
    memset(out, 0, of->f->n_values * sizeof *out);
    *error_out = 0;
    for (size_t i = 0; i < (n - 1) * NODES && !r; i++) {
        const double half = (end[i / NODES + 1] - end[i / NODES]) / 2;
        double weight;

        if (i % NODES == 0)
            sb_line_nodes(end[i / NODES], end[i / NODES + 1], g);
        weight = half * sb_rule_weight((int)(i % NODES)) / sb_line_over_gauss(g[i % NODES]);
        if (!(weight > 1e-18))
            continue;
        r = integrate_bare(line, rho, width * g[i % NODES], of, part, &error);
        for (uint32_t k = 0; k < of->f->n_values && !r; k++)
            out[k] += weight * part[k];
        *error_out += weight * error;
    }
    return r;
}
